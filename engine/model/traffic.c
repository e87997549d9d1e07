#include "engine/model/traffic.h"

enum phase_draw { PHASE_START, PHASE_SESSION, PHASE_ALARMS };

struct rk_traffic rk_traffic_make(rk_ns period_ns, uint32_t jitter_ppm)
{
    unsigned __int128 jitter = (unsigned __int128)period_ns * jitter_ppm / 1000000u;
    rk_ns jitter_ns = jitter > period_ns ? period_ns : (rk_ns)jitter;
    return (struct rk_traffic){
        .shortest_ns = period_ns - jitter_ns,
        .spread_ns = jitter_ns > UINT64_MAX / 4 ? UINT64_MAX / 2 : 2 * jitter_ns,
        .period_ns = period_ns,
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

/* Bursts */

/* burst * period = (burst - 1) * burst_gap + pause */
static rk_ns pause_ns(const struct rk_traffic *traffic)
{
    unsigned __int128 burst = traffic->shape.burst;
    unsigned __int128 pause = burst * traffic->period_ns - (burst - 1) * traffic->shape.burst_gap_ns;
    return pause > UINT64_MAX ? UINT64_MAX : (rk_ns)pause;
}

static rk_ns burst_gap_ns(const struct rk_traffic *traffic, const struct rk_rng_key *rng, uint32_t device,
                          uint64_t number)
{
    if (rk_rng_below(rk_rng_draw(rng, device, RK_RNG_TRAFFIC, 2 * number), traffic->shape.burst) != 0) {
        return traffic->shape.burst_gap_ns;
    }
    return rk_rng_exponential(rk_rng_draw(rng, device, RK_RNG_TRAFFIC, 2 * number + 1), pause_ns(traffic));
}

/* Alarms */

struct alarm {
    rk_ns begin_ns, end_ns;
};

static struct alarm alarm_of(const struct rk_traffic *traffic, const struct rk_rng_key *rng, uint32_t device,
                             uint64_t number)
{
    const struct rk_traffic_shape *shape = &traffic->shape;
    uint64_t draw = PHASE_ALARMS + 2 * number;
    rk_ns first_ns = number * shape->alarm_every_ns;
    device = shape->alarm_shared ? UINT32_MAX : device;
    rk_ns begin_ns = first_ns + rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, draw), shape->alarm_every_ns);
    rk_ns lasts_ns = shape->alarm_lasts_ns / 2 +
                     rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, draw + 1), shape->alarm_lasts_ns + 1);
    rk_ns last_ns = first_ns + shape->alarm_every_ns;
    return (struct alarm){begin_ns, lasts_ns < last_ns - begin_ns ? begin_ns + lasts_ns : last_ns};
}

rk_ns rk_traffic_alarm_end_ns(const struct rk_traffic *traffic, const struct rk_rng_key *rng, uint32_t device,
                              rk_ns now_ns)
{
    if (traffic->shape.model != RK_TRAFFIC_ALARMS) {
        return 0;
    }
    struct alarm alarm = alarm_of(traffic, rng, device, now_ns / traffic->shape.alarm_every_ns);
    return alarm.begin_ns <= now_ns && now_ns < alarm.end_ns ? alarm.end_ns : 0;
}

/* An alarm that begins before the next regular sample is sampled itself. */
static rk_ns next_with_alarms_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                                 uint32_t device, uint64_t number, rk_ns before_ns)
{
    const struct rk_traffic_shape *shape = &traffic->shape;
    if (rk_traffic_alarm_end_ns(traffic, rng, device, before_ns) != 0) {
        return rk_add_sat(before_ns, shape->alarm_period_ns);
    }
    rk_ns next_ns = rk_add_sat(before_ns, rk_traffic_gap_ns(traffic, gaps, rng, device, number));
    for (uint64_t k = before_ns / shape->alarm_every_ns; k <= next_ns / shape->alarm_every_ns; k++) {
        struct alarm alarm = alarm_of(traffic, rng, device, k);
        if (alarm.begin_ns > before_ns && alarm.begin_ns < next_ns) {
            return alarm.begin_ns;
        }
    }
    return next_ns;
}

rk_ns rk_traffic_next_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                         uint32_t device, uint64_t number, rk_ns before_ns)
{
    rk_ns gap_ns = 0;
    switch ((enum rk_traffic_model)traffic->shape.model) {
    case RK_TRAFFIC_POISSON:
        gap_ns = rk_rng_exponential(rk_rng_draw(rng, device, RK_RNG_TRAFFIC, number), traffic->period_ns);
        break;
    case RK_TRAFFIC_BURSTS:
        gap_ns = burst_gap_ns(traffic, rng, device, number);
        break;
    case RK_TRAFFIC_ALARMS:
        return next_with_alarms_ns(traffic, gaps, rng, device, number, before_ns);
    case RK_TRAFFIC_TRACE:
        gap_ns = traffic->shape.record[number % traffic->shape.records].gap_ns;
        break;
    case RK_TRAFFIC_PERIODIC:
    case RK_TRAFFIC_COUNT:
        gap_ns = rk_traffic_gap_ns(traffic, gaps, rng, device, number);
        break;
    }
    return rk_add_sat(before_ns, gap_ns);
}

uint16_t rk_traffic_bytes(const struct rk_traffic *traffic, uint64_t number, uint16_t bytes)
{
    const struct rk_traffic_shape *shape = &traffic->shape;
    return shape->model == RK_TRAFFIC_TRACE ? shape->record[number % shape->records].bytes : bytes;
}

rk_ns rk_traffic_start_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns period_ns)
{
    return rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, PHASE_START), period_ns);
}

rk_ns rk_traffic_session_phase_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns session_period_ns)
{
    return rk_rng_below(rk_rng_draw(rng, device, RK_RNG_PHASE, PHASE_SESSION), session_period_ns);
}

const char *rk_traffic_name(unsigned model)
{
    static const char *const names[RK_TRAFFIC_COUNT] = {"periodic", "poisson", "bursts", "alarms", "trace"};
    return model < RK_TRAFFIC_COUNT ? names[model] : NULL;
}
