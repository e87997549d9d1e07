#include "engine/model/node.h"
#include "engine/sim/heap.h"
#include "engine/sim/tier.h"

/* The reference tier: every event of every device goes through one heap. Other tiers must give the same result. */
struct reference {
    struct rk_fleet *fleet;
    struct rk_node *node;
    uint32_t (*generation)[RK_NODE_EVENTS];
    uint32_t nodes; /* initialised so far */
    struct rk_heap heap;
};

static void schedule(struct reference *run, struct rk_node *node)
{
    rk_ns horizon_ns = run->fleet->trial->horizon_ns;
    for (uint32_t changed = node->changed; changed != 0; changed &= changed - 1) {
        unsigned kind = (unsigned)__builtin_ctz(changed);
        uint32_t generation = ++run->generation[node->index][kind];
        if (node->due_ns[kind] < horizon_ns) {
            rk_heap_push(&run->heap, rk_sim_event_make(node->due_ns[kind], node->index, (uint8_t)kind, generation));
        }
    }
    node->changed = 0;
}

static enum rk_err start(struct reference *run, struct rk_diag *diag)
{
    uint32_t devices = run->fleet->trial->devices;
    run->node = rk_arena_array(&run->fleet->arena, devices, sizeof *run->node);
    run->generation = rk_arena_array(&run->fleet->arena, devices, sizeof *run->generation);
    for (uint32_t i = 0; i < devices; i++) {
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
    uint32_t generation = run->generation[device][kind] & RK_SIM_GENERATION_MASK;
    return generation == rk_sim_event_generation(event) && run->node[device].due_ns[kind] == rk_sim_event_ns(event);
}

static void loop(struct reference *run)
{
    uint64_t events = 0;
    while (run->heap.count > 0 && run->fleet->error == RK_OK) {
        rk_sim_event event = rk_heap_pop(&run->heap);
        if (!live(run, event)) {
            continue;
        }
        struct rk_node *node = &run->node[rk_sim_event_device(event)];
        enum rk_node_event kind = (enum rk_node_event)rk_sim_event_kind(event);
        node->due_ns[kind] = RK_NEVER;
        rk_node_handle(node, kind, rk_sim_event_ns(event));
        schedule(run, node);
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
    rk_heap_fini(&run.heap);
    return err;
}
