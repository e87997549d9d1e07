#include "bench/compare/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/stats.h"
#include "engine/study/scenario.h"

/* One figure of a point on both sides; judged when all are there, as Holm's correction takes them together. */
struct figure {
    size_t subject;
    struct rk_change_item item;
    struct rk_stats_difference difference;
    bool equal;
};

struct work {
    struct rk_comparison *comparison;
    const struct rk_gate *gate;
    sqlite3 *base, *current;
    bool paired;      /* same seed: replications share their random numbers */
    double *value[2]; /* of a point, by metric and replication */
    int *replication[2];
    size_t count[2], room[2];
    bool has[2][RK_METRIC_COUNT];
};

/* --- reading --- */

static enum rk_err failed(sqlite3 *database, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_IO, "%s: %s", sqlite3_db_filename(database, "main"), sqlite3_errmsg(database));
}

static bool same_meta(sqlite3 *a, sqlite3 *b, const char *key)
{
    char text[2][512] = {"", ""};
    sqlite3 *const database[] = {a, b};
    for (int side = 0; side < 2; side++) {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(database[side], "SELECT value FROM meta WHERE key = ?", -1, &statement, NULL) ==
            SQLITE_OK) {
            sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
            if (sqlite3_step(statement) == SQLITE_ROW) {
                snprintf(text[side], sizeof text[side], "%s", (const char *)sqlite3_column_text(statement, 0));
            }
        }
        sqlite3_finalize(statement);
    }
    return strcmp(text[0], text[1]) == 0;
}

/* Which metrics a file has: one of an earlier revision may have fewer. */
static void look_up_metrics(sqlite3 *database, bool has[RK_METRIC_COUNT])
{
    for (unsigned metric = 0; metric < RK_METRIC_COUNT; metric++) {
        has[metric] = sqlite3_table_column_metadata(database, NULL, "trial", rk_metric_info[metric].name, NULL, NULL,
                                                    NULL, NULL, NULL) == SQLITE_OK;
    }
}

static sqlite3_stmt *prepare_values(sqlite3 *database, const bool has[RK_METRIC_COUNT])
{
    char *sql = NULL;
    size_t bytes = 0;
    sqlite3_stmt *statement = NULL;
    FILE *text = open_memstream(&sql, &bytes);
    RK_REQUIRE(text != NULL);
    fputs("SELECT replication", text);
    for (unsigned metric = 0; metric < RK_METRIC_COUNT; metric++) {
        fprintf(text, ", %s", has[metric] ? rk_metric_info[metric].name : "NULL");
    }
    fputs(" FROM trial WHERE point = ? ORDER BY replication", text);
    fclose(text);
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) {
        statement = NULL;
    }
    free(sql);
    return statement;
}

static void make_room(struct work *work, int side)
{
    if (work->count[side] < work->room[side]) {
        return;
    }
    work->room[side] = 2 * work->room[side] + 32;
    work->value[side] = realloc(work->value[side], work->room[side] * RK_METRIC_COUNT * sizeof *work->value[side]);
    work->replication[side] = realloc(work->replication[side], work->room[side] * sizeof *work->replication[side]);
    RK_REQUIRE(work->value[side] != NULL && work->replication[side] != NULL);
}

static void read_values(struct work *work, int side, sqlite3_stmt *statement, int point)
{
    work->count[side] = 0;
    sqlite3_reset(statement);
    sqlite3_bind_int(statement, 1, point);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        make_room(work, side);
        double *row = work->value[side] + work->count[side] * RK_METRIC_COUNT;
        work->replication[side][work->count[side]++] = sqlite3_column_int(statement, 0);
        for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
            bool none = sqlite3_column_type(statement, metric + 1) == SQLITE_NULL;
            row[metric] = none ? NAN : sqlite3_column_double(statement, metric + 1);
        }
    }
}

/* --- comparing --- */

/* The values of a metric: of replications that both sides have where they are paired. */
static size_t columns(const struct work *work, unsigned metric, double *base, double *current)
{
    size_t pairs = 0;
    for (size_t i = 0, j = 0; i < work->count[0] && j < work->count[1];) {
        int order = work->replication[0][i] - work->replication[1][j];
        if (order == 0) {
            base[pairs] = work->value[0][i * RK_METRIC_COUNT + metric];
            current[pairs++] = work->value[1][j * RK_METRIC_COUNT + metric];
        }
        i += order <= 0;
        j += order >= 0;
    }
    return pairs;
}

static bool all_equal(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])))) {
            return false;
        }
    }
    return true;
}

static struct figure figure_of(const struct work *work, unsigned metric, double *base, double *current)
{
    size_t pairs = columns(work, metric, base, current);
    struct figure figure = {.equal = work->count[0] == work->count[1] && all_equal(base, current, pairs)};
    struct rk_stats old = rk_stats_summary(base, pairs), new = rk_stats_summary(current, pairs);
    snprintf(figure.item.metric, sizeof figure.item.metric, "%s", rk_metric_info[metric].name);
    snprintf(figure.item.unit, sizeof figure.item.unit, "%s", rk_metric_info[metric].unit);
    figure.item.base = old.mean;
    figure.item.current = new.mean;
    figure.item.low = figure.item.high = NAN;
    struct rk_stats differences = rk_stats_paired(current, base, pairs);
    figure.difference = work->paired ? rk_stats_paired_test(&differences) : rk_stats_welch(&new, &old);
    if (figure.equal || isnan(old.mean) || isnan(new.mean)) {
        figure.difference.p = NAN; /* nothing to test */
    }
    return figure;
}

struct figures {
    struct figure *figure;
    size_t count;
};

static void compare_point(const struct work *work, size_t subject, struct figures *figures)
{
    size_t room = (work->count[0] > work->count[1] ? work->count[0] : work->count[1]) + 1;
    double *base = malloc(2 * room * sizeof *base);
    RK_REQUIRE(base != NULL);
    for (unsigned metric = 0; metric < RK_METRIC_COUNT; metric++) {
        if (!work->has[0][metric]) {
            continue; /* new in this revision */
        }
        if ((figures->count & (figures->count - 1)) == 0) {
            size_t bytes = (figures->count > 0 ? 2 * figures->count : 1) * sizeof *figures->figure;
            figures->figure = realloc(figures->figure, bytes);
            RK_REQUIRE(figures->figure != NULL);
        }
        figures->figure[figures->count] = figure_of(work, metric, base, base + room);
        figures->figure[figures->count++].subject = subject;
    }
    free(base);
}

/* A point that only one side has. */
static void one_sided(struct work *work, const char *label, bool is_new)
{
    struct rk_change_item item = {.metric = "point", .base = is_new ? NAN : 1, .current = is_new ? 1 : NAN};
    item.low = item.high = NAN;
    rki_compare_subject(work->comparison, "", label);
    rki_compare_figure(work->comparison, work->gate, &item, false);
}

/* Judges what was gathered for one subject. in: share: of the level, for this figure's interval. */
static void judge(struct work *work, const struct figure *figure, double adjusted, double share)
{
    const double level = 0.05;
    struct rk_change_item item = figure->item;
    bool doubt = !figure->equal && !isnan(adjusted) && adjusted >= level;
    if (!figure->equal && !isnan(share)) {
        double half = rk_stats_half_width(&figure->difference, 1 - level * share);
        item.low = item.current - item.base - half;
        item.high = item.current - item.base + half;
    }
    rki_compare_figure(work->comparison, work->gate, &item, doubt);
}

/* A label of a point: with its number and status on both sides, -1 where a side lacks it. */
struct point {
    char label[RK_LABEL_bytes];
    int number[2];
    char status[2][96];
};

struct points {
    struct point *point;
    size_t count;
};

static struct point *find(struct points *points, const char *label)
{
    for (size_t i = 0; i < points->count; i++) {
        if (strcmp(points->point[i].label, label) == 0) {
            return &points->point[i];
        }
    }
    if ((points->count & (points->count - 1)) == 0) {
        points->point = realloc(points->point, (points->count > 0 ? 2 * points->count : 1) * sizeof *points->point);
        RK_REQUIRE(points->point != NULL);
    }
    struct point *point = &points->point[points->count++];
    *point = (struct point){.number = {-1, -1}};
    snprintf(point->label, sizeof point->label, "%s", label);
    return point;
}

static enum rk_err read_points(struct points *points, sqlite3 *database, int side, struct rk_diag *diag)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, "SELECT point, label, status FROM point ORDER BY point", -1, &statement, NULL) !=
        SQLITE_OK) {
        return failed(database, diag);
    }
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        struct point *point = find(points, (const char *)sqlite3_column_text(statement, 1));
        point->number[side] = sqlite3_column_int(statement, 0);
        snprintf(point->status[side], sizeof point->status[side], "%s",
                 (const char *)sqlite3_column_text(statement, 2));
    }
    sqlite3_finalize(statement);
    return status == SQLITE_DONE ? RK_OK : failed(database, diag);
}

/* The statuses at once, the figures when all points are read. */
static void gather(struct work *work, sqlite3_stmt *const statement[2], const struct point *point,
                   struct figures *figures)
{
    for (int side = 0; side < 2; side++) {
        read_values(work, side, statement[side], point->number[side]);
    }
    compare_point(work, SIZE_MAX, figures);
}

static void judge_all(struct work *work, const struct points *points, const struct figures *figures)
{
    double *p = malloc((3 * figures->count + 1) * sizeof *p);
    RK_REQUIRE(p != NULL);
    double *adjusted = p + figures->count, *share = adjusted + figures->count;
    for (size_t i = 0; i < figures->count; i++) {
        p[i] = figures->figure[i].difference.p;
    }
    rk_stats_holm(p, figures->count, 0.05, adjusted, share);
    size_t next = 0, metrics = 0;
    for (unsigned metric = 0; metric < RK_METRIC_COUNT; metric++) {
        metrics += work->has[0][metric];
    }
    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->point[i];
        if (point->number[0] < 0 || point->number[1] < 0) {
            one_sided(work, point->label, point->number[0] < 0);
            continue;
        }
        rki_compare_subject(work->comparison, "", point->label);
        rki_compare_text(work->comparison, "status", point->status[0], point->status[1], "ok");
        for (size_t end = next + metrics; next < end; next++) {
            judge(work, &figures->figure[next], adjusted[next], share[next]);
        }
    }
    free(p);
}

static enum rk_err compare_points(struct work *work, const struct points *points, struct rk_diag *diag)
{
    struct figures figures = {.count = 0};
    sqlite3_stmt *statement[2] = {prepare_values(work->base, work->has[0]),
                                  prepare_values(work->current, work->has[1])};
    enum rk_err err = statement[0] == NULL   ? failed(work->base, diag)
                      : statement[1] == NULL ? failed(work->current, diag)
                                             : RK_OK;
    for (size_t i = 0; err == RK_OK && i < points->count; i++) {
        if (points->point[i].number[0] >= 0 && points->point[i].number[1] >= 0) {
            gather(work, statement, &points->point[i], &figures);
        }
    }
    if (err == RK_OK) {
        judge_all(work, points, &figures);
    }
    sqlite3_finalize(statement[0]);
    sqlite3_finalize(statement[1]);
    free(figures.figure);
    return err;
}

enum rk_err rk_compare_results(struct rk_comparison *comparison, const struct rk_gate *gate, struct rk_store *base,
                               struct rk_store *current, struct rk_diag *diag)
{
    struct work work = {
        .comparison = comparison, .gate = gate, .base = rk_store_database(base), .current = rk_store_database(current)};
    struct points points = {.count = 0};
    look_up_metrics(work.base, work.has[0]);
    look_up_metrics(work.current, work.has[1]);
    work.paired = same_meta(work.base, work.current, "seed");
    if (!work.paired) {
        fprintf(comparison->note, "the seeds differ: replications are compared as independent ones\n");
    }
    if (!same_meta(work.base, work.current, "scenario_sha256")) {
        fprintf(comparison->note, "the scenarios differ: points are matched by their labels\n");
    }
    enum rk_err err = read_points(&points, work.base, 0, diag);
    err = err ? err : read_points(&points, work.current, 1, diag);
    err = err ? err : compare_points(&work, &points, diag);
    for (int side = 0; side < 2; side++) {
        free(work.value[side]);
        free(work.replication[side]);
    }
    free(points.point);
    return err;
}
