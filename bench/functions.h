/* bench/functions.h - in which functions of a library an operation's cycles go
 *
 * Model:  the operation runs once for its cycles and once looked at, at evenly spaced steps of the emulator, as often as
 *         LOOKS or its steps allow; a look counts for the function whose code is next. Steps are cycles on simavr and the
 *         MSP430 core; on QEMU they are instructions, so a function's part there is that of instructions. What a function
 *         calls is not in its part; an inlined one is in its caller's. Clones that the compiler made (`.part.0`) are one
 *         function.
 * Units:  cycles of the whole call, inputs number 0 of bench/inputs.h.
 * Error:  a part p of n looks is off by about sqrt(p (1 - p) / n), at most 0.4 % of the whole at 20000 looks; an operation of
 *         no more steps than that is exact.
 */
#ifndef BENCH_FUNCTIONS_H
#define BENCH_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"

struct rk_function {
    char name[80];
    uint64_t looks;
    double cycles;
};

struct rk_functions {
    char library[80]; /* "mbedtls@3.6.6" */
    uint32_t size_bytes;
    uint64_t cycles, looks;
    char status[96]; /* "ok", or why there are none */
    struct rk_function *function;
    size_t count;
};

/* in: one device, NAME or NAME@VERSION, an operation; size_bytes, UINT32_MAX: the operation's first. out: *of, by name; its
 * functions on the heap (rk_functions_fini()). errors: RK_ERR_INPUT for unknown names and a device that cannot be looked at,
 * RK_ERR_MISSING for tools or sources, RK_ERR_EMULATOR. */
RK_MUST_CHECK enum rk_err rk_functions_measure(const char *device, const char *backend, const char *op,
                                               uint32_t size_bytes, struct rk_functions *of, struct rk_diag *diag);
void rk_functions_fini(struct rk_functions *of);

/* A function on both sides; 0 where it is not. */
struct rk_function_change {
    char name[80];
    double base, current; /* cycles */
};

/* out: what changed by more than both sides' looks leave open, largest difference first, on the heap; *count. */
struct rk_function_change *rk_functions_compare(const struct rk_functions *base, const struct rk_functions *current,
                                                size_t *count);

#endif
