/* tests/study/test_accelerator.c - hardware engines: rows by hand and against the data sheet, their energy, and what they
 * make possible */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model/energy.h"
#include "engine/study/accelerator_file.h"
#include "tests/model/fixture.h"
#include "tests/study/fake.h"

static struct rk_accelerator_profile load(const char *name)
{
    struct rk_accelerator_profile engine;
    struct rk_diag diag = {""};
    enum rk_err err = rk_profile_load(&rk_accelerator_kind, ".", name, &engine, &diag);
    assert_string_equal(diag.text, "");
    assert_int_equal(err, RK_OK);
    return engine;
}

static void test_every_file(void **state)
{
    (void)state;
    struct rk_names names;
    assert_int_equal(rk_accelerator_list(".", &names, NULL), RK_OK);
    assert_true(names.count >= 4);
    for (size_t i = 0; i < names.count; i++) {
        load(names.name[i]);
    }
}

/* TI SWRS041 table 8: CCM of 50 B of header and 69 B of text takes 222 us in the engine. */
static void test_published_ccm(void **state)
{
    (void)state;
    assert_int_equal(rk_accelerator_ccm_blocks(50, 69), 16);
    struct rk_accelerator_profile engine = load("cc2420");
    uint64_t ns = 16 * engine.operation[0].block_ns.value;
    assert_in_range(ns, 220000, 226000);
    /* NIST SP 800-38C C.1: 8 B of header, 4 B of text: B0, one block of header, one of text twice, the mask. */
    assert_int_equal(rk_accelerator_ccm_blocks(8, 4), 5);
    assert_int_equal(rk_accelerator_ccm_blocks(0, 0), 2);
}

static void test_devices(void **state)
{
    (void)state;
    struct rk_accelerator_profile part = load("nrf52840"), chip = load("atecc608");
    assert_true(rk_accelerator_suits(&part, "nrf52840-dk"));
    assert_false(rk_accelerator_suits(&part, "atmega328p"));
    assert_true(rk_accelerator_suits(&chip, "atmega328p"));
}

static struct rk_accelerator_profile round_engine(void)
{
    return (struct rk_accelerator_profile){
        .name = "round",
        .supply_mV = 2000,
        .active_nA = {.value = 3000000, .kind = RK_KIND_DATASHEET},
        .sleep_nA = {.value = 50, .kind = RK_KIND_ASSUMED},
        .bus_byte_ns = {.value = 2000, .error_ppm = 500000},
        .operation = {{.op = "aes128_ccm_seal",
                       .blocks = RK_BLOCKS_CCM,
                       .time_ns = {.value = 100000},
                       .block_ns = {.value = 10000, .error_ppm = 100000},
                       .bus_bytes = 20,
                       .bus_bytes_a_block = 32},
                      {.op = "p256_agree", .time_ns = {.value = 50000000}, .bus_bytes = 100}},
        .operations = 2,
    };
}

static struct rk_cost_row *copy_rows(const struct rk_trial *trial, size_t *count)
{
    *count = trial->costs.count;
    struct rk_cost_row *rows = malloc(*count * sizeof *rows);
    assert_non_null(rows);
    memcpy(rows, trial->costs.row, *count * sizeof *rows);
    return rows;
}

static const struct rk_cost_row *find(const struct rk_cost_row *rows, size_t count, const char *op, uint32_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].op, op) == 0 && rows[i].size_bytes == size) {
            return &rows[i];
        }
    }
    return NULL;
}

static void test_rows(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    struct rk_accelerator_profile engine = round_engine();
    size_t count;
    struct rk_cost_row *rows = copy_rows(&trial, &count);
    rk_accelerator_put_rows(&engine, rkt_device(), &rows, &count);
    /* 33 B: B0, header, 3 blocks twice, mask: 9 blocks. Engine 100 + 90 us, bus (20 + 288) * 2 us; at 1 MHz a cycle each. */
    const struct rk_cost_row *row = find(rows, count, "aes128_ccm_seal", 33);
    assert_non_null(row);
    assert_int_equal(row->engine_ns, 190000);
    assert_int_equal(row->cycles_median, 190 + 616);
    assert_int_equal(row->cycles_low, 100 + 81 + 308);
    assert_int_equal(row->cycles_high, 100 + 99 + 924);
    assert_string_equal(row->backend, "round");
    assert_string_equal(row->version, "data sheet");
    /* 190 us of 3 mA at 2 V, 806 us of 1 mA at 3 V. */
    assert_int_equal(row->energy_pJ, 1140000 + 2418000);
    row = find(rows, count, "p256_agree", 0);
    assert_int_equal(row->cycles_median, 50000 + 200);
    assert_null(find(rows, count, "aes128_ccm_seal", 24)); /* the library's are gone */
    assert_string_equal(find(rows, count, "sha256", 32)->backend, "");
    for (size_t i = 0; i < count; i++) {
        assert_true(strcmp(rows[i].op, "aes128_ccm_seal") != 0 || strcmp(rows[i].backend, "round") == 0);
    }
    free(rows);
}

static void test_energy(void **state)
{
    (void)state;
    struct rk_accelerator_profile engine = round_engine();
    const struct rk_ledger ledger = {.engine_ns = {RK_S, 2 * RK_S}};
    struct rk_energy energy = {.total_pJ = 0};
    rk_engine_energy(&ledger, 13 * RK_S, &engine, &energy);
    assert_int_equal(energy.part_pJ[RK_PART_CRYPTO_KEYS], 6000000000); /* 3 mA, 2 V, 1 s */
    assert_int_equal(energy.part_pJ[RK_PART_CRYPTO_DATA], 12000000000);
    assert_int_equal(energy.part_pJ[RK_PART_SLEEP], 1000000); /* 50 nA, 2 V, 10 s */
    assert_int_equal(energy.kind_pJ[RK_KIND_DATASHEET], 18000000000);
    assert_int_equal(energy.total_pJ, 18001000000);
}

/* A device too small for P-256 agrees on keys with a secure element. */
static void test_secure_element(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    struct rk_diag diag = {""};
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.curve = RK_ALG_P256;
    strcpy(rkt_row("p256_key_pair", 0)->status, "does not fit: ram");
    strcpy(rkt_row("p256_agree", 0)->status, "does not fit: ram");
    assert_int_equal(rk_trial_feasible(&trial, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "p256_key_pair: does not fit: ram");
    struct rk_accelerator_profile element = load("atecc608");
    size_t count;
    struct rk_cost_row *rows = copy_rows(&trial, &count);
    rk_accelerator_put_rows(&element, rkt_device(), &rows, &count);
    trial.costs = (struct rk_cost_table){rows, count};
    trial.accelerator = &element;
    assert_int_equal(rk_trial_feasible(&trial, &diag), RK_OK);
    struct rk_trial_result result = rkt_run(&trial);
    assert_true(result.metric[RK_METRIC_renewals_per_d] > 20);
    /* A renewal is a key pair and an agreement, 138.5 ms of 14 mA at 3.3 V: 24 of them and the first a day. */
    struct rk_trial without = trial;
    without.accelerator = NULL;
    double more_J = result.metric[RK_METRIC_energy_crypto_keys_J_per_d] -
                    rkt_run(&without).metric[RK_METRIC_energy_crypto_keys_J_per_d];
    double renewals = result.metric[RK_METRIC_renewals_per_d] + 1;
    assert_true(more_J > 0.99 * renewals * 0.0063987 && more_J < 1.01 * renewals * 0.0063987);
    free(rows);
}

static struct rk_study study;

static void refused(const char *const *set, size_t sets, const char *expected)
{
    struct fake fake;
    struct rk_sweep sweep;
    struct rk_diag diag = {""};
    fake_init(&fake);
    assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", set, sets, &diag), RK_OK);
    assert_int_equal(rk_sweep_make(&sweep, &study, &fake.study, &diag), RK_ERR_INPUT);
    if (strstr(diag.text, expected) == NULL) {
        fail_msg("'%s', expected '%s'", diag.text, expected);
    }
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
    fake_fini(&fake);
}

/* No emulator has one, and an unknown name is refused where it stands. */
static void test_refusals(void **state)
{
    (void)state;
    static const char *const unknown[] = {"accelerator=chop"};
    refused(unknown, 1, "unknown accelerator 'chop', expected 'chip'");
    static const char *const emulated[] = {"accelerator=chip", "execution=emulated"};
    refused(emulated, 2, "accelerator: chip in emulated execution, expected modelled or native");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_file), cmocka_unit_test(test_devices), cmocka_unit_test(test_published_ccm),
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_energy),  cmocka_unit_test(test_secure_element),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
