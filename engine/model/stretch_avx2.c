/* Four lanes: x86-64 with AVX2. */
#if defined(__x86_64__)
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#include <immintrin.h>

#define RKI_LANES 4
#define RKI_OWN_APPEND
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

static inline lanes one_at(lanes bit)
{
    return (spread(0) + 1) << bit;
}

/* Halves of lanes to the front, by the lanes that go there. */
#define PAIR(i) 2 * (i), 2 * (i) + 1
static const uint32_t fronts[16][8] = {
    [0x1] = {PAIR(0)},
    [0x2] = {PAIR(1)},
    [0x3] = {PAIR(0), PAIR(1)},
    [0x4] = {PAIR(2)},
    [0x5] = {PAIR(0), PAIR(2)},
    [0x6] = {PAIR(1), PAIR(2)},
    [0x7] = {PAIR(0), PAIR(1), PAIR(2)},
    [0x8] = {PAIR(3)},
    [0x9] = {PAIR(0), PAIR(3)},
    [0xa] = {PAIR(1), PAIR(3)},
    [0xb] = {PAIR(0), PAIR(1), PAIR(3)},
    [0xc] = {PAIR(2), PAIR(3)},
    [0xd] = {PAIR(0), PAIR(2), PAIR(3)},
    [0xe] = {PAIR(1), PAIR(2), PAIR(3)},
    [0xf] = {PAIR(0), PAIR(1), PAIR(2), PAIR(3)},
};

static inline uint32_t append(uint64_t *to, lanes v, lanes_mask which)
{
    unsigned lanes_of = (unsigned)_mm256_movemask_pd((__m256d)which);
    __m256i front = _mm256_loadu_si256((const __m256i *)fronts[lanes_of]);
    store(to, (lanes)_mm256_permutevar8x32_epi32((__m256i)v, front));
    return (uint32_t)__builtin_popcount(lanes_of);
}

RKI_KERNEL(rki_kernel_avx2);
#else
typedef int rki_no_avx2;
#endif
