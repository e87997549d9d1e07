#include "engine/sim/crowd.h"

void rki_crowd_init(struct rki_crowd *crowd, struct rk_fleet *fleet,
                    void (*push)(struct rki_crowd *, uint32_t, unsigned, rk_ns))
{
    *crowd = (struct rki_crowd){
        .fleet = fleet,
        .devices = fleet->trial->devices,
        .gateways = rk_gateways_count(fleet),
        .push = push,
    };
    crowd->node = rk_arena_array(&fleet->arena, crowd->devices, sizeof *crowd->node);
    crowd->gateway = rk_arena_array(&fleet->arena, crowd->gateways, sizeof *crowd->gateway);
}

static void push_changes(struct rki_crowd *crowd, struct rk_node *node)
{
    for (uint32_t changed = node->changed; changed != 0; changed &= changed - 1) {
        unsigned kind = (unsigned)__builtin_ctz(changed);
        crowd->push(crowd, node->index, kind, node->due_ns[kind]);
    }
    node->changed = 0;
}

enum rk_err rki_crowd_start(struct rki_crowd *crowd, struct rk_diag *diag)
{
    struct rk_fleet *fleet = crowd->fleet;
    for (uint32_t cell = 0; cell < crowd->gateways; cell++) {
        rk_gateway_init(&crowd->gateway[cell], fleet, cell);
    }
    for (uint32_t i = 0; i < crowd->devices; i++) {
        fleet->gateway = crowd->gateways == 0 ? NULL : &crowd->gateway[i / fleet->trial->cell_devices];
        enum rk_err err = rk_node_init(&crowd->node[i], fleet, i, diag);
        if (err != RK_OK) {
            return err;
        }
        crowd->nodes++;
        push_changes(crowd, &crowd->node[i]);
    }
    return RK_OK;
}

static void handle_gateway(struct rki_crowd *crowd, struct rk_gateway *gateway, rk_ns now_ns)
{
    struct rk_node *node = rk_gateway_handle(gateway, now_ns);
    crowd->push(crowd, gateway->index, RK_NODE_AIR, gateway->due_ns);
    if (node != NULL) {
        push_changes(crowd, node);
    }
}

static void handle_node(struct rki_crowd *crowd, struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    struct rk_gateway *gateway = node->air == NULL ? NULL : node->air->gateway;
    rk_ns due_ns = gateway == NULL ? RK_NEVER : gateway->due_ns;
    node->due_ns[kind] = RK_NEVER;
    rk_node_handle(node, kind, now_ns);
    push_changes(crowd, node);
    if (gateway != NULL && gateway->due_ns != due_ns) {
        crowd->push(crowd, gateway->index, RK_NODE_AIR, gateway->due_ns);
    }
}

void rki_crowd_handle(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns now_ns)
{
    if (source < crowd->devices) {
        handle_node(crowd, &crowd->node[source], (enum rk_node_event)kind, now_ns);
    } else {
        handle_gateway(crowd, &crowd->gateway[source - crowd->devices], now_ns);
    }
    crowd->events++;
}

enum rk_err rki_crowd_finish(struct rki_crowd *crowd, enum rk_err err, struct rk_diag *diag)
{
    struct rk_fleet *fleet = crowd->fleet;
    if (err == RK_OK && fleet->error != RK_OK) {
        err = rk_fail(diag, fleet->error, "%s", fleet->diag.text);
    }
    for (uint32_t i = 0; i < crowd->nodes; i++) {
        rk_node_close(&crowd->node[i], fleet->trial->horizon_ns);
    }
    for (uint32_t i = 0; i < crowd->gateways; i++) {
        rk_gateway_close(&crowd->gateway[i], fleet);
    }
    fleet->tally.events = crowd->events;
    return err;
}
