/* bench/zeroise.h - which secrets are left in a device's memory, where, whose fault it is, and for how long
 *
 * Model:  an operation, or each event of an agent's life, runs on a device that has just booted. When the device waits
 *         again, all its memory is searched for the secrets that were in it and for what derives from them
 *         (bench/zeroise_patterns.h): registers, static data, heap with its freed blocks, the whole stack, NVM. The
 *         mailbox is no memory of the device. Nothing of an operation may be left. An agent may hold its keys in its state
 *         and its generator's, nowhere else, and none that was destroyed.
 *         Whose: bench/zeroise_image.h. What is ours is a bug, what is a library's a finding.
 * Dwell:  the same goes on, an operation with other inputs once a minute, an agent with its life, until a residue is
 *         overwritten: bytes x time. What outlasts that stays for ever: no figure.
 * Error:  rk_zeroise_expected_false() matches by accident; what the patterns do not see.
 */
#ifndef BENCH_ZEROISE_H
#define BENCH_ZEROISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/zeroise_image.h"
#include "bench/zeroise_patterns.h"

enum { RK_ZEROISE_RESIDUES_MAX = 128, RK_ZEROISE_PERIOD_s = 60, RK_ZEROISE_REPEATS = 3 };

struct rk_zeroise_residue {
    const char *where; /* "registers", "data", "heap", "freed heap", "stack", "nvm" */
    uint64_t address;  /* as the device's ELF file has it; in NVM and registers from their start */
    uint32_t bytes;
    char what[RK_ZEROISE_WHAT_bytes];
    enum rk_zeroise_owner owner; /* ours or the library's */
    bool traced;                 /* to the frame it was written in; else owner and symbol are those of its last frame */
    char symbol[64];             /* of the object, or of the function whose frame it was; "" */
    bool for_ever;               /* it was not overwritten */
    double byte_seconds;         /* else */
};

struct rk_zeroise_row {
    char device[32], backend[64], version[16];
    char optimise[4];
    char op[40];       /* an operation, or "lifecycle: EVENT" */
    const char *after; /* "return", or "destroy" where the step destroyed a key */
    bool wipe_stack;
    uint64_t cycles; /* of the step, wiping included; RK_NONE without a figure */
    struct rk_zeroise_residue *residue;
    unsigned residues, ours, library;
    double expected_false; /* matches that random memory would give */
    char status[128];      /* "ok": memory was searched; else why not */
};

struct rk_zeroise_request {
    const char *device, *backend;
    const char *ops;      /* comma-separated, "all", "lifecycle"; NULL: those with a secret, RSA aside, and lifecycle */
    const char *optimise; /* "O2"; NULL: the device's own level */
    bool wipe_stack;
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

/* out: *rows on the heap, *count; give them back with rk_zeroise_free().
 * errors: those of rk_bench_measure(). */
RK_MUST_CHECK enum rk_err rk_zeroise_look(const struct rk_zeroise_request *request, struct rk_zeroise_row **rows,
                                          size_t *count, struct rk_diag *diag);
void rk_zeroise_free(struct rk_zeroise_row *rows, size_t count);

#endif
