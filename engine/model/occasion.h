/* engine/model/occasion.h - what happens to a device from outside: faults, changes of its group, conditions of its policy,
 * forged frames
 *
 * Model:  each source is a schedule of the device's occasions 0, 1, 2, ... Their times are pure functions of trial, device
 *         and number, so that no device waits for another and every tier has the same; schedules of the whole fleet are
 *         drawn as device RK_OCCASION_FLEET. An occasion that comes while the device computes or sends waits until it is
 *         done, as other events of it do. Of several that are due, the first in the order below happens first.
 * Where:  a source is a file of its own; rk_fleet_init() sets it where the trial asks for it. Without one nothing is due
 *         and no trace changes.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_OCCASION_H
#define ENGINE_MODEL_OCCASION_H

#include <stdint.h>

#include "engine/core/units.h"

#define RK_OCCASION_FLEET UINT32_MAX

enum rk_occasion {
    RK_OCCASION_FAULT,
    RK_OCCASION_GROUP,
    RK_OCCASION_CONDITION,
    RK_OCCASION_FORGERY,
    RK_OCCASION_COUNT
};

struct rk_node;

struct rk_occasion_source {
    /* out: when occasion n is; RK_NEVER: there is none. in: after_ns: that of n - 1, or the device's start. */
    rk_ns (*next_ns)(const struct rk_node *node, uint32_t n, rk_ns after_ns);
    /* It happens, at now_ns or when the device was free. */
    void (*happen)(struct rk_node *node, uint32_t n, rk_ns now_ns);
};

struct rk_occasions { /* of a device */
    rk_ns at_ns[RK_OCCASION_COUNT];
    uint32_t count[RK_OCCASION_COUNT];
};

/* The device begins: its first occasions are looked up. */
void rk_occasions_start(struct rk_node *node, rk_ns now_ns);

/* There is an occasion of that kind at at_ns, should none be before. */
void rk_occasions_again(struct rk_node *node, enum rk_occasion which, rk_ns at_ns);

/* The first that is due happens. */
void rk_occasions_happen(struct rk_node *node, rk_ns now_ns);

#endif
