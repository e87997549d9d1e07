/* Every operation of one library on one emulated device: figures and known answers, or a reason that is expected there.
 * usage: bench_devices REKEYLAB DEVICE BACKEND */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "backends/operation_info.h"

static const char *program, *device, *backend;
static json_t *rows;

/* What each library has on both devices, by its own documentation: without figures for one of these the adapter is broken. */
static const struct {
    const char *backend, *op;
} provided[] = {
    {"mbedtls", "aes128_ccm_8_seal"},
    {"mbedtls", "aes256_gcm_open"},
    {"mbedtls", "sha256"},
    {"mbedtls", "hmac_drbg_generate"},
    {"mbedtls", "p256_agree"},
    {"mbedtls", "ecdsa_p256_verify"},
    {"mbedtls", "key_renew"},
    {"wolfssl", "aes128_ccm_8_seal"},
    {"wolfssl", "sha512"},
    {"wolfssl", "hash_drbg_generate"},
    {"wolfssl", "x25519_agree"},
    {"wolfssl", "p256_agree"},
    {"wolfssl", "ed25519_verify"},
    {"wolfssl", "rsa1024_verify"},
    {"wolfssl", "key_renew_transport"},
    {"libsodium", "chacha20_drbg_generate"},
    {"libsodium", "sha256"},
    {"libsodium", "x25519_agree"},
    {"libsodium", "key_renew_derive"},
    {"ascon", "ascon_aead128_open"},
    {"ascon", "ascon_hash256"},
};

/* Why an operation may have no figures here, to the last word or to where a number follows: the emulator's budget. Failing
 * a known answer, or crashing in another way, is no such reason. */
static const char *const reasons[] = {"not provided by the library", "does not fit: ram", "does not fit: flash",
                                      "not measured: for class 2 and up", "crashed: more than "};

/* Wide bounds from public figures (see the issue and bench/README.md): a cycle counter that counts something else, or a
 * region that covers something else, is caught. */
static const struct {
    const char *device, *op;
    int size_bytes;
    json_int_t least, most;
} plausible[] = {
    {"atmega1284p", "aes128_ccm_8_seal", 32, 30000, 80000},
    {"atmega1284p", "chacha20_poly1305_seal", 32, 80000, 250000},
    {"atmega1284p", "sha256", 32, 150000, 220000},
    {"atmega1284p", "x25519_agree", 0, 40000000, 200000000},
    {"atmega1284p", "p256_agree", 0, 80000000, 500000000},
    {"cortex-m4", "aes128_ccm_8_seal", 32, 5000, 16000},
    {"cortex-m4", "chacha20_poly1305_seal", 32, 4000, 20000},
    {"cortex-m4", "sha256", 32, 2500, 10000},
    {"cortex-m4", "x25519_agree", 0, 800000, 40000000},
    {"cortex-m4", "p256_agree", 0, 800000, 50000000},
};

static const char *text(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));
    if (value == NULL) {
        fail_msg("%s is no text", key);
    }
    return value;
}

static bool is_provided(const char *op)
{
    for (size_t i = 0; i < sizeof provided / sizeof provided[0]; i++) {
        if (strcmp(provided[i].backend, backend) == 0 && strcmp(provided[i].op, op) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_measured(const json_t *row)
{
    const char *status = text(row, "status");
    return strcmp(status, "ok") == 0 || strcmp(status, "unsupported upstream") == 0;
}

static bool is_reason(const char *status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        size_t length = strlen(reasons[i]);
        if (strncmp(reasons[i], status, length) == 0 && (status[length] == '\0' || reasons[i][length - 1] == ' ')) {
            return true;
        }
    }
    return false;
}

static double number(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (!json_is_number(value)) {
        fail_msg("%s %s: %s is no number", device, text(row, "op"), key);
    }
    return json_number_value(value);
}

static void check_order(const json_t *row, const char *low, const char *middle, const char *high)
{
    if (number(row, low) > number(row, middle) || number(row, middle) > number(row, high)) {
        fail_msg("%s: not %s <= %s <= %s", text(row, "op"), low, middle, high);
    }
}

static int setup(void **state)
{
    (void)state;
    char command[512];
    snprintf(command, sizeof command, "'%s' bench --device '%s' --backend '%s' --json --quiet", program, device,
             backend);
    FILE *output = popen(command, "r");
    json_error_t error;
    rows = output != NULL ? json_loadf(output, 0, &error) : NULL;
    int status = output != NULL ? pclose(output) : -1;
    if (status != 0 || !json_is_array(rows)) {
        fprintf(stderr, "%s: status %d, line %d: %s\n", command, status, error.line, error.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    json_decref(rows);
    return 0;
}

static void test_every_operation_has_a_row(void **state)
{
    (void)state;
    for (const char *const *name = rk_operation_names(); *name != NULL; name++) {
        bool found = false;
        size_t index;
        const json_t *row;
        json_array_foreach(rows, index, row)
        {
            found |= strcmp(text(row, "op"), *name) == 0;
        }
        if (!found) {
            fail_msg("no row of %s", *name);
        }
    }
}

static void check_measured(const json_t *row)
{
    static const char *const figures[] = {"instructions", "stack_bytes",     "heap_bytes", "ram_static_bytes",
                                          "flash_bytes",  "nvm_write_bytes", "nvm_time_s"};
    check_order(row, "cycles_min", "cycles_median", "cycles_max");
    check_order(row, "cycles_low", "cycles_median", "cycles_high");
    check_order(row, "energy_low_J", "energy_J", "energy_high_J");
    assert_true(number(row, "cycles_min") > 0 && number(row, "energy_low_J") > 0 && number(row, "time_s") > 0);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        (void)number(row, figures[i]);
    }
    assert_true(number(row, "stack_bytes") > 0 && number(row, "flash_bytes") > 0);
    const char *op = text(row, "op");
    bool primitive = strncmp(op, "key_", 4) != 0 && strncmp(op, "group_", 6) != 0 && strcmp(op, "drbg_init") != 0;
    if (json_is_true(json_object_get(row, "known_answer")) != primitive) {
        fail_msg("%s: known_answer is not %s", op, primitive ? "true" : "false");
    }
    assert_int_equal(strlen(text(row, "firmware_sha256")), 64);
}

static void test_figures_or_a_reason(void **state)
{
    (void)state;
    unsigned measured = 0;
    size_t index;
    const json_t *row;
    json_array_foreach(rows, index, row)
    {
        const char *op = text(row, "op");
        if (is_measured(row)) {
            check_measured(row);
            measured++;
        } else if (is_provided(op) || !is_reason(text(row, "status"))) {
            fail_msg("%s on %s with %s: %s", op, device, backend, text(row, "status"));
        } else {
            assert_true(json_is_null(json_object_get(row, "cycles_median")));
            assert_true(json_is_null(json_object_get(row, "energy_J")));
        }
    }
    assert_true(measured >= 8);
}

static void test_plausible(void **state)
{
    (void)state;
    size_t index;
    const json_t *row;
    json_array_foreach(rows, index, row)
    {
        for (size_t i = 0; i < sizeof plausible / sizeof plausible[0]; i++) {
            if (strcmp(plausible[i].device, device) != 0 || strcmp(plausible[i].op, text(row, "op")) != 0 ||
                (double)plausible[i].size_bytes != number(row, "size_bytes") || !is_measured(row)) {
                continue;
            }
            double cycles = number(row, "cycles_median");
            if (cycles < (double)plausible[i].least || cycles > (double)plausible[i].most) {
                fail_msg("%s %d: %.0f cycles, expected %lld to %lld", plausible[i].op, plausible[i].size_bytes, cycles,
                         (long long)plausible[i].least, (long long)plausible[i].most);
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_devices REKEYLAB DEVICE BACKEND\n");
        return 2;
    }
    program = argv[1];
    device = argv[2];
    backend = argv[3];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_has_a_row),
        cmocka_unit_test(test_figures_or_a_reason),
        cmocka_unit_test(test_plausible),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
