/* engine/model/radio.h - a lossy IEEE 802.15.4 link that carries one datagram at a time
 *
 * Model:  Unslotted CSMA/CA on a channel that is clear (no contention: each attempt waits 0..2^macMinBE - 1
 *         backoff units and the first CCA passes, so backoff_max_exponent never comes into play), one frame an
 *         attempt, MAC acknowledgement, up to frame_retries more attempts. Each frame and each acknowledgement is
 *         lost independently with the same probability; a lost acknowledgement makes the sender repeat, the
 *         receiver drops the copy. A datagram that does not fit one frame is fragmented (6LoWPAN); the sender
 *         drops the rest after an unacknowledged fragment, and the datagram is delivered when the receiver has
 *         every fragment. airtime = (phy_header + mac_overhead + headers + payload) * 8 / bit_rate. One attempt:
 *         backoff (radio idle), turnaround (rx: CCA), airtime (tx), then turnaround and the acknowledgement's
 *         airtime (rx), or, when none comes, ack_wait (rx). Interframe spacing is not modelled (640 us at most).
 * Units:  ns, bytes.
 * Draws:  pure functions of (device, sequence, fragment, attempt): variants of a policy share the fate of each
 *         message. One block of RK_RNG_LOSS an attempt: slots, frame, acknowledgement; the fourth word is spare.
 * Error:  loss probabilities are multiples of 2^-32, rounded down.
 * Source: IEEE 802.15.4-2020 6.2.5.1 (CSMA-CA), 12.1 (2450 MHz O-QPSK: 250 kb/s, 32 us a byte); RFC 4944 5.3
 *         (fragments), RFC 6282 (compressed headers).
 */
#ifndef ENGINE_MODEL_RADIO_H
#define ENGINE_MODEL_RADIO_H

#include "engine/core/err.h"
#include "engine/core/rng.h"
#include "engine/core/units.h"
#include "engine/lifecycle/agent.h"
#include "engine/core/profile.h"

enum { RK_FRAGMENTS_MAX = 16, RK_ATTEMPTS_MAX = 16 };

/* How a datagram of a given size is cut: `count` fragments, all but the last equally long save for
 * the first's header. */
struct rk_fragments {
    uint8_t count;
    rk_ns first_ns, middle_ns, last_ns; /* airtimes; a single frame is `last` */
};

struct rk_link {
    const struct rk_radio_profile *radio;
    uint64_t loss_below; /* a 32-bit word below it means lost: probability * 2^32 */
    rk_ns ack_ns;
    struct rk_fragments fragments[RK_FRAME_MAX_bytes + 1]; /* by bytes of the agent's frame */
};

/* What chance decides of one attempt. */
struct rk_attempt {
    uint32_t slots; /* backoff units waited */
    bool frame_lost, ack_lost;
};

/* What one datagram took, as the sender sees it. */
struct rk_transmission {
    rk_ns duration_ns;  /* from the first backoff to the last acknowledgement, or to giving up */
    rk_ns delivered_ns; /* offset at which the receiver had it all; only when delivered */
    rk_ns tx_ns, rx_ns, idle_ns;
    uint16_t received_frames; /* frames that reached the receiver, copies included: it acknowledged as many */
    uint16_t attempts;
    bool delivered;
};

/* out: RK_OK, or RK_ERR_INPUT when the radio cannot carry an agent's frame, with the reason. */
enum rk_err rk_link_init(struct rk_link *link, const struct rk_radio_profile *radio, uint32_t loss_ppm,
                         struct rk_diag *diag);

/* out: airtime of a frame of `psdu_bytes`, the PHY header added. */
rk_ns rk_radio_airtime_ns(const struct rk_radio_profile *radio, uint64_t psdu_bytes);

/* Sends a frame of the agent, bytes <= RK_FRAME_MAX_bytes. `sequence` < 2^56 names the datagram. */
void rk_link_send(const struct rk_link *link, const struct rk_rng_key *rng, uint32_t device, uint64_t sequence,
                  uint16_t bytes, struct rk_transmission *out);

/* Number of the block of RK_RNG_LOSS for an attempt (0 .. RK_ATTEMPTS_MAX - 1) on a fragment. */
static inline uint64_t rk_attempt_block(uint64_t sequence, unsigned fragment, unsigned attempt)
{
    return (sequence * RK_FRAGMENTS_MAX + fragment) * RK_ATTEMPTS_MAX + attempt;
}

static inline struct rk_attempt rk_attempt_of(const struct rk_link *link, const struct rk_rng_words *words)
{
    return (struct rk_attempt){
        .slots = (uint32_t)(((uint64_t)words->word[0] << link->radio->backoff_min_exponent) >> 32),
        .frame_lost = words->word[1] < link->loss_below,
        .ack_lost = words->word[2] < link->loss_below,
    };
}

/* Sequence of data message `number`, and of the key frame sent in try `attempt` of renewal `renewal`. */
static inline uint64_t rk_sequence_data(uint64_t number)
{
    return number;
}

static inline uint64_t rk_sequence_key(uint64_t renewal, uint8_t attempt, uint8_t frame_kind)
{
    return (uint64_t)1 << 55 | renewal << 12 | (uint64_t)attempt << 4 | frame_kind;
}

#endif
