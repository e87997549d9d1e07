#include "engine/study/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study/rank.h"

/* Writing */

/* Points of one family with their values, as they are read; the items point into the values once all are there. */
struct family {
    char name[RK_LABEL_bytes];
    struct rk_rank_item *item;
    double *value;
    size_t items, item_room, values, value_room;
};

static void *grown(void *memory, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return memory;
    }
    *room = *room * 2 + 64;
    memory = realloc(memory, *room * size);
    RK_REQUIRE(memory != NULL);
    return memory;
}

static void add_value(struct family *family, unsigned point, double value)
{
    if (family->items == 0 || family->item[family->items - 1].point != point) {
        family->item = grown(family->item, family->items, &family->item_room, sizeof *family->item);
        family->item[family->items++] = (struct rk_rank_item){.point = point};
    }
    family->value = grown(family->value, family->values, &family->value_room, sizeof *family->value);
    family->value[family->values++] = value;
    family->item[family->items - 1].count++;
}

static enum rk_err put_places(struct rk_store *store, const char *family, const struct rk_ranking *ranking,
                              struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < ranking->places && err == RK_OK; i++) {
        const struct rk_rank_place *place = &ranking->place[i];
        const struct rk_store_place row = {.family = family,
                                           .place = (unsigned)i + 1,
                                           .rank = place->rank,
                                           .point = place->point,
                                           .n = (unsigned)place->stats.n,
                                           .mean = place->stats.mean,
                                           .ci95 = place->stats.ci95};
        err = rk_store_put_place(store, &row, diag);
    }
    return err;
}

static enum rk_err put_pairs(struct rk_store *store, const char *family, const struct rk_ranking *ranking,
                             struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < ranking->pairs && err == RK_OK; i++) {
        const struct rk_rank_pair *pair = &ranking->pair[i];
        const struct rk_store_comparison row = {.family = family,
                                                .a = pair->a,
                                                .b = pair->b,
                                                .n = (unsigned)pair->n,
                                                .distinct = pair->distinct,
                                                .difference = pair->difference.mean,
                                                .low = pair->interval.low,
                                                .high = pair->interval.high,
                                                .p = pair->difference.p,
                                                .p_holm = pair->p_holm,
                                                .bootstrap_low = pair->bootstrap.low,
                                                .bootstrap_high = pair->bootstrap.high};
        err = rk_store_put_comparison(store, &row, diag);
    }
    return err;
}

/* Ranks and stores what was gathered, and begins anew. */
static enum rk_err close_family(struct rk_store *store, struct family *family, const struct rk_rules *rules,
                                struct rk_diag *diag)
{
    struct rk_ranking ranking;
    const double *at = family->value;
    for (size_t i = 0; i < family->items; i++) {
        family->item[i].value = at;
        at += family->item[i].count;
    }
    rk_rank(family->item, family->items, rules->best_high, rules->seed, &ranking);
    enum rk_err err = put_places(store, family->name, &ranking, diag);
    if (err == RK_OK) {
        err = put_pairs(store, family->name, &ranking, diag);
    }
    rk_ranking_fini(&ranking);
    family->items = 0;
    family->values = 0;
    return err;
}

/* The values of the metric, with the family of each, in order. A family's name is what its points share. */
static sqlite3_stmt *query_values(struct rk_store *store, const struct rk_rules *rules)
{
    static const char format[] =
        "WITH shared AS MATERIALIZED (SELECT p.point, coalesce((SELECT group_concat(key || '=' || value, ' ') FROM"
        " (SELECT key, value FROM axis WHERE point = p.point AND ?1 <> '' AND instr(' ' || ?1, ' ' || key || ' ') = 0"
        " ORDER BY key)), '') AS family FROM point p)"
        " SELECT family, t.point, t.%s FROM shared s JOIN trial t ON t.point = s.point"
        " ORDER BY family, t.point, t.replication";
    char sql[sizeof format + 64];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, format, rk_metric_info[rules->rank_metric].name);
    if (sqlite3_prepare_v2(rk_store_database(store), sql, -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, rules->rank_over, -1, SQLITE_STATIC);
    }
    return statement;
}

static enum rk_err read_failed(struct rk_store *store, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_IO, "results cannot be read: %s", sqlite3_errmsg(rk_store_database(store)));
}

static enum rk_err rank_families(struct rk_store *store, const struct rk_rules *rules, struct rk_diag *diag)
{
    struct family family = {.items = 0};
    sqlite3_stmt *statement = query_values(store, rules);
    enum rk_err err = RK_OK;
    int result = statement == NULL ? SQLITE_ERROR : SQLITE_ROW;
    while (result == SQLITE_ROW && err == RK_OK && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (family.items > 0 && strcmp(name, family.name) != 0) {
            err = close_family(store, &family, rules, diag);
        }
        snprintf(family.name, sizeof family.name, "%s", name);
        bool none = sqlite3_column_type(statement, 2) == SQLITE_NULL;
        add_value(&family, (unsigned)sqlite3_column_int64(statement, 1),
                  none ? NAN : sqlite3_column_double(statement, 2));
    }
    if (err == RK_OK && result != SQLITE_DONE) {
        err = read_failed(store, diag);
    }
    if (err == RK_OK && family.items > 0) {
        err = close_family(store, &family, rules, diag);
    }
    sqlite3_finalize(statement);
    free(family.item);
    free(family.value);
    return err;
}

enum rk_err rk_ranking_put(struct rk_store *store, const struct rk_rules *rules, struct rk_diag *diag)
{
    if (rules->rank_metric < 0) {
        return RK_OK;
    }
    enum rk_err err = rk_store_begin(store, diag);
    if (err == RK_OK) {
        err = rank_families(store, rules, diag);
    }
    return err == RK_OK ? rk_store_commit(store, diag) : err;
}

/* Showing */

static json_t *real_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? json_null()
                                                           : json_real(sqlite3_column_double(row, column));
}

/* Calls `each` for every row. */
static enum rk_err walk(struct rk_store *store, const char *sql, void (*each)(void *context, sqlite3_stmt *row),
                        void *context, struct rk_diag *diag)
{
    sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(rk_store_database(store), sql, -1, &row, NULL);
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW) {
            each(context, row);
        }
    }
    enum rk_err err = result == SQLITE_DONE ? RK_OK : read_failed(store, diag);
    sqlite3_finalize(row);
    return err;
}

/* The family's object, made at its first row. */
static json_t *family_of(json_t *families, const char *name)
{
    json_t *last = json_array_get(families, json_array_size(families) - 1);
    size_t index;
    json_t *family;
    if (last != NULL && strcmp(json_string_value(json_object_get(last, "family")), name) == 0) {
        return last;
    }
    json_array_foreach(families, index, family)
    {
        if (strcmp(json_string_value(json_object_get(family, "family")), name) == 0) {
            return family;
        }
    }
    family = json_object();
    json_object_set_new(family, "family", json_string(name));
    json_object_set_new(family, "places", json_array());
    json_object_set_new(family, "comparisons", json_array());
    json_array_append_new(families, family);
    return family;
}

static void add_place(void *families, sqlite3_stmt *row)
{
    json_t *place = json_object();
    json_object_set_new(place, "rank", json_integer(sqlite3_column_int64(row, 1)));
    json_object_set_new(place, "point", json_integer(sqlite3_column_int64(row, 2)));
    json_object_set_new(place, "label", json_string((const char *)sqlite3_column_text(row, 3)));
    json_object_set_new(place, "n", json_integer(sqlite3_column_int64(row, 4)));
    json_object_set_new(place, "mean", real_at(row, 5));
    json_object_set_new(place, "ci95", real_at(row, 6));
    json_t *family = family_of(families, (const char *)sqlite3_column_text(row, 0));
    json_array_append_new(json_object_get(family, "places"), place);
}

static void add_comparison(void *families, sqlite3_stmt *row)
{
    static const char *const reals[] = {"difference", "low", "high", "p", "p_holm", "bootstrap_low", "bootstrap_high"};
    json_t *comparison = json_object();
    json_object_set_new(comparison, "a", json_integer(sqlite3_column_int64(row, 1)));
    json_object_set_new(comparison, "b", json_integer(sqlite3_column_int64(row, 2)));
    json_object_set_new(comparison, "n", json_integer(sqlite3_column_int64(row, 3)));
    json_object_set_new(comparison, "distinct", json_boolean(sqlite3_column_int(row, 4)));
    for (int i = 0; i < 7; i++) {
        json_object_set_new(comparison, reals[i], real_at(row, 5 + i));
    }
    json_t *family = family_of(families, (const char *)sqlite3_column_text(row, 0));
    json_array_append_new(json_object_get(family, "comparisons"), comparison);
}

enum rk_err rk_ranking_json(struct rk_store *store, json_t **ranking, struct rk_diag *diag)
{
    struct rk_rules rules;
    enum rk_err err = rk_rules_read(store, &rules, diag);
    *ranking = json_null();
    if (err != RK_OK || rules.rank_metric < 0) {
        return err;
    }
    json_t *families = json_array();
    err =
        walk(store,
             "SELECT r.family, r.rank, r.point, p.label, r.n, r.mean, r.ci95 FROM ranking r JOIN point p USING (point)"
             " ORDER BY r.family, r.place",
             add_place, families, diag);
    if (err == RK_OK) {
        err = walk(store,
                   "SELECT c.family, c.a, c.b, c.n, c.distinct_points, c.difference, c.low, c.high, c.p, c.p_holm,"
                   " c.bootstrap_low, c.bootstrap_high FROM comparison c JOIN ranking f ON f.family = c.family AND"
                   " f.point = c.a JOIN ranking g ON g.family = c.family AND g.point = c.b"
                   " ORDER BY c.family, f.place, g.place",
                   add_comparison, families, diag);
    }
    *ranking = json_object();
    json_object_set_new(*ranking, "metric", json_string(rk_metric_info[rules.rank_metric].name));
    json_object_set_new(*ranking, "best", json_string(rules.best_high ? "high" : "low"));
    json_object_set_new(*ranking, "over", json_string(rules.rank_over));
    json_object_set_new(*ranking, "families", families);
    return err;
}

struct table {
    FILE *out;
    char family[RK_LABEL_bytes];
    bool any;
};

static void print_place(void *context, sqlite3_stmt *row)
{
    struct table *table = context;
    const char *family = (const char *)sqlite3_column_text(row, 0);
    if (!table->any || strcmp(family, table->family) != 0) {
        fprintf(table->out, "%s%s%s", table->any ? "\n" : "", family, family[0] == '\0' ? "" : ": ");
        snprintf(table->family, sizeof table->family, "%s", family);
    } else {
        fputs(sqlite3_column_int(row, 1) == 0 ? "; without a value: "
              : sqlite3_column_int(row, 3)    ? "; then "
                                              : " = ",
              table->out);
    }
    fprintf(table->out, "%s", (const char *)sqlite3_column_text(row, 2));
    if (sqlite3_column_type(row, 4) != SQLITE_NULL) {
        fprintf(table->out, " %.4g", sqlite3_column_double(row, 4));
    }
    if (sqlite3_column_type(row, 5) != SQLITE_NULL) {
        fprintf(table->out, " +- %.2g", sqlite3_column_double(row, 5));
    }
    table->any = true;
}

static void print_refusal(void *context, sqlite3_stmt *row)
{
    const struct table *table = context;
    fprintf(table->out, "cannot run, %d of %d points: %s\n", sqlite3_column_int(row, 0), sqlite3_column_int(row, 1),
            (const char *)sqlite3_column_text(row, 2));
}

static void print_question(void *context, sqlite3_stmt *row)
{
    const struct table *table = context;
    fprintf(table->out, "%s\n", (const char *)sqlite3_column_text(row, 0));
}

enum rk_err rk_ranking_answer(struct rk_store *store, FILE *out, struct rk_diag *diag)
{
    struct rk_rules rules;
    struct table table = {.out = out};
    enum rk_err err = rk_rules_read(store, &rules, diag);
    if (err != RK_OK || rules.rank_metric < 0) {
        return err;
    }
    err = walk(store, "SELECT value FROM meta WHERE key = 'question' AND value <> ''", print_question, &table, diag);
    if (err != RK_OK) {
        return err;
    }
    fprintf(out, "by %s (%s), best first, mean +- half of the 95 %% interval; '=': cannot be told apart\n",
            rk_metric_info[rules.rank_metric].name, rk_metric_info[rules.rank_metric].unit);
    err = walk(store,
               "SELECT r.family, r.rank, coalesce((SELECT group_concat(value, ' ') FROM axis a WHERE a.point = r.point"
               " AND instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' ' || a.key || ' ') > 0), p.label)"
               ", coalesce((SELECT distinct_points FROM comparison c WHERE c.family = r.family"
               " AND ((a = r.before AND b = r.point) OR (a = r.point AND b = r.before))), 0), r.mean, r.ci95"
               " FROM (SELECT *, lag(point) OVER (PARTITION BY family ORDER BY place) AS before FROM ranking) r"
               " JOIN point p USING (point)"
               " ORDER BY (SELECT min(point) FROM ranking f WHERE f.family = r.family), r.place",
               print_place, &table, diag);
    fputs(table.any ? "\n" : "", out);
    if (err == RK_OK) {
        err = walk(store,
                   "SELECT count(*), (SELECT count(*) FROM point), status FROM point WHERE status <> 'ok'"
                   " GROUP BY status ORDER BY count(*) DESC, status",
                   print_refusal, &table, diag);
    }
    fputc('\n', out);
    return err;
}
