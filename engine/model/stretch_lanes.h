/* engine/model/stretch_lanes.h - the kernel of stretches, for a number of lanes
 *
 * Model: stretch_<set>.c defines RKI_LANES, the vector operations that C does not have, and includes this once. A lane
 *        has a 64-bit word of which Philox uses the lower half; what a product leaves above is never read. All blocks
 *        of a call have device, purpose and the upper half of their number in common, so that of the first two rounds
 *        one product each is known beforehand. Counts of a chunk are bytes of a lane's word: 1 << (8 * slots) is added
 *        for every message. No branch depends on a draw: messages to repeat are appended to a list all the same, and the
 *        list's end moves or does not.
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
static inline lanes one_at(lanes bit)
{
    return 1ull << bit;
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
static inline lanes one_at(lanes bit);         /* 1 << bit, a multiple of 8 */
static inline lanes count_up(void)
{
    lanes out;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        out[i] = i;
    }
    return out;
}
#endif

/* Which lanes. */
#ifdef RKI_MASK
typedef RKI_MASK lanes_mask;
static inline lanes_mask below(lanes a, lanes b); /* of numbers below 2^63 */
static inline lanes_mask either(lanes_mask a, lanes_mask b);
static inline lanes_mask both(lanes_mask a, lanes_mask b);
static inline lanes_mask others(lanes_mask a);
static inline lanes keep(lanes_mask which, lanes v); /* 0 in the others */
#else
typedef lanes lanes_mask;
static inline lanes_mask below(lanes a, lanes b)
{
    return spread(0) - ((a - b) >> 63);
}
static inline lanes_mask either(lanes_mask a, lanes_mask b)
{
    return a | b;
}
static inline lanes_mask both(lanes_mask a, lanes_mask b)
{
    return a & b;
}
static inline lanes_mask others(lanes_mask a)
{
    return ~a;
}
static inline lanes keep(lanes_mask which, lanes v)
{
    return which & v;
}
#endif

/* Room for RKI_LANES words is there in any case. out: how many were appended. */
#ifdef RKI_OWN_APPEND
static inline uint32_t append(uint64_t *to, lanes v, lanes_mask which);
#else
static inline uint32_t append(uint64_t *to, lanes v, lanes_mask which)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        to[count] = LANE(v, i);
        count += (uint32_t)(LANE(which, i) & 1);
    }
    return count;
}
#endif

#define LOW 0xffffffffull

/* Vectors whose rounds are interleaved, since one alone waits for its own products. */
#ifndef RKI_ABREAST
#define RKI_ABREAST 2
#endif
enum { RKI_STEP = RKI_LANES * RKI_ABREAST };
_Static_assert((int)RKI_STEP <= (int)RKI_SPARE, "lists have room for what is appended beyond their end");

static inline lanes load(const uint64_t *at)
{
    lanes v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline void store(uint64_t *at, lanes v)
{
    memcpy(at, &v, sizeof v);
}

struct words {
    lanes word[4];
};

/* What is the same for all blocks of a call: words before the second and third round, keys of all, meaning of words. */
struct known {
    uint64_t first2, second0, second2, third2;
    uint64_t key0[RKI_ROUNDS], key1[RKI_ROUNDS];
    uint64_t loss_below, slots8_bits;
    unsigned slots8_shift;
};

static inline struct known known_of(const struct rki_draws *draws, uint32_t purpose, uint32_t high)
{
    uint64_t first = (uint64_t)PHILOX_M4x32_1 * draws->device;
    uint64_t second = PHILOX_M4x32_0 * (uint64_t)(uint32_t)((first >> 32) ^ high ^ draws->round_key[0][0]);
    struct known known = {
        .first2 = purpose ^ draws->round_key[0][1],
        .second0 = (first & LOW) ^ draws->round_key[1][0],
        .second2 = (second >> 32) ^ draws->round_key[1][1],
        .third2 = second & LOW,
        .loss_below = draws->loss_below,
        .slots8_bits = (8ull << draws->exponent) - 8,
        .slots8_shift = 29u - draws->exponent,
    };
    for (unsigned round = 0; round < RKI_ROUNDS; round++) {
        known.key0[round] = draws->round_key[round][0];
        known.key1[round] = draws->round_key[round][1];
    }
    return known;
}

/* in: the lower halves of blocks' numbers in word[0]. out: the upper halves of lanes are undefined. */
static inline __attribute__((always_inline)) void philox(const struct known *known, struct words block[RKI_ABREAST])
{
    const lanes m0 = spread(PHILOX_M4x32_0), m1 = spread(PHILOX_M4x32_1);
    for (unsigned v = 0; v < RKI_ABREAST; v++) {
        lanes *word = block[v].word;
        lanes first = product(word[0], m0);
        lanes second = product((first >> 32) ^ spread(known->first2), m1);
        word[0] = (second >> 32) ^ spread(known->second0);
        word[1] = second;
        word[2] = first ^ spread(known->second2);
        word[3] = spread(known->third2);
    }
#pragma GCC unroll 8
    for (unsigned round = 2; round < RKI_ROUNDS; round++) {
        const lanes k0 = spread(known->key0[round]), k1 = spread(known->key1[round]);
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
}

static rk_ns lanes_gaps(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                        struct rki_gaps *out)
{
    const struct known known = known_of(draws, RK_RNG_TRAFFIC, (uint32_t)(first >> 32));
    const lanes low = spread(span_ns & LOW), high = spread(span_ns >> 32), shortest = spread(shortest_ns);
    lanes sum = spread(0);
    for (unsigned base = 0; base < RKI_BLOCKS; base += RKI_STEP) {
        struct words block[RKI_ABREAST];
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            block[v].word[0] = count_up() + spread((first & LOW) + base + v * RKI_LANES);
        }
        philox(&known, block);
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            lanes of_block = spread(0);
            for (unsigned w = 0; w < 4; w++) {
                lanes gap = shortest + product(block[v].word[w], high) + (product(block[v].word[w], low) >> 32);
                of_block += gap;
                store(&out->gap_ns[w][base + v * RKI_LANES], gap);
            }
            store(&out->block_ns[base + v * RKI_LANES], of_block);
            sum += of_block;
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

static inline uint64_t add_lanes(lanes v)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < RKI_LANES; i++) {
        sum += LANE(v, i);
    }
    return sum;
}

/* What the words of an attempt mean. */
struct fate {
    lanes slots8; /* 8 times those waited */
    lanes_mask lost, open;
};

static inline __attribute__((always_inline)) struct fate fate_of(const struct known *known, const struct words *words)
{
    const lanes limit = spread(known->loss_below), low = spread(LOW);
    lanes_mask lost = below(words->word[1] & low, limit);
    return (struct fate){
        .slots8 = words->word[0] >> known->slots8_shift & spread(known->slots8_bits),
        .lost = lost,
        .open = either(lost, below(words->word[2] & low, limit)),
    };
}

struct sums {
    lanes at;               /* of the next ones */
    lanes waited8, reached; /* reached: a byte a count */
    uint32_t open;
};

/* First attempts of the next RKI_STEP messages; of them those below `until` count, if not `all`. */
static inline __attribute__((always_inline)) void step_first(const struct known *known, uint32_t first_block,
                                                             uint32_t until, bool all, struct sums *sums,
                                                             uint64_t *entry)
{
    struct words block[RKI_ABREAST];
#pragma GCC unroll 4
    for (unsigned v = 0; v < RKI_ABREAST; v++) {
        block[v].word[0] = (sums->at + spread(v * RKI_LANES)) * RKI_STRIDE + spread(first_block);
    }
    philox(known, block);
#pragma GCC unroll 4
    for (unsigned v = 0; v < RKI_ABREAST; v++) {
        struct fate fate = fate_of(known, &block[v]);
        lanes at = sums->at + spread(v * RKI_LANES);
        lanes_mask reached = others(fate.lost);
        if (!all) {
            lanes_mask member = below(at, spread(until));
            fate.slots8 = keep(member, fate.slots8);
            fate.open = both(member, fate.open);
            reached = both(member, reached);
        }
        sums->reached += keep(reached, one_at(fate.slots8));
        sums->waited8 += fate.slots8;
        at |= fate.slots8 << (RKI_SLOTS_shift - 3) | keep(reached, spread(RKI_REACHED));
        sums->open += append(entry + sums->open, at, fate.open);
    }
    sums->at += spread(RKI_STEP);
}

static uint32_t lanes_first(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out)
{
    enum { BYTES_FULL = 240 / RKI_ABREAST * RKI_STEP };
    const struct known known = known_of(draws, RK_RNG_LOSS, (uint32_t)(message * RKI_STRIDE >> 32));
    const uint32_t first_block = (uint32_t)message * RKI_STRIDE, whole = count / RKI_STEP * RKI_STEP;
    struct sums sums = {.at = count_up(), .waited8 = spread(0), .reached = spread(0)};
    memset(out->reached, 0, sizeof out->reached);
    for (uint32_t base = 0; base < whole;) {
        uint32_t until = whole - base < BYTES_FULL ? whole : base + BYTES_FULL;
        for (; base < until; base += RKI_STEP) {
            step_first(&known, first_block, count, true, &sums, out->entry);
        }
        add_bytes(sums.reached, out->reached);
        sums.reached = spread(0);
    }
    if (whole < count) {
        step_first(&known, first_block, count, false, &sums, out->entry);
        add_bytes(sums.reached, out->reached);
    }
    out->waited = add_lanes(sums.waited8) / 8;
    return sums.open;
}

static uint32_t lanes_again(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                            uint64_t entry[RKI_CHUNK + RKI_SPARE], struct rki_again *out)
{
    const struct known known = known_of(draws, RK_RNG_LOSS, (uint32_t)(message * RKI_STRIDE >> 32));
    const lanes first_block = spread((uint32_t)message * RKI_STRIDE + attempt);
    lanes at = count_up(), waited8 = spread(0);
    uint32_t open = 0;
    memset(entry + count, 0, RKI_STEP * sizeof *entry);
    for (uint32_t base = 0; base < count; base += RKI_STEP) {
        lanes was[RKI_ABREAST];
        struct words block[RKI_ABREAST];
#pragma GCC unroll 4
        for (unsigned v = 0; v < RKI_ABREAST; v++) {
            was[v] = load(entry + base + v * RKI_LANES);
            block[v].word[0] = (was[v] & spread(RKI_AT)) * RKI_STRIDE + first_block;
        }
        philox(&known, block);
#pragma GCC unroll 4
        for (unsigned v = 0; v < RKI_ABREAST; v++, at += spread(RKI_LANES)) {
            struct fate fate = fate_of(&known, &block[v]);
            lanes_mask member = below(at, spread(count));
            lanes reached = keep(others(fate.lost), spread(RKI_REACHED));
            lanes is = was[v] + (fate.slots8 << (RKI_SLOTS_shift - 3));
            store(out->arrival + base + v * RKI_LANES, (is & spread(RKI_SLOTS)) | (reached & ~was[v]));
            waited8 += keep(member, fate.slots8);
            open += append(entry + open, is | reached, both(member, fate.open));
        }
    }
    out->waited = add_lanes(waited8) / 8;
    return open;
}

#define RKI_KERNEL(name) const struct rki_kernel name = {.gaps = lanes_gaps, .first = lanes_first, .again = lanes_again}

#endif
