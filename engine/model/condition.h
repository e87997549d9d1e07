/* engine/model/condition.h - what happens around a device that its policy looks at, and when renewals have to wait
 *
 * Model:  updates of firmware, changes of owner and suspicions come to each device as one Poisson process of their rates'
 *         sum; the agent hears of each as an occasion (RK_EVENT_SESSION with a byte), and its policy says whether that
 *         renews. A renewal that is wanted waits for a maintenance window, the same hours for all devices, until the
 *         active key has had a guard time, and for what engine/model/defer.h has. Occasions do not wait: what happened is
 *         answered at once.
 * Units:  ns, events a million device-years.
 * Draws:  occasion n: RK_RNG_CONDITION 2n: gap, 2n + 1: kind.
 * Source: guard time: Thread 1.3, 7.1.3 (thrKeySwitchGuardTime). Windows: NIST SP 800-82 r3, 6.2.
 */
#ifndef ENGINE_MODEL_CONDITION_H
#define ENGINE_MODEL_CONDITION_H

#include <stdbool.h>

#include "engine/core/units.h"
#include "engine/model/defer.h"

/* Of a trial. All zero: nothing happens, nothing waits. */
struct rk_condition_shape {
    uint64_t firmware_per_1e6y, owner_per_1e6y, suspicion_per_1e6y;
    rk_ns window_every_ns, window_at_ns, window_lasts_ns; /* every 0: no window */
    rk_ns guard_ns;
    struct rk_defer_shape defer;
};

struct rk_trial;
struct rk_fleet;
struct rk_node;

/* out: whether anything is set. */
bool rk_condition_any(const struct rk_condition_shape *shape);

/* out: what is wrong with the trial's conditions, NULL if nothing. */
const char *rk_condition_refuses(const struct rk_trial *trial);

void rk_condition_init(struct rk_fleet *fleet);

/* out: the first time from now_ns on that lies in a window; now_ns without windows. */
rk_ns rk_condition_window_ns(const struct rk_condition_shape *shape, rk_ns now_ns);

#endif
