/* tests/devices/test_msp430_measure.c - programs that nobody wrote for the harness, on the MSP430 */
#include "tests/devices/support.h"

#include <string.h>

#include "devices/emulators/drivers.h"

static struct rk_region regions[RK_REGIONS_MAX];

static void check(const struct rk_region *region, unsigned id, unsigned calls, unsigned cycles, unsigned instructions,
                  unsigned stack_bytes)
{
    assert_int_equal(region->id, id);
    assert_int_equal(region->calls, calls);
    assert_int_equal(region->cost.cycles, cycles);
    assert_int_equal(region->cost.cycles_high, cycles);
    assert_int_equal(region->cost.instructions, instructions);
    assert_int_equal(region->cost.stack_bytes, stack_bytes);
}

static void regions_are_told_apart(void **state)
{
    (void)state;
    unsigned count = 0;
    struct rk_diag diag = {""};
    if (rk_emulator_msp430.measure(&support_msp430f1611, RK_MSP430_REGIONS_IMAGE, regions, &count, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    assert_int_equal(count, 3);
    check(&regions[0], 0, 1, 0, 0, 0);
    check(&regions[1], 3, 2, 2 * 5, 2 * 4, 0);
    check(&regions[2], 200, 1, 5 + 8 * 3 + 8 * 2 + 3, 1 + 16 + 1, 2 + 16);
}

/* A firmware waits for a request that nobody puts: it is for `call`. */
static void a_firmware_is_refused(void **state)
{
    (void)state;
    unsigned count = 0;
    struct rk_diag diag = {""};
    const char *image = support_image("msp430f1611", RK_OP_empty);
    assert_int_equal(rk_emulator_msp430.measure(&support_msp430f1611, image, regions, &count, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "waits for a request, expected a program that runs by itself"));
    assert_int_equal(rk_emulator_msp430.measure(&support_msp430f1611, RK_ARITHMETIC_IMAGE, regions, &count, &diag),
                     RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "marks no region"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_told_apart),
        cmocka_unit_test(a_firmware_is_refused),
    };
    return cmocka_run_group_tests_name("msp430 measure", tests, NULL, NULL);
}
