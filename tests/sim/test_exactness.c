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
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/model/node.h"
#include "engine/sim/tier.h"
#include "tests/lifecycle/double.h"
#include "tests/model/dice.h"
#include "tests/model/fixture.h"

enum { RANDOM_TRIALS = 10000, LONG_TRIALS = 200, AGENT_TRIALS = 2000 };

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

static struct rk_traffic_shape draw_traffic(struct dice *dice, rk_ns period_ns)
{
    static const struct rk_traffic_record records[] = {{RK_S, 7}, {0, 128}, {RK_S / 3, 1}, {90 * RK_S, 40}};
    return (struct rk_traffic_shape){
        .model = (uint8_t)ONE_OF(dice, RK_TRAFFIC_PERIODIC, RK_TRAFFIC_PERIODIC, RK_TRAFFIC_POISSON, RK_TRAFFIC_BURSTS,
                                 RK_TRAFFIC_ALARMS, RK_TRAFFIC_TRACE),
        .burst = (uint32_t)(1 + below(dice, 20)),
        .burst_gap_ns = below(dice, period_ns),
        .alarm_every_ns = (10 + below(dice, 50)) * period_ns,
        .alarm_lasts_ns = below(dice, 10) * period_ns,
        .alarm_period_ns = 1 + below(dice, period_ns),
        .alarm_shared = below(dice, 2) == 0,
        .record = records,
        .records = sizeof records / sizeof records[0],
    };
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
    trial.traffic = draw_traffic(&dice, trial.message_period_ns);
    trial.frame_loss_ppm = (uint32_t)ONE_OF(&dice, 0, 10000, 50000, 300000, 900000, 1000000);
    trial.server_time_ns = ONE_OF(&dice, 0, 5 * RK_MS, RK_S, 30 * RK_S);
    trial.servers = (uint32_t)(1 + below(&dice, 3));
    trial.network_delay_ns = ONE_OF(&dice, 0, 20 * RK_MS, 3 * RK_S);
    trial.compromise_per_1e6y = ONE_OF(&dice, 0, 0, 200ull * 365250000, 5000ull * 365250000);
    trial.detection_mean_ns = ONE_OF(&dice, RK_S, 600 * RK_S);
    trial.missed_ppm = (uint32_t)ONE_OF(&dice, 0, 500000);
    trial.devices = (uint32_t)(1 + below(&dice, below(&dice, 4) == 0 ? 20 : 3));
    trial.cell_devices = (uint32_t)ONE_OF(&dice, 0, 0, 0, 1, 2, 5);
    uint64_t messages = 20 + below(&dice, 200) / trial.devices;
    trial.horizon_ns = messages * trial.message_period_ns + below(&dice, RK_S) + 1;
    return trial;
}

/* A hardware engine beside the processor, for some operations at every size. */
static const struct rk_accelerator_profile *draw_engine(struct dice *dice)
{
    static const struct rk_accelerator_profile engine = {.name = "round",
                                                         .supply_mV = 3000,
                                                         .active_nA = {.value = 14000000, .kind = RK_KIND_DATASHEET},
                                                         .sleep_nA = {.value = 30, .kind = RK_KIND_DATASHEET}};
    static const char *const operations[] = {"aes128_ccm_seal", "aes128_ccm_8_seal", "x25519_agree"};
    if (below(dice, 3) > 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        for (uint32_t size = 0; size <= 1024; size++) {
            struct rk_cost_row *row = rkt_row(operations[i], size);
            if (row != NULL) {
                row->engine_ns = 5000 + 77 * size;
            }
        }
    }
    return &engine;
}

/* Every third trial has another kind of link, bursts, or a receiver that sleeps; half of those on LoRa share channels. */
static struct rk_trial draw_link(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 2)};
    trial.accelerator = draw_engine(&dice);
    if (below(&dice, 3) > 0) {
        return trial;
    }
    trial.cell_devices = 0;
    trial.burst_ns = ONE_OF(&dice, 0, 50 * RK_MS, 100 * RK_S);
    trial.listen_period_ns = ONE_OF(&dice, 20 * RK_MS, 125 * RK_MS, 10 * RK_S);
    trial.answer_period_ns = ONE_OF(&dice, 20 * RK_MS, RK_S);
    uint8_t kind = (uint8_t)below(&dice, RK_LINK_KINDS);
    if (kind == RK_LINK_IEEE802154) {
        trial.listen = (uint8_t)below(&dice, RK_LISTEN_COUNT);
    } else {
        rkt_radio_of(kind);
        trial.spreading = (uint8_t)(kind == RK_LINK_LORA ? ONE_OF(&dice, 0, 7, 9, 12, RK_SPREADING_EACH) : 0);
    }
    if (kind == RK_LINK_LORA && below(&dice, 2) == 0) {
        rkt_radio()->lora.duty_ppm = ONE_OF(&dice, 10000, 1000000);
        rkt_radio()->lora.channels.value = 1 + below(&dice, 3);
        trial.cell_devices = (uint32_t)(1 + below(&dice, 5));
        trial.burst_ns = 0;
        trial.confirmed = below(&dice, 2) == 0;
        trial.power_spread_mdB = (uint32_t)ONE_OF(&dice, 0, 20000);
    }
    return trial;
}

/* Every third trial exchanges keys by a protocol: some flights are empty, some take several frames or datagrams. */
static struct rk_trial draw_protocol(struct rk_trial trial)
{
    static struct rk_protocol protocol;
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 3)};
    if (below(&dice, 3) > 0) {
        return trial;
    }
    protocol = (struct rk_protocol){.name = "drawn", .mechanism = trial.policy.mechanism};
    protocol.record_bytes.value = ONE_OF(&dice, 0, 11, 29);
    if (below(&dice, 2) == 0) {
        protocol.again = (struct rk_protocol_again){.first_ns = ONE_OF(&dice, RK_S / 10, 2 * RK_S),
                                                    .most_ns = ONE_OF(&dice, 3 * RK_S, 60 * RK_S),
                                                    .spread_ppm = (uint32_t)ONE_OF(&dice, 0, 500000),
                                                    .growth_ppm = (uint32_t)ONE_OF(&dice, 1000000, 2000000),
                                                    .limit = (uint8_t)below(&dice, 6)};
        rk_protocol_policy(&protocol, &trial.policy);
    }
    protocol.flights = (size_t)(2 + below(&dice, 6));
    for (size_t i = 0; i < protocol.flights; i++) {
        struct rk_protocol_flight *flight = &protocol.flight[i];
        flight->from = i % 2 == 0 ? RK_FROM_DEVICE : RK_FROM_SERVER;
        flight->parts = 1;
        flight->part[0].bytes.value = ONE_OF(&dice, 0, 24, 100, 500, trial.cell_devices > 0 ? 900 : 2000);
        flight->device_works = below(&dice, 2);
        flight->device[0] =
            (struct rk_protocol_work){.operation = RK_OP_x25519_agree, .count = (uint16_t)(1 + below(&dice, 3))};
    }
    struct rk_link link;
    trial.protocol = &protocol;
    if (rk_trial_link(&link, &trial, NULL) != RK_OK ||
        rk_protocol_fits(&protocol, trial.message_bytes, link.datagram_max_bytes, trial.cell_devices > 0, NULL) !=
            RK_OK) {
        trial.protocol = NULL;
    }
    return trial;
}

/* Every fourth trial has faults, each kind in half of them, a few of each in the trial. */
static struct rk_trial draw_fault(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 4)};
    if (below(&dice, 4) > 0) {
        return trial;
    }
    uint64_t often = 5 * 1000000ull * (31557600 * RK_S / trial.horizon_ns + 1);
    trial.fault = (struct rk_fault_shape){
        .reboot_per_1e6y = below(&dice, 2) * often,
        .bit_per_1e6y = below(&dice, 2) * 20 * often,
        .jump_per_1e6y = below(&dice, 2) * often,
        .off_ns = ONE_OF(&dice, RK_MS, trial.message_period_ns / 2, 5 * trial.message_period_ns),
        .jump_ns = ONE_OF(&dice, RK_S, 3600 * RK_S),
        .drift_ppm = (uint32_t)ONE_OF(&dice, 0, 0, 100, 100000),
        .outage_per_1e6y = below(&dice, 2) * often,
        .outage_ns = ONE_OF(&dice, RK_S, 20 * trial.message_period_ns),
        .weak_ppm = (uint32_t)ONE_OF(&dice, 0, 500000, 1000000),
        .weak_bits = (uint8_t)ONE_OF(&dice, 0, 2, 32),
    };
    return trial;
}

/* Every fourth trial has forgeries until keys go, an adversary that records a part, and a response. */
static struct rk_trial draw_adversary(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 6)};
    if (below(&dice, 4) > 0) {
        return trial;
    }
    uint64_t often = 20 * 1000000ull * (31557600 * RK_S / trial.horizon_ns + 1);
    trial.adversary = (struct rk_adversary_shape){
        .forged_per_1e6y = below(&dice, 2) * often,
        .response_ns = ONE_OF(&dice, 0, RK_S, 3600 * RK_S),
        .unrecorded_ppm = (uint32_t)ONE_OF(&dice, 0, 500000, 1000000),
        .response = (uint8_t)below(&dice, rk_fault_any(&trial.fault) ? RK_RESPONSE_REVOKE : RK_RESPONSE_COUNT),
        .captured = (uint32_t)below(&dice, trial.devices + 1),
    };
    trial.policy.failed_max = (uint32_t)ONE_OF(&dice, 0, 5, 15);
    return trial;
}

static struct rk_defer_shape draw_deferral(struct dice *dice, rk_ns period_ns)
{
    return (struct rk_defer_shape){
        .alarm_bounded = below(dice, 2) == 0,
        .alarm_ns = below(dice, 5) * period_ns,
        .charge_ppm = (uint32_t)ONE_OF(dice, 0, 500000, 999999),
        .loss_ppm = (uint32_t)ONE_OF(dice, 0, 0, 20000, 300000),
        .most_ns = (1 + below(dice, 20)) * period_ns,
    };
}

/* Every fourth trial has occasions that some policies answer, guard times, windows and deferrals. */
static struct rk_trial draw_condition(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 5)};
    if (below(&dice, 4) > 0 || trial.lifetime) {
        return trial;
    }
    uint64_t often = 5 * 1000000ull * (31557600 * RK_S / trial.horizon_ns + 1);
    rk_ns every_ns = ONE_OF(&dice, 0, 7 * trial.message_period_ns, trial.horizon_ns / 3 + 4);
    trial.condition = (struct rk_condition_shape){
        .firmware_per_1e6y = below(&dice, 2) * often,
        .owner_per_1e6y = below(&dice, 2) * often,
        .suspicion_per_1e6y = below(&dice, 2) * often,
        .window_every_ns = every_ns,
        .window_at_ns = every_ns / 4,
        .window_lasts_ns = every_ns / ONE_OF(&dice, 2, 4),
        .guard_ns = ONE_OF(&dice, 0, 0, 3 * trial.message_period_ns),
        .defer = draw_deferral(&dice, trial.message_period_ns),
    };
    trial.policy.triggers |= (uint8_t)(RK_TRIGGER_OCCASIONS & below(&dice, 256));
    return trial;
}

/* Decides by all that it is told: renews earlier the more tags failed, later as the battery empties and the link gets
 * worse, at an occasion or after so many messages at once, and rounds to whole minutes of its clock. */
static uint64_t own_rule(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    uint64_t span_ns = policy->interval_ns / (1 + facts->failed_tags % 4);
    if ((policy->triggers & facts->occasion) != 0 ||
        ((policy->triggers & RK_TRIGGER_MESSAGES) != 0 && facts->protected_messages >= policy->messages)) {
        return 0;
    }
    span_ns += span_ns / 256 * facts->drained + span_ns / 64 * facts->losses + facts->jitter % RK_S;
    rk_ns at_ns = facts->activated_ns + span_ns;
    return policy->jitter_ppm != 0 && at_ns > facts->now_ns ? at_ns + (60 * RK_S - at_ns % (60 * RK_S)) : at_ns;
}

/* Every fourth trial has a policy of its own, and a battery that it sees emptying. */
static struct rk_trial draw_own(struct rk_trial trial)
{
    static struct rk_battery_profile battery;
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 7)};
    if (below(&dice, 4) > 0 || trial.lifetime) {
        return trial;
    }
    battery = *trial.battery;
    battery.capacity_nAh.value = ONE_OF(&dice, 1, 1000, 1000000);
    trial.battery = &battery;
    trial.drained_ppm = (uint32_t)ONE_OF(&dice, 0, 300000, 1000000);
    trial.policy.own = own_rule;
    return trial;
}

/* Every fourth trial has a group that changes a few times, and now and then a policy that answers that. */
static struct rk_trial draw_group(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 8)};
    if (below(&dice, 4) > 0 || trial.lifetime) {
        return trial;
    }
    uint64_t often = 10 * 1000000ull * (31557600 * RK_S / trial.horizon_ns + 1);
    trial.group = (struct rk_group_shape){
        .scheme = (uint8_t)(1 + below(&dice, RK_GROUP_SCHEMES - 1)),
        .copies = (uint8_t)(1 + below(&dice, 4)),
        .captured_ppm = 300000,
        .degree = (uint32_t)(2 + below(&dice, 3)),
        .cell_devices = (uint32_t)(2 + below(&dice, 4)),
        .joins_per_1e6y = below(&dice, 3) * often,
        .leaves_per_1e6y = (1 + below(&dice, 2)) * often,
        .batch_ns = ONE_OF(&dice, 0, 0, 5 * trial.message_period_ns),
        .repair_ns = ONE_OF(&dice, RK_S / 10, 60 * RK_S),
        .window_ns = ONE_OF(&dice, 0, RK_S, trial.message_period_ns),
    };
    trial.policy.triggers |= (uint8_t)(below(&dice, 3) == 0 ? RK_TRIGGER_MEMBERSHIP : 0);
    return trial;
}

/* Every fiftieth trial really decrypts what leaks and captured devices open, with a library that hides what it seals. */
static struct rk_trial draw_tried(struct rk_trial trial)
{
    struct dice dice = {.key = rk_rng_key_make(trial.seed, 9)};
    if (below(&dice, 50) > 0 || rk_fault_any(&trial.fault) || trial.lifetime || trial.curve != RK_ALG_X25519 ||
        !rk_backend_has(&double_backend, trial.aead)) {
        return trial;
    }
    trial.execution = RK_EXECUTION_NATIVE;
    trial.backend = &double_backend;
    trial.capabilities = double_backend.capabilities;
    trial.drbg_alg = double_backend.drbg_alg;
    trial.adversary.tried = true;
    return trial;
}

/* The trial of a number. */
static struct rk_trial draw(uint64_t number)
{
    return draw_tried(
        draw_group(draw_own(draw_condition(draw_adversary(draw_fault(draw_protocol(draw_link(draw_trial(number)))))))));
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

static int tried; /* trials with leaks, and with captured devices, that agreed or not */

/* out: 1 where trying and bookkeeping say different things. */
static int disagree(const struct rk_trial_result *result, enum rk_metric apart)
{
    if (isnan(result->metric[apart])) {
        return 0;
    }
    tried++;
    if (result->metric[apart] == 0) {
        return 0;
    }
    printf("  %s: %.17g\n", rk_metric_info[apart].name, result->metric[apart]);
    return 1;
}

/* out: number of tiers, kernels and ways to keep nodes that differ from the reference. */
static int differences(const struct rk_trial *trial)
{
    struct rk_trial reference = *trial;
    struct rk_trial_result expected;
    memset(&expected, 0, sizeof expected);
    reference.tier = RK_TIER_REFERENCE;
    assert_int_equal(rk_trial_run(&reference, &expected, NULL), RK_OK);
    int wrong = disagree(&expected, RK_METRIC_tried_apart) + disagree(&expected, RK_METRIC_links_tried_apart);
    for (uint8_t kernel = RK_KERNEL_SCALAR; kernel < RK_KERNEL_COUNT; kernel++) {
        wrong += rk_kernel_present(kernel) && !equal(trial, &expected, RK_TIER_TIMELINES, kernel);
    }
    struct rk_trial parked = *trial;
    parked.live_nodes = 1;
    wrong += !equal(&parked, &expected, RK_TIER_TIMELINES, RK_KERNEL_AUTO);
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
        double_forget();
        struct rk_trial trial = draw(number);
        wrong += differences(&trial);
    }
    assert_int_equal(wrong, 0);
    assert_true(tried > 50);
}

/* Stretches longer than a kernel's chunk, and the edges of its blocks. */
static void test_long_stretches(void **state)
{
    (void)state;
    int wrong = 0;
    for (uint64_t number = 1; number <= LONG_TRIALS && wrong == 0; number++) {
        struct dice dice = {.key = rk_rng_key_make(number, 1)};
        struct rk_trial trial = rkt_trial();
        rkt_radio()->frame_retries = (uint8_t)below(&dice, 8);
        trial.seed = number;
        trial.devices = 2;
        trial.message_jitter_ppm = (uint32_t)ONE_OF(&dice, 0, 1000, 300000);
        trial.frame_loss_ppm = (uint32_t)ONE_OF(&dice, 0, 50000, 700000);
        trial.message_period_ns = ONE_OF(&dice, 2 * RK_S, 3600 * RK_S);
        trial.policy.interval_ns = trial.message_period_ns * (1 + below(&dice, 4000));
        trial.horizon_ns = trial.message_period_ns * (1 + below(&dice, 6000));
        wrong += differences(&trial);
    }
    assert_int_equal(wrong, 0);
}

/* The numbers of the blocks that decide on attempts pass 2^32 at message 2^24. */
static void test_blocks_beyond_32_bits(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.message_period_ns = 2 * RK_S;
    trial.frame_loss_ppm = 300000;
    trial.policy.interval_ns = 3000000 * trial.message_period_ns;
    trial.horizon_ns = ((1u << 24) + 50000) * trial.message_period_ns;
    trial.tier = RK_TIER_REFERENCE;
    struct rk_trial_result expected;
    memset(&expected, 0, sizeof expected);
    assert_int_equal(rk_trial_run(&trial, &expected, NULL), RK_OK);
    for (uint8_t kernel = RK_KERNEL_SCALAR; kernel < RK_KERNEL_COUNT; kernel++) {
        assert_true(!rk_kernel_present(kernel) || equal(&trial, &expected, RK_TIER_TIMELINES, kernel));
    }
}

/* Of one device, by the same order: what the agents and the node are at the end, not only what they report. */
static void run_device(const struct rk_trial *trial, struct rk_fleet *fleet, struct rk_node *node, bool stretches)
{
    assert_int_equal(rk_fleet_init(fleet, trial, NULL), RK_OK);
    assert_int_equal(rk_node_init(node, fleet, 0, NULL), RK_OK);
    for (;;) {
        unsigned first = 0;
        rk_ns others_ns = trial->horizon_ns;
        for (unsigned kind = 1; kind < RK_NODE_EVENTS; kind++) {
            unsigned later = node->due_ns[kind] < node->due_ns[first] ? first : kind;
            first = later == first ? kind : first;
            others_ns = node->due_ns[later] < others_ns ? node->due_ns[later] : others_ns;
        }
        rk_ns now_ns = node->due_ns[first];
        if (now_ns >= trial->horizon_ns) {
            return;
        }
        if (!stretches || first != RK_NODE_MESSAGE || rk_stretch_run(node, others_ns) == 0) {
            node->due_ns[first] = RK_NEVER;
            rk_node_handle(node, (enum rk_node_event)first, now_ns);
        }
    }
}

/* Pointers, the cache of gaps, and what only a queue reads, are no state. */
static void make_comparable(struct rk_node *node)
{
    memset(&node->gaps, 0, sizeof node->gaps);
    rk_flights_fini(&node->up);
    rk_flights_fini(&node->served);
    rk_flights_fini(&node->down);
    node->changed = 0;
    node->fleet = NULL;
    node->nvm.port.context = NULL;
    node->nvm.usage = NULL;
    node->nvm.wear = NULL;
    node->nvm.cells = NULL;
    node->device.backend = node->peer.backend = NULL;
    node->device.drbg = node->peer.drbg = NULL;
    node->device.nvm = NULL;
    node->device.actions = node->peer.actions = NULL;
}

static void test_agents_end_equal(void **state)
{
    (void)state;
    static struct rk_fleet fleet[2];
    static struct rk_node node[2];
    for (uint64_t number = 1; number <= AGENT_TRIALS; number++) {
        struct rk_trial trial = draw(number);
        trial.devices = 1;
        trial.cell_devices = 0;
        trial.confirmed = false;
        trial.power_spread_mdB = 0;
        trial.adversary.captured = 0;
        trial.adversary.tried = false;
        for (int stretches = 0; stretches < 2; stretches++) {
            run_device(&trial, &fleet[stretches], &node[stretches], stretches != 0);
        }
        const struct rk_cells *nvm = &node[0].nvm;
        assert_memory_equal(nvm->cells, node[1].nvm.cells, 2u * nvm->block_bytes);
        assert_memory_equal(nvm->wear, node[1].nvm.wear, nvm->wears * sizeof *nvm->wear);
        make_comparable(&node[0]);
        make_comparable(&node[1]);
        assert_memory_equal(&node[0], &node[1], sizeof node[0]);
        rk_fleet_fini(&fleet[1]);
        rk_fleet_fini(&fleet[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_stretches),
        cmocka_unit_test(test_blocks_beyond_32_bits),
        cmocka_unit_test(test_agents_end_equal),
        cmocka_unit_test(test_random_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
