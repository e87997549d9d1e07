#include "engine/study/merge.h"

#include <stdio.h>

#include "engine/study/store.h"
#include "engine/study/summary.h"

/* A shard, attached as `part` beside the output. */
struct join {
    struct rk_store *store;
    sqlite3 *db;
    const char *first, *path; /* of the first shard, of this one */
    struct rk_diag *diag;
};

/* What describes a study, and what of it may differ between shards. */
static const struct {
    const char *table, *but;
} descriptions[] = {
    {"meta", "key IN ('shard', 'tier')"},
    {"provenance", "item LIKE 'git^_%' ESCAPE '^'"},
    {"cost", "0"},
    {"device", "0"},
    {"point", "0"},
    {"axis", "0"},
};

enum { DESCRIPTIONS = sizeof descriptions / sizeof descriptions[0] };

static enum rk_err fail(const struct join *join)
{
    return rk_fail(join->diag, RK_ERR_IO, "%s: %s", join->path, sqlite3_errmsg(join->db));
}

static enum rk_err execute(const struct join *join, const char *sql)
{
    return sqlite3_exec(join->db, sql, NULL, NULL, NULL) == SQLITE_OK ? RK_OK : fail(join);
}

/* out: *row, a statement that stands on the first row and is the caller's to finalise; NULL when there is none. */
static enum rk_err first_row(const struct join *join, const char *sql, sqlite3_stmt **row)
{
    int result = sqlite3_prepare_v2(join->db, sql, -1, row, NULL);
    result = result == SQLITE_OK ? sqlite3_step(*row) : result;
    if (result == SQLITE_ROW) {
        return RK_OK;
    }
    sqlite3_finalize(*row);
    *row = NULL;
    return result == SQLITE_DONE ? RK_OK : fail(join);
}

/* out: whether there is a row; its first two columns as text. */
static enum rk_err find(const struct join *join, const char *sql, bool *found, char first[64], char second[64])
{
    sqlite3_stmt *row = NULL;
    enum rk_err err = first_row(join, sql, &row);
    *found = row != NULL;
    if (row != NULL) {
        snprintf(first, 64, "%s", (const char *)sqlite3_column_text(row, 0));
        snprintf(second, 64, "%s", sqlite3_column_count(row) > 1 ? (const char *)sqlite3_column_text(row, 1) : "");
    }
    sqlite3_finalize(row);
    return err;
}

/* Metrics may come and go between versions of the program. */
static enum rk_err check_columns(const struct join *join)
{
    static const char sql[] = "SELECT name FROM (SELECT name FROM pragma_table_info('trial', 'part')"
                              " EXCEPT SELECT name FROM pragma_table_info('trial', 'main'))"
                              " UNION ALL SELECT name FROM (SELECT name FROM pragma_table_info('trial', 'main')"
                              " EXCEPT SELECT name FROM pragma_table_info('trial', 'part')) LIMIT 1";
    bool found;
    char name[64], none[64];
    enum rk_err err = find(join, sql, &found, name, none);
    if (err == RK_OK && found) {
        return rk_fail(join->diag, RK_ERR_INPUT, "%s: written by another version, which differs in the metric %s",
                       join->path, name);
    }
    return err;
}

static enum rk_err take_description(const struct join *join)
{
    enum rk_err err = RK_OK;
    for (int i = 0; i < DESCRIPTIONS && err == RK_OK; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT * FROM part.%s", descriptions[i].table,
                 descriptions[i].table);
        err = execute(join, sql);
    }
    return err == RK_OK ? execute(join, "DELETE FROM main.meta WHERE key = 'shard'") : err;
}

static enum rk_err check_description(const struct join *join)
{
    static const char format[] =
        "SELECT * FROM (SELECT * FROM %s.%s EXCEPT SELECT * FROM %s.%s) WHERE NOT (%s) LIMIT 1";
    for (int i = 0; i < DESCRIPTIONS * 2; i++) {
        const char *table = descriptions[i / 2].table;
        const char *from = i % 2 == 0 ? "part" : "main", *other = i % 2 == 0 ? "main" : "part";
        char sql[256], row[64], second[64];
        bool found;
        snprintf(sql, sizeof sql, format, from, table, other, table, descriptions[i / 2].but);
        enum rk_err err = find(join, sql, &found, row, second);
        if (err == RK_OK && found) {
            err = rk_fail(join->diag, RK_ERR_INPUT, "%s: differs from %s in %s '%s', expected shards of one study",
                          join->path, join->first, table, row);
        }
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

static enum rk_err take_trials(const struct join *join)
{
    static const char conflict[] = "SELECT point, replication FROM (SELECT * FROM part.trial EXCEPT"
                                   " SELECT * FROM main.trial) WHERE (point, replication) IN"
                                   " (SELECT point, replication FROM main.trial) LIMIT 1";
    bool found;
    char point[64], replication[64];
    enum rk_err err = find(join, conflict, &found, point, replication);
    if (err == RK_OK && found) {
        err = rk_fail(join->diag, RK_ERR_INPUT,
                      "%s: point %s, replication %s: another result than in a file before it, expected the same",
                      join->path, point, replication);
    }
    return err == RK_OK ? execute(join, "INSERT OR IGNORE INTO main.trial SELECT * FROM part.trial") : err;
}

static enum rk_err join_attached(const struct join *join)
{
    enum rk_err err = rk_store_begin(join->store, join->diag);
    if (err == RK_OK) {
        err = check_columns(join);
    }
    if (err == RK_OK) {
        err = join->path == join->first ? take_description(join) : check_description(join);
    }
    if (err == RK_OK) {
        err = take_trials(join);
    }
    return err == RK_OK ? rk_store_commit(join->store, join->diag) : err;
}

/* All pages of a shard that was opened, as the database `part`, on disk where they are many. */
static enum rk_err attach(const struct join *join, struct rk_store *shard)
{
    enum rk_err err = execute(join, "ATTACH '' AS part");
    if (err == RK_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(join->db, "part", rk_store_database(shard), "main");
        if (backup != NULL) {
            sqlite3_backup_step(backup, -1);
        }
        err = backup != NULL && sqlite3_backup_finish(backup) == SQLITE_OK ? RK_OK : fail(join);
    }
    return err;
}

/* A shard is opened as any results are before it is joined: what is wrong with it is then said in its own name, and one
 * of an older version is one of today. */
static enum rk_err join_shard(const struct join *join)
{
    struct rk_store *shard;
    enum rk_err err = rk_store_open(&shard, join->path, join->diag);
    if (err != RK_OK) {
        return err;
    }
    err = attach(join, shard);
    rk_store_close(shard);
    if (err == RK_OK) {
        err = join_attached(join);
    }
    return err == RK_OK ? execute(join, "DETACH part") : err;
}

static enum rk_err count(const struct join *join, struct rk_merge_counts *counts)
{
    static const char sql[] = "SELECT (SELECT count(*) FROM trial), (SELECT coalesce(sum(max(0, p.replications -"
                              " (SELECT count(*) FROM trial t WHERE t.point = p.point))), 0)"
                              " FROM point p WHERE status = 'ok')";
    sqlite3_stmt *row = NULL;
    enum rk_err err = first_row(join, sql, &row);
    if (row != NULL) {
        counts->trials = (unsigned)sqlite3_column_int64(row, 0);
        counts->missing = (unsigned)sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    return err;
}

enum rk_err rk_merge(const char *output, const char *const *shard, size_t shards, struct rk_merge_counts *counts,
                     struct rk_diag *diag)
{
    struct join join = {.first = shard[0], .path = output, .diag = diag};
    enum rk_err err = rk_store_create(&join.store, output, false, diag);
    if (err != RK_OK) {
        return err;
    }
    join.db = rk_store_database(join.store);
    for (size_t i = 0; i < shards && err == RK_OK; i++) {
        join.path = shard[i];
        err = join_shard(&join);
    }
    join.path = output;
    if (err == RK_OK) {
        err = count(&join, counts);
    }
    if (err == RK_OK) {
        err = rk_summary_put(join.store, diag);
    }
    if (err != RK_OK) {
        rk_store_discard(join.store);
        return err;
    }
    return rk_store_finish(join.store, diag);
}
