/* backends/ascon/ascon.h - Ascon-AEAD128 and Ascon-Hash256, our own portable C
 *
 * Model:  no table, no branch and no address depends on a secret, and there is no multiplication: constant time on
 *         every core that shifts by a constant in constant time. Nothing outlives a call.
 * Units:  bytes. Words of the state are little endian, as all our devices are.
 * Error:  backends/backend.h; RK_CRYPTO_FAILED for a key or a tag that has not 16 bytes.
 * Source: NIST SP 800-232 (2025), clauses 3 to 5.
 */
#ifndef BACKENDS_ASCON_ASCON_H
#define BACKENDS_ASCON_ASCON_H

#include "backends/backend.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the state is also used byte by byte");

/* 320 bits, by words of 64 or by bytes. */
union rki_ascon {
    uint64_t word[5];
    uint8_t byte[40];
};

/* Ascon-p with the last `rounds` of its twelve. */
void rki_ascon_permute(union rki_ascon *state, uint8_t rounds);

/* Puts zeros where the optimiser may not leave anything else. */
void rki_ascon_wipe(void *memory, size_t bytes);

enum rk_crypto rki_ascon_seal(const struct rk_aead_job *job);
enum rk_crypto rki_ascon_open(const struct rk_aead_job *job);
enum rk_crypto rki_ascon_hash256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest);

#endif
