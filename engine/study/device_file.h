/* engine/study/device_file.h - devices/NAME/device.yaml: facts of a device (engine/core/profile.h)
 *
 * Model: a board, devices/boards/NAME.yaml, names its device and says what is different on it: clock, currents, flash
 *        wait states, radio, battery, operating system, a core of the same instruction set. What the device is
 *        (memories, emulator) it cannot say.
 *        A board's name is good wherever a device's is.
 * Error: what rk_profile_load() says, and: idle above active, sleep above idle, non-volatile memory without its write
 *        time and unit.
 */
#ifndef ENGINE_STUDY_DEVICE_FILE_H
#define ENGINE_STUDY_DEVICE_FILE_H

#include "engine/core/profile.h"
#include "engine/study/profile_file.h"

extern const struct rk_field rk_device_fields[];
extern const struct rk_profile_kind rk_device_kind;
extern const struct rk_profile_kind rk_board_kind;

RK_MUST_CHECK enum rk_err rk_device_list(const char *root, struct rk_names *names, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_board_list(const char *root, struct rk_names *names, struct rk_diag *diag);
/* Every name that rk_device_load() takes: the devices, then the boards. */
RK_MUST_CHECK enum rk_err rk_device_and_board_list(const char *root, struct rk_names *names, struct rk_diag *diag);

/* in: the name of a device or of a board. */
RK_MUST_CHECK enum rk_err rk_device_load(const char *root, const char *name, struct rk_device_profile *device,
                                         struct rk_diag *diag);

/* out: hash over the file, for a board over that of its device too. */
RK_MUST_CHECK enum rk_err rk_device_sha256(const char *root, const struct rk_device_profile *device, char hex[65],
                                           struct rk_diag *diag);

/* A device's sleep current must be below a tenth of its radio's receive current: else the file has mistaken a unit.
 * A Class 3 device runs on mains and draws more asleep than a radio that listens: it is not held to that. */
RK_MUST_CHECK enum rk_err rk_device_check_radio(const struct rk_device_profile *device,
                                                const struct rk_radio_profile *radio, struct rk_diag *diag);

#endif
