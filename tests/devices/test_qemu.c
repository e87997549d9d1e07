/* tests/devices/test_qemu.c - the QEMU driver: calls, memory, what stops a device, power cuts, and no traces left */
#include "tests/devices/support.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "engine/core/sha256.h"
#include "engine/study/device_file.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_qemu;

enum { RAM_bytes = 65536, NVM_bytes = 8192, WORD_ns = 41000, PAGE_ns = 85000000 };

/* The devices with a Cortex-M; what is not about the core is tested on the Cortex-M4. */
static const char *const names[] = {"cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m33"};

enum { DEVICES = sizeof names / sizeof *names, M4 = 2 };

static struct rk_device_profile devices[DEVICES];

static int load_devices(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DEVICES; i++) {
        struct rk_diag diag = {""};
        if (rk_device_load(rk_firmware_root(), names[i], &devices[i], &diag) != RK_OK) {
            print_error("%s\n", diag.text);
            return -1;
        }
    }
    const struct rk_device_profile *m4 = &devices[M4];
    return m4->ram_bytes == RAM_bytes && m4->nvm_bytes == NVM_bytes && m4->nvm_write_ns == WORD_ns &&
                   m4->nvm_erase_ns == PAGE_ns
               ? 0
               : -1;
}

static struct rk_emulator *open_probe(void)
{
    return support_open(&devices[M4], RK_OP_aes_key_wrap);
}

static void empty_region_is_nothing(void **state)
{
    static const uint64_t none[RK_CLASSES_MAX];
    (void)state;

    for (unsigned i = 0; i < 3 * DEVICES; i++) {
        struct rk_emulator *emulator = support_open(&devices[i / 3], RK_OP_empty);
        struct rk_call call = {.operation = RK_OP_empty};
        assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
        assert_int_equal(call.result, RK_CRYPTO_OK);
        assert_true(call.cost.has_cycles && call.cost.has_instructions && call.cost.has_stack);
        assert_int_equal(call.cost.cycles_high, 0);
        assert_int_equal(call.cost.instructions, 0);
        assert_int_equal(call.cost.stack_bytes, 0);
        assert_int_equal(call.cost.nvm_write_bytes, 0);
        assert_memory_equal(call.cost.class_count, none, sizeof none);
        driver->close(emulator);
    }
}

static void hash(struct rk_emulator *emulator, struct rk_call *call)
{
    /* FIPS 180-4's example: SHA-256 of "abc". */
    static const uint8_t digest_abc[4] = {0xba, 0x78, 0x16, 0xbf};
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
    struct rk_call first;
    (void)state;

    for (unsigned i = 0; i < 4 * DEVICES; i++) {
        unsigned mode = i % 4;
        rki_qemu_test_modes(mode == 1, mode == 2, mode == 3);
        struct rk_emulator *emulator = support_open(&devices[i / 4], RK_OP_sha256);
        for (int k = 0; k < 2; k++) {
            struct rk_call call;
            hash(emulator, &call);
            if (mode == 0 && k == 0) {
                first = call;
            }
            assert_memory_equal(&call.cost, &first.cost, sizeof call.cost);
        }
        driver->close(emulator);
        assert_int_equal(rk_cycle_instructions(first.cost.class_count), first.cost.instructions);
        assert_true(first.cost.cycles_low < first.cost.cycles && first.cost.cycles < first.cost.cycles_high);
        assert_true(first.cost.cycles > first.cost.instructions);
    }
    rki_qemu_test_modes(false, false, false);
}

/* What came before a rewind does not show: every figure is that of the same call after a boot. */
static void a_rewind_is_a_boot(void **state)
{
    static const struct {
        enum probe kind;
        uint16_t amount;
    } calls[] = {{PROBE_STACK, 700}, {PROBE_HEAP, 300}, {PROBE_COUNT, 0}, {PROBE_NVM_WRITE, 5}};
    enum { CALLS = sizeof calls / sizeof *calls };
    (void)state;

    for (unsigned i = 0; i < DEVICES; i++) {
        struct rk_emulator *emulator = support_open(&devices[i], RK_OP_aes_key_wrap);
        struct rk_call fresh, call;
        for (unsigned which = 0; which < CALLS; which++) {
            assert_int_equal(driver->reset(emulator, false), RK_OK);
            support_do(driver, emulator, &fresh, calls[which].kind, calls[which].amount, 0x33);
            for (unsigned history = 0; history < 3 * CALLS; history++) {
                for (unsigned past = 0; past < history % CALLS + 1; past++) {
                    support_do(driver, emulator, &call, calls[(past + history) % CALLS].kind, 200, (uint8_t)history);
                }
                assert_int_equal(driver->rewind(emulator), RK_OK);
                support_do(driver, emulator, &call, calls[which].kind, calls[which].amount, 0x33);
                assert_memory_equal(&call.cost, &fresh.cost, sizeof call.cost);
                assert_memory_equal(call.data, fresh.data, call.data_bytes);
            }
        }
        /* NVM is kept; a device that crashed is booted. */
        uint8_t stored = 0;
        assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 5, &stored, 1), 1);
        assert_int_equal(stored, 0x33);
        support_probe(&call, PROBE_ABORT, 0, 0);
        assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
        assert_int_equal(driver->rewind(emulator), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        assert_int_equal(call.data[2], 1);
        driver->close(emulator);
    }
}

/* An ARMv6-M core traps what the machine's own core would do. */
static void unaligned_accesses_trap_on_the_m0plus(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DEVICES; i++) {
        struct rk_emulator *emulator = support_open(&devices[i], RK_OP_aes_key_wrap);
        struct rk_call call;
        support_probe(&call, PROBE_UNALIGNED, 1, 0);
        enum rk_call_status status = driver->call(emulator, &call);
        assert_int_equal(status, i == 0 ? RK_CALL_CRASHED : RK_CALL_OK);
        if (i == 0) {
            assert_non_null(strstr(driver->reason(emulator), "unaligned access"));
        }
        driver->close(emulator);
    }
}

static void heap_nvm_and_stack_are_measured(void **state)
{
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    uint8_t stored[16];
    uint8_t fill[16];
    (void)state;

    support_do(driver, emulator, &call, PROBE_STACK, 1000, 0);
    assert_in_range(call.cost.stack_bytes, 1000, 1100);
    uint32_t base_bytes = call.cost.stack_bytes - 1000;
    support_do(driver, emulator, &call, PROBE_STACK, 4000, 0);
    assert_in_range(call.cost.stack_bytes, 4000 + base_bytes - 8, 4000 + base_bytes + 8);
    support_do(driver, emulator, &call, PROBE_HEAP, 1000, 0);
    assert_in_range(call.cost.heap_bytes, 3000, 3032);
    uint32_t reach_bytes = call.cost.heap_bytes;
    support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(call.cost.heap_bytes, reach_bytes); /* newlib gives nothing back ... */
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
    assert_int_equal(call.cost.heap_bytes, 0); /* ... before a boot */

    /* Bytes 17..32 touch five words. */
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 17, 0x5a);
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    assert_int_equal(call.cost.nvm_busy_ns, 5 * WORD_ns);
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 20, 0x5a);
    assert_int_equal(call.cost.nvm_busy_ns, 4 * WORD_ns);
    memset(fill, 0x5a, sizeof fill);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 17, stored, sizeof stored), sizeof stored);
    assert_memory_equal(stored, fill, sizeof fill);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 16, stored, 1), 1);
    assert_int_equal(stored[0], 0xff);                              /* erased */
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 17, 0xa7); /* over 0x5a: bits are cleared only */
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 17, stored, 1), 1);
    assert_int_equal(stored[0], 0x5a & 0xa7);
    support_do(driver, emulator, &call, PROBE_NVM_RENEW, 0, 0xa7);
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    assert_int_equal(call.cost.nvm_busy_ns, PAGE_ns + 4 * WORD_ns);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 15, stored, 2), 2);
    assert_true(stored[0] == 0xa7 && stored[1] == 0xff);
    support_probe(&call, PROBE_NVM_RENEW, 1024, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED); /* no page begins there */
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, NVM_bytes - 3, stored, sizeof stored), 3);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, NVM_bytes, stored, sizeof stored), 0);
    support_probe(&call, PROBE_NVM_WRITE, NVM_bytes - 8, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED);
    driver->close(emulator);
}

static void expect_stop(struct rk_emulator *emulator, enum probe kind, uint16_t amount, enum rk_call_status status,
                        const char *reason)
{
    struct rk_call call;

    support_probe(&call, kind, amount, 0);
    assert_int_equal(driver->call(emulator, &call), status);
    if (strstr(driver->reason(emulator), reason) == NULL) {
        fail_msg("'%s', expected '%s'", driver->reason(emulator), reason);
    }
    assert_false(call.cost.has_cycles);
}

/* Whatever stops a call, a reset makes the device usable again. */
static void what_stops_a_call_is_told(void **state)
{
    static const struct {
        enum probe kind;
        uint16_t amount;
        enum rk_call_status status;
        const char *reason;
    } cases[] = {
        {PROBE_JUMP_AWAY, 0, RK_CALL_CRASHED, "branch to ARM state at pc 0x0000fff0"},
        {PROBE_ABORT, 0, RK_CALL_CRASHED, "the program ended with exit code 134"},
        {PROBE_WILD_WRITE, 0, RK_CALL_CRASHED, "access outside memory at pc 0x0000"},
        {PROBE_RECURSE, 0, RK_CALL_STACK_OVERFLOW, "outside memory"},
        {PROBE_STACK, 65500, RK_CALL_STACK_OVERFLOW, ""},
        {PROBE_HEAP, 30000, RK_CALL_STACK_OVERFLOW, "the heap met the stack"},
        {PROBE_SPIN, 0, RK_CALL_TIMEOUT, "more than 1000000 instructions"},
    };
    struct rk_call call;
    (void)state;

    rki_qemu_test_budget(1000000);
    struct rk_emulator *emulator = open_probe();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_stop(emulator, cases[i].kind, cases[i].amount, cases[i].status, cases[i].reason);
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        assert_int_equal(call.data[2], 1);
    }
    expect_stop(emulator, PROBE_ABORT, 0, RK_CALL_CRASHED, "exit code 134");
    expect_stop(emulator, PROBE_COUNT, 0, RK_CALL_CRASHED, "exit code 134"); /* stopped until a reset */
    driver->close(emulator);
    rki_qemu_test_budget(0);
}

/* The memory protection of every core, and its fault status. */
static void faults_are_told_on_every_core(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DEVICES; i++) {
        struct rk_emulator *emulator = support_open(&devices[i], RK_OP_aes_key_wrap);
        struct rk_call call;
        expect_stop(emulator, PROBE_WILD_WRITE, 0, RK_CALL_CRASHED, "access outside memory at pc 0x");
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        expect_stop(emulator, PROBE_RECURSE, 0, RK_CALL_STACK_OVERFLOW, "outside memory");
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        expect_stop(emulator, PROBE_JUMP_AWAY, 0, RK_CALL_CRASHED, "at pc 0x0000fff0");
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        driver->close(emulator);
    }
}

/* SHA-256 of RAM and NVM after a cut at `step` in writing 16 bytes of `fill` to NVM address 6. */
static void cut_at(struct rk_emulator *emulator, uint64_t step, uint8_t digest[32])
{
    static uint8_t memory[RAM_bytes + NVM_bytes];
    struct rk_call call;
    struct rk_sha256 hash;

    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_NVM_RENEW, 0, 0x77);
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 6, 0x77);
    support_probe(&call, PROBE_NVM_WRITE, 6, 0x22);
    driver->power_cut_at(emulator, step);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_POWER_CUT);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, 0, memory, RAM_bytes), RAM_bytes);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 0, memory + RAM_bytes, NVM_bytes), NVM_bytes);
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, memory, sizeof memory);
    rk_sha256_finish(&hash, digest);
}

/* out: bytes of NVM 6..21 that are new; they must be a prefix that ends at a word. */
static unsigned new_bytes(struct rk_emulator *emulator)
{
    uint8_t cells[16];
    unsigned count = 0;

    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 6, cells, sizeof cells), sizeof cells);
    while (count < sizeof cells && cells[count] == 0x22) {
        count++;
    }
    for (unsigned i = count; i < sizeof cells; i++) {
        assert_int_equal(cells[i], 0x77);
    }
    assert_true(count == 0 || count == sizeof cells || (6 + count) % 4 == 0);
    return count;
}

/* Cuts from the call's start until the write is complete: every prefix of words occurs, and nothing else. */
static void power_cuts_are_exact(void **state)
{
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    uint8_t digest[32], again[32], next[32] = {0};
    uint64_t step, untouched = 0;
    uint32_t seen = 0;
    unsigned last = 0;
    (void)state;

    cut_at(emulator, 1, digest);
    assert_int_equal(new_bytes(emulator), 0);
    for (step = 3; last < 16; step += 13) {
        cut_at(emulator, step, digest);
        unsigned now = new_bytes(emulator);
        assert_true(now >= last);
        if (now == 0) {
            untouched = step;
        }
        last = now;
        seen |= 1u << now;
    }
    assert_int_equal(seen, 1u << 0 | 1u << 2 | 1u << 6 | 1u << 10 | 1u << 14 | 1u << 16);

    /* One instruction decides about the first word, each time the same. */
    for (step = untouched; last != 2; step++) {
        memcpy(digest, next, sizeof digest);
        cut_at(emulator, step, next);
        last = new_bytes(emulator);
    }
    cut_at(emulator, step - 2, again);
    assert_int_equal(new_bytes(emulator), 0);
    assert_memory_equal(digest, again, sizeof digest);
    cut_at(emulator, step - 1, again);
    assert_int_equal(new_bytes(emulator), 2);
    assert_memory_equal(next, again, sizeof next);
    assert_memory_not_equal(digest, next, sizeof digest);

    /* NVM outlives the reset, RAM only when asked to. Disarmed, the same call comes to its end. */
    assert_int_equal(driver->reset(emulator, true), RK_OK);
    assert_true(new_bytes(emulator) > 0);
    support_probe(&call, PROBE_NVM_WRITE, 6, 0x22);
    driver->power_cut_at(emulator, 20);
    driver->power_cut_at(emulator, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    driver->close(emulator);
}

static void reset_keeps_ram_on_request(void **state)
{
    struct rk_emulator *emulator = open_probe();
    const uint32_t free_ram = RAM_bytes / 2;
    struct rk_call call;
    uint32_t word;
    (void)state;

    support_do(driver, emulator, &call, PROBE_STACK, 100, 0); /* paints the free RAM */
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, free_ram, &word, sizeof word), sizeof word);
    assert_int_not_equal(word, 0);
    assert_int_equal(driver->reset(emulator, true), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, free_ram, &word, sizeof word), sizeof word);
    assert_int_not_equal(word, 0);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, free_ram, &word, sizeof word), sizeof word);
    assert_int_equal(word, 0);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes, &word, sizeof word), 0);
    assert_int_equal(driver->read(emulator, RK_MEMORY_REGISTERS, 0, &word, sizeof word), 0);
    driver->close(emulator);
}

/* out: a child of `parent`, or 0. */
static pid_t child_of(pid_t parent)
{
    char path[64];
    int child = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    if (fscanf(file, "%d", &child) != 1) {
        child = 0;
    }
    fclose(file);
    return child;
}

static void the_child_is_gone_after_close(void **state)
{
    (void)state;
    assert_int_equal(child_of(getpid()), 0);
    struct rk_emulator *emulator = open_probe();
    pid_t child = child_of(getpid());
    assert_int_not_equal(child, 0);
    driver->close(emulator);
    assert_int_equal(child_of(getpid()), 0);
    assert_int_equal(kill(child, 0), -1);
    assert_int_equal(errno, ESRCH);
}

/* Killed without a chance to clean up, in the middle of a call: QEMU goes with its parent. */
static void the_child_dies_with_its_parent(void **state)
{
    int ready[2];
    char byte;
    (void)state;

    support_image("cortex-m4", RK_OP_aes_key_wrap);
    assert_int_equal(pipe(ready), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        rki_qemu_test_budget(UINT64_MAX / 2); /* it shall not end by itself */
        struct rk_emulator *emulator = open_probe();
        struct rk_call call;
        support_probe(&call, PROBE_SPIN, 0, 0);
        if (write(ready[1], "x", 1) == 1) {
            driver->call(emulator, &call);
        }
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    pid_t child = child_of(parent);
    assert_int_not_equal(child, 0);
    kill(parent, SIGKILL);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    /* An orphan that was killed is reaped by init, in its own time. */
    char path[64], state_letter = 'R';
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    for (int i = 0; i < 1000 && state_letter != 'Z'; i++) {
        FILE *file = fopen(path, "r");
        if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state_letter) != 1) {
            state_letter = 'Z';
        }
        if (file != NULL) {
            fclose(file);
        }
        usleep(10000);
    }
    assert_int_equal(state_letter, 'Z');
    close(ready[0]);
    close(ready[1]);
}

static void bad_input_is_one_clear_line(void **state)
{
    struct rk_emulator *emulator;
    struct rk_device_profile device = devices[M4];
    struct rk_diag diag;
    (void)state;

    assert_int_equal(rk_err_exit_status(driver->open(&emulator, &device, "no/such.elf", &diag)), 2);
    assert_null(emulator);
    assert_non_null(strstr(diag.text, "no/such.elf: "));
    assert_int_equal(driver->open(&emulator, &device, "/proc/self/exe", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "/proc/self/exe: not a program for ARM"));
    strcpy(device.machine, "mps2-an999");
    assert_int_equal(driver->open(&emulator, &device, "no/such.elf", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "cortex-m4/device.yaml: machine 'mps2-an999', expected one of mps2-an385"));
    device = devices[M4];
    strcpy(device.core, "cortex-m9");
    assert_int_equal(driver->open(&emulator, &device, "no/such.elf", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "cortex-m4/device.yaml: no cycle table for core 'cortex-m9', expected one of "));
}

/* Points REKEYLAB_QEMU elsewhere. out: what it was, NULL when it was not set; to be freed by restore_qemu(). */
static char *choose_qemu(const char *folder)
{
    const char *mine = getenv("REKEYLAB_QEMU");
    char *before = mine != NULL ? strdup(mine) : NULL;
    setenv("REKEYLAB_QEMU", folder, 1);
    return before;
}

static void restore_qemu(char *before)
{
    if (before != NULL) {
        setenv("REKEYLAB_QEMU", before, 1);
    } else {
        unsetenv("REKEYLAB_QEMU");
    }
    free(before);
}

static void missing_tools_are_named(void **state)
{
    const char *image = support_image("cortex-m4", RK_OP_empty);
    char path[4096];
    struct rk_emulator *emulator;
    struct rk_diag diag;
    (void)state;

    char *qemu = choose_qemu("");
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    enum rk_err err = driver->open(&emulator, &devices[M4], image, &diag);
    setenv("PATH", path, 1);
    restore_qemu(qemu);
    assert_int_equal(rk_err_exit_status(err), 3);
    assert_non_null(strstr(diag.text, "apt-get install qemu-system-arm"));
    setenv("REKEYLAB_LIB", "/nonexistent", 1);
    err = driver->open(&emulator, &devices[M4], image, &diag);
    unsetenv("REKEYLAB_LIB");
    assert_int_equal(err, RK_ERR_MISSING);
    assert_non_null(strstr(diag.text, "/nonexistent/rekeylab-cycles"));
}

/* A QEMU that does not take the plugin says so in its own words; the driver, in one line with the way out. */
static void another_qemu_is_refused_by_name(void **state)
{
    static const char script[] =
        "#!/bin/sh\n"
        "case $1 in --version) echo 'QEMU emulator version 9.0.1'; exit 0;; esac\n"
        "echo 'Could not load plugin x.so: plugin requires API version 1, but this QEMU supports only a minimum "
        "version of 2' >&2\n"
        "exit 1\n";
    char folder[] = "/tmp/rk-qemu-XXXXXX";
    char path[64];
    struct rk_emulator *emulator;
    struct rk_diag diag;
    const char *image = support_image("cortex-m4", RK_OP_empty);
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/qemu-system-arm", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(script, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
    char *before = choose_qemu(folder);
    enum rk_err err = driver->open(&emulator, &devices[M4], image, &diag);
    assert_string_equal(driver->version(), "9.0.1");
    restore_qemu(before);
    unlink(path);
    rmdir(folder);
    assert_int_equal(rk_err_exit_status(err), 3);
    assert_non_null(strstr(diag.text, "qemu-system-arm 9.0.1 does not take our plugin, expected QEMU "));
    assert_non_null(strstr(diag.text, "REKEYLAB_QEMU"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_region_is_nothing),
        cmocka_unit_test(known_answer_and_one_cost_in_every_mode),
        cmocka_unit_test(a_rewind_is_a_boot),
        cmocka_unit_test(unaligned_accesses_trap_on_the_m0plus),
        cmocka_unit_test(heap_nvm_and_stack_are_measured),
        cmocka_unit_test(what_stops_a_call_is_told),
        cmocka_unit_test(faults_are_told_on_every_core),
        cmocka_unit_test(power_cuts_are_exact),
        cmocka_unit_test(reset_keeps_ram_on_request),
        cmocka_unit_test(the_child_is_gone_after_close),
        cmocka_unit_test(the_child_dies_with_its_parent),
        cmocka_unit_test(bad_input_is_one_clear_line),
        cmocka_unit_test(missing_tools_are_named),
        cmocka_unit_test(another_qemu_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, load_devices, NULL);
}
