#include "engine/study/export.h"

#include <jansson.h>
#include <string.h>

#include "engine/core/csv.h"

const char *const rk_export_formats[] = {"jsonl", "json", "csv", "bmf", "github", NULL};
const char *const rk_export_tables[] = {"summary",    "latency", "trial",       "cost",       "point", "ranking",
                                        "comparison", "axis",    "requirement", "provenance", NULL};

static enum rk_err failed(struct rk_store *store, struct rk_diag *diag)
{
    sqlite3 *database = rk_store_database(store);
    return rk_fail(diag, RK_ERR_IO, "%s: %s", sqlite3_db_filename(database, "main"), sqlite3_errmsg(database));
}

/* Rows in the order of their keys; those of a point with its label. */
static enum rk_err prepare(struct rk_store *store, const char *table, sqlite3_stmt **statement, struct rk_diag *diag)
{
    bool of_point = strcmp(table, "summary") == 0 || strcmp(table, "trial") == 0 || strcmp(table, "ranking") == 0 ||
                    strcmp(table, "latency") == 0;
    char sql[256];
    snprintf(sql, sizeof sql, of_point ? "SELECT p.label, t.* FROM %s t JOIN point p USING(point)" : "SELECT * FROM %s",
             table);
    return sqlite3_prepare_v2(rk_store_database(store), sql, -1, statement, NULL) == SQLITE_OK ? RK_OK
                                                                                               : failed(store, diag);
}

/* --- a table --- */

static json_t *value_of(sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        return json_null();
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(row, column));
    default:
        return json_string((const char *)sqlite3_column_text(row, column));
    }
}

static json_t *object_of(sqlite3_stmt *row)
{
    json_t *object = json_object();
    for (int column = 0; column < sqlite3_column_count(row); column++) {
        json_object_set_new(object, sqlite3_column_name(row, column), value_of(row, column));
    }
    return object;
}

static bool print_object(sqlite3_stmt *row, FILE *out)
{
    json_t *object = object_of(row);
    bool good = json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0;
    json_decref(object);
    return good && putc('\n', out) != EOF;
}

static void print_names(sqlite3_stmt *row, FILE *out)
{
    for (int column = 0; column < sqlite3_column_count(row); column++) {
        fputs(column == 0 ? "" : ",", out);
        rk_csv_field(out, sqlite3_column_name(row, column));
    }
    putc('\n', out);
}

static bool print_line(sqlite3_stmt *row, FILE *out)
{
    for (int column = 0; column < sqlite3_column_count(row); column++) {
        fputs(column == 0 ? "" : ",", out);
        if (sqlite3_column_type(row, column) == SQLITE_FLOAT) {
            fprintf(out, "%.15g", sqlite3_column_double(row, column));
        } else if (sqlite3_column_type(row, column) != SQLITE_NULL) {
            rk_csv_field(out, (const char *)sqlite3_column_text(row, column));
        }
    }
    return putc('\n', out) != EOF;
}

static enum rk_err print_table(struct rk_store *store, const struct rk_export *what, FILE *out, struct rk_diag *diag)
{
    sqlite3_stmt *row = NULL;
    enum rk_err err = prepare(store, what->table, &row, diag);
    if (err != RK_OK) {
        return err;
    }
    bool csv = what->format == RK_EXPORT_CSV, good = true;
    json_t *array = what->format == RK_EXPORT_JSON ? json_array() : NULL;
    if (csv) {
        print_names(row, out);
    }
    int status = SQLITE_DONE;
    while (good && (status = sqlite3_step(row)) == SQLITE_ROW) {
        good = array != NULL ? json_array_append_new(array, object_of(row)) == 0
               : csv         ? print_line(row, out)
                             : print_object(row, out);
    }
    if (array != NULL) {
        good = good && json_dumpf(array, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0 && putc('\n', out) != EOF;
        json_decref(array);
    }
    err = good && status != SQLITE_DONE ? failed(store, diag) : RK_OK;
    sqlite3_finalize(row);
    return good ? err : rk_fail(diag, RK_ERR_IO, "standard output cannot be written");
}

/* --- metrics of points --- */

/* Columns of the query below. */
enum { LABEL, METRIC, UNIT, N, MEAN, CI95, MIN, MAX };

static bool has(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) != SQLITE_NULL;
}

static void add_bmf(json_t *root, sqlite3_stmt *row)
{
    const char *label = (const char *)sqlite3_column_text(row, LABEL);
    double mean = sqlite3_column_double(row, MEAN), half = sqlite3_column_double(row, CI95);
    json_t *point = json_object_get(root, label);
    if (point == NULL) {
        point = json_object();
        json_object_set_new(root, label, point);
    }
    json_t *figure = json_pack("{s:f}", "value", mean);
    if (has(row, CI95)) {
        json_object_set_new(figure, "lower_value", json_real(mean - half));
        json_object_set_new(figure, "upper_value", json_real(mean + half));
    }
    json_object_set_new(point, (const char *)sqlite3_column_text(row, METRIC), figure);
}

static void add_github(json_t *root, sqlite3_stmt *row)
{
    char name[1024], range[64], extra[96];
    snprintf(name, sizeof name, "%s: %s", sqlite3_column_text(row, LABEL), sqlite3_column_text(row, METRIC));
    json_t *figure = json_pack("{s:s, s:s, s:f}", "name", name, "unit", sqlite3_column_text(row, UNIT), "value",
                               sqlite3_column_double(row, MEAN));
    if (has(row, CI95)) {
        snprintf(range, sizeof range, "%.6g", sqlite3_column_double(row, CI95));
        json_object_set_new(figure, "range", json_string(range));
    }
    snprintf(extra, sizeof extra, "%d replications, %.6g to %.6g", sqlite3_column_int(row, N),
             sqlite3_column_double(row, MIN), sqlite3_column_double(row, MAX));
    json_object_set_new(figure, "extra", json_string(extra));
    json_array_append_new(root, figure);
}

static enum rk_err print_metrics(struct rk_store *store, const struct rk_export *what, FILE *out, struct rk_diag *diag)
{
    static const char sql[] = "SELECT p.label, s.metric, s.unit, s.n, s.mean, s.ci95, s.min, s.max FROM summary s"
                              " JOIN point p USING(point) WHERE s.mean IS NOT NULL ORDER BY s.point, s.metric";
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(rk_store_database(store), sql, -1, &row, NULL) != SQLITE_OK) {
        return failed(store, diag);
    }
    bool bmf = what->format == RK_EXPORT_BMF;
    json_t *root = bmf ? json_object() : json_array();
    int status;
    while ((status = sqlite3_step(row)) == SQLITE_ROW) {
        if (what->takes == NULL || what->takes(what->context, (const char *)sqlite3_column_text(row, METRIC))) {
            (bmf ? add_bmf : add_github)(root, row);
        }
    }
    enum rk_err err = status == SQLITE_DONE ? RK_OK : failed(store, diag);
    sqlite3_finalize(row);
    if (err == RK_OK &&
        (json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) != 0 || putc('\n', out) == EOF)) {
        err = rk_fail(diag, RK_ERR_IO, "standard output cannot be written");
    }
    json_decref(root);
    return err;
}

enum rk_err rk_export(struct rk_store *store, const struct rk_export *what, FILE *out, struct rk_diag *diag)
{
    bool metrics = what->format == RK_EXPORT_BMF || what->format == RK_EXPORT_GITHUB;
    return metrics ? print_metrics(store, what, out, diag) : print_table(store, what, out, diag);
}
