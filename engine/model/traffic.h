/* engine/model/traffic.h - when a device has something to send
 *
 * Model: a device is switched on at a uniform moment of its first message period. Message n is sampled one gap
 *        after message n - 1, each gap uniform in period * (1 - jitter .. 1 + jitter), rounded down to ns.
 *        Sessions start every session period, the first at a uniform moment of it.
 * Units: ns.
 * Draws: the gap before message n is draw n of RK_RNG_TRAFFIC, so that two policies see the same samples.
 */
#ifndef ENGINE_MODEL_TRAFFIC_H
#define ENGINE_MODEL_TRAFFIC_H

#include "engine/core/rng.h"
#include "engine/core/units.h"

struct rk_traffic {
    struct rk_rng_stream gaps;
    rk_ns shortest_ns; /* gap */
    rk_ns spread_ns;   /* longest - shortest */
};

/* in: period > 0, jitter <= 10^6. */
struct rk_traffic rk_traffic_make(struct rk_rng_key rng, uint32_t device, rk_ns period_ns, uint32_t jitter_ppm);

/* out: the next gap, saturating. */
static inline rk_ns rk_traffic_gap_ns(struct rk_traffic *traffic)
{
    rk_ns extra_ns = traffic->spread_ns == 0 ? 0 : rk_rng_below(rk_rng_next(&traffic->gaps), traffic->spread_ns + 1);
    return traffic->shortest_ns + extra_ns;
}

/* out: when the device is switched on, and after that when its first session starts. */
rk_ns rk_traffic_start_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns period_ns);
rk_ns rk_traffic_session_phase_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns session_period_ns);

#endif
