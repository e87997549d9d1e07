/* engine/core/histogram.h - a histogram of 64-bit integers with a bounded relative error
 *
 * Model:   log-linear buckets as in HdrHistogram and fio: 128 to each power of two; values below 128 are exact. Counts
 *          are integers, so that merging in any order gives the same histogram.
 * Units:   those of the values.
 * Error:   a quantile is the middle of its bucket, clamped to the recorded minimum and maximum: at most 1/256 (0.4 %)
 *          off, whatever was merged. Minimum, maximum, count and mean are exact (the mean to a double); after a
 *          subtraction the minimum and maximum are known to their bucket.
 */
#ifndef ENGINE_CORE_HISTOGRAM_H
#define ENGINE_CORE_HISTOGRAM_H

#include <stdint.h>

enum { RK_HISTOGRAM_BITS = 7, RK_HISTOGRAM_BUCKETS = (64 - RK_HISTOGRAM_BITS + 1) << RK_HISTOGRAM_BITS };

struct rk_histogram {
    uint64_t total; /* values recorded */
    uint64_t min, max;
    uint64_t sum_low, sum_high; /* of all values, 128 bits */
    uint64_t count[RK_HISTOGRAM_BUCKETS];
};

void rk_histogram_init(struct rk_histogram *histogram);

/* out: the least value of a bucket. in: bucket < RK_HISTOGRAM_BUCKETS. */
uint64_t rk_histogram_low(unsigned bucket);

/* Records `value` `times` times. */
void rk_histogram_add(struct rk_histogram *histogram, uint64_t value, uint64_t times);

void rk_histogram_merge(struct rk_histogram *into, const struct rk_histogram *from);

/* Takes out values that were recorded here before. in: `part` holds nothing that `from` does not. */
void rk_histogram_subtract(struct rk_histogram *from, const struct rk_histogram *part);

/* in: 0 < ppm <= 10^6 (990000 is p99). out: the value at or below which that share of the values lies, 0 when there is
 * none: ask `total`. */
uint64_t rk_histogram_quantile(const struct rk_histogram *histogram, uint32_t ppm);

/* out: NaN when there is no value. */
double rk_histogram_mean(const struct rk_histogram *histogram);

#endif
