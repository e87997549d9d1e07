/* reports/answer.c - the study's answer, computed from the stored rows: a line a family of what it ranks, or a line a device
 * and one on exposure
 *
 * The shortest acceptable interval of a mechanism is the shortest at which some backend keeps at least 95 % of the
 * battery life that the same backend and mechanism have without renewal. The message interval counts as an interval.
 */
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

static const char *text(sqlite3_stmt *row, int column)
{
    const char *value = (const char *)sqlite3_column_text(row, column);
    return value ? value : "";
}

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
    sqlite3_bind_text(row, 1, text(device, 0), -1, SQLITE_TRANSIENT);
    fprintf(out, "%s (class %s, %s) lasts: ", text(device, 1), text(device, 3), text(device, 2));
    for (int first = 1; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fprintf(out, "%s%s (%s) ", first ? "" : "; ", text(row, 0), text(row, 1));
        fprintf(out, "%.0f d renewed ", sqlite3_column_double(row, 4));
        put_renew(out, text(row, 5));
        if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
            fprintf(out, ", %.0f d never", sqlite3_column_double(row, 3));
        }
        if (sqlite3_column_type(row, 2) == SQLITE_NULL) {
            fputs(", less than 95 % of it at every interval", out);
        } else {
            fputs(", 95 % of it from ", out);
            fprintf(out, "%s up", text(row, 2));
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
        fprintf(out, "%s%s %.3g d (W(T) %.3g d)", first ? "" : ", ", text(row, 0), sqlite3_column_double(row, 1),
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
                first ? "; a captured device opens, at the shortest interval from a day up: " : ", ", text(row, 0),
                text(row, 1), sqlite3_column_double(row, 2));
    }
    fputs(".", out);
    sqlite3_finalize(row);
    return RK_OK;
}

/* Each family's points in order; `=` before one that cannot be told from the one before it. */
static const char ranked_sql[] =
    "SELECT r.family, coalesce((SELECT group_concat(value, ' ') FROM axis a WHERE a.point = r.point"
    "   AND instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' ' || a.key || ' ') > 0), p.label),"
    "  coalesce((SELECT distinct_points FROM comparison c WHERE c.family = r.family"
    "   AND ((a = r.before AND b = r.point) OR (a = r.point AND b = r.before))), 0), r.mean, r.ci95,"
    "  (SELECT value FROM meta WHERE key = 'rank_metric')"
    " FROM (SELECT *, lag(point) OVER (PARTITION BY family ORDER BY place) AS before FROM ranking) r"
    " JOIN point p USING (point) ORDER BY r.family, r.place";

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
        bool begins = !*any || strcmp(family, text(row, 0)) != 0;
        if (begins) {
            snprintf(family, sizeof family, "%s", text(row, 0));
            fprintf(out, "%s%s%sby %s, best first: ", *any ? "\n" : "", family, family[0] ? ": " : "", text(row, 5));
        } else {
            fputs(sqlite3_column_int(row, 2) ? "; then " : " = ", out);
        }
        fputs(text(row, 1), out);
        if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
            fprintf(out, " %.4g", sqlite3_column_double(row, 3));
        }
        if (sqlite3_column_type(row, 4) != SQLITE_NULL) {
            fprintf(out, " +- %.2g", sqlite3_column_double(row, 4));
        }
    }
    fputs(*any ? "\n" : "", out);
    sqlite3_finalize(row);
    return RK_OK;
}

static enum rk_err put_answer(struct rki_report *report, FILE *out, const char *begin, const char *end)
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
        fputs(begin, out);
        err = put_device(report, out, device);
        fputs(end, out);
    }
    sqlite3_finalize(device);
    if (!err) {
        fputs(begin, out);
        err = put_exposure(report, out);
        fputs(end, out);
    }
    return err;
}

enum rk_err rki_answer_text(struct rki_report *report, FILE *out)
{
    return put_answer(report, out, "", "\n");
}

/* Best battery life of any backend, by device and mechanism (rows) and renewal (columns). */
static const char best_sql[] =
    LIFE "SELECT coalesce(d.title, l.device), l.mechanism, l.association, l.renew, max(l.life), coalesce(l.interval_s, "
         "1e18) AS interval_s"
         "  FROM life l LEFT JOIN device d ON d.name = l.device"
         " GROUP BY l.device, l.mechanism, l.renew ORDER BY l.device, l.mechanism, interval_s";

static const char renew_sql[] = LIFE "SELECT DISTINCT renew, coalesce(interval_s, 1e18) FROM life ORDER BY 2";

/* out: *columns beside the first. */
static enum rk_err put_heads(struct rki_report *report, int *columns)
{
    sqlite3_stmt *row;
    *columns = 0;
    enum rk_err err = rki_prepare(report, renew_sql, &row);
    if (err) {
        return err;
    }
    fputs("<div class=\"wide\" tabindex=\"0\"><table class=\"grouped\"><caption>Battery life in days on the best "
          "backend</caption>"
          "<thead><tr><th scope=\"col\">mechanism (class)</th>",
          report->page);
    while (sqlite3_step(row) == SQLITE_ROW) {
        fputs("<th scope=\"col\" class=\"n\">", report->page);
        rki_html_text(report->page, text(row, 0));
        fputs("</th>", report->page);
        ++*columns;
    }
    fputs("</tr></thead>\n<tbody>", report->page);
    sqlite3_finalize(row);
    return RK_OK;
}

/* A heading row a device, then a row a mechanism with a cell for every renewal, in the order of the heads. */
static enum rk_err put_lives(struct rki_report *report, int columns)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, best_sql, &row);
    if (err) {
        return err;
    }
    char device[80] = "", mechanism[80] = "";
    while (sqlite3_step(row) == SQLITE_ROW) {
        bool new_device = strcmp(device, text(row, 0)) != 0;
        if (new_device || strcmp(mechanism, text(row, 1)) != 0) {
            fputs(mechanism[0] ? "</tr>\n" : "\n", report->page);
            snprintf(device, sizeof device, "%s", text(row, 0));
            snprintf(mechanism, sizeof mechanism, "%s", text(row, 1));
            if (new_device) {
                fprintf(report->page, "<tr><th scope=\"rowgroup\" colspan=\"%d\">", columns + 1);
                rki_html_text(report->page, device);
                fputs("</th></tr>\n", report->page);
            }
            fprintf(report->page, "<tr><td>%s (%s)</td>", mechanism, text(row, 2));
        }
        fprintf(report->page, "<td class=\"n\">%.0f</td>", sqlite3_column_double(row, 4));
    }
    fprintf(report->page, "%s</tbody></table></div>\n", mechanism[0] ? "</tr>" : "");
    sqlite3_finalize(row);
    return RK_OK;
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
    enum rk_err err = rki_prepare(report, headline_sql, &row);
    if (err) {
        return err;
    }
    int first = 1;
    for (; sqlite3_step(row) == SQLITE_ROW; first = 0) {
        fputs(first ? "<p class=\"lead\">Every mechanism keeps 95 % of the battery life it has without renewal when "
                      "renewed "
                    : ", ",
              report->page);
        put_renew(report->page, text(row, 1));
        fputs(" on the ", report->page);
        rki_html_text(report->page, text(row, 0));
    }
    fputs(first ? "" : ".</p>\n", report->page);
    sqlite3_finalize(row);
    return RK_OK;
}

/* The lines of a text, which is cut up. */
static void put_lines(struct rki_report *report, char *plain)
{
    for (char *line = strtok(plain, "\n"); line; line = strtok(NULL, "\n")) {
        fputs("<p>", report->page);
        rki_html_text(report->page, line);
        fputs("</p>\n", report->page);
    }
}

enum rk_err rki_answer_html(struct rki_report *report)
{
    char *plain = NULL;
    size_t bytes = 0;
    int columns = 0;
    FILE *memory = open_memstream(&plain, &bytes);
    RK_REQUIRE(memory != NULL);
    enum rk_err err = put_answer(report, memory, "", "\n");
    fclose(memory);
    bool ranks =
        !err && rki_meta(report, "rank_metric")[0] != '\0' && strcmp(rki_meta(report, "rank_metric"), "none") != 0;
    if (ranks) {
        put_lines(report, plain);
    }
    if (!err) {
        err = put_headline(report);
    }
    if (!err) {
        err = put_heads(report, &columns);
    }
    if (!err) {
        err = put_lives(report, columns);
    }
    if (!err && !ranks) {
        put_lines(report, plain);
    }
    free(plain);
    return err;
}
