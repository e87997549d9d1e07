/* Libraries and versions among each other: what one makes, every other takes; and two versions live in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/known_answers.h"
#include "bench/rsa_keys.h"
#include "tests/backends/loaded.h"

enum { TEXT_MAX_bytes = 100, KEY_MAX_bytes = 2432, RSA_MAX_bytes = 256 };

typedef void pair_fn(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg);

/* Every ordered pair of backends that both have the algorithm, a backend with itself included. out: how many. */
static unsigned for_each_pair(uint8_t alg, pair_fn *check)
{
    unsigned pairs = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (size_t k = 0; k < LOADED_COUNT; k++) {
            const struct rk_backend *a = loaded[i].backend;
            const struct rk_backend *b = loaded[k].backend;
            if (rk_backend_has(a, alg) && rk_backend_has(b, alg)) {
                check(a, b, alg);
                pairs++;
            }
        }
    }
    return pairs;
}

/* ---- what is secret with one is read with the other ---- */

static void check_aead_with(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg, uint8_t key_bytes,
                            uint8_t tag_bytes)
{
    uint8_t key[32];
    uint8_t nonce[RK_NONCE_MAX_bytes];
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
                                  .key_bytes = key_bytes,
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

static void check_aead(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    bool aes = alg == RK_ALG_AES_CCM || alg == RK_ALG_AES_GCM;
    uint8_t least = alg == RK_ALG_CHACHA20_POLY1305 ? 32 : 16;
    for (uint8_t key_bytes = least; key_bytes <= (aes ? 32 : least); key_bytes = (uint8_t)(key_bytes + 8)) {
        for (uint8_t tag_bytes = alg == RK_ALG_AES_CCM ? 4 : 16; tag_bytes <= 16;
             tag_bytes = (uint8_t)(2 * tag_bytes)) {
            check_aead_with(a, b, alg, key_bytes, tag_bytes);
        }
    }
}

static void check_wrap(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    uint8_t kek[32];
    uint8_t key[64];
    uint8_t wrapped[72];
    uint8_t unwrapped[72];
    fill(kek, sizeof kek, 7);
    fill(key, sizeof key, 8);
    bool pads = alg == RK_ALG_AES_KEY_WRAP_PAD;
    for (uint8_t kek_bytes = 16; kek_bytes <= 32; kek_bytes = (uint8_t)(kek_bytes + 8)) {
        for (uint16_t bytes = pads ? 1 : 16; bytes <= (pads ? 64 : 32); bytes = (uint16_t)(bytes + (pads ? 7 : 8))) {
            struct rk_wrap_job job = {
                .alg = alg, .kek_bytes = kek_bytes, .in_bytes = bytes, .kek = kek, .in = key, .out = wrapped};
            assert_int_equal(a->key_wrap(&job), RK_CRYPTO_OK);
            assert_int_equal(job.out_bytes, rk_wrapped_bytes(alg, bytes));
            job.in = wrapped;
            job.in_bytes = job.out_bytes;
            job.out = unwrapped;
            assert_int_equal(b->key_unwrap(&job), RK_CRYPTO_OK);
            assert_int_equal(job.out_bytes, bytes);
            assert_memory_equal(unwrapped, key, bytes);
        }
    }
}

/* ---- what follows from inputs alone is the same ---- */

static void check_hash(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    uint8_t text[300];
    uint8_t from_a[RK_DIGEST_MAX_bytes];
    uint8_t from_b[RK_DIGEST_MAX_bytes];
    fill(text, sizeof text, 10);
    for (uint16_t bytes = 0; bytes <= sizeof text; bytes = (uint16_t)(bytes + 11)) {
        assert_int_equal(a->hash(alg, text, bytes, from_a), RK_CRYPTO_OK);
        assert_int_equal(b->hash(alg, text, bytes, from_b), RK_CRYPTO_OK);
        assert_memory_equal(from_a, from_b, rk_alg_digest_bytes(alg));
    }
}

/* Keys up to one and a half blocks of the longest hash. */
static void check_mac(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    uint8_t key[190];
    uint8_t text[200];
    uint8_t from_a[RK_DIGEST_MAX_bytes];
    uint8_t from_b[RK_DIGEST_MAX_bytes];
    fill(key, sizeof key, 9);
    fill(text, sizeof text, 10);
    for (uint16_t bytes = 0; bytes <= sizeof text; bytes = (uint16_t)(bytes + 11)) {
        uint16_t key_bytes = (uint16_t)(alg == RK_ALG_AES_CMAC ? 16 + bytes % 3 * 8 : 1 + bytes * 17 % (int)sizeof key);
        assert_int_equal(a->mac(alg, key, key_bytes, text, bytes, from_a), RK_CRYPTO_OK);
        assert_int_equal(b->mac(alg, key, key_bytes, text, bytes, from_b), RK_CRYPTO_OK);
        assert_memory_equal(from_a, from_b, rk_alg_digest_bytes(alg));
    }
}

static void check_kdf(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    uint8_t fields[3][64];
    uint8_t from_a[100];
    uint8_t from_b[100];
    for (uint8_t i = 0; i < 3; i++) {
        fill(fields[i], sizeof fields[i], 30 + i);
    }
    for (uint16_t bytes = 1; bytes <= sizeof from_a; bytes = (uint16_t)(bytes + 9)) {
        struct rk_kdf_job job = {.alg = alg,
                                 .secret = fields[0],
                                 .secret_bytes = alg == RK_ALG_KBKDF_CMAC ? 16 : (uint16_t)(16 + bytes % 48),
                                 .label = fields[1],
                                 .label_bytes = (uint16_t)(1 + bytes % 63),
                                 .context = fields[2],
                                 .context_bytes = alg == RK_ALG_PBKDF2 ? 0 : (uint16_t)(bytes * 5 % 64),
                                 .iterations = alg == RK_ALG_PBKDF2 ? (uint16_t)(1 + bytes % 5) : 0,
                                 .out = from_a,
                                 .out_bytes = bytes};
        assert_int_equal(a->kdf(&job), RK_CRYPTO_OK);
        job.out = from_b;
        assert_int_equal(b->kdf(&job), RK_CRYPTO_OK);
        assert_memory_equal(from_a, from_b, bytes);
    }
}

/* ---- two parties ---- */

static void check_agreement(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    union state_memory memory_a;
    union state_memory memory_b;
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

static void check_kem(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    union state_memory memory_a;
    union state_memory memory_b;
    uint8_t private_key[KEY_MAX_bytes];
    uint8_t public_key[KEY_MAX_bytes];
    uint8_t ciphertext[KEY_MAX_bytes];
    uint8_t secret_a[32];
    uint8_t secret_b[32];
    struct rk_drbg *drbg_a = drbg_make(a, &memory_a, 5);
    struct rk_drbg *drbg_b = drbg_make(b, &memory_b, 6);
    assert_int_equal(a->key_pair(alg, drbg_a, private_key, public_key), RK_CRYPTO_OK);
    assert_int_equal(b->encapsulate(alg, drbg_b, public_key, ciphertext, secret_b), RK_CRYPTO_OK);
    assert_int_equal(a->decapsulate(alg, private_key, ciphertext, secret_a), RK_CRYPTO_OK);
    assert_memory_equal(secret_a, secret_b, sizeof secret_a);
    ciphertext[17] ^= 4;
    assert_int_equal(a->decapsulate(alg, private_key, ciphertext, secret_a), RK_CRYPTO_OK);
    assert_memory_not_equal(secret_a, secret_b, sizeof secret_a);
    a->drbg_wipe(drbg_a, a->drbg_alg);
    b->drbg_wipe(drbg_b, b->drbg_alg);
}

struct party {
    const struct rk_backend *backend;
    union state_memory drbg_memory;
    union state_memory state_memory;
    struct rk_pake_job job;
    uint8_t out[RK_ECJPAKE_ROUND_MAX_bytes];
};

static void pake_begin(struct party *party, const struct rk_backend *backend, bool server)
{
    static const uint8_t password[] = "correct horse";
    assert_true(backend->pake_bytes <= sizeof party->state_memory);
    party->backend = backend;
    party->job = (struct rk_pake_job){
        .server = server,
        .password = password,
        .password_bytes = sizeof password - 1,
        .state = (struct rk_pake *)party->state_memory.bytes,
        .drbg = drbg_make(backend, &party->drbg_memory, server ? 5 : 6),
        .out = party->out,
    };
}

static enum rk_crypto pake_step(struct party *party, uint8_t step, const uint8_t *in, uint16_t in_bytes)
{
    party->job.step = step;
    party->job.in = in;
    party->job.in_bytes = in_bytes;
    return party->backend->pake(&party->job);
}

static void check_pake(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    (void)alg;
    static struct party client;
    static struct party server;
    struct party *parties[2] = {&client, &server};
    uint8_t sent[2][RK_ECJPAKE_ROUND_MAX_bytes];
    uint16_t sent_bytes[2] = {0, 0};
    pake_begin(&client, a, false);
    pake_begin(&server, b, true);
    for (uint8_t step = RK_PAKE_ROUND_ONE; step <= RK_PAKE_SECRET; step++) {
        /* The server's second round stands on the client's, and is read after it. */
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(pake_step(parties[i], step, sent[1 - i], sent_bytes[1 - i]), RK_CRYPTO_OK);
        }
        for (unsigned i = 0; i < 2; i++) {
            memcpy(sent[i], parties[i]->out, parties[i]->job.out_bytes);
            sent_bytes[i] = parties[i]->job.out_bytes;
        }
    }
    assert_int_equal(client.job.out_bytes, 32);
    assert_memory_equal(client.out, server.out, 32);
    a->drbg_wipe(client.job.drbg, a->drbg_alg);
    b->drbg_wipe(server.job.drbg, b->drbg_alg);
}

/* ---- signatures, and RSA ---- */

static void take_key(const char *text, uint8_t *key, uint16_t bytes)
{
    uint8_t field[2 + KEY_MAX_bytes];
    uint16_t fields = 0;
    assert_int_equal(rk_known_answer_pack(&text, 1, field, sizeof field, &fields), 2u + bytes);
    memcpy(key, field + 2, bytes);
}

/* RSA keys are given: to draw one takes seconds. */
static void make_key_pair(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key,
                          uint8_t *public_key)
{
    if (alg == RK_ALG_RSA1024) {
        take_key(RK_RSA1024_N, public_key, rk_alg_public_bytes(alg));
        take_key(RK_RSA1024_N RK_RSA1024_REST, private_key, rk_alg_private_bytes(alg));
    } else if (alg == RK_ALG_RSA2048) {
        take_key(RK_RSA2048_N, public_key, rk_alg_public_bytes(alg));
        take_key(RK_RSA2048_N RK_RSA2048_REST, private_key, rk_alg_private_bytes(alg));
    } else {
        assert_int_equal(backend->key_pair(alg, drbg, private_key, public_key), RK_CRYPTO_OK);
    }
}

static void check_signature(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    union state_memory memory;
    uint8_t private_key[KEY_MAX_bytes];
    uint8_t public_key[KEY_MAX_bytes];
    uint8_t message[90];
    uint8_t signature[RSA_MAX_bytes];
    fill(message, sizeof message, 12);
    struct rk_drbg *drbg = drbg_make(a, &memory, 13);
    make_key_pair(a, alg, drbg, private_key, public_key);
    for (uint16_t bytes = alg == RK_ALG_ED25519 ? 0 : 32; bytes <= (alg == RK_ALG_ED25519 ? 90 : 32);
         bytes = (uint16_t)(bytes + 15)) {
        struct rk_sign_job job = {.alg = alg,
                                  .drbg = drbg,
                                  .private_key = private_key,
                                  .public_key = public_key,
                                  .message = message,
                                  .message_bytes = bytes,
                                  .signature = signature};
        assert_int_equal(a->sign(&job), RK_CRYPTO_OK);
        job.drbg = NULL;
        assert_int_equal(b->verify(&job), RK_CRYPTO_OK);
        signature[rk_alg_signature_bytes(alg) / 2] ^= 0x10;
        assert_int_equal(b->verify(&job), RK_CRYPTO_REJECTED);
        signature[rk_alg_signature_bytes(alg) / 2] ^= 0x10;
        message[0] ^= 1;
        assert_int_equal(b->verify(&job), bytes == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED);
    }
    a->drbg_wipe(drbg, a->drbg_alg);
}

static void check_rsa(const struct rk_backend *a, const struct rk_backend *b, uint8_t alg)
{
    union state_memory memory_a;
    union state_memory memory_b;
    uint8_t private_key[KEY_MAX_bytes];
    uint8_t public_key[KEY_MAX_bytes];
    uint8_t text[32];
    uint8_t ciphertext[RSA_MAX_bytes];
    uint8_t opened[RSA_MAX_bytes];
    fill(text, sizeof text, 14);
    make_key_pair(a, alg, NULL, private_key, public_key);
    for (unsigned oaep = 0; oaep < 2; oaep++) {
        struct rk_rsa_job job = {.alg = alg,
                                 .oaep = oaep == 1,
                                 .in_bytes = sizeof text,
                                 .drbg = drbg_make(a, &memory_a, 15),
                                 .key = public_key,
                                 .in = text,
                                 .out = ciphertext};
        assert_int_equal(a->rsa_encrypt(&job), RK_CRYPTO_OK);
        a->drbg_wipe(job.drbg, a->drbg_alg);
        job.drbg = drbg_make(b, &memory_b, 16);
        job.in = ciphertext;
        job.in_bytes = rk_alg_public_bytes(alg);
        job.key = private_key;
        job.out = opened;
        assert_int_equal(b->rsa_decrypt(&job), RK_CRYPTO_OK);
        assert_int_equal(job.out_bytes, sizeof text);
        assert_memory_equal(opened, text, sizeof text);
        b->drbg_wipe(job.drbg, b->drbg_alg);
    }
}

/* What is left out has no counterpart: a generator's output is its own, and known answers check it. */
static const struct {
    uint8_t alg;
    uint8_t pairs;
    pair_fn *check;
} every_pair[] = {
    {RK_ALG_AES_CCM, 16, check_aead},
    {RK_ALG_AES_GCM, 16, check_aead},
    {RK_ALG_CHACHA20_POLY1305, 25, check_aead},
    {RK_ALG_ASCON_AEAD128, 1, check_aead},
    {RK_ALG_SHA1, 16, check_hash},
    {RK_ALG_SHA256, 25, check_hash},
    {RK_ALG_SHA384, 16, check_hash},
    {RK_ALG_SHA512, 25, check_hash},
    {RK_ALG_ASCON_HASH256, 1, check_hash},
    {RK_ALG_HMAC_SHA1, 16, check_mac},
    {RK_ALG_HMAC_SHA256, 25, check_mac},
    {RK_ALG_HMAC_SHA384, 16, check_mac},
    {RK_ALG_HMAC_SHA512, 25, check_mac},
    {RK_ALG_AES_CMAC, 16, check_mac},
    {RK_ALG_HKDF_SHA256, 25, check_kdf},
    {RK_ALG_KBKDF_HMAC, 25, check_kdf},
    {RK_ALG_KBKDF_CMAC, 16, check_kdf},
    {RK_ALG_PBKDF2, 25, check_kdf},
    {RK_ALG_TLS12_PRF, 25, check_kdf},
    {RK_ALG_X25519, 25, check_agreement},
    {RK_ALG_P256, 16, check_agreement},
    {RK_ALG_ECDSA_P256, 16, check_signature},
    {RK_ALG_ED25519, 9, check_signature},
    {RK_ALG_RSA1024, 16, check_signature},
    {RK_ALG_RSA1024, 16, check_rsa},
    {RK_ALG_RSA2048, 16, check_signature},
    {RK_ALG_RSA2048, 16, check_rsa},
    {RK_ALG_ECJPAKE, 4, check_pake},
    {RK_ALG_MLKEM512, 1, check_kem},
    {RK_ALG_MLKEM768, 1, check_kem},
    {RK_ALG_AES_KEY_WRAP, 16, check_wrap},
    {RK_ALG_AES_KEY_WRAP_PAD, 4, check_wrap},
};

static void test_every_pair_agrees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof every_pair / sizeof every_pair[0]; i++) {
        unsigned pairs = for_each_pair(every_pair[i].alg, every_pair[i].check);
        if (pairs != every_pair[i].pairs) {
            fail_msg("algorithm %d: %u pairs, expected %u", every_pair[i].alg, pairs, every_pair[i].pairs);
        }
    }
}

/* A second version in the process leaves the first one's answers and version as they were. */
static void test_two_versions_in_one_process(void **state)
{
    (void)state;
    assert_string_equal(loaded[0].backend->name, loaded[1].backend->name);
    assert_string_not_equal(loaded[0].backend->version, loaded[1].backend->version);
    assert_ptr_not_equal(loaded[0].backend->hash, loaded[1].backend->hash);
    assert_ptr_not_equal(loaded[2].backend->hash, loaded[3].backend->hash);
}

/* Copies a state byte by byte to another place and goes on there: no pointer into itself may stay behind. */
static void test_generator_states_may_be_moved(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        for (uint8_t alg = RK_ALG_CTR_DRBG; alg <= RK_ALG_CHACHA20_DRBG; alg++) {
            union state_memory here;
            union state_memory there;
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
    static const uint8_t zero[sizeof(union state_memory)];
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        union state_memory memory;
        const struct rk_backend *backend = loaded[i].backend;
        if (!has_drbg(backend)) {
            continue;
        }
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
