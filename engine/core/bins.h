/* engine/core/bins.h - how values are distributed, in few enough numbers to be kept with every result
 *
 * Model:   at most 64 bins, as fine as so few can be. A bin of shift s is 2^s neighbouring buckets of engine/core/histogram.h; s is the
 *          least at which 64 bins hold all values that there are. Only bins with values are kept.
 * Units:   those of the values.
 * Error:   counts are exact, and so is the share of values below an edge. A value is known to its bin, which is 2^s / 128 of the
 *          power of two below it wide: 0.8 % (s = 0) where values are close together, a factor of 2 (s = 7) where they are spread over all
 *          64 bits.
 */
#ifndef ENGINE_CORE_BINS_H
#define ENGINE_CORE_BINS_H

#include <stdbool.h>

#include "engine/core/histogram.h"

enum { RK_BINS_MAX = 64 };

struct rk_bins {
    uint32_t shift, used;
    uint16_t number[RK_BINS_MAX]; /* ascending; of a bucket, shifted */
    uint64_t count[RK_BINS_MAX];
};

/* out: *bins, all bytes of it. */
void rk_bins_of(const struct rk_histogram *histogram, struct rk_bins *bins);

/* Puts a bin after those there are, by its edges. in: edges of one bin of rk_bins_low(), all of the same shift. out: whether they are. */
bool rk_bins_append(struct rk_bins *bins, uint64_t low, uint64_t high, uint64_t count);

/* Adds to a sum of bins of one shift. in: shift: at least that of `bins`. */
void rk_bins_add(uint64_t sum[RK_HISTOGRAM_BUCKETS], unsigned shift, const struct rk_bins *bins);

/* out: the least value of a bin; of the one after the last, UINT64_MAX. */
uint64_t rk_bins_low(unsigned number, unsigned shift);

#endif
