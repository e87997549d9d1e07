#include "engine/study/trial_cache.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/core/folder.h"

enum { BUSY_ms = 10000, PATH_bytes = 4096 };

struct rk_trial_cache {
    sqlite3 *db;
    sqlite3_stmt *find, *put;
    char path[PATH_bytes];
    bool failed; /* warned already: of no more use */
};

static const char schema[] = "CREATE TABLE IF NOT EXISTS trial(inputs_sha256 TEXT PRIMARY KEY, result BLOB NOT NULL,"
                             " seal BLOB NOT NULL) WITHOUT ROWID";

static void warn(struct rk_trial_cache *cache, const char *what)
{
    if (!cache->failed) {
        fprintf(stderr, "rekeylab: warning: %s: %s; going on without the cache of trials\n", cache->path, what);
    }
    cache->failed = true;
}

static bool default_directory(char path[PATH_bytes])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/') {
        return snprintf(path, PATH_bytes, "%s/rekeylab/measurements", cache) < PATH_bytes;
    }
    return home != NULL && home[0] == '/' &&
           snprintf(path, PATH_bytes, "%s/.cache/rekeylab/measurements", home) < PATH_bytes;
}

static void close_database(struct rk_trial_cache *cache)
{
    sqlite3_finalize(cache->find);
    sqlite3_finalize(cache->put);
    sqlite3_close(cache->db);
    cache->find = cache->put = NULL;
    cache->db = NULL;
}

/* out: SQLite's result code. */
static int open_database(struct rk_trial_cache *cache)
{
    int result = sqlite3_open_v2(cache->path, &cache->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (result == SQLITE_OK) {
        sqlite3_busy_timeout(cache->db, BUSY_ms);
        result = sqlite3_exec(cache->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", NULL, NULL, NULL);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_exec(cache->db, schema, NULL, NULL, NULL);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_prepare_v2(cache->db, "SELECT result, seal FROM trial WHERE inputs_sha256 = ?", -1,
                                    &cache->find, NULL);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_prepare_v2(cache->db, "INSERT OR REPLACE INTO trial VALUES(?,?,?)", -1, &cache->put, NULL);
    }
    return result & 0xff;
}

static void move_aside(struct rk_trial_cache *cache)
{
    static const char *const suffix[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffix / sizeof suffix[0]; i++) {
        char from[PATH_bytes + 8], to[PATH_bytes + 16];
        snprintf(from, sizeof from, "%s%s", cache->path, suffix[i]);
        snprintf(to, sizeof to, "%s.damaged%s", cache->path, suffix[i]);
        rename(from, to);
    }
    fprintf(stderr, "rekeylab: warning: %s: damaged, moved aside to %s.damaged\n", cache->path, cache->path);
}

struct rk_trial_cache *rk_trial_cache_open(const char *directory)
{
    char path[PATH_bytes];
    bool named =
        directory != NULL ? snprintf(path, sizeof path, "%s", directory) < PATH_bytes : default_directory(path);
    struct rk_trial_cache *cache = calloc(1, sizeof *cache);
    RK_REQUIRE(cache != NULL);
    if (!named || snprintf(cache->path, sizeof cache->path, "%s/trials.db", path) >= PATH_bytes ||
        !rk_folder_make(path)) {
        warn(cache, "cannot make its folder");
        free(cache);
        return NULL;
    }
    int result = open_database(cache);
    if (result == SQLITE_NOTADB || result == SQLITE_CORRUPT) {
        close_database(cache);
        move_aside(cache);
        result = open_database(cache);
    }
    if (result != SQLITE_OK) {
        warn(cache, sqlite3_errmsg(cache->db));
        rk_trial_cache_close(cache);
        return NULL;
    }
    return cache;
}

static void make_seal(const char *sha256, const void *result, size_t bytes, uint8_t seal[32])
{
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, sha256, 64);
    rk_sha256_add(&hash, result, bytes);
    rk_sha256_finish(&hash, seal);
}

bool rk_trial_cache_find(struct rk_trial_cache *cache, const char sha256[65], struct rk_trial_result *result)
{
    if (cache == NULL || cache->failed) {
        return false;
    }
    sqlite3_bind_text(cache->find, 1, sha256, 64, SQLITE_STATIC);
    int step = sqlite3_step(cache->find);
    bool found = false;
    if (step == SQLITE_ROW) {
        const void *blob = sqlite3_column_blob(cache->find, 0), *sealed = sqlite3_column_blob(cache->find, 1);
        size_t bytes = (size_t)sqlite3_column_bytes(cache->find, 0);
        uint8_t seal[32];
        if (blob != NULL && bytes == sizeof *result && sqlite3_column_bytes(cache->find, 1) == (int)sizeof seal) {
            make_seal(sha256, blob, bytes, seal);
            found = memcmp(seal, sealed, sizeof seal) == 0;
            if (found) {
                memcpy(result, blob, bytes);
            }
        }
    } else if (step != SQLITE_DONE) {
        warn(cache, sqlite3_errmsg(cache->db));
    }
    sqlite3_reset(cache->find);
    return found;
}

static void execute(struct rk_trial_cache *cache, const char *sql)
{
    if (cache != NULL && !cache->failed && sqlite3_exec(cache->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        warn(cache, sqlite3_errmsg(cache->db));
    }
}

void rk_trial_cache_begin(struct rk_trial_cache *cache)
{
    execute(cache, "BEGIN IMMEDIATE");
}

void rk_trial_cache_commit(struct rk_trial_cache *cache)
{
    execute(cache, "COMMIT");
}

void rk_trial_cache_put(struct rk_trial_cache *cache, const char sha256[65], const struct rk_trial_result *result)
{
    if (cache == NULL || cache->failed) {
        return;
    }
    uint8_t seal[32];
    make_seal(sha256, result, sizeof *result, seal);
    sqlite3_bind_text(cache->put, 1, sha256, 64, SQLITE_STATIC);
    sqlite3_bind_blob(cache->put, 2, result, sizeof *result, SQLITE_STATIC);
    sqlite3_bind_blob(cache->put, 3, seal, sizeof seal, SQLITE_STATIC);
    if (sqlite3_step(cache->put) != SQLITE_DONE) {
        warn(cache, sqlite3_errmsg(cache->db));
    }
    sqlite3_reset(cache->put);
    sqlite3_clear_bindings(cache->put);
}

void rk_trial_cache_close(struct rk_trial_cache *cache)
{
    if (cache != NULL) {
        close_database(cache);
        free(cache);
    }
}
