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
#include <stdio.h>
#include <string.h>

#include "backends/operation.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "tests/model/fixture.h"

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
    if (!rk_backend_has(backend, RK_ALG_AES128_CCM)) {
        trial.aead = RK_ALG_CHACHA20_POLY1305;
        trial.tag_bytes = 16;
    }
    return trial;
}

static void expect_native_is_modelled(const char *name)
{
    const struct rk_backend *backend = library(name);
    unsigned compared = 0;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = trial_with(backend, mechanism);
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
    assert_int_equal(compared, rk_backend_has(backend, RK_ALG_AES_KEY_WRAP) ? 3 : 2);
}

static void test_native_mbedtls(void **state)
{
    (void)state;
    expect_native_is_modelled("mbedtls");
}

static void test_native_wolfssl(void **state)
{
    (void)state;
    expect_native_is_modelled("wolfssl");
}

static void test_native_libsodium(void **state)
{
    (void)state;
    expect_native_is_modelled("libsodium");
}

/* out: the emulated result, whose trace was compared with the modelled one. */
static struct rk_trial_result expect_emulated_is_modelled(const char *driver, const char *device, uint8_t mechanism,
                                                          double *modelled_crypto_J)
{
    const struct rk_backend *backend = library("mbedtls");
    struct rk_trial trial = trial_with(backend, mechanism);
    *rkt_device() = (struct rk_device_profile){
        .name = "",
        .ram_bytes = 16384,
        .flash_bytes = 131072,
        .nvm_bytes = 4096,
        .clock_Hz = 16000000,
        .supply_mV = 3000,
        .active_nA = rkt_device()->active_nA,
        .nvm_write_ns = 3400000,
        .nvm_write_unit_bytes = 1,
    };
    snprintf(rkt_device()->name, sizeof rkt_device()->name, "%s", device);
    snprintf(rkt_device()->emulator, sizeof rkt_device()->emulator, "%s", driver);
    snprintf(rkt_device()->machine, sizeof rkt_device()->machine, "%s", device);
    struct rk_trial_result modelled = rkt_run(&trial);
    trial.execution = RK_EXECUTION_EMULATED;
    trial.backend = backend;
    trial.driver = rk_emulator_driver_find(driver);
    char image[512];
    snprintf(image, sizeof image, "%s", image_of(device, "mbedtls"));
    trial.lifecycle_image = image;
    struct rk_trial_result emulated = rkt_run(&trial);
    assert_true(modelled.trace_records > 50);
    assert_true(modelled.trace_checksum == emulated.trace_checksum);
    *modelled_crypto_J = modelled.metric[RK_METRIC_energy_crypto_data_J_per_d];
    return emulated;
}

static void test_emulated_on_the_host(void **state)
{
    (void)state;
    double modelled_J;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial_result result = expect_emulated_is_modelled("host", "host", mechanism, &modelled_J);
        /* The host has no cycle figures: cost rows are charged. */
        assert_true(result.metric[RK_METRIC_energy_crypto_data_J_per_d] == modelled_J);
    }
}

static void test_emulated_on_an_atmega(void **state)
{
    (void)state;
    double modelled_J;
    struct rk_trial_result result =
        expect_emulated_is_modelled("simavr", "atmega1284p", RK_MECHANISM_DERIVE, &modelled_J);
    /* The fixture's rows are round figures; the device's AES is what it is. */
    double measured_J = result.metric[RK_METRIC_energy_crypto_data_J_per_d];
    assert_true(measured_J > 0 && measured_J != modelled_J);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native_mbedtls),        cmocka_unit_test(test_native_wolfssl),
        cmocka_unit_test(test_native_libsodium),      cmocka_unit_test(test_emulated_on_the_host),
        cmocka_unit_test(test_emulated_on_an_atmega),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
