/* engine/model/radio.h - a lossy link that carries one datagram at a time, over whatever kind of radio or wire
 *
 * Model:  a datagram that does not fit one frame is cut into several; each frame is sent, acknowledged and repeated as
 *         the radio's kind does it: engine/model/radio_802154.c, radio_ble.c, radio_lora.c, radio_wifi.c, radio_wired.c
 *         open with their models. The sender drops the rest after a fragment that was given up; a datagram is delivered
 *         when the receiver has all of it.
 * Losses: independent of each other, with one probability for frames and acknowledgements; or in bursts (Gilbert): the
 *         channel is good or bad in turn, for times that are exponential, a bad one loses every frame. Its state is drawn
 *         when a frame is sent: it lasts with probability exp(-dt / (burst * (1 - loss))), else it is a new one, bad with
 *         probability loss. Frame and acknowledgement share it; the two directions have a channel each.
 * Listening: what the device's receiver costs while it waits, and all the time (engine/model/radio_listen.c).
 * Units:  ns, bytes.
 * Draws:  pure functions of (device, sequence, number of the frame): variants of a policy share the fate of each
 *         message. One block of RK_RNG_LOSS an attempt: slots, frame, acknowledgement; the fourth word is the phase of the
 *         other side's wake-up where that matters.
 * Error:  loss probabilities are multiples of 2^-32, rounded down.
 * Source: E. N. Gilbert, "Capacity of a burst-noise channel", 1960; the others stand in the kinds' files.
 */
#ifndef ENGINE_MODEL_RADIO_H
#define ENGINE_MODEL_RADIO_H

#include "engine/core/err.h"
#include "engine/core/profile.h"
#include "engine/core/rng.h"
#include "engine/core/units.h"
#include "engine/lifecycle/agent.h"

enum { RK_FRAGMENTS_MAX = 16, RK_ATTEMPTS_MAX = 16, RK_DATAGRAM_MAX_bytes = 1280 };

/* LoRa: spreading factors, and a device's: the one of its number. */
enum { RK_SPREADING_LEAST = 7, RK_SPREADINGS = 6, RK_SPREADING_EACH = 1 };

/* How a device that waits for an answer, or may be called at any time, listens. */
enum rk_listen {
    RK_LISTEN_ALWAYS, /* while an answer is awaited; a radio that listens by itself (BLE, Wi-Fi, LoRa) does as it does */
    RK_LISTEN_CONTIKIMAC,
    RK_LISTEN_TSCH,
    RK_LISTEN_POLL,
    RK_LISTEN_COUNT
};

/* How a trial uses a radio. */
struct rk_link_use {
    uint32_t loss_ppm;
    rk_ns burst_ns;                           /* mean time of a burst of losses; 0: independent losses */
    uint8_t listen;                           /* enum rk_listen */
    rk_ns listen_period_ns, answer_period_ns; /* between wake-ups, slots or polls; polls while an answer is awaited */
    uint8_t spreading;                        /* LoRa: instead of the radio file's; 0: that */
    bool confirmed;                           /* LoRa: messages are, on a shared channel */
    uint32_t power_spread_mdB;                /* LoRa: of devices at their gateway */
};

/* How a datagram of a given size is cut: `count` fragments, all but the last equally long save for
 * the first's header. */
struct rk_fragments {
    uint8_t count;
    uint16_t first_bytes, middle_bytes, last_bytes; /* of the frames, after the PHY header */
    rk_ns first_ns, middle_ns, last_ns;             /* airtimes; a single frame is `last` */
};

struct rki_link_kind;

struct rk_link {
    const struct rk_radio_profile *radio;
    const struct rki_link_kind *kind;
    struct rk_link_use use;
    uint64_t loss_below; /* a 32-bit word below it means lost: probability * 2^32 */
    rk_ns ack_ns;
    uint64_t frame_max_bytes;    /* of the kind and its settings */
    uint16_t datagram_max_bytes; /* the longest that can be sent, at most RK_DATAGRAM_MAX_bytes */
    struct rk_fragments
        fragments[RK_FRAME_MAX_bytes + 1]; /* by bytes of the agent's frame; longer ones: rk_link_plan() */
};

/* What a link keeps of one device. All zero bytes: nothing was sent yet. */
struct rk_link_state {
    rk_ns drawn_ns[2];  /* bursts, by direction: when the state was drawn */
    rk_ns clear_ns;     /* LoRa: earlier than that the duty cycle does not permit another frame */
    rk_ns uplink_ns;    /* LoRa: end of the last frame, from which the windows count */
    uint8_t channel[2]; /* bursts: enum rki_channel */
};

/* What is to be sent. */
struct rk_datagram {
    rk_ns at_ns;       /* no earlier than the sender's last one was over */
    uint64_t sequence; /* < 2^56: names it */
    uint32_t device;
    uint16_t bytes; /* at most link->datagram_max_bytes */
    bool down;      /* from the gateway to the device */
};

/* What chance decides of one attempt. */
struct rk_attempt {
    uint32_t slots; /* backoff units waited */
    bool frame_lost, ack_lost;
};

/* Time of a radio in its states, and of the processor that waits for it; all else is sleep. */
struct rk_effort {
    rk_ns tx_ns, rx_ns, idle_ns, awake_ns;
};

/* What one datagram took, as the sender sees it. */
struct rk_transmission {
    rk_ns duration_ns;  /* until the sender is free again */
    rk_ns delivered_ns; /* offset at which the receiver had it all; only when delivered */
    rk_ns tx_ns, rx_ns, idle_ns;
    rk_ns awake_ns;           /* of duration_ns: the sender's processor does not sleep */
    struct rk_effort heard;   /* what a device spent on receiving it that rk_link_wait() does not count */
    uint16_t received_frames; /* frames that reached the receiver, copies included */
    uint16_t acks;            /* sent by the device in a time that rk_link_wait() counts as receiving */
    uint16_t attempts;
    bool delivered;
};

/* out: RK_OK, or RK_ERR_INPUT when the radio cannot carry an agent's frame or cannot be used so, with the reason. */
enum rk_err rk_link_init(struct rk_link *link, const struct rk_radio_profile *radio, const struct rk_link_use *use,
                         struct rk_diag *diag);

/* out: airtime of a frame of `bytes` after the PHY header, with all that the radio adds to it. */
rk_ns rk_link_airtime_ns(const struct rk_link *link, uint64_t bytes);

/* out: how a datagram of at most link->datagram_max_bytes is cut. */
struct rk_fragments rk_link_plan(const struct rk_link *link, uint64_t bytes);

/* out: NULL when runs of messages can be taken at once (engine/model/stretch.h); else why not. */
const char *rk_link_message_by_message(const struct rk_link *link);

/* out: NULL when devices can share a channel of this link (engine/model/channel.h, engine/model/lora.h); else why not. */
const char *rk_link_alone(const struct rk_link *link);

/* Sends a datagram. state: the device's. */
void rk_link_send(const struct rk_link *link, const struct rk_rng_key *rng, struct rk_link_state *state,
                  const struct rk_datagram *datagram, struct rk_transmission *out);

/* out: what the device spends while it waits for an answer for span_ns. */
struct rk_effort rk_link_wait(const struct rk_link *link, rk_ns span_ns);

/* out: what being reachable costs the device in span_ns, whether it waits for an answer or not. */
struct rk_effort rk_link_background(const struct rk_link *link, rk_ns span_ns);

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

/* The same for a datagram of a protocol's flight (engine/model/protocol.h). */
static inline uint64_t rk_sequence_flight(uint64_t renewal, uint8_t attempt, uint8_t step, unsigned datagram)
{
    return (uint64_t)3 << 54 | renewal << 16 | (uint64_t)attempt << 8 | (uint64_t)step << 4 | datagram;
}

#endif
