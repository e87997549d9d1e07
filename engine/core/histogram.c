#include "engine/core/histogram.h"

#include "engine/core/err.h"

#include <math.h>
#include <string.h>

typedef unsigned __int128 wide;

enum { PER_OCTAVE = 1 << RK_HISTOGRAM_BITS };

/* Values below PER_OCTAVE are their own bucket; above, the bits below the leading RK_HISTOGRAM_BITS + 1 are dropped. */
static unsigned bucket_of(uint64_t value)
{
    if (value < PER_OCTAVE) {
        return (unsigned)value;
    }
    unsigned dropped = 63 - (unsigned)__builtin_clzll(value) - RK_HISTOGRAM_BITS;
    return (dropped << RK_HISTOGRAM_BITS) + (unsigned)(value >> dropped);
}

uint64_t rk_histogram_low(unsigned bucket)
{
    unsigned dropped = bucket < 2 * PER_OCTAVE ? 0 : (bucket >> RK_HISTOGRAM_BITS) - 1;
    return (uint64_t)(bucket - (dropped << RK_HISTOGRAM_BITS)) << dropped;
}

static uint64_t width_of(unsigned bucket)
{
    return bucket < 2 * PER_OCTAVE ? 1 : (uint64_t)1 << ((bucket >> RK_HISTOGRAM_BITS) - 1);
}

static uint64_t middle_of(unsigned bucket)
{
    return rk_histogram_low(bucket) + (width_of(bucket) >> 1);
}

void rk_histogram_init(struct rk_histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->min = UINT64_MAX;
}

static void add_sum(struct rk_histogram *histogram, wide sum)
{
    sum += (wide)histogram->sum_high << 64 | histogram->sum_low;
    histogram->sum_low = (uint64_t)sum;
    histogram->sum_high = (uint64_t)(sum >> 64);
}

void rk_histogram_add(struct rk_histogram *histogram, uint64_t value, uint64_t times)
{
    if (times == 0) {
        return;
    }
    histogram->count[bucket_of(value)] += times;
    histogram->total += times;
    histogram->min = value < histogram->min ? value : histogram->min;
    histogram->max = value > histogram->max ? value : histogram->max;
    add_sum(histogram, (wide)value * times);
}

void rk_histogram_merge(struct rk_histogram *into, const struct rk_histogram *from)
{
    for (unsigned i = 0; i < RK_HISTOGRAM_BUCKETS; i++) {
        into->count[i] += from->count[i];
    }
    into->total += from->total;
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
    add_sum(into, (wide)from->sum_high << 64 | from->sum_low);
}

void rk_histogram_subtract(struct rk_histogram *from, const struct rk_histogram *part)
{
    uint64_t min = UINT64_MAX, max = 0;
    for (unsigned i = 0; i < RK_HISTOGRAM_BUCKETS; i++) {
        RK_REQUIRE(from->count[i] >= part->count[i]);
        from->count[i] -= part->count[i];
        if (from->count[i] > 0) {
            min = min == UINT64_MAX ? rk_histogram_low(i) : min;
            max = rk_histogram_low(i) + (width_of(i) - 1);
        }
    }
    from->total -= part->total;
    from->min = min < from->min ? from->min : min;
    from->max = max < from->max ? max : from->max;
    add_sum(from, -((wide)part->sum_high << 64 | part->sum_low));
}

uint64_t rk_histogram_quantile(const struct rk_histogram *histogram, uint32_t ppm)
{
    RK_REQUIRE(ppm > 0 && ppm <= 1000000);
    if (histogram->total == 0) {
        return 0;
    }
    uint64_t rank = (uint64_t)(((wide)histogram->total * ppm + 999999) / 1000000); /* 1 .. total */
    uint64_t seen = 0;
    unsigned bucket = 0;
    while (seen + histogram->count[bucket] < rank) {
        seen += histogram->count[bucket++];
    }
    uint64_t value = middle_of(bucket);
    value = value < histogram->min ? histogram->min : value;
    return value > histogram->max ? histogram->max : value;
}

double rk_histogram_mean(const struct rk_histogram *histogram)
{
    if (histogram->total == 0) {
        return NAN;
    }
    return (double)((wide)histogram->sum_high << 64 | histogram->sum_low) / (double)histogram->total;
}
