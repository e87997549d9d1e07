/* backends/wolfssl/adapter.h - what the files of this adapter share
 *
 * Each primitive family has its own file; backend.c puts them into the table. wolfCrypt's settings come before all
 * else. The contracts are those of backends/backend.h; here every function is one algorithm's.
 */
#ifndef BACKENDS_WOLFSSL_ADAPTER_H
#define BACKENDS_WOLFSSL_ADAPTER_H

#include "backends/backend.h"

#include "wolfssl/wolfcrypt/settings.h"
#include "wolfssl/wolfcrypt/random.h"

/* The library keeps the state proper on the heap; drbg_wipe gives it back. May be moved in memory, not copied. */
struct rk_drbg {
    WC_RNG rng;
    const uint8_t *entropy; /* only while the DRBG is instantiated */
};

static inline enum rk_crypto rki_wolfssl_outcome(int error)
{
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

/* symmetric.c, gcm.c. open leaves `out` as it is when the tag is wrong: backend.c clears it. */
enum rk_crypto rki_wolfssl_ccm_seal(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_ccm_open(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_gcm_seal(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_gcm_open(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_chachapoly_seal(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_chachapoly_open(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_cmac(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                uint8_t *mac);
enum rk_crypto rki_wolfssl_key_wrap(struct rk_wrap_job *job);
enum rk_crypto rki_wolfssl_key_unwrap(struct rk_wrap_job *job);

/* hash.c, sha1.c, sha512.c */
enum rk_crypto rki_wolfssl_sha1(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_wolfssl_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_wolfssl_sha384(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_wolfssl_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_wolfssl_hmac_sha1(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                     uint8_t *mac);
enum rk_crypto rki_wolfssl_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac);
enum rk_crypto rki_wolfssl_hmac_sha384(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac);
enum rk_crypto rki_wolfssl_hmac_sha512(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac);
enum rk_crypto rki_wolfssl_hkdf(const struct rk_kdf_job *job);
enum rk_crypto rki_wolfssl_pbkdf2(const struct rk_kdf_job *job);
enum rk_crypto rki_wolfssl_tls12_prf(const struct rk_kdf_job *job);

/* drbg.c */
enum rk_crypto rki_wolfssl_drbg_init(struct rk_drbg *drbg, const uint8_t entropy[48]);
enum rk_crypto rki_wolfssl_drbg_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes);
void rki_wolfssl_drbg_free(struct rk_drbg *drbg); /* of an instantiated one: gives the state proper back */
void rki_wolfssl_wipe(void *memory, size_t bytes);

/* ecc.c, ed25519.c */
enum rk_crypto rki_wolfssl_x25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32]);
enum rk_crypto rki_wolfssl_x25519_agree(const uint8_t private_key[32], const uint8_t peer_public[32],
                                        uint8_t secret[32]);
enum rk_crypto rki_wolfssl_p256_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[65]);
enum rk_crypto rki_wolfssl_p256_agree(struct rk_drbg *drbg, const uint8_t private_key[32],
                                      const uint8_t peer_public[65], uint8_t secret[32]);
enum rk_crypto rki_wolfssl_ecdsa_sign(const struct rk_sign_job *job);
enum rk_crypto rki_wolfssl_ecdsa_verify(const struct rk_sign_job *job);
enum rk_crypto rki_wolfssl_ed25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32]);
enum rk_crypto rki_wolfssl_ed25519_sign(const struct rk_sign_job *job);
enum rk_crypto rki_wolfssl_ed25519_verify(const struct rk_sign_job *job);

/* rsa.c: the size of the modulus is that of job->alg or alg. */
enum rk_crypto rki_wolfssl_rsa_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key);
enum rk_crypto rki_wolfssl_rsa_sign(const struct rk_sign_job *job);
enum rk_crypto rki_wolfssl_rsa_verify(const struct rk_sign_job *job);
enum rk_crypto rki_wolfssl_rsa_encrypt(const struct rk_rsa_job *job);
enum rk_crypto rki_wolfssl_rsa_decrypt(struct rk_rsa_job *job);

/* mlkem.c: the parameter set is that of alg. */
enum rk_crypto rki_wolfssl_mlkem_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key);
enum rk_crypto rki_wolfssl_mlkem_encapsulate(uint8_t alg, struct rk_drbg *drbg, const uint8_t *public_key,
                                             uint8_t *ciphertext, uint8_t secret[32]);
enum rk_crypto rki_wolfssl_mlkem_decapsulate(uint8_t alg, const uint8_t *private_key, const uint8_t *ciphertext,
                                             uint8_t secret[32]);

#endif
