#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/engine/model.inc"
#include "engine/core/err.h"
#include "engine/sim/crowd.h"

/* The models, and the nodes of the product, under the scheduler of a peer. */
struct scheduler {
    const struct rk_peer *peer;
    struct work_model model;
    uint64_t scheduled;
};

static inline void schedule(struct scheduler *scheduler, rk_ns at_ns, uint32_t device, unsigned kind)
{
    scheduler->scheduled++;
    scheduler->peer->schedule(at_ns, device, kind);
}

static inline void cancel(struct scheduler *scheduler, uint32_t device)
{
    scheduler->peer->cancel(device, WORK_TIMEOUT);
}

static void fire_work(void *context, uint32_t device, unsigned kind, uint64_t now_ns)
{
    struct scheduler *scheduler = context;
    work_event(&scheduler->model, scheduler, device, kind, now_ns);
}

static uint64_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%*u %lu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void rk_speed_peer(enum rk_work work, uint32_t n, rk_ns horizon_ns, const struct rk_peer *peer, unsigned variant,
                   struct rk_speed *speed)
{
    struct scheduler scheduler = {.peer = peer, .model = {.work = work, .n = n}};
    rki_work_open(&scheduler.model);
    memset(scheduler.model.device, 1, n * sizeof *scheduler.model.device); /* resident before it is looked at */
    uint64_t before = resident_bytes();
    peer->begin(variant, n, WORK_TIMEOUT, WORK_KINDS, fire_work, &scheduler);
    for (uint32_t i = 0; i < n; i++) {
        work_start(&scheduler.model, &scheduler, i);
    }
    speed->bytes = resident_bytes() - before;
    speed->pending = scheduler.scheduled;
    double start_s = rk_speed_cpu_s();
    peer->run(horizon_ns);
    speed->seconds = rk_speed_cpu_s() - start_s;
    speed->events = scheduler.model.events;
    speed->lifecycle_calls = 0;
    speed->checksum = rki_work_close(&scheduler.model);
}

/* The product's nodes, and their gateways, with the peer's scheduler for a tier's queue. */
struct nodes {
    struct rki_crowd crowd;
    const struct rk_peer *peer;
};

static void push_node(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns due_ns)
{
    const struct rk_peer *peer = ((struct nodes *)crowd)->peer;
    peer->cancel(source, kind);
    if (due_ns < crowd->fleet->trial->horizon_ns) {
        peer->schedule(due_ns, source, kind);
    }
}

static void fire_node(void *context, uint32_t source, unsigned kind, uint64_t now_ns)
{
    rki_crowd_handle(context, source, kind, now_ns);
}

enum rk_err rk_speed_peer_trial(const struct rk_trial *trial, const struct rk_peer *peer, unsigned variant,
                                struct rk_speed *speed, struct rk_diag *diag)
{
    static struct rk_fleet fleet; /* this process ends with the run */
    static struct nodes nodes;
    double start_s = rk_speed_cpu_s();
    enum rk_err err = rk_fleet_init(&fleet, trial, diag);
    if (err != RK_OK) {
        return err;
    }
    nodes.peer = peer;
    rki_crowd_init(&nodes.crowd, &fleet, push_node);
    peer->begin(variant, nodes.crowd.devices + nodes.crowd.gateways, 0, RK_NODE_EVENTS, fire_node, &nodes.crowd);
    err = rki_crowd_start(&nodes.crowd, diag);
    if (err == RK_OK) {
        peer->run(trial->horizon_ns);
    }
    err = rki_crowd_finish(&nodes.crowd, err, diag);
    *speed = (struct rk_speed){
        .events = nodes.crowd.events,
        .checksum = fleet.tally.trace_checksum,
        .seconds = rk_speed_cpu_s() - start_s,
        .lifecycle_calls = fleet.tally.lifecycle_calls,
    };
    rk_fleet_fini(&fleet);
    return err;
}
