/* tests/model/test_channel.c - the shared channel against the formulas of ALOHA, and against what carrier sense must do
 *
 * Senders that each send one frame, unslotted or at the beginning of a slot, are an infinite population: the times are those
 * of a Poisson stream, or uniform. Bounds are stated in standard errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "engine/model/lora.h"
#include "tests/model/fixture.h"

enum { SENDERS = 20000, BYTES = 60, LORA_BYTES = 20 };

struct air {
    struct rk_link link;
    struct rk_rng_key rng;
    struct rk_channel channel;
    struct rk_sender sender[SENDERS];
    struct rk_burst *burst[SENDERS];
    uint32_t order[SENDERS];
    uint32_t reached, failed, attempts;
};

static struct air *air_new(uint32_t loss_ppm)
{
    struct air *air = calloc(1, sizeof *air);
    assert_non_null(air);
    air->rng = rk_rng_key_make(42, 0);
    assert_int_equal(rk_link_init(&air->link, rkt_radio(), &(struct rk_link_use){.loss_ppm = loss_ppm}, NULL), RK_OK);
    rk_channel_init(&air->channel, &air->link, &air->rng, RK_NEVER, air->burst);
    return air;
}

static void start(struct air *air, uint32_t who, rk_ns at_ns)
{
    rk_sender_start(&air->sender[who], &air->channel, who, false, 0, BYTES, at_ns);
}

/* A heap of senders by (next_ns, number). */
static bool sooner(const struct air *air, uint32_t a, uint32_t b)
{
    rk_ns a_ns = air->sender[a].next_ns, b_ns = air->sender[b].next_ns;
    return a_ns < b_ns || (a_ns == b_ns && a < b);
}

static void sink(struct air *air, uint32_t at, uint32_t count)
{
    for (uint32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && sooner(air, air->order[child + 1], air->order[child]);
        if (!sooner(air, air->order[child], air->order[at])) {
            return;
        }
        uint32_t swapped = air->order[at];
        air->order[at] = air->order[child];
        air->order[child] = swapped;
        at = child;
    }
}

/* Steps all senders until every one is over. */
static void run(struct air *air)
{
    uint32_t count = SENDERS;
    for (uint32_t i = 0; i < count; i++) {
        air->order[i] = i;
    }
    for (uint32_t i = count / 2; i-- > 0;) {
        sink(air, i, count);
    }
    while (count > 0) {
        struct rk_sender *sender = &air->sender[air->order[0]];
        uint32_t tries = sender->tries;
        unsigned news = rk_sender_step(sender, &air->channel, true, sender->next_ns);
        air->reached += (news & RK_AIR_REACHED) != 0;
        air->attempts += sender->tries != tries;
        if (news & RK_AIR_OVER) {
            air->failed += !sender->delivered;
            air->order[0] = air->order[--count];
        }
        sink(air, 0, count);
    }
}

/* A radio that sends at once, once, and is not answered on the air. */
static void make_aloha(void)
{
    (void)rkt_trial();
    rkt_radio()->backoff_min_exponent = 0;
    rkt_radio()->backoff_max_exponent = 0;
    rkt_radio()->frame_retries = 0;
    rkt_radio()->phy_header_bytes = 0;
    rkt_radio()->ack_bytes = 0;
}

/* Frames a frame time offered, at the beginning of slots or anywhere. out: frames a frame time that come through. */
static double throughput(double offered, bool slotted)
{
    make_aloha();
    struct air *air = air_new(0);
    rk_ns frame_ns = air->link.fragments[BYTES].last_ns;
    rk_ns span_ns = (rk_ns)(SENDERS / offered) * frame_ns;
    for (uint32_t i = 0; i < SENDERS; i++) {
        rk_ns at_ns = rk_rng_below(rk_rng_draw(&air->rng, i, RK_RNG_INPUT, 0), span_ns);
        start(air, i, slotted ? at_ns / frame_ns * frame_ns : at_ns);
    }
    run(air);
    assert_int_equal(air->reached + air->failed, SENDERS);
    assert_int_equal(air->channel.counts.bursts, SENDERS);
    assert_int_equal(air->channel.counts.collisions, air->failed);
    double share = (double)air->reached / SENDERS;
    free(air);
    return offered * share;
}

static void expect_throughput(double offered, bool slotted)
{
    double share = exp(slotted ? -offered : -2 * offered);
    /* Neighbours share their fate: twice the binomial error is more than its own. */
    double error = 2 * offered * sqrt(share * (1 - share) / SENDERS);
    assert_float_equal(throughput(offered, slotted), offered * share, 4 * error);
}

static void test_pure_aloha(void **state)
{
    (void)state;
    expect_throughput(0.1, false);
    expect_throughput(0.5, false);
    expect_throughput(1.5, false);
}

static void test_slotted_aloha(void **state)
{
    (void)state;
    expect_throughput(0.1, true);
    expect_throughput(1, true);
    expect_throughput(2, true);
}

/* --- LoRa --- */

struct lora_air {
    struct rk_link link[RK_SPREADINGS];
    struct rk_link_state duty[SENDERS];
};

/* All spreading factors at once, each with the same load of its own. out: the share of each that comes through. */
static void lora_shares(double offered, uint32_t power_spread_mdB, double share[RK_SPREADINGS])
{
    (void)rkt_trial();
    rkt_radio_of(RK_LINK_LORA);
    struct air *air = air_new(0);
    struct lora_air *lora = calloc(1, sizeof *lora);
    assert_non_null(lora);
    for (uint8_t i = 0; i < RK_SPREADINGS; i++) {
        const struct rk_link_use use = {.spreading = RK_SPREADING_LEAST + i, .power_spread_mdB = power_spread_mdB};
        assert_int_equal(rk_link_init(&lora->link[i], rkt_radio(), &use, NULL), RK_OK);
        share[i] = 0;
    }
    for (uint32_t i = 0; i < SENDERS; i++) {
        const struct rk_link *link = &lora->link[i % RK_SPREADINGS];
        rk_ns span_ns = (rk_ns)((double)link->fragments[LORA_BYTES].last_ns * SENDERS / RK_SPREADINGS / offered);
        const struct rk_lora_uplink uplink = {
            .link = link,
            .state = &lora->duty[i],
            .at_ns = rk_rng_below(rk_rng_draw(&air->rng, i, RK_RNG_INPUT, 0), span_ns),
            .device = i,
            .bytes = LORA_BYTES,
        };
        rk_lora_start(&air->sender[i], &air->channel, &uplink);
    }
    run(air);
    for (uint32_t i = 0; i < SENDERS; i++) {
        share[i % RK_SPREADINGS] += air->sender[i].delivered * (double)RK_SPREADINGS / SENDERS;
    }
    assert_int_equal(air->channel.counts.bursts, SENDERS);
    free(lora);
    free(air);
}

static void expect_shares(double offered, uint32_t power_spread_mdB, double expected)
{
    double share[RK_SPREADINGS];
    lora_shares(offered, power_spread_mdB, share);
    for (unsigned i = 0; i < RK_SPREADINGS; i++) {
        double error = 2 * sqrt(expected * (1 - expected) * RK_SPREADINGS / SENDERS);
        assert_float_equal(share[i], expected, 4 * error);
    }
}

/* Spreading factors do not disturb each other: each is a pure ALOHA of its own. */
static void test_lora_aloha(void **state)
{
    (void)state;
    expect_shares(0.1, 0, exp(-0.2));
    expect_shares(0.5, 0, exp(-1));
    expect_shares(1.5, 0, exp(-3));
}

/* A frame of power p, uniform in 0..W, is harmed by whoever is not c weaker; Poisson many overlap it:
 * the mean of exp(-2G (1 - (p - c) / W)) over p > c, and exp(-2G) below. */
static void test_lora_capture(void **state)
{
    (void)state;
    static const double spreads_dB[] = {8, 20};
    for (unsigned i = 0; i < 2; i++) {
        double load = 2 * 0.5, never = 6 / spreads_dB[i];
        expect_shares(0.5, (uint32_t)(1000 * spreads_dB[i]),
                      never * exp(-load) + (exp(-load * never) - exp(-load)) / load);
    }
}

/* The same frames with and without carrier sense. out: datagrams that came through. */
static uint32_t delivered(bool carrier_sense, double offered)
{
    (void)rkt_trial();
    rkt_radio()->backoff_max_exponent = carrier_sense ? 5 : 0;
    rkt_radio()->frame_retries = 0;
    struct air *air = air_new(0);
    rk_ns span_ns = (rk_ns)(SENDERS / offered) * air->link.fragments[BYTES].last_ns;
    for (uint32_t i = 0; i < SENDERS; i++) {
        start(air, i, rk_rng_below(rk_rng_draw(&air->rng, i, RK_RNG_INPUT, 0), span_ns));
    }
    run(air);
    uint32_t reached = air->reached;
    free(air);
    return reached;
}

static void test_carrier_sense_helps(void **state)
{
    (void)state;
    assert_true(delivered(true, 0.02) >= delivered(false, 0.02));
    assert_true(delivered(true, 0.1) > delivered(false, 0.1));
    assert_true(delivered(true, 0.5) > delivered(false, 0.5));
}

/* Every burst ends once: frames are attempts, each is lost by chance or to an overlap, or answered. */
static void test_conservation(void **state)
{
    (void)state;
    (void)rkt_trial();
    struct air *air = air_new(100000);
    rk_ns span_ns = (rk_ns)SENDERS * 3 * RK_MS;
    for (uint32_t i = 0; i < SENDERS; i++) {
        start(air, i, rk_rng_below(rk_rng_draw(&air->rng, i, RK_RNG_INPUT, 0), span_ns));
    }
    run(air);
    uint64_t heard = 0;
    for (uint32_t i = 0; i < SENDERS; i++) {
        heard += air->sender[i].received;
        assert_true(!air->sender[i].delivered || air->sender[i].received > 0);
    }
    const struct rk_air_counts *counts = &air->channel.counts;
    assert_int_equal(air->channel.bursts, 0);
    assert_int_equal(air->reached + air->failed, SENDERS);
    /* A datagram's frames are its failed tries but the refused last, and the one that ended it. */
    assert_true(counts->bursts - heard <= SENDERS + air->attempts);
    assert_true(counts->bursts - heard >= SENDERS + air->attempts - counts->refusals);
    assert_true(counts->collisions > 0 && counts->refusals > 0 && counts->collisions < counts->bursts);
    assert_true(counts->busy_ns < span_ns + RK_S);
    free(air);
}

/* Two on the air at once are both lost; what begins as the other ends is not. */
static void test_two(void **state)
{
    (void)state;
    make_aloha();
    struct air *air = air_new(0);
    rk_ns frame_ns = air->link.fragments[BYTES].last_ns;
    for (uint32_t i = 0; i < SENDERS; i++) {
        start(air, i, (rk_ns)i * frame_ns);
    }
    start(air, 7, 8 * frame_ns - 1);
    run(air);
    assert_int_equal(air->failed, 2);
    assert_true(!air->sender[7].delivered && !air->sender[8].delivered && air->sender[6].delivered);
    assert_int_equal(air->channel.counts.busy_ns, (SENDERS - 1) * frame_ns + 1);
    free(air);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two),           cmocka_unit_test(test_pure_aloha),
        cmocka_unit_test(test_slotted_aloha), cmocka_unit_test(test_carrier_sense_helps),
        cmocka_unit_test(test_conservation),  cmocka_unit_test(test_lora_aloha),
        cmocka_unit_test(test_lora_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
