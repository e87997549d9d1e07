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
    protocol.flight[1].device[0] = (struct rk_protocol_work){.operation = RK_OP_x25519_agree, .count = 2};
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

/* 1 s, 2 s, 3 s, and no more: three sendings again, then the renewal is given up. */
static void a_rule_takes_the_place_of_the_policys(void **state)
{
    (void)state;
    const struct rk_protocol_again rule = {
        .first_ns = RK_S, .most_ns = 3 * RK_S, .spread_ppm = 500000, .growth_ppm = 2000000, .limit = 3};
    assert_int_equal(rk_protocol_wait_ns(&rule, 1, 0), RK_S);
    assert_int_equal(rk_protocol_wait_ns(&rule, 2, 0), 2 * RK_S);
    assert_int_equal(rk_protocol_wait_ns(&rule, 3, 0), 3 * RK_S);
    assert_int_equal(rk_protocol_wait_ns(&rule, 4, UINT64_C(1) << 63), 3 * RK_S + 750 * RK_MS);

    struct rk_trial trial = rkt_trial();
    trial.devices = 1;
    trial.frame_loss_ppm = 1000000;
    rkt_radio()->frame_retries = 0;
    rkt_radio()->rx_nA.value = 0;
    rkt_radio()->idle_nA.value = 0;
    trial.protocol = FLIGHTS(50, 50);
    protocol.again = rule;
    rk_protocol_policy(&protocol, &trial.policy);
    assert_int_equal(trial.policy.attempts, 1);
    trial.horizon_ns = trial.message_period_ns + 30 * RK_S;
    struct rk_trial_result four = rkt_run(&trial);
    protocol.again.limit = 0;
    struct rk_trial_result once = rkt_run(&trial);
    double tries = four.metric[RK_METRIC_energy_radio_keys_J_per_d] / once.metric[RK_METRIC_energy_radio_keys_J_per_d];
    assert_float_equal(tries, 4, 0.05);
}

/* Each flight has the rule's waits anew: under losses that end a third of single sendings, renewals get through. */
static void every_flight_is_sent_again(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.horizon_ns = 10 * RK_DAY;
    trial.frame_loss_ppm = 300000;
    rkt_radio()->frame_retries = 0;
    trial.protocol = FLIGHTS(70, 40, 80, 60, 60, 60);
    protocol.again =
        (struct rk_protocol_again){.first_ns = RK_S, .most_ns = 60 * RK_S, .growth_ppm = 2000000, .limit = 15};
    rk_protocol_policy(&protocol, &trial.policy);
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
    assert_true(result.metric[RK_METRIC_renewals_per_d] > 22);
    assert_true(result.metric[RK_METRIC_rekey_latency_p95_s] > 2);
}

static void sizes_are_followed(void **state)
{
    (void)state;
    uint16_t size[RK_SIZES];
    enum rk_protocol_size refused = RK_SIZE_NONE;
    struct rk_diag diag = {""};
    for (int i = 0; i < RK_SIZES; i++) {
        size[i] = RK_SIZE_DEFAULT;
    }
    FLIGHTS(60, 825);
    protocol.size[RK_SIZE_CERTIFICATE] = (struct rk_protocol_range){{.value = 400}, 200, 900};
    protocol.size[RK_SIZE_CERTIFICATES] = (struct rk_protocol_range){{.value = 2}, 1, 4};
    protocol.flight[1].part[0].with = RK_SIZE_CERTIFICATES;
    protocol.flight[1].part[0].each_bytes = 3;
    protocol.flight[1].device_works = 1;
    protocol.flight[1].device[0] =
        (struct rk_protocol_work){.operation = RK_OP_ecdsa_p256_verify, .count = 3, .with = RK_SIZE_CERTIFICATES};
    assert_int_equal(rk_protocol_resize(&protocol, size, &refused, &diag), RK_OK);
    assert_int_equal(rk_protocol_bytes(&protocol), 60 + 825);
    size[RK_SIZE_CERTIFICATE] = 600;
    size[RK_SIZE_CERTIFICATES] = 1;
    assert_int_equal(rk_protocol_resize(&protocol, size, &refused, &diag), RK_OK);
    assert_int_equal(rk_protocol_bytes(&protocol), 60 + 825 - 2 * 403 + 603);
    assert_int_equal(protocol.flight[1].device[0].count, 2);
    size[RK_SIZE_CERTIFICATES] = 5;
    assert_int_equal(rk_protocol_resize(&protocol, size, &refused, &diag), RK_ERR_INPUT);
    assert_int_equal(refused, RK_SIZE_CERTIFICATES);
    assert_string_equal(diag.text, "certificates: 5, expected 1 to 4 in protocol drawn");
    size[RK_SIZE_CERTIFICATES] = RK_SIZE_DEFAULT;
    size[RK_SIZE_IDENTITY] = 8;
    assert_int_equal(rk_protocol_resize(&protocol, size, &refused, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "identity: protocol drawn has none, expected default");
}

static void a_client_must_fit_beside_the_system(void **state)
{
    (void)state;
    struct rk_diag diag = {""};
    struct rk_device_profile device = {.ram_bytes = 10000, .os_ram_bytes = 500, .flash_bytes = 50000};
    FLIGHTS(50, 50);
    protocol.memories = 1;
    protocol.memory[0] =
        (struct rk_protocol_memory){"mbedtls", .ram_bytes = {.value = 9500}, .flash_bytes = {.value = 50000}};
    assert_int_equal(rk_protocol_fits_memory(NULL, "mbedtls", &device, &diag), RK_OK);
    assert_int_equal(rk_protocol_fits_memory(&protocol, "mbedtls", &device, &diag), RK_OK);
    protocol.memory[0].ram_bytes.value++;
    assert_int_equal(rk_protocol_fits_memory(&protocol, "wolfssl", &device, &diag), RK_OK);
    assert_int_equal(rk_protocol_fits_memory(&protocol, "mbedtls", &device, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "does not fit: ram: at least 9501 B of 10000 B for drawn beside the system's 500 B");
    protocol.memory[0].ram_bytes.error_ppm = 1000;
    assert_int_equal(rk_protocol_fits_memory(&protocol, "mbedtls", &device, &diag), RK_OK);
    protocol.memory[0].flash_bytes.value++;
    assert_int_equal(rk_protocol_fits_memory(&protocol, "mbedtls", &device, &diag), RK_ERR_CHECK);
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
    protocol.flight[0].device[0] = (struct rk_protocol_work){.operation = RK_OP_ecdsa_p256_sign, .count = 1};
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
        cmocka_unit_test(a_rule_takes_the_place_of_the_policys),
        cmocka_unit_test(every_flight_is_sent_again),
        cmocka_unit_test(sizes_are_followed),
        cmocka_unit_test(a_client_must_fit_beside_the_system),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
