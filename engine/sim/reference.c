#include "engine/sim/crowd.h"
#include "engine/sim/heap.h"
#include "engine/sim/tier.h"

/* The reference tier: every event of every device goes through one heap. Other tiers must give the same result. */
struct reference {
    struct rki_crowd crowd;
    uint32_t (*generation)[RK_NODE_EVENTS]; /* of the live entry of each source and kind */
    struct rk_heap heap;
};

static void push(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns due_ns)
{
    struct reference *run = (struct reference *)crowd;
    uint32_t generation = ++run->generation[source][kind];
    if (due_ns < crowd->fleet->trial->horizon_ns) {
        rk_heap_push(&run->heap, rk_sim_event_make(due_ns, source, (uint8_t)kind, generation));
    }
}

static bool live(const struct reference *run, rk_sim_event event)
{
    uint32_t source = rk_sim_event_device(event);
    unsigned kind = rk_sim_event_kind(event);
    uint32_t generation = run->generation[source][kind] & RK_SIM_GENERATION_MASK;
    return generation == rk_sim_event_generation(event) &&
           rki_crowd_due_ns(&run->crowd, source, kind) == rk_sim_event_ns(event);
}

enum rk_err rki_reference_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct reference run = {.heap = {.count = 0}};
    struct rki_crowd *crowd = &run.crowd;
    rki_crowd_init(crowd, fleet, push);
    run.generation = rk_arena_array(&fleet->arena, (size_t)crowd->devices + crowd->gateways, sizeof *run.generation);
    enum rk_err err = rki_crowd_start(crowd, diag);
    while (err == RK_OK && fleet->error == RK_OK && run.heap.count > 0) {
        rk_sim_event event = rk_heap_pop(&run.heap);
        if (live(&run, event)) {
            rki_crowd_handle(crowd, rk_sim_event_device(event), rk_sim_event_kind(event), rk_sim_event_ns(event));
        }
    }
    rk_heap_fini(&run.heap);
    return rki_crowd_finish(crowd, err, diag);
}
