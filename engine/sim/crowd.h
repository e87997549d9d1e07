/* engine/sim/crowd.h - all nodes and gateways of a fleet at once, for a tier that orders every event of all
 *
 * Model: a source of events is a node or, on shared channels, a gateway. Sources are numbered: gateways follow the
 *        devices, and have events of kind RK_NODE_AIR alone. Whatever is due anew goes to the tier's `push`; the tier
 *        keeps the order and knows which entries still stand.
 * Units: ns.
 */
#ifndef ENGINE_SIM_CROWD_H
#define ENGINE_SIM_CROWD_H

#include "engine/model/node.h"

struct rki_crowd {
    struct rk_fleet *fleet;
    struct rk_node *node;
    struct rk_gateway *gateway;
    uint32_t devices, gateways;
    uint32_t nodes; /* initialised so far */
    uint64_t events;
    /* The source's event of this kind is due at due_ns, RK_NEVER: no longer. */
    void (*push)(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns due_ns);
};

/* Memory for all sources, from the fleet's arena. */
void rki_crowd_init(struct rki_crowd *crowd, struct rk_fleet *fleet,
                    void (*push)(struct rki_crowd *, uint32_t, unsigned, rk_ns));

/* Initialises the sources and pushes what is due first. out: RK_OK, or the first error with its line. */
enum rk_err rki_crowd_start(struct rki_crowd *crowd, struct rk_diag *diag);

/* out: when the source's event of this kind is due. */
static inline rk_ns rki_crowd_due_ns(const struct rki_crowd *crowd, uint32_t source, unsigned kind)
{
    return source < crowd->devices ? crowd->node[source].due_ns[kind] : crowd->gateway[source - crowd->devices].due_ns;
}

/* Handles an event that is due, and pushes what has changed. */
void rki_crowd_handle(struct rki_crowd *crowd, uint32_t source, unsigned kind, rk_ns now_ns);

/* Closes what was initialised and adds the events to the fleet's sums. in: how it went so far.
 * out: that, or what stopped the fleet, with its line. */
enum rk_err rki_crowd_finish(struct rki_crowd *crowd, enum rk_err err, struct rk_diag *diag);

#endif
