/* engine/model/park.h - a node that waits, in few bytes
 *
 * Model:  what a node has in memory differs from a newly initialised one of the same number in few words: the difference
 *         is kept, frames under way with it. What no step reads any more is left out (destroyed keys but for their
 *         state, frames that nothing can ask for again). What follows from other members, as a timer from the agent's or
 *         the server's key from the device's, or from the number, as the seeds of generators, differs from a guess by
 *         nothing. Words of 64 bits: one or two zeros take a nibble, longer runs one more for their length, words seen
 *         before a byte, others their significant bytes. Words that often differ come first, so that zeros stand together
 *         at the end, where two nibbles are all of them; which these are is learned from every sixteenth node that was
 *         parked, and anew after 256 parkings, 1,024, and so on. A node stays in the order in which it was parked. Parked
 *         nodes share one place, where each is initialised again before the difference is put back: pointers into it stay
 *         as they are.
 * Memory: a block of the heap for each parked node, 190 to 210 bytes (tests/sim/test_memory.c prints what a device takes).
 * Where:  modelled execution. Other backends may keep pointers of their own in a generator.
 */
#ifndef ENGINE_MODEL_PARK_H
#define ENGINE_MODEL_PARK_H

#include "engine/model/node.h"

enum { RK_PLACE_ORDERS = 12 };

struct rk_place {
    struct rk_node *node;       /* the one in use; first of its words, its memory behind it */
    uint64_t *blank;            /* the same words when it was new */
    uint64_t *image;            /* work space: one more node, its frames, and both encoded */
    size_t words, flight_words; /* of the node; the most frames that there is space for */
    struct rk_arena *arena;
    uint16_t *order[RK_PLACE_ORDERS]; /* of words; nodes are parked by the last, and stay by theirs */
    uint32_t *differed;               /* by word: in how many of `sampled` nodes, since the last order was made */
    uint64_t parks, sampled, next_order;
    unsigned orders;
};

/* Memory comes from the fleet's arena; fleet->node_memory becomes the place's. */
void rk_place_init(struct rk_place *place, struct rk_fleet *fleet);

/* Puts a node into the place: parked is what rk_place_park() gave and is freed, or NULL for a new one. */
enum rk_err rk_place_take(struct rk_place *place, struct rk_fleet *fleet, uint32_t index, uint8_t *parked,
                          struct rk_diag *diag);

/* Takes the node out. out: a block for rk_place_take(); its length in *bytes. */
uint8_t *rk_place_park(struct rk_place *place, size_t *bytes);

#endif
