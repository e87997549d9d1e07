/* GCM of wolfCrypt: what adapts gcm_library.c. */
#define RKI_WOLFSSL_GCM
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/error-crypt.h"

#include "backends/wolfssl/gcm_library.h"

enum { GCM_NONCE_bytes = 12 };

static void gcm_fini(Aes *aes)
{
    rki_wolfssl_AesGcmFree(aes);
    rki_wolfssl_wipe(aes, sizeof *aes);
}

enum rk_crypto rki_wolfssl_gcm_seal(const struct rk_aead_job *job)
{
    Aes aes;
    int error = rki_wolfssl_AesGcmSetKey(&aes, job->key, job->key_bytes);
    if (error == 0) {
        error = rki_wolfssl_AesGcmEncrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, GCM_NONCE_bytes,
                                          job->tag, job->tag_bytes, job->aad, job->aad_bytes);
    }
    gcm_fini(&aes);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_gcm_open(const struct rk_aead_job *job)
{
    Aes aes;
    int error = rki_wolfssl_AesGcmSetKey(&aes, job->key, job->key_bytes);
    if (error == 0) {
        error = rki_wolfssl_AesGcmDecrypt(&aes, job->out, job->in, job->text_bytes, job->nonce, GCM_NONCE_bytes,
                                          job->tag, job->tag_bytes, job->aad, job->aad_bytes);
    }
    gcm_fini(&aes);
    return error == AES_GCM_AUTH_E ? RK_CRYPTO_REJECTED : rki_wolfssl_outcome(error);
}
