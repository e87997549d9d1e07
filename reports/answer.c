/* reports/answer.c - the study's answer, computed from the stored rows: a line a family of what it ranks, or a line a device
 * and one on exposure
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

/* For a device: each mechanism with its shortest acceptable interval, and the lives at the two ends. */
static const char mechanisms_sql[] = LIFE
    "SELECT a.mechanism, a.association,"
    "  (SELECT b.renew FROM life b JOIN life n ON n.device = b.device AND n.mechanism = b.mechanism AND n.backend = "
    "b.backend"
    "     AND n.version IS b.version AND n.battery IS b.battery AND n.interval_s IS NULL AND n.renew = 'never'"
    "    WHERE b.device = a.device AND b.mechanism = a.mechanism AND b.interval_s IS NOT NULL AND b.life >= " KEPT
    " * n.life"
    "    ORDER BY b.interval_s, b.life DESC LIMIT 1) AS shortest,"
    "  (SELECT max(b.life) FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism AND b.renew = 'never') "
    "AS never,"
    "  (SELECT max(b.life) FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism AND b.interval_s ="
    "     (SELECT min(c.interval_s) FROM life c WHERE c.device = a.device AND c.mechanism = a.mechanism)) AS most,"
    "  (SELECT b.renew FROM life b WHERE b.device = a.device AND b.mechanism = a.mechanism AND b.interval_s IS NOT NULL"
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

static enum rk_err put_exposure(struct rki_report *report, FILE *out)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, exposure_sql, &row);
    if (err) {
        return err;
    }
    fputs("A leaked session key opens, by interval: ", out);
    int first = 1;
    for (; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out, "%s%s %.3g d (W(T) %.3g d)", first ? "" : ", ", rki_text(row, 0), sqlite3_column_double(row, 1),
                sqlite3_column_double(row, 2));
    }
    fputs(first ? "no leak in this study" : "", out);
    sqlite3_finalize(row);
    err = rki_prepare(report, capture_sql, &row);
    if (err) {
        return err;
    }
    first = 1;
    for (; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out, "%s%s (%s) %.3g d",
                first ? "; a captured device opens, at the shortest interval from a day up: " : ", ", rki_text(row, 0),
                rki_text(row, 1), sqlite3_column_double(row, 2));
    }
    fputs(".", out);
    sqlite3_finalize(row);
    return RK_OK;
}

/* Of the axes, what names a point: not what goes with its interval, nor the bounds that it is held against. */
#define NAMING                                                                                                         \
    "a.key NOT LIKE 'constraints.%' AND NOT (instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'),"           \
    " ' policy.renew ') > 0 AND a.key IN ('horizon', 'replications', 'warm_up', 'fleet.devices', 'policy.overlap',"    \
    " 'policy.retry', 'policy.attempts'))"
#define IS_RANKED "instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' ' || a.key || ' ')"

/* The ranked values of a point, and the values that its family shares. */
#define RANKED_LABEL                                                                                                   \
    "coalesce((SELECT group_concat(value, ' ') FROM axis a WHERE a.point = r.point AND " NAMING " AND " IS_RANKED      \
    " > 0), p.label)"
#define FAMILY_LABEL                                                                                                   \
    "coalesce((SELECT group_concat(value, ' ') FROM axis a WHERE a.point = r.point AND " NAMING " AND " IS_RANKED      \
    " = 0), '')"

/* Each family's first points in order; `=` before one that cannot be told from the one before it. How many there are
 * more stands in the row of the last. */
#define SHOWN_MAX "10"
static const char ranked_sql[] =
    "SELECT r.family, " RANKED_LABEL ","
    "  coalesce((SELECT distinct_points FROM comparison c WHERE c.family = r.family"
    "   AND ((a = r.before AND b = r.point) OR (a = r.point AND b = r.before))), 0), r.mean, r.ci95,"
    "  (SELECT value FROM meta WHERE key = 'rank_metric'), " FAMILY_LABEL ","
    "  CASE r.place WHEN " SHOWN_MAX " THEN (SELECT count(*) FROM ranking o WHERE o.family = r.family) - " SHOWN_MAX
    "    ELSE 0 END"
    " FROM (SELECT *, lag(point) OVER (PARTITION BY family ORDER BY place) AS before FROM ranking) r"
    " JOIN point p USING (point) WHERE r.place <= " SHOWN_MAX " ORDER BY r.family, r.place";

/* out: *any: the study ranks. */
static enum rk_err put_ranked(struct rki_report *report, FILE *out, bool *any)
{
    sqlite3_stmt *row;
    char family[512] = "";
    enum rk_err err = rki_prepare(report, ranked_sql, &row);
    if (err) {
        return err;
    }
    for (*any = false; sqlite3_step(row) == SQLITE_ROW; *any = true) {
        bool begins = !*any || strcmp(family, rki_text(row, 0)) != 0;
        if (begins) {
            snprintf(family, sizeof family, "%s", rki_text(row, 0));
            fprintf(out, "%s%s%sby %s, best first: ", *any ? "\n" : "", rki_text(row, 6),
                    rki_text(row, 6)[0] ? ": " : "", rki_text(row, 5));
        } else {
            fputs(sqlite3_column_int(row, 2) ? "; then " : " = ", out);
        }
        fputs(rki_text(row, 1), out);
        if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
            fprintf(out, " %.4g", sqlite3_column_double(row, 3));
        }
        if (sqlite3_column_type(row, 4) != SQLITE_NULL) {
            fprintf(out, " \u00b1 %.2g", sqlite3_column_double(row, 4));
        }
        if (sqlite3_column_int(row, 7) > 0) {
            fprintf(out, "; and %d more", sqlite3_column_int(row, 7));
        }
    }
    fputs(*any ? "\n" : "", out);
    sqlite3_finalize(row);
    return RK_OK;
}

static enum rk_err put_answer(struct rki_report *report, FILE *out)
{
    sqlite3_stmt *device;
    bool ranks;
    enum rk_err err = put_ranked(report, out, &ranks);
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
         "1e18) AS interval_s"
         "  FROM life l LEFT JOIN device d ON d.name = l.device"
         " GROUP BY l.device, l.mechanism, l.renew ORDER BY l.device, l.mechanism, interval_s";

static const char renew_sql[] =
    LIFE "SELECT renew, min(coalesce(interval_s, 1e18)) FROM life GROUP BY renew ORDER BY 2";

enum { RENEWALS_MAX = 64 };

struct lives {
    struct rki_column column[RENEWALS_MAX + 1];
    char title[RENEWALS_MAX][48];
    struct rki_table table;
};

/* The first column, and one for each renewal. */
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
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW && lives->table.columns <= RENEWALS_MAX) {
        char *title = lives->title[lives->table.columns - 1];
        snprintf(title, sizeof lives->title[0], "%s", rki_text(row, 0));
        lives->column[lives->table.columns++] = (struct rki_column){title, true, true};
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
    while (column < lives->table.columns - 1 && strcmp(lives->column[column].title, renew) != 0) {
        column++;
    }
    return column;
}

/* A group a device, a row a mechanism. */
static enum rk_err put_lives(struct rki_report *report)
{
    struct lives lives;
    struct rki_cell cells[RENEWALS_MAX + 1] = {{.text = NULL}};
    char device[80] = "", mechanism[80] = "";
    sqlite3_stmt *row;
    enum rk_err err = find_renewals(report, &lives);
    if (err || lives.table.columns < 3) { /* one renewal is no table */
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
        snprintf(line, sizeof line, "%.0f to %.0f %% of the energy, by point, rests on coefficients that are assumed.",
                 rki_value(row, 0), rki_value(row, 1));
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

/* The best of each family, and what cannot be told from it. */
static const char best_ranked_sql[] =
    "SELECT " FAMILY_LABEL ", group_concat(" RANKED_LABEL
    ", ' = '), (SELECT value FROM meta WHERE key = 'rank_metric'),"
    " r.mean, r.ci95, count(*) OVER ()"
    " FROM (SELECT * FROM ranking WHERE rank = 1 ORDER BY family, place) r JOIN point p USING (point)"
    " GROUP BY r.family ORDER BY r.family";

enum { FAMILIES_IN_A_LINE = 4 };

/* One line, where families are few. */
static void put_best_line(struct rki_report *report, sqlite3_stmt *row, int *step)
{
    char *line = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&line, &bytes);
    RK_REQUIRE(out != NULL);
    fprintf(out, "Best by %s: ", rki_text(row, 2));
    for (bool any = false; *step == SQLITE_ROW; *step = sqlite3_step(row), any = true) {
        fprintf(out, "%s%s%s%s", any ? "; " : "", rki_text(row, 0), rki_text(row, 0)[0] != '\0' ? ": " : "",
                rki_text(row, 1));
    }
    fputs(".", out);
    fclose(out);
    report->style->paragraph(report->page, line, true);
    free(line);
}

static void put_best_table(struct rki_report *report, sqlite3_stmt *row, int *step)
{
    const struct rki_column columns[] = {{"where", false, true},
                                         {"best", false, true},
                                         {rki_meta(report, "rank_metric"), true, true},
                                         {"95 % half width", true, true}};
    const struct rki_table table = {.id = "best", .column = columns, .columns = sizeof columns / sizeof columns[0]};
    char metric[64];
    snprintf(metric, sizeof metric, "Best by %s", rki_text(row, 2));
    report->style->paragraph(report->page, metric, true);
    report->style->table_begin(report->page, &table);
    for (; *step == SQLITE_ROW; *step = sqlite3_step(row)) {
        const struct rki_cell cells[] = {rki_cell_text(rki_text(row, 0)), rki_cell_text(rki_text(row, 1)),
                                         rki_cell_number(rki_value(row, 3), "%.4g"),
                                         rki_cell_number(rki_value(row, 4), "\u00b1 %.2g")};
        report->style->table_row(report->page, &table, cells, false);
    }
    report->style->table_end(report->page, &table);
}

/* out: *few: the families' whole orders have room on the page. */
static enum rk_err put_best(struct rki_report *report, bool *few)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, best_ranked_sql, &row);
    if (err) {
        return err;
    }
    int step = sqlite3_step(row);
    *few = step != SQLITE_ROW || sqlite3_column_int(row, 5) <= FAMILIES_IN_A_LINE;
    if (step == SQLITE_ROW) {
        (*few ? put_best_line : put_best_table)(report, row, &step);
    }
    return rki_finish(report, row, step, "the best");
}

enum rk_err rki_answer_put(struct rki_report *report)
{
    char *plain = NULL;
    size_t bytes = 0;
    const char *metric = rki_meta(report, "rank_metric");
    bool ranks = metric[0] != '\0' && strcmp(metric, "none") != 0;
    FILE *memory = open_memstream(&plain, &bytes);
    RK_REQUIRE(memory != NULL);
    enum rk_err err = put_answer(report, memory);
    fclose(memory);
    bool few = true;
    err = err ? err : ranks ? put_best(report, &few) : put_headline(report);
    err = err ? err : put_lives(report);
    if (!err && few) {
        put_lines(report, plain);
    }
    free(plain);
    return err ? err : put_assumed(report);
}
