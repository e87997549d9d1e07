#include "engine/core/bins.h"

#include <string.h>

uint64_t rk_bins_low(unsigned number, unsigned shift)
{
    unsigned bucket = number << shift;
    return bucket < RK_HISTOGRAM_BUCKETS ? rk_histogram_low(bucket) : UINT64_MAX;
}

/* out: bins with values. */
static unsigned count_used(const struct rk_histogram *histogram, unsigned shift)
{
    unsigned used = 0, last = UINT32_MAX;
    for (unsigned bucket = 0; bucket < RK_HISTOGRAM_BUCKETS; bucket++) {
        if (histogram->count[bucket] > 0 && bucket >> shift != last) {
            last = bucket >> shift;
            used++;
        }
    }
    return used;
}

void rk_bins_of(const struct rk_histogram *histogram, struct rk_bins *bins)
{
    memset(bins, 0, sizeof *bins);
    while (count_used(histogram, bins->shift) > RK_BINS_MAX) {
        bins->shift++;
    }
    for (unsigned bucket = 0; bucket < RK_HISTOGRAM_BUCKETS; bucket++) {
        unsigned number = bucket >> bins->shift;
        if (histogram->count[bucket] == 0) {
            continue;
        }
        if (bins->used == 0 || bins->number[bins->used - 1] != number) {
            bins->number[bins->used++] = (uint16_t)number;
        }
        bins->count[bins->used - 1] += histogram->count[bucket];
    }
}

void rk_bins_add(uint64_t sum[RK_HISTOGRAM_BUCKETS], unsigned shift, const struct rk_bins *bins)
{
    for (unsigned i = 0; i < bins->used; i++) {
        sum[bins->number[i] >> (shift - bins->shift)] += bins->count[i];
    }
}

/* out: the first bucket whose values are not below. */
static unsigned bucket_from(uint64_t value)
{
    unsigned low = 0, high = RK_HISTOGRAM_BUCKETS;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (rk_histogram_low(middle) < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool rk_bins_append(struct rk_bins *bins, uint64_t low, uint64_t high, uint64_t count)
{
    unsigned bucket = bucket_from(low), width = bucket_from(high) - bucket, shift = 0;
    while (1u << shift < width) {
        shift++;
    }
    bool follows = bins->used == 0 || (shift == bins->shift && bucket >> shift > bins->number[bins->used - 1]);
    if (bins->used == RK_BINS_MAX || !follows || low >= high || rk_bins_low(bucket >> shift, shift) != low ||
        rk_bins_low((bucket >> shift) + 1, shift) != high) {
        return false;
    }
    bins->shift = shift;
    bins->number[bins->used] = (uint16_t)(bucket >> shift);
    bins->count[bins->used++] = count;
    return true;
}
