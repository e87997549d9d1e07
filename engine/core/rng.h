/* engine/core/rng.h - counter-based random numbers: a draw is a pure function of who draws, what for, and how often
 *
 * Model:   Philox4x32-10. The key is Philox's own image of (study seed, replication); the counter is (draw number / 2,
 *          device, purpose). One block gives draws 2k and 2k+1. There is no state: results cannot depend on threads,
 *          on ranks, or on what other devices did, and variants of a policy share their draws (common random numbers).
 *          A stream only caches the last block, which is again a pure function of the counter. Where 32 bits suffice,
 *          a block is drawn as four words.
 * Units:   raw draws are 64 uniform bits; exponential draws are in the unit of their mean.
 * Error:   below(n): no value is favoured by more than n / 2^64 of its probability. Unit interval: 53 bits, exact.
 *          Exponential: integer arithmetic only, the same bits on every machine; absolute error of -ln(u) below 2^-50,
 *          largest value 45.1 means. libm's log differs between C libraries and is not used.
 * Source:  Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11; the Random123 library.
 */
#ifndef ENGINE_CORE_RNG_H
#define ENGINE_CORE_RNG_H

#include <Random123/philox.h>
#include <stdint.h>

/* What a draw is for. Append only: the number is part of every result. */
enum rk_rng_purpose {
    RK_RNG_PHASE,      /* where in its period a device starts */
    RK_RNG_TRAFFIC,    /* time to the next message */
    RK_RNG_PAYLOAD,    /* size or content of a message */
    RK_RNG_LOSS,       /* an attempt on the air: slots, frame, acknowledgement */
    RK_RNG_ACK_LOSS,   /* not drawn: the block of RK_RNG_LOSS has it */
    RK_RNG_BACKOFF,    /* shared channels: backoffs after an attempt's first, which RK_RNG_LOSS has */
    RK_RNG_JITTER,     /* of a rekey interval */
    RK_RNG_COMPROMISE, /* when the adversary gets the key */
    RK_RNG_DETECTION,  /* how long until that is noticed */
    RK_RNG_ENTROPY,    /* entropy input of a device's DRBG */
    RK_RNG_FAULT,      /* power cuts, reboots */
    RK_RNG_LATENCY,    /* of a network or server */
    RK_RNG_VARIATION,  /* of one device from its type: clock, leakage, battery */
    RK_RNG_INPUT,      /* inputs of a measured operation */
    RK_RNG_MISSED,     /* does the adversary miss the nonces of a renewal */
    RK_RNG_SERVICE,    /* time of a request at the key server */
    RK_RNG_RESAMPLE,   /* of statistics, not of a trial */
    RK_RNG_LIFETIME,   /* sums of messages in closed form */
    RK_RNG_BURST,      /* bursty losses: does the channel's state last, and which follows */
    RK_RNG_WAKE,       /* where in its period a device's receiver wakes up */
    RK_RNG_AGAIN,      /* of the wait before a flight of a protocol is sent again */
    RK_RNG_CLOCK,      /* drift of a device's clock */
    RK_RNG_WEAK,       /* weak boot entropy: whether, and which input */
    RK_RNG_OUTAGE,     /* of the key server */
    RK_RNG_FORGERY,    /* forged frames: when, and what is in them */
    RK_RNG_RECORDED,   /* whether the adversary has recorded what a leaked key protected */
    RK_RNG_CONDITION,  /* updates, owners, suspicions: when, and which */
    RK_RNG_GROUP,      /* who joins and leaves the group, when; lost frames of a rekey */
    RK_RNG_CAPTURE,    /* which devices are captured */
    RK_RNG_POWER,      /* of a device at its gateway */
    RK_RNG_PURPOSE_COUNT
};

struct rk_rng_key {
    philox4x32_key_t philox;
};

struct rk_rng_stream {
    struct rk_rng_key key;
    uint32_t device;
    uint16_t purpose;
    uint64_t next; /* number of the next draw */
    uint64_t block;
    uint64_t cached[2];
};

/* The key of one trial. Distinct (seed, replication) share a key with probability 2^-64 a pair. */
struct rk_rng_key rk_rng_key_make(uint64_t study_seed, uint32_t replication);

/* -ln((x + 1/2) / 2^64) with 58 fractional bits. */
uint64_t rk_rng_neg_log_q58(uint64_t x);

/* Compiled into each caller: a copy of its own hands the block over in two registers of 64 bits, and a caller that loads
 * it from memory as one of 128 waits for both. Lifetime mode takes a tenth less time for it. */
#define RKI_IN_CALLER static inline __attribute__((always_inline))

RKI_IN_CALLER philox4x32_ctr_t rki_rng_block(struct rk_rng_key key, uint32_t device, uint16_t purpose, uint64_t block)
{
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), device, purpose}};
    return philox4x32(counter, key.philox);
}

static inline uint64_t rki_rng_half(philox4x32_ctr_t block, unsigned half)
{
    return (uint64_t)block.v[2 * half + 1] << 32 | block.v[2 * half];
}

/* Draw number `index` of (trial, device, purpose): 64 uniform bits. */
static inline uint64_t rk_rng_draw(const struct rk_rng_key *key, uint32_t device, uint16_t purpose, uint64_t index)
{
    return rki_rng_half(rki_rng_block(*key, device, purpose, index >> 1), index & 1);
}

struct rk_rng_words {
    uint32_t word[4];
};

/* Block `index` of (trial, device, purpose): four times 32 uniform bits, those of draws 2 * index and 2 * index + 1. */
RKI_IN_CALLER struct rk_rng_words rk_rng_block(const struct rk_rng_key *key, uint32_t device, uint16_t purpose,
                                               uint64_t index)
{
    philox4x32_ctr_t block = rki_rng_block(*key, device, purpose, index);
    return (struct rk_rng_words){{block.v[0], block.v[1], block.v[2], block.v[3]}};
}

static inline struct rk_rng_stream rk_rng_stream_make(struct rk_rng_key key, uint32_t device, uint16_t purpose)
{
    return (struct rk_rng_stream){.key = key, .device = device, .purpose = purpose, .block = UINT64_MAX};
}

/* The draws 0, 1, 2, ... of rk_rng_draw(), at half the cost. `stream->next` may be set to any draw number. */
static inline uint64_t rk_rng_next(struct rk_rng_stream *stream)
{
    uint64_t index = stream->next++;
    if (stream->block != index >> 1) {
        stream->block = index >> 1;
        philox4x32_ctr_t words = rki_rng_block(stream->key, stream->device, stream->purpose, stream->block);
        stream->cached[0] = rki_rng_half(words, 0);
        stream->cached[1] = rki_rng_half(words, 1);
    }
    return stream->cached[index & 1];
}

/* The following turn one raw draw into a distribution, so that each use costs exactly one draw number. */

/* [0, 1), a multiple of 2^-53. */
static inline double rk_rng_unit(uint64_t draw)
{
    return (double)(draw >> 11) * 0x1p-53;
}

/* 0 .. n-1; n > 0. */
static inline uint64_t rk_rng_below(uint64_t draw, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)draw * n) >> 64);
}

/* True with probability ppm / 10^6 (to 2^-44 relative); always for ppm >= 10^6. */
static inline int rk_rng_chance_ppm(uint64_t draw, uint64_t ppm)
{
    return rk_rng_below(draw, 1000000) < ppm;
}

/* Exponential with the given mean, rounded half up to its unit, saturating. A mean of UINT64_MAX stays "never". */
static inline uint64_t rk_rng_exponential(uint64_t draw, uint64_t mean)
{
    if (mean == UINT64_MAX) {
        return UINT64_MAX;
    }
    unsigned __int128 product = (unsigned __int128)rk_rng_neg_log_q58(draw) * mean;
    unsigned __int128 value = (product + ((unsigned __int128)1 << 57)) >> 58;
    return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

#endif
