#include "engine/sim/bucket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/core/err.h"

/* A bucket up to SORT_MAX is sorted at once. BOTTOM_MAX: a bottom that grew longer gives its later half back. */
enum { SORT_MAX = 24, FETCH_MAX = 4096, BOTTOM_MAX = 192, FIRST_BLOCKS = 256, HUGE_BYTES = 2 << 20, LINE_BYTES = 64 };

void rk_buckets_init(struct rk_buckets *buckets, const void *state, size_t state_bytes)
{
    memset(buckets, 0, sizeof *buckets);
    buckets->state = state;
    buckets->state_bytes = state_bytes;
    buckets->bottom_limit = BOTTOM_MAX;
    buckets->blocks = 1; /* number 0 is none */
}

void rk_buckets_fini(struct rk_buckets *buckets)
{
    free(buckets->bottom);
    if (buckets->block != NULL) {
        munmap(buckets->block, (size_t)buckets->capacity_blocks * sizeof *buckets->block);
    }
    memset(buckets, 0, sizeof *buckets);
}

size_t rk_buckets_bytes(const struct rk_buckets *buckets)
{
    return sizeof *buckets + buckets->bottom_capacity * sizeof *buckets->bottom +
           (size_t)buckets->capacity_blocks * sizeof *buckets->block;
}

static void grow_blocks(struct rk_buckets *buckets)
{
    size_t old_bytes = (size_t)buckets->capacity_blocks * sizeof *buckets->block;
    uint32_t more = buckets->capacity_blocks / 8;
    buckets->capacity_blocks += more < FIRST_BLOCKS ? FIRST_BLOCKS : more & ~15u; /* whole pages */
    size_t bytes = (size_t)buckets->capacity_blocks * sizeof *buckets->block;
    void *memory = old_bytes == 0 ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                  : mremap(buckets->block, old_bytes, bytes, MREMAP_MAYMOVE);
    RK_REQUIRE(memory != MAP_FAILED);
    buckets->block = memory;
    if (bytes >= HUGE_BYTES) {
        madvise(memory, bytes, MADV_HUGEPAGE); /* a wish */
    }
}

uint32_t rki_buckets_block(struct rk_buckets *buckets)
{
    uint32_t block = buckets->free_block;
    if (block != 0) {
        buckets->free_block = buckets->block[block].next;
        return block;
    }
    if (buckets->blocks >= buckets->capacity_blocks) {
        grow_blocks(buckets);
    }
    return buckets->blocks++;
}

static void release(struct rk_buckets *buckets, uint32_t block)
{
    buckets->block[block].next = buckets->free_block;
    buckets->free_block = block;
}

static void reserve_bottom(struct rk_buckets *buckets, size_t count)
{
    if (count > buckets->bottom_capacity) {
        size_t capacity = count < BOTTOM_MAX + 1 ? BOTTOM_MAX + 1 : 2 * count;
        rk_sim_event *bottom = realloc(buckets->bottom, capacity * sizeof *bottom);
        RK_REQUIRE(bottom != NULL);
        buckets->bottom = bottom;
        buckets->bottom_capacity = capacity;
    }
}

/* Descending, among the `count` before it. */
static void insert(rk_sim_event *bottom, size_t count, rk_sim_event event)
{
    size_t at = count;
    for (; at > 0 && bottom[at - 1] < event; at--) {
        bottom[at] = bottom[at - 1];
    }
    bottom[at] = event;
}

/* Gives the later half of a long bottom back to the buckets. Events of one instant stay together; where there are no
 * others, or these come before the base, the bottom stays long. */
static void shorten_bottom(struct rk_buckets *buckets)
{
    rk_ns end_ns = rk_sim_event_ns(buckets->bottom[buckets->bottom_count / 2]);
    size_t later = buckets->bottom_count;
    while (rk_sim_event_ns(buckets->bottom[later - 1]) < end_ns) {
        later--;
    }
    if (later == buckets->bottom_count || end_ns < buckets->digits.base_ns) {
        buckets->bottom_limit = 2 * buckets->bottom_count;
        return;
    }
    buckets->digits.end_ns = end_ns;
    for (size_t i = 0; i < later; i++) {
        rki_buckets_put(buckets, buckets->bottom[i]);
    }
    buckets->bottom_count -= later;
    memmove(buckets->bottom, buckets->bottom + later, buckets->bottom_count * sizeof *buckets->bottom);
}

void rki_buckets_push_bottom(struct rk_buckets *buckets, rk_sim_event event)
{
    reserve_bottom(buckets, buckets->bottom_count + 1);
    insert(buckets->bottom, buckets->bottom_count++, event);
    if (buckets->bottom_count > buckets->bottom_limit) {
        shorten_bottom(buckets);
    }
}

static int descending(const void *a, const void *b)
{
    rk_sim_event x = *(const rk_sim_event *)a;
    rk_sim_event y = *(const rk_sim_event *)b;
    return (x < y) - (x > y);
}

/* A compiler takes a call that only fetches for one that does nothing: it must not be a call. */
static inline __attribute__((always_inline)) void fetch_state(const struct rk_buckets *buckets, rk_sim_event event)
{
    if (buckets->state != NULL) {
        const char *state = buckets->state + rk_sim_event_device(event) * buckets->state_bytes;
        __builtin_prefetch(state, 1);
        if (buckets->state_bytes > LINE_BYTES) {
            __builtin_prefetch(state + LINE_BYTES, 1);
        }
    }
}

/* The events of a bucket that was taken out, sorted, become the bottom. */
static void sort_into_bottom(struct rk_buckets *buckets, struct rk_bucket bucket)
{
    reserve_bottom(buckets, bucket.count);
    uint32_t count = bucket.count;
    uint32_t in_block = (count - 1) % RK_BUCKET_BLOCK_EVENTS + 1;
    size_t at = 0;
    for (uint32_t block = bucket.head; block != 0; in_block = RK_BUCKET_BLOCK_EVENTS) {
        const struct rk_bucket_block *from = &buckets->block[block];
        uint32_t next = from->next;
        for (uint32_t i = 0; i < in_block; i++, at++) {
            fetch_state(buckets, from->event[i]);
            if (count <= SORT_MAX) {
                insert(buckets->bottom, at, from->event[i]);
            } else {
                buckets->bottom[at] = from->event[i];
            }
        }
        release(buckets, block);
        block = next;
    }
    if (count > SORT_MAX) {
        qsort(buckets->bottom, count, sizeof *buckets->bottom, descending);
    }
    buckets->bottom_count = count;
    buckets->bottom_limit = count > BOTTOM_MAX / 2 ? 2 * (size_t)count : BOTTOM_MAX;
}

/* What a core's cache holds beside the queue is fetched now: in small buckets it would come too late. */
static void spread(struct rk_buckets *buckets, struct rk_bucket bucket)
{
    bool fetches = bucket.count <= FETCH_MAX;
    uint32_t in_block = (bucket.count - 1) % RK_BUCKET_BLOCK_EVENTS + 1;
    for (uint32_t block = bucket.head; block != 0; in_block = RK_BUCKET_BLOCK_EVENTS) {
        uint32_t next = buckets->block[block].next;
        __builtin_prefetch(&buckets->block[next]);
        __builtin_prefetch(&buckets->block[next].event[4]);
        for (uint32_t i = 0; i < in_block; i++) {
            rk_sim_event event = buckets->block[block].event[i];
            if (fetches) {
                fetch_state(buckets, event);
            }
            rki_buckets_put(buckets, event);
        }
        release(buckets, block);
        block = next;
    }
}

bool rki_buckets_refill(struct rk_buckets *buckets)
{
    while (buckets->bottom_count == 0) {
        if (buckets->digits.levels == 0) {
            return false;
        }
        uint32_t slot = rk_digits_first(&buckets->digits);
        struct rk_bucket bucket = buckets->bucket[slot];
        buckets->bucket[slot] = (struct rk_bucket){.head = 0};
        rk_ns end_ns = rk_digits_open(&buckets->digits, slot);
        if (bucket.count <= SORT_MAX || slot < RK_DIGIT_VALUES) {
            buckets->digits.end_ns = end_ns;
            sort_into_bottom(buckets, bucket);
        } else {
            spread(buckets, bucket);
        }
    }
    return true;
}
