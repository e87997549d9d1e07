/* reports/answer.c - the study's answer, computed from the stored rows: a line a family of what it ranks, or a line a device
 * and one on exposure; on the page a table in their place
 *
 * The shortest acceptable interval of a mechanism is the shortest at which some backend keeps at least 95 % of the
 * battery life that the same backend and mechanism have without renewal. The message interval counts as an interval.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report_internal.h"

#define KEPT "0.95"

/* Battery life of every point that ran. */
#define LIFE                                                                                                           \
    "WITH life AS (SELECT p.*, s.mean AS life FROM point p JOIN summary s ON s.point = p.point"                        \
    "              WHERE s.metric = 'battery_life_d' AND p.status = 'ok') "

/* The shortest renewal at which `of`, a device and a mechanism, keeps KEPT of the life that it has without. */
#define SHORTEST(of)                                                                                                   \
    "(SELECT b.renew FROM life b JOIN life n ON n.device = b.device AND n.mechanism = b.mechanism"                     \
    "    AND n.backend = b.backend AND n.version IS b.version AND n.battery IS b.battery AND n.interval_s IS NULL"     \
    "    AND n.renew = 'never' WHERE b.device = " of ".device AND b.mechanism = " of ".mechanism"                      \
    "    AND b.interval_s IS NOT NULL AND b.life >= " KEPT " * n.life ORDER BY b.interval_s, b.life DESC LIMIT 1)"

/* For a device: each mechanism with its shortest acceptable interval, and the lives at the two ends. */
static const char mechanisms_sql[] =
    LIFE "SELECT a.mechanism, a.association,"
         "  " SHORTEST("a") " AS shortest,"
                            "  (SELECT max(b.life) FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism "
                            "AND b.renew = 'never') "
                            "AS never,"
                            "  (SELECT max(b.life) FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism "
                            "AND b.interval_s ="
                            "     (SELECT min(c.interval_s) FROM life c WHERE c.device = a.device AND c.mechanism = "
                            "a.mechanism)) AS most,"
                            "  (SELECT b.renew FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism AND "
                            "b.interval_s IS NOT NULL"
                            "    ORDER BY b.interval_s LIMIT 1) AS most_renew "
                            "FROM life a WHERE a.device = ? GROUP BY a.mechanism ORDER BY a.mechanism";

static const char devices_sql[] = LIFE "SELECT l.device, coalesce(d.title, l.device), l.battery, d.class_rfc7228 FROM "
                                       "life l LEFT JOIN device d ON d.name = l.device "
                                       "GROUP BY l.device ORDER BY l.device";

/* Up to four intervals, spread over those of the study. */
static const char exposure_sql[] =
    "WITH e AS (SELECT p.renew, p.interval_s, avg(e.mean) / 86400 AS simulated, avg(p.exposure_closed_form_s) / 86400 "
    "AS form,"
    "             row_number() OVER (ORDER BY p.interval_s) - 1 AS place, count(*) OVER () AS places"
    "             FROM point p JOIN summary e ON e.point = p.point AND e.metric = 'exposure_s'"
    "            WHERE e.mean IS NOT NULL AND p.status = 'ok' AND p.interval_s IS NOT NULL GROUP BY p.renew, "
    "p.interval_s)"
    "SELECT renew, simulated, form FROM e WHERE places <= 4 OR place IN (places - 1, (places - 1) * 2 / 3, (places - "
    "1) / 3, 0)"
    " ORDER BY interval_s";

static const char capture_sql[] =
    "SELECT p.mechanism, p.association, avg(c.mean) / 86400 FROM point p"
    "  JOIN summary c ON c.point = p.point AND c.metric = 'exposure_capture_s'"
    " WHERE c.mean IS NOT NULL AND p.status = 'ok' AND p.interval_s ="
    "       (SELECT min(interval_s) FROM point WHERE status = 'ok' AND interval_s >= 86000)"
    " GROUP BY p.mechanism ORDER BY p.mechanism";

/* "30 d" reads "every 30 d"; "every message" reads itself. */
static void put_renew(FILE *out, const char *renew)
{
    fprintf(out, "%s%s", strncmp(renew, "every", 5) == 0 || strcmp(renew, "never") == 0 ? "" : "every ", renew);
}

/* "ATmega1284P (class C1, cr2032): ecdh (A1) 26 d renewed every message, 1468 d never, 95 % of it renewed every 7 d" */
static enum rk_err put_device(struct rki_report *report, FILE *out, sqlite3_stmt *device)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, mechanisms_sql, &row);
    if (err) {
        return err;
    }
    sqlite3_bind_text(row, 1, rki_text(device, 0), -1, SQLITE_TRANSIENT);
    fprintf(out, "%s (class %s, %s) lasts: ", rki_text(device, 1), rki_text(device, 3), rki_text(device, 2));
    for (int first = 1; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out, "%s%s (%s) ", first ? "" : "; ", rki_text(row, 0), rki_text(row, 1));
        fprintf(out, "%.0f d renewed ", sqlite3_column_double(row, 4));
        put_renew(out, rki_text(row, 5));
        if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
            fprintf(out, ", %.0f d never", sqlite3_column_double(row, 3));
        }
        if (sqlite3_column_type(row, 2) == SQLITE_NULL) {
            fputs(", less than 95 % of it at every interval", out);
        } else {
            fputs(", 95 % of it from ", out);
            fprintf(out, "%s up", rki_text(row, 2));
        }
    }
    fputs(".", out);
    sqlite3_finalize(row);
    return RK_OK;
}

/* Three digits in the unit that reads best: 0.00357 d are 5.14 min. */
static void put_duration(FILE *out, double d)
{
    static const struct {
        const char *unit;
        double per_d;
    } units[] = {{"d", 1}, {"h", 24}, {"min", 1440}, {"s", 86400}};
    size_t i = 0;
    while (i < 3 && d * units[i].per_d < 0.9995) {
        i++;
    }
    double number = d * units[i].per_d;
    fprintf(out, number < 999.5 ? "%.3g %s" : "%.0f %s", number, units[i].unit);
}

static enum rk_err put_exposure(struct rki_report *report, FILE *out)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, exposure_sql, &row);
    if (err) {
        return err;
    }
    fputs("A leaked session key opens, by interval, ", out);
    int first = 1;
    for (; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out, "%s%s: ", first ? "" : ", ", rki_text(row, 0));
        put_duration(out, sqlite3_column_double(row, 1));
        fputs(" (W(T) ", out);
        put_duration(out, sqlite3_column_double(row, 2));
        fputs(")", out);
    }
    fputs(first ? "no leak in this study" : "", out);
    sqlite3_finalize(row);
    err = rki_prepare(report, capture_sql, &row);
    if (err) {
        return err;
    }
    first = 1;
    for (; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out,
                "%s%s (%s): ", first ? "; a captured device opens, at the shortest interval from a day up, " : ", ",
                rki_text(row, 0), rki_text(row, 1));
        put_duration(out, sqlite3_column_double(row, 2));
    }
    fputs(".", out);
    sqlite3_finalize(row);
    return RK_OK;
}

static enum rk_err put_answer(struct rki_report *report, FILE *out)
{
    sqlite3_stmt *device;
    bool ranks;
    enum rk_err err = rki_ranked_text(report, out, &ranks);
    if (err || ranks) {
        return err;
    }
    err = rki_prepare(report, devices_sql, &device);
    if (err) {
        return err;
    }
    while (!err && sqlite3_step(device) == SQLITE_ROW) {
        err = put_device(report, out, device);
        putc('\n', out);
    }
    sqlite3_finalize(device);
    if (!err) {
        err = put_exposure(report, out);
        putc('\n', out);
    }
    return err;
}

enum rk_err rki_answer_text(struct rki_report *report, FILE *out)
{
    return put_answer(report, out);
}

/* Best battery life of any backend, by device and mechanism (rows) and renewal (columns). */
static const char best_sql[] =
    LIFE "SELECT coalesce(d.title, l.device), l.mechanism, l.association, l.renew, max(l.life), coalesce(l.interval_s, "
         "1e18) AS interval_s, " SHORTEST(
             "l") "  FROM life l LEFT JOIN device d ON d.name = l.device"
                  " GROUP BY l.device, l.mechanism, l.renew ORDER BY l.device, l.mechanism, interval_s";

static const char renew_sql[] =
    LIFE "SELECT renew, min(coalesce(interval_s, 1e18)) FROM life GROUP BY renew ORDER BY 2";

enum { RENEWALS_MAX = 64, COLUMNS_MAX = RENEWALS_MAX + 2 };

struct lives {
    struct rki_column column[COLUMNS_MAX];
    char title[RENEWALS_MAX][48];
    size_t renewals;
    struct rki_table table;
};

/* The first column, one for each renewal, and where one of these is none, what of them keeps KEPT of its life. */
static enum rk_err find_renewals(struct rki_report *report, struct lives *lives)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, renew_sql, &row);
    if (err) {
        return err;
    }
    *lives = (struct lives){.column = {{"mechanism (class)", false, true}},
                            .table = {.id = "lives",
                                      .caption = "Battery life in days on the best backend",
                                      .column = lives->column,
                                      .columns = 1}};
    bool never = false;
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW && lives->table.columns <= RENEWALS_MAX) {
        char *title = lives->title[lives->table.columns - 1];
        snprintf(title, sizeof lives->title[0], "%s", rki_text(row, 0));
        lives->column[lives->table.columns++] = (struct rki_column){title, true, true};
        never = never || strcmp(title, "never") == 0;
    }
    lives->renewals = lives->table.columns - 1;
    if (never && lives->renewals > 1) {
        lives->column[lives->table.columns++] = (struct rki_column){"95 % of never from", true, true};
    }
    return rki_finish(report, row, SQLITE_DONE, "renewals");
}

static void put_row(struct rki_report *report, const struct lives *lives, struct rki_cell *cells)
{
    if (cells[0].number[0] != '\0') {
        report->style->table_row(report->page, &lives->table, cells, false);
    }
    for (size_t i = 0; i < lives->table.columns; i++) {
        cells[i] = rki_cell_number(NAN, "%.0f");
    }
    cells[0].number[0] = '\0';
}

/* Where a renewal has its column. */
static size_t column_of(const struct lives *lives, const char *renew)
{
    size_t column = 1;
    while (column < lives->renewals && strcmp(lives->column[column].title, renew) != 0) {
        column++;
    }
    return column;
}

/* A group a device, a row a mechanism. */
static enum rk_err put_lives(struct rki_report *report, bool *shown)
{
    struct lives lives;
    struct rki_cell cells[COLUMNS_MAX] = {{.text = NULL}};
    char device[80] = "", mechanism[80] = "";
    sqlite3_stmt *row;
    enum rk_err err = find_renewals(report, &lives);
    *shown = !err && lives.renewals > 1; /* one renewal is no table */
    if (!*shown) {
        return err;
    }
    err = rki_prepare(report, best_sql, &row);
    if (err) {
        return err;
    }
    report->style->table_begin(report->page, &lives.table);
    put_row(report, &lives, cells);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        bool new_device = strcmp(device, rki_text(row, 0)) != 0;
        if (new_device || strcmp(mechanism, rki_text(row, 1)) != 0) {
            put_row(report, &lives, cells);
            snprintf(device, sizeof device, "%s", rki_text(row, 0));
            snprintf(mechanism, sizeof mechanism, "%s", rki_text(row, 1));
            if (new_device) {
                report->style->table_group(report->page, &lives.table, device);
            }
            snprintf(cells[0].number, sizeof cells[0].number, "%.40s (%s)", mechanism, rki_text(row, 2));
            if (lives.table.columns > lives.renewals + 1) {
                bool none = sqlite3_column_type(row, 6) == SQLITE_NULL;
                snprintf(cells[lives.renewals + 1].number, sizeof cells->number, "%.60s",
                         none ? "none" : rki_text(row, 6));
            }
        }
        cells[column_of(&lives, rki_text(row, 3))] = rki_cell_number(rki_value(row, 4), "%.0f");
    }
    put_row(report, &lives, cells);
    report->style->table_end(report->page, &lives.table);
    return rki_finish(report, row, step, "battery lives");
}

/* For each device the shortest renewal at which every mechanism that runs there keeps KEPT of its battery life. */
static const char headline_sql[] = LIFE
    ", kept AS (SELECT b.device, b.mechanism, min(b.interval_s) AS interval_s FROM life b JOIN life n ON n.device = "
    "b.device"
    "    AND n.mechanism = b.mechanism AND n.backend = b.backend AND n.version IS b.version AND n.renew = 'never'"
    "   WHERE b.interval_s IS NOT NULL AND b.life >= " KEPT " * n.life GROUP BY b.device, b.mechanism)"
    ", longest AS (SELECT device, max(interval_s) AS interval_s FROM kept k GROUP BY device"
    "   HAVING count(*) = (SELECT count(DISTINCT mechanism) FROM life l WHERE l.device = k.device)) "
    "SELECT coalesce(d.title, m.device), (SELECT renew FROM life l WHERE l.interval_s = m.interval_s LIMIT 1)"
    "  FROM longest m LEFT JOIN device d ON d.name = m.device ORDER BY m.device";

static enum rk_err put_headline(struct rki_report *report)
{
    sqlite3_stmt *row;
    char *line = NULL;
    size_t bytes = 0;
    enum rk_err err = rki_prepare(report, headline_sql, &row);
    if (err) {
        return err;
    }
    FILE *out = open_memstream(&line, &bytes);
    RK_REQUIRE(out != NULL);
    bool any = false;
    int step;
    for (; (step = sqlite3_step(row)) == SQLITE_ROW; any = true) {
        fputs(any ? ", " : "Every mechanism keeps 95 % of the battery life it has without renewal when renewed ", out);
        put_renew(out, rki_text(row, 1));
        fprintf(out, " on the %s", rki_text(row, 0));
    }
    fputs(".", out);
    fclose(out);
    if (any) {
        report->style->paragraph(report->page, line, true);
    }
    free(line);
    return rki_finish(report, row, step, "the headline");
}

/* How much of the answer rests on what nobody measured. */
static enum rk_err put_assumed(struct rki_report *report)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(
        report, "SELECT 100 * min(mean), 100 * max(mean) FROM summary WHERE metric = 'assumed_share'", &row);
    if (err) {
        return err;
    }
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL) {
        char line[160];
        double least = rki_value(row, 0), most = rki_value(row, 1);
        if (most < 0.5) {
            snprintf(line, sizeof line, "Less than 1 %% of the energy rests on coefficients that are assumed.");
        } else if (most - least < 1) {
            snprintf(line, sizeof line, "%.0f %% of the energy rests on coefficients that are assumed.", most);
        } else {
            snprintf(line, sizeof line,
                     "%.0f to %.0f %% of the energy, by point, rests on coefficients that are assumed.", least, most);
        }
        report->style->paragraph(report->page, line, false);
    }
    return rki_finish(report, row, SQLITE_DONE, "shares");
}

/* The lines of a text, which is cut up. */
static void put_lines(struct rki_report *report, char *plain)
{
    for (char *line = strtok(plain, "\n"); line; line = strtok(NULL, "\n")) {
        report->style->paragraph(report->page, line, false);
    }
}

enum rk_err rki_answer_put(struct rki_report *report)
{
    char *plain = NULL;
    size_t bytes = 0;
    bool ranks, lives = false;
    enum rk_err err = rki_ranked_put(report, &ranks);
    err = err || ranks ? err : put_headline(report);
    err = err ? err : put_lives(report, &lives);
    FILE *memory = open_memstream(&plain, &bytes);
    RK_REQUIRE(memory != NULL);
    err = err || ranks ? err : (lives ? put_exposure : put_answer)(report, memory);
    fclose(memory);
    put_lines(report, plain);
    free(plain);
    return err ? err : put_assumed(report);
}
