/* engine/study/system_file.h - devices/systems/NAME.yaml: an operating system, as the memory that it takes
 *
 * Model:  a scenario's `system` replaces the operating system of its device: RAM and flash of the one named go off the
 *         device's budget, and what does not fit beside it says so. With a system named, the image of the whole lifecycle
 *         must fit as well.
 * Units:  bytes.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`. A footprint is that of one build: what is configured
 *         out or in moves it by far more than its error.
 */
#ifndef ENGINE_STUDY_SYSTEM_FILE_H
#define ENGINE_STUDY_SYSTEM_FILE_H

#include "engine/core/cost.h"
#include "engine/core/profile.h"
#include "engine/study/claim.h"
#include "engine/study/profile_file.h"

struct rk_system_profile {
    char name[32];
    char title[32];
    char about[RK_LINE_bytes];
    struct rk_coefficient ram_bytes, flash_bytes;
    char path[256];
};

extern const struct rk_field rk_system_fields[];
extern const struct rk_profile_kind rk_system_kind;

/* The device under that system. */
void rk_system_apply(const struct rk_system_profile *system, struct rk_device_profile *device);

/* Rows whose image does not fit beside the device's system say so in their status, and have no cycles. */
void rk_system_judge(const struct rk_device_profile *device, struct rk_cost_row *rows, size_t count);

/* out: why the image of the lifecycle with this mechanism does not fit the device, as a status; NULL when it does, or when
 * no row of it was measured. */
const char *rk_system_misfit(const struct rk_cost_row *rows, size_t count, const char *mechanism);

#endif
