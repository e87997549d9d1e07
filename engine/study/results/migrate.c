/* Today's tables for rows of any version. Nothing is known here of what the versions before were but that they had the
 * same names for the same things: each table is made anew as schema.sql has it, and filled from the columns of the old one
 * that it still has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/trial.h"
#include "engine/study/results/results.h"

#define METRIC_COLUMN(name, unit, help) "ALTER TABLE trial ADD COLUMN " #name " REAL;"
static const char metric_columns[] = RK_METRICS(METRIC_COLUMN);
#undef METRIC_COLUMN

const char *rk_results_metric_help(const char *metric)
{
#define METRIC_HELP(name, unit, help) {#name, help},
    static const struct {
        const char *name, *help;
    } metrics[] = {RK_METRICS(METRIC_HELP)};
#undef METRIC_HELP
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        if (strcmp(metrics[i].name, metric) == 0) {
            return metrics[i].help;
        }
    }
    return NULL;
}

struct migration {
    sqlite3 *db;
    const char *path;
    struct rk_diag *diag;
};

static enum rk_err failed(const struct migration *migration)
{
    return rk_fail(migration->diag, RK_ERR_IO, "%s: %s", migration->path, sqlite3_errmsg(migration->db));
}

static enum rk_err execute(const struct migration *migration, const char *sql)
{
    return sqlite3_exec(migration->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RK_OK : failed(migration);
}

static enum rk_err create_tables(const struct migration *migration)
{
    char version[128];
    snprintf(version, sizeof version, "PRAGMA application_id=%d; PRAGMA user_version=%d", RK_RESULTS_APPLICATION_ID,
             RK_RESULTS_VERSION);
    enum rk_err err = execute(migration, version);
    err = err ? err : execute(migration, rk_results_schema);
    return err ? err : execute(migration, metric_columns);
}

/* Ends the transaction: with what was done, or, after an error, without. */
static enum rk_err end(const struct migration *migration, enum rk_err err)
{
    err = err ? err : execute(migration, "COMMIT");
    if (err != RK_OK) {
        sqlite3_exec(migration->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return err;
}

enum rk_err rk_results_create(sqlite3 *db, const char *path, struct rk_diag *diag)
{
    const struct migration creation = {.db = db, .path = path, .diag = diag};
    enum rk_err err = execute(&creation, "BEGIN");
    return err ? err : end(&creation, create_tables(&creation));
}

/* --- is there anything to do --- */

/* out: an empty database of today, in memory; the caller closes it. */
static sqlite3 *open_today(void)
{
    sqlite3 *today;
    struct rk_diag diag = {""};
    RK_REQUIRE(sqlite3_open(":memory:", &today) == SQLITE_OK);
    RK_REQUIRE(rk_results_create(today, ":memory:", &diag) == RK_OK);
    return today;
}

bool rk_results_is_current(sqlite3 *db)
{
    sqlite3 *today = open_today();
    sqlite3_stmt *expected = NULL, *found = NULL;
    RK_REQUIRE(sqlite3_prepare_v2(today,
                                  "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE"
                                  " t.type = 'table'",
                                  -1, &expected, NULL) == SQLITE_OK);
    bool current = sqlite3_prepare_v2(db,
                                      "SELECT 1 FROM pragma_user_version, pragma_table_info(?1) WHERE name = ?2"
                                      " AND user_version = ?3",
                                      -1, &found, NULL) == SQLITE_OK;
    while (current && sqlite3_step(expected) == SQLITE_ROW) {
        for (int i = 0; i < 2; i++) {
            sqlite3_bind_text(found, i + 1, (const char *)sqlite3_column_text(expected, i), -1, SQLITE_TRANSIENT);
        }
        sqlite3_bind_int(found, 3, RK_RESULTS_VERSION);
        current = sqlite3_step(found) == SQLITE_ROW;
        sqlite3_reset(found);
    }
    sqlite3_finalize(expected);
    sqlite3_finalize(found);
    sqlite3_close(today);
    return current;
}

/* --- the steps, each a query whose one value is the SQL to execute; NULL: nothing to do --- */

/* `today`: the names of today's tables. What else is in the file, a reader's own tables and views, stays. */
static const char put_aside[] = "SELECT group_concat(printf('ALTER TABLE \"%w\" RENAME TO \"before_%w\"', name, name),"
                                " ';') FROM sqlite_master WHERE type = 'table' AND name IN today";
/* Metrics that only a newer program knows. */
static const char add_metrics[] = "SELECT group_concat(printf('ALTER TABLE trial ADD COLUMN \"%w\" REAL', name), ';')"
                                  " FROM pragma_table_info('before_trial') WHERE name NOT IN"
                                  " (SELECT name FROM pragma_table_info('trial'))";
static const char fill[] =
    "SELECT group_concat(printf('INSERT INTO \"%w\"(%s) SELECT %s FROM \"before_%w\"; DROP TABLE \"before_%w\"',"
    " name, columns, columns, name, name), ';')"
    " FROM (SELECT t.name, (SELECT group_concat(printf('\"%w\"', c.name)) FROM pragma_table_info(t.name) c"
    " WHERE c.name IN (SELECT name FROM pragma_table_info('before_' || t.name))) AS columns FROM today t)"
    " WHERE columns IS NOT NULL";
/* What a version before did not say, and can be said for it: of 4, the replications that a point begins with. */
static const char fix[] =
    "UPDATE point SET replications = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'replications')"
    " WHERE replications IS NULL;"
    "UPDATE meta SET value = (SELECT user_version FROM pragma_user_version) WHERE key = 'schema_version'";

static enum rk_err execute_made(const struct migration *migration, const char *query)
{
    sqlite3_stmt *made = NULL;
    if (sqlite3_prepare_v2(migration->db, query, -1, &made, NULL) != SQLITE_OK || sqlite3_step(made) != SQLITE_ROW) {
        enum rk_err err = failed(migration);
        sqlite3_finalize(made);
        return err;
    }
    const char *text = (const char *)sqlite3_column_text(made, 0);
    char *sql = text != NULL ? strdup(text) : NULL;
    sqlite3_finalize(made);
    enum rk_err err = sql != NULL ? execute(migration, sql) : RK_OK;
    free(sql);
    return err;
}

/* Makes the temporary table `today`. */
static enum rk_err name_tables(const struct migration *migration)
{
    sqlite3 *today = open_today();
    sqlite3_stmt *name = NULL;
    RK_REQUIRE(sqlite3_prepare_v2(today, "SELECT printf('INSERT INTO today VALUES(%Q)', name) FROM sqlite_master", -1,
                                  &name, NULL) == SQLITE_OK);
    enum rk_err err = execute(migration, "CREATE TEMP TABLE today(name TEXT PRIMARY KEY) WITHOUT ROWID");
    while (err == RK_OK && sqlite3_step(name) == SQLITE_ROW) {
        err = execute(migration, (const char *)sqlite3_column_text(name, 0));
    }
    sqlite3_finalize(name);
    sqlite3_close(today);
    return err;
}

static enum rk_err make_anew(const struct migration *migration)
{
    enum rk_err err = name_tables(migration);
    err = err ? err : execute_made(migration, put_aside);
    err = err ? err : create_tables(migration);
    err = err ? err : execute_made(migration, add_metrics);
    err = err ? err : execute_made(migration, fill);
    err = err ? err : execute(migration, fix);
    return err ? err : execute(migration, "DROP TABLE today");
}

enum rk_err rk_results_migrate(sqlite3 *db, const char *path, struct rk_diag *diag)
{
    const struct migration migration = {.db = db, .path = path, .diag = diag};
    if (rk_results_is_current(db)) {
        return RK_OK;
    }
    /* Views that somebody made name the tables as before, and are not to follow those that are put aside. */
    enum rk_err err = execute(&migration, "PRAGMA legacy_alter_table=ON; BEGIN");
    err = err ? err : end(&migration, make_anew(&migration));
    sqlite3_exec(db, "PRAGMA legacy_alter_table=OFF", NULL, NULL, NULL);
    return err;
}
