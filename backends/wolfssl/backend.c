#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "backends/composed.h"
#include "backends/feature.h"

#include "wolfssl/version.h"

static enum rk_crypto aead_seal(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_CCM, rki_wolfssl_ccm_seal(job));
        RK_CASE(RK_ALG_AES_GCM, rki_wolfssl_gcm_seal(job));
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_wolfssl_chachapoly_seal(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto aead_try_open(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_CCM, rki_wolfssl_ccm_open(job));
        RK_CASE(RK_ALG_AES_GCM, rki_wolfssl_gcm_open(job));
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_wolfssl_chachapoly_open(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto aead_open(const struct rk_aead_job *job)
{
    enum rk_crypto result = aead_try_open(job);
    if (result != RK_CRYPTO_OK) {
        memset(job->out, 0, job->text_bytes);
    }
    return result;
}

static enum rk_crypto hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    switch (alg) {
        RK_CASE(RK_ALG_SHA1, rki_wolfssl_sha1(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA256, rki_wolfssl_sha256(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA384, rki_wolfssl_sha384(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA512, rki_wolfssl_sha512(in, in_bytes, digest));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *tag)
{
    switch (alg) {
        RK_CASE(RK_ALG_HMAC_SHA1, rki_wolfssl_hmac_sha1(key, key_bytes, in, in_bytes, tag));
        RK_CASE(RK_ALG_HMAC_SHA256, rki_wolfssl_hmac_sha256(key, key_bytes, in, in_bytes, tag));
        RK_CASE(RK_ALG_HMAC_SHA384, rki_wolfssl_hmac_sha384(key, key_bytes, in, in_bytes, tag));
        RK_CASE(RK_ALG_HMAC_SHA512, rki_wolfssl_hmac_sha512(key, key_bytes, in, in_bytes, tag));
        RK_CASE(RK_ALG_AES_CMAC, rki_wolfssl_cmac(key, key_bytes, in, in_bytes, tag));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto kdf(const struct rk_kdf_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_HKDF_SHA256, rki_wolfssl_hkdf(job));
        RK_CASE(RK_ALG_KBKDF_HMAC, rki_composed_kbkdf(job, mac));
        RK_CASE(RK_ALG_KBKDF_CMAC, rki_composed_kbkdf(job, mac));
        RK_CASE(RK_ALG_PBKDF2, rki_wolfssl_pbkdf2(job));
        RK_CASE(RK_ALG_TLS12_PRF, rki_wolfssl_tls12_prf(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    switch (alg) {
        RK_CASE(RK_ALG_HASH_DRBG, rki_wolfssl_drbg_init(drbg, entropy));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    switch (alg) {
        RK_CASE(RK_ALG_HASH_DRBG, rki_wolfssl_drbg_generate(drbg, out, out_bytes));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static void drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    if (RK_HAS(RK_ALG_HASH_DRBG) && alg == RK_ALG_HASH_DRBG) {
        rki_wolfssl_drbg_free(drbg);
    }
    rki_wolfssl_wipe(drbg, sizeof *drbg);
}

static enum rk_crypto key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_wolfssl_x25519_key_pair(drbg, private_key, public_key));
        RK_CASE(RK_ALG_P256, rki_wolfssl_p256_key_pair(drbg, private_key, public_key));
        RK_CASE(RK_ALG_ECDSA_P256, rki_wolfssl_p256_key_pair(drbg, private_key, public_key));
        RK_CASE(RK_ALG_ED25519, rki_wolfssl_ed25519_key_pair(drbg, private_key, public_key));
        RK_CASE(RK_ALG_RSA1024, rki_wolfssl_rsa_key_pair(alg, drbg, private_key, public_key));
        RK_CASE(RK_ALG_RSA2048, rki_wolfssl_rsa_key_pair(alg, drbg, private_key, public_key));
        RK_CASE(RK_ALG_MLKEM512, rki_wolfssl_mlkem_key_pair(alg, drbg, private_key, public_key));
        RK_CASE(RK_ALG_MLKEM768, rki_wolfssl_mlkem_key_pair(alg, drbg, private_key, public_key));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto try_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                const uint8_t *peer_public, uint8_t secret[32])
{
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_wolfssl_x25519_agree(private_key, peer_public, secret));
        RK_CASE(RK_ALG_P256, rki_wolfssl_p256_agree(drbg, private_key, peer_public, secret));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32])
{
    enum rk_crypto result = try_agree(alg, drbg, private_key, peer_public, secret);
    if (result != RK_CRYPTO_OK) {
        memset(secret, 0, RK_SECRET_bytes);
    }
    return result;
}

static enum rk_crypto sign(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ECDSA_P256, rki_wolfssl_ecdsa_sign(job));
        RK_CASE(RK_ALG_ED25519, rki_wolfssl_ed25519_sign(job));
        RK_CASE(RK_ALG_RSA1024, rki_wolfssl_rsa_sign(job));
        RK_CASE(RK_ALG_RSA2048, rki_wolfssl_rsa_sign(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto verify(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ECDSA_P256, rki_wolfssl_ecdsa_verify(job));
        RK_CASE(RK_ALG_ED25519, rki_wolfssl_ed25519_verify(job));
        RK_CASE(RK_ALG_RSA1024, rki_wolfssl_rsa_verify(job));
        RK_CASE(RK_ALG_RSA2048, rki_wolfssl_rsa_verify(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto rsa_encrypt(struct rk_rsa_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_RSA1024, rki_wolfssl_rsa_encrypt(job));
        RK_CASE(RK_ALG_RSA2048, rki_wolfssl_rsa_encrypt(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto rsa_decrypt(struct rk_rsa_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_RSA1024, rki_wolfssl_rsa_decrypt(job));
        RK_CASE(RK_ALG_RSA2048, rki_wolfssl_rsa_decrypt(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto encapsulate(uint8_t alg, struct rk_drbg *drbg, const uint8_t *public_key, uint8_t *ciphertext,
                                  uint8_t secret[32])
{
    switch (alg) {
        RK_CASE(RK_ALG_MLKEM512, rki_wolfssl_mlkem_encapsulate(alg, drbg, public_key, ciphertext, secret));
        RK_CASE(RK_ALG_MLKEM768, rki_wolfssl_mlkem_encapsulate(alg, drbg, public_key, ciphertext, secret));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto decapsulate(uint8_t alg, const uint8_t *private_key, const uint8_t *ciphertext,
                                  uint8_t secret[32])
{
    switch (alg) {
        RK_CASE(RK_ALG_MLKEM512, rki_wolfssl_mlkem_decapsulate(alg, private_key, ciphertext, secret));
        RK_CASE(RK_ALG_MLKEM768, rki_wolfssl_mlkem_decapsulate(alg, private_key, ciphertext, secret));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto key_wrap(struct rk_wrap_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_KEY_WRAP, rki_wolfssl_key_wrap(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto key_unwrap(struct rk_wrap_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_KEY_WRAP, rki_wolfssl_key_unwrap(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

/* The library's ForceZero is internal to it. */
void rki_wolfssl_wipe(void *memory, size_t bytes)
{
    volatile uint8_t *byte = memory;
    while (bytes > 0) {
        bytes--;
        *byte++ = 0;
    }
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "wolfssl",
        .version = LIBWOLFSSL_VERSION_STRING,
        .capabilities = RK_PROVIDES & RK_USES,
        .composed = RK_COMPOSES & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = RK_ALG_HASH_DRBG,
        .aead_seal = aead_seal,
        .aead_open = aead_open,
        .hash = hash,
        .mac = mac,
        .kdf = kdf,
        .drbg_init = drbg_init,
        .drbg_generate = drbg_generate,
        .drbg_wipe = drbg_wipe,
        .key_pair = key_pair,
        .agree = agree,
        .sign = sign,
        .verify = verify,
        .rsa_encrypt = rsa_encrypt,
        .rsa_decrypt = rsa_decrypt,
        .encapsulate = encapsulate,
        .decapsulate = decapsulate,
        .key_wrap = key_wrap,
        .key_unwrap = key_unwrap,
        .wipe = rki_wolfssl_wipe,
    };
    return &backend;
}
