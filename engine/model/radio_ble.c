/* Bluetooth Low Energy, connected: peripheral (the device) and central meet at connection events, every interval; the
 * device may leave out `latency` of them, but not when it has something to send. In an event the central sends first (an
 * empty PDU when it has nothing), each PDU is answered after T_IFS, and more follow while there is more data. A PDU or
 * answer that is lost ends the event: the PDU is sent again at the next one the two share, frame_retries times, then the
 * supervision timeout has passed and the datagram is lost. L2CAP fragments carry no headers but the link layer's
 * (phy_header: preamble, access address, header, CRC). The receiver opens earlier by the drift of both clocks since the
 * last event. Background: all events that the device attends, empty; one that carries a datagram is in it too: at most one
 * event a datagram too many. Channel selection, advertising and setting up the connection are not modelled.
 * Source: Bluetooth Core Specification 5.2 Vol 6 Part B 4.5 (connection events, window widening 4.2.4), 4.1.1 (T_IFS
 * 150 us), 2.1 and 2.4 (packets, 27 to 251 bytes); RFC 7668 (IPv6 over it). */
#include "engine/model/radio_internal.h"

static rk_ns airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    return rk_cycles_ns((link->radio->phy_header_bytes + bytes) * 8, link->radio->bit_rate_bps);
}

static enum rk_err prepare(struct rk_link *link, struct rk_diag *diag)
{
    const struct rk_ble_profile *ble = &link->radio->ble;
    if (ble->interval_ns < 2 * (airtime_ns(link, link->frame_max_bytes) + ble->interframe_ns)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "radio %s: a connection event of the longest PDU does not go into its interval",
                       link->radio->name);
    }
    return RK_OK;
}

/* Between the events at which data can go this way. */
static rk_ns period_ns(const struct rk_link *link, bool down)
{
    const struct rk_ble_profile *ble = &link->radio->ble;
    return down ? ble->interval_ns * (ble->latency + 1) : ble->interval_ns;
}

static rk_ns widening_ns(const struct rk_link *link)
{
    const struct rk_ble_profile *ble = &link->radio->ble;
    return ble->interval_ns * (ble->latency + 1) * ble->clock_error_ppm / 1000000;
}

/* Up to the first PDU of this sender: the device opens early, and hears the central's empty PDU when it is to send. out: the
 * beginning of the next event. */
static rk_ns open_event(struct rki_sending *sending, struct rk_effort *device)
{
    const struct rk_link *link = sending->link;
    bool down = sending->datagram->down;
    sending->now_ns += rki_until_wake_ns(sending, period_ns(link, down), sending->now_ns);
    rk_ns next_ns = sending->now_ns + link->radio->ble.interval_ns;
    device->idle_ns += link->radio->startup_ns;
    device->rx_ns += widening_ns(link);
    if (!down) {
        device->rx_ns += link->ack_ns;
        device->idle_ns += link->radio->ble.interframe_ns;
        sending->now_ns += link->ack_ns + link->radio->ble.interframe_ns;
    }
    return next_ns;
}

/* A PDU and its answer. out: both arrived. */
static bool exchange(struct rki_sending *sending, rk_ns pdu_ns, uint64_t block, struct rk_effort *device, bool *reached)
{
    const struct rk_link *link = sending->link;
    struct rk_transmission *out = sending->out;
    bool down = sending->datagram->down;
    struct rki_fate fate = rki_draw_fate(sending, block, sending->now_ns);
    out->attempts++;
    sending->now_ns += pdu_ns;
    device->tx_ns += down ? 0 : pdu_ns;
    device->rx_ns += down ? pdu_ns : 0;
    if (!fate.frame_lost) {
        rki_arrive(sending, reached);
    }
    /* Who hears nothing listens as long; what was lost is not answered. */
    device->idle_ns += 2 * link->radio->ble.interframe_ns;
    device->tx_ns += down && !fate.frame_lost ? link->ack_ns : 0;
    device->rx_ns += down ? 0 : link->ack_ns;
    sending->now_ns += 2 * link->radio->ble.interframe_ns + link->ack_ns;
    return !fate.frame_lost && !fate.ack_lost;
}

static void send(struct rki_sending *sending, const struct rk_fragments *plan)
{
    const struct rk_link *link = sending->link;
    struct rk_transmission *out = sending->out;
    struct rk_effort device = {.tx_ns = 0};
    rk_ns ends_ns = 0; /* of the event under way */
    unsigned done = 0;
    for (unsigned i = 0; i < plan->count && done == i; i++) {
        rk_ns pdu_ns = rki_fragment_ns(plan, i);
        rk_ns takes_ns = pdu_ns + link->ack_ns + 2 * link->radio->ble.interframe_ns;
        bool reached = false;
        for (unsigned attempt = 0; attempt <= link->radio->frame_retries && done == i; attempt++) {
            uint64_t block;
            if (!rki_next_block(sending, &block)) {
                break;
            }
            if (sending->now_ns + takes_ns > ends_ns) {
                ends_ns = open_event(sending, &device);
            }
            if (exchange(sending, pdu_ns, block, &device, &reached)) {
                done++;
            } else {
                ends_ns = 0;
            }
        }
        out->delivered = reached && i + 1u == plan->count;
    }
    out->duration_ns = sending->now_ns - sending->datagram->at_ns;
    if (sending->datagram->down) {
        out->heard = device;
        return;
    }
    out->tx_ns = device.tx_ns;
    out->rx_ns = device.rx_ns;
    out->idle_ns = device.idle_ns;
    out->awake_ns = device.tx_ns + device.rx_ns + device.idle_ns;
}

/* An event in which both send an empty PDU. */
static struct rk_effort background(const struct rk_link *link, rk_ns span_ns)
{
    const struct rk_ble_profile *ble = &link->radio->ble;
    uint64_t events = span_ns / period_ns(link, true);
    return (struct rk_effort){
        .tx_ns = events * link->ack_ns,
        .rx_ns = events * (widening_ns(link) + link->ack_ns),
        .idle_ns = events * (link->radio->startup_ns + ble->interframe_ns),
    };
}

/* While it waits it attends the same events. */
static struct rk_effort wait(const struct rk_link *link, rk_ns span_ns)
{
    (void)link;
    (void)span_ns;
    return (struct rk_effort){.rx_ns = 0};
}

const struct rki_link_kind rki_link_ble = {
    .cut_unit = 1,
    .fragments = RKI_CUTS_MAX,
    .prepare = prepare,
    .airtime_ns = airtime_ns,
    .send = send,
    .wait = wait,
    .background = background,
};
