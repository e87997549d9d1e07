#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/engine/model.inc"
#include "engine/core/err.h"
#include "engine/model/node.h"

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

struct nodes {
    const struct rk_peer *peer;
    struct rk_fleet fleet;
    struct rk_node *node;
    uint64_t events;
};

static void schedule_node(struct nodes *nodes, struct rk_node *node)
{
    for (uint32_t changed = node->changed; changed != 0; changed &= changed - 1) {
        unsigned kind = (unsigned)__builtin_ctz(changed);
        nodes->peer->cancel(node->index, kind);
        if (node->due_ns[kind] < nodes->fleet.trial->horizon_ns) {
            nodes->peer->schedule(node->due_ns[kind], node->index, kind);
        }
    }
    node->changed = 0;
}

static void fire_node(void *context, uint32_t device, unsigned kind, uint64_t now_ns)
{
    struct nodes *nodes = context;
    struct rk_node *node = &nodes->node[device];
    node->due_ns[kind] = RK_NEVER;
    rk_node_handle(node, (enum rk_node_event)kind, now_ns);
    schedule_node(nodes, node);
    nodes->events++;
}

enum rk_err rk_speed_peer_trial(const struct rk_trial *trial, const struct rk_peer *peer, unsigned variant,
                                struct rk_speed *speed, struct rk_diag *diag)
{
    static struct nodes nodes; /* this process ends with the run */
    double start_s = rk_speed_cpu_s();
    enum rk_err err = rk_fleet_init(&nodes.fleet, trial, diag);
    if (err != RK_OK) {
        return err;
    }
    nodes.peer = peer;
    nodes.node = rk_arena_array(&nodes.fleet.arena, trial->devices, sizeof *nodes.node);
    peer->begin(variant, trial->devices, 0, RK_NODE_EVENTS, fire_node, &nodes);
    for (uint32_t i = 0; i < trial->devices; i++) {
        err = rk_node_init(&nodes.node[i], &nodes.fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        schedule_node(&nodes, &nodes.node[i]);
    }
    peer->run(trial->horizon_ns);
    for (uint32_t i = 0; i < trial->devices; i++) {
        rk_node_close(&nodes.node[i], trial->horizon_ns);
    }
    *speed = (struct rk_speed){
        .events = nodes.events,
        .checksum = nodes.fleet.tally.trace_checksum,
        .seconds = rk_speed_cpu_s() - start_s,
        .lifecycle_calls = nodes.fleet.tally.lifecycle_calls,
    };
    rk_fleet_fini(&nodes.fleet);
    return RK_OK;
}
