/* RSA of wolfCrypt.
 *
 * Its integers are as long as the modulus of 2048 bits, those of the curves as long as P-256, and both would be so if
 * there were one arithmetic. So RSA and its arithmetic are compiled here, private to this file.
 * The library's ASN.1 is left out; the one structure needed, the DigestInfo of SHA-256, is 19 constant bytes.
 */
#define RKI_WOLFSSL_RSA
#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "wolfssl/wolfcrypt/cpuid.h"
#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/hash.h"
#include "wolfssl/wolfcrypt/logging.h"

#include "backends/wolfssl/private_part.h"

#include "wolfssl/wolfcrypt/rsa.h"
#include "wolfssl/wolfcrypt/sp.h"
#include "wolfssl/wolfcrypt/wolfmath.h"

#include "wolfcrypt/src/rsa.c"
#if defined(WOLFSSL_SP_ARM_CORTEX_M_ASM)
#include "wolfcrypt/src/sp_cortexm.c"
#elif defined(WOLFSSL_SP_ARM_THUMB_ASM)
#include "wolfcrypt/src/sp_armthumb.c"
#elif defined(WOLFSSL_SP_ARM64_ASM)
#include "wolfcrypt/src/sp_arm64.c"
#endif

/* The general arithmetic declares functions of the special one otherwise than its header; it needs none of them. */
#undef WOLFSSL_HAVE_SP_RSA
#define CheckRunTimeSettings rki_wolfssl_rsa_settings
#include "wolfcrypt/src/sp_int.c"
#include "wolfcrypt/src/wolfmath.c"

#define EXPONENT 65537L

enum { EXPONENT_bytes = 3, DIGEST_INFO_bytes = 19, ENCODED_bytes = DIGEST_INFO_bytes + RK_SHA256_bytes };

/* RFC 8017 clause 9.2, note 1. */
static void encode_digest(uint8_t encoded[ENCODED_bytes], const uint8_t digest[32])
{
    static const uint8_t sha256_info[DIGEST_INFO_bytes] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    memcpy(encoded, sha256_info, DIGEST_INFO_bytes);
    memcpy(encoded + DIGEST_INFO_bytes, digest, RK_SHA256_bytes);
}

static int set_public(RsaKey *key, const uint8_t *modulus, uint16_t modulus_bytes)
{
    static const uint8_t exponent[EXPONENT_bytes] = {1, 0, 1};
    key->type = RSA_PUBLIC;
    int error = mp_read_unsigned_bin(&key->n, modulus, modulus_bytes);
    return error == 0 ? mp_read_unsigned_bin(&key->e, exponent, EXPONENT_bytes) : error;
}

/* n, d, p, q, dp, dq, qinv, the last five half as long. */
static int set_private(RsaKey *key, const uint8_t *private_key, uint16_t modulus_bytes, struct rk_drbg *drbg)
{
    mp_int *const halves[] = {&key->p, &key->q, &key->dP, &key->dQ, &key->u};
    int error = set_public(key, private_key, modulus_bytes);
    private_key += modulus_bytes;
    if (error == 0) {
        error = mp_read_unsigned_bin(&key->d, private_key, modulus_bytes);
    }
    private_key += modulus_bytes;
    for (size_t i = 0; error == 0 && i < sizeof halves / sizeof halves[0]; i++) {
        error = mp_read_unsigned_bin(halves[i], private_key, modulus_bytes / 2);
        private_key += modulus_bytes / 2;
    }
    key->type = RSA_PRIVATE;
    return error == 0 ? wc_RsaSetRNG(key, &drbg->rng) : error;
}

static int export_key(RsaKey *key, uint16_t modulus_bytes, uint8_t *private_key, uint8_t *public_key)
{
    mp_int *const halves[] = {&key->p, &key->q, &key->dP, &key->dQ, &key->u};
    int error = mp_to_unsigned_bin_len(&key->n, public_key, modulus_bytes);
    memcpy(private_key, public_key, modulus_bytes);
    private_key += modulus_bytes;
    if (error == 0) {
        error = mp_to_unsigned_bin_len(&key->d, private_key, modulus_bytes);
    }
    private_key += modulus_bytes;
    for (size_t i = 0; error == 0 && i < sizeof halves / sizeof halves[0]; i++) {
        error = mp_to_unsigned_bin_len(halves[i], private_key, modulus_bytes / 2);
        private_key += modulus_bytes / 2;
    }
    return error;
}

static void rsa_fini(RsaKey *key)
{
    wc_FreeRsaKey(key);
    rki_wolfssl_wipe(key, sizeof *key);
}

enum rk_crypto rki_wolfssl_rsa_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    RsaKey key;
    uint16_t modulus_bytes = rk_alg_public_bytes(alg);
    int error = wc_InitRsaKey(&key, NULL);
    if (error == 0) {
        error = wc_MakeRsaKey(&key, modulus_bytes * 8, EXPONENT, &drbg->rng);
    }
    if (error == 0) {
        error = export_key(&key, modulus_bytes, private_key, public_key);
    }
    rsa_fini(&key);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_rsa_sign(const struct rk_sign_job *job)
{
    RsaKey key;
    uint8_t encoded[ENCODED_bytes];
    uint16_t modulus_bytes = rk_alg_public_bytes(job->alg);
    encode_digest(encoded, job->message);
    int error = wc_InitRsaKey(&key, NULL);
    if (error == 0) {
        error = set_private(&key, job->private_key, modulus_bytes, job->drbg);
    }
    int written = -1;
    if (error == 0) {
        written = wc_RsaSSL_Sign(encoded, ENCODED_bytes, job->signature, modulus_bytes, &key, &job->drbg->rng);
    }
    rsa_fini(&key);
    return written == (int)modulus_bytes ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_wolfssl_rsa_verify(const struct rk_sign_job *job)
{
    RsaKey key;
    uint8_t encoded[ENCODED_bytes];
    uint8_t found[ENCODED_bytes];
    uint16_t modulus_bytes = rk_alg_public_bytes(job->alg);
    encode_digest(encoded, job->message);
    int error = wc_InitRsaKey(&key, NULL);
    if (error == 0) {
        error = set_public(&key, job->public_key, modulus_bytes);
    }
    int written = MEMORY_E;
    if (error == 0) {
        written = wc_RsaSSL_Verify(job->signature, modulus_bytes, found, ENCODED_bytes, &key);
    }
    wc_FreeRsaKey(&key);
    if (written == MEMORY_E) {
        return RK_CRYPTO_FAILED;
    }
    return written == ENCODED_bytes && memcmp(encoded, found, ENCODED_bytes) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

enum rk_crypto rki_wolfssl_rsa_encrypt(const struct rk_rsa_job *job)
{
    RsaKey key;
    uint16_t modulus_bytes = rk_alg_public_bytes(job->alg);
    int padding = job->oaep ? WC_RSA_OAEP_PAD : WC_RSA_PKCSV15_PAD;
    int error = wc_InitRsaKey(&key, NULL);
    if (error == 0) {
        error = set_public(&key, job->key, modulus_bytes);
    }
    int written = -1;
    if (error == 0) {
        written = wc_RsaPublicEncrypt_ex(job->in, job->in_bytes, job->out, modulus_bytes, &key, &job->drbg->rng,
                                         padding, WC_HASH_TYPE_SHA256, WC_MGF1SHA256, NULL, 0);
    }
    wc_FreeRsaKey(&key);
    return written == (int)modulus_bytes ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

/* An error that is not of memory or of the generator is one of the padding; the library has several by version. An
 * empty message counts among them. */
enum rk_crypto rki_wolfssl_rsa_decrypt(struct rk_rsa_job *job)
{
    RsaKey key;
    uint16_t modulus_bytes = rk_alg_public_bytes(job->alg);
    int padding = job->oaep ? WC_RSA_OAEP_PAD : WC_RSA_PKCSV15_PAD;
    int error = wc_InitRsaKey(&key, NULL);
    if (error == 0) {
        error = set_private(&key, job->key, modulus_bytes, job->drbg);
    }
    int written = MEMORY_E;
    if (error == 0) {
        written = wc_RsaPrivateDecrypt_ex(job->in, modulus_bytes, job->out, modulus_bytes, &key, padding,
                                          WC_HASH_TYPE_SHA256, WC_MGF1SHA256, NULL, 0);
    }
    rsa_fini(&key);
    job->out_bytes = written > 0 ? (uint16_t)written : 0;
    if (written > 0) {
        memset(job->out + written, 0, (size_t)(modulus_bytes - written));
        return RK_CRYPTO_OK;
    }
    memset(job->out, 0, modulus_bytes);
    return written == MEMORY_E || written == RNG_FAILURE_E ? RK_CRYPTO_FAILED : RK_CRYPTO_REJECTED;
}
