/* engine/lifecycle/pair.h - key pairs: checked before they are used
 *
 * Model:  the library makes the pair; what it does not check itself (backends/README.md says which checks those are) is
 *         checked here. Range: 1 <= d <= n - 1 on P-256; X25519 takes every string (RFC 7748, 5), so there its public
 *         value must not be zero. Consistency: d times the base point is the public value; a signature pair signs and
 *         verifies. It costs as much as an agreement, so ephemeral pairs, which serve once and whose failure costs one
 *         renewal, have it by choice; static ones always.
 * Error:  a pair that fails is wiped: RK_CRYPTO_FAILED.
 * Source: SP 800-56A Rev. 3, 5.6.2.1 (owner's assurances: range 5.6.2.1.2, consistency 5.6.2.1.4; that the owner's own
 *         generation gives the assurance for ephemeral pairs is from memory); FIPS 186-5, A.2 and appendix A.
 */
#ifndef ENGINE_LIFECYCLE_PAIR_H
#define ENGINE_LIFECYCLE_PAIR_H

#include "backends/backend.h"

enum rk_pair_check { RK_PAIR_CONSISTENCY = 1 << 0 };

/* in: an X25519 or P-256 algorithm, bits of enum rk_pair_check. out: a pair that passed. */
enum rk_crypto rk_pair_make(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg, uint8_t checks,
                            uint8_t private_key[RK_PRIVATE_bytes], uint8_t *public_key);

/* The two checks alone. alg of consistent: X25519 or P-256. */
bool rk_pair_in_range(uint8_t alg, const uint8_t private_key[RK_PRIVATE_bytes]);
enum rk_crypto rk_pair_consistent(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg,
                                  const uint8_t private_key[RK_PRIVATE_bytes], const uint8_t *public_key);

/* The same for a signature pair: it signs and verifies. */
enum rk_crypto rk_pair_signs(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg,
                             const uint8_t *private_key, const uint8_t *public_key);

struct rk_provision;

/* The server's static pair for mechanism static, with all checks: the private half into server->static_key, the public
 * one into device->static_key. out: RK_CRYPTO_UNSUPPORTED for another curve than X25519, whose value is the only one
 * with room in a provision. */
enum rk_crypto rk_pair_provision(const struct rk_backend *backend, uint8_t curve, struct rk_drbg *drbg,
                                 struct rk_provision *device, struct rk_provision *server);

#endif
