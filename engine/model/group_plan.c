/* What is going to happen to a group, and what it amounts to: engine/model/group.h. */
#include <math.h>
#include <stdlib.h>

#include "backends/operation_info.h"
#include "engine/model/group_plan.h"
#include "engine/model/node_internal.h"

/* 10^6 years of 365.25 days. */
#define MILLION_YEARS_ms 31557600000000000ull

/* Marks looked at for one trial's plan, which takes seconds then. */
#define WORK_MAX 4e9

enum { DRAWS = 4, GAP = 0, KIND = 1, WHO = 2, CAPTURED = 3 };

const char *rk_group_scheme_name(uint8_t scheme)
{
    static const char *const names[RK_GROUP_SCHEMES] = {"none", "star", "lkh", "network", "cell"};
    return scheme < RK_GROUP_SCHEMES ? names[scheme] : "unknown";
}

static uint64_t rate_of(const struct rk_group_shape *shape)
{
    return shape->joins_per_1e6y + shape->leaves_per_1e6y;
}

const char *rk_group_refuses(const struct rk_trial *trial)
{
    const struct rk_group_shape *shape = &trial->group;
    if (shape->scheme == RK_GROUP_NONE) {
        return NULL;
    }
    if (trial->lifetime) {
        return "a group in lifetime mode, expected the exact mode";
    }
    if (trial->execution == RK_EXECUTION_EMULATED) {
        return "a group in emulated execution, expected modelled or native: the agent's image has no group";
    }
    if (shape->scheme >= RK_GROUP_SCHEMES || (shape->scheme == RK_GROUP_LKH && shape->degree < 2) ||
        (shape->scheme == RK_GROUP_CELL && shape->cell_devices < 2)) {
        return "expected a known scheme, a tree of degree 2 or more, and cells of 2 devices or more";
    }
    return shape->copies < 1 || shape->copies > 4 || shape->captured_ppm > 1000000 || shape->repair_ns == 0 ||
                   rate_of(shape) > MILLION_YEARS_ms
               ? "expected 1 to 4 copies, a share up to 1, a time until a repair, and at most a change a millisecond"
               : NULL;
}

/* --- the tree --- */

static void choose_tree(struct rk_group_plan *plan, const struct rk_trial *trial)
{
    const struct rk_group_shape *shape = &trial->group;
    bool cells = shape->scheme == RK_GROUP_CELL && shape->cell_devices < trial->devices;
    plan->width = cells ? shape->cell_devices : trial->devices;
    uint32_t degree = shape->scheme == RK_GROUP_LKH ? shape->degree : plan->width;
    plan->tree = (struct rk_group_config){
        .degree = degree < 2 ? 2 : degree,
        .height = 1,
        .aead = trial->aead,
        .tag_bytes = trial->tag_bytes,
        .open = shape->scheme == RK_GROUP_NETWORK,
    };
    for (uint64_t places = plan->tree.degree; places < plan->width; places *= plan->tree.degree) {
        plan->tree.height++;
    }
}

/* --- who comes and goes --- */

struct drawing {
    struct rk_fleet *fleet;
    struct rk_group_plan *plan;
    uint32_t *who; /* members first */
    uint32_t *place;
    uint8_t *keyed; /* has been a member at a rekey, or from the beginning */
    uint32_t members;
    struct rk_group_tree *tree;
    uint8_t *marks;
    uint32_t rooms[2]; /* for changes and rounds */
};

static void *more(void *array, uint32_t *room, uint32_t count, size_t bytes)
{
    if (count < *room) {
        return array;
    }
    *room = *room == 0 ? 64 : 2 * *room;
    array = realloc(array, *room * bytes);
    RK_REQUIRE(array != NULL);
    return array;
}

/* Whoever is at `from` of the list goes to `to`. */
static void swap(struct drawing *drawing, uint32_t from, uint32_t to)
{
    uint32_t moved = drawing->who[from], other = drawing->who[to];
    drawing->who[to] = moved;
    drawing->who[from] = other;
    drawing->place[moved] = to;
    drawing->place[other] = from;
}

static struct rk_group_tree *tree_of(const struct drawing *drawing, uint32_t device, uint32_t *place)
{
    *place = device % drawing->plan->width;
    return &drawing->tree[device / drawing->plan->width];
}

/* out: false: nobody was there to join or leave. */
static bool change(struct drawing *drawing, uint32_t number)
{
    const struct rk_fleet *fleet = drawing->fleet;
    struct rk_group_plan *plan = drawing->plan;
    const struct rk_group_shape *shape = &fleet->trial->group;
    uint64_t kind = rk_rng_draw(&fleet->rng, RK_OCCASION_FLEET, RK_RNG_GROUP, (uint64_t)DRAWS * number + KIND);
    uint64_t who = rk_rng_draw(&fleet->rng, RK_OCCASION_FLEET, RK_RNG_GROUP, (uint64_t)DRAWS * number + WHO);
    bool joins = rk_rng_below(kind, rate_of(shape)) < shape->joins_per_1e6y;
    uint32_t outside = fleet->trial->devices - drawing->members, from = joins ? outside : drawing->members;
    if (from == 0) {
        return false;
    }
    uint32_t at = (uint32_t)rk_rng_below(who, from) + (joins ? drawing->members : 0), place;
    uint32_t device = drawing->who[at];
    struct rk_group_tree *tree = tree_of(drawing, device, &place);
    plan->change = more(plan->change, &drawing->rooms[0], plan->changes, sizeof *plan->change);
    plan->change[plan->changes++] = (struct rk_group_change){device, joins, drawing->keyed[device] != 0};
    drawing->keyed[device] = 0;
    swap(drawing, at, joins ? drawing->members : drawing->members - 1);
    drawing->members += joins ? 1 : UINT32_MAX;
    bool done = joins ? rk_group_tree_join(tree, place) : rk_group_tree_leave(tree, place);
    RK_REQUIRE(done);
    return true;
}

/* All that changed and was not rekeyed yet. */
static void rekey(struct drawing *drawing, struct rk_group_round *round)
{
    struct rk_group_plan *plan = drawing->plan;
    round->changes = plan->changes - round->first;
    for (uint32_t i = round->first; i < plan->changes; i++) {
        uint32_t place;
        struct rk_group_tree *tree = tree_of(drawing, plan->change[i].device, &place);
        round->leaves += plan->change[i].had_key;
        drawing->keyed[plan->change[i].device] = rk_group_tree_has(tree, place);
        round->entries += rk_group_tree_entries(tree);
        rk_group_tree_settle(tree);
    }
    plan->round = more(plan->round, &drawing->rooms[1], plan->rounds, sizeof *plan->round);
    plan->round[plan->rounds++] = *round;
}

/* A leaver may have been captured before. */
static void capture(const struct drawing *drawing, uint32_t number, rk_ns now_ns, struct rk_group_round *round)
{
    const struct rk_trial *trial = drawing->fleet->trial;
    const struct rk_rng_key *rng = &drawing->fleet->rng;
    uint64_t chance = rk_rng_draw(rng, RK_OCCASION_FLEET, RK_RNG_GROUP, (uint64_t)DRAWS * number + CAPTURED);
    if (trial->group.captured_ppm == 0 || !rk_rng_chance_ppm(chance, trial->group.captured_ppm)) {
        return;
    }
    uint64_t draw = rk_rng_draw(rng, RK_OCCASION_FLEET, RK_RNG_DETECTION, number);
    rk_ns delay_ns = rk_rng_exponential(draw, trial->detection_mean_ns);
    round->captured++;
    round->read_ns += (delay_ns < now_ns ? delay_ns : now_ns) + round->at_ns - now_ns;
}

static void draw(struct drawing *drawing)
{
    const struct rk_trial *trial = drawing->fleet->trial;
    const struct rk_group_shape *shape = &trial->group;
    struct rk_group_round round = {.at_ns = RK_NEVER};
    rk_ns now_ns = 0;
    for (uint32_t number = 0;; number++) {
        uint64_t draw =
            rk_rng_draw(&drawing->fleet->rng, RK_OCCASION_FLEET, RK_RNG_GROUP, (uint64_t)DRAWS * number + GAP);
        uint64_t gap_ms = rk_rng_exponential(draw, MILLION_YEARS_ms / rate_of(shape));
        now_ns = gap_ms > UINT64_MAX / RK_MS ? RK_NEVER : rk_add_sat(now_ns, gap_ms * RK_MS);
        if (round.at_ns <= now_ns && round.at_ns != RK_NEVER) {
            rekey(drawing, &round);
            round = (struct rk_group_round){.at_ns = RK_NEVER, .first = drawing->plan->changes};
        }
        if (now_ns >= trial->horizon_ns) {
            return;
        }
        uint32_t changes = drawing->plan->changes;
        if (!change(drawing, number)) {
            continue;
        }
        rk_ns every_ns = shape->batch_ns;
        round.at_ns = every_ns == 0 ? now_ns : (now_ns / every_ns + 1) * every_ns;
        if (drawing->plan->change[changes].had_key) {
            round.waited_ns += round.at_ns - now_ns;
            capture(drawing, number, now_ns, &round);
        }
        if (every_ns == 0) {
            rekey(drawing, &round);
            round = (struct rk_group_round){.at_ns = RK_NEVER, .first = drawing->plan->changes};
        }
    }
}

static void *array_of(size_t count, size_t bytes)
{
    void *array = calloc(count, bytes);
    RK_REQUIRE(array != NULL);
    return array;
}

static void make_plan(struct rk_fleet *fleet)
{
    struct rk_group_plan *plan = fleet->group;
    uint32_t devices = fleet->trial->devices, nodes = rk_group_nodes(&plan->tree);
    uint32_t trees = (devices + plan->width - 1) / plan->width;
    struct drawing drawing = {
        .fleet = fleet,
        .plan = plan,
        .who = array_of(devices, sizeof(uint32_t)),
        .place = array_of(devices, sizeof(uint32_t)),
        .keyed = array_of(devices, 1),
        .members = devices,
        .tree = array_of(trees, sizeof(struct rk_group_tree)),
        .marks = array_of(trees, nodes),
    };
    for (uint32_t i = 0; i < trees; i++) {
        rk_group_tree_init(&drawing.tree[i], &plan->tree, drawing.marks + (size_t)i * nodes);
    }
    for (uint32_t device = 0; device < devices; device++) {
        uint32_t place;
        struct rk_group_tree *tree = tree_of(&drawing, device, &place);
        drawing.who[device] = drawing.place[device] = device;
        drawing.keyed[device] = 1;
        RK_REQUIRE(rk_group_tree_join(tree, place));
    }
    for (uint32_t i = 0; i < trees; i++) {
        rk_group_tree_settle(&drawing.tree[i]);
    }
    draw(&drawing);
    free(drawing.who);
    free(drawing.place);
    free(drawing.keyed);
    free(drawing.tree);
    free(drawing.marks);
}

/* --- what a member computes --- */

static uint64_t less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

static enum rk_err price(struct rk_usage *usage, struct rk_costs *costs, enum rk_operation op, uint32_t size,
                         struct rk_diag *diag)
{
    const struct rk_cost *cost = rk_costs_find(costs, op, size);
    if (cost == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "group: an operation without a figure: %s: %s", rk_operation_name(op),
                       rk_costs_reason(costs, op));
    }
    *usage = (struct rk_usage){.cycles = cost->cycles,
                               .cycles_low = cost->cycles_low,
                               .cycles_high = cost->cycles_high,
                               .engine_ns = cost->engine_ns};
    return RK_OK;
}

/* A leave's frame has, beside the keys of the leaver's neighbour, h - 1 entries of others. */
static enum rk_err price_pass(struct rk_group_plan *plan, struct rk_costs *costs, struct rk_diag *diag)
{
    const uint32_t height = plan->tree.height < 2 ? 2 : plan->tree.height;
    struct rk_usage path, leave;
    enum rk_err err = price(&path, costs, rk_operation_group(plan->tree.aead, RK_GROUP_JOIN), height, diag);
    if (err == RK_OK) {
        err = price(&leave, costs, rk_operation_group(plan->tree.aead, RK_GROUP_REKEY), height, diag);
    }
    if (err == RK_OK) {
        plan->passes.cycles = less(leave.cycles, path.cycles) / (height - 1);
        plan->passes.cycles_low = less(leave.cycles_low, path.cycles_low) / (height - 1);
        plan->passes.cycles_high = less(leave.cycles_high, path.cycles_high) / (height - 1);
    }
    return err;
}

/* Keys next to the root are found later than those of a path as short, by what an entry of others takes on its way up. */
static enum rk_err price_opens(struct rk_group_plan *plan, struct rk_costs *costs, uint8_t tag_bytes,
                               struct rk_diag *diag)
{
    const uint8_t aead = plan->tree.aead, height = plan->tree.height;
    struct rk_usage engine;
    enum rk_err err = price(&engine, costs, rk_operation_open(aead, tag_bytes), rk_group_key_bytes(&plan->tree), diag);
    for (uint8_t keys = 1; keys <= height && err == RK_OK; keys++) {
        struct rk_usage *opens = &plan->opens[keys];
        err = price(opens, costs, rk_operation_group(aead, RK_GROUP_JOIN), keys, diag);
        if (engine.engine_ns != 0) { /* what was measured is the library's */
            *opens = (struct rk_usage){.cycles = 0};
            rk_usage_add(opens, &engine, keys);
            rk_usage_add(opens, &plan->passes, keys);
        }
        rk_usage_add(opens, &plan->passes, height < 2 ? 0 : 2u * keys * (height - keys) / (height - 1u));
    }
    return err;
}

/* As many entries as fit a frame; one that does not fit takes several. */
static void plan_frames(struct rk_group_plan *plan, const struct rk_link *link)
{
    uint32_t each = rk_group_entry_bytes(&plan->tree);
    for (uint32_t entries = 1; entries <= RK_GROUP_FRAME_ENTRIES_max; entries++) {
        uint32_t bytes = RK_GROUP_HEAD_bytes + entries * each;
        struct rk_fragments cut =
            bytes <= link->datagram_max_bytes ? rk_link_plan(link, bytes) : (struct rk_fragments){0};
        if (entries > 1 && cut.count != 1) {
            return;
        }
        plan->frame_entries = entries;
        plan->frame_ns[entries] = cut.last_ns + (cut.count > 1 ? cut.first_ns + (cut.count - 2u) * cut.middle_ns : 0);
    }
}

/* A datagram with one entry, its backoff and acknowledgement. */
static rk_ns pairwise_ns(const struct rk_group_plan *plan, const struct rk_link *link)
{
    const struct rk_radio_profile *radio = link->radio;
    rk_ns backoff_ns = ((1ull << radio->backoff_min_exponent) - 1) * radio->backoff_unit_ns / 2;
    return plan->frame_ns[1] + backoff_ns + 2 * radio->turnaround_ns + link->ack_ns;
}

static double work_of(const struct rk_group_plan *plan, const struct rk_trial *trial)
{
    double changes = (double)rate_of(&trial->group) / 1e6 * ((double)trial->horizon_ns / 1e9 / 31557600.0);
    return changes * (rk_group_nodes(&plan->tree) + trial->devices / 16.0);
}

enum rk_err rk_group_init(struct rk_fleet *fleet, struct rk_diag *diag)
{
    const struct rk_trial *trial = fleet->trial;
    if (trial->group.scheme == RK_GROUP_NONE) {
        return RK_OK;
    }
    struct rk_group_plan *plan = rk_arena_alloc(&fleet->arena, sizeof *plan);
    *plan = (struct rk_group_plan){.width = 0};
    fleet->group = plan;
    choose_tree(plan, trial);
    if (rk_group_nodes(&plan->tree) == 0 || work_of(plan, trial) > WORK_MAX) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "group: too many changes for so large a group, expected fewer of them or a shorter horizon");
    }
    enum rk_err err = price_pass(plan, &fleet->costs, diag);
    if (err == RK_OK) {
        err = price_opens(plan, &fleet->costs, trial->tag_bytes, diag);
    }
    if (err == RK_OK) {
        err = price(&plan->seals, &fleet->costs, rk_operation_seal(trial->aead, trial->tag_bytes),
                    rk_group_key_bytes(&plan->tree), diag);
    }
    if (err != RK_OK) {
        return err;
    }
    plan_frames(plan, &fleet->link);
    plan->pairwise_ns = pairwise_ns(plan, &fleet->link);
    plan->unacknowledged = trial->radio->kind == RK_LINK_IEEE802154 && trial->listen == RK_LISTEN_ALWAYS;
    if (rate_of(&trial->group) != 0) {
        make_plan(fleet);
    }
    fleet->occasion[RK_OCCASION_GROUP] = rki_group_source();
    return RK_OK;
}

void rk_group_fini(struct rk_fleet *fleet)
{
    if (fleet->group != NULL) {
        free(fleet->group->change);
        free(fleet->group->round);
    }
}

/* --- what it amounts to --- */

void rk_group_subtract(struct rk_group_tally *tally, const struct rk_group_tally *before)
{
    tally->heard -= before->heard;
    tally->bytes -= before->bytes;
    tally->repairs -= before->repairs;
    tally->missed -= before->missed;
    tally->healing_ns -= before->healing_ns;
    tally->stale_ns -= before->stale_ns;
}

void rk_group_add(struct rk_group_tally *tally, const struct rk_group_tally *theirs)
{
    tally->heard += theirs->heard;
    tally->bytes += theirs->bytes;
    tally->repairs += theirs->repairs;
    tally->missed += theirs->missed;
    tally->healing_ns += theirs->healing_ns;
    tally->stale_ns += theirs->stale_ns;
}

void rk_group_metrics(const struct rk_fleet *fleet, double *metric)
{
    const struct rk_trial *trial = fleet->trial;
    const struct rk_group_plan *plan = fleet->group;
    const struct rk_group_tally *tally = &fleet->tally.group;
    bool any = plan != NULL;
    double days = (double)(trial->horizon_ns - trial->warm_up_ns) / 86400e9, device_days = days * trial->devices;
    double rekeys = 0, entries = 0, entries_of_leaves = 0, leaves = 0, waited_ns = 0, captured = 0, read_ns = 0;
    for (uint32_t i = 0; any && i < plan->rounds; i++) {
        const struct rk_group_round *round = &plan->round[i];
        if (round->at_ns >= trial->warm_up_ns && round->at_ns < trial->horizon_ns) {
            rekeys += round->leaves > 0 || !plan->tree.open;
            entries += round->entries;
            entries_of_leaves += round->leaves > 0 ? round->entries : 0;
            leaves += round->leaves;
            waited_ns += (double)round->waited_ns;
            captured += round->captured;
            read_ns += (double)round->read_ns;
        }
    }
    metric[RK_METRIC_group_rekeys_per_d] = any ? rekeys / days : NAN;
    metric[RK_METRIC_group_encryptions_per_d] = any ? entries / days : NAN;
    metric[RK_METRIC_group_encryptions_per_leave] = leaves > 0 ? entries_of_leaves / leaves : NAN;
    metric[RK_METRIC_group_bytes_per_rekey] = tally->heard > 0 ? (double)tally->bytes / (double)tally->heard : NAN;
    metric[RK_METRIC_group_repairs_per_d] = any ? (double)tally->repairs / device_days : NAN;
    metric[RK_METRIC_group_stale_s_per_d] = any ? (double)tally->stale_ns * 1e-9 / device_days : NAN;
    bool window = any && trial->group.window_ns != 0;
    double missed = (double)tally->missed;
    metric[RK_METRIC_group_missed_share] = window && tally->heard > 0 ? missed / (double)tally->heard : NAN;
    metric[RK_METRIC_group_healing_s] = window && missed > 0 ? (double)tally->healing_ns * 1e-9 / missed : NAN;
    metric[RK_METRIC_group_leaver_s] = leaves > 0 ? waited_ns * 1e-9 / leaves : NAN;
    metric[RK_METRIC_group_exposure_s] = captured > 0 ? read_ns * 1e-9 / captured : NAN;
    metric[RK_METRIC_group_exposure_share] = any ? (double)plan->width / trial->devices : NAN;
}
