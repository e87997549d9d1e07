/* tests/model/test_oracles.c - whole trials against formulas: renewal counts, warm-up, exposure, the key server as
 * M/M/1, battery life, and the renewal interval of least cost
 *
 * Seeds are fixed. Bounds are stated in standard errors of what is compared, or are what the formula leaves out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/core/stats.h"
#include "engine/model/server.h"
#include "engine/sim/replication.h"
#include "tests/model/fixture.h"

static const double hour_s = 3600;

static double days(const struct rk_trial *trial)
{
    return (double)trial->horizon_ns / (double)RK_DAY;
}

/* --- renewal counts --- */

/* Renewals of one device, over replications. */
static struct rk_stats renewals(const struct rk_trial *trial)
{
    enum { REPLICATIONS = 400 };
    static struct rk_trial_result result[REPLICATIONS];
    double count[REPLICATIONS];
    struct rk_diag diag;
    assert_int_equal(rk_replications_run(trial, REPLICATIONS, 2, result, &diag), RK_OK);
    for (int i = 0; i < REPLICATIONS; i++) {
        count[i] = result[i].metric[RK_METRIC_renewals_per_d] * days(trial);
    }
    return rk_stats_summary(count, REPLICATIONS);
}

/* A device starts uniformly in its message period and renews every T + latency: the count is floor((H - start) / that),
 * whatever its start. */
static void test_fixed_interval(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 100 * 3600 * RK_S + 1800 * RK_S;
    struct rk_stats count = renewals(&trial);
    assert_true(count.min == 100 && count.max == 100);
}

/* T uniform in (1 - j, 1]: N(H) has mean H / m + (s^2 - m^2) / (2 m^2) and variance H s^2 / m^3, to o(1) and o(H). The
 * latency, 0.1 s, is added to m. */
static void test_jittered_interval(void **state)
{
    (void)state;
    const double jitter = 0.8, latency_s = 0.05;
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 20 * RK_DAY;
    trial.message_period_ns = 600 * RK_S;
    trial.policy.jitter_ppm = 800000;
    struct rk_stats count = renewals(&trial);
    double mean_s = hour_s * (1 - jitter / 2) + latency_s, sd_s = hour_s * jitter / sqrt(12);
    double lived_s = days(&trial) * 86400 - 300; /* the start is 300 s in, on average */
    double expected = lived_s / mean_s + (sd_s * sd_s / (mean_s * mean_s) - 1) / 2;
    double variance = lived_s * sd_s * sd_s / (mean_s * mean_s * mean_s);
    double error = sqrt(variance / (double)count.n);
    assert_float_equal(count.mean, expected, 4 * error);
    /* A variance of n normal values has the relative standard error sqrt(2 / n). */
    assert_float_equal(count.sd * count.sd / variance, 1, 4 * sqrt(2 / (double)count.n));
}

/* --- warm-up --- */

/* What is counted from the warm-up on and what was counted up to it make the whole; the trace is the whole trial's. The
 * time without a key is the first establishment's, and is before the warm-up. */
static void test_warm_up(void **state)
{
    (void)state;
    static const enum rk_metric sums[] = {RK_METRIC_energy_J_per_d,   RK_METRIC_renewals_per_d,
                                          RK_METRIC_messages_per_d,   RK_METRIC_no_key_s_per_d,
                                          RK_METRIC_nvm_writes_per_d, RK_METRIC_messages_lost_per_d};
    struct rk_trial trial = rkt_trial();
    trial.devices = 30;
    trial.horizon_ns = 10 * RK_DAY;
    trial.frame_loss_ppm = 200000;
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    struct rk_trial_result whole = rkt_run(&trial);
    trial.warm_up_ns = 3 * RK_DAY + 7 * RK_S;
    struct rk_trial_result late = rkt_run(&trial);
    trial.horizon_ns = trial.warm_up_ns;
    trial.warm_up_ns = 0;
    struct rk_trial_result early = rkt_run(&trial);
    double early_d = days(&trial);
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        double sum = early.metric[sums[i]] * early_d + late.metric[sums[i]] * (10 - early_d);
        assert_float_equal(sum / (whole.metric[sums[i]] * 10), 1, 1e-9);
    }
    assert_true(late.metric[RK_METRIC_no_key_s_per_d] < early.metric[RK_METRIC_no_key_s_per_d] / 10);
    assert_true(late.trace_checksum == whole.trace_checksum && late.events == whole.events);
    assert_true(late.metric[RK_METRIC_rekey_latency_p50_s] > 1);
}

/* --- exposure --- */

/* W(T) for every mechanism, that is for the classes A0 to A5: only a chain (A3, A4) is followed. A leak in 20 days, at
 * 8 h between renewals: detections renew early in one interval of 60, and two leaks are rarely open at once. Within
 * four standard errors, and 2.5 % for those two. */
static void test_exposure_of_every_mechanism(void **state)
{
    (void)state;
    enum { REPLICATIONS = 12 };
    const double interval_s = 8 * hour_s, detection_s = 4 * hour_s;
    bool seen[6] = {false};
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = rkt_trial();
        struct rk_trial_result result[REPLICATIONS];
        struct rk_diag diag;
        double exposure_s[REPLICATIONS];
        trial.devices = 200;
        trial.horizon_ns = 60 * RK_DAY;
        trial.message_period_ns = 12 * 3600 * RK_S;
        trial.policy.mechanism = mechanism;
        trial.policy.interval_ns = (rk_ns)(interval_s * 1e9);
        trial.detection_mean_ns = (rk_ns)(detection_s * 1e9);
        trial.compromise_per_1e6y = 1000000ull * 36525 / 2000;
        assert_int_equal(rk_replications_run(&trial, REPLICATIONS, 2, result, &diag), RK_OK);
        for (int i = 0; i < REPLICATIONS; i++) {
            exposure_s[i] = result[i].metric[RK_METRIC_exposure_s];
        }
        struct rk_stats stats = rk_stats_summary(exposure_s, REPLICATIONS);
        double expected_s = rk_exposure_closed_form_s(interval_s, detection_s, rk_exposure_follow(&trial));
        double bound_s = 4 * stats.sd / sqrt(REPLICATIONS) + 0.025 * expected_s;
        assert_true(bound_s < 0.1 * expected_s);
        assert_float_equal(stats.mean, expected_s, bound_s);
        seen[rk_mechanism_class(mechanism)[1] - '0'] = true;
    }
    for (int class = 0; class < 6; class ++) {
        assert_true(seen[class]);
    }
}

/* --- the key server under a fleet --- */

/* 4,000 devices that each ask once an hour, at a minute of their own, are a Poisson stream for as long as the queue
 * remembers (seconds): M/M/1, where P(wait > t) = load * exp(-(1 - load) t / service). */
static void test_a_fleet_makes_a_poisson_stream(void **state)
{
    (void)state;
    const double load = 0.6;
    struct rk_trial trial = rkt_trial();
    trial.devices = 4000;
    trial.horizon_ns = 12 * 3600 * RK_S;
    trial.message_period_ns = 3600 * RK_S;
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 1;
    trial.policy.retry_ns = 600 * RK_S;
    trial.server_service = RK_SERVICE_EXPONENTIAL;
    double service_s = load * hour_s / trial.devices;
    trial.server_time_ns = (rk_ns)(service_s * 1e9);
    double p99_s = log(100 * load) * service_s / (1 - load);
    enum { REPLICATIONS = 8 };
    struct rk_trial_result result[REPLICATIONS];
    struct rk_diag diag;
    assert_int_equal(rk_replications_run(&trial, REPLICATIONS, 2, result, &diag), RK_OK);
    double wait_s[REPLICATIONS];
    for (int i = 0; i < REPLICATIONS; i++) {
        wait_s[i] = result[i].metric[RK_METRIC_server_wait_p99_s];
        assert_true(result[i].metric[RK_METRIC_renewals_failed_per_d] == 0);
    }
    struct rk_stats stats = rk_stats_summary(wait_s, REPLICATIONS);
    double bound = 5 * stats.sd / sqrt(REPLICATIONS);
    assert_true(bound < 0.1 * p99_s);
    assert_float_equal(stats.mean, p99_s, bound);
}

/* --- energy --- */

static struct rk_trial steady(rk_ns message_ns, rk_ns interval_ns)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 20;
    trial.horizon_ns = 30 * RK_DAY;
    trial.message_period_ns = message_ns;
    trial.policy.triggers = interval_ns == RK_NEVER ? 0 : RK_TRIGGER_INTERVAL;
    trial.policy.interval_ns = interval_ns;
    return trial;
}

static double energy_J_per_d(rk_ns message_ns, rk_ns interval_ns)
{
    struct rk_trial trial = steady(message_ns, interval_ns);
    return rkt_run(&trial).metric[RK_METRIC_energy_J_per_d];
}

/* L = battery / (base + per message * rate + per renewal / T): three trials give the three terms, a fourth, with twice
 * the messages and a third of the interval, must have the life they say. Backoff is random: 0.2 %. */
static void test_battery_life(void **state)
{
    (void)state;
    const rk_ns minutes = 60 * RK_S;
    double slow = energy_J_per_d(20 * minutes, RK_NEVER), fast = energy_J_per_d(10 * minutes, RK_NEVER);
    double message_J = (fast - slow) / 72, base_J = slow - 72 * message_J;
    double renewal_J = (energy_J_per_d(20 * minutes, 180 * minutes) - slow) / 8;
    struct rk_trial trial = steady(5 * minutes, 60 * minutes);
    struct rk_battery_profile *battery = rkt_battery();
    battery->self_discharge_ppm_per_year.value = 20000;
    battery->usable_ppm = 850000;
    double load_J_per_d = base_J + 288 * message_J + 24 * renewal_J;
    double full_J = 0.2 * 3600 * 3, lost_J_per_d = full_J * 0.02 / 365.25;
    double life_d = full_J * 0.85 / (load_J_per_d + lost_J_per_d);
    assert_float_equal(rkt_run(&trial).metric[RK_METRIC_battery_life_d] / life_d, 1, 0.002);
    assert_true(24 * renewal_J > 0.05 * load_J_per_d); /* so that the renewals' term is seen */
}

/* --- the interval of least cost --- */

/* Energy and exposure of a fleet that renews every `interval_s`, from one trial with few leaks. */
struct outcome {
    double energy_J_per_d, exposure_s;
};

static struct outcome outcome_of(double interval_s, double detection_s)
{
    struct rk_trial trial = steady(6 * 3600 * RK_S, (rk_ns)(interval_s * 1e9));
    trial.devices = 400;
    trial.horizon_ns = 120 * RK_DAY;
    trial.compromise_per_1e6y = 1000000ull * 36525 / 2000; /* one in 20 days */
    trial.detection_mean_ns = (rk_ns)(detection_s * 1e9);
    struct rk_trial_result result = rkt_run(&trial);
    return (struct outcome){result.metric[RK_METRIC_energy_J_per_d], result.metric[RK_METRIC_exposure_s]};
}

/* J(T) = C / T + w W(T), C the energy of a renewal and w a price of exposure. W is T / 2 where leaks are noticed at
 * once and T where they are not, so that the least cost is at T* = sqrt(2 C / w) and sqrt(C / w), and at T* / 3 and 3
 * T* it is 5 / 3 of it. The simulated cost is within 6 % of that: 2,400 leaks give W to 2 % (one standard error), and
 * detections renew early. */
static void expect_optimum(double detection_s, double share)
{
    const double best_s = 9 * hour_s;
    double idle_J = energy_J_per_d(6 * 3600 * RK_S, RK_NEVER);
    double renewal_J = (energy_J_per_d(6 * 3600 * RK_S, 3600 * RK_S) - idle_J) / 24;
    double price_J_per_d_s = renewal_J / (share * best_s * best_s) * 86400;
    double cost[3];
    for (int i = 0; i < 3; i++) {
        struct outcome outcome = outcome_of(best_s * pow(3, i - 1), detection_s);
        cost[i] = outcome.energy_J_per_d - idle_J + price_J_per_d_s * outcome.exposure_s;
    }
    double least = 2 * renewal_J / best_s * 86400;
    assert_float_equal(cost[1] / least, 1, 0.06);
    assert_float_equal(cost[0] / cost[1], 5.0 / 3, 0.1);
    assert_float_equal(cost[2] / cost[1], 5.0 / 3, 0.1);
}

static void test_interval_of_least_cost(void **state)
{
    (void)state;
    expect_optimum(60, 0.5);
    expect_optimum(1000 * 86400.0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_interval),
        cmocka_unit_test(test_jittered_interval),
        cmocka_unit_test(test_warm_up),
        cmocka_unit_test(test_exposure_of_every_mechanism),
        cmocka_unit_test(test_a_fleet_makes_a_poisson_stream),
        cmocka_unit_test(test_battery_life),
        cmocka_unit_test(test_interval_of_least_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
