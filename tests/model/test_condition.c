/* Maintenance windows: when renewals may begin. What else conditions do is in the random trials of tests/sim/test_exactness.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/model/condition.h"
#include "engine/model/trial.h"

static void windows_open_when_they_say(void **state)
{
    (void)state;
    const struct rk_condition_shape week = {.window_every_ns = 7, .window_at_ns = 2, .window_lasts_ns = 3};
    static const rk_ns expected[] = {2, 2, 2, 3, 4, 9, 9, 9, 9, 9, 10, 11, 16};
    for (rk_ns now_ns = 0; now_ns < sizeof expected / sizeof expected[0]; now_ns++) {
        assert_int_equal(rk_condition_window_ns(&week, now_ns), expected[now_ns]);
    }
    const struct rk_condition_shape none = {.guard_ns = 5};
    assert_int_equal(rk_condition_window_ns(&none, 4), 4);
    assert_int_equal(rk_condition_window_ns(&week, RK_NEVER), RK_NEVER);
}

static void impossible_windows_are_refused(void **state)
{
    (void)state;
    struct rk_trial trial = {.condition = {.window_every_ns = 7, .window_at_ns = 2, .window_lasts_ns = 5}};
    assert_null(rk_condition_refuses(&trial));
    trial.condition.window_lasts_ns = 6;
    assert_non_null(rk_condition_refuses(&trial));
    trial.condition.window_lasts_ns = 0;
    assert_non_null(rk_condition_refuses(&trial));
    trial.condition = (struct rk_condition_shape){.guard_ns = 1};
    assert_null(rk_condition_refuses(&trial));
    trial.lifetime = true;
    assert_non_null(rk_condition_refuses(&trial));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_open_when_they_say),
        cmocka_unit_test(impossible_windows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
