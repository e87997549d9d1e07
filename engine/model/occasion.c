#include "engine/model/occasion.h"

#include "engine/model/node_internal.h"

static void look_up(struct rk_node *node, unsigned which, rk_ns after_ns)
{
    const struct rk_occasion_source *source = node->fleet->occasion[which];
    struct rk_occasions *occasions = &node->occasions;
    occasions->at_ns[which] = source == NULL ? RK_NEVER : source->next_ns(node, occasions->count[which], after_ns);
}

static unsigned first_of(const struct rk_occasions *occasions)
{
    unsigned first = 0;
    for (unsigned which = 1; which < RK_OCCASION_COUNT; which++) {
        first = occasions->at_ns[which] < occasions->at_ns[first] ? which : first;
    }
    return first;
}

void rk_occasions_start(struct rk_node *node, rk_ns now_ns)
{
    if (!node->fleet->occasions) {
        return;
    }
    for (unsigned which = 0; which < RK_OCCASION_COUNT; which++) {
        look_up(node, which, now_ns);
    }
    rki_set_due(node, RK_NODE_OCCASION, node->occasions.at_ns[first_of(&node->occasions)]);
}

void rk_occasions_again(struct rk_node *node, enum rk_occasion which, rk_ns at_ns)
{
    struct rk_occasions *occasions = &node->occasions;
    occasions->at_ns[which] = at_ns < occasions->at_ns[which] ? at_ns : occasions->at_ns[which];
    rki_set_due(node, RK_NODE_OCCASION, occasions->at_ns[first_of(occasions)]);
}

void rk_occasions_happen(struct rk_node *node, rk_ns now_ns)
{
    struct rk_occasions *occasions = &node->occasions;
    unsigned which = first_of(occasions);
    rk_ns at_ns = occasions->at_ns[which];
    node->fleet->occasion[which]->happen(node, occasions->count[which], now_ns);
    occasions->count[which]++;
    look_up(node, which, at_ns);
    rk_ns next_ns = occasions->at_ns[first_of(occasions)];
    rki_set_due(node, RK_NODE_OCCASION, next_ns > now_ns ? next_ns : now_ns);
}
