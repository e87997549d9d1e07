/* engine/model/stretch_internal.h - what a kernel of stretches is
 *
 * Model: a kernel draws Philox blocks of several messages abreast. gaps: 32 gaps between samples. attempts: the first
 *        attempt of up to RKI_CHUNK messages. blocks: any blocks, for attempts repeated.
 * Units: ns.
 */
#ifndef ENGINE_MODEL_STRETCH_INTERNAL_H
#define ENGINE_MODEL_STRETCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/model/stretch.h"

enum {
    RKI_GAPS = 32,   /* that one call draws: 8 blocks */
    RKI_CHUNK = 960, /* messages of one call */
};

/* Who draws. */
struct rki_draws {
    uint32_t key[2];
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

struct rki_first {
    uint32_t slots[RK_LANES_SLOTS];   /* attempts by slots waited */
    uint32_t reached[RK_LANES_SLOTS]; /* of these, that reached the gateway */
    uint32_t open;
    struct rki_open message[RKI_CHUNK]; /* not acknowledged, ascending */
};

struct rki_words {
    uint32_t slots[RKI_CHUNK], frame[RKI_CHUNK], ack[RKI_CHUNK];
};

struct rki_kernel {
    /* gap_ns[k]: the gap made of word k % 4 of block first + k / 4. out: their sum. */
    rk_ns (*gaps)(const struct rki_draws *draws, uint64_t first, rk_ns shortest_ns, rk_ns span_ns,
                  rk_ns gap_ns[RKI_GAPS]);
    void (*attempts)(const struct rki_draws *draws, uint64_t message, uint32_t count, struct rki_first *out);
    /* The words of the blocks message * stride + attempt of the open messages. */
    void (*blocks)(const struct rki_draws *draws, uint64_t message, unsigned attempt, uint32_t count,
                   const struct rki_open *open, struct rki_words *out);
};

extern const struct rki_kernel rki_kernel_scalar, rki_kernel_sse2, rki_kernel_avx2, rki_kernel_avx512, rki_kernel_neon;

#endif
