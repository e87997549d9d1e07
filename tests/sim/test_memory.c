/* tests/sim/test_memory.c - memory of a large fleet, by the most that this process has held */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/resource.h>

#include "tests/model/fixture.h"

enum { DEVICES = 100000, TARGET_bytes = 262 }; /* of 10^6 devices 250 MiB */

static double peak_bytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (double)usage.ru_maxrss * 1024;
}

/* out: bytes a device by which the peak grew. */
static double bytes_per_device(rk_ns server_time_ns)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = DEVICES;
    trial.server_time_ns = server_time_ns;
    trial.servers = 8;
    trial.message_period_ns = 600 * RK_S;
    trial.policy.interval_ns = 1200 * RK_S;
    trial.horizon_ns = 3000 * RK_S;
    double before = peak_bytes();
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_keys_per_device] > 1.5);
    double bytes = (peak_bytes() - before) / DEVICES;
    printf("%d devices, server time %.0f ms: %.0f bytes a device\n", DEVICES, (double)server_time_ns * 1e-6, bytes);
    return bytes;
}

/* In this order: a peak does not fall. */
static void test_one_node_serves_all(void **state)
{
    (void)state;
    assert_true(bytes_per_device(0) < 20);
}

static void test_nodes_that_wait_are_parked(void **state)
{
    (void)state;
    assert_true(bytes_per_device(RK_MS) < TARGET_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_node_serves_all),
        cmocka_unit_test(test_nodes_that_wait_are_parked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
