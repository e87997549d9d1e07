/* tests/model/test_adversary.c - whole trials with an adversary against formulas: memory of device and server by association
 * class, what was recorded, the response, and forged frames
 *
 * Seeds are fixed. Bounds: four standard errors over replications, and 2.5 % for what the formulas leave out (two leaks open at
 * once, renewals after a detection).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/core/stats.h"
#include "engine/sim/replication.h"
#include "tests/model/fixture.h"

static const double interval_s = 8 * 3600.0, detection_s = 4 * 3600.0, horizon_s = 60 * 86400.0, start_s = 6 * 3600.0;

/* 200 devices that start within half a day, 60 days, a leak in 20 days. */
static struct rk_trial leaking(uint8_t mechanism)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 200;
    trial.horizon_ns = 60 * RK_DAY;
    trial.message_period_ns = 12 * 3600 * RK_S;
    trial.policy.mechanism = mechanism;
    trial.policy.interval_ns = (rk_ns)(interval_s * 1e9);
    trial.detection_mean_ns = (rk_ns)(detection_s * 1e9);
    trial.compromise_per_1e6y = 1000000ull * 36525 / 2000;
    return trial;
}

static void expect(const struct rk_trial *trial, enum rk_metric metric, double expected)
{
    enum { REPLICATIONS = 8 };
    static struct rk_trial_result result[REPLICATIONS];
    double value[REPLICATIONS];
    struct rk_diag diag;
    assert_int_equal(rk_replications_run(trial, REPLICATIONS, 2, result, &diag), RK_OK);
    for (int i = 0; i < REPLICATIONS; i++) {
        value[i] = result[i].metric[metric];
    }
    struct rk_stats stats = rk_stats_summary(value, REPLICATIONS);
    double bound = 4 * stats.sd / sqrt(REPLICATIONS) + 0.025 * expected;
    assert_true(bound < 0.15 * expected);
    assert_float_equal(stats.mean, expected, bound);
}

/* A root key opens all from the device's start to the detection or the horizon, whatever the interval. */
static double root_s(void)
{
    double lived_s = horizon_s - start_s, cut_s = detection_s * -expm1(-lived_s / detection_s);
    return lived_s / 2 + detection_s * (1 - cut_s / lived_s);
}

static void test_memory_by_class(void **state)
{
    (void)state;
    double window_s = rk_exposure_closed_form_s(interval_s, detection_s, 0);
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = leaking(mechanism);
        bool pair = mechanism == RK_MECHANISM_ECDH, device = pair || mechanism == RK_MECHANISM_STATIC;
        expect(&trial, RK_METRIC_exposure_capture_s, device ? window_s : root_s());
        expect(&trial, RK_METRIC_exposure_server_s, pair ? window_s : root_s());
    }
}

static void test_nothing_recorded_nothing_past(void **state)
{
    (void)state;
    double future_s = rk_exposure_closed_form_s(interval_s, detection_s, 0) - interval_s / 2;
    struct rk_trial trial = leaking(RK_MECHANISM_ECDH);
    expect(&trial, RK_METRIC_healing_s, future_s);
    trial.adversary.unrecorded_ppm = 1000000;
    expect(&trial, RK_METRIC_exposure_s, future_s);
    expect(&trial, RK_METRIC_exposure_capture_s, future_s);
    trial.adversary.unrecorded_ppm = 250000;
    expect(&trial, RK_METRIC_exposure_s, future_s + 0.75 * interval_s / 2);
    trial = leaking(RK_MECHANISM_DERIVE);
    trial.adversary.unrecorded_ppm = 1000000;
    expect(&trial, RK_METRIC_exposure_capture_s, detection_s);
}

static void test_response(void **state)
{
    (void)state;
    struct rk_trial trial = leaking(RK_MECHANISM_UPDATE); /* only the response ends a leak of a chain */
    trial.compromise_per_1e6y /= 4;
    trial.adversary.response_ns = 6 * 3600 * RK_S;
    expect(&trial, RK_METRIC_exposure_s, interval_s / 2 + detection_s + 6 * 3600.0);
    expect(&trial, RK_METRIC_healing_s, detection_s + 6 * 3600.0);
    trial = leaking(RK_MECHANISM_DERIVE);
    trial.adversary.response = RK_RESPONSE_REKEY; /* does not heal a root key */
    expect(&trial, RK_METRIC_exposure_capture_s, horizon_s - start_s);
}

/* A device is revoked at its first detection and stays without a key: the fleet decays with the rate of leaks. */
static void test_revoked_devices_stay_without_a_key(void **state)
{
    (void)state;
    struct rk_trial trial = leaking(RK_MECHANISM_DERIVE);
    trial.adversary.response = RK_RESPONSE_REVOKE;
    trial.policy.interval_ns = 200 * RK_DAY; /* nothing but a detection ends a leak */
    trial.detection_mean_ns = 0;
    double mean_s = 20 * 86400.0, lived_s = horizon_s - start_s;
    double without_s = lived_s - mean_s * -expm1(-lived_s / mean_s);
    expect(&trial, RK_METRIC_no_key_s_per_d, without_s / 60);
    expect(&trial, RK_METRIC_compromises, trial.devices * -expm1(-lived_s / mean_s));
}

/* v failed tags cost the first key; from then on each forgery costs another. */
static void test_forgeries_force_renewals(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 20;
    trial.horizon_ns = 10 * RK_DAY;
    trial.policy.interval_ns = 200 * RK_DAY;
    trial.policy.failed_max = 1000;
    trial.adversary.forged_per_1e6y = 1000000ull * 36525 * 50 / 100; /* 50 a day: half of the bound */
    struct rk_trial_result result = rkt_run(&trial);
    double rate = result.metric[RK_METRIC_forgeries_per_d], v = rate * 10;
    assert_float_equal(rate, 50, 4 * sqrt(50.0 / 200));
    assert_float_equal(result.metric[RK_METRIC_aead_v_share], v / 1000, 1e-9);
    assert_float_equal(result.metric[RK_METRIC_forgery_bound] / ldexp(v, -8 * trial.tag_bytes), 1, 1e-9);
    assert_float_equal(result.metric[RK_METRIC_renewals_per_d], 0, 0);
    trial.policy.failed_max =
        100; /* reached after two days; the agent's rest after each key keeps renewals below 40 a day */
    trial.policy.messages_max = 5000;
    result = rkt_run(&trial);
    double keys_lost = result.metric[RK_METRIC_forgeries_per_d] - 9.9;
    assert_float_equal(result.metric[RK_METRIC_renewals_per_d], keys_lost, 0.15);
    assert_true(keys_lost > 20 && keys_lost < 40);
    double q = result.metric[RK_METRIC_aead_q_share] * 5000; /* of the first key: two days and more, at 288 a day */
    assert_true(q > 500 && q < 1200);
    trial.adversary.forged_per_1e6y = 0;
    result = rkt_run(&trial);
    assert_true(isnan(result.metric[RK_METRIC_forgery_bound]));
    assert_float_equal(result.metric[RK_METRIC_aead_v_share], 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_by_class),
        cmocka_unit_test(test_nothing_recorded_nothing_past),
        cmocka_unit_test(test_response),
        cmocka_unit_test(test_revoked_devices_stay_without_a_key),
        cmocka_unit_test(test_forgeries_force_renewals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
