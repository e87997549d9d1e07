/* Forged frames: engine/model/adversary.h. */
#include "engine/model/adversary.h"

#include "engine/model/node_internal.h"

/* 10^6 years of 365.25 days. */
#define MILLION_YEARS_ms 31557600000000000ull

enum { HEADER_bytes = 9, COUNTER_AHEAD = 1 << 16 };

static uint64_t draw_of(const struct rk_node *node, uint64_t which)
{
    return rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_FORGERY, which);
}

static rk_ns next_ns(const struct rk_node *node, uint32_t n, rk_ns after_ns)
{
    uint64_t mean_ms = MILLION_YEARS_ms / node->fleet->trial->adversary.forged_per_1e6y;
    uint64_t gap_ms = rk_rng_exponential(draw_of(node, 2ull * n), mean_ms);
    return gap_ms > UINT64_MAX / RK_MS ? RK_NEVER : rk_add_sat(after_ns, gap_ms * RK_MS);
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static void happen(struct rk_node *node, uint32_t n, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_key *key = rk_agent_active(&node->device);
    if (key == NULL) {
        return;
    }
    uint8_t frame[RK_FRAME_MAX_bytes];
    uint16_t bytes = (uint16_t)(HEADER_bytes + 8 + fleet->trial->tag_bytes);
    frame[0] = RK_FRAME_DATA;
    put_u32(frame + 1, key->id);
    put_u32(frame + 5, key->receive_counter + COUNTER_AHEAD);
    uint64_t word = draw_of(node, 2ull * n + 1);
    for (unsigned i = HEADER_bytes; i < bytes; i++) {
        word = word * 6364136223846793005ull + 1442695040888963407ull;
        frame[i] = (uint8_t)(word >> 56);
    }
    bool listening = node->listening;
    if (listening) {
        rki_listen_stop(node, now_ns);
    }
    rki_device_react(node, RK_EVENT_RECEIVE, now_ns, frame, bytes);
    const struct rk_actions *actions = &fleet->actions;
    fleet->tally.forged++;
    if (listening && !actions->renewal_failed && !node->listening) {
        rki_listen_start(node, node->free_ns); /* that was not the answer */
    }
}

void rk_forgery_init(struct rk_fleet *fleet)
{
    static const struct rk_occasion_source source = {next_ns, happen};
    if (fleet->trial->adversary.forged_per_1e6y != 0) {
        fleet->occasion[RK_OCCASION_FORGERY] = &source;
    }
}

const char *rk_adversary_refuses(const struct rk_trial *trial)
{
    const struct rk_adversary_shape *shape = &trial->adversary;
    bool any =
        shape->forged_per_1e6y != 0 || shape->unrecorded_ppm != 0 || shape->response != 0 || shape->response_ns != 0;
    if (any && trial->lifetime) {
        return "forgeries, a part that is recorded, or a response in lifetime mode, expected the exact mode";
    }
    if (shape->forged_per_1e6y != 0 && trial->execution == RK_EXECUTION_EMULATED) {
        return "forgeries in emulated execution, expected modelled or native";
    }
    if (shape->response == RK_RESPONSE_REVOKE &&
        (trial->execution == RK_EXECUTION_EMULATED || rk_fault_any(&trial->fault))) {
        return "response revoke with faults or in emulated execution, expected neither";
    }
    if (shape->tried && (trial->execution != RK_EXECUTION_NATIVE || rk_fault_any(&trial->fault))) {
        return "an adversary that tries, with faults or without a library, expected native execution without faults";
    }
    if (shape->captured > trial->devices) {
        return "more devices captured than there are, expected at most all of them";
    }
    if (trial->batch_devices > 1 && trial->group.scheme != RK_GROUP_NONE) {
        return "long-term keys shared by batches in a group, expected one or the other";
    }
    return shape->unrecorded_ppm > 1000000 || shape->response >= RK_RESPONSE_COUNT ||
                   shape->forged_per_1e6y > MILLION_YEARS_ms
               ? "expected a known response, a share up to 1, and at most a forgery a millisecond"
               : NULL;
}
