/* A whole study over made-up costs: jobs, cache, common random numbers, summaries, the JSON document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/stats.h"
#include "tests/study/fake.h"

enum { REPLICATIONS_MAX = 64 };

static struct rk_run_options options_of(const struct fake *fake, unsigned jobs)
{
    return (struct rk_run_options){.database = fake->database, .jobs = jobs};
}

/* out: count of values of a metric at a point, in the order of replications. */
static size_t read_metric(const char *database, unsigned point, const char *metric, double values[REPLICATIONS_MAX])
{
    char sql[160];
    sqlite3 *db;
    sqlite3_stmt *statement;
    size_t count = 0;
    snprintf(sql, sizeof sql, "SELECT %s FROM trial WHERE point = %u ORDER BY replication", metric, point);
    assert_int_equal(sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW && count < REPLICATIONS_MAX) {
        bool none = sqlite3_column_type(statement, 0) == SQLITE_NULL;
        values[count++] = none ? NAN : sqlite3_column_double(statement, 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static double query_real(const char *database, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    double value = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void jobs_do_not_show_in_results(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 1);
    struct rk_run_counts counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.trials, 48);
    assert_int_equal(counts.computed, 48);
    char *dump = fake_dump(fake->database), *json = fake_json(fake->database);
    for (unsigned jobs = 2; jobs <= 5; jobs += 3) {
        options.jobs = jobs;
        options.commit_trials = jobs;
        fake_run(fake, NULL, &options);
        char *other_dump = fake_dump(fake->database), *other_json = fake_json(fake->database);
        assert_string_equal(other_dump, dump);
        assert_string_equal(other_json, json);
        free(other_dump);
        free(other_json);
    }
    free(dump);
    free(json);
}

static void known_trials_are_not_computed_again(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    options.cached = true;
    options.cache_directory = fake->cache;
    struct rk_run_counts counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.computed, 48);
    char *dump = fake_dump(fake->database);
    counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.computed, 0);
    assert_int_equal(counts.from_cache, 48);
    char *again = fake_dump(fake->database);
    assert_string_equal(again, dump);
    free(again);

    /* Another question about a part of the same trials finds that part; other costs find nothing. */
    static const char *const set[] = {"axes.policy.renew=1 d,2 d", NULL};
    counts = fake_run(fake, set, &options);
    assert_int_equal(counts.from_cache, 16);
    assert_int_equal(counts.computed, 16);
    fake->cycles_factor = 3;
    counts = fake_run(fake, set, &options);
    assert_int_equal(counts.from_cache, 0);
    fake->cycles_factor = 1;
    free(dump);
}

static void damaged_cache_is_moved_aside(void **state)
{
    struct fake *fake = *state;
    char path[160], aside[176];
    snprintf(path, sizeof path, "%s/trials.db", fake->cache);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is certainly not what SQLite would have written here, whatever the version\n", file);
    fclose(file);
    struct rk_run_options options = options_of(fake, 2);
    options.cached = true;
    options.cache_directory = fake->cache;
    struct rk_run_counts counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.computed, 48);
    assert_int_equal(access(aside, F_OK), 0);
    counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.from_cache, 48);

    /* An entry whose bits flipped is computed again. */
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE trial SET result = zeroblob(length(result)) WHERE inputs_sha256 ="
                                  " (SELECT min(inputs_sha256) FROM trial)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    counts = fake_run(fake, NULL, &options);
    assert_int_equal(counts.from_cache, 47);
    assert_int_equal(counts.computed, 1);
}

/* How much narrower a paired difference of two points is than one of independent trials: ratio of variances. */
static double variance_ratio(const struct fake *fake, const char *metric, unsigned first, unsigned second)
{
    double a[REPLICATIONS_MAX], b[REPLICATIONS_MAX];
    size_t count = read_metric(fake->database, first, metric, a);
    assert_int_equal(count, 24);
    assert_int_equal(read_metric(fake->database, second, metric, b), count);
    struct rk_stats paired = rk_stats_paired(a, b, count);
    double independent = gsl_stats_variance(a, 1, count) + gsl_stats_variance(b, 1, count);
    assert_true(independent > 0);
    return paired.sd * paired.sd / independent;
}

static void points_share_their_random_numbers(void **state)
{
    struct fake *fake = *state;
    static const char *const set[] = {"replications=24", "device=mote", NULL};
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, set, &options);
    double data = variance_ratio(fake, "energy_radio_data_J_per_d", 0, 2);
    double mechanisms = variance_ratio(fake, "energy_J_per_d", 1, 4);
    print_message(
        "variance of paired over independent: data at 1 h against never %.4f, derive against transport %.4f\n", data,
        mechanisms);
    assert_true(data < 0.5);
    assert_true(mechanisms < 0.5);
}

static void summaries_agree_with_gsl(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, NULL, &options);
    double values[REPLICATIONS_MAX];
    size_t count = read_metric(fake->database, 1, "energy_J_per_d", values);
    assert_int_equal(count, 4);
    double mean = gsl_stats_mean(values, 1, count);
    double ci95 = gsl_cdf_tdist_Pinv(0.975, (double)count - 1) * gsl_stats_sd(values, 1, count) / sqrt((double)count);
    static const char where[] = "FROM summary WHERE point = 1 AND metric = 'energy_J_per_d'";
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT mean %s", where);
    assert_true(fabs(query_real(fake->database, sql) - mean) <= 1e-12 * fabs(mean));
    snprintf(sql, sizeof sql, "SELECT ci95 %s", where);
    assert_true(ci95 > 0 && fabs(query_real(fake->database, sql) - ci95) <= 1e-9 * ci95);
    snprintf(sql, sizeof sql, "SELECT max %s", where);
    assert_true(query_real(fake->database, sql) == gsl_stats_max(values, 1, count));
    assert_true(query_real(fake->database, "SELECT count(*) FROM summary") == 12 * RK_METRIC_COUNT);
}

static void one_replication_has_no_interval(void **state)
{
    struct fake *fake = *state;
    static const char *const set[] = {"replications=1", NULL};
    struct rk_run_options options = options_of(fake, 1);
    fake_run(fake, set, &options);
    assert_true(query_real(fake->database, "SELECT count(*) FROM summary WHERE ci95 IS NOT NULL") == 0);
    assert_true(query_real(fake->database, "SELECT count(*) FROM summary WHERE mean IS NOT NULL") > 0);
}

static void infeasible_points_have_no_trials(void **state)
{
    struct fake *fake = *state;
    static const char *const set[] = {"axes.backend=alpha,beta", NULL};
    struct rk_run_options options = options_of(fake, 2);
    struct rk_run_counts counts = fake_run(fake, set, &options);
    assert_int_equal(counts.trials, 24 * 4 - 6 * 4);
    assert_true(query_real(fake->database, "SELECT count(*) FROM point WHERE status = 'ok'") == 18);
    assert_true(query_real(fake->database, "SELECT count(*) FROM trial JOIN point USING(point) WHERE status <> 'ok'") ==
                0);
    char *json = fake_json(fake->database);
    assert_non_null(strstr(json, "\"status\": \"aes_key_unwrap: not provided by the library\",\n   \"metrics\": {},"));
    free(json);
}

static void executions_have_one_lifecycle_trace(void **state)
{
    struct fake *fake = *state;
    static const char *const set[] = {"axes.execution=modelled,native", NULL};
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, set, &options);
    assert_true(query_real(fake->database, "SELECT count(*) FROM trial") == 96);
    static const char sql[] = "SELECT count(*) FROM axis a JOIN axis b ON a.key = 'execution' AND b.key = 'execution'"
                              " AND a.value = 'modelled' AND b.value = 'native' AND b.point = a.point + 1"
                              " JOIN trial t ON t.point = a.point JOIN trial u ON u.point = b.point"
                              " AND t.replication = u.replication AND t.trace_checksum = u.trace_checksum";
    assert_true(query_real(fake->database, sql) == 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_do_not_show_in_results),      cmocka_unit_test(known_trials_are_not_computed_again),
        cmocka_unit_test(damaged_cache_is_moved_aside),     cmocka_unit_test(points_share_their_random_numbers),
        cmocka_unit_test(summaries_agree_with_gsl),         cmocka_unit_test(one_replication_has_no_interval),
        cmocka_unit_test(infeasible_points_have_no_trials), cmocka_unit_test(executions_have_one_lifecycle_trace),
    };
    return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}
