/* devices/firmware/build.h - gets the images of one (device, backend), building them when they are not in the cache
 *
 * Model:  what images are made of (our sources, the device's and the backend's, the library's source, compiler and
 *         flags) is hashed; the hash names a folder in ${XDG_CACHE_HOME:-$HOME/.cache}/rekeylab/firmware, or in
 *         build/cache of the tree where that cannot be written to. A folder appears whole or not at all; several
 *         processes and threads may ask at once. The tree is found through REKEYLAB_ROOT, else where this was built.
 * Units:  bytes.
 */
#ifndef DEVICES_FIRMWARE_BUILD_H
#define DEVICES_FIRMWARE_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/operation.h"
#include "engine/core/err.h"

struct rk_firmware_image {
    char path[512];  /* empty when there is no image */
    char reason[96]; /* why there is none: "does not fit: ram", "does not fit: flash", "does not link: ..." */
};

struct rk_firmware {
    char device[32];
    char backend[64];
    char version[16];          /* the library's own word; empty for a backend without a library */
    char compiler[64];         /* "avr-gcc (GCC) 5.4.0" */
    char flags[192];           /* those that decide the code */
    char directory[448];       /* in the cache; maps and link logs are there, too */
    bool upstream_unsupported; /* the library says that it does not support such a device */
    char upstream_reason[128];
    char changed_lines[128]; /* of the library's source, made to build it; empty: none */
    struct rk_firmware_image images[RK_OP_COUNT];
    struct rk_firmware_image program; /* of rk_firmware_options.program; then images[] are empty */
};

struct rk_firmware_sizes {
    uint64_t flash_bytes;
    uint64_t ram_static_bytes; /* .data and .bss without the mailbox */
    uint64_t mailbox_bytes;    /* of a request and its reply together: devices/firmware/mailbox.h */
    char sha256[65];           /* of the image file */
};

/* How images differ from what a product has, to look into their memory. Such images are in the cache under other names;
 * those of a product do not change. */
struct rk_firmware_options {
    const char *optimise; /* "O2" in the place of the device's own level; NULL: that one */
    bool inspect;         /* registers at each wait can be read where the emulator does not see them */
    bool wipe_stack;      /* the harness wipes the dead stack after each call, inside the region */
    const char *program;  /* another program than those of operations: devices/firmware/PROGRAM, over backends/PROGRAM
                             and backends/BACKEND/PROGRAM where backend is not a folder of the tree; NULL: those */
    const char *policy;   /* a C file with a policy of one's own, compiled in: then there is the image of the agent
                               alone; NULL: none */
    const char *policy_parameters; /* "NAME=NUMBER NAME=NUMBER", or "" */
    const char *policy_sha256;     /* of both */
};

/* in: a folder of devices/; a folder of backends/, or a folder of the tree when it has a slash; a version or its first
 * fields, NULL for the default. Errors: RK_ERR_INPUT for an unknown device, backend or version, and for sources that do
 * not compile (the log is kept); RK_ERR_MISSING when a compiler or the library's source cannot be had. */
RK_MUST_CHECK enum rk_err rk_firmware_get(const char *device, const char *backend, const char *version,
                                          struct rk_firmware *out, struct rk_diag *diag);

/* The same; options NULL: as a product has it. errors: RK_ERR_INPUT for an optimisation level that is none. */
RK_MUST_CHECK enum rk_err rk_firmware_get_as(const char *device, const char *backend, const char *version,
                                             const struct rk_firmware_options *options, struct rk_firmware *out,
                                             struct rk_diag *diag);

/* The image that serves `operation` (enum rk_operation). out: NULL when there is none. Lifecycle operations share one
 * image, on the host all do. */
const char *rk_firmware_image(const struct rk_firmware *firmware, unsigned operation);

/* out: why there is no image of `operation`; NULL when there is one. */
const char *rk_firmware_reason(const struct rk_firmware *firmware, unsigned operation);

RK_MUST_CHECK enum rk_err rk_firmware_measure(const char *image_path, struct rk_firmware_sizes *sizes,
                                              struct rk_diag *diag);

/* out: the root of the source tree. */
const char *rk_firmware_root(void);

#endif
