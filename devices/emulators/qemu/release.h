/* devices/emulators/qemu/release.h - which QEMU is there, and what of ours fits it
 *
 * Model:  a program of QEMU is taken from the folder REKEYLAB_QEMU, else from PATH, and asked for its version once a
 *         process. Its plugin interface changed: up to QEMU 8.2 it has version 1, from 9.1 on it takes plugins of
 *         version 3. We build the plugin for both, from one source. What lies between, or comes later, refuses ours,
 *         and we say so.
 */
#ifndef DEVICES_EMULATORS_QEMU_RELEASE_H
#define DEVICES_EMULATORS_QEMU_RELEASE_H

#include <stddef.h>

#include "engine/core/err.h"

enum { RKI_PATH_bytes = 4096 };

struct rki_release {
    char program[RKI_PATH_bytes]; /* to be started */
    char version[64];             /* "7.2.22"; "missing" */
    unsigned number;              /* 702 for 7.2; 0 when it is missing */
};

/* in: "qemu-system-arm" and so on. */
void rki_release_find(struct rki_release *release, const char *program);

/* out: where the plugin is that fits: in REKEYLAB_LIB, or ../lib beside the running program.
 * errors: RK_ERR_MISSING. */
RK_MUST_CHECK enum rk_err rki_release_plugin(const struct rki_release *release, char *path, size_t room,
                                             struct rk_diag *diag);

#endif
