/* engine/core/stats.h - mean, spread, confidence and comparison of a few replications
 *
 * Model:   independent, identically distributed replications; Student's t interval at 95 %. A paired difference goes
 *          replication by replication, which common random numbers make narrow; Welch's is for samples that share
 *          nothing. Several comparisons at once: Holm's step-down correction, which keeps the probability of one or
 *          more false claims below the level whatever the dependence between them. Figures of one long run are
 *          dependent: means of batches that are long against the dependence are not.
 * Units:   those of the values, which are finite, or NaN for "no such figure": these are left out, and n says how many
 *          were taken.
 * Error:   sums are compensated (Neumaier) and in index order, so that the same values give the same bits. Student's
 *          interval has its coverage for normal values, and for others as n grows: with n = 30 exponential values 92.7
 *          % instead of 95 % (tests/core/test_coverage.c measures it, and core/bootstrap.h beside it).
 * Source:  quantile: Hyndman and Fan's type 7, the default of R. t distribution: GSL. Welch, Biometrika 34 (1947).
 *          Holm, Scandinavian Journal of Statistics 6 (1979). Batches: Law, Simulation Modeling and Analysis, 9.5.3.
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

/* Of the means of `batches` consecutive batches of n / batches values; what is left over at the end is not used.
 * in: 2 <= batches <= n, no NaN. */
struct rk_stats rk_stats_batches(const double *value, size_t n, size_t batches);

/* Two means compared. All but the difference are NaN with fewer than two values of either. */
struct rk_stats_difference {
    double mean, error; /* error: standard error of the mean */
    double freedom;     /* degrees of freedom */
    double p;           /* two-sided, of no difference; 1 for none in values without spread, 0 for one */
};

/* From a summary of paired differences. */
struct rk_stats_difference rk_stats_paired_test(const struct rk_stats *pairs);

/* Samples that share nothing, and may differ in spread: a - b. */
struct rk_stats_difference rk_stats_welch(const struct rk_stats *a, const struct rk_stats *b);

/* in: 0 < confidence < 1. out: half width of the difference's interval; NaN where its error is. */
double rk_stats_half_width(const struct rk_stats_difference *difference, double confidence);

/* Holm's correction for `n` comparisons: adjusted[i] < level exactly if comparison i holds up at that level, and
 * share[i] is the part of the level that its own interval may use (1/n for the smallest p, 1/(n - 1) for the next;
 * after the first that fails, that one's), so that interval and verdict agree. NaN in p: no comparison, NaN out.
 * Intervals at these shares agree with the verdicts; jointly they do not cover at the level as Bonferroni's (1/n for
 * all) do. share may be NULL. */
void rk_stats_holm(const double *p, size_t n, double level, double *adjusted, double *share);

/* in: probability > 0.5, n >= 2 values. out: Student's t quantile with n - 1 degrees of freedom. */
double rk_stats_t_quantile(double probability, size_t n);

/* in: n > 0 values in ascending order, 0 <= probability <= 1. */
double rk_stats_quantile(const double *sorted, size_t n, double probability);

#endif
