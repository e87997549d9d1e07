#include "engine/study/store.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum statement {
    PUT_META,
    PUT_PROVENANCE,
    PUT_COST,
    PUT_DEVICE,
    PUT_POINT,
    PUT_AXIS,
    PUT_TRIAL,
    PUT_SUMMARY,
    STATEMENT_COUNT,
};

struct rk_store {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENT_COUNT];
    char *path;    /* the finished file */
    char *writing; /* the file that is open */
};

#define METRIC_COLUMN(name, unit, help) "," #name
#define METRIC_MARK(name, unit, help)   ",?"

static const char *const statement_sql[STATEMENT_COUNT] = {
    [PUT_META] = "INSERT INTO meta(key, value) VALUES(?,?)",
    [PUT_PROVENANCE] = "INSERT INTO provenance(item, value, sha256) VALUES(?,?,?)",
    [PUT_COST] =
        "INSERT INTO cost(device, backend, version, compiler, flags, op, size_bytes, status, cycles_min, cycles_median,"
        " cycles_max, cycles_low, cycles_high, instructions, stack_bytes, heap_bytes, ram_static_bytes, flash_bytes,"
        " nvm_write_bytes, nvm_time_s, time_s, energy_J, energy_low_J, energy_high_J, secret_dependent, known_answer,"
        " firmware_sha256) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_DEVICE] =
        "INSERT INTO device(name, title, class_seed, class_rfc7228, core, emulator, ram_bytes, flash_bytes, nvm_bytes,"
        " clock_Hz, radio, battery) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_POINT] =
        "INSERT INTO point(point, label, device, backend, version, mechanism, association, renew, interval_s, battery,"
        " status, exposure_closed_form_s) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_AXIS] = "INSERT INTO axis(point, key, value) VALUES(?,?,?)",
    [PUT_TRIAL] = "INSERT OR REPLACE INTO trial(point, replication, inputs_sha256, trace_checksum, trace_records, "
                  "events" RK_METRICS(METRIC_COLUMN) ") VALUES(?,?,?,?,?,?" RK_METRICS(METRIC_MARK) ")",
    [PUT_SUMMARY] = "INSERT INTO summary(point, metric, unit, n, mean, ci95, min, max) VALUES(?,?,?,?,?,?,?,?)",
};

/* A statement being filled: each bind_ takes the next column. */
struct row {
    struct rk_store *store;
    sqlite3_stmt *statement;
    int column;
};

static enum rk_err fail_sql(const struct rk_store *store, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_IO, "%s: %s", store->writing, sqlite3_errmsg(store->db));
}

static enum rk_err execute(struct rk_store *store, const char *sql, struct rk_diag *diag)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RK_OK : fail_sql(store, diag);
}

/* out: the first column of the first row as an integer, or `otherwise` when there is no row or an error. */
static int64_t query_integer(sqlite3 *db, const char *sql, int64_t otherwise)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = otherwise;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

/* Opening */

static struct rk_store *store_new(const char *path, const char *suffix)
{
    struct rk_store *store = calloc(1, sizeof *store);
    RK_REQUIRE(store != NULL);
    RK_REQUIRE(asprintf(&store->path, "%s", path) >= 0);
    RK_REQUIRE(asprintf(&store->writing, "%s%s", path, suffix) >= 0);
    return store;
}

static enum rk_err open_file(struct rk_store *store, int flags, struct rk_diag *diag)
{
    if (sqlite3_open_v2(store->writing, &store->db, flags, NULL) != SQLITE_OK) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s", store->writing, sqlite3_errmsg(store->db));
    }
    return RK_OK;
}

/* One writer at a time: the lock is held until the file is closed. */
static enum rk_err lock(struct rk_store *store, struct rk_diag *diag)
{
    int result = sqlite3_exec(store->db, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", NULL, NULL, NULL);
    if (result == SQLITE_BUSY) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%s: another run is writing it, expected a folder of its own for each run (-o DIR)",
                       store->writing);
    }
    if (result == SQLITE_NOTADB) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a database, expected results of Rekeylab", store->writing);
    }
    return result == SQLITE_OK ? RK_OK : fail_sql(store, diag);
}

/* The file is whole and ours, and of a version that we know. */
static enum rk_err check_file(struct rk_store *store, struct rk_diag *diag)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(store->db, "PRAGMA application_id", -1, &statement, NULL);
    int64_t application =
        result == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    if (sqlite3_errcode(store->db) == SQLITE_NOTADB) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a database, expected results of Rekeylab", store->writing);
    }
    if (application != RK_STORE_APPLICATION_ID && application != -1) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: a database of another program, expected results of Rekeylab",
                       store->writing);
    }
    int64_t version = query_integer(store->db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema_version'",
                                    query_integer(store->db, "PRAGMA user_version", 0));
    if (application == RK_STORE_APPLICATION_ID && version > RK_STORE_SCHEMA_VERSION) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: schema version %" PRId64 ", expected %d: written by a newer Rekeylab",
                       store->writing, version, RK_STORE_SCHEMA_VERSION);
    }
    bool whole = false;
    if (sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        whole = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    }
    sqlite3_finalize(statement);
    if (!whole || application == -1 || version != RK_STORE_SCHEMA_VERSION) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: damaged, expected results of Rekeylab; delete it to start anew",
                       store->writing);
    }
    return RK_OK;
}

static enum rk_err create_tables(struct rk_store *store, struct rk_diag *diag)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "BEGIN; PRAGMA application_id=%d; PRAGMA user_version=%d",
             RK_STORE_APPLICATION_ID, RK_STORE_SCHEMA_VERSION);
    enum rk_err err = execute(store, pragmas, diag);
    if (err == RK_OK) {
        err = execute(store, rk_store_schema, diag);
    }
    for (int i = 0; i < RK_METRIC_COUNT && err == RK_OK; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "ALTER TABLE trial ADD COLUMN %s REAL", rk_metric_info[i].name);
        err = execute(store, sql, diag);
    }
    return err == RK_OK ? execute(store, "COMMIT", diag) : err;
}

static enum rk_err prepare_statements(struct rk_store *store, struct rk_diag *diag)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (sqlite3_prepare_v2(store->db, statement_sql[i], -1, &store->statement[i], NULL) != SQLITE_OK) {
            return fail_sql(store, diag);
        }
    }
    return RK_OK;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A file in our way may be replaced only if it is ours: opened, checked, and closed again. */
static enum rk_err check_replaceable(const char *path, const char *suffix, struct rk_diag *diag)
{
    struct rk_store *old = store_new(path, suffix);
    enum rk_err err = RK_OK;
    if (exists(old->writing)) {
        err = open_file(old, SQLITE_OPEN_READWRITE, diag);
        if (err == RK_OK) {
            err = lock(old, diag);
        }
        /* An empty file is what a run killed in its first instant leaves. */
        bool empty = err == RK_OK && query_integer(old->db, "SELECT count(*) FROM sqlite_master", -1) == 0;
        if (err == RK_OK && !empty) {
            err = check_file(old, diag);
        }
    }
    rk_store_close(old);
    return err;
}

static void remove_file(const char *path)
{
    char journal[4096];
    snprintf(journal, sizeof journal, "%s-journal", path);
    unlink(path);
    unlink(journal);
}

static enum rk_err open_new(struct rk_store *store, struct rk_diag *diag)
{
    enum rk_err err = check_replaceable(store->path, "", diag);
    if (err == RK_OK) {
        err = check_replaceable(store->path, ".partial", diag);
    }
    if (err != RK_OK) {
        return err;
    }
    remove_file(store->writing);
    err = open_file(store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, diag);
    if (err == RK_OK) {
        err = lock(store, diag);
    }
    return err == RK_OK ? create_tables(store, diag) : err;
}

static enum rk_err open_old(struct rk_store *store, struct rk_diag *diag)
{
    enum rk_err err = open_file(store, SQLITE_OPEN_READWRITE, diag);
    if (err == RK_OK) {
        err = lock(store, diag);
    }
    if (err == RK_OK && query_integer(store->db, "SELECT count(*) FROM sqlite_master", -1) == 0) {
        return create_tables(store, diag);
    }
    return err == RK_OK ? check_file(store, diag) : err;
}

enum rk_err rk_store_create(struct rk_store **out, const char *path, bool resume, struct rk_diag *diag)
{
    struct rk_store *store = store_new(path, ".partial");
    bool continues = resume && exists(store->writing);
    if (resume && !continues && exists(path)) {
        free(store->writing);
        store->writing = strdup(path);
        RK_REQUIRE(store->writing != NULL);
        continues = true;
    }
    enum rk_err err = continues ? open_old(store, diag) : open_new(store, diag);
    if (err == RK_OK) {
        err = prepare_statements(store, diag);
    }
    if (err != RK_OK) {
        rk_store_close(store);
        return err;
    }
    *out = store;
    return RK_OK;
}

enum rk_err rk_store_open(struct rk_store **out, const char *path, struct rk_diag *diag)
{
    if (!exists(path)) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no such file, expected results of Rekeylab", path);
    }
    struct rk_store *store = store_new(path, "");
    enum rk_err err = open_file(store, SQLITE_OPEN_READONLY, diag);
    if (err == RK_OK) {
        err = check_file(store, diag);
    }
    if (err != RK_OK) {
        rk_store_close(store);
        return err;
    }
    *out = store;
    return RK_OK;
}

sqlite3 *rk_store_database(struct rk_store *store)
{
    return store->db;
}

void rk_store_close(struct rk_store *store)
{
    if (store == NULL) {
        return;
    }
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statement[i]);
    }
    sqlite3_close(store->db);
    free(store->path);
    free(store->writing);
    free(store);
}

enum rk_err rk_store_finish(struct rk_store *store, struct rk_diag *diag)
{
    char *path = strdup(store->path), *writing = strdup(store->writing);
    RK_REQUIRE(path != NULL && writing != NULL);
    rk_store_close(store);
    enum rk_err err = RK_OK;
    if (strcmp(path, writing) != 0 && rename(writing, path) != 0) {
        err = rk_fail(diag, RK_ERR_IO, "%s: cannot be renamed to %s: %s", writing, path, strerror(errno));
    }
    free(path);
    free(writing);
    return err;
}

/* Writing */

enum rk_err rk_store_begin(struct rk_store *store, struct rk_diag *diag)
{
    return execute(store, "BEGIN", diag);
}

enum rk_err rk_store_commit(struct rk_store *store, struct rk_diag *diag)
{
    return execute(store, "COMMIT", diag);
}

enum rk_err rk_store_clear_description(struct rk_store *store, struct rk_diag *diag)
{
    return execute(store,
                   "DELETE FROM meta; DELETE FROM provenance; DELETE FROM cost; DELETE FROM device; DELETE FROM point;"
                   "DELETE FROM axis; DELETE FROM summary",
                   diag);
}

static struct row row_of(struct rk_store *store, enum statement statement)
{
    return (struct row){.store = store, .statement = store->statement[statement]};
}

static void bind_text(struct row *row, const char *text)
{
    sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_TRANSIENT);
}

static void bind_count(struct row *row, uint64_t value)
{
    row->column++;
    if (value == RK_NONE) {
        sqlite3_bind_null(row->statement, row->column);
    } else {
        sqlite3_bind_int64(row->statement, row->column, (sqlite3_int64)value);
    }
}

static void bind_scaled(struct row *row, uint64_t value, double units)
{
    row->column++;
    if (value == RK_NONE) {
        sqlite3_bind_null(row->statement, row->column);
    } else {
        sqlite3_bind_double(row->statement, row->column, (double)value / units);
    }
}

static void bind_real(struct row *row, double value)
{
    sqlite3_bind_double(row->statement, ++row->column, value); /* SQLite stores a NaN as NULL */
}

static enum rk_err put(struct row *row, struct rk_diag *diag)
{
    int result = sqlite3_step(row->statement);
    sqlite3_reset(row->statement);
    sqlite3_clear_bindings(row->statement);
    return result == SQLITE_DONE ? RK_OK : fail_sql(row->store, diag);
}

enum rk_err rk_store_put_meta(struct rk_store *store, const char *key, const char *value, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_META);
    bind_text(&row, key);
    bind_text(&row, value);
    return put(&row, diag);
}

enum rk_err rk_store_put_provenance(struct rk_store *store, const char *item, const char *value, const char *sha256,
                                    struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_PROVENANCE);
    bind_text(&row, item);
    bind_text(&row, value);
    bind_text(&row, sha256);
    return put(&row, diag);
}

enum rk_err rk_store_put_cost(struct rk_store *store, const struct rk_cost_row *cost, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_COST);
    bind_text(&row, cost->device);
    bind_text(&row, cost->backend);
    bind_text(&row, cost->version);
    bind_text(&row, cost->compiler);
    bind_text(&row, cost->flags);
    bind_text(&row, cost->op);
    bind_count(&row, cost->size_bytes);
    bind_text(&row, cost->status);
    bind_count(&row, cost->cycles_min);
    bind_count(&row, cost->cycles_median);
    bind_count(&row, cost->cycles_max);
    bind_count(&row, cost->cycles_low);
    bind_count(&row, cost->cycles_high);
    bind_count(&row, cost->instructions);
    bind_count(&row, cost->stack_bytes);
    bind_count(&row, cost->heap_bytes);
    bind_count(&row, cost->ram_static_bytes);
    bind_count(&row, cost->flash_bytes);
    bind_count(&row, cost->nvm_write_bytes);
    bind_scaled(&row, cost->nvm_time_ns, 1e9);
    bind_scaled(&row, cost->time_ns, 1e9);
    bind_scaled(&row, cost->energy_pJ, 1e12);
    bind_scaled(&row, cost->energy_low_pJ, 1e12);
    bind_scaled(&row, cost->energy_high_pJ, 1e12);
    bind_count(&row, cost->secret_dependent < 0 ? RK_NONE : (uint64_t)cost->secret_dependent);
    bind_count(&row, cost->known_answer);
    bind_text(&row, cost->firmware_sha256);
    return put(&row, diag);
}

enum rk_err rk_store_put_device(struct rk_store *store, const struct rk_device_profile *device, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_DEVICE);
    bind_text(&row, device->name);
    bind_text(&row, device->title);
    bind_text(&row, device->class_seed);
    bind_text(&row, device->class_rfc7228);
    bind_text(&row, device->core);
    bind_text(&row, device->emulator);
    bind_count(&row, device->ram_bytes);
    bind_count(&row, device->flash_bytes);
    bind_count(&row, device->nvm_bytes);
    bind_count(&row, device->clock_Hz);
    bind_text(&row, device->radio);
    bind_text(&row, device->battery);
    return put(&row, diag);
}

enum rk_err rk_store_put_point(struct rk_store *store, const struct rk_store_point *point, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_POINT);
    bind_count(&row, point->point);
    bind_text(&row, point->label);
    bind_text(&row, point->device);
    bind_text(&row, point->backend);
    bind_text(&row, point->version);
    bind_text(&row, point->mechanism);
    bind_text(&row, point->association);
    bind_text(&row, point->renew);
    bind_real(&row, point->interval_s);
    bind_text(&row, point->battery);
    bind_text(&row, point->status);
    bind_real(&row, point->exposure_closed_form_s);
    return put(&row, diag);
}

enum rk_err rk_store_put_axis(struct rk_store *store, unsigned point, const char *key, const char *value,
                              struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_AXIS);
    bind_count(&row, point);
    bind_text(&row, key);
    bind_text(&row, value);
    return put(&row, diag);
}

enum rk_err rk_store_put_trial(struct rk_store *store, const struct rk_store_trial *trial, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_TRIAL);
    char checksum[20];
    snprintf(checksum, sizeof checksum, "%016" PRIx64, trial->result.trace_checksum);
    bind_count(&row, trial->point);
    bind_count(&row, trial->replication);
    bind_text(&row, trial->inputs_sha256);
    bind_text(&row, checksum);
    bind_count(&row, trial->result.trace_records);
    bind_count(&row, trial->result.events);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        bind_real(&row, trial->result.metric[i]);
    }
    return put(&row, diag);
}

enum rk_err rk_store_put_summary(struct rk_store *store, const struct rk_store_summary *summary, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_SUMMARY);
    bind_count(&row, summary->point);
    bind_text(&row, summary->metric);
    bind_text(&row, summary->unit);
    bind_count(&row, summary->n);
    bind_real(&row, summary->mean);
    bind_real(&row, summary->ci95);
    bind_real(&row, summary->min);
    bind_real(&row, summary->max);
    return put(&row, diag);
}

/* Reading trials back */

static double column_real(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, column);
}

static void read_trial(sqlite3_stmt *statement, struct rk_store_trial *trial)
{
    *trial = (struct rk_store_trial){.point = (unsigned)sqlite3_column_int64(statement, 0),
                                     .replication = (unsigned)sqlite3_column_int64(statement, 1)};
    snprintf(trial->inputs_sha256, sizeof trial->inputs_sha256, "%s", (const char *)sqlite3_column_text(statement, 2));
    trial->result.trace_checksum = strtoull((const char *)sqlite3_column_text(statement, 3), NULL, 16);
    trial->result.trace_records = (uint64_t)sqlite3_column_int64(statement, 4);
    trial->result.events = (uint64_t)sqlite3_column_int64(statement, 5);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        trial->result.metric[i] = column_real(statement, 6 + i);
    }
}

/* Deleting rows while a SELECT walks the same table is undefined in SQLite: those to go are marked first. */
enum rk_err rk_store_sift_trials(struct rk_store *store,
                                 bool (*keep)(void *context, const struct rk_store_trial *trial), void *context,
                                 struct rk_diag *diag)
{
    static const char select_sql[] =
        "SELECT point, replication, inputs_sha256, trace_checksum, trace_records, events" RK_METRICS(
            METRIC_COLUMN) " FROM trial ORDER BY point, replication";
    sqlite3_stmt *select = NULL, *mark = NULL;
    enum rk_err err = execute(store, "CREATE TEMP TABLE stale(point INTEGER, replication INTEGER)", diag);
    if (err == RK_OK &&
        (sqlite3_prepare_v2(store->db, select_sql, -1, &select, NULL) != SQLITE_OK ||
         sqlite3_prepare_v2(store->db, "INSERT INTO stale VALUES(?,?)", -1, &mark, NULL) != SQLITE_OK)) {
        err = fail_sql(store, diag);
    }
    int result = SQLITE_DONE;
    while (err == RK_OK && (result = sqlite3_step(select)) == SQLITE_ROW) {
        struct rk_store_trial trial;
        read_trial(select, &trial);
        if (!keep(context, &trial)) {
            struct row row = {.store = store, .statement = mark};
            bind_count(&row, trial.point);
            bind_count(&row, trial.replication);
            err = put(&row, diag);
        }
    }
    if (err == RK_OK && result != SQLITE_DONE) {
        err = fail_sql(store, diag);
    }
    sqlite3_finalize(select);
    sqlite3_finalize(mark);
    if (err == RK_OK) {
        err = execute(store,
                      "DELETE FROM trial WHERE (point, replication) IN (SELECT point, replication FROM stale);"
                      "DROP TABLE stale",
                      diag);
    }
    return err;
}
