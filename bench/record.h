/* bench/record.h - recorded cost rows: bench/measured/<device>/<backend>@<version>.json
 *
 * Model:  one JSON array a file, rows in the order of bench, one line a row so that a diff shows what changed.
 * Recording replaces the rows that were measured and keeps the others of the file.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stdio.h>

#include "bench/bench.h"

/* errors: RK_ERR_IO; a file is replaced as a whole or not at all. */
enum rk_err rk_bench_record(const char *root, const struct rk_cost_row *rows, size_t count, struct rk_diag *diag);

/* Compares with what is recorded, field by field, exactly; prints one line a difference to out. A row that is not
 * recorded is a difference. out: *differences. errors: RK_ERR_INPUT for a damaged file. */
enum rk_err rk_bench_check(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                           size_t *differences, struct rk_diag *diag);

#endif
