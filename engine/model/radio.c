#include "engine/model/radio.h"

rk_ns rk_radio_airtime_ns(const struct rk_radio_profile *radio, uint64_t psdu_bytes)
{
    return rk_cycles_ns((radio->phy_header_bytes + psdu_bytes) * 8, radio->bit_rate_bps);
}

/* in: capacity of a frame after the MAC's share. out: count 0 when it does not go into RK_FRAGMENTS_MAX frames. */
static struct rk_fragments cut(const struct rk_radio_profile *radio, uint64_t capacity, uint64_t frame_bytes)
{
    struct rk_fragments plan = {.count = 1};
    uint64_t headers = radio->adaptation_header_bytes;
    uint64_t mac = radio->mac_overhead_bytes;
    if (headers + frame_bytes <= capacity) {
        plan.last_ns = rk_radio_airtime_ns(radio, mac + headers + frame_bytes);
        return plan;
    }
    /* Offsets count in 8 bytes, so all fragments but the last carry a multiple of 8. */
    uint64_t first_overhead = radio->fragment_first_bytes + headers;
    uint64_t next_overhead = radio->fragment_next_bytes;
    if (first_overhead + 8 > capacity || next_overhead + 8 > capacity) {
        return (struct rk_fragments){.count = 0};
    }
    uint64_t first = (capacity - first_overhead) & ~7ull;
    uint64_t next = (capacity - next_overhead) & ~7ull;
    uint64_t rest = frame_bytes - first;
    uint64_t middles = (rest - 1) / next;
    if (middles + 2 > RK_FRAGMENTS_MAX) {
        return (struct rk_fragments){.count = 0};
    }
    plan.count = (uint8_t)(middles + 2);
    plan.first_ns = rk_radio_airtime_ns(radio, mac + first_overhead + first);
    plan.middle_ns = rk_radio_airtime_ns(radio, mac + next_overhead + next);
    plan.last_ns = rk_radio_airtime_ns(radio, mac + next_overhead + rest - middles * next);
    return plan;
}

enum rk_err rk_link_init(struct rk_link *link, const struct rk_radio_profile *radio, uint32_t loss_ppm,
                         struct rk_diag *diag)
{
    if (radio->bit_rate_bps == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: bit rate 0, expected above 0", radio->name);
    }
    if (radio->frame_retries >= RK_ATTEMPTS_MAX || radio->backoff_min_exponent > 16) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: expected at most %d retries and a backoff exponent of at most 16",
                       radio->name, RK_ATTEMPTS_MAX - 1);
    }
    if (loss_ppm > 1000000) {
        return rk_fail(diag, RK_ERR_INPUT, "frame loss of %u ppm, expected at most 1000000", loss_ppm);
    }
    link->radio = radio;
    link->loss_below = ((uint64_t)loss_ppm << 32) / 1000000;
    link->ack_ns = rk_radio_airtime_ns(radio, radio->ack_bytes);
    uint64_t capacity =
        radio->frame_max_bytes > radio->mac_overhead_bytes ? radio->frame_max_bytes - radio->mac_overhead_bytes : 0;
    for (uint64_t bytes = 0; bytes <= RK_FRAME_MAX_bytes; bytes++) {
        link->fragments[bytes] = cut(radio, capacity, bytes);
        if (link->fragments[bytes].count == 0) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "radio %s: a frame of %u bytes does not go into %d fragments of %u bytes", radio->name,
                           (unsigned)bytes, RK_FRAGMENTS_MAX, (unsigned)capacity);
        }
    }
    return RK_OK;
}

/* Sends one fragment until it is acknowledged or given up. out: acknowledged. */
static bool send_fragment(const struct rk_link *link, const struct rk_rng_key *rng, uint32_t device, uint64_t block,
                          rk_ns airtime_ns, struct rk_transmission *out)
{
    const struct rk_radio_profile *radio = link->radio;
    bool reached = false;
    for (unsigned number = 0; number <= radio->frame_retries; number++, block++) {
        struct rk_rng_words words = rk_rng_block(rng, device, RK_RNG_LOSS, block);
        struct rk_attempt attempt = rk_attempt_of(link, &words);
        rk_ns backoff_ns = attempt.slots * radio->backoff_unit_ns;
        out->idle_ns += backoff_ns;
        out->tx_ns += airtime_ns;
        out->duration_ns += backoff_ns + radio->turnaround_ns + airtime_ns;
        out->attempts++;
        bool arrives = !attempt.frame_lost;
        if (arrives && !reached) {
            reached = true;
            out->delivered_ns = out->duration_ns;
        }
        out->received_frames += arrives;
        if (arrives && !attempt.ack_lost) {
            out->rx_ns += radio->turnaround_ns + radio->turnaround_ns + link->ack_ns;
            out->duration_ns += radio->turnaround_ns + link->ack_ns;
            out->delivered = true;
            return true;
        }
        out->rx_ns += radio->turnaround_ns + radio->ack_wait_ns;
        out->duration_ns += radio->ack_wait_ns;
    }
    out->delivered = reached;
    return false;
}

void rk_link_send(const struct rk_link *link, const struct rk_rng_key *rng, uint32_t device, uint64_t sequence,
                  uint16_t bytes, struct rk_transmission *out)
{
    RK_ASSERT(bytes <= RK_FRAME_MAX_bytes);
    const struct rk_fragments *plan = &link->fragments[bytes];
    *out = (struct rk_transmission){.duration_ns = 0};
    for (unsigned i = 0; i < plan->count; i++) {
        bool last = i + 1u == plan->count;
        rk_ns airtime_ns = last ? plan->last_ns : i == 0 ? plan->first_ns : plan->middle_ns;
        if (!send_fragment(link, rng, device, rk_attempt_block(sequence, i, 0), airtime_ns, out)) {
            out->delivered = out->delivered && last;
            return;
        }
    }
}
