/* Cortex-A7 and Cortex-A53 without an operating system: answers, costs in every mode of QEMU, faults, memory.
 *
 * What the driver does for any core is tested with the Cortex-M (test_qemu.c); here, what these two bring: their
 * start-up code, address translation, C library, instruction set and machines.
 */
#include "tests/devices/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/qemu_test.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_qemu;

enum { WINDOW_bytes = 512 * 1024, NVM_bytes = 64 * 1024, BLOCK_bytes = 512, BLOCK_ns = 2000000 };

static const struct rk_device_profile devices[] = {
    {
        .name = "cortex-a7",
        .core = "cortex-a7",
        .emulator = "qemu",
        .machine = "virt",
        .ram_bytes = 1ull << 30,
        .flash_bytes = 8ull << 30,
        .nvm_bytes = NVM_bytes,
        .clock_Hz = 900000000,
        .nvm_write_ns = BLOCK_ns,
        .nvm_write_unit_bytes = BLOCK_bytes,
        .flash_width_bytes = 4,
        .path = "devices/cortex-a7/device.yaml",
    },
    {
        .name = "cortex-a53",
        .core = "cortex-a53",
        .emulator = "qemu",
        .machine = "virt-aarch64",
        .ram_bytes = 1ull << 30,
        .flash_bytes = 8ull << 30,
        .nvm_bytes = NVM_bytes,
        .clock_Hz = 1200000000,
        .nvm_write_ns = BLOCK_ns,
        .nvm_write_unit_bytes = BLOCK_bytes,
        .flash_width_bytes = 4,
        .path = "devices/cortex-a53/device.yaml",
    },
};

#define FOR_EACH(device) for (const struct rk_device_profile *device = devices; device < devices + 2; device++)

static void empty_region_is_nothing(void **state)
{
    static const uint64_t none[RK_CLASSES_MAX];
    (void)state;

    FOR_EACH(device)
    {
        struct rk_emulator *emulator = support_open(device, RK_OP_empty);
        for (int i = 0; i < 3; i++) {
            struct rk_call call = {.operation = RK_OP_empty};
            assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
            assert_int_equal(call.result, RK_CRYPTO_OK);
            assert_true(call.cost.has_cycles && call.cost.has_instructions && call.cost.has_stack);
            assert_int_equal(call.cost.cycles_high, 0);
            assert_int_equal(call.cost.instructions, 0);
            assert_int_equal(call.cost.stack_bytes, 0);
            assert_memory_equal(call.cost.class_count, none, sizeof none);
        }
        driver->close(emulator);
    }
}

static void hash(struct rk_emulator *emulator, struct rk_call *call)
{
    /* FIPS 180-4's example: SHA-256 of "abc". */
    static const uint8_t digest_abc[8] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    const uint8_t *digest;
    uint16_t bytes;

    *call = (struct rk_call){.operation = RK_OP_sha256};
    assert_true(rk_call_append(call, "abc", 3));
    assert_int_equal(driver->call(emulator, call), RK_CALL_OK);
    assert_int_equal(call->result, RK_CRYPTO_OK);
    assert_true(rk_call_field(call, 0, &digest, &bytes));
    assert_int_equal(bytes, 32);
    assert_memory_equal(digest, digest_abc, sizeof digest_abc);
}

static void known_answer_and_one_cost_in_every_mode(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        struct rk_call first;
        for (int mode = 0; mode < 4; mode++) {
            rki_qemu_test_modes(mode == 1, mode == 2, mode == 3);
            struct rk_emulator *emulator = support_open(device, RK_OP_sha256);
            for (int i = 0; i < 3; i++) {
                struct rk_call call;
                hash(emulator, &call);
                if (mode == 0 && i == 0) {
                    first = call;
                }
                assert_memory_equal(&call.cost, &first.cost, sizeof call.cost);
            }
            driver->close(emulator);
        }
        rki_qemu_test_modes(false, false, false);
        assert_int_equal(rk_cycle_instructions(first.cost.class_count), first.cost.instructions);
        assert_true(first.cost.cycles_low < first.cost.cycles && first.cost.cycles < first.cost.cycles_high);
        /* Two instructions a cycle at best; the estimate must be wide and must not claim that. */
        assert_true(2 * first.cost.cycles_low >= first.cost.instructions);
        assert_true(2 * first.cost.cycles > first.cost.instructions);
    }
}

static void stack_heap_and_nvm_are_measured(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        struct rk_emulator *emulator = support_open(device, RK_OP_aes_key_wrap);
        struct rk_call call;
        support_do(driver, emulator, &call, PROBE_STACK, 1000, 0);
        uint32_t base_bytes = call.cost.stack_bytes - 1000;
        assert_in_range(base_bytes, 0, 200);
        support_do(driver, emulator, &call, PROBE_STACK, 40000, 0);
        assert_in_range(call.cost.stack_bytes, 40000 + base_bytes - 16, 40000 + base_bytes + 16);
        assert_int_equal(call.cost.heap_bytes, 0);
        support_do(driver, emulator, &call, PROBE_HEAP, 1000, 0);
        assert_in_range(call.cost.heap_bytes, 3000, 3064);
        uint32_t reach_bytes = call.cost.heap_bytes;
        support_do(driver, emulator, &call, PROBE_HEAP, 1000, 0);
        assert_int_equal(call.cost.heap_bytes, reach_bytes); /* what was freed is found again */
        assert_int_equal(driver->rewind(emulator), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        assert_int_equal(call.cost.heap_bytes, 0);

        /* A block counts once, however little of it is written; these sixteen bytes lie in two. */
        support_do(driver, emulator, &call, PROBE_NVM_WRITE, 0, 0x5a);
        assert_int_equal(call.cost.nvm_write_bytes, 16);
        assert_int_equal(call.cost.nvm_busy_ns, BLOCK_ns);
        support_do(driver, emulator, &call, PROBE_NVM_WRITE, BLOCK_bytes - 3, 0x5a);
        assert_int_equal(call.cost.nvm_busy_ns, 2 * BLOCK_ns);
        support_probe(&call, PROBE_NVM_WRITE, NVM_bytes - 15, 0);
        assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
        assert_int_equal(call.result, RK_CRYPTO_FAILED);
        driver->close(emulator);
    }
}

static void expect(const struct rk_device_profile *device, enum probe kind, enum rk_call_status status,
                   const char *reason)
{
    struct rk_emulator *emulator = support_open(device, RK_OP_aes_key_wrap);
    struct rk_call call;

    support_probe(&call, kind, 0, 0);
    assert_int_equal(driver->call(emulator, &call), status);
    const char *said = driver->reason(emulator);
    if (strstr(said, reason) == NULL) {
        fail_msg("%s: said '%s', expected '%s'", device->name, said, reason);
    }
    assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
    driver->close(emulator);
}

static void what_stops_a_call_is_told_apart(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        expect(device, PROBE_WILD_WRITE, RK_CALL_CRASHED, "access outside memory at pc 0x4080");
        expect(device, PROBE_WILD_WRITE, RK_CALL_CRASHED, "address 0x0000f000");
        expect(device, PROBE_JUMP_AWAY, RK_CALL_CRASHED, "execution of memory that is not code at pc 0x0000fff0");
        expect(device, PROBE_ABORT, RK_CALL_CRASHED, "ended with exit code 134");
        expect(device, PROBE_RECURSE, RK_CALL_STACK_OVERFLOW, "access outside memory");
        rki_qemu_test_budget(10000000);
        expect(device, PROBE_SPIN, RK_CALL_TIMEOUT, "more than 10000000 instructions");
        rki_qemu_test_budget(0);
    }
}

/* Each cut leaves a prefix of what was written, and the longer it waits, the longer the prefix. */
static void power_cuts_leave_prefixes(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        struct rk_emulator *emulator = support_open(device, RK_OP_aes_key_wrap);
        struct rk_call call;
        uint8_t stored[16];
        unsigned last = 0;
        unsigned partial = 0;
        support_do(driver, emulator, &call, PROBE_NVM_WRITE, 100, 0x11);
        for (uint64_t step = 1; last < sizeof stored; step += 11) {
            assert_int_equal(driver->reset(emulator, false), RK_OK);
            support_do(driver, emulator, &call, PROBE_NVM_WRITE, 100, 0x11);
            support_probe(&call, PROBE_NVM_WRITE, 100, 0x22);
            driver->power_cut_at(emulator, step);
            enum rk_call_status status = driver->call(emulator, &call);
            assert_true(status == RK_CALL_POWER_CUT || status == RK_CALL_OK);
            assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 100, stored, sizeof stored), sizeof stored);
            unsigned now = 0;
            while (now < sizeof stored && stored[now] == 0x22) {
                now++;
            }
            for (unsigned i = now; i < sizeof stored; i++) {
                assert_int_equal(stored[i], 0x11);
            }
            assert_true(now >= last);
            partial += now > 0 && now < sizeof stored;
            last = now;
        }
        assert_true(partial > 0);
        driver->close(emulator);
    }
}

static void ram_is_the_window(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        struct rk_emulator *emulator = support_open(device, RK_OP_aes_key_wrap);
        static uint8_t free_ram[WINDOW_bytes / 2];
        static const uint8_t zero[sizeof free_ram];
        uint8_t byte;
        assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, WINDOW_bytes / 4, free_ram, sizeof free_ram),
                         sizeof free_ram);
        assert_memory_equal(free_ram, zero, sizeof zero); /* no device tree, no leftovers */
        assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, WINDOW_bytes - 1, &byte, 1), 1);
        assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, WINDOW_bytes, &byte, 1), 0);
        assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, NVM_bytes, &byte, 1), 0);
        driver->close(emulator);
    }
}

/* --- a program of anybody's, counted by hand ------------------------------------------------------------------- */

/* Of two runs of a region together, so that halves of a cycle show. */
struct expected {
    uint32_t instructions, low, central, high, stack_bytes;
    const char *why; /* of one run */
};

/* Half a cycle each, a third more for one that issues apart; high: one a cycle. */
static const struct expected expected_a53[] = {
    {20, 10, 10, 20, 0, "10 x 0.5 + 0.33 for the first"},
    {8, 4, 6, 8, 0, "4 x 0.83: each needs the one before"},
    {8, 6, 9, 14, 0, "4 x 0.5 + 2 x 0.33, load to use 1..2..3"},
    {4, 2, 5, 8, 0, "2 x 0.83, product to use 0..1..2"},
    {6, 3, 5, 10, 32, "nop 0.5, two pairs of 0..0.5..1 + 2 x 0.25..0.5, first 0.33"},
    {4, 2, 4, 6, 0, "2 x 0.83, branch taken 0..0.5..1"},
    {14, 7, 14, 30, 0, "4 x 0.5, b.ne 3 x 0.5..0.9..3, taken 2 x 0..0.5..1, apart: first, second, after each taken"},
};

static const struct expected expected_a7[] = {
    {20, 10, 16, 20, 0, "10 x 0.5..0.8..1"},
    {8, 4, 6, 8, 0, "4 x 0.5..0.8..1"},
    {8, 4, 7, 10, 0, "3 x 0.5..0.8..1, load 0.5..1.2..2"},
    {4, 3, 4, 6, 0, "multiply 1..1.2..2, add 0.5..0.8..1"},
    {6, 9, 11, 15, 16, "nop 0.5..0.8..1, push 0..0.5..1, pop 0..0.5..1.5, 8 words x 0.5"},
    {4, 2, 3, 6, 0, "0.5..0.8..1 twice, taken 0..0.3..1"},
    {14, 7, 13, 30, 0, "4 x 0.5..0.8..1, branch 3 x 0.5..1..3, taken 2 x 0..0.3..1"},
};

enum { REGIONS = sizeof expected_a53 / sizeof *expected_a53 };

static const char *const compilers[] = {
    "arm-none-eabi-gcc -mcpu=cortex-a7 -mthumb -mfloat-abi=soft devices/firmware/cortex-a/start_thumb.S",
    "aarch64-linux-gnu-gcc -mcpu=cortex-a53 -fno-pic -no-pie -U__linux__ -Wl,--build-id=none "
    "devices/firmware/cortex-a/start_a64.S",
};

static void programs_are_measured(void **state)
{
    (void)state;

    FOR_EACH(device)
    {
        static struct rk_region regions[RK_REGIONS_MAX];
        const struct expected *expected = device == devices ? expected_a7 : expected_a53;
        struct rk_device_profile bare = *device;
        struct rk_diag diag = {""};
        char folder[] = "/tmp/rk-cortex-a-XXXXXX";
        char image[64], command[1024];
        unsigned count = 0;
        assert_non_null(mkdtemp(folder));
        snprintf(image, sizeof image, "%s/program.elf", folder);
        snprintf(command, sizeof command,
                 "cd '%s' && %s -Os -Wall -Wextra -Werror -I. -isystem devices/firmware/libc/include "
                 "tests/devices/cortex_a_program.c devices/firmware/cortex-a/start.c devices/firmware/libc/memory.c "
                 "-nostartfiles -nolibc -static -T devices/firmware/cortex-a/cortex-a.ld "
                 "-Wl,--defsym=rk_nvm_bytes=0,--no-warn-rwx-segments -o '%s'",
                 rk_firmware_root(), compilers[device - devices], image);
        assert_int_equal(system(command), 0);
        enum rk_err err = driver->measure(&bare, image, regions, &count, &diag);
        unlink(image);
        rmdir(folder);
        if (err != RK_OK) {
            fail_msg("%s", diag.text);
        }
        assert_int_equal(count, REGIONS);
        for (unsigned i = 0; i < REGIONS; i++) {
            const struct rk_measure *cost = &regions[i].cost;
            const struct expected *want = &expected[i];
            assert_int_equal(regions[i].id, i + 1);
            assert_int_equal(regions[i].calls, 2);
            if (cost->instructions != want->instructions || cost->cycles_low != want->low ||
                cost->cycles != want->central || cost->cycles_high != want->high ||
                cost->stack_bytes != want->stack_bytes) {
                fail_msg("%s, region %u: %" PRIu64 " instructions, %" PRIu64 " in %" PRIu64 "..%" PRIu64
                         " cycles, %u bytes of stack; expected %u, %u in %u..%u; %u: %s",
                         device->name, i + 1, cost->instructions, cost->cycles, cost->cycles_low, cost->cycles_high,
                         cost->stack_bytes, want->instructions, want->central, want->low, want->high, want->stack_bytes,
                         want->why);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_region_is_nothing),         cmocka_unit_test(known_answer_and_one_cost_in_every_mode),
        cmocka_unit_test(stack_heap_and_nvm_are_measured), cmocka_unit_test(what_stops_a_call_is_told_apart),
        cmocka_unit_test(power_cuts_leave_prefixes),       cmocka_unit_test(ram_is_the_window),
        cmocka_unit_test(programs_are_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
