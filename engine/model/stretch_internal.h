/* engine/model/stretch_internal.h - what a kernel of stretches is
 *
 * Model: a kernel draws Philox blocks of several messages abreast. gaps: 64 gaps between samples. attempts: the first
 *        attempt of up to RKI_CHUNK messages. blocks: any blocks, for attempts repeated.
 * Units: ns.
 */
#ifndef ENGINE_MODEL_STRETCH_INTERNAL_H
#define ENGINE_MODEL_STRETCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/stretch.h"

enum {
    RKI_ROUNDS = 10,
    RKI_GAPS = 64,   /* that one call draws: 16 blocks */
    RKI_CHUNK = 960, /* messages of one call */
};

/* Who draws. */
struct rki_draws {
    uint64_t round_key[RKI_ROUNDS][2]; /* 32 bits each */
    uint32_t device;
    uint64_t loss_below;
    uint8_t exponent; /* of the backoff, at most 3 */
};

/* A message whose frame was not acknowledged yet. */
struct rki_open {
    uint16_t at; /* in the chunk */
    uint8_t slots;
    bool reached;
};

/* First attempts of a chunk. */
struct rki_first {
    uint32_t waited[RK_LANES_SLOTS];  /* attempts by slots waited */
    uint32_t reached[RK_LANES_SLOTS]; /* of these, that reached the gateway */
    uint64_t lost[RKI_CHUNK / 64];    /* bit k: message k did not reach it */
    uint64_t open[RKI_CHUNK / 64];    /* bit k: message k is not acknowledged */
    uint64_t slots[RKI_CHUNK];        /* by message */
};

struct rki_words { /* 32 bits each */
    uint64_t slots[RKI_CHUNK], frame[RKI_CHUNK], ack[RKI_CHUNK];
};

struct rki_kernel {
    /* gap_ns[w * RKI_GAPS / 4 + k]: the gap made of word w of block first + k. out: their sum. */
    rk_ns (*gaps)(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                  rk_ns gap_ns[RKI_GAPS]);
    void (*attempts)(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out);
    /* The words of the blocks message * stride + attempt of the open messages. */
    void (*blocks)(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                   const struct rki_open *open, struct rki_words *out);
};

extern const struct rki_kernel rki_kernel_scalar, rki_kernel_sse2, rki_kernel_avx2, rki_kernel_avx512, rki_kernel_neon;

#endif
