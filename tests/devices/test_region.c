/* tests/devices/test_region.c - nothing of the harness runs inside a region
 *
 * The same probe is measured in an image of the harness and in one without it (bare.c). What surrounds the probe, its
 * arguments and its markers, may differ; so each is compared with a probe of the same image that does next to nothing.
 */
#include "tests/devices/support.h"

#include <stdio.h>

#include "devices/emulators/drivers.h"
#include "devices/firmware/elf_image.h"

static const struct rk_device_profile cortex_m4 = {
    .name = "cortex-m4",
    .core = "cortex-m4",
    .emulator = "qemu",
    .machine = "mps2-an386",
    .ram_bytes = 65536,
    .flash_bytes = 262144,
    .nvm_bytes = 8192,
    .clock_Hz = 64000000,
    .nvm_write_ns = 41000,
    .nvm_write_unit_bytes = 4,
    .nvm_erase_block_bytes = 4096,
    .nvm_erase_ns = 85000000,
    .path = "devices/cortex-m4/device.yaml",
};

static const struct {
    const struct rk_device_profile *profile;
    const char *bare_image;
    uint32_t block_overhead_bytes; /* the allocator's, at most, for one block */
} devices[] = {
    {&cortex_m4, RK_BARE_CORTEX_M4, 16},
    {&support_atmega1284p, RK_BARE_ATMEGA1284P, 2},
    {&support_msp430f1611, RK_BARE_MSP430F1611, 2},
};

enum { DEVICES = sizeof devices / sizeof *devices, CALLS = 3, BLOCK_bytes = 500 };

/* What allocating costs above counting, call by call after a boot. */
static void cost_of_allocating(const struct rk_device_profile *profile, const char *image,
                               struct rk_measure cost[CALLS], uint64_t instructions[CALLS])
{
    const struct rk_emulator_driver *driver = rk_emulator_driver_find(profile->emulator);
    struct rk_emulator *emulator = NULL;
    struct rk_call call;
    struct rk_diag diag = {""};

    if (driver->open(&emulator, profile, image, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    for (int i = 0; i < CALLS; i++) {
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        uint64_t little = call.cost.instructions;
        support_do(driver, emulator, &call, PROBE_HEAP, BLOCK_bytes, 0);
        cost[i] = call.cost;
        instructions[i] = call.cost.instructions - little;
        assert_true(call.cost.instructions > little);
    }
    driver->close(emulator);
}

static void allocating_costs_what_it_costs_without_the_harness(void **state)
{
    (void)state;
    for (int i = 0; i < DEVICES; i++) {
        const struct rk_device_profile *profile = devices[i].profile;
        struct rk_measure with[CALLS], without[CALLS];
        uint64_t with_instructions[CALLS], without_instructions[CALLS];

        cost_of_allocating(profile, support_image(profile->name, RK_OP_aes_key_wrap), with, with_instructions);
        cost_of_allocating(profile, devices[i].bare_image, without, without_instructions);
        for (int k = 0; k < CALLS; k++) {
            assert_int_equal(with_instructions[k], without_instructions[k]);
            assert_int_equal(with[k].heap_bytes, without[k].heap_bytes);
            assert_in_range(with[k].heap_bytes, 3 * BLOCK_bytes, 3 * BLOCK_bytes + 2 * devices[i].block_overhead_bytes);
        }
    }
}

/* Not for the fixture alone: whatever the library calls. */
static void images_have_no_wrapper(void **state)
{
    static const char *const names[] = {"malloc", "calloc", "realloc", "free"};
    (void)state;
    for (int i = 0; i < DEVICES; i++) {
        struct rk_elf_image *image;
        struct rk_diag diag = {""};
        char wrapper[32];
        uint64_t at;
        const char *path = support_image(devices[i].profile->name, RK_OP_aes_key_wrap);

        assert_int_equal(rk_elf_open(&image, path, &diag), RK_OK);
        assert_true(rk_elf_symbol(image, "malloc", &at, NULL));
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            snprintf(wrapper, sizeof wrapper, "__wrap_%s", names[k]);
            assert_false(rk_elf_symbol(image, wrapper, &at, NULL));
        }
        rk_elf_close(image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocating_costs_what_it_costs_without_the_harness),
        cmocka_unit_test(images_have_no_wrapper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
