#include "engine/study/results/results.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

static const char damaged[] = "damaged, expected results of Rekeylab; delete it to start anew";

static enum rk_err refuse(const char *path, const char *what, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_INPUT, "%s: %s", path, what);
}

enum rk_err rk_results_fail(sqlite3 *db, const char *path, struct rk_diag *diag)
{
    switch (sqlite3_errcode(db)) {
    case SQLITE_BUSY:
        return refuse(path, "another run is writing it, expected a folder of its own for each run (-o DIR)", diag);
    case SQLITE_NOTADB:
        return refuse(path, "not a database, expected results of Rekeylab", diag);
    case SQLITE_CORRUPT:
        return refuse(path, damaged, diag);
    case SQLITE_CANTOPEN:
        return refuse(path, "cannot be opened, expected results of Rekeylab", diag);
    default:
        return rk_fail(diag, RK_ERR_IO, "%s: %s", path, sqlite3_errmsg(db));
    }
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

/* out: whether the pages and rows of the file hang together. */
static bool is_whole(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    bool whole = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    sqlite3_finalize(statement);
    return whole;
}

enum rk_err rk_results_check(sqlite3 *db, const char *path, struct rk_diag *diag)
{
    if (sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL) != SQLITE_OK) {
        return rk_results_fail(db, path, diag);
    }
    if (query_integer(db, "PRAGMA application_id", 0) != RK_RESULTS_APPLICATION_ID) {
        return refuse(path, "a database of another program, expected results of Rekeylab", diag);
    }
    int64_t version = query_integer(db, "PRAGMA user_version", 0);
    if (version > RK_RESULTS_VERSION) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%s: schema version %" PRId64 ", expected at most %d: written by a newer Rekeylab", path,
                       version, RK_RESULTS_VERSION);
    }
    return version > 0 && is_whole(db) ? RK_OK : refuse(path, damaged, diag);
}

/* Copies all pages of `file` to an empty database in memory. out: *copy, NULL unless it is RK_OK. */
static enum rk_err copy_to_memory(sqlite3 *file, sqlite3 **copy, const char *path, struct rk_diag *diag)
{
    if (sqlite3_open(":memory:", copy) == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(*copy, "main", file, "main");
        if (backup != NULL) {
            sqlite3_backup_step(backup, -1);
            sqlite3_backup_finish(backup);
        }
    }
    if (sqlite3_errcode(*copy) == SQLITE_OK) {
        return RK_OK;
    }
    enum rk_err err = rk_fail(diag, RK_ERR_IO, "%s: %s", path, sqlite3_errmsg(*copy));
    sqlite3_close(*copy);
    *copy = NULL;
    return err;
}

/* Gives a migrated copy instead of the file. */
static enum rk_err read_as_today(sqlite3 **db, const char *path, struct rk_diag *diag)
{
    sqlite3 *copy;
    enum rk_err err = copy_to_memory(*db, &copy, path, diag);
    if (err == RK_OK) {
        err = rk_results_migrate(copy, path, diag);
        sqlite3_close(err == RK_OK ? *db : copy);
        *db = err == RK_OK ? copy : *db;
    }
    return err;
}

enum rk_err rk_results_open(sqlite3 **db, const char *path, struct rk_diag *diag)
{
    *db = NULL;
    struct stat status;
    const bool is_there = stat(path, &status) == 0;
    if (is_there && S_ISDIR(status.st_mode)) {
        return refuse(path, "a folder, expected the results.db in it", diag);
    }
    if (!is_there || !S_ISREG(status.st_mode)) {
        return refuse(path, "no such file, expected results of Rekeylab", diag);
    }
    enum rk_err err = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                          ? rk_results_check(*db, path, diag)
                          : rk_results_fail(*db, path, diag);
    if (err == RK_OK && !rk_results_is_current(*db)) {
        err = read_as_today(db, path, diag);
    }
    if (err != RK_OK) {
        sqlite3_close(*db);
        *db = NULL;
    }
    return err;
}
