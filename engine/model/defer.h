/* engine/model/defer.h - until when a renewal that is due waits, before the agent is asked to begin it
 *
 * Model:  a renewal by time, messages or session waits for an alarm to be over (engine/model/traffic.h), for at most
 *         `alarm_ns` where that is bounded; while the battery has less than `charge_ppm` of what it can give, or more
 *         than `loss_ppm` of the device's frames got lost of late, for at most `most_ns`, looking again after each
 *         eighth of it; then for guard time and maintenance window (engine/model/condition.h). It waits once: both
 *         bounds count from when it was first put off, so that a window that comes later is not missed for the link.
 *         None waits for longer than the active key may be used. A renewal under way goes on, what happens to the
 *         device (reboot, new owner, ...) is answered at once, the old key's end waits for alarms alone, and a device
 *         without a key asks for one whatever its state.
 * Losses: of each datagram of the device the part of its frames that was in vain, all where it was lost; the mean falls
 *         off by an eighth with each datagram. Charge: at the mean of every coefficient.
 * Units:  ns, parts per million.
 * Source: that renewing weighs cost and need: NIST SP 800-57 Part 1 r5, 5.3.5. The rules are this project's.
 */
#ifndef ENGINE_MODEL_DEFER_H
#define ENGINE_MODEL_DEFER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/core/units.h"

/* Of a trial, among its conditions. All zero: for an alarm as long as it lasts, and for nothing else. */
struct rk_defer_shape {
    rk_ns alarm_ns, most_ns;
    uint32_t charge_ppm, loss_ppm; /* 0: not looked at */
    bool alarm_bounded;
};

struct rk_trial;
struct rk_node;

/* out: whether any member is set. */
bool rk_defer_any(const struct rk_defer_shape *shape);

/* out: what is wrong with it, NULL if nothing. */
const char *rk_defer_refuses(const struct rk_defer_shape *shape);

/* out: whether the device has to know which of its frames get lost: then its messages are sent one by one. */
bool rk_defer_hears_losses(const struct rk_trial *trial);

/* out: until when the device puts off what it would begin now, or 0: it does not. */
rk_ns rk_defer_until_ns(struct rk_node *node, rk_ns now_ns);

#endif
