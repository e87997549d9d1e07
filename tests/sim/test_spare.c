/* tests/sim/test_spare.c - renewals that lifetime mode spares come to the same as those that are played
 *
 * Where samples come at fixed intervals lifetime mode has them when the exact mode has them, and renewals draw what they
 * draw there. What renewals do must then be the same, to the integer; messages alone come from a distribution.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/sim/tier.h"
#include "tests/model/fixture.h"

/* What no attempt of a data frame, and no delay of one, is in. */
static const enum rk_metric of_keys[] = {
    RK_METRIC_energy_crypto_keys_J_per_d,
    RK_METRIC_energy_crypto_data_J_per_d,
    RK_METRIC_energy_radio_keys_J_per_d,
    RK_METRIC_energy_nvm_J_per_d,
    RK_METRIC_renewals_per_d,
    RK_METRIC_renewals_failed_per_d,
    RK_METRIC_rekey_latency_p50_s,
    RK_METRIC_rekey_latency_p95_s,
    RK_METRIC_rekey_latency_p99_s,
    RK_METRIC_server_wait_p99_s,
    RK_METRIC_no_key_s_per_d,
    RK_METRIC_messages_per_d,
    RK_METRIC_messages_unprotected_per_d,
    RK_METRIC_nvm_writes_per_d,
    RK_METRIC_nvm_life_y,
    RK_METRIC_compromises,
    RK_METRIC_exposure_s,
    RK_METRIC_exposure_messages,
    RK_METRIC_exposure_capture_s,
    RK_METRIC_exposure_server_s,
    RK_METRIC_healing_s,
    RK_METRIC_keys_per_device,
    RK_METRIC_aead_q_share,
    RK_METRIC_stale_key_share,
};

static struct rk_trial steady(void)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 5;
    trial.horizon_ns = 60 * RK_DAY;
    trial.message_period_ns = 37 * RK_S;
    trial.message_jitter_ppm = 0;
    trial.server_time_ns = 0;
    trial.policy.interval_ns = RK_DAY / 2;
    trial.policy.jitter_ppm = 100000;
    trial.policy.cryptoperiod_ns = RK_DAY;
    trial.policy.messages_max = 100000;
    return trial;
}

/* in: the least share of the renewals that is to be spared. */
static void expect_same(const char *what, struct rk_trial trial, double share)
{
    struct rk_trial_result exact = rkt_run(&trial);
    trial.lifetime = true;
    struct rk_trial_result spared = rkt_run(&trial);
    double renewals = exact.metric[RK_METRIC_keys_per_device] * trial.devices;
    printf("%s: %.1f %% of %.0f renewals spared\n", what, 100 * (double)spared.renewals_spared / renewals, renewals);
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof of_keys / sizeof of_keys[0]; i++) {
        double left = exact.metric[of_keys[i]], right = spared.metric[of_keys[i]];
        if (!(left == right || (isnan(left) && isnan(right)))) {
            printf("%s, %s: played %.17g, spared %.17g\n", what, rk_metric_info[of_keys[i]].name, left, right);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_memory_equal(&exact.rekey_ns, &spared.rekey_ns, sizeof exact.rekey_ns);
    assert_int_equal(exact.trace_records, spared.trace_records);
    assert_true((double)spared.renewals_spared >= share * renewals);
}

static void test_mechanisms(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = steady();
        trial.policy.mechanism = mechanism;
        expect_same(rk_mechanism_name(mechanism), trial, 0.5);
    }
}

static void test_air(void **state)
{
    (void)state;
    static const uint32_t losses_ppm[] = {10000, 50000, 300000, 700000};
    for (size_t i = 0; i < sizeof losses_ppm / sizeof losses_ppm[0]; i++) {
        struct rk_trial trial = steady();
        trial.frame_loss_ppm = losses_ppm[i];
        trial.network_delay_ns = 20 * RK_MS * i;
        char what[32];
        snprintf(what, sizeof what, "%u %% loss", losses_ppm[i] / 10000);
        expect_same(what, trial, i < 2 ? 0.5 : 0);
    }
}

static void test_policies(void **state)
{
    (void)state;
    struct rk_trial trial = steady();
    trial.frame_loss_ppm = 50000;
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 777;
    expect_same("777 messages", trial, 0.5);
    trial.policy.messages = 5000;
    trial.policy.cryptoperiod_ns = 3 * RK_DAY;
    expect_same("5000 messages", trial, 0.5);
    trial.policy.triggers = RK_TRIGGER_MESSAGES | RK_TRIGGER_INTERVAL;
    trial.policy.messages = 1100;
    trial.policy.jitter_ppm = 400000;
    expect_same("1100 messages or 12 h, less jitter", trial, 0.5);
    trial.policy.triggers = RK_TRIGGER_INTERVAL | RK_TRIGGER_SESSION;
    trial.session_period_ns = 31 * RK_DAY / 24;
    expect_same("sessions", trial, 0.2);
}

static void test_overlaps(void **state)
{
    (void)state;
    static const rk_ns overlaps_ns[] = {0, RK_S, 60 * RK_S, RK_DAY / 24, RK_DAY / 3};
    for (size_t i = 0; i < sizeof overlaps_ns / sizeof overlaps_ns[0]; i++) {
        struct rk_trial trial = steady();
        trial.policy.overlap_ns = overlaps_ns[i];
        char what[32];
        snprintf(what, sizeof what, "overlap of %u s", (unsigned)(overlaps_ns[i] / RK_S));
        expect_same(what, trial, 0);
    }
}

/* Blocks of several records, and of one. */
static void test_flash(void **state)
{
    (void)state;
    static const uint32_t blocks_bytes[] = {128, 512, 4096};
    for (size_t i = 0; i < sizeof blocks_bytes / sizeof blocks_bytes[0]; i++) {
        struct rk_trial trial = steady();
        rkt_device()->nvm_erase_block_bytes = blocks_bytes[i];
        rkt_device()->nvm_erase_ns = 20 * RK_MS;
        trial.message_period_ns = 11 * RK_S;
        trial.frame_loss_ppm = 50000;
        char what[32];
        snprintf(what, sizeof what, "flash of blocks of %u B", blocks_bytes[i]);
        expect_same(what, trial, 0.5);
    }
}

static void test_leaks(void **state)
{
    (void)state;
    static const uint8_t mechanisms[] = {RK_MECHANISM_DERIVE, RK_MECHANISM_REFRESH, RK_MECHANISM_UPDATE};
    for (size_t i = 0; i < sizeof mechanisms; i++) {
        struct rk_trial trial = steady();
        trial.policy.mechanism = mechanisms[i];
        trial.frame_loss_ppm = 50000;
        trial.compromise_per_1e6y = 365250000ull / 3; /* one in three days */
        trial.detection_mean_ns = RK_DAY / 3;
        trial.missed_ppm = 300000;
        expect_same("leaks", trial, 0.3);
    }
}

/* The generators ask for entropy on the way. */
static void test_many(void **state)
{
    (void)state;
    struct rk_trial trial = steady();
    trial.devices = 2;
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.policy.interval_ns = RK_DAY / 24;
    trial.horizon_ns = 90 * RK_DAY;
    trial.message_period_ns = 601 * RK_S;
    expect_same("one an hour", trial, 0.5);
}

/* Where each renewal is played, the choice of a tier says so; it is as lifetime mode had it before. */
static void test_refused(void **state)
{
    (void)state;
    struct rk_trial trial = steady();
    struct rk_tier_choice choice;
    trial.lifetime = true;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_OK);
    assert_null(strstr(choice.why, "played"));
    trial.policy.overlap_ns = RK_DAY;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_OK);
    assert_string_equal(choice.why, "devices share nothing; each renewal is played: a key may end while the one before "
                                    "still processes");
    trial = steady();
    trial.server_time_ns = RK_MS;
    trial.lifetime = true;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_OK);
    assert_string_equal(choice.why,
                        "devices share nothing but the key server; each renewal is played: devices wait for the "
                        "key server");
    assert_int_equal(rkt_run(&trial).renewals_spared, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mechanisms), cmocka_unit_test(test_air),     cmocka_unit_test(test_policies),
        cmocka_unit_test(test_overlaps),   cmocka_unit_test(test_flash),   cmocka_unit_test(test_leaks),
        cmocka_unit_test(test_many),       cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
