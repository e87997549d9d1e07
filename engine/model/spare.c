#include "engine/model/spare.h"

#include <string.h>

#include "engine/lifecycle/bulk.h"
#include "engine/model/node_internal.h"
#include "engine/model/spare_internal.h"

/* --- when --- */

/* The shortest life of a key that ends by the policy, and with it the longest overlap that is over before. */
static rk_ns life_least_ns(const struct rk_trial *trial)
{
    const struct rk_policy *policy = &trial->policy;
    rk_ns life_ns = policy->cryptoperiod_ns;
    if ((policy->triggers & RK_TRIGGER_INTERVAL) != 0) {
        rk_ns least_ns = (rk_ns)((double)policy->interval_ns * (1.0 - (double)policy->jitter_ppm * 1e-6));
        life_ns = least_ns < life_ns ? least_ns : life_ns;
    }
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0) {
        rk_ns gap_ns = rk_traffic_make(trial->message_period_ns, trial->message_jitter_ppm).shortest_ns;
        rk_ns least_ns = gap_ns > RK_NEVER / policy->messages ? RK_NEVER : gap_ns * policy->messages;
        life_ns = least_ns < life_ns ? least_ns : life_ns;
    }
    return life_ns;
}

const char *rk_spare_refuses(const struct rk_trial *trial)
{
    const rk_ns step_ns = 10 * RK_S; /* more than a step of an agent takes */
    if (trial->server_time_ns > 0) {
        return "devices wait for the key server";
    }
    if (trial->protocol != NULL) {
        return "a protocol's flights are played";
    }
    if (trial->trace != NULL) {
        return "a trace is printed";
    }
    return trial->policy.overlap_ns > life_least_ns(trial) || life_least_ns(trial) - trial->policy.overlap_ns < step_ns
               ? "a key may end while the one before still processes"
               : NULL;
}

void rk_spare_init(struct rk_fleet *fleet)
{
    if (!fleet->trial->lifetime || !fleet->stretch.possible || rk_spare_refuses(fleet->trial) != NULL) {
        return;
    }
    fleet->spare = rk_arena_alloc(&fleet->arena, sizeof *fleet->spare);
    memset(fleet->spare, 0, sizeof *fleet->spare);
}

void rk_spare_open(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    spare->at = RKI_UNKNOWN;
    spare->moved = false;
    spare->end_ns = RK_NEVER;
    spare->watch.on = false;
    if (spare->wear == NULL) {
        spare->wear = rk_arena_array(&node->fleet->arena, node->nvm.wears, sizeof *spare->wear);
    }
}

/* --- messages --- */

/* As many reserves as the messages so far have taken. */
static void take_reserves(struct rk_node *node, uint32_t reserved)
{
    struct rk_spare *spare = node->fleet->spare;
    uint32_t protected_messages = rk_agent_active(&node->device)->protected_messages;
    while (protected_messages > reserved) {
        struct rki_state *state = &spare->state[spare->at];
        state->reserves++;
        reserved += state->reserve.counters;
        spare->at = state->reserve.to;
        spare->moved = true;
    }
    node->device.store.send_reserved = reserved;
}

static uint64_t messages(struct rk_node *node, rk_ns limit_ns)
{
    struct rk_spare *spare = node->fleet->spare;
    bool spared = !spare->watch.on && rk_bulk_rests(&node->device);
    int at = spared ? rki_spare_locate(node) : RKI_UNKNOWN;
    if (at == RKI_UNKNOWN || !spare->state[at].closed) {
        return rk_stretch_run(node, limit_ns);
    }
    uint32_t reserved = node->device.store.send_reserved;
    node->device.store.send_reserved = UINT32_MAX;
    uint64_t taken = rk_stretch_run(node, limit_ns);
    take_reserves(node, reserved);
    return taken;
}

/* --- renewals --- */

/* A renewal on the air. */
struct exchange {
    struct rk_transmission sent[RK_FRAME_R3 + 1];
    rk_ns asked_ns;    /* the device has sent R1, and listens */
    rk_ns answer_ns;   /* the gateway begins to send R2 */
    rk_ns answered_ns; /* the device has R2, and activates */
    rk_ns keyed_ns;    /* it begins to send R3 */
    rk_ns confirmed_ns;
    rk_ns over_ns; /* nobody has anything of it to do any more */
};

static bool cross(struct rk_node *node, const struct rki_renewal *renewal, uint8_t frame, rk_ns at_ns,
                  struct rk_transmission *sent)
{
    const struct rki_carried what = rki_carried(node, frame, node->renewal + 1, 1, 0, renewal->frame_bytes[frame]);
    rki_cross(node, what, at_ns, frame == RK_FRAME_R2, sent);
    return sent->delivered;
}

/* out: false: something is lost, or late. */
static bool exchange_frames(struct rk_node *node, const struct rki_renewal *renewal, rk_ns now_ns, struct exchange *out)
{
    const struct rk_trial *trial = node->fleet->trial;
    const rk_ns startup_ns = trial->radio->startup_ns, network_ns = trial->network_delay_ns;
    struct rk_transmission *sent = out->sent;
    rk_ns ask_ns = now_ns + renewal->asks_ns + startup_ns;
    if (!cross(node, renewal, RK_FRAME_R1, ask_ns, &sent[RK_FRAME_R1])) {
        return false;
    }
    out->asked_ns = ask_ns + sent[RK_FRAME_R1].duration_ns;
    rk_ns served_ns = ask_ns + sent[RK_FRAME_R1].delivered_ns + 2 * network_ns;
    out->answer_ns = served_ns > node->gateway_free_ns ? served_ns : node->gateway_free_ns;
    if (!cross(node, renewal, RK_FRAME_R2, out->answer_ns, &sent[RK_FRAME_R2])) {
        return false;
    }
    out->answered_ns = out->answer_ns + sent[RK_FRAME_R2].delivered_ns;
    out->answered_ns = out->answered_ns > out->asked_ns ? out->answered_ns : out->asked_ns;
    out->keyed_ns = out->answered_ns + renewal->answers_ns + startup_ns;
    if (out->answered_ns > out->asked_ns + trial->policy.retry_ns ||
        !cross(node, renewal, RK_FRAME_R3, out->keyed_ns, &sent[RK_FRAME_R3])) {
        return false;
    }
    out->confirmed_ns = out->keyed_ns + sent[RK_FRAME_R3].delivered_ns + network_ns;
    return true;
}

/* When anything is due but what the mask has: bits of enum rk_node_event. */
static rk_ns due_ns(const struct rk_node *node, uint32_t but)
{
    rk_ns at_ns = node->fleet->trial->horizon_ns;
    for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
        at_ns = (but >> kind & 1) == 0 && node->due_ns[kind] < at_ns ? node->due_ns[kind] : at_ns;
    }
    return at_ns;
}

static void charge(struct rk_node *node, const struct exchange *exchange)
{
    const rk_ns startup_ns = node->fleet->trial->radio->startup_ns;
    const struct rk_transmission *down = &exchange->sent[RK_FRAME_R2];
    rki_charge_radio(&node->ledger, RK_PHASE_KEYS, &exchange->sent[RK_FRAME_R1], startup_ns);
    rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &down->heard);
    node->gateway_free_ns = exchange->answer_ns + down->duration_ns;
    rki_listen_start(node, exchange->asked_ns);
    rki_listen_stop(node, exchange->answered_ns);
    rki_charge_acks(node, down->acks);
    rki_charge_radio(&node->ledger, RK_PHASE_KEYS, &exchange->sent[RK_FRAME_R3], startup_ns);
}

/* The device's steps at the end of the overlap, at now_ns. */
static void end_overlap(struct rk_node *node, rk_ns now_ns)
{
    struct rk_spare *spare = node->fleet->spare;
    node->free_ns = now_ns + spare->ends_ns;
    spare->end_ns = RK_NEVER;
    rk_bulk_wake(&node->device, node->free_ns);
    rki_set_due(node, RK_NODE_TIMER, node->device.wake_ns);
}

/* They wait for their time where a sample comes before they are over. */
static void end_overlap_later(struct rk_node *node, const struct rki_renewal *renewal, rk_ns end_ns)
{
    struct rk_spare *spare = node->fleet->spare;
    if (renewal->ends_ns > 0 && node->sampled_ns <= end_ns + renewal->ends_ns) {
        spare->end_ns = end_ns;
        spare->ends_ns = renewal->ends_ns;
        node->device.wake_ns = end_ns;
    }
    rki_set_due(node, RK_NODE_TIMER, node->device.wake_ns);
}

/* Node and agents after it. */
static void renew(struct rk_node *node, const struct rki_renewal *renewal, const struct exchange *exchange,
                  rk_ns now_ns, rk_ns free_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const rk_ns startup_ns = fleet->trial->radio->startup_ns;
    fleet->actions.renewal_started = 1;
    fleet->actions.renewal_finished = fleet->actions.renewal_failed = 0;
    rki_follow_renewal(node, now_ns);
    node->attempt = 1;
    node->from_master = renewal->from_master;
    node->asked_ns = now_ns;
    node->reply_shift_ns = exchange->asked_ns - now_ns;
    rk_histogram_add(&fleet->tally.wait_ns, 0, 1);
    charge(node, exchange);

    rk_bulk_renewed(&node->device, exchange->answered_ns, renewal->device_requests, renewal->send_reserved);
    node->free_ns = exchange->keyed_ns - startup_ns;
    rki_follow_key(node, exchange->answered_ns);
    fleet->actions.renewal_started = 0;
    fleet->actions.renewal_finished = 1;
    rki_follow_renewal(node, exchange->answered_ns);
    node->free_ns = free_ns;

    rk_bulk_renewed(&node->peer, exchange->confirmed_ns, renewal->peer_requests, 0);
    rk_stale_passed(node, exchange->confirmed_ns);
    rki_set_due(node, RK_NODE_PEER_TIMER, node->peer.wake_ns);
    end_overlap_later(node, renewal, exchange->answered_ns + fleet->trial->policy.overlap_ns);
}

static bool ready(const struct rk_node *node, rk_ns now_ns)
{
    return !node->fleet->spare->watch.on && !node->listening && !node->renewing && node->free_ns <= now_ns &&
           node->up.count == 0 && node->served.count == 0 && node->down.count == 0 && !node->peer_wants_entropy &&
           node->keyless_since_ns == RK_NEVER && node->due_ns[RK_NODE_MESSAGE] == node->sampled_ns &&
           rk_bulk_renews(&node->device, now_ns) && rk_bulk_rests(&node->peer) &&
           node->peer.last_key_id == node->device.last_key_id;
}

/* out: whether so many messages may come before the end of the overlap that one takes a new reserve: the store would then
 * hold what it never held at rest. */
static bool may_reserve(const struct rk_node *node, const struct rki_renewal *renewal)
{
    const struct rk_fleet *fleet = node->fleet;
    rk_ns overlap_ns = fleet->trial->policy.overlap_ns + renewal->ends_ns;
    return fleet->traffic.shortest_ns == 0 || overlap_ns / fleet->traffic.shortest_ns + 1 >= renewal->send_reserved;
}

/* What the device has sent before its renewal is due reaches the server before the request, and nothing else does. */
static bool deliver_first(struct rk_node *node)
{
    rk_ns at_ns = node->due_ns[RK_NODE_UP];
    if (node->up.slot[node->up.head].kind != RK_FRAME_DATA ||
        at_ns >= due_ns(node, 1u << RK_NODE_UP | 1u << RK_NODE_TIMER)) {
        return false;
    }
    node->due_ns[RK_NODE_UP] = RK_NEVER;
    rk_spare_play(node, RK_NODE_UP, at_ns);
    return true;
}

static uint64_t renewal(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_spare *spare = fleet->spare;
    if (now_ns >= spare->end_ns) {
        end_overlap(node, now_ns);
        return 1;
    }
    if (node->up.count > 0 && rk_bulk_renews(&node->device, now_ns) && deliver_first(node)) {
        return 1;
    }
    int at = ready(node, now_ns) ? rki_spare_locate(node) : RKI_UNKNOWN;
    if (at == RKI_UNKNOWN) {
        return 0;
    }
    struct rki_state *state = &spare->state[at];
    const struct rki_renewal *known = &state->renewal;
    if (!known->known) {
        rki_spare_settle_cells(node);
        rki_spare_watch(node, at);
        return 0;
    }
    if (!rk_bulk_draws(&node->device, known->device_requests) || !rk_bulk_draws(&node->peer, known->peer_requests)) {
        return 0;
    }
    const struct rk_link_state link = node->link;
    struct exchange exchange;
    bool spared = exchange_frames(node, known, now_ns, &exchange);
    rk_ns free_ns = spared ? exchange.keyed_ns + exchange.sent[RK_FRAME_R3].duration_ns : 0;
    rk_ns over_ns = spared ? exchange.confirmed_ns + fleet->trial->policy.overlap_ns + known->ends_ns : 0;
    rk_ns other_ns = due_ns(node, 1u << RK_NODE_TIMER | 1u << RK_NODE_MESSAGE);
    if (!spared || over_ns >= other_ns || free_ns >= other_ns || node->sampled_ns <= free_ns ||
        node->sampled_ns <= exchange.confirmed_ns || may_reserve(node, known)) {
        node->link = link;
        return 0;
    }
    renew(node, known, &exchange, now_ns, free_ns);
    fleet->tally.lifecycle_calls += known->calls;
    fleet->tally.calls_spared += known->calls;
    fleet->tally.renewals_spared++;
    node->trace.records += known->records;
    state->renewals++;
    spare->at = known->to;
    spare->moved = true;
    return known->events;
}

uint64_t rk_spare_step(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns, rk_ns limit_ns)
{
    return kind == RK_NODE_MESSAGE ? messages(node, limit_ns) : kind == RK_NODE_TIMER ? renewal(node, now_ns) : 0;
}

/* --- sums --- */

static void add_used(struct rk_node *node, enum rk_phase phase, const struct rki_used *used, uint64_t times)
{
    const struct rk_usage *usage = &used->usage;
    struct rk_ledger *ledger = &node->ledger;
    ledger->cycles[phase] += times * usage->cycles;
    ledger->cycles_low[phase] += times * usage->cycles_low;
    ledger->cycles_high[phase] += times * usage->cycles_high;
    ledger->engine_ns[phase] += times * usage->engine_ns;
    ledger->nvm_ns += times * rk_cells_busy_ns(usage, node->fleet->trial->device);
    node->nvm_bytes += times * usage->nvm_bytes;
    for (uint32_t i = 0; i < node->nvm.wears; i++) {
        node->nvm.wear[i] += (uint32_t)times * used->wear[i];
    }
}

void rk_spare_close(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    for (unsigned i = 0; i < spare->states; i++) {
        struct rki_state *state = &spare->state[i];
        if (state->renewals > 0) {
            add_used(node, RK_PHASE_KEYS, &state->renewal.used, state->renewals);
        }
        if (state->reserves > 0) {
            add_used(node, RK_PHASE_DATA, &state->reserve.used, state->reserves);
        }
        state->renewals = state->reserves = 0;
    }
}
