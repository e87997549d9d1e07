/* backends/libsodium/sha256_called.h - rounds of SHA-256 as functions
 *
 * The library's hash_sha256_cp.c writes out 16 rounds and 16 steps of the message schedule, 15 KB on MSP430. In a copy
 * of that file its macros RNDr and MSCH bear the prefix INLINE_, and this, included before their use, has their names.
 */
#ifndef BACKENDS_LIBSODIUM_SHA256_CALLED_H
#define BACKENDS_LIBSODIUM_SHA256_CALLED_H

static __attribute__((noinline)) void RNDr(uint32_t *S, const uint32_t *W, unsigned i, unsigned ii)
{
    INLINE_RNDr(S, W, i, ii)
}

static __attribute__((noinline)) void MSCH(uint32_t *W, unsigned ii, unsigned i)
{
    INLINE_MSCH(W, ii, i);
}

#endif
