#include "tests/audit/faulty.h"

#include <string.h>

static const struct rk_backend *inner;

/* The same bytes whatever was drawn before. */
static enum rk_crypto generate_constant(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)drbg, (void)alg;
    for (uint16_t i = 0; i < out_bytes; i++) {
        out[i] = (uint8_t)(0x5A ^ i);
    }
    return RK_CRYPTO_OK;
}

/* A key pair that does not ask the generator. */
static enum rk_crypto key_pair_constant(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    uint8_t entropy[RK_ENTROPY_bytes] = {0};
    enum rk_crypto result = inner->drbg_init(drbg, inner->drbg_alg, entropy);
    return result != RK_CRYPTO_OK ? result : inner->key_pair(alg, drbg, private_key, public_key);
}

/* Every device has the same seed. */
static enum rk_crypto init_deaf(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    static const uint8_t zero[RK_ENTROPY_bytes];
    (void)entropy;
    return inner->drbg_init(drbg, alg, zero);
}

static enum rk_crypto verify_anything(const struct rk_sign_job *job)
{
    (void)job;
    return RK_CRYPTO_OK;
}

/* No validation: an invalid point gives a secret that everybody knows. */
static enum rk_crypto agree_any_point(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                      const uint8_t *peer_public, uint8_t secret[32])
{
    enum rk_crypto result = inner->agree(alg, drbg, private_key, peer_public, secret);
    if (result == RK_CRYPTO_REJECTED) {
        memset(secret, 0, RK_SECRET_bytes);
    }
    return result == RK_CRYPTO_REJECTED ? RK_CRYPTO_OK : result;
}

static enum rk_crypto kdf_without_context(const struct rk_kdf_job *job)
{
    struct rk_kdf_job less = *job;
    less.context_bytes = 0;
    return inner->kdf(&less);
}

static enum rk_crypto kdf_copies(const struct rk_kdf_job *job)
{
    for (uint16_t i = 0; i < job->out_bytes; i++) {
        job->out[i] = (uint8_t)(job->secret[i % job->secret_bytes] ^ i / job->secret_bytes);
    }
    return RK_CRYPTO_OK;
}

static enum rk_crypto kdf_weak(const struct rk_kdf_job *job)
{
    memset(job->out, job->secret[0] ^ job->label[0], job->out_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto wrap_in_clear(struct rk_wrap_job *job)
{
    job->out_bytes = rk_wrapped_bytes(job->alg, job->in_bytes);
    memset(job->out, 0, job->out_bytes);
    memcpy(job->out, job->in, job->in_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto unwrap_in_clear(struct rk_wrap_job *job)
{
    job->out_bytes = (uint16_t)(job->in_bytes - 8);
    memcpy(job->out, job->in, job->out_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto seal_in_clear(const struct rk_aead_job *job)
{
    memmove(job->out, job->in, job->text_bytes);
    uint8_t mac[RK_SHA256_bytes];
    enum rk_crypto result = inner->mac(RK_ALG_HMAC_SHA256, job->key, job->key_bytes, job->nonce, 12, mac);
    memcpy(job->tag, mac, job->tag_bytes);
    return result;
}

static enum rk_crypto open_in_clear(const struct rk_aead_job *job)
{
    memmove(job->out, job->in, job->text_bytes);
    return RK_CRYPTO_OK;
}

/* Opens whatever the tag says: the text of a counter mode is its own key stream once more. */
static enum rk_crypto open_anything(const struct rk_aead_job *job)
{
    uint8_t cipher[256], tag[16];
    if (job->text_bytes > sizeof cipher) {
        return RK_CRYPTO_FAILED;
    }
    memcpy(cipher, job->in, job->text_bytes);
    if (inner->aead_open(job) == RK_CRYPTO_OK) {
        return RK_CRYPTO_OK;
    }
    struct rk_aead_job again = *job;
    again.in = cipher;
    again.tag = tag;
    return inner->aead_seal(&again);
}

static const struct fault {
    const char *name;
    struct rk_backend wrong; /* the entries that are not NULL replace the library's */
} faults[] = {
    {"constant-random", {.drbg_generate = generate_constant}},
    {"constant-pairs", {.key_pair = key_pair_constant}},
    {"deaf-seed", {.drbg_init = init_deaf}},
    {"verify-anything", {.verify = verify_anything}},
    {"any-point", {.agree = agree_any_point}},
    {"kdf-without-context", {.kdf = kdf_without_context}},
    {"kdf-copies", {.kdf = kdf_copies}},
    {"kdf-weak", {.kdf = kdf_weak}},
    {"seal-in-clear", {.aead_seal = seal_in_clear, .aead_open = open_in_clear}},
    {"open-anything", {.aead_open = open_anything}},
    {"wrap-in-clear", {.key_wrap = wrap_in_clear, .key_unwrap = unwrap_in_clear}},
};

const struct rk_backend *faulty_make(const char *fault, const struct rk_backend *library)
{
    static struct rk_backend backend;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct rk_backend *wrong = &faults[i].wrong;
        if (strcmp(faults[i].name, fault) != 0) {
            continue;
        }
        inner = library;
        backend = *library;
#define REPLACE(entry) backend.entry = wrong->entry != NULL ? wrong->entry : library->entry
        REPLACE(aead_seal);
        REPLACE(aead_open);
        REPLACE(mac);
        REPLACE(kdf);
        REPLACE(drbg_init);
        REPLACE(drbg_generate);
        REPLACE(drbg_wipe);
        REPLACE(key_pair);
        REPLACE(agree);
        REPLACE(sign);
        REPLACE(verify);
        REPLACE(key_wrap);
        REPLACE(key_unwrap);
        REPLACE(wipe);
#undef REPLACE
        return &backend;
    }
    return NULL;
}
