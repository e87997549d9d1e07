/* tests/devices/test_nvm.c - the log of operations on NVM tells what a power cut at any step leaves, on every emulator */
#include "tests/devices/support.h"

#include <stdlib.h>
#include <string.h>

#include "engine/study/device_file.h"

static const char *const names[] = {"host", "atmega1284p", "msp430f1611", "cortex-m3", "cortex-m4", "cortex-a7"};

enum { DEVICES = sizeof names / sizeof *names, PHASES_TOLD = RK_NVM_PHASES + 1 };

struct bed {
    struct rk_device_profile device;
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
    void *kept;      /* before the write */
    uint8_t *before; /* NVM then */
    uint8_t *expected, *found;
    struct rk_call call;
    struct rk_nvm_log log; /* of the write that no cut stopped; events are a copy */
};

static void bed_open(struct bed *bed, const char *name)
{
    struct rk_diag diag = {""};
    memset(bed, 0, sizeof *bed);
    if (rk_device_load(rk_firmware_root(), name, &bed->device, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    bed->driver = rk_emulator_driver_find(bed->device.emulator);
    bed->emulator = support_open(&bed->device, RK_OP_aes_key_wrap);
    bed->before = malloc(bed->device.nvm_bytes);
    bed->expected = malloc(bed->device.nvm_bytes);
    bed->found = malloc(bed->device.nvm_bytes);
    memset(bed->before, 0xff, bed->device.nvm_bytes);
    memset(bed->before, bed->device.nvm_erase_block_bytes != 0 ? 0xf5 : 0x3a, 64);
    bed->driver->nvm_watch(bed->emulator, true);
    support_do(bed->driver, bed->emulator, &bed->call, PROBE_COUNT, 0, 0); /* it has booted */
    bed->kept = bed->driver->keep != NULL ? bed->driver->keep(bed->emulator) : NULL;
}

static void bed_close(struct bed *bed)
{
    bed->driver->close(bed->emulator);
    free((void *)(uintptr_t)bed->log.event);
    free(bed->kept);
    free(bed->before);
    free(bed->expected);
    free(bed->found);
}

/* As it was before the write. */
static void set_back(struct bed *bed)
{
    if (bed->kept != NULL) {
        assert_int_equal(bed->driver->restore(bed->emulator, bed->kept), RK_OK);
    } else {
        assert_int_equal(bed->driver->reset(bed->emulator, false), RK_OK);
    }
    assert_int_equal(bed->driver->nvm_write(bed->emulator, 0, bed->before, bed->device.nvm_bytes), RK_OK);
    if (bed->device.nvm_erase_block_bytes != 0) {
        support_probe(&bed->call, PROBE_NVM_RENEW, 0, 0x61);
    } else {
        support_probe(&bed->call, PROBE_NVM_WRITE, 6, 0x61);
    }
}

static void write_uncut(struct bed *bed)
{
    set_back(bed);
    assert_int_equal(bed->driver->call(bed->emulator, &bed->call), RK_CALL_OK);
    assert_int_equal(bed->call.result, RK_CRYPTO_OK);
    struct rk_nvm_log log = bed->driver->nvm_log(bed->emulator);
    struct rk_nvm_event *copy = malloc((log.count + 1) * sizeof *copy);
    memcpy(copy, log.event, log.count * sizeof *copy);
    bed->log = log;
    bed->log.event = copy;
    memcpy(bed->expected, bed->before, bed->device.nvm_bytes);
    rk_nvm_cut(&log, log.steps, RK_NVM_PHASES, bed->expected);
    bed->driver->read(bed->emulator, RK_MEMORY_NVM, 0, bed->found, bed->device.nvm_bytes);
    assert_memory_equal(bed->found, bed->expected, bed->device.nvm_bytes); /* the log is complete */
}

/* A cut leaves what the log says it will. out: whether anything changed against the state before. */
static bool cut_as_told(struct bed *bed, uint64_t step, unsigned phase)
{
    if (step == 0 || step >= bed->log.steps) {
        return false;
    }
    set_back(bed);
    bed->driver->power_cut_at(bed->emulator, step);
    if (phase < RK_NVM_PHASES) {
        bed->driver->power_cut_phase(bed->emulator, phase);
    }
    assert_int_equal(bed->driver->call(bed->emulator, &bed->call), RK_CALL_POWER_CUT);
    memcpy(bed->expected, bed->before, bed->device.nvm_bytes);
    rk_nvm_cut(&bed->log, step, phase, bed->expected);
    bed->driver->read(bed->emulator, RK_MEMORY_NVM, 0, bed->found, bed->device.nvm_bytes);
    if (memcmp(bed->found, bed->expected, bed->device.nvm_bytes) != 0) {
        fail_msg("%s: a cut at step %llu, phase %u, leaves another NVM than its log tells", bed->device.name,
                 (unsigned long long)step, phase);
    }
    return memcmp(bed->found, bed->before, bed->device.nvm_bytes) != 0;
}

static void cuts_leave_what_the_log_tells(void **state)
{
    (void)state;
    for (unsigned d = 0; d < DEVICES; d++) {
        struct bed bed;
        unsigned changed = 0;
        bed_open(&bed, names[d]);
        write_uncut(&bed);
        assert_in_range(bed.log.count, 4, 16); /* 16 bytes, by bytes or words, and an erasure */
        changed += cut_as_told(&bed, 1, RK_NVM_PHASES);
        assert_int_equal(changed, 0);
        for (size_t i = 0; i < bed.log.count; i++) {
            const struct rk_nvm_event *event = &bed.log.event[i];
            if (event->begin == event->end) {
                for (unsigned phase = 0; phase < PHASES_TOLD; phase++) {
                    changed += cut_as_told(&bed, event->end, phase);
                }
                changed += cut_as_told(&bed, event->end - 1, RK_NVM_PHASES);
                continue;
            }
            for (unsigned phase = 0; phase < PHASES_TOLD; phase++) {
                uint64_t edge = event->begin + (event->end - event->begin) * phase / RK_NVM_PHASES;
                changed += cut_as_told(&bed, edge - 1, RK_NVM_PHASES);
                changed += cut_as_told(&bed, edge, RK_NVM_PHASES);
                changed += cut_as_told(&bed, edge + 1, RK_NVM_PHASES);
            }
        }
        assert_true(changed > bed.log.count);
        bed_close(&bed);
    }
}

/* A cell is torn in all the ways that there are, and none of them is another cell's. */
static void torn_cells_differ(void **state)
{
    (void)state;
    const struct rk_nvm_event byte = {
        .begin = 9, .end = 9, .address = 3, .bytes = 1, .kind = RK_NVM_REWRITE, .value = {0x00}};
    const struct rk_nvm_event page = {.begin = 9, .end = 9, .address = 0, .bytes = 64, .kind = RK_NVM_ERASE};
    struct rk_nvm_log log = {.event = &byte, .count = 1, .steps = 20};
    uint8_t image[64] = {0};
    unsigned full = 0;
    rk_nvm_cut(&log, 9, 0, image);
    assert_true(image[3] != 0 && image[2] == 0 && image[4] == 0); /* 0 over 0, and yet torn: it is erased in between */
    memset(image, 0, sizeof image);
    rk_nvm_cut(&log, 9, 1, image);
    assert_int_equal(image[3], 0xff);
    rk_nvm_cut(&log, 9, RK_NVM_PHASES, image);
    assert_int_equal(image[3], 0);
    log.event = &page;
    rk_nvm_cut(&log, 9, 1, image);
    for (unsigned i = 0; i < sizeof image; i += 4) {
        assert_true(image[i] == 0 || image[i] == 0xff);
        assert_memory_equal(image + i, image + i + 1, 3);
        full += image[i] == 0xff;
    }
    assert_in_range(full, 3, 13); /* of 16 words about half */
    rk_nvm_cut(&log, 8, RK_NVM_PHASES, memset(image, 7, sizeof image));
    assert_int_equal(image[0], 7); /* not begun */
}

/* What is kept is the same device again, whatever happened to it since. */
static void kept_state_comes_back(void **state)
{
    (void)state;
    for (unsigned d = 1; d < DEVICES; d++) {
        struct bed bed;
        bed_open(&bed, names[d]);
        const struct rk_emulator_driver *driver = bed.driver;
        support_do(driver, bed.emulator, &bed.call, PROBE_COUNT, 0, 0);
        const uint8_t *value;
        uint16_t bytes;
        uint8_t second;
        assert_true(rk_call_field(&bed.call, 0, &value, &bytes));
        second = value[0];
        for (int how = 0; how < 3; how++) {
            support_probe(&bed.call, PROBE_NVM_WRITE, 0, 1);
            if (how == 1) {
                driver->power_cut_at(bed.emulator, 40);
                assert_int_equal(driver->call(bed.emulator, &bed.call), RK_CALL_POWER_CUT);
            } else if (how == 2) {
                assert_int_equal(driver->reset(bed.emulator, false), RK_OK);
            }
            assert_int_equal(driver->restore(bed.emulator, bed.kept), RK_OK);
            support_do(driver, bed.emulator, &bed.call, PROBE_COUNT, 0, 0);
            assert_true(rk_call_field(&bed.call, 0, &value, &bytes));
            assert_int_equal(value[0], second);
        }
        bed_close(&bed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(torn_cells_differ),
        cmocka_unit_test(cuts_leave_what_the_log_tells),
        cmocka_unit_test(kept_state_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
