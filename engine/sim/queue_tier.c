#include "engine/model/node.h"
#include "engine/sim/queue.h"
#include "engine/sim/tier.h"

/* Tier C: every event of every device goes through one fast queue, for fleets that are coupled all over. On shared channels
 * timers are set anew with every frame, so they use the queue that takes events out. */

struct coupled {
    struct rk_fleet *fleet;
    struct rk_node *node;
    struct rk_gateway *gateway;
    /* Of the live event: its ticket in the wheel (0: none), its generation in the buckets. */
    uint32_t (*mark)[RK_NODE_EVENTS];
    uint32_t nodes, gateways;
    struct rk_queue queue;
};

static void push(struct coupled *run, uint32_t index, unsigned kind, rk_ns due_ns)
{
    uint32_t *mark = &run->mark[index][kind];
    bool tickets = run->queue.kind == RK_QUEUE_WHEEL;
    if (tickets) {
        rk_queue_cancel(&run->queue, *mark);
        *mark = 0;
    } else {
        ++*mark;
    }
    if (due_ns < run->fleet->trial->horizon_ns) {
        uint32_t ticket =
            rk_queue_push(&run->queue, rk_sim_event_make(due_ns, index, (uint8_t)kind, tickets ? 0 : *mark));
        *mark = tickets ? ticket : *mark;
    }
}

static void schedule(struct coupled *run, struct rk_node *node)
{
    for (uint32_t changed = node->changed; changed != 0; changed &= changed - 1) {
        unsigned kind = (unsigned)__builtin_ctz(changed);
        push(run, node->index, kind, node->due_ns[kind]);
    }
    node->changed = 0;
}

static enum rk_err start(struct coupled *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    uint32_t devices = fleet->trial->devices;
    run->gateways = rk_gateways_count(fleet);
    run->node = rk_arena_array(&fleet->arena, devices, sizeof *run->node);
    run->gateway = rk_arena_array(&fleet->arena, run->gateways, sizeof *run->gateway);
    run->mark = rk_arena_array(&fleet->arena, (size_t)devices + run->gateways, sizeof *run->mark);
    /* Gateways have numbers beyond the devices, whose state a prefetch cannot hurt. */
    rk_queue_init(&run->queue, run->gateways > 0 ? RK_QUEUE_WHEEL : RK_QUEUE_BUCKETS, run->node, sizeof *run->node);
    for (uint32_t cell = 0; cell < run->gateways; cell++) {
        rk_gateway_init(&run->gateway[cell], fleet, cell);
    }
    for (uint32_t i = 0; i < devices; i++) {
        fleet->gateway = run->gateways == 0 ? NULL : &run->gateway[i / fleet->trial->cell_devices];
        enum rk_err err = rk_node_init(&run->node[i], fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        run->nodes++;
        schedule(run, &run->node[i]);
    }
    return RK_OK;
}

/* out: whether the event that was popped still stands; it does no longer afterwards. */
static bool take(struct coupled *run, uint32_t index, unsigned kind, rk_sim_event event)
{
    uint32_t *mark = &run->mark[index][kind];
    if (run->queue.kind == RK_QUEUE_WHEEL) {
        *mark = 0;
        return true;
    }
    uint32_t devices = run->fleet->trial->devices;
    rk_ns due_ns = index < devices ? run->node[index].due_ns[kind] : run->gateway[index - devices].due_ns;
    return (*mark & RK_SIM_GENERATION_MASK) == rk_sim_event_generation(event) && due_ns == rk_sim_event_ns(event);
}

static void step_gateway(struct coupled *run, struct rk_gateway *gateway, rk_ns now_ns)
{
    struct rk_node *node = rk_gateway_handle(gateway, now_ns);
    push(run, gateway->index, RK_NODE_AIR, gateway->due_ns);
    if (node != NULL) {
        schedule(run, node);
    }
}

static void step_node(struct coupled *run, struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
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

static void loop(struct coupled *run)
{
    uint32_t devices = run->fleet->trial->devices;
    uint64_t events = 0;
    rk_sim_event event;
    while (run->fleet->error == RK_OK && rk_queue_pop(&run->queue, &event)) {
        uint32_t index = rk_sim_event_device(event);
        unsigned kind = rk_sim_event_kind(event);
        if (!take(run, index, kind, event)) {
            continue;
        }
        if (index < devices) {
            step_node(run, &run->node[index], (enum rk_node_event)kind, rk_sim_event_ns(event));
        } else {
            step_gateway(run, &run->gateway[index - devices], rk_sim_event_ns(event));
        }
        events++;
    }
    run->fleet->tally.events = events;
}

enum rk_err rki_queue_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct coupled *run = rk_arena_alloc(&fleet->arena, sizeof *run);
    run->fleet = fleet;
    enum rk_err err = start(run, diag);
    if (err == RK_OK) {
        loop(run);
        err = fleet->error == RK_OK ? RK_OK : rk_fail(diag, fleet->error, "%s", fleet->diag.text);
    }
    for (uint32_t i = 0; i < run->nodes; i++) {
        rk_node_close(&run->node[i], fleet->trial->horizon_ns);
    }
    for (uint32_t i = 0; i < run->gateways; i++) {
        rk_gateway_close(&run->gateway[i], fleet);
    }
    rk_queue_fini(&run->queue);
    return err;
}
