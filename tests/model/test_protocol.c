/* tests/model/test_protocol.c - how a protocol's flights travel and what they charge */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model/fleet.h"
#include "tests/model/fixture.h"

static struct rk_protocol protocol;

/* in: bytes of flights, the device's first, ended by -1. */
static const struct rk_protocol *flights(const int *bytes)
{
    protocol = (struct rk_protocol){.name = "drawn", .mechanism = RK_MECHANISM_DERIVE};
    protocol.record_bytes.value = 17; /* as the agent's with a tag of 8 B */
    for (; bytes[protocol.flights] >= 0; protocol.flights++) {
        struct rk_protocol_flight *flight = &protocol.flight[protocol.flights];
        flight->from = protocol.flights % 2 == 0 ? RK_FROM_DEVICE : RK_FROM_SERVER;
        flight->parts = 1;
        flight->part[0].bytes.value = (uint64_t)bytes[protocol.flights];
    }
    return &protocol;
}
#define FLIGHTS(...) flights((const int[]){__VA_ARGS__, -1})

static void which_flight_asks(void **state)
{
    (void)state;
    assert_int_equal(rk_protocol_request(FLIGHTS(1, 1)), 0);
    assert_int_equal(rk_protocol_request(FLIGHTS(1, 1, 1)), 0);
    assert_int_equal(rk_protocol_request(FLIGHTS(1, 1, 1, 1)), 2);
    assert_int_equal(rk_protocol_request(FLIGHTS(1, 1, 1, 1, 1, 1)), 4);
    assert_int_equal(rk_protocol_request(FLIGHTS(1)), RK_FLIGHT_NONE);
    FLIGHTS(1, 1);
    protocol.flight[1].from = RK_FROM_DEVICE;
    assert_int_equal(rk_protocol_request(&protocol), RK_FLIGHT_NONE);
}

/* Keys a day of radio for each renewal, in J. */
static double radio_J(const struct rk_trial_result *result, double days)
{
    return result->metric[RK_METRIC_energy_radio_keys_J_per_d] * days / result->metric[RK_METRIC_keys_per_device];
}

/* 20 bytes more in a flight of the device take 20 * 32 us * (17 + 0.1) mA * 3 V, at 250 kbit/s and with the processor idle; in one of the server, which the
 * device waits for, 20 * 32 us * 19 mA * 3 V. */
static void bytes_take_energy(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.protocol = FLIGHTS(50, 50, 50, 50, 50, 50);
    struct rk_trial_result base = rkt_run(&trial);
    assert_true(base.metric[RK_METRIC_keys_per_device] > 20);
    for (unsigned flight = 0; flight < 6; flight++) {
        FLIGHTS(50, 50, 50, 50, 50, 50);
        protocol.flight[flight].part[0].bytes.value = 70;
        struct rk_trial_result more = rkt_run(&trial);
        assert_true(more.metric[RK_METRIC_keys_per_device] == base.metric[RK_METRIC_keys_per_device]);
        double expected_J = 20 * 32e-6 * 3 * (flight % 2 == 0 ? 17e-3 + 0.1e-3 : 19e-3);
        assert_float_equal(radio_J(&more, 1) - radio_J(&base, 1), expected_J, 1e-9);
    }
}

/* What flights compute is charged, and what the agent's own exchange would have cost is not. */
static void work_replaces_the_exchange(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.protocol = FLIGHTS(50, 50, 50);
    struct rk_trial_result idle = rkt_run(&trial);
    protocol.flight[1].device_works = 1;
    protocol.flight[1].device[0] = (struct rk_protocol_work){RK_OP_x25519_agree, 0, 2};
    struct rk_trial_result busy = rkt_run(&trial);
    double keys = busy.metric[RK_METRIC_keys_per_device];
    double each_J =
        (busy.metric[RK_METRIC_energy_crypto_keys_J_per_d] - idle.metric[RK_METRIC_energy_crypto_keys_J_per_d]) / keys;
    assert_float_equal(each_J, 2 * 1000000 / 1e6 * 1e-3 * 3, 1e-6); /* cycles, 1 MHz, 1 mA, 3 V */
    trial.protocol = NULL;
    struct rk_trial_result own = rkt_run(&trial);
    assert_true(own.metric[RK_METRIC_energy_crypto_keys_J_per_d] > idle.metric[RK_METRIC_energy_crypto_keys_J_per_d]);
}

static void empty_flights_take_nothing(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.frame_loss_ppm = 400000;
    trial.protocol = FLIGHTS(0, 0);
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_energy_radio_keys_J_per_d] == 0);
    assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
    assert_in_range((unsigned)result.metric[RK_METRIC_renewals_per_d], 23, 24);
}

static void lost_flights_are_sent_again(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 10 * RK_DAY;
    trial.frame_loss_ppm = 100000;
    trial.policy.attempts = 8;
    rkt_radio()->frame_retries = 1;
    trial.protocol = FLIGHTS(70, 40, 80, 700, 600, 60);
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_keys_per_device] > 200);
    assert_true(result.metric[RK_METRIC_messages_rejected_per_d] == 0);
    trial.policy.attempts = 1;
    struct rk_trial_result once = rkt_run(&trial);
    assert_true(once.metric[RK_METRIC_renewals_failed_per_d] > result.metric[RK_METRIC_renewals_failed_per_d]);
}

static void records_take_their_bytes(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.protocol = FLIGHTS(50, 50, 50);
    struct rk_trial_result base = rkt_run(&trial);
    protocol.record_bytes.value = 29;
    struct rk_trial_result longer = rkt_run(&trial);
    double messages = base.metric[RK_METRIC_messages_per_d];
    double more_J =
        longer.metric[RK_METRIC_energy_radio_data_J_per_d] - base.metric[RK_METRIC_energy_radio_data_J_per_d];
    assert_float_equal(more_J / messages, 12 * 32e-6 * (17e-3 + 0.1e-3) * 3, 1e-9);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    trial.protocol = FLIGHTS(50, 4 * RK_DATAGRAM_MAX_bytes + 1);
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "flight 2 of drawn has 5121 bytes, expected at most 5120"));
    trial.cell_devices = 1;
    trial.protocol = FLIGHTS(50, RK_DATAGRAM_MAX_bytes + 1);
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
    trial.cell_devices = 0;
    trial.protocol = FLIGHTS(50, 50);
    protocol.flight[0].device_works = 1;
    protocol.flight[0].device[0] = (struct rk_protocol_work){RK_OP_ecdsa_p256_sign, 0, 1};
    snprintf(rkt_row("ecdsa_p256_sign", 0)->status, 32, "does not fit: flash");
    rkt_row("ecdsa_p256_sign", 0)->cycles_median = RK_NONE;
    assert_int_equal(rk_trial_feasible(&trial, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "ecdsa_p256_sign: does not fit: flash");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_flight_asks),
        cmocka_unit_test(bytes_take_energy),
        cmocka_unit_test(work_replaces_the_exchange),
        cmocka_unit_test(empty_flights_take_nothing),
        cmocka_unit_test(lost_flights_are_sent_again),
        cmocka_unit_test(records_take_their_bytes),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
