/* backends/libsodium/adapter.h - what the files of this adapter share
 *
 * One function an algorithm, so that an image keeps only those which its dispatchers in backend.c name. Everything but
 * backend.c is compiled once for a device. in, out, errors: backends/backend.h.
 */
#ifndef BACKENDS_LIBSODIUM_ADAPTER_H
#define BACKENDS_LIBSODIUM_ADAPTER_H

#include "backends/backend.h"

/* README.md of this folder. May be moved and copied. */
struct rk_drbg {
    uint8_t key[32];
};

/* symmetric.c. The MACs have the type rk_mac_fn of backends/composed.h, each for its one algorithm. */
enum rk_crypto rki_libsodium_chachapoly_seal(const struct rk_aead_job *job);
enum rk_crypto rki_libsodium_chachapoly_open(const struct rk_aead_job *job);
enum rk_crypto rki_libsodium_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_libsodium_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
enum rk_crypto rki_libsodium_hmac_sha256(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                         uint16_t in_bytes, uint8_t *mac);
enum rk_crypto rki_libsodium_hmac_sha512(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                         uint16_t in_bytes, uint8_t *mac);

/* drbg.c */
enum rk_crypto rki_libsodium_drbg_init(struct rk_drbg *drbg, const uint8_t entropy[48]);
enum rk_crypto rki_libsodium_drbg_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes);

/* curve.c */
enum rk_crypto rki_libsodium_x25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32]);
enum rk_crypto rki_libsodium_x25519_agree(const uint8_t private_key[32], const uint8_t peer_public[32],
                                          uint8_t secret[32]);
enum rk_crypto rki_libsodium_ed25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32]);
enum rk_crypto rki_libsodium_ed25519_sign(const struct rk_sign_job *job);
enum rk_crypto rki_libsodium_ed25519_verify(const struct rk_sign_job *job);

/* ladder.c: the ladder of RFC 7748, out = scalar * point. out: 0, or -1 when the point is of small order. */
int rki_libsodium_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

#endif
