/* engine/study/radio_file.h - devices/radios/NAME.yaml: facts of a radio and its frames (engine/core/profile.h)
 *
 * Error: what rk_profile_load() says, and: sleep at or above a tenth of receive, back-off exponents out of order, and a
 *        frame that its own headers fill.
 */
#ifndef ENGINE_STUDY_RADIO_FILE_H
#define ENGINE_STUDY_RADIO_FILE_H

#include "engine/core/profile.h"
#include "engine/study/profile_file.h"

extern const struct rk_field rk_radio_fields[];
extern const struct rk_profile_kind rk_radio_kind;

RK_MUST_CHECK enum rk_err rk_radio_list(const char *root, struct rk_names *names, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_radio_load(const char *root, const char *name, struct rk_radio_profile *radio,
                                        struct rk_diag *diag);

#endif
