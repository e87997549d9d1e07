/* devices/emulators/qemu/memory.h - memory that we and a child map both: the machine's RAM, the plugin's board
 *
 * Model:  a scratch file without a name where /proc is mounted, so that nothing is left on disk however we end.
 */
#ifndef DEVICES_EMULATORS_QEMU_MEMORY_H
#define DEVICES_EMULATORS_QEMU_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/err.h"

struct rki_memory {
    int file;       /* -1: none */
    bool has_name;  /* in the file system */
    char path[256]; /* by which another process can open it */
    void *at;       /* mapped here; NULL: it is not */
    size_t bytes;
};

/* in: what it is for, to be named in an error. out: memory of zeroes, released by rki_memory_free() in any case. */
RK_MUST_CHECK enum rk_err rki_memory_make(struct rki_memory *memory, size_t bytes, const char *what,
                                          struct rk_diag *diag);

/* Harmless for one with file -1. */
void rki_memory_free(struct rki_memory *memory);

#endif
