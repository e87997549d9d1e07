/* Libraries and versions among each other: what one makes, every other takes; and two versions live in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/backends/loaded.h"

enum { TEXT_MAX_bytes = 100 };

typedef void pair_fn(const struct rk_backend *a, const struct rk_backend *b);

/* Every ordered pair of backends that both have the algorithm, a backend with itself included. out: how many. */
static unsigned for_each_pair(uint8_t alg, pair_fn *check)
{
    unsigned pairs = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (size_t k = 0; k < LOADED_COUNT; k++) {
            const struct rk_backend *a = loaded[i].backend;
            const struct rk_backend *b = loaded[k].backend;
            if (rk_backend_has(a, alg) && rk_backend_has(b, alg)) {
                check(a, b);
                pairs++;
            }
        }
    }
    return pairs;
}

static void check_aead(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg, uint8_t tag_bytes)
{
    uint8_t key[32];
    uint8_t nonce[13];
    uint8_t aad[40];
    uint8_t text[TEXT_MAX_bytes];
    uint8_t sealed[TEXT_MAX_bytes];
    uint8_t tag[16];
    fill(key, sizeof key, 1);
    fill(nonce, sizeof nonce, 2);
    fill(aad, sizeof aad, 3);
    fill(text, sizeof text, 4);
    for (uint16_t bytes = 0; bytes <= TEXT_MAX_bytes; bytes = (uint16_t)(bytes + 9)) {
        struct rk_aead_job job = {.alg = alg,
                                  .tag_bytes = tag_bytes,
                                  .aad_bytes = (uint16_t)(bytes % sizeof aad),
                                  .text_bytes = bytes,
                                  .key = key,
                                  .nonce = nonce,
                                  .aad = aad,
                                  .in = text,
                                  .out = sealed,
                                  .tag = tag};
        assert_int_equal(a->aead_seal(&job), RK_CRYPTO_OK);
        job.in = sealed; /* in place */
        assert_int_equal(b->aead_open(&job), RK_CRYPTO_OK);
        assert_memory_equal(sealed, text, bytes);
    }
}

static void check_ccm(const struct rk_backend *a, const struct rk_backend *b)
{
    check_aead(a, b, RK_ALG_AES128_CCM, 8);
    check_aead(a, b, RK_ALG_AES128_CCM, 16);
}

static void check_chacha(const struct rk_backend *a, const struct rk_backend *b)
{
    check_aead(a, b, RK_ALG_CHACHA20_POLY1305, 16);
}

static void check_agreement(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    union drbg_memory memory_a;
    union drbg_memory memory_b;
    uint8_t private_a[32];
    uint8_t private_b[32];
    uint8_t public_a[RK_PUBLIC_MAX_bytes];
    uint8_t public_b[RK_PUBLIC_MAX_bytes];
    uint8_t secret_a[32];
    uint8_t secret_b[32];
    struct rk_drbg *drbg_a = drbg_make(a, &memory_a, 5);
    struct rk_drbg *drbg_b = drbg_make(b, &memory_b, 6);
    assert_int_equal(a->key_pair(alg, drbg_a, private_a, public_a), RK_CRYPTO_OK);
    assert_int_equal(b->key_pair(alg, drbg_b, private_b, public_b), RK_CRYPTO_OK);
    assert_int_equal(a->agree(alg, drbg_a, private_a, public_b, secret_a), RK_CRYPTO_OK);
    assert_int_equal(b->agree(alg, drbg_b, private_b, public_a, secret_b), RK_CRYPTO_OK);
    assert_memory_equal(secret_a, secret_b, sizeof secret_a);
    a->drbg_wipe(drbg_a, a->drbg_alg);
    b->drbg_wipe(drbg_b, b->drbg_alg);
}

static void check_x25519(const struct rk_backend *a, const struct rk_backend *b)
{
    check_agreement(a, b, RK_ALG_X25519);
}

static void check_p256(const struct rk_backend *a, const struct rk_backend *b)
{
    check_agreement(a, b, RK_ALG_P256);
}

static void check_wrap(const struct rk_backend *a, const struct rk_backend *b)
{
    uint8_t kek[16];
    uint8_t key[32];
    uint8_t wrapped[40];
    uint8_t unwrapped[32];
    fill(kek, sizeof kek, 7);
    fill(key, sizeof key, 8);
    for (uint16_t bytes = 16; bytes <= 32; bytes = (uint16_t)(bytes + 16)) {
        assert_int_equal(a->key_wrap(kek, key, bytes, wrapped), RK_CRYPTO_OK);
        assert_int_equal(b->key_unwrap(kek, wrapped, (uint16_t)(bytes + 8), unwrapped), RK_CRYPTO_OK);
        assert_memory_equal(unwrapped, key, bytes);
    }
}

static void check_hashes(const struct rk_backend *a, const struct rk_backend *b)
{
    uint8_t key[80];
    uint8_t text[200];
    uint8_t from_a[32];
    uint8_t from_b[32];
    fill(key, sizeof key, 9);
    fill(text, sizeof text, 10);
    for (uint16_t bytes = 0; bytes <= sizeof text; bytes = (uint16_t)(bytes + 11)) {
        uint16_t key_bytes = (uint16_t)(1 + bytes % sizeof key);
        assert_int_equal(a->sha256(text, bytes, from_a), RK_CRYPTO_OK);
        assert_int_equal(b->sha256(text, bytes, from_b), RK_CRYPTO_OK);
        assert_memory_equal(from_a, from_b, 32);
        assert_int_equal(a->hmac_sha256(key, key_bytes, text, bytes, from_a), RK_CRYPTO_OK);
        assert_int_equal(b->hmac_sha256(key, key_bytes, text, bytes, from_b), RK_CRYPTO_OK);
        assert_memory_equal(from_a, from_b, 32);
    }
}

static void test_every_pair_agrees(void **state)
{
    (void)state;
    assert_int_equal(for_each_pair(RK_ALG_AES128_CCM, check_ccm), 16);
    assert_int_equal(for_each_pair(RK_ALG_CHACHA20_POLY1305, check_chacha), 25);
    assert_int_equal(for_each_pair(RK_ALG_X25519, check_x25519), 25);
    assert_int_equal(for_each_pair(RK_ALG_P256, check_p256), 16);
    assert_int_equal(for_each_pair(RK_ALG_AES_KEY_WRAP, check_wrap), 16);
    assert_int_equal(for_each_pair(RK_ALG_HMAC_SHA256, check_hashes), 25);
}

/* A second version in the process leaves the first one's answers and version as they were. */
static void test_two_versions_in_one_process(void **state)
{
    (void)state;
    assert_string_equal(loaded[0].backend->name, loaded[1].backend->name);
    assert_string_not_equal(loaded[0].backend->version, loaded[1].backend->version);
    assert_ptr_not_equal(loaded[0].backend->sha256, loaded[1].backend->sha256);
    assert_ptr_not_equal(loaded[2].backend->sha256, loaded[3].backend->sha256);
}

/* Copies a state byte by byte to another place and goes on there: no pointer into itself may stay behind. */
static void test_generator_states_may_be_moved(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        for (uint8_t alg = RK_ALG_CTR_DRBG; alg <= RK_ALG_CHACHA20_DRBG; alg++) {
            union drbg_memory here;
            union drbg_memory there;
            uint8_t entropy[48];
            uint8_t stayed[2][40];
            uint8_t moved[2][40];
            if (!rk_backend_has(backend, alg)) {
                continue;
            }
            fill(entropy, sizeof entropy, 11);
            struct rk_drbg *drbg = (struct rk_drbg *)here.bytes;
            assert_int_equal(backend->drbg_init(drbg, alg, entropy), RK_CRYPTO_OK);
            assert_int_equal(backend->drbg_generate(drbg, alg, stayed[0], 40), RK_CRYPTO_OK);
            assert_int_equal(backend->drbg_generate(drbg, alg, stayed[1], 40), RK_CRYPTO_OK);
            backend->drbg_wipe(drbg, alg);
            assert_int_equal(backend->drbg_init(drbg, alg, entropy), RK_CRYPTO_OK);
            assert_int_equal(backend->drbg_generate(drbg, alg, moved[0], 40), RK_CRYPTO_OK);
            memcpy(&there, &here, sizeof here);
            memset(&here, 0xA5, sizeof here);
            drbg = (struct rk_drbg *)there.bytes;
            assert_int_equal(backend->drbg_generate(drbg, alg, moved[1], 40), RK_CRYPTO_OK);
            backend->drbg_wipe(drbg, alg);
            assert_memory_equal(stayed, moved, sizeof stayed);
            assert_memory_not_equal(stayed[0], stayed[1], 40);
        }
    }
}

/* wipe() of a generator leaves nothing of the state behind. */
static void test_wiped_generators_are_zero(void **state)
{
    (void)state;
    static const uint8_t zero[sizeof(union drbg_memory)];
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        union drbg_memory memory;
        const struct rk_backend *backend = loaded[i].backend;
        struct rk_drbg *drbg = drbg_make(backend, &memory, 12);
        backend->drbg_wipe(drbg, backend->drbg_alg);
        assert_memory_equal(memory.bytes, zero, backend->drbg_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_agrees),
        cmocka_unit_test(test_two_versions_in_one_process),
        cmocka_unit_test(test_generator_states_may_be_moved),
        cmocka_unit_test(test_wiped_generators_are_zero),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
