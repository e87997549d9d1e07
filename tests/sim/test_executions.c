/* tests/sim/test_executions.c - one trial executed modelled, natively and on an emulated device: one trace
 *
 * Native: each library, built for the host, gives the trace and the metrics of the modelled run to the bit (frames have
 * the same lengths, so everything that follows from them is the same). Emulated: the agent runs on a simulated
 * ATmega1284P and, as another device, on the host; the trace is the same, the energy of the CPU is what the calls
 * really took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/bench.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "engine/study/device_file.h"
#include "tests/model/fixture.h"

/* The lifecycle's own work, which no row holds, and the lines between measured sizes. */
#define STEP_OVERHEAD_MAX 0.05

typedef const struct rk_backend *backend_get(void);

static const struct rk_firmware *firmware_of(const char *device, const char *backend)
{
    static struct rk_firmware firmware;
    struct rk_diag diag = {""};
    if (rk_firmware_get(device, backend, NULL, &firmware, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return &firmware;
}

static const char *image_of(const char *device, const char *backend)
{
    const struct rk_firmware *firmware = firmware_of(device, backend);
    const char *path = rk_firmware_image(firmware, RK_OP_lifecycle_step);
    if (path == NULL) {
        fail_msg("%s with %s: %s", device, backend, rk_firmware_reason(firmware, RK_OP_lifecycle_step));
    }
    return path;
}

/* The library on the host. The object stays loaded until the program ends. */
static const struct rk_backend *library(const char *backend)
{
    void *object = dlopen(image_of("host", backend), RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        fail_msg("%s", dlerror());
    }
    backend_get *get;
    *(void **)&get = dlsym(object, "rk_backend_get");
    assert_non_null(get);
    return get();
}

/* A lossy day with renewals, retries and a noticed leak; AEAD and curve as the library has them. */
static struct rk_trial trial_with(const struct rk_backend *backend, uint8_t mechanism)
{
    struct rk_trial trial = rkt_trial();
    trial.seed = 7;
    trial.devices = 2;
    trial.horizon_ns = RK_DAY / 4;
    trial.frame_loss_ppm = 500000;
    trial.compromise_per_1e6y = 8 * 365250000ull;
    trial.detection_mean_ns = RK_DAY / 100;
    trial.policy.mechanism = mechanism;
    trial.policy.attempts = 2;
    trial.capabilities = backend->capabilities;
    trial.drbg_alg = backend->drbg_alg;
    if (!rk_backend_has(backend, RK_ALG_AES_CCM)) {
        trial.aead = RK_ALG_CHACHA20_POLY1305;
        trial.tag_bytes = 16;
    }
    return trial;
}

/* in: devices that share a channel, 0 for own ones. */
static void expect_native_is_modelled(const char *name, uint32_t cell_devices)
{
    const struct rk_backend *backend = library(name);
    unsigned compared = 0;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = trial_with(backend, mechanism);
        trial.cell_devices = cell_devices;
        if (mechanism == RK_MECHANISM_TRANSPORT && !rk_backend_has(backend, RK_ALG_AES_KEY_WRAP)) {
            continue;
        }
        struct rk_trial_result modelled = rkt_run(&trial);
        trial.execution = RK_EXECUTION_NATIVE;
        trial.backend = backend;
        struct rk_trial_result native = rkt_run(&trial);
        assert_true(modelled.trace_records > 50);
        assert_true(modelled.trace_checksum == native.trace_checksum);
        assert_memory_equal(&modelled, &native, sizeof modelled);
        compared++;
    }
    assert_int_equal(compared, RK_MECHANISM_COUNT - (rk_backend_has(backend, RK_ALG_AES_KEY_WRAP) ? 0 : 1));
}

static void test_native_mbedtls(void **state)
{
    (void)state;
    expect_native_is_modelled("mbedtls", 0);
    expect_native_is_modelled("mbedtls", 2);
}

static void test_native_wolfssl(void **state)
{
    (void)state;
    expect_native_is_modelled("wolfssl", 0);
}

static void test_native_libsodium(void **state)
{
    (void)state;
    expect_native_is_modelled("libsodium", 0);
    expect_native_is_modelled("libsodium", 2);
}

/* Makes the fixture's device one that the emulator knows, and the trial an emulated one. */
static void emulate(struct rk_trial *trial, const char *driver, const char *device, char image[512])
{
    struct rk_device_profile *profile = rkt_device();
    snprintf(profile->name, sizeof profile->name, "%s", device);
    snprintf(profile->emulator, sizeof profile->emulator, "%s", driver);
    snprintf(profile->machine, sizeof profile->machine, "%s", device);
    profile->ram_bytes = 16384;
    profile->flash_bytes = 131072;
    profile->nvm_bytes = 4096;
    profile->clock_Hz = 8000000;
    profile->nvm_write_unit_bytes = 1;
    snprintf(image, 512, "%s", image_of(device, "mbedtls"));
    trial->execution = RK_EXECUTION_EMULATED;
    trial->driver = rk_emulator_driver_find(driver);
    trial->backend = library("mbedtls");
    trial->lifecycle_image = image;
}

static void test_emulated_on_the_host(void **state)
{
    (void)state;
    char image[512];
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = trial_with(library("mbedtls"), mechanism);
        trial.cell_devices = mechanism % 2 == 0 ? 0 : 2;
        emulate(&trial, "host", "host", image);
        struct rk_trial_result emulated = rkt_run(&trial);
        trial.execution = RK_EXECUTION_MODELLED;
        struct rk_trial_result modelled = rkt_run(&trial);
        /* The host has no cycle figures: cost rows are charged, and everything is the same. */
        assert_memory_equal(&modelled, &emulated, sizeof modelled);
    }
}

/* The sum of measured rows is held against what whole steps of the agent took on the device. */
static void test_emulated_on_an_atmega(void **state)
{
    (void)state;
    char image[512];
    struct rk_diag diag = {""};
    struct rk_trial trial = trial_with(library("mbedtls"), RK_MECHANISM_DERIVE);
    const struct rk_bench_pair pair = {"atmega1284p", "mbedtls"};
    const struct rk_bench_request request = {
        .pair = &pair,
        .pairs = 1,
        .ops = "aes128_ccm_seal,aes128_ccm_open,aes128_ccm_8_seal,aes128_ccm_8_open,hmac_sha256,"
               "ctr_drbg_generate,drbg_init",
        .jobs = 1,
    };
    struct rk_cost_row *rows = NULL;
    if (rk_bench_measure(&request, &rows, &trial.costs.count, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    trial.costs.row = rows;
    if (rk_trial_feasible(&trial, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    emulate(&trial, "simavr", "atmega1284p", image);
    struct rk_trial_result emulated = rkt_run(&trial);
    trial.execution = RK_EXECUTION_MODELLED;
    struct rk_trial_result modelled = rkt_run(&trial);
    free(rows);
    assert_true(modelled.trace_records > 50);
    assert_true(modelled.trace_checksum == emulated.trace_checksum);
    static const enum rk_metric crypto[] = {RK_METRIC_energy_crypto_data_J_per_d, RK_METRIC_energy_crypto_keys_J_per_d};
    for (size_t i = 0; i < sizeof crypto / sizeof crypto[0]; i++) {
        double share = emulated.metric[crypto[i]] / modelled.metric[crypto[i]];
        print_message("%s: steps on the device took %.4f of the sum of rows\n", rk_metric_info[crypto[i]].name, share);
        assert_true(fabs(share - 1.0) < STEP_OVERHEAD_MAX);
    }
}

/* Flash: the device programs and erases what the model charges, byte for byte and in the same time; a step that differs
 * fails the run. */
static void emulated_on_flash(const char *device, const char *driver)
{
    char image[512];
    struct rk_diag diag = {""};
    struct rk_device_profile *profile = rkt_device();
    const struct rk_device_profile usual = *profile;
    struct rk_trial trial = trial_with(library("mbedtls"), RK_MECHANISM_DERIVE);
    trial.devices = 1;
    emulate(&trial, driver, device, image);
    if (rk_device_load(rk_firmware_root(), device, profile, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    struct rk_trial_result emulated = rkt_run(&trial);
    trial.execution = RK_EXECUTION_MODELLED;
    struct rk_trial_result modelled = rkt_run(&trial);
    *profile = usual;
    assert_true(modelled.trace_records > 20);
    assert_true(modelled.trace_checksum == emulated.trace_checksum);
    assert_true(modelled.metric[RK_METRIC_nvm_life_y] < 1e6); /* blocks were erased */
    assert_true(modelled.metric[RK_METRIC_nvm_writes_per_d] == emulated.metric[RK_METRIC_nvm_writes_per_d]);
}

static void test_emulated_on_segments_of_an_msp430(void **state)
{
    (void)state;
    emulated_on_flash("msp430f1611", "msp430");
}

static void test_emulated_on_pages_of_a_cortex_m(void **state)
{
    (void)state;
    emulated_on_flash("cortex-m4", "qemu");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native_mbedtls),
        cmocka_unit_test(test_native_wolfssl),
        cmocka_unit_test(test_native_libsodium),
        cmocka_unit_test(test_emulated_on_the_host),
        cmocka_unit_test(test_emulated_on_an_atmega),
        cmocka_unit_test(test_emulated_on_segments_of_an_msp430),
        cmocka_unit_test(test_emulated_on_pages_of_a_cortex_m),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
