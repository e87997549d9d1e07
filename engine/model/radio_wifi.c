/* Wi-Fi, IEEE 802.11 OFDM in legacy power save: the device stays associated and sleeps between the beacons that tell
 * whether something waits for it (every `dtim` of them). DCF on a channel that is clear: DIFS = SIFS + 2 slots and a
 * backoff of 0..2^exponent - 1 slots (the exponent grows with each attempt) with the receiver on, the frame, SIFS, the
 * acknowledgement, or a timeout; up to frame_retries more attempts. What is for the device waits at the access point for
 * the next such beacon; the device asks by a PS-Poll, and the access point sends as the device would.
 * airtime = preamble + symbol * ceil((16 + 8 bytes + 6) / (bit_rate * symbol)). Not modelled: other stations, rate
 * adaptation, aggregation, block acknowledgements, keeping the association alive, WPA's own rekeying.
 * Source: IEEE 802.11-2020 10.3 (DCF), 10.3.3 (backoff), 11.2.3 (power management), 17.4.3 (OFDM TXTIME), 9.3.1 (ACK 14 B,
 * PS-Poll 20 B). */
#include "engine/model/radio_internal.h"

enum { SERVICE_TAIL_bits = 16 + 6, PS_POLL_bytes = 20 };

static rk_ns at_rate_ns(const struct rk_link *link, uint64_t bytes, uint64_t rate_bps)
{
    const struct rk_wifi_profile *wifi = &link->radio->wifi;
    unsigned __int128 billionths = (unsigned __int128)rate_bps * wifi->symbol_ns; /* of a bit, in a symbol */
    unsigned __int128 bits = (unsigned __int128)(SERVICE_TAIL_bits + 8 * bytes) * RK_S;
    return wifi->preamble_ns + (rk_ns)((bits + billionths - 1) / billionths) * wifi->symbol_ns;
}

static rk_ns airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    return at_rate_ns(link, bytes, link->radio->bit_rate_bps);
}

static rk_ns control_ns(const struct rk_link *link, uint64_t bytes)
{
    return at_rate_ns(link, bytes, link->radio->wifi.control_rate_bps);
}

static rk_ns wake_ns(const struct rk_link *link)
{
    return link->radio->wifi.beacon_interval_ns * link->radio->wifi.dtim;
}

static enum rk_err prepare(struct rk_link *link, struct rk_diag *diag)
{
    const struct rk_wifi_profile *wifi = &link->radio->wifi;
    if (wifi->control_rate_bps == 0 || wifi->symbol_ns == 0 || wake_ns(link) == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: expected a control rate, symbols and beacons above 0",
                       link->radio->name);
    }
    return RK_OK;
}

static rk_ns contention_ns(const struct rk_link *link, uint32_t word, unsigned attempt)
{
    const struct rk_radio_profile *radio = link->radio;
    uint64_t exponent = radio->backoff_min_exponent + attempt;
    exponent = exponent < radio->backoff_max_exponent ? exponent : radio->backoff_max_exponent;
    uint64_t slots = ((uint64_t)word << exponent) >> 32;
    return radio->turnaround_ns + (2 + slots) * radio->backoff_unit_ns;
}

/* The device asks for what the beacon announced. */
static void ps_poll(struct rki_sending *sending, uint32_t word)
{
    const struct rk_link *link = sending->link;
    struct rk_effort *device = &sending->out->heard;
    rk_ns contends_ns = contention_ns(link, word, 0), poll_ns = control_ns(link, PS_POLL_bytes);
    rk_ns answer_ns = link->radio->turnaround_ns + control_ns(link, link->radio->ack_bytes);
    sending->now_ns += rki_until_wake_ns(sending, wake_ns(link), sending->now_ns);
    sending->now_ns += control_ns(link, link->radio->wifi.beacon_bytes) + contends_ns + poll_ns + answer_ns;
    device->rx_ns += contends_ns + answer_ns;
    device->tx_ns += poll_ns;
}

/* One attempt. out: acknowledged. */
static bool attempt(struct rki_sending *sending, rk_ns frame_ns, unsigned number, const struct rki_fate *fate,
                    bool *reached)
{
    const struct rk_link *link = sending->link;
    struct rk_transmission *out = sending->out;
    rk_ns contends_ns = contention_ns(link, fate->words.word[0], number);
    rk_ns ack_ns = link->radio->turnaround_ns + control_ns(link, link->radio->ack_bytes);
    bool acknowledged = !fate->frame_lost && !fate->ack_lost;
    rk_ns waits_ns = acknowledged ? ack_ns : link->radio->ack_wait_ns;
    sending->now_ns += contends_ns + frame_ns;
    out->attempts++;
    if (!fate->frame_lost) {
        rki_arrive(sending, reached);
    }
    sending->now_ns += waits_ns;
    if (sending->datagram->down) {
        out->heard.rx_ns += contends_ns + frame_ns + (fate->frame_lost ? waits_ns : link->radio->turnaround_ns);
        out->heard.tx_ns += fate->frame_lost ? 0 : ack_ns - link->radio->turnaround_ns;
    } else {
        out->rx_ns += contends_ns + waits_ns;
        out->tx_ns += frame_ns;
    }
    return acknowledged;
}

static bool send_fragment(struct rki_sending *sending, rk_ns frame_ns)
{
    struct rk_transmission *out = sending->out;
    bool reached = false, acknowledged = false;
    for (unsigned number = 0; number <= sending->link->radio->frame_retries && !acknowledged; number++) {
        uint64_t block;
        if (!rki_next_block(sending, &block)) {
            break;
        }
        struct rki_fate fate = rki_draw_fate(sending, block, sending->now_ns);
        if (sending->datagram->down && out->attempts == 0) {
            ps_poll(sending, fate.words.word[3]);
        }
        acknowledged = attempt(sending, frame_ns, number, &fate, &reached);
    }
    out->delivered = reached;
    return acknowledged;
}

static void send(struct rki_sending *sending, const struct rk_fragments *plan)
{
    struct rk_transmission *out = sending->out;
    rki_send_fragments(sending, plan, send_fragment);
    out->duration_ns = sending->now_ns - sending->datagram->at_ns;
    out->awake_ns = sending->datagram->down ? 0 : out->duration_ns;
    out->heard.awake_ns = out->heard.rx_ns + out->heard.tx_ns;
}

/* Beacons, whether it waits for an answer or not. */
static struct rk_effort background(const struct rk_link *link, rk_ns span_ns)
{
    uint64_t beacons = span_ns / wake_ns(link);
    return (struct rk_effort){.rx_ns = beacons * control_ns(link, link->radio->wifi.beacon_bytes),
                              .idle_ns = beacons * link->radio->startup_ns};
}

static struct rk_effort wait(const struct rk_link *link, rk_ns span_ns)
{
    (void)link;
    (void)span_ns;
    return (struct rk_effort){.rx_ns = 0};
}

const struct rki_link_kind rki_link_wifi = {
    .cut_unit = 8,
    .fragments = RK_FRAGMENTS_MAX,
    .prepare = prepare,
    .airtime_ns = airtime_ns,
    .send = send,
    .wait = wait,
    .background = background,
};
