/* tests/study/test_rules.c - `stop` and `rank` in whole studies over made-up costs: threads, shards, a kill and what
 * was known before do not show in where a point stops and what is ranked */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/study/merge.h"
#include "tests/study/fake.h"

static const char *const stopping[] = {"replications=10",
                                       "stop.metric=exposure_s",
                                       "stop.ci95=15 %",
                                       "stop.replications_max=60",
                                       "rank.metric=energy_J_per_d",
                                       "rank.over=policy.mechanism",
                                       "axes.device=mote",
                                       "axes.policy.mechanism=derive,refresh,counter",
                                       NULL};

static struct rk_run_options options_of(const struct fake *fake, unsigned jobs)
{
    return (struct rk_run_options){.database = fake->database, .jobs = jobs};
}

static json_t *document_of(const struct fake *fake)
{
    char *text = fake_json(fake->database);
    json_t *document = json_loads(text, 0, NULL);
    free(text);
    assert_non_null(document);
    return document;
}

static double real_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* Each point stops at a look, at the first that is narrow enough: its interval is, or it has all replications. */
static void points_stop_when_they_are_known(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    struct rk_run_counts counts = fake_run(fake, stopping, &options);
    static const int looks[] = {10, 15, 23, 35, 53, 60};
    json_t *document = document_of(fake);
    unsigned sum = 0, different = 0, first = 0;
    size_t index;
    json_t *point;
    json_array_foreach(json_object_get(document, "points"), index, point)
    {
        int n = (int)json_integer_value(json_object_get(point, "replications"));
        bool reached = json_is_true(json_object_get(point, "stop_reached")), at_look = false;
        for (int i = 0; i < 6; i++) {
            at_look = at_look || n == looks[i];
        }
        const json_t *metric = json_object_get(json_object_get(point, "metrics"), "exposure_s");
        double mean = real_of(metric, "mean"), ci95 = real_of(metric, "ci95");
        assert_true(at_look);
        assert_true(reached == (real_of(metric, "n") >= 10 && ci95 <= 0.15 * mean));
        assert_true(reached || n == 60);
        assert_true(real_of(metric, "bootstrap_low") < mean && mean < real_of(metric, "bootstrap_high"));
        first = index == 0 ? (unsigned)n : first;
        different += (unsigned)n != first;
        sum += (unsigned)n;
    }
    assert_true(different > 0);
    assert_int_equal(counts.trials, sum);
    assert_int_equal(counts.computed, sum);
    json_decref(document);
}

static void threads_do_not_show(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 1);
    fake_run(fake, stopping, &options);
    char *one = fake_dump(fake->database);
    for (unsigned jobs = 2; jobs <= 5; jobs += 3) {
        options.jobs = jobs;
        options.commit_trials = jobs;
        fake_run(fake, stopping, &options);
        char *other = fake_dump(fake->database);
        assert_string_equal(other, one);
        free(other);
    }
    free(one);
}

/* Results that were there before, fewer or more than the rule wants, and of the cache, leave the same study. */
static void what_was_known_does_not_show(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, stopping, &options);
    char *expected = fake_dump(fake->database);
    static const char *const replications[] = {"replications=4", "replications=12", "replications=40"};
    for (int i = 0; i < 3; i++) {
        const char *fixed[] = {replications[i], stopping[6], stopping[7], NULL};
        options.resume = false;
        fake_run(fake, fixed, &options);
        options.resume = true;
        options.jobs = 1 + (unsigned)i;
        struct rk_run_counts counts = fake_run(fake, stopping, &options);
        assert_true(counts.resumed > 0 && counts.resumed + counts.computed == counts.trials);
        char *resumed = fake_dump(fake->database);
        assert_string_equal(resumed, expected);
        free(resumed);
    }
    options.resume = false;
    options.cached = true;
    options.cache_directory = fake->cache;
    fake_run(fake, stopping, &options);
    struct rk_run_counts counts = fake_run(fake, stopping, &options);
    assert_int_equal(counts.computed, 0);
    assert_int_equal(counts.from_cache, counts.trials);
    char *cached = fake_dump(fake->database);
    assert_string_equal(cached, expected);
    free(cached);
    free(expected);
}

/* A shard has whole points, and decides about them alone. */
static void shards_do_not_show(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, stopping, &options);
    char *expected = fake_dump(fake->database);
    char part[2][160];
    for (unsigned i = 0; i < 2; i++) {
        options.shard = (struct rk_shard){.index = i + 1, .count = 2};
        fake_run(fake, stopping, &options);
        snprintf(part[i], sizeof part[i], "%s/part%u.db", fake->folder, i);
        assert_int_equal(rename(fake->database, part[i]), 0);
    }
    const char *const parts[] = {part[0], part[1]};
    struct rk_merge_counts counts;
    struct rk_diag diag;
    assert_int_equal(rk_merge(fake->database, parts, 2, &counts, &diag), RK_OK);
    assert_int_equal(counts.missing, 0);
    char *merged = fake_dump(fake->database);
    assert_string_equal(merged, expected);
    assert_int_equal(unlink(part[0]) + unlink(part[1]), 0);
    free(merged);
    free(expected);
}

/* Two devices renew 960 times in a trial with an interval of 1 h, 40 times with one of 1 d. */
static void many_renewals_take_few_trials(void **state)
{
    struct fake *fake = *state;
    static const char *const few[] = {"replications=10", "stop.renewals=4800", "axes.device=mote",
                                      "axes.policy.mechanism=derive", NULL};
    static const char *const fewest[] = {"replications=10", "stop.renewals=1", "axes.device=mote",
                                         "axes.policy.mechanism=derive", NULL};
    struct rk_run_options options = options_of(fake, 2);
    assert_int_equal(fake_run(fake, fewest, &options).trials, 3 + 3 + 10);
    assert_int_equal(fake_run(fake, few, &options).computed, 5 + 10 + 10);
    json_t *document = document_of(fake), *point = json_array_get(json_object_get(document, "points"), 0);
    assert_int_equal(json_integer_value(json_object_get(point, "replications")), 5);
    assert_int_equal(real_of(json_object_get(json_object_get(point, "metrics"), "energy_J_per_d"), "n"), 5);
    json_decref(document);

    char part[2][160];
    for (unsigned i = 0; i < 2; i++) {
        options.shard = (struct rk_shard){.index = i + 1, .count = 2};
        fake_run(fake, few, &options);
        snprintf(part[i], sizeof part[i], "%s/part%u.db", fake->folder, i);
        assert_int_equal(rename(fake->database, part[i]), 0);
    }
    const char *const parts[] = {part[0], part[1]};
    struct rk_merge_counts counts;
    struct rk_diag diag;
    assert_int_equal(rk_merge(fake->database, parts, 2, &counts, &diag), RK_OK);
    assert_int_equal(counts.trials, 25);
    assert_int_equal(counts.missing, 0);
    assert_int_equal(rk_merge(fake->database, parts, 1, &counts, &diag), RK_OK);
    assert_int_equal(counts.missing, 25 - counts.trials);
    assert_int_equal(unlink(part[0]) + unlink(part[1]), 0);
}

/* Three mechanisms at each of three intervals. Where keys are never renewed they cost the same. */
static void a_ranking_has_a_family_for_the_other_axes(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    fake_run(fake, stopping, &options);
    json_t *document = document_of(fake), *ranking = json_object_get(document, "ranking");
    json_t *families = json_object_get(ranking, "families"), *family;
    size_t index;
    assert_string_equal(json_string_value(json_object_get(ranking, "metric")), "energy_J_per_d");
    assert_int_equal(json_array_size(families), 3);
    json_array_foreach(families, index, family)
    {
        const char *name = json_string_value(json_object_get(family, "family"));
        const json_t *places = json_object_get(family, "places"), *pairs = json_object_get(family, "comparisons");
        assert_non_null(strstr(name, "device=mote policy.renew="));
        assert_int_equal(json_array_size(places), 3);
        assert_int_equal(json_array_size(pairs), 3);
        const json_t *best = json_array_get(places, 0), *pair = json_array_get(pairs, 0);
        assert_int_equal(json_integer_value(json_object_get(best, "rank")), 1);
        assert_true(real_of(best, "mean") <= real_of(json_array_get(places, 1), "mean"));
        assert_true(json_is_true(json_object_get(pair, "distinct")) == (real_of(pair, "p_holm") < 0.05));
        if (strstr(name, "policy.renew=1 h") != NULL) {
            assert_true(json_is_true(json_object_get(json_array_get(pairs, 1), "distinct")));
        }
    }
    json_decref(document);
}

/* The columns of a zip are one axis, which is ranked as one; without `over` all points are in one family. */
static void zipped_axes_are_ranked_as_one(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, 2);
    static const char *const all[] = {"rank.metric=battery_life_d", "rank.best=high", NULL};
    fake_run(fake, all, &options);
    json_t *document = document_of(fake), *families = json_object_get(json_object_get(document, "ranking"), "families");
    assert_int_equal(json_array_size(families), 1);
    const json_t *places = json_object_get(json_array_get(families, 0), "places");
    assert_int_equal(json_array_size(places), 12);
    for (size_t i = 1; i < 12; i++) {
        long before = (long)json_integer_value(json_object_get(json_array_get(places, i - 1), "rank"));
        long rank = (long)json_integer_value(json_object_get(json_array_get(places, i), "rank"));
        assert_true(before <= rank);
    }
    assert_true(real_of(json_array_get(places, 0), "mean") > real_of(json_array_get(places, 11), "mean"));
    json_decref(document);
    fake_run(fake, NULL, &options);
    document = document_of(fake);
    assert_true(json_is_null(json_object_get(document, "ranking")));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(points_stop_when_they_are_known, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(threads_do_not_show, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(what_was_known_does_not_show, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(many_renewals_take_few_trials, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(shards_do_not_show, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_ranking_has_a_family_for_the_other_axes, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(zipped_axes_are_ranked_as_one, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
