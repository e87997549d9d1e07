/* bench/validate.h - published figures of real boards beside ours: how wrong are we?
 *
 * Model:  bench/validation/published.csv has one figure a line, with its source. Where we can build the same code, one
 *         of validation/programs is compiled for the board's device with the published flags and run; its region's
 *         figure stands beside the published one. The compiler is Debian's, so even the same source is seldom the same
 *         binary: an error holds the emulator's, the memory's and the compiler's share together. A figure that we cannot
 *         build stays in the list and says why.
 * Units:  cycles, or bytes for stack and flash. A throughput is turned into cycles of a block of 1024 bytes, a time
 *         into cycles at the published clock.
 * Error:  signed, ours / published - 1.
 */
#ifndef BENCH_VALIDATE_H
#define BENCH_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/err.h"

/* Columns of published.csv, in their order. */
#define RK_VALIDATION_COLUMNS(X)                                                                                       \
    X(source)   /* repository@commit:path */                                                                           \
    X(platform) /* the board, as published */                                                                          \
    X(core)                                                                                                            \
    X(clock_Hz)                                                                                                        \
    X(library)                                                                                                         \
    X(primitive)                                                                                                       \
    X(parameters)                                                                                                      \
    X(metric) /* time, cycles, throughput, stack, flash */                                                             \
    X(value)                                                                                                           \
    X(unit)                                                                                                            \
    X(compiler)                                                                                                        \
    X(flags)                                                                                                           \
    X(kind)    /* same source, same library, not reproducible */                                                       \
    X(board)   /* ours: devices/boards, or a device; empty when not reproducible, like all that follow */              \
    X(program) /* validation/programs */                                                                               \
    X(version) /* library@version */                                                                                   \
    X(variant) /* of the program */                                                                                    \
    X(our_flags)                                                                                                       \
    X(region) /* of the program; empty: its objects, for flash */                                                      \
    X(note)

struct rk_validation_case {
#define RK_VALIDATION_MEMBER(name) const char *name;
    RK_VALIDATION_COLUMNS(RK_VALIDATION_MEMBER)
#undef RK_VALIDATION_MEMBER
    double published; /* cycles or bytes; NAN where the source gives no single number */
    bool measured;
    double ours, low, high; /* with the emulator's interval; equal where it is exact */
    double error;
    char compiler_used[64];
    char status[160]; /* "ok", "not reproducible", or what went wrong */
};

/* Cases of one core and kind. Statistics over those that were measured, of cycles only. */
struct rk_validation_summary {
    const char *core, *kind;
    unsigned cases, measured, inside;      /* inside: the published figure lies in our interval */
    double median, median_absolute, worst; /* signed errors; worst: the largest in size */
};

struct rk_validation {
    struct rk_validation_case *cases;
    size_t count;
    struct rk_validation_summary summary[32];
    size_t summaries;
    char *text; /* what the cases point into */
};

struct rk_validation_request {
    unsigned jobs; /* threads; 0 for the cores */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

/* out: *validation, to be freed by rk_validation_fini() in any case. A program that does not build or run is its cases'
 * status. errors: RK_ERR_INPUT with file:line for a wrong table, RK_ERR_MISSING for tools and sources. */
RK_MUST_CHECK enum rk_err rk_validation_run(const struct rk_validation_request *request,
                                            struct rk_validation *validation, struct rk_diag *diag);
void rk_validation_fini(struct rk_validation *validation);

/* Writes the cases as CSV: the columns of published.csv, then published, ours, low, high, error, status.
 * errors: RK_ERR_IO; nothing half written stays. */
RK_MUST_CHECK enum rk_err rk_validation_write(const struct rk_validation *validation, const char *path,
                                              struct rk_diag *diag);

#endif
