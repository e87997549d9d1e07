/* backends/wolfssl/adapter.h - what the files of this adapter share
 *
 * Each primitive family has its own file; backend.c puts them into the table. wolfCrypt's settings come before all
 * else.
 */
#ifndef BACKENDS_WOLFSSL_ADAPTER_H
#define BACKENDS_WOLFSSL_ADAPTER_H

#include "backends/feature.h"

#include "wolfssl/wolfcrypt/settings.h"
#include "wolfssl/wolfcrypt/random.h"

/* Key pairs and agreement draw from the DRBG, so it stays in their images. */
#define RKI_HAS_HASH_DRBG (RK_HAS(RK_ALG_HASH_DRBG) || RK_HAS(RK_ALG_X25519) || RK_HAS(RK_ALG_P256))

/* The library keeps the state proper on the heap; drbg_wipe gives it back. May be moved in memory, not copied. */
struct rk_drbg {
    WC_RNG rng;
    const uint8_t *entropy; /* only while the DRBG is instantiated */
};

enum rk_crypto rki_wolfssl_seal(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_open(const struct rk_aead_job *job);
enum rk_crypto rki_wolfssl_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32]);
enum rk_crypto rki_wolfssl_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t mac[32]);
enum rk_crypto rki_wolfssl_hkdf_sha256(const struct rk_hkdf_job *job);
enum rk_crypto rki_wolfssl_key_wrap(const uint8_t kek[16], const uint8_t *key, uint16_t key_bytes, uint8_t *wrapped);
enum rk_crypto rki_wolfssl_key_unwrap(const uint8_t kek[16], const uint8_t *wrapped, uint16_t wrapped_bytes,
                                      uint8_t *key);

enum rk_crypto rki_wolfssl_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48]);
enum rk_crypto rki_wolfssl_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes);
void rki_wolfssl_drbg_wipe(struct rk_drbg *drbg, uint8_t alg);

enum rk_crypto rki_wolfssl_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32], uint8_t *public_key);
enum rk_crypto rki_wolfssl_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                 const uint8_t *peer_public, uint8_t secret[32]);

void rki_wolfssl_wipe(void *memory, size_t bytes);

#endif
