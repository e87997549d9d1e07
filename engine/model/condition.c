#include "engine/model/condition.h"

#include "engine/model/node_internal.h"

/* 10^6 years of 365.25 days. */
#define MILLION_YEARS_ms 31557600000000000ull

static uint64_t rate_of(const struct rk_condition_shape *shape)
{
    return shape->firmware_per_1e6y + shape->owner_per_1e6y + shape->suspicion_per_1e6y;
}

static rk_ns next_ns(const struct rk_node *node, uint32_t n, rk_ns after_ns)
{
    uint64_t draw = rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_CONDITION, 2ull * n);
    uint64_t gap_ms = rk_rng_exponential(draw, MILLION_YEARS_ms / rate_of(&node->fleet->trial->condition));
    return gap_ms > UINT64_MAX / RK_MS ? RK_NEVER : rk_add_sat(after_ns, gap_ms * RK_MS);
}

static void happen(struct rk_node *node, uint32_t n, rk_ns now_ns)
{
    const struct rk_condition_shape *shape = &node->fleet->trial->condition;
    uint64_t draw = rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_CONDITION, 2ull * n + 1);
    uint64_t which = rk_rng_below(draw, rate_of(shape));
    uint8_t occasion = which < shape->firmware_per_1e6y                           ? RK_TRIGGER_FIRMWARE
                       : which < shape->firmware_per_1e6y + shape->owner_per_1e6y ? RK_TRIGGER_OWNER
                                                                                  : RK_TRIGGER_SUSPICION;
    rki_device_react(node, RK_EVENT_SESSION, now_ns, &occasion, sizeof occasion);
}

bool rk_condition_any(const struct rk_condition_shape *shape)
{
    return rate_of(shape) != 0 || shape->window_every_ns != 0 || shape->guard_ns != 0 || rk_defer_any(&shape->defer);
}

const char *rk_condition_refuses(const struct rk_trial *trial)
{
    const struct rk_condition_shape *shape = &trial->condition;
    if (rk_condition_any(shape) && trial->lifetime) {
        return "conditions of a policy in lifetime mode, expected the exact mode";
    }
    bool window =
        shape->window_every_ns == 0 || (shape->window_lasts_ns > 0 && shape->window_at_ns < shape->window_every_ns &&
                                        shape->window_lasts_ns <= shape->window_every_ns - shape->window_at_ns);
    return window ? rk_defer_refuses(&shape->defer)
                  : "expected a maintenance window that lasts, within the time of which each has one";
}

void rk_condition_init(struct rk_fleet *fleet)
{
    static const struct rk_occasion_source source = {.next_ns = next_ns, .happen = happen};
    if (rate_of(&fleet->trial->condition) != 0) {
        fleet->occasion[RK_OCCASION_CONDITION] = &source;
    }
}

rk_ns rk_condition_window_ns(const struct rk_condition_shape *shape, rk_ns now_ns)
{
    if (shape->window_every_ns == 0) {
        return now_ns;
    }
    rk_ns begin_ns = now_ns - now_ns % shape->window_every_ns;
    rk_ns from_ns = rk_add_sat(begin_ns, shape->window_at_ns);
    if (now_ns < from_ns) {
        return from_ns;
    }
    return now_ns < rk_add_sat(from_ns, shape->window_lasts_ns) ? now_ns : rk_add_sat(from_ns, shape->window_every_ns);
}
