/* Eight lanes: x86-64 with AVX-512 F, DQ, VL and BW. */
#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi,bmi2,popcnt,prefer-vector-width=512")
#include <immintrin.h>

#define RKI_LANES 8
#define RKI_MASK  __mmask8
#define RKI_OWN_APPEND
#include "engine/model/stretch_lanes.h"

static inline lanes product(lanes a, lanes b)
{
    return (lanes)_mm512_mul_epu32((__m512i)a, (__m512i)b);
}

static inline lanes one_at(lanes bit)
{
    return (spread(0) + 1) << bit;
}

static inline lanes_mask below(lanes a, lanes b)
{
    return _mm512_cmplt_epu64_mask((__m512i)a, (__m512i)b);
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
    return (lanes_mask)~a;
}

static inline lanes keep(lanes_mask which, lanes v)
{
    return (lanes)_mm512_maskz_mov_epi64(which, (__m512i)v);
}

/* A compression straight to memory is slow on some machines. */
static inline uint32_t append(uint64_t *to, lanes v, lanes_mask which)
{
    store(to, (lanes)_mm512_maskz_compress_epi64(which, (__m512i)v));
    return (uint32_t)__builtin_popcount(which);
}

RKI_KERNEL(rki_kernel_avx512);
#else
typedef int rki_no_avx512;
#endif
