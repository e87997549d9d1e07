/* Two lanes: every x86-64. */
#if defined(__x86_64__)
#include <emmintrin.h>

#define RKI_LANES 2
#define RKI_NO_COMPARE
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm_mul_epu32((__m128i)a, (__m128i)b);
}

static inline unsigned bits(lanes mask)
{
    return (unsigned)_mm_movemask_pd((__m128d)mask);
}

/* There is no shift by lane: 1 << (8 * slots) by the bits of slots. */
static inline lanes one_byte(lanes slots)
{
    lanes one = spread(1);
    for (unsigned bit = 0; bit < 3; bit++) {
        lanes set = spread(0) - (slots >> bit & 1);
        one = (set & one << (8u << bit)) | (~set & one);
    }
    return one;
}

RKI_KERNEL(rki_kernel_sse2);
#else
typedef int rki_no_sse2;
#endif
