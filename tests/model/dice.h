/* tests/model/dice.h - random parts of a trial, drawn in the order in which they are asked for */
#ifndef TESTS_MODEL_DICE_H
#define TESTS_MODEL_DICE_H

#include <stddef.h>

#include "engine/core/rng.h"

struct dice {
    struct rk_rng_key key;
    uint64_t next;
};

static inline uint64_t below(struct dice *dice, uint64_t n)
{
    return rk_rng_below(rk_rng_draw(&dice->key, 0, RK_RNG_INPUT, dice->next++), n);
}

static inline uint64_t one_of(struct dice *dice, const uint64_t *values, size_t count)
{
    return values[below(dice, count)];
}
#define ONE_OF(dice, ...)                                                                                              \
    one_of(dice, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

#endif
