/* engine/sim/timeline.h - timelines: device by device
 *
 * Model: a device shares nothing with another but the key server's queue, so each runs on its own, the earliest of its
 *        events first, up to its next request there. Requests of all devices alone are put into one order. A server that
 *        takes no time makes nobody wait: then one device after the other runs to the end, in the same memory.
 * Units: ns.
 */
#ifndef ENGINE_SIM_TIMELINE_H
#define ENGINE_SIM_TIMELINE_H

#include "engine/model/node.h"
#include "engine/sim/heap.h"

struct rki_timeline {
    struct rk_fleet *fleet;
    bool coupled;        /* the order of requests matters */
    uint32_t first, end; /* devices that are here */
    uint64_t events;
    struct rk_heap requests;
    struct rk_node *node; /* coupled: of the device `first` and on */
};

/* Goes on with a node to its next request, or, from bound_ns on, to where it is best parked: before a renewal may begin.
 * out: when that is, RK_NEVER where none comes before the horizon; whether it is a request in *request. */
rk_ns rki_timeline_advance(struct rki_timeline *run, struct rk_node *node, rk_ns bound_ns, bool *request);

/* Handles the request that a node stopped at. */
void rki_timeline_admit(struct rki_timeline *run, struct rk_node *node, rk_ns now_ns);

/* Coupled timelines of more devices than are kept ready. out: RK_OK, or the first error with its line. */
enum rk_err rki_timeline_run_parked(struct rki_timeline *run, struct rk_diag *diag);

#endif
