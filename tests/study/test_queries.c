/* engine/study/results/README.md is true: it names every table and column, and each of its queries gives rows of results
 * that a run wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study/store.h"
#include "tests/study/fake.h"

static char *page; /* the README */
static sqlite3 *results;

static int setup(void **state)
{
    size_t bytes = 0;
    FILE *file = fopen("engine/study/results/README.md", "rb");
    assert_non_null(file);
    assert_true(getdelim(&page, &bytes, '\0', file) > 0);
    fclose(file);
    fake_setup(state);
    struct fake *fake = *state;
    static const char *const set[] = {"backend=beta", NULL};
    const struct rk_run_options options = {.database = fake->database, .jobs = 1};
    struct rk_diag diag = {""};
    fake_run(fake, set, &options);
    assert_int_equal(rk_results_open(&results, fake->database, &diag), RK_OK);
    return 0;
}

static int teardown(void **state)
{
    sqlite3_close(results);
    free(page);
    return fake_teardown(state);
}

/* out: rows that a statement gives; it must end well, and each column must have a value in some row. */
static int count_rows(const char *sql)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(results, sql, -1, &row, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sqlite3_errmsg(results), sql);
    }
    int rows = 0, status;
    uint64_t seen = 0, all = (UINT64_C(1) << sqlite3_column_count(row)) - 1;
    while ((status = sqlite3_step(row)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(row); column++) {
            seen |= (uint64_t)(sqlite3_column_type(row, column) != SQLITE_NULL) << column;
        }
        rows++;
    }
    assert_int_equal(status, SQLITE_DONE);
    sqlite3_finalize(row);
    if (rows > 0 && seen != all) {
        fail_msg("a column without any value: %s", sql);
    }
    return rows;
}

static void each_query_gives_rows(void **state)
{
    (void)state;
    static const char open[] = "```sql\n";
    int queries = 0;
    for (char *at = page; (at = strstr(at, open)) != NULL; queries++) {
        at += strlen(open);
        char *end = strstr(at, "```");
        assert_non_null(end);
        char *sql = strndup(at, (size_t)(end - at));
        if (count_rows(sql) == 0) {
            fail_msg("no rows: %s", sql);
        }
        free(sql);
        at = end;
    }
    assert_int_equal(queries, 10);
}

/* out: whether the part of the page about a table, which begins with its bold name, has `column`. */
static bool has_column(const char *table, const char *column)
{
    char name[80];
    snprintf(name, sizeof name, "\n**`%s`**", table);
    const char *begin = strstr(page, name);
    const char *end = begin != NULL ? strstr(begin + 1, "\n**`") : NULL;
    end = begin != NULL && end == NULL ? strstr(begin, "\n## ") : end;
    snprintf(name, sizeof name, "`%s`", column);
    const char *found = begin != NULL ? strstr(begin + 5, name) : NULL;
    return found != NULL && found < end;
}

static bool is_metric(const char *table, const char *column)
{
    bool metric = false;
    for (int i = 0; i < RK_METRIC_COUNT && strcmp(table, "trial") == 0; i++) {
        metric = metric || strcmp(rk_metric_info[i].name, column) == 0;
    }
    return metric;
}

static void every_column_is_described(void **state)
{
    (void)state;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(results,
                                        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
                                        " WHERE t.type = 'table'",
                                        -1, &row, NULL),
                     SQLITE_OK);
    int columns = 0;
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(row, 0);
        const char *column = (const char *)sqlite3_column_text(row, 1);
        if (!is_metric(table, column) && !has_column(table, column)) {
            fail_msg("%s.%s: not on the page", table, column);
        }
        columns++;
    }
    sqlite3_finalize(row);
    assert_true(columns > 100);
}

/* Keys of meta that a run writes. */
static void every_key_is_described(void **state)
{
    (void)state;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(results, "SELECT key FROM meta", -1, &row, NULL), SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(row, 0);
        if (!has_column("meta", key)) {
            fail_msg("meta %s: not on the page", key);
        }
    }
    sqlite3_finalize(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_query_gives_rows),
        cmocka_unit_test(every_column_is_described),
        cmocka_unit_test(every_key_is_described),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
