#include "engine/model/fault.h"

#include <stdlib.h>
#include <string.h>

#include "engine/model/node_internal.h"

/* 10^6 years of 365.25 days. */
#define MILLION_YEARS_ms 31557600000000000ull

enum kind { REBOOT, BIT, JUMP };
enum { DRAWS = 4, GAP = 0, KIND = 1, DETAIL = 2, WEAK_BITS_max = 32, SEEN_LEAST = 64 };

bool rk_fault_any(const struct rk_fault_shape *shape)
{
    return shape->reboot_per_1e6y != 0 || shape->bit_per_1e6y != 0 || shape->jump_per_1e6y != 0 ||
           shape->drift_ppm != 0 || shape->outage_per_1e6y != 0 || shape->weak_ppm != 0;
}

const char *rk_fault_refuses(const struct rk_trial *trial)
{
    const struct rk_fault_shape *shape = &trial->fault;
    if (!rk_fault_any(shape)) {
        return NULL;
    }
    if (trial->lifetime) {
        return "faults in lifetime mode, expected the exact mode";
    }
    if (trial->execution == RK_EXECUTION_EMULATED) {
        return "faults in emulated execution, expected modelled or native: `rekeylab powercut` cuts an emulated device";
    }
    if (trial->parts != NULL && shape->weak_ppm != 0) {
        return "weak entropy in a trial over several processes, expected one that looks at all requests";
    }
    return shape->weak_bits > WEAK_BITS_max || shape->drift_ppm > 100000 || shape->weak_ppm > 1000000
               ? "expected at most 32 bits of weak entropy, a drift of 10 %, and shares up to 1"
               : NULL;
}

/* --- the schedule --- */

static uint64_t draw_of(const struct rk_node *node, uint32_t n, unsigned what)
{
    return rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_FAULT, (uint64_t)n / 2 * DRAWS + what);
}

static rk_ns exponential_ms(uint64_t draw, uint64_t per_1e6y)
{
    uint64_t ms = rk_rng_exponential(draw, MILLION_YEARS_ms / per_1e6y);
    return ms > UINT64_MAX / RK_MS ? RK_NEVER : ms * RK_MS;
}

static uint64_t rate_of(const struct rk_fault_shape *shape)
{
    return shape->reboot_per_1e6y + shape->bit_per_1e6y + shape->jump_per_1e6y;
}

static enum kind kind_of(const struct rk_node *node, uint32_t n)
{
    const struct rk_fault_shape *shape = &node->fleet->trial->fault;
    uint64_t which = rk_rng_below(draw_of(node, n, KIND), rate_of(shape));
    return which < shape->reboot_per_1e6y ? REBOOT : which < shape->reboot_per_1e6y + shape->bit_per_1e6y ? BIT : JUMP;
}

static rk_ns off_of(const struct rk_node *node, uint32_t n)
{
    return kind_of(node, n) == REBOOT ? rk_rng_exponential(draw_of(node, n, DETAIL), node->fleet->trial->fault.off_ns)
                                      : 0;
}

/* Occasion 2n is fault n, 2n + 1 its end. */
static rk_ns next_ns(const struct rk_node *node, uint32_t n, rk_ns after_ns)
{
    const struct rk_fault_shape *shape = &node->fleet->trial->fault;
    if (n % 2 != 0) {
        return rk_add_sat(after_ns, off_of(node, n));
    }
    return rate_of(shape) == 0 ? RK_NEVER : rk_add_sat(after_ns, exponential_ms(draw_of(node, n, GAP), rate_of(shape)));
}

/* --- what happens --- */

static void cut(struct rk_node *node, uint32_t n, rk_ns now_ns)
{
    struct rk_agent *agent = &node->device;
    struct rk_agent_config config = agent->config;
    struct rk_provision keys = agent->provision;
    struct rk_drbg *drbg = agent->drbg;
    const struct rk_backend *inner = node->fleet->inner;
    rki_listen_stop(node, now_ns);
    rk_stale_settle(node, now_ns);
    inner->drbg_wipe(drbg, inner->drbg_alg);
    enum rk_agent_result result =
        rk_agent_init(agent, &config, &node->fleet->meter.backend, drbg, &node->nvm.port, &keys);
    RK_REQUIRE(result == RK_AGENT_OK);
    node->renewing = false;
    node->spins = 0;
    node->fault.down = true;
    node->fault.cut_ns = now_ns;
    node->free_ns = rk_add_sat(now_ns, off_of(node, n));
    rki_set_due(node, RK_NODE_TIMER, RK_NEVER);
    rki_set_due(node, RK_NODE_RESEED, RK_NEVER);
    node->fleet->tally.fault.reboots++;
}

static void flip(struct rk_node *node, uint64_t draw)
{
    uint64_t bit = rk_rng_below(draw, 16ull * node->nvm.block_bytes);
    node->nvm.cells[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void jump(struct rk_node *node, uint64_t draw, rk_ns now_ns)
{
    rk_ns largest_ns = node->fleet->trial->fault.jump_ns;
    node->fault.clock_ns += (int64_t)rk_rng_below(draw, 2 * largest_ns + 1) - (int64_t)largest_ns;
    if (node->due_ns[RK_NODE_TIMER] != RK_NEVER) {
        rk_ns due_ns = rk_fault_true_ns(node, node->device.wake_ns);
        rki_set_due(node, RK_NODE_TIMER, due_ns > now_ns ? due_ns : now_ns);
    }
}

static void happen(struct rk_node *node, uint32_t n, rk_ns now_ns)
{
    uint64_t detail = draw_of(node, n, DETAIL);
    if (n % 2 != 0) {
        return; /* a device that is down starts again before anything else of it is handled */
    }
    switch (kind_of(node, n)) {
    case REBOOT:
        cut(node, n, now_ns);
        break;
    case BIT:
        flip(node, detail);
        break;
    case JUMP:
        jump(node, detail, now_ns);
        break;
    }
}

void rk_fault_restart(struct rk_node *node, rk_ns now_ns)
{
    struct rk_fleet *fleet = node->fleet;
    uint8_t entropy[RK_ENTROPY_bytes];
    node->fault.down = false;
    rk_stale_resume(node, now_ns);
    fleet->tally.fault.off_ns += now_ns - node->fault.cut_ns;
    while (node->sampled_ns < now_ns) {
        fleet->tally.fault.missed++;
        rki_next_message(node);
    }
    rki_draw_reseed(node, RK_ROLE_DEVICE, entropy);
    rk_fault_boot(node, entropy, sizeof entropy);
    node->fault.back_ns = now_ns;
    rk_group_restart(node, now_ns);
    rki_device_react(node, RK_EVENT_START, now_ns, entropy, sizeof entropy);
    rki_follow_key(node, now_ns);
    if (rk_agent_active(&node->device) != NULL) {
        rk_fault_keyed(node, node->free_ns);
    }
    rki_set_due(node, RK_NODE_MESSAGE, node->sampled_ns > node->free_ns ? node->sampled_ns : node->free_ns);
}

/* --- entropy --- */

void rk_fault_boot(struct rk_node *node, uint8_t *entropy, size_t bytes)
{
    const struct rk_fault_shape *shape = &node->fleet->trial->fault;
    const struct rk_rng_key *rng = &node->fleet->rng;
    if (node->fault.boots++ == 0 && shape->drift_ppm != 0) {
        uint64_t draw = rk_rng_draw(rng, node->index, RK_RNG_CLOCK, 0);
        node->fault.drift_ppb =
            (int32_t)rk_rng_below(draw, 2000ull * shape->drift_ppm + 1) - (int32_t)shape->drift_ppm * 1000;
    }
    if (!rk_rng_chance_ppm(rk_rng_draw(rng, node->index, RK_RNG_WEAK, 0), shape->weak_ppm)) {
        return;
    }
    uint64_t draw = rk_rng_draw(rng, node->index, RK_RNG_WEAK, node->fault.boots);
    uint64_t input = shape->weak_bits == 0 ? 0 : draw >> (64 - shape->weak_bits), word = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (i % 8 == 0) {
            word = rk_rng_draw(rng, RK_OCCASION_FLEET, RK_RNG_WEAK, input * (RK_ENTROPY_bytes / 8) + i / 8);
        }
        entropy[i] = (uint8_t)(word >> (8 * (i % 8)));
    }
}

/* out: whether the value was there already. */
static bool seen_before(struct rk_fault_seen *seen, uint64_t value)
{
    size_t at = (size_t)(value * 0x9E3779B97F4A7C15ull) & (seen->room - 1);
    while (seen->slot[at] != 0 && seen->slot[at] != value) {
        at = (at + 1) & (seen->room - 1);
    }
    bool before = seen->slot[at] == value;
    seen->count += !before;
    seen->slot[at] = value;
    return before;
}

static void make_room(struct rk_fault_seen *seen)
{
    struct rk_fault_seen more = {.room = seen->room == 0 ? SEEN_LEAST : 2 * seen->room};
    more.slot = calloc(more.room, sizeof *more.slot);
    RK_REQUIRE(more.slot != NULL);
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->slot[i] != 0) {
            (void)seen_before(&more, seen->slot[i]);
        }
    }
    free(seen->slot);
    *seen = more;
}

/* R1: kind, id, mechanism, predecessor; contribution; MAC. */
void rk_fault_request(struct rk_node *node, const uint8_t *frame, size_t bytes)
{
    enum { CONTRIBUTION_AT = 10, MAC_bytes = 16 };
    struct rk_fault_tally *tally = &node->fleet->tally.fault;
    struct rk_fault_seen *seen = &node->fleet->seen;
    uint64_t value = 14695981039346656037ull; /* FNV-1a of 64 bits: two of 10^6 are alike by chance with 3 in 10^8 */
    if (node->fleet->trial->fault.weak_ppm == 0 || bytes <= CONTRIBUTION_AT + MAC_bytes) {
        return;
    }
    for (size_t i = CONTRIBUTION_AT; i < bytes - MAC_bytes; i++) {
        value = (value ^ frame[i]) * 1099511628211ull;
    }
    if (2 * seen->count >= seen->room) {
        make_room(seen);
    }
    tally->contributions++;
    tally->duplicates += seen_before(seen, value | 1);
}

/* --- clock and server --- */

rk_ns rk_fault_clock_ns(const struct rk_node *node, rk_ns now_ns)
{
    __int128 clock_ns = (__int128)now_ns + (__int128)now_ns * node->fault.drift_ppb / 1000000000 + node->fault.clock_ns;
    return clock_ns < 0 ? 0 : (rk_ns)clock_ns;
}

rk_ns rk_fault_true_ns(const struct rk_node *node, rk_ns clock_ns)
{
    /* A clock that was set back stands at 0 from the beginning. */
    if (clock_ns == 0 || clock_ns == RK_NEVER || (node->fault.drift_ppb == 0 && node->fault.clock_ns == 0)) {
        return clock_ns;
    }
    __int128 true_ns = ((__int128)clock_ns - node->fault.clock_ns) * 1000000000 / (1000000000 + node->fault.drift_ppb);
    rk_ns at_ns = true_ns < 0 ? 0 : true_ns > RK_NEVER - 16 ? RK_NEVER - 16 : (rk_ns)true_ns;
    while (rk_fault_clock_ns(node, at_ns) < clock_ns && at_ns < RK_NEVER - 1) {
        at_ns++;
    }
    while (at_ns > 0 && rk_fault_clock_ns(node, at_ns - 1) >= clock_ns) {
        at_ns--;
    }
    return at_ns;
}

bool rk_fault_outage(struct rk_node *node, rk_ns now_ns)
{
    const struct rk_fault_shape *shape = &node->fleet->trial->fault;
    const struct rk_rng_key *rng = &node->fleet->rng;
    struct rk_fault_state *state = &node->fault;
    while (shape->outage_per_1e6y != 0 && state->outage_end_ns <= now_ns) {
        uint64_t gap = rk_rng_draw(rng, RK_OCCASION_FLEET, RK_RNG_OUTAGE, 2 * state->outage);
        uint64_t length = rk_rng_draw(rng, RK_OCCASION_FLEET, RK_RNG_OUTAGE, 2 * state->outage + 1);
        state->outage_from_ns = rk_add_sat(state->outage_end_ns, exponential_ms(gap, shape->outage_per_1e6y));
        state->outage_end_ns = rk_add_sat(state->outage_from_ns, rk_rng_exponential(length, shape->outage_ns));
        state->outage++;
    }
    bool out = state->outage_from_ns <= now_ns && now_ns < state->outage_end_ns;
    node->fleet->tally.fault.refused += out;
    return out;
}

/* --- what becomes of it --- */

void rk_fault_heard(struct rk_node *node, bool taken, rk_ns now_ns)
{
    struct rk_fault_state *state = &node->fault;
    if (taken && state->out_of_step_ns != 0) {
        node->fleet->tally.fault.out_of_step_ns += now_ns - state->out_of_step_ns;
        state->out_of_step_ns = 0;
    } else if (!taken && state->out_of_step_ns == 0) {
        state->out_of_step_ns = now_ns;
    }
}

void rk_fault_keyed(struct rk_node *node, rk_ns at_ns)
{
    if (node->fault.back_ns != 0) {
        rk_histogram_add(&node->fleet->tally.fault.recovery_ns, at_ns - node->fault.back_ns, 1);
        node->fault.back_ns = 0;
    }
}

void rk_fault_settle(struct rk_node *node, rk_ns horizon_ns)
{
    enum { REST = 16 }; /* times as long as it tried: engine/lifecycle/DESIGN.md */
    const struct rk_policy *policy = &node->fleet->trial->policy;
    struct rk_fault_tally *tally = &node->fleet->tally.fault;
    rk_ns wait_ns = policy->retry_ns, tried_ns = 0;
    for (unsigned i = 0; i < policy->attempts; i++) {
        tried_ns = rk_add_sat(tried_ns, wait_ns);
        wait_ns = rk_add_sat(wait_ns, wait_ns);
    }
    rk_ns patience_ns = tried_ns > RK_NEVER / (2 * REST + 2) ? RK_NEVER : 2 * (REST + 1) * tried_ns;
    bool keyless = node->ever_keyed && !node->fault.down && node->keyless_since_ns < horizon_ns;
    if (node->fault.down && node->fault.cut_ns < horizon_ns) {
        tally->off_ns += horizon_ns - node->fault.cut_ns;
    }
    tally->lockouts += keyless && horizon_ns - node->keyless_since_ns > patience_ns;
    rk_fault_heard(node, true, horizon_ns);
}

/* --- the fleet --- */

void rk_fault_init(struct rk_fleet *fleet)
{
    static const struct rk_occasion_source source = {next_ns, happen};
    rk_histogram_init(&fleet->tally.fault.recovery_ns);
    if (rate_of(&fleet->trial->fault) != 0) {
        fleet->occasion[RK_OCCASION_FAULT] = &source;
    }
}

void rk_fault_fini(struct rk_fleet *fleet)
{
    free(fleet->seen.slot);
}

void rk_fault_subtract(struct rk_fault_tally *tally, const struct rk_fault_tally *before)
{
    tally->reboots -= before->reboots;
    tally->missed -= before->missed;
    tally->refused -= before->refused;
    tally->contributions -= before->contributions;
    tally->duplicates -= before->duplicates;
    tally->off_ns -= before->off_ns;
    tally->out_of_step_ns -= before->out_of_step_ns;
    rk_histogram_subtract(&tally->recovery_ns, &before->recovery_ns);
}

void rk_fault_add(struct rk_fault_tally *tally, const struct rk_fault_tally *theirs)
{
    tally->reboots += theirs->reboots;
    tally->missed += theirs->missed;
    tally->refused += theirs->refused;
    tally->contributions += theirs->contributions;
    tally->duplicates += theirs->duplicates;
    tally->lockouts += theirs->lockouts;
    tally->off_ns += theirs->off_ns;
    tally->out_of_step_ns += theirs->out_of_step_ns;
    rk_histogram_merge(&tally->recovery_ns, &theirs->recovery_ns);
}
