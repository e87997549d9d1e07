/* Ascon-Hash256, SP 800-232 clause 5.1. */
#include "backends/ascon/ascon.h"

#include <string.h>

enum { RATE_bytes = 8, ROUNDS = 12 };

enum rk_crypto rki_ascon_hash256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    union rki_ascon state = {.word = {0x0000080100cc0002}};
    rki_ascon_permute(&state, ROUNDS);
    for (; in_bytes >= RATE_bytes; in_bytes -= RATE_bytes, in += RATE_bytes) {
        uint64_t word;
        memcpy(&word, in, sizeof word);
        state.word[0] ^= word;
        rki_ascon_permute(&state, ROUNDS);
    }
    for (uint8_t i = 0; i < in_bytes; i++) {
        state.byte[i] ^= in[i];
    }
    state.byte[in_bytes] ^= 1;
    for (uint8_t at = 0; at < RK_SHA256_bytes; at += RATE_bytes) {
        rki_ascon_permute(&state, ROUNDS);
        memcpy(digest + at, state.byte, RATE_bytes);
    }
    rki_ascon_wipe(&state, sizeof state);
    return RK_CRYPTO_OK;
}
