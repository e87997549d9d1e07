#include <string.h>

#include "engine/model/node_internal.h"
#include "engine/model/twin.h"

/* --- the receiver while it waits for an answer --- */

void rki_listen_stop(struct rk_node *node, rk_ns now_ns)
{
    if (node->listening && now_ns > node->listening_since_ns) {
        struct rk_effort spent = rk_link_wait(&node->fleet->link, now_ns - node->listening_since_ns);
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &spent);
    }
    node->listening = false;
}

void rki_charge_acks(struct rk_node *node, uint16_t acks)
{
    rk_ns ack_ns = acks * node->fleet->link.ack_ns;
    rk_ns *rx_ns = &node->ledger.radio_rx_ns[RK_PHASE_KEYS];
    ack_ns = ack_ns < *rx_ns ? ack_ns : *rx_ns;
    *rx_ns -= ack_ns;
    node->ledger.radio_tx_ns[RK_PHASE_KEYS] += ack_ns;
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

static void leaks_end(struct rk_node *node, rk_ns now_ns)
{
    rk_adversary_forget(&node->adversary, now_ns);
    rk_recorder_forget(node);
    rki_set_due(node, RK_NODE_DETECT, RK_NEVER);
}

void rki_epoch_settle(struct rk_node *node, rk_ns now_ns)
{
    uint64_t *most = &node->fleet->tally.messages_most;
    *most = node->epoch.messages > *most ? node->epoch.messages : *most;
    rk_adversary_settle(&node->adversary, &node->epoch, now_ns);
}

static void epoch_begin(struct rk_node *node, const struct rk_key *key, rk_ns now_ns)
{
    node->epoch_key = key->id;
    node->epoch.activated_ns = rk_fault_true_ns(node, key->activated_ns);
    node->epoch.messages = 0;
    node->fleet->tally.keys++;
    rk_stale_begin(node, now_ns);
    if (node->recorder != NULL) {
        rk_recorder_renewed(node, key);
    }
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
void rki_follow_key(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_key *active = rk_agent_active(&node->device);
    uint32_t id = active == NULL ? 0 : active->id;
    if (id != node->epoch_key) {
        if (node->epoch_key != 0) {
            rki_epoch_settle(node, now_ns);
            rk_stale_settle(node, now_ns);
            rk_stale_windows(node, now_ns);
            node->epoch_key = 0;
        }
        if (active == NULL ? !chained(node) : !follows(node)) {
            leaks_end(node, now_ns);
        }
        if (active != NULL) {
            epoch_begin(node, active, now_ns);
        }
    }
    if (active == NULL && node->keyless_since_ns == RK_NEVER) {
        node->keyless_since_ns = now_ns;
    } else if (active != NULL && node->keyless_since_ns != RK_NEVER) {
        node->fleet->tally.no_key_ns += node->free_ns - node->keyless_since_ns;
        node->keyless_since_ns = RK_NEVER;
        rk_fault_keyed(node, node->free_ns);
    }
}

void rki_follow_renewal(struct rk_node *node, rk_ns now_ns)
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

void rki_charge_step(struct rk_node *node, enum rk_phase phase, rk_ns now_ns)
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

/* What the device computes for flights, from one to another. */
static void add_work(struct rk_fleet *fleet, unsigned first, unsigned last)
{
    struct rk_usage *usage = &fleet->meter.usage;
    for (unsigned step = first; step <= last && step < RK_FLIGHTS_max; step++) {
        const struct rk_usage *work = &fleet->play.work[step];
        usage->cycles += work->cycles;
        usage->cycles_low += work->cycles_low;
        usage->cycles_high += work->cycles_high;
        usage->engine_ns += work->engine_ns;
    }
}

/* The flights of the protocol that a step of the agent stands for. */
static void add_exchange_work(struct rk_fleet *fleet, uint8_t kind)
{
    const struct rk_actions *actions = &fleet->actions;
    if (actions->renewal_started && actions->frame_kind == RK_FRAME_R1) {
        add_work(fleet, 0, 0);
    } else if (kind == RK_EVENT_RECEIVE && actions->renewal_finished) {
        add_work(fleet, fleet->play.request + 1u, fleet->play.request + 2u);
    }
}

void rki_flight_answered(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    bool late = flight->number != node->renewal || flight->step != node->flight + 1 || !node->renewing;
    if (late || node->device.exchange.stage == 0) {
        rki_listen_start(node, now_ns);
        return;
    }
    node->flight = flight->step + 1;
    fleet->meter.usage = (struct rk_usage){.cycles = 0};
    add_work(fleet, flight->step, node->flight);
    rki_charge_step(node, RK_PHASE_KEYS, now_ns);
    fleet->actions.timer_ns = rk_fault_true_ns(node, node->device.wake_ns);
    rki_send_flight(node);
    rki_arm_timer(node);
}

/* All that the device has drawn by now. */
static rk_pJ drawn_pJ(const struct rk_node *node, rk_ns now_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    const struct rk_trial *trial = fleet->trial;
    struct rk_ledger ledger = node->ledger;
    struct rk_effort background = rk_link_background(&fleet->link, now_ns - node->start_ns);
    struct rk_energy energy;
    rki_charge_effort(&ledger, RK_PHASE_DATA, &background);
    rk_ledger_energy(&ledger, now_ns, trial->device, trial->radio, &energy);
    if (trial->accelerator != NULL) {
        rk_engine_energy(&ledger, now_ns, trial->accelerator, &energy);
    }
    return energy.total_pJ;
}

/* What the device knows of its battery: asked for where a policy of one's own can look at it. */
static uint8_t drained(const struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    return rk_battery_drained(trial->battery, drawn_pJ(node, now_ns), now_ns, trial->drained_ppm);
}

uint32_t rki_drained_ppm(const struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    return rk_battery_drained_ppm(trial->battery, drawn_pJ(node, now_ns), now_ns, trial->drained_ppm);
}

/* One event into the device's agent, and all that follows but the sending of its frame. */
void rki_device_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_actions *actions = &fleet->actions;
    const struct rk_event event = {.now_ns = fleet->faults ? rk_fault_clock_ns(node, now_ns) : now_ns,
                                   .data = data,
                                   .data_bytes = bytes,
                                   .kind = kind,
                                   .subject = rk_access_subject(kind),
                                   .drained = fleet->trial->policy.own != NULL ? drained(node, now_ns) : 0,
                                   .losses = (uint8_t)(node->losses >> 8)};
    fleet->meter.usage = (struct rk_usage){.cycles = 0};
    rk_agent_step(&node->device, &event, actions);
    if (node->recorder != NULL) {
        rk_recorder_step(node, &event);
    }
    if (fleet->faults) {
        actions->timer_ns = rk_fault_true_ns(node, actions->timer_ns);
        if (actions->renewal_started && actions->frame_kind == RK_FRAME_R1) {
            rk_fault_request(node, actions->frame, actions->frame_bytes);
        }
    }
    fleet->tally.lifecycle_calls++;
    if (node->twin != NULL && fleet->error == RK_OK) {
        fleet->error = rk_twin_step(node->twin, &event, actions, &fleet->meter.usage, &fleet->diag);
    }
    if (fleet->play.protocol != NULL) {
        add_exchange_work(fleet, kind);
    }
    rki_charge_step(node, kind == RK_EVENT_SEND ? RK_PHASE_DATA : RK_PHASE_KEYS, now_ns);
    if (actions->wants_entropy && kind != RK_EVENT_RESEED) { /* samples that were refused: with the next step */
        rki_set_due(node, RK_NODE_RESEED, node->free_ns);
    }
    if (actions->record_count > 0) {
        add_records(node, RK_ROLE_DEVICE, actions);
        rki_follow_key(node, now_ns);
    }
    if (actions->renewal_started | actions->renewal_finished | actions->renewal_failed) {
        rki_follow_renewal(node, now_ns);
    }
    rk_stale_told(node, &event, now_ns);
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

/* The server's source is always at hand. */
static void peer_reseed(struct rk_node *node, rk_ns now_ns)
{
    struct rk_actions *actions = &node->fleet->peer_actions;
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_reseed(node, RK_ROLE_SERVER, entropy);
    const struct rk_event event = {.now_ns = now_ns,
                                   .data = entropy,
                                   .data_bytes = sizeof entropy,
                                   .kind = RK_EVENT_RESEED,
                                   .subject = rk_access_subject(RK_EVENT_RESEED)};
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
        rk_stale_passed(node, now_ns);
    }
    rk_ns at_ns = actions->timer_ns;
    rki_set_due(node, RK_NODE_PEER_TIMER, at_ns > now_ns || at_ns == RK_NEVER ? at_ns : now_ns + 1);
}

void rki_peer_receive(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    if (flight->kind == RK_FRAME_NONE) {
        fleet->peer_actions.frame_kind = RK_FRAME_NONE;
        fleet->peer_actions.frame_bytes = 0;
        rki_send_down(node, now_ns, flight);
        return;
    }
    rki_peer_step(node, RK_EVENT_RECEIVE, now_ns, flight->frame, flight->bytes);
    if (flight->kind == RK_FRAME_DATA) {
        if (fleet->faults) {
            rk_fault_heard(node, fleet->peer_actions.delivered, now_ns);
        }
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
        rki_send_down(node, now_ns, flight);
    }
}
