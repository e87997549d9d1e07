/* tests/sim/test_cells.c - shared channels: cells against the reference, to the bit, on one thread and on several, and
 * what a channel that is shared does
 *
 * Random trials are drawn to be crowded: many devices, messages close to each other, few retries, storms of renewals at
 * one server. The number of the first that differs is printed; it alone decides what the trial is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/lifecycle/bulk.h"
#include "engine/model/fleet.h"
#include "engine/model/lora.h"
#include "engine/sim/tier.h"
#include "tests/model/dice.h"
#include "tests/model/fixture.h"

enum { RANDOM_TRIALS = 1500, LORA_TRIALS = 600 };

/* Any of these may be zero in a radio file. */
static void draw_radio(struct dice *dice)
{
    struct rk_radio_profile *radio = rkt_radio();
    radio->backoff_min_exponent = (uint8_t)ONE_OF(dice, 0, 1, 3, 5);
    radio->backoff_max_exponent = (uint8_t)ONE_OF(dice, 0, 3, 5, 8);
    radio->frame_retries = (uint8_t)ONE_OF(dice, 0, 1, 3, 7);
    radio->turnaround_ns = ONE_OF(dice, 0, 192 * RK_US, 192 * RK_US, 5 * RK_MS);
    radio->ack_bytes = ONE_OF(dice, 0, 5, 40);
    radio->ack_wait_ns = ONE_OF(dice, 0, 864 * RK_US, 20 * RK_MS);
    radio->startup_ns = ONE_OF(dice, 0, RK_MS);
    rkt_device()->clock_Hz = ONE_OF(dice, 1000, 1000000, 64000000, 64000000);
}

static struct rk_trial draw_trial(uint64_t number)
{
    struct dice dice = {.key = rk_rng_key_make(number, 1)};
    struct rk_trial trial = rkt_trial();
    draw_radio(&dice);
    trial.seed = number;
    trial.devices = (uint32_t)(1 + below(&dice, ONE_OF(&dice, 4, 30, 120)));
    trial.cell_devices = (uint32_t)(1 + below(&dice, ONE_OF(&dice, 2, 10, 120)));
    trial.message_period_ns = ONE_OF(&dice, RK_S / 20, RK_S / 2, 5 * RK_S, 60 * RK_S);
    trial.message_jitter_ppm = (uint32_t)ONE_OF(&dice, 0, 10000, 500000);
    trial.message_bytes = (uint16_t)ONE_OF(&dice, 1, 32, 128);
    trial.session_period_ns = ONE_OF(&dice, 0, 0, 30 * RK_S);
    trial.frame_loss_ppm = (uint32_t)ONE_OF(&dice, 0, 0, 50000, 300000, 1000000);
    trial.server_time_ns = ONE_OF(&dice, 0, 0, 5 * RK_MS, RK_S);
    trial.server_service = (uint8_t)below(&dice, 2);
    trial.servers = (uint32_t)(1 + below(&dice, 2));
    trial.network_delay_ns = ONE_OF(&dice, 0, 20 * RK_MS);
    trial.compromise_per_1e6y = ONE_OF(&dice, 0, 0, 20000ull * 365250000);
    trial.detection_mean_ns = ONE_OF(&dice, RK_S, 60 * RK_S);
    trial.policy.mechanism = (uint8_t)below(&dice, RK_MECHANISM_COUNT);
    trial.policy.triggers = (uint8_t)below(&dice, 8);
    trial.policy.messages = (uint32_t)ONE_OF(&dice, 1, 5, 40);
    trial.policy.interval_ns = ONE_OF(&dice, 5, 60, 600) * RK_S;
    trial.policy.jitter_ppm = (uint32_t)ONE_OF(&dice, 0, 0, 500000);
    trial.policy.retry_ns = ONE_OF(&dice, RK_S / 10, 2 * RK_S);
    uint64_t messages = 5 + below(&dice, 1000) / trial.devices;
    trial.horizon_ns = messages * trial.message_period_ns + below(&dice, RK_S) + 1;
    trial.warm_up_ns = below(&dice, 8) == 0 ? trial.horizon_ns / 3 : 0;
    if (below(&dice, 4) == 0) { /* a group that changes a few times, beside the shared channel */
        uint64_t often = 5 * 1000000ull * (31557600 * RK_S / trial.horizon_ns + 1);
        trial.group = (struct rk_group_shape){
            .scheme = (uint8_t)(1 + below(&dice, RK_GROUP_SCHEMES - 1)),
            .copies = 1,
            .degree = 3,
            .cell_devices = 4,
            .joins_per_1e6y = often,
            .leaves_per_1e6y = often,
            .batch_ns = ONE_OF(&dice, 0, 3 * trial.message_period_ns),
            .repair_ns = RK_S,
        };
    }
    return trial;
}

static struct rk_trial_result on(const struct rk_trial *trial, enum rk_tier tier)
{
    struct rk_trial chosen = *trial;
    chosen.tier = tier;
    return rkt_run(&chosen);
}

static void print_difference(uint64_t number, const struct rk_trial_result *got, const struct rk_trial_result *expected)
{
    printf("trial %" PRIu64 ": checksum %016" PRIx64 " against %016" PRIx64 ", events %" PRIu64 " against %" PRIu64
           "\n",
           number, got->trace_checksum, expected->trace_checksum, got->events, expected->events);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        if (memcmp(&got->metric[i], &expected->metric[i], sizeof(double)) != 0) {
            printf("  %s: %.17g against %.17g\n", rk_metric_info[i].name, got->metric[i], expected->metric[i]);
        }
    }
}

/* The same on LoRa: without listening before, with windows, a duty cycle of the device and one of the gateway. */
static struct rk_trial draw_lora(uint64_t number)
{
    struct dice dice = {.key = rk_rng_key_make(number, 9)};
    struct rk_trial trial = draw_trial(number);
    rkt_radio_of(RK_LINK_LORA);
    struct rk_lora_profile *lora = &rkt_radio()->lora;
    lora->duty_ppm = ONE_OF(&dice, 1000, 10000, 300000, 1000000);
    lora->gateway_duty_ppm.value = ONE_OF(&dice, 10000, 100000, 1000000);
    lora->channels.value = 1 + below(&dice, 3);
    lora->capture_mdB.value = ONE_OF(&dice, 0, 1000, 6000);
    lora->tries.value = 1 + below(&dice, 8);
    lora->window_symbols = ONE_OF(&dice, 1, 8, 100);
    lora->rx2_spreading = 7 + below(&dice, 6);
    trial.spreading = (uint8_t)ONE_OF(&dice, 0, 7, 9, 12, RK_SPREADING_EACH, RK_SPREADING_EACH);
    trial.confirmed = below(&dice, 2) == 0;
    trial.power_spread_mdB = (uint32_t)ONE_OF(&dice, 0, 3000, 20000);
    trial.message_period_ns = ONE_OF(&dice, RK_S, 5 * RK_S, 60 * RK_S);
    trial.policy.retry_ns = ONE_OF(&dice, 3 * RK_S, 20 * RK_S);
    trial.horizon_ns = (20 + below(&dice, 2000) / trial.devices) * trial.message_period_ns + below(&dice, RK_S) + 1;
    trial.warm_up_ns = below(&dice, 8) == 0 ? trial.horizon_ns / 3 : 0;
    trial.group = (struct rk_group_shape){.scheme = RK_GROUP_NONE};
    return trial;
}

/* The reference, in *expected, against cells on one thread, or on several. out: how often they differ. */
static int differences(uint64_t number, struct rk_trial trial, struct rk_trial_result *expected)
{
    static const unsigned threads[] = {1, 2, 3, 7};
    unsigned ways = number % 4 == 0 ? 4 : 1;
    int wrong = 0;
    *expected = on(&trial, RK_TIER_REFERENCE);
    for (unsigned way = 0; way < ways; way++) {
        trial.threads = threads[way];
        struct rk_trial_result got = on(&trial, RK_TIER_CELLS);
        if (memcmp(&got, expected, sizeof got) != 0) {
            printf("%u threads, ", trial.threads);
            print_difference(number, &got, expected);
            wrong++;
        }
    }
    return wrong;
}

static void test_random_cells(void **state)
{
    (void)state;
    int wrong = 0, crowded = 0, refused = 0, renewed = 0, several = 0;
    for (uint64_t number = 1; number <= RANDOM_TRIALS && wrong < 5; number++) {
        struct rk_trial trial = draw_trial(number);
        struct rk_trial_result expected;
        wrong += differences(number, trial, &expected);
        several += number % 4 == 0 && trial.cell_devices < trial.devices;
        crowded += expected.metric[RK_METRIC_collisions_per_d] > 0;
        refused += expected.metric[RK_METRIC_refusals_per_d] > 0;
        renewed += expected.metric[RK_METRIC_renewals_per_d] > 0;
    }
    assert_int_equal(wrong, 0);
    /* They are what they are meant to be. */
    assert_true(crowded > RANDOM_TRIALS / 4);
    assert_true(refused > RANDOM_TRIALS / 10);
    assert_true(renewed > RANDOM_TRIALS / 4);
    assert_true(several > RANDOM_TRIALS / 12);
}

static void test_random_lora_cells(void **state)
{
    (void)state;
    int wrong = 0, crowded = 0, refused = 0, renewed = 0, confirmed = 0;
    for (uint64_t number = 1; number <= LORA_TRIALS && wrong < 5; number++) {
        struct rk_trial trial = draw_lora(number);
        struct rk_trial_result expected;
        wrong += differences(number, trial, &expected);
        crowded += expected.metric[RK_METRIC_collisions_per_d] > 0;
        refused += expected.metric[RK_METRIC_refusals_per_d] > 0;
        renewed += expected.metric[RK_METRIC_renewals_per_d] > 0;
        confirmed += trial.confirmed && expected.metric[RK_METRIC_renewals_per_d] > 0;
    }
    assert_int_equal(wrong, 0);
    assert_true(crowded > LORA_TRIALS / 4);
    assert_true(refused > LORA_TRIALS / 10);
    assert_true(renewed > LORA_TRIALS / 4);
    assert_true(confirmed > LORA_TRIALS / 12);
}

/* A cell of one device is an own channel: the same lifecycle, messages and energy. Where frames are lost, energy
 * differs by the acknowledgements of copies: an own channel takes them from the listening before. */
static void expect_own(uint32_t frame_loss_ppm, double error)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 3;
    trial.frame_loss_ppm = frame_loss_ppm;
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.message_bytes = 128;
    struct rk_trial_result own = rkt_run(&trial);
    trial.cell_devices = 1;
    struct rk_trial_result alone = rkt_run(&trial);
    assert_true(own.trace_checksum == alone.trace_checksum);
    assert_true(own.trace_records == alone.trace_records && own.lifecycle_calls == alone.lifecycle_calls);
    for (int i = 0; i < RK_METRIC_collisions_per_d; i++) {
        if (!isnan(own.metric[i])) {
            assert_float_equal(alone.metric[i], own.metric[i], error * fabs(own.metric[i]));
        }
    }
    assert_true(isnan(own.metric[RK_METRIC_collisions_per_d]) && isnan(own.metric[RK_METRIC_channel_busy_share]));
    assert_true(alone.metric[RK_METRIC_collisions_per_d] == 0 && alone.metric[RK_METRIC_channel_busy_share] > 0);
}

static void test_alone_is_own(void **state)
{
    (void)state;
    expect_own(0, 0);
    expect_own(200000, 2e-3);
}

/* So is one of a LoRa device, where the gateway may send all the time. An answer in pieces is asked for while messages wait,
 * which on an own channel they do not: little later, for little more or less energy. */
static void test_lora_alone_is_own(void **state)
{
    (void)state;
    static const struct {
        uint8_t spreading, mechanism;
        bool pieces;
    } cases[] = {{7, RK_MECHANISM_ECDH, false},
                 {9, RK_MECHANISM_ECDH, false},
                 {12, RK_MECHANISM_DERIVE, false},
                 {12, RK_MECHANISM_ECDH, true}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_trial trial = rkt_trial();
        rkt_radio_of(RK_LINK_LORA);
        rkt_radio()->lora.duty_ppm = 1000000;
        rkt_radio()->mac_overhead_bytes = 13;
        rkt_radio()->adaptation_header_bytes = 0;
        rkt_radio()->lora.gateway_duty_ppm.value = 1000000;
        trial.spreading = cases[i].spreading;
        trial.devices = 3;
        trial.message_bytes = cases[i].pieces ? 128 : 32;
        trial.policy.mechanism = cases[i].mechanism;
        trial.policy.retry_ns = 60 * RK_S;
        struct rk_trial_result own = rkt_run(&trial);
        trial.cell_devices = 1;
        struct rk_trial_result alone = rkt_run(&trial);
        assert_true(own.lifecycle_calls == alone.lifecycle_calls);
        assert_true(cases[i].pieces || own.trace_checksum == alone.trace_checksum);
        assert_true(own.metric[RK_METRIC_renewals_per_d] > 20);
        for (int metric = 0; metric <= RK_METRIC_renewals_failed_per_d; metric++) {
            double expected = own.metric[metric];
            assert_float_equal(alone.metric[metric], expected, cases[i].pieces ? 1e-2 * expected : 0);
        }
    }
}

/* Pure ALOHA: of what a cell of many devices sends, e^-2G comes through, G the air that it takes. Each device is a small
 * part of it, so that the others are a Poisson stream; keys were agreed before it counts. */
static void test_lora_cell_is_aloha(void **state)
{
    (void)state;
    for (uint8_t spreading = 7; spreading <= 12; spreading++) {
        struct rk_trial trial = rkt_trial();
        struct rk_link link;
        rkt_radio_of(RK_LINK_LORA);
        rkt_radio()->mac_overhead_bytes = 13;
        rkt_radio()->adaptation_header_bytes = 0;
        rkt_radio()->lora.duty_ppm = 1000000;
        trial.spreading = spreading;
        trial.message_bytes = 8; /* one frame at each of them */
        trial.devices = trial.cell_devices = 400;
        assert_int_equal(rk_trial_link(&link, &trial, NULL), RK_OK);
        rk_ns frame_ns = link.fragments[rk_bulk_frame_bytes(trial.message_bytes, trial.tag_bytes)].last_ns;
        trial.traffic.model = RK_TRAFFIC_POISSON;
        trial.message_period_ns = trial.devices * frame_ns * 4;
        trial.policy.interval_ns = 365 * RK_DAY;
        trial.policy.attempts = 1;
        trial.policy.retry_ns = 10 * RK_S + 10 * frame_ns;
        trial.fault.drift_ppm = 10000; /* or who has asked at the same time would do so for ever */
        trial.warm_up_ns = 100 * trial.message_period_ns;
        trial.horizon_ns = 200 * trial.message_period_ns;
        struct rk_trial_result result = rkt_run(&trial);
        double offered = result.metric[RK_METRIC_messages_per_d];
        double keyed = 1 - result.metric[RK_METRIC_messages_unprotected_per_d] / offered;
        double sent = keyed * offered * trial.devices * 100 * (double)trial.message_period_ns / 86400e9;
        double lost = result.metric[RK_METRIC_messages_lost_per_d] / offered / keyed;
        double expected = 1 - exp(-2 * 0.25 * (keyed - 1.0 / trial.devices));
        printf("spreading factor %u: of %.0f messages %.2f %% lost, %.2f %% by the formula\n", spreading, sent,
               100 * lost, 100 * expected);
        assert_true(keyed > 0.99);
        assert_float_equal(lost, expected, 4 * 2 * sqrt(expected * (1 - expected) / sent));
    }
}

/* What the gateway sends is within its budgets, and it has less to hear while it sends: as many renewals as its duty cycles
 * permit, and no more. */
static void test_lora_gateway_has_a_budget(void **state)
{
    (void)state;
    double renewed[2];
    for (unsigned rich = 0; rich < 2; rich++) {
        struct rk_trial trial = rkt_trial();
        struct rk_link link;
        rkt_radio_of(RK_LINK_LORA);
        rkt_radio()->mac_overhead_bytes = 13;
        rkt_radio()->adaptation_header_bytes = 0;
        rkt_radio()->lora.gateway_duty_ppm.value = rich ? 100000 : 1000;
        trial.devices = trial.cell_devices = 30;
        trial.spreading = 9;
        trial.message_period_ns = 3600 * RK_S;
        trial.policy.interval_ns = 600 * RK_S;
        trial.policy.retry_ns = 20 * RK_S;
        assert_int_equal(rk_trial_link(&link, &trial, NULL), RK_OK);
        struct rk_trial_result result = rkt_run(&trial);
        renewed[rich] = result.metric[RK_METRIC_renewals_per_d] * trial.devices;
        /* The shortest answer, an empty frame, in both bands. */
        double first_s = (double)rk_lora_frame_ns(&link, 9, 12) * 1e-9,
               second_s = (double)rk_lora_frame_ns(&link, 12, 12) * 1e-9;
        double most = 86400 * (0.01 / first_s + (rich ? 0.1 : 0.001) / second_s) + 2;
        assert_true(renewed[rich] > 0 && renewed[rich] + result.metric[RK_METRIC_renewals_failed_per_d] < most);
        assert_true(result.metric[RK_METRIC_refusals_per_d] > 0);
    }
    assert_true(renewed[0] < 0.9 * renewed[1]);
}

/* Of messages that are repeated until they are acknowledged fewer get lost, and those that do are 8 losses in turn. */
static void test_lora_confirmed(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    rkt_radio_of(RK_LINK_LORA);
    trial.cell_devices = 1;
    trial.devices = 4;
    trial.frame_loss_ppm = 400000;
    trial.spreading = 7;
    trial.horizon_ns = 20 * RK_DAY;
    trial.policy.interval_ns = 10 * RK_DAY;
    double offered = 288.0 * 20 * trial.devices;
    double once = rkt_run(&trial).metric[RK_METRIC_messages_lost_per_d] / 288;
    trial.confirmed = true;
    double confirmed = rkt_run(&trial).metric[RK_METRIC_messages_lost_per_d] / 288;
    assert_float_equal(once, 0.4, 4 * sqrt(0.4 * 0.6 / offered));
    double all = pow(0.4, 8);
    assert_float_equal(confirmed, all, 4 * sqrt(all / offered) + 1e-6);
}

/* More devices a gateway: a busier channel, more collisions, a longer way to a new key. */
static void test_crowding_hurts(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 240;
    trial.horizon_ns = 3600 * RK_S;
    trial.message_period_ns = 5 * RK_S;
    trial.message_jitter_ppm = 500000;
    trial.policy.interval_ns = 300 * RK_S;
    struct rk_trial_result before = {.events = 0};
    for (trial.cell_devices = 15; trial.cell_devices <= 240; trial.cell_devices *= 4) {
        struct rk_trial_result now = rkt_run(&trial);
        assert_true(now.metric[RK_METRIC_collisions_per_d] > before.metric[RK_METRIC_collisions_per_d]);
        assert_true(now.metric[RK_METRIC_channel_busy_share] > before.metric[RK_METRIC_channel_busy_share]);
        assert_true(now.metric[RK_METRIC_channel_busy_share] < 1);
        assert_true(now.metric[RK_METRIC_rekey_latency_p99_s] > before.metric[RK_METRIC_rekey_latency_p99_s]);
        before = now;
    }
}

static void test_choice(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    struct rk_tier_choice choice;
    trial.devices = 4;
    trial.cell_devices = 2;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_OK);
    assert_int_equal(choice.tier, RK_TIER_CELLS);
    trial.trace = stdout;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_OK);
    assert_int_equal(choice.tier, RK_TIER_REFERENCE);
    trial.trace = NULL;
    trial.tier = RK_TIER_TIMELINES;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_ERR_INPUT);
    trial.tier = RK_TIER_CELLS;
    trial.cell_devices = 0;
    assert_int_equal(rk_tier_choose(&trial, &choice, NULL), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_cells),
        cmocka_unit_test(test_random_lora_cells),
        cmocka_unit_test(test_alone_is_own),
        cmocka_unit_test(test_lora_alone_is_own),
        cmocka_unit_test(test_lora_cell_is_aloha),
        cmocka_unit_test(test_lora_gateway_has_a_budget),
        cmocka_unit_test(test_lora_confirmed),
        cmocka_unit_test(test_crowding_hurts),
        cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
