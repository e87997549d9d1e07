/* engine/model/trial.h - a trial: parameters in, metrics out
 *
 * Model:  a fleet of identical devices, each paired with the key server by one agent on each side
 *         (engine/lifecycle/agent.h), over a lossy radio link, for `horizon_ns`. Same parameters, same result, bit for
 *         bit, in any tier and on any thread.
 * Execution: modelled and native charge cost rows; emulated runs the device's agent on the emulator and charges what
 *         each call took. Simulated time always advances by the cost rows, so that all three give the same trace.
 * Units:  in the names.
 */
#ifndef ENGINE_MODEL_TRIAL_H
#define ENGINE_MODEL_TRIAL_H

#include <stdio.h>

#include "backends/backend.h"
#include "engine/core/bins.h"
#include "engine/core/cost.h"
#include "engine/core/err.h"
#include "engine/core/units.h"
#include "engine/lifecycle/policy.h"
#include "engine/model/adversary.h"
#include "engine/model/condition.h"
#include "engine/model/fault.h"
#include "engine/model/group.h"
#include "engine/core/profile.h"
#include "engine/model/traffic.h"

enum rk_execution { RK_EXECUTION_MODELLED, RK_EXECUTION_NATIVE, RK_EXECUTION_EMULATED };

/* What orders the events of a trial (engine/sim/tier.h). All give the same result to the bit, but for lifetime mode. */
enum rk_tier {
    RK_TIER_AUTO,
    RK_TIER_REFERENCE, /* one 4-ary heap over all events: the oracle */
    RK_TIER_TIMELINES, /* device by device; the key server's queue alone is ordered over devices */
    RK_TIER_CELLS,     /* cell by cell: devices behind one gateway share its channel */
    RK_TIER_QUEUE,     /* one fast queue over all events */
    RK_TIER_COUNT
};

/* Cost rows of one (device, backend), as measured. Rows whose status is not ok are in it too: they carry the reason. */
struct rk_cost_table {
    const struct rk_cost_row *row;
    size_t count;
};

struct rk_emulator_driver;
struct rk_parts;
struct rk_protocol;

struct rk_trial {
    uint64_t seed;
    uint32_t replication;
    enum rk_execution execution;
    enum rk_tier tier;
    uint32_t live_nodes; /* timelines: of more devices those that wait are parked (engine/model/park.h); 0: 16384 */
    unsigned threads;    /* cells: at most so many; 0: one */
    uint8_t kernel;      /* enum rk_kernel of engine/model/stretch.h; 0: the fastest that this machine has */
    bool lifetime;       /* traffic between lifecycle events in closed form: not the same bits, the same distribution */
    const struct rk_device_profile *device;
    const struct rk_radio_profile *radio;
    const struct rk_battery_profile *battery;
    uint32_t drained_ppm; /* what the battery has given when the trial begins; policies may look at it */
    const struct rk_accelerator_profile *accelerator; /* whose rows are among the costs, or NULL */
    struct rk_cost_table costs;
    uint64_t capabilities; /* of the real backend; the modelled one mirrors them */
    uint8_t drbg_alg;
    const struct rk_protocol *protocol;      /* engine/model/protocol.h; NULL: the agent's own frames */
    const struct rk_backend *backend;        /* real library on the host: native, and peer of emulated; else NULL */
    const struct rk_emulator_driver *driver; /* emulated only */
    const char *lifecycle_image;             /* emulated only */

    uint32_t devices;
    uint32_t cell_devices;  /* that share a gateway's channel, neighbours by number; 0: each has a channel of its own */
    uint32_t batch_devices; /* that were given the same long-term keys, neighbours by number; 0: each its own */
    rk_ns horizon_ns;
    rk_ns warm_up_ns; /* metrics count what happens from then on; below the horizon */

    rk_ns message_period_ns;
    uint32_t message_jitter_ppm; /* each gap is uniform in period * (1 - jitter .. 1 + jitter) */
    uint16_t message_bytes;      /* application text; of a trace the longest */
    struct rk_traffic_shape traffic;
    rk_ns session_period_ns; /* 0: no sessions */

    uint32_t frame_loss_ppm; /* of each frame and acknowledgement */
    rk_ns burst_ns;          /* mean time of a burst of losses; 0: they are independent */
    uint8_t listen;          /* enum rk_listen of engine/model/radio.h */
    rk_ns listen_period_ns, answer_period_ns;
    uint8_t spreading; /* LoRa; 0: as the radio's file has it; RK_SPREADING_EACH: 7 to 12, by the device's number */
    bool confirmed;    /* LoRa: messages are, on a shared channel */
    uint32_t power_spread_mdB; /* LoRa: of devices at their gateway */
    rk_ns server_time_ns;      /* service time of one key request, assumed or from a device profile */
    uint8_t server_service;    /* enum rk_service of engine/model/server.h */
    uint32_t servers;          /* that serve in parallel */
    rk_ns network_delay_ns;    /* gateway to server, one way */

    uint64_t compromise_per_1e6y; /* rate of session-key leaks, events a million device-years; 0: none */
    rk_ns detection_mean_ns;      /* exponential delay until a leak is noticed, and the key renewed */
    uint32_t missed_ppm;          /* probability that the adversary misses the nonces of a renewal */

    uint8_t aead, tag_bytes, curve;
    uint8_t profile; /* enum rk_profile of engine/lifecycle/key.h */
    struct rk_policy policy;

    struct rk_adversary_shape adversary; /* engine/model/adversary.h: beyond the leaks above */
    struct rk_fault_shape fault;         /* engine/model/fault.h */
    struct rk_condition_shape condition; /* engine/model/condition.h */
    struct rk_group_shape group;         /* engine/model/group.h */

    FILE *trace;          /* NULL, or receives the lifecycle trace as text, one record a line */
    int64_t trace_device; /* -1: all */

    const struct rk_parts *parts; /* engine/sim/parts.h; NULL: all devices are in this process */
};

/* X(name, unit, help). Means over the devices of the fleet, unless said otherwise. */
#define RK_METRICS(X)                                                                                                  \
    X(battery_life_d, "d", "battery life at the mean power of the trial, self-discharge included")                     \
    X(battery_life_low_d, "d", "with every coefficient at its unfavourable end")                                       \
    X(battery_life_high_d, "d", "with every coefficient at its favourable end")                                        \
    X(energy_J_per_d, "J/d", "all energy drawn")                                                                       \
    X(energy_crypto_keys_J_per_d, "J/d", "CPU in key establishment and renewal")                                       \
    X(energy_crypto_data_J_per_d, "J/d", "CPU in protecting data")                                                     \
    X(energy_radio_keys_J_per_d, "J/d", "radio for key establishment and renewal, listening included")                 \
    X(energy_radio_data_J_per_d, "J/d",                                                                                \
      "radio for data and for being reachable, retries and acknowledgements included")                                 \
    X(energy_nvm_J_per_d, "J/d", "writing key records")                                                                \
    X(energy_sleep_J_per_d, "J/d", "CPU and radio asleep")                                                             \
    X(assumed_share, "1", "share of the energy that rests on assumed coefficients")                                    \
    X(renewals_per_d, "1/d", "renewals that ended with a new active key")                                              \
    X(renewals_failed_per_d, "1/d", "renewals given up")                                                               \
    X(rekey_latency_p50_s, "s", "from the decision to renew to the new key's activation on the device, median")        \
    X(rekey_latency_p95_s, "s", "95th percentile")                                                                     \
    X(rekey_latency_p99_s, "s", "99th percentile")                                                                     \
    X(message_delay_p95_s, "s", "from the sensor's sample to the server's delivery, 95th percentile")                  \
    X(no_key_s_per_d, "s/d", "time without a key that may protect")                                                    \
    X(messages_per_d, "1/d", "application messages offered")                                                           \
    X(messages_lost_per_d, "1/d", "lost on the air after all retries")                                                 \
    X(messages_unprotected_per_d, "1/d", "not sent: no key permitted it")                                              \
    X(messages_rejected_per_d, "1/d", "arrived but failed to decrypt")                                                 \
    X(nvm_writes_per_d, "1/d", "bytes written to non-volatile memory")                                                 \
    X(nvm_life_y, "y", "until the most written cell reaches its endurance; 1e6 means more than a million years")       \
    X(compromises, "1", "session-key leaks in the trial, over all devices")                                            \
    X(exposure_s, "s", "time whose data a leak of the session key opens, mean over leaks; NaN without leaks")          \
    X(exposure_messages, "1", "messages that a leak of the session key opens, mean over leaks")                        \
    X(exposure_capture_s, "s", "the same when the whole device memory leaks, long-term keys included")                 \
    X(server_wait_p99_s, "s", "key requests waiting at the key server, 99th percentile")                               \
    X(keys_per_device, "1", "keys that became active")                                                                 \
    X(collisions_per_d, "1/d", "frames and acknowledgements lost to an overlap on a shared channel; NaN on own ones")  \
    X(refusals_per_d, "1/d", "datagrams given up as a shared channel was never clear; NaN on own ones")                \
    X(channel_busy_share, "1", "part of the time that a shared channel carries something; NaN on own ones")            \
    X(reboots_per_d, "1/d", "power cuts; NaN, as all of these, without faults")                                        \
    X(off_s_per_d, "s/d", "time without power")                                                                        \
    X(messages_missed_per_d, "1/d", "not sampled, without power")                                                      \
    X(recovery_p95_s, "s", "from power to a key that protects, 95th percentile")                                       \
    X(out_of_step_s_per_d, "s/d", "from the first message that the server rejects to the next that it takes")          \
    X(lockouts, "1", "devices that had a key and have none at the end, however often they asked, of all devices")      \
    X(requests_refused_per_d, "1/d", "requests lost to an outage of the key server")                                   \
    X(duplicate_keys, "1", "renewals, of all, whose contribution the fleet has sent before; NaN without weak entropy") \
    X(exposure_server_s, "s", "exposure_capture_s when the server's memory for the device leaks instead")              \
    X(healing_s, "s", "from a leak of the session key until it opens nothing any more, mean over leaks")               \
    X(forgeries_per_d, "1/d", "forged frames that reached the device; NaN without forgeries")                          \
    X(forgery_bound, "1", "bound on the probability that one of a device's forged frames passes; NaN without them")    \
    X(aead_v_share, "1", "failed tags of a device, of what the suite's limits permit; NaN without a limit")            \
    X(aead_q_share, "1", "messages under the most used key, of what the suite's limits permit; NaN without a limit")   \
    X(group_rekeys_per_d, "1/d", "new group keys, of the whole fleet; NaN, as all of these, without a group")          \
    X(group_encryptions_per_d, "1/d", "keys that the key server seals for the group")                                  \
    X(group_encryptions_per_leave, "1", "in rekeys with leaves, for each leave; NaN without leaves")                   \
    X(group_bytes_per_rekey, "B", "that a member hears of a rekey that concerns it, mean")                             \
    X(group_repairs_per_d, "1/d", "requests for keys that were missed")                                                \
    X(group_stale_s_per_d, "s/d", "time of a member between a rekey and its having the key")                           \
    X(group_leaver_s, "s", "from a leave to the key that the leaver does not get, mean; NaN without leaves")           \
    X(group_exposure_s, "s",                                                                                           \
      "time that a captured member reads the group, to the key that it does not get; NaN without")                     \
    X(group_exposure_share, "1", "part of the devices whose group key a captured member has")                          \
    X(tried_messages, "1", "messages really decrypted with a session key that leaked, mean; NaN unless all are tried") \
    X(tried_capture_messages, "1", "the same with all the memory of the device")                                       \
    X(tried_server_messages, "1", "the same with the keys of the server's memory for the device")                      \
    X(tried_past_share, "1", "of what was recorded before a leak, the part that the device's memory really opens")     \
    X(tried_apart, "1", "messages of which trying and bookkeeping say something else, over all leaks")                 \
    X(stale_key_share, "1", "time of devices with a key that is due for replacement, or that the server left behind")  \
    X(links_lost_share, "1", "links whose key captured devices give away, their own included; NaN unless some are")    \
    X(links_lost_others_share, "1", "the same of the links of devices that were not captured")                         \
    X(links_tried_share, "1", "links that the memories of captured devices really open; NaN unless all are tried")     \
    X(links_tried_apart, "1", "links of which trying and bookkeeping say something else")                              \
    X(group_missed_share, "1", "rekeys whose keys a member lacked when their window was over; NaN without a window")   \
    X(group_healing_s, "s", "from the end of a missed window to the keys, mean")                                       \
    X(windows_missed_per_d, "1/d", "maintenance windows that passed by a key that was due; NaN without windows")       \
    X(windows_healing_s, "s", "from the end of the first window that a key missed to its successor, mean")

enum rk_metric {
#define RK_METRIC_ENUM(name, unit, help) RK_METRIC_##name,
    RK_METRICS(RK_METRIC_ENUM)
#undef RK_METRIC_ENUM
        RK_METRIC_COUNT
};

struct rk_metric_info {
    const char *name, *unit, *help;
};
extern const struct rk_metric_info rk_metric_info[RK_METRIC_COUNT];

struct rk_trial_result {
    double metric[RK_METRIC_COUNT]; /* NaN: does not exist (no renewal, no leak) */
    uint64_t trace_checksum;        /* over all records of all devices, independent of order between devices */
    uint64_t trace_records;
    uint64_t events;
    uint64_t lifecycle_calls; /* steps of agents of both parties */
    uint64_t calls_spared;    /* lifetime mode, of them: accounted for, but taken by no agent */
    uint64_t renewals_played, renewals_spared;
    struct rk_bins rekey_ns; /* how long renewals took */
};

/* Why this combination cannot run, as one line: an operation the mechanism needs has no cost row that is ok
 * ("x25519_agree: does not fit: flash"). out: RK_OK, or RK_ERR_CHECK with the reason in diag. */
enum rk_err rk_trial_feasible(const struct rk_trial *trial, struct rk_diag *diag);

/* Runs on the calling thread, with trial->tier.
 * out: RK_OK, or RK_ERR_INPUT / RK_ERR_EMULATOR with a line in diag. */
enum rk_err rk_trial_run(const struct rk_trial *trial, struct rk_trial_result *result, struct rk_diag *diag);

/* Closed form of the expected exposure of one leak of a session key that is renewed every T, detection Exp(mean mu):
 * W = T/2 + mu * (1 - (1 - a) / x), x = T/mu, a = exp(-x), where a renewal ends the leak. Where the adversary can follow a
 * renewal to the next key with probability f, each further interval is reached undetected with a * f times the
 * probability of the one before: W + (1 - a) / x * f * mu * (1 - a) / (1 - a * f). At f = 1 that is T/2 + mu.
 * in: seconds, T > 0, mu >= 0, f in 0..1. out: seconds. Error: the horizon's end is not in it. */
double rk_exposure_closed_form_s(double interval_s, double detection_mean_s, double follow);

/* out: f of the trial's mechanism: 1 for class A4, less what is missed for A3, else 0. */
double rk_exposure_follow(const struct rk_trial *trial);

#endif
