/* ML-KEM of wolfCrypt 5.7: what adapts mlkem_library.c. */
#define RKI_WOLFSSL_MLKEM
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/kyber.h"
#include "wolfssl/wolfcrypt/wc_kyber.h"

static int kem_init(KyberKey *key, uint8_t alg)
{
    return wc_KyberKey_Init(alg == RK_ALG_MLKEM512 ? KYBER512 : KYBER768, key, NULL, INVALID_DEVID);
}

static void kem_fini(KyberKey *key)
{
    wc_KyberKey_Free(key);
    rki_wolfssl_wipe(key, sizeof *key);
}

enum rk_crypto rki_wolfssl_mlkem_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    KyberKey key;
    int error = kem_init(&key, alg);
    if (error == 0) {
        error = wc_KyberKey_MakeKey(&key, &drbg->rng);
    }
    if (error == 0) {
        error = wc_KyberKey_EncodePublicKey(&key, public_key, rk_alg_public_bytes(alg));
    }
    if (error == 0) {
        error = wc_KyberKey_EncodePrivateKey(&key, private_key, rk_alg_private_bytes(alg));
    }
    kem_fini(&key);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_mlkem_encapsulate(uint8_t alg, struct rk_drbg *drbg, const uint8_t *public_key,
                                             uint8_t *ciphertext, uint8_t secret[32])
{
    KyberKey key;
    int error = kem_init(&key, alg);
    if (error == 0) {
        error = wc_KyberKey_DecodePublicKey(&key, public_key, rk_alg_public_bytes(alg));
    }
    if (error == 0) {
        error = wc_KyberKey_Encapsulate(&key, ciphertext, secret, &drbg->rng);
    }
    kem_fini(&key);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_mlkem_decapsulate(uint8_t alg, const uint8_t *private_key, const uint8_t *ciphertext,
                                             uint8_t secret[32])
{
    KyberKey key;
    int error = kem_init(&key, alg);
    if (error == 0) {
        error = wc_KyberKey_DecodePrivateKey(&key, private_key, rk_alg_private_bytes(alg));
    }
    if (error == 0) {
        error = wc_KyberKey_Decapsulate(&key, secret, ciphertext, rk_alg_kem_bytes(alg));
    }
    kem_fini(&key);
    return rki_wolfssl_outcome(error);
}
