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
           rk_fault_calm(&node->fault) && node->due_ns[RK_NODE_TIMER] == node->device.wake_ns &&
           node->due_ns[RK_NODE_PEER_TIMER] == node->peer.wake_ns;
}

/* Draws that do not wait for each other take little longer than one. */
static struct rk_attempt first_attempt(struct rk_plain *plain)
{
    struct rk_first_attempts *first = &plain->first;
    if (!first->drawn || first->block != plain->message / RK_PLAIN_DRAWN) {
        const struct rk_fleet *fleet = plain->node->fleet;
        first->block = plain->message / RK_PLAIN_DRAWN;
        first->drawn = true;
        for (unsigned i = 0; i < RK_PLAIN_DRAWN; i++) {
            uint64_t sequence = rk_sequence_data(first->block * RK_PLAIN_DRAWN + i);
            struct rk_rng_words words =
                rk_rng_block(&fleet->rng, plain->node->index, RK_RNG_LOSS, rk_attempt_block(sequence, 0, 0));
            first->attempt[i] = rk_attempt_of(&fleet->link, &words);
        }
    }
    return first->attempt[plain->message % RK_PLAIN_DRAWN];
}

/* Begins the next message. in: there is one to begin. */
static void begin(struct rk_plain *plain)
{
    struct rk_node *node = plain->node;
    const struct rk_fleet *fleet = node->fleet;
    plain->left--;
    plain->sent++;
    plain->counter++;
    plain->sent_ns = plain->message_ns;
    plain->free_ns = plain->message_ns + fleet->stretch.step_ns + fleet->trial->radio->startup_ns;
    rk_sender_start_drawn(plain->sender, &node->air->gateway->channel, node->index, rk_sequence_data(plain->message),
                          fleet->stretch.frame_bytes, first_attempt(plain), plain->free_ns);
    plain->message++;
    plain->sampled_ns = plain->next_sampled_ns;
    plain->next_sampled_ns =
        rk_traffic_next_ns(&fleet->traffic, &plain->gaps, &fleet->rng, node->index, plain->message, plain->sampled_ns);
    plain->message_ns = plain->next_sampled_ns > plain->free_ns ? plain->next_sampled_ns : plain->free_ns;
}

/* May the next message begin when it is due? */
static bool goes_on(const struct rk_plain *plain)
{
    return plain->left > 0 && plain->message_ns < plain->before_ns && plain->message_ns >= plain->free_ns;
}

/* The next message is not due before the sender's next step: else it has to wait, which is an event. */
static bool is_apart(const struct rk_plain *plain)
{
    return plain->message_ns > plain->sender->next_ns;
}

bool rk_plain_open(struct rk_plain *plain, struct rk_node *node, rk_ns rest_ns, rk_ns longest_ns, uint64_t *events)
{
    rk_ns message_ns = node->due_ns[RK_NODE_MESSAGE];
    if (rk_add_sat(message_ns, longest_ns) >= rest_ns || message_ns < node->free_ns || !quiet(node)) {
        return false;
    }
    struct rk_bulk sends = rk_bulk_sends(&node->device);
    struct rk_bulk receives = rk_bulk_receives(&node->peer, &node->device);
    rk_ns before_ns = sends.before_ns < receives.before_ns ? sends.before_ns : receives.before_ns;
    before_ns = before_ns < rest_ns ? before_ns : rest_ns;
    before_ns = before_ns > longest_ns ? before_ns - longest_ns : 0;
    rk_ns horizon_ns = node->fleet->trial->horizon_ns;
    *plain = (struct rk_plain){
        .node = node,
        .sender = &node->air->sender,
        .message_ns = message_ns,
        .before_ns = before_ns < horizon_ns ? before_ns : horizon_ns,
        .next_sampled_ns = node->sampled_ns,
        .free_ns = node->free_ns,
        .message = node->message,
        .left = sends.messages < receives.messages ? sends.messages : receives.messages,
        .gaps = node->gaps,
        .first = plain->first,
    };
    if (!goes_on(plain)) {
        plain->node = NULL;
        return false;
    }
    plain->counter = rk_agent_active(&node->device)->protected_messages - 1;
    begin(plain);
    ++*events;
    if (!is_apart(plain)) {
        rk_plain_close(plain);
        return false;
    }
    return true;
}

static void deliver(struct rk_plain *plain, rk_ns now_ns, uint64_t *events)
{
    struct rk_fleet *fleet = plain->node->fleet;
    if (now_ns < fleet->trial->horizon_ns) {
        plain->received++;
        plain->received_counter = plain->counter;
        plain->received_ns = now_ns;
        rk_histogram_add(&fleet->tally.delay_ns, now_ns - plain->sampled_ns, 1);
        ++*events;
    }
}

bool rk_plain_step(struct rk_plain *plain, rk_ns now_ns, rk_ns before_ns, uint64_t *events)
{
    struct rk_sender *sender = plain->sender;
    struct rk_channel *channel = &plain->node->air->gateway->channel;
    rk_ns reached_ns = now_ns;
    unsigned steps;
    before_ns = before_ns < plain->message_ns ? before_ns : plain->message_ns;
    unsigned news = rk_sender_alone(sender, channel, before_ns, &steps, &reached_ns);
    if (steps == 0) {
        news = rk_sender_step(sender, channel, true, now_ns);
        steps = 1;
    }
    *events += steps;
    if (news & RK_AIR_REACHED) {
        deliver(plain, reached_ns + plain->node->fleet->trial->network_delay_ns, events);
    }
    if (news & RK_AIR_OVER) {
        plain->tx_ns += sender->tx_ns;
        plain->rx_ns += sender->rx_ns;
        plain->idle_ns += sender->idle_ns;
        plain->lost += !sender->delivered;
        plain->free_ns = sender->next_ns;
        sender->next_ns = RK_NEVER;
        if (goes_on(plain)) {
            begin(plain);
            ++*events;
        }
    }
    if (!is_apart(plain)) {
        rk_plain_close(plain);
        return false;
    }
    return true;
}

static void settle(const struct rk_plain *plain)
{
    struct rk_node *node = plain->node;
    struct rk_fleet *fleet = node->fleet;
    const struct rk_cost *price = &fleet->stretch.price;
    struct rk_ledger *ledger = &node->ledger;
    rk_ns started_ns = plain->sent * fleet->trial->radio->startup_ns;
    ledger->cycles[RK_PHASE_DATA] += plain->sent * price->cycles;
    ledger->cycles_low[RK_PHASE_DATA] += plain->sent * price->cycles_low;
    ledger->cycles_high[RK_PHASE_DATA] += plain->sent * price->cycles_high;
    ledger->engine_ns[RK_PHASE_DATA] += plain->sent * price->engine_ns;
    ledger->radio_tx_ns[RK_PHASE_DATA] += plain->tx_ns;
    ledger->radio_rx_ns[RK_PHASE_DATA] += plain->rx_ns;
    ledger->radio_idle_ns[RK_PHASE_DATA] += plain->idle_ns + started_ns;
    ledger->cpu_idle_ns[RK_PHASE_DATA] += plain->tx_ns + plain->rx_ns + plain->idle_ns + started_ns;
    fleet->tally.messages += plain->sent;
    fleet->tally.messages_lost += plain->lost;
    fleet->tally.lifecycle_calls += plain->sent + plain->received;
    node->epoch.messages += plain->sent;
    rk_bulk_sent(&node->device, plain->sent, plain->sent_ns);
    if (plain->received > 0) {
        rk_bulk_received(&node->peer, plain->received_counter, plain->received_ns);
    }
}

/* A frame that is on its way has no bytes, but its counter for them. */
static void launch(const struct rk_plain *plain)
{
    struct rk_flight *flight = rk_flights_push(&plain->node->up);
    flight->at_ns = RK_NEVER;
    flight->sampled_ns = plain->sampled_ns;
    flight->kind = RK_FRAME_DATA;
    flight->bytes = 0;
    memcpy(flight->frame, &plain->counter, sizeof plain->counter);
}

void rk_plain_close(struct rk_plain *plain)
{
    struct rk_node *node = plain->node;
    struct rk_air *air = node->air;
    settle(plain);
    node->message = plain->message;
    node->sampled_ns = plain->next_sampled_ns;
    node->gaps = plain->gaps;
    node->free_ns = plain->free_ns;
    node->due_ns[RK_NODE_MESSAGE] = plain->message_ns;
    node->due_ns[RK_NODE_AIR] = plain->sender->next_ns;
    if (plain->sender->next_ns != RK_NEVER) {
        air->phase = RK_PHASE_DATA;
        air->sending = true;
        air->awaits_reply = false;
        air->listens_after = false;
        air->timer_ns = node->device.wake_ns;
        if (!plain->sender->delivered) {
            launch(plain);
        }
    }
    plain->node = NULL;
}

bool rk_plain_receive(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_flight *first = &node->up.slot[node->up.head];
    if (first->kind != RK_FRAME_DATA || first->bytes > 0) {
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
