/* tests/devices/test_simavr.c - the ATmega driver against the data sheet, against RAM painting, and against itself */
#include "tests/devices/support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/simavr.h"

static const struct rk_emulator_driver *const driver = &rk_emulator_simavr;

enum { RAM_bytes = 16384, CELL_cycles = 27200 }; /* 3.4 ms at 8 MHz */

static struct rk_emulator *open_probe(void)
{
    return support_open(&support_atmega1284p, RK_OP_aes_key_wrap);
}

static void empty_region_is_nothing(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_atmega1284p, RK_OP_empty);
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

static uint64_t hash_abc(struct rk_emulator *emulator)
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
    return call.cost.cycles;
}

static void known_answer_and_repeatable_cost(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_atmega1284p, RK_OP_sha256);
    uint64_t first = hash_abc(emulator);
    assert_true(first > 50000 && first < 1000000);
    assert_int_equal(hash_abc(emulator), first);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(hash_abc(emulator), first);
    driver->close(emulator);
}

static void wrong_requests_are_refused(void **state)
{
    (void)state;
    struct rk_emulator *emulator = support_open(&support_atmega1284p, RK_OP_sha256);
    struct rk_call call = {.operation = RK_OP_hmac_sha256};
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_UNSUPPORTED);
    call = (struct rk_call){.operation = RK_OP_sha256, .fields = 1, .data_bytes = 4, .data = {200, 0}};
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED);
    assert_int_equal(call.fields, 0);
    driver->close(emulator);
}

/* Deepest byte of RAM that is no longer what power-up left, from the top down to the first untouched 64 bytes. */
/* Frames of many sizes: SP, which is written in two halves, borrows from its upper half in some and not in others. */
static void stack_grows_by_what_is_touched(void **state)
{
    (void)state;
    support_stack_grows(driver, &support_atmega1284p, 16, 61, 100);
}

static void heap_peak_counts_headers(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    support_do(driver, emulator, &call, PROBE_HEAP, 200, 1);
    assert_int_equal(call.cost.heap_bytes, 200 + 400 + 2 * 2);
    support_do(driver, emulator, &call, PROBE_STACK, 10, 1);
    assert_int_equal(call.cost.heap_bytes, 0);
    driver->close(emulator);
}

/* A call that fails for want of heap does not fit; it leaves the device as it was. */
static void refused_allocations_are_told(void **state)
{
    (void)state;
    support_heap_refused(driver, &support_atmega1284p);
}

static void eeprom_takes_its_time_and_keeps(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    const uint8_t *read;
    uint16_t bytes;
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 100, 0x5e);
    assert_int_equal(call.cost.nvm_write_bytes, 16);
    assert_int_equal(call.cost.nvm_busy_ns, 16 * 3400000ull);
    assert_in_range(call.cost.cycles, 16, 2000); /* the wait is time of the EEPROM, not of the CPU as well */
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    support_do(driver, emulator, &call, PROBE_NVM_READ, 100, 0);
    assert_true(rk_call_field(&call, 0, &read, &bytes));
    for (int i = 0; i < 16; i++) {
        assert_int_equal(read[i], 0x5e);
    }
    support_probe(&call, PROBE_NVM_WRITE, 4090, 1);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_OK);
    assert_int_equal(call.result, RK_CRYPTO_FAILED); /* beyond the end */
    driver->close(emulator);
}

/* Cuts a write of 16 bytes of 0x00 over 0xff at `step`. out: cells[16], and the status. */
static enum rk_call_status cut_write(struct rk_emulator *emulator, uint64_t step, uint8_t cells[16])
{
    static const uint8_t erased[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct rk_call call;
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->nvm_write(emulator, 0, erased, sizeof erased), RK_OK);
    support_probe(&call, PROBE_NVM_WRITE, 0, 0x00);
    driver->power_cut_at(emulator, step);
    enum rk_call_status status = driver->call(emulator, &call);
    assert_int_equal(driver->read(emulator, RK_MEMORY_NVM, 0, cells, 16), 16);
    return status;
}

static void power_cut_tears_one_cell(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    uint8_t cells[16];
    unsigned torn_late = 0;
    for (uint64_t step = 1000; step < 16ull * CELL_cycles; step += 3001) {
        unsigned i = 0;
        assert_int_equal(cut_write(emulator, step, cells), RK_CALL_POWER_CUT);
        while (i < 16 && cells[i] == 0x00) {
            i++;
        }
        assert_true(i <= step / CELL_cycles); /* what is done took its time */
        assert_true(i + 1 >= step / CELL_cycles);
        torn_late += i < 16 && cells[i] != 0x00 && cells[i] != 0xff;
        for (i++; i < 16; i++) {
            assert_int_equal(cells[i], 0xff);
        }
    }
    assert_in_range(torn_late, 35, 60); /* of 145 cuts, those in the last third of a cell: 0x00 over 0xff */
    struct rk_call call;
    support_probe(&call, PROBE_COUNT, 0, 0);
    assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED); /* power is off until reset */
    driver->close(emulator);
}

/* Registers, then RAM, as a cut at `step` of the same call leaves them. */
static void state_after_cut(struct rk_emulator *emulator, uint64_t step, uint8_t out[32 + RAM_bytes])
{
    uint8_t cells[16];
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
        assert_true(differing <= 3); /* a register pair, one store, or a call's return address */
        steps_with_change += differing > 0;
    }
    assert_true(steps_with_change > 20);
    driver->close(emulator);
}

static void ram_survives_a_warm_reset_only(void **state)
{
    (void)state;
    struct rk_emulator *emulator = open_probe();
    uint8_t before[64], after[64];
    struct rk_call call;
    support_do(driver, emulator, &call, PROBE_STACK, 1000, 1);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 700, before, 64), 64);
    assert_int_equal(driver->reset(emulator, true), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 700, after, 64), 64);
    assert_memory_equal(before, after, 64);
    assert_int_equal(before[0], 0x3c);
    assert_int_equal(driver->reset(emulator, false), RK_OK);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 700, after, 64), 64);
    assert_int_equal(after[0], 0xa5);
    assert_int_equal(driver->read(emulator, RK_MEMORY_RAM, RAM_bytes - 10, after, 64), 10);
    driver->close(emulator);
}

/* Static data, heap, stack and what a call leaves in them are those after a boot; the EEPROM is not touched. */
static void rewinding_is_booting(void **state)
{
    (void)state;
    enum { HISTORIES = 4 };
    struct rk_emulator *emulator = open_probe();
    struct rk_call call;
    struct rk_measure cost[2];
    support_do(driver, emulator, &call, PROBE_NVM_WRITE, 100, 0x77);
    for (int history = 0; history < HISTORIES; history++) {
        for (int way = 0; way < 2; way++) {
            support_do(driver, emulator, &call, PROBE_COUNT, 0, 1);
            for (int i = 0; i < history; i++) {
                support_do(driver, emulator, &call, i % 2 == 0 ? PROBE_HEAP : PROBE_STACK, 300, 1);
            }
            assert_int_equal(way == 0 ? driver->reset(emulator, false) : driver->rewind(emulator), RK_OK);
            support_do(driver, emulator, &call, PROBE_COUNT, 0, 1);
            const uint8_t *output;
            uint16_t bytes;
            assert_true(rk_call_field(&call, 0, &output, &bytes));
            assert_int_equal(output[0], 1);
            cost[way] = call.cost;
        }
        assert_memory_equal(&cost[0], &cost[1], sizeof cost[0]);
    }
    support_do(driver, emulator, &call, PROBE_NVM_READ, 100, 0);
    const uint8_t *output;
    uint16_t bytes;
    assert_true(rk_call_field(&call, 0, &output, &bytes));
    assert_int_equal(output[0], 0x77);
    driver->close(emulator);
}

static void failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum probe probe;
        enum rk_call_status status;
        const char *reason;
    } cases[] = {
        {PROBE_RECURSE, RK_CALL_STACK_OVERFLOW, "met the heap or static data"},
        {PROBE_JUMP_AWAY, RK_CALL_CRASHED, "left the program"},
        {PROBE_ABORT, RK_CALL_CRASHED, "stopped itself"},
        {PROBE_SPIN, RK_CALL_TIMEOUT, "still running after the cycle budget"},
        {PROBE_WILD_WRITE, RK_CALL_CRASHED, "Invalid write address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_emulator *emulator = open_probe();
        struct rk_call call;
        rki_simavr_set_budget(emulator, 10000000);
        support_probe(&call, cases[i].probe, 0, 0);
        assert_int_equal(driver->call(emulator, &call), cases[i].status);
        assert_non_null(strstr(driver->reason(emulator), cases[i].reason));
        assert_int_equal(driver->call(emulator, &call), RK_CALL_CRASHED);
        assert_int_equal(driver->reset(emulator, false), RK_OK);
        support_do(driver, emulator, &call, PROBE_COUNT, 0, 0);
        driver->close(emulator);
    }
}

static void wrong_machines_and_images_are_refused(void **state)
{
    (void)state;
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag;
    const char *image = support_image("atmega1284p", RK_OP_empty);
    struct rk_device_profile profile = support_atmega1284p;
    strcpy(profile.machine, "atmega9");
    assert_int_equal(driver->open(&emulator, &profile, image, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "devices/atmega1284p/device.yaml: simavr has no machine 'atmega9'");
    profile = support_atmega1284p;
    profile.ram_bytes = 8192;
    assert_int_equal(driver->open(&emulator, &profile, image, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "devices/atmega1284p/device.yaml: ram is 8192 bytes, expected the 16384 of "
                                   "simavr's atmega1284p");
    assert_int_equal(driver->open(&emulator, &support_atmega1284p, "/proc/self/exe", &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "not a program for AVR"));
    assert_null(emulator);
}

struct worker {
    const char *image;
    struct rk_measure cost[40];
    bool passed;
};

static void *work(void *context)
{
    struct worker *worker = context;
    worker->passed = true;
    for (int i = 0; i < 40; i++) {
        struct rk_emulator *emulator = NULL;
        struct rk_call call = {.operation = RK_OP_sha256};
        rk_call_append(&call, "abc", 3);
        if (driver->open(&emulator, &support_atmega1284p, worker->image, NULL) != RK_OK ||
            driver->call(emulator, &call) != RK_CALL_OK || memcmp(call.data + 2, abc_digest, 32) != 0) {
            worker->passed = false;
        }
        worker->cost[i] = call.cost;
        driver->close(emulator);
    }
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    static struct worker workers[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        workers[i].image = support_image("atmega1284p", RK_OP_sha256);
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_true(workers[i].passed);
        for (int k = 0; k < 40; k++) {
            assert_memory_equal(&workers[i].cost[k], &workers[0].cost[0], sizeof workers[0].cost[0]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_region_is_nothing),
        cmocka_unit_test(known_answer_and_repeatable_cost),
        cmocka_unit_test(wrong_requests_are_refused),
        cmocka_unit_test(stack_grows_by_what_is_touched),
        cmocka_unit_test(heap_peak_counts_headers),
        cmocka_unit_test(refused_allocations_are_told),
        cmocka_unit_test(eeprom_takes_its_time_and_keeps),
        cmocka_unit_test(power_cut_tears_one_cell),
        cmocka_unit_test(power_cut_is_exact_and_repeatable),
        cmocka_unit_test(ram_survives_a_warm_reset_only),
        cmocka_unit_test(rewinding_is_booting),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(wrong_machines_and_images_are_refused),
        cmocka_unit_test(threads_do_not_meet),
    };
    return cmocka_run_group_tests_name("simavr", tests, NULL, NULL);
}
