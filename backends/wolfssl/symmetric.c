/* CCM, ChaCha20-Poly1305, CMAC and key wrap of wolfCrypt. */
#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "wolfssl/wolfcrypt/aes.h"
#include "wolfssl/wolfcrypt/chacha20_poly1305.h"
#include "wolfssl/wolfcrypt/cmac.h"
#include "wolfssl/wolfcrypt/error-crypt.h"

enum { WRAP_CHECK_bytes = 8, CMAC_bytes = 16 };

static int ccm_init(Aes *aes, const struct rk_aead_job *job)
{
    int error = wc_AesInit(aes, NULL, INVALID_DEVID);
    return error == 0 ? wc_AesCcmSetKey(aes, job->key, job->key_bytes) : error;
}

/* The key schedule is wiped here: wc_AesFree leaves it in some configurations. */
static void ccm_fini(Aes *aes)
{
    wc_AesFree(aes);
    rki_wolfssl_wipe(aes, sizeof *aes);
}

enum rk_crypto rki_wolfssl_ccm_seal(const struct rk_aead_job *job)
{
    Aes aes;
    int error = ccm_init(&aes, job);
    if (error == 0) {
        error = wc_AesCcmEncrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->tag,
                                 job->tag_bytes, job->aad, job->aad_bytes);
    }
    ccm_fini(&aes);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_ccm_open(const struct rk_aead_job *job)
{
    Aes aes;
    int error = ccm_init(&aes, job);
    if (error == 0) {
        error = wc_AesCcmDecrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, RK_CCM_NONCE_bytes, job->tag,
                                 job->tag_bytes, job->aad, job->aad_bytes);
    }
    ccm_fini(&aes);
    return error == AES_CCM_AUTH_E ? RK_CRYPTO_REJECTED : rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_chachapoly_seal(const struct rk_aead_job *job)
{
    return rki_wolfssl_outcome(wc_ChaCha20Poly1305_Encrypt(job->key, job->nonce, job->aad, job->aad_bytes, job->in,
                                                           job->text_bytes, job->out, job->tag));
}

enum rk_crypto rki_wolfssl_chachapoly_open(const struct rk_aead_job *job)
{
    int error = wc_ChaCha20Poly1305_Decrypt(job->key, job->nonce, job->aad, job->aad_bytes, job->in, job->text_bytes,
                                            job->tag, job->out);
    return error == MAC_CMP_FAILED_E ? RK_CRYPTO_REJECTED : rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_cmac(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                uint8_t *mac)
{
    Cmac cmac;
    word32 mac_bytes = CMAC_bytes;
    int error = wc_InitCmac(&cmac, key, key_bytes, WC_CMAC_AES, NULL);
    if (error == 0 && in_bytes > 0) {
        error = wc_CmacUpdate(&cmac, in, in_bytes);
    }
    if (error == 0) {
        error = wc_CmacFinal(&cmac, mac, &mac_bytes);
    }
    rki_wolfssl_wipe(&cmac, sizeof cmac);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_key_wrap(struct rk_wrap_job *job)
{
    word32 room_bytes = (word32)job->in_bytes + WRAP_CHECK_bytes;
    int written = wc_AesKeyWrap(job->kek, job->kek_bytes, job->in, job->in_bytes, job->out, room_bytes, NULL);
    if (written != (int)room_bytes) {
        return RK_CRYPTO_FAILED;
    }
    job->out_bytes = (uint16_t)written;
    return RK_CRYPTO_OK;
}

enum rk_crypto rki_wolfssl_key_unwrap(struct rk_wrap_job *job)
{
    if (job->in_bytes < 3 * WRAP_CHECK_bytes) {
        return RK_CRYPTO_FAILED;
    }
    uint16_t key_bytes = (uint16_t)(job->in_bytes - WRAP_CHECK_bytes);
    int written = wc_AesKeyUnWrap(job->kek, job->kek_bytes, job->in, job->in_bytes, job->out, key_bytes, NULL);
    if (written == (int)key_bytes) {
        job->out_bytes = key_bytes;
        return RK_CRYPTO_OK;
    }
    memset(job->out, 0, key_bytes);
    return written == BAD_KEYWRAP_IV_E ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
