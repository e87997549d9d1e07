/* tests/devices/test_qemu_kernels.c - the Cortex-M4 cycle model against cycles counted by hand from ARM's text
 *
 * Expected figures are sums over ARM 100166 table 3-1 and DDI 0337I "Load/store timings", written out in `why`. R is
 * the pipeline refill: 1, 2, 3 cycles for low, central, high.
 */
#include "tests/devices/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/firmware/elf_image.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "tests/devices/kernels.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_qemu;

/* No error of its own: the interval is then that of the table alone. */
static const struct rk_device_profile bare_m4 = {
    .name = "cortex-m4",
    .core = "cortex-m4",
    .emulator = "qemu",
    .machine = "mps2-an386",
    .ram_bytes = 65536,
    .nvm_bytes = 8192,
    .clock_Hz = 64000000,
    .path = "devices/cortex-m4/device.yaml",
};

enum kernel {
#define KERNEL(name, body) KERNEL_##name,
    KERNELS(KERNEL) KERNEL_COUNT
#undef KERNEL
};

static const char *const names[KERNEL_COUNT] = {
#define KERNEL(name, body) #name,
    KERNELS(KERNEL)
#undef KERNEL
};

struct expected {
    uint32_t instructions, low, central, high, stack_bytes;
    const char *why;
};

static const struct expected expected[KERNEL_COUNT] = {
    [KERNEL_nothing] = {0, 0, 0, 0, 0, "an empty region"},
    [KERNEL_straight] = {10, 10, 10, 10, 0, "10 x 1"},
    [KERNEL_load] = {1, 2, 2, 2, 0, "2"},
    [KERNEL_load_four] = {4, 5, 5, 5, 0, "2 + 1 + 1 + 1, pipelined"},
    [KERNEL_load_base_loaded] = {2, 4, 4, 4, 0, "2 + 2: the address is what was just loaded"},
    [KERNEL_load_index_loaded] = {2, 4, 4, 4, 0, "2 + 2: so is the index"},
    [KERNEL_load_index_free] = {2, 3, 3, 3, 0, "2 + 1"},
    [KERNEL_load_base_update] = {2, 4, 4, 5, 0, "2 + 2: base update is not pipelined; high + 0.16, wide at 2 mod 4"},
    [KERNEL_store] = {1, 1, 1, 1, 0, "1"},
    [KERNEL_store_index] = {2, 3, 3, 3, 0, "2 + 1"},
    [KERNEL_load_store] = {2, 3, 3, 3, 0, "2 + 1"},
    [KERNEL_load_store_index] = {2, 3, 3, 3, 0, "2 + 1"},
    [KERNEL_address_waits] = {2, 4, 4, 4, 0, "1 + 2 + 1: no forwarding to the address"},
    [KERNEL_address_waits_store] = {2, 3, 3, 3, 0, "1 + 1 + 1"},
    [KERNEL_address_ready] = {3, 4, 4, 4, 0, "1 + 1 + 2"},
    [KERNEL_branch] = {1, 2, 3, 4, 0, "1 + R"},
    [KERNEL_branch_not_taken] = {3, 3, 3, 3, 0, "1 + 1 + 1"},
    [KERNEL_branch_wide_aligned] = {2, 3, 4, 5, 0, "1 + R + 1"},
    [KERNEL_branch_wide_unaligned] = {2, 3, 5, 6, 0, "1 + R + 1 + 1: wide target at 2 mod 4; high 1 + 3 + 1 + 0.16"},
    [KERNEL_loop] = {21, 30, 39, 48, 0, "1 + 10 x 2 + 9 R"},
    [KERNEL_call] = {3, 6, 9, 12, 0, "B, BL, BX: 3 x (1 + R)"},
    [KERNEL_load_pc] = {1, 3, 5, 6, 0, "2 + 3; low 2 + 1, high 2 + 1 + 3"},
    [KERNEL_table_branch] = {1, 3, 6, 7, 0, "at least six; low 2 + 1, high 4 + 3"},
    [KERNEL_push_pop] = {2, 10, 10, 10, 16, "2 x (1 + 4)"},
    [KERNEL_return_by_pop] = {4, 11, 14, 17, 8, "BL 1 + R, PUSH 1 + 2, POP 1 + 2 + R, B 1 + R"},
    [KERNEL_multiple] = {4, 14, 14, 14, 0, "LDM 1 + 4, LDRD 1 + 2, STRD 1 + 2, STM 1 + 2"},
    [KERNEL_multiply] = {6, 6, 6, 12, 0, "6 x 1; high: an interlock each"},
    [KERNEL_divide] = {1, 2, 7, 12, 0, "2 to 12"},
    [KERNEL_it_run] = {4, 4, 5, 5, 0, "1 + IT 1 + 1 + 2; low: IT folded"},
    [KERNEL_it_skipped] = {4, 3, 4, 4, 0, "1 + IT 1 + 1 + 1"},
    [KERNEL_it_multiple] = {4, 6, 7, 7, 0, "1 + IT 1 + (1 + 3) + 1 skipped"},
    [KERNEL_it_branch] = {3, 3, 5, 6, 0, "1 + IT 1 + 1 + R"},
    [KERNEL_it_over_page] = {6, 9, 11, 12, 0, "1 + R + 1 + IT 1 + 3 x 2: no pairing assumed in IT"},
    [KERNEL_wide_over_page] = {3, 4, 6, 7, 0, "1 + R + 1 + 1 + 1; high + 2 x 0.16"},
    [KERNEL_narrow_before_page] = {5, 7, 8, 9, 0, "1 + R + 1 + 1 + 1 + 2"},
    [KERNEL_pair_over_page] = {3, 5, 6, 7, 0, "1 + R + 2 + 1"},
    [KERNEL_floating] = {13, 59, 59, 59, 16, "2 + 5 + 1 + 1 + 3 + 3 + 14 + 14 + 2 + 1 + 5 + 5 + 3"},
};

static char folder[256];
static char image[300];

/* The kernels with the device's own start-up code and linker script. */
static int build_image(void **state)
{
    const char *root = rk_firmware_root();
    const char *temporary = getenv("TMPDIR");
    char command[4096];
    (void)state;

    snprintf(folder, sizeof folder, "%s/rk-kernels-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(image, sizeof image, "%s/kernels.elf", folder);
    snprintf(command, sizeof command,
             "cd '%s' && arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Wall -Wextra -Werror -I. "
             "tests/devices/kernels.c devices/firmware/cortex-m/start.c devices/firmware/cortex-m/port.c --specs=nano.specs "
             "-nostartfiles -T devices/firmware/cortex-m/cortex-m.ld -Wl,--defsym=rk_code_base=0 -Wl,--defsym=rk_ram_base=0x21000000 -Wl,--defsym=rk_ram_bytes=65536 "
             "-Wl,--defsym=rk_flash_bytes=262144 -Wl,--defsym=rk_nvm_bytes=8192 -Wl,--no-warn-rwx-segments -o '%s'",
             root, image);
    return system(command);
}

static int remove_image(void **state)
{
    (void)state;
    unlink(image);
    return rmdir(folder);
}

static struct rk_emulator *open_kernels(const struct rk_device_profile *profile)
{
    struct rk_emulator *emulator;
    struct rk_diag diag = {""};
    if (driver->open(&emulator, profile, image, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return emulator;
}

static void run(struct rk_emulator *emulator, unsigned kernel, struct rk_call *call)
{
    memset(call, 0, sizeof *call);
    call->operation = (uint8_t)kernel;
    if (driver->call(emulator, call) != RK_CALL_OK) {
        fail_msg("%s: %s", names[kernel], driver->reason(emulator));
    }
}

static void check(unsigned kernel, const struct rk_measure *cost, const char *mode)
{
    const struct expected *want = &expected[kernel];
    if (cost->instructions != want->instructions || cost->cycles_low != want->low || cost->cycles != want->central ||
        cost->cycles_high != want->high || cost->stack_bytes != want->stack_bytes) {
        fail_msg("%s (%s): %" PRIu64 " instructions, %" PRIu64 " in %" PRIu64 "..%" PRIu64
                 " cycles, %u bytes of stack; expected %u, %u in %u..%u, %u: %s",
                 names[kernel], mode, cost->instructions, cost->cycles, cost->cycles_low, cost->cycles_high,
                 cost->stack_bytes, want->instructions, want->central, want->low, want->high, want->stack_bytes,
                 want->why);
    }
    for (unsigned i = RK_CYCLE_ITEMS; i < RK_CLASSES_MAX; i++) {
        assert_int_equal(cost->class_count[i], 0);
    }
}

/* Every way that QEMU and the plugin can cut the instruction stream gives the same counts, item by item. */
static void counted_by_hand_in_every_mode(void **state)
{
    static const struct {
        const char *name;
        bool fine, single_step, icount;
    } modes[] = {
        {"blocks", false, false, false}, {"fine", true, false, false},        {"single step", false, true, false},
        {"icount", false, false, true},  {"fine, icount", true, false, true},
    };
    struct rk_measure first[KERNEL_COUNT];
    (void)state;

    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        rki_qemu_test_modes(modes[m].fine, modes[m].single_step, modes[m].icount);
        struct rk_emulator *emulator = open_kernels(&bare_m4);
        for (unsigned kernel = 0; kernel < KERNEL_COUNT; kernel++) {
            struct rk_call call;
            run(emulator, kernel, &call);
            check(kernel, &call.cost, modes[m].name);
            if (m == 0) {
                first[kernel] = call.cost;
            }
            assert_memory_equal(call.cost.class_count, first[kernel].class_count, sizeof call.cost.class_count);
        }
        driver->close(emulator);
    }
    rki_qemu_test_modes(false, false, false);
}

static void repeats_are_identical(void **state)
{
    struct rk_emulator *emulator = open_kernels(&bare_m4);
    (void)state;

    for (int i = 0; i < 20; i++) {
        for (unsigned kernel = 0; kernel < KERNEL_COUNT; kernel++) {
            struct rk_call call;
            run(emulator, kernel, &call);
            check(kernel, &call.cost, "repeated");
        }
    }
    driver->close(emulator);
}

/* The interval is the wider of the table's and the device's: header of cycle_table.h. */
static void device_error_widens_the_interval(void **state)
{
    struct rk_device_profile device = bare_m4;
    struct rk_call call;
    (void)state;

    device.cycle_error_low_ppm = 20000;
    device.cycle_error_high_ppm = 150000;
    struct rk_emulator *emulator = open_kernels(&device);
    run(emulator, KERNEL_floating, &call);
    assert_int_equal(call.cost.cycles, 59);
    assert_int_equal(call.cost.cycles_low, 57);  /* 59 * 0.98 = 57.82, rounded outwards */
    assert_int_equal(call.cost.cycles_high, 68); /* 59 * 1.15 = 67.85 */
    run(emulator, KERNEL_divide, &call);
    assert_int_equal(call.cost.cycles_low, 2); /* the table's own 2..12 is wider */
    assert_int_equal(call.cost.cycles_high, 12);
    driver->close(emulator);
}

/* A cut changes the plugin's mode of counting, and back. */
static void counts_survive_a_change_of_mode(void **state)
{
    struct rk_emulator *emulator = open_kernels(&bare_m4);
    struct rk_call call;
    (void)state;

    for (int i = 0; i < 3; i++) {
        driver->power_cut_at(emulator, 1000000); /* never reached */
        run(emulator, KERNEL_loop, &call);
        check(KERNEL_loop, &call.cost, "stepped");
        run(emulator, KERNEL_loop, &call);
        check(KERNEL_loop, &call.cost, "after stepping");
    }
    driver->close(emulator);
}

/* Exactly so many instructions: the firmware stores how far it has come. */
static void a_cut_stops_at_its_instruction(void **state)
{
    struct rk_emulator *emulator = open_kernels(&bare_m4);
    struct rk_elf_image *elf;
    struct rk_diag diag;
    uint64_t cells;
    (void)state;

    assert_int_equal(rk_elf_open(&elf, image, &diag), RK_OK);
    assert_true(rk_elf_symbol(elf, "cells", &cells, NULL));
    rk_elf_close(elf);
    for (uint32_t step = 1; step <= 16; step++) {
        struct rk_call call = {.operation = KERNEL_nothing};
        uint32_t progress;
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        if (step % 4 == 0) {
            run(emulator, KERNEL_nothing, &call); /* leaves 8 there */
        }
        uint32_t before = step % 4 == 0 ? 8 : 0;
        driver->power_cut_at(emulator, step);
        assert_int_equal(driver->call(emulator, &call), RK_CALL_POWER_CUT);
        assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, (uint32_t)cells - 0x21000000 + 60, &progress, 4), 4);
        assert_int_equal(progress, step / 2 > 0 ? step / 2 : before);
    }
    driver->close(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_by_hand_in_every_mode),    cmocka_unit_test(repeats_are_identical),
        cmocka_unit_test(device_error_widens_the_interval), cmocka_unit_test(counts_survive_a_change_of_mode),
        cmocka_unit_test(a_cut_stops_at_its_instruction),
    };
    return cmocka_run_group_tests(tests, build_image, remove_image);
}
