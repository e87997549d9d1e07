#include "engine/model/traffic.h"

enum phase_draw { PHASE_START, PHASE_SESSION };

struct rk_traffic rk_traffic_make(rk_ns period_ns, uint32_t jitter_ppm)
{
    unsigned __int128 jitter = (unsigned __int128)period_ns * jitter_ppm / 1000000u;
    rk_ns jitter_ns = jitter > period_ns ? period_ns : (rk_ns)jitter;
    return (struct rk_traffic){
        .shortest_ns = period_ns - jitter_ns,
        .spread_ns = jitter_ns > UINT64_MAX / 4 ? UINT64_MAX / 2 : 2 * jitter_ns,
    };
}

rk_ns rk_traffic_gap_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                        uint32_t device, uint64_t number)
{
    if (traffic->spread_ns == 0) {
        return traffic->shortest_ns;
    }
    if (!gaps->drawn || gaps->block != number / 4) {
        gaps->block = number / 4;
        gaps->words = rk_rng_block(rng, device, RK_RNG_TRAFFIC, gaps->block);
        gaps->drawn = true;
    }
    return rk_traffic_gap_of(traffic, gaps->words.word[number % 4]);
}

rk_ns rk_traffic_start_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns period_ns)
{
    return rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, PHASE_START), period_ns);
}

rk_ns rk_traffic_session_phase_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns session_period_ns)
{
    return rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, PHASE_SESSION), session_period_ns);
}
