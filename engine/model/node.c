#include "engine/model/node.h"

#include <stdlib.h>
#include <string.h>

#include "engine/model/twin.h"

enum { SPINS_MAX = 1000 };

/* Where in RK_RNG_ENTROPY the 64-bit draws of a pair come from. */
enum entropy_draw { ENTROPY_DEVICE = 0, ENTROPY_PEER = 6, ENTROPY_PROVISION = 12 };

static void set_due(struct rk_node *node, enum rk_node_event kind, rk_ns at_ns)
{
    if (node->due_ns[kind] != at_ns) {
        node->due_ns[kind] = at_ns;
        node->changed |= 1u << kind;
    }
}

/* --- frames under way --- */

static struct rk_flight *flights_push(struct rk_flights *flights)
{
    if (flights->count == flights->capacity) {
        uint32_t capacity = flights->capacity == 0 ? 1 : 2 * flights->capacity;
        struct rk_flight *slot = malloc(capacity * sizeof *slot);
        RK_REQUIRE(slot != NULL);
        for (uint32_t i = 0; i < flights->count; i++) {
            slot[i] = flights->slot[(flights->head + i) & (flights->capacity - 1)];
        }
        free(flights->slot);
        *flights = (struct rk_flights){.slot = slot, .count = flights->count, .capacity = capacity};
    }
    return &flights->slot[(flights->head + flights->count++) & (flights->capacity - 1)];
}

static struct rk_flight *flights_first(struct rk_flights *flights)
{
    RK_ASSERT(flights->count > 0);
    return &flights->slot[flights->head];
}

/* Drops the first; its memory stays as it is until the next push. */
static void flights_pop(struct rk_flights *flights)
{
    flights->head = (flights->head + 1) & (flights->capacity - 1);
    flights->count--;
}

static rk_ns flights_due_ns(const struct rk_flights *flights)
{
    return flights->count == 0 ? RK_NEVER : flights->slot[flights->head].at_ns;
}

static void flight_fill(struct rk_flight *flight, const struct rk_actions *actions)
{
    flight->bytes = actions->frame_bytes;
    flight->kind = actions->frame_kind;
    memcpy(flight->frame, actions->frame, actions->frame_bytes);
}

/* --- NVM of the device --- */

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    struct rk_node *node = context;
    if (address > RK_NVM_AGENT_bytes || bytes > RK_NVM_AGENT_bytes - address) {
        return -1;
    }
    memcpy(out, node->nvm + address, bytes);
    return 0;
}

static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct rk_node *node = context;
    if (address > RK_NVM_AGENT_bytes || bytes > RK_NVM_AGENT_bytes - address) {
        return -1;
    }
    if (bytes == 0) {
        return 0;
    }
    memcpy(node->nvm + address, in, bytes);
    uint64_t unit_bytes = node->fleet->trial->device->nvm_write_unit_bytes;
    unit_bytes = unit_bytes == 0 ? 1 : unit_bytes;
    uint64_t first = address / unit_bytes;
    uint64_t last = (address + bytes - 1u) / unit_bytes;
    for (uint64_t unit = first; unit <= last; unit++) {
        node->wear[unit]++;
    }
    node->fleet->meter.usage.nvm_bytes += bytes;
    node->fleet->meter.usage.nvm_units += last - first + 1;
    return 0;
}

/* --- the receiver while it waits for an answer --- */

static void listen_stop(struct rk_node *node, rk_ns now_ns)
{
    if (node->listening && now_ns > node->listening_since_ns) {
        node->ledger.radio_rx_ns[RK_PHASE_KEYS] += now_ns - node->listening_since_ns;
    }
    node->listening = false;
}

static void listen_start(struct rk_node *node, rk_ns since_ns)
{
    node->listening = true;
    node->listening_since_ns = since_ns;
}

/* --- what a step of the device means --- */

static void epoch_end(struct rk_node *node, rk_ns now_ns)
{
    rk_adversary_close(&node->adversary, &node->epoch, now_ns);
    set_due(node, RK_NODE_DETECT, RK_NEVER);
    node->epoch_key = 0;
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
            epoch_end(node, now_ns);
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
        listen_stop(node, now_ns);
    }
    if (actions->renewal_started) {
        node->renewing = true;
        node->renewal++;
        node->attempt = 0;
        node->decided_ns = now_ns;
    }
}

static void charge_radio(struct rk_ledger *ledger, enum rk_phase phase, const struct rk_transmission *sent,
                         rk_ns startup_ns)
{
    ledger->radio_tx_ns[phase] += sent->tx_ns;
    ledger->radio_rx_ns[phase] += sent->rx_ns;
    ledger->radio_idle_ns[phase] += sent->idle_ns + startup_ns;
    ledger->cpu_idle_ns[phase] += sent->duration_ns + startup_ns;
}

/* Sends the frame of the last step, which ended at free_ns. out: delivered. */
static bool send_up(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_actions *actions = &fleet->actions;
    bool data = actions->frame_kind == RK_FRAME_DATA;
    bool was_listening = node->listening;
    if (actions->frame_kind == RK_FRAME_R1) {
        node->attempt++;
    }
    rk_ns startup_ns = was_listening ? 0 : fleet->trial->radio->startup_ns;
    rk_ns on_air_ns = node->free_ns + startup_ns;
    listen_stop(node, node->free_ns);

    struct rk_transmission sent;
    uint64_t sequence =
        data ? rk_sequence_data(node->message) : rk_sequence_key(node->renewal, node->attempt, actions->frame_kind);
    rk_link_send(&fleet->link, &fleet->rng, node->index, sequence, actions->frame_bytes, &sent);
    charge_radio(&node->ledger, data ? RK_PHASE_DATA : RK_PHASE_KEYS, &sent, startup_ns);
    node->free_ns = on_air_ns + sent.duration_ns;
    if (actions->awaits_reply) {
        node->reply_shift_ns = node->free_ns - now_ns;
    }
    if (actions->awaits_reply || (was_listening && data)) {
        listen_start(node, node->free_ns);
    }
    if (sent.delivered) {
        struct rk_flight *flight = flights_push(&node->up);
        flight_fill(flight, actions);
        flight->at_ns = on_air_ns + sent.delivered_ns + fleet->trial->network_delay_ns;
        flight->sampled_ns = node->sampled_ns;
        flight->number = data ? node->message : node->renewal;
        flight->attempt = node->attempt;
        set_due(node, RK_NODE_UP, flights_due_ns(&node->up));
    }
    return sent.delivered;
}

static void charge_step(struct rk_node *node, enum rk_phase phase, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_device_profile *profile = fleet->trial->device;
    const struct rk_usage *usage = &fleet->meter.usage;
    rk_ns nvm_ns = usage->nvm_units * profile->nvm_write_ns;
    if (usage->cycles != fleet->last_cycles) {
        fleet->last_cycles = usage->cycles;
        fleet->last_cycles_ns = rk_cycles_ns(usage->cycles, profile->clock_Hz);
    }
    node->ledger.nvm_ns += nvm_ns;
    node->nvm_bytes += usage->nvm_bytes;
    node->free_ns = now_ns + fleet->last_cycles_ns + nvm_ns;
    if (node->twin != NULL) {
        usage = rk_twin_usage(node->twin);
    }
    node->ledger.cycles[phase] += usage->cycles;
    node->ledger.cycles_low[phase] += usage->cycles_low;
    node->ledger.cycles_high[phase] += usage->cycles_high;
}

/* The agent's timer; the end of a wait for an answer is counted from the end of the frame that asks. */
static void arm_timer(struct rk_node *node)
{
    rk_ns at_ns = node->fleet->actions.timer_ns;
    if (at_ns != RK_NEVER) {
        if (node->device.exchange.stage != 0 && at_ns == node->device.exchange.retry_at_ns) {
            at_ns = rk_add_sat(at_ns, node->reply_shift_ns);
        }
        at_ns = at_ns > node->free_ns ? at_ns : node->free_ns;
    }
    set_due(node, RK_NODE_TIMER, at_ns);
}

/* One event into the device's agent, and all that follows but the sending of its frame. */
static void device_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_actions *actions = &fleet->actions;
    const struct rk_event event = {.now_ns = now_ns, .data = data, .data_bytes = bytes, .kind = kind};
    fleet->meter.usage = (struct rk_usage){.cycles = 0};
    rk_agent_step(&node->device, &event, actions);
    if (node->twin != NULL && fleet->error == RK_OK) {
        fleet->error = rk_twin_step(node->twin, &event, actions, &fleet->diag);
    }
    charge_step(node, kind == RK_EVENT_SEND ? RK_PHASE_DATA : RK_PHASE_KEYS, now_ns);
    if (actions->record_count > 0) {
        add_records(node, RK_ROLE_DEVICE, actions);
        follow_key(node, now_ns);
    }
    if (actions->renewal_started | actions->renewal_finished | actions->renewal_failed) {
        follow_renewal(node, now_ns);
    }
}

static void device_react(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    device_step(node, kind, now_ns, data, bytes);
    if (node->fleet->actions.frame_bytes > 0) {
        send_up(node, now_ns);
    }
    arm_timer(node);
}

/* --- the server's side --- */

/* The server's answer: through the network, then over the gateway's radio. */
static void send_down(struct rk_node *node, rk_ns now_ns, uint64_t renewal, uint8_t attempt)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_actions *actions = &fleet->peer_actions;
    rk_ns at_gateway_ns = now_ns + fleet->trial->network_delay_ns;
    rk_ns on_air_ns = at_gateway_ns > node->gateway_free_ns ? at_gateway_ns : node->gateway_free_ns;
    struct rk_transmission sent;
    rk_link_send(&fleet->link, &fleet->rng, node->index, rk_sequence_key(renewal, attempt, actions->frame_kind),
                 actions->frame_bytes, &sent);
    node->gateway_free_ns = on_air_ns + sent.duration_ns;
    if (sent.delivered) {
        struct rk_flight *flight = flights_push(&node->down);
        flight_fill(flight, actions);
        flight->at_ns = on_air_ns + sent.delivered_ns;
        flight->acks = sent.received_frames;
        set_due(node, RK_NODE_DOWN, flights_due_ns(&node->down));
    }
}

static void peer_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes)
{
    struct rk_actions *actions = &node->fleet->peer_actions;
    const struct rk_event event = {.now_ns = now_ns, .data = data, .data_bytes = bytes, .kind = kind};
    rk_agent_step(&node->peer, &event, actions);
    if (actions->record_count > 0) {
        add_records(node, RK_ROLE_SERVER, actions);
    }
    rk_ns at_ns = actions->timer_ns;
    set_due(node, RK_NODE_PEER_TIMER, at_ns > now_ns || at_ns == RK_NEVER ? at_ns : now_ns + 1);
}

static void peer_receive(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    peer_step(node, RK_EVENT_RECEIVE, now_ns, flight->frame, flight->bytes);
    if (flight->kind == RK_FRAME_DATA) {
        if (!fleet->peer_actions.delivered) {
            fleet->tally.messages_rejected++;
            return;
        }
        uint64_t number = flight->number;
        uint16_t compared = fleet->trial->message_bytes < sizeof number ? fleet->trial->message_bytes : sizeof number;
        RK_REQUIRE(memcmp(fleet->peer_actions.text, &number, compared) == 0);
        rk_histogram_add(&fleet->tally.delay_ns, now_ns - flight->sampled_ns, 1);
    }
    if (fleet->peer_actions.frame_bytes > 0) {
        send_down(node, now_ns, flight->number, flight->attempt);
    }
}

/* --- handlers --- */

static void draw_bytes(const struct rk_node *node, enum entropy_draw first, void *out, size_t bytes)
{
    uint64_t word = 0;
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        if (i % 8 == 0) {
            word = rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_ENTROPY, first + i / 8);
        }
        to[i] = (uint8_t)(word >> (8 * (i % 8)));
    }
}

static void on_start(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    uint8_t entropy[RK_ENTROPY_bytes];
    node->epoch.start_ns = now_ns;
    node->keyless_since_ns = now_ns;
    draw_bytes(node, ENTROPY_PEER, entropy, sizeof entropy);
    peer_step(node, RK_EVENT_START, now_ns, entropy, sizeof entropy);
    draw_bytes(node, ENTROPY_DEVICE, entropy, sizeof entropy);
    device_react(node, RK_EVENT_START, now_ns, entropy, sizeof entropy);

    node->sampled_ns = rk_add_sat(now_ns, rk_traffic_gap_ns(&node->traffic));
    set_due(node, RK_NODE_MESSAGE, node->sampled_ns);
    if (trial->session_period_ns > 0) {
        rk_ns phase_ns = rk_traffic_session_phase_ns(&node->fleet->rng, node->index, trial->session_period_ns);
        set_due(node, RK_NODE_SESSION, rk_add_sat(now_ns, phase_ns));
    }
    rk_adversary_init(&node->adversary, &node->fleet->rng, node->index, trial->compromise_per_1e6y,
                      trial->detection_mean_ns, trial->policy.mechanism != RK_MECHANISM_ECDH, now_ns);
    set_due(node, RK_NODE_LEAK, node->adversary.next_leak_ns);
}

static void on_message(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_tally *tally = &fleet->tally;
    uint16_t bytes = fleet->trial->message_bytes;
    memcpy(fleet->text, &node->message, bytes < sizeof node->message ? bytes : sizeof node->message);
    tally->messages++;
    device_step(node, RK_EVENT_SEND, now_ns, fleet->text, bytes);
    if (fleet->actions.frame_kind != RK_FRAME_DATA) {
        tally->messages_unprotected++;
    } else {
        node->epoch.messages++;
    }
    if (fleet->actions.frame_bytes > 0 && !send_up(node, now_ns) && fleet->actions.frame_kind == RK_FRAME_DATA) {
        tally->messages_lost++;
    }
    arm_timer(node);
    node->message++;
    node->sampled_ns = rk_add_sat(node->sampled_ns, rk_traffic_gap_ns(&node->traffic));
    set_due(node, RK_NODE_MESSAGE, node->sampled_ns > node->free_ns ? node->sampled_ns : node->free_ns);
}

static void on_down(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = flights_first(&node->down);
    flights_pop(&node->down);
    set_due(node, RK_NODE_DOWN, flights_due_ns(&node->down));
    if (!node->listening) {
        return;
    }
    listen_stop(node, now_ns);
    /* Part of the listening was spent on sending acknowledgements. */
    rk_ns ack_ns = flight->acks * node->fleet->link.ack_ns;
    rk_ns *rx_ns = &node->ledger.radio_rx_ns[RK_PHASE_KEYS];
    ack_ns = ack_ns < *rx_ns ? ack_ns : *rx_ns;
    *rx_ns -= ack_ns;
    node->ledger.radio_tx_ns[RK_PHASE_KEYS] += ack_ns;

    device_react(node, RK_EVENT_RECEIVE, now_ns, flight->frame, flight->bytes);
    const struct rk_actions *actions = &node->fleet->actions;
    if (actions->result != RK_AGENT_OK && !actions->renewal_failed && !node->listening) {
        listen_start(node, node->free_ns); /* that was not the answer */
    }
}

static void on_up(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = flights_first(&node->up);
    flights_pop(&node->up);
    set_due(node, RK_NODE_UP, flights_due_ns(&node->up));
    if (flight->kind != RK_FRAME_R1) {
        peer_receive(node, flight, now_ns);
        return;
    }
    rk_ns wait_ns;
    struct rk_flight *served = flights_push(&node->served);
    *served = *flight;
    served->at_ns = rk_server_admit(&node->fleet->server, now_ns, &wait_ns);
    rk_histogram_add(&node->fleet->tally.wait_ns, wait_ns, 1);
    set_due(node, RK_NODE_SERVED, flights_due_ns(&node->served));
}

static void on_served(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = flights_first(&node->served);
    flights_pop(&node->served);
    set_due(node, RK_NODE_SERVED, flights_due_ns(&node->served));
    peer_receive(node, flight, now_ns);
}

static void on_timer(struct rk_node *node, rk_ns now_ns)
{
    device_react(node, RK_EVENT_TIMER, now_ns, NULL, 0);
    bool progress = node->due_ns[RK_NODE_TIMER] > now_ns;
    node->spins = progress ? 0 : node->spins + 1;
    RK_REQUIRE(node->spins < SPINS_MAX);
}

static void on_leak(struct rk_node *node)
{
    struct rk_adversary *adversary = &node->adversary;
    const struct rk_epoch *epoch = NULL;
    if (node->epoch_key != 0) {
        node->epoch.oldest_held_ns = node->epoch.activated_ns;
        for (unsigned i = 0; i < 3; i++) {
            const struct rk_key *key = &node->device.key[i];
            bool held = key->state == RK_STATE_DEACTIVATED || key->state == RK_STATE_SUSPENDED;
            if (held && key->activated_ns < node->epoch.oldest_held_ns) {
                node->epoch.oldest_held_ns = key->activated_ns;
            }
        }
        epoch = &node->epoch;
    }
    rk_adversary_leak(adversary, &node->fleet->rng, node->index, epoch, node->fleet->trial->horizon_ns);
    set_due(node, RK_NODE_LEAK, adversary->next_leak_ns);
    set_due(node, RK_NODE_DETECT, adversary->earliest_ns);
}

static void on_session(struct rk_node *node, rk_ns now_ns)
{
    device_react(node, RK_EVENT_SESSION, now_ns, NULL, 0);
    set_due(node, RK_NODE_SESSION, rk_add_sat(now_ns, node->fleet->trial->session_period_ns));
}

void rk_node_handle(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    const uint32_t occupies =
        1u << RK_NODE_DOWN | 1u << RK_NODE_TIMER | 1u << RK_NODE_DETECT | 1u << RK_NODE_SESSION | 1u << RK_NODE_MESSAGE;
    if (now_ns < node->free_ns && (occupies >> kind & 1) != 0) {
        set_due(node, kind, node->free_ns);
        return;
    }
    switch (kind) {
    case RK_NODE_START:
        on_start(node, now_ns);
        break;
    case RK_NODE_DOWN:
        on_down(node, now_ns);
        break;
    case RK_NODE_UP:
        on_up(node, now_ns);
        break;
    case RK_NODE_SERVED:
        on_served(node, now_ns);
        break;
    case RK_NODE_TIMER:
        on_timer(node, now_ns);
        break;
    case RK_NODE_PEER_TIMER:
        peer_step(node, RK_EVENT_TIMER, now_ns, NULL, 0);
        break;
    case RK_NODE_DETECT:
        rk_adversary_close(&node->adversary, &node->epoch, now_ns);
        device_react(node, RK_EVENT_COMPROMISE, now_ns, NULL, 0);
        break;
    case RK_NODE_LEAK:
        on_leak(node);
        break;
    case RK_NODE_SESSION:
        on_session(node, now_ns);
        break;
    case RK_NODE_MESSAGE:
        on_message(node, now_ns);
        break;
    case RK_NODE_EVENTS:
        break;
    }
}

/* --- beginning and end --- */

static void provision(const struct rk_node *node, struct rk_provision *keys)
{
    draw_bytes(node, ENTROPY_PROVISION, keys, sizeof *keys);
}

static enum rk_err init_agents(struct rk_node *node, struct rk_diag *diag)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_trial *trial = fleet->trial;
    struct rk_provision keys;
    provision(node, &keys);
    struct rk_agent_config config = {
        .device_id = node->index,
        .role = RK_ROLE_DEVICE,
        .aead = trial->aead,
        .tag_bytes = trial->tag_bytes,
        .curve = trial->curve,
        .policy = trial->policy,
    };
    node->nvm_port = (struct rk_nvm){.context = node, .read = nvm_read, .write = nvm_write};
    struct rk_drbg *drbg = rk_arena_alloc(&fleet->arena, fleet->inner->drbg_bytes);
    struct rk_drbg *peer_drbg = rk_arena_alloc(&fleet->arena, fleet->inner->drbg_bytes);
    int device = rk_agent_init(&node->device, &config, &fleet->meter.backend, drbg, &node->nvm_port, &keys);
    config.role = RK_ROLE_SERVER;
    int peer = rk_agent_init(&node->peer, &config, fleet->inner, peer_drbg, NULL, &keys);
    if (device != RK_AGENT_OK || peer != RK_AGENT_OK) {
        return rk_fail(diag, RK_ERR_INPUT, "trial: backend %s lacks what mechanism %s needs", fleet->inner->name,
                       rk_mechanism_name(trial->policy.mechanism));
    }
    config.role = RK_ROLE_DEVICE;
    if (trial->execution == RK_EXECUTION_EMULATED) {
        return rk_twin_open(&node->twin, trial, &config, &keys, diag);
    }
    return RK_OK;
}

enum rk_err rk_node_init(struct rk_node *node, struct rk_fleet *fleet, uint32_t index, struct rk_diag *diag)
{
    const struct rk_trial *trial = fleet->trial;
    memset(node, 0, sizeof *node);
    node->fleet = fleet;
    node->index = index;
    node->keyless_since_ns = RK_NEVER;
    memset(node->nvm, 0xff, sizeof node->nvm);
    for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
        node->due_ns[kind] = RK_NEVER;
    }
    node->adversary.earliest_ns = RK_NEVER;
    rk_trace_init(&node->trace, index);
    node->traffic = rk_traffic_make(fleet->rng, index, trial->message_period_ns, trial->message_jitter_ppm);
    node->start_ns = rk_traffic_start_ns(&fleet->rng, index, trial->message_period_ns);
    set_due(node, RK_NODE_START, node->start_ns);
    return init_agents(node, diag);
}

static void close_ledger(struct rk_node *node, rk_ns horizon_ns)
{
    struct rk_tally *tally = &node->fleet->tally;
    struct rk_energy energy;
    rk_ledger_energy(&node->ledger, horizon_ns, node->fleet->trial->device, node->fleet->trial->radio, &energy);
    for (int part = 0; part < RK_PART_COUNT; part++) {
        tally->part_pJ[part] += energy.part_pJ[part];
    }
    for (int kind = 0; kind < RK_KIND_COUNT; kind++) {
        tally->kind_pJ[kind] += energy.kind_pJ[kind];
    }
    tally->total_pJ += energy.total_pJ;
    tally->low_pJ += energy.low_pJ;
    tally->high_pJ += energy.high_pJ;
}

void rk_node_close(struct rk_node *node, rk_ns horizon_ns)
{
    struct rk_tally *tally = &node->fleet->tally;
    listen_stop(node, horizon_ns);
    if (node->keyless_since_ns < horizon_ns) {
        tally->no_key_ns += horizon_ns - node->keyless_since_ns;
    }
    rk_adversary_close(&node->adversary, &node->epoch, horizon_ns);
    tally->exposure.leaks += node->adversary.exposure.leaks;
    tally->exposure.time_ns += node->adversary.exposure.time_ns;
    tally->exposure.messages += node->adversary.exposure.messages;
    tally->exposure.capture_ns += node->adversary.exposure.capture_ns;
    close_ledger(node, horizon_ns);
    tally->nvm_bytes += node->nvm_bytes;
    for (unsigned unit = 0; unit < RK_NVM_AGENT_bytes; unit++) {
        tally->nvm_wear = node->wear[unit] > tally->nvm_wear ? node->wear[unit] : tally->nvm_wear;
    }
    tally->trace_checksum += node->trace.chain;
    tally->trace_records += node->trace.records;
    free(node->up.slot);
    free(node->served.slot);
    free(node->down.slot);
    if (node->twin != NULL) {
        rk_twin_close(node->twin);
    }
}
