#include "engine/core/stats.h"

#include "engine/core/err.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

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

struct rk_stats rk_stats_batches(const double *value, size_t n, size_t batches)
{
    RK_REQUIRE(batches >= 2 && batches <= n);
    size_t length = n / batches;
    double *mean = malloc(batches * sizeof *mean);
    RK_REQUIRE(mean != NULL);
    for (size_t i = 0; i < batches; i++) {
        mean[i] = rk_stats_summary(value + i * length, length).mean;
    }
    struct rk_stats stats = rk_stats_summary(mean, batches);
    free(mean);
    return stats;
}

/* Comparisons */

static double two_sided(const struct rk_stats_difference *difference)
{
    if (difference->error == 0) {
        return difference->mean == 0 ? 1 : 0;
    }
    return 2 * gsl_cdf_tdist_Q(fabs(difference->mean) / difference->error, difference->freedom);
}

struct rk_stats_difference rk_stats_paired_test(const struct rk_stats *pairs)
{
    struct rk_stats_difference difference = {.mean = pairs->mean, .error = NAN, .freedom = NAN, .p = NAN};
    if (pairs->n >= 2) {
        difference.error = pairs->sd / sqrt((double)pairs->n);
        difference.freedom = (double)(pairs->n - 1);
        difference.p = two_sided(&difference);
    }
    return difference;
}

struct rk_stats_difference rk_stats_welch(const struct rk_stats *a, const struct rk_stats *b)
{
    struct rk_stats_difference difference = {.mean = a->mean - b->mean, .error = NAN, .freedom = NAN, .p = NAN};
    if (a->n < 2 || b->n < 2) {
        return difference;
    }
    double of_a = a->sd * a->sd / (double)a->n, of_b = b->sd * b->sd / (double)b->n, both = of_a + of_b;
    double weighed = of_a * of_a / (double)(a->n - 1) + of_b * of_b / (double)(b->n - 1);
    difference.error = sqrt(both);
    difference.freedom = both == 0 ? (double)(a->n + b->n - 2) : both * both / weighed;
    difference.p = two_sided(&difference);
    return difference;
}

double rk_stats_half_width(const struct rk_stats_difference *difference, double confidence)
{
    RK_REQUIRE(confidence > 0 && confidence < 1);
    if (isnan(difference->error)) {
        return NAN;
    }
    return gsl_cdf_tdist_Qinv((1 - confidence) / 2, difference->freedom) * difference->error;
}

struct ranked {
    double p;
    size_t index;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->p != right->p) {
        return left->p < right->p ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

void rk_stats_holm(const double *p, size_t n, double level, double *adjusted, double *share)
{
    struct ranked *ranked = malloc((n + 1) * sizeof *ranked);
    RK_REQUIRE(ranked != NULL);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = NAN;
        if (share != NULL) {
            share[i] = NAN;
        }
        if (!isnan(p[i])) {
            ranked[count++] = (struct ranked){p[i], i};
        }
    }
    qsort(ranked, count, sizeof *ranked, by_p);
    double highest = 0, part = 1;
    bool holds = true; /* all comparisons so far */
    for (size_t i = 0; i < count; i++) {
        double corrected = ranked[i].p * (double)(count - i);
        highest = fmin(1, fmax(highest, corrected));
        part = holds ? 1 / (double)(count - i) : part;
        holds = holds && highest < level;
        adjusted[ranked[i].index] = highest;
        if (share != NULL) {
            share[ranked[i].index] = part;
        }
    }
    free(ranked);
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
