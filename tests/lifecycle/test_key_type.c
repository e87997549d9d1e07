/* Table 1, the exits of section 7 and the backup tables of SP 800-57 Part 1, typed from the standard, a row a type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/lifecycle/key_type.h"

enum { OPEN = RK_PERIOD_OPEN_d };

static const struct {
    const char *name;
    bool at_once, backup;
    uint16_t originator_d, extra_d;
} ROWS[] = {
    {"private signature", true, false, 1095, 0},
    {"public signature-verification", false, true, OPEN, 0},
    {"symmetric authentication", false, true, 730, 1095},
    {"private authentication", true, true, 730, 0},
    {"public authentication", false, true, 730, 0},
    {"symmetric data-encryption", false, true, 730, 1095},
    {"symmetric key-wrapping", false, true, 730, 1095},
    {"symmetric random number generation", true, false, OPEN, 0},
    {"symmetric master", true, true, 365, 0},
    {"private key-transport", false, true, 730, 0},
    {"public key-transport", false, true, 730, 0},
    {"symmetric key-agreement", false, true, 730, 0},
    {"private static key-agreement", false, true, 730, 0},
    {"public static key-agreement", false, true, 730, 0},
    {"private ephemeral key-agreement", true, false, 0, 0},
    {"public ephemeral key-agreement", true, false, 0, 0},
    {"symmetric authorization", true, true, 730, 0},
    {"private authorization", false, true, 730, 0},
    {"public authorization", false, true, 730, 0},
};
enum { ROWS_COUNT = sizeof ROWS / sizeof ROWS[0] };

static void every_row_of_the_table(void **unused)
{
    (void)unused;
    assert_int_equal(ROWS_COUNT, 19);
    assert_int_equal(RK_KEY_TYPE_END, 20);
    for (uint8_t type = 1; type <= ROWS_COUNT; type++) {
        assert_string_equal(rk_key_type_name(type), ROWS[type - 1].name);
        assert_int_equal(rk_key_type_destroyed_at_once(type), ROWS[type - 1].at_once);
        assert_int_equal(rk_key_type_backup_permitted(type), ROWS[type - 1].backup);
        assert_int_equal(rk_key_type_originator_d(type), ROWS[type - 1].originator_d);
        assert_int_equal(rk_key_type_recipient_extra_d(type), ROWS[type - 1].extra_d);
    }
}

static void what_is_no_type_has_nothing(void **unused)
{
    (void)unused;
    static const uint8_t foreign[] = {0, 20, 21, 255};
    for (size_t i = 0; i < sizeof foreign; i++) {
        assert_null(rk_key_type_name(foreign[i]));
        assert_false(rk_key_type_destroyed_at_once(foreign[i]));
        assert_false(rk_key_type_backup_permitted(foreign[i]));
        assert_int_equal(rk_key_type_originator_d(foreign[i]), RK_PERIOD_NONE);
        assert_int_equal(rk_key_type_recipient_extra_d(foreign[i]), RK_PERIOD_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table),
        cmocka_unit_test(what_is_no_type_has_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
