/* LoRaWAN class A over LoRa: an uplink waits until the duty cycle permits it (off-time T / duty - T after a frame of
 * airtime T; radio and processor sleep meanwhile), nothing acknowledges it, and two windows follow. An answer that is at
 * the gateway in time goes in RX1, at the uplink's spreading factor, or in RX2, a second later; the server keeps nothing
 * for the next uplink: what misses both is lost, and the agent asks again. Both windows are charged with the uplink; what
 * is received is charged less what of the windows it makes unnecessary. Datagrams longer than a frame are cut with the
 * file's fragment headers, without acknowledgement (SCHC's No-ACK): each fragment is a frame, lost for itself. Each
 * fragment of an answer but the first waits for an empty uplink. Cells are in engine/model/lora.h; here nobody else
 * sends, nothing is confirmed, and the gateway has no duty cycle of its own. Data rates that adapt are not modelled.
 * Airtime: T = Tsym (n_preamble + 4.25 + 8 + max(ceil((8 PL - 4 SF + 28 + 16 CRC - 20 H) / (4 (SF - 2 DE))) (CR + 4), 0)),
 * Tsym = 2^SF / BW, header explicit (H = 0), CRC on (LoRaWAN's downlinks have none: at most one block more here), DE = 1
 * where a symbol takes more than 16 ms.
 * Source: Semtech AN1200.13 (LoRa Modem Designer's Guide) section 4; LoRaWAN 1.0.3 3.3 (receive windows), 4 (frames);
 * RP002 regional parameters EU863-870: maximum payload by data rate; RFC 9011 (SCHC over LoRaWAN); ETSI EN 300 220. */
#include "engine/model/lora.h"
#include "engine/model/radio_internal.h"

enum { MILLION = 1000000 };

/* PHY payload of M + 5 bytes, by spreading factor 7 to 12. */
static const uint8_t frame_max_bytes[] = {235, 235, 128, 64, 64, 64};

uint64_t rk_lora_longest_bytes(const struct rk_link *link, uint64_t spreading)
{
    uint64_t most = frame_max_bytes[spreading - RK_SPREADING_LEAST];
    return most < link->radio->frame_max_bytes ? most : link->radio->frame_max_bytes;
}

uint64_t rk_lora_spreading(const struct rk_link *link)
{
    return link->use.spreading != 0 ? link->use.spreading : link->radio->lora.spreading;
}

static rk_ns symbol_ns(const struct rk_link *link, uint64_t spreading)
{
    return rk_cycles_ns(1ull << spreading, link->radio->lora.bandwidth_Hz);
}

rk_ns rk_lora_frame_ns(const struct rk_link *link, uint64_t spreading, uint64_t bytes)
{
    const struct rk_lora_profile *lora = &link->radio->lora;
    rk_ns symbol = symbol_ns(link, spreading);
    uint64_t optimised = symbol > 16 * RK_MS;
    uint64_t bits = 8 * bytes + 28 + 16, first = 4 * spreading, block = 4 * (spreading - 2 * optimised);
    uint64_t blocks = bits > first ? (bits - first + block - 1) / block : 0;
    return (4 * lora->preamble_symbols + 17) * symbol / 4 + (8 + blocks * (lora->coding + 4)) * symbol;
}

static enum rk_err prepare(struct rk_link *link, struct rk_diag *diag)
{
    const struct rk_lora_profile *lora = &link->radio->lora;
    uint64_t spreading = rk_lora_spreading(link);
    if (spreading < 7 || spreading > 12 || lora->rx2_spreading < 7 || lora->rx2_spreading > 12) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: expected spreading factors of 7 to 12", link->radio->name);
    }
    if (lora->duty_ppm == 0 || lora->duty_ppm > MILLION || lora->bandwidth_Hz == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: expected a bandwidth, and a duty cycle above 0 and at most 1",
                       link->radio->name);
    }
    link->frame_max_bytes = rk_lora_longest_bytes(link, spreading);
    return RK_OK;
}

static rk_ns airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    return rk_lora_frame_ns(link, rk_lora_spreading(link), bytes);
}

rk_ns rk_lora_window_ns(const struct rk_link *link, uint64_t spreading)
{
    return link->radio->lora.window_symbols * symbol_ns(link, spreading);
}

rk_ns rk_lora_off_ns(rk_ns airtime_ns, uint64_t duty_ppm)
{
    return (rk_ns)((unsigned __int128)airtime_ns * (MILLION - duty_ppm) / duty_ppm);
}

void rk_lora_uplink_ended(const struct rk_link *link, struct rk_link_state *state, rk_ns airtime_ns, rk_ns now_ns)
{
    const struct rk_lora_profile *lora = &link->radio->lora;
    rk_ns off_ns = rk_lora_off_ns(airtime_ns, lora->duty_ppm);
    rk_ns listened_ns = lora->rx1_delay_ns + RK_S + rk_lora_window_ns(link, lora->rx2_spreading);
    state->uplink_ns = now_ns;
    state->clear_ns = now_ns + (off_ns > listened_ns ? off_ns : listened_ns);
}

/* A frame of the device at the first instant that the duty cycle permits, no earlier than now_ns. */
static void uplink(struct rki_sending *sending, rk_ns airtime, struct rk_effort *spent)
{
    const struct rk_link *link = sending->link;
    const struct rk_lora_profile *lora = &link->radio->lora;
    struct rk_link_state *state = sending->state;
    if (state->clear_ns > sending->now_ns) {
        sending->now_ns = state->clear_ns;
        spent->idle_ns += link->radio->startup_ns; /* it slept while it waited */
        spent->awake_ns += link->radio->startup_ns;
    }
    sending->now_ns += airtime;
    spent->tx_ns += airtime;
    spent->awake_ns += airtime;
    spent->rx_ns += rk_lora_window_ns(link, rk_lora_spreading(link)) + rk_lora_window_ns(link, lora->rx2_spreading);
    rk_lora_uplink_ended(link, state, airtime, sending->now_ns);
}

/* One frame of an answer, in the windows of the last uplink. out: false: it came too late, or is lost. */
static bool downlink(struct rki_sending *sending, uint64_t bytes, uint64_t block)
{
    const struct rk_link *link = sending->link;
    const struct rk_lora_profile *lora = &link->radio->lora;
    struct rk_transmission *out = sending->out;
    rk_ns rx1_ns = sending->state->uplink_ns + lora->rx1_delay_ns;
    bool first = sending->now_ns <= rx1_ns;
    bool second =
        !first && sending->now_ns <= rx1_ns + RK_S && bytes <= rk_lora_longest_bytes(link, lora->rx2_spreading);
    if (sending->state->uplink_ns == 0 || !(first || second)) {
        return false;
    }
    rk_ns opens_ns = first ? rx1_ns : rx1_ns + RK_S;
    uint64_t spreading = first ? rk_lora_spreading(link) : lora->rx2_spreading;
    rk_ns airtime = rk_lora_frame_ns(link, spreading, bytes);
    sending->now_ns = opens_ns + airtime;
    out->tx_ns += airtime;
    out->attempts++;
    bool arrives = !rki_draw_fate(sending, block, opens_ns).frame_lost;
    out->received_frames += arrives;
    if (arrives) {
        /* In place of its window, and RX2 is not opened after RX1. The windows are charged already: the difference may be
         * below zero, modulo 2^64, their sum is not. */
        out->heard.rx_ns +=
            airtime - rk_lora_window_ns(link, spreading) - (first ? rk_lora_window_ns(link, lora->rx2_spreading) : 0);
    }
    return arrives;
}

static void send_up(struct rki_sending *sending, const struct rk_fragments *plan)
{
    struct rk_transmission *out = sending->out;
    struct rk_effort spent = {.tx_ns = 0};
    uint64_t block = 0;
    for (unsigned i = 0; i < plan->count && rki_next_block(sending, &block); i++) {
        uplink(sending, rki_fragment_ns(plan, i), &spent);
        out->attempts++;
        out->received_frames += !rki_draw_fate(sending, block, sending->now_ns).frame_lost;
    }
    out->tx_ns = spent.tx_ns;
    out->rx_ns = spent.rx_ns;
    out->idle_ns = spent.idle_ns;
    out->awake_ns = spent.awake_ns;
}

static void send_down(struct rki_sending *sending, const struct rk_fragments *plan)
{
    uint64_t block = 0;
    for (unsigned i = 0; i < plan->count; i++) {
        if (i > 0) {
            uplink(sending, airtime_ns(sending->link, RK_LORA_EMPTY_bytes), &sending->out->heard);
            if (!rki_next_block(sending, &block) || rki_draw_fate(sending, block, sending->now_ns).frame_lost) {
                return;
            }
        }
        if (!rki_next_block(sending, &block) || !downlink(sending, rki_fragment_bytes(plan, i), block)) {
            return;
        }
    }
}

static void send(struct rki_sending *sending, const struct rk_fragments *plan)
{
    struct rk_transmission *out = sending->out;
    if (sending->datagram->down) {
        send_down(sending, plan);
    } else {
        send_up(sending, plan);
    }
    out->duration_ns = sending->now_ns - sending->datagram->at_ns;
    out->delivered_ns = out->duration_ns;
    out->delivered = out->received_frames == plan->count;
}

/* The windows are the uplink's. */
static struct rk_effort wait(const struct rk_link *link, rk_ns span_ns)
{
    (void)link;
    (void)span_ns;
    return (struct rk_effort){.rx_ns = 0};
}

const struct rki_link_kind rki_link_lora = {
    .cut_unit = 1,
    .fragments = RKI_CUTS_MAX,
    .prepare = prepare,
    .airtime_ns = airtime_ns,
    .send = send,
    .wait = wait,
};
