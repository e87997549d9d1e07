/* engine/model/traffic.h - when a device has something to send
 *
 * Model: a device is switched on at a uniform moment of its first message period. Message n is sampled one gap
 *        after message n - 1, each gap uniform in period * (1 - jitter .. 1 + jitter), rounded down to ns.
 *        Sessions start every session period, the first at a uniform moment of it.
 * Units: ns.
 * Draws: the gap before message n is word n % 4 of block n / 4 of RK_RNG_TRAFFIC, so that two policies see the same
 *        samples.
 * Error: a gap is a multiple of 2^-32 of its span: of 2.8 ns where that is 12 s.
 */
#ifndef ENGINE_MODEL_TRAFFIC_H
#define ENGINE_MODEL_TRAFFIC_H

#include <stdbool.h>

#include "engine/core/rng.h"
#include "engine/core/units.h"

struct rk_traffic {
    rk_ns shortest_ns; /* gap */
    rk_ns spread_ns;   /* longest - shortest */
};

/* The block drawn last: four gaps of one device. All zero bytes: none. */
struct rk_gaps {
    uint64_t block;
    struct rk_rng_words words;
    bool drawn;
};

/* in: period > 0, jitter <= 10^6. */
struct rk_traffic rk_traffic_make(rk_ns period_ns, uint32_t jitter_ppm);

/* out: the gap that a word makes, saturating. */
static inline rk_ns rk_traffic_gap_of(const struct rk_traffic *traffic, uint32_t word)
{
    return traffic->shortest_ns + (rk_ns)(((unsigned __int128)word * (traffic->spread_ns + 1)) >> 32);
}

/* out: the gap before message `number`. gaps is a cache of this device's. */
rk_ns rk_traffic_gap_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                        uint32_t device, uint64_t number);

/* out: when the device is switched on, and after that when its first session starts. */
rk_ns rk_traffic_start_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns period_ns);
rk_ns rk_traffic_session_phase_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns session_period_ns);

#endif
