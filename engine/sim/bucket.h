/* engine/sim/bucket.h - the queue for many events: multi-level buckets with a sorted bottom
 *
 * Model:  a bucket a slot of digits.h, a chain of blocks of 15 events. The first bucket is sorted into the bottom when
 *         it is small, else spread over lower levels: an event is moved a few times and compared with few others, and
 *         all traffic but the bottom's is in whole blocks. The state of the devices that come next is fetched into the
 *         cache when a small enough bucket is spread and again when it is sorted, so that a handler finds it there. An
 *         event cannot be taken out: a stale one is for the reader to skip.
 * Memory: blocks of 256 bytes in one mapping that grows by an eighth without copying, on huge pages where the system
 *         has them. 17 to 20 bytes an event at 10^6 of them.
 * Source: radix heap: Ahuja et al., JACM 37 (1990); hot queues: Cherkassky et al., SIAM J. Comput. 28 (1999).
 */
#ifndef ENGINE_SIM_BUCKET_H
#define ENGINE_SIM_BUCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/sim/digits.h"
#include "engine/sim/event.h"

enum { RK_BUCKET_BLOCK_EVENTS = 15 };

struct rk_bucket_block {
    uint32_t next; /* 0: none */
    uint32_t unused[3];
    rk_sim_event event[RK_BUCKET_BLOCK_EVENTS];
};

struct rk_bucket {
    uint32_t head;  /* number of its newest block, 0: none */
    uint32_t count; /* of events; the newest block alone may have room */
};

struct rk_buckets {
    rk_sim_event *bottom; /* descending: the next one is the last */
    size_t bottom_count, bottom_capacity, bottom_limit;
    struct rk_digits digits;
    struct rk_bucket_block *block;
    uint32_t blocks, capacity_blocks, free_block;
    const char *state; /* of the devices, or NULL */
    size_t state_bytes;
    struct rk_bucket bucket[RK_DIGIT_SLOTS];
};

/* state: an array of state_bytes a device that handlers will read, or NULL. */
void rk_buckets_init(struct rk_buckets *buckets, const void *state, size_t state_bytes);
void rk_buckets_fini(struct rk_buckets *buckets);

/* out: bytes held. */
size_t rk_buckets_bytes(const struct rk_buckets *buckets);

/* --- what is not on the common way --- */

void rki_buckets_push_bottom(struct rk_buckets *buckets, rk_sim_event event);
uint32_t rki_buckets_block(struct rk_buckets *buckets);
/* out: whether there is an event, then in the bottom. */
bool rki_buckets_refill(struct rk_buckets *buckets);

static inline void rki_buckets_put(struct rk_buckets *buckets, rk_sim_event event)
{
    uint32_t slot = rk_digits_slot(&buckets->digits, rk_sim_event_ns(event));
    struct rk_bucket *bucket = &buckets->bucket[slot];
    uint32_t at = bucket->count % RK_BUCKET_BLOCK_EVENTS;
    if (at == 0) {
        uint32_t block = rki_buckets_block(buckets);
        buckets->block[block].next = bucket->head;
        bucket->head = block;
        rk_digits_use(&buckets->digits, slot);
    }
    buckets->block[bucket->head].event[at] = event;
    bucket->count++;
}

static inline void rk_buckets_push(struct rk_buckets *buckets, rk_sim_event event)
{
    if (rk_sim_event_ns(event) < buckets->digits.end_ns) {
        rki_buckets_push_bottom(buckets, event);
    } else {
        rki_buckets_put(buckets, event);
    }
}

/* out: whether there was one; the smallest. */
static inline bool rk_buckets_pop(struct rk_buckets *buckets, rk_sim_event *event)
{
    if (buckets->bottom_count == 0 && !rki_buckets_refill(buckets)) {
        return false;
    }
    *event = buckets->bottom[--buckets->bottom_count];
    return true;
}

#endif
