/* engine/model/stretch_internal.h - what a kernel of stretches is
 *
 * Model: a kernel draws Philox blocks of several messages abreast, and says what they mean. The numbers of all blocks of a
 *        call agree in their upper 32 bits. An entry is a message whose frame was not acknowledged yet: where in the chunk
 *        it is, the slots that it has waited, and whether it has arrived.
 * Units: ns.
 */
#ifndef ENGINE_MODEL_STRETCH_INTERNAL_H
#define ENGINE_MODEL_STRETCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/stretch.h"

enum {
    RKI_ROUNDS = 10,
    RKI_BLOCKS = 16, /* of gaps that one call draws, four each */
    RKI_GAPS = 4 * RKI_BLOCKS,
    RKI_CHUNK = 960,                                 /* messages of one call */
    RKI_SPARE = 16,                                  /* entries that a list has room for beyond its end */
    RKI_STRIDE = RK_FRAGMENTS_MAX * RK_ATTEMPTS_MAX, /* blocks a message */

    RKI_AT = 0xffff, /* of an entry */
    RKI_SLOTS_shift = 16,
    RKI_SLOTS = 0xff << RKI_SLOTS_shift,
    RKI_REACHED = 1 << 24,
};

/* Who draws. */
struct rki_draws {
    uint64_t round_key[RKI_ROUNDS][2]; /* 32 bits each */
    uint32_t device;
    uint64_t loss_below;
    uint8_t exponent; /* of the backoff, at most 3 */
};

struct rki_gaps {
    rk_ns gap_ns[4][RKI_BLOCKS]; /* by word and block */
    rk_ns block_ns[RKI_BLOCKS];  /* sums of four */
};

/* First attempts of a chunk. */
struct rki_first {
    uint64_t waited;                       /* slots, by all */
    uint32_t reached[RK_LANES_SLOTS];      /* messages that arrived, by slots waited */
    uint64_t entry[RKI_CHUNK + RKI_SPARE]; /* of those not acknowledged, in order */
};

/* Attempts repeated. */
struct rki_again {
    uint64_t waited;
    uint64_t
        arrival[RKI_CHUNK + RKI_SPARE]; /* by entry as it was: slots since the first attempt, RKI_REACHED: now first */
};

struct rki_kernel {
    /* Blocks `first` and further. out: the sum of their gaps. */
    rk_ns (*gaps)(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                  struct rki_gaps *out);
    /* out: number of entries. */
    uint32_t (*first)(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out);
    /* Messages of entries, by the number of the chunk's first. out: how many entries are left. */
    uint32_t (*again)(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                      uint64_t entry[RKI_CHUNK + RKI_SPARE], struct rki_again *out);
};

extern const struct rki_kernel rki_kernel_scalar, rki_kernel_sse2, rki_kernel_avx2, rki_kernel_avx512, rki_kernel_neon;

#endif
