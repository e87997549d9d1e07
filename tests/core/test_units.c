/* Errors, integer units and the arena. */
#include "engine/core/arena.h"
#include "engine/core/err.h"
#include "engine/core/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_energy(void **state)
{
    (void)state;
    assert_int_equal(rk_energy_pJ(1000000, 3000, RK_S), 3000000000); /* 1 mA at 3 V for 1 s is 3 mJ */
    assert_int_equal(rk_energy_pJ(1, 1, 499999999), 0);
    assert_int_equal(rk_energy_pJ(1, 1, 500000000), 1); /* half a pJ rounds up */
    assert_int_equal(rk_energy_pJ(1, 1, 1499999999), 1);
    assert_int_equal(rk_energy_pJ(0, UINT64_MAX, UINT64_MAX), 0);
    assert_int_equal(rk_energy_pJ(UINT64_MAX, 1, 0), 0);
}

static void test_energy_wide(void **state)
{
    (void)state;
    assert_true(rk_energy_pJ(UINT64_MAX, UINT64_MAX, 1) == UINT64_MAX);
    assert_true(rk_energy_pJ(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    /* 2^66 mW for 2^62 ns: the product is 2^128, which 128 bits would make 0 */
    assert_true(rk_energy_pJ((uint64_t)1 << 40, ((uint64_t)1 << 35) * 1953125, (uint64_t)1 << 62) == UINT64_MAX);
    assert_true(rk_energy_pJ(1000000000000, 1000000, 1000000000000) == UINT64_MAX); /* 10^21 */
    assert_true(rk_energy_pJ(UINT64_MAX, 1000000000, 1) == UINT64_MAX);             /* exactly the largest */
    assert_true(rk_energy_pJ(UINT64_MAX - 1, 1000000000, 1) == UINT64_MAX - 1);
    /* A power beyond 64 bits of pW for 1 ns, against a product worked out by hand: 2^40 * 2^30 / 1e9 =
     * 1180591620717.41 */
    assert_int_equal(rk_energy_pJ((uint64_t)1 << 40, (uint64_t)1 << 30, 1), 1180591620717);
}

static void test_cycles(void **state)
{
    (void)state;
    assert_int_equal(rk_cycles_ns(16, 16000000), 1000);
    assert_int_equal(rk_cycles_ns(1, 3000000), 333);
    assert_int_equal(rk_cycles_ns(2, 3000000), 667);
    assert_int_equal(rk_cycles_ns(0, 1), 0);
    assert_true(rk_cycles_ns(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(rk_cycles_ns(UINT64_MAX, RK_S) == UINT64_MAX);
    assert_true(rk_add_sat(UINT64_MAX, 1) == UINT64_MAX);
}

static void test_fail(void **state)
{
    (void)state;
    struct rk_diag diag;
    assert_int_equal(rk_fail(&diag, RK_ERR_INPUT, "a\nb\x1b[31m %d", 7), RK_ERR_INPUT);
    assert_string_equal(diag.text, "a?b?[31m 7");
    assert_int_equal(rk_fail(NULL, RK_ERR_IO, "nobody listens"), RK_ERR_IO);
    char large[1024];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_int_equal(rk_fail(&diag, RK_ERR_CHECK, "%s", large), RK_ERR_CHECK);
    assert_int_equal(strlen(diag.text), sizeof diag.text - 1);
}

static void test_exit_status(void **state)
{
    (void)state;
    static const int status[] = {0, 1, 2, 3, 2, 3, 3};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(rk_err_exit_status((enum rk_err) - i), status[i]);
    }
}

static void test_arena(void **state)
{
    (void)state;
    struct rk_arena arena;
    rk_arena_init(&arena);
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t bytes = i * 37; /* more than one block in all, with one larger than a block below */
        pieces[i] = rk_arena_alloc(&arena, bytes);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < bytes; k++) {
            assert_int_equal(pieces[i][k], 0);
        }
        memset(pieces[i], (int)i, bytes);
    }
    unsigned char *large = rk_arena_array(&arena, 1000, 1000);
    memset(large, 0xff, 1000000);
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k < i * 37; k++) {
            assert_int_equal(pieces[i][k], i);
        }
    }
    assert_string_equal(rk_arena_text(&arena, "key=value", 3), "key");
    rk_arena_fini(&arena);
    assert_null(arena.current);
    /* The memory that was just given back is dirty; what is made of it must be zero again. */
    unsigned char *again = rk_arena_alloc(&arena, 20000);
    for (size_t k = 0; k < 20000; k++) {
        assert_int_equal(again[k], 0);
    }
    rk_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy), cmocka_unit_test(test_energy_wide), cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_fail),   cmocka_unit_test(test_exit_status), cmocka_unit_test(test_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
