/* tests/sim/test_fleet.c - whole trials against arithmetic, formulas and each other */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/core/stats.h"
#include "engine/sim/replication.h"
#include "tests/model/fixture.h"

enum { HOUR_s = 3600 };

static struct rk_trial never_renewing(void)
{
    struct rk_trial trial = rkt_trial();
    trial.policy.triggers = 0;
    return trial;
}

static double per_trial(const struct rk_trial *trial, const struct rk_trial_result *result, enum rk_metric metric)
{
    return result->metric[metric] * (double)trial->horizon_ns / (double)RK_DAY * trial->devices;
}

/* A message of 32 bytes: frame 9 + 32 + 8 = 49 bytes, on the air 6 + 21 + 12 + 49 = 88 bytes = 2.816 ms;
 * acknowledgement 0.352 ms and two turnarounds of 0.192 ms received; start-up 1 ms; no backoff. CPU: 1000 + 100 * 32
 * cycles at 1 MHz. */
static void test_energy_of_messages(void **state)
{
    (void)state;
    struct rk_trial trial = never_renewing();
    rkt_radio()->backoff_min_exponent = 0;
    struct rk_trial_result result = rkt_run(&trial);
    double n = per_trial(&trial, &result, RK_METRIC_messages_per_d);
    assert_true(n > 280 && n < 290 && n == floor(n));
    double tx_uJ = 51.0 * 2.816;
    double rx_uJ = 57.0 * (0.352 + 2 * 0.192);
    double idle_uJ = 1.2 * 1.0 + 0.3 * (1.0 + 0.192 + 2.816 + 0.192 + 0.352);
    double radio_J = result.metric[RK_METRIC_energy_radio_data_J_per_d];
    assert_true(fabs(radio_J * 1e6 / (n * (tx_uJ + rx_uJ + idle_uJ)) - 1.0) < 1e-12);
    double crypto_J = result.metric[RK_METRIC_energy_crypto_data_J_per_d];
    assert_true(fabs(crypto_J * 1e6 / (n * 3.0 * 4.2) - 1.0) < 1e-12);
    /* Delay: seal 4.2 ms, start-up, turnaround, airtime, network 20 ms; within the histogram's bucket. */
    double delay_s = 0.0042 + 0.001 + 0.000192 + 0.002816 + 0.020;
    assert_true(fabs(result.metric[RK_METRIC_message_delay_p95_s] / delay_s - 1.0) < 0.004);
}

static void test_parts_add_up(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.frame_loss_ppm = 100000;
    struct rk_trial_result result = rkt_run(&trial);
    const double *m = result.metric;
    double sum = m[RK_METRIC_energy_crypto_keys_J_per_d] + m[RK_METRIC_energy_crypto_data_J_per_d] +
                 m[RK_METRIC_energy_radio_keys_J_per_d] + m[RK_METRIC_energy_radio_data_J_per_d] +
                 m[RK_METRIC_energy_nvm_J_per_d] + m[RK_METRIC_energy_sleep_J_per_d];
    assert_true(fabs(sum / m[RK_METRIC_energy_J_per_d] - 1.0) < 1e-12);
    /* 200 mAh at 3 V are 2160 J. */
    assert_true(fabs(m[RK_METRIC_battery_life_d] * m[RK_METRIC_energy_J_per_d] / 2160.0 - 1.0) < 1e-12);
    assert_true(m[RK_METRIC_nvm_writes_per_d] > 0 && m[RK_METRIC_nvm_life_y] < 1e6);
    assert_true(m[RK_METRIC_rekey_latency_p50_s] > 0.04); /* two network delays at least */
}

static void test_every_frame_lost(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.frame_loss_ppm = 1000000;
    struct rk_trial_result result = rkt_run(&trial);
    const double *m = result.metric;
    /* No key is ever established: nothing is protected, nothing is sent. */
    assert_true(m[RK_METRIC_messages_unprotected_per_d] == m[RK_METRIC_messages_per_d]);
    assert_true(m[RK_METRIC_keys_per_device] == 0 && m[RK_METRIC_renewals_per_d] == 0);
    assert_true(m[RK_METRIC_renewals_failed_per_d] > 0);
    assert_true(m[RK_METRIC_no_key_s_per_d] > 86400 - 301);
    assert_true(isnan(m[RK_METRIC_rekey_latency_p50_s]) && isnan(m[RK_METRIC_exposure_s]));
}

static void test_renewals_are_horizon_over_interval(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = rkt_trial();
        trial.policy.mechanism = mechanism;
        trial.horizon_ns = 10 * RK_DAY;
        trial.devices = 3;
        struct rk_trial_result result = rkt_run(&trial);
        /* Each renewal takes up to 3 s (two curve operations of 1 s), so that 240 intervals lose no more than one. */
        double renewals = per_trial(&trial, &result, RK_METRIC_renewals_per_d) / 3;
        assert_true(renewals >= 238 && renewals <= 240);
        assert_true(result.metric[RK_METRIC_keys_per_device] == renewals + 1);
        assert_true(result.metric[RK_METRIC_messages_rejected_per_d] == 0);
        assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
    }
}

static void test_a_slow_device_delays_its_messages(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.message_period_ns = 5 * RK_S;
    rkt_row("x25519_agree", 0)->cycles_median = 400000000; /* 400 s at 1 MHz, of every hour */
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_message_delay_p95_s] > 100);
    assert_true(result.metric[RK_METRIC_message_delay_p95_s] < 500);
    assert_true(result.metric[RK_METRIC_renewals_per_d] >=
                20); /* the wait counts from the frame, so none is given up */
    assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
    assert_true(per_trial(&trial, &result, RK_METRIC_messages_per_d) >= 86400 / 5 - 100);
}

/* More requests than one instantiation of a generator may serve: both parties are reseeded, and nothing stops. */
static void test_generators_are_reseeded(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 50 * RK_DAY;
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 1;
    trial.message_period_ns = 60 * RK_S;
    struct rk_trial_result result = rkt_run(&trial);
    double renewals = per_trial(&trial, &result, RK_METRIC_renewals_per_d);
    assert_true(renewals > 70000);
    assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
    assert_true(result.metric[RK_METRIC_messages_unprotected_per_d] == 0);
}

/* All policies see the same samples and the same losses of each. */
static void test_common_random_numbers(void **state)
{
    (void)state;
    double lost = -1, offered = -1;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = rkt_trial();
        trial.policy.mechanism = mechanism;
        trial.policy.interval_ns = (mechanism + 1u) * HOUR_s * RK_S;
        trial.message_jitter_ppm = 100000;
        trial.message_period_ns = 60 * RK_S;
        trial.frame_loss_ppm = 400000;
        trial.horizon_ns = 20 * RK_DAY;
        struct rk_trial_result result = rkt_run(&trial);
        double sent = per_trial(&trial, &result, RK_METRIC_messages_per_d);
        double missing = per_trial(&trial, &result, RK_METRIC_messages_lost_per_d) +
                         per_trial(&trial, &result, RK_METRIC_messages_unprotected_per_d);
        assert_true(missing > 100);
        /* Messages before the first key differ between mechanisms: a handful at most. */
        assert_true(lost < 0 || (fabs(missing - lost) < 8 && sent == offered));
        lost = missing;
        offered = sent;
    }
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    enum { N = 6 };
    struct rk_trial trial = rkt_trial();
    trial.devices = 5;
    trial.frame_loss_ppm = 200000;
    trial.message_jitter_ppm = 50000;
    trial.compromise_per_1e6y = 365250000;
    trial.detection_mean_ns = 2 * HOUR_s * RK_S;
    struct rk_trial_result one[N], two[N];
    assert_int_equal(rk_replications_run(&trial, N, 1, one, NULL), RK_OK);
    assert_int_equal(rk_replications_run(&trial, N, 2, two, NULL), RK_OK);
    assert_memory_equal(one, two, sizeof one);
    assert_true(one[0].trace_checksum != one[1].trace_checksum);
    trial.replication = 1;
    struct rk_trial_result alone = rkt_run(&trial);
    assert_memory_equal(&alone, &one[1], sizeof alone);
}

enum { LEAKY_TRIALS = 12 };

/* Twenty devices under rare leaks of session keys. */
static struct rk_trial leaky(double interval_s, double detection_s)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 20;
    trial.horizon_ns = 60 * RK_DAY;
    trial.message_period_ns = HOUR_s / 10 * RK_S;
    trial.policy.interval_ns = (uint64_t)(interval_s * 1e9);
    trial.detection_mean_ns = (uint64_t)(detection_s * 1e9);
    trial.compromise_per_1e6y = (uint64_t)(0.02 / interval_s * 365.25 * 86400 * 1e6); /* one in fifty epochs */
    return trial;
}

/* The mean over leaks lies within its 95 % interval of the expected one. */
static void expect_exposure(const struct rk_trial *trial, double expected_s, double width)
{
    struct rk_trial_result result[LEAKY_TRIALS];
    double exposure_s[LEAKY_TRIALS], messages[LEAKY_TRIALS];
    assert_int_equal(rk_replications_run(trial, LEAKY_TRIALS, 2, result, NULL), RK_OK);
    for (int i = 0; i < LEAKY_TRIALS; i++) {
        exposure_s[i] = result[i].metric[RK_METRIC_exposure_s];
        messages[i] = result[i].metric[RK_METRIC_exposure_messages];
        assert_true(result[i].metric[RK_METRIC_compromises] > 100);
    }
    struct rk_stats stats = rk_stats_summary(exposure_s, LEAKY_TRIALS);
    assert_true(stats.ci95 / expected_s < width);
    assert_true(fabs(stats.mean - expected_s) < stats.ci95);
    stats = rk_stats_summary(messages, LEAKY_TRIALS);
    double expected = expected_s / ((double)trial->message_period_ns * 1e-9);
    assert_true(fabs(stats.mean - expected) < stats.ci95 + 0.01 * expected);
}

static void test_exposure_is_the_closed_form(void **state)
{
    (void)state;
    static const uint8_t healing[] = {RK_MECHANISM_DERIVE, RK_MECHANISM_TRANSPORT, RK_MECHANISM_COUNTER};
    struct rk_trial trial = leaky(2 * HOUR_s, 20 * HOUR_s);
    expect_exposure(&trial, rk_exposure_closed_form_s(2 * HOUR_s, 20 * HOUR_s, 0), 0.03);
    trial = leaky(HOUR_s, 0.5 * HOUR_s);
    for (size_t i = 0; i < sizeof healing; i++) {
        trial.policy.mechanism = healing[i];
        assert_true(rk_exposure_follow(&trial) == 0.0);
        expect_exposure(&trial, rk_exposure_closed_form_s(HOUR_s, 0.5 * HOUR_s, 0), 0.03);
    }
}

/* A4: renewal does not end a leak, only its detection does. A3 lies between, by what the adversary misses. */
static void test_a_leak_follows_its_chain(void **state)
{
    (void)state;
    struct rk_trial trial = leaky(2 * HOUR_s, 5 * HOUR_s);
    trial.compromise_per_1e6y /= 2; /* open leaks are detected together: they must be rare within a detection's time */
    trial.policy.mechanism = RK_MECHANISM_UPDATE;
    expect_exposure(&trial, rk_exposure_closed_form_s(2 * HOUR_s, 5 * HOUR_s, 1), 0.06);
    trial.policy.mechanism = RK_MECHANISM_REFRESH;
    expect_exposure(&trial, rk_exposure_closed_form_s(2 * HOUR_s, 5 * HOUR_s, 1), 0.06);
    trial.missed_ppm = 500000;
    expect_exposure(&trial, rk_exposure_closed_form_s(2 * HOUR_s, 5 * HOUR_s, 0.5), 0.06);
    trial.missed_ppm = 1000000;
    expect_exposure(&trial, rk_exposure_closed_form_s(2 * HOUR_s, 5 * HOUR_s, 0), 0.06);
}

/* Never noticed, an update chain stays open to the horizon: of a leak at a uniform time half of it. */
static void test_an_unnoticed_leak_of_a_chain_lasts(void **state)
{
    (void)state;
    struct rk_trial trial = leaky(2 * HOUR_s, 2 * HOUR_s);
    trial.detection_mean_ns = 36500 * RK_DAY;
    trial.policy.mechanism = RK_MECHANISM_UPDATE;
    expect_exposure(&trial, 30 * 86400.0 + HOUR_s, 0.06);
    trial.policy.mechanism = RK_MECHANISM_COUNTER;
    expect_exposure(&trial, 2 * HOUR_s, 0.06);
}

/* The whole memory: with ECDH as the session key and its overlap, with the others everything since the start. */
static void test_capture(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 20;
    trial.horizon_ns = 20 * RK_DAY;
    trial.message_period_ns = HOUR_s * RK_S;
    trial.compromise_per_1e6y = 36525000; /* one in ten days */
    trial.detection_mean_ns = HOUR_s * RK_S;
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    struct rk_trial_result result = rkt_run(&trial);
    double session_s = result.metric[RK_METRIC_exposure_s];
    assert_true(result.metric[RK_METRIC_exposure_capture_s] >= session_s);
    assert_true(result.metric[RK_METRIC_exposure_capture_s] < session_s + HOUR_s);
    /* A detected leak leaves the device without a key for its two curve operations of 1 s. */
    assert_true(result.metric[RK_METRIC_no_key_s_per_d] > 0.15); /* without leaks: 2.1 s in 20 days */
    /* Kept for a whole interval, the key before opens one interval more, unless the leak was in the first epoch. */
    trial.policy.overlap_ns = HOUR_s * RK_S - RK_MS;
    result = rkt_run(&trial);
    double more_s = result.metric[RK_METRIC_exposure_capture_s] - result.metric[RK_METRIC_exposure_s];
    assert_true(more_s > 0.6 * HOUR_s && more_s < 1.01 * HOUR_s);
    for (uint8_t mechanism = RK_MECHANISM_DERIVE; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        if (mechanism == RK_MECHANISM_STATIC) { /* the device has no root: as with ECDH, here with the key before */
            continue;
        }
        trial.policy.mechanism = mechanism;
        result = rkt_run(&trial);
        double capture_d = result.metric[RK_METRIC_exposure_capture_s] / 86400;
        assert_true(capture_d > 7 && capture_d < 13); /* half the horizon on average */
    }
    trial.policy.mechanism = RK_MECHANISM_STATIC;
    result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_exposure_capture_s] - result.metric[RK_METRIC_exposure_s] < 1.01 * HOUR_s);
}

static void test_server_queue_holds_a_storm(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 50;
    trial.message_period_ns = RK_MS * 100; /* all start within 0.1 s */
    trial.horizon_ns = 30 * RK_S;
    trial.server_time_ns = RK_S / 10;
    trial.policy.retry_ns = 100 * RK_S;
    struct rk_trial_result result = rkt_run(&trial);
    /* 50 requests at once, 0.1 s each: the last but one waits about 4.8 s. */
    assert_true(fabs(result.metric[RK_METRIC_server_wait_p99_s] - 4.85) < 0.15);
    trial.servers = 50;
    result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_server_wait_p99_s] == 0);
}

static void expect_refused(const struct rk_trial *trial, const char *line)
{
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    assert_int_equal(rk_trial_run(trial, &result, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, line);
}

static void test_impossible_parameters(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 0;
    expect_refused(&trial, "trial: 0 devices, expected at least 1");
    trial = rkt_trial();
    trial.message_period_ns = 0;
    expect_refused(&trial, "trial: message period 0, expected above 0");
    trial = rkt_trial();
    trial.frame_loss_ppm = 1000001;
    expect_refused(&trial, "trial: frame loss above 1, expected a probability");
    trial = rkt_trial();
    trial.servers = 0;
    expect_refused(&trial, "trial: expected 1 to 1000000 servers");
    trial = rkt_trial();
    trial.message_bytes = 129;
    expect_refused(&trial, "trial: expected messages of 1 to 128 bytes");
    trial = rkt_trial();
    trial.capabilities = 0;
    expect_refused(&trial, "trial: backend modelled lacks what mechanism derive needs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy_of_messages),
        cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_every_frame_lost),
        cmocka_unit_test(test_renewals_are_horizon_over_interval),
        cmocka_unit_test(test_a_slow_device_delays_its_messages),
        cmocka_unit_test(test_generators_are_reseeded),
        cmocka_unit_test(test_common_random_numbers),
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_exposure_is_the_closed_form),
        cmocka_unit_test(test_a_leak_follows_its_chain),
        cmocka_unit_test(test_an_unnoticed_leak_of_a_chain_lasts),
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_server_queue_holds_a_storm),
        cmocka_unit_test(test_impossible_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
