/* The results database: what is refused, and that a refused file stays as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/study/store.h"
#include "tests/study/fake.h"

static void make_results(const struct fake *fake)
{
    struct rk_store *store;
    struct rk_diag diag = {""};
    unlink(fake->database);
    assert_int_equal(rk_store_create(&store, fake->database, false, &diag), RK_OK);
    assert_int_equal(rk_store_put_meta(store, "name", "made", &diag), RK_OK);
    assert_int_equal(rk_store_finish(store, &diag), RK_OK);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void write_bytes(const char *path, long offset, const char *bytes, size_t count)
{
    FILE *file = fopen(path, offset == 0 ? "w" : "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static unsigned long sum_of(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned long sum = 5381;
    for (int c; file != NULL && (c = fgetc(file)) != EOF;) {
        sum = sum * 33 + (unsigned)c;
    }
    assert_non_null(file);
    fclose(file);
    return sum;
}

/* Reading, writing anew and resuming must all refuse, with the same words, and change nothing. */
static void expect_refusal(const struct fake *fake, const char *what)
{
    struct rk_store *store;
    char expected[256];
    snprintf(expected, sizeof expected, "%s: %s", fake->database, what);
    unsigned long before = sum_of(fake->database);
    for (int way = 0; way < 3; way++) {
        struct rk_diag diag = {""};
        enum rk_err err = way == 0 ? rk_store_open(&store, fake->database, &diag)
                                   : rk_store_create(&store, fake->database, way == 2, &diag);
        assert_int_equal(err, RK_ERR_INPUT);
        assert_string_equal(diag.text, expected);
        assert_true(sum_of(fake->database) == before);
    }
    unlink(fake->database);
}

static void text_files_are_refused(void **state)
{
    struct fake *fake = *state;
    write_bytes(fake->database, 0, "a diary, certainly not a database of any kind\n", 46);
    expect_refusal(fake, "not a database, expected results of Rekeylab");
}

static void foreign_databases_are_refused(void **state)
{
    struct fake *fake = *state;
    execute(fake->database, "CREATE TABLE recipe(name TEXT); INSERT INTO recipe VALUES('soup')");
    expect_refusal(fake, "a database of another program, expected results of Rekeylab");
}

static void newer_results_are_refused(void **state)
{
    struct fake *fake = *state;
    make_results(fake);
    execute(fake->database, "PRAGMA user_version = 6");
    expect_refusal(fake, "schema version 6, expected at most 5: written by a newer Rekeylab");
}

static void damaged_results_are_refused(void **state)
{
    struct fake *fake = *state;
    char noise[3000];
    make_results(fake);
    memset(noise, 0xa5, sizeof noise);
    write_bytes(fake->database, 4096, noise, sizeof noise);
    expect_refusal(fake, "damaged, expected results of Rekeylab; delete it to start anew");
}

static void cut_results_are_refused(void **state)
{
    struct fake *fake = *state;
    make_results(fake);
    assert_int_equal(truncate(fake->database, 9000), 0);
    expect_refusal(fake, "damaged, expected results of Rekeylab; delete it to start anew");
}

static void a_second_writer_is_refused(void **state)
{
    struct fake *fake = *state;
    struct rk_store *first, *second;
    struct rk_diag diag = {""};
    assert_int_equal(rk_store_create(&first, fake->database, false, &diag), RK_OK);
    for (int resume = 0; resume < 2; resume++) {
        assert_int_equal(rk_store_create(&second, fake->database, resume, &diag), RK_ERR_INPUT);
        assert_non_null(strstr(diag.text, "results.db.partial: another run is writing it, expected"));
    }
    rk_store_close(first);
    assert_int_equal(rk_store_create(&second, fake->database, false, &diag), RK_OK);
    rk_store_close(second);
}

static void unfinished_results_have_another_name(void **state)
{
    struct fake *fake = *state;
    struct rk_store *store;
    struct rk_diag diag = {""};
    unlink(fake->database);
    assert_int_equal(rk_store_create(&store, fake->database, false, &diag), RK_OK);
    assert_int_not_equal(access(fake->database, F_OK), 0);
    assert_int_equal(rk_store_finish(store, &diag), RK_OK);
    assert_int_equal(access(fake->database, F_OK), 0);
}

static int count_of(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void put_verdict(struct rk_store *store, const char *verdict, const char *counter_example)
{
    struct rk_diag diag = {""};
    const struct rk_store_requirement row = {.number = 1,
                                             .observations = 9,
                                             .requirement = "R1",
                                             .title = "t",
                                             .verdict = verdict,
                                             .evidence = "e",
                                             .counter_example = counter_example,
                                             .clause = "c",
                                             .explanation = "x"};
    assert_int_equal(rk_store_put_requirement(store, &row, &diag), RK_OK);
}

/* An audit adds to finished results; another one replaces it; a run that describes the study anew drops it. */
static void verdicts_are_added_and_replaced(void **state)
{
    struct fake *fake = *state;
    struct rk_store *store;
    struct rk_diag diag = {""};
    make_results(fake);
    assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
    put_verdict(store, "FAIL", "at 3 s");
    assert_int_equal(rk_store_clear_requirements(store, &diag), RK_OK);
    put_verdict(store, "PASS", NULL);
    assert_int_equal(rk_store_finish(store, &diag), RK_OK);
    assert_int_equal(count_of(fake->database, "SELECT count(*) FROM requirement"), 1);
    assert_int_equal(count_of(fake->database,
                              "SELECT observations FROM requirement WHERE number = 1 AND verdict = 'PASS'"
                              " AND counter_example IS NULL"),
                     9);
    assert_int_equal(count_of(fake->database, "SELECT count(*) FROM meta"), 1);
    assert_int_equal(rk_store_create(&store, fake->database, true, &diag), RK_OK);
    assert_int_equal(rk_store_clear_description(store, &diag), RK_OK);
    assert_int_equal(rk_store_finish(store, &diag), RK_OK);
    assert_int_equal(count_of(fake->database, "SELECT count(*) FROM requirement"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_files_are_refused),
        cmocka_unit_test(foreign_databases_are_refused),
        cmocka_unit_test(newer_results_are_refused),
        cmocka_unit_test(damaged_results_are_refused),
        cmocka_unit_test(cut_results_are_refused),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(unfinished_results_have_another_name),
        cmocka_unit_test(verdicts_are_added_and_replaced),
    };
    return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}
