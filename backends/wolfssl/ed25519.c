/* Ed25519 of wolfCrypt. The library demands SHA-512 in the settings of this file; its code is in sha512.c. */
#define RKI_WOLFSSL_SHA512
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/ed25519.h"

#include "wolfcrypt/src/ed25519.c"
#ifdef ED25519_SMALL
#define ed25519_order rki_wolfssl_group_order /* two files of the library have one of their own */
#include "wolfcrypt/src/ge_low_mem.c"
#else
#include "wolfcrypt/src/ge_operations.c"
#endif

enum rk_crypto rki_wolfssl_ed25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32])
{
    ed25519_key key;
    word32 private_bytes = ED25519_KEY_SIZE;
    word32 public_bytes = ED25519_PUB_KEY_SIZE;
    int error = wc_ed25519_init(&key);
    if (error == 0) {
        error = wc_ed25519_make_key(&drbg->rng, ED25519_KEY_SIZE, &key);
    }
    if (error == 0) {
        error = wc_ed25519_export_private_only(&key, private_key, &private_bytes);
    }
    if (error == 0) {
        error = wc_ed25519_export_public(&key, public_key, &public_bytes);
    }
    wc_ed25519_free(&key);
    rki_wolfssl_wipe(&key, sizeof key);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_ed25519_sign(const struct rk_sign_job *job)
{
    ed25519_key key;
    word32 signature_bytes = ED25519_SIG_SIZE;
    int error = wc_ed25519_init(&key);
    if (error == 0) {
        error = wc_ed25519_import_private_key(job->private_key, ED25519_KEY_SIZE, job->public_key, ED25519_PUB_KEY_SIZE,
                                              &key);
    }
    if (error == 0) {
        error = wc_ed25519_sign_msg(job->message, job->message_bytes, job->signature, &signature_bytes, &key);
    }
    wc_ed25519_free(&key);
    rki_wolfssl_wipe(&key, sizeof key);
    return rki_wolfssl_outcome(error);
}

/* The library has no error of its own that is not about the key or the signature here: nothing is allocated. */
enum rk_crypto rki_wolfssl_ed25519_verify(const struct rk_sign_job *job)
{
    ed25519_key key;
    int valid = 0;
    int error = wc_ed25519_init(&key);
    if (error != 0) {
        return RK_CRYPTO_FAILED;
    }
    error = wc_ed25519_import_public(job->public_key, ED25519_PUB_KEY_SIZE, &key);
    if (error == 0) {
        error = wc_ed25519_verify_msg(job->signature, ED25519_SIG_SIZE, job->message, job->message_bytes, &valid, &key);
    }
    wc_ed25519_free(&key);
    return error == 0 && valid == 1 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}
