/* How often intervals of 95 % hold the true mean, over many samples of known distributions: the figures that the
 * headers name. Seeds are fixed; a tolerance is four standard errors of the counted share. */
#include "engine/core/bootstrap.h"
#include "engine/core/rng.h"
#include "engine/core/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { N = 30 };

/* Both have mean 1; the normal one is a sum of twelve. */
static double draw(struct rk_rng_stream *draws, bool skewed)
{
    if (skewed) {
        return (double)rk_rng_neg_log_q58(rk_rng_next(draws)) * 0x1p-58;
    }
    double sum = -5;
    for (int i = 0; i < 12; i++) {
        sum += rk_rng_unit(rk_rng_next(draws));
    }
    return sum;
}

struct share {
    double held, below; /* below: the mean lies under the interval */
};

enum interval { STUDENT, BOOTSTRAP };

static struct share coverage(enum interval kind, bool skewed, unsigned samples)
{
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(11, 0), skewed, RK_RNG_INPUT);
    struct share share = {0, 0};
    for (unsigned s = 0; s < samples; s++) {
        double x[N];
        for (int i = 0; i < N; i++) {
            x[i] = draw(&draws, skewed);
        }
        struct rk_stats stats = rk_stats_summary(x, N);
        struct rk_interval interval = {stats.mean - stats.ci95, stats.mean + stats.ci95};
        if (kind == BOOTSTRAP) {
            interval = rk_bootstrap_mean(x, N, 0.95, s);
        }
        share.held += interval.low <= 1 && 1 <= interval.high;
        share.below += 1 < interval.low;
    }
    share.held /= samples;
    share.below /= samples;
    printf("%s, %s: %.4f held, %.4f below\n", kind == STUDENT ? "Student" : "bootstrap",
           skewed ? "exponential" : "normal", share.held, share.below);
    return share;
}

static void test_student(void **state)
{
    (void)state;
    assert_float_equal(coverage(STUDENT, false, 40000).held, 0.95, 4 * 0.0011);
    struct share skewed = coverage(STUDENT, true, 40000);
    assert_float_equal(skewed.held, 0.927, 4 * 0.0013);
    assert_true(skewed.below < 0.012); /* of 0.025: misses nearly always on the other side */
}

static void test_bootstrap(void **state)
{
    (void)state;
    assert_float_equal(coverage(BOOTSTRAP, false, 6000).held, 0.935, 4 * 0.0032);
    struct share skewed = coverage(BOOTSTRAP, true, 6000);
    assert_float_equal(skewed.held, 0.925, 4 * 0.0034);
    assert_true(skewed.below > 0.02);
}

/* Twenty true null hypotheses, each tested at 5 %: uncorrected, most families have a false claim; Holm's have 5 %. */
static void test_holm_keeps_false_claims_rare(void **state)
{
    (void)state;
    enum { FAMILIES = 20000, TESTS = 20 };
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(12, 0), 0, RK_RNG_INPUT);
    unsigned plain = 0, corrected = 0;
    for (int family = 0; family < FAMILIES; family++) {
        double p[TESTS], adjusted[TESTS], least = 1, least_adjusted = 1;
        for (int i = 0; i < TESTS; i++) {
            p[i] = rk_rng_unit(rk_rng_next(&draws));
            least = fmin(least, p[i]);
        }
        rk_stats_holm(p, TESTS, 0.05, adjusted, NULL);
        for (int i = 0; i < TESTS; i++) {
            least_adjusted = fmin(least_adjusted, adjusted[i]);
        }
        plain += least < 0.05;
        corrected += least_adjusted < 0.05;
    }
    assert_float_equal((double)plain / FAMILIES, 1 - pow(0.95, TESTS), 4 * 0.0034);
    assert_float_equal((double)corrected / FAMILIES, 1 - pow(1 - 0.05 / TESTS, TESTS), 4 * 0.0016);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_holm_keeps_false_claims_rare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
