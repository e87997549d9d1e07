#include "engine/model/group.h"

#include "engine/model/group_plan.h"
#include "engine/model/node_internal.h"

/* What asks for a path: a frame's head and a tag. The bit apart from sequences of data, keys and flights. */
enum { BLOCKS_A_ROUND = 32 };
#define SEQUENCE_GROUP ((uint64_t)1 << 54)

/* --- when --- */

/* When the server sends a round to the member, or to all at once. */
static rk_ns sent_ns(const struct rk_node *node, const struct rk_group_round *round)
{
    const struct rk_group_plan *plan = node->fleet->group;
    bool pairwise = plan->tree.height == 1 && node->fleet->trial->group.scheme != RK_GROUP_LKH && round->leaves > 0;
    rk_ns before_ns = pairwise ? (node->index % plan->width) * plan->pairwise_ns : 0;
    return rk_add_sat(round->at_ns, before_ns);
}

/* Does the member join in that round? Then it is awake. */
static bool joins_in(const struct rk_node *node, const struct rk_group_round *round)
{
    const struct rk_group_change *change = node->fleet->group->change + round->first;
    for (uint32_t i = 0; i < round->changes; i++) {
        if (change[i].device == node->index && change[i].joins) {
            return true;
        }
    }
    return false;
}

/* How long it sleeps on when that is sent. */
static rk_ns asleep_ns(const struct rk_node *node, const struct rk_group_round *round)
{
    const struct rk_trial *trial = node->fleet->trial;
    bool sleeps = trial->group.window_ns != 0 && trial->listen == RK_LISTEN_POLL;
    if (!sleeps || joins_in(node, round)) {
        return 0;
    }
    uint64_t draw = rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_WAKE, 0);
    rk_ns period_ns = trial->listen_period_ns, phase_ns = rk_rng_below(draw, period_ns);
    rk_ns past_ns = (sent_ns(node, round) + period_ns - phase_ns) % period_ns;
    return past_ns == 0 ? 0 : period_ns - past_ns;
}

static rk_ns round_ns(const struct rk_node *node)
{
    const struct rk_group_plan *plan = node->fleet->group;
    const struct rk_group_state *state = &node->group;
    if (state->round >= plan->rounds) {
        return RK_NEVER;
    }
    const struct rk_group_round *round = &plan->round[state->round];
    return rk_add_sat(sent_ns(node, round), asleep_ns(node, round));
}

static rk_ns asks_ns(const struct rk_group_state *state)
{
    return state->stale_level != 0 && !state->outside ? state->ask_ns : RK_NEVER;
}

static rk_ns tells_ns(const struct rk_group_state *state)
{
    return state->tells ? state->tell_ns : RK_NEVER;
}

static rk_ns next_ns(const struct rk_node *node, uint32_t n, rk_ns after_ns)
{
    (void)n;
    rk_ns at_ns = round_ns(node), ask_ns = asks_ns(&node->group), tell_ns = tells_ns(&node->group);
    at_ns = ask_ns < at_ns ? ask_ns : at_ns;
    at_ns = tell_ns < at_ns ? tell_ns : at_ns;
    return at_ns > after_ns ? at_ns : after_ns;
}

/* --- what changes for a member --- */

struct concern {
    bool any; /* in its tree */
    bool was, is, newcomer;
    uint8_t left,
        joined; /* lowest level of its path below which somebody left, or only joined; above the root: nobody */
};

/* out: the lowest level at which two places have a node in common. */
static uint8_t meeting_level(const struct rk_group_config *tree, uint32_t place, uint32_t other)
{
    uint8_t level = 0;
    while (place != other) {
        place /= tree->degree;
        other /= tree->degree;
        level++;
    }
    return level;
}

static struct concern concern_of(const struct rk_node *node, const struct rk_group_round *round)
{
    const struct rk_group_plan *plan = node->fleet->group;
    const uint8_t nobody = (uint8_t)(plan->tree.height + 1);
    struct concern concern = {.was = !node->group.outside, .left = nobody, .joined = nobody};
    concern.is = concern.was;
    for (uint32_t i = round->first; i < round->first + round->changes; i++) {
        const struct rk_group_change *change = &plan->change[i];
        if (change->device / plan->width != node->index / plan->width) {
            continue;
        }
        concern.any = true;
        if (change->device == node->index) {
            concern.is = concern.newcomer = change->joins;
        } else {
            uint8_t level = meeting_level(&plan->tree, node->index % plan->width, change->device % plan->width);
            uint8_t *lowest = change->had_key ? &concern.left : &concern.joined;
            *lowest = level < *lowest ? level : *lowest;
        }
    }
    return concern;
}

/* out: keys that it has to open. */
static uint8_t keys_of(const struct rk_group_plan *plan, const struct concern *concern)
{
    const uint8_t height = plan->tree.height;
    if (concern->newcomer) {
        return height;
    }
    uint8_t lowest = concern->joined < concern->left && !plan->tree.open ? concern->joined : concern->left;
    return (uint8_t)(height + 1 - lowest);
}

/* --- how it gets them --- */

static uint32_t frames_of(const struct rk_group_plan *plan, uint32_t entries)
{
    return (entries + plan->frame_entries - 1) / plan->frame_entries;
}

static void count_bytes(struct rk_node *node, uint64_t entries, uint64_t frames)
{
    const struct rk_group_plan *plan = node->fleet->group;
    node->fleet->tally.group.bytes += entries * rk_group_entry_bytes(&plan->tree) + frames * RK_GROUP_HEAD_bytes;
}

/* The frame crosses the device's own link, either way. out: whether it arrived. */
static bool cross(struct rk_node *node, uint16_t bytes, bool down, rk_ns *at_ns)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_transmission sent;
    const struct rk_datagram datagram = {.at_ns = *at_ns,
                                         .sequence = SEQUENCE_GROUP | node->group.sent++,
                                         .device = node->index,
                                         .bytes = bytes,
                                         .down = down};
    rk_link_send(&fleet->link, &fleet->rng, &node->link, &datagram, &sent);
    struct rk_effort effort = {
        .tx_ns = sent.tx_ns, .rx_ns = sent.rx_ns, .idle_ns = sent.idle_ns, .awake_ns = sent.awake_ns};
    if (down) {
        effort = rk_link_wait(&fleet->link, sent.duration_ns);
        rk_ns ack_ns = sent.acks * fleet->link.ack_ns;
        ack_ns = ack_ns < effort.rx_ns ? ack_ns : effort.rx_ns;
        effort.rx_ns -= ack_ns;
        effort.tx_ns += ack_ns;
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &sent.heard);
    }
    rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &effort);
    *at_ns += sent.duration_ns;
    return sent.delivered;
}

/* So many entries in frames of its own. out: whether all arrived. */
static bool get_pairwise(struct rk_node *node, uint32_t entries, rk_ns *at_ns)
{
    const struct rk_group_plan *plan = node->fleet->group;
    bool all = true;
    count_bytes(node, entries, frames_of(plan, entries));
    while (entries > 0) {
        uint32_t these = entries < plan->frame_entries ? entries : plan->frame_entries;
        uint32_t bytes = RK_GROUP_HEAD_bytes + these * rk_group_entry_bytes(&plan->tree);
        all &= cross(node, (uint16_t)bytes, true, at_ns);
        entries -= these;
    }
    return all;
}

/* out: whether none of the frames that it needs was lost in all its copies. */
static bool none_lost(const struct rk_node *node, uint32_t round, uint32_t needed)
{
    const struct rk_fleet *fleet = node->fleet;
    for (uint32_t i = 0; i < needed; i++) {
        struct rk_rng_words words =
            rk_rng_block(&fleet->rng, node->index, RK_RNG_GROUP, (uint64_t)round * BLOCKS_A_ROUND + i);
        bool lost = true;
        for (unsigned copy = 0; copy < fleet->trial->group.copies; copy++) {
            lost &= words.word[copy] < fleet->link.loss_below;
        }
        if (lost) {
            return false;
        }
    }
    return true;
}

/* All frames of a multicast, which a member has to listen to; those that carry its keys have to arrive. */
static bool get_multicast(struct rk_node *node, uint32_t round, uint32_t entries, uint32_t keys, rk_ns *at_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    const struct rk_group_plan *plan = fleet->group;
    if (!plan->unacknowledged) {
        return get_pairwise(node, entries, at_ns);
    }
    uint32_t frames = frames_of(plan, entries), copies = fleet->trial->group.copies;
    uint32_t last = entries - (frames - 1) * plan->frame_entries;
    rk_ns air_ns = copies * ((frames - 1) * plan->frame_ns[plan->frame_entries] + plan->frame_ns[last]);
    struct rk_effort effort = rk_link_wait(&fleet->link, air_ns);
    rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &effort);
    count_bytes(node, (uint64_t)copies * entries, (uint64_t)copies * frames);
    *at_ns += air_ns;
    return none_lost(node, round, keys < frames ? keys : frames);
}

/* Computes, from at_ns on. */
static void work(struct rk_node *node, const struct rk_usage *usage, rk_ns at_ns)
{
    node->fleet->meter.usage = *usage;
    rki_charge_step(node, RK_PHASE_KEYS, at_ns);
}

/* Looks at so many entries, of which so many bring keys. */
static void work_on_entries(struct rk_node *node, uint32_t entries, uint8_t keys, rk_ns at_ns)
{
    const struct rk_group_plan *plan = node->fleet->group;
    struct rk_usage usage = plan->opens[keys];
    rk_usage_add(&usage, &plan->passes, entries > keys ? entries - keys : 0);
    work(node, &usage, at_ns);
}

/* --- stale keys --- */

static void stale_until(struct rk_node *node, rk_ns since_ns, rk_ns until_ns)
{
    struct rk_group_tally *tally = &node->fleet->tally.group;
    rk_ns window_ns = node->fleet->trial->group.window_ns, over_ns = rk_add_sat(since_ns, window_ns);
    rk_ns horizon_ns = node->fleet->trial->horizon_ns;
    until_ns = until_ns < horizon_ns ? until_ns : horizon_ns;
    tally->stale_ns += until_ns > since_ns ? until_ns - since_ns : 0;
    if (window_ns != 0 && until_ns > over_ns) {
        tally->missed++;
        tally->healing_ns += until_ns - over_ns;
    }
}

static void has_missed(struct rk_node *node, uint8_t level, rk_ns since_ns)
{
    struct rk_group_state *state = &node->group;
    if (state->stale_level == 0) {
        state->stale_ns = since_ns;
        state->stale_level = level;
        state->ask_ns = rk_add_sat(node->free_ns, node->fleet->trial->group.repair_ns);
    } else if (level < state->stale_level) {
        state->stale_level = level;
    }
}

static void has_all(struct rk_node *node, rk_ns since_ns)
{
    struct rk_group_state *state = &node->group;
    stale_until(node, state->stale_level != 0 ? state->stale_ns : since_ns, node->free_ns);
    state->stale_level = 0;
}

/* --- what happens --- */

/* Whether what a member opens of a rekey begins below what it lacks: from there on each key comes under the one below. */
static bool heals(const struct concern *concern, uint8_t stale)
{
    return concern->newcomer || concern->left <= stale || concern->joined < stale;
}

/* It was brought what it needs, or not. */
static void learn(struct rk_node *node, const struct concern *concern, uint8_t keys, bool arrived, rk_ns since_ns)
{
    const uint8_t height = node->fleet->group->tree.height;
    const uint8_t stale = node->group.stale_level;
    if (!arrived) {
        has_missed(node, (uint8_t)(height + 1 - keys), since_ns);
    } else if (stale == 0 || heals(concern, stale)) {
        has_all(node, since_ns);
    }
}

/* What it waited for has to wait. The radio starts, if it is not on already. */
static bool interrupt(struct rk_node *node, rk_ns *at_ns)
{
    bool listening = node->listening;
    rki_listen_stop(node, *at_ns);
    if (!listening) {
        rk_ns startup_ns = node->fleet->trial->radio->startup_ns;
        const struct rk_effort startup = {.idle_ns = startup_ns, .awake_ns = startup_ns};
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &startup);
        *at_ns += startup_ns;
    }
    return listening;
}

static void go_on(struct rk_node *node, bool listening)
{
    if (listening) {
        rki_listen_start(node, node->free_ns);
    }
}

static void hear(struct rk_node *node, const struct rk_group_round *round, const struct concern *concern, rk_ns now_ns)
{
    const struct rk_group_plan *plan = node->fleet->group;
    uint8_t keys = keys_of(plan, concern);
    if (keys == 0) {
        return;
    }
    node->fleet->tally.group.heard++;
    if (asleep_ns(node, round) > node->fleet->trial->group.window_ns) { /* there was something, which is gone */
        has_missed(node, (uint8_t)(plan->tree.height + 1 - keys), round->at_ns);
        node->group.ask_ns = now_ns;
        return;
    }
    bool star = node->fleet->trial->group.scheme != RK_GROUP_LKH;
    bool pairwise = star && (concern->newcomer || concern->left <= plan->tree.height);
    rk_ns at_ns = now_ns;
    bool listening = interrupt(node, &at_ns);
    uint32_t entries = pairwise ? keys : star ? 1 : round->entries;
    bool arrived =
        pairwise ? get_pairwise(node, keys, &at_ns) : get_multicast(node, node->group.round, entries, keys, &at_ns);
    entries *= pairwise || !plan->unacknowledged ? 1u : node->fleet->trial->group.copies;
    work_on_entries(node, arrived ? entries : 0, arrived ? keys : 0, at_ns);
    learn(node, concern, keys, arrived, round->at_ns);
    go_on(node, listening);
}

static void rekey(struct rk_node *node, rk_ns now_ns)
{
    struct rk_group_state *state = &node->group;
    const struct rk_group_round *round = &node->fleet->group->round[state->round];
    const struct concern concern = concern_of(node, round);
    if (concern.any && concern.was && (!concern.is || concern.newcomer) && state->stale_level != 0) {
        stale_until(node, state->stale_ns, round->at_ns); /* it is out, of what it could not read */
        state->stale_level = 0;
    }
    state->outside = !concern.is;
    if (round->at_ns < node->start_ns) { /* it starts with the keys of that time */
        state->round++;
        return;
    }
    if (concern.any && concern.is) {
        hear(node, round, &concern, now_ns);
    }
    state->round++;
    if (concern.any && (concern.was || concern.is) &&
        (node->fleet->trial->policy.triggers & RK_TRIGGER_MEMBERSHIP) != 0) {
        state->tells = true;
        state->tell_ns = node->free_ns > now_ns ? node->free_ns : now_ns;
    }
}

/* It asks for the keys of its path, and gets them if nothing is lost. */
static void repair(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_trial *trial = node->fleet->trial;
    struct rk_group_state *state = &node->group;
    const uint8_t height = node->fleet->group->tree.height;
    rk_ns at_ns = now_ns;
    bool listening = interrupt(node, &at_ns);
    work(node, &node->fleet->group->seals, at_ns);
    at_ns = node->free_ns;
    bool arrived = cross(node, (uint16_t)(RK_GROUP_HEAD_bytes + trial->tag_bytes), false, &at_ns);
    if (arrived) {
        struct rk_effort wait = rk_link_wait(&node->fleet->link, 2 * trial->network_delay_ns);
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &wait);
        at_ns += 2 * trial->network_delay_ns;
        arrived = get_pairwise(node, height, &at_ns);
    }
    work_on_entries(node, 0, arrived ? height : 0, at_ns);
    node->fleet->tally.group.repairs++;
    if (arrived) {
        has_all(node, state->stale_ns);
    } else {
        state->ask_ns = rk_add_sat(node->free_ns, trial->group.repair_ns);
    }
    go_on(node, listening);
}

static void happen(struct rk_node *node, uint32_t n, rk_ns now_ns)
{
    (void)n;
    const uint8_t occasion = RK_TRIGGER_MEMBERSHIP;
    struct rk_group_state *state = &node->group;
    rk_ns at_ns = round_ns(node), ask_ns = asks_ns(state), tell_ns = tells_ns(state);
    if (tell_ns <= at_ns && tell_ns <= ask_ns) {
        state->tells = false;
        rki_device_react(node, RK_EVENT_SESSION, now_ns, &occasion, sizeof occasion);
    } else if (ask_ns < at_ns) {
        repair(node, now_ns);
    } else {
        rekey(node, now_ns);
    }
}

const struct rk_occasion_source *rki_group_source(void)
{
    static const struct rk_occasion_source source = {.next_ns = next_ns, .happen = happen};
    return &source;
}

void rk_group_restart(struct rk_node *node, rk_ns now_ns)
{
    if (node->fleet->group != NULL && !node->group.outside) {
        has_missed(node, 1, node->fault.cut_ns);
        node->group.ask_ns = rk_add_sat(now_ns, node->fleet->trial->group.repair_ns);
        rk_occasions_again(node, RK_OCCASION_GROUP, node->group.ask_ns);
    }
}

void rk_group_settle(struct rk_node *node, rk_ns horizon_ns)
{
    if (node->group.stale_level != 0 && !node->group.outside) {
        stale_until(node, node->group.stale_ns, horizon_ns);
    }
}
