/* AEAD, hash, MAC, key derivation and key wrap of wolfCrypt. */
#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "wolfssl/wolfcrypt/aes.h"
#include "wolfssl/wolfcrypt/chacha20_poly1305.h"
#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/hmac.h"
#include "wolfssl/wolfcrypt/sha256.h"

enum { AES_KEY_bytes = 16, WRAP_CHECK_bytes = 8 };

static enum rk_crypto outcome(int error)
{
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

static int ccm_init(Aes *aes, const uint8_t *key)
{
    int error = wc_AesInit(aes, NULL, INVALID_DEVID);
    return error == 0 ? wc_AesCcmSetKey(aes, key, AES_KEY_bytes) : error;
}

/* The key schedule is wiped here: wc_AesFree leaves it in some configurations. */
static void ccm_fini(Aes *aes)
{
    wc_AesFree(aes);
    rki_wolfssl_wipe(aes, sizeof *aes);
}

enum rk_crypto rki_wolfssl_seal(const struct rk_aead_job *job)
{
    if (RK_HAS(RK_ALG_AES128_CCM) && job->alg == RK_ALG_AES128_CCM) {
        Aes aes;
        int error = ccm_init(&aes, job->key);
        if (error == 0) {
            error = wc_AesCcmEncrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->tag,
                                     job->tag_bytes, job->aad, job->aad_bytes);
        }
        ccm_fini(&aes);
        return outcome(error);
    }
    if (RK_HAS(RK_ALG_CHACHA20_POLY1305) && job->alg == RK_ALG_CHACHA20_POLY1305) {
        return outcome(wc_ChaCha20Poly1305_Encrypt(job->key, job->nonce, job->aad, job->aad_bytes, job->in,
                                                   job->text_bytes, job->out, job->tag));
    }
    return RK_CRYPTO_UNSUPPORTED;
}

static enum rk_crypto open_any(const struct rk_aead_job *job)
{
    if (RK_HAS(RK_ALG_AES128_CCM) && job->alg == RK_ALG_AES128_CCM) {
        Aes aes;
        int error = ccm_init(&aes, job->key);
        if (error == 0) {
            error = wc_AesCcmDecrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->tag,
                                     job->tag_bytes, job->aad, job->aad_bytes);
        }
        ccm_fini(&aes);
        return error == AES_CCM_AUTH_E ? RK_CRYPTO_REJECTED : outcome(error);
    }
    if (RK_HAS(RK_ALG_CHACHA20_POLY1305) && job->alg == RK_ALG_CHACHA20_POLY1305) {
        int error = wc_ChaCha20Poly1305_Decrypt(job->key, job->nonce, job->aad, job->aad_bytes, job->in,
                                                job->text_bytes, job->tag, job->out);
        return error == MAC_CMP_FAILED_E ? RK_CRYPTO_REJECTED : outcome(error);
    }
    return RK_CRYPTO_UNSUPPORTED;
}

enum rk_crypto rki_wolfssl_open(const struct rk_aead_job *job)
{
    enum rk_crypto result = open_any(job);
    if (result != RK_CRYPTO_OK) {
        memset(job->out, 0, job->text_bytes);
    }
    return result;
}

enum rk_crypto rki_wolfssl_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32])
{
    if (!RK_HAS(RK_ALG_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    wc_Sha256 sha256;
    int error = wc_InitSha256(&sha256);
    if (error == 0) {
        error = wc_Sha256Update(&sha256, in, in_bytes);
    }
    if (error == 0) {
        error = wc_Sha256Final(&sha256, digest);
    }
    wc_Sha256Free(&sha256);
    rki_wolfssl_wipe(&sha256, sizeof sha256);
    return outcome(error);
}

enum rk_crypto rki_wolfssl_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t mac[32])
{
    if (!RK_HAS(RK_ALG_HMAC_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    Hmac hmac;
    int error = wc_HmacInit(&hmac, NULL, INVALID_DEVID);
    if (error == 0) {
        error = wc_HmacSetKey(&hmac, WC_SHA256, key, key_bytes);
    }
    if (error == 0) {
        error = wc_HmacUpdate(&hmac, in, in_bytes);
    }
    if (error == 0) {
        error = wc_HmacFinal(&hmac, mac);
    }
    wc_HmacFree(&hmac);
    rki_wolfssl_wipe(&hmac, sizeof hmac);
    return outcome(error);
}

enum rk_crypto rki_wolfssl_hkdf_sha256(const struct rk_hkdf_job *job)
{
    if (!RK_HAS(RK_ALG_HKDF_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    const uint8_t *salt = job->salt_bytes == 0 ? NULL : job->salt;
    return outcome(wc_HKDF(WC_SHA256, job->secret, job->secret_bytes, salt, job->salt_bytes, job->info, job->info_bytes,
                           job->out, job->out_bytes));
}

enum rk_crypto rki_wolfssl_key_wrap(const uint8_t kek[16], const uint8_t *key, uint16_t key_bytes, uint8_t *wrapped)
{
    if (!RK_HAS(RK_ALG_AES_KEY_WRAP)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    int written =
        wc_AesKeyWrap(kek, AES_KEY_bytes, key, key_bytes, wrapped, (word32)key_bytes + WRAP_CHECK_bytes, NULL);
    return written == (int)(key_bytes + WRAP_CHECK_bytes) ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_wolfssl_key_unwrap(const uint8_t kek[16], const uint8_t *wrapped, uint16_t wrapped_bytes,
                                      uint8_t *key)
{
    if (!RK_HAS(RK_ALG_AES_KEY_WRAP)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    if (wrapped_bytes < 3 * WRAP_CHECK_bytes) {
        return RK_CRYPTO_FAILED;
    }
    uint16_t key_bytes = (uint16_t)(wrapped_bytes - WRAP_CHECK_bytes);
    int written = wc_AesKeyUnWrap(kek, AES_KEY_bytes, wrapped, wrapped_bytes, key, key_bytes, NULL);
    if (written == (int)key_bytes) {
        return RK_CRYPTO_OK;
    }
    memset(key, 0, key_bytes);
    return written == BAD_KEYWRAP_IV_E ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
