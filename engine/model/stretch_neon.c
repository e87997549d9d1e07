/* Two lanes: every aarch64. */
#if defined(__aarch64__)
#include <arm_neon.h>

#define RKI_LANES 2
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}

static inline lanes one_at(lanes bit)
{
    return (spread(0) + 1) << bit;
}

RKI_KERNEL(rki_kernel_neon);
#else
typedef int rki_no_neon;
#endif
