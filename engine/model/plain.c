#include "engine/model/plain.h"

#include <string.h>

#include "engine/lifecycle/bulk.h"
#include "engine/model/node_internal.h"

/* A refused assessment takes a turnaround and a backoff of the largest exponent at most. */
static rk_ns longest_attempt_ns(const struct rk_link *link)
{
    const struct rk_radio_profile *radio = link->radio;
    uint64_t exponent = radio->backoff_min_exponent > radio->backoff_max_exponent ? radio->backoff_min_exponent
                                                                                  : radio->backoff_max_exponent;
    rk_ns backoff_ns = (radio->backoff_unit_ns << exponent) + radio->turnaround_ns;
    return (RK_CSMA_BACKOFFS_MAX + 1) * backoff_ns + 2 * radio->turnaround_ns + link->ack_ns + radio->ack_wait_ns;
}

rk_ns rk_plain_longest_ns(const struct rk_fleet *fleet)
{
    const struct rk_stretch *stretch = &fleet->stretch;
    const struct rk_radio_profile *radio = fleet->trial->radio;
    const struct rk_fragments *plan = &fleet->link.fragments[stretch->frame_bytes];
    rk_ns airtime_ns = plan->first_ns > plan->last_ns ? plan->first_ns : plan->last_ns;
    airtime_ns = airtime_ns > plan->middle_ns ? airtime_ns : plan->middle_ns;
    rk_ns attempts = plan->count * (radio->frame_retries + 1);
    return stretch->step_ns + radio->startup_ns + attempts * (longest_attempt_ns(&fleet->link) + airtime_ns) +
           fleet->trial->network_delay_ns;
}

/* Neither agent is up to anything, and nothing is under way. */
static bool quiet(const struct rk_node *node)
{
    return node->fleet->stretch.possible && !node->listening && !node->air->sending && !node->peer_wants_entropy &&
           node->up.count == 0 && node->served.count == 0 && node->down.count == 0 &&
           node->due_ns[RK_NODE_TIMER] == node->device.wake_ns &&
           node->due_ns[RK_NODE_PEER_TIMER] == node->peer.wake_ns;
}

static bool plain(const struct rk_node *node, rk_ns over_ns)
{
    struct rk_bulk sends = rk_bulk_sends(&node->device);
    struct rk_bulk receives = rk_bulk_receives(&node->peer, &node->device);
    return sends.messages > 0 && receives.messages > 0 && over_ns < sends.before_ns && over_ns < receives.before_ns;
}

static void charge(struct rk_node *node)
{
    const struct rk_cost *price = &node->fleet->stretch.price;
    struct rk_ledger *ledger = &node->ledger;
    ledger->cycles[RK_PHASE_DATA] += price->cycles;
    ledger->cycles_low[RK_PHASE_DATA] += price->cycles_low;
    ledger->cycles_high[RK_PHASE_DATA] += price->cycles_high;
    ledger->radio_idle_ns[RK_PHASE_DATA] += node->fleet->trial->radio->startup_ns;
    ledger->cpu_idle_ns[RK_PHASE_DATA] += node->fleet->trial->radio->startup_ns;
}

/* The frame has no bytes, but its counter for them. */
static void launch(struct rk_node *node, uint32_t counter)
{
    struct rk_flight *flight = rk_flights_push(&node->up);
    flight->at_ns = RK_NEVER;
    flight->sampled_ns = node->sampled_ns;
    flight->kind = RK_FRAME_DATA;
    flight->bytes = 0;
    memcpy(flight->frame, &counter, sizeof counter);
}

static void air_start(struct rk_node *node)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_air *air = node->air;
    rk_sender_start(&air->sender, &air->gateway->channel, node->index, false, rk_sequence_data(node->message),
                    fleet->stretch.frame_bytes, node->free_ns);
    air->phase = RK_PHASE_DATA;
    air->sending = true;
    air->awaits_reply = false;
    air->listens_after = false;
    air->timer_ns = node->device.wake_ns;
    rki_set_due(node, RK_NODE_AIR, air->sender.next_ns);
}

bool rk_plain_send(struct rk_node *node, rk_ns now_ns, rk_ns next_ns, rk_ns longest_ns)
{
    struct rk_fleet *fleet = node->fleet;
    rk_ns over_ns = rk_add_sat(now_ns, longest_ns);
    if (over_ns >= next_ns || now_ns < node->free_ns || !quiet(node) || !plain(node, over_ns)) {
        return false;
    }
    launch(node, rk_agent_active(&node->device)->protected_messages);
    rk_bulk_sent(&node->device, 1, now_ns);
    charge(node);
    fleet->tally.messages++;
    fleet->tally.lifecycle_calls++;
    node->epoch.messages++;
    node->free_ns = now_ns + fleet->stretch.step_ns + fleet->trial->radio->startup_ns;
    air_start(node);
    node->message++;
    node->sampled_ns =
        rk_traffic_next_ns(&fleet->traffic, &node->gaps, &fleet->rng, node->index, node->message, node->sampled_ns);
    node->due_ns[RK_NODE_MESSAGE] = node->sampled_ns > node->free_ns ? node->sampled_ns : node->free_ns;
    return true;
}

bool rk_plain_receive(struct rk_node *node, rk_ns now_ns)
{
    if (node->up.slot[node->up.head].bytes > 0) {
        return false;
    }
    const struct rk_flight *flight = rk_flights_pop(&node->up);
    node->due_ns[RK_NODE_UP] = rk_flights_due_ns(&node->up);
    uint32_t counter;
    memcpy(&counter, flight->frame, sizeof counter);
    rk_bulk_received(&node->peer, counter, now_ns);
    node->fleet->tally.lifecycle_calls++;
    rk_histogram_add(&node->fleet->tally.delay_ns, now_ns - flight->sampled_ns, 1);
    return true;
}
