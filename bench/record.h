/* bench/record.h - recorded cost rows: bench/measured/<device>.csv
 *
 * Model:  one file a device or board, one line a row, sorted by library, version, operation (in the order of bench) and
 *         size, so that a diff shows what changed. Recording replaces the rows that were measured and keeps the others.
 *         Comparing is exact: the same compiler gives the same figures. Another compiler gives others, so that rows of
 *         another compiler, and libraries of another version, are not compared: one line says so. firmware_sha256 says
 *         what was measured and is no figure: it is not compared.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stdio.h>

#include "bench/bench.h"

/* errors: RK_ERR_IO; a file is replaced as a whole or not at all. */
enum rk_err rk_bench_record(const char *root, const struct rk_cost_row *rows, size_t count, struct rk_diag *diag);

struct rk_bench_check {
    size_t compared, different; /* rows; a row that its file lacks is different */
    size_t incomparable;        /* rows of another compiler, or without a file for their version */
};

/* Compares with what is recorded, field by field; prints a line a difference, and one for what is not compared, to out.
 * errors: RK_ERR_INPUT for a damaged file. */
enum rk_err rk_bench_check(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                           struct rk_bench_check *check, struct rk_diag *diag);

/* The recorded rows of one library on one device: for a machine without the compilers. in: "mbedtls", of which the
 * newest version is taken, or "mbedtls@2.28". out: *rows on the heap, *count; 0 with RK_OK when none are recorded.
 * errors: RK_ERR_INPUT for a damaged file. */
enum rk_err rk_bench_recorded(const char *root, const char *device, const char *backend, struct rk_cost_row **rows,
                              size_t *count, struct rk_diag *diag);

#endif
