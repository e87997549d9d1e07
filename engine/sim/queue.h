/* engine/sim/queue.h - one queue of events, of three kinds
 *
 * Model:  each gives the same events in the same order, (time, device, kind) as in event.h, whatever was pushed and
 *         whenever, so a result does not depend on the kind. Which is fast: the wheel where most events are cancelled,
 *         the buckets elsewhere, the heap nowhere: it is the oracle (bench/engine/README.md has the figures).
 * Cancel: the wheel takes an event out by its ticket. The others have no tickets (0) and leave it in: whoever pops
 *         looks at the generation.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_SIM_QUEUE_H
#define ENGINE_SIM_QUEUE_H

#include "engine/sim/bucket.h"
#include "engine/sim/heap.h"
#include "engine/sim/wheel.h"

enum rk_queue_kind { RK_QUEUE_HEAP, RK_QUEUE_BUCKETS, RK_QUEUE_WHEEL, RK_QUEUE_KINDS };

struct rk_queue {
    enum rk_queue_kind kind;
    union {
        struct rk_heap heap;
        struct rk_buckets buckets;
        struct rk_wheel wheel;
    };
};

/* state: an array of state_bytes a device that whoever pops will read, or NULL. */
static inline void rk_queue_init(struct rk_queue *queue, enum rk_queue_kind kind, const void *state, size_t state_bytes)
{
    queue->kind = kind;
    if (kind == RK_QUEUE_BUCKETS) {
        rk_buckets_init(&queue->buckets, state, state_bytes);
    } else if (kind == RK_QUEUE_WHEEL) {
        rk_wheel_init(&queue->wheel);
    } else {
        queue->heap = (struct rk_heap){.item = NULL};
    }
}

static inline void rk_queue_fini(struct rk_queue *queue)
{
    if (queue->kind == RK_QUEUE_BUCKETS) {
        rk_buckets_fini(&queue->buckets);
    } else if (queue->kind == RK_QUEUE_WHEEL) {
        rk_wheel_fini(&queue->wheel);
    } else {
        rk_heap_fini(&queue->heap);
    }
}

/* in: a time before RK_NEVER. out: the ticket, 0 where there are none. */
static inline uint32_t rk_queue_push(struct rk_queue *queue, rk_sim_event event)
{
    if (queue->kind == RK_QUEUE_WHEEL) {
        return rk_wheel_push(&queue->wheel, event);
    }
    if (queue->kind == RK_QUEUE_BUCKETS) {
        rk_buckets_push(&queue->buckets, event);
    } else {
        rk_heap_push(&queue->heap, event);
    }
    return 0;
}

/* in: a ticket whose event is still pending, or 0. */
static inline void rk_queue_cancel(struct rk_queue *queue, uint32_t ticket)
{
    if (ticket != 0) {
        rk_wheel_cancel(&queue->wheel, ticket);
    }
}

/* out: whether there was one; the smallest. */
static inline bool rk_queue_pop(struct rk_queue *queue, rk_sim_event *event)
{
    if (queue->kind == RK_QUEUE_BUCKETS) {
        return rk_buckets_pop(&queue->buckets, event);
    }
    if (queue->kind == RK_QUEUE_WHEEL) {
        return rk_wheel_pop(&queue->wheel, event);
    }
    if (queue->heap.count == 0) {
        return false;
    }
    *event = rk_heap_pop(&queue->heap);
    return true;
}

/* out: bytes held. */
static inline size_t rk_queue_bytes(const struct rk_queue *queue)
{
    return queue->kind == RK_QUEUE_BUCKETS ? rk_buckets_bytes(&queue->buckets)
           : queue->kind == RK_QUEUE_WHEEL ? rk_wheel_bytes(&queue->wheel)
                                           : queue->heap.capacity * sizeof *queue->heap.item;
}

#endif
