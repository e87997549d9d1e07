#include <stdlib.h>

#include "engine/model/park.h"
#include "engine/sim/timeline.h"

/* The heap has, for each device, its next request (kind UP) or a time before which it has none (kind START). The earliest
 * is taken: a device that may have a request goes on until it has one, or may have one later than the others; a request
 * that is the earliest of all is admitted. A device is parked but for its turn, and new ones take no memory. */
struct lot {
    struct rki_timeline *run;
    struct rk_place place;
    uint8_t **parked; /* by device */
};

static rk_sim_event entry(const struct rk_node *node, rk_ns at_ns, bool request)
{
    return rk_sim_event_make(at_ns, node->index, request ? RK_NODE_UP : RK_NODE_START, 0);
}

/* The node in the place, until it has to wait for another or is over. in: whether a request of it is admitted first. */
static void turn(struct lot *lot, rk_ns now_ns, bool request)
{
    struct rki_timeline *run = lot->run;
    struct rk_node *node = lot->place.node;
    for (;;) {
        if (request) {
            rki_timeline_admit(run, node, now_ns);
        }
        rk_sim_event first = run->requests.count > 0 ? run->requests.item[0] : ~(rk_sim_event)0;
        /* At the same instant the lower number is first. */
        rk_ns bound_ns = rk_add_sat(rk_sim_event_ns(first), rk_sim_event_device(first) > node->index);
        now_ns = rki_timeline_advance(run, node, bound_ns, &request);
        if (now_ns == RK_NEVER) {
            rk_node_close(node, run->fleet->trial->horizon_ns);
            return;
        }
        if (entry(node, now_ns, request) > first) {
            size_t bytes;
            rk_heap_push(&run->requests, entry(node, now_ns, request));
            lot->parked[node->index - run->first] = rk_place_park(&lot->place, &bytes);
            return;
        }
    }
}

enum rk_err rki_timeline_run_parked(struct rki_timeline *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    struct lot lot = {.run = run};
    uint32_t devices = run->end - run->first;
    enum rk_err err = RK_OK;
    rk_place_init(&lot.place, fleet);
    lot.parked = rk_arena_array(&fleet->arena, devices, sizeof *lot.parked);
    rk_heap_reserve(&run->requests, devices);
    for (uint32_t i = run->first; i < run->end; i++) {
        rk_ns start_ns = rk_traffic_start_ns(&fleet->rng, i, fleet->trial->message_period_ns);
        rk_heap_push(&run->requests, rk_sim_event_make(start_ns, i, RK_NODE_START, 0));
    }
    while (run->requests.count > 0 && err == RK_OK) {
        rk_sim_event next = rk_heap_pop(&run->requests);
        uint8_t **parked = &lot.parked[rk_sim_event_device(next) - run->first];
        err = rk_place_take(&lot.place, fleet, rk_sim_event_device(next), *parked, diag);
        *parked = NULL;
        if (err == RK_OK) {
            turn(&lot, rk_sim_event_ns(next), rk_sim_event_kind(next) == RK_NODE_UP);
        }
    }
    for (uint32_t i = 0; i < devices; i++) {
        free(lot.parked[i]);
    }
    return err;
}
