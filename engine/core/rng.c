#include "engine/core/rng.h"

struct rk_rng_key rk_rng_key_make(uint64_t study_seed, uint32_t replication)
{
    philox4x32_key_t seed = {{(uint32_t)study_seed, (uint32_t)(study_seed >> 32)}};
    /* The last word sets these blocks apart from every draw, whose last word is a purpose below 2^16. */
    philox4x32_ctr_t counter = {{replication, 0, 0, UINT32_MAX}};
    philox4x32_ctr_t block = philox4x32(counter, seed);
    return (struct rk_rng_key){{{block.v[0], block.v[1]}}};
}

#define Q62       ((uint64_t)1 << 62)
#define LN2_Q58   0x02c5c85fdf473de6ull /* ln 2 * 2^58 */
#define SQRT2_Q63 0xb504f333f9de6484ull

/* Product of two fractions with 62 fractional bits, rounded down. */
static uint64_t multiply_q62(uint64_t a, uint64_t b)
{
    return (uint64_t)(((unsigned __int128)a * b) >> 62);
}

/* With x + 1/2 = m * 2^e and m in [sqrt(1/2), sqrt(2)): -ln(u) = (64 - e) ln 2 - ln m, and
 * ln m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716, so that ten terms of the series leave less than 2^-56. */
uint64_t rk_rng_neg_log_q58(uint64_t x)
{
    int exponent;
    uint64_t mantissa_q63; /* [1, 2) */
    if (x == 0) {
        exponent = -1; /* 1/2 */
        mantissa_q63 = (uint64_t)1 << 63;
    } else {
        int shift = __builtin_clzll(x);
        exponent = 63 - shift;
        mantissa_q63 = x << shift;
        if (shift > 0) {
            mantissa_q63 |= (uint64_t)1 << (shift - 1); /* the half; below the last bit when shift is 0 */
        }
    }

    int negative = 0;
    unsigned __int128 numerator;
    unsigned __int128 denominator;
    if (mantissa_q63 >= SQRT2_Q63) { /* halve: m - 1 is then negative, in units of 2^-64 */
        exponent++;
        negative = 1;
        numerator = ((unsigned __int128)1 << 64) - mantissa_q63;
        denominator = ((unsigned __int128)1 << 64) + mantissa_q63;
    } else {
        numerator = mantissa_q63 - ((uint64_t)1 << 63);
        denominator = (unsigned __int128)mantissa_q63 + ((uint64_t)1 << 63);
    }
    uint64_t s = (uint64_t)((numerator << 60) / (uint64_t)(denominator >> 2));
    uint64_t square = multiply_q62(s, s);
    uint64_t sum = 0;
    for (int k = 19; k > 0; k -= 2) {
        sum = Q62 / (unsigned)k + multiply_q62(sum, square);
    }
    uint64_t log_m_q58 = multiply_q62(s, sum) >> 3; /* twice, from 62 to 58 bits */
    uint64_t whole = (uint64_t)(64 - exponent) * LN2_Q58;
    return negative ? whole + log_m_q58 : whole - log_m_q58;
}
