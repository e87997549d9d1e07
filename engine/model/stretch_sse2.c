/* Two lanes: every x86-64. */
#if defined(__x86_64__)
#include <emmintrin.h>

#define RKI_LANES 2
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm_mul_epu32((__m128i)a, (__m128i)b);
}

/* A shift of each lane by its own count there is only for one lane. */
static inline lanes one_at(lanes bit)
{
    lanes high = (lanes)_mm_unpackhi_epi64((__m128i)bit, (__m128i)bit);
    __m128i one = _mm_cvtsi32_si128(1);
    return (lanes)_mm_unpacklo_epi64(_mm_sll_epi64(one, (__m128i)bit), _mm_sll_epi64(one, (__m128i)high));
}

RKI_KERNEL(rki_kernel_sse2);
#else
typedef int rki_no_sse2;
#endif
