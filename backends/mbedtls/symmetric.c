/* AEAD, hash, MAC, key derivation and key wrap of mbedTLS. */
#include "backends/mbedtls/adapter.h"

#include <string.h>

#include "mbedtls/ccm.h"
#include "mbedtls/chachapoly.h"
#include "mbedtls/hkdf.h"
#include "mbedtls/md.h"
#include "mbedtls/nist_kw.h"
#include "mbedtls/sha256.h"
#include "mbedtls/version.h"

enum { AES_KEY_bits = 128, WRAP_CHECK_bytes = 8 };

static enum rk_crypto ccm_seal(const struct rk_aead_job *job)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    int error = mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, job->key, AES_KEY_bits);
    if (error == 0) {
        error = mbedtls_ccm_encrypt_and_tag(&ccm, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->aad,
                                            job->aad_bytes, job->in, job->out, job->tag, job->tag_bytes);
    }
    mbedtls_ccm_free(&ccm);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

static enum rk_crypto ccm_open(const struct rk_aead_job *job)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    int error = mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, job->key, AES_KEY_bits);
    if (error == 0) {
        error = mbedtls_ccm_auth_decrypt(&ccm, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->aad,
                                         job->aad_bytes, job->in, job->out, job->tag, job->tag_bytes);
    }
    mbedtls_ccm_free(&ccm);
    if (error == MBEDTLS_ERR_CCM_AUTH_FAILED) {
        return RK_CRYPTO_REJECTED;
    }
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

static enum rk_crypto chachapoly_seal(const struct rk_aead_job *job)
{
    mbedtls_chachapoly_context context;
    mbedtls_chachapoly_init(&context);
    int error = mbedtls_chachapoly_setkey(&context, job->key);
    if (error == 0) {
        error = mbedtls_chachapoly_encrypt_and_tag(&context, job->text_bytes, job->nonce, job->aad, job->aad_bytes,
                                                   job->in, job->out, job->tag);
    }
    mbedtls_chachapoly_free(&context);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

static enum rk_crypto chachapoly_open(const struct rk_aead_job *job)
{
    mbedtls_chachapoly_context context;
    mbedtls_chachapoly_init(&context);
    int error = mbedtls_chachapoly_setkey(&context, job->key);
    if (error == 0) {
        error = mbedtls_chachapoly_auth_decrypt(&context, job->text_bytes, job->nonce, job->aad, job->aad_bytes,
                                                job->tag, job->in, job->out);
    }
    mbedtls_chachapoly_free(&context);
    if (error == MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED) {
        return RK_CRYPTO_REJECTED;
    }
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_seal(const struct rk_aead_job *job)
{
    if (RK_HAS(RK_ALG_AES128_CCM) && job->alg == RK_ALG_AES128_CCM) {
        return ccm_seal(job);
    }
    if (RK_HAS(RK_ALG_CHACHA20_POLY1305) && job->alg == RK_ALG_CHACHA20_POLY1305) {
        return chachapoly_seal(job);
    }
    return RK_CRYPTO_UNSUPPORTED;
}

enum rk_crypto rki_mbedtls_open(const struct rk_aead_job *job)
{
    enum rk_crypto result = RK_CRYPTO_UNSUPPORTED;
    if (RK_HAS(RK_ALG_AES128_CCM) && job->alg == RK_ALG_AES128_CCM) {
        result = ccm_open(job);
    } else if (RK_HAS(RK_ALG_CHACHA20_POLY1305) && job->alg == RK_ALG_CHACHA20_POLY1305) {
        result = chachapoly_open(job);
    }
    if (result != RK_CRYPTO_OK) {
        memset(job->out, 0, job->text_bytes);
    }
    return result;
}

enum rk_crypto rki_mbedtls_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32])
{
    if (!RK_HAS(RK_ALG_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
#if MBEDTLS_VERSION_MAJOR >= 3
    int error = mbedtls_sha256(in, in_bytes, digest, 0);
#else
    int error = mbedtls_sha256_ret(in, in_bytes, digest, 0);
#endif
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t mac[32])
{
    if (!RK_HAS(RK_ALG_HMAC_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    return mbedtls_md_hmac(sha256, key, key_bytes, in, in_bytes, mac) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_hkdf_sha256(const struct rk_hkdf_job *job)
{
    if (!RK_HAS(RK_ALG_HKDF_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    const uint8_t *salt = job->salt_bytes == 0 ? NULL : job->salt;
    int error = mbedtls_hkdf(sha256, salt, job->salt_bytes, job->secret, job->secret_bytes, job->info, job->info_bytes,
                             job->out, job->out_bytes);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_key_wrap(const uint8_t kek[16], const uint8_t *key, uint16_t key_bytes, uint8_t *wrapped)
{
    if (!RK_HAS(RK_ALG_AES_KEY_WRAP)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    mbedtls_nist_kw_context context;
    size_t written = 0;
    mbedtls_nist_kw_init(&context);
    int error = mbedtls_nist_kw_setkey(&context, MBEDTLS_CIPHER_ID_AES, kek, AES_KEY_bits, 1);
    if (error == 0) {
        error = mbedtls_nist_kw_wrap(&context, MBEDTLS_KW_MODE_KW, key, key_bytes, wrapped, &written,
                                     (size_t)key_bytes + WRAP_CHECK_bytes);
    }
    mbedtls_nist_kw_free(&context);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_key_unwrap(const uint8_t kek[16], const uint8_t *wrapped, uint16_t wrapped_bytes,
                                      uint8_t *key)
{
    if (!RK_HAS(RK_ALG_AES_KEY_WRAP)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    if (wrapped_bytes < 3 * WRAP_CHECK_bytes) {
        return RK_CRYPTO_FAILED;
    }
    mbedtls_nist_kw_context context;
    size_t written = 0;
    size_t key_bytes = (size_t)wrapped_bytes - WRAP_CHECK_bytes;
    mbedtls_nist_kw_init(&context);
    int error = mbedtls_nist_kw_setkey(&context, MBEDTLS_CIPHER_ID_AES, kek, AES_KEY_bits, 0);
    if (error == 0) {
        error = mbedtls_nist_kw_unwrap(&context, MBEDTLS_KW_MODE_KW, wrapped, wrapped_bytes, key, &written, key_bytes);
    }
    mbedtls_nist_kw_free(&context);
    if (error == 0) {
        return RK_CRYPTO_OK;
    }
    memset(key, 0, key_bytes);
    return error == MBEDTLS_ERR_CIPHER_AUTH_FAILED ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
