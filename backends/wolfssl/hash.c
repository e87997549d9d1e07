/* SHA-256 of wolfCrypt, and what stands on it: HMAC, HKDF, PBKDF2, TLS 1.2 PRF. */
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/hmac.h"
#include "wolfssl/wolfcrypt/kdf.h"
#include "wolfssl/wolfcrypt/pwdbased.h"
#include "wolfssl/wolfcrypt/sha256.h"

enum { TLS12 = 1 };

enum rk_crypto rki_wolfssl_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
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
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac)
{
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
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_hkdf(const struct rk_kdf_job *job)
{
    const uint8_t *salt = job->label_bytes == 0 ? NULL : job->label;
    return rki_wolfssl_outcome(wc_HKDF(WC_SHA256, job->secret, job->secret_bytes, salt, job->label_bytes, job->context,
                                       job->context_bytes, job->out, job->out_bytes));
}

enum rk_crypto rki_wolfssl_pbkdf2(const struct rk_kdf_job *job)
{
    return rki_wolfssl_outcome(wc_PBKDF2(job->out, job->secret, job->secret_bytes, job->label, job->label_bytes,
                                         job->iterations, job->out_bytes, WC_SHA256));
}

enum rk_crypto rki_wolfssl_tls12_prf(const struct rk_kdf_job *job)
{
    return rki_wolfssl_outcome(wc_PRF_TLS(job->out, job->out_bytes, job->secret, job->secret_bytes, job->label,
                                          job->label_bytes, job->context, job->context_bytes, TLS12, sha256_mac, NULL,
                                          INVALID_DEVID));
}
