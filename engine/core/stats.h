/* engine/core/stats.h - mean, spread and confidence of a few replications
 *
 * Model:   independent, identically distributed replications; Student's t interval at 95 %. A paired difference goes
 *          replication by replication, which common random numbers make narrow.
 * Units:   those of the values, which are finite, or NaN for "no such figure": these are left out, and n says how many
 *          were taken.
 * Error:   sums are compensated (Neumaier) and in index order, so that the same values give the same bits.
 * Source:  quantile: Hyndman and Fan's type 7, the default of R. t quantile: GSL.
 */
#ifndef ENGINE_CORE_STATS_H
#define ENGINE_CORE_STATS_H

#include <stddef.h>

struct rk_stats {
    size_t n;
    double mean;     /* NaN for n = 0 */
    double sd;       /* of the sample, n - 1; NaN for n < 2 */
    double ci95;     /* half width: mean - ci95 .. mean + ci95; NaN for n < 2 */
    double min, max; /* NaN for n = 0 */
};

struct rk_stats rk_stats_summary(const double *value, size_t n);

/* Of a[i] - b[i]. A pair with a NaN is left out. */
struct rk_stats rk_stats_paired(const double *a, const double *b, size_t n);

/* in: probability > 0.5, n >= 2 values. out: Student's t quantile with n - 1 degrees of freedom. */
double rk_stats_t_quantile(double probability, size_t n);

/* in: n > 0 values in ascending order, 0 <= probability <= 1. */
double rk_stats_quantile(const double *sorted, size_t n, double probability);

#endif
