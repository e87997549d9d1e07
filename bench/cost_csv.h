/* bench/cost_csv.h - cost rows as lines of comma-separated values
 *
 * Model:  a header line with the names of cli.md, then a row a line. A figure that does not exist is an empty field; a
 *         text with a comma or a quotation mark is quoted as RFC 4180 says. Seconds and joules are written exactly.
 */
#ifndef BENCH_COST_CSV_H
#define BENCH_COST_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/cost_fields.h"
#include "engine/core/err.h"

enum { RKI_COST_TEXT_bytes = 256, RKI_COST_LINE_bytes = 2048 };

/* A field's value, without quoting. */
void rki_cost_csv_value(const struct rki_cost_field *field, const struct rk_cost_row *row,
                        char text[RKI_COST_TEXT_bytes]);

void rki_cost_csv_header(FILE *out);
void rki_cost_csv_row(const struct rk_cost_row *row, FILE *out);

/* in: a line without its end. out: NULL and *row, or what was expected, at *column. */
const char *rki_cost_csv_parse(const char *line, struct rk_cost_row *row, unsigned *column);

/* A whole file of them. in: path: for messages. out: the rows are added to those of earlier calls in *row, on the heap; on an error *row is freed and
 * *count 0. errors: RK_ERR_INPUT with the place of the first line that is none. */
RK_MUST_CHECK enum rk_err rki_cost_csv_read(FILE *in, const char *path, struct rk_cost_row **row, size_t *count,
                                            struct rk_diag *diag);

#endif
