/* engine/sim/digits.h - slots of time by its digits, which the fast queues share
 *
 * Model:  a time belongs to the slot (level, digit): the highest of its eight 8-bit digits that differs from the
 *         base's, and that digit's value. All of a lower level come before all of a higher one, and digits of one level
 *         ascend, so the first slot in use holds the earliest times. When a queue opens that slot, the base becomes the
 *         slot's first nanosecond and what is in it spreads over lower levels, or is sorted at once where it is little.
 *         There is no width to tune.
 *         Times before end_ns are in the sorted part of the queue already; a queue puts new ones of these there too,
 *         whether or not they come before the base.
 * Units:  ns.
 */
#ifndef ENGINE_SIM_DIGITS_H
#define ENGINE_SIM_DIGITS_H

#include "engine/core/units.h"

enum {
    RK_DIGIT_BITS = 8,
    RK_DIGIT_LEVELS = 64 / RK_DIGIT_BITS,
    RK_DIGIT_VALUES = 1 << RK_DIGIT_BITS,
    RK_DIGIT_SLOTS = RK_DIGIT_LEVELS * RK_DIGIT_VALUES,
};

struct rk_digits {
    rk_ns base_ns, end_ns;
    uint32_t levels; /* bits: some slot of it is in use */
    uint64_t used[RK_DIGIT_SLOTS / 64];
};

static inline uint32_t rk_digits_slot(const struct rk_digits *digits, rk_ns time_ns)
{
    unsigned level = (63u - (unsigned)__builtin_clzll((time_ns ^ digits->base_ns) | 1)) / RK_DIGIT_BITS;
    return level * RK_DIGIT_VALUES + (uint8_t)(time_ns >> (level * RK_DIGIT_BITS));
}

static inline void rk_digits_use(struct rk_digits *digits, uint32_t slot)
{
    digits->used[slot / 64] |= 1ull << (slot % 64);
    digits->levels |= 1u << (slot / RK_DIGIT_VALUES);
}

static inline void rk_digits_drop(struct rk_digits *digits, uint32_t slot)
{
    uint32_t level = slot / RK_DIGIT_VALUES;
    uint64_t *used = &digits->used[level * (RK_DIGIT_VALUES / 64)];
    digits->used[slot / 64] &= ~(1ull << (slot % 64));
    if ((used[0] | used[1] | used[2] | used[3]) == 0) {
        digits->levels &= ~(1u << level);
    }
}

/* out: the slot of the earliest times. in: some slot is in use. */
static inline uint32_t rk_digits_first(const struct rk_digits *digits)
{
    uint32_t word = (uint32_t)__builtin_ctz(digits->levels) * (RK_DIGIT_VALUES / 64);
    while (digits->used[word] == 0) {
        word++;
    }
    return word * 64 + (uint32_t)__builtin_ctzll(digits->used[word]);
}

/* Takes the first slot out of use and makes its beginning the base. out: its end, RK_NEVER where that is beyond all. */
static inline rk_ns rk_digits_open(struct rk_digits *digits, uint32_t slot)
{
    unsigned shift = slot / RK_DIGIT_VALUES * RK_DIGIT_BITS;
    uint64_t width_ns = 1ull << shift;
    uint64_t above = shift + RK_DIGIT_BITS == 64 ? 0 : ~0ull << (shift + RK_DIGIT_BITS);
    rk_digits_drop(digits, slot);
    digits->base_ns = (digits->base_ns & above) | (uint64_t)(slot % RK_DIGIT_VALUES) << shift;
    rk_ns end_ns = digits->base_ns + width_ns;
    return end_ns == 0 ? RK_NEVER : end_ns;
}

#endif
