#include <stdlib.h>

#include "engine/model/spare.h"
#include "engine/sim/parts.h"
#include "engine/sim/tier.h"
#include "engine/sim/timeline.h"

enum { LIVE_NODES = 16384 };

/* A request of ours in a window. */
struct own {
    rk_ns at_ns;
    uint32_t device;
};

/* Ours in a window, by time and device, and their times alone. */
struct owns {
    struct own *own;
    rk_ns *at_ns;
    size_t count, capacity;
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

static void handle(struct rki_timeline *run, struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    node->due_ns[kind] = RK_NEVER;
    if (run->fleet->spare != NULL) {
        rk_spare_play(node, kind, now_ns);
    } else {
        rk_node_handle(node, kind, now_ns);
    }
    run->events++;
}

void rki_timeline_admit(struct rki_timeline *run, struct rk_node *node, rk_ns now_ns)
{
    handle(run, node, RK_NODE_UP, now_ns);
}

/* A renewal may begin with this event, and nothing of the one before is left: little distinguishes the node then. */
static bool parks_well(const struct rk_node *node, enum rk_node_event kind)
{
    const uint32_t begins = 1u << RK_NODE_TIMER | 1u << RK_NODE_DETECT | 1u << RK_NODE_SESSION;
    return (begins >> kind & 1) != 0 && !node->listening && node->up.count == 0 && node->served.count == 0 &&
           node->down.count == 0 && node->device.key[0].state != RK_STATE_DEACTIVATED &&
           node->peer.key[0].state != RK_STATE_DEACTIVATED;
}

rk_ns rki_timeline_advance(struct rki_timeline *run, struct rk_node *node, rk_ns bound_ns, bool *request)
{
    rk_ns horizon_ns = run->fleet->trial->horizon_ns;
    for (;;) {
        rk_ns at_ns, next_ns;
        enum rk_node_event kind = earliest(node, &at_ns, &next_ns);
        if (at_ns >= horizon_ns || run->fleet->error != RK_OK) {
            return RK_NEVER;
        }
        *request = run->coupled && is_request(node, kind);
        if (*request || (at_ns >= bound_ns && parks_well(node, kind))) {
            return at_ns;
        }
        rk_ns limit_ns = next_ns < horizon_ns ? next_ns : horizon_ns;
        uint64_t taken = run->fleet->spare != NULL ? rk_spare_step(node, kind, at_ns, limit_ns)
                         : kind == RK_NODE_MESSAGE ? rk_stretch_run(node, limit_ns)
                                                   : 0;
        run->events += taken;
        if (taken > 0) {
            continue;
        }
        handle(run, node, kind, at_ns);
    }
}

/* To the next request and no further. */
static rk_ns advance(struct rki_timeline *run, struct rk_node *node)
{
    bool request;
    return rki_timeline_advance(run, node, RK_NEVER, &request);
}

static void advance_to_request(struct rki_timeline *run, struct rk_node *node)
{
    rk_ns at_ns = advance(run, node);
    if (at_ns != RK_NEVER) {
        rk_heap_push(&run->requests, rk_sim_event_make(at_ns, node->index, RK_NODE_UP, 0));
    }
}

/* Nobody waits for anybody: one node at a time, in the same memory. */
static enum rk_err run_alone(struct rki_timeline *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    struct rk_node *node = rk_arena_alloc(&fleet->arena, sizeof *node);
    fleet->node_memory = rk_arena_alloc(&fleet->arena, rk_node_memory_bytes(fleet));
    for (uint32_t i = run->first; i < run->end; i++) {
        enum rk_err err = rk_node_init(node, fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        advance(run, node);
        rk_node_close(node, fleet->trial->horizon_ns);
    }
    return RK_OK;
}

/* Parts of a fleet */

static void add_own(struct owns *owns, rk_ns at_ns, uint32_t device)
{
    if (owns->count == owns->capacity) {
        owns->capacity = 2 * owns->capacity + 64;
        owns->own = realloc(owns->own, owns->capacity * sizeof *owns->own);
        owns->at_ns = realloc(owns->at_ns, owns->capacity * sizeof *owns->at_ns);
        RK_REQUIRE(owns->own != NULL && owns->at_ns != NULL);
    }
    owns->own[owns->count++] = (struct own){.at_ns = at_ns, .device = device};
}

static int by_time_and_device(const void *a, const void *b)
{
    const struct own *x = a, *y = b;
    if (x->at_ns != y->at_ns) {
        return x->at_ns < y->at_ns ? -1 : 1;
    }
    return x->device < y->device ? -1 : x->device > y->device;
}

/* out: when the next request arrives, RK_NEVER: none does. */
static rk_ns next_request_ns(const struct rki_timeline *run)
{
    return run->requests.count == 0 ? RK_NEVER : rk_sim_event_ns(run->requests.item[0]);
}

/* Takes the nodes that ask before `until_ns` out of the heap, and lists all that each has under way till then. */
static void list_owns(struct rki_timeline *run, rk_ns until_ns, struct owns *owns)
{
    owns->count = 0;
    while (next_request_ns(run) < until_ns) {
        uint32_t device = rk_sim_event_device(rk_heap_pop(&run->requests));
        const struct rk_flights *up = &run->node[device - run->first].up;
        for (uint32_t i = 0; i < up->count; i++) {
            const struct rk_flight *flight = &up->slot[(up->head + i) & (up->capacity - 1)];
            if (flight->kind == RK_FRAME_R1 && flight->at_ns < until_ns) {
                add_own(owns, flight->at_ns, device);
            }
        }
    }
    qsort(owns->own, owns->count, sizeof *owns->own, by_time_and_device);
    for (size_t i = 0; i < owns->count; i++) {
        owns->at_ns[i] = owns->own[i].at_ns;
    }
}

/* The next request of a node after one in the window: in the window too, and then listed, or for later. */
static void go_on(struct rki_timeline *run, struct rk_node *node, rk_ns until_ns, const struct owns *owns)
{
    const struct own next = {.at_ns = advance(run, node), .device = node->index};
    if (next.at_ns == RK_NEVER) {
        return;
    }
    if (next.at_ns >= until_ns) {
        rk_heap_push(&run->requests, rk_sim_event_make(next.at_ns, node->index, RK_NODE_UP, 0));
        return;
    }
    RK_REQUIRE(bsearch(&next, owns->own, owns->count, sizeof next, by_time_and_device) != NULL);
}

/* A window: requests of others change our copy of the server, those of ours are handled as well. */
static void run_window(struct rki_timeline *run, rk_ns until_ns, struct owns *owns, struct rki_window *window)
{
    const struct rk_parts *parts = run->fleet->trial->parts;
    size_t next = 0;
    list_owns(run, until_ns, owns);
    rki_window_exchange(window, parts, owns->at_ns, owns->count);
    for (size_t i = 0; i < window->count; i++) {
        const struct rki_request *request = &window->request[i];
        if (request->part != parts->part) {
            rk_ns wait_ns;
            rk_server_admit(run->fleet->server, request->at_ns, &wait_ns);
            continue;
        }
        struct rk_node *node = &run->node[owns->own[next++].device - run->first];
        RK_REQUIRE(node->due_ns[RK_NODE_UP] == request->at_ns && is_request(node, RK_NODE_UP));
        handle(run, node, RK_NODE_UP, request->at_ns);
        go_on(run, node, until_ns, owns);
    }
}

/* in: whether our nodes could be made; the others wait for us in any case. */
static void run_windows(struct rki_timeline *run, enum rk_err err)
{
    const struct rk_trial *trial = run->fleet->trial;
    rk_ns lookahead_ns = trial->network_delay_ns > 0 ? trial->network_delay_ns : 1;
    struct owns owns = {.count = 0};
    struct rki_window window = {.count = 0};
    for (;;) {
        bool well = err == RK_OK && run->fleet->error == RK_OK;
        rk_ns mine_ns = well ? next_request_ns(run) : RK_NEVER;
        rk_ns first_ns = trial->parts->least(trial->parts->context, mine_ns);
        if (first_ns == RK_NEVER) {
            break;
        }
        rk_ns until_ns = first_ns + lookahead_ns < trial->horizon_ns ? first_ns + lookahead_ns : trial->horizon_ns;
        run_window(run, well ? until_ns : 0, &owns, &window);
    }
    free(owns.own);
    free(owns.at_ns);
    rki_window_fini(&window);
}

/* Of as many devices as are kept ready. */
static enum rk_err run_coupled(struct rki_timeline *run, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    uint32_t nodes = 0;
    enum rk_err err = RK_OK;
    run->node = rk_arena_array(&fleet->arena, run->end - run->first, sizeof *run->node);
    while (run->first + nodes < run->end && err == RK_OK) {
        err = rk_node_init(&run->node[nodes], fleet, run->first + nodes, diag);
        if (err == RK_OK) {
            advance_to_request(run, &run->node[nodes++]);
        }
    }
    if (fleet->trial->parts != NULL) {
        run_windows(run, err);
    }
    while (run->requests.count > 0 && err == RK_OK && fleet->trial->parts == NULL) {
        rk_sim_event request = rk_heap_pop(&run->requests);
        struct rk_node *asks = &run->node[rk_sim_event_device(request) - run->first];
        handle(run, asks, RK_NODE_UP, rk_sim_event_ns(request));
        advance_to_request(run, asks);
    }
    for (uint32_t i = 0; i < nodes; i++) {
        rk_node_close(&run->node[i], fleet->trial->horizon_ns);
    }
    return err;
}

enum rk_err rki_timeline_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    struct rki_timeline run = {.fleet = fleet, .coupled = fleet->trial->server_time_ns > 0};
    rki_parts_range(fleet, &run.first, &run.end);
    const struct rk_trial *trial = fleet->trial;
    uint32_t live = trial->live_nodes > 0 ? trial->live_nodes : LIVE_NODES;
    bool parked = trial->execution == RK_EXECUTION_MODELLED && trial->parts == NULL && run.end - run.first > live;
    enum rk_err err = !run.coupled ? run_alone(&run, diag)
                      : parked     ? rki_timeline_run_parked(&run, diag)
                                   : run_coupled(&run, diag);
    rk_heap_fini(&run.requests);
    fleet->tally.events += run.events;
    rk_stretch_close(fleet);
    if (err == RK_OK && fleet->error != RK_OK) {
        err = rk_fail(diag, fleet->error, "%s", fleet->diag.text);
    }
    return rki_parts_finish(fleet, err, diag);
}
