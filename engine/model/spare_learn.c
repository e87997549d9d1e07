/* How states of rest are told apart, and what is learned while renewals and messages are played. */
#include <string.h>

#include "engine/lifecycle/bulk.h"
#include "engine/model/node_internal.h"
#include "engine/model/spare_internal.h"

/* --- states --- */

static struct rki_state *state_new(struct rk_spare *spare, uint32_t places, uint8_t newest)
{
    struct rki_state *state = &spare->state[spare->states++];
    *state = (struct rki_state){.places = places, .newest = newest};
    return state;
}

int rki_spare_locate(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    if (spare->at != RKI_UNKNOWN) {
        return spare->at;
    }
    const struct rk_key *key = rk_agent_active(&node->device);
    uint32_t places = rk_cells_places(&node->nvm, key->id);
    const uint32_t low = 0x55555555;
    if ((places & places >> 1 & low) != 0) {
        return RKI_UNKNOWN; /* a place holds another key's record */
    }
    uint8_t newest = node->device.store.newest;
    unsigned i = 0;
    while (i < spare->states && (spare->state[i].places != places || spare->state[i].newest != newest)) {
        i++;
    }
    if (i == spare->states) {
        if (i == RKI_STATES) {
            return RKI_UNKNOWN;
        }
        state_new(spare, places, newest);
    }
    return spare->at = (int)i;
}

void rki_spare_settle_cells(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    if (spare->moved) {
        const struct rki_state *state = &spare->state[spare->at];
        rk_cells_set_places(&node->nvm, state->places, rk_agent_active(&node->device)->id);
        node->device.store.newest = state->newest;
        spare->moved = false;
    }
}

/* --- learning --- */

static rk_ns busy_ns(const struct rk_node *node, const struct rk_usage *usage)
{
    const struct rk_device_profile *device = node->fleet->trial->device;
    return rk_cycles_ns(usage->cycles, device->clock_Hz) + rk_cells_busy_ns(usage, device);
}

static void wear_begin(struct rk_node *node)
{
    memcpy(node->fleet->spare->wear, node->nvm.wear, node->nvm.wears * sizeof *node->nvm.wear);
}

static uint32_t *wear_since(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    uint32_t *wear = rk_arena_array(&node->fleet->arena, node->nvm.wears, sizeof *wear);
    for (uint32_t i = 0; i < node->nvm.wears; i++) {
        wear[i] = node->nvm.wear[i] - spare->wear[i];
    }
    return wear;
}

/* out: whether reserves lead from there to known states only. */
static bool leads_on(const struct rk_spare *spare, unsigned at)
{
    unsigned steps = 0;
    while (steps <= spare->states && !spare->state[at].closed && spare->state[at].reserve.known) {
        at = spare->state[at].reserve.to;
        steps++;
    }
    return spare->state[at].closed || steps > spare->states;
}

/* The reserve from there is known now. */
static void close_states(struct rk_spare *spare, unsigned from)
{
    for (unsigned i = leads_on(spare, from) ? 0 : spare->states; i < spare->states; i++) {
        spare->state[i].closed = leads_on(spare, i);
    }
}

void rki_spare_watch(struct rk_node *node, int from)
{
    struct rk_spare *spare = node->fleet->spare;
    spare->watch = (struct rki_watch){.on = true,
                                      .from = from,
                                      .device_requests = node->device.drbg_requests,
                                      .peer_requests = node->peer.drbg_requests};
    wear_begin(node);
}

static void watch_end(struct rk_node *node)
{
    struct rk_spare *spare = node->fleet->spare;
    struct rki_watch *watch = &spare->watch;
    struct rki_renewal *renewal = &watch->renewal;
    watch->on = false;
    int to = rki_spare_locate(node);
    if (to == RKI_UNKNOWN) {
        return;
    }
    renewal->known = true;
    renewal->to = (uint16_t)to;
    renewal->from_master = node->from_master;
    renewal->used.wear = wear_since(node);
    renewal->device_requests = (uint16_t)(node->device.drbg_requests - watch->device_requests);
    renewal->peer_requests = (uint16_t)(node->peer.drbg_requests - watch->peer_requests);
    renewal->send_reserved = node->device.store.send_reserved;
    spare->state[watch->from].renewal = *renewal;
}

/* What an event of a renewal by the book is. out: false: it is none. */
static bool watch_step(struct rk_node *node, enum rk_node_event kind)
{
    static const uint8_t book[] = {RK_NODE_TIMER, RK_NODE_UP, RK_NODE_SERVED, RK_NODE_DOWN, RK_NODE_UP};
    const struct rk_fleet *fleet = node->fleet;
    struct rki_watch *watch = &node->fleet->spare->watch;
    struct rki_renewal *renewal = &watch->renewal;
    const struct rk_usage *usage = &fleet->meter.usage;
    bool exchange = watch->stage < sizeof book;
    if (exchange ? kind != book[watch->stage] : kind != RK_NODE_TIMER && kind != RK_NODE_PEER_TIMER) {
        return false;
    }
    if (kind == RK_NODE_TIMER || kind == RK_NODE_DOWN) {
        rk_ns took_ns = busy_ns(node, usage);
        *(!exchange ? &renewal->ends_ns : kind == RK_NODE_TIMER ? &renewal->asks_ns : &renewal->answers_ns) += took_ns;
        rk_usage_add(&renewal->used.usage, usage, 1);
    }
    if (exchange && kind != RK_NODE_UP) {
        const struct rk_actions *actions = kind == RK_NODE_SERVED ? &fleet->peer_actions : &fleet->actions;
        uint8_t frame = watch->stage == 0 ? RK_FRAME_R1 : kind == RK_NODE_SERVED ? RK_FRAME_R2 : RK_FRAME_R3;
        if (actions->frame_kind != frame) {
            return false;
        }
        renewal->frame_bytes[frame] = actions->frame_bytes;
    }
    watch->stage += exchange;
    return true;
}

static void play_watched(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    struct rki_watch *watch = &node->fleet->spare->watch;
    const struct rk_tally *tally = &node->fleet->tally;
    uint64_t calls = tally->lifecycle_calls, records = node->trace.records;
    bool waits = now_ns < node->free_ns && kind != RK_NODE_UP && kind != RK_NODE_SERVED && kind != RK_NODE_PEER_TIMER;
    rk_node_handle(node, kind, now_ns);
    watch->renewal.events++;
    watch->renewal.calls += (uint32_t)(tally->lifecycle_calls - calls);
    watch->renewal.records += (uint32_t)(node->trace.records - records);
    if (waits || !watch_step(node, kind)) {
        watch->on = false;
    } else if (watch->stage > RK_FRAME_R3 && rk_bulk_rests(&node->device) && rk_bulk_rests(&node->peer)) {
        node->fleet->spare->at = RKI_UNKNOWN;
        watch_end(node);
    }
}

/* A message that takes a new reserve. */
static void play_reserve(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_spare *spare = fleet->spare;
    int from = rki_spare_locate(node);
    uint32_t reserved = node->device.store.send_reserved;
    wear_begin(node);
    rk_node_handle(node, RK_NODE_MESSAGE, now_ns);
    spare->at = RKI_UNKNOWN;
    bool kept = from != RKI_UNKNOWN && rk_bulk_rests(&node->device) && fleet->actions.frame_kind == RK_FRAME_DATA;
    int to = kept && !spare->state[from].reserve.known ? rki_spare_locate(node) : RKI_UNKNOWN;
    if (to == RKI_UNKNOWN || node->device.store.send_reserved == reserved) {
        return;
    }
    struct rki_reserve *reserve = &spare->state[from].reserve;
    *reserve = (struct rki_reserve){.known = true,
                                    .to = (uint16_t)to,
                                    .used = {.usage = fleet->meter.usage, .wear = wear_since(node)},
                                    .counters = node->device.store.send_reserved - reserved};
    reserve->used.usage.cycles -= fleet->stretch.price.cycles;
    reserve->used.usage.cycles_low -= fleet->stretch.price.cycles_low;
    reserve->used.usage.cycles_high -= fleet->stretch.price.cycles_high;
    reserve->used.usage.engine_ns -= fleet->stretch.price.engine_ns;
    close_states(spare, (unsigned)from);
}

void rk_spare_play(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns)
{
    struct rk_spare *spare = node->fleet->spare;
    const uint32_t aside = 1u << RK_NODE_UP | 1u << RK_NODE_SERVED | 1u << RK_NODE_PEER_TIMER | 1u << RK_NODE_LEAK;
    const struct rk_key *key = rk_agent_active(&node->device);
    bool waits = now_ns < node->free_ns;
    bool writes = kind != RK_NODE_MESSAGE || key == NULL || key->protected_messages >= node->device.store.send_reserved;
    if ((aside >> kind & 1) == 0 && writes) {
        rki_spare_settle_cells(node);
    }
    if (kind == RK_NODE_MESSAGE && spare->watch.on) {
        spare->watch.on = false;
    }
    if (spare->watch.on) {
        play_watched(node, kind, now_ns);
    } else if (kind == RK_NODE_MESSAGE && writes && !waits && rk_bulk_rests(&node->device)) {
        play_reserve(node, now_ns);
    } else {
        rk_node_handle(node, kind, now_ns);
        spare->at = (aside >> kind & 1) != 0 || !writes ? spare->at : RKI_UNKNOWN;
    }
}
