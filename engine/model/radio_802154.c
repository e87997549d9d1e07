/* IEEE 802.15.4: unslotted CSMA/CA on a channel that is clear (no contention: each attempt waits 0..2^macMinBE - 1
 * backoff units and the first CCA passes, so backoff_max_exponent never comes into play), one frame an attempt, MAC
 * acknowledgement, up to frame_retries more attempts; a lost acknowledgement makes the sender repeat, the receiver drops
 * the copy. 6LoWPAN fragments. airtime = (phy_header + mac_overhead + headers + payload) * 8 / bit_rate. One attempt:
 * backoff (radio idle), turnaround (rx: CCA), airtime (tx), then turnaround and the acknowledgement's airtime (rx), or,
 * when none comes, ack_wait (rx). Interframe spacing is not modelled (640 us at most).
 * Source: IEEE 802.15.4-2020 6.2.5.1 (CSMA-CA), 12.1 (2450 MHz O-QPSK: 250 kb/s, 32 us a byte); RFC 4944 5.3 (fragments,
 * whose offsets count in 8 bytes), RFC 6282 (compressed headers). */
#include "engine/model/radio_internal.h"

static rk_ns airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    return rk_cycles_ns((link->radio->phy_header_bytes + bytes) * 8, link->radio->bit_rate_bps);
}

/* What a polling device spends on a frame: it does not listen otherwise. */
static void hear(struct rki_sending *sending, rk_ns airtime_ns)
{
    if (sending->link->use.listen == RK_LISTEN_POLL && sending->datagram->down) {
        sending->out->heard.rx_ns += sending->link->radio->turnaround_ns + airtime_ns;
        sending->out->heard.tx_ns += sending->link->ack_ns;
    }
}

/* One attempt. out: acknowledged. */
static bool attempt(struct rki_sending *sending, uint64_t block, rk_ns airtime_ns, bool *reached)
{
    const struct rk_radio_profile *radio = sending->link->radio;
    struct rk_transmission *out = sending->out;
    struct rki_fate fate = rki_draw_fate(sending, block, sending->now_ns);
    if (sending->link->use.listen == RK_LISTEN_CONTIKIMAC || sending->link->use.listen == RK_LISTEN_TSCH) {
        return rki_listen_send(sending, &fate, airtime_ns, reached);
    }
    rk_ns backoff_ns = (((uint64_t)fate.words.word[0] << radio->backoff_min_exponent) >> 32) * radio->backoff_unit_ns;
    out->idle_ns += backoff_ns;
    out->tx_ns += airtime_ns;
    out->awake_ns += backoff_ns + radio->turnaround_ns + airtime_ns;
    sending->now_ns += backoff_ns + radio->turnaround_ns + airtime_ns;
    out->attempts++;
    if (!fate.frame_lost) {
        rki_arrive(sending, reached);
        hear(sending, airtime_ns);
    }
    if (!fate.frame_lost && !fate.ack_lost) {
        out->rx_ns += 2 * radio->turnaround_ns + sending->link->ack_ns;
        out->awake_ns += radio->turnaround_ns + sending->link->ack_ns;
        sending->now_ns += radio->turnaround_ns + sending->link->ack_ns;
        return true;
    }
    out->rx_ns += radio->turnaround_ns + radio->ack_wait_ns;
    out->awake_ns += radio->ack_wait_ns;
    sending->now_ns += radio->ack_wait_ns;
    return false;
}

/* Sends one fragment until it is acknowledged or given up. out: acknowledged. */
static bool send_fragment(struct rki_sending *sending, rk_ns airtime_ns)
{
    bool reached = false;
    rki_listen_wait(sending);
    uint64_t block = rk_attempt_block(sending->datagram->sequence, sending->frame++, 0);
    for (unsigned number = 0; number <= sending->link->radio->frame_retries; number++, block++) {
        if (attempt(sending, block, airtime_ns, &reached)) {
            sending->out->delivered = true;
            return true;
        }
    }
    sending->out->delivered = reached;
    return false;
}

static void send(struct rki_sending *sending, const struct rk_fragments *plan)
{
    struct rk_transmission *out = sending->out;
    rki_send_fragments(sending, plan, send_fragment);
    out->duration_ns = sending->now_ns - sending->datagram->at_ns;
    out->acks = sending->link->use.listen == RK_LISTEN_ALWAYS ? out->received_frames : 0;
}

static enum rk_err prepare(struct rk_link *link, struct rk_diag *diag)
{
    return rki_listen_prepare(link, diag);
}

const struct rki_link_kind rki_link_802154 = {
    .cut_unit = 8,
    .fragments = RK_FRAGMENTS_MAX,
    .listens = true,
    .prepare = prepare,
    .wait = rki_listen_while_waiting,
    .background = rki_listen_background,
    .airtime_ns = airtime_ns,
    .send = send,
};
