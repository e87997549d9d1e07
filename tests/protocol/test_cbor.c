/* CBOR at the lengths where its encoding changes (RFC 8949, appendix A), what is not the shortest, and nesting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/protocol/cbor.h"
#include "tests/protocol/support.h"

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        int32_t number;
        const char *hex;
    } rows[] = {{0, "00"},  {23, "17"},  {24, "1818"},  {255, "18ff"},  {256, "190100"}, {65535, "19ffff"},
                {-1, "20"}, {-24, "37"}, {-25, "3818"}, {-256, "38ff"}, {-257, "390100"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[3];
        struct rk_cbor_writer w = {.at = out, .room = sizeof out};
        bool negative = rows[i].number < 0;
        rk_cbor_head(&w, negative ? RK_CBOR_NEGATIVE : RK_CBOR_UINT,
                     (uint16_t)(negative ? -1 - rows[i].number : rows[i].number));
        assert_true(is_hex(out, w.used, rows[i].hex));
        struct rk_cbor_reader r = {.at = out, .left = w.used};
        assert_int_equal(rk_cbor_read_int(&r), rows[i].number);
        assert_false(r.bad);
        assert_int_equal(r.left, 0);
        r = (struct rk_cbor_reader){.at = out, .left = (uint16_t)(w.used - 1)};
        rk_cbor_read_int(&r);
        assert_true(r.bad);
    }
}

static void test_strings(void **state)
{
    (void)state;
    static const uint16_t lengths[] = {0, 1, 23, 24, 255, 256, 400};
    static uint8_t in[400], out[403];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct rk_cbor_writer w = {.at = out, .room = rk_cbor_bytes_size(lengths[i])};
        uint16_t bytes = 0;
        rk_cbor_bytes(&w, in, lengths[i]);
        assert_false(w.full);
        assert_int_equal(w.used, w.room);
        struct rk_cbor_reader r = {.at = out, .left = w.used};
        rk_cbor_read_bytes(&r, &bytes);
        assert_int_equal(bytes, lengths[i]);
        assert_false(r.bad);
        w = (struct rk_cbor_writer){.at = out, .room = (uint16_t)(rk_cbor_bytes_size(lengths[i]) - 1)};
        rk_cbor_bytes(&w, in, lengths[i]);
        assert_true(w.full);
    }
}

/* What is longer than it need be, of indefinite length, or of four and eight bytes. */
static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"1817", "1900ff", "190017", "1a00000001", "1b0000000000000001", "1f", "5f",
                                      "5817", "",       "18",     "1901"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes in = from_hex(bad[i]);
        struct rk_cbor_reader r = {.at = in.at, .left = in.bytes};
        rk_cbor_skip(&r);
        assert_true(r.bad);
    }
}

/* RFC 9528, clause 3.3.2: 00 to 17 and 20 to 37 stand for themselves. */
static void test_identifiers(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        uint8_t id = (uint8_t)value, out[2], whole[2] = {0x41, id};
        bool alone = value < 0x18 || (value >= 0x20 && value < 0x38);
        struct rk_cbor_writer w = {.at = out, .room = sizeof out};
        uint16_t bytes = 0;
        rk_cbor_identifier(&w, &id, 1);
        assert_int_equal(w.used, alone ? 1 : 2);
        struct rk_cbor_reader r = {.at = out, .left = w.used};
        assert_int_equal(*rk_cbor_read_identifier(&r, &bytes), id);
        assert_int_equal(bytes, 1);
        assert_false(r.bad);
        r = (struct rk_cbor_reader){.at = whole, .left = 2};
        rk_cbor_read_identifier(&r, &bytes);
        assert_int_equal(r.bad, alone);
    }
}

static void test_skip(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool bad;
    } rows[] = {{"a11822822e4879f2a41b510c1f9b", false}, /* an x5t */
                {"8301820203820405", false},
                {"a201020304", false},
                {"80", false},
                {"a0", false},
                {"8301", true},
                {"a10102", false},
                {"a101", true},
                {"c001", true},
                {"f6", true},
                {"984100", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes in = from_hex(rows[i].hex);
        struct rk_cbor_reader r = {.at = in.at, .left = in.bytes};
        rk_cbor_skip(&r);
        assert_int_equal(r.bad, rows[i].bad);
        if (!rows[i].bad) {
            assert_int_equal(r.left, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_strings), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_identifiers), cmocka_unit_test(test_skip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
