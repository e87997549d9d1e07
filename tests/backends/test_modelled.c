/* The modelled backend decides as a real one does: every input of every accepting and rejecting operation is changed,
 * one at a time and in all combinations, and both must say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backends/modelled/modelled.h"
#include "tests/backends/loaded.h"

static struct rk_backend modelled;

static void model(const struct loaded *real)
{
    rk_modelled_init(&modelled, real->backend->capabilities, real->backend->drbg_alg);
}

/* ---- AEAD: five inputs, 32 combinations of changes, for lengths from nothing to several words ---- */

static void open_changed(const struct rk_backend *backend, uint8_t alg, uint8_t tag_bytes, uint16_t bytes,
                         unsigned changes, enum rk_crypto *result, bool *is_text, bool *is_zero)
{
    uint8_t key[32];
    uint8_t nonce[13];
    uint8_t aad[24];
    uint8_t text[24];
    uint8_t sealed[24] = {0};
    uint8_t opened[24];
    uint8_t tag[16];
    static const uint8_t zero[24];
    fill(key, sizeof key, 1);
    fill(nonce, sizeof nonce, 2);
    fill(aad, sizeof aad, 3);
    fill(text, sizeof text, 4);
    memset(opened, 0xA5, sizeof opened);
    struct rk_aead_job job = {.alg = alg,
                              .key_bytes = alg == RK_ALG_AES_CCM ? 16 : 32,
                              .tag_bytes = tag_bytes,
                              .aad_bytes = bytes,
                              .text_bytes = bytes,
                              .key = key,
                              .nonce = nonce,
                              .aad = aad,
                              .in = text,
                              .out = sealed,
                              .tag = tag};
    assert_int_equal(backend->aead_seal(&job), RK_CRYPTO_OK);
    job.in = sealed;
    job.out = opened;
    key[15] ^= (changes & 1) != 0 ? 0x80 : 0;
    nonce[11] ^= (changes & 2) != 0 ? 0x01 : 0;
    aad[bytes / 2] ^= (changes & 4) != 0 ? 0x10 : 0;
    sealed[bytes / 2] ^= (changes & 8) != 0 ? 0x02 : 0;
    tag[tag_bytes - 1] ^= (changes & 16) != 0 ? 0x40 : 0;
    *result = backend->aead_open(&job);
    *is_text = memcmp(opened, text, bytes) == 0;
    *is_zero = memcmp(opened, zero, bytes) == 0;
}

static void compare_aead(const struct loaded *real, uint8_t alg, uint8_t tag_bytes)
{
    for (uint16_t bytes = 0; bytes < 24; bytes++) {
        for (unsigned changes = 0; changes < 32; changes++) {
            enum rk_crypto expected;
            enum rk_crypto result;
            bool text[2];
            bool zero[2];
            open_changed(real->backend, alg, tag_bytes, bytes, changes, &expected, &text[0], &zero[0]);
            open_changed(&modelled, alg, tag_bytes, bytes, changes, &result, &text[1], &zero[1]);
            assert_int_equal(result, expected);
            assert_int_equal(text[1], text[0]);
            assert_int_equal(zero[1], zero[0]);
        }
    }
}

static void test_aead_decides_as_the_real_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        model(&loaded[i]);
        if (rk_backend_has(&modelled, RK_ALG_CHACHA20_POLY1305)) {
            compare_aead(&loaded[i], RK_ALG_CHACHA20_POLY1305, 16);
        }
        if (rk_backend_has(&modelled, RK_ALG_AES_CCM)) {
            compare_aead(&loaded[i], RK_ALG_AES_CCM, 8);
            compare_aead(&loaded[i], RK_ALG_AES_CCM, 16);
        }
    }
}

/* ---- agreement ---- */

struct pair {
    uint8_t private_key[32];
    uint8_t public_key[RK_PUBLIC_MAX_bytes];
};

enum { PEERS = 8 };

/* Public values that a peer, an attacker or a faulty link might send. */
static void make_peer(uint8_t alg, unsigned kind, const struct pair *peer, uint8_t out[RK_PUBLIC_MAX_bytes])
{
    uint16_t bytes = rk_alg_public_bytes(alg);
    memcpy(out, peer->public_key, bytes);
    switch (kind) {
    case 1:
        out[bytes - 1] ^= 0x01;
        break;
    case 2:
        out[1] ^= 0x01;
        break;
    case 3:
        memset(out, 0, bytes);
        break;
    case 4:
        memset(out, 0, bytes);
        out[0] = alg == RK_ALG_P256 ? 4 : 1;
        break;
    case 5:
        out[0] ^= 0x02; /* a point's first byte says its form */
        break;
    case 6:
        out[bytes - 1] ^= 0x80; /* the bit that X25519 ignores */
        break;
    case 7:
        memset(out, 0, bytes);
        out[31] = 0x80; /* X25519: zero all the same */
        break;
    default:
        break;
    }
}

/* out: what agree says of each kind of peer, and whether both sides then have the same secret. */
static void agree_with_all(const struct rk_backend *backend, uint8_t alg, enum rk_crypto results[PEERS],
                           bool same[PEERS])
{
    union state_memory memory;
    struct pair a;
    struct pair b;
    uint8_t secret_b[32];
    struct rk_drbg *drbg = drbg_make(backend, &memory, 7);
    assert_int_equal(backend->key_pair(alg, drbg, a.private_key, a.public_key), RK_CRYPTO_OK);
    assert_int_equal(backend->key_pair(alg, drbg, b.private_key, b.public_key), RK_CRYPTO_OK);
    assert_memory_not_equal(a.private_key, b.private_key, 32);
    assert_int_equal(backend->agree(alg, drbg, b.private_key, a.public_key, secret_b), RK_CRYPTO_OK);
    for (unsigned kind = 0; kind < PEERS; kind++) {
        uint8_t peer[RK_PUBLIC_MAX_bytes];
        uint8_t secret[32];
        make_peer(alg, kind, &b, peer);
        results[kind] = backend->agree(alg, drbg, a.private_key, peer, secret);
        same[kind] = results[kind] == RK_CRYPTO_OK && memcmp(secret, secret_b, sizeof secret) == 0;
    }
    backend->drbg_wipe(drbg, backend->drbg_alg);
}

static void test_agreement_decides_as_the_real_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        model(&loaded[i]);
        for (uint8_t alg = RK_ALG_X25519; alg <= RK_ALG_P256; alg++) {
            enum rk_crypto expected[PEERS];
            enum rk_crypto results[PEERS];
            bool expected_same[PEERS];
            bool same[PEERS];
            if (!rk_backend_has(&modelled, alg)) {
                continue;
            }
            agree_with_all(loaded[i].backend, alg, expected, expected_same);
            agree_with_all(&modelled, alg, results, same);
            assert_memory_equal(results, expected, sizeof results);
            assert_memory_equal(same, expected_same, sizeof same);
            assert_true(same[0]);
        }
    }
}

/* ---- key wrap: three inputs, all combinations ---- */

static enum rk_crypto unwrap_changed(const struct rk_backend *backend, uint16_t bytes, unsigned changes, bool *same)
{
    uint8_t kek[16];
    uint8_t key[32];
    uint8_t wrapped[40];
    uint8_t unwrapped[32] = {0};
    fill(kek, sizeof kek, 5);
    fill(key, sizeof key, 6);
    struct rk_wrap_job wrap = {
        .alg = RK_ALG_AES_KEY_WRAP, .kek_bytes = 16, .in_bytes = bytes, .kek = kek, .in = key, .out = wrapped};
    struct rk_wrap_job unwrap = {.alg = RK_ALG_AES_KEY_WRAP,
                                 .kek_bytes = 16,
                                 .in_bytes = (uint16_t)(bytes + 8),
                                 .kek = kek,
                                 .in = wrapped,
                                 .out = unwrapped};
    assert_int_equal(backend->key_wrap(&wrap), RK_CRYPTO_OK);
    kek[7] ^= (changes & 1) != 0 ? 0x04 : 0;
    wrapped[0] ^= (changes & 2) != 0 ? 0x01 : 0;
    wrapped[bytes + 7] ^= (changes & 4) != 0 ? 0x80 : 0;
    enum rk_crypto result = backend->key_unwrap(&unwrap);
    *same = memcmp(unwrapped, key, bytes) == 0;
    return result;
}

static void test_unwrapping_decides_as_the_real_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        model(&loaded[i]);
        for (unsigned changes = 0; changes < 8; changes++) {
            for (uint16_t bytes = 16; bytes <= 32; bytes = (uint16_t)(bytes + 16)) {
                bool expected_same;
                bool same;
                enum rk_crypto expected = unwrap_changed(loaded[i].backend, bytes, changes, &expected_same);
                assert_int_equal(unwrap_changed(&modelled, bytes, changes, &same), expected);
                assert_int_equal(same, expected_same);
            }
        }
    }
}

/* ---- what it draws, repeats ---- */

static void test_draws_repeat_and_differ(void **state)
{
    (void)state;
    union state_memory memory[3];
    uint8_t drawn[3][2][32];
    model(&loaded[0]);
    for (unsigned i = 0; i < 3; i++) {
        struct rk_drbg *drbg = drbg_make(&modelled, &memory[i], i == 2 ? 9 : 8);
        assert_int_equal(modelled.drbg_generate(drbg, modelled.drbg_alg, drawn[i][0], 32), RK_CRYPTO_OK);
        assert_int_equal(modelled.drbg_generate(drbg, modelled.drbg_alg, drawn[i][1], 32), RK_CRYPTO_OK);
    }
    assert_memory_equal(drawn[0], drawn[1], sizeof drawn[0]);
    assert_memory_not_equal(drawn[0][0], drawn[0][1], 32);
    assert_memory_not_equal(drawn[0][0], drawn[2][0], 32);
}

/* Derived values follow every input, and a longer one begins with the shorter, as HKDF's does. */
static void test_derivation_follows_its_inputs(void **state)
{
    (void)state;
    uint8_t fields[3][20];
    uint8_t base[32];
    uint8_t other[32];
    model(&loaded[0]);
    for (unsigned i = 0; i < 3; i++) {
        fill(fields[i], sizeof fields[i], 20 + i);
    }
    struct rk_kdf_job job = {.alg = RK_ALG_HKDF_SHA256,
                             .label = fields[0],
                             .label_bytes = 20,
                             .secret = fields[1],
                             .secret_bytes = 20,
                             .context = fields[2],
                             .context_bytes = 20,
                             .out = base,
                             .out_bytes = 32};
    assert_int_equal(modelled.kdf(&job), RK_CRYPTO_OK);
    job.out = other;
    job.out_bytes = 16;
    assert_int_equal(modelled.kdf(&job), RK_CRYPTO_OK);
    assert_memory_equal(base, other, 16);
    job.out_bytes = 32;
    for (unsigned i = 0; i < 3; i++) {
        fields[i][19] ^= 1;
        assert_int_equal(modelled.kdf(&job), RK_CRYPTO_OK);
        assert_memory_not_equal(base, other, 32);
        fields[i][19] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aead_decides_as_the_real_one),
        cmocka_unit_test(test_agreement_decides_as_the_real_one),
        cmocka_unit_test(test_unwrapping_decides_as_the_real_one),
        cmocka_unit_test(test_draws_repeat_and_differ),
        cmocka_unit_test(test_derivation_follows_its_inputs),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
