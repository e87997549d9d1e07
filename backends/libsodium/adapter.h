/* backends/libsodium/adapter.h - what the files of this adapter share
 *
 * Each primitive family has its own file; backend.c puts them into the table.
 */
#ifndef BACKENDS_LIBSODIUM_ADAPTER_H
#define BACKENDS_LIBSODIUM_ADAPTER_H

#include "backends/feature.h"

/* Key pairs draw from the DRBG, so it stays in their images. */
#define RKI_HAS_CHACHA20_DRBG (RK_HAS(RK_ALG_CHACHA20_DRBG) || RK_HAS(RK_ALG_X25519))

/* README.md of this folder. May be moved and copied. */
struct rk_drbg {
    uint8_t key[32];
};

enum rk_crypto rki_libsodium_seal(const struct rk_aead_job *job);
enum rk_crypto rki_libsodium_open(const struct rk_aead_job *job);
enum rk_crypto rki_libsodium_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32]);
enum rk_crypto rki_libsodium_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                         uint8_t mac[32]);

enum rk_crypto rki_libsodium_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48]);
enum rk_crypto rki_libsodium_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes);
void rki_libsodium_drbg_wipe(struct rk_drbg *drbg, uint8_t alg);

/* The ladder of RFC 7748: out = scalar * point. out: 0, or -1 when the point is of small order. */
int rki_libsodium_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

#endif
