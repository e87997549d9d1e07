#include "backends/composed.h"
#include "backends/feature.h"
#include "backends/libsodium/adapter.h"

#include "sodium/utils.h"
#include "sodium/version.h"

static enum rk_crypto dispatch_seal(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_libsodium_chachapoly_seal(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_open(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_libsodium_chachapoly_open(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    switch (alg) {
        RK_CASE(RK_ALG_SHA256, rki_libsodium_sha256(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA512, rki_libsodium_sha512(in, in_bytes, digest));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                   uint16_t in_bytes, uint8_t *mac)
{
    switch (alg) {
        RK_CASE(RK_ALG_HMAC_SHA256, rki_libsodium_hmac_sha256(alg, key, key_bytes, in, in_bytes, mac));
        RK_CASE(RK_ALG_HMAC_SHA512, rki_libsodium_hmac_sha512(alg, key, key_bytes, in, in_bytes, mac));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_kdf(const struct rk_kdf_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_HKDF_SHA256, rki_composed_hkdf(job, rki_libsodium_hmac_sha256));
        RK_CASE(RK_ALG_KBKDF_HMAC, rki_composed_kbkdf(job, rki_libsodium_hmac_sha256));
        RK_CASE(RK_ALG_PBKDF2, rki_composed_pbkdf2(job, rki_libsodium_hmac_sha256));
        RK_CASE(RK_ALG_TLS12_PRF, rki_composed_tls12_prf(job, rki_libsodium_hmac_sha256));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    switch (alg) {
        RK_CASE(RK_ALG_CHACHA20_DRBG, rki_libsodium_drbg_init(drbg, entropy));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    switch (alg) {
        RK_CASE(RK_ALG_CHACHA20_DRBG, rki_libsodium_drbg_generate(drbg, out, out_bytes));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static void dispatch_drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    (void)alg;
    sodium_memzero(drbg, sizeof *drbg);
}

static enum rk_crypto dispatch_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_libsodium_x25519_key_pair(drbg, private_key, public_key));
        RK_CASE(RK_ALG_ED25519, rki_libsodium_ed25519_key_pair(drbg, private_key, public_key));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                     const uint8_t *peer_public, uint8_t secret[32])
{
    (void)drbg; /* the ladder is constant time and does not blind */
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_libsodium_x25519_agree(private_key, peer_public, secret));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_sign(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ED25519, rki_libsodium_ed25519_sign(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_verify(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ED25519, rki_libsodium_ed25519_verify(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static void wipe(void *memory, size_t bytes)
{
    sodium_memzero(memory, bytes);
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "libsodium",
        .version = SODIUM_VERSION_STRING,
        .capabilities = RK_PROVIDES & RK_USES,
        .composed = RK_COMPOSES & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = RK_ALG_CHACHA20_DRBG,
        .aead_seal = dispatch_seal,
        .aead_open = dispatch_open,
        .hash = dispatch_hash,
        .mac = dispatch_mac,
        .kdf = dispatch_kdf,
        .drbg_init = dispatch_drbg_init,
        .drbg_generate = dispatch_drbg_generate,
        .drbg_wipe = dispatch_drbg_wipe,
        .key_pair = dispatch_key_pair,
        .agree = dispatch_agree,
        .sign = dispatch_sign,
        .verify = dispatch_verify,
        .wipe = wipe,
    };
    return &backend;
}
