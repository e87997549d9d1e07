/* tests/study/test_estimate.c - what a trial takes: against what it really took, and refused before anything runs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/study/estimate.h"
#include "tests/study/fake.h"

static struct rk_study study;

static void with_sweep(struct fake *fake, const char *const *set, size_t sets,
                       void (*look)(const struct rk_sweep *sweep))
{
    struct rk_sweep sweep;
    struct rk_diag diag;
    assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", set, sets, &diag), RK_OK);
    assert_int_equal(rk_sweep_make(&sweep, &study, &fake->study, &diag), RK_OK);
    look(&sweep);
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
}

/* Largest resident size of a child that runs the trial. */
static double peak_bytes(const struct rk_trial *trial)
{
    pid_t child = fork();
    if (child == 0) {
        struct rk_trial_result result;
        struct rk_diag diag;
        _exit(rk_trial_run(trial, &result, &diag) == RK_OK ? 0 : 1);
    }
    int status;
    struct rusage usage;
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return (double)usage.ru_maxrss * 1024;
}

static void expect_within_a_factor_of_two(const struct rk_sweep *sweep)
{
    enum { FEW = 100, MANY = 20100 };
    struct rk_trial trial = sweep->point[0].trial;
    for (int tier = RK_TIER_REFERENCE; tier <= RK_TIER_TIMELINES; tier++) {
        trial.tier = (enum rk_tier)tier;
        trial.devices = FEW;
        double few = peak_bytes(&trial), few_estimated = (double)rk_estimate_trial(&trial).bytes;
        trial.devices = MANY;
        double took = peak_bytes(&trial) - few;
        double estimated = (double)rk_estimate_trial(&trial).bytes - few_estimated;
        print_message("%s: %.0f bytes a device, estimated %.0f\n",
                      tier == RK_TIER_REFERENCE ? "reference" : "timelines", took / (MANY - FEW),
                      estimated / (MANY - FEW));
        assert_true(estimated < took * 2);
        assert_true(estimated > took / 2 || tier == RK_TIER_TIMELINES); /* whose is a lower bound */
    }
    struct rk_trial_result result;
    struct rk_diag diag;
    trial.devices = FEW;
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_OK);
    double events = rk_estimate_trial(&trial).events;
    assert_true(events > (double)result.events / 2 && events < (double)result.events * 2);
}

static void estimates_are_near(void **state)
{
    static const char *const set[] = {"horizon=2 d", "axes.policy.renew=12 h", "adversary.compromise=0 /y"};
    with_sweep(*state, set, 3, expect_within_a_factor_of_two);
}

/* One device after the other takes the memory of one. */
static void expect_the_memory_of_one(const struct rk_sweep *sweep)
{
    struct rk_trial trial = sweep->point[0].trial;
    trial.devices = 1;
    uint64_t one = rk_estimate_trial(&trial).bytes;
    trial.devices = 10000000;
    assert_int_equal(rk_estimate_trial(&trial).bytes, one);
    trial.tier = RK_TIER_REFERENCE;
    assert_true(rk_estimate_trial(&trial).bytes > 1000000000);
}

static void a_tier_may_need_one_device_only(void **state)
{
    static const char *const set[] = {"server.time=0 s"};
    with_sweep(*state, set, 1, expect_the_memory_of_one);
}

static void expect_refused(const struct rk_sweep *sweep)
{
    struct rk_diag diag = {""};
    uint64_t needed = rk_estimate_trial(&sweep->point[0].trial).bytes;
    assert_true(needed > 10000000000);
    assert_int_equal(rk_estimate_check(sweep, 1, 0, &diag), RK_OK);
    assert_int_equal(rk_estimate_check(sweep, 1, needed, &diag), RK_OK);
    assert_int_equal(rk_estimate_check(sweep, 3, 2 * needed, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "--set fleet.devices=10000000: devices: 10000000 take about "));
    assert_non_null(strstr(diag.text, " in 3 threads, expected at most "));
    assert_non_null(strstr(diag.text, "the memory that is free: --jobs 2"));
    assert_int_equal(rk_estimate_check(sweep, 1, needed / 4, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "the memory that is free: 2"));
    assert_non_null(strstr(diag.text, " devices"));
}

static void expect_the_scenario_to_say_it(const struct rk_sweep *sweep)
{
    struct rk_diag diag = {""};
    uint64_t needed = rk_estimate_trial(&sweep->point[0].trial).bytes;
    assert_int_equal(rk_estimate_check_study(sweep->study, needed, &diag), RK_OK);
    assert_int_equal(rk_estimate_check_study(sweep->study, needed / 4, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "--set fleet.devices=10000000: devices: 10000000 take about "));
}

static void a_fleet_larger_than_memory_is_refused(void **state)
{
    static const char *const set[] = {"fleet.devices=10000000", "engine.tier=reference"};
    with_sweep(*state, set, 2, expect_refused);
    with_sweep(*state, set, 2, expect_the_scenario_to_say_it);
}

static void expect_too_many_events(const struct rk_sweep *sweep)
{
    struct rk_diag diag = {""};
    assert_int_equal(rk_estimate_check_study(sweep->study, 0, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "horizon: a trial of about 6.3e+19 events"));
    assert_int_equal(rk_estimate_check(sweep, 1, 0, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text,
                        "--set horizon=36500 d: horizon: a trial of about 6.3e+19 events, 2e+05 years at ten "
                        "million a second, expected at most 1e+15 events: fewer devices, a longer "
                        "traffic.period or a shorter horizon");
}

static void a_trial_without_end_is_refused(void **state)
{
    static const char *const set[] = {"fleet.devices=10000000", "traffic.period=1 ms", "horizon=36500 d"};
    with_sweep(*state, set, 3, expect_too_many_events);
}

/* Through the whole run: nothing is written. */
static void a_refused_run_leaves_nothing(void **state)
{
    struct fake *fake = *state;
    static const char *const set[] = {"fleet.devices=10000000", "traffic.period=1 ms", "horizon=36500 d"};
    struct rk_sweep sweep;
    struct rk_diag diag = {""};
    struct rk_run_counts counts;
    const struct rk_run_options options = {.database = fake->database, .jobs = 1};
    assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", set, 3, &diag), RK_OK);
    assert_int_equal(rk_sweep_make(&sweep, &study, &fake->study, &diag), RK_OK);
    assert_int_equal(rk_run(&sweep, &fake->study, &options, &counts, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "horizon: a trial of about"));
    char partial[160];
    snprintf(partial, sizeof partial, "%s.partial", fake->database);
    assert_true(access(fake->database, F_OK) != 0 && access(partial, F_OK) != 0);
    assert_true(rk_estimate_available_bytes() > 1000000);
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(estimates_are_near, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_tier_may_need_one_device_only, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_fleet_larger_than_memory_is_refused, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_trial_without_end_is_refused, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_refused_run_leaves_nothing, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
