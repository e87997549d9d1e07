#include "engine/study/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum rk_err rki_store_fail(const struct rk_store *store, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_IO, "%s: %s", store->writing, sqlite3_errmsg(store->db));
}

enum rk_err rki_store_execute(struct rk_store *store, const char *sql, struct rk_diag *diag)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RK_OK : rki_store_fail(store, diag);
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
    static const char sql[] = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT";
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? RK_OK
               : rk_results_fail(store->db, store->writing, diag);
}

static enum rk_err prepare_statements(struct rk_store *store, struct rk_diag *diag)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (sqlite3_prepare_v2(store->db, rki_statement_sql[i], -1, &store->statement[i], NULL) != SQLITE_OK) {
            return rki_store_fail(store, diag);
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
            err = rk_results_check(old->db, old->writing, diag);
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
    enum rk_err err = check_replaceable(store->path, ".partial", diag);
    if (err != RK_OK) {
        return err;
    }
    remove_file(store->writing);
    err = open_file(store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, diag);
    if (err == RK_OK) {
        err = lock(store, diag);
    }
    return err == RK_OK ? rk_results_create(store->db, store->writing, diag) : err;
}

static enum rk_err open_old(struct rk_store *store, struct rk_diag *diag)
{
    enum rk_err err = open_file(store, SQLITE_OPEN_READWRITE, diag);
    if (err == RK_OK) {
        err = lock(store, diag);
    }
    if (err == RK_OK && query_integer(store->db, "SELECT count(*) FROM sqlite_master", -1) == 0) {
        return rk_results_create(store->db, store->writing, diag);
    }
    err = err ? err : rk_results_check(store->db, store->writing, diag);
    return err ? err : rk_results_migrate(store->db, store->writing, diag);
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
    /* What has the final name will be replaced in the end: better refused now. */
    enum rk_err err = strcmp(store->writing, path) == 0 ? RK_OK : check_replaceable(path, "", diag);
    if (err == RK_OK) {
        err = continues ? open_old(store, diag) : open_new(store, diag);
    }
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
    struct rk_store *store = store_new(path, "");
    enum rk_err err = rk_results_open(&store->db, path, diag);
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

void rk_store_discard(struct rk_store *store)
{
    char *writing = strdup(store->writing);
    RK_REQUIRE(writing != NULL);
    rk_store_close(store);
    remove_file(writing);
    free(writing);
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
