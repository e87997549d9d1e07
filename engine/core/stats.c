#include "engine/core/stats.h"

#include "engine/core/err.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct sum {
    double total;
    double lost; /* what rounding took from the total */
};

static void add(struct sum *sum, double value)
{
    double total = sum->total + value;
    double larger = fabs(sum->total) >= fabs(value) ? sum->total : value;
    double smaller = larger == value ? sum->total : value;
    sum->lost += (larger - total) + smaller;
    sum->total = total;
}

static double difference(const double *a, const double *b, size_t i)
{
    return b == NULL ? a[i] : a[i] - b[i];
}

double rk_stats_t_quantile(double probability, size_t n)
{
    RK_REQUIRE(n >= 2);
    return gsl_cdf_tdist_Pinv(probability, (double)(n - 1));
}

/* Of a[i], or of a[i] - b[i]. */
static struct rk_stats summarise(const double *a, const double *b, size_t n)
{
    struct rk_stats stats = {.n = 0, .mean = NAN, .sd = NAN, .ci95 = NAN, .min = NAN, .max = NAN};
    struct sum sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double value = difference(a, b, i);
        if (isnan(value)) {
            continue;
        }
        add(&sum, value);
        stats.min = fmin(stats.min, value); /* fmin and fmax ignore the NaN they start with */
        stats.max = fmax(stats.max, value);
        stats.n++;
    }
    if (stats.n == 0) {
        return stats;
    }
    stats.mean = (sum.total + sum.lost) / (double)stats.n;
    if (stats.n < 2) {
        return stats;
    }
    struct sum squares = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double off = difference(a, b, i) - stats.mean;
        if (!isnan(off)) {
            add(&squares, off * off);
        }
    }
    stats.sd = sqrt((squares.total + squares.lost) / (double)(stats.n - 1));
    stats.ci95 = rk_stats_t_quantile(0.975, stats.n) * stats.sd / sqrt((double)stats.n);
    return stats;
}

struct rk_stats rk_stats_summary(const double *value, size_t n)
{
    return summarise(value, NULL, n);
}

struct rk_stats rk_stats_paired(const double *a, const double *b, size_t n)
{
    return summarise(a, b, n);
}

double rk_stats_quantile(const double *sorted, size_t n, double probability)
{
    RK_REQUIRE(n > 0 && probability >= 0 && probability <= 1);
    double position = probability * (double)(n - 1);
    size_t below = (size_t)position;
    if (below + 1 >= n) {
        return sorted[n - 1];
    }
    return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}
