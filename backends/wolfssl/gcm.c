/* GCM of wolfCrypt.
 *
 * The library keeps the table of GHASH in the same context that CCM and key wrap use, which would then take 512 bytes
 * more of stack, and their wiping. So its AES is compiled once more here, with GCM alone and private to this file.
 */
#define RKI_WOLFSSL_GCM
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/logging.h"

#include "backends/wolfssl/private_part.h"

#include "wolfssl/wolfcrypt/aes.h"

#include "wolfcrypt/src/aes.c"

enum { GCM_NONCE_bytes = 12 };

static int gcm_init(Aes *aes, const struct rk_aead_job *job)
{
    int error = wc_AesInit(aes, NULL, INVALID_DEVID);
    return error == 0 ? wc_AesGcmSetKey(aes, job->key, job->key_bytes) : error;
}

static void gcm_fini(Aes *aes)
{
    wc_AesFree(aes);
    rki_wolfssl_wipe(aes, sizeof *aes);
}

enum rk_crypto rki_wolfssl_gcm_seal(const struct rk_aead_job *job)
{
    Aes aes;
    int error = gcm_init(&aes, job);
    if (error == 0) {
        error = wc_AesGcmEncrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, GCM_NONCE_bytes, job->tag,
                                 job->tag_bytes, job->aad, job->aad_bytes);
    }
    gcm_fini(&aes);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_gcm_open(const struct rk_aead_job *job)
{
    Aes aes;
    int error = gcm_init(&aes, job);
    if (error == 0) {
        error = wc_AesGcmDecrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, GCM_NONCE_bytes, job->tag,
                                 job->tag_bytes, job->aad, job->aad_bytes);
    }
    gcm_fini(&aes);
    return error == AES_GCM_AUTH_E ? RK_CRYPTO_REJECTED : rki_wolfssl_outcome(error);
}
