/* engine/lifecycle/entropy.h - an entropy source's samples pass health tests before they reach a generator
 *
 * Model:  a sample is a byte, of which the source's owner declares so many bits of min-entropy. Two continuous tests run
 *         over all samples: the repetition count test, and the adaptive proportion test in windows of 512; each raises a
 *         false alarm once in 2^20. Their state goes on from one seeding to the next, so that windows fill. The start-up
 *         test is the same call over 1024 samples, by who owns the source: an agent sees no more than its seeds.
 * Units:  bits; samples, one a byte.
 * Source: SP 800-90B 4.3, 4.4.1, 4.4.2; 3.1.5.1.1 (HMAC as conditioning component); SP 800-90A 8.6.7 (entropy, nonce).
 */
#ifndef ENGINE_LIFECYCLE_ENTROPY_H
#define ENGINE_LIFECYCLE_ENTROPY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RK_ENTROPY_BITS_MAX = 8,    /* of a sample */
    RK_ENTROPY_SEED_bits = 192, /* what a seeding takes at 128-bit strength: 128, and 64 of nonce */
    RK_ENTROPY_WINDOW = 512,    /* samples */
    RK_ENTROPY_STARTUP = 1024,  /* samples */
};

struct rk_entropy_health { /* all zero: nothing seen yet */
    uint16_t seen;         /* samples of the window */
    uint16_t matches;      /* of them equal to its first */
    uint8_t first;
    uint8_t last;
    uint8_t repeats; /* of the last one, in a row; 0: nothing seen yet */
};

/* out: how often one value in a row, and in a window, is an alarm. in: 1 to 8 bits a sample. */
uint8_t rk_entropy_repetition_cutoff(uint8_t bits);
uint16_t rk_entropy_proportion_cutoff(uint8_t bits);

/* out: whether the samples pass. After an alarm the tests begin anew. */
bool rk_entropy_test(struct rk_entropy_health *health, uint8_t bits, const uint8_t *samples, uint16_t samples_count);

#endif
