/* Eight lanes: x86-64 with AVX-512 F and DQ. */
#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi,bmi2,popcnt,prefer-vector-width=512")
#include <immintrin.h>

#define RKI_LANES 8
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm512_mul_epu32((__m512i)a, (__m512i)b);
}

static inline unsigned bits(lanes mask)
{
    return _mm512_movepi64_mask((__m512i)mask);
}

static inline lanes one_byte(lanes slots)
{
    return (spread(0) + 1) << (slots * 8);
}

RKI_KERNEL(rki_kernel_avx512);
#else
typedef int rki_no_avx512;
#endif
