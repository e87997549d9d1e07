/* HKDF composed from HMAC against RFC 5869, appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"

static uint16_t unhex(const char *hex, uint8_t *out)
{
    uint16_t bytes = 0;
    for (; hex[0] != '\0'; hex += 2) {
        unsigned value;
        assert_int_equal(sscanf(hex, "%2x", &value), 1);
        out[bytes++] = (uint8_t)value;
    }
    return bytes;
}

static void count_up(uint8_t *out, uint8_t from, uint16_t bytes)
{
    for (uint16_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(from + i);
}

static void check(const uint8_t *secret, uint16_t secret_bytes, const uint8_t *salt, uint16_t salt_bytes,
                  const uint8_t *info, uint16_t info_bytes, const char *expected_hex)
{
    uint8_t expected[128], out[129] = {0};
    uint16_t out_bytes = unhex(expected_hex, expected);
    struct rk_hkdf_job job = {.salt = salt,
                              .secret = secret,
                              .info = info,
                              .out = out,
                              .salt_bytes = salt_bytes,
                              .secret_bytes = secret_bytes,
                              .info_bytes = info_bytes,
                              .out_bytes = out_bytes};
    assert_false(rk_backend_has(&double_backend, RK_ALG_HKDF_SHA256));
    assert_int_equal(rki_hkdf(&double_backend, &job), RK_CRYPTO_OK);
    assert_memory_equal(out, expected, out_bytes);
    assert_int_equal(out[out_bytes], 0);
}

static void test_case_1(void **unused)
{
    (void)unused;
    uint8_t secret[22], salt[13], info[10];
    memset(secret, 0x0b, sizeof secret);
    count_up(salt, 0, sizeof salt);
    count_up(info, 0xf0, sizeof info);
    check(secret, sizeof secret, salt, sizeof salt, info, sizeof info,
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

static void test_case_2(void **unused)
{
    (void)unused;
    uint8_t secret[80], salt[80], info[80];
    count_up(secret, 0, sizeof secret);
    count_up(salt, 0x60, sizeof salt);
    count_up(info, 0xb0, sizeof info);
    check(secret, sizeof secret, salt, sizeof salt, info, sizeof info,
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
          "09b8"
          "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

static void test_case_3(void **unused)
{
    (void)unused;
    uint8_t secret[22];
    memset(secret, 0x0b, sizeof secret);
    check(secret, sizeof secret, secret, 0, secret, 0,
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void too_much_info_is_refused(void **unused)
{
    (void)unused;
    uint8_t bytes[RKI_INFO_MAX_bytes + 1] = {0}, out[16];
    struct rk_hkdf_job job = {.salt = bytes, .secret = bytes, .info = bytes, .out = out, .out_bytes = sizeof out};
    job.info_bytes = sizeof bytes;
    assert_int_equal(rki_hkdf(&double_backend, &job), RK_CRYPTO_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_1),
        cmocka_unit_test(test_case_2),
        cmocka_unit_test(test_case_3),
        cmocka_unit_test(too_much_info_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
