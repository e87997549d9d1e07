/* Derivations composed over a MAC: they are those of the libraries that have their own, up to the lengths that composed.h
 * states; what is longer, and what a MAC refuses, fails with an output of zeros. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backends/composed.h"
#include "tests/backends/loaded.h"

enum { OUT_MAX_bytes = 255 * 32 + 2 }; /* one block too many, and the byte after it */

static uint8_t input[256];
static uint8_t out[OUT_MAX_bytes];
static uint8_t expected[OUT_MAX_bytes];

static struct rk_kdf_job make_job(uint8_t alg, uint16_t label_bytes, uint16_t context_bytes, uint16_t out_bytes)
{
    fill(input, sizeof input, 40);
    memset(out, 0xA5, sizeof out);
    return (struct rk_kdf_job){
        .alg = alg,
        .secret = input + 100,
        .secret_bytes = alg == RK_ALG_KBKDF_CMAC ? 16 : 40,
        .label = label_bytes == 0 ? NULL : input,
        .label_bytes = label_bytes,
        .context = context_bytes == 0 ? NULL : input + 7,
        .context_bytes = context_bytes,
        .iterations = alg == RK_ALG_PBKDF2 ? 3 : 0,
        .out = out,
        .out_bytes = out_bytes,
    };
}

static bool is_zero(const uint8_t *bytes, size_t count)
{
    uint8_t any = 0;
    for (size_t i = 0; i < count; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/* ---- the same as a library's own ---- */

static unsigned compare(const struct rk_backend *backend, uint8_t alg, uint16_t label_bytes, uint16_t context_bytes,
                        uint16_t out_bytes)
{
    struct rk_kdf_job job = make_job(alg, label_bytes, context_bytes, out_bytes);
    if (!rk_backend_has(backend, alg) || (backend->composed & RK_CAP(alg)) != 0) {
        return 0;
    }
    assert_int_equal(rki_composed_kdf(&job, backend->mac), RK_CRYPTO_OK);
    job.out = expected;
    assert_int_equal(backend->kdf(&job), RK_CRYPTO_OK);
    assert_memory_equal(out, expected, out_bytes);
    assert_int_equal(out[out_bytes], 0xA5);
    return 1;
}

static void test_composed_is_what_libraries_have(void **state)
{
    (void)state;
    unsigned compared = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        compared += compare(backend, RK_ALG_HKDF_SHA256, 0, 0, 16);
        compared += compare(backend, RK_ALG_HKDF_SHA256, 200, 128, 100);
        compared += compare(backend, RK_ALG_HKDF_SHA256, 32, 5, 255 * 32);
        compared += compare(backend, RK_ALG_PBKDF2, 8, 0, 32);
        compared += compare(backend, RK_ALG_PBKDF2, 128, 0, 65);
        compared += compare(backend, RK_ALG_TLS12_PRF, 13, 64, 48);
        compared += compare(backend, RK_ALG_TLS12_PRF, 28, 100, 130);
    }
    assert_int_equal(compared, 4 * 3 + 4 * 2 + 2 * 2);
}

/* ---- what is refused ---- */

static enum rk_crypto mac_of_sodium(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                    uint16_t in_bytes, uint8_t *mac)
{
    return loaded[4].backend->mac(alg, key, key_bytes, in, in_bytes, mac);
}

static void expect_failure(struct rk_kdf_job job)
{
    assert_int_equal(rki_composed_kdf(&job, mac_of_sodium), RK_CRYPTO_FAILED);
    assert_true(is_zero(out, job.out_bytes));
    assert_int_equal(out[job.out_bytes], 0xA5);
}

static void test_what_does_not_fit_fails(void **state)
{
    (void)state;
    expect_failure(make_job(RK_ALG_HKDF_SHA256, 0, 129, 32));
    expect_failure(make_job(RK_ALG_KBKDF_HMAC, 100, 29, 32));
    expect_failure(make_job(RK_ALG_KBKDF_CMAC, 65535, 1, 32));
    expect_failure(make_job(RK_ALG_TLS12_PRF, 1, 128, 32));
    expect_failure(make_job(RK_ALG_PBKDF2, 129, 0, 32));
    expect_failure(make_job(RK_ALG_HKDF_SHA256, 0, 0, 255 * 32 + 1));
    expect_failure(make_job(RK_ALG_KBKDF_CMAC, 8, 8, 255 * 16 + 1));
    struct rk_kdf_job job = make_job(RK_ALG_PBKDF2, 8, 0, 32);
    job.iterations = 0;
    expect_failure(job);
    job = make_job(RK_ALG_KBKDF_CMAC, 8, 8, 32);
    job.secret_bytes = 24;
    expect_failure(job);
    job = make_job(RK_ALG_SHA256, 8, 8, 32);
    assert_int_equal(rki_composed_kdf(&job, mac_of_sodium), RK_CRYPTO_UNSUPPORTED);
}

/* ---- a MAC that fails at some call ---- */

static unsigned calls_left;

static enum rk_crypto mac_that_fails(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                     uint16_t in_bytes, uint8_t *mac)
{
    if (calls_left == 0) {
        return RK_CRYPTO_REJECTED;
    }
    calls_left--;
    return mac_of_sodium(alg, key, key_bytes, in, in_bytes, mac);
}

static void test_a_failing_mac_leaves_zeros(void **state)
{
    (void)state;
    static const struct {
        uint8_t alg;
        uint8_t calls; /* for 65 bytes: three blocks */
    } cases[] = {{RK_ALG_HKDF_SHA256, 4}, {RK_ALG_KBKDF_HMAC, 3}, {RK_ALG_PBKDF2, 9}, {RK_ALG_TLS12_PRF, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned calls = 0; calls <= cases[i].calls; calls++) {
            struct rk_kdf_job job = make_job(cases[i].alg, 8, cases[i].alg == RK_ALG_PBKDF2 ? 0 : 8, 65);
            calls_left = calls;
            bool enough = calls == cases[i].calls;
            assert_int_equal(rki_composed_kdf(&job, mac_that_fails), enough ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED);
            assert_int_equal(is_zero(out, 65), !enough);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composed_is_what_libraries_have),
        cmocka_unit_test(test_what_does_not_fit_fails),
        cmocka_unit_test(test_a_failing_mac_leaves_zeros),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
