/* engine/model/stretch.h - a run of messages between lifecycle events, at once
 *
 * Model:  between two events that change a key, a device only protects messages and the server only opens them. Such a
 *         stretch is taken along one device: samples are prefix sums of gaps, each message's fate is that of its
 *         attempts, and what it adds to ledger, delays and counters are integers, whose sum does not depend on order.
 *         Agents, node and sums are then what the events one by one would have made of them, to the bit.
 * Where:  modelled execution. No frame under way, receiver off, both agents' next steps plain (engine/lifecycle/bulk.h),
 *         and every message over, its delivery included, before anything else is due: the last one of a stretch, which
 *         might not be, goes the ordinary way.
 * Lanes:  the common class is one frame a message and a device that is free again before the next sample. Its attempts
 *         go through a kernel that takes several messages abreast; all kernels give the same bits. Other classes go
 *         message by message.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_STRETCH_H
#define ENGINE_MODEL_STRETCH_H

#include <stdbool.h>

#include "engine/core/units.h"
#include "engine/model/costs.h"
#include "engine/model/radio.h"

struct rk_fleet;
struct rk_node;

enum { RK_LANES_ATTEMPTS = 8, RK_LANES_SLOTS = 8 };

enum rk_kernel {
    RK_KERNEL_AUTO,
    RK_KERNEL_SCALAR,
    RK_KERNEL_SSE2,
    RK_KERNEL_AVX2,
    RK_KERNEL_AVX512,
    RK_KERNEL_NEON,
    RK_KERNEL_COUNT
};

/* "auto", "scalar", ... out: NULL for a number that is none. */
const char *rk_kernel_name(unsigned kernel);

/* out: whether this machine has it. */
bool rk_kernel_present(unsigned kernel);

/* What all stretches of a trial have in common. */
struct rk_stretch {
    bool possible;
    const struct rki_kernel *kernel; /* NULL: not of the common class */
    struct rk_cost price;            /* of protecting a message */
    rk_ns step_ns;
    uint16_t frame_bytes;
    rk_ns airtime_ns;
    rk_ns busy_ns; /* the longest that a message can occupy the device */
    /* Messages delivered by attempt and by backoff slots up to it; goes into the histogram of delays at the end. */
    uint64_t reached[RK_LANES_ATTEMPTS][RK_LANES_ATTEMPTS * RK_LANES_SLOTS];
    uint64_t arrived[RK_LANES_ATTEMPTS]; /* lifetime mode: by attempt alone */
};

/* What messages of the common class did, all together. */
struct rk_link_counts {
    uint64_t attempts, acknowledged, slots;
};

/* in: a fleet whose link, costs and meter are ready, and trial->kernel, which this machine has. */
void rk_stretch_init(struct rk_stretch *stretch, struct rk_fleet *fleet);

/* Takes the messages of a node whose earliest event is a message, as far as they are over before limit_ns, which is no
 * later than anything else that is due. out: the events taken, 0 when the next one has to go the ordinary way. */
uint64_t rk_stretch_run(struct rk_node *node, rk_ns limit_ns);

/* out: tx, rx, idle and duration of them all. */
struct rk_transmission rk_stretch_times(const struct rk_fleet *fleet, const struct rk_link_counts *counts);

/* Adds what the stretches gathered to the fleet's sums. */
void rk_stretch_close(struct rk_fleet *fleet);

#endif
