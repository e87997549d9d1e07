/* engine/study/export.h - stored results as rows for other tools
 *
 * Model:  jsonl, csv, json: the rows of one table, an object or a line each or in one array, with the columns' names; points carry their label.
 *         bmf: Bencher Metric Format, {label: {metric: {value, lower_value, upper_value}}}. github:
 *         github-action-benchmark's custom format, [{name, unit, value, range, extra}], of which one file has either the
 *         metrics where less is better, or those where more is: `takes` chooses.
 * Units:  in the column names, or beside each metric. A figure that does not exist is null, an empty field, or left out of
 *         bmf and github, which know no such thing.
 * Error:  RK_ERR_INPUT for an unknown table or metric, RK_ERR_IO where the database cannot be read.
 * Source: bencher.dev/docs/reference/bencher-metric-format; the README of github-action-benchmark.
 */
#ifndef ENGINE_STUDY_EXPORT_H
#define ENGINE_STUDY_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/study/store.h"

enum rk_export_format {
    RK_EXPORT_JSONL,
    RK_EXPORT_JSON,
    RK_EXPORT_CSV,
    RK_EXPORT_BMF,
    RK_EXPORT_GITHUB,
    RK_EXPORT_COUNT
};

struct rk_export {
    enum rk_export_format format;
    const char *table;                                /* of rk_export_tables; of jsonl, json and csv */
    bool (*takes)(void *context, const char *metric); /* of bmf and github */
    void *context;
};

/* "jsonl", "json", "csv", "bmf", "github"; and the tables. Both end with NULL. */
extern const char *const rk_export_formats[];
extern const char *const rk_export_tables[];

RK_MUST_CHECK enum rk_err rk_export(struct rk_store *store, const struct rk_export *what, FILE *out,
                                    struct rk_diag *diag);

#endif
