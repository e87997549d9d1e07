/* tests/devices/test_msp430.c - the MSP430 driver: the contract of emulator.h, over the fixture's firmware */
#include "tests/devices/support.h"

#include <stdlib.h>
#include <string.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/msp430.h"
#include "devices/emulators/msp430_core.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_msp430;

enum {
    RAM_bytes = 10240,
    NVM_bytes = 256,
    SEGMENT_bytes = 128,
    TICK_cycles = 10, /* of the port's timing generator */
    ERASE_cycles = 4819 * TICK_cycles,
    WORD_cycles = 35 * TICK_cycles,
    CYCLE_ns = 250,
};

static struct rk_emulator *open_probe(void)
{
    return support_open(&support_msp430f1611, RK_OP_aes_key_wrap);
}

static void empty_region_is_nothing(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_msp430f1611, RK_OP_empty);
    struct rk_call call = {.operation = RK_OP_empty};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
        assert_int_equal(call.result, RK_CRYPTO_OK);
        assert_true(call.cost.has_cycles && call.cost.has_instructions && call.cost.has_stack);
        assert_int_equal(call.cost.cycles, 0);
        assert_int_equal(call.cost.cycles_high, 0);
        assert_int_equal(call.cost.instructions, 0);
        assert_int_equal(call.cost.stack_bytes, 0);
        assert_int_equal(call.cost.heap_bytes, 0);
        assert_int_equal(call.cost.nvm_write_bytes, 0);
    }
    driver->close(emulator);
}

/* FIPS 180-4's example: SHA-256 of "abc". */
static const uint8_t abc_digest[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                       0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                       0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

static struct rk_measure hash_abc(struct rk_emulator *emulator)
{
    struct rk_call call = {.operation = RK_OP_sha256};
    const uint8_t *digest;
    uint16_t bytes;
    assert_true(rk_call_append(&call, "abc", 3));
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_OK);
    assert_true(rk_call_field(&call, 0, &digest, &bytes));
    assert_int_equal(bytes, 32);
    assert_memory_equal(digest, abc_digest, 32);
    return call.cost;
}

static void known_answer_and_repeatable_cost(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_msp430f1611, RK_OP_sha256);
    struct rk_measure first = hash_abc(emulator);
    assert_true(first.cycles > 20000 && first.cycles < 200000);
    assert_true(first.instructions > first.cycles / 6 && first.instructions < first.cycles);
    assert_int_equal(hash_abc(emulator).cycles, first.cycles);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(hash_abc(emulator).cycles, first.cycles);
    assert_int_equal(driver->rewind(emulator), RK_OK);
    assert_int_equal(hash_abc(emulator).cycles, first.cycles);
    driver->close(emulator);
}

/* What a call leaves after a rewind is what it leaves after a boot. */
static void rewinding_is_booting(void **state)
{
    (void)state;
    static uint8_t booted[RAM_bytes], rewound[RAM_bytes];
    uint8_t registers[2][32];
    struct rk_emulator *emulator = open_probe();
    struct rk_call call, again;
    support_do(driver, emulator, &call, PROBE_HEAP, 333, 1);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
    driver->read(emulator, RK_MEMORY_RAM, 0, booted, sizeof booted);
    driver->read(emulator, RK_MEMORY_REGISTERS, 0, registers[0], 32);
    support_do(driver, emulator, &again, PROBE_STACK, 700, 0);
    assert_int_equal(driver->rewind(emulator), RK_OK);
    support_do(driver, emulator, &again, PROBE_COUNT, 0, 0);
    driver->read(emulator, RK_MEMORY_RAM, 0, rewound, sizeof rewound);
    driver->read(emulator, RK_MEMORY_REGISTERS, 0, registers[1], 32);
    assert_memory_equal(booted, rewound, sizeof booted);
    assert_memory_equal(registers[0], registers[1], 32);
    assert_memory_equal(&call.cost, &again.cost, sizeof call.cost);
    driver->close(emulator);
}

/* Deepest byte of RAM that is no longer what power-up left, from the top down to the first untouched 64 bytes. */
static void stack_grows_by_what_is_touched(void **state)
{
    (void)state;
    support_stack_grows(driver, &support_msp430f1611, 8, 122, 60);
}

static void heap_peak_counts_headers(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    support_do(driver, emulator, &call, PROBE_HEAP, 200, 1);
    assert_int_equal(call.cost.heap_bytes, 200 + 400 + 2 * 2);
    assert_int_equal(driver->rewind(emulator), RK_OK);
    support_do(driver, emulator, &call, PROBE_STACK, 10, 1);
    assert_int_equal(call.cost.heap_bytes, 0);
    driver->close(emulator);
}

/* A call that fails for want of heap does not fit; it leaves the device as it was. */
static void refused_allocations_are_told(void **state)
{
    (void)state;
    support_heap_refused(driver, &support_msp430f1611);
}

/* ---- flash ---- */

static void nvm_takes_its_time_and_keeps(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    struct rki_msp430 *core = rki_msp430_of(emulator);
    struct rk_call call;
    const uint8_t *read;
    uint16_t bytes;
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 100, 0x5e); /* blank: nothing is erased */
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    assert_int_equal(call.cost.nvm_busy_ns, 8ull * WORD_cycles * CYCLE_ns);
    assert_in_range(call.cost.cycles, 500, 6000); /* the CPU is held, which is time of the flash, not its own */
    assert_int_equal(core->flash.wear[0] + core->flash.wear[1], 0);
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 120, 0xa1); /* half of it in each segment, over nothing */
    assert_int_equal(call.cost.nvm_busy_ns, 8ull * WORD_cycles * CYCLE_ns);
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 108, 0xe1); /* over 0x5e: bits are cleared only */
    assert_int_equal(core->flash.wear[0] + core->flash.wear[1], 0);
    support_do(driver, emulator, &call, PROBE_NVM_RENEW, 0, 0xe1);
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    assert_int_equal(call.cost.nvm_busy_ns, (ERASE_cycles + 8ull * WORD_cycles) * CYCLE_ns);
    assert_int_equal(core->flash.wear[0], 1);
    assert_int_equal(core->flash.wear[1], 0);
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 111, 0xc3); /* odd: half a word at each end */
    support_probe(&call, PROBE_NVM_RENEW, 64, 1);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED); /* no segment begins there */
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_NVM_READ, 108, 0);
    assert_true(rk_call_field(&call, 0, &read, &bytes));
    for (int i = 0; i < 16; i++) {
        assert_int_equal(read[i], i < 3 ? 0xff : 0xc3); /* the erasure took the rest */
    }
    support_probe(&call, PROBE_NVM_WRITE, 250, 1);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED); /* beyond the end */
    driver->close(emulator);
}

/* Cuts a renewal of segment B, 16 bytes of 0xf0 for 0x0f at address 0, after `step` cycles. Segment A holds 0x33. */
static enum rk_call_status cut_write(struct rk_emulator *emulator, uint64_t step, uint8_t cells[NVM_bytes])
{
    uint8_t before[NVM_bytes];
    struct rk_call call;
    memset(before, 0xff, sizeof before);
    memset(before, 0x0f, 16);
    memset(before + SEGMENT_bytes, 0x33, SEGMENT_bytes);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->nvm_write(emulator, 0, before, sizeof before), RK_OK);
    support_probe(&call, PROBE_NVM_RENEW, 0, 0xf0);
    driver->power_cut_at(emulator, step);
    enum rk_call_status status = driver->call(emulator, &call);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 0, cells, NVM_bytes), NVM_bytes);
    return status;
}

static void power_cut_tears_one_segment_only(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    uint8_t cells[NVM_bytes];
    unsigned torn_erase = 0, torn_word = 0, erased = 0;
    for (uint64_t step = 1000; step < ERASE_cycles + 8 * WORD_cycles; step += 97) {
        assert_int_equal(cut_write(emulator, step, cells), RK_CALL_POWER_CUT);
        for (int i = SEGMENT_bytes; i < NVM_bytes; i++) {
            assert_int_equal(cells[i], 0x33);
        }
        bool erasing = (cells[0] & cells[1] & cells[2] & cells[3] & 0x0f) == 0x0f; /* 0xf0 comes after it */
        torn_erase += erasing && cells[0] != 0xff && memcmp(cells, cells + 1, 15) != 0;
        for (unsigned i = 0; i < 16 && !erasing; i++) {
            torn_word += cells[i] != 0xf0 && cells[i] != 0xff;
        }
        erased += cells[0] == 0xff;
        for (unsigned i = 0, changed = 0; i < 16; i++) {
            changed |= cells[15 - i] == 0xf0 && !erasing;
            assert_true(!changed || (cells[15 - i] & 0xf0) == 0xf0); /* words in their order */
        }
    }
    assert_in_range(torn_erase, 150, 510); /* of the cuts in the 49000 cycles of an erasure */
    assert_true(torn_word >= 1 && erased >= 1);
    struct rk_call call;
    support_probe(&call, PROBE_COUNT, 0, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED); /* power is off until reset */
    driver->close(emulator);
}

/* Registers, then RAM, as a cut at `step` of the same call leaves them. */
static void state_after_cut(struct rk_emulator *emulator, uint64_t step, uint8_t out[32 + RAM_bytes])
{
    uint8_t cells[NVM_bytes];
    assert_int_equal(cut_write(emulator, step, cells), RK_CALL_POWER_CUT);
    assert_int_equal(driver->read(emulator, RK_MEMORY_REGISTERS, 0, out, 32), 32);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, 0, out + 32, RAM_bytes), RAM_bytes);
}

/* The same n gives the same state; n and n + 1 differ by at most one instruction. */
static void power_cut_is_exact_and_repeatable(void **state)
{
    (void)state;
    static uint8_t now[32 + RAM_bytes], again[32 + RAM_bytes], next[32 + RAM_bytes];
    struct rk_emulator *emulator = open_probe();
    unsigned steps_with_change = 0;
    for (uint64_t step = 300; step < 420; step++) {
        unsigned differing = 0;
        state_after_cut(emulator, step, now);
        state_after_cut(emulator, step, again);
        assert_memory_equal(now, again, sizeof now);
        state_after_cut(emulator, step + 1, next);
        for (size_t i = 0; i < sizeof now; i++) {
            differing += now[i] != next[i];
        }
        assert_true(differing <= 8); /* PC, SR, a register, a stored word */
        steps_with_change += differing > 0;
    }
    assert_true(steps_with_change > 20);
    driver->close(emulator);
}

/* ---- what stops a call ---- */

static void failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum probe probe;
        enum rk_call_status status;
        const char *reason;
    } cases[] = {
        {PROBE_RECURSE, RK_CALL_STACK_OVERFLOW, "met the heap or static data"},
        {PROBE_JUMP_AWAY, RK_CALL_CRASHED, "left the program, for 0xfff0"},
        {PROBE_ABORT, RK_CALL_CRASHED, "stopped itself"},
        {PROBE_SPIN, RK_CALL_TIMEOUT, "still running after the cycle budget"},
        {PROBE_WILD_WRITE, RK_CALL_CRASHED, "write to locked flash at 0xf000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_emulator *emulator = open_probe();
        struct rk_call call;
        rki_msp430_set_budget(emulator, 10000000);
        support_probe(&call, cases[i].probe, 0, 0);
        assert_int_equal(driver->call(emulator, &call), cases[i].status);
        if (strstr(driver->reason(emulator), cases[i].reason) == NULL) {
            fail_msg("'%s' is not in '%s'", cases[i].reason, driver->reason(emulator));
        }
        assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        driver->close(emulator);
    }
}

static void ram_survives_a_warm_reset_only(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    uint8_t byte;
    struct rk_call call;
    support_do(driver, emulator, &call, PROBE_STACK, 1000, 1);
    assert_int_equal(driver->reset(emulator, true), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 700, &byte, 1), 1);
    assert_int_equal(byte, 0x3c);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 700, &byte, 1), 1);
    assert_int_equal(byte, 0xa5);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes, &byte, 1), 0);
    driver->close(emulator);
}

static void wrong_machines_images_and_requests_are_refused(void **state)
{
    (void)state;
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag;
    const char *image = support_image("msp430f1611", RK_OP_empty);
    struct rk_device_profile profile = support_msp430f1611;
    strcpy(profile.machine, "msp430g2553");
    assert_int_equal(driver->open(&emulator, &profile, image, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "no machine 'msp430g2553', expected 'msp430f1611'"));
    profile = support_msp430f1611;
    profile.nvm_bytes = 512;
    assert_int_equal(driver->open(&emulator, &profile, image, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "nvm is 512 bytes, expected the 256 of an MSP430F1611"));
    assert_int_equal(driver->open(&emulator, &support_msp430f1611, "/proc/self/exe", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "not a program for MSP430"));
    assert_null(emulator);
    emulator = open_probe();
    struct rk_call call = {.operation = RK_OP_aes_key_wrap, .fields = 1, .data_bytes = 2000};
    assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
    assert_string_equal(driver->reason(emulator), "the request is longer than the mailbox");
    driver->close(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_region_is_nothing),
        cmocka_unit_test(known_answer_and_repeatable_cost),
        cmocka_unit_test(rewinding_is_booting),
        cmocka_unit_test(stack_grows_by_what_is_touched),
        cmocka_unit_test(heap_peak_counts_headers),
        cmocka_unit_test(refused_allocations_are_told),
        cmocka_unit_test(nvm_takes_its_time_and_keeps),
        cmocka_unit_test(power_cut_tears_one_segment_only),
        cmocka_unit_test(power_cut_is_exact_and_repeatable),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(ram_survives_a_warm_reset_only),
        cmocka_unit_test(wrong_machines_images_and_requests_are_refused),
    };
    return cmocka_run_group_tests_name("msp430", tests, NULL, NULL);
}
