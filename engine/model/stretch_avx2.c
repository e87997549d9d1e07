/* Four lanes: x86-64 with AVX2. */
#if defined(__x86_64__)
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#include <immintrin.h>

#define RKI_LANES 4
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

static inline unsigned bits(lanes mask)
{
    return (unsigned)_mm256_movemask_pd((__m256d)mask);
}

static inline lanes one_byte(lanes slots)
{
    return (spread(0) + 1) << (slots * 8);
}

RKI_KERNEL(rki_kernel_avx2);
#else
typedef int rki_no_avx2;
#endif
