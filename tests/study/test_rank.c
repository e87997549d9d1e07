/* tests/study/test_rank.c - rankings: by hand, under common random numbers, and how often they are wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/core/rng.h"
#include "engine/study/rank.h"

enum { N = 30 };

/* Noise that the points share, a little of their own, and a mean each. */
static void fill(double value[N], uint32_t replication, unsigned point, double mean, double own)
{
    struct rk_rng_key key = rk_rng_key_make(21, replication);
    for (unsigned i = 0; i < N; i++) {
        double common = rk_rng_unit(rk_rng_draw(&key, 0, RK_RNG_INPUT, i)) - 0.5;
        double noise = rk_rng_unit(rk_rng_draw(&key, 1 + point, RK_RNG_INPUT, i)) - 0.5;
        value[i] = mean + common + own * noise;
    }
}

/* Means 3, 1, 1.001 and 1.05; the common noise has a spread of 0.29, the own of 0.03. The second and third cannot be
 * told apart; the fourth can, though alone its mean is known to 0.1 only. */
static void test_order_and_ties(void **state)
{
    (void)state;
    static const double mean[] = {3.0, 1.0, 1.001, 1.05};
    static double value[4][N];
    struct rk_rank_item item[4];
    for (unsigned i = 0; i < 4; i++) {
        fill(value[i], 0, i, mean[i], 0.1);
        item[i] = (struct rk_rank_item){.point = 10 + i, .value = value[i], .count = N};
    }
    struct rk_ranking ranking;
    rk_rank(item, 4, false, 1, &ranking);
    assert_int_equal(ranking.places, 4);
    assert_int_equal(ranking.pairs, 6);
    static const unsigned ranks[] = {1, 1, 3, 4};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ranking.place[i].rank, ranks[i]);
    }
    assert_int_equal(ranking.place[2].point, 13);
    assert_int_equal(ranking.place[3].point, 10);
    assert_true(ranking.place[2].stats.ci95 > 0.05); /* alone, they overlap */
    for (size_t i = 0; i < ranking.pairs; i++) {
        const struct rk_rank_pair *pair = &ranking.pair[i];
        bool zero_inside = pair->interval.low <= 0 && 0 <= pair->interval.high;
        assert_true(pair->distinct == !zero_inside);
        assert_true(pair->distinct == (pair->p_holm < 0.05));
        assert_true(pair->difference.mean <= 0 && pair->n == N);
        assert_true(pair->bootstrap.low < pair->difference.mean && pair->difference.mean < pair->bootstrap.high);
    }
    assert_true(!ranking.pair[0].distinct && ranking.pair[1].distinct);
    rk_ranking_fini(&ranking);

    rk_rank(item, 4, true, 1, &ranking);
    assert_int_equal(ranking.place[0].point, 10);
    assert_int_equal(ranking.place[1].point, 13);
    assert_true(ranking.place[2].rank == 3 && ranking.place[3].rank == 3);
    rk_ranking_fini(&ranking);
}

/* Points without the figure are last; replications that only one has do not count for a pair. */
static void test_missing_figures(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4}, b[] = {2.5, NAN, 4, 5.1, 6, 7}, none[] = {NAN, NAN};
    const struct rk_rank_item item[] = {{.point = 0, .value = none, .count = 2},
                                        {.point = 1, .value = b, .count = 6},
                                        {.point = 2, .value = a, .count = 4}};
    struct rk_ranking ranking;
    rk_rank(item, 3, false, 1, &ranking);
    assert_int_equal(ranking.place[0].point, 2);
    assert_int_equal(ranking.place[1].point, 1);
    assert_int_equal(ranking.place[2].point, 0);
    assert_int_equal(ranking.place[2].rank, 0);
    assert_int_equal(ranking.pair[0].n, 3);
    assert_true(ranking.pair[0].distinct); /* 1.5, 1, 1.1: t = 7.9, the only comparison that exists */
    assert_true(isnan(ranking.pair[1].p_holm) && isnan(ranking.pair[1].interval.low) && !ranking.pair[1].distinct);
    rk_ranking_fini(&ranking);
    rk_rank(item, 1, false, 1, &ranking);
    assert_int_equal(ranking.pairs, 0);
    rk_ranking_fini(&ranking);
    rk_rank(item, 0, false, 1, &ranking);
    assert_int_equal(ranking.places, 0);
    rk_ranking_fini(&ranking);
}

/* Six equal points: a rank other than 1 is a false claim. Uncorrected, fifteen comparisons at 5 % would make one in a
 * third of the rankings; Holm's in at most a twentieth. */
static void test_equal_points_share_rank_1(void **state)
{
    (void)state;
    enum { POINTS = 6, RANKINGS = 400 };
    static double value[POINTS][N];
    unsigned wrong = 0, uncorrected = 0;
    for (uint32_t r = 0; r < RANKINGS; r++) {
        struct rk_rank_item item[POINTS];
        struct rk_ranking ranking;
        for (unsigned i = 0; i < POINTS; i++) {
            fill(value[i], r, i, 1, 0.5);
            item[i] = (struct rk_rank_item){.point = i, .value = value[i], .count = N};
        }
        rk_rank(item, POINTS, false, 1, &ranking);
        wrong += ranking.place[POINTS - 1].rank != 1;
        double least = 1;
        for (size_t i = 0; i < ranking.pairs; i++) {
            least = fmin(least, ranking.pair[i].difference.p);
        }
        uncorrected += least < 0.05;
        rk_ranking_fini(&ranking);
    }
    print_message("false claims: %u of %u, uncorrected %u\n", wrong, RANKINGS, uncorrected);
    assert_true(wrong < RANKINGS * (0.05 + 4 * 0.011)); /* four standard errors of 0.05 */
    assert_true(uncorrected > RANKINGS / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_ties),
        cmocka_unit_test(test_missing_figures),
        cmocka_unit_test(test_equal_points_share_rank_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
