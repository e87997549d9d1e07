/* Quantities: exact integers in, the same text out, everything else refused. */
#include "engine/core/quantity.h"
#include "engine/core/rng.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define YEAR_ns ((uint64_t)31557600 * 1000000000)

static const struct {
    enum rk_dimension dimension;
    const char *text;
    uint64_t value;
    const char *formatted; /* NULL: as text */
} good[] = {
    {RK_DIM_CURRENT, "0.75 uA", 750, "750 nA"},
    {RK_DIM_CURRENT, "1.75 uA", 1750, NULL},
    {RK_DIM_CURRENT, "4.6 mA", 4600000, NULL},
    {RK_DIM_CURRENT, "0 nA", 0, NULL},
    {RK_DIM_CURRENT, "0.000000001 A", 1, "1 nA"},
    {RK_DIM_FREQUENCY, "16 MHz", 16000000, NULL},
    {RK_DIM_FREQUENCY, "32.768 kHz", 32768, NULL},
    {RK_DIM_TIME, "1 y", YEAR_ns, NULL},
    {RK_DIM_TIME, "30 d", (uint64_t)30 * 86400 * 1000000000, NULL},
    {RK_DIM_TIME, "2 ms", 2000000, NULL},
    {RK_DIM_TIME, "5 s", 5000000000, NULL},
    {RK_DIM_TIME, "5 min", 300000000000, NULL},
    {RK_DIM_TIME, "12 h", 43200000000000, NULL},
    {RK_DIM_CURRENT, "2 A", 2000000000, NULL},
    {RK_DIM_FREQUENCY, "2 GHz", 2000000000, NULL},
    {RK_DIM_DATA, "1 MiB", 1048576, NULL},
    {RK_DIM_DATA, "1 GiB", 1073741824, NULL},
    {RK_DIM_ENERGY, "1 nJ", 1000, NULL},
    {RK_DIM_ENERGY, "1 uJ", 1000000, NULL},
    {RK_DIM_ENERGY, "1 mJ", 1000000000, NULL},
    {RK_DIM_CHARGE, "1 uAh", 1000, NULL},
    {RK_DIM_CHARGE, "1 Ah", 1000000000, NULL},
    {RK_DIM_BIT_RATE, "1 Mbit/s", 1000000, NULL},
    {RK_DIM_RATE, "1 /s", 31557600000000000, NULL},
    {RK_DIM_TIME, "90 s", 90000000000, "1.5 min"},
    {RK_DIM_TIME, "320 us", 320000, NULL},
    {RK_DIM_TIME, "584 y", 584 * YEAR_ns, NULL},
    {RK_DIM_VOLTAGE, "3.30 V", 3300, "3.3 V"},
    {RK_DIM_DATA, "16 KiB", 16384, NULL},
    {RK_DIM_DATA, "1.5 KiB", 1536, NULL},
    {RK_DIM_DATA, "127 B", 127, NULL},
    {RK_DIM_DATA, "1000 B", 1000, NULL},
    {RK_DIM_ENERGY, "2 J", 2000000000000, NULL},
    {RK_DIM_CHARGE, "225 mAh", 225000000, NULL},
    {RK_DIM_RATIO, "0.5 %", 5000, "5000 ppm"},
    {RK_DIM_RATIO, "40 ppm", 40, NULL},
    {RK_DIM_RATIO, "100 %", 1000000, NULL},
    {RK_DIM_RATIO_PER_YEAR, "1 %/y", 10000, NULL},
    {RK_DIM_BIT_RATE, "250 kbit/s", 250000, NULL},
    {RK_DIM_RATE, "1 /y", 1000000000, NULL},
    {RK_DIM_RATE, "1 /d", 365250000000, NULL},
    {RK_DIM_RATE, "1 /h", 8766000000000, NULL},
    {RK_DIM_RATE, "0.000000001 /y", 1, NULL},
    {RK_DIM_COUNT, "0", 0, NULL},
    {RK_DIM_COUNT, "18446744073709551615", UINT64_MAX, NULL},
    {RK_DIM_TIME, "18446744073709551615 ns", UINT64_MAX, "18446744073709551.615 us"},
};

static const struct {
    enum rk_dimension dimension;
    const char *text, *message;
} bad[] = {
    {RK_DIM_VOLTAGE, "", "'' is not a number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3", "'3' has no unit, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3V", "'3V' has no space before the unit, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3  V", "'3  V' has more than one space, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3 v", "'3 v' has an unknown unit, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3 V ", "'3 V ' has an unknown unit, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3 ", "'3 ' has an unknown unit, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, " 3 V", "' 3 V' is not a number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "-3 V", "'-3 V' has a sign, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "+3 V", "'+3 V' has a sign, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "nan V", "'nan V' is not a number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "inf V", "'inf V' is not a number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "0x10 V", "'0x10 V' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "010 V", "'010 V' has a leading zero, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3e3 mV", "'3e3 mV' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "1_000 mV", "'1_000 mV' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3,3 V", "'3,3 V' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3. V", "'3. V' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, ".3 V", "'.3 V' is not a number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "3.3.3 V", "'3.3.3 V' is not a plain number, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "0.0001 V", "'0.0001 V' is finer than the resolution, expected a multiple of 1 mV"},
    {RK_DIM_VOLTAGE, "18446744073709551616 mV",
     "'18446744073709551616 mV' has too many digits, expected a number, one space and a unit of: mV V"},
    {RK_DIM_VOLTAGE, "18446744073709552 V", "'18446744073709552 V' is too large, expected less than 2^64 mV"},
    {RK_DIM_RATIO, "0.5", "'0.5' has no unit, expected a number, one space and a unit of: ppm %"},
    {RK_DIM_TIME, "585 y", "'585 y' is too large, expected less than 2^64 ns"},
    {RK_DIM_TIME, "3 V", "'3 V' has an unknown unit, expected a number, one space and a unit of: ns us ms s min h d y"},
    {RK_DIM_COUNT, "1.5", "'1.5' is a fraction, expected a whole number"},
    {RK_DIM_COUNT, "5 B", "'5 B' has something after the number, expected a whole number"},
    {RK_DIM_COUNT, "1e6", "'1e6' is not a plain number, expected a whole number"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t value = 1;
        struct rk_diag diag = {""};
        char text[RK_QUANTITY_TEXT_bytes];
        assert_int_equal(rk_quantity_parse(good[i].dimension, good[i].text, &value, &diag), RK_OK);
        assert_true(value == good[i].value);
        rk_quantity_format(good[i].dimension, value, text);
        assert_string_equal(text, good[i].formatted == NULL ? good[i].text : good[i].formatted);
    }
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t value = 42;
        struct rk_diag diag = {""};
        assert_int_equal(rk_quantity_parse(bad[i].dimension, bad[i].text, &value, &diag), RK_ERR_INPUT);
        assert_string_equal(diag.text, bad[i].message);
        assert_int_equal(value, 42);
    }
}

/* Whatever is stored is written so that it is read back as the same integer. */
static void test_round_trip(void **state)
{
    (void)state;
    struct rk_rng_key key = rk_rng_key_make(1, 0);
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t value = rk_rng_draw(&key, 0, RK_RNG_INPUT, i) >> (i % 64);
        for (int k = 0; i % 3 == 0 && k < (int)(i % 7); k++) {
            value -= value % 1000; /* round numbers, as people write them */
        }
        for (int dimension = 0; dimension < RK_DIM_END; dimension++) {
            char text[RK_QUANTITY_TEXT_bytes];
            uint64_t back = ~value;
            rk_quantity_format((enum rk_dimension)dimension, value, text);
            assert_int_equal(rk_quantity_parse((enum rk_dimension)dimension, text, &back, NULL), RK_OK);
            assert_true(back == value);
        }
    }
}

/* A decimal comma of the user's locale must not reach us. */
static void test_locale(void **state)
{
    (void)state;
    uint64_t value;
    setlocale(LC_ALL, "de_DE.UTF-8");
    assert_int_equal(rk_quantity_parse(RK_DIM_VOLTAGE, "3.3 V", &value, NULL), RK_OK);
    assert_int_equal(rk_quantity_parse(RK_DIM_VOLTAGE, "3,3 V", &value, NULL), RK_ERR_INPUT);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
