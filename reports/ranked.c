/* reports/ranked.c - the answer of a study that ranks: what is best, and the order of each family */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study/results/results.h"
#include "reports/report_internal.h"

/* Of the axes, what names a point: not what goes with its interval, nor the bounds that it is held against. */
#define NAMING                                                                                                         \
    "a.key NOT LIKE 'constraints.%'"                                                                                   \
    " AND NOT (a.key = 'horizon'"                                                                                      \
    "  AND EXISTS (SELECT 1 FROM axis i WHERE i.point = a.point AND i.key = 'policy.renew'))"                          \
    " AND NOT (instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' policy.renew ') > 0 AND a.key IN"      \
    "  ('replications', 'warm_up', 'fleet.devices', 'policy.overlap', 'policy.retry', 'policy.attempts'))"
#define IS_RANKED "instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' ' || a.key || ' ')"

/* The ranked values of a point, and the values that its family shares. */
#define RANKED_LABEL                                                                                                   \
    "coalesce((SELECT group_concat(@VALUE, ', ') FROM axis a WHERE a.point = r.point AND " NAMING " AND " IS_RANKED    \
    " > 0), p.label)"
#define FAMILY_LABEL                                                                                                   \
    "coalesce((SELECT group_concat(@VALUE, ', ') FROM axis a WHERE a.point = r.point AND " NAMING " AND " IS_RANKED    \
    " = 0), '')"

/* Families stand as the study's axes have them. */
#define IN_ORDER " ORDER BY (SELECT min(point) FROM ranking f WHERE f.family = r.family)"

/* Each family's first points in order. */
#define SHOWN_MAX "10"
static const char order_sql[] =
    "SELECT r.family, " FAMILY_LABEL ", " RANKED_LABEL ", r.rank, r.mean, r.ci95,"
    "  coalesce((SELECT distinct_points FROM comparison c WHERE c.family = r.family"
    "   AND ((a = r.before AND b = r.point) OR (a = r.point AND b = r.before))), 0),"
    "  CASE r.place WHEN " SHOWN_MAX " THEN (SELECT count(*) FROM ranking o WHERE o.family = r.family) - " SHOWN_MAX
    "    ELSE 0 END"
    " FROM (SELECT *, lag(point) OVER (PARTITION BY family ORDER BY place) AS before FROM ranking) r"
    " JOIN point p USING (point) WHERE r.place <= " SHOWN_MAX IN_ORDER ", r.place";

enum { ORDER_FAMILY, ORDER_FAMILY_LABEL, ORDER_LABEL, ORDER_RANK, ORDER_MEAN, ORDER_CI95, ORDER_DISTINCT, ORDER_MORE };

static enum rk_err prepare(struct rki_report *report, const char *sql, sqlite3_stmt **row)
{
    char *whole = rki_report_expand(report, sql);
    enum rk_err err = whole != NULL ? rki_prepare(report, whole, row) : RK_ERR_IO;
    free(whole);
    return err;
}

/* What rounding leaves of no spread at all is none. */
static double spread(sqlite3_stmt *row, int mean, int ci95)
{
    double half = rki_value(row, ci95);
    return half < 1e-9 * fabs(rki_value(row, mean)) ? 0 : half;
}

/* A line a family: `=` before a point that cannot be told from the one before it. */
enum rk_err rki_ranked_text(struct rki_report *report, FILE *out, bool *any)
{
    sqlite3_stmt *row;
    char family[512] = "";
    enum rk_err err = prepare(report, order_sql, &row);
    if (err) {
        return err;
    }
    int step;
    for (*any = false; (step = sqlite3_step(row)) == SQLITE_ROW; *any = true) {
        if (!*any || strcmp(family, rki_text(row, ORDER_FAMILY)) != 0) {
            snprintf(family, sizeof family, "%s", rki_text(row, ORDER_FAMILY));
            const char *label = rki_text(row, ORDER_FAMILY_LABEL);
            fprintf(out, "%s%s%sby %s, best first: ", *any ? "\n" : "", label, label[0] ? ": " : "",
                    rki_meta(report, "rank_metric"));
        } else {
            fputs(sqlite3_column_int(row, ORDER_DISTINCT) ? "; then " : " = ", out);
        }
        fputs(rki_text(row, ORDER_LABEL), out);
        if (sqlite3_column_type(row, ORDER_MEAN) != SQLITE_NULL) {
            fprintf(out, " %.4g", rki_value(row, ORDER_MEAN));
        }
        if (sqlite3_column_type(row, ORDER_CI95) != SQLITE_NULL) {
            fprintf(out, " \u00b1 %.2g", spread(row, ORDER_MEAN, ORDER_CI95));
        }
        if (sqlite3_column_int(row, ORDER_MORE) > 0) {
            fprintf(out, "; and %d more", sqlite3_column_int(row, ORDER_MORE));
        }
    }
    fputs(*any ? "\n" : "", out);
    return rki_finish(report, row, step, "the ranking");
}

/* --- on the page --- */

/* The best of each family, and what cannot be told from it; and whether that is the whole
 * family, or so in all families. */
static const char best_sql[] =
    "SELECT " FAMILY_LABEL ", group_concat(" RANKED_LABEL ", ' = '), r.mean, r.ci95, count(*) OVER (),"
    " (SELECT count(*) FROM ranking o WHERE o.family = r.family) = count(*) AND count(*) > 1,"
    " NOT EXISTS (SELECT 1 FROM ranking WHERE rank > 1) AND EXISTS (SELECT 1 FROM ranking WHERE place > 1)"
    " FROM (SELECT * FROM ranking WHERE rank = 1 ORDER BY family, place) r JOIN point p USING (point)"
    " GROUP BY r.family" IN_ORDER;

enum { BEST_FAMILY, BEST_LABEL, BEST_MEAN, BEST_CI95, BEST_FAMILIES, BEST_ALIKE, BEST_ALL_ALIKE };

enum { FAMILIES_IN_A_LINE = 4 };

/* "Best by energy_J_per_d (all energy drawn)" */
static void put_metric(struct rki_report *report, FILE *out)
{
    const char *metric = rki_meta(report, "rank_metric"), *help = rk_results_metric_help(metric);
    fprintf(out, "Best by %s", metric);
    if (help != NULL) {
        fprintf(out, " (%.*s)", (int)strcspn(help, ";"), help);
    }
}

static void put_best_line(struct rki_report *report, sqlite3_stmt *row, int *step)
{
    char *line = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&line, &bytes);
    RK_REQUIRE(out != NULL);
    put_metric(report, out);
    if (sqlite3_column_int(row, BEST_ALL_ALIKE)) {
        fputs(": nothing is better than another beyond doubt", out);
        *step = SQLITE_DONE;
    }
    for (bool any = false; *step == SQLITE_ROW; *step = sqlite3_step(row), any = true) {
        const char *family = rki_text(row, BEST_FAMILY);
        fprintf(out, "%s%s%s", any ? "; " : ": ", family, family[0] != '\0' ? ": " : "");
        fputs(sqlite3_column_int(row, BEST_ALIKE) ? "none is better than another beyond doubt"
                                                  : rki_text(row, BEST_LABEL),
              out);
    }
    fputs(".", out);
    fclose(out);
    report->style->paragraph(report->page, line, true);
    free(line);
}

/* Few families: each with its points in order. */
static enum rk_err put_order(struct rki_report *report)
{
    sqlite3_stmt *row;
    char metric[64], family[512] = "";
    snprintf(metric, sizeof metric, "%s", rki_meta(report, "rank_metric"));
    const struct rki_column columns[] = {
        {"rank", true, true}, {"what", false, true}, {metric, true, true}, {"\u00b1 at 95 %", true, true}};
    const struct rki_table table = {.id = "order",
                                    .caption = "Those of one rank cannot be told apart",
                                    .column = columns,
                                    .columns = sizeof columns / sizeof columns[0]};
    enum rk_err err = prepare(report, order_sql, &row);
    if (err) {
        return err;
    }
    int step;
    report->style->table_begin(report->page, &table);
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        if (strcmp(family, rki_text(row, ORDER_FAMILY_LABEL)) != 0) {
            snprintf(family, sizeof family, "%s", rki_text(row, ORDER_FAMILY_LABEL));
            report->style->table_group(report->page, &table, family);
        }
        int rank = sqlite3_column_int(row, ORDER_RANK), more = sqlite3_column_int(row, ORDER_MORE);
        char label[512];
        snprintf(label, sizeof label, more > 0 ? "%.400s, and %d more after it" : "%.400s", rki_text(row, ORDER_LABEL),
                 more);
        const struct rki_cell cells[] = {rki_cell_number(rank > 0 ? rank : NAN, "%.0f"), rki_cell_text(label),
                                         rki_cell_number(rki_value(row, ORDER_MEAN), "%.4g"),
                                         rki_cell_number(spread(row, ORDER_MEAN, ORDER_CI95), "\u00b1 %.2g")};
        report->style->table_row(report->page, &table, cells, false);
    }
    report->style->table_end(report->page, &table);
    return rki_finish(report, row, step, "the ranking");
}

/* Many families: the best of each. */
static void put_best_table(struct rki_report *report, sqlite3_stmt *row, int *step)
{
    char metric[64], *line = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&line, &bytes);
    RK_REQUIRE(out != NULL);
    put_metric(report, out);
    fclose(out);
    report->style->paragraph(report->page, line, true);
    free(line);
    snprintf(metric, sizeof metric, "%s", rki_meta(report, "rank_metric"));
    const struct rki_column columns[] = {
        {"where", false, true}, {"best", false, true}, {metric, true, true}, {"\u00b1 at 95 %", true, true}};
    const struct rki_table table = {.id = "best", .column = columns, .columns = sizeof columns / sizeof columns[0]};
    report->style->table_begin(report->page, &table);
    for (; *step == SQLITE_ROW; *step = sqlite3_step(row)) {
        const struct rki_cell cells[] = {rki_cell_text(rki_text(row, BEST_FAMILY)),
                                         rki_cell_text(rki_text(row, BEST_LABEL)),
                                         rki_cell_number(rki_value(row, BEST_MEAN), "%.4g"),
                                         rki_cell_number(spread(row, BEST_MEAN, BEST_CI95), "\u00b1 %.2g")};
        report->style->table_row(report->page, &table, cells, false);
    }
    report->style->table_end(report->page, &table);
}

enum rk_err rki_ranked_put(struct rki_report *report, bool *any)
{
    sqlite3_stmt *row;
    enum rk_err err = prepare(report, best_sql, &row);
    if (err) {
        return err;
    }
    int step = sqlite3_step(row);
    *any = step == SQLITE_ROW;
    bool few = *any && sqlite3_column_int(row, BEST_FAMILIES) <= FAMILIES_IN_A_LINE;
    if (*any) {
        (few ? put_best_line : put_best_table)(report, row, &step);
    }
    err = rki_finish(report, row, step, "the best");
    return err || !few ? err : put_order(report);
}
