/* engine/core/sha256.h - SHA-256 of files and text, to name what a result was made from
 *
 * Provenance only: no key ever passes through here; what is measured comes from a backend.
 * Model:  FIPS 180-4, messages of whole bytes, below 2^61 bytes. Freestanding: no allocation, no static data.
 */
#ifndef ENGINE_CORE_SHA256_H
#define ENGINE_CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct rk_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
};

void rk_sha256_init(struct rk_sha256 *hash);
void rk_sha256_add(struct rk_sha256 *hash, const void *in, size_t bytes);
void rk_sha256_finish(struct rk_sha256 *hash, uint8_t digest[32]);

/* out: 64 lower-case hexadecimal digits and a terminating zero. */
void rk_sha256_hex(const uint8_t digest[32], char hex[65]);

#endif
