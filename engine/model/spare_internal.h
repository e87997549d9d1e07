/* engine/model/spare_internal.h - what spare.c (sparing) and spare_learn.c (playing and learning) share
 *
 * Units: ns.
 */
#ifndef ENGINE_MODEL_SPARE_INTERNAL_H
#define ENGINE_MODEL_SPARE_INTERNAL_H

#include "engine/model/spare.h"

enum { RKI_STATES = 512, RKI_UNKNOWN = -1 };

/* What steps took, together. */
struct rki_used {
    struct rk_usage usage;
    uint32_t *wear; /* by unit or block */
};

/* A renewal from one rest to the next. */
struct rki_renewal {
    bool known, from_master;
    uint16_t to;
    struct rki_used used;
    rk_ns asks_ns, answers_ns; /* until R1, and R3, can be sent */
    rk_ns ends_ns;             /* steps at the end of the overlap */
    uint16_t frame_bytes[RK_FRAME_R3 + 1];
    uint32_t calls, records, events;
    uint16_t device_requests, peer_requests; /* of the generators */
    uint32_t send_reserved;
};

/* A message that takes a new reserve. */
struct rki_reserve {
    bool known;
    uint16_t to;
    struct rki_used used; /* beyond what a message takes */
    uint32_t counters;
};

struct rki_state {
    uint32_t places; /* rk_cells_places() */
    uint8_t newest;
    bool closed; /* all reserves that can follow are known */
    struct rki_renewal renewal;
    struct rki_reserve reserve;
    uint64_t renewals, reserves; /* spared from here, of the node that is open */
};

/* What is being watched: a renewal, as far as it went by the book. */
struct rki_watch {
    bool on;
    uint8_t stage;
    int from;
    struct rki_renewal renewal;
    uint16_t device_requests, peer_requests;
};

/* The table. */
struct rk_spare {
    struct rki_state state[RKI_STATES];
    unsigned states;
    int at;                /* state of the node that is open */
    bool moved;            /* the node's cells are not that state's yet */
    rk_ns end_ns, ends_ns; /* a spared renewal's overlap ends at end_ns, which takes so long; RK_NEVER: none's does */
    struct rki_watch watch;
    uint32_t *wear; /* before what is watched */
};

/* out: the state of a device that rests, RKI_UNKNOWN where it is none that can be told. */
int rki_spare_locate(struct rk_node *node);

/* The node's cells become what its state says. */
void rki_spare_settle_cells(struct rk_node *node);

/* A renewal begins that is to be learned. in: the state that it begins from. */
void rki_spare_watch(struct rk_node *node, int from);

#endif
