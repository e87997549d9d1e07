/* engine/model/limits.h - how many messages an AEAD's key may protect, and how many forgeries may be tried against it
 *
 * Model:  p is the advantage an attacker may have, L the longest message (associated data and text) in blocks of 16
 *         bytes, q the messages protected, v the forgeries tried, o the attacker's offline work in cipher calls.
 *         Single key (draft 6): one key that is never renewed.
 *           GCM                 q = (p^1/2 2^64.5 - 1) / (L + 1), v = min(2^64, p 2^127 / (L + 1))
 *           ChaCha20-Poly1305   v = p 2^103 / (L + 1)
 *           CCM, tag of t bits  (2L(v + q))^2 <= p 2^128 shared equally; t < 128: v = p 2^(t-1), then
 *                               (2L(v + q))^2 <= p 2^127
 *         Many keys (draft 7): what holds over all keys of a relation that renews them, where nonces are randomised as
 *         in TLS 1.3; C is the number of blocks under the most used key.
 *           GCM, CCM            q + v = p 2^127 / (L C) shared equally (GCM: C + 98), and v <= p 2^(t-1)
 *           ChaCha20-Poly1305   q = min(p 2^247 - o, 2^100), v = p 2^103 / (L + 1)
 *         Policy: the draft forbids single-key limits where keys are renewed. Our nonces carry the key's number but are
 *         not randomised, so a policy gets the smaller of the many-keys bound and the sum of the single-key advantages
 *         over its keys (draft 7: the generic bound): q for each of n keys, v over all of them. A new key therefore
 *         lowers q's share but never forgives a forgery.
 *         Ascon-AEAD128 has limits of its standard, not of p: 2^54 bytes under a key, nonces included, and 2^96 failed
 *         tags; nothing is stated for many keys.
 * Units:  binary logarithms of counts. INFINITY: no limit. Below 0: not even one.
 * Error:  none beyond double arithmetic; the bounds themselves are upper bounds of the literature.
 * Source: draft-irtf-cfrg-aead-limits-13 sections 5 to 7; RFC 9147 4.5.3; RFC 8446 5.5; draft-ietf-core-oscore-key-limits;
 *         SP 800-232 4.3 (after implementations that quote it).
 */
#ifndef ENGINE_MODEL_LIMITS_H
#define ENGINE_MODEL_LIMITS_H

#include <stdint.h>

#include "engine/core/err.h"

struct rk_limits_use {
    uint8_t alg;           /* RK_ALG_AES_CCM, RK_ALG_AES_GCM, RK_ALG_CHACHA20_POLY1305, RK_ALG_ASCON_AEAD128 */
    uint8_t tag_bytes;     /* CCM: 4, 8 or 16; the others 16 */
    uint8_t key_bytes;     /* 16, 24 or 32 */
    double blocks;         /* L, at least 1 */
    double advantage_log2; /* p: -50 */
    double offline_log2;   /* o: 70 */
};

struct rk_limits {
    double protected_log2; /* q */
    double failed_log2;    /* v */
    double offline_log2;   /* the advantage that offline work alone gives: no limit on use brings it down */
};

/* out: *limits of one key. Errors: RK_ERR_CHECK where no bound is stated for this algorithm and tag. */
RK_MUST_CHECK enum rk_err rk_limits_single_key(const struct rk_limits_use *use, struct rk_limits *limits,
                                               struct rk_diag *diag);

/* The same over all keys together. in: most blocks under any one key. */
RK_MUST_CHECK enum rk_err rk_limits_many_keys(const struct rk_limits_use *use, double blocks_per_key_log2,
                                              struct rk_limits *limits, struct rk_diag *diag);

/* What a policy that uses so many keys (at least 1) may allow: q for each key, v over all keys.
 * Errors: RK_ERR_CHECK as above, and where p cannot be met: by offline work alone, or by less than one message. */
RK_MUST_CHECK enum rk_err rk_limits_policy(const struct rk_limits_use *use, double keys, struct rk_limits *limits,
                                           struct rk_diag *diag);

/* Fixed numbers of protocols, for each key. */
enum rk_limits_protocol { RK_LIMITS_DTLS13, RK_LIMITS_OSCORE };

/* Errors: RK_ERR_CHECK where the protocol has no number for the algorithm (DTLS 1.3 forbids the tag of 8 bytes without
 * further safeguards) or the messages are longer than its number assumes. */
RK_MUST_CHECK enum rk_err rk_limits_protocol(enum rk_limits_protocol protocol, const struct rk_limits_use *use,
                                             struct rk_limits *limits, struct rk_diag *diag);

/* out: L of a message: each of the two is padded to a block. */
double rk_limits_blocks(uint32_t associated_bytes, uint32_t text_bytes);

/* out: the greatest count that a limit permits, at most UINT32_MAX; 0: not even one. */
uint32_t rk_limits_count(double limit_log2);

#endif
