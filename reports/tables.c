/* reports/tables.c - the tables of the page: what operations cost, what each point gave, what it all came from */
#include <stdlib.h>
#include <string.h>

#include "reports/report_internal.h"

/* One cell. The sort key is the value itself; the text is for people. */
static void cell_number(FILE *out, sqlite3_stmt *row, int column, const char *format, double scale)
{
    if (sqlite3_column_type(row, column) == SQLITE_NULL) {
        fputs("<td class=\"n\" data-v=\"\">&ndash;</td>", out);
        return;
    }
    double value = sqlite3_column_double(row, column) * scale;
    fprintf(out, "<td class=\"n\" data-v=\"%.9g\">", value);
    fprintf(out, format, value);
    fputs("</td>", out);
}

static void cell_text(FILE *out, sqlite3_stmt *row, int column)
{
    fputs("<td>", out);
    rki_html_text(out, (const char *)sqlite3_column_text(row, column));
    fputs("</td>", out);
}

static void table_begin(FILE *out, const char *id, const char *const *heads, size_t count, const char *example)
{
    fprintf(out,
            "<div class=\"tools\"><label>Filter <input type=\"search\" data-table=\"%s\"></label> "
            "<small>such as: %s</small></div>\n",
            id, example);
    fprintf(out, "<div class=\"wide\" tabindex=\"0\"><table id=\"%s\" class=\"sortable\"><thead><tr>", id);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "<th scope=\"col\"><button type=\"button\">%s</button></th>", heads[i]);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void table_end(FILE *out)
{
    fputs("</tbody></table></div>\n", out);
}

/* Share of a budget as a bar behind the figure. */
static void cell_budget(FILE *out, sqlite3_stmt *row, int value, int budget)
{
    if (sqlite3_column_type(row, value) == SQLITE_NULL || sqlite3_column_double(row, budget) <= 0) {
        cell_number(out, row, value, "%.0f", 1);
        return;
    }
    double bytes = sqlite3_column_double(row, value);
    double share = 100 * bytes / sqlite3_column_double(row, budget);
    fprintf(out,
            "<td class=\"n bar\" data-v=\"%.9g\" style=\"--share:%.1f%%\" title=\"%.1f %% of %.0f bytes\">%.0f</td>",
            bytes, share > 100 ? 100 : share, share, sqlite3_column_double(row, budget), bytes);
}

static enum rk_err finish(struct rki_report *report, sqlite3_stmt *row, int step)
{
    sqlite3_finalize(row);
    return step == SQLITE_DONE ? RK_OK
                               : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected rows for a table",
                                         report->options->database, sqlite3_errmsg(report->database));
}

enum rk_err rki_table_costs(struct rki_report *report)
{
    static const char *const heads[] = {"device", "backend",        "operation", "size B",      "status",
                                        "cycles", "model interval", "time ms",   "energy uJ",   "stack B",
                                        "heap B", "static RAM B",   "flash B",   "known answer"};
    static const char sql[] =
        "SELECT c.device, c.backend || '@' || c.version, c.op, c.size_bytes, c.cycles_median, c.cycles_low, "
        "c.cycles_high,"
        "       c.time_s, c.energy_J, c.energy_low_J, c.energy_high_J, c.stack_bytes, c.heap_bytes, c.ram_static_bytes,"
        "       c.flash_bytes, c.known_answer, c.status, d.ram_bytes, d.flash_bytes"
        "  FROM cost c LEFT JOIN device d ON d.name = c.device ORDER BY "
        "c.cycles_median IS NULL, c.device, c.op, c.size_bytes, c.backend, c.version";
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err) {
        return err;
    }
    FILE *out = report->page;
    table_begin(out, "costs", heads, sizeof heads / sizeof heads[0], "atmega1284p ccm");
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const char *status = (const char *)sqlite3_column_text(row, 16);
        fputs(strcmp(status, "ok") == 0 ? "<tr>" : "<tr class=\"note\">", out);
        for (int c = 0; c < 3; c++) {
            cell_text(out, row, c);
        }
        cell_number(out, row, 3, "%.0f", 1);
        cell_text(out, row, 16);
        cell_number(out, row, 4, "%.0f", 1);
        if (sqlite3_column_type(row, 5) == SQLITE_NULL) {
            fputs("<td class=\"n\" data-v=\"\">&ndash;</td>", out);
        } else {
            fprintf(out, "<td class=\"n\" data-v=\"%.9g\">%.0f &hellip; %.0f</td>", sqlite3_column_double(row, 5),
                    sqlite3_column_double(row, 5), sqlite3_column_double(row, 6));
        }
        cell_number(out, row, 7, "%.3f", 1e3);
        cell_number(out, row, 8, "%.2f", 1e6);
        cell_budget(out, row, 11, 17);
        cell_budget(out, row, 12, 17);
        cell_budget(out, row, 13, 17);
        cell_budget(out, row, 14, 18);
        fputs(sqlite3_column_int(row, 15) ? "<td>passed</td>" : "<td>&ndash;</td>", out);
        fputs("</tr>\n", out);
    }
    table_end(out);
    return finish(report, row, step);
}

enum rk_err rki_table_points(struct rki_report *report)
{
    static const char *const heads[] = {"device",     "backend",        "mechanism",       "class",
                                        "renew",      "battery life d", "95 % half width", "coefficients",
                                        "energy J/d", "rekeys /d",      "latency p95 s",   "exposure d",
                                        "W(T) d",     "capture d",      "assumed %",       "status"};
    static const char sql[] =
        "SELECT p.device, p.backend || '@' || coalesce(p.version, ''), p.mechanism, p.association, p.renew,"
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
    FILE *out = report->page;
    table_begin(out, "points", heads, sizeof heads / sizeof heads[0], "cortex-m4 ecdh 30 d");
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const char *status = (const char *)sqlite3_column_text(row, 15);
        fputs(strcmp(status, "ok") == 0 ? "<tr>" : "<tr class=\"note\">", out);
        for (int c = 0; c < 5; c++) {
            cell_text(out, row, c);
        }
        cell_number(out, row, 5, "%.1f", 1);
        cell_number(out, row, 6, "&plusmn; %.2f", 1);
        if (sqlite3_column_type(row, 7) == SQLITE_NULL) {
            fputs("<td class=\"n\" data-v=\"\">&ndash;</td>", out);
        } else {
            fprintf(out, "<td class=\"n\" data-v=\"%.9g\">%.0f &hellip; %.0f</td>", sqlite3_column_double(row, 7),
                    sqlite3_column_double(row, 7), sqlite3_column_double(row, 8));
        }
        cell_number(out, row, 9, "%.3f", 1);
        cell_number(out, row, 10, "%.3f", 1);
        cell_number(out, row, 11, "%.3f", 1);
        cell_number(out, row, 12, "%.2f", 1);
        cell_number(out, row, 13, "%.2f", 1);
        cell_number(out, row, 14, "%.2f", 1);
        cell_number(out, row, 16, "%.0f", 100);
        cell_text(out, row, 15);
        fputs("</tr>\n", out);
    }
    table_end(out);
    return finish(report, row, step);
}

enum rk_err rki_table_provenance(struct rki_report *report)
{
    static const char *const heads[] = {"item", "value", "SHA-256"};
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, "SELECT item, value, sha256 FROM provenance ORDER BY item", &row);
    if (err) {
        return err;
    }
    FILE *out = report->page;
    table_begin(out, "provenance", heads, sizeof heads / sizeof heads[0], "library");
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        const char *sha256 = (const char *)sqlite3_column_text(row, 2);
        fputs("<tr>", out);
        cell_text(out, row, 0);
        cell_text(out, row, 1);
        fprintf(out, "<td class=\"hash\">%.16s</td></tr>\n", sha256 ? sha256 : "");
    }
    table_end(out);
    return finish(report, row, step);
}
