/* engine/study/battery_file.h - devices/batteries/NAME.yaml: facts of a battery (engine/core/profile.h)
 *
 * Error: what rk_profile_load() says, and: a cut-off at or above the nominal voltage.
 */
#ifndef ENGINE_STUDY_BATTERY_FILE_H
#define ENGINE_STUDY_BATTERY_FILE_H

#include "engine/core/profile.h"
#include "engine/study/profile_file.h"

extern const struct rk_field rk_battery_fields[];
extern const struct rk_profile_kind rk_battery_kind;

RK_MUST_CHECK enum rk_err rk_battery_list(const char *root, struct rk_names *names, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_battery_load(const char *root, const char *name, struct rk_battery_profile *battery,
                                          struct rk_diag *diag);

#endif
