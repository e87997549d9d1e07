/* backends/composed.h - derivations of keys over a library's MAC, for a library that does not have them itself
 *
 * Model:   HKDF-SHA-256 (RFC 5869), KBKDF in counter mode with HMAC-SHA-256 or CMAC-AES-128 (SP 800-108r1), PBKDF2 with
 *          HMAC-SHA-256 (SP 800-132), PRF of TLS 1.2 (RFC 5246). The MAC is called once for each message, which is put
 *          together on the stack and wiped; a MAC with state would hash the key's pads once and not for each block.
 * Units:   bytes. Stack: about RK_COMPOSED_INPUT_MAX_bytes and 130.
 * Error:   an output of zeros with every error. What the MAC answers; RK_CRYPTO_FAILED for a label and context longer
 *          together than RK_COMPOSED_INPUT_MAX_bytes (HKDF: the context), for more than 255 blocks of the MAC, for no
 *          iterations, for a key of CMAC that has not 16 bytes. RK_CRYPTO_UNSUPPORTED for any other algorithm.
 * Source:  fields of the job: struct rk_kdf_job in backends/backend.h.
 */
#ifndef BACKENDS_COMPOSED_H
#define BACKENDS_COMPOSED_H

#include "backends/backend.h"

enum { RK_COMPOSED_INPUT_MAX_bytes = 128 };

/* As `mac` of struct rk_backend. Called with RK_ALG_HMAC_SHA256 or, for RK_ALG_KBKDF_CMAC, with RK_ALG_AES_CMAC. */
typedef enum rk_crypto rk_mac_fn(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                 uint16_t in_bytes, uint8_t *mac);

/* One function an algorithm, for the dispatchers of an adapter: an image keeps those that it names. */
enum rk_crypto rki_composed_hkdf(const struct rk_kdf_job *job, rk_mac_fn *mac);
enum rk_crypto rki_composed_kbkdf(const struct rk_kdf_job *job, rk_mac_fn *mac); /* HMAC or CMAC, by job->alg */
enum rk_crypto rki_composed_pbkdf2(const struct rk_kdf_job *job, rk_mac_fn *mac);
enum rk_crypto rki_composed_tls12_prf(const struct rk_kdf_job *job, rk_mac_fn *mac);

/* Any of them, by job->alg. An image that names this holds all. */
enum rk_crypto rki_composed_kdf(const struct rk_kdf_job *job, rk_mac_fn *mac);

#endif
