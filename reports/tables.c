/* reports/tables.c - the tables of the page: what operations cost, what each point gave, what it all came from */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "engine/core/csv.h"
#include "engine/core/folder.h"
#include "reports/report_internal.h"

static struct rki_cell text_of(sqlite3_stmt *row, int column)
{
    return rki_cell_text(rki_text(row, column));
}

static struct rki_cell number_of(sqlite3_stmt *row, int column, const char *format, double scale)
{
    return rki_cell_number(rki_value(row, column) * scale, format);
}

/* "12000 ... 13000", sorted by the first. */
static struct rki_cell range_of(sqlite3_stmt *row, int low, int high)
{
    struct rki_cell cell = rki_cell_number(rki_value(row, low), "%.0f");
    size_t length = strlen(cell.number);
    if (!isnan(cell.value)) {
        snprintf(cell.number + length, sizeof cell.number - length, " \u2026 %.0f", rki_value(row, high));
    }
    return cell;
}

/* Bytes, and their share of a budget. */
static struct rki_cell bytes_of(sqlite3_stmt *row, int column, int budget)
{
    struct rki_cell cell = rki_cell_number(rki_value(row, column), "%.0f");
    if (rki_value(row, budget) > 0) {
        cell.share = cell.value / rki_value(row, budget);
        cell.whole = "the device's";
    }
    return cell;
}

/* A share in percent, with a bar. */
static struct rki_cell share_of(sqlite3_stmt *row, int column, const char *whole)
{
    struct rki_cell cell = rki_cell_number(rki_value(row, column) * 100, "%.0f");
    cell.share = rki_value(row, column);
    cell.whole = whole;
    return cell;
}

enum rk_err rki_table_costs(struct rki_report *report)
{
    static const struct rki_column columns[] = {
        {"device", false, true},         {"backend", false, true},      {"operation", false, true},
        {"size B", true, true},          {"status", false, false},      {"cycles", true, true},
        {"model interval", true, false}, {"time ms", true, false},      {"energy uJ", true, true},
        {"stack B", true, true},         {"heap B", true, false},       {"static RAM B", true, false},
        {"flash B", true, true},         {"known answer", false, false}};
    static const struct rki_table table = {
        .id = "costs", .example = "atmega1284p ccm", .column = columns, .columns = sizeof columns / sizeof columns[0]};
    static const char sql[] =
        "SELECT c.device, c.backend || '@' || c.version, c.op, c.size_bytes, c.cycles_median, c.cycles_low, "
        "c.cycles_high, c.time_s, c.energy_J, c.stack_bytes, c.heap_bytes, c.ram_static_bytes, c.flash_bytes, "
        "c.known_answer, c.status, d.ram_bytes, d.flash_bytes"
        "  FROM cost c LEFT JOIN device d ON d.name = c.device ORDER BY "
        "c.cycles_median IS NULL, c.device, c.op, c.size_bytes, c.backend, c.version";
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err) {
        return err;
    }
    report->style->table_begin(report->page, &table);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const struct rki_cell cells[] = {
            text_of(row, 0),
            text_of(row, 1),
            text_of(row, 2),
            number_of(row, 3, "%.0f", 1),
            text_of(row, 14),
            number_of(row, 4, "%.0f", 1),
            range_of(row, 5, 6),
            number_of(row, 7, "%.3f", 1e3),
            number_of(row, 8, "%.2f", 1e6),
            bytes_of(row, 9, 15),
            bytes_of(row, 10, 15),
            bytes_of(row, 11, 15),
            bytes_of(row, 12, 16),
            rki_cell_text(sqlite3_column_int(row, 13) ? "passed" : "\u2013"),
        };
        report->style->table_row(report->page, &table, cells, strcmp(rki_text(row, 14), "ok") != 0);
    }
    report->style->table_end(report->page, &table);
    return rki_finish(report, row, step, "rows for a table");
}

enum rk_err rki_table_points(struct rki_report *report)
{
    static const struct rki_column columns[] = {
        {"point", false, true},          {"backend", false, false},     {"mechanism", false, false},
        {"class", false, true},          {"renew", false, false},       {"battery life d", true, true},
        {"95 % half width", true, true}, {"coefficients", true, false}, {"energy J/d", true, true},
        {"rekeys /d", true, false},      {"latency p95 s", true, true}, {"exposure d", true, true},
        {"W(T) d", true, false},         {"capture d", true, false},    {"assumed %", true, false},
        {"status", false, false}};
    static const struct rki_table table = {.id = "points",
                                           .example = "cortex-m4 ecdh 30 d",
                                           .column = columns,
                                           .columns = sizeof columns / sizeof columns[0]};
    static const char sql[] =
        "SELECT coalesce((SELECT group_concat(value, ', ') FROM axis a WHERE a.point = p.point AND a.key NOT IN"
        "         ('backend', 'policy.mechanism', 'policy.renew')), p.device),"
        "       p.backend || '@' || coalesce(p.version, ''), p.mechanism, p.association, p.renew,"
        "       life.mean, life.ci95, low.mean, high.mean, energy.mean, renewals.mean, latency.mean,"
        "       exposure.mean / 86400, p.exposure_closed_form_s / 86400, capture.mean / 86400, p.status, assumed.mean"
        "  FROM point p"
        "  LEFT JOIN summary life ON life.point = p.point AND life.metric = 'battery_life_d'"
        "  LEFT JOIN summary low ON low.point = p.point AND low.metric = 'battery_life_low_d'"
        "  LEFT JOIN summary high ON high.point = p.point AND high.metric = 'battery_life_high_d'"
        "  LEFT JOIN summary energy ON energy.point = p.point AND energy.metric = 'energy_J_per_d'"
        "  LEFT JOIN summary renewals ON renewals.point = p.point AND renewals.metric = 'renewals_per_d'"
        "  LEFT JOIN summary latency ON latency.point = p.point AND latency.metric = 'rekey_latency_p95_s'"
        "  LEFT JOIN summary exposure ON exposure.point = p.point AND exposure.metric = 'exposure_s'"
        "  LEFT JOIN summary capture ON capture.point = p.point AND capture.metric = 'exposure_capture_s'"
        "  LEFT JOIN summary assumed ON assumed.point = p.point AND assumed.metric = 'assumed_share'"
        " ORDER BY p.point";
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err) {
        return err;
    }
    report->style->table_begin(report->page, &table);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const struct rki_cell cells[] = {
            text_of(row, 0),
            text_of(row, 1),
            text_of(row, 2),
            text_of(row, 3),
            text_of(row, 4),
            number_of(row, 5, "%.1f", 1),
            number_of(row, 6, "\u00b1 %.2f", 1),
            range_of(row, 7, 8),
            number_of(row, 9, "%.3f", 1),
            number_of(row, 10, "%.3f", 1),
            number_of(row, 11, "%.3f", 1),
            number_of(row, 12, "%.2f", 1),
            number_of(row, 13, "%.2f", 1),
            number_of(row, 14, "%.2f", 1),
            share_of(row, 16, "the energy"),
            text_of(row, 15),
        };
        report->style->table_row(report->page, &table, cells, strcmp(rki_text(row, 15), "ok") != 0);
    }
    report->style->table_end(report->page, &table);
    return rki_finish(report, row, step, "rows for a table");
}

enum rk_err rki_table_provenance(struct rki_report *report)
{
    static const struct rki_column columns[] = {
        {"item", false, true}, {"value", false, true}, {"SHA-256", false, true}};
    static const struct rki_table table = {
        .id = "provenance", .example = "library", .column = columns, .columns = sizeof columns / sizeof columns[0]};
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report,
                                  "SELECT item, value, substr(sha256, 1, 16) FROM provenance UNION ALL"
                                  " SELECT 'measured:' || name, file, substr(sha256, 1, 16) FROM input ORDER BY item",
                                  &row);
    if (err) {
        return err;
    }
    report->style->table_begin(report->page, &table);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const struct rki_cell cells[] = {text_of(row, 0), text_of(row, 1), text_of(row, 2)};
        report->style->table_row(report->page, &table, cells, false);
    }
    report->style->table_end(report->page, &table);
    return rki_finish(report, row, step, "rows for a table");
}

/* --- files --- */

static void write_rows(sqlite3_stmt *row, FILE *out, int *step)
{
    int columns = sqlite3_column_count(row);
    for (int c = 0; c < columns; c++) {
        fputs(c == 0 ? "" : ",", out);
        rk_csv_field(out, sqlite3_column_name(row, c));
    }
    putc('\n', out);
    while ((*step = sqlite3_step(row)) == SQLITE_ROW) {
        for (int c = 0; c < columns; c++) {
            fputs(c == 0 ? "" : ",", out);
            if (sqlite3_column_type(row, c) == SQLITE_FLOAT) {
                fprintf(out, "%.15g", sqlite3_column_double(row, c));
            } else {
                rk_csv_field(out, rki_text(row, c));
            }
        }
        putc('\n', out);
    }
}

static enum rk_err write_csv(struct rki_report *report, const char *folder, const char *table)
{
    char sql[64], path[RKI_PATH_bytes + 40];
    sqlite3_stmt *row;
    int step = SQLITE_DONE;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    snprintf(path, sizeof path, "%s/%s.csv", folder, table);
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err) {
        return err;
    }
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        sqlite3_finalize(row);
        return rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file that can be written", path, strerror(errno));
    }
    write_rows(row, out, &step);
    bool failed = fclose(out) != 0;
    err = rki_finish(report, row, step, "rows for a file");
    return failed ? rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the rows to be written", path, strerror(errno))
                  : err;
}

enum rk_err rki_tables_csv(struct rki_report *report)
{
    static const char *const tables[] = {"point", "axis",    "summary",    "latency",     "trial",
                                         "cost",  "ranking", "comparison", "requirement", "provenance"};
    char folder[RKI_PATH_bytes];
    snprintf(folder, sizeof folder, "%.900s/tables", report->options->directory);
    enum rk_err err = rk_folder_make(folder) ? RK_OK
                                             : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a folder for tables",
                                                       folder, strerror(errno));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && !err; i++) {
        err = write_csv(report, folder, tables[i]);
    }
    return err;
}
