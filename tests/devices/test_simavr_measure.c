/* tests/devices/test_simavr_measure.c - programs that nobody wrote for the harness, on the ATmega */
#include "tests/devices/support.h"

#include <string.h>

#include "devices/emulators/drivers.h"

static struct rk_region regions[RK_REGIONS_MAX];

static void regions_are_told_apart(void **state)
{
    (void)state;
    unsigned count = 0;
    struct rk_diag diag = {""};
    if (rk_emulator_simavr.measure(&support_atmega1284p, RK_REGIONS_IMAGE, regions, &count, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    assert_int_equal(count, 2);
    assert_int_equal(regions[0].id, 3);
    assert_int_equal(regions[0].calls, 2);
    assert_int_equal(regions[0].cost.cycles, 2 * 5);
    assert_int_equal(regions[0].cost.instructions, 2 * 4);
    assert_int_equal(regions[0].cost.stack_bytes, 0);
    assert_int_equal(regions[1].id, 200);
    assert_int_equal(regions[1].calls, 1);
    assert_int_equal(regions[1].cost.cycles, 3 + 8 * 4 + 4);
    assert_int_equal(regions[1].cost.cycles_high, 3 + 8 * 4 + 4);
    assert_int_equal(regions[1].cost.instructions, 1 + 16 + 1);
    assert_int_equal(regions[1].cost.stack_bytes, 2 + 8);
}

/* A firmware waits for a request that nobody puts: it is for `call`. */
static void a_firmware_is_refused(void **state)
{
    (void)state;
    unsigned count = 0;
    struct rk_diag diag = {""};
    const char *image = support_image("atmega1284p", RK_OP_empty);
    assert_int_equal(rk_emulator_simavr.measure(&support_atmega1284p, image, regions, &count, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "waits for a request, expected a program that runs by itself"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_told_apart),
        cmocka_unit_test(a_firmware_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
