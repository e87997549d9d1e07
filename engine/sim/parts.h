/* engine/sim/parts.h - one trial whose devices are spread over several processes, or threads
 *
 * Model:  part p of n has the devices from p/n to (p + 1)/n of the fleet; all parts run the same trial at once, on tier
 *         timelines. What couples devices is the order of their requests at the key server. Each part keeps a server of
 *         its own and admits everybody's requests to it, in the one order, but handles only those of its devices: no
 *         state is exchanged, only times of requests.
 * Windows: a request that is not under way yet arrives no sooner than the network's delay after the event that sends it.
 *         From the earliest request of all on, all that arrive within that delay are therefore known: they are a window,
 *         which the parts exchange and go through. It is conservative: nothing is ever taken back.
 * Units:  ns.
 * Error:  none: sums are integers, and the result is that of the trial in one part, to the bit.
 */
#ifndef ENGINE_SIM_PARTS_H
#define ENGINE_SIM_PARTS_H

#include "engine/model/fleet.h"

/* All parts make the same calls in the same order. */
struct rk_parts {
    uint32_t part, parts;
    void *context;
    /* out: the least of what all parts give. */
    uint64_t (*least)(void *context, uint64_t mine);
    /* out: *all, the values of all parts, part by part, and *counts, how many of each; both until the next call. */
    void (*exchange)(void *context, const uint64_t *mine, size_t count, const uint64_t **all, const size_t **counts);
    /* Part 0 takes what each of the others gives, one after the other. */
    void (*collect)(void *context, const void *mine, size_t bytes, void (*take)(void *into, const void *theirs),
                    void *into);
};

/* out: whether the trial can be spread: on tier timelines, without a trace, not on emulated devices, and where no
 * contribution is looked for among those of all devices (weak entropy), nor delays drawn once for them (lifetime mode). */
bool rk_trial_splits(const struct rk_trial *trial);

/* --- within engine/sim --- */

/* The devices of a fleet that are here. */
void rki_parts_range(const struct rk_fleet *fleet, uint32_t *first, uint32_t *end);

/* Ends a run of all parts. in: how it ended here. out: the same everywhere, with a line at part 0, whose sums become
 * those of the whole fleet. */
enum rk_err rki_parts_finish(struct rk_fleet *fleet, enum rk_err err, struct rk_diag *diag);

/* The window's requests in order, of all parts. */
struct rki_request {
    rk_ns at_ns;
    uint32_t part;
};
struct rki_window {
    struct rki_request *request;
    size_t count, capacity;
};

/* Exchanges the requests of a window. in: times of ours, ascending. out: window->request in the order in which they are
 * admitted: by time, then by part, which is by device. */
void rki_window_exchange(struct rki_window *window, const struct rk_parts *parts, const rk_ns *mine, size_t count);
void rki_window_fini(struct rki_window *window);

#endif
