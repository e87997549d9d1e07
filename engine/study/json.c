#include "engine/study/json.h"

#include <jansson.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/study/ranking.h"

struct query {
    sqlite3_stmt *statement;
    int result; /* SQLITE_ROW while there is one */
};

static struct query query_new(struct rk_store *store, const char *sql)
{
    struct query query = {.statement = NULL};
    query.result = sqlite3_prepare_v2(rk_store_database(store), sql, -1, &query.statement, NULL);
    return query;
}

static bool next(struct query *query)
{
    if (query->result == SQLITE_OK || query->result == SQLITE_ROW) {
        query->result = sqlite3_step(query->statement);
    }
    return query->result == SQLITE_ROW;
}

/* Ends a query that was walked to its last row. */
static enum rk_err finish(struct rk_store *store, struct query *query, struct rk_diag *diag)
{
    bool walked = query->result == SQLITE_DONE;
    enum rk_err err =
        walked ? RK_OK
               : rk_fail(diag, RK_ERR_IO, "results cannot be read: %s", sqlite3_errmsg(rk_store_database(store)));
    sqlite3_finalize(query->statement);
    return err;
}

static const char *text_at(const struct query *query, int column)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    return text != NULL ? (const char *)text : "";
}

static json_t *real_at(const struct query *query, int column)
{
    bool none = sqlite3_column_type(query->statement, column) == SQLITE_NULL;
    return none ? json_null() : json_real(sqlite3_column_double(query->statement, column));
}

static json_t *count_at(const struct query *query, int column)
{
    bool none = sqlite3_column_type(query->statement, column) == SQLITE_NULL;
    return none ? json_null() : json_integer(sqlite3_column_int64(query->statement, column));
}

static json_t *word_at(const struct query *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    return text != NULL ? json_string(text) : json_null();
}

/* Trace checksums, in order, into one; null when there are none. */
struct checksum {
    struct rk_sha256 hash;
    size_t count;
};

static void checksum_add(struct checksum *checksum, const char *text)
{
    if (checksum->count++ == 0) {
        rk_sha256_init(&checksum->hash);
    }
    rk_sha256_add(&checksum->hash, text, strlen(text));
}

static json_t *checksum_json(struct checksum *checksum)
{
    if (checksum->count == 0) {
        return json_null();
    }
    uint8_t digest[32];
    char hex[65];
    rk_sha256_finish(&checksum->hash, digest);
    rk_sha256_hex(digest, hex);
    hex[16] = '\0';
    return json_string(hex);
}

/* Each walks one table and puts its rows into the point they belong to; points are numbered 0, 1, ... */

static enum rk_err add_points(struct rk_store *store, json_t *points, struct rk_diag *diag)
{
    struct query query =
        query_new(store, "SELECT point, label, status, exposure_closed_form_s, approval, approval_of, strength_bits,"
                         " messages_max, failed_max FROM point ORDER BY point");
    while (next(&query)) {
        json_t *point = json_object();
        json_object_set_new(point, "point", json_integer(sqlite3_column_int64(query.statement, 0)));
        json_object_set_new(point, "label", json_string(text_at(&query, 1)));
        json_object_set_new(point, "axes", json_object());
        json_object_set_new(point, "status", json_string(text_at(&query, 2)));
        json_object_set_new(point, "metrics", json_object());
        json_object_set_new(point, "exposure_closed_form_s", real_at(&query, 3));
        json_object_set_new(point, "approval", word_at(&query, 4));
        json_object_set_new(point, "approval_of", word_at(&query, 5));
        json_object_set_new(point, "strength_bits", count_at(&query, 6));
        json_object_set_new(point, "messages_max", count_at(&query, 7));
        json_object_set_new(point, "failed_max", count_at(&query, 8));
        json_object_set_new(point, "trace_checksum", json_null());
        json_array_append_new(points, point);
    }
    return finish(store, &query, diag);
}

static enum rk_err add_axes(struct rk_store *store, json_t *points, struct rk_diag *diag)
{
    struct query query = query_new(store, "SELECT point, key, value FROM axis ORDER BY point, key");
    while (next(&query)) {
        json_t *point = json_array_get(points, (size_t)sqlite3_column_int64(query.statement, 0));
        json_object_set_new(json_object_get(point, "axes"), text_at(&query, 1), json_string(text_at(&query, 2)));
    }
    return finish(store, &query, diag);
}

static enum rk_err add_metrics(struct rk_store *store, json_t *points, struct rk_diag *diag)
{
    struct query query = query_new(
        store,
        "SELECT point, metric, unit, n, mean, ci95, bootstrap_low, bootstrap_high FROM summary ORDER BY point, metric");
    while (next(&query)) {
        json_t *point = json_array_get(points, (size_t)sqlite3_column_int64(query.statement, 0));
        json_t *metric = json_object();
        json_object_set_new(metric, "mean", real_at(&query, 4));
        json_object_set_new(metric, "ci95", real_at(&query, 5));
        json_object_set_new(metric, "bootstrap_low", real_at(&query, 6));
        json_object_set_new(metric, "bootstrap_high", real_at(&query, 7));
        json_object_set_new(metric, "unit", json_string(text_at(&query, 2)));
        json_object_set_new(metric, "n", json_integer(sqlite3_column_int64(query.statement, 3)));
        json_object_set_new(json_object_get(point, "metrics"), text_at(&query, 1), metric);
    }
    return finish(store, &query, diag);
}

/* Point, its replications, the metric of `stop`, and whether it is as narrow as asked (rk_stop_judge()). */
static const char replications_sql[] =
    "SELECT t.point, count(*), (SELECT value FROM meta WHERE key = 'stop_metric'),"
    " (SELECT s.n >= 10 AND s.ci95 <= abs(s.mean) * CAST(m.value AS REAL) * 1e-6 FROM summary s, meta m"
    "  WHERE s.point = t.point AND s.metric = (SELECT value FROM meta WHERE key = 'stop_metric')"
    "  AND m.key = 'stop_ci95_ppm') FROM trial t GROUP BY t.point ORDER BY t.point";

/* Replications of each point, and whether the rule of `stop` was met. */
static enum rk_err add_replications(struct rk_store *store, json_t *points, struct rk_diag *diag)
{
    struct query query = query_new(store, replications_sql);
    while (next(&query)) {
        json_t *point = json_array_get(points, (size_t)sqlite3_column_int64(query.statement, 0));
        bool rule = strcmp(text_at(&query, 2), "none") != 0;
        json_object_set_new(point, "replications", json_integer(sqlite3_column_int64(query.statement, 1)));
        json_object_set_new(point, "stop_reached",
                            rule ? json_boolean(sqlite3_column_int(query.statement, 3)) : json_null());
    }
    return finish(store, &query, diag);
}

static enum rk_err add_ranking(struct rk_store *store, json_t *document, struct rk_diag *diag)
{
    json_t *ranking;
    enum rk_err err = rk_ranking_json(store, &ranking, diag);
    json_object_set_new(document, "ranking", ranking);
    return err;
}

static enum rk_err add_checksums(struct rk_store *store, json_t *document, json_t *points, struct rk_diag *diag)
{
    struct query query = query_new(store, "SELECT point, trace_checksum FROM trial ORDER BY point, replication");
    struct checksum whole = {.count = 0}, part = {.count = 0};
    sqlite3_int64 current = -1;
    while (next(&query)) {
        sqlite3_int64 point = sqlite3_column_int64(query.statement, 0);
        if (point != current && part.count > 0) {
            json_object_set_new(json_array_get(points, (size_t)current), "trace_checksum", checksum_json(&part));
            part.count = 0;
        }
        current = point;
        checksum_add(&part, text_at(&query, 1));
        checksum_add(&whole, text_at(&query, 1));
    }
    if (part.count > 0) {
        json_object_set_new(json_array_get(points, (size_t)current), "trace_checksum", checksum_json(&part));
    }
    json_object_set_new(document, "trace_checksum", checksum_json(&whole));
    return finish(store, &query, diag);
}

static enum rk_err add_meta(struct rk_store *store, json_t *document, struct rk_diag *diag)
{
    json_t *scenario = json_object();
    json_object_set_new(document, "scenario", scenario);
    struct query query =
        query_new(store, "SELECT key, value FROM meta WHERE key IN ('execution', 'name', 'overrides', 'question',"
                         " 'replications', 'scenario_sha256', 'seed', 'shard', 'tier', 'title') ORDER BY key");
    while (next(&query)) {
        const char *key = text_at(&query, 0);
        bool of_run = strcmp(key, "execution") == 0 || strcmp(key, "tier") == 0 || strcmp(key, "shard") == 0;
        bool number = strcmp(key, "seed") == 0 || strcmp(key, "replications") == 0;
        json_t *value =
            number ? json_integer(sqlite3_column_int64(query.statement, 1)) : json_string(text_at(&query, 1));
        json_object_set_new(of_run ? document : scenario, key, value);
    }
    return finish(store, &query, diag);
}

/* What results were computed from. The tree's revision is not in it: what it computes with has hashes of its own. */
static enum rk_err add_manifest(struct rk_store *store, json_t *document, struct rk_diag *diag)
{
    json_t *manifest = json_object(), *files = json_array(), *hashes = json_object(), *versions = json_object();
    json_object_set_new(document, "manifest", manifest);
    struct query query = query_new(store, "SELECT item, value, sha256 FROM provenance"
                                          " WHERE item NOT LIKE 'git^_%' ESCAPE '^'"
                                          " UNION ALL SELECT key, value, NULL FROM meta WHERE key = 'generator'"
                                          " ORDER BY item");
    while (next(&query)) {
        static const char prefix[] = "file:";
        const char *item = text_at(&query, 0);
        if (strncmp(item, prefix, strlen(prefix)) == 0) {
            json_t *file = json_object();
            json_object_set_new(file, "path", json_string(item + strlen(prefix)));
            json_object_set_new(file, "what", json_string(text_at(&query, 1)));
            json_object_set_new(file, "sha256", word_at(&query, 2));
            json_array_append_new(files, file);
        } else if (sqlite3_column_type(query.statement, 2) != SQLITE_NULL) {
            json_object_set_new(hashes, item, word_at(&query, 2));
        } else {
            json_object_set_new(versions, item, json_string(text_at(&query, 1)));
        }
    }
    json_object_set_new(manifest, "files", files);
    json_object_set_new(manifest, "sha256", hashes);
    json_object_set_new(manifest, "versions", versions);
    enum rk_err err = finish(store, &query, diag);
    query = query_new(store, "SELECT value FROM meta WHERE key = 'seed'");
    while (next(&query)) {
        json_object_set_new(manifest, "seed", json_integer(sqlite3_column_int64(query.statement, 0)));
    }
    enum rk_err seed = finish(store, &query, diag);
    return err == RK_OK ? seed : err;
}

enum rk_err rk_study_json(struct rk_store *store, FILE *out, struct rk_diag *diag)
{
    json_t *document = json_object(), *points = json_array();
    enum rk_err err = add_meta(store, document, diag);
    if (err == RK_OK) {
        err = add_points(store, points, diag);
    }
    if (err == RK_OK) {
        err = add_axes(store, points, diag);
    }
    if (err == RK_OK) {
        err = add_metrics(store, points, diag);
    }
    if (err == RK_OK) {
        err = add_replications(store, points, diag);
    }
    if (err == RK_OK) {
        err = add_checksums(store, document, points, diag);
    }
    if (err == RK_OK) {
        err = add_ranking(store, document, diag);
    }
    json_object_set_new(document, "points", points);
    if (err == RK_OK) {
        err = add_manifest(store, document, diag);
    }
    if (err == RK_OK &&
        (json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) != 0 || fputc('\n', out) == EOF)) {
        err = rk_fail(diag, RK_ERR_IO, "results cannot be written");
    }
    json_decref(document);
    return err;
}

/* The table */

/* "123.4 +- 0.5", or "-" for a figure that does not exist. */
static void print_figure(FILE *out, const struct query *query, int column, double scale)
{
    char text[40] = "-";
    if (sqlite3_column_type(query->statement, column) != SQLITE_NULL) {
        int used = snprintf(text, sizeof text, "%.4g", sqlite3_column_double(query->statement, column) / scale);
        if (sqlite3_column_type(query->statement, column + 1) != SQLITE_NULL) {
            snprintf(text + used, sizeof text - (size_t)used, " +- %.2g",
                     sqlite3_column_double(query->statement, column + 1) / scale);
        }
    }
    fprintf(out, "  %18s", text);
}

/* One line about points that are not as precise as `stop` asks. */
static enum rk_err print_stops(struct rk_store *store, FILE *out, struct rk_diag *diag)
{
    struct query query = query_new(store, replications_sql);
    unsigned points = 0, wide = 0, trials = 0;
    char metric[64] = "none";
    while (next(&query)) {
        snprintf(metric, sizeof metric, "%s", text_at(&query, 2));
        points++;
        trials += (unsigned)sqlite3_column_int64(query.statement, 1);
        wide += !sqlite3_column_int(query.statement, 3);
    }
    if (strcmp(metric, "none") != 0) {
        fprintf(out, "stop: %u trials of %u points; %u points had all replications and know %s less well than asked\n",
                trials, points, wide, metric);
    }
    return finish(store, &query, diag);
}

enum rk_err rk_study_table(struct rk_store *store, FILE *out, struct rk_diag *diag)
{
    static const char sql[] =
        "SELECT p.label, p.status, life.mean, life.ci95, energy.mean, energy.ci95, latency.mean, latency.ci95,"
        "  exposure.mean, exposure.ci95, p.exposure_closed_form_s, NULL, (SELECT max(length(label)) FROM point)"
        " FROM point p"
        " LEFT JOIN summary life ON life.point = p.point AND life.metric = 'battery_life_d'"
        " LEFT JOIN summary energy ON energy.point = p.point AND energy.metric = 'energy_J_per_d'"
        " LEFT JOIN summary latency ON latency.point = p.point AND latency.metric = 'rekey_latency_p95_s'"
        " LEFT JOIN summary exposure ON exposure.point = p.point AND exposure.metric = 'exposure_s'"
        " ORDER BY p.point";
    enum rk_err err = rk_ranking_answer(store, out, diag);
    if (err != RK_OK) {
        return err;
    }
    struct query query = query_new(store, sql);
    for (bool first = true; next(&query); first = false) {
        int width = sqlite3_column_int(query.statement, 12);
        if (first) {
            fprintf(out, "%-*s  %18s  %18s  %18s  %18s  %18s\n", width, "point", "battery life d", "energy J/d",
                    "rekey p95 s", "exposure d", "closed form d");
        }
        fprintf(out, "%-*s", width, text_at(&query, 0));
        if (strcmp(text_at(&query, 1), "ok") != 0) {
            fprintf(out, "  cannot run: %s\n", text_at(&query, 1));
            continue;
        }
        print_figure(out, &query, 2, 1);
        print_figure(out, &query, 4, 1);
        print_figure(out, &query, 6, 1);
        print_figure(out, &query, 8, 86400);
        print_figure(out, &query, 10, 86400);
        fputc('\n', out);
    }
    err = finish(store, &query, diag);
    return err == RK_OK ? print_stops(store, out, diag) : err;
}
