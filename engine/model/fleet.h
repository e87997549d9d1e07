/* engine/model/fleet.h - what the devices of one trial share, and the sums that become metrics
 *
 * Model:  one key server, one set of costs, one meter, one pair of action buffers: a trial runs on one thread. A
 *         tier drives it: fleet init, node init of every device, events in order, node close at the horizon,
 *         result.
 * Memory: one arena a trial; frames in flight beyond the first of a queue come from the heap and are freed at node
 *         close.
 * Units:  in the names. Sums over devices are 128-bit integers: they do not depend on the order of addition.
 */
#ifndef ENGINE_MODEL_FLEET_H
#define ENGINE_MODEL_FLEET_H

#include "engine/core/arena.h"
#include "engine/core/histogram.h"
#include "engine/core/rng.h"
#include "engine/model/adversary.h"
#include "engine/model/energy.h"
#include "engine/model/group.h"
#include "engine/model/meter.h"
#include "engine/model/occasion.h"
#include "engine/model/protocol.h"
#include "engine/model/radio.h"
#include "engine/model/recorder.h"
#include "engine/model/server.h"
#include "engine/model/stale.h"
#include "engine/model/stretch.h"
#include "engine/model/traffic.h"
#include "engine/model/trial.h"

struct rk_gateway;
struct rk_group_plan;
struct rk_spare;

struct rk_tally {
    rk_wide part_pJ[RK_PART_COUNT];
    rk_wide kind_pJ[RK_KIND_COUNT];
    rk_wide total_pJ, low_pJ, high_pJ;
    uint64_t renewals, renewals_failed, keys;
    uint64_t messages, messages_lost, messages_unprotected, messages_rejected;
    rk_wide no_key_ns, stale_ns;
    uint64_t nvm_bytes;
    uint64_t collisions, refusals; /* of shared channels */
    rk_wide busy_ns;
    uint32_t nvm_wear; /* writes of the most written unit, or erasures of a block, of any device */
    struct rk_exposure exposure;
    uint64_t forged;
    uint64_t failed_tags;   /* of the devices' agents, in all the trial */
    uint64_t messages_most; /* under one key, in all the trial */
    uint64_t trace_checksum, trace_records, events, lifecycle_calls;
    uint64_t calls_spared, renewals_spared; /* lifetime mode, of the calls and renewals */
    struct rk_histogram rekey_ns, delay_ns, wait_ns;
    struct rk_fault_tally fault;
    struct rk_group_tally group;
    struct rk_missed missed;
    struct rk_tried tried;
};

struct rk_fleet {
    const struct rk_trial *trial;
    struct rk_arena arena;
    void *node_memory;          /* of the next node that is initialised; NULL: from the arena */
    struct rk_gateway *gateway; /* of the next node that is initialised; shared channels only */
    struct rk_rng_key rng;
    struct rk_link link;
    struct rk_link *spread_link; /* LoRa, of each spreading factor from 7 on; NULL: all devices have the same */
    struct rk_traffic traffic;
    struct rk_stretch stretch;
    struct rk_costs costs;
    struct rk_backend modelled;
    const struct rk_backend *inner; /* what both parties run on; the device's calls go through the meter */
    struct rk_play play;
    struct rk_meter meter;
    struct rk_meter *meter_before;
    struct rk_server own_server;
    struct rk_server *server; /* its own, or that of the fleet of which it has a part */
    const struct rk_occasion_source *occasion[RK_OCCASION_COUNT]; /* NULL: none of that kind */
    bool occasions;                                               /* any */
    struct rk_tally tally;
    bool faults;                 /* the trial has any */
    struct rk_group_plan *group; /* NULL: none */
    struct rk_spare *spare;      /* lifetime mode: renewals that go as one before went; NULL: each is played */
    struct rk_fault_seen seen;
    struct rk_actions actions, peer_actions;
    uint64_t last_cycles; /* of the last step, and the time they took: most steps cost the same */
    rk_ns last_cycles_ns;
    uint8_t text[RK_TEXT_MAX_bytes];
    enum rk_err error; /* emulated execution: the first thing that went wrong */
    struct rk_diag diag;
};

/* Checks the parameters and prepares everything but the nodes. Sets this thread's meter until fini.
 * out: RK_OK, or RK_ERR_INPUT with a line that names the parameter. On error nothing needs fini. */
enum rk_err rk_fleet_init(struct rk_fleet *fleet, const struct rk_trial *trial, struct rk_diag *diag);

/* out: the link of a trial, or RK_ERR_INPUT when its radio cannot be used so, with the reason. */
enum rk_err rk_trial_link(struct rk_link *link, const struct rk_trial *trial, struct rk_diag *diag);

/* Takes out what a trial up to an earlier horizon had summed. What names the whole trial stays: trace, events, calls,
 * failed tags, and the most used key and the wear of the most written cell, which is no sum. */
void rk_tally_subtract(struct rk_tally *tally, const struct rk_tally *before);

/* Puts together what parts of a fleet had summed. */
void rk_tally_add(struct rk_tally *tally, const struct rk_tally *theirs);

/* Metrics from the sums, which are of the time from warm-up to horizon. */
void rk_fleet_result(const struct rk_fleet *fleet, struct rk_trial_result *result);

void rk_fleet_fini(struct rk_fleet *fleet);

#endif
