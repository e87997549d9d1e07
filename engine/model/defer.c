#include "engine/model/defer.h"

#include <stddef.h>

#include "engine/model/node_internal.h"

enum { LOOKS = 8, MILLION = 1000000 };
/* What node->losses comes to when no frame gets through. */
enum { LOSSES_ALL = UINT8_MAX * 256 };

bool rk_defer_any(const struct rk_defer_shape *shape)
{
    return shape->alarm_bounded || shape->charge_ppm != 0 || shape->loss_ppm != 0;
}

const char *rk_defer_refuses(const struct rk_defer_shape *shape)
{
    if (shape->charge_ppm > MILLION || shape->loss_ppm > MILLION) {
        return "a deferral at more than all of the battery or the frames";
    }
    bool looks = shape->charge_ppm != 0 || shape->loss_ppm != 0;
    return !looks || shape->most_ns >= LOOKS ? NULL : "a deferral for the battery or the link without a bound";
}

bool rk_defer_hears_losses(const struct rk_trial *trial)
{
    return trial->policy.own != NULL || trial->condition.defer.loss_ppm != 0;
}

static rk_ns later_ns(rk_ns a, rk_ns b)
{
    return a > b ? a : b;
}

static rk_ns earlier_ns(rk_ns a, rk_ns b)
{
    return a < b ? a : b;
}

static rk_ns alarm_until_ns(const struct rk_node *node, rk_ns since_ns, rk_ns now_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    const struct rk_defer_shape *shape = &fleet->trial->condition.defer;
    rk_ns end_ns = rk_traffic_alarm_end_ns(&fleet->traffic, &fleet->rng, node->index, now_ns);
    return shape->alarm_bounded ? earlier_ns(end_ns, rk_add_sat(since_ns, shape->alarm_ns)) : end_ns;
}

static bool battery_low(const struct rk_node *node, rk_ns now_ns)
{
    const uint32_t charge_ppm = node->fleet->trial->condition.defer.charge_ppm;
    return charge_ppm != 0 && MILLION - rki_drained_ppm(node, now_ns) < charge_ppm;
}

static bool link_bad(const struct rk_node *node)
{
    const uint32_t loss_ppm = node->fleet->trial->condition.defer.loss_ppm;
    return loss_ppm != 0 && (uint64_t)node->losses * MILLION / LOSSES_ALL > loss_ppm;
}

static rk_ns state_until_ns(const struct rk_node *node, rk_ns since_ns, rk_ns now_ns)
{
    const rk_ns most_ns = node->fleet->trial->condition.defer.most_ns;
    const rk_ns last_ns = rk_add_sat(since_ns, most_ns);
    if (now_ns >= last_ns || !(battery_low(node, now_ns) || link_bad(node))) {
        return now_ns;
    }
    return earlier_ns(now_ns + most_ns / LOOKS, last_ns);
}

rk_ns rk_defer_until_ns(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    const struct rk_condition_shape *shape = &trial->condition;
    const struct rk_key *key = node->renewing ? NULL : rk_agent_active(&node->device);
    if (key == NULL) {
        node->deferred_ns = RK_NEVER;
        return 0;
    }
    rk_ns since_ns = node->deferred_ns == RK_NEVER ? now_ns : node->deferred_ns;
    rk_ns activated_ns = rk_fault_true_ns(node, key->activated_ns);
    rk_ns end_ns = later_ns(now_ns, alarm_until_ns(node, since_ns, now_ns));
    bool held = node->device.key[0].state == RK_STATE_DEACTIVATED;
    if (!held) {
        end_ns = later_ns(end_ns, state_until_ns(node, since_ns, now_ns));
    }
    if (end_ns > now_ns) {
        node->deferred_ns = since_ns;
    }
    if (!held) {
        rk_ns guarded_ns = shape->guard_ns == 0 ? 0 : rk_add_sat(activated_ns, shape->guard_ns);
        end_ns = rk_condition_window_ns(shape, later_ns(guarded_ns, end_ns));
    }
    end_ns = earlier_ns(end_ns, rk_add_sat(activated_ns, trial->policy.cryptoperiod_ns));
    if (end_ns <= now_ns) {
        node->deferred_ns = RK_NEVER;
        return 0;
    }
    return end_ns;
}
