/* Statistics against values worked out elsewhere, the histogram against its stated error. */
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
        cmocka_unit_test(test_histogram_error),
        cmocka_unit_test(test_histogram_merge),
        cmocka_unit_test(test_histogram_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
