#include "engine/model/node.h"

#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "engine/lifecycle/pair.h"
#include "engine/model/lifetime.h"
#include "engine/model/node_internal.h"
#include "engine/model/spare.h"
#include "engine/model/twin.h"

enum { SPINS_MAX = 1000 };

/* The agent spreads its renewals by the device's id: ids differ between replications too, which must be independent. */
#define ID_STRIDE UINT32_C(0x9E3779B1)

/* Where in RK_RNG_ENTROPY the 64-bit draws of a pair come from. */
enum entropy_draw {
    ENTROPY_DEVICE = 0,
    ENTROPY_PEER = 6,
    ENTROPY_PROVISION = 12,
    ENTROPY_PAIR = 32,
    ENTROPY_RESEED = 64
};

static void draw_bytes_of(const struct rk_node *node, uint32_t device, uint64_t first, void *out, size_t bytes)
{
    uint64_t word = 0;
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        if (i % 8 == 0) {
            word = rk_rng_draw(&node->fleet->rng, device, RK_RNG_ENTROPY, first + i / 8);
        }
        to[i] = (uint8_t)(word >> (8 * (i % 8)));
    }
}

static void draw_bytes(const struct rk_node *node, uint64_t first, void *out, size_t bytes)
{
    draw_bytes_of(node, node->index, first, out, bytes);
}

/* Of a batch all have the long-term keys of its first device. */
static void draw_provision(const struct rk_node *node, struct rk_provision *keys)
{
    uint32_t batch = node->fleet->trial->batch_devices;
    uint32_t device = batch > 1 ? node->index - node->index % batch : node->index;
    draw_bytes_of(node, device, ENTROPY_PROVISION, keys, sizeof *keys);
}

/* Seeds after the first, of both parties in turn. */
void rki_draw_reseed(struct rk_node *node, uint8_t role, uint8_t entropy[RK_ENTROPY_bytes])
{
    enum { WORDS = RK_ENTROPY_bytes / 8 };
    draw_bytes(node, ENTROPY_RESEED + (2ull * node->reseeds[role] + role) * WORDS, entropy, RK_ENTROPY_bytes);
    node->reseeds[role]++;
}

void rki_draw_seed(const struct rk_node *node, uint8_t role, uint8_t entropy[RK_ENTROPY_bytes])
{
    draw_bytes(node, role == RK_ROLE_DEVICE ? ENTROPY_DEVICE : ENTROPY_PEER, entropy, RK_ENTROPY_bytes);
}

/* When the message that comes next is sampled. */
static rk_ns next_sample_ns(struct rk_node *node, rk_ns before_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    return rk_traffic_next_ns(&fleet->traffic, &node->gaps, &fleet->rng, node->index, node->message, before_ns);
}

void rki_next_message(struct rk_node *node)
{
    node->message++;
    node->sampled_ns = next_sample_ns(node, node->sampled_ns);
}

static void on_start(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    uint8_t entropy[RK_ENTROPY_bytes];
    node->epoch.start_ns = now_ns;
    node->keyless_since_ns = now_ns;
    rk_recorder_open(node);
    rki_draw_seed(node, RK_ROLE_SERVER, entropy);
    rki_peer_step(node, RK_EVENT_START, now_ns, entropy, sizeof entropy);
    rki_draw_seed(node, RK_ROLE_DEVICE, entropy);
    if (node->fleet->faults) {
        rk_fault_boot(node, entropy, sizeof entropy);
    }
    rki_device_react(node, RK_EVENT_START, now_ns, entropy, sizeof entropy);

    node->sampled_ns = next_sample_ns(node, now_ns);
    rki_set_due(node, RK_NODE_MESSAGE, node->sampled_ns);
    if (trial->session_period_ns > 0) {
        rk_ns phase_ns = rk_traffic_session_phase_ns(&node->fleet->rng, node->index, trial->session_period_ns);
        rki_set_due(node, RK_NODE_SESSION, rk_add_sat(now_ns, phase_ns));
    }
    rk_adversary_init(&node->adversary, &node->fleet->rng, node->index, trial->compromise_per_1e6y,
                      trial->detection_mean_ns, rk_adversary_has_root(trial->policy.mechanism),
                      trial->policy.mechanism != RK_MECHANISM_ECDH, now_ns);
    rki_set_due(node, RK_NODE_LEAK, node->adversary.next_leak_ns);
    rk_occasions_start(node, now_ns);
}

static void on_message(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_tally *tally = &fleet->tally;
    uint16_t bytes = rk_traffic_bytes(&fleet->traffic, node->message, fleet->trial->message_bytes);
    memcpy(fleet->text, &node->message, bytes < sizeof node->message ? bytes : sizeof node->message);
    tally->messages++;
    rki_device_step(node, RK_EVENT_SEND, now_ns, fleet->text, bytes);
    if (fleet->actions.frame_kind != RK_FRAME_DATA) {
        tally->messages_unprotected++;
    } else {
        node->epoch.messages++;
    }
    if (fleet->actions.frame_bytes > 0 && !rki_send_up(node, now_ns) && fleet->actions.frame_kind == RK_FRAME_DATA) {
        tally->messages_lost++;
    }
    rki_arm_timer(node);
    rki_next_message(node);
    rki_set_due(node, RK_NODE_MESSAGE, node->sampled_ns > node->free_ns ? node->sampled_ns : node->free_ns);
}

static void on_down(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = rk_flights_pop(&node->down);
    rki_set_due(node, RK_NODE_DOWN, rk_flights_due_ns(&node->down));
    if (!node->listening) {
        return;
    }
    rki_listen_stop(node, now_ns);
    rki_charge_acks(node, flight->acks);
    if (flight->kind == RK_FRAME_NONE) {
        rki_flight_answered(node, flight, now_ns);
        return;
    }
    rki_device_react(node, RK_EVENT_RECEIVE, now_ns, flight->frame, flight->bytes);
    const struct rk_actions *actions = &node->fleet->actions;
    if (actions->result != RK_AGENT_OK && !actions->renewal_failed && !node->listening) {
        rki_listen_start(node, node->free_ns); /* that was not the answer */
    }
}

static void on_up(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = rk_flights_pop(&node->up);
    rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
    if (flight->kind != RK_FRAME_R1) {
        rki_peer_receive(node, flight, now_ns);
        return;
    }
    if (node->fleet->faults && rk_fault_outage(node, now_ns)) {
        return;
    }
    rk_ns wait_ns = 0;
    struct rk_flight *served = rk_flights_push(&node->served);
    *served = *flight;
    /* A server that takes no time never makes anyone wait: then requests need not come in order. */
    bool asked = rki_carried_of(node, flight).bytes > 0;
    bool instant = node->fleet->trial->server_time_ns == 0 || !asked;
    served->at_ns = instant ? now_ns : rk_server_admit(node->fleet->server, now_ns, &wait_ns);
    rk_flights_order(&node->served);
    rk_histogram_add(&node->fleet->tally.wait_ns, wait_ns, 1);
    rki_set_due(node, RK_NODE_SERVED, rk_flights_due_ns(&node->served));
}

static void on_served(struct rk_node *node, rk_ns now_ns)
{
    struct rk_flight *flight = rk_flights_pop(&node->served);
    rki_set_due(node, RK_NODE_SERVED, rk_flights_due_ns(&node->served));
    rki_peer_receive(node, flight, now_ns);
}

static void on_reseed(struct rk_node *node, rk_ns now_ns)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_reseed(node, RK_ROLE_DEVICE, entropy);
    rki_device_react(node, RK_EVENT_RESEED, now_ns, entropy, sizeof entropy);
}

static void on_timer(struct rk_node *node, rk_ns now_ns)
{
    if (rki_send_again(node, now_ns)) {
        return;
    }
    rk_ns later_ns = rk_defer_until_ns(node, now_ns);
    if (later_ns != 0) {
        rki_set_due(node, RK_NODE_TIMER, later_ns);
        return;
    }
    rki_device_react(node, RK_EVENT_TIMER, now_ns, NULL, 0);
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
            rk_ns activated_ns = rk_fault_true_ns(node, key->activated_ns);
            if (held && activated_ns < node->epoch.oldest_held_ns) {
                node->epoch.oldest_held_ns = activated_ns;
            }
        }
        epoch = &node->epoch;
    }
    struct rk_leak leak = rk_adversary_leak(adversary, &node->fleet->rng, node->index, epoch,
                                            &node->fleet->trial->adversary, node->fleet->trial->horizon_ns);
    if (node->recorder != NULL && epoch != NULL) {
        rk_recorder_leak(node, &leak);
    }
    rki_set_due(node, RK_NODE_LEAK, adversary->next_leak_ns);
    rki_set_due(node, RK_NODE_DETECT, adversary->earliest_ns);
}

static void on_detection(struct rk_node *node, rk_ns now_ns)
{
    bool revoke = node->fleet->trial->adversary.response == RK_RESPONSE_REVOKE;
    if (node->epoch_key != 0) {
        rki_epoch_settle(node, now_ns);
    }
    rk_adversary_forget(&node->adversary, now_ns);
    rk_recorder_forget(node);
    if (revoke) {
        rki_listen_stop(node, now_ns);
    }
    rki_device_react(node, revoke ? RK_EVENT_ZEROISE : RK_EVENT_COMPROMISE, now_ns, NULL, 0);
}

static void on_session(struct rk_node *node, rk_ns now_ns)
{
    rk_ns later_ns = rk_defer_until_ns(node, now_ns);
    if (later_ns != 0) {
        const struct rk_event event = {.kind = RK_EVENT_SESSION};
        rk_stale_told(node, &event, now_ns);
        rki_set_due(node, RK_NODE_SESSION, later_ns);
        return;
    }
    rki_device_react(node, RK_EVENT_SESSION, now_ns, NULL, 0);
    rki_set_due(node, RK_NODE_SESSION, rk_add_sat(now_ns, node->fleet->trial->session_period_ns));
}

void rk_node_handle(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    const uint32_t occupies = 1u << RK_NODE_DOWN | 1u << RK_NODE_RESEED | 1u << RK_NODE_TIMER | 1u << RK_NODE_DETECT |
                              1u << RK_NODE_OCCASION | 1u << RK_NODE_SESSION | 1u << RK_NODE_MESSAGE;
    if (rki_sends(node) && (occupies >> kind & 1) != 0) {
        node->air->waiting |= 1u << kind;
        return;
    }
    if (now_ns < node->free_ns && (occupies >> kind & 1) != 0) {
        rki_set_due(node, kind, node->free_ns);
        return;
    }
    if (node->fault.down && (occupies >> kind & 1) != 0) {
        rk_fault_restart(node, now_ns);
        if (kind != RK_NODE_MESSAGE) { /* what was sampled without power was not */
            rki_set_due(node, kind, now_ns);
        }
        return;
    }
    switch (kind) {
    case RK_NODE_AIR:
        rki_air_step(node, now_ns);
        break;
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
    case RK_NODE_RESEED:
        on_reseed(node, now_ns);
        break;
    case RK_NODE_TIMER:
        on_timer(node, now_ns);
        break;
    case RK_NODE_PEER_TIMER:
        rki_peer_step(node, RK_EVENT_TIMER, now_ns, NULL, 0);
        break;
    case RK_NODE_DETECT:
        on_detection(node, now_ns);
        break;
    case RK_NODE_LEAK:
        on_leak(node);
        break;
    case RK_NODE_OCCASION:
        rk_occasions_happen(node, now_ns);
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

/* The server's static pair. out: whether the backend made one. */
static bool provision_pair(const struct rk_node *node, struct rk_drbg *drbg, struct rk_provision *device,
                           struct rk_provision *server)
{
    const struct rk_backend *backend = node->fleet->inner;
    uint8_t entropy[RK_ENTROPY_bytes];
    draw_bytes(node, ENTROPY_PAIR, entropy, sizeof entropy);
    if (backend->drbg_init(drbg, backend->drbg_alg, entropy) != RK_CRYPTO_OK) {
        return false;
    }
    bool made = rk_pair_provision(backend, node->fleet->trial->curve, drbg, device, server) == RK_CRYPTO_OK;
    backend->drbg_wipe(drbg, backend->drbg_alg);
    return made;
}

static size_t aligned(size_t bytes)
{
    const size_t unit = alignof(max_align_t);
    return (bytes + unit - 1) / unit * unit;
}

/* Of one generator. */
static size_t drbg_bytes(const struct rk_fleet *fleet)
{
    return aligned(fleet->inner->drbg_bytes);
}

static size_t air_bytes(const struct rk_fleet *fleet)
{
    return fleet->trial->cell_devices > 0 ? aligned(sizeof(struct rk_air)) : 0;
}

size_t rk_node_memory_bytes(const struct rk_fleet *fleet)
{
    return air_bytes(fleet) + 2 * drbg_bytes(fleet) + rk_cells_bytes(fleet->trial->device);
}

static enum rk_err init_agents(struct rk_node *node, struct rk_diag *diag)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_trial *trial = fleet->trial;
    struct rk_provision keys;
    draw_provision(node, &keys);
    struct rk_provision peer_keys = keys;
    struct rk_agent_config config = {
        .device_id = node->index + trial->replication * ID_STRIDE,
        .role = RK_ROLE_DEVICE,
        .aead = trial->aead,
        .tag_bytes = trial->tag_bytes,
        .curve = trial->curve,
        .profile = trial->profile,
        .policy = trial->policy,
    };
    uint8_t *memory = fleet->node_memory;
    memory = memory != NULL ? memory : rk_arena_alloc(&fleet->arena, rk_node_memory_bytes(fleet));
    if (trial->cell_devices > 0) {
        node->air = (struct rk_air *)memory;
        *node->air = (struct rk_air){.gateway = fleet->gateway};
        memory += air_bytes(fleet);
    }
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    struct rk_drbg *peer_drbg = (struct rk_drbg *)(memory + drbg_bytes(fleet));
    memset(memory, 0, 2 * drbg_bytes(fleet));
    rk_cells_init(&node->nvm, trial->device, &fleet->meter.usage, memory + 2 * drbg_bytes(fleet));
    if (trial->policy.mechanism == RK_MECHANISM_STATIC && !provision_pair(node, peer_drbg, &keys, &peer_keys)) {
        return rk_fail(diag, RK_ERR_INPUT, "trial: mechanism static takes curve x25519, and backend %s must have it",
                       fleet->inner->name);
    }
    int device = rk_agent_init(&node->device, &config, &fleet->meter.backend, drbg, &node->nvm.port, &keys);
    config.role = RK_ROLE_SERVER;
    int peer = rk_agent_init(&node->peer, &config, fleet->inner, peer_drbg, NULL, &peer_keys);
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
    node->deferred_ns = RK_NEVER;
    for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
        node->due_ns[kind] = RK_NEVER;
    }
    node->adversary.earliest_ns = RK_NEVER;
    node->stale.told_ns = node->stale.passed_ns = RK_NEVER;
    rk_trace_init(&node->trace, index);
    node->start_ns = rk_traffic_start_ns(&fleet->rng, index, trial->message_period_ns);
    rki_set_due(node, RK_NODE_START, node->start_ns);
    enum rk_err err = init_agents(node, diag);
    if (err == RK_OK && fleet->spare != NULL) {
        rk_spare_open(node);
    }
    return err;
}

static void close_ledger(struct rk_node *node, rk_ns horizon_ns)
{
    struct rk_tally *tally = &node->fleet->tally;
    struct rk_energy energy;
    rk_ns reachable_ns = horizon_ns > node->start_ns ? horizon_ns - node->start_ns : 0;
    struct rk_effort background = rk_link_background(&node->fleet->link, reachable_ns);
    rki_charge_effort(&node->ledger, RK_PHASE_DATA, &background);
    const struct rk_trial *trial = node->fleet->trial;
    rk_ledger_energy(&node->ledger, horizon_ns, trial->device, trial->radio, &energy);
    if (trial->accelerator != NULL) {
        rk_engine_energy(&node->ledger, horizon_ns, trial->accelerator, &energy);
    }
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
    rki_listen_stop(node, horizon_ns);
    rk_stale_settle(node, horizon_ns);
    rk_stale_windows(node, horizon_ns);
    if (node->fleet->faults) {
        rk_fault_settle(node, horizon_ns);
    }
    rk_group_settle(node, horizon_ns);
    rki_air_settle(node);
    rk_lifetime_settle(node);
    if (node->fleet->spare != NULL) {
        rk_spare_close(node);
    }
    if (node->keyless_since_ns < horizon_ns) {
        tally->no_key_ns += horizon_ns - node->keyless_since_ns;
    }
    if (node->epoch_key != 0) {
        rki_epoch_settle(node, horizon_ns);
    }
    rk_adversary_forget(&node->adversary, horizon_ns);
    rk_recorder_forget(node);
    rk_recorder_close(node);
    tally->failed_tags += node->device.failed_tags;
    tally->exposure.leaks += node->adversary.exposure.leaks;
    tally->exposure.time_ns += node->adversary.exposure.time_ns;
    tally->exposure.messages += node->adversary.exposure.messages;
    tally->exposure.capture_ns += node->adversary.exposure.capture_ns;
    tally->exposure.server_ns += node->adversary.exposure.server_ns;
    tally->exposure.healing_ns += node->adversary.exposure.healing_ns;
    close_ledger(node, horizon_ns);
    tally->nvm_bytes += node->nvm_bytes;
    uint32_t wear = rk_cells_wear(&node->nvm);
    tally->nvm_wear = wear > tally->nvm_wear ? wear : tally->nvm_wear;
    tally->trace_checksum += node->trace.chain;
    tally->trace_records += node->trace.records;
    rk_flights_fini(&node->up);
    rk_flights_fini(&node->served);
    rk_flights_fini(&node->down);
    if (node->twin != NULL) {
        rk_twin_close(node->twin);
    }
}
