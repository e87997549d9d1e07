/* tests/devices/test_host.c - the host as a device: isolation, NVM, power cuts counted in bytes, no cycles */
#include "tests/devices/support.h"

#include <string.h>

#include "devices/emulators/drivers.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_host;

static uint8_t first_byte(const struct rk_call *call)
{
    const uint8_t *value = NULL;
    uint16_t bytes = 0;
    assert_true(rk_call_field(call, 0, &value, &bytes));
    return value[0];
}

static void no_cycles_are_claimed(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_host, RK_OP_sha256);
    struct rk_call call = {.operation = RK_OP_sha256};
    const uint8_t *digest;
    uint16_t bytes;
    assert_true(rk_call_append(&call, "abc", 3));
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_OK);
    assert_true(rk_call_field(&call, 0, &digest, &bytes));
    assert_int_equal(bytes, 32);
    assert_int_equal(digest[0], 0xba); /* FIPS 180-4: "abc" gives ba7816bf... */
    assert_int_equal(digest[31], 0xad);
    assert_false(call.cost.has_cycles);
    assert_false(call.cost.has_instructions);
    assert_false(call.cost.has_stack);
    driver->close(emulator);
}

static void emulators_share_nothing(void **state)
{
    (void)state;
    struct rk_emulator *left = support_open(&support_host, RK_OP_aes_key_wrap);
    struct rk_emulator *right = support_open(&support_host, RK_OP_aes_key_wrap);
    struct rk_call call;
    for (int i = 1; i <= 3; i++) {
        support_do(driver, left, &call, PROBE_COUNT, 0, 0);
        assert_int_equal(first_byte(&call), i);
    }
    support_do(driver, right, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(first_byte(&call), 1);
    assert_int_equal(driver->reset(left, true), RK_OK);
    support_do(driver, left, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(first_byte(&call), 4);
    assert_int_equal(driver->reset(left, false), RK_OK);
    support_do(driver, left, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(first_byte(&call), 1);
    driver->close(left);
    driver->close(right);
}

static void nvm_outlives_a_power_cut(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_host, RK_OP_aes_key_wrap);
    struct rk_call call;
    uint8_t cells[16];
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 8, 0x11);
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    support_probe(&call, PROBE_NVM_WRITE, 8, 0x22);
    driver->power_cut_at(emulator, 6); /* before the sixth byte is written */
    assert_int_equal(driver->call(emulator, &call), RK_CALL_POWER_CUT);
    assert_string_equal(driver->reason(emulator), "power cut after 5 bytes written to NVM");
    assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 8, cells, sizeof cells), sizeof cells);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(cells[i], i < 5 ? 0x22 : 0x11);
    }
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 8, 0x33); /* the cut was for one call */
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, 0, cells, sizeof cells), 0);
    driver->close(emulator);
}

static void heap_peak_is_of_live_blocks(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_host, RK_OP_aes_key_wrap);
    struct rk_call call;
    for (int i = 0; i < 3; i++) {
        support_do(driver, emulator, &call, PROBE_HEAP, 1000, 0);
        assert_in_range(call.cost.heap_bytes, 3000 + 2 * sizeof(size_t), 3000 + 2 * sizeof(size_t) + 64);
    }
    support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(call.cost.heap_bytes, 0);
    driver->close(emulator);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag;
    assert_int_equal(driver->open(&emulator, &support_host, "tests/none.so", &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "tests/none.so: No such file or directory");
    assert_int_equal(driver->open(&emulator, &support_host, "tests/devices/test_host.c", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "tests/devices/test_host.c: not a loadable backend"));
    assert_null(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cycles_are_claimed),    cmocka_unit_test(emulators_share_nothing),
        cmocka_unit_test(nvm_outlives_a_power_cut), cmocka_unit_test(heap_peak_is_of_live_blocks),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
