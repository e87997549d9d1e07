/* Models of traffic: means, bursts, alarms that put renewals off, recorded traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/model/traffic.h"
#include "tests/model/fixture.h"

enum { MANY = 40000 };

static struct rk_traffic make(const struct rk_traffic_shape *shape, rk_ns period_ns)
{
    struct rk_traffic traffic = rk_traffic_make(period_ns, 100000);
    traffic.shape = *shape;
    return traffic;
}

/* out: mean gap in s of the first MANY messages of a device; *short_gaps: those of at most `limit_ns`. */
static double mean_s(const struct rk_traffic_shape *shape, rk_ns period_ns, rk_ns limit_ns, unsigned *short_gaps)
{
    const struct rk_rng_key rng = rk_rng_key_make(3, 0);
    struct rk_traffic traffic = make(shape, period_ns);
    struct rk_gaps gaps = {.drawn = false};
    rk_ns at_ns = 0;
    *short_gaps = 0;
    for (uint64_t number = 0; number < MANY; number++) {
        rk_ns next_ns = rk_traffic_next_ns(&traffic, &gaps, &rng, 5, number, at_ns);
        *short_gaps += next_ns - at_ns <= limit_ns;
        at_ns = next_ns;
    }
    return (double)at_ns * 1e-9 / MANY;
}

/* Within four standard errors of the mean. */
static void means_are_the_period(void **state)
{
    (void)state;
    unsigned short_gaps;
    const struct rk_traffic_shape poisson = {.model = RK_TRAFFIC_POISSON};
    assert_float_equal(mean_s(&poisson, 60 * RK_S, 60 * RK_S, &short_gaps), 60, 4 * 60 / sqrt(MANY));
    assert_float_equal((double)short_gaps / MANY, 1 - exp(-1), 4 * 0.5 / sqrt(MANY));

    const struct rk_traffic_shape bursts = {.model = RK_TRAFFIC_BURSTS, .burst = 20, .burst_gap_ns = RK_S};
    /* A pause has mean 20 * 60 - 19 = 1181 s: that of all gaps scatters by sqrt(2 / 20) of it. */
    assert_float_equal(mean_s(&bursts, 60 * RK_S, RK_S, &short_gaps), 60, 4 * 1181 * sqrt(0.1) / sqrt(MANY));
    assert_float_equal((double)short_gaps / MANY, 0.95, 4 * 0.22 / sqrt(MANY) + 0.0001);
}

static const struct rk_traffic_shape alarms = {.model = RK_TRAFFIC_ALARMS,
                                               .alarm_every_ns = RK_DAY,
                                               .alarm_lasts_ns = 3600 * RK_S,
                                               .alarm_period_ns = 10 * RK_S,
                                               .alarm_shared = true};

/* One a day, of half an hour to one and a half; what is sent in it comes each 10 s, the first as it begins. */
static void alarms_are_one_a_day(void **state)
{
    (void)state;
    const struct rk_rng_key rng = rk_rng_key_make(3, 0);
    struct rk_traffic traffic = make(&alarms, 900 * RK_S);
    struct rk_gaps gaps = {.drawn = false};
    rk_ns at_ns = 0, begin_ns = 0;
    unsigned count = 0;
    for (uint64_t number = 0; at_ns < 200 * RK_DAY; number++) {
        rk_ns next_ns = rk_traffic_next_ns(&traffic, &gaps, &rng, 5, number, at_ns);
        rk_ns end_ns = rk_traffic_alarm_end_ns(&traffic, &rng, 5, next_ns);
        assert_int_equal(end_ns, rk_traffic_alarm_end_ns(&traffic, &rng, 99, next_ns)); /* one for all */
        if (rk_traffic_alarm_end_ns(&traffic, &rng, 5, at_ns) != 0) {
            assert_int_equal(next_ns - at_ns, 10 * RK_S);
        } else if (end_ns != 0) {
            begin_ns = next_ns;
            count += begin_ns < 200 * RK_DAY;
            assert_true(rk_traffic_alarm_end_ns(&traffic, &rng, 5, begin_ns - 1) == 0);
            assert_true(end_ns - begin_ns <= 5400 * RK_S);
            assert_true(end_ns - begin_ns >= 1800 * RK_S || end_ns % RK_DAY == 0);
        } else {
            assert_true(next_ns - at_ns <= 990 * RK_S && next_ns - at_ns >= 810 * RK_S);
        }
        at_ns = next_ns;
    }
    assert_int_equal(count, 200);
}

static struct rk_trial alarmed(void)
{
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 40 * RK_DAY;
    trial.devices = 2;
    trial.message_period_ns = 900 * RK_S;
    trial.policy.interval_ns = 600 * RK_S;
    trial.policy.overlap_ns = 0;
    return trial;
}

/* While an alarm lasts no key is renewed, but where the key's originator-usage period ends; a leak is answered at once. */
static void renewals_wait_for_the_alarm_to_end(void **state)
{
    (void)state;
    struct rk_trial trial = alarmed();
    struct rk_trial_result calm = rkt_run(&trial);
    trial.traffic = alarms;
    struct rk_trial_result waiting = rkt_run(&trial);
    /* An hour a day without renewals, of 144 a day; one comes as the alarm ends. */
    double lost = calm.metric[RK_METRIC_renewals_per_d] - waiting.metric[RK_METRIC_renewals_per_d];
    assert_float_equal(lost, 5.5, 1.0);
    assert_true(waiting.metric[RK_METRIC_no_key_s_per_d] == calm.metric[RK_METRIC_no_key_s_per_d]);

    trial.policy.cryptoperiod_ns = 1200 * RK_S;
    struct rk_trial_result ending = rkt_run(&trial);
    double kept = ending.metric[RK_METRIC_renewals_per_d] - waiting.metric[RK_METRIC_renewals_per_d];
    assert_float_equal(kept, 2.5, 1.0); /* one each 1200 s of the alarm instead of none */
}

static void sessions_wait_too(void **state)
{
    (void)state;
    struct rk_trial trial = alarmed();
    trial.policy.triggers = RK_TRIGGER_SESSION;
    trial.session_period_ns = 600 * RK_S;
    struct rk_trial_result calm = rkt_run(&trial);
    trial.traffic = alarms;
    struct rk_trial_result waiting = rkt_run(&trial);
    double lost = calm.metric[RK_METRIC_renewals_per_d] - waiting.metric[RK_METRIC_renewals_per_d];
    assert_float_equal(lost, 5.5, 1.0);
}

/* Gaps and sizes as recorded, again and again: here 4 messages and 80 B an hour. */
static void traces_are_repeated(void **state)
{
    (void)state;
    static const struct rk_traffic_record records[] = {{1800 * RK_S, 8}, {0, 32}, {1200 * RK_S, 32}, {600 * RK_S, 8}};
    const struct rk_traffic_shape trace = {.model = RK_TRAFFIC_TRACE, .record = records, .records = 4};
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 10 * RK_DAY;
    trial.message_period_ns = 900 * RK_S;
    trial.traffic = trace;
    struct rk_trial_result result = rkt_run(&trial);
    assert_float_equal(result.metric[RK_METRIC_messages_per_d], 96, 0.5);

    struct rk_traffic traffic = make(&trace, 900 * RK_S);
    assert_int_equal(rk_traffic_bytes(&traffic, 0, 99), 8);
    assert_int_equal(rk_traffic_bytes(&traffic, 6, 99), 32);
    traffic.shape.model = RK_TRAFFIC_PERIODIC;
    assert_int_equal(rk_traffic_bytes(&traffic, 6, 99), 99);

    /* As many messages of the longer text take more energy. */
    trial.traffic.model = RK_TRAFFIC_PERIODIC;
    struct rk_trial_result longest = rkt_run(&trial);
    assert_true(longest.metric[RK_METRIC_energy_radio_data_J_per_d] >
                1.05 * result.metric[RK_METRIC_energy_radio_data_J_per_d]);
}

static void wrong_shapes_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct rk_traffic_shape shape;
        const char *line;
    } cases[] = {
        {{.model = RK_TRAFFIC_COUNT}, "unknown model of traffic"},
        {{.model = RK_TRAFFIC_BURSTS, .burst = 0}, "bursts of at least 1 message"},
        {{.model = RK_TRAFFIC_BURSTS, .burst = 2, .burst_gap_ns = 300 * RK_S}, "gaps below the period"},
        {{.model = RK_TRAFFIC_ALARMS, .alarm_every_ns = RK_S, .alarm_lasts_ns = RK_S, .alarm_period_ns = 1},
         "alarms shorter"},
        {{.model = RK_TRAFFIC_TRACE}, "an empty trace"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_trial trial = rkt_trial();
        struct rk_trial_result result;
        struct rk_diag diag = {""};
        trial.traffic = cases[i].shape;
        assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
        assert_non_null(strstr(diag.text, cases[i].line));
    }
    struct rk_trial trial = rkt_trial();
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    trial.traffic.model = RK_TRAFFIC_POISSON;
    trial.lifetime = true;
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_the_period),
        cmocka_unit_test(alarms_are_one_a_day),
        cmocka_unit_test(renewals_wait_for_the_alarm_to_end),
        cmocka_unit_test(sessions_wait_too),
        cmocka_unit_test(traces_are_repeated),
        cmocka_unit_test(wrong_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
