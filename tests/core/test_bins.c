/* Bins against the values that went into the histogram. */
#include "engine/core/bins.h"
#include "engine/core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { VALUES = 20000 };

static struct rk_histogram histogram;
static struct rk_bins bins;
static uint64_t value[VALUES];

static void edges_are_as_wide_as_they_say(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift <= 7; shift++) {
        for (unsigned number = 128u >> shift; number < (unsigned)RK_HISTOGRAM_BUCKETS >> shift; number++) {
            uint64_t low = rk_bins_low(number, shift), width = rk_bins_low(number + 1, shift) - low;
            uint64_t power = UINT64_C(1) << (63 - __builtin_clzll(low));
            bool last = rk_bins_low(number + 1, shift) == UINT64_MAX;
            assert_true(width + last == power / 128 << shift || (power < 128 && width == 1u << shift));
        }
    }
    assert_true(rk_bins_low(RK_HISTOGRAM_BUCKETS, 0) == UINT64_MAX);
}

static void expect_all_in_their_bins(void)
{
    uint64_t found = 0;
    assert_true(bins.used > 0 && bins.used <= RK_BINS_MAX);
    for (unsigned i = 0; i < bins.used; i++) {
        uint64_t low = rk_bins_low(bins.number[i], bins.shift), high = rk_bins_low(bins.number[i] + 1u, bins.shift);
        uint64_t inside = 0;
        for (int v = 0; v < VALUES; v++) {
            inside += value[v] >= low && value[v] < high;
        }
        assert_true(inside > 0 && bins.count[i] == inside);
        assert_true(i == 0 || bins.number[i] > bins.number[i - 1]);
        found += inside;
    }
    assert_true(found == VALUES);
}

/* in: values are spread over so many powers of two more than one. */
static void fill(unsigned spread)
{
    struct rk_rng_key key = rk_rng_key_make(spread, 0);
    rk_histogram_init(&histogram);
    for (int i = 0; i < VALUES; i++) {
        uint64_t draw = rk_rng_draw(&key, 0, 0, (uint64_t)i);
        value[i] = (draw >> 2 | UINT64_C(1) << 61) >> (draw % (spread + 1));
        rk_histogram_add(&histogram, value[i], 1);
    }
    rk_bins_of(&histogram, &bins);
}

static void every_value_is_in_its_bin(void **state)
{
    (void)state;
    unsigned before = 0;
    for (unsigned spread = 0; spread <= 60; spread += 6) {
        fill(spread);
        expect_all_in_their_bins();
        assert_true(bins.shift >= before && bins.shift <= 7);
        before = bins.shift;
    }
    assert_true(before == 7);
}

/* As a file has them. */
static void bins_are_made_again_from_their_edges(void **state)
{
    (void)state;
    for (unsigned spread = 0; spread <= 60; spread += 20) {
        struct rk_bins again = {0};
        fill(spread);
        for (unsigned i = 0; i < bins.used; i++) {
            uint64_t low = rk_bins_low(bins.number[i], bins.shift), high = rk_bins_low(bins.number[i] + 1u, bins.shift);
            assert_false(rk_bins_append(&again, low, high - 1, 1) || rk_bins_append(&again, low + 1, high, 1));
            assert_true(rk_bins_append(&again, low, high, bins.count[i]));
            assert_false(rk_bins_append(&again, low, high, 1));
        }
        assert_memory_equal(&again, &bins, sizeof bins);
    }
}

static void few_values_are_known_finely(void **state)
{
    (void)state;
    rk_histogram_init(&histogram);
    rk_bins_of(&histogram, &bins);
    assert_true(bins.used == 0 && bins.shift == 0);
    for (uint64_t i = 0; i < RK_BINS_MAX; i++) {
        rk_histogram_add(&histogram, UINT64_C(1) << i, i + 1);
    }
    rk_bins_of(&histogram, &bins);
    assert_true(bins.used == RK_BINS_MAX && bins.shift == 0 && bins.count[RK_BINS_MAX - 1] == RK_BINS_MAX);
}

static void bins_of_two_shifts_add_up(void **state)
{
    (void)state;
    static uint64_t sum[RK_HISTOGRAM_BUCKETS], whole[RK_HISTOGRAM_BUCKETS];
    static struct rk_histogram both;
    static struct rk_bins of[2];
    rk_histogram_init(&both);
    for (int side = 0; side < 2; side++) {
        fill(side * 3u);
        of[side] = bins;
        rk_histogram_merge(&both, &histogram);
    }
    assert_true(of[0].shift < of[1].shift);
    for (int side = 0; side < 2; side++) {
        rk_bins_add(sum, of[1].shift, &of[side]);
    }
    for (unsigned bucket = 0; bucket < RK_HISTOGRAM_BUCKETS; bucket++) {
        whole[bucket >> of[1].shift] += both.count[bucket];
    }
    assert_memory_equal(sum, whole, sizeof sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_as_wide_as_they_say),
        cmocka_unit_test(every_value_is_in_its_bin),
        cmocka_unit_test(bins_are_made_again_from_their_edges),
        cmocka_unit_test(few_values_are_known_finely),
        cmocka_unit_test(bins_of_two_shifts_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
