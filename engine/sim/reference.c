#include "engine/model/node.h"
#include "engine/sim/heap.h"
#include "engine/sim/tier.h"

/* The reference tier: every event of every device goes through one heap. Other tiers must give the same result. */
struct reference {
    struct rk_fleet *fleet;
    struct rk_node *node;
    struct rk_gateway *gateway; /* of shared channels: sources of events beyond the devices */
    uint32_t (*generation)[RK_NODE_EVENTS];
    uint32_t nodes; /* initialised so far */
    uint32_t gateways;
    struct rk_heap heap;
};

static void push(struct reference *run, uint32_t index, unsigned kind, rk_ns due_ns)
{
    uint32_t generation = ++run->generation[index][kind];
    if (due_ns < run->fleet->trial->horizon_ns) {
        rk_heap_push(&run->heap, rk_sim_event_make(due_ns, index, (uint8_t)kind, generation));
    }
}

static void schedule(struct reference *run, struct rk_node *node)
{
    for (uint32_t changed = node->changed; changed != 0; changed &= changed - 1) {
        unsigned kind = (unsigned)__builtin_ctz(changed);
        push(run, node->index, kind, node->due_ns[kind]);
    }
    node->changed = 0;
}

static enum rk_err start(struct reference *run, struct rk_diag *diag)
{
    uint32_t devices = run->fleet->trial->devices;
    run->node = rk_arena_array(&run->fleet->arena, devices, sizeof *run->node);
    run->gateways = rk_gateways_count(run->fleet);
    run->gateway = rk_arena_array(&run->fleet->arena, run->gateways, sizeof *run->gateway);
    run->generation = rk_arena_array(&run->fleet->arena, (size_t)devices + run->gateways, sizeof *run->generation);
    for (uint32_t cell = 0; cell < run->gateways; cell++) {
        rk_gateway_init(&run->gateway[cell], run->fleet, cell);
    }
    for (uint32_t i = 0; i < devices; i++) {
        run->fleet->gateway = run->gateways == 0 ? NULL : &run->gateway[i / run->fleet->trial->cell_devices];
        enum rk_err err = rk_node_init(&run->node[i], run->fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        run->nodes++;
        schedule(run, &run->node[i]);
    }
    return RK_OK;
}

static bool live(const struct reference *run, rk_sim_event event)
{
    uint32_t device = rk_sim_event_device(event);
    unsigned kind = rk_sim_event_kind(event);
    uint32_t devices = run->fleet->trial->devices;
    uint32_t generation = run->generation[device][kind] & RK_SIM_GENERATION_MASK;
    rk_ns due_ns = device < devices ? run->node[device].due_ns[kind] : run->gateway[device - devices].due_ns;
    return generation == rk_sim_event_generation(event) && due_ns == rk_sim_event_ns(event);
}

/* A gateway's event; it has no other kind. */
static void step_gateway(struct reference *run, uint32_t cell, rk_ns now_ns)
{
    struct rk_node *node = rk_gateway_handle(&run->gateway[cell], now_ns);
    push(run, run->gateway[cell].index, RK_NODE_AIR, run->gateway[cell].due_ns);
    if (node != NULL) {
        schedule(run, node);
    }
}

static void step_node(struct reference *run, struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    struct rk_gateway *gateway = node->air == NULL ? NULL : node->air->gateway;
    rk_ns due_ns = gateway == NULL ? RK_NEVER : gateway->due_ns;
    node->due_ns[kind] = RK_NEVER;
    rk_node_handle(node, kind, now_ns);
    schedule(run, node);
    if (gateway != NULL && gateway->due_ns != due_ns) {
        push(run, gateway->index, RK_NODE_AIR, gateway->due_ns);
    }
}

static void loop(struct reference *run)
{
    uint64_t events = 0;
    while (run->heap.count > 0 && run->fleet->error == RK_OK) {
        rk_sim_event event = rk_heap_pop(&run->heap);
        if (!live(run, event)) {
            continue;
        }
        uint32_t device = rk_sim_event_device(event);
        uint32_t devices = run->fleet->trial->devices;
        if (device < devices) {
            step_node(run, &run->node[device], (enum rk_node_event)rk_sim_event_kind(event), rk_sim_event_ns(event));
        } else {
            step_gateway(run, device - devices, rk_sim_event_ns(event));
        }
        events++;
    }
    run->fleet->tally.events = events;
}

enum rk_err rki_reference_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct reference run = {.fleet = fleet};
    enum rk_err err = start(&run, diag);
    if (err == RK_OK) {
        loop(&run);
        err = fleet->error == RK_OK ? RK_OK : rk_fail(diag, fleet->error, "%s", fleet->diag.text);
    }
    for (uint32_t i = 0; i < run.nodes; i++) {
        rk_node_close(&run.node[i], fleet->trial->horizon_ns);
    }
    for (uint32_t i = 0; i < run.gateways; i++) {
        rk_gateway_close(&run.gateway[i], fleet);
    }
    rk_heap_fini(&run.heap);
    return err;
}
