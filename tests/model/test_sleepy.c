/* Members that sleep through a group's rekey, and devices that a maintenance window passes by: against closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/model/radio.h"
#include "tests/model/fixture.h"

#define PER_DAY (36525ull * 10000) /* in events a million years */

enum { MEMBERS = 50, DAYS = 100 };

/* A tree of members that poll each 100 s, ten rekeys a day, and hardly any other traffic. */
static struct rk_trial sleepers(void)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = MEMBERS;
    trial.horizon_ns = DAYS * RK_DAY;
    trial.message_period_ns = RK_DAY;
    trial.policy.interval_ns = 200 * RK_DAY;
    trial.listen = RK_LISTEN_POLL;
    trial.listen_period_ns = 100 * RK_S;
    trial.answer_period_ns = 100 * RK_MS;
    trial.group =
        (struct rk_group_shape){.scheme = RK_GROUP_LKH,
                                .copies = 1,
                                .degree = 4,
                                .joins_per_1e6y = 10 * PER_DAY, /* who leaves is back before the next, mostly */
                                .leaves_per_1e6y = 5 * PER_DAY,
                                .repair_ns = 600 * RK_S,
                                .window_ns = 30 * RK_S};
    return trial;
}

/* Of 100 s the last 30 before a poll are in time. A newcomer, one of 50 members at every other rekey, is awake. */
static void who_sleeps_longer_than_the_window_misses_it(void **state)
{
    (void)state;
    const rk_ns windows_ns[] = {10 * RK_S, 30 * RK_S, 80 * RK_S};
    for (size_t i = 0; i < sizeof windows_ns / sizeof windows_ns[0]; i++) {
        struct rk_trial trial = sleepers();
        trial.group.window_ns = windows_ns[i];
        const struct rk_trial_result result = rkt_run(&trial);
        double window_s = (double)windows_ns[i] / 1e9, expected = (1 - window_s / 100) * (1 - 0.5 / MEMBERS);
        double misses = expected * MEMBERS * DAYS * 10;
        assert_float_equal(result.metric[RK_METRIC_group_missed_share], expected, 4 * sqrt(expected / (DAYS * 10)) / 7);
        double healing_s = (100 - window_s) / 2;
        assert_float_equal(result.metric[RK_METRIC_group_healing_s], healing_s, 1 + 4 * healing_s / sqrt(misses / 7));
        assert_float_equal(result.metric[RK_METRIC_group_repairs_per_d], misses / MEMBERS / DAYS, 0.5);
    }
}

static void who_sleeps_less_misses_nothing(void **state)
{
    (void)state;
    struct rk_trial trial = sleepers();
    trial.group.window_ns = 110 * RK_S; /* with 10 s for the fetching */
    const struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_group_missed_share] == 0);
    assert_true(isnan(result.metric[RK_METRIC_group_healing_s]));
    assert_true(result.metric[RK_METRIC_group_repairs_per_d] == 0);
    double rekeys = result.metric[RK_METRIC_group_rekeys_per_d];
    assert_float_equal(result.metric[RK_METRIC_group_stale_s_per_d], 50 * rekeys, 5 * rekeys);
}

/* Who is awake misses what is lost, and is healed when it asks: half a minute after the window. */
static void who_is_awake_misses_what_is_lost(void **state)
{
    (void)state;
    struct rk_trial trial = sleepers();
    trial.listen = RK_LISTEN_ALWAYS;
    trial.group.scheme = RK_GROUP_STAR;
    trial.group.repair_ns = 60 * RK_S;
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_group_missed_share] == 0);
    trial.frame_loss_ppm = 200000;
    trial.group.leaves_per_1e6y = 1 * PER_DAY; /* a leave is sent to each, acknowledged; a join to all, 1 of 5 lost */
    rkt_radio()->frame_retries = 15;
    result = rkt_run(&trial);
    assert_float_equal(result.metric[RK_METRIC_group_missed_share], 0.1, 0.01);
    assert_float_equal(result.metric[RK_METRIC_group_healing_s], 30, 0.5);

    trial.group.window_ns = 0;
    const struct rk_trial_result without = rkt_run(&trial);
    assert_true(isnan(without.metric[RK_METRIC_group_missed_share]));
    assert_memory_equal(result.metric, without.metric, RK_METRIC_group_missed_share * sizeof(double));
}

/* One try a window of which (1 - p)^2 end with a new key, a window a day: the others are missed, and the first success
 * after the first miss comes 1 / (1 - p)^2 days later on average. */
static void a_try_that_fails_misses_its_window(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    rkt_radio()->frame_retries = 0;
    trial.devices = 50;
    trial.horizon_ns = 200 * RK_DAY;
    trial.message_period_ns = RK_DAY;
    trial.frame_loss_ppm = 300000;
    trial.policy.interval_ns = 10 * 3600 * RK_S;
    trial.policy.attempts = 1;
    trial.condition.window_every_ns = RK_DAY;
    trial.condition.window_at_ns = 12 * 3600 * RK_S;
    trial.condition.window_lasts_ns = 50 * RK_S; /* the next try is due after a rest of 64 s */
    struct rk_trial_result result = rkt_run(&trial);
    double fails = 1 - 0.7 * 0.7, tries = 50 * 200, first_misses = tries * fails * (1 - fails);
    assert_float_equal(result.metric[RK_METRIC_windows_missed_per_d], fails,
                       4 * sqrt(fails * (1 - fails) / tries) + 0.006);
    double healing_d = 1 / (1 - fails) - 50.0 / 86400;
    assert_float_equal(result.metric[RK_METRIC_windows_healing_s] / 86400, healing_d,
                       0.02 + 4 * sqrt(fails) / (1 - fails) / sqrt(first_misses));

    trial.frame_loss_ppm = 0;
    result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_windows_missed_per_d] == 0);
    assert_true(isnan(result.metric[RK_METRIC_windows_healing_s]));
    trial.condition.window_every_ns = 0;
    assert_true(isnan(rkt_run(&trial).metric[RK_METRIC_windows_missed_per_d]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_sleeps_longer_than_the_window_misses_it),
        cmocka_unit_test(who_sleeps_less_misses_nothing),
        cmocka_unit_test(who_is_awake_misses_what_is_lost),
        cmocka_unit_test(a_try_that_fails_misses_its_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
