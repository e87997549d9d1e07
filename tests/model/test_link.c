/* tests/model/test_link.c - kinds of links against published formulas and times by hand, bursts against their theory,
 * receivers that sleep */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/model/fleet.h"
#include "engine/model/radio.h"
#include "tests/model/fixture.h"

static struct rk_link link_of(enum rk_link_kind kind, struct rk_link_use use)
{
    struct rk_link made;
    struct rk_diag diag = {""};
    if (kind != RK_LINK_IEEE802154) {
        rkt_radio_of(kind);
    }
    assert_int_equal(rk_link_init(&made, rkt_radio(), &use, &diag), RK_OK);
    return made;
}

static struct rk_transmission send(const struct rk_link *link, struct rk_link_state *state, struct rk_datagram datagram)
{
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_transmission sent;
    rk_link_send(link, &rng, state, &datagram, &sent);
    return sent;
}

static int fresh(void **state)
{
    (void)state;
    rkt_trial();
    return 0;
}

/* --- LoRa --- */

/* The formula of AN1200.13, as it stands there, in milliseconds. */
static double an1200_13_ms(int spreading, double bandwidth_kHz, int coding, int bytes)
{
    double symbol_ms = pow(2, spreading) / bandwidth_kHz;
    int optimised = symbol_ms > 16;
    double blocks = ceil((8.0 * bytes - 4.0 * spreading + 28 + 16) / (4.0 * (spreading - 2 * optimised)));
    return (8 + 4.25) * symbol_ms + (8 + fmax(blocks * (coding + 4), 0)) * symbol_ms;
}

static void test_lora_airtime(void **state)
{
    (void)state;
    for (uint8_t spreading = 7; spreading <= 12; spreading++) {
        struct rk_link link = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = spreading});
        for (int bytes = 0; bytes < 236; bytes++) {
            double expected_ms = an1200_13_ms(spreading, 125, 1, bytes);
            assert_true(fabs((double)rk_link_airtime_ns(&link, (uint64_t)bytes) * 1e-6 - expected_ms) < 1e-5);
        }
    }
    /* A payload of 10 B under LoRaWAN, as calculators print it. */
    struct rk_link fast = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = 7});
    assert_int_equal(rk_link_airtime_ns(&fast, 23), 61696000);
    struct rk_link slow = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = 12});
    assert_int_equal(rk_link_airtime_ns(&slow, 23), 1482752000);
}

/* EU868: 51 B of application at spreading factor 10 to 12, 115 at 9, 222 at 7 and 8. */
static void test_lora_payloads(void **state)
{
    (void)state;
    static const uint16_t most[] = {222, 222, 115, 51, 51, 51};
    rkt_radio()->mac_overhead_bytes = 13;
    rkt_radio()->adaptation_header_bytes = 0;
    for (uint8_t spreading = 7; spreading <= 12; spreading++) {
        struct rk_link link = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = spreading});
        assert_int_equal(rk_link_plan(&link, most[spreading - 7]).count, 1);
        assert_true(rk_link_plan(&link, most[spreading - 7] + 1u).count > 1);
        assert_int_equal(link.datagram_max_bytes, RK_DATAGRAM_MAX_bytes);
    }
}

/* In any long time the device sends for one percent of it, however much it wants to send. */
static void test_lora_duty_cycle(void **state)
{
    (void)state;
    enum { FRAMES = 50 };
    struct rk_link link = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = 9});
    struct rk_link_state duty = {.clear_ns = 0};
    rk_ns now_ns = 0, airtime_ns = 0;
    for (uint64_t i = 0; i < FRAMES; i++) {
        struct rk_transmission sent = send(&link, &duty, (struct rk_datagram){now_ns, i, 0, 40, false});
        airtime_ns = sent.tx_ns;
        assert_true(sent.delivered);
        assert_int_equal(sent.duration_ns, i == 0 ? airtime_ns : 100 * airtime_ns);
        assert_int_equal(sent.awake_ns,
                         airtime_ns + (i == 0 ? 0 : rkt_radio()->startup_ns)); /* it sleeps while it waits */
        now_ns += sent.duration_ns;
    }
    assert_int_equal(now_ns, ((FRAMES - 1) * 100ull + 1) * airtime_ns);
}

static void test_lora_windows(void **state)
{
    (void)state;
    struct rk_link link = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = 7});
    struct rk_link_state used = {.clear_ns = 0};
    struct rk_transmission up = send(&link, &used, (struct rk_datagram){0, 0, 0, 20, false});
    /* Eight symbols of 1.024 ms in RX1 and of 32.768 ms in RX2. */
    const rk_ns window1 = 8 * 1024000, window2 = 8 * 32768000;
    assert_int_equal(up.rx_ns, window1 + window2);
    rk_ns end_ns = up.duration_ns;
    rk_ns fast_ns = rk_link_airtime_ns(&link, 21 + 12 + 20);
    struct rk_transmission down = send(&link, &used, (struct rk_datagram){end_ns + RK_S, 1, 0, 20, true});
    assert_true(down.delivered); /* RX1 opens this instant */
    assert_int_equal(down.delivered_ns, fast_ns);
    assert_int_equal(up.rx_ns + down.heard.rx_ns, fast_ns); /* in place of both windows */
    down = send(&link, &used, (struct rk_datagram){end_ns + RK_S + 1, 2, 0, 20, true});
    rk_ns slow_ns = (rk_ns)llround(an1200_13_ms(12, 125, 1, 21 + 12 + 20) * 1e6);
    assert_int_equal(down.delivered_ns, RK_S - 1 + slow_ns); /* RX2 */
    assert_int_equal(up.rx_ns + down.heard.rx_ns, window1 + slow_ns);
    assert_false(send(&link, &used, (struct rk_datagram){end_ns + 2 * RK_S + 1, 3, 0, 20, true}).delivered);
    /* At spreading factor 12 a frame ends at 64 B: too long for RX2, not for RX1. */
    assert_true(send(&link, &used, (struct rk_datagram){end_ns, 4, 0, 60, true}).delivered);
    assert_false(send(&link, &used, (struct rk_datagram){end_ns + RK_S + 1, 5, 0, 60, true}).delivered);
    /* Before any uplink nothing can be sent down. */
    struct rk_link_state unused = {.clear_ns = 0};
    assert_false(send(&link, &unused, (struct rk_datagram){0, 6, 0, 20, true}).delivered);
}

/* The second fragment of an answer waits for an empty uplink of the device, which the duty cycle holds up. */
static void test_lora_fragments_of_an_answer(void **state)
{
    (void)state;
    struct rk_link link = link_of(RK_LINK_LORA, (struct rk_link_use){.spreading = 12});
    struct rk_link_state used = {.clear_ns = 0};
    struct rk_transmission up = send(&link, &used, (struct rk_datagram){0, 0, 0, 10, false});
    struct rk_fragments plan = rk_link_plan(&link, 70);
    assert_int_equal(plan.count, 3);
    struct rk_transmission down = send(&link, &used, (struct rk_datagram){up.duration_ns, 1, 0, 70, true});
    rk_ns empty_ns = rk_link_airtime_ns(&link, 12);
    assert_true(down.delivered);
    assert_int_equal(down.heard.tx_ns, 2 * empty_ns);
    rk_ns expected_ns = 99 * up.tx_ns + empty_ns + 99 * empty_ns + empty_ns + RK_S + plan.last_ns;
    assert_int_equal(down.delivered_ns, expected_ns);
}

/* --- BLE --- */

static void test_ble_event(void **state)
{
    (void)state;
    rkt_radio()->phy_header_bytes = 10;
    rkt_radio()->ack_bytes = 0;
    rkt_radio()->mac_overhead_bytes = 0;
    struct rk_link link = link_of(RK_LINK_BLE, (struct rk_link_use){0});
    struct rk_link_state none = {.clear_ns = 0};
    assert_int_equal(link.ack_ns, 80000);                      /* an empty PDU: 10 bytes at 1 Mbit/s */
    assert_int_equal(rk_link_airtime_ns(&link, 27), 296000);   /* the longest of Bluetooth 4.0 and 4.1 */
    assert_int_equal(rk_link_airtime_ns(&link, 251), 2088000); /* and of 4.2 */
    struct rk_transmission sent = send(&link, &none, (struct rk_datagram){0, 0, 0, 20, false});
    rk_ns pdu_ns = rk_link_airtime_ns(&link, 12 + 20);
    assert_true(sent.delivered);
    assert_int_equal(sent.tx_ns, pdu_ns);
    assert_int_equal(sent.rx_ns, 40000 + 2 * 80000); /* 100 ppm of 400 ms, the poll, the answer */
    assert_int_equal(sent.idle_ns, RK_MS + 3 * 150000);
    rk_ns event_ns = sent.delivered_ns - (80000 + 150000 + pdu_ns);
    assert_true(event_ns < 100 * RK_MS);
    /* Another an hour later, to the instant of an event: no wait. */
    sent = send(&link, &none, (struct rk_datagram){3600 * RK_S + event_ns, 1, 0, 20, false});
    assert_int_equal(sent.delivered_ns, 80000 + 150000 + pdu_ns);
    /* Down, every fourth event is attended. */
    rk_ns longest_ns = 0;
    for (uint64_t i = 0; i < 400; i++) {
        sent = send(&link, &none, (struct rk_datagram){i * 1009 * RK_US, 2 + i, 0, 20, true});
        longest_ns = sent.delivered_ns > longest_ns ? sent.delivered_ns : longest_ns;
    }
    assert_true(longest_ns > 390 * RK_MS && longest_ns <= 400 * RK_MS + pdu_ns);
    struct rk_effort day = rk_link_background(&link, 86400 * RK_S);
    assert_int_equal(day.tx_ns, 216000 * 80000ull);
    assert_int_equal(day.rx_ns, 216000 * (40000ull + 80000));
}

/* What is lost goes again one interval later. */
static void test_ble_repeats_at_the_next_event(void **state)
{
    (void)state;
    struct rk_link link = link_of(RK_LINK_BLE, (struct rk_link_use){.loss_ppm = 1000000});
    struct rk_link_state none = {.clear_ns = 0};
    struct rk_transmission sent = send(&link, &none, (struct rk_datagram){0, 0, 0, 20, false});
    assert_false(sent.delivered);
    assert_int_equal(sent.attempts, 4);
    rk_ns first_ns = sent.duration_ns % (100 * RK_MS);
    assert_true(sent.duration_ns >= 300 * RK_MS && sent.duration_ns - first_ns <= 400 * RK_MS);
}

/* --- Wi-Fi --- */

static void test_wifi_frames(void **state)
{
    (void)state;
    struct rk_radio_profile *radio = rkt_radio();
    radio->ack_bytes = 14;
    radio->turnaround_ns = 10 * RK_US;
    radio->backoff_unit_ns = 9 * RK_US;
    radio->backoff_min_exponent = 0;
    radio->backoff_max_exponent = 0;
    rkt_radio_of(RK_LINK_WIFI);
    radio->bit_rate_bps = 54000000;
    struct rk_link link;
    assert_int_equal(rk_link_init(&link, radio, &(struct rk_link_use){0}, NULL), RK_OK);
    assert_int_equal(rk_link_airtime_ns(&link, 1536), 248 * RK_US); /* 20 + 4 * ceil((22 + 8 * 1536) / 216) */
    struct rk_link_state none = {.clear_ns = 0};
    struct rk_transmission sent = send(&link, &none, (struct rk_datagram){0, 0, 0, 100, false});
    rk_ns frame_ns = rk_link_airtime_ns(&link, 21 + 12 + 100);
    /* DIFS 28 us; SIFS 10 us and an acknowledgement of 44 us at 6 Mbit/s. */
    assert_int_equal(sent.delivered_ns, 28 * RK_US + frame_ns);
    assert_int_equal(sent.duration_ns, 28 * RK_US + frame_ns + 54 * RK_US);
    assert_int_equal(sent.rx_ns, (28 + 54) * RK_US);
    /* Down: after the next of the beacons that it wakes for. */
    struct rk_transmission down = send(&link, &none, (struct rk_datagram){0, 1, 0, 100, true});
    assert_true(down.delivered_ns < 300 * RK_MS + 2 * RK_MS);
    /* PS-Poll 20 B: 20 + 4 * ceil((22 + 160) / 24) = 52 us; the acknowledgement of the data: 44 us. */
    assert_int_equal(down.heard.tx_ns, (52 + 44) * RK_US);
    assert_int_equal(rk_link_background(&link, 3 * RK_S).rx_ns,
                     10 * 224 * RK_US); /* 150 B at 6 Mbit/s: 20 + 4 * 51 us */
}

/* --- wires --- */

static void test_wires(void **state)
{
    (void)state;
    struct rk_radio_profile *radio = rkt_radio();
    radio->phy_header_bytes = 20;
    radio->mac_overhead_bytes = 18;
    rkt_radio_of(RK_LINK_ETHERNET);
    radio->bit_rate_bps = 10000000;
    struct rk_link link;
    assert_int_equal(rk_link_init(&link, radio, &(struct rk_link_use){0}, NULL), RK_OK);
    assert_int_equal(rk_link_airtime_ns(&link, 1), 67200); /* the shortest frame: 14880 a second */
    assert_int_equal(rk_link_airtime_ns(&link, 1518), 1230400);
    rkt_trial();
    radio->phy_header_bytes = 0;
    rkt_radio_of(RK_LINK_SERIAL);
    radio->bit_rate_bps = 115200;
    assert_int_equal(rk_link_init(&link, radio, &(struct rk_link_use){0}, NULL), RK_OK);
    assert_int_equal(rk_link_airtime_ns(&link, 1152), 100 * RK_MS);
}

/* --- IEEE 802.15.4 --- */

/* The longest datagram that IPv6 asks every link for: 88 in the first frame, 96 in each other. */
static void test_longest_datagram(void **state)
{
    (void)state;
    rkt_radio()->backoff_min_exponent = 0;
    struct rk_link link = link_of(RK_LINK_IEEE802154, (struct rk_link_use){0});
    struct rk_link_state none = {.clear_ns = 0};
    assert_int_equal(link.datagram_max_bytes, RK_DATAGRAM_MAX_bytes);
    struct rk_transmission sent = send(&link, &none, (struct rk_datagram){0, 0, 0, 1280, false});
    assert_true(sent.delivered);
    assert_int_equal(sent.attempts, 14); /* 88 + 12 * 96 + 40 */
    rk_ns bytes = 14 * (6 + 21) + (4 + 12) + 13 * 5 + 1280;
    assert_int_equal(sent.tx_ns, bytes * 32000);
}

/* --- bursts --- */

static void test_bursts(void **state)
{
    (void)state;
    enum { FRAMES = 400000 };
    const double loss = 0.2, burst_s = 2.0, step_s = 0.5;
    rkt_radio()->frame_retries = 0;
    struct rk_link link =
        link_of(RK_LINK_IEEE802154, (struct rk_link_use){.loss_ppm = 200000, .burst_ns = (rk_ns)(burst_s * 1e9)});
    struct rk_link_state channel = {.clear_ns = 0};
    double lost = 0, bursts = 0;
    bool before = false;
    for (uint64_t i = 0; i < FRAMES; i++) {
        rk_ns at_ns = i * (rk_ns)(step_s * 1e9);
        bool now = !send(&link, &channel, (struct rk_datagram){at_ns, i, 0, 20, false}).delivered;
        lost += now;
        bursts += now && !before;
        before = now;
    }
    /* A chain of two states looked at every step: it stays bad with loss + (1 - loss) e^(-step / tau). */
    double keeps = exp(-step_s / (burst_s * (1 - loss)));
    double stays = loss + (1 - loss) * keeps;
    double correlated = (1 + keeps) / (1 - keeps);
    assert_true(fabs(lost / FRAMES - loss) < 4 * sqrt(loss * (1 - loss) * correlated / FRAMES));
    double length = lost / bursts, expected = 1 / (1 - stays);
    assert_true(fabs(length - expected) < 4 * sqrt(stays) * expected / sqrt(bursts));
    /* Looked at often, a burst lasts what was asked for. */
    before = false;
    lost = bursts = 0;
    for (uint64_t i = 0; i < FRAMES; i++) {
        bool now =
            !send(&link, &channel, (struct rk_datagram){1000 * RK_DAY + i * 20 * RK_MS, FRAMES + i, 0, 20, false})
                 .delivered;
        lost += now;
        bursts += now && !before;
        before = now;
    }
    assert_true(fabs(lost * 0.020 / bursts - burst_s) < 5 * burst_s / sqrt(bursts));
}

/* --- receivers that sleep --- */

static void test_contikimac(void **state)
{
    (void)state;
    enum { FRAMES = 2000 };
    rkt_radio()->backoff_min_exponent = 0;
    struct rk_link link = link_of(
        RK_LINK_IEEE802154, (struct rk_link_use){.listen = RK_LISTEN_CONTIKIMAC, .listen_period_ns = 125 * RK_MS});
    struct rk_link_state none = {.clear_ns = 0};
    rk_ns copy_ns = rk_link_airtime_ns(&link, 21 + 12 + 49), cycle_ns = copy_ns + 400 * RK_US;
    double copies = 0;
    for (uint64_t i = 0; i < FRAMES; i++) {
        struct rk_transmission sent = send(&link, &none, (struct rk_datagram){0, i, 0, 49, false});
        assert_true(sent.delivered);
        assert_int_equal(sent.tx_ns % copy_ns, 0);
        copies += (double)(sent.tx_ns / copy_ns);
    }
    /* Half a period of copies, the one in which the receiver wakes, and the one that it hears. */
    double expected = 62.5e6 / (double)cycle_ns + 1.5;
    assert_true(fabs(copies / FRAMES - expected) < 4 * 125e6 / (double)cycle_ns / sqrt(12.0 * FRAMES) + 0.01);
    /* Eight wake-ups a second, each of two assessments of 128 us after a turnaround: half a percent of the time. */
    assert_int_equal(rk_link_background(&link, RK_S).rx_ns, 8 * 2 * (192 + 128) * RK_US);
    assert_int_equal(rk_link_wait(&link, RK_S).rx_ns, 0);
}

static void test_tsch(void **state)
{
    (void)state;
    struct rk_link link =
        link_of(RK_LINK_IEEE802154, (struct rk_link_use){.listen = RK_LISTEN_TSCH, .listen_period_ns = 1010 * RK_MS});
    struct rk_link_state none = {.clear_ns = 0};
    rk_ns airtime_ns = rk_link_airtime_ns(&link, 21 + 12 + 49);
    struct rk_transmission up = send(&link, &none, (struct rk_datagram){0, 0, 0, 49, false});
    rk_ns slot_ns = up.delivered_ns - 2120 * RK_US - airtime_ns;
    assert_true(slot_ns < 1010 * RK_MS);
    up = send(&link, &none, (struct rk_datagram){slot_ns + 1, 1, 0, 49, false}); /* missed: the next slotframe's */
    assert_int_equal(up.delivered_ns, 1010 * RK_MS - 1 + 2120 * RK_US + airtime_ns);
    assert_int_equal(up.awake_ns, 10 * RK_MS);
    struct rk_transmission down = send(&link, &none, (struct rk_datagram){slot_ns + 1, 2, 0, 49, true});
    assert_int_equal(down.delivered_ns, 505 * RK_MS - 1 + 2120 * RK_US + airtime_ns); /* its slot is half a frame off */
    assert_int_equal(rk_link_background(&link, 101 * RK_S).rx_ns, 100 * 2200 * RK_US);
}

static void test_polls(void **state)
{
    (void)state;
    rkt_radio()->backoff_min_exponent = 0;
    struct rk_link link = link_of(RK_LINK_IEEE802154, (struct rk_link_use){.listen = RK_LISTEN_POLL,
                                                                           .listen_period_ns = 240 * RK_S,
                                                                           .answer_period_ns = 100 * RK_MS});
    struct rk_link_state none = {.clear_ns = 0};
    /* 28 bytes (6 + 21 + 1), two turnarounds, an acknowledgement of 11 bytes. */
    const rk_ns tx_ns = 28 * 32000, rx_ns = 2 * 192000 + 11 * 32000;
    struct rk_effort day = rk_link_background(&link, 86400 * RK_S), second = rk_link_wait(&link, RK_S);
    assert_int_equal(day.tx_ns, 360 * tx_ns);
    assert_int_equal(day.rx_ns, 360 * rx_ns);
    assert_int_equal(second.tx_ns, 10 * tx_ns);
    assert_int_equal(second.rx_ns, 10 * rx_ns);
    rk_ns longest_ns = 0;
    for (uint64_t i = 0; i < 200; i++) {
        rk_ns at_ns = i * 1009 * RK_US;
        struct rk_transmission down = send(&link, &none, (struct rk_datagram){at_ns, i, 0, 49, true});
        longest_ns = down.delivered_ns > longest_ns ? down.delivered_ns : longest_ns;
        assert_int_equal(down.heard.rx_ns, 192000 + rk_link_airtime_ns(&link, 21 + 12 + 49));
        assert_int_equal(down.acks, 0);
    }
    assert_true(longest_ns > 99 * RK_MS && longest_ns < 110 * RK_MS);
}

/* --- what cannot be --- */

static void refused(const struct rk_trial *trial, const char *expected)
{
    struct rk_link link;
    struct rk_diag diag = {""};
    assert_int_equal(rk_trial_link(&link, trial, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, expected);
}

static void test_refusals(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.cell_devices = 2;
    trial.burst_ns = RK_S;
    refused(&trial, "channel: shared: losses in bursts are of one device's own channel");
    trial.burst_ns = 0;
    trial.listen = RK_LISTEN_TSCH;
    trial.listen_period_ns = RK_S;
    refused(&trial, "channel: shared: a duty-cycled receiver has a channel of its own");
    trial.cell_devices = 0;
    trial.listen_period_ns = RK_MS;
    refused(&trial, "listening with a period below 20 ms, expected at least that");
    trial.spreading = 7;
    refused(&trial, "radio round: a spreading factor, expected a radio of kind lora");
    trial.spreading = 0;
    rkt_radio_of(RK_LINK_BLE);
    refused(&trial, "radio round: its kind listens in its own way, expected listening over IEEE 802.15.4");
    trial.listen = RK_LISTEN_ALWAYS;
    trial.cell_devices = 2;
    refused(&trial, "channel: shared: only radios of kind ieee802154 and lora share a channel");
    trial.confirmed = true;
    refused(&trial, "confirmed messages or a spread of power, expected a shared channel of a radio of kind lora");
    rkt_radio_of(RK_LINK_LORA);
    trial.cell_devices = 0;
    refused(&trial, "confirmed messages or a spread of power, expected a shared channel of a radio of kind lora");
    trial.cell_devices = 2;
    trial.burst_ns = RK_S;
    refused(&trial, "channel: shared: losses in bursts are of one device's own channel");
    trial.burst_ns = 0;
    rkt_radio()->lora.tries.value = 0;
    refused(&trial, "channel: shared: a radio without lora.channels, lora.gateway_duty or lora.tries");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lora_airtime, fresh),
        cmocka_unit_test_setup(test_lora_payloads, fresh),
        cmocka_unit_test_setup(test_lora_duty_cycle, fresh),
        cmocka_unit_test_setup(test_lora_windows, fresh),
        cmocka_unit_test_setup(test_lora_fragments_of_an_answer, fresh),
        cmocka_unit_test_setup(test_ble_event, fresh),
        cmocka_unit_test_setup(test_ble_repeats_at_the_next_event, fresh),
        cmocka_unit_test_setup(test_wifi_frames, fresh),
        cmocka_unit_test_setup(test_wires, fresh),
        cmocka_unit_test_setup(test_longest_datagram, fresh),
        cmocka_unit_test_setup(test_bursts, fresh),
        cmocka_unit_test_setup(test_contikimac, fresh),
        cmocka_unit_test_setup(test_tsch, fresh),
        cmocka_unit_test_setup(test_polls, fresh),
        cmocka_unit_test_setup(test_refusals, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
