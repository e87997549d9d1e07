/* tests/model/test_server.c - the key server's queue against formulas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/core/rng.h"
#include "engine/core/stats.h"
#include "engine/model/server.h"

static void test_first_come_first_served(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_server server;
    rk_ns wait_ns;
    rk_server_init(&server, 2, RK_SERVICE_CONSTANT, 10, rk_rng_key_make(5, 0), &arena);
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

static void test_exponential_service_can_overtake(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_server server;
    const struct rk_rng_key rng = rk_rng_key_make(5, 0);
    unsigned overtaken = 0;
    rk_ns before_ns = 0;
    rk_server_init(&server, 3, RK_SERVICE_EXPONENTIAL, RK_S, rng, &arena);
    for (uint64_t i = 0; i < 1000; i++) {
        rk_ns wait_ns, now_ns = i * RK_S / 2;
        rk_ns done_ns = rk_server_admit(&server, now_ns, &wait_ns);
        assert_true(done_ns - now_ns - wait_ns == rk_rng_exponential(rk_rng_draw(&rng, 0, RK_RNG_SERVICE, i), RK_S));
        overtaken += done_ns < before_ns;
        before_ns = done_ns;
    }
    assert_true(overtaken > 100);
    rk_arena_fini(&arena);
}

/* Waits of Poisson arrivals, in units of the service time. They are dependent: batches of 100,000 hardly are, at
 * loads up to 0.9, where the queue forgets within some hundred service times. */
enum { ARRIVALS = 3000000, BATCHES = 30 };

struct waits {
    struct rk_stats wait, delayed; /* delayed: share of those that wait at all */
};

static struct waits measure(enum rk_service service, uint32_t servers, double load)
{
    static double wait[ARRIVALS], delayed[ARRIVALS];
    const rk_ns service_ns = 1000000000;
    struct rk_arena arena = {0};
    struct rk_server server;
    const struct rk_rng_key rng = rk_rng_key_make(5, servers);
    rk_server_init(&server, servers, service, service_ns, rng, &arena);
    struct rk_rng_stream draws = rk_rng_stream_make(rng, 0, RK_RNG_TRAFFIC);
    rk_ns now_ns = 0;
    for (int i = 0; i < ARRIVALS; i++) {
        rk_ns wait_ns;
        now_ns += rk_rng_exponential(rk_rng_next(&draws), (uint64_t)((double)service_ns / (load * servers)));
        rk_server_admit(&server, now_ns, &wait_ns);
        wait[i] = (double)wait_ns / (double)service_ns;
        delayed[i] = wait_ns > 0;
    }
    rk_arena_fini(&arena);
    return (struct waits){rk_stats_batches(wait, ARRIVALS, BATCHES), rk_stats_batches(delayed, ARRIVALS, BATCHES)};
}

/* Within five standard errors of the batches' mean, of which two would be 95 %; and that is a narrow bound. */
static void expect(const struct rk_stats *measured, double formula, double narrow)
{
    double bound = 5 * measured->sd / sqrt((double)measured->n);
    assert_true(bound < narrow * formula);
    assert_float_equal(measured->mean, formula, bound);
}

static void test_constant_service_waits_as_pollaczek_and_khinchine_say(void **state)
{
    (void)state;
    static const double loads[] = {0.3, 0.5, 0.8, 0.9};
    for (int i = 0; i < 4; i++) {
        struct waits waits = measure(RK_SERVICE_CONSTANT, 1, loads[i]);
        expect(&waits.wait, loads[i] / (2 * (1 - loads[i])), 0.06);
        expect(&waits.delayed, loads[i], 0.01);
    }
}

/* Probability that an arrival waits, by Erlang's B recursion: B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)). */
static double erlang_c(uint32_t servers, double load)
{
    double offered = load * servers, blocked = 1;
    for (uint32_t k = 1; k <= servers; k++) {
        blocked = offered * blocked / (k + offered * blocked);
    }
    return blocked / (1 - load * (1 - blocked));
}

static void test_exponential_service_waits_as_erlang_says(void **state)
{
    (void)state;
    static const struct {
        uint32_t servers;
        double load;
    } cases[] = {{1, 0.5}, {1, 0.8}, {2, 0.8}, {5, 0.7}, {20, 0.9}};
    assert_float_equal(erlang_c(2, 0.8), 0.7111, 0.0001); /* 2 rho^2 / (1 + rho) */
    for (int i = 0; i < 5; i++) {
        uint32_t servers = cases[i].servers;
        double load = cases[i].load, waiting = erlang_c(servers, load);
        struct waits waits = measure(RK_SERVICE_EXPONENTIAL, servers, load);
        expect(&waits.delayed, waiting, 0.05);
        expect(&waits.wait, waiting / (servers * (1 - load)), 0.1);
    }
}

/* Constant service halves the wait of one server, and by Cosmetatos' approximation nearly so of two. */
static void test_two_servers(void **state)
{
    (void)state;
    double ratio = measure(RK_SERVICE_CONSTANT, 2, 0.8).wait.mean / (0.64 / 0.36);
    assert_float_equal(ratio, 0.5 * (1 + 0.2 * 1 * (sqrt(4 + 5 * 2) - 2) / (16 * 0.8 * 2)), 0.015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_come_first_served),
        cmocka_unit_test(test_exponential_service_can_overtake),
        cmocka_unit_test(test_constant_service_waits_as_pollaczek_and_khinchine_say),
        cmocka_unit_test(test_exponential_service_waits_as_erlang_says),
        cmocka_unit_test(test_two_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
