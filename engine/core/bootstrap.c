#include "engine/core/bootstrap.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "engine/core/err.h"
#include "engine/core/rng.h"
#include "engine/core/stats.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Means of the resamples, ascending. Draw b * n + i takes element i of resample b. */
static void resample(const double *value, size_t n, uint64_t seed, double mean[RK_BOOTSTRAP_RESAMPLES])
{
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(seed, 0), 0, RK_RNG_RESAMPLE);
    for (size_t b = 0; b < RK_BOOTSTRAP_RESAMPLES; b++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += value[rk_rng_below(rk_rng_next(&draws), n)];
        }
        mean[b] = sum / (double)n;
    }
    qsort(mean, RK_BOOTSTRAP_RESAMPLES, sizeof *mean, ascending);
}

/* How far, in standard normal units, the resamples' median lies below the estimate; ties count half. */
static double bias(const double mean[RK_BOOTSTRAP_RESAMPLES], double estimate)
{
    double below = 0;
    for (size_t b = 0; b < RK_BOOTSTRAP_RESAMPLES; b++) {
        below += mean[b] < estimate ? 1 : mean[b] == estimate ? 0.5 : 0;
    }
    below = fmin(fmax(below, 0.5), RK_BOOTSTRAP_RESAMPLES - 0.5);
    return gsl_cdf_ugaussian_Pinv(below / RK_BOOTSTRAP_RESAMPLES);
}

/* Of a mean the jackknife's values are a line in the values: a sixth of the skewness over the root of n. */
static double acceleration(const double *value, size_t n, double estimate)
{
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        double off = value[i] - estimate;
        squares += off * off;
        cubes += off * off * off;
    }
    return cubes / (6 * squares * sqrt(squares));
}

static double end(const double mean[RK_BOOTSTRAP_RESAMPLES], double bias, double acceleration, double probability)
{
    double shifted = bias + gsl_cdf_ugaussian_Pinv(probability);
    double stretch = 1 - acceleration * shifted;
    double level = stretch <= 0 ? (shifted > 0) : gsl_cdf_ugaussian_P(bias + shifted / stretch);
    return rk_stats_quantile(mean, RK_BOOTSTRAP_RESAMPLES, level);
}

struct rk_interval rk_bootstrap_mean(const double *value, size_t n, double confidence, uint64_t seed)
{
    RK_REQUIRE(confidence >= 0.5 && confidence <= 0.99);
    struct rk_stats stats = rk_stats_summary(value, n);
    if (stats.n < 2) {
        return (struct rk_interval){NAN, NAN};
    }
    if (stats.min == stats.max) {
        return (struct rk_interval){stats.min, stats.max};
    }
    double *memory = malloc((stats.n + RK_BOOTSTRAP_RESAMPLES) * sizeof *memory);
    RK_REQUIRE(memory != NULL);
    double *mean = memory + stats.n;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(value[i])) {
            memory[count++] = value[i];
        }
    }
    resample(memory, count, seed, mean);
    double shift = bias(mean, stats.mean), skew = acceleration(memory, count, stats.mean);
    double tail = (1 - confidence) / 2;
    struct rk_interval interval = {end(mean, shift, skew, tail), end(mean, shift, skew, 1 - tail)};
    free(memory);
    return interval;
}
