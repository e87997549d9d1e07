/* tests/sim/neon_equals_scalar.c - the NEON kernel of stretches gives the scalar one's bits
 *
 * Stands alone, for aarch64: test_neon.sh builds it with the cross compiler and runs it under qemu-user.
 */
#include <stdio.h>
#include <string.h>

#include "engine/model/stretch_internal.h"

enum { TRIALS = 300, OPEN = 37 };

static uint64_t next(uint64_t *state)
{
    uint64_t word = *state += 0x9E3779B97F4A7C15ull;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ull;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBull;
    return word ^ (word >> 31);
}

static struct rki_draws draw(uint64_t *state)
{
    struct rki_draws draws = {
        .device = (uint32_t)next(state),
        .loss_below = next(state) >> 31, /* up to 2^33: beyond 2^32 all is lost */
        .exponent = (uint8_t)(next(state) % 4),
    };
    for (unsigned round = 0; round < RKI_ROUNDS; round++) {
        draws.round_key[round][0] = (uint32_t)next(state);
        draws.round_key[round][1] = (uint32_t)next(state);
    }
    return draws;
}

struct drawn {
    rk_ns sum_ns, gap_ns[RKI_GAPS];
    struct rki_first first;
    struct rki_words words;
};

static void run(const struct rki_kernel *kernel, uint64_t seed, struct drawn *drawn)
{
    uint64_t state = seed;
    struct rki_draws draws = draw(&state);
    struct rki_open open[OPEN];
    uint64_t message = next(&state) >> 20;
    uint32_t count = 1 + (uint32_t)(next(&state) % RKI_CHUNK);
    rk_ns shortest_ns = next(&state) >> 20, span_ns = next(&state) >> 32;
    memset(drawn, 0, sizeof *drawn);
    for (unsigned i = 0; i < OPEN; i++) {
        open[i] = (struct rki_open){.at = (uint16_t)(next(&state) % RKI_CHUNK)};
    }
    drawn->sum_ns = kernel->gaps(&draws, message / 4 * 4, shortest_ns, span_ns, drawn->gap_ns);
    kernel->attempts(&draws, message, count, &drawn->first);
    for (uint32_t i = count; i < RKI_CHUNK; i++) { /* of messages that are none, nothing is read */
        drawn->first.lost[i / 64] &= ~(1ull << i % 64);
    }
    memset(drawn->first.slots + count, 0, (RKI_CHUNK - count) * sizeof drawn->first.slots[0]);
    kernel->blocks(&draws, message, 1 + (unsigned)(seed % 7), OPEN, open, &drawn->words);
    for (unsigned i = 0; i < RKI_CHUNK;
         i++) { /* words of 32 bits; what is above them, or after the last, is not read */
        uint64_t mask = i < OPEN ? UINT32_MAX : 0;
        drawn->words.slots[i] &= mask;
        drawn->words.frame[i] &= mask;
        drawn->words.ack[i] &= mask;
    }
}

int main(void)
{
    static struct drawn scalar, neon;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        run(&rki_kernel_scalar, seed, &scalar);
        run(&rki_kernel_neon, seed, &neon);
        const char *what = scalar.sum_ns != neon.sum_ns || memcmp(scalar.gap_ns, neon.gap_ns, sizeof neon.gap_ns) != 0
                               ? "gaps"
                           : memcmp(&scalar.first, &neon.first, sizeof neon.first) != 0 ? "attempts"
                           : memcmp(&scalar.words, &neon.words, sizeof neon.words) != 0 ? "blocks"
                                                                                        : NULL;
        if (what != NULL) {
            fprintf(stderr, "seed %u: %s differ\n", (unsigned)seed, what);
            return 1;
        }
    }
    printf("%d draws equal\n", TRIALS);
    return 0;
}
