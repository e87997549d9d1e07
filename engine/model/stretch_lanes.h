/* engine/model/stretch_lanes.h - the kernel of stretches, for a number of lanes
 *
 * Model: stretch_<set>.c defines RKI_LANES, the vector operations that C does not have, and includes this once. A lane
 *        has a 64-bit word of which Philox uses the lower half; what a product leaves above is never read.
 *        Counts of a chunk are bytes of a lane's word: 1 << (8 * slots) is added for every message.
 * Source: Philox4x32-10, as engine/core/rng.h has it from Random123.
 */
#ifndef ENGINE_MODEL_STRETCH_LANES_H
#define ENGINE_MODEL_STRETCH_LANES_H

#include <string.h>

#include "engine/core/rng.h"
#include "engine/model/stretch_internal.h"

#ifndef RKI_LANES
#define RKI_LANES 1
#endif

#if RKI_LANES == 1
typedef uint64_t lanes;
#define LANE(v, i) (v)
static inline lanes spread(uint64_t word)
{
    return word;
}
static inline lanes product(lanes a, lanes b)
{
    return (uint64_t)(uint32_t)a * (uint32_t)b;
}
static inline lanes below(lanes a, lanes b)
{
    return 0 - (uint64_t)(a < b);
}
static inline unsigned bits(lanes mask)
{
    return (unsigned)(mask & 1);
}
static inline lanes count_up(void)
{
    return 0;
}
#else
typedef uint64_t lanes __attribute__((vector_size(8 * RKI_LANES)));
#define LANE(v, i) ((v)[i])
static inline lanes spread(uint64_t word)
{
    return word - (lanes){0};
}
static inline lanes product(lanes a, lanes b); /* of the lower halves */
static inline unsigned bits(lanes mask);       /* bit i: lane i is all ones */
static inline lanes below(lanes a, lanes b)
{
    return (lanes)(a < b);
}
static inline lanes count_up(void)
{
    lanes out;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        out[i] = i;
    }
    return out;
}
#endif

#define LOW 0xffffffffull

struct words {
    lanes word[4];
};

/* The blocks of one device and purpose, their numbers a lane each. */
static inline __attribute__((always_inline)) struct words philox(const struct rki_draws *draws, uint32_t purpose,
                                                                 lanes block)
{
    lanes c0 = block, c1 = block >> 32, c2 = spread(draws->device), c3 = spread(purpose);
    const lanes m0 = spread(PHILOX_M4x32_0), m1 = spread(PHILOX_M4x32_1);
    uint32_t k0 = draws->key[0], k1 = draws->key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        lanes first = product(c0, m0), second = product(c2, m1);
        c0 = (second >> 32) ^ c1 ^ spread(k0);
        c1 = second;
        c2 = (first >> 32) ^ c3 ^ spread(k1);
        c3 = first;
        k0 += PHILOX_W32_0;
        k1 += PHILOX_W32_1;
    }
    return (struct words){{c0 & LOW, c1 & LOW, c2 & LOW, c3 & LOW}};
}

static rk_ns lanes_gaps(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                        rk_ns gap_ns[RKI_GAPS])
{
    const lanes low = spread(span_ns & LOW), high = spread(span_ns >> 32), shortest = spread(shortest_ns);
    lanes sum = spread(0);
    for (unsigned base = 0; base < RKI_GAPS / 4; base += RKI_LANES) {
        struct words words = philox(draws, RK_RNG_TRAFFIC, count_up() + (first + base));
        for (unsigned w = 0; w < 4; w++) {
            lanes gap = shortest + product(words.word[w], high) + (product(words.word[w], low) >> 32);
            sum += gap;
            for (unsigned i = 0; i < RKI_LANES; i++) {
                gap_ns[4 * (base + i) + w] = LANE(gap, i);
            }
        }
    }
    rk_ns total_ns = 0;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        total_ns += LANE(sum, i);
    }
    return total_ns;
}

/* Adds byte s of every lane to count[s]. */
static inline void add_bytes(lanes bytes, uint32_t count[RK_LANES_SLOTS])
{
    const uint64_t even = 0x00ff00ff00ff00ffull;
    uint64_t evens = 0, odds = 0;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        evens += LANE(bytes, i) & even;
        odds += LANE(bytes, i) >> 8 & even;
    }
    for (unsigned s = 0; s < RK_LANES_SLOTS; s += 2) {
        count[s] += (uint32_t)(evens >> 8 * s & 0xffff);
        count[s + 1] += (uint32_t)(odds >> 8 * s & 0xffff);
    }
}

/* Messages from..until of the chunk; the bytes have room for them. */
static uint32_t some_attempts(const struct rki_draws *draws, uint64_t message, uint32_t from, uint32_t until,
                              struct rki_first *out, uint32_t open)
{
    enum { STRIDE = RK_FRAGMENTS_MAX * RK_ATTEMPTS_MAX };
    const lanes limit = spread(draws->loss_below), ones = spread(1);
    const unsigned shift = 32u - draws->exponent;
    lanes all = spread(0), reached = spread(0);
    for (uint32_t base = from; base < until; base += RKI_LANES) {
        lanes at = count_up() + base;
        lanes member = below(at, spread(until));
        struct words words = philox(draws, RK_RNG_LOSS, (at + message) * STRIDE);
        lanes slots = words.word[0] >> shift;
        lanes one = (ones << (slots * 8)) & member;
        lanes lost = below(words.word[1], limit);
        lanes unheard = (lost | below(words.word[2], limit)) & member;
        all += one;
        reached += one & ~lost;
        for (unsigned left = bits(unheard); left != 0; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctz(left);
            out->message[open++] = (struct rki_open){(uint16_t)(base + i), (uint8_t)LANE(slots, i), !LANE(lost, i)};
        }
    }
    add_bytes(all, out->slots);
    add_bytes(reached, out->reached);
    return open;
}

static void lanes_attempts(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out)
{
    enum { BYTES_FULL = 240 * RKI_LANES };
    memset(out->slots, 0, sizeof out->slots);
    memset(out->reached, 0, sizeof out->reached);
    out->open = 0;
    for (uint32_t from = 0; from < count; from += BYTES_FULL) {
        uint32_t until = count - from < BYTES_FULL ? count : from + BYTES_FULL;
        out->open = some_attempts(draws, message, from, until, out, out->open);
    }
}

static void lanes_blocks(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                         const struct rki_open *open, struct rki_words *out)
{
    const unsigned shift = 32u - draws->exponent;
    for (uint32_t base = 0; base < count; base += RKI_LANES) {
        uint32_t members = count - base < RKI_LANES ? count - base : RKI_LANES;
        uint64_t block[RKI_LANES] = {0};
        for (unsigned i = 0; i < members; i++) {
            block[i] = rk_attempt_block(message + open[base + i].at, 0, attempt);
        }
        lanes blocks;
        memcpy(&blocks, block, sizeof blocks);
        struct words words = philox(draws, RK_RNG_LOSS, blocks);
        for (unsigned i = 0; i < members; i++) {
            out->slots[base + i] = (uint32_t)(LANE(words.word[0], i) >> shift);
            out->frame[base + i] = (uint32_t)LANE(words.word[1], i);
            out->ack[base + i] = (uint32_t)LANE(words.word[2], i);
        }
    }
}

#define RKI_KERNEL(name)                                                                                               \
    const struct rki_kernel name = {.gaps = lanes_gaps, .attempts = lanes_attempts, .blocks = lanes_blocks}

#endif
