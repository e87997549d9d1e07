/* tests/devices/test_qemu_fetch.c - what flash wait states add, against lines counted by hand
 *
 * Programs are straight runs and loops at known addresses, measured without the harness: the lines that they enter can
 * be told from a listing.
 */
#include "tests/devices/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/fetch.h"
#include "devices/emulators/qemu/lines.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "engine/study/device_file.h"

/* Text begins at 0x40. Each region begins after its marker, at 4 past a multiple of 16. */
static const char program[] = ".syntax unified\n .thumb\n"
                              ".section .vectors, \"a\"\n"
                              ".word 0x20001000, reset + 1\n"
                              ".text\n"
                              /* sixteen instructions: 32 bytes */
                              ".thumb_func\n reset: cmp r0, #1\n mov r9, r9\n"
                              ".rept 16\n adds r1, #1\n .endr\n"
                              "mov r10, r10\n b 1f\n"
                              /* a loop of three turns whose two instructions lie in one line */
                              ".balign 16\n 1: cmp r0, #2\n mov r9, r9\n"
                              "movs r1, #3\n nop\n"
                              "1: subs r1, #1\n bne 1b\n"
                              "mov r10, r10\n b 1f\n"
                              /* a literal, read twice */
                              ".balign 16\n 1: cmp r0, #3\n mov r9, r9\n"
                              "ldr r1, =0x12345678\n ldr r2, =0x12345678\n"
                              "mov r10, r10\n b 1f\n .balign 4\n .ltorg\n"
                              /* a branch to a call of four bytes that lies in two lines, of any width */
                              ".balign 16\n 1: cmp r0, #4\n mov r9, r9\n"
                              "b 2f\n .balign 16\n .rept 7\n nop\n .endr\n"
                              "2: bl 3f\n 3: mov r10, r10\n"
                              "mov r12, r12\n";

static char folder[256], image[300];

static int build_image(void **state)
{
    char source[300], command[1024];
    const char *temporary = getenv("TMPDIR");
    (void)state;

    snprintf(folder, sizeof folder, "%s/rk-fetch-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(source, sizeof source, "%s/fetch.S", folder);
    snprintf(image, sizeof image, "%s/fetch.elf", folder);
    FILE *file = fopen(source, "w");
    if (file == NULL || fputs(program, file) < 0 || fclose(file) != 0) {
        return -1;
    }
    snprintf(command, sizeof command,
             "arm-none-eabi-gcc -mcpu=cortex-m0plus -mthumb -nostdlib -Wl,-Ttext=0x40 "
             "-Wl,--section-start=.vectors=0,-e,0x41 '%s' -o '%s'",
             source, image);
    int status = system(command);
    unlink(source);
    return status;
}

static int remove_image(void **state)
{
    (void)state;
    unlink(image);
    return rmdir(folder);
}

static void measure(const struct rk_device_profile *device, struct rk_region regions[RK_REGIONS_MAX])
{
    struct rk_diag diag = {""};
    unsigned count;

    if (rk_emulator_qemu.measure(device, image, regions, &count, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    assert_int_equal(count, 4);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(regions[i].id, i + 1);
    }
}

static struct rk_device_profile device_of(const char *name)
{
    struct rk_device_profile device;
    struct rk_diag diag = {""};

    if (rk_device_load(rk_firmware_root(), name, &device, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    device.cycle_error_low_ppm = 0;
    device.cycle_error_high_ppm = 0;
    return device;
}

static const struct {
    uint64_t line4, line8, line16, taken, straddle4, straddle8, straddle16, read;
    const char *why;
} lines[] = {
    {7, 4, 2, 0, 0, 0, 0, 0, "32 bytes from 4 past a line"},
    {1, 1, 0, 2, 0, 0, 0, 0, "8 bytes, and two jumps back"},
    {0, 0, 0, 0, 0, 0, 0, 2, "4 bytes, and two reads"},
    {0, 0, 0, 2, 1, 1, 1, 0, "two jumps; the first to the last two bytes of a line"},
};

/* The same in every way that the emulator can cut the code. */
static void lines_are_counted(void **state)
{
    static struct rk_region regions[RK_REGIONS_MAX];
    const struct rk_device_profile device = device_of("cortex-m0plus");
    (void)state;

    for (int mode = 0; mode < 4; mode++) {
        rki_qemu_test_modes(mode == 1, mode == 2, mode == 3);
        measure(&device, regions);
        for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
            const uint64_t *count = regions[i].cost.class_count;
            if (count[RK_CYCLE_line4] != lines[i].line4 || count[RK_CYCLE_line8] != lines[i].line8 ||
                count[RK_CYCLE_line16] != lines[i].line16 || count[RK_CYCLE_taken] != lines[i].taken ||
                count[RK_CYCLE_straddle4] != lines[i].straddle4 || count[RK_CYCLE_straddle8] != lines[i].straddle8 ||
                count[RK_CYCLE_straddle16] != lines[i].straddle16 || count[RK_CYCLE_flash_read] != lines[i].read) {
                fail_msg("region %u, mode %d: %d %d %d lines, %d taken, %d %d %d straddle, %d reads: %s", i + 1, mode,
                         (int)count[RK_CYCLE_line4], (int)count[RK_CYCLE_line8], (int)count[RK_CYCLE_line16],
                         (int)count[RK_CYCLE_taken], (int)count[RK_CYCLE_straddle4], (int)count[RK_CYCLE_straddle8],
                         (int)count[RK_CYCLE_straddle16], (int)count[RK_CYCLE_flash_read], lines[i].why);
            }
        }
    }
    rki_qemu_test_modes(false, false, false);
}

/* Without prefetch every line, target and read waits: cycles at no wait states, and W times that. */
static void every_entry_waits_without_prefetch(void **state)
{
    static struct rk_region fast[RK_REGIONS_MAX], slow[RK_REGIONS_MAX];
    struct rk_device_profile device = device_of("cortex-m0plus");
    (void)state;

    measure(&device, fast);
    for (unsigned width = 4; width <= 16; width *= 2) {
        device.flash_wait_states = 3;
        device.flash_width_bytes = width;
        measure(&device, slow);
        for (unsigned i = 0; i < 4; i++) {
            uint64_t entries = lines[i].taken + lines[i].read;
            entries += width == 4   ? lines[i].line4 + lines[i].straddle4
                       : width == 8 ? lines[i].line8 + lines[i].straddle8
                                    : lines[i].line16 + lines[i].straddle16;
            assert_int_equal(slow[i].cost.cycles, fast[i].cost.cycles + 3 * entries);
            assert_int_equal(slow[i].cost.cycles_low, slow[i].cost.cycles);
            assert_int_equal(slow[i].cost.cycles_high, slow[i].cost.cycles);
        }
    }
}

/* What hides them narrows nothing: each of the three is an interval inside the one before, and a device without wait
 * states costs what it did. */
static void prefetch_and_cache_hide_some(void **state)
{
    struct rk_device_profile device = device_of("cortex-m4");
    const struct rk_cycle_table *table = rk_cycle_table_find("cortex-m4");
    uint64_t count[RK_CYCLE_ITEMS] = {0};
    (void)state;

    count[RK_CYCLE_alu] = 1000;
    count[RK_CYCLE_branch_if] = 100;
    count[RK_CYCLE_taken] = 100;
    count[RK_CYCLE_line4] = 600;
    count[RK_CYCLE_line8] = 300;
    count[RK_CYCLE_line16] = 150;
    count[RK_CYCLE_flash_read] = 40;
    const struct rk_cycle_interval none = rk_cycle_count(table, &device, count);
    for (int prefetch = 0; prefetch <= 2; prefetch++) {
        device.flash_prefetch = (uint64_t)prefetch;
        device.flash_wait_states = 0;
        struct rk_cycle_interval now = rk_cycle_count(table, &device, count);
        assert_memory_equal(&now, &none, sizeof now);
    }
    device.flash_wait_states = 4;
    device.flash_width_bytes = 16;
    device.flash_prefetch = 0;
    const struct rk_cycle_interval bare = rk_cycle_count(table, &device, count);
    assert_int_equal(bare.central, none.central + 4 * (150 + 100 + 40));
    device.flash_prefetch = 1;
    const struct rk_cycle_interval next = rk_cycle_count(table, &device, count);
    /* A line takes 1300 / 250 = 5.2 cycles: covered, at best. At worst 16 bytes run in 4 cycles: 1 of 5 is left. */
    assert_int_equal(next.low, none.low + 4 * 100);
    assert_int_equal(next.high, none.high + 150 + 4 * (100 + 40));
    assert_int_equal(next.central, none.central + (4 * 100 + 150 + 4 * (100 + 40)) / 2);
    device.flash_prefetch = 2;
    const struct rk_cycle_interval cache = rk_cycle_count(table, &device, count);
    assert_int_equal(cache.low, none.low);
    assert_int_equal(cache.high, next.high);
    assert_true(cache.central > none.central && cache.central < next.central);
}

/* Of the two reads of a literal the second finds its line at hand, where the part keeps one. */
static void reads_of_lines_at_hand_do_not_wait(void **state)
{
    static struct rk_region regions[RK_REGIONS_MAX];
    struct rk_device_profile device = device_of("cortex-m0plus");
    (void)state;

    device.flash_wait_states = 3;
    for (unsigned width = 4; width <= 16; width *= 2) {
        device.flash_width_bytes = width;
        device.flash_data_lines = 0;
        measure(&device, regions);
        uint64_t without = regions[2].cost.cycles;
        assert_int_equal(regions[2].cost.class_count[RK_CYCLE_flash_miss], 0);
        device.flash_data_lines = 1;
        measure(&device, regions);
        assert_int_equal(regions[2].cost.class_count[RK_CYCLE_flash_read], 2);
        assert_int_equal(regions[2].cost.class_count[RK_CYCLE_flash_miss], 1);
        assert_int_equal(regions[2].cost.cycles, without - 3);
        assert_int_equal(regions[2].cost.cycles_high, regions[2].cost.cycles);
    }
}

/* A miss waits W, and where a line is fetched ahead up to W + 1 for it; what is at hand costs nothing. */
static void misses_wait_for_the_array(void **state)
{
    struct rk_device_profile device = device_of("cortex-m4");
    uint64_t count[RK_CYCLE_ITEMS] = {[RK_CYCLE_flash_read] = 1000, [RK_CYCLE_flash_miss] = 10};
    (void)state;

    device.flash_wait_states = 4;
    device.flash_width_bytes = 16;
    device.flash_data_lines = 8;
    const uint64_t expected[3][3] = {{40, 40, 40}, {40, 65, 90}, {40, 40, 90}};
    for (unsigned prefetch = 0; prefetch < 3; prefetch++) {
        device.flash_prefetch = prefetch;
        struct rk_fetch_cost cost = rk_fetch_cost(&device, count, 0);
        assert_int_equal(cost.low_m, expected[prefetch][0] * 1000);
        assert_int_equal(cost.central_m, expected[prefetch][1] * 1000);
        assert_int_equal(cost.high_m, expected[prefetch][2] * 1000);
    }
}

static void the_line_read_longest_ago_gives_way(void **state)
{
    static const struct {
        unsigned line;
        bool kept;
    } reads[] = {{1, false}, {2, false}, {1, true}, {3, false}, {1, true}, {2, false}, {3, false}, {2, true}};
    struct rki_lines lines = {.count = 0};
    (void)state;

    for (unsigned i = 0; i < sizeof reads / sizeof *reads; i++) {
        assert_int_equal(rki_lines_read(&lines, reads[i].line, 2), reads[i].kept);
    }
    lines.count = 0;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned line = 0; line < RKI_LINES_MAX; line++) {
            assert_int_equal(rki_lines_read(&lines, line, RKI_LINES_MAX), round == 1);
        }
    }
    assert_false(rki_lines_read(&lines, RKI_LINES_MAX, RKI_LINES_MAX));
    assert_false(rki_lines_read(&lines, 0, RKI_LINES_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(every_entry_waits_without_prefetch),
        cmocka_unit_test(prefetch_and_cache_hide_some),
        cmocka_unit_test(reads_of_lines_at_hand_do_not_wait),
        cmocka_unit_test(misses_wait_for_the_array),
        cmocka_unit_test(the_line_read_longest_ago_gives_way),
    };
    return cmocka_run_group_tests(tests, build_image, remove_image);
}
