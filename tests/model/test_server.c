/* tests/model/test_server.c - the key server's queue against formulas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/core/rng.h"
#include "engine/model/server.h"

static void test_first_come_first_served(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_server server;
    rk_ns wait_ns;
    rk_server_init(&server, 2, 10, &arena);
    assert_int_equal(rk_server_admit(&server, 100, &wait_ns), 110);
    assert_int_equal(wait_ns, 0);
    assert_int_equal(rk_server_admit(&server, 101, &wait_ns), 111);
    assert_int_equal(wait_ns, 0);
    assert_int_equal(rk_server_admit(&server, 101, &wait_ns), 120); /* behind the first */
    assert_int_equal(wait_ns, 9);
    assert_int_equal(rk_server_admit(&server, 200, &wait_ns), 210);
    assert_int_equal(wait_ns, 0);
    rk_arena_fini(&arena);
}

/* Mean wait of `n` Poisson arrivals in units of the service time. */
static double mean_wait(uint32_t servers, double load)
{
    enum { N = 2000000 };
    const rk_ns service_ns = 1000000;
    struct rk_arena arena = {0};
    struct rk_server server;
    rk_server_init(&server, servers, service_ns, &arena);
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(5, 0), 0, RK_RNG_LATENCY);
    rk_ns now_ns = 0;
    double sum_ns = 0;
    for (int i = 0; i < N; i++) {
        rk_ns wait_ns;
        now_ns += rk_rng_exponential(rk_rng_next(&draws), (uint64_t)((double)service_ns / (load * servers)));
        rk_server_admit(&server, now_ns, &wait_ns);
        sum_ns += (double)wait_ns;
    }
    rk_arena_fini(&arena);
    return sum_ns / N / (double)service_ns;
}

static void test_one_server_waits_as_pollaczek_and_khinchine_say(void **state)
{
    (void)state;
    assert_float_equal(mean_wait(1, 0.5), 0.5 / (2 * 0.5), 0.01);
    assert_float_equal(mean_wait(1, 0.8), 0.8 / (2 * 0.2), 0.06);
}

/* M/M/2 at load 0.8 waits 0.8^2 / (1 - 0.8^2) service times. With constant service the wait is half of that for one
 * server, and within a few per cent of half for two. */
static void test_two_servers(void **state)
{
    (void)state;
    double ratio = mean_wait(2, 0.8) / (0.64 / 0.36);
    assert_true(ratio > 0.45 && ratio < 0.55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_one_server_waits_as_pollaczek_and_khinchine_say),
        cmocka_unit_test(test_two_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
