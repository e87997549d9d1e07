/* engine/model/stretch_lanes.h - the kernel of stretches, for a number of lanes
 *
 * Model: stretch_<set>.c defines RKI_LANES, the vector operations that C does not have, and includes this once. A lane
 *        has a 64-bit word of which Philox uses the lower half; what a product leaves above is never read.
 *        Counts of a chunk are bytes of a lane's word: 1 << (8 * slots) is added for every message.
 * Source: Philox4x32-10, as engine/core/rng.h has it from Random123.
 */
#ifndef ENGINE_MODEL_STRETCH_LANES_H
#define ENGINE_MODEL_STRETCH_LANES_H

#include <stddef.h>
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
static inline lanes one_byte(lanes slots)
{
    return 1ull << (slots * 8);
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
static inline lanes one_byte(lanes slots);     /* 1 << (8 * slots) */
typedef int64_t signed_lanes __attribute__((vector_size(8 * RKI_LANES)));
static inline lanes below(lanes a, lanes b) /* of numbers below 2^63, which every set can compare */
{
#ifdef RKI_NO_COMPARE
    return spread(0) - ((a - b) >> 63);
#else
    return (lanes)((signed_lanes)a < (signed_lanes)b);
#endif
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

/* Vectors whose rounds are interleaved, since one alone waits for its own products. */
#ifndef RKI_ABREAST
#define RKI_ABREAST 2
#endif
enum { RKI_STEP = RKI_LANES * RKI_ABREAST };

struct words {
    lanes word[4];
};

/* The blocks of one device and purpose, their numbers a lane each. */
static inline __attribute__((always_inline)) void philox(const struct rki_draws *draws, uint32_t purpose,
                                                         struct words block[RKI_ABREAST])
{
    const lanes m0 = spread(PHILOX_M4x32_0), m1 = spread(PHILOX_M4x32_1);
    for (unsigned v = 0; v < RKI_ABREAST; v++) {
        block[v].word[1] = block[v].word[0] >> 32;
        block[v].word[2] = spread(draws->device);
        block[v].word[3] = spread(purpose);
    }
#pragma GCC unroll 10
    for (unsigned round = 0; round < RKI_ROUNDS; round++) {
        const lanes k0 = spread(draws->round_key[round][0]), k1 = spread(draws->round_key[round][1]);
#pragma GCC unroll 4
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            lanes *word = block[v].word;
            lanes first = product(word[0], m0), second = product(word[2], m1);
            word[0] = (second >> 32) ^ word[1] ^ k0;
            word[1] = second;
            word[2] = (first >> 32) ^ word[3] ^ k1;
            word[3] = first;
        }
    }
    for (unsigned v = 0; v < RKI_ABREAST; v++) {
        for (unsigned w = 0; w < 4; w++) {
            block[v].word[w] &= LOW;
        }
    }
}

static rk_ns lanes_gaps(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                        rk_ns gap_ns[RKI_GAPS])
{
    const lanes low = spread(span_ns & LOW), high = spread(span_ns >> 32), shortest = spread(shortest_ns);
    lanes sum = spread(0);
    for (unsigned base = 0; base < RKI_GAPS / 4; base += RKI_STEP) {
        struct words block[RKI_ABREAST];
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            block[v].word[0] = count_up() + (first + base + v * RKI_LANES);
        }
        philox(draws, RK_RNG_TRAFFIC, block);
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            for (unsigned w = 0; w < 4; w++) {
                lanes gap = shortest + product(block[v].word[w], high) + (product(block[v].word[w], low) >> 32);
                sum += gap;
                memcpy(&gap_ns[w * (RKI_GAPS / 4) + base + v * RKI_LANES], &gap, sizeof gap);
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

/* Sums of a chunk, a byte a count. */
struct bytes {
    lanes waited, reached;
};

/* What the words of first attempts mean: of the messages from `base` on, below `until`. No branch depends on a draw. */
static inline __attribute__((always_inline)) void judge(const struct rki_draws *draws, const struct words *words,
                                                        uint32_t base, uint32_t until, struct bytes *sums,
                                                        struct rki_first *out)
{
    const lanes limit = spread(draws->loss_below);
    lanes member = below(count_up() + base, spread(until));
    lanes slots = words->word[0] >> (32u - draws->exponent);
    lanes one = one_byte(slots) & member;
    lanes lost = below(words->word[1], limit);
    lanes unheard = (lost | below(words->word[2], limit)) & member;
    sums->waited += one;
    sums->reached += one & ~lost;
    memcpy(&out->slots[base], &slots, sizeof slots);
    out->lost[base / 64] |= (uint64_t)bits(lost) << base % 64;
    out->open[base / 64] |= (uint64_t)bits(unheard) << base % 64;
}

/* The first attempts of messages from..until of the chunk, few enough for the bytes. */
static void some_attempts(const struct rki_draws *draws, uint64_t message, uint32_t from, uint32_t until,
                          struct rki_first *out)
{
    enum { STRIDE = RK_FRAGMENTS_MAX * RK_ATTEMPTS_MAX };
    struct bytes sums = {spread(0), spread(0)};
    for (uint32_t base = from; base < until; base += RKI_STEP) {
        struct words block[RKI_ABREAST];
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            block[v].word[0] = (count_up() + (message + base + v * RKI_LANES)) * STRIDE;
        }
        philox(draws, RK_RNG_LOSS, block);
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            judge(draws, &block[v], base + v * RKI_LANES, until, &sums, out);
        }
    }
    add_bytes(sums.waited, out->waited);
    add_bytes(sums.reached, out->reached);
}

static void lanes_attempts(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out)
{
    enum { BYTES_FULL = 240 * RKI_LANES };
    memset(out, 0, offsetof(struct rki_first, slots));
    for (uint32_t from = 0; from < count; from += BYTES_FULL) {
        some_attempts(draws, message, from, count - from < BYTES_FULL ? count : from + BYTES_FULL, out);
    }
}

static void lanes_blocks(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                         const struct rki_open *open, struct rki_words *out)
{
    const unsigned shift = 32u - draws->exponent;
    for (uint32_t base = 0; base < count; base += RKI_STEP) {
        uint32_t members = count - base < RKI_STEP ? count - base : RKI_STEP;
        uint64_t number[RKI_STEP] = {0};
        for (unsigned i = 0; i < members; i++) {
            number[i] = rk_attempt_block(message + open[base + i].at, 0, attempt);
        }
        struct words block[RKI_ABREAST];
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            memcpy(&block[v].word[0], &number[v * RKI_LANES], sizeof block[v].word[0]);
        }
        philox(draws, RK_RNG_LOSS, block);
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            lanes slots = block[v].word[0] >> shift;
            memcpy(&out->slots[base + v * RKI_LANES], &slots, sizeof slots);
            memcpy(&out->frame[base + v * RKI_LANES], &block[v].word[1], sizeof slots);
            memcpy(&out->ack[base + v * RKI_LANES], &block[v].word[2], sizeof slots);
        }
    }
}

#define RKI_KERNEL(name)                                                                                               \
    const struct rki_kernel name = {.gaps = lanes_gaps, .attempts = lanes_attempts, .blocks = lanes_blocks}

#endif
