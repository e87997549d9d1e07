/* engine/protocol/hkdf.h - the two steps of HKDF-SHA256 apart, as EDHOC, KUDOS and TLS 1.3 use them
 *
 * Model:  backend.h has HKDF whole; the steps are made from its HMAC-SHA-256, one call a block of 32 bytes.
 * Units:  bytes.
 * Source: RFC 5869, clauses 2.2 and 2.3; RFC 8446, clause 7.1 (labels).
 */
#ifndef ENGINE_PROTOCOL_HKDF_H
#define ENGINE_PROTOCOL_HKDF_H

#include "backends/backend.h"

enum {
    RK_PRK_bytes = 32,
    RK_EXPAND_BEFORE_bytes = 32, /* room before info that rk_hkdf_expand() needs, */
    RK_EXPAND_AFTER_bytes = 1,   /* and behind it */
};

/* prk must not be salt or secret. */
enum rk_crypto rk_hkdf_extract(const struct rk_backend *backend, const uint8_t salt[RK_PRK_bytes],
                               const uint8_t *secret, uint16_t secret_bytes, uint8_t prk[RK_PRK_bytes]);

/* in:  prk of prk_bytes (16 or 32); info_bytes at info, which has RK_EXPAND_BEFORE_bytes of room before it and
 *      RK_EXPAND_AFTER_bytes behind it. The room before holds blocks of the output then: the caller wipes it.
 * out: out_bytes, at most 255 * 32. */
enum rk_crypto rk_hkdf_expand(const struct rk_backend *backend, const uint8_t *prk, uint16_t prk_bytes, uint8_t *info,
                              uint16_t info_bytes, uint8_t *out, uint16_t out_bytes);

/* HKDF-Expand-Label with an empty context. in: label without "tls13 ", at most 12 bytes. */
enum rk_crypto rk_hkdf_expand_label(const struct rk_backend *backend, const uint8_t secret[RK_PRK_bytes],
                                    const char *label, uint8_t *out, uint8_t out_bytes);

/* out: whether they differ, in the same time wherever they do. */
static inline bool rk_differ(const uint8_t *a, const uint8_t *b, uint16_t bytes)
{
    uint8_t different = 0;
    for (uint16_t i = 0; i < bytes; i++) {
        different |= (uint8_t)(a[i] ^ b[i]);
    }
    return different != 0;
}

#endif
