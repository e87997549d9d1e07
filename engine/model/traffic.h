/* engine/model/traffic.h - when a device has something to send, and how much
 *
 * Model: a device is switched on at a uniform moment of its first message period. Message n is sampled one gap after
 *        message n - 1:
 *        periodic  each gap is uniform in period * (1 - jitter .. 1 + jitter), rounded down to ns
 *        poisson   exponential with mean `period`
 *        bursts    within a burst `burst_gap`, and after each message the burst ends with probability 1 / burst: then the
 *                  gap is exponential, with the mean that makes that of all gaps `period`
 *        alarms    periodic, but in an alarm one each `alarm_period`, the first as it begins. Each `alarm_every` has one,
 *                  which begins at a uniform moment of it and lasts 0.5 to 1.5 `alarm_lasts`, no longer than to the end of
 *                  its `alarm_every`; each device has its own, or all the same. While it lasts, renewals and sessions
 *                  wait, up to the end of the active key's originator-usage period; a leak that is noticed does not.
 *        trace     as recorded, and again from its beginning one mean gap after its last message
 *        Sessions start every session period, the first at a uniform moment of it.
 * Units: ns.
 * Draws: periodic: the gap before message n is word n % 4 of block n / 4 of RK_RNG_TRAFFIC. poisson: draw n. bursts: draws
 *        2n and 2n + 1. Alarm k: draws 2k and 2k + 1 after those of the phases. So two policies see the same samples, and
 *        no state is kept.
 * Error: a periodic gap is a multiple of 2^-32 of its span: of 2.8 ns where that is 12 s.
 */
#ifndef ENGINE_MODEL_TRAFFIC_H
#define ENGINE_MODEL_TRAFFIC_H

#include <stdbool.h>

#include "engine/core/rng.h"
#include "engine/core/units.h"

enum rk_traffic_model {
    RK_TRAFFIC_PERIODIC, /* the only one that stretches of messages are computed abreast for */
    RK_TRAFFIC_POISSON,
    RK_TRAFFIC_BURSTS,
    RK_TRAFFIC_ALARMS,
    RK_TRAFFIC_TRACE,
    RK_TRAFFIC_COUNT
};

/* A recorded message: the gap before it, and its text. */
struct rk_traffic_record {
    rk_ns gap_ns;
    uint16_t bytes;
};

/* What a model needs beside period and jitter. All zero: periodic. */
struct rk_traffic_shape {
    uint8_t model;      /* enum rk_traffic_model */
    uint32_t burst;     /* bursts: messages, mean; at least 1 */
    rk_ns burst_gap_ns; /* below the period */
    rk_ns alarm_every_ns, alarm_lasts_ns, alarm_period_ns;
    bool alarm_shared;
    const struct rk_traffic_record *record; /* trace */
    uint32_t records;
};

struct rk_traffic {
    rk_ns shortest_ns; /* gap */
    rk_ns spread_ns;   /* longest - shortest */
    rk_ns period_ns;
    struct rk_traffic_shape shape;
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

/* Periodic. out: the gap before message `number`. gaps is a cache of this device's. */
rk_ns rk_traffic_gap_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                        uint32_t device, uint64_t number);

/* out: when message `number` is sampled, the one before it having been at before_ns; saturates. */
rk_ns rk_traffic_next_ns(const struct rk_traffic *traffic, struct rk_gaps *gaps, const struct rk_rng_key *rng,
                         uint32_t device, uint64_t number, rk_ns before_ns);

/* out: text of message `number`; `bytes` where the model does not say. */
uint16_t rk_traffic_bytes(const struct rk_traffic *traffic, uint64_t number, uint16_t bytes);

/* out: the end of the alarm that the device is in; 0: in none. */
rk_ns rk_traffic_alarm_end_ns(const struct rk_traffic *traffic, const struct rk_rng_key *rng, uint32_t device,
                              rk_ns now_ns);

/* out: when the device is switched on, and after that when its first session starts. */
rk_ns rk_traffic_start_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns period_ns);
rk_ns rk_traffic_session_phase_ns(const struct rk_rng_key *rng, uint32_t device, rk_ns session_period_ns);

/* A scenario's word for a model. */
const char *rk_traffic_name(unsigned model);

#endif
