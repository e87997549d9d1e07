/* Results of versions 1 to 4, as they were then written (tests/study/results), are read, joined and gone on with as today's
 * are; killed or with a full disk while they are brought up to date in place, they are what they were or what they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/study/json.h"
#include "engine/study/merge.h"
#include "engine/study/store.h"
#include "tests/study/fake.h"

enum { FAULTS = 12 };

/* Changes of files count from 1; from the one that is due on the disk is full, or there the process is killed. */
static struct {
    unsigned changes, due;
    bool full;
} fault;

static ssize_t faulty_pwrite(int file, const void *data, size_t bytes, off_t offset)
{
    bool happens = ++fault.changes >= fault.due && fault.due != 0;
    if (happens && fault.full) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t written = pwrite(file, data, happens ? bytes / 2 : bytes, offset);
    if (happens) {
        kill(getpid(), SIGKILL);
    }
    return written;
}

static int setup(void **state)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)faulty_pwrite), SQLITE_OK);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)faulty_pwrite), SQLITE_OK);
    return fake_setup(state);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", message, sql);
    }
    sqlite3_close(db);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = NULL;
    size_t bytes = 0;
    assert_true(getdelim(&text, &bytes, EOF, file) > 0);
    fclose(file);
    return text;
}

static unsigned long sum_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    unsigned long sum = 5381;
    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF;) {
        sum = sum * 33 + (unsigned)c;
    }
    fclose(file);
    return sum;
}

static void execute_file(const char *path, const char *name)
{
    char from[64];
    snprintf(from, sizeof from, "tests/study/results/%s.sql", name);
    char *sql = read_file(from);
    execute(path, sql);
    free(sql);
}

/* Writes results of an older version. */
static void make_old(const char *path, int version)
{
    char name[8], sql[128];
    fault.due = 0;
    unlink(path);
    snprintf(name, sizeof name, "v%d", version);
    execute_file(path, name);
    execute_file(path, "rows");
    snprintf(sql, sizeof sql, "INSERT INTO meta VALUES('schema_version', '%d')", version);
    execute(path, sql);
    if (version >= 3) {
        execute(path, "INSERT INTO ranking VALUES('all', 1, 1, 1, 2, 301, 6.35), ('all', 2, 2, 0, 2, 201, 6.35)");
    }
    if (version >= 4) {
        execute(path, "UPDATE point SET replications = 2");
    }
}

static void expect_text(sqlite3 *db, const char *sql, const char *expected)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(row, 0);
    assert_string_equal(text != NULL ? text : "NULL", expected);
    sqlite3_finalize(row);
}

static void expect_version(const char *path, const char *version)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    expect_text(db, "PRAGMA user_version", version);
    expect_text(db, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'before%'", "0");
    sqlite3_close(db);
}

/* What was in the old one, under today's names, and NULL where it did not know. */
static void expect_migrated(sqlite3 *db, int version)
{
    char today[8];
    snprintf(today, sizeof today, "%d", RK_RESULTS_VERSION);
    assert_true(rk_results_is_current(db));
    expect_text(db, "PRAGMA user_version", today);
    expect_text(db, "SELECT value FROM meta WHERE key = 'schema_version'", today);
    expect_text(db, "SELECT group_concat(replications) FROM point", "2,2");
    expect_text(db, "SELECT group_concat(battery_life_d) FROM trial", "200.5,201.5,300.5,301.5");
    expect_text(db, "SELECT group_concat(coalesce(exposure_s, 'NULL')) FROM trial", "NULL,40000.0,300000.0,300001.0");
    expect_text(db, "SELECT count(aead_q_share) || ' ' || count(*) FROM trial", "0 4");
    expect_text(db, "SELECT group_concat(mean) FROM summary WHERE metric = 'battery_life_d'", "201.0,301.0");
    expect_text(db, "SELECT count(bootstrap_low) FROM summary", "0");
    expect_text(db, "SELECT group_concat(rank) FROM ranking", version >= 3 ? "1,2" : "NULL");
    expect_text(db, "SELECT count(rekey_latency) FROM trial", "0");
    expect_text(db, "SELECT count(*) FROM latency", "0");
    expect_text(db, "SELECT cycles_median FROM cost", "1000000");
    expect_text(db, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'before%'", "0");
}

static void older_results_are_read_and_left_alone(void **state)
{
    struct fake *fake = *state;
    for (int version = 1; version < RK_RESULTS_VERSION; version++) {
        struct rk_store *store;
        struct rk_diag diag = {""};
        char *document = NULL;
        size_t bytes = 0;
        make_old(fake->database, version);
        unsigned long before = sum_of(fake->database);
        assert_int_equal(rk_store_open(&store, fake->database, &diag), RK_OK);
        expect_migrated(rk_store_database(store), version);
        FILE *out = open_memstream(&document, &bytes);
        assert_int_equal(rk_study_json(store, out, &diag), RK_OK);
        fclose(out);
        assert_non_null(strstr(document, "301"));
        rk_store_close(store);
        assert_true(sum_of(fake->database) == before);
        free(document);
    }
}

static void older_results_become_todays_when_gone_on_with(void **state)
{
    struct fake *fake = *state;
    for (int version = 1; version < RK_RESULTS_VERSION; version++) {
        struct rk_store *store;
        struct rk_diag diag = {""};
        make_old(fake->database, version);
        execute(fake->database, "CREATE TABLE note(text TEXT); INSERT INTO note VALUES('mine');"
                                "CREATE VIEW best AS SELECT max(battery_life_d) AS life_d FROM trial");
        assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
        expect_migrated(rk_store_database(store), version);
        assert_int_equal(rk_store_finish(store, &diag), RK_OK);
        sqlite3 *db;
        assert_int_equal(rk_results_open(&db, fake->database, &diag), RK_OK);
        expect_migrated(db, version);
        expect_text(db, "SELECT text FROM note", "mine");
        expect_text(db, "SELECT life_d FROM best", "301.5");
        sqlite3_close(db);
    }
}

/* Of the same version, but before or after a metric came. */
static void metrics_come_and_go(void **state)
{
    struct fake *fake = *state;
    struct rk_store *store;
    struct rk_diag diag = {""};
    make_old(fake->database, 2);
    execute(fake->database, "ALTER TABLE trial ADD COLUMN of_tomorrow REAL; UPDATE trial SET of_tomorrow = 5");
    assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
    expect_text(rk_store_database(store), "SELECT sum(of_tomorrow) FROM trial", "20.0");
    assert_int_equal(rk_store_finish(store, &diag), RK_OK);
    execute(fake->database, "ALTER TABLE trial DROP COLUMN keys_per_device");
    assert_int_equal(rk_store_open(&store, fake->database, &diag), RK_OK);
    expect_migrated(rk_store_database(store), 2);
    rk_store_close(store);
}

static void older_shards_are_joined(void **state)
{
    struct fake *fake = *state;
    struct rk_merge_counts counts;
    struct rk_diag diag = {""};
    char second[160], joined[160];
    snprintf(second, sizeof second, "%s/second.db", fake->folder);
    snprintf(joined, sizeof joined, "%s/joined.db", fake->folder);
    make_old(fake->database, RK_RESULTS_VERSION - 1);
    make_old(second, RK_RESULTS_VERSION - 1);
    execute(fake->database, "INSERT INTO meta VALUES('shard', '0/2'); DELETE FROM trial WHERE replication = 1");
    execute(second, "INSERT INTO meta VALUES('shard', '1/2'); DELETE FROM trial WHERE replication = 0");
    const char *const shards[] = {fake->database, second};
    assert_int_equal(rk_merge(joined, shards, 2, &counts, &diag), RK_OK);
    assert_int_equal(counts.trials, 4);
    assert_int_equal(counts.missing, 0);
    sqlite3 *db;
    assert_int_equal(rk_results_open(&db, joined, &diag), RK_OK);
    expect_text(db, "SELECT group_concat(battery_life_d) FROM trial", "200.5,201.5,300.5,301.5");
    sqlite3_close(db);
    unlink(second);
    unlink(joined);
}

/* out: changes of files that a migration takes. */
static unsigned count_changes(const struct fake *fake)
{
    struct rk_store *store;
    struct rk_diag diag = {""};
    make_old(fake->database, RK_RESULTS_VERSION - 1);
    fault.changes = 0;
    assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
    rk_store_close(store);
    return fault.changes;
}

/* The file is all old or all new, and can be gone on with. */
static void expect_whole(const struct fake *fake)
{
    struct rk_store *store;
    struct rk_diag diag = {""};
    fault.due = 0;
    assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
    expect_migrated(rk_store_database(store), RK_RESULTS_VERSION - 1);
    rk_store_close(store);
}

static void migration_is_done_or_not_done(void **state)
{
    struct fake *fake = *state;
    unsigned changes = count_changes(fake);
    assert_true(changes > FAULTS);
    for (unsigned i = 0; i < FAULTS; i++) {
        make_old(fake->database, RK_RESULTS_VERSION - 1);
        pid_t child = fork();
        if (child == 0) {
            struct rk_store *store;
            fault.changes = 0;
            fault.due = 1 + i * (changes - 1) / (FAULTS - 1);
            _exit(rk_store_create(&store, fake->database, true, NULL) == RK_OK ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        expect_whole(fake);
    }
}

static void full_disk_leaves_the_old_results(void **state)
{
    struct fake *fake = *state;
    unsigned changes = count_changes(fake);
    for (unsigned i = 0; i < FAULTS; i++) {
        struct rk_store *store;
        struct rk_diag diag = {""};
        make_old(fake->database, RK_RESULTS_VERSION - 1);
        fault.changes = 0;
        fault.full = true;
        fault.due = 1 + i * (changes - 1) / (FAULTS - 1);
        assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_ERR_IO);
        assert_non_null(strstr(diag.text, "results.db: database or disk is full"));
        fault.due = 0;
        expect_version(fake->database, "4");
        expect_whole(fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(older_results_are_read_and_left_alone),
        cmocka_unit_test(older_results_become_todays_when_gone_on_with),
        cmocka_unit_test(metrics_come_and_go),
        cmocka_unit_test(older_shards_are_joined),
        cmocka_unit_test(migration_is_done_or_not_done),
        cmocka_unit_test(full_disk_leaves_the_old_results),
    };
    return cmocka_run_group_tests(tests, setup, fake_teardown);
}
