/* engine/sim/heap.h - the reference queue: a plain 4-ary heap
 *
 * Model:  the children of entry i are 4 i + 1 .. 4 i + 4; no child is smaller than its parent.
 * Memory: one array of 16 bytes an entry, doubled when full.
 */
#ifndef ENGINE_SIM_HEAP_H
#define ENGINE_SIM_HEAP_H

#include <stddef.h>

#include "engine/sim/event.h"

struct rk_heap {
    rk_sim_event *item;
    size_t count, capacity;
};

/* A heap of all zero bytes is empty and ready. */
void rk_heap_push(struct rk_heap *heap, rk_sim_event event);

/* Room for `count` events and no more, in memory of one piece. in: a heap that holds no more. */
void rk_heap_reserve(struct rk_heap *heap, size_t count);

/* Takes the smallest. in: count > 0. */
rk_sim_event rk_heap_pop(struct rk_heap *heap);

void rk_heap_fini(struct rk_heap *heap);

#endif
