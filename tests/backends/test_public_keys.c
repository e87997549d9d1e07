/* What each library does with a peer's public key that is none, and with key pairs: backends/README.md says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/lifecycle/pair.h"
#include "tests/backends/loaded.h"

enum { PAIRS = 40 };

struct point {
    const char *what;
    const char *hex;
};

#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define P256_G                                                                                                         \
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"                                                 \
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

/* Each differs from a point of the group in one respect. */
static const struct point p256_bad[] = {
    {"y of the base point with a bit flipped", "04"
                                               "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                               "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4"},
    {"point of order 2 on another curve", "04"
                                          "0000000000000000000000000000000000000000000000000000000000000002" ZERO32},
    {"point of order 3 on another curve", "04"
                                          "0000000000000000000000000000000000000000000000000000000000000003"
                                          "0000000000000000000000000000000000000000000000000000000000000004"},
    {"infinity as (0, 0)", "04" ZERO32 ZERO32},
    {"infinity, one zero byte", "00" ZERO32 ZERO32},
    {"x not reduced", "04"
                      "ffffffff00000001000000000000000000000001000000000000000000000004"
                      "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"},
    {"y not reduced", "04"
                      "6916fac45e568b6b9e2e2ecd611b282e5fcc40a3067d601057f879ce5a8a73cc"
                      "ffffffff00000001000000000000000000000001000000000000000000000000"},
    {"compressed", "03" P256_G},
    {"hybrid", "07" P256_G},
    {"no such form", "05" P256_G},
};

/* The same as above with what makes them bad taken back. */
static const struct point p256_good[] = {
    {"base point", "04" P256_G},
    {"x reduced", "04"
                  "0000000000000000000000000000000000000000000000000000000000000005"
                  "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"},
    {"y reduced", "04"
                  "6916fac45e568b6b9e2e2ecd611b282e5fcc40a3067d601057f879ce5a8a73cc"
                  "0000000000000000000000000000000000000000000000000000000000000001"},
};

/* The points of order 1, 2, 4 and 8 of the curve and of its twist, and those of them that are not reduced. */
static const struct point x25519_bad[] = {
    {"0", ZERO32},
    {"1", "0100000000000000000000000000000000000000000000000000000000000000"},
    {"order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"},
    {"order 8, the other", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"},
    {"p - 1", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
};

static void from_hex(const char *hex, uint8_t *out)
{
    for (; hex[0] != '\0'; hex += 2) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        *out++ = (uint8_t)byte;
    }
}

static enum rk_crypto agree_with(const struct rk_backend *backend, uint8_t alg, const uint8_t *peer)
{
    static const uint8_t zeros[RK_SECRET_bytes];
    union state_memory memory;
    struct rk_drbg *drbg = drbg_make(backend, &memory, 5);
    uint8_t private_key[RK_PRIVATE_bytes];
    uint8_t public_key[RK_PUBLIC_MAX_bytes];
    uint8_t secret[RK_SECRET_bytes] = {0};
    assert_int_equal(backend->key_pair(alg, drbg, private_key, public_key), RK_CRYPTO_OK);
    enum rk_crypto result = backend->agree(alg, drbg, private_key, peer, secret);
    bool empty = memcmp(secret, zeros, sizeof zeros) == 0;
    backend->drbg_wipe(drbg, backend->drbg_alg);
    if (result != RK_CRYPTO_OK) {
        assert_true(empty); /* not even a part of it */
    }
    return result;
}

static void check(uint8_t alg, const struct point *points, size_t count, enum rk_crypto expected, bool top_bit)
{
    unsigned libraries = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        if (!rk_backend_has(backend, alg)) {
            continue;
        }
        libraries++;
        for (size_t k = 0; k < count; k++) {
            uint8_t peer[RK_PUBLIC_MAX_bytes];
            from_hex(points[k].hex, peer);
            if (top_bit) {
                peer[31] |= 128;
            }
            enum rk_crypto result = agree_with(backend, alg, peer);
            if (result != expected) {
                fail_msg("%s %s: %s%s: %d, expected %d", backend->name, backend->version, points[k].what,
                         top_bit ? " and bit 255" : "", result, expected);
            }
        }
    }
    assert_int_equal(libraries, alg == RK_ALG_P256 ? 4 : 5);
}

static void p256_points_off_the_group_are_rejected(void **unused)
{
    (void)unused;
    check(RK_ALG_P256, p256_bad, sizeof p256_bad / sizeof p256_bad[0], RK_CRYPTO_REJECTED, false);
    check(RK_ALG_P256, p256_good, sizeof p256_good / sizeof p256_good[0], RK_CRYPTO_OK, false);
}

static void x25519_points_of_small_order_are_rejected(void **unused)
{
    (void)unused;
    static const struct point base = {"base point", "0900000000000000000000000000000000000000000000000000000000000000"};
    size_t count = sizeof x25519_bad / sizeof x25519_bad[0];
    check(RK_ALG_X25519, x25519_bad, count, RK_CRYPTO_REJECTED, false);
    check(RK_ALG_X25519, x25519_bad, count, RK_CRYPTO_REJECTED, true); /* RFC 7748, 5: the bit is masked */
    check(RK_ALG_X25519, &base, 1, RK_CRYPTO_OK, false);
    check(RK_ALG_X25519, &base, 1, RK_CRYPTO_OK, true);
}

/* A signature's public key is checked like a peer's. */
static void ecdsa_keys_off_the_group_are_rejected(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        for (size_t k = 0; rk_backend_has(backend, RK_ALG_ECDSA_P256) && k < sizeof p256_bad / sizeof p256_bad[0];
             k++) {
            uint8_t public_key[RK_PUBLIC_MAX_bytes];
            uint8_t signature[64];
            uint8_t digest[32] = {1};
            from_hex(p256_bad[k].hex, public_key);
            memset(signature, 0x11, sizeof signature);
            struct rk_sign_job job = {.alg = RK_ALG_ECDSA_P256,
                                      .message_bytes = sizeof digest,
                                      .public_key = public_key,
                                      .message = digest,
                                      .signature = signature};
            assert_int_equal(backend->verify(&job), RK_CRYPTO_REJECTED);
        }
    }
}

/* The libraries' own pairs are in range and consistent; one half of each of two pairs is no pair. */
static void pairs_of_every_library_are_consistent(void **unused)
{
    (void)unused;
    static const uint8_t curves[] = {RK_ALG_P256, RK_ALG_X25519};
    for (size_t i = 0; i < 2 * LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i / 2].backend;
        uint8_t alg = curves[i % 2];
        if (!rk_backend_has(backend, alg)) {
            continue;
        }
        union state_memory memory;
        struct rk_drbg *drbg = drbg_make(backend, &memory, 6);
        uint8_t last_private[RK_PRIVATE_bytes];
        for (unsigned pair = 0; pair < PAIRS; pair++) {
            uint8_t private_key[RK_PRIVATE_bytes];
            uint8_t public_key[RK_PUBLIC_MAX_bytes];
            assert_int_equal(rk_pair_make(backend, alg, drbg, RK_PAIR_CONSISTENCY, private_key, public_key),
                             RK_CRYPTO_OK);
            if (pair > 0) {
                assert_int_equal(rk_pair_consistent(backend, alg, drbg, last_private, public_key), RK_CRYPTO_FAILED);
            }
            memcpy(last_private, private_key, sizeof last_private);
        }
        backend->drbg_wipe(drbg, backend->drbg_alg);
    }
}

static void signature_pairs_sign_and_verify(void **unused)
{
    (void)unused;
    static const uint8_t algs[] = {RK_ALG_ECDSA_P256, RK_ALG_ED25519};
    for (size_t i = 0; i < 2 * LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i / 2].backend;
        uint8_t alg = algs[i % 2];
        if (!rk_backend_has(backend, alg)) {
            continue;
        }
        union state_memory memory;
        struct rk_drbg *drbg = drbg_make(backend, &memory, 7);
        uint8_t private_key[2][RK_PRIVATE_bytes];
        uint8_t public_key[2][RK_PUBLIC_MAX_bytes];
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(backend->key_pair(alg, drbg, private_key[k], public_key[k]), RK_CRYPTO_OK);
            assert_int_equal(rk_pair_signs(backend, alg, drbg, private_key[k], public_key[k]), RK_CRYPTO_OK);
        }
        assert_int_equal(rk_pair_signs(backend, alg, drbg, private_key[0], public_key[1]), RK_CRYPTO_FAILED);
        backend->drbg_wipe(drbg, backend->drbg_alg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p256_points_off_the_group_are_rejected),
        cmocka_unit_test(x25519_points_of_small_order_are_rejected),
        cmocka_unit_test(ecdsa_keys_off_the_group_are_rejected),
        cmocka_unit_test(pairs_of_every_library_are_consistent),
        cmocka_unit_test(signature_pairs_sign_and_verify),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
