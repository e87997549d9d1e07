/* AEAD, CMAC and key wrap of mbedTLS: all that takes a key of a cipher. */
#include "backends/mbedtls/adapter.h"

#include <string.h>

#include "mbedtls/ccm.h"
#include "mbedtls/chachapoly.h"
#include "mbedtls/cipher.h"
#include "mbedtls/cmac.h"
#include "mbedtls/gcm.h"
#include "mbedtls/nist_kw.h"

enum { WRAP_CHECK_bytes = 8, WRAP_LEAST_bytes = 16 };

/* What open answers; `rejected` is the library's word for a wrong tag. */
static enum rk_crypto opened(const struct rk_aead_job *job, int error, int rejected)
{
    if (error == 0) {
        return RK_CRYPTO_OK;
    }
    memset(job->out, 0, job->text_bytes);
    return error == rejected ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_mbedtls_ccm_seal(const struct rk_aead_job *job)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    int error = mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, job->key, 8u * job->key_bytes);
    if (error == 0) {
        error = mbedtls_ccm_encrypt_and_tag(&ccm, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->aad,
                                            job->aad_bytes, job->in, job->out, job->tag, job->tag_bytes);
    }
    mbedtls_ccm_free(&ccm);
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_ccm_open(const struct rk_aead_job *job)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    int error = mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, job->key, 8u * job->key_bytes);
    if (error == 0) {
        error = mbedtls_ccm_auth_decrypt(&ccm, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->aad,
                                         job->aad_bytes, job->in, job->out, job->tag, job->tag_bytes);
    }
    mbedtls_ccm_free(&ccm);
    return opened(job, error, MBEDTLS_ERR_CCM_AUTH_FAILED);
}

enum rk_crypto rki_mbedtls_gcm_seal(const struct rk_aead_job *job)
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    int error = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, job->key, 8u * job->key_bytes);
    if (error == 0) {
        error = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, job->text_bytes, job->nonce,
                                          rk_alg_nonce_bytes(RK_ALG_AES_GCM), job->aad, job->aad_bytes, job->in,
                                          job->out, job->tag_bytes, job->tag);
    }
    mbedtls_gcm_free(&gcm);
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_gcm_open(const struct rk_aead_job *job)
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    int error = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, job->key, 8u * job->key_bytes);
    if (error == 0) {
        error = mbedtls_gcm_auth_decrypt(&gcm, job->text_bytes, job->nonce, rk_alg_nonce_bytes(RK_ALG_AES_GCM),
                                         job->aad, job->aad_bytes, job->tag, job->tag_bytes, job->in, job->out);
    }
    mbedtls_gcm_free(&gcm);
    return opened(job, error, MBEDTLS_ERR_GCM_AUTH_FAILED);
}

enum rk_crypto rki_mbedtls_chachapoly_seal(const struct rk_aead_job *job)
{
    mbedtls_chachapoly_context context;
    mbedtls_chachapoly_init(&context);
    int error = mbedtls_chachapoly_setkey(&context, job->key);
    if (error == 0) {
        error = mbedtls_chachapoly_encrypt_and_tag(&context, job->text_bytes, job->nonce, job->aad, job->aad_bytes,
                                                   job->in, job->out, job->tag);
    }
    mbedtls_chachapoly_free(&context);
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_chachapoly_open(const struct rk_aead_job *job)
{
    mbedtls_chachapoly_context context;
    mbedtls_chachapoly_init(&context);
    int error = mbedtls_chachapoly_setkey(&context, job->key);
    if (error == 0) {
        error = mbedtls_chachapoly_auth_decrypt(&context, job->text_bytes, job->nonce, job->aad, job->aad_bytes,
                                                job->tag, job->in, job->out);
    }
    mbedtls_chachapoly_free(&context);
    return opened(job, error, MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED);
}

enum rk_crypto rki_mbedtls_cmac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac)
{
    (void)alg; /* AES, by the length of the key */
    int key_bits = (int)(8u * key_bytes);
    const mbedtls_cipher_info_t *aes =
        mbedtls_cipher_info_from_values(MBEDTLS_CIPHER_ID_AES, key_bits, MBEDTLS_MODE_ECB);
    if (aes == NULL) {
        return RK_CRYPTO_FAILED;
    }
    return rki_mbedtls_result(mbedtls_cipher_cmac(aes, key, 8u * key_bytes, in, in_bytes, mac));
}

static mbedtls_nist_kw_mode_t wrap_mode(const struct rk_wrap_job *job)
{
    return job->alg == RK_ALG_AES_KEY_WRAP ? MBEDTLS_KW_MODE_KW : MBEDTLS_KW_MODE_KWP;
}

enum rk_crypto rki_mbedtls_key_wrap(struct rk_wrap_job *job)
{
    mbedtls_nist_kw_context context;
    size_t written = 0;
    mbedtls_nist_kw_init(&context);
    int error = mbedtls_nist_kw_setkey(&context, MBEDTLS_CIPHER_ID_AES, job->kek, 8u * job->kek_bytes, 1);
    if (error == 0) {
        error = mbedtls_nist_kw_wrap(&context, wrap_mode(job), job->in, job->in_bytes, job->out, &written,
                                     rk_wrapped_bytes(job->alg, job->in_bytes));
    }
    mbedtls_nist_kw_free(&context);
    job->out_bytes = (uint16_t)written;
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_key_unwrap(struct rk_wrap_job *job)
{
    job->out_bytes = 0;
    if (job->in_bytes < WRAP_LEAST_bytes) { /* the library subtracts before it checks */
        return RK_CRYPTO_FAILED;
    }
    mbedtls_nist_kw_context context;
    size_t written = 0;
    size_t room_bytes = (size_t)job->in_bytes - WRAP_CHECK_bytes;
    mbedtls_nist_kw_init(&context);
    int error = mbedtls_nist_kw_setkey(&context, MBEDTLS_CIPHER_ID_AES, job->kek, 8u * job->kek_bytes, 0);
    if (error == 0) {
        error =
            mbedtls_nist_kw_unwrap(&context, wrap_mode(job), job->in, job->in_bytes, job->out, &written, room_bytes);
    }
    mbedtls_nist_kw_free(&context);
    if (error == 0) {
        job->out_bytes = (uint16_t)written;
        return RK_CRYPTO_OK;
    }
    memset(job->out, 0, room_bytes);
    return error == MBEDTLS_ERR_CIPHER_AUTH_FAILED ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
