/* tests/model/test_fault.c - faults against their rates and formulas, and what each does to keys
 *
 * Seeds are fixed; bounds are stated in standard errors. A Poisson count of mean m has the standard error sqrt(m).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/model/node.h"
#include "tests/model/fixture.h"

#define PER_DAY (36525ull * 10000) /* in events a million device-years */

static struct rk_trial fleet_of(uint32_t devices, uint32_t days)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = devices;
    trial.horizon_ns = days * RK_DAY;
    return trial;
}

static double metric_of(const struct rk_trial_result *result, enum rk_metric metric)
{
    return result->metric[metric];
}

/* Reboots at their rate, time off their mean, and a message missed for each period off; a device comes back with its
 * key, in the time that its start takes, so that no renewal is added. */
static void power_cuts_come_at_their_rate(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(100, 30);
    struct rk_trial_result calm = rkt_run(&trial);
    trial.fault = (struct rk_fault_shape){.reboot_per_1e6y = 2 * PER_DAY, .off_ns = 600 * RK_S};
    struct rk_trial_result cut = rkt_run(&trial);
    double lived = 86400.0 / (86400 + 2 * 600); /* gaps begin when power is back */
    double count = 2 * lived * 3000;
    assert_float_equal(metric_of(&cut, RK_METRIC_reboots_per_d) * 3000, count, 4 * sqrt(count));
    assert_float_equal(metric_of(&cut, RK_METRIC_off_s_per_d) * 3000, count * 600, 4 * 600 * sqrt(2 * count));
    double off = metric_of(&cut, RK_METRIC_off_s_per_d) / 86400;
    assert_float_equal(metric_of(&cut, RK_METRIC_messages_missed_per_d), 288 * off, 0.3);
    assert_float_equal(metric_of(&cut, RK_METRIC_messages_per_d) + metric_of(&cut, RK_METRIC_messages_missed_per_d),
                       metric_of(&calm, RK_METRIC_messages_per_d), 0.01);
    assert_true(metric_of(&cut, RK_METRIC_recovery_p95_s) < 10);
    assert_true(metric_of(&cut, RK_METRIC_lockouts) == 0 && metric_of(&cut, RK_METRIC_out_of_step_s_per_d) == 0);
    assert_true(metric_of(&cut, RK_METRIC_messages_rejected_per_d) == 0);
    assert_true(metric_of(&cut, RK_METRIC_renewals_per_d) < metric_of(&calm, RK_METRIC_renewals_per_d));
    assert_true(isnan(metric_of(&calm, RK_METRIC_reboots_per_d)) && isnan(metric_of(&cut, RK_METRIC_duplicate_keys)));
}

/* A flipped bit shows at the next start: the record is refused, and the device takes an older one, or has none and
 * asks anew. Without starts it shows never. */
static void bit_errors_show_at_the_next_start(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(100, 30);
    struct rk_trial_result calm = rkt_run(&trial);
    trial.fault = (struct rk_fault_shape){.bit_per_1e6y = 20 * PER_DAY};
    struct rk_trial_result quiet = rkt_run(&trial);
    assert_true(quiet.trace_checksum == calm.trace_checksum);
    trial.fault.reboot_per_1e6y = PER_DAY;
    trial.fault.off_ns = RK_S;
    struct rk_trial_result broken = rkt_run(&trial);
    trial.fault.bit_per_1e6y = 0;
    struct rk_trial_result cut = rkt_run(&trial);
    assert_true(metric_of(&cut, RK_METRIC_lockouts) == 0);
    bool out_of_step = metric_of(&broken, RK_METRIC_out_of_step_s_per_d) > 0;
    assert_true(out_of_step || metric_of(&broken, RK_METRIC_lockouts) > 0);
    assert_true(metric_of(&broken, RK_METRIC_messages_rejected_per_d) +
                    metric_of(&broken, RK_METRIC_messages_unprotected_per_d) >
                metric_of(&cut, RK_METRIC_messages_rejected_per_d) +
                    metric_of(&cut, RK_METRIC_messages_unprotected_per_d));
}

/* n devices that draw one of k inputs each have n - k (1 - (1 - 1/k)^n) duplicates: their first requests, as each has a
 * generator that goes on from there; those of equal input go on alike. */
static void weak_entropy_makes_duplicates(void **state)
{
    (void)state;
    enum { DEVICES = 2000, BITS = 10 };
    struct rk_trial trial = fleet_of(DEVICES, 1);
    trial.horizon_ns = 1800 * RK_S; /* one request */
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.fault = (struct rk_fault_shape){.weak_ppm = 1000000, .weak_bits = BITS};
    double k = 1 << BITS, expected = DEVICES - k * (1 - pow(1 - 1 / k, DEVICES));
    double found = metric_of(&(struct rk_trial_result[]){rkt_run(&trial)}[0], RK_METRIC_duplicate_keys) * DEVICES;
    assert_float_equal(found, expected, 4 * sqrt(expected));
    trial.fault.weak_bits = 32;
    assert_float_equal(metric_of(&(struct rk_trial_result[]){rkt_run(&trial)}[0], RK_METRIC_duplicate_keys), 0, 0.002);
    trial.fault.weak_bits = BITS;
    trial.fault.weak_ppm = 1; /* hardly any of the devices */
    assert_true(metric_of(&(struct rk_trial_result[]){rkt_run(&trial)}[0], RK_METRIC_duplicate_keys) == 0);
}

/* An outage refuses the requests that fall into it; renewals fail then, and the share of failures grows with its
 * share. */
static void outages_refuse_requests(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(50, 60);
    trial.fault = (struct rk_fault_shape){.outage_per_1e6y = PER_DAY, .outage_ns = 6 * 3600 * RK_S};
    struct rk_trial_result result = rkt_run(&trial);
    double out = 6.0 / (24 + 6); /* of the time: 24 h between outages, 6 h each */
    double ended = metric_of(&result, RK_METRIC_renewals_per_d);
    assert_true(metric_of(&result, RK_METRIC_requests_refused_per_d) > 1);
    assert_true(metric_of(&result, RK_METRIC_renewals_failed_per_d) > 0.5);
    assert_float_equal(ended / 24, 1 - out, 0.1);
    assert_true(metric_of(&result, RK_METRIC_no_key_s_per_d) < 1); /* the old key goes on */
}

/* A clock that runs fast by d renews 1 + d times as often; one that is drawn in +- d on average as often. */
static void clocks_drift(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(1, 100);
    double straight = rkt_run(&trial).metric[RK_METRIC_keys_per_device];
    trial.fault.drift_ppm = 100000;
    double least = INFINITY, most = 0, sum = 0;
    enum { SEEDS = 40 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        trial.seed = seed;
        double keys = rkt_run(&trial).metric[RK_METRIC_keys_per_device] / straight;
        least = fmin(least, keys);
        most = fmax(most, keys);
        sum += keys / SEEDS;
    }
    assert_true(least > 0.899 && least < 0.92 && most < 1.101 && most > 1.08);
    assert_float_equal(sum, 1, 4 * 0.1 / sqrt(3.0 * SEEDS));
}

/* A jump ahead renews early, one back late; keys, messages and server go on. */
static void clocks_jump(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(100, 30);
    struct rk_trial_result calm = rkt_run(&trial);
    trial.fault = (struct rk_fault_shape){.jump_per_1e6y = PER_DAY, .jump_ns = 1800 * RK_S};
    struct rk_trial_result jumped = rkt_run(&trial);
    assert_true(jumped.trace_checksum != calm.trace_checksum);
    assert_float_equal(metric_of(&jumped, RK_METRIC_renewals_per_d), metric_of(&calm, RK_METRIC_renewals_per_d), 0.5);
    assert_true(metric_of(&jumped, RK_METRIC_messages_rejected_per_d) == 0);
    assert_true(metric_of(&jumped, RK_METRIC_lockouts) == 0);
}

static void the_clock_goes_there_and_back(void **state)
{
    (void)state;
    struct rk_node node = {.index = 0};
    for (int32_t drift = -100000000; drift <= 100000000; drift += 25000000) {
        for (int64_t step = -3600; step <= 3600; step += 1200) {
            node.fault = (struct rk_fault_state){.drift_ppb = drift, .clock_ns = step * (int64_t)RK_S};
            for (rk_ns at_ns = 7200 * RK_S; at_ns < 400 * RK_DAY; at_ns = at_ns * 3 + 1) {
                rk_ns shown_ns = rk_fault_clock_ns(&node, at_ns), first_ns = rk_fault_true_ns(&node, shown_ns);
                assert_true(rk_fault_clock_ns(&node, first_ns) >= shown_ns);
                assert_true(first_ns == 0 || rk_fault_clock_ns(&node, first_ns - 1) < shown_ns);
            }
        }
    }
    assert_true(rk_fault_true_ns(&node, RK_NEVER) == RK_NEVER);
}

/* What was counted up to a warm-up and from it on make the whole. */
static void faults_have_a_warm_up(void **state)
{
    (void)state;
    static const enum rk_metric sums[] = {RK_METRIC_reboots_per_d, RK_METRIC_off_s_per_d,
                                          RK_METRIC_messages_missed_per_d, RK_METRIC_requests_refused_per_d};
    struct rk_trial trial = fleet_of(30, 10);
    trial.fault = (struct rk_fault_shape){
        .reboot_per_1e6y = PER_DAY, .off_ns = 3600 * RK_S, .outage_per_1e6y = PER_DAY, .outage_ns = 7200 * RK_S};
    struct rk_trial_result whole = rkt_run(&trial);
    trial.warm_up_ns = 4 * RK_DAY;
    struct rk_trial_result late = rkt_run(&trial);
    trial.horizon_ns = trial.warm_up_ns;
    trial.warm_up_ns = 0;
    struct rk_trial_result early = rkt_run(&trial);
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        double sum = early.metric[sums[i]] * 4 + late.metric[sums[i]] * 6;
        assert_true(sum > 0);
        assert_float_equal(sum / (whole.metric[sums[i]] * 10), 1, 1e-9);
    }
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(1, 1);
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    trial.fault.drift_ppm = 10;
    trial.lifetime = true;
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "faults in lifetime mode"));
    trial.lifetime = false;
    trial.fault.weak_bits = 40;
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cuts_come_at_their_rate),
        cmocka_unit_test(bit_errors_show_at_the_next_start),
        cmocka_unit_test(weak_entropy_makes_duplicates),
        cmocka_unit_test(outages_refuse_requests),
        cmocka_unit_test(clocks_drift),
        cmocka_unit_test(clocks_jump),
        cmocka_unit_test(the_clock_goes_there_and_back),
        cmocka_unit_test(faults_have_a_warm_up),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
