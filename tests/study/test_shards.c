/* Shards of a study, each run by itself, joined to what a run that was never split gives; and what may not be joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/study/merge.h"
#include "engine/study/store.h"
#include "tests/study/fake.h"

enum { TRIALS = 48, SHARDS_MAX = 7 };

static char path[SHARDS_MAX + 1][160], out[160];

static int setup(void **state)
{
    static struct fake fake;
    fake_init(&fake);
    for (int i = 0; i <= SHARDS_MAX; i++) {
        snprintf(path[i], sizeof path[i], "%s/shard%d.db", fake.folder, i);
    }
    snprintf(out, sizeof out, "%s/out.db", fake.folder);
    *state = &fake;
    return 0;
}

static int teardown(void **state)
{
    fake_fini(*state);
    return 0;
}

static unsigned run_shard(struct fake *fake, const char *const *set, unsigned index, unsigned count)
{
    const struct rk_run_options options = {.database = path[index], .jobs = 2, .shard = {index, count}};
    return fake_run(fake, set, &options).trials;
}

static enum rk_err merge(size_t count, struct rk_merge_counts *counts, struct rk_diag *diag)
{
    const char *shard[SHARDS_MAX];
    for (size_t i = 0; i < count; i++) {
        shard[i] = path[i];
    }
    return rk_merge(out, shard, count, counts, diag);
}

static void merged_is_unsharded(void **state)
{
    struct fake *fake = *state;
    const struct rk_run_options options = {.database = fake->database, .jobs = 2};
    fake_run(fake, NULL, &options);
    char *dump = fake_dump(fake->database), *json = fake_json(fake->database);
    for (unsigned count = 1; count <= SHARDS_MAX; count += 3) {
        struct rk_merge_counts counts;
        struct rk_diag diag = {""};
        unsigned trials = 0;
        for (unsigned i = 0; i < count; i++) {
            trials += run_shard(fake, NULL, i, count);
        }
        assert_int_equal(trials, TRIALS);
        assert_int_equal(merge(count, &counts, &diag), RK_OK);
        assert_int_equal(counts.trials, TRIALS);
        assert_int_equal(counts.missing, 0);
        char *merged_dump = fake_dump(out), *merged_json = fake_json(out);
        assert_string_equal(merged_dump, dump);
        assert_string_equal(merged_json, json);
        free(merged_dump);
        free(merged_json);
    }
    free(dump);
    free(json);
}

/* Arrays of jobs count from 0 or from 1: shard 0 of 3 is shard 3 of 3. */
static void the_last_shard_is_the_zeroth(void **state)
{
    struct fake *fake = *state;
    run_shard(fake, NULL, 0, 3);
    run_shard(fake, NULL, 3, 3);
    char *zeroth = fake_dump(path[0]), *last = fake_dump(path[3]);
    assert_string_equal(strstr(zeroth, "\ntrial\n"), strstr(last, "\ntrial\n"));
    free(zeroth);
    free(last);
}

/* A shard that is lost shows, and the rest is computed when the joined results are gone on with. */
static void what_is_missing_is_counted_and_computed(void **state)
{
    struct fake *fake = *state;
    struct rk_merge_counts counts;
    struct rk_diag diag = {""};
    run_shard(fake, NULL, 0, 3);
    run_shard(fake, NULL, 1, 3);
    assert_int_equal(merge(2, &counts, &diag), RK_OK);
    assert_int_equal(counts.trials, 32);
    assert_int_equal(counts.missing, 16);
    struct rk_run_options options = {.database = out, .jobs = 2, .resume = true};
    struct rk_run_counts rest = fake_run(fake, NULL, &options);
    assert_int_equal(rest.resumed, 32);
    assert_int_equal(rest.computed, 16);
    options.database = fake->database;
    options.resume = false;
    fake_run(fake, NULL, &options);
    char *completed = fake_dump(out), *whole = fake_dump(fake->database);
    assert_string_equal(completed, whole);
    free(completed);
    free(whole);
}

/* The output may be one of the inputs. */
static void shards_are_added_to_what_was_joined(void **state)
{
    struct fake *fake = *state;
    struct rk_merge_counts counts;
    struct rk_diag diag = {""};
    for (unsigned i = 0; i < 3; i++) {
        run_shard(fake, NULL, i, 3);
    }
    assert_int_equal(merge(1, &counts, &diag), RK_OK);
    for (unsigned i = 1; i < 3; i++) {
        const char *const both[] = {out, path[i]};
        assert_int_equal(rk_merge(out, both, 2, &counts, &diag), RK_OK);
    }
    assert_int_equal(counts.missing, 0);
}

static void execute(const char *database, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(database, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Nothing is left of the output: neither it nor what it was being written to. */
static void expect_refusal(size_t count, const char *expected)
{
    struct rk_merge_counts counts;
    struct rk_diag diag = {""};
    char partial[176];
    snprintf(partial, sizeof partial, "%s.partial", out);
    unlink(out);
    assert_int_equal(merge(count, &counts, &diag), RK_ERR_INPUT);
    const char *file = strstr(diag.text, "shard");
    assert_non_null(file);
    assert_string_equal(file, expected);
    assert_int_not_equal(access(out, F_OK), 0);
    assert_int_not_equal(access(partial, F_OK), 0);
}

static void what_does_not_belong_together_is_refused(void **state)
{
    struct fake *fake = *state;
    static const char *const other[] = {"link.loss=6 %", NULL};
    run_shard(fake, NULL, 0, 2);
    run_shard(fake, NULL, 1, 1);
    execute(path[1],
            "UPDATE trial SET energy_J_per_d = energy_J_per_d * 1.0000001 WHERE point = 4 AND replication = 2");
    expect_refusal(2, "shard1.db: point 4, replication 2: another result than in a file before it, expected the same");
    run_shard(fake, other, 1, 2);
    char expected[256];
    snprintf(expected, sizeof expected, "shard1.db: differs from %s in meta 'overrides', expected shards of one study",
             path[0]);
    expect_refusal(2, expected);
    fake->cycles_factor = 2;
    run_shard(fake, NULL, 1, 2);
    fake->cycles_factor = 1;
    snprintf(expected, sizeof expected,
             "shard1.db: differs from %s in provenance 'costs:mote/alpha', expected shards of one study", path[0]);
    expect_refusal(2, expected);
    run_shard(fake, NULL, 1, 2);
    execute(path[1], "PRAGMA user_version = 99");
    snprintf(expected, sizeof expected,
             "shard1.db: schema version 99, expected at most %d: written by a newer Rekeylab", RK_RESULTS_VERSION);
    expect_refusal(2, expected);
    unlink(path[1]);
    expect_refusal(2, "shard1.db: no such file, expected results of Rekeylab");
    assert_int_equal(mkdir(path[1], 0700), 0);
    expect_refusal(2, "shard1.db: a folder, expected the results.db in it");
    assert_int_equal(rmdir(path[1]), 0);
    FILE *file = fopen(path[1], "w");
    assert_non_null(file);
    fputs("point,label\n0,this is no database at all, whatever its name may say to those who read it\n", file);
    fclose(file);
    expect_refusal(2, "shard1.db: not a database, expected results of Rekeylab");
    unlink(path[1]);
    execute(path[0], "ALTER TABLE trial ADD COLUMN of_tomorrow REAL");
    expect_refusal(1, "shard0.db: written by another version, which differs in the metric of_tomorrow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_is_unsharded),
        cmocka_unit_test(the_last_shard_is_the_zeroth),
        cmocka_unit_test(what_is_missing_is_counted_and_computed),
        cmocka_unit_test(shards_are_added_to_what_was_joined),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
