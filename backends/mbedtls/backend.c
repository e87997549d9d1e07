#include "backends/composed.h"
#include "backends/feature.h"
#include "backends/mbedtls/adapter.h"

#include "mbedtls/platform_util.h"

static enum rk_crypto dispatch_seal(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_CCM, rki_mbedtls_ccm_seal(job));
        RK_CASE(RK_ALG_AES_GCM, rki_mbedtls_gcm_seal(job));
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_mbedtls_chachapoly_seal(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_open(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_CCM, rki_mbedtls_ccm_open(job));
        RK_CASE(RK_ALG_AES_GCM, rki_mbedtls_gcm_open(job));
        RK_CASE(RK_ALG_CHACHA20_POLY1305, rki_mbedtls_chachapoly_open(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    switch (alg) {
        RK_CASE(RK_ALG_SHA1, rki_mbedtls_sha1(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA256, rki_mbedtls_sha256(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA384, rki_mbedtls_sha384(in, in_bytes, digest));
        RK_CASE(RK_ALG_SHA512, rki_mbedtls_sha512(in, in_bytes, digest));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                   uint16_t in_bytes, uint8_t *out)
{
    switch (alg) {
        RK_CASE(RK_ALG_HMAC_SHA1, rki_mbedtls_hmac(alg, key, key_bytes, in, in_bytes, out));
        RK_CASE(RK_ALG_HMAC_SHA256, rki_mbedtls_hmac(alg, key, key_bytes, in, in_bytes, out));
        RK_CASE(RK_ALG_HMAC_SHA384, rki_mbedtls_hmac(alg, key, key_bytes, in, in_bytes, out));
        RK_CASE(RK_ALG_HMAC_SHA512, rki_mbedtls_hmac(alg, key, key_bytes, in, in_bytes, out));
        RK_CASE(RK_ALG_AES_CMAC, rki_mbedtls_cmac(alg, key, key_bytes, in, in_bytes, out));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_kdf(const struct rk_kdf_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_HKDF_SHA256, rki_mbedtls_hkdf(job));
        RK_CASE(RK_ALG_PBKDF2, rki_mbedtls_pbkdf2(job));
        RK_CASE(RK_ALG_KBKDF_HMAC, rki_composed_kbkdf(job, rki_mbedtls_hmac));
        RK_CASE(RK_ALG_KBKDF_CMAC, rki_composed_kbkdf(job, rki_mbedtls_cmac));
        RK_CASE(RK_ALG_TLS12_PRF, rki_composed_tls12_prf(job, rki_mbedtls_hmac));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    switch (alg) {
        RK_CASE(RK_ALG_CTR_DRBG, rki_mbedtls_ctr_init(drbg, entropy));
        RK_CASE(RK_ALG_HMAC_DRBG, rki_mbedtls_hmac_init(drbg, entropy));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    switch (alg) {
        RK_CASE(RK_ALG_CTR_DRBG, rki_mbedtls_ctr_generate(drbg, out, out_bytes));
        RK_CASE(RK_ALG_HMAC_DRBG, rki_mbedtls_hmac_generate(drbg, out, out_bytes));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static void dispatch_drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    if (RK_HAS(RK_ALG_CTR_DRBG) && alg == RK_ALG_CTR_DRBG) {
        rki_mbedtls_ctr_free(drbg);
    } else if (RK_HAS(RK_ALG_HMAC_DRBG) && alg == RK_ALG_HMAC_DRBG) {
        rki_mbedtls_hmac_free(drbg);
    }
    mbedtls_platform_zeroize(drbg, sizeof *drbg);
}

static enum rk_crypto dispatch_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_mbedtls_curve_key_pair(alg, drbg, private_key, public_key));
    case RK_ALG_ECDSA_P256: /* its keys are those of P256 */
        RK_CASE(RK_ALG_P256, rki_mbedtls_curve_key_pair(RK_ALG_P256, drbg, private_key, public_key));
#if defined(MBEDTLS_GENPRIME)
        RK_CASE(RK_ALG_RSA1024, rki_mbedtls_rsa_key_pair(alg, drbg, private_key, public_key));
        RK_CASE(RK_ALG_RSA2048, rki_mbedtls_rsa_key_pair(alg, drbg, private_key, public_key));
#endif
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                     const uint8_t *peer_public, uint8_t secret[32])
{
    switch (alg) {
        RK_CASE(RK_ALG_X25519, rki_mbedtls_curve_agree(alg, drbg, private_key, peer_public, secret));
        RK_CASE(RK_ALG_P256, rki_mbedtls_curve_agree(alg, drbg, private_key, peer_public, secret));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_sign(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ECDSA_P256, rki_mbedtls_ecdsa_sign(job));
        RK_CASE(RK_ALG_RSA1024, rki_mbedtls_rsa_sign(job));
        RK_CASE(RK_ALG_RSA2048, rki_mbedtls_rsa_sign(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_verify(const struct rk_sign_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ECDSA_P256, rki_mbedtls_ecdsa_verify(job));
        RK_CASE(RK_ALG_RSA1024, rki_mbedtls_rsa_verify(job));
        RK_CASE(RK_ALG_RSA2048, rki_mbedtls_rsa_verify(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_rsa_encrypt(struct rk_rsa_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_RSA1024, rki_mbedtls_rsa_encrypt(job));
        RK_CASE(RK_ALG_RSA2048, rki_mbedtls_rsa_encrypt(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_rsa_decrypt(struct rk_rsa_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_RSA1024, rki_mbedtls_rsa_decrypt(job));
        RK_CASE(RK_ALG_RSA2048, rki_mbedtls_rsa_decrypt(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_pake(struct rk_pake_job *job)
{
    return RK_HAS(RK_ALG_ECJPAKE) ? rki_mbedtls_pake(job) : RK_CRYPTO_UNSUPPORTED;
}

static enum rk_crypto dispatch_key_wrap(struct rk_wrap_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_KEY_WRAP, rki_mbedtls_key_wrap(job));
        RK_CASE(RK_ALG_AES_KEY_WRAP_PAD, rki_mbedtls_key_wrap(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_key_unwrap(struct rk_wrap_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_AES_KEY_WRAP, rki_mbedtls_key_unwrap(job));
        RK_CASE(RK_ALG_AES_KEY_WRAP_PAD, rki_mbedtls_key_unwrap(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "mbedtls",
        .version = MBEDTLS_VERSION_STRING,
        .capabilities = RK_PROVIDES & RK_USES,
        .composed = RK_COMPOSES & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .pake_bytes = RK_HAS(RK_ALG_ECJPAKE) ? sizeof(struct rk_pake) : 0,
        .drbg_alg = RK_ALG_CTR_DRBG,
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
        .rsa_encrypt = dispatch_rsa_encrypt,
        .rsa_decrypt = dispatch_rsa_decrypt,
        .pake = dispatch_pake,
        .key_wrap = dispatch_key_wrap,
        .key_unwrap = dispatch_key_unwrap,
        .wipe = mbedtls_platform_zeroize,
    };
    return &backend;
}
