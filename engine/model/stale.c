#include "engine/model/stale.h"

#include "engine/model/node_internal.h"

static rk_ns earlier_ns(rk_ns one_ns, rk_ns other_ns)
{
    return one_ns < other_ns ? one_ns : other_ns;
}

/* By time alone. */
static rk_ns life_end_ns(const struct rk_node *node)
{
    const struct rk_policy *policy = &node->fleet->trial->policy;
    bool interval = policy->own == NULL && (policy->triggers & RK_TRIGGER_INTERVAL) != 0;
    rk_ns life_ns = interval ? earlier_ns(policy->interval_ns, policy->cryptoperiod_ns) : policy->cryptoperiod_ns;
    return rk_add_sat(node->epoch.activated_ns, life_ns);
}

void rk_stale_begin(struct rk_node *node, rk_ns now_ns)
{
    bool fallen_back = node->epoch.activated_ns < now_ns;
    node->stale = (struct rk_stale){.told_ns = RK_NEVER, .passed_ns = RK_NEVER, .from_ns = fallen_back ? now_ns : 0};
    rk_stale_passed(node, now_ns);
}

/* Has the policy a trigger that this is? */
static bool ends_life(const struct rk_node *node, const struct rk_event *event)
{
    const struct rk_policy *policy = &node->fleet->trial->policy;
    const struct rk_key *key = rk_agent_active(&node->device);
    if (policy->own != NULL || key == NULL) {
        return false;
    }
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0 && key->protected_messages >= policy->messages) {
        return true; /* after a restart, counters that were reserved count */
    }
    switch (event->kind) {
    case RK_EVENT_SESSION:
        return (policy->triggers & (event->data_bytes != 0 ? event->data[0] : RK_TRIGGER_SESSION)) != 0;
    case RK_EVENT_START:
        return (policy->triggers & RK_TRIGGER_REBOOT) != 0;
    default:
        return false;
    }
}

void rk_stale_told(struct rk_node *node, const struct rk_event *event, rk_ns now_ns)
{
    if (node->stale.told_ns == RK_NEVER && ends_life(node, event)) {
        node->stale.told_ns = now_ns;
    }
}

void rk_stale_passed(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_key *key = rk_agent_active(&node->peer);
    if (node->epoch_key != 0 && node->stale.passed_ns == RK_NEVER && key != NULL && key->id > node->epoch_key) {
        node->stale.passed_ns = now_ns;
    }
}

/* When the key became due. */
static rk_ns due_ns(const struct rk_node *node)
{
    return earlier_ns(life_end_ns(node), earlier_ns(node->stale.told_ns, node->stale.passed_ns));
}

void rk_stale_settle(struct rk_node *node, rk_ns until_ns)
{
    if (node->epoch_key == 0 || node->fault.down) {
        return;
    }
    rk_ns since_ns = due_ns(node);
    since_ns = since_ns > node->stale.from_ns ? since_ns : node->stale.from_ns;
    if (since_ns < until_ns) {
        node->fleet->tally.stale_ns += until_ns - since_ns;
    }
}

void rk_stale_windows(struct rk_node *node, rk_ns until_ns)
{
    const struct rk_condition_shape *shape = &node->fleet->trial->condition;
    struct rk_missed *missed = &node->fleet->tally.missed;
    rk_ns since_ns = due_ns(node);
    if (shape->window_every_ns == 0 || node->epoch_key == 0 || since_ns >= until_ns) {
        return;
    }
    rk_ns begin_ns = since_ns - since_ns % shape->window_every_ns + shape->window_at_ns;
    begin_ns += begin_ns < since_ns ? shape->window_every_ns : 0;
    rk_ns first_end_ns = begin_ns + shape->window_lasts_ns;
    if (first_end_ns <= until_ns) {
        missed->windows += 1 + (until_ns - first_end_ns) / shape->window_every_ns;
        missed->keys++;
        missed->healing_ns += until_ns - first_end_ns;
    }
}

void rk_stale_resume(struct rk_node *node, rk_ns now_ns)
{
    node->stale.from_ns = now_ns;
}
