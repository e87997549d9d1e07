#include <string.h>

#include "engine/model/node_internal.h"
#include "engine/model/twin.h"

/* Of R1, by engine/lifecycle/DESIGN.md. */
enum { R1_FLAGS_AT = 5, R1_FROM_MASTER = 0x40 };

/* --- the receiver while it waits for an answer --- */

void rki_listen_stop(struct rk_node *node, rk_ns now_ns)
{
    if (node->listening && now_ns > node->listening_since_ns) {
        struct rk_effort spent = rk_link_wait(&node->fleet->link, now_ns - node->listening_since_ns);
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &spent);
    }
    node->listening = false;
}

void rki_listen_start(struct rk_node *node, rk_ns since_ns)
{
    if (rki_sends(node)) {
        node->air->listens_after = true;
        return;
    }
    node->listening = true;
    node->listening_since_ns = since_ns;
}

/* --- what a step of the device means --- */

/* Is the next key made from the old one? */
static bool chained(const struct rk_node *node)
{
    char association = rk_mechanism_class(node->fleet->trial->policy.mechanism)[1];
    return association == '3' || association == '4';
}

/* Can whoever has the old key, and recorded what was sent, compute the new one? */
static bool follows(const struct rk_node *node)
{
    const struct rk_fleet *fleet = node->fleet;
    if (!chained(node) || node->from_master) {
        return false;
    }
    bool nonces = rk_mechanism_class(fleet->trial->policy.mechanism)[1] == '3';
    uint64_t draw = rk_rng_draw(&fleet->rng, node->index, RK_RNG_MISSED, node->renewal);
    return !(nonces && rk_rng_chance_ppm(draw, fleet->trial->missed_ppm));
}

static void leaks_end(struct rk_node *node)
{
    rk_adversary_forget(&node->adversary);
    rki_set_due(node, RK_NODE_DETECT, RK_NEVER);
}

static void epoch_begin(struct rk_node *node, const struct rk_key *key)
{
    node->epoch_key = key->id;
    node->epoch.activated_ns = key->activated_ns;
    node->epoch.messages = 0;
    node->fleet->tally.keys++;
}

static void add_records(struct rk_node *node, uint8_t role, const struct rk_actions *actions)
{
    const struct rk_trial *trial = node->fleet->trial;
    bool print = trial->trace != NULL && (trial->trace_device < 0 || trial->trace_device == (int64_t)node->index);
    for (unsigned i = 0; i < actions->record_count; i++) {
        rk_trace_add(&node->trace, role, &actions->record[i]);
        if (print) {
            rk_trace_print(trial->trace, node->index, role, &actions->record[i]);
        }
    }
}

/* Follows which key protects; it only ever changes with a record. */
static void follow_key(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_key *active = rk_agent_active(&node->device);
    uint32_t id = active == NULL ? 0 : active->id;
    if (id != node->epoch_key) {
        if (node->epoch_key != 0) {
            rk_adversary_settle(&node->adversary, &node->epoch, now_ns);
            node->epoch_key = 0;
        }
        if (active == NULL ? !chained(node) : !follows(node)) {
            leaks_end(node);
        }
        if (active != NULL) {
            epoch_begin(node, active);
        }
    }
    if (active == NULL && node->keyless_since_ns == RK_NEVER) {
        node->keyless_since_ns = now_ns;
    } else if (active != NULL && node->keyless_since_ns != RK_NEVER) {
        node->fleet->tally.no_key_ns += node->free_ns - node->keyless_since_ns;
        node->keyless_since_ns = RK_NEVER;
    }
}

static void follow_renewal(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_actions *actions = &node->fleet->actions;
    struct rk_tally *tally = &node->fleet->tally;
    if (actions->renewal_finished && node->renewing) {
        node->renewing = false;
        if (node->ever_keyed) {
            tally->renewals++;
            rk_histogram_add(&tally->rekey_ns, node->free_ns - node->decided_ns, 1);
        }
        node->ever_keyed = true;
    }
    if (actions->renewal_failed) {
        node->renewing = false;
        tally->renewals_failed++;
        rki_listen_stop(node, now_ns);
    }
    if (actions->renewal_started) {
        node->renewing = true;
        node->renewal++;
        node->attempt = 0;
        node->decided_ns = now_ns;
    }
}

/* The agent's timer; the end of a wait for an answer is counted from the end of the frame that asks. */
static void arm_timer(struct rk_node *node, rk_ns at_ns)
{
    if (at_ns != RK_NEVER) {
        if (node->device.exchange.stage != 0 && at_ns == node->device.exchange.retry_at_ns) {
            at_ns = rk_add_sat(at_ns, node->reply_shift_ns);
        }
        at_ns = at_ns > node->free_ns ? at_ns : node->free_ns;
    }
    rki_set_due(node, RK_NODE_TIMER, at_ns);
}

static void charge_radio(struct rk_ledger *ledger, enum rk_phase phase, const struct rk_transmission *sent,
                         rk_ns startup_ns)
{
    const struct rk_effort effort = {.tx_ns = sent->tx_ns,
                                     .rx_ns = sent->rx_ns,
                                     .idle_ns = sent->idle_ns + startup_ns,
                                     .awake_ns = sent->awake_ns + startup_ns};
    rki_charge_effort(ledger, phase, &effort);
}

/* --- sending --- */

static uint64_t sequence_up(const struct rk_node *node)
{
    uint8_t kind = node->fleet->actions.frame_kind;
    return kind == RK_FRAME_DATA ? rk_sequence_data(node->message)
                                 : rk_sequence_key(node->renewal, node->attempt, kind);
}

/* The frame of the last step is on its way to the server. out: to be given its arrival. */
static struct rk_flight *launch(struct rk_node *node)
{
    const struct rk_actions *actions = &node->fleet->actions;
    struct rk_flight *flight = rk_flights_push(&node->up);
    rk_flight_fill(flight, actions);
    flight->sampled_ns = node->sampled_ns;
    flight->number = actions->frame_kind == RK_FRAME_DATA ? node->message : node->renewal;
    flight->attempt = node->attempt;
    return flight;
}

/* On a shared channel others decide what becomes of the frame, and when the device is free again: not before on_air_ns. */
static void air_start(struct rk_node *node, rk_ns now_ns, rk_ns on_air_ns, bool listens_after)
{
    const struct rk_actions *actions = &node->fleet->actions;
    struct rk_air *air = node->air;
    rk_sender_start(&air->sender, &air->gateway->channel, node->index, false, sequence_up(node), actions->frame_bytes,
                    on_air_ns);
    air->phase = actions->frame_kind == RK_FRAME_DATA ? RK_PHASE_DATA : RK_PHASE_KEYS;
    air->sending = true;
    air->awaits_reply = actions->awaits_reply;
    air->listens_after = listens_after;
    air->decided_ns = now_ns;
    node->free_ns = on_air_ns;
    launch(node)->at_ns = RK_NEVER; /* it waits in the queue, behind those before it */
    rki_set_due(node, RK_NODE_AIR, air->sender.next_ns);
}

void rki_air_settle(struct rk_node *node)
{
    if (!rki_sends(node)) {
        return;
    }
    struct rk_sender *sender = &node->air->sender;
    const struct rk_transmission sent = {.awake_ns = sender->tx_ns + sender->rx_ns + sender->idle_ns,
                                         .tx_ns = sender->tx_ns,
                                         .rx_ns = sender->rx_ns,
                                         .idle_ns = sender->idle_ns};
    charge_radio(&node->ledger, (enum rk_phase)node->air->phase, &sent, 0);
}

/* What waited can go on at free_ns. */
static void wake(struct rk_node *node)
{
    for (uint32_t waiting = node->air->waiting; waiting != 0; waiting &= waiting - 1) {
        enum rk_node_event kind = (enum rk_node_event)__builtin_ctz(waiting);
        if (node->due_ns[kind] > node->free_ns) {
            rki_set_due(node, kind, node->free_ns);
        }
    }
    node->air->waiting = 0;
}

static struct rk_flight *last_up(const struct rk_node *node)
{
    return &node->up.slot[(node->up.head + node->up.count - 1) & (node->up.capacity - 1)];
}

static void air_over(struct rk_node *node)
{
    struct rk_air *air = node->air;
    rki_air_settle(node);
    if (!air->sender.delivered) {
        node->fleet->tally.messages_lost += last_up(node)->kind == RK_FRAME_DATA;
        node->up.count--;
    }
    air->sending = false;
    node->free_ns = air->sender.next_ns;
    if (air->awaits_reply) {
        node->reply_shift_ns = node->free_ns - air->decided_ns;
    }
    if (air->awaits_reply || air->listens_after) {
        rki_listen_start(node, node->free_ns);
    }
    wake(node);
    arm_timer(node, air->timer_ns);
}

void rki_air_step(struct rk_node *node, rk_ns now_ns)
{
    struct rk_sender *sender = &node->air->sender;
    unsigned news = rk_sender_step(sender, &node->air->gateway->channel, true, now_ns);
    if (news & RK_AIR_REACHED) {
        last_up(node)->at_ns = now_ns + node->fleet->trial->network_delay_ns;
        rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
    }
    if (news & RK_AIR_OVER) {
        air_over(node);
    } else {
        rki_set_due(node, RK_NODE_AIR, sender->next_ns);
    }
}

bool rki_send_up(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_actions *actions = &fleet->actions;
    bool data = actions->frame_kind == RK_FRAME_DATA;
    bool was_listening = node->listening;
    if (actions->frame_kind == RK_FRAME_R1) {
        node->attempt++;
        node->from_master = (actions->frame[R1_FLAGS_AT] & R1_FROM_MASTER) != 0;
    }
    rk_ns startup_ns = was_listening ? 0 : fleet->trial->radio->startup_ns;
    rk_ns on_air_ns = node->free_ns + startup_ns;
    rki_listen_stop(node, node->free_ns);

    struct rk_transmission sent = {.duration_ns = 0};
    if (node->air != NULL) {
        charge_radio(&node->ledger, data ? RK_PHASE_DATA : RK_PHASE_KEYS, &sent, startup_ns);
        air_start(node, now_ns, on_air_ns, was_listening && data);
        return true;
    }
    const struct rk_datagram datagram = {
        .at_ns = on_air_ns, .sequence = sequence_up(node), .device = node->index, .bytes = actions->frame_bytes};
    rk_link_send(&fleet->link, &fleet->rng, &node->link, &datagram, &sent);
    charge_radio(&node->ledger, data ? RK_PHASE_DATA : RK_PHASE_KEYS, &sent, startup_ns);
    node->free_ns = on_air_ns + sent.duration_ns;
    if (actions->awaits_reply) {
        node->reply_shift_ns = node->free_ns - now_ns;
    }
    if (actions->awaits_reply || (was_listening && data)) {
        rki_listen_start(node, node->free_ns);
    }
    if (sent.delivered) {
        launch(node)->at_ns = on_air_ns + sent.delivered_ns + fleet->trial->network_delay_ns;
        rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
    }
    return sent.delivered;
}

static void charge_step(struct rk_node *node, enum rk_phase phase, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_device_profile *profile = fleet->trial->device;
    const struct rk_usage *usage = &fleet->meter.usage;
    rk_ns nvm_ns = rk_cells_busy_ns(usage, profile);
    if (usage->cycles != fleet->last_cycles) {
        fleet->last_cycles = usage->cycles;
        fleet->last_cycles_ns = rk_cycles_ns(usage->cycles, profile->clock_Hz);
    }
    node->ledger.nvm_ns += nvm_ns;
    node->ledger.engine_ns[phase] += usage->engine_ns;
    node->nvm_bytes += usage->nvm_bytes;
    node->free_ns = now_ns + fleet->last_cycles_ns + nvm_ns;
    if (node->twin != NULL && rk_twin_usage(node->twin) != NULL) {
        usage = rk_twin_usage(node->twin);
    }
    node->ledger.cycles[phase] += usage->cycles;
    node->ledger.cycles_low[phase] += usage->cycles_low;
    node->ledger.cycles_high[phase] += usage->cycles_high;
}

void rki_arm_timer(struct rk_node *node)
{
    if (rki_sends(node)) {
        node->air->timer_ns = node->fleet->actions.timer_ns;
        rki_set_due(node, RK_NODE_TIMER, RK_NEVER);
        return;
    }
    arm_timer(node, node->fleet->actions.timer_ns);
}

/* One event into the device's agent, and all that follows but the sending of its frame. */
void rki_device_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_actions *actions = &fleet->actions;
    const struct rk_event event = {
        .now_ns = now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    fleet->meter.usage = (struct rk_usage){.cycles = 0};
    rk_agent_step(&node->device, &event, actions);
    fleet->tally.lifecycle_calls++;
    if (node->twin != NULL && fleet->error == RK_OK) {
        fleet->error = rk_twin_step(node->twin, &event, actions, &fleet->meter.usage, &fleet->diag);
    }
    charge_step(node, kind == RK_EVENT_SEND ? RK_PHASE_DATA : RK_PHASE_KEYS, now_ns);
    if (actions->wants_entropy && kind != RK_EVENT_RESEED) { /* samples that were refused: with the next step */
        rki_set_due(node, RK_NODE_RESEED, node->free_ns);
    }
    if (actions->record_count > 0) {
        add_records(node, RK_ROLE_DEVICE, actions);
        follow_key(node, now_ns);
    }
    if (actions->renewal_started | actions->renewal_finished | actions->renewal_failed) {
        follow_renewal(node, now_ns);
    }
}

void rki_device_react(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    rki_device_step(node, kind, now_ns, data, bytes);
    if (node->fleet->actions.frame_bytes > 0) {
        rki_send_up(node, now_ns);
    }
    rki_arm_timer(node);
}

/* --- the server's side --- */

/* The server's answer: through the network, then over the gateway's radio. */
static void send_down(struct rk_node *node, rk_ns now_ns, uint64_t renewal, uint8_t attempt)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_actions *actions = &fleet->peer_actions;
    rk_ns at_gateway_ns = now_ns + fleet->trial->network_delay_ns;
    if (node->air != NULL) {
        struct rk_flight flight = {.at_ns = at_gateway_ns, .number = renewal, .attempt = attempt};
        rk_flight_fill(&flight, actions);
        rk_gateway_send(node->air->gateway, node, &flight);
        return;
    }
    rk_ns on_air_ns = at_gateway_ns > node->gateway_free_ns ? at_gateway_ns : node->gateway_free_ns;
    struct rk_transmission sent;
    const struct rk_datagram datagram = {.at_ns = on_air_ns,
                                         .sequence = rk_sequence_key(renewal, attempt, actions->frame_kind),
                                         .device = node->index,
                                         .bytes = actions->frame_bytes,
                                         .down = true};
    rk_link_send(&fleet->link, &fleet->rng, &node->link, &datagram, &sent);
    rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &sent.heard);
    node->gateway_free_ns = on_air_ns + sent.duration_ns;
    if (sent.delivered) {
        struct rk_flight *flight = rk_flights_push(&node->down);
        rk_flight_fill(flight, actions);
        flight->at_ns = on_air_ns + sent.delivered_ns;
        flight->acks = sent.acks;
        rki_set_due(node, RK_NODE_DOWN, rk_flights_due_ns(&node->down));
    }
}

/* The server's source is always at hand. */
static void peer_reseed(struct rk_node *node, rk_ns now_ns)
{
    struct rk_actions *actions = &node->fleet->peer_actions;
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_reseed(node, RK_ROLE_SERVER, entropy);
    const struct rk_event event = {now_ns, entropy, sizeof entropy, RK_EVENT_RESEED,
                                   rk_access_subject(RK_EVENT_RESEED)};
    rk_agent_step(&node->peer, &event, actions);
    node->fleet->tally.lifecycle_calls++;
    node->peer_wants_entropy = actions->wants_entropy;
}

void rki_peer_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    struct rk_actions *actions = &node->fleet->peer_actions;
    if (node->peer_wants_entropy) {
        peer_reseed(node, now_ns);
    }
    const struct rk_event event = {
        .now_ns = now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(&node->peer, &event, actions);
    node->fleet->tally.lifecycle_calls++;
    node->peer_wants_entropy = actions->wants_entropy;
    if (actions->record_count > 0) {
        add_records(node, RK_ROLE_SERVER, actions);
    }
    rk_ns at_ns = actions->timer_ns;
    rki_set_due(node, RK_NODE_PEER_TIMER, at_ns > now_ns || at_ns == RK_NEVER ? at_ns : now_ns + 1);
}

void rki_peer_receive(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    rki_peer_step(node, RK_EVENT_RECEIVE, now_ns, flight->frame, flight->bytes);
    if (flight->kind == RK_FRAME_DATA) {
        if (!fleet->peer_actions.delivered) {
            fleet->tally.messages_rejected++;
            return;
        }
        uint64_t number = flight->number;
        uint16_t bytes = rk_traffic_bytes(&fleet->traffic, number, fleet->trial->message_bytes);
        uint16_t compared = bytes < sizeof number ? bytes : sizeof number;
        RK_REQUIRE(memcmp(fleet->peer_actions.text, &number, compared) == 0);
        rk_histogram_add(&fleet->tally.delay_ns, now_ns - flight->sampled_ns, 1);
    }
    if (fleet->peer_actions.frame_bytes > 0) {
        send_down(node, now_ns, flight->number, flight->attempt);
    }
}
