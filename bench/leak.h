/* bench/leak.h - does what an operation costs depend on its secret?
 *
 * Model:   the operation runs over N inputs that differ in secrets alone (bench/inputs.h), each on a device as it was
 *          after its boot. Compared is the whole tuple of cycles and counts of instructions and pipeline events by
 *          class, not the cycles alone, which may be equal by accident. `distinct` is the number of different tuples.
 *          Where randomness blinds, or makes a nonce, it comes from one fixed entropy: see `note`.
 * Verdict: "constant": one tuple. "depends on secrets": more than one, and nothing but secrets differed.
 *          "cannot tell: REASON": what differed is public, too; or the device's cycles depend on operands that the
 *          emulator's model does not see; or the operation has no figures.
 * Error:   none in what is compared: the emulators repeat themselves. What is proven: the model's time does not depend
 *          on these N secrets. Not proven: other secrets, caches, memory beyond the model.
 */
#ifndef BENCH_LEAK_H
#define BENCH_LEAK_H

#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"

enum { RK_LEAK_KEYS_DEFAULT = 64, RK_LEAK_KEYS_MAX = 4096 };

struct rk_leak_row {
    char device[32], backend[64], version[16];
    char op[40];
    uint32_t size_bytes;
    unsigned keys;                   /* inputs that were measured; 0 for none */
    uint64_t cycles_min, cycles_max; /* RK_NONE without figures */
    unsigned distinct;               /* tuples; 0 for none */
    char verdict[128];
    char note[96]; /* "" when there is nothing to say */
};

struct rk_leak_request {
    const char *device, *backend;
    const char *ops; /* comma-separated, "all", or NULL for symmetric operations, agreement and signing */
    unsigned keys;   /* 0 for the default */
    unsigned jobs;   /* threads; 0 for the cores */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

/* out: *rows on the heap (free() them), in the order of backends/operation.h; *count.
 * errors: those of rk_bench_measure(). */
RK_MUST_CHECK enum rk_err rk_leak_measure(const struct rk_leak_request *request, struct rk_leak_row **rows,
                                          size_t *count, struct rk_diag *diag);

#endif
