/* tests/sim/test_exactness.c - every tier and kernel against the reference, to the bit
 *
 * Random trials are small, but drawn from all that couples and interrupts: mechanisms, triggers, loss, jitter, sessions,
 * leaks, a slow server, slow devices, limits, erase blocks, fragments. The number of the first that differs is printed;
 * it alone decides what the trial is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/core/rng.h"
#include "engine/model/stretch.h"
#include "engine/sim/tier.h"
#include "tests/model/fixture.h"

enum { RANDOM_TRIALS = 10000, NARROW_TRIALS = 300 };

/* Draws of one trial, by the order in which they are asked for. */
struct dice {
    struct rk_rng_key key;
    uint64_t next;
};

static uint64_t below(struct dice *dice, uint64_t n)
{
    return rk_rng_below(rk_rng_draw(&dice->key, 0, RK_RNG_INPUT, dice->next++), n);
}

static uint64_t one_of(struct dice *dice, const uint64_t *values, size_t count)
{
    return values[below(dice, count)];
}
#define ONE_OF(dice, ...)                                                                                              \
    one_of(dice, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void draw_policy(struct dice *dice, struct rk_policy *policy)
{
    policy->triggers = (uint8_t)below(dice, 8);
    policy->mechanism = (uint8_t)below(dice, RK_MECHANISM_COUNT);
    policy->attempts = (uint8_t)(1 + below(dice, 4));
    policy->messages = (uint32_t)ONE_OF(dice, 1, 2, 17, 300);
    policy->messages_max = (uint32_t)ONE_OF(dice, 0, 0, 3, 40, 1000);
    policy->failed_max = (uint32_t)ONE_OF(dice, 0, 5);
    policy->jitter_ppm = (uint32_t)ONE_OF(dice, 0, 100000, 1000000);
    policy->interval_ns = ONE_OF(dice, 60, 600, 3600) * RK_S + below(dice, RK_S);
    policy->retry_ns = ONE_OF(dice, RK_S / 10, 2 * RK_S, 60 * RK_S);
    policy->overlap_ns = ONE_OF(dice, 0, 10 * RK_S, 900 * RK_S);
    policy->cryptoperiod_ns = ONE_OF(dice, RK_NEVER, RK_NEVER, 1800 * RK_S);
}

/* Parts in which devices, radios and rows differ where it matters here. */
static void draw_parts(struct dice *dice)
{
    rkt_radio()->backoff_min_exponent = (uint8_t)ONE_OF(dice, 0, 3, 3, 5);
    rkt_radio()->frame_retries = (uint8_t)ONE_OF(dice, 0, 3, 3, 7, 9);
    rkt_radio()->startup_ns = ONE_OF(dice, 0, RK_MS);
    rkt_device()->nvm_erase_block_bytes = (uint32_t)ONE_OF(dice, 0, 0, 128, 4096);
    if (below(dice, 4) == 0) {
        rkt_device()->clock_Hz = 1000; /* a step takes seconds */
    }
}

static struct rk_trial draw_trial(uint64_t number)
{
    struct dice dice = {.key = rk_rng_key_make(number, 0)};
    struct rk_trial trial = rkt_trial();
    draw_policy(&dice, &trial.policy);
    draw_parts(&dice);
    trial.seed = number;
    trial.replication = (uint32_t)below(&dice, 3);
    trial.profile = (uint8_t)below(&dice, RK_PROFILE_COUNT);
    trial.aead = below(&dice, 2) == 0 ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305;
    trial.tag_bytes = trial.aead == RK_ALG_AES_CCM && below(&dice, 2) == 0 ? 8 : 16;
    trial.message_period_ns = ONE_OF(&dice, RK_S / 50, RK_S, 10 * RK_S, 60 * RK_S);
    trial.message_jitter_ppm = (uint32_t)ONE_OF(&dice, 0, 50000, 500000, 1000000);
    trial.message_bytes = (uint16_t)ONE_OF(&dice, 1, 7, 32, 128);
    trial.session_period_ns = ONE_OF(&dice, 0, 0, 700 * RK_S);
    trial.frame_loss_ppm = (uint32_t)ONE_OF(&dice, 0, 10000, 50000, 300000, 900000, 1000000);
    trial.server_time_ns = ONE_OF(&dice, 0, 5 * RK_MS, RK_S, 30 * RK_S);
    trial.servers = (uint32_t)(1 + below(&dice, 3));
    trial.network_delay_ns = ONE_OF(&dice, 0, 20 * RK_MS, 3 * RK_S);
    trial.compromise_per_1e6y = ONE_OF(&dice, 0, 0, 200ull * 365250000, 5000ull * 365250000);
    trial.detection_mean_ns = ONE_OF(&dice, RK_S, 600 * RK_S);
    trial.missed_ppm = (uint32_t)ONE_OF(&dice, 0, 500000);
    trial.devices = (uint32_t)(1 + below(&dice, below(&dice, 4) == 0 ? 20 : 3));
    trial.cell_devices = (uint32_t)ONE_OF(&dice, 0, 0, 0, 1, 2, 5);
    uint64_t messages = 20 + below(&dice, 400) / trial.devices;
    trial.horizon_ns = messages * trial.message_period_ns + below(&dice, RK_S) + 1;
    return trial;
}

/* Runs it on a tier and kernel. out: whether the result is the reference's. */
static bool equal(const struct rk_trial *trial, const struct rk_trial_result *expected, enum rk_tier tier,
                  uint8_t kernel)
{
    struct rk_trial other = *trial;
    struct rk_trial_result result;
    memset(&result, 0, sizeof result);
    other.tier = tier;
    other.kernel = kernel;
    struct rk_tier_choice choice;
    if (rk_tier_choose(&other, &choice, NULL) != RK_OK) {
        return true; /* the next tests expect which it refuses */
    }
    assert_int_equal(rk_trial_run(&other, &result, NULL), RK_OK);
    if (memcmp(&result, expected, sizeof result) == 0) {
        return true;
    }
    printf("trial %" PRIu64 " on %s with kernel %s: checksum %016" PRIx64 " against %016" PRIx64 ", events %" PRIu64
           " against %" PRIu64 ", calls %" PRIu64 " against %" PRIu64 "\n",
           trial->seed, rk_tier_name(tier), rk_kernel_name(kernel), result.trace_checksum, expected->trace_checksum,
           result.events, expected->events, result.lifecycle_calls, expected->lifecycle_calls);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        if (memcmp(&result.metric[i], &expected->metric[i], sizeof(double)) != 0) {
            printf("  %s: %.17g against %.17g\n", rk_metric_info[i].name, result.metric[i], expected->metric[i]);
        }
    }
    return false;
}

/* out: number of tiers and kernels that differ from the reference. */
static int differences(const struct rk_trial *trial)
{
    struct rk_trial reference = *trial;
    struct rk_trial_result expected;
    memset(&expected, 0, sizeof expected);
    reference.tier = RK_TIER_REFERENCE;
    assert_int_equal(rk_trial_run(&reference, &expected, NULL), RK_OK);
    int wrong = 0;
    for (uint8_t kernel = RK_KERNEL_SCALAR; kernel < RK_KERNEL_COUNT; kernel++) {
        wrong += rk_kernel_present(kernel) && !equal(trial, &expected, RK_TIER_TIMELINES, kernel);
    }
    for (unsigned tier = RK_TIER_TIMELINES + 1; tier < RK_TIER_COUNT; tier++) {
        wrong += !equal(trial, &expected, (enum rk_tier)tier, RK_KERNEL_AUTO);
    }
    return wrong;
}

static void test_random_trials(void **state)
{
    (void)state;
    int wrong = 0;
    for (uint64_t number = 1; number <= RANDOM_TRIALS && wrong < 5; number++) {
        struct rk_trial trial = draw_trial(number);
        wrong += differences(&trial);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
