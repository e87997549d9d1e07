/* tests/sim/neon_equals_scalar.c - the NEON kernel of stretches gives the scalar one's bits
 *
 * Stands alone, for aarch64: test_neon.sh builds it with the cross compiler and runs it under qemu-user.
 */
#include <stdio.h>
#include <string.h>

#include "engine/model/stretch_internal.h"

enum { TRIALS = 300 };

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
    rk_ns sum_ns;
    struct rki_gaps gaps;
    uint32_t open, left;
    struct rki_first first;
    uint64_t entry[RKI_CHUNK + RKI_SPARE];
    struct rki_again again;
};

static void run(const struct rki_kernel *kernel, uint64_t seed, struct drawn *drawn)
{
    uint64_t state = seed;
    struct rki_draws draws = draw(&state);
    uint64_t message = next(&state) >> 20 & ~UINT64_C(0xffff); /* numbers of blocks agree in their upper halves */
    uint32_t count = 1 + (uint32_t)(next(&state) % RKI_CHUNK);
    rk_ns shortest_ns = next(&state) >> 20, span_ns = next(&state) >> 32;
    memset(drawn, 0, sizeof *drawn);
    drawn->sum_ns = kernel->gaps(&draws, message / 4 * 4, shortest_ns, span_ns, &drawn->gaps);
    drawn->open = kernel->first(&draws, message, count, &drawn->first);
    memcpy(drawn->entry, drawn->first.entry, drawn->open * sizeof drawn->entry[0]);
    drawn->left = kernel->again(&draws, message, 1 + (unsigned)(seed % 7), drawn->open, drawn->entry, &drawn->again);
    /* What is beyond the end of a list is not read. */
    memset(drawn->first.entry + drawn->open, 0, sizeof drawn->first.entry - drawn->open * sizeof drawn->entry[0]);
    memset(drawn->entry + drawn->left, 0, sizeof drawn->entry - drawn->left * sizeof drawn->entry[0]);
    memset(drawn->again.arrival + drawn->open, 0,
           sizeof drawn->again.arrival - drawn->open * sizeof drawn->again.arrival[0]);
}

int main(void)
{
    static struct drawn scalar, neon;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        run(&rki_kernel_scalar, seed, &scalar);
        run(&rki_kernel_neon, seed, &neon);
        const char *what =
            scalar.sum_ns != neon.sum_ns || memcmp(&scalar.gaps, &neon.gaps, sizeof neon.gaps) != 0  ? "gaps"
            : scalar.open != neon.open || memcmp(&scalar.first, &neon.first, sizeof neon.first) != 0 ? "first attempts"
            : memcmp(&scalar, &neon, sizeof neon) != 0 ? "attempts repeated"
                                                       : NULL;
        if (what != NULL) {
            fprintf(stderr, "seed %u: %s differ\n", (unsigned)seed, what);
            return 1;
        }
    }
    printf("%d draws equal\n", TRIALS);
    return 0;
}
