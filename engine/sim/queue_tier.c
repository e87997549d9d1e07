#include "engine/sim/crowd.h"
#include "engine/sim/queue.h"
#include "engine/sim/tier.h"

/* Tier C: every event of every device goes through one fast queue, for fleets that are coupled all over. On shared
 * channels timers are set anew with every frame, so they use the queue that takes events out. */
struct coupled {
    struct rki_crowd crowd;
    /* Of the live event: its ticket in the wheel (0: none), its generation in the buckets. */
    uint32_t (*mark)[RK_NODE_EVENTS];
    struct rk_queue queue;
};

static void push(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns due_ns)
{
    struct coupled *run = (struct coupled *)crowd;
    uint32_t *mark = &run->mark[source][kind];
    bool tickets = run->queue.kind == RK_QUEUE_WHEEL;
    if (tickets) {
        rk_queue_cancel(&run->queue, *mark);
        *mark = 0;
    } else {
        ++*mark;
    }
    if (due_ns < crowd->fleet->trial->horizon_ns) {
        uint32_t ticket =
            rk_queue_push(&run->queue, rk_sim_event_make(due_ns, source, (uint8_t)kind, tickets ? 0 : *mark));
        *mark = tickets ? ticket : *mark;
    }
}

/* out: whether the event that was popped still stands; it does no longer afterwards. */
static bool take(struct coupled *run, uint32_t source, unsigned kind, rk_sim_event event)
{
    uint32_t *mark = &run->mark[source][kind];
    if (run->queue.kind == RK_QUEUE_WHEEL) {
        *mark = 0;
        return true;
    }
    return (*mark & RK_SIM_GENERATION_MASK) == rk_sim_event_generation(event) &&
           rki_crowd_due_ns(&run->crowd, source, kind) == rk_sim_event_ns(event);
}

enum rk_err rki_queue_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct coupled *run = rk_arena_alloc(&fleet->arena, sizeof *run);
    struct rki_crowd *crowd = &run->crowd;
    rki_crowd_init(crowd, fleet, push);
    run->mark = rk_arena_array(&fleet->arena, (size_t)crowd->devices + crowd->gateways, sizeof *run->mark);
    /* Gateways have numbers beyond the devices, whose state a prefetch cannot hurt. */
    rk_queue_init(&run->queue, crowd->gateways > 0 ? RK_QUEUE_WHEEL : RK_QUEUE_BUCKETS, crowd->node,
                  sizeof *crowd->node);
    enum rk_err err = rki_crowd_start(crowd, diag);
    rk_sim_event event;
    while (err == RK_OK && fleet->error == RK_OK && rk_queue_pop(&run->queue, &event)) {
        uint32_t source = rk_sim_event_device(event);
        unsigned kind = rk_sim_event_kind(event);
        if (take(run, source, kind, event)) {
            rki_crowd_handle(crowd, source, kind, rk_sim_event_ns(event));
        }
    }
    rk_queue_fini(&run->queue);
    return rki_crowd_finish(crowd, err, diag);
}
