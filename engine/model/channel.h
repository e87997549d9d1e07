/* engine/model/channel.h - the air of a cell as one medium, and whoever sends a datagram over it
 *
 * Model:  bursts (frames and acknowledgements) that overlap are all lost. A sender waits a random number of backoff
 *         units, assesses the channel at the end of them, and is on the air one turnaround later. Carrier sense finds a
 *         burst that has begun and not ended; one decided within the last turnaround is not on the air yet, which is
 *         when bursts collide. A busy channel costs a turnaround of listening and a longer backoff; after
 *         RK_CSMA_BACKOFFS_MAX of them the datagram is given up. A radio whose backoff_max_exponent is 0 does not
 *         listen before it sends: pure ALOHA. Acknowledgements follow a turnaround after the frame, unasked. Fragments,
 *         retries, independent loss and times as in engine/model/radio.h. The gateway does not begin a frame while its
 *         own acknowledgement is due or on the air. Half duplex by itself: who sends while something arrives overlaps
 *         it. Not modelled: hidden terminals (all hear all), capture (no burst survives an overlap), other networks.
 * Lookahead: whatever goes on the air was decided exactly one turnaround before, so bursts begin in the order in which
 *         they were decided, and all that overlaps a burst is known when it ends.
 * Units:  ns.
 * Draws:  attempts as in radio.h; the backoffs after the first are the four words of the block of RK_RNG_BACKOFF with
 *         the attempt's number.
 * Source: IEEE 802.15.4-2020 6.2.5.1: unslotted CSMA-CA, macMaxCsmaBackoffs 4 by default.
 */
#ifndef ENGINE_MODEL_CHANNEL_H
#define ENGINE_MODEL_CHANNEL_H

#include "engine/model/radio.h"

enum { RK_CSMA_BACKOFFS_MAX = 4 };

struct rk_burst {
    rk_ns start_ns, end_ns;
    bool hit;           /* overlaps another that harms it */
    bool down;          /* LoRa: of the gateway */
    uint8_t lane;       /* LoRa: channel and spreading factor */
    uint32_t power_mdB; /* LoRa: at the gateway */
};

struct rk_air_counts {
    uint64_t bursts;     /* frames and acknowledgements that ended */
    uint64_t collisions; /* of these, lost to an overlap */
    uint64_t refusals;   /* datagrams given up as the channel was never clear */
    rk_ns busy_ns;       /* something on the air, up to the horizon */
};

struct rk_channel {
    const struct rk_link *link;
    const struct rk_lora_profile *lora; /* engine/model/lora.h has its senders; NULL: IEEE 802.15.4 */
    const struct rk_rng_key *rng;
    rk_ns horizon_ns;
    rk_ns busy_until_ns;
    rk_ns gateway_until_ns;  /* end of its last acknowledgement */
    struct rk_burst **burst; /* decided and not ended */
    uint32_t bursts;
    struct rk_air_counts counts;
};

/* What a step tells; bits. */
enum rk_air_news {
    RK_AIR_REACHED = 1, /* the receiver has the whole datagram, now */
    RK_AIR_OVER = 2,    /* the sender is free at next_ns; else its next step is due then */
    RK_AIR_ENDED = 4,   /* LoRa: a frame has ended */
};

struct rk_sender {
    uint64_t sequence;
    struct rk_fragments plan;
    rk_ns next_ns;
    rk_ns frame_end_ns;
    rk_ns tx_ns, rx_ns, idle_ns; /* so far */
    struct rk_burst burst;       /* its frame, then the acknowledgement of it */
    struct rk_attempt attempt;
    uint32_t device;   /* whose link it is: names the draws */
    uint16_t received; /* frames that the receiver heard, copies included */
    uint8_t fragment, tries, backoffs, exponent, phase;
    bool gateway; /* sends downwards */
    bool fragment_there, delivered;
    /* LoRa: */
    bool confirmed, acked, heard; /* the last frame was */
    uint8_t arrived;              /* fragments */
    uint16_t frame;               /* number of the next block of draws */
    const struct rk_link *link;   /* with the device's spreading factor */
    struct rk_link_state *state;
};

/* in: room in burst for as many pointers as there are senders. */
void rk_channel_init(struct rk_channel *channel, const struct rk_link *link, const struct rk_rng_key *rng,
                     rk_ns horizon_ns, struct rk_burst **burst);

/* Begins a datagram of `bytes` at at_ns; the first step is due at next_ns. `sequence` as for rk_link_send(). */
void rk_sender_start(struct rk_sender *sender, const struct rk_channel *channel, uint32_t device, bool gateway,
                     uint64_t sequence, uint16_t bytes, rk_ns at_ns);

/* The same for a device's frame whose first attempt was drawn before: the block of RK_RNG_LOSS of its sequence,
 * fragment 0, attempt 0. */
void rk_sender_start_drawn(struct rk_sender *sender, const struct rk_channel *channel, uint32_t device,
                           uint64_t sequence, uint16_t bytes, struct rk_attempt first, rk_ns at_ns);

/* The step that is due. in: hears: the receiver's radio is on; now_ns as next_ns said, no earlier than any step on this
 * channel before. out: bits of enum rk_air_news. */
unsigned rk_sender_step(struct rk_sender *sender, struct rk_channel *channel, bool hears, rk_ns now_ns);

/* Steps of whole attempts at once, while nothing else is on the air and each attempt is over before before_ns, earlier
 * than which nobody else has a step on this channel: none of them can be disturbed. in: a device's sender; the gateway
 * hears it. out: news of all of them, their number in *steps (0: not one attempt was possible), with RK_AIR_REACHED its
 * time in *reached_ns. */
unsigned rk_sender_alone(struct rk_sender *sender, struct rk_channel *channel, rk_ns before_ns, unsigned *steps,
                         rk_ns *reached_ns);

/* Puts a burst on the air, none before it begins later; takes it off as it ends. out: whether it came through. */
void rki_burst_put(struct rk_channel *channel, struct rk_burst *burst, rk_ns start_ns, rk_ns airtime_ns);
bool rki_burst_take(struct rk_channel *channel, const struct rk_burst *burst);

#endif
