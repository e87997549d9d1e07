/* tests/model/test_costs.c - figures between and beyond measured sizes, and what the meter adds up */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "backends/modelled/modelled.h"
#include "backends/operation_info.h"
#include "engine/model/meter.h"
#include "tests/model/fixture.h"

static struct rk_cost_row row(uint32_t size_bytes, uint64_t low, uint64_t median, uint64_t high)
{
    struct rk_cost_row made = {.op = "sha256", .status = "ok", .size_bytes = size_bytes};
    made.cycles_low = low;
    made.cycles_median = median;
    made.cycles_high = high;
    return made;
}

static void test_line_between_and_beyond(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_costs costs;
    /* Rows out of order, with a bend at 64. */
    const struct rk_cost_row rows[] = {row(128, 900, 1000, 1100), row(32, 90, 100, 110), row(64, 180, 200, 220)};
    const struct rk_cost_table table = {rows, 3};
    rk_costs_init(&costs, &table, &arena);
    const struct {
        uint32_t size_bytes;
        uint64_t cycles;
    } cases[] = {{32, 100}, {64, 200},   {128, 1000}, {48, 150}, {33, 103},
                 {96, 600}, {129, 1013}, {500, 5650}, {16, 50}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int again = 0; again < 2; again++) {
            assert_int_equal(rk_costs_find(&costs, RK_OP_sha256, cases[i].size_bytes)->cycles, cases[i].cycles);
        }
    }
    /* Between two sizes the cost is somewhere between theirs; at one, its own; beyond, on the line. */
    const struct {
        uint32_t size_bytes;
        uint64_t low, high;
    } bounds[] = {{65, 180, 1100}, {96, 180, 1100}, {64, 180, 220}, {32, 90, 110}, {128, 900, 1100}, {160, 1260, 1540}};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        assert_int_equal(rk_costs_find(&costs, RK_OP_sha256, bounds[i].size_bytes)->cycles_low, bounds[i].low);
        assert_int_equal(rk_costs_find(&costs, RK_OP_sha256, bounds[i].size_bytes)->cycles_high, bounds[i].high);
    }
    rk_arena_fini(&arena);
}

static void test_never_below_zero(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_costs costs;
    const struct rk_cost_row rows[] = {row(32, 10, 10, 10), row(64, 1000, 1000, 1000)};
    const struct rk_cost_table table = {rows, 2};
    rk_costs_init(&costs, &table, &arena);
    assert_int_equal(rk_costs_find(&costs, RK_OP_sha256, 0)->cycles, 0);
    rk_arena_fini(&arena);
}

static void test_one_row_and_no_row(void **state)
{
    (void)state;
    struct rk_arena arena = {0};
    struct rk_costs costs;
    struct rk_cost_row rows[] = {row(32, 90, 100, 110), row(0, 1, 1, 1), row(0, 1, 1, 1)};
    strcpy(rows[1].op, "p256_agree");
    strcpy(rows[1].status, "does not fit: flash");
    strcpy(rows[2].op, "x25519_agree");
    rows[2].cycles_median = RK_NONE;
    strcpy(rows[0].status, "unsupported upstream: 16-bit int"); /* measured all the same */
    const struct rk_cost_table table = {rows, 3};
    rk_costs_init(&costs, &table, &arena);
    assert_int_equal(rk_costs_find(&costs, RK_OP_sha256, 4000)->cycles, 100);
    assert_null(rk_costs_find(&costs, RK_OP_p256_agree, 0));
    assert_string_equal(rk_costs_reason(&costs, RK_OP_p256_agree), "does not fit: flash");
    assert_null(rk_costs_find(&costs, RK_OP_x25519_agree, 0));
    assert_string_equal(rk_costs_reason(&costs, RK_OP_x25519_agree), "no cycle figure");
    assert_null(rk_costs_find(&costs, RK_OP_aes_key_wrap, 16));
    assert_string_equal(rk_costs_reason(&costs, RK_OP_aes_key_wrap), "not measured");
    rk_arena_fini(&arena);
}

static void test_meter_adds_and_forwards(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    struct rk_arena arena = {0};
    struct rk_costs costs;
    struct rk_backend inner;
    struct rk_meter meter;
    rk_costs_init(&costs, &trial.costs, &arena);
    rk_modelled_init(&inner, trial.capabilities, trial.drbg_alg);
    rk_meter_init(&meter, &inner, &costs);
    struct rk_meter *before = rk_meter_use(&meter);

    uint8_t in[48] = {1}, mac[32], expected[32], wrapped[24], key[16] = {7}, back[16];
    assert_int_equal(meter.backend.mac(RK_ALG_HMAC_SHA256, key, 16, in, 48, mac), RK_CRYPTO_OK);
    assert_int_equal(meter.usage.cycles, 1000 + 100 * 48);
    assert_int_equal(inner.mac(RK_ALG_HMAC_SHA256, key, 16, in, 48, expected), RK_CRYPTO_OK);
    assert_memory_equal(mac, expected, sizeof mac);

    meter.usage = (struct rk_usage){.cycles = 0};
    struct rk_wrap_job wrap = {.kek_bytes = 16, .kek = key, .in_bytes = 16, .in = key, .out = wrapped};
    struct rk_wrap_job unwrap = {.kek_bytes = 16, .kek = key, .in_bytes = 24, .in = wrapped, .out = back};
    assert_int_equal(meter.backend.key_wrap(&wrap), RK_CRYPTO_OK);
    assert_int_equal(meter.backend.key_unwrap(&unwrap), RK_CRYPTO_OK);
    assert_memory_equal(key, back, sizeof key);
    assert_int_equal(meter.usage.cycles, 2 * (1000 + 100 * 16));
    assert_int_equal(meter.missing, -1);
    rk_meter_use(before);
    rk_arena_fini(&arena);
}

/* What is measured before a trial: operations that exist, those of the suite that the sample trial charges among them. */
static void test_the_meters_operations_exist(void **state)
{
    (void)state;
    char names[1024];
    unsigned count = 0;
    bool seal = false, step = false;
    snprintf(names, sizeof names, "%s", rk_meter_operations);
    for (char *rest = names, *name; (name = strtok_r(rest, ",", &rest)) != NULL; count++) {
        assert_true(rk_operation_find(name) >= 0);
        seal = seal || rk_operation_find(name) == (int)rk_operation_seal(RK_ALG_AES_CCM, 8);
        step = step || rk_operation_find(name) == RK_OP_key_renew;
    }
    assert_true(count > 20 && seal && step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_between_and_beyond),     cmocka_unit_test(test_never_below_zero),
        cmocka_unit_test(test_one_row_and_no_row),          cmocka_unit_test(test_meter_adds_and_forwards),
        cmocka_unit_test(test_the_meters_operations_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
