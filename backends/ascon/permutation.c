/* Ascon-p, SP 800-232 clause 3. */
#include "backends/ascon/ascon.h"

enum { ROUNDS_MAX = 12, FIRST_CONSTANT = 0xf0, CONSTANT_STEP = 0x0f, PAST_CONSTANT = 0x3c };

static inline uint64_t rotate(uint64_t x, uint8_t right)
{
    return x >> right | x << (64 - right);
}

/* One column of five bits is a byte of the S-box's table; here all 64 columns go through its circuit at once. */
static inline void substitute(uint64_t x[5])
{
    x[0] ^= x[4];
    x[4] ^= x[3];
    x[2] ^= x[1];
    uint64_t keep = x[0];
    uint64_t last = x[4] ^ (~x[0] & x[1]);
    x[0] ^= ~x[1] & x[2];
    x[1] ^= ~x[2] & x[3];
    x[2] ^= ~x[3] & x[4];
    x[3] ^= ~x[4] & keep;
    x[4] = last;
    x[1] ^= x[0];
    x[0] ^= x[4];
    x[3] ^= x[2];
    x[2] = ~x[2];
}

static inline void diffuse(uint64_t x[5])
{
    x[0] ^= rotate(x[0], 19) ^ rotate(x[0], 28);
    x[1] ^= rotate(x[1], 61) ^ rotate(x[1], 39);
    x[2] ^= rotate(x[2], 1) ^ rotate(x[2], 6);
    x[3] ^= rotate(x[3], 10) ^ rotate(x[3], 17);
    x[4] ^= rotate(x[4], 7) ^ rotate(x[4], 41);
}

void rki_ascon_permute(union rki_ascon *state, uint8_t rounds)
{
    uint64_t *x = state->word;
    uint8_t constant = (uint8_t)(FIRST_CONSTANT - (ROUNDS_MAX - rounds) * CONSTANT_STEP);
    for (; constant != PAST_CONSTANT; constant -= CONSTANT_STEP) {
        x[2] ^= constant;
        substitute(x);
        diffuse(x);
    }
}

void rki_ascon_wipe(void *memory, size_t bytes)
{
    volatile uint8_t *byte = memory;
    while (bytes-- > 0) {
        *byte++ = 0;
    }
}
