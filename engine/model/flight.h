/* engine/model/flight.h - frames on their way between a device and the key server, first in, first out
 *
 * Memory: a ring from the heap, doubled when full, so that no event allocates once the most frames ever under way
 *         were seen.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_MODEL_FLIGHT_H
#define ENGINE_MODEL_FLIGHT_H

#include "engine/core/units.h"
#include "engine/lifecycle/agent.h"

struct rk_flight {    /* a frame under way */
    rk_ns at_ns;      /* of arrival */
    rk_ns sampled_ns; /* data: of the sample */
    uint64_t number;  /* data: of the message; keys: of the renewal */
    uint16_t bytes;
    uint16_t acks;   /* downwards: acknowledgements that the device sent */
    uint8_t kind;    /* enum rk_frame_kind; RK_FRAME_NONE: a flight of a protocol that carries no frame of an agent */
    uint8_t attempt; /* keys: try of the renewal, from 1 */
    uint8_t step;    /* keys: which flight of a protocol (engine/model/protocol.h) */
    uint8_t frame[RK_FRAME_MAX_bytes];
};

struct rk_flights { /* first in, first out; arrival times never decrease */
    struct rk_flight *slot;
    uint32_t head, count, capacity;
};

/* out: a new last frame, to be filled; at_ns not below that of the one before, or rk_flights_order()
 * follows. */
struct rk_flight *rk_flights_push(struct rk_flights *flights);

/* Moves the last frame, now filled, before those that are due later. */
void rk_flights_order(struct rk_flights *flights);

/* Takes the first. in: count > 0. out: valid until the next push. */
struct rk_flight *rk_flights_pop(struct rk_flights *flights);

/* out: arrival of the first, RK_NEVER when there is none. */
rk_ns rk_flights_due_ns(const struct rk_flights *flights);

/* Copies the frame of actions. */
void rk_flight_fill(struct rk_flight *flight, const struct rk_actions *actions);

void rk_flights_fini(struct rk_flights *flights);

#endif
