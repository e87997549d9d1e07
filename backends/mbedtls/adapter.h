/* backends/mbedtls/adapter.h - what the files of this adapter share
 *
 * One function an algorithm, so that an image keeps only those which its dispatchers in backend.c name. Everything but
 * backend.c is compiled once for a device. in, out, errors: backends/backend.h.
 */
#ifndef BACKENDS_MBEDTLS_ADAPTER_H
#define BACKENDS_MBEDTLS_ADAPTER_H

#include "backends/backend.h"

#include "mbedtls/ctr_drbg.h"
#include "mbedtls/ecjpake.h"
#include "mbedtls/hmac_drbg.h"
#include "mbedtls/version.h"

#ifndef MBEDTLS_PRIVATE /* 2.x has no private members */
#define MBEDTLS_PRIVATE(member) member
#endif

/* HMAC_DRBG keeps its message digest contexts on the heap (mbedtls_md_setup); wiping gives them back.
 * A state may be moved in memory, not copied. */
struct rk_drbg {
    union {
        mbedtls_ctr_drbg_context ctr;
        mbedtls_hmac_drbg_context hmac;
    } as;
};

/* Its points and numbers lie on the heap from round one until the secret, or until a step fails. */
struct rk_pake {
    mbedtls_ecjpake_context context;
};

static inline enum rk_crypto rki_mbedtls_result(int error)
{
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

/* symmetric.c */
enum rk_crypto rki_mbedtls_ccm_seal(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_ccm_open(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_gcm_seal(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_gcm_open(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_chachapoly_seal(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_chachapoly_open(const struct rk_aead_job *job);
enum rk_crypto rki_mbedtls_key_wrap(struct rk_wrap_job *job); /* both algorithms of key wrap */
enum rk_crypto rki_mbedtls_key_unwrap(struct rk_wrap_job *job);

/* hash.c; cmac is in symmetric.c. hmac serves every hash that md.c knows in this configuration. */
enum rk_crypto rki_mbedtls_sha1(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_mbedtls_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_mbedtls_sha384(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_mbedtls_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_mbedtls_hmac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac);
enum rk_crypto rki_mbedtls_cmac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac);
enum rk_crypto rki_mbedtls_hkdf(const struct rk_kdf_job *job);
enum rk_crypto rki_mbedtls_pbkdf2(const struct rk_kdf_job *job);

/* drbg.c. random: the library's callback over CTR_DRBG; in: context is a struct rk_drbg; out: 0 or an error. */
enum rk_crypto rki_mbedtls_ctr_init(struct rk_drbg *drbg, const uint8_t entropy[48]);
enum rk_crypto rki_mbedtls_ctr_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes);
void rki_mbedtls_ctr_free(struct rk_drbg *drbg);
enum rk_crypto rki_mbedtls_hmac_init(struct rk_drbg *drbg, const uint8_t entropy[48]);
enum rk_crypto rki_mbedtls_hmac_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes);
void rki_mbedtls_hmac_free(struct rk_drbg *drbg);
int rki_mbedtls_random(void *context, unsigned char *out, size_t out_bytes);

/* ecc.c. alg: RK_ALG_X25519 or RK_ALG_P256. */
enum rk_crypto rki_mbedtls_curve_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32],
                                          uint8_t *public_key);
enum rk_crypto rki_mbedtls_curve_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                       const uint8_t *peer_public, uint8_t secret[32]);
enum rk_crypto rki_mbedtls_ecdsa_sign(const struct rk_sign_job *job);
enum rk_crypto rki_mbedtls_ecdsa_verify(const struct rk_sign_job *job);

/* rsa.c */
enum rk_crypto rki_mbedtls_rsa_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key);
enum rk_crypto rki_mbedtls_rsa_sign(const struct rk_sign_job *job);
enum rk_crypto rki_mbedtls_rsa_verify(const struct rk_sign_job *job);
enum rk_crypto rki_mbedtls_rsa_encrypt(struct rk_rsa_job *job);
enum rk_crypto rki_mbedtls_rsa_decrypt(struct rk_rsa_job *job);

/* pake.c */
enum rk_crypto rki_mbedtls_pake(struct rk_pake_job *job);

#endif
