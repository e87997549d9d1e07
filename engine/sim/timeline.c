#include "engine/model/node.h"
#include "engine/sim/heap.h"
#include "engine/sim/tier.h"

/* Timelines: a device shares nothing with another but the key server's queue, so each runs on its own, the earliest of
 * its events first, up to its next request there. Requests of all devices alone are put into one order. */
struct timeline {
    struct rk_fleet *fleet;
    bool coupled; /* the order of requests matters */
    uint64_t events;
    struct rk_heap requests;
};

/* out: kind of the node's earliest event, its time in *at_ns; the earliest other's in *next_ns. RK_NEVER: none. */
static enum rk_node_event earliest(const struct rk_node *node, rk_ns *at_ns, rk_ns *next_ns)
{
    unsigned first = 0;
    *at_ns = RK_NEVER;
    *next_ns = RK_NEVER;
    for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
        rk_ns due_ns = node->due_ns[kind];
        if (due_ns < *at_ns) {
            *next_ns = *at_ns;
            *at_ns = due_ns;
            first = kind;
        } else if (due_ns < *next_ns) {
            *next_ns = due_ns;
        }
    }
    return (enum rk_node_event)first;
}

static bool is_request(const struct rk_node *node, enum rk_node_event kind)
{
    return kind == RK_NODE_UP && node->up.slot[node->up.head].kind == RK_FRAME_R1;
}

static void handle(struct timeline *run, struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    node->due_ns[kind] = RK_NEVER;
    rk_node_handle(node, kind, now_ns);
    run->events++;
}

/* Goes on with a node to its next request. out: when that is, RK_NEVER where none comes before the horizon. */
static rk_ns advance(struct timeline *run, struct rk_node *node)
{
    rk_ns horizon_ns = run->fleet->trial->horizon_ns;
    for (;;) {
        rk_ns at_ns, next_ns;
        enum rk_node_event kind = earliest(node, &at_ns, &next_ns);
        if (at_ns >= horizon_ns || run->fleet->error != RK_OK) {
            return RK_NEVER;
        }
        if (run->coupled && is_request(node, kind)) {
            return at_ns;
        }
        if (kind == RK_NODE_MESSAGE) {
            uint64_t taken = rk_stretch_run(node, next_ns < horizon_ns ? next_ns : horizon_ns);
            run->events += taken;
            if (taken > 0) {
                continue;
            }
        }
        handle(run, node, kind, at_ns);
    }
}

static void advance_to_request(struct timeline *run, struct rk_node *node)
{
    rk_ns at_ns = advance(run, node);
    if (at_ns != RK_NEVER) {
        rk_heap_push(&run->requests, rk_sim_event_make(at_ns, node->index, RK_NODE_UP, 0));
    }
}

/* Nobody waits for anybody: one node at a time, in the same memory. */
static enum rk_err run_alone(struct timeline *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    struct rk_node *node = rk_arena_alloc(&fleet->arena, sizeof *node);
    fleet->node_memory = rk_arena_alloc(&fleet->arena, rk_node_memory_bytes(fleet));
    for (uint32_t i = 0; i < fleet->trial->devices; i++) {
        enum rk_err err = rk_node_init(node, fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        advance(run, node);
        rk_node_close(node, fleet->trial->horizon_ns);
    }
    return RK_OK;
}

static enum rk_err run_coupled(struct timeline *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    uint32_t nodes = 0;
    enum rk_err err = RK_OK;
    struct rk_node *node = rk_arena_array(&fleet->arena, fleet->trial->devices, sizeof *node);
    while (nodes < fleet->trial->devices && err == RK_OK) {
        err = rk_node_init(&node[nodes], fleet, nodes, diag);
        if (err == RK_OK) {
            advance_to_request(run, &node[nodes++]);
        }
    }
    while (run->requests.count > 0 && err == RK_OK) {
        rk_sim_event request = rk_heap_pop(&run->requests);
        struct rk_node *asks = &node[rk_sim_event_device(request)];
        handle(run, asks, RK_NODE_UP, rk_sim_event_ns(request));
        advance_to_request(run, asks);
    }
    for (uint32_t i = 0; i < nodes; i++) {
        rk_node_close(&node[i], fleet->trial->horizon_ns);
    }
    return err;
}

enum rk_err rki_timeline_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct timeline run = {.fleet = fleet, .coupled = fleet->trial->server_time_ns > 0};
    enum rk_err err = run.coupled ? run_coupled(&run, diag) : run_alone(&run, diag);
    rk_heap_fini(&run.requests);
    fleet->tally.events += run.events;
    rk_stretch_close(fleet);
    return err != RK_OK ? err : fleet->error == RK_OK ? RK_OK : rk_fail(diag, fleet->error, "%s", fleet->diag.text);
}
