/* engine/model/radio_internal.h - what the kinds of links have in common
 *
 * Model:  a kind is a table of functions. A datagram under way is a cursor over time (now_ns) that adds up in `out`.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_MODEL_RADIO_INTERNAL_H
#define ENGINE_MODEL_RADIO_INTERNAL_H

#include "engine/model/radio.h"

enum { RKI_CUTS_MAX = 255, RKI_FRAMES_MAX = RK_FRAGMENTS_MAX * RK_ATTEMPTS_MAX };

enum rki_channel { RKI_CHANNEL_UNKNOWN, RKI_CHANNEL_GOOD, RKI_CHANNEL_BAD };

struct rki_sending {
    const struct rk_link *link;
    const struct rk_rng_key *rng;
    struct rk_link_state *state;
    const struct rk_datagram *datagram;
    struct rk_transmission *out;
    rk_ns now_ns;
    unsigned frame; /* number of the next one, for kinds that count frames through */
};

/* What chance says about a frame. */
struct rki_fate {
    struct rk_rng_words words;
    bool frame_lost, ack_lost;
};

struct rki_link_kind {
    unsigned cut_unit;  /* fragments but the last carry a multiple of it */
    unsigned fragments; /* at most */
    bool listens;       /* takes link.listen */
    /* Settles what depends on settings, frame_max_bytes among it, before datagrams are cut. */
    enum rk_err (*prepare)(struct rk_link *link, struct rk_diag *diag);
    rk_ns (*airtime_ns)(const struct rk_link *link, uint64_t bytes);
    void (*send)(struct rki_sending *sending, const struct rk_fragments *plan);
    struct rk_effort (*wait)(const struct rk_link *link, rk_ns span_ns);       /* NULL: the receiver is on */
    struct rk_effort (*background)(const struct rk_link *link, rk_ns span_ns); /* NULL: nothing */
};

extern const struct rki_link_kind rki_link_802154, rki_link_ble, rki_link_lora, rki_link_wifi, rki_link_ethernet,
    rki_link_serial;

/* in: number of the frame's block of draws. */
struct rki_fate rki_draw_fate(struct rki_sending *sending, uint64_t block, rk_ns at_ns);

/* The next block of a kind that counts the frames of a datagram through. out: false: they were RKI_FRAMES_MAX. */
bool rki_next_block(struct rki_sending *sending, uint64_t *block);

/* out: time from `from_ns` to the next of the instants phase + k * period_ns, the phase drawn for the device and purpose. */
rk_ns rki_until_wake_ns(const struct rki_sending *sending, rk_ns period_ns, rk_ns from_ns);

static inline rk_ns rki_fragment_ns(const struct rk_fragments *plan, unsigned number)
{
    return number + 1u == plan->count ? plan->last_ns : number == 0 ? plan->first_ns : plan->middle_ns;
}

static inline uint64_t rki_fragment_bytes(const struct rk_fragments *plan, unsigned number)
{
    return number + 1u == plan->count ? plan->last_bytes : number == 0 ? plan->first_bytes : plan->middle_bytes;
}

/* Sends the fragments in turn by a function that gives one up or not. out->delivered on return: whether all are there. */
void rki_send_fragments(struct rki_sending *sending, const struct rk_fragments *plan,
                        bool (*send_one)(struct rki_sending *sending, rk_ns airtime_ns));

/* Marks a frame that arrived, first of its fragment. */
static inline void rki_arrive(struct rki_sending *sending, bool *reached)
{
    struct rk_transmission *out = sending->out;
    if (!*reached) {
        *reached = true;
        out->delivered_ns = sending->now_ns - sending->datagram->at_ns;
    }
    out->received_frames++;
}

/* --- duty-cycled listening over IEEE 802.15.4 (radio_listen.c) --- */

enum rk_err rki_listen_prepare(const struct rk_link *link, struct rk_diag *diag);

/* One attempt of a mode whose sender does something else: contikimac, tsch. out: acknowledged. */
bool rki_listen_send(struct rki_sending *sending, const struct rki_fate *fate, rk_ns airtime_ns, bool *reached);

/* The wait for the receiver's next poll, before a fragment. */
void rki_listen_wait(struct rki_sending *sending);

struct rk_effort rki_listen_background(const struct rk_link *link, rk_ns span_ns);
struct rk_effort rki_listen_while_waiting(const struct rk_link *link, rk_ns span_ns);

#endif
