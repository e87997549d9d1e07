/* Ethernet and serial lines: frames go out one behind the other, full duplex, and nothing acknowledges them: each is lost
 * for itself, and a datagram is there when all of its frames are. airtime = (phy_header + frame) * bits_a_byte / bit_rate,
 * the frame padded to frame_min. While an answer is awaited the receiver is on; otherwise it sleeps, and `startup` is the
 * time until it can be used again, the link's coming up included. Ethernet: phy_header is preamble, start of frame and
 * interpacket gap. Serial: bits_a_byte has start, parity and stop bits, mac_overhead the framing at its worst.
 * Source: IEEE 802.3-2018 3 (frames, 64 B at least), 4.4.2 (gap of 96 bit times); RFC 1055, RFC 1662 (framing of serial
 * lines). */
#include "engine/model/radio_internal.h"

static rk_ns airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    const struct rk_radio_profile *radio = link->radio;
    return rk_cycles_ns((radio->phy_header_bytes + bytes) * radio->bits_a_byte, radio->bit_rate_bps);
}

static void send(struct rki_sending *sending, const struct rk_fragments *plan)
{
    struct rk_transmission *out = sending->out;
    uint64_t block;
    for (unsigned i = 0; i < plan->count && rki_next_block(sending, &block); i++) {
        rk_ns frame_ns = rki_fragment_ns(plan, i);
        out->received_frames += !rki_draw_fate(sending, block, sending->now_ns).frame_lost;
        out->attempts++;
        out->tx_ns += frame_ns;
        sending->now_ns += frame_ns;
    }
    out->duration_ns = sending->now_ns - sending->datagram->at_ns;
    out->awake_ns = out->duration_ns;
    out->delivered_ns = out->duration_ns;
    out->delivered = out->received_frames == plan->count;
}

const struct rki_link_kind rki_link_ethernet = {
    .cut_unit = 8, .fragments = RK_FRAGMENTS_MAX, .airtime_ns = airtime_ns, .send = send};

const struct rki_link_kind rki_link_serial = {
    .cut_unit = 1, .fragments = RKI_CUTS_MAX, .airtime_ns = airtime_ns, .send = send};
