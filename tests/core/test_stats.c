/* Statistics against values worked out elsewhere, the histogram against its stated error. */
#include "engine/core/bootstrap.h"
#include "engine/core/histogram.h"
#include "engine/core/rng.h"
#include "engine/core/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

/* R: x <- c(2, 4, 4, 4, 5, 5, 7, 9); mean 5; sd 2.13808993529940; t.test half width 1.78748. */
static void test_summary(void **state)
{
    (void)state;
    static const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct rk_stats stats = rk_stats_summary(x, 8);
    assert_int_equal(stats.n, 8);
    assert_true(stats.mean == 5 && stats.min == 2 && stats.max == 9);
    assert_true(near(stats.sd, sqrt(32.0 / 7), 1e-15));
    assert_true(near(stats.ci95, 2.364624251592785 * sqrt(32.0 / 7) / sqrt(8), 1e-12));
}

/* Table of Student's t, two-sided 95 %: 1, 2, 29 degrees of freedom. */
static void test_t_quantile(void **state)
{
    (void)state;
    assert_true(near(rk_stats_t_quantile(0.975, 2), 12.706204736432095, 1e-10));
    assert_true(near(rk_stats_t_quantile(0.975, 3), 4.302652729911275, 1e-10));
    assert_true(near(rk_stats_t_quantile(0.975, 30), 2.045229642132703, 1e-10));
}

static void test_few(void **state)
{
    (void)state;
    static const double x[] = {NAN, 3, NAN};
    struct rk_stats stats = rk_stats_summary(x, 1);
    assert_int_equal(stats.n, 0);
    assert_true(isnan(stats.mean) && isnan(stats.min) && isnan(stats.max));
    stats = rk_stats_summary(x, 3);
    assert_int_equal(stats.n, 1);
    assert_true(stats.mean == 3 && isnan(stats.sd) && isnan(stats.ci95));
}

/* What plain summation loses: 1e16 + 1 + 1 ... - 1e16. */
static void test_compensation(void **state)
{
    (void)state;
    double x[102];
    x[0] = 1e16;
    for (int i = 1; i <= 100; i++) {
        x[i] = 1;
    }
    x[101] = -1e16;
    assert_true(rk_stats_summary(x, 102).mean == 100.0 / 102);
}

static void test_paired(void **state)
{
    (void)state;
    static const double a[] = {101, 205, 303, NAN, 507};
    static const double b[] = {100, 203, 300, 400, 503};
    struct rk_stats stats = rk_stats_paired(a, b, 5); /* 1 2 3 . 4 */
    assert_int_equal(stats.n, 4);
    assert_true(stats.mean == 2.5);
    assert_true(near(stats.sd, sqrt(5.0 / 3), 1e-15));
    assert_true(stats.ci95 < rk_stats_summary(a, 5).ci95 / 10);
}

/* R: quantile(c(1, 2, 4, 8), c(0, .25, .5, .9, 1)) is 1, 1.75, 3, 6.8, 8. */
static void test_quantile(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 4, 8};
    assert_true(rk_stats_quantile(x, 4, 0) == 1);
    assert_true(rk_stats_quantile(x, 4, 0.25) == 1.75);
    assert_true(rk_stats_quantile(x, 4, 0.5) == 3);
    assert_true(near(rk_stats_quantile(x, 4, 0.9), 6.8, 1e-14));
    assert_true(rk_stats_quantile(x, 4, 1) == 8);
    assert_true(rk_stats_quantile(x, 1, 0.3) == 1);
}

/* Of 1..5 and 2, 4 .. 12: t = 2.3764, 6.98 degrees of freedom, and p by integrating the density numerically. */
static void test_welch(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 6, 8, 10, 12};
    struct rk_stats a = rk_stats_summary(x, 5), b = rk_stats_summary(y, 6);
    struct rk_stats_difference difference = rk_stats_welch(&a, &b);
    double of_a = 2.5 / 5, of_b = 14.0 / 6;
    assert_true(difference.mean == -4);
    assert_true(near(difference.error, sqrt(of_a + of_b), 1e-14));
    assert_true(near(difference.freedom, (of_a + of_b) * (of_a + of_b) / (of_a * of_a / 4 + of_b * of_b / 5), 1e-14));
    assert_true(near(difference.p, 0.04929, 1e-3));
    double half = rk_stats_half_width(&difference, 1 - difference.p);
    assert_true(near(half, 4, 1e-9)); /* the interval at 1 - p ends at zero */
    a = rk_stats_summary(x, 1);
    assert_true(isnan(rk_stats_welch(&a, &b).p));
}

/* The same test, paired; and the interval at 95 % is the summary's. */
static void test_paired_test(void **state)
{
    (void)state;
    static const double a[] = {101, 205, 303, 507}, b[] = {100, 203, 300, 503};
    struct rk_stats stats = rk_stats_paired(a, b, 4);
    struct rk_stats_difference difference = rk_stats_paired_test(&stats);
    assert_true(near(rk_stats_half_width(&difference, 0.95), stats.ci95, 1e-12));
    assert_true(near(difference.p, 0.030466, 1e-4)); /* 1 - 2 (x / (1 + x^2) + atan x) / pi, x = t / sqrt 3 */
    stats = rk_stats_paired(a, a, 4);
    assert_true(rk_stats_paired_test(&stats).p == 1);
    stats = rk_stats_paired((const double[]){3, 4}, (const double[]){1, 2}, 2);
    assert_true(rk_stats_paired_test(&stats).p == 0);
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02. */
static void test_holm(void **state)
{
    (void)state;
    static const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
    double adjusted[5], share[5];
    rk_stats_holm(p, 5, 0.05, adjusted, share);
    assert_true(near(adjusted[0], 0.03, 1e-12) && near(adjusted[1], 0.06, 1e-12));
    assert_true(isnan(adjusted[2]) && isnan(share[2]));
    assert_true(near(adjusted[3], 0.06, 1e-12) && near(adjusted[4], 0.02, 1e-12));
    assert_true(share[4] == 1.0 / 4 && share[0] == 1.0 / 3); /* hold up */
    assert_true(share[3] == 1.0 / 2 && share[1] == 1.0 / 2); /* the first that fails, and what follows */
    for (int i = 0; i < 5; i++) {
        assert_true(isnan(p[i]) || (p[i] < 0.05 * share[i]) == (adjusted[i] < 0.05));
    }
}

static void test_batches(void **state)
{
    (void)state;
    static const double x[] = {1, 3, 5, 7, 9, 11, 100};
    struct rk_stats stats = rk_stats_batches(x, 7, 3); /* 2, 6, 10 */
    assert_int_equal(stats.n, 3);
    assert_true(stats.mean == 6 && stats.sd == 4);
}

static void test_bootstrap(void **state)
{
    (void)state;
    double x[40];
    struct rk_rng_key key = rk_rng_key_make(3, 0);
    for (unsigned i = 0; i < 40; i++) {
        x[i] = 1 + rk_rng_unit(rk_rng_draw(&key, 0, RK_RNG_INPUT, i));
    }
    struct rk_interval interval = rk_bootstrap_mean(x, 40, 0.95, 7), again = rk_bootstrap_mean(x, 40, 0.95, 7);
    struct rk_stats stats = rk_stats_summary(x, 40);
    assert_memory_equal(&interval, &again, sizeof again);
    assert_true(near(interval.high - interval.low, 2 * stats.ci95, 0.1)); /* as Student's, for a tame distribution */
    assert_true(interval.low < stats.mean && stats.mean < interval.high);
    x[39] = NAN;
    again = rk_bootstrap_mean(x, 40, 0.95, 7);
    interval = rk_bootstrap_mean(x, 39, 0.95, 7);
    assert_memory_equal(&interval, &again, sizeof again);
    assert_true(isnan(rk_bootstrap_mean(x, 1, 0.95, 7).low));
    interval = rk_bootstrap_mean((const double[]){4, 4, 4}, 3, 0.95, 7);
    assert_true(interval.low == 4 && interval.high == 4);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Values of all magnitudes: each quantile is within 1/256 of the value of that rank. */
static void test_histogram_error(void **state)
{
    (void)state;
    enum { VALUES = 20000 };
    static uint64_t value[VALUES];
    static struct rk_histogram histogram;
    struct rk_rng_key key = rk_rng_key_make(1, 0);
    rk_histogram_init(&histogram);
    for (uint64_t i = 0; i < VALUES; i++) {
        value[i] = rk_rng_draw(&key, 0, RK_RNG_INPUT, i) >> (i % 64);
        rk_histogram_add(&histogram, value[i], 1);
    }
    qsort(value, VALUES, sizeof value[0], compare);
    for (uint32_t ppm = 50; ppm <= 1000000; ppm += 50) {
        uint64_t exact = value[(uint64_t)VALUES * ppm / 1000000 - 1];
        uint64_t ours = rk_histogram_quantile(&histogram, ppm);
        uint64_t off = ours > exact ? ours - exact : exact - ours;
        assert_true(off <= exact / 256 + (exact >= 256));
        assert_true(exact >= 256 || off == 0);
    }
    assert_true(histogram.min == value[0] && histogram.max == value[VALUES - 1]);
}

static void test_histogram_merge(void **state)
{
    (void)state;
    static struct rk_histogram whole, even, odd, other;
    rk_histogram_init(&whole);
    rk_histogram_init(&even);
    rk_histogram_init(&odd);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t value = i * i * i;
        rk_histogram_add(&whole, value, 1 + i % 3);
        rk_histogram_add(i % 2 == 0 ? &even : &odd, value, 1 + i % 3);
    }
    other = odd;
    rk_histogram_merge(&other, &even);
    rk_histogram_merge(&even, &odd);
    assert_memory_equal(&whole, &even, sizeof whole);
    assert_memory_equal(&whole, &other, sizeof whole);
}

static void test_histogram_subtract(void **state)
{
    (void)state;
    static struct rk_histogram whole, early, late;
    rk_histogram_init(&whole);
    rk_histogram_init(&early);
    rk_histogram_init(&late);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t value = i < 1000 ? i : 1000 * i;
        rk_histogram_add(&whole, value, 2);
        rk_histogram_add(i < 1000 ? &early : &late, value, 2);
    }
    rk_histogram_subtract(&whole, &early);
    assert_memory_equal(whole.count, late.count, sizeof late.count);
    assert_true(whole.total == late.total && rk_histogram_mean(&whole) == rk_histogram_mean(&late));
    assert_true(whole.min <= late.min && whole.min >= late.min - late.min / 128);
    assert_true(whole.max == late.max);
    rk_histogram_subtract(&whole, &late);
    rk_histogram_init(&late);
    assert_memory_equal(&whole, &late, sizeof whole);
}

static void test_histogram_edges(void **state)
{
    (void)state;
    static struct rk_histogram histogram;
    rk_histogram_init(&histogram);
    assert_int_equal(rk_histogram_quantile(&histogram, 500000), 0);
    assert_true(isnan(rk_histogram_mean(&histogram)));
    rk_histogram_add(&histogram, 7, 0);
    assert_int_equal(histogram.total, 0);
    rk_histogram_add(&histogram, UINT64_MAX, 3);
    assert_true(rk_histogram_quantile(&histogram, 1) == UINT64_MAX);
    assert_true(near(rk_histogram_mean(&histogram), 0x1p64, 1e-15)); /* the sum has 66 bits */
    rk_histogram_add(&histogram, 0, 1);
    assert_int_equal(rk_histogram_quantile(&histogram, 250000), 0);
    assert_true(rk_histogram_quantile(&histogram, 250001) >= UINT64_MAX - UINT64_MAX / 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_t_quantile),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_compensation),
        cmocka_unit_test(test_paired),
        cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_welch),
        cmocka_unit_test(test_paired_test),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_histogram_error),
        cmocka_unit_test(test_histogram_merge),
        cmocka_unit_test(test_histogram_subtract),
        cmocka_unit_test(test_histogram_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
