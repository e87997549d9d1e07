/* engine/protocol/tls13_update.h - TLS 1.3 and DTLS 1.3 KeyUpdate: the next traffic secret, and the keys of one
 *
 * Model:  secret N+1 = HKDF-Expand-Label(secret N, "traffic upd", "", 32): one way, so that what was sent before stays
 *         closed.
 * Units:  bytes.
 * Error:  none.
 * Source: RFC 8446, clauses 7.2 and 7.3.
 */
#ifndef ENGINE_PROTOCOL_TLS13_UPDATE_H
#define ENGINE_PROTOCOL_TLS13_UPDATE_H

#include "engine/protocol/result.h"

enum { RK_TLS13_SECRET_bytes = 32, RK_TLS13_IV_bytes = 12 };

/* secret: becomes the next. It is unchanged when the library fails. */
enum rk_message_result rk_tls13_update(const struct rk_backend *backend, uint8_t secret[RK_TLS13_SECRET_bytes]);

/* key_bytes: 16 or 32. */
enum rk_message_result rk_tls13_keys(const struct rk_backend *backend, const uint8_t secret[RK_TLS13_SECRET_bytes],
                                     uint8_t *key, uint8_t key_bytes, uint8_t iv[RK_TLS13_IV_bytes]);

#endif
