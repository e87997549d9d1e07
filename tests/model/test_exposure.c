/* tests/model/test_exposure.c - the closed form, and the adversary's accounts leak by leak */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/model/adversary.h"
#include "engine/model/trial.h"

/* Values found by Monte Carlo, independently of the formula. */
static void test_closed_form(void **state)
{
    (void)state;
    assert_float_equal(rk_exposure_closed_form_s(1.0, 0.1, 0.0), 0.590, 0.0005);
    assert_float_equal(rk_exposure_closed_form_s(28.0, 30.0, 0.0), 24.50, 0.005);
    assert_float_equal(rk_exposure_closed_form_s(7.0, 90.0, 0.0), 6.911, 0.0005);
    assert_float_equal(rk_exposure_closed_form_s(7.0, 0.0, 0.0), 3.5, 0.0);
    assert_float_equal(rk_exposure_closed_form_s(7.0, 7e12, 0.0), 7.0, 1e-9);
    /* The series and the formula meet. */
    assert_float_equal(rk_exposure_closed_form_s(1.0000001e-4, 1.0, 0.0) /
                           rk_exposure_closed_form_s(0.9999999e-4, 1.0, 0.0),
                       1.0, 1e-6);
}

/* A renewal that the adversary follows: from W at f = 0 to T/2 + mu at f = 1, and in between the sum over intervals. */
static void test_closed_form_of_a_chain(void **state)
{
    (void)state;
    assert_float_equal(rk_exposure_closed_form_s(7.0, 30.0, 1.0), 3.5 + 30.0, 1e-9);
    assert_float_equal(rk_exposure_closed_form_s(28.0, 30.0, 1.0), 14.0 + 30.0, 1e-9);
    assert_float_equal(rk_exposure_closed_form_s(1e-6, 30.0, 1.0), 30.0, 1e-5);
    assert_float_equal(rk_exposure_closed_form_s(7.0, 0.0, 1.0), 3.5, 0.0);
    for (double follow = 0.0; follow <= 1.0; follow += 0.25) {
        double interval_s = 7.0, mean_s = 30.0, a = exp(-interval_s / mean_s);
        double sum_s = rk_exposure_closed_form_s(interval_s, mean_s, 0.0);
        double reached = (1.0 - a) * mean_s / interval_s; /* the first renewal, undetected */
        for (int i = 0; i < 2000; i++) {
            reached *= follow;
            sum_s += reached * mean_s * (1.0 - a);
            reached *= a;
        }
        assert_float_equal(rk_exposure_closed_form_s(interval_s, mean_s, follow), sum_s, 1e-9);
    }
}

static const struct rk_adversary_shape all; /* recorded, and a detection ends all */

static void test_leaks_of_one_epoch_close_together(void **state)
{
    (void)state;
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_adversary adversary;
    struct rk_epoch epoch = {.activated_ns = 1000, .oldest_held_ns = 400, .start_ns = 0, .messages = 5};
    rk_adversary_init(&adversary, &rng, 0, 1000000, RK_DAY, false, false, 1000);
    rk_ns first_ns = adversary.next_leak_ns;
    assert_true(first_ns > 1000 && first_ns != RK_NEVER);
    rk_adversary_leak(&adversary, &rng, 0, &epoch, &all, RK_NEVER);
    assert_true(adversary.next_leak_ns > first_ns);
    assert_true(adversary.earliest_ns > first_ns && adversary.earliest_ns != RK_NEVER);
    rk_adversary_leak(&adversary, &rng, 0, &epoch, &all, RK_NEVER);
    rk_adversary_leak(&adversary, &rng, 0, NULL, &all, RK_NEVER); /* no key: nothing to leak */
    epoch.messages = 9;
    rk_adversary_settle(&adversary, &epoch, 3000);
    rk_adversary_forget(&adversary, 4000);
    rk_adversary_settle(&adversary, &epoch, 9000);
    assert_int_equal(adversary.exposure.leaks, 2);
    assert_int_equal((uint64_t)adversary.exposure.time_ns, 2 * (3000 - 1000));
    assert_int_equal((uint64_t)adversary.exposure.messages, 2 * 9);
    assert_int_equal((uint64_t)adversary.exposure.capture_ns, 2 * (3000 - 400));
    assert_true(adversary.earliest_ns == RK_NEVER);
}

static void test_a_root_key_opens_the_past_and_the_future(void **state)
{
    (void)state;
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_adversary adversary;
    const struct rk_epoch epoch = {.activated_ns = 900, .oldest_held_ns = 900, .start_ns = 100};
    rk_adversary_init(&adversary, &rng, 0, 1000000, RK_DAY, true, true, 100);
    rk_adversary_leak(&adversary, &rng, 0, &epoch, &all, RK_NEVER);
    rk_ns detected_ns = adversary.earliest_ns;
    rk_adversary_settle(&adversary, &epoch, 1000);
    assert_int_equal((uint64_t)adversary.exposure.capture_ns, detected_ns - 100);
    assert_int_equal((uint64_t)adversary.exposure.time_ns, 100);
}

/* Leaks that go on: every epoch until they are forgotten counts whole. */
static void test_leaks_go_on(void **state)
{
    (void)state;
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_adversary adversary;
    struct rk_epoch epoch = {.activated_ns = 1000, .messages = 5};
    rk_adversary_init(&adversary, &rng, 0, 1000000, RK_DAY, true, true, 1000);
    rk_adversary_leak(&adversary, &rng, 0, &epoch, &all, RK_NEVER);
    rk_ns detected_ns = adversary.earliest_ns;
    rk_adversary_settle(&adversary, &epoch, 3000);
    assert_true(adversary.earliest_ns == detected_ns && detected_ns != RK_NEVER);
    epoch = (struct rk_epoch){.activated_ns = 3500, .messages = 2};
    rk_adversary_leak(&adversary, &rng, 0, &epoch, &all, RK_NEVER);
    rk_adversary_settle(&adversary, &epoch, 4000);
    rk_adversary_forget(&adversary, 4000);
    assert_int_equal((uint64_t)adversary.exposure.time_ns, 2000 + 2 * 500);
    assert_int_equal((uint64_t)adversary.exposure.messages, 5 + 2 * 2);
}

static void test_rate(void **state)
{
    (void)state;
    enum { N = 20000 };
    const struct rk_rng_key rng = rk_rng_key_make(1, 0);
    struct rk_adversary adversary;
    rk_adversary_init(&adversary, &rng, 0, 365250000, 0, false, false, 0); /* 365.25 a year: one a day */
    for (int i = 0; i < N; i++) {
        rk_adversary_leak(&adversary, &rng, 0, NULL, &all, RK_NEVER);
    }
    double mean_d = (double)adversary.next_leak_ns / (double)RK_DAY / (N + 1);
    assert_float_equal(mean_d, 1.0, 4.0 / sqrt(N));
    rk_adversary_init(&adversary, &rng, 0, 0, 0, false, false, 0);
    assert_true(adversary.next_leak_ns == RK_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_closed_form_of_a_chain),
        cmocka_unit_test(test_leaks_of_one_epoch_close_together),
        cmocka_unit_test(test_a_root_key_opens_the_past_and_the_future),
        cmocka_unit_test(test_leaks_go_on),
        cmocka_unit_test(test_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
