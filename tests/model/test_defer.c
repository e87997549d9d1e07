/* Renewals that wait for an alarm, the battery or the link: how stale keys get by it, against closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/model/condition.h"
#include "tests/model/fixture.h"

#define HOUR (3600 * RK_S)

static double stale_share(const struct rk_trial *trial)
{
    return rkt_run(trial).metric[RK_METRIC_stale_key_share];
}

/* Renewed each hour, for 20 days; what is put off is so by half an hour at most. */
static struct rk_trial hourly(void)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 4;
    trial.horizon_ns = 20 * RK_DAY;
    trial.condition.defer.most_ns = HOUR / 2;
    return trial;
}

static const double late = 1.0 / 3;  /* half an hour of an hour and a half */
static const double hardly = 0.0002; /* an exchange takes less than a second */

static void a_low_battery_puts_off_for_the_longest_time(void **state)
{
    (void)state;
    struct rk_trial trial = hourly();
    trial.drained_ppm = 600000;
    trial.condition.defer.charge_ppm = 500000;
    assert_float_equal(stale_share(&trial), late, 0.005 * late);
    trial.condition.defer.charge_ppm = 300000;
    assert_true(stale_share(&trial) < hardly);
    /* A key that may be used for less than it would wait is renewed when its time is over. */
    trial.condition.defer.charge_ppm = 500000;
    trial.policy.cryptoperiod_ns = HOUR + HOUR / 4;
    assert_float_equal(stale_share(&trial), 0.2, 0.002);
}

/* All loss is of late, as it is independent: the mean of the last datagrams hardly ever is that far off. */
static void a_bad_link_puts_off_for_the_longest_time(void **state)
{
    (void)state;
    struct rk_trial trial = hourly();
    trial.frame_loss_ppm = 400000;
    double without = stale_share(&trial);
    trial.condition.defer.loss_ppm = 950000;
    assert_float_equal(stale_share(&trial), without, 0.001);
    trial.condition.defer.loss_ppm = 1000;
    assert_float_equal(stale_share(&trial), late, 0.01);
    trial.frame_loss_ppm = 0;
    assert_true(stale_share(&trial) < hardly);
}

/* A life of 10 hours, windows of an hour a day: put off for six hours the key is renewed in the same window as without. */
static void what_has_waited_does_not_wait_again(void **state)
{
    (void)state;
    struct rk_trial trial = hourly();
    trial.horizon_ns = 32 * RK_DAY;
    trial.warm_up_ns = 2 * RK_DAY;
    trial.policy.interval_ns = 10 * HOUR;
    trial.condition.window_every_ns = RK_DAY;
    trial.condition.window_lasts_ns = HOUR;
    trial.drained_ppm = 600000;
    trial.condition.defer.charge_ppm = 500000;
    trial.condition.defer.most_ns = 6 * HOUR;
    assert_float_equal(stale_share(&trial), 14.0 / 24, 1e-4);
    trial.condition.defer.most_ns = 20 * HOUR; /* it ends by day: two days, less the ten hours */
    assert_float_equal(stale_share(&trial), 38.0 / 48, 0.002);
}

/* One alarm in ten days, of 1 to 3 days, cut at the end of the ten: 1.783 days in the mean. A renewal each 6 hours that is
 * due in it waits for its end, the first after 3 hours in the mean; or an hour of 7. */
static void an_alarm_puts_off_as_long_as_it_may(void **state)
{
    (void)state;
    const double mean_d = 2 - (4 + 1.0 / 3) / 20;
    struct rk_trial trial = rkt_trial();
    trial.devices = 300;
    trial.horizon_ns = 60 * RK_DAY;
    trial.message_period_ns = 2 * HOUR;
    trial.policy.interval_ns = 6 * HOUR;
    trial.traffic = (struct rk_traffic_shape){.model = RK_TRAFFIC_ALARMS,
                                              .alarm_every_ns = 10 * RK_DAY,
                                              .alarm_lasts_ns = 2 * RK_DAY,
                                              .alarm_period_ns = HOUR};
    assert_float_equal(stale_share(&trial), (mean_d - 0.125) / 10, 0.03 * mean_d / 10);
    trial.condition.defer.alarm_bounded = true;
    trial.condition.defer.alarm_ns = HOUR;
    assert_float_equal(stale_share(&trial), mean_d / 10 / 7, 0.03 * mean_d / 70);
    trial.condition.defer.alarm_ns = 0;
    assert_true(stale_share(&trial) < hardly);
    /* Where no message ends the old key before, its end is put off for as long, not for one bound after the other. */
    trial.message_period_ns = 2 * RK_DAY;
    trial.policy.overlap_ns = 3 * HOUR;
    trial.condition.defer.alarm_ns = HOUR;
    trial.traffic.alarm_period_ns = RK_DAY;
    assert_float_equal(stale_share(&trial), mean_d / 10 / 7, 0.05 * mean_d / 70);
}

/* A first key, and what happened to the device, do not wait. */
static void what_cannot_wait_does_not(void **state)
{
    (void)state;
    struct rk_trial trial = hourly();
    trial.policy.triggers = RK_TRIGGER_SUSPICION;
    trial.condition.suspicion_per_1e6y = 1000000ull * 365 * 4; /* four a day */
    struct rk_trial_result without = rkt_run(&trial);
    trial.drained_ppm = 999000;
    trial.condition.defer.charge_ppm = 999999;
    trial.condition.defer.most_ns = 10 * RK_DAY;
    struct rk_trial_result low = rkt_run(&trial);
    assert_true(without.metric[RK_METRIC_renewals_per_d] > 3);
    assert_float_equal(low.metric[RK_METRIC_renewals_per_d], without.metric[RK_METRIC_renewals_per_d], 0);
    assert_float_equal(low.metric[RK_METRIC_no_key_s_per_d], without.metric[RK_METRIC_no_key_s_per_d], 0);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct rk_trial trial = {.condition.defer = {.charge_ppm = 200000, .most_ns = HOUR}};
    assert_null(rk_condition_refuses(&trial));
    trial.condition.defer.most_ns = 0;
    assert_non_null(rk_condition_refuses(&trial));
    trial.condition.defer = (struct rk_defer_shape){.loss_ppm = 1000001, .most_ns = HOUR};
    assert_non_null(rk_condition_refuses(&trial));
    trial.condition.defer = (struct rk_defer_shape){.alarm_bounded = true};
    assert_null(rk_condition_refuses(&trial));
    trial.lifetime = true;
    assert_non_null(rk_condition_refuses(&trial));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_low_battery_puts_off_for_the_longest_time),
        cmocka_unit_test(a_bad_link_puts_off_for_the_longest_time),
        cmocka_unit_test(what_has_waited_does_not_wait_again),
        cmocka_unit_test(an_alarm_puts_off_as_long_as_it_may),
        cmocka_unit_test(what_cannot_wait_does_not),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
