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
