/* tests/devices/support.c */
#include "tests/devices/support.h"

#include <string.h>

#include "devices/emulators/drivers.h"

const struct rk_device_profile support_atmega1284p = {
    .name = "atmega1284p",
    .emulator = "simavr",
    .machine = "atmega1284p",
    .ram_bytes = 16384,
    .flash_bytes = 131072,
    .nvm_bytes = 4096,
    .clock_Hz = 8000000,
    .nvm_write_ns = 3400000,
    .nvm_write_unit_bytes = 1,
    .path = "devices/atmega1284p/device.yaml",
};

const struct rk_device_profile support_msp430f1611 = {
    .name = "msp430f1611",
    .emulator = "msp430",
    .machine = "msp430f1611",
    .ram_bytes = 10240,
    .flash_bytes = 49152,
    .nvm_bytes = 256,
    .clock_Hz = 4000000,
    .nvm_write_ns = 89744,
    .nvm_write_unit_bytes = 2,
    .nvm_erase_block_bytes = 128,
    .nvm_erase_ns = 12356000,
    .path = "devices/msp430f1611/device.yaml",
};

const struct rk_device_profile support_host = {
    .name = "host",
    .emulator = "host",
    .nvm_bytes = 4096,
    .path = "devices/host/device.yaml",
};

const char *support_image(const char *device, enum rk_operation operation)
{
    static struct rk_firmware firmware; /* of the device asked for last */
    struct rk_diag diag = {""};
    if (strcmp(firmware.device, device) != 0) {
        enum rk_err err = rk_firmware_get(device, "tests/devices/fixture", NULL, &firmware, &diag);
        if (err != RK_OK) {
            firmware.device[0] = '\0';
            fail_msg("%s", diag.text);
        }
    }
    const char *path = rk_firmware_image(&firmware, operation);
    if (path == NULL) {
        fail_msg("%s", rk_firmware_reason(&firmware, operation));
    }
    return path;
}

struct rk_emulator *support_open(const struct rk_device_profile *profile, enum rk_operation operation)
{
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag = {""};
    const struct rk_emulator_driver *driver = rk_emulator_driver_find(profile->emulator);
    assert_non_null(driver);
    enum rk_err err = driver->open(&emulator, profile, support_image(profile->name, operation), &diag);
    if (err != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return emulator;
}

void support_probe(struct rk_call *call, enum probe kind, uint16_t amount, uint8_t fill)
{
    uint8_t kek[16] = {(uint8_t)kind, (uint8_t)amount, (uint8_t)(amount >> 8)};
    uint8_t key[16];
    memset(call, 0, sizeof *call);
    memset(key, fill, sizeof key);
    call->operation = RK_OP_aes_key_wrap;
    assert_true(rk_call_append(call, kek, sizeof kek));
    assert_true(rk_call_append(call, key, sizeof key));
}

void support_do(const struct rk_emulator_driver *driver, struct rk_emulator *emulator, struct rk_call *call,
                enum probe kind, uint16_t amount, uint8_t fill)
{
    support_probe(call, kind, amount, fill);
    if (driver->call(emulator, call) != RK_CALL_OK) {
        fail_msg("%s", driver->reason(emulator));
    }
    assert_int_equal(call->result, RK_CRYPTO_OK);
}

/* The stack's paint, from the end of RAM down to the first 64 bytes that nobody touched. */
static uint32_t painted_depth(const struct rk_emulator_driver *driver, struct rk_emulator *emulator, uint32_t ram_bytes)
{
    static uint8_t ram[64 * 1024];
    uint32_t untouched = 0;
    assert_in_range(ram_bytes, 1, sizeof ram);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, 0, ram, ram_bytes), ram_bytes);
    for (uint32_t i = ram_bytes; i > 0; i--) {
        untouched = ram[i - 1] == 0xa5 ? untouched + 1 : 0;
        if (untouched == 64) {
            return ram_bytes - (i + 63);
        }
    }
    return ram_bytes;
}

void support_stack_grows(const struct rk_emulator_driver *driver, const struct rk_device_profile *profile,
                         uint32_t sizes, uint32_t step_bytes, uint32_t slack_bytes)
{
    enum { FIRST_bytes = 100 };
    uint32_t stack_bytes = 0, paint_bytes = 0;
    for (uint32_t i = 0; i < sizes; i++) {
        struct rk_emulator *emulator = support_open(profile, RK_OP_aes_key_wrap);
        struct rk_call call;
        uint32_t amount = FIRST_bytes + i * step_bytes;
        support_do(driver, emulator, &call, PROBE_STACK, (uint16_t)amount, 1);
        uint32_t painted_bytes = painted_depth(driver, emulator, (uint32_t)profile->ram_bytes);
        stack_bytes = i == 0 ? call.cost.stack_bytes : stack_bytes;
        paint_bytes = i == 0 ? painted_bytes : paint_bytes;
        assert_in_range(call.cost.stack_bytes, amount, amount + slack_bytes);
        assert_int_equal(call.cost.stack_bytes - stack_bytes, i * step_bytes);
        assert_int_equal(painted_bytes - paint_bytes, i * step_bytes);
        driver->close(emulator);
    }
}

void support_heap_refused(const struct rk_emulator_driver *driver, const struct rk_device_profile *profile)
{
    struct rk_emulator *emulator = support_open(profile, RK_OP_aes_key_wrap);
    struct rk_call call;
    support_probe(&call, PROBE_HEAP, 8000, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_STACK_OVERFLOW);
    assert_non_null(strstr(driver->reason(emulator), "an allocation was refused"));
    support_do(driver, emulator, &call, PROBE_HEAP, 200, 1);
    driver->close(emulator);
}
