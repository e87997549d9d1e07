/* tests/model/test_radio.c - airtime, fragments, loss and retries of the link */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/model/radio.h"
#include "tests/model/fixture.h"

static struct rk_link link_with(uint32_t loss_ppm)
{
    struct rk_link made;
    rkt_trial();
    rkt_radio()->backoff_min_exponent = 0; /* no backoff: times by hand */
    assert_int_equal(rk_link_init(&made, rkt_radio(), &(struct rk_link_use){.loss_ppm = loss_ppm}, NULL), RK_OK);
    return made;
}

static struct rk_transmission send(const struct rk_link *link, uint64_t sequence, uint16_t bytes)
{
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_transmission sent;
    struct rk_link_state state = {.clear_ns = 0};
    const struct rk_datagram datagram = {.sequence = sequence, .bytes = bytes};
    rk_link_send(link, &rng, &state, &datagram, &sent);
    return sent;
}

static void test_one_frame(void **state)
{
    (void)state;
    struct rk_link link = link_with(0);
    struct rk_transmission sent = send(&link, 0, 49);
    /* 6 + 21 + 12 + 49 = 88 bytes at 32 us; acknowledgement 6 + 5 = 11 bytes; two turnarounds of 192 us. */
    assert_true(sent.delivered);
    assert_int_equal(sent.attempts, 1);
    assert_int_equal(sent.received_frames, 1);
    assert_int_equal(sent.tx_ns, 88 * 32000);
    assert_int_equal(sent.rx_ns, 2 * 192000 + 11 * 32000);
    assert_int_equal(sent.idle_ns, 0);
    assert_int_equal(sent.delivered_ns, 192000 + 88 * 32000);
    assert_int_equal(sent.duration_ns, sent.tx_ns + sent.rx_ns);
}

static void test_all_lost(void **state)
{
    (void)state;
    struct rk_link link = link_with(1000000);
    struct rk_transmission sent = send(&link, 0, 49);
    assert_false(sent.delivered);
    assert_int_equal(sent.attempts, 4);
    assert_int_equal(sent.received_frames, 0);
    assert_int_equal(sent.tx_ns, 4 * 88 * 32000);
    assert_int_equal(sent.rx_ns, 4 * (192000 + 864000));
}

/* A frame holds 127 - 21 = 106 bytes: 94 of the agent's beside 12 of headers. Fragmented: 88 in the first (106 - 4 - 12
 * = 90, rounded down to 8), 96 in each middle one (101), the rest in the last. */
static void test_fragments(void **state)
{
    (void)state;
    struct rk_link link = link_with(0);
    struct rk_transmission sent = send(&link, 0, 94);
    assert_int_equal(sent.attempts, 1);
    assert_int_equal(sent.tx_ns, (6 + 21 + 12 + 94) * 32000);
    sent = send(&link, 0, 95);
    assert_int_equal(sent.attempts, 2);
    assert_int_equal(sent.tx_ns, (6 + 21 + 4 + 12 + 88) * 32000 + (6 + 21 + 5 + 7) * 32000);
    sent = send(&link, 0, 192);
    assert_int_equal(sent.attempts, 3);
    assert_int_equal(sent.tx_ns, (6 + 21 + 4 + 12 + 88) * 32000 + (6 + 21 + 5 + 96) * 32000 + (6 + 21 + 5 + 8) * 32000);
    /* 92 bytes left in the first frame are still 88, since offsets count in 8 bytes. */
    rkt_radio()->adaptation_header_bytes = 10;
    assert_int_equal(rk_link_init(&link, rkt_radio(), &(struct rk_link_use){0}, NULL), RK_OK);
    assert_int_equal(send(&link, 0, 97).tx_ns, (6 + 21 + 4 + 10 + 88) * 32000 + (6 + 21 + 5 + 9) * 32000);
    link = link_with(1000000);
    assert_int_equal(send(&link, 0, 192).attempts, 4); /* given up after the first fragment */
}

/* Loss p of frame and acknowledgement: an attempt is acknowledged with q = (1 - p)^2, delivered with 1 - p. */
static void test_retries_are_geometric(void **state)
{
    (void)state;
    enum { N = 200000, ATTEMPTS = 4 };
    const double p = 0.3, q = 0.7 * 0.7;
    struct rk_link link = link_with(300000);
    double count[ATTEMPTS + 1] = {0};
    double undelivered = 0;
    for (uint64_t i = 0; i < N; i++) {
        struct rk_transmission sent = send(&link, i, 49);
        count[sent.attempts]++;
        undelivered += !sent.delivered;
    }
    double chi2 = 0;
    for (int k = 1; k <= ATTEMPTS; k++) {
        double share = k < ATTEMPTS ? pow(1 - q, k - 1) * q : pow(1 - q, ATTEMPTS - 1);
        chi2 += pow(count[k] - N * share, 2) / (N * share);
    }
    assert_true(chi2 < 16.27); /* 0.999 quantile, 3 degrees of freedom */
    double expected = N * pow(p, ATTEMPTS);
    assert_true(fabs(undelivered - expected) < 4 * sqrt(expected));
}

static void test_datagram_of_three_fragments_is_lost_more_often(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct rk_link link = link_with(300000);
    double delivered = 0;
    for (uint64_t i = 0; i < N; i++) {
        delivered += send(&link, i, 192).delivered;
    }
    /* The first two must be acknowledged, the last only received. */
    double acknowledged = 1 - pow(1 - 0.49, 4);
    double expected = acknowledged * acknowledged * (1 - pow(0.3, 4));
    assert_true(fabs(delivered / N - expected) < 4 * sqrt(expected * (1 - expected) / N));
}

static void test_backoff_is_uniform(void **state)
{
    (void)state;
    enum { N = 80000, SLOTS = 8 };
    struct rk_link link = link_with(0);
    rkt_radio()->backoff_min_exponent = 3;
    double count[SLOTS] = {0};
    for (uint64_t i = 0; i < N; i++) {
        struct rk_transmission sent = send(&link, i, 10);
        assert_int_equal(sent.idle_ns % 320000, 0);
        assert_true(sent.idle_ns / 320000 < SLOTS);
        count[sent.idle_ns / 320000]++;
    }
    double chi2 = 0;
    for (int i = 0; i < SLOTS; i++) {
        chi2 += pow(count[i] - N / SLOTS, 2) / (N / SLOTS);
    }
    assert_true(chi2 < 24.32); /* 0.999 quantile, 7 degrees of freedom */
}

static void test_refuses_impossible_radios(void **state)
{
    (void)state;
    struct rk_link link;
    struct rk_diag diag;
    rkt_trial();
    assert_int_equal(rk_link_init(&link, rkt_radio(), &(struct rk_link_use){.loss_ppm = 1000001}, &diag), RK_ERR_INPUT);
    rkt_radio()->frame_max_bytes = 40;
    assert_int_equal(rk_link_init(&link, rkt_radio(), &(struct rk_link_use){0}, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "radio round: a frame of 8 bytes does not go into 16 fragments of 19 bytes");
    rkt_radio()->bit_rate_bps = 0;
    assert_int_equal(rk_link_init(&link, rkt_radio(), &(struct rk_link_use){0}, &diag), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_frame),
        cmocka_unit_test(test_all_lost),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_retries_are_geometric),
        cmocka_unit_test(test_datagram_of_three_fragments_is_lost_more_often),
        cmocka_unit_test(test_backoff_is_uniform),
        cmocka_unit_test(test_refuses_impossible_radios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
