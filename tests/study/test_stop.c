/* tests/study/test_stop.c - sequential stopping: the looks, the verdicts, and how often the interval at the stop holds
 * the mean of known distributions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "engine/core/rng.h"
#include "engine/study/stop.h"

static void test_looks(void **state)
{
    (void)state;
    const struct rk_stop stop = {.ci95_ppm = 20000, .first = 30, .last = 120};
    static const uint32_t looks[] = {30, 45, 68, 102, 120};
    uint32_t n = 0;
    for (int i = 0; i < 5; i++) {
        n = rk_stop_next(&stop, n);
        assert_int_equal(n, looks[i]);
    }
    assert_int_equal(rk_stop_next(&stop, n), 0);
    const struct rk_stop huge = {.ci95_ppm = 1, .first = 3000000000u, .last = UINT32_MAX};
    assert_int_equal(rk_stop_next(&huge, 3000000000u), UINT32_MAX);
    const struct rk_stop none = {.first = 30};
    assert_int_equal(rk_stop_next(&none, 0), 30);
    assert_int_equal(rk_stop_next(&none, 30), 0);
}

static void test_verdicts(void **state)
{
    (void)state;
    const struct rk_stop stop = {.ci95_ppm = 20000, .first = 10, .last = 20};
    enum rk_stop_verdict verdict;
    double value[20];
    for (int i = 0; i < 20; i++) {
        value[i] = i % 2 == 0 ? 99 : 101; /* half width 0.75 of 100 at n = 10 */
    }
    assert_int_equal(rk_stop_at(&stop, value, 5, &verdict), 10);
    assert_int_equal(verdict, RK_STOP_MORE);
    assert_int_equal(rk_stop_at(&stop, value, 20, &verdict), 10);
    assert_int_equal(verdict, RK_STOP_REACHED);
    value[1] = 150;
    assert_int_equal(rk_stop_at(&stop, value, 10, &verdict), 15);
    assert_int_equal(verdict, RK_STOP_MORE);
    assert_int_equal(rk_stop_at(&stop, value, 20, &verdict), 20);
    assert_int_equal(verdict, RK_STOP_LAST);
    /* A figure that most replications lack is not known, and a mean of zero has no relative width. */
    for (int i = 0; i < 20; i++) {
        value[i] = i < 2 ? NAN : 7;
    }
    assert_int_equal(rk_stop_at(&stop, value, 20, &verdict), 15);
    for (int i = 0; i < 20; i++) {
        value[i] = i % 2 == 0 ? -1 : 1;
    }
    assert_int_equal(rk_stop_at(&stop, value, 20, &verdict), 20);
    assert_int_equal(verdict, RK_STOP_LAST);
    for (int i = 0; i < 20; i++) {
        value[i] = 0; /* no spread at all */
    }
    assert_int_equal(rk_stop_at(&stop, value, 20, &verdict), 10);
    const struct rk_stop none = {.first = 2};
    assert_int_equal(rk_stop_at(&none, value, 2, &verdict), 2);
    assert_int_equal(verdict, RK_STOP_REACHED);
}

/* More values than a look needs change nothing. */
static void test_what_comes_later_does_not_count(void **state)
{
    (void)state;
    const struct rk_stop stop = {.ci95_ppm = 100000, .first = 10, .last = 1000};
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(9, 0), 0, RK_RNG_INPUT);
    double value[1000];
    for (int i = 0; i < 1000; i++) {
        value[i] = rk_rng_unit(rk_rng_next(&draws));
    }
    enum rk_stop_verdict verdict;
    uint32_t at = 0;
    do {
        at = rk_stop_at(&stop, value, at, &verdict);
    } while (verdict == RK_STOP_MORE);
    assert_true(at > 30 && at < 400);
    assert_int_equal(rk_stop_at(&stop, value, 1000, &verdict), at);
}

/* Mean 1; normal (of twelve uniform draws) with sd 0.3, or exponential. */
static double draw(struct rk_rng_stream *draws, bool skewed)
{
    if (skewed) {
        return (double)rk_rng_neg_log_q58(rk_rng_next(draws)) * 0x1p-58;
    }
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += rk_rng_unit(rk_rng_next(draws));
    }
    return 1 + 0.3 * sum;
}

enum { SAMPLES = 4000, LAST = 5000 };

/* Share of samples whose interval holds the mean, at a precision that needs about `needed` replications. */
static double coverage(uint32_t first, uint32_t needed, bool skewed)
{
    double width = 1.96 * (skewed ? 1 : 0.3) / sqrt(needed);
    const struct rk_stop stop = {.ci95_ppm = (uint32_t)(1e6 * width), .first = first, .last = LAST};
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(6, first), skewed, RK_RNG_INPUT);
    unsigned held = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
        static double value[LAST];
        enum rk_stop_verdict verdict;
        uint32_t have = 0, at = rk_stop_next(&stop, 0);
        do {
            for (; have < at; have++) {
                value[have] = draw(&draws, skewed);
            }
            at = rk_stop_at(&stop, value, have, &verdict);
        } while (verdict == RK_STOP_MORE);
        struct rk_stats stats = rk_stats_summary(value, at);
        held += fabs(stats.mean - 1) <= stats.ci95;
    }
    double share = (double)held / SAMPLES;
    print_message("first %u, about %u needed, %s: %.4f\n", first, needed, skewed ? "exponential" : "normal", share);
    return share;
}

/* Four standard errors of a share of 0.95 in 4,000 are 0.014. */
static void test_the_interval_at_the_stop_nearly_keeps_its_coverage(void **state)
{
    (void)state;
    const double bound = 0.014;
    assert_float_equal(coverage(30, 40, false), 0.95, bound);
    assert_float_equal(coverage(30, 300, false), 0.95, bound);
    assert_float_equal(coverage(30, 40, true), 0.93, bound);
    assert_float_equal(coverage(30, 300, true), 0.945, bound);
    assert_float_equal(coverage(10, 30, false), 0.937, bound);
    assert_float_equal(coverage(10, 13, true), 0.905, bound + 0.004);
}

/* What the looks avoid: judged after each replication from the second on, at a precision that needs about 13. */
static void test_looking_all_the_time_loses_more(void **state)
{
    (void)state;
    for (int skewed = 0; skewed < 2; skewed++) {
        const double width = 1.96 * (skewed ? 1 : 0.3) / sqrt(13);
        struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(7, 0), (uint32_t)skewed, RK_RNG_INPUT);
        unsigned held = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            double value[1000];
            struct rk_stats stats = {.n = 0};
            for (unsigned n = 0; n < 1000 && !(stats.n >= 2 && stats.ci95 <= width * fabs(stats.mean)); n++) {
                value[n] = draw(&draws, skewed);
                stats = rk_stats_summary(value, n + 1);
            }
            held += fabs(stats.mean - 1) <= stats.ci95;
        }
        assert_float_equal((double)held / SAMPLES, skewed ? 0.85 : 0.88, 0.022); /* four standard errors */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_what_comes_later_does_not_count),
        cmocka_unit_test(test_looking_all_the_time_loses_more),
        cmocka_unit_test(test_the_interval_at_the_stop_nearly_keeps_its_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
