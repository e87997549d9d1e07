/* tests/model/test_energy.c - the ledger and the battery against arithmetic by hand */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/model/energy.h"
#include "tests/model/fixture.h"

static void test_idle_day(void **state)
{
    (void)state;
    rkt_trial();
    const struct rk_ledger nothing = {.nvm_ns = 0};
    struct rk_energy energy;
    rk_ledger_energy(&nothing, RK_DAY, rkt_device(), rkt_radio(), &energy);
    /* 1 uA and 20 nA through 3 V for 86400 s: 259200 uJ and 5184 uJ. */
    assert_int_equal(energy.total_pJ, 259200000000 + 5184000000);
    assert_int_equal(energy.part_pJ[RK_PART_SLEEP], energy.total_pJ);
    assert_int_equal(energy.kind_pJ[RK_KIND_ASSUMED], 259200000000);
    assert_int_equal(energy.kind_pJ[RK_KIND_DATASHEET], 5184000000);
    assert_int_equal(energy.low_pJ, energy.total_pJ);
    assert_int_equal(energy.high_pJ, energy.total_pJ);
}

static void test_every_state(void **state)
{
    (void)state;
    rkt_trial();
    /* 1 s of each: the CPU active by a million cycles at 1 MHz. */
    const struct rk_ledger ledger = {
        .cycles = {1000000, 0},
        .cycles_low = {900000, 0},
        .cycles_high = {1200000, 0},
        .radio_tx_ns = {0, RK_S},
        .radio_rx_ns = {RK_S, 0},
        .radio_idle_ns = {0, RK_S},
        .cpu_idle_ns = {0, RK_S},
        .nvm_ns = RK_S,
    };
    struct rk_energy energy;
    rk_ledger_energy(&ledger, 3 * RK_S, rkt_device(), rkt_radio(), &energy);
    /* mA * 3 V * 1 s = mJ: active 3, rx 57, tx 51, radio idle 1.2, CPU idle 0.3, NVM 1.5 and CPU polling 3. */
    assert_int_equal(energy.part_pJ[RK_PART_CRYPTO_KEYS], 3000000000);
    assert_int_equal(energy.part_pJ[RK_PART_CRYPTO_DATA], 0);
    assert_int_equal(energy.part_pJ[RK_PART_RADIO_KEYS], 57000000000);
    assert_int_equal(energy.part_pJ[RK_PART_RADIO_DATA], 51000000000 + 1200000000 + 300000000);
    assert_int_equal(energy.part_pJ[RK_PART_NVM], 1500000000 + 3000000000);
    assert_int_equal(energy.part_pJ[RK_PART_SLEEP], 0); /* both were awake for the 3 s */
    assert_int_equal(energy.kind_pJ[RK_KIND_LITERATURE], 1500000000);
    assert_int_equal(energy.total_pJ - energy.low_pJ, 300000000);
    assert_int_equal(energy.high_pJ - energy.total_pJ, 600000000);
}

static void test_coefficient_errors(void **state)
{
    (void)state;
    rkt_trial();
    rkt_device()->sleep_nA.error_ppm = 500000;
    const struct rk_ledger nothing = {.nvm_ns = 0};
    struct rk_energy energy;
    rk_ledger_energy(&nothing, RK_DAY, rkt_device(), rkt_radio(), &energy);
    assert_int_equal(energy.low_pJ, 259200000000 / 2 + 5184000000);
    assert_int_equal(energy.high_pJ, 259200000000 / 2 * 3 + 5184000000);
}

static void test_battery(void **state)
{
    (void)state;
    rkt_trial();
    struct rk_battery_profile *battery = rkt_battery();
    /* 200 mAh at 3 V into 300 uW = 100 uA: 2000 h. */
    assert_float_equal(rk_battery_life_s(battery, 300e6, RK_END_CENTRAL) / 3600.0, 2000.0, 1e-9);
    battery->usable_ppm = 800000;
    assert_float_equal(rk_battery_life_s(battery, 300e6, RK_END_CENTRAL) / 3600.0, 1600.0, 1e-9);
    /* Self-discharge alone, 2 % of the nominal capacity a year: 40 years for 80 %. */
    battery->self_discharge_ppm_per_year.value = 20000;
    assert_float_equal(rk_battery_life_s(battery, 0.0, RK_END_CENTRAL) / (365.25 * 86400.0), 40.0, 1e-9);
    /* Both errors at one end: 10 % less capacity, half as much self-discharge again: 0.8 / (0.02 * 1.5). */
    battery->capacity_nAh.error_ppm = 100000;
    battery->self_discharge_ppm_per_year.error_ppm = 500000;
    assert_float_equal(rk_battery_life_s(battery, 0.0, RK_END_UNFAVOURABLE) / (365.25 * 86400.0), 0.8 / 0.03, 1e-9);
    double low = rk_battery_life_s(battery, 300e6, RK_END_UNFAVOURABLE);
    double high = rk_battery_life_s(battery, 300e6, RK_END_FAVOURABLE);
    double central = rk_battery_life_s(battery, 300e6, RK_END_CENTRAL);
    assert_true(low < central && central < high);
    battery->self_discharge_ppm_per_year.value = 0;
    assert_true(isinf(rk_battery_life_s(battery, 0.0, RK_END_CENTRAL)));
}

/* What a device knows of the charge, of 255: half is 127, what leaks counts, and no more than all can be gone. */
static void test_drained(void **state)
{
    (void)state;
    rkt_trial();
    struct rk_battery_profile *battery = rkt_battery();
    battery->usable_ppm = 800000;
    battery->self_discharge_ppm_per_year.value = 0;
    rk_pJ usable_pJ = battery->capacity_nAh.value * 3600 * battery->voltage_mV / 10 * 8;
    assert_int_equal(rk_battery_drained(battery, 0, 0, 0), 0);
    assert_int_equal(rk_battery_drained(battery, usable_pJ / 2, 0, 0), 127);
    assert_int_equal(rk_battery_drained(battery, usable_pJ / 4, 0, 250000), 127);
    assert_int_equal(rk_battery_drained(battery, usable_pJ - 1, 0, 0), 254);
    assert_int_equal(rk_battery_drained(battery, usable_pJ, 0, 0), 255);
    assert_int_equal(rk_battery_drained(battery, usable_pJ, 366 * RK_DAY, 1000000), 255);
    battery->self_discharge_ppm_per_year.value = 200000; /* of the nominal: a quarter of the usable */
    assert_int_equal(rk_battery_drained(battery, 0, 31557600 * RK_S, 0), 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drained),     cmocka_unit_test(test_idle_day),
        cmocka_unit_test(test_every_state), cmocka_unit_test(test_coefficient_errors),
        cmocka_unit_test(test_battery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
