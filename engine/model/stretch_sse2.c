/* Two lanes: every x86-64. */
#if defined(__x86_64__)
#include <emmintrin.h>

#define RKI_LANES 2
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm_mul_epu32((__m128i)a, (__m128i)b);
}

static inline unsigned bits(lanes mask)
{
    return (unsigned)_mm_movemask_pd((__m128d)mask);
}

RKI_KERNEL(rki_kernel_sse2);
#else
typedef int rki_no_sse2;
#endif
