/* tests/devices/test_qemu_kernels.c - the Cortex-M cycle models against cycles counted by hand from ARM's text
 *
 * Expected figures are sums over the processor instruction tables of ARM DDI 0484C (Cortex-M0+), and of ARM 100166
 * table 3-1 (Cortex-M4) and DDI 0337I "Load/store timings" (Cortex-M3), written out in `why`. R is the pipeline
 * refill: 1 on the Cortex-M0+; 1, 2, 3 cycles for low, central, high elsewhere.
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
#include "engine/study/device_file.h"
#include "tests/devices/kernels.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_qemu;

#define ONE(name, body) 1 +

/* The devices with what their cores have, and where their machines have memory. */
static const struct core {
    const char *device;
    uint32_t kernels; /* so many of the list */
    uint32_t code_base, ram_base;
} cores[] = {
    {"cortex-m0plus", KERNELS_V6M(ONE) 0, 0x00000000, 0x21000000},
    {"cortex-m3", KERNELS_V6M(ONE) KERNELS_V7M(ONE) 0, 0x00000000, 0x21000000},
    {"cortex-m4", KERNELS(ONE) 0, 0x00000000, 0x21000000},
    {"cortex-m33", KERNELS(ONE) 0, 0x10000000, 0x80000000},
};

enum { M0PLUS, M3, M4, M33, CORES };

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
    uint32_t instructions, stack_bytes;
    uint32_t m0plus;             /* cycles, exact */
    uint32_t low, central, high; /* cycles of the others */
    const char *why;             /* of the others */
};

static const struct expected expected[KERNEL_COUNT] = {
    [KERNEL_nothing] = {0, 0, 0, 0, 0, 0, "an empty region"},
    [KERNEL_straight] = {10, 0, 10, 10, 10, 10, "10 x 1"},
    [KERNEL_load] = {1, 0, 2, 2, 2, 2, "2"},
    [KERNEL_load_four] = {4, 0, 8, 5, 5, 5, "2 + 1 + 1 + 1, pipelined"},
    [KERNEL_load_base_loaded] = {2, 0, 4, 4, 4, 4, "2 + 2: the address is what was just loaded"},
    [KERNEL_load_index_loaded] = {2, 0, 4, 4, 4, 4, "2 + 2: so is the index"},
    [KERNEL_load_index_free] = {2, 0, 4, 3, 3, 3, "2 + 1"},
    [KERNEL_store] = {1, 0, 2, 1, 1, 1, "1"},
    [KERNEL_store_index] = {2, 0, 4, 3, 3, 3, "2 + 1"},
    [KERNEL_load_store] = {2, 0, 4, 3, 3, 3, "2 + 1"},
    [KERNEL_load_store_index] = {2, 0, 4, 3, 3, 3, "2 + 1"},
    [KERNEL_address_waits] = {2, 0, 3, 4, 4, 4, "1 + 2 + 1: no forwarding to the address"},
    [KERNEL_address_waits_store] = {2, 0, 3, 3, 3, 3, "1 + 1 + 1"},
    [KERNEL_address_ready] = {3, 0, 4, 4, 4, 4, "1 + 1 + 2"},
    [KERNEL_branch] = {1, 0, 2, 2, 3, 4, "1 + R"},
    [KERNEL_branch_not_taken] = {3, 0, 3, 3, 3, 3, "1 + 1 + 1"},
    [KERNEL_loop] = {21, 0, 30, 30, 39, 48, "1 + 10 x 2 + 9 R"},
    [KERNEL_call] = {3, 0, 7, 6, 9, 12, "B, BL, BX: 3 x (1 + R)"},
    [KERNEL_call_register] = {5, 0, 8, 8, 11, 14, "ADR 1, ADD 1, B, BLX, BX: 3 x (1 + R)"},
    [KERNEL_push_pop] = {2, 16, 10, 10, 10, 10, "2 x (1 + 4)"},
    [KERNEL_return_by_pop] = {4, 8, 13, 11, 14, 17, "BL 1 + R, PUSH 1 + 2, POP 1 + 2 + R, B 1 + R"},
    [KERNEL_multiple] = {2, 0, 8, 8, 8, 8, "LDM 1 + 4, STM 1 + 2"},
    [KERNEL_product] = {1, 0, 1, 1, 1, 2, "1; high: an interlock"},
    [KERNEL_state] = {2, 0, 2, 2, 2, 4, "1 or 2 each"},
    [KERNEL_another_region] = {0, 0, 0, 0, 0, 0, "nothing in region 0; region 5 is not the call's"},
    [KERNEL_load_base_update] = {2, 0, 0, 4, 4, 5, "2 + 2: base update is not pipelined; high + 0.16, wide at 2 mod 4"},
    [KERNEL_branch_wide_aligned] = {2, 0, 0, 3, 4, 5, "1 + R + 1"},
    [KERNEL_branch_wide_unaligned] = {2, 0, 0, 3, 5, 6, "1 + R + 1 + 1: wide target at 2 mod 4; high 1 + 3 + 1 + 0.16"},
    [KERNEL_load_pc] = {1, 0, 0, 3, 5, 6, "2 + 3; low 2 + 1, high 2 + 1 + 3"},
    [KERNEL_table_branch] = {1, 0, 0, 3, 6, 7, "at least six; low 2 + 1, high 4 + 3"},
    [KERNEL_pairs] = {2, 0, 0, 6, 6, 6, "LDRD 1 + 2, STRD 1 + 2"},
    [KERNEL_multiply] = {4, 0, 0, 4, 4, 8, "4 x 1; high: an interlock each"},
    [KERNEL_divide] = {1, 0, 0, 2, 7, 12, "2 to 12"},
    [KERNEL_it_run] = {4, 0, 0, 4, 5, 5, "1 + IT 1 + 1 + 2; low: IT folded"},
    [KERNEL_it_skipped] = {4, 0, 0, 3, 4, 4, "1 + IT 1 + 1 + 1"},
    [KERNEL_it_multiple] = {4, 0, 0, 6, 7, 7, "1 + IT 1 + (1 + 3) + 1 skipped"},
    [KERNEL_it_branch] = {3, 0, 0, 3, 5, 6, "1 + IT 1 + 1 + R"},
    [KERNEL_it_over_page] = {6, 0, 0, 9, 11, 12, "1 + R + 1 + IT 1 + 3 x 2: no pairing assumed in IT"},
    [KERNEL_wide_over_page] = {3, 0, 0, 4, 6, 7, "1 + R + 1 + 1 + 1; high + 2 x 0.16"},
    [KERNEL_narrow_before_page] = {5, 0, 0, 7, 8, 9, "1 + R + 1 + 1 + 1 + 2"},
    [KERNEL_pair_over_page] = {3, 0, 0, 5, 6, 7, "1 + R + 2 + 1"},
    [KERNEL_multiply_dsp] = {2, 0, 0, 2, 2, 4, "2 x 1; high: an interlock each"},
    [KERNEL_floating] = {13, 16, 0, 59, 59, 59, "2 + 5 + 1 + 1 + 3 + 3 + 14 + 14 + 2 + 1 + 5 + 5 + 3"},
};

/* What differs on the Cortex-M3: MLA 2, UMULL 3 to 5, UMLAL 3 to 7, the most for operands of full width. */
static const struct expected product_m3 = {1, 0, 0, 1, 1, 1, "MUL 1"};
static const struct expected multiply_m3 = {4, 0, 0, 9, 15, 15, "MUL 1, MLA 2, UMULL 3 5 5, UMLAL 3 7 7"};

static struct expected expectation(unsigned core, unsigned kernel)
{
    struct expected want = expected[kernel];

    if (core == M0PLUS) {
        want.low = want.central = want.high = want.m0plus;
        want.why = "ARM DDI 0484C table 3-1";
    } else if (core == M3 && kernel == KERNEL_product) {
        want = product_m3;
    } else if (core == M3 && kernel == KERNEL_multiply) {
        want = multiply_m3;
    }
    return want;
}

static char folder[256];
static char images[CORES][300];
static struct rk_device_profile devices[CORES]; /* without an error of their own: the interval is the table's alone */

/* The kernels with the device's own start-up code and linker script. */
static int build_image(unsigned i)
{
    const struct core *core = &cores[i];
    struct rk_device_profile *device = &devices[i];
    struct rk_diag diag = {""};
    char command[4096];

    if (rk_device_load(rk_firmware_root(), core->device, device, &diag) != RK_OK) {
        print_error("%s\n", diag.text);
        return -1;
    }
    device->cycle_error_low_ppm = 0;
    device->cycle_error_high_ppm = 0;
    snprintf(images[i], sizeof images[i], "%s/%s.elf", folder, core->device);
    snprintf(command, sizeof command,
             "cd '%s' && arm-none-eabi-gcc -Os -mcpu=%s -mthumb -mfloat-abi=soft -Wall -Wextra -Werror -I. "
             "tests/devices/kernels.c devices/firmware/cortex-m/start.c devices/firmware/cortex-m/port.c "
             "--specs=nano.specs -nostartfiles -T devices/firmware/cortex-m/cortex-m.ld "
             "-Wl,--defsym=rk_code_base=0x%" PRIx32 " -Wl,--defsym=rk_ram_base=0x%" PRIx32
             " -Wl,--defsym=rk_ram_bytes=%" PRIu64 " -Wl,--defsym=rk_flash_bytes=%" PRIu64
             " -Wl,--defsym=rk_nvm_bytes=%" PRIu64 " -Wl,--no-warn-rwx-segments -o '%s'",
             rk_firmware_root(), device->core, core->code_base, core->ram_base, device->ram_bytes, device->flash_bytes,
             device->nvm_bytes, images[i]);
    return system(command);
}

static int build_images(void **state)
{
    const char *temporary = getenv("TMPDIR");
    (void)state;

    snprintf(folder, sizeof folder, "%s/rk-kernels-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    for (unsigned i = 0; i < CORES; i++) {
        if (build_image(i) != 0) {
            return -1;
        }
    }
    return 0;
}

static int remove_images(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CORES; i++) {
        unlink(images[i]);
    }
    return rmdir(folder);
}

static struct rk_emulator *open_kernels(unsigned core, const struct rk_device_profile *profile)
{
    struct rk_emulator *emulator;
    struct rk_diag diag = {""};
    if (driver->open(&emulator, profile, images[core], &diag) != RK_OK) {
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

static void check(unsigned core, unsigned kernel, const struct rk_measure *cost, const char *mode)
{
    const struct expected want = expectation(core, kernel);
    if (cost->instructions != want.instructions || cost->cycles_low != want.low || cost->cycles != want.central ||
        cost->cycles_high != want.high || cost->stack_bytes != want.stack_bytes) {
        fail_msg("%s, %s (%s): %" PRIu64 " instructions, %" PRIu64 " in %" PRIu64 "..%" PRIu64
                 " cycles, %u bytes of stack; expected %u, %u in %u..%u, %u: %s",
                 cores[core].device, names[kernel], mode, cost->instructions, cost->cycles, cost->cycles_low,
                 cost->cycles_high, cost->stack_bytes, want.instructions, want.central, want.low, want.high,
                 want.stack_bytes, want.why);
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

    for (unsigned core = 0; core < CORES; core++) {
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
            rki_qemu_test_modes(modes[m].fine, modes[m].single_step, modes[m].icount);
            struct rk_emulator *emulator = open_kernels(core, &devices[core]);
            for (unsigned kernel = 0; kernel < cores[core].kernels; kernel++) {
                struct rk_call call;
                run(emulator, kernel, &call);
                check(core, kernel, &call.cost, modes[m].name);
                if (m == 0) {
                    first[kernel] = call.cost;
                }
                assert_memory_equal(call.cost.class_count, first[kernel].class_count, sizeof call.cost.class_count);
            }
            driver->close(emulator);
        }
    }
    rki_qemu_test_modes(false, false, false);
}

static void repeats_are_identical(void **state)
{
    struct rk_emulator *emulator = open_kernels(M4, &devices[M4]);
    (void)state;

    for (int i = 0; i < 20; i++) {
        for (unsigned kernel = 0; kernel < KERNEL_COUNT; kernel++) {
            struct rk_call call;
            run(emulator, kernel, &call);
            check(M4, kernel, &call.cost, "repeated");
        }
    }
    driver->close(emulator);
}

/* The interval is the wider of the table's and the device's: header of cycle_table.h. */
static void device_error_widens_the_interval(void **state)
{
    struct rk_device_profile device = devices[M4];
    struct rk_call call;
    (void)state;

    device.cycle_error_low_ppm = 20000;
    device.cycle_error_high_ppm = 150000;
    struct rk_emulator *emulator = open_kernels(M4, &device);
    run(emulator, KERNEL_floating, &call);
    assert_int_equal(call.cost.cycles, 59);
    assert_int_equal(call.cost.cycles_low, 57);  /* 59 * 0.98 = 57.82, rounded outwards */
    assert_int_equal(call.cost.cycles_high, 68); /* 59 * 1.15 = 67.85 */
    run(emulator, KERNEL_divide, &call);
    assert_int_equal(call.cost.cycles_low, 2); /* the table's own 2..12 is wider */
    assert_int_equal(call.cost.cycles_high, 12);
    driver->close(emulator);
}

/* A core with the small multiplier takes what its device says. */
static void the_multiplier_is_the_devices(void **state)
{
    struct rk_device_profile device = devices[M0PLUS];
    struct rk_call call;
    (void)state;

    device.multiply_cycles = 32;
    struct rk_emulator *emulator = open_kernels(M0PLUS, &device);
    run(emulator, KERNEL_product, &call);
    assert_int_equal(call.cost.cycles, 32);
    assert_int_equal(call.cost.cycles_high, 32);
    run(emulator, KERNEL_straight, &call);
    assert_int_equal(call.cost.cycles, 10);
    driver->close(emulator);
}

/* The Cortex-M0's refill is two: one more for each taken branch. */
static void the_cortex_m0_is_slower_by_its_branches(void **state)
{
    struct rk_device_profile device = devices[M0PLUS];
    struct rk_call call;
    (void)state;

    snprintf(device.core, sizeof device.core, "cortex-m0");
    struct rk_emulator *emulator = open_kernels(M0PLUS, &device);
    run(emulator, KERNEL_call, &call);
    assert_int_equal(call.cost.cycles, 3 + 4 + 3); /* B, BL, BX */
    run(emulator, KERNEL_return_by_pop, &call);
    assert_int_equal(call.cost.cycles, 4 + 3 + (4 + 2) + 3); /* BL, PUSH, POP 4 + N, B */
    run(emulator, KERNEL_straight, &call);
    assert_int_equal(call.cost.cycles, 10);
    driver->close(emulator);
}

/* A cut changes the plugin's mode of counting, and back. */
static void counts_survive_a_change_of_mode(void **state)
{
    struct rk_emulator *emulator = open_kernels(M4, &devices[M4]);
    struct rk_call call;
    (void)state;

    for (int i = 0; i < 3; i++) {
        driver->power_cut_at(emulator, 1000000); /* never reached */
        run(emulator, KERNEL_loop, &call);
        check(M4, KERNEL_loop, &call.cost, "stepped");
        run(emulator, KERNEL_loop, &call);
        check(M4, KERNEL_loop, &call.cost, "after stepping");
    }
    driver->close(emulator);
}

/* Exactly so many instructions: the firmware stores how far it has come. */
static void a_cut_stops_at_its_instruction(void **state)
{
    struct rk_emulator *emulator = open_kernels(M4, &devices[M4]);
    struct rk_elf_image *elf;
    struct rk_diag diag;
    uint64_t cells;
    (void)state;

    assert_int_equal(rk_elf_open(&elf, images[M4], &diag), RK_OK);
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
        assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, (uint32_t)cells - cores[M4].ram_base + 60, &progress, 4),
                         4);
        assert_int_equal(progress, step / 2 > 0 ? step / 2 : before);
    }
    driver->close(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_by_hand_in_every_mode),    cmocka_unit_test(repeats_are_identical),
        cmocka_unit_test(device_error_widens_the_interval), cmocka_unit_test(counts_survive_a_change_of_mode),
        cmocka_unit_test(the_multiplier_is_the_devices),    cmocka_unit_test(the_cortex_m0_is_slower_by_its_branches),
        cmocka_unit_test(a_cut_stops_at_its_instruction),
    };
    return cmocka_run_group_tests(tests, build_images, remove_images);
}
