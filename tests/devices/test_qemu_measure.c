/* tests/devices/test_qemu_measure.c - any program for a Cortex-M: where it may be, how it may end, what is said when
 * not */
#include "tests/devices/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "engine/study/device_file.h"

static char folder[256], elf[300];

/* Vectors of which all but the reset lead to `hang`. */
#define VECTORS                                                                                                        \
    ".syntax unified\n .thumb\n .section .vectors, \"a\"\n .word STACK, reset + 1\n .rept 14\n .word hang + 1\n "      \
    ".endr\n"                                                                                                          \
    ".text\n"

/* Two calls of region 200 and one of region 0, whose number is not said; 16 bytes of stack in the first. */
#define WORK                                                                                                           \
    ".thumb_func\n reset: movs r4, #2\n"                                                                               \
    "1: push {r0}\n pop {r0}\n cmp r0, #200\n mov r9, r9\n bl 2f\n mov r10, r10\n subs r4, #1\n bne 1b\n"              \
    "mov r9, r9\n adds r1, #1\n mov r10, r10\n b 3f\n"                                                                 \
    ".thumb_func\n 2: push {r4-r6, lr}\n pop {r4-r6, pc}\n"                                                            \
    "3:\n"

#define HANG ".thumb_func\n hang: b hang\n"

/* In assembly, and at the addresses given. */
static void build(const char *core, const char *program, uint32_t flash, uint32_t stack)
{
    char source[300], command[1200];

    snprintf(source, sizeof source, "%s/program.S", folder);
    FILE *file = fopen(source, "w");
    assert_non_null(file);
    assert_true(fputs(program, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(
        command, sizeof command,
        "arm-none-eabi-gcc -mcpu=%s -mthumb -nostdlib -DSTACK=0x%x -Wl,-Ttext=0x%x -Wl,--section-start=.vectors=0x%x "
        "-Wl,-e,0x%x '%s' -o '%s'",
        core, stack, flash + 0x40, flash, flash + 0x41, source, elf);
    assert_int_equal(system(command), 0);
}

static struct rk_device_profile device_of(const char *name)
{
    struct rk_device_profile device;
    struct rk_diag diag = {""};

    if (rk_device_load(rk_firmware_root(), name, &device, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return device;
}

static struct rk_region regions[RK_REGIONS_MAX];

static unsigned measure(const char *device_name)
{
    struct rk_device_profile device = device_of(device_name);
    struct rk_diag diag = {""};
    unsigned count;

    if (rk_emulator_qemu.measure(&device, elf, regions, &count, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return count;
}

static void expect_refusal(const char *device_name, const char *said)
{
    struct rk_device_profile device = device_of(device_name);
    struct rk_diag diag = {""};
    unsigned count;
    enum rk_err err = rk_emulator_qemu.measure(&device, elf, regions, &count, &diag);

    assert_int_equal(rk_err_exit_status(err), 2);
    assert_int_equal(count, 0);
    if (strstr(diag.text, said) == NULL) {
        fail_msg("'%s', expected '%s'", diag.text, said);
    }
}

/* in: cycles of the work's two calls. */
static void expect_work(const char *device_name, unsigned cycles)
{
    assert_int_equal(measure(device_name), 2);
    assert_int_equal(regions[0].id, 0);
    assert_int_equal(regions[0].calls, 1);
    assert_int_equal(regions[0].cost.cycles, 1);
    assert_int_equal(regions[0].cost.instructions, 1);
    assert_int_equal(regions[1].id, 200);
    assert_int_equal(regions[1].calls, 2);
    assert_int_equal(regions[1].cost.instructions, 6);
    assert_int_equal(regions[1].cost.cycles, 2 * cycles);
    assert_true(regions[1].cost.has_stack);
    assert_int_equal(regions[1].cost.stack_bytes, 16);
    assert_false(regions[0].cost.has_stack); /* nothing showed the stack pointer */
}

/* BL, PUSH of four, POP of four with pc: 3 + 5 + 7 on the Cortex-M0+, (1 + 2) + 5 + (5 + 2) elsewhere. */
enum { WORK_cycles = 15 };

static void programs_run_where_they_are_linked(void **state)
{
    static const struct {
        const char *device;
        uint32_t flash, stack;
    } places[] = {
        {"cortex-m0plus", 0x00000000, 0x20001000}, {"cortex-m0plus", 0x00000000, 0x21008000},
        {"cortex-m0plus", 0x08000000, 0x20001000}, {"cortex-m3", 0x00000000, 0x20400000},
        {"cortex-m3", 0x00000000, 0x22000000},     {"cortex-m3", 0x08000000, 0x20020000},
        {"cortex-m4", 0x00000000, 0x20001000},     {"cortex-m4", 0x00000000, 0x21008000},
        {"cortex-m4", 0x08000000, 0x20001000},     {"cortex-m33", 0x10000000, 0x30001000},
        {"cortex-m33", 0x10000000, 0x38001000},    {"cortex-m33", 0x10000000, 0x80001000},
    };
    (void)state;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        build(places[i].device, VECTORS WORK HANG, places[i].flash, places[i].stack);
        expect_work(places[i].device, WORK_cycles);
    }
}

static void programs_end_as_they_like(void **state)
{
    static const char *const ends[] = {
        "mov r12, r12\n",
        "b hang\n",
        "b.w .\n",
        "1: wfi\n b 1b\n",
        "movs r0, #0x18\n ldr r1, =0x20026\n bkpt 0xab\n b hang\n .ltorg\n",
        "mov r11, r11\n isb\n", /* it would wait for a request: there is none */
    };
    char program[2048];
    (void)state;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(program, sizeof program, "%s%s%s", VECTORS WORK, ends[i], HANG);
        build("cortex-m4", program, 0, 0x20001000);
        expect_work("cortex-m4", WORK_cycles);
    }
}

/* A program that goes on for ever has its regions measured, but not one that does so inside of one. */
static void a_budget_ends_what_does_not_end(void **state)
{
    (void)state;
    rki_qemu_test_budget(100000);
    build("cortex-m4", VECTORS WORK "1: nop\n b 1b\n" HANG, 0, 0x20001000);
    expect_work("cortex-m4", WORK_cycles);
    build("cortex-m4", VECTORS WORK "mov r9, r9\n 1: nop\n b 1b\n" HANG, 0, 0x20001000);
    expect_refusal("cortex-m4", "does not end within 100000 instructions in region 0");
    rki_qemu_test_budget(0);
}

static void every_mode_gives_the_same(void **state)
{
    (void)state;
    build("cortex-m0plus", VECTORS WORK "b hang\n" HANG, 0, 0x20001000);
    for (int mode = 0; mode < 4; mode++) {
        rki_qemu_test_modes(mode == 1, mode == 2, mode == 3);
        expect_work("cortex-m0plus", WORK_cycles);
    }
    rki_qemu_test_modes(false, false, false);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *device, *body, *said;
        uint32_t flash, stack;
    } cases[] = {
        {"cortex-m4", ".thumb_func\n reset: b hang\n", "no region was measured", 0, 0x20001000},
        {"cortex-m4", ".thumb_func\n reset: mov r9, r9\n b hang\n", "ends in region 0", 0, 0x20001000},
        {"cortex-m4", ".thumb_func\n reset: cmp r0, #9\n mov r9, r9\n udf #1\n mov r10, r10\n b hang\n",
         "crashes: HardFault: Undefined Instruction in region 9", 0, 0x20001000},
        {"cortex-m4", WORK "ldr r0, =0xf0000000\n ldr r0, [r0]\n b hang\n .ltorg\n",
         "crashes: HardFault: Data Abort, at fault address 0xf0000000", 0, 0x20001000},
        {"cortex-m0plus", WORK "ldr r0, =0x20000001\n ldr r0, [r0]\n b hang\n .ltorg\n", "UNALIGNED", 0, 0x20001000},
        {"cortex-m0plus", ".arch armv7-m\n" WORK "add.w r0, r0, #1\n b hang\n", "none of cortex-m0plus's", 0,
         0x21001000},
        {"cortex-m4", WORK "movs r0, #0x18\n ldr r1, =0x20023\n bkpt 0xab\n b hang\n .ltorg\n",
         "ends with exit status 1", 0, 0x20001000},
        {"cortex-m4", ".thumb_func\n reset: mov r9, r9\n mov r9, r9\n b hang\n", "a region begins inside a region", 0,
         0x20001000},
        {"cortex-m4", WORK "b hang\n", "at 0x10000000 are outside the memory of cortex-m4, expected 0x00000000..",
         0x10000000, 0x20001000},
        {"cortex-m33", WORK "b hang\n", "expected 0x10000000..0x103fffff, 0x30000000..", 0, 0x20001000},
        {"cortex-m4", WORK "b hang\n", "no vector table with a stack pointer in memory at 0x00000000", 0, 0x50001000},
    };
    char program[2048];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(program, sizeof program, "%s%s%s", VECTORS, cases[i].body, HANG);
        build(cases[i].device, program, cases[i].flash, cases[i].stack);
        expect_refusal(cases[i].device, cases[i].said);
    }
    snprintf(elf, sizeof elf, "%s/nothing.elf", folder);
    expect_refusal("cortex-m4", "nothing.elf: No such file or directory");
    snprintf(elf, sizeof elf, "%s/program.S", folder);
    expect_refusal("cortex-m4", "program.S: not a linked program");
    snprintf(elf, sizeof elf, "/proc/self/exe");
    expect_refusal("cortex-m4", "not a");
    snprintf(elf, sizeof elf, "%s/program.elf", folder);
}

/* A C program with the start-up code of the devices: its stack is painted, its faults are reported by itself. */
static void programs_in_c_use_what_devices_use(void **state)
{
    static const char program[] =
        "#include <stdlib.h>\n#include \"devices/firmware/region.h\"\n"
        "volatile unsigned char sink;\n"
        "static __attribute__((noinline)) void deep(void)\n"
        "{\n    volatile unsigned char a[2000];\n    a[0] = 1;\n    a[1999] = 2;\n    sink = a[0];\n}\n"
        "int main(void)\n{\n"
        "    RK_REGION_START(1);\n    deep();\n    RK_REGION_STOP(1);\n"
        "    char *block = malloc(100);\n    sink = block != 0;\n"
        "    if (sink != EXPECTED) {\n        abort();\n    }\n"
        "    return 0;\n}\n";
    char path[300], command[2000];
    (void)state;

    snprintf(path, sizeof path, "%s/program.c", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(program, file) >= 0);
    assert_int_equal(fclose(file), 0);
    for (int fails = 0; fails <= 1; fails++) {
        snprintf(command, sizeof command,
                 "cd '%s' && arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb -I. -DEXPECTED=%d '%s' "
                 "devices/firmware/cortex-m/start.c --specs=nano.specs -nostartfiles -T "
                 "devices/firmware/cortex-m/cortex-m.ld -Wl,--defsym=rk_code_base=0,--defsym=rk_ram_base=0x21000000 "
                 "-Wl,--defsym=rk_ram_bytes=65536,--defsym=rk_flash_bytes=262144,--defsym=rk_nvm_bytes=8192 "
                 "-Wl,--no-warn-rwx-segments -o '%s'",
                 rk_firmware_root(), fails == 0 ? 1 : 2, path, elf);
        assert_int_equal(system(command), 0);
        if (fails == 0) {
            assert_int_equal(measure("cortex-m4"), 1);
            assert_int_equal(regions[0].id, 1);
            assert_in_range(regions[0].cost.stack_bytes, 2000, 2016);
        } else {
            expect_refusal("cortex-m4", "crashes: the program ended with exit code 134");
        }
    }
    unlink(path);
}

/* The program and the command line of devices/firmware/cortex-m/README.md, as they stand there. */
static void the_readme_is_right(void **state)
{
    char path[1100], line[512], command[1200] = "";
    bool in_program = false;
    (void)state;

    snprintf(path, sizeof path, "%s/devices/firmware/cortex-m/README.md", rk_firmware_root());
    FILE *readme = fopen(path, "r");
    assert_non_null(readme);
    snprintf(path, sizeof path, "%s/kernel.S", folder);
    FILE *source = fopen(path, "w");
    assert_non_null(source);
    while (fgets(line, sizeof line, readme) != NULL) {
        if (strncmp(line, "```", 3) == 0) {
            in_program = strncmp(line, "```asm", 6) == 0;
        } else if (in_program) {
            assert_true(fputs(line, source) >= 0);
        } else if (strncmp(line, "arm-none-eabi-gcc ", 18) == 0) {
            snprintf(command, sizeof command, "cd '%s' && %s", folder, line);
        }
    }
    assert_int_equal(fclose(source), 0);
    fclose(readme);
    assert_int_equal(system(command), 0);
    snprintf(elf, sizeof elf, "%s/kernel.elf", folder);
    assert_int_equal(measure("cortex-m0plus"), 1);
    assert_int_equal(regions[0].id, 7);
    assert_int_equal(regions[0].cost.cycles, 39);
    assert_int_equal(regions[0].cost.stack_bytes, 0);
    assert_true(regions[0].cost.has_stack);
    unlink(elf);
    unlink(path);
    snprintf(elf, sizeof elf, "%s/program.elf", folder);
}

static int make_folder(void **state)
{
    const char *temporary = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/rk-measure-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(elf, sizeof elf, "%s/program.elf", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char source[300];
    (void)state;
    snprintf(source, sizeof source, "%s/program.S", folder);
    unlink(source);
    unlink(elf);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_run_where_they_are_linked),
        cmocka_unit_test(programs_end_as_they_like),
        cmocka_unit_test(a_budget_ends_what_does_not_end),
        cmocka_unit_test(every_mode_gives_the_same),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(programs_in_c_use_what_devices_use),
        cmocka_unit_test(the_readme_is_right),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
