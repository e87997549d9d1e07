#include "engine/sim/cells.h"

#include <stdlib.h>

#include "engine/sim/heap.h"
#include "engine/sim/tier.h"

/* Cells: who shares a channel is run together, and apart from all others up to the next request at the key server,
 * which alone is put into one order over cells.
 *
 * A cell goes from epoch to epoch. At the beginning of one, all that is due before its end is put in order; the sweep
 * takes the earliest and adds what becomes due on the way. An entry is a 64-bit number: time since the epoch's
 * beginning, then who: a device by its number in the cell, or the gateway, which comes last. Kinds need no place in it:
 * the node knows which of its events is first. Whoever is due in the epoch has an entry; one whose time is no longer
 * its owner's is void. */
enum { WHO_BITS = 24, GATHER_LEAST = 16, GATHER_MOST = 512, ENTRIES_FIRST = 256 };
/* An epoch begins in order by its BINS parts. */
enum { BIN_BITS = 7, BINS = 1 << BIN_BITS, AHEAD = 4, LINE_BYTES = 64 };
#define EPOCH_SHORTEST_ns (1ull << 16)
#define EPOCH_LONGEST_ns  (1ull << 38)

/* A device's events but these are rare; the earliest of the rare ones is kept. */
#define OFTEN (1u << RK_NODE_AIR | 1u << RK_NODE_UP | 1u << RK_NODE_MESSAGE)

/* --- the order within a cell --- */

static void reserve(struct rki_cell *cell, uint32_t entries)
{
    if (entries > cell->capacity) {
        cell->capacity = entries > ENTRIES_FIRST / 2 ? 2 * entries : ENTRIES_FIRST;
        cell->entry = realloc(cell->entry, cell->capacity * sizeof *cell->entry);
        RK_REQUIRE(cell->entry != NULL);
    }
}

/* Descending, among the `count` before it. */
static inline void insert(uint64_t *entries, uint32_t count, uint64_t entry)
{
    uint32_t at = count;
    for (; at > 0 && entries[at - 1] < entry; at--) {
        entries[at] = entries[at - 1];
    }
    entries[at] = entry;
}

static void enter(struct rki_cell *cell, uint32_t who)
{
    rk_ns due_ns = cell->due_ns[who];
    uint64_t since_ns = due_ns > cell->start_ns ? due_ns - cell->start_ns : 0;
    reserve(cell, cell->entries + 1);
    insert(cell->entry, cell->entries++, since_ns << WHO_BITS | who);
}

static void set_due(struct rki_cell *cell, uint32_t who, rk_ns due_ns)
{
    if (cell->due_ns[who] != due_ns) {
        cell->due_ns[who] = due_ns;
        if (due_ns < cell->end_ns) {
            enter(cell, who);
        } else {
            cell->later_ns = due_ns < cell->later_ns ? due_ns : cell->later_ns;
        }
    }
}

/* Looks at what a node's event has changed, first of the rare ones. */
static void follow_rare(struct rki_member *member)
{
    struct rk_node *node = member->node;
    if ((node->changed & ~OFTEN) != 0 || node->due_ns[member->rare] != member->rare_ns) {
        member->rare_ns = RK_NEVER;
        for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
            if ((OFTEN >> kind & 1) == 0 && node->due_ns[kind] < member->rare_ns) {
                member->rare_ns = node->due_ns[kind];
                member->rare = (uint8_t)kind;
            }
        }
    }
    node->changed = 0;
}

static void follow(struct rki_cell *cell, uint32_t who)
{
    struct rki_member *member = &cell->member[who];
    const struct rk_node *node = member->node;
    static const uint8_t often[] = {RK_NODE_UP, RK_NODE_MESSAGE};
    rk_ns due_ns = node->due_ns[RK_NODE_AIR];
    unsigned first = RK_NODE_AIR;
    for (unsigned i = 0; i < sizeof often; i++) {
        bool sooner = node->due_ns[often[i]] < due_ns;
        due_ns = sooner ? node->due_ns[often[i]] : due_ns;
        first = sooner ? often[i] : first;
    }
    if (member->rare_ns < due_ns || (member->rare_ns == due_ns && member->rare < first)) {
        due_ns = member->rare_ns;
        first = member->rare;
    }
    member->first = (uint8_t)first;
    set_due(cell, who, due_ns);
}

/* Whoever is due before the epoch's end. */
static uint32_t gather(struct rki_cell *cell)
{
    rk_ns later_ns = RK_NEVER;
    uint32_t count = 0;
    for (uint32_t who = 0; who <= cell->members; who++) {
        rk_ns due_ns = cell->due_ns[who];
        bool now = due_ns < cell->end_ns;
        cell->gathered[count] = (due_ns - cell->start_ns) << WHO_BITS | who;
        count += now;
        later_ns = !now && due_ns < later_ns ? due_ns : later_ns;
    }
    cell->later_ns = later_ns;
    return count;
}

/* By bins, the latest first, then in order across them. */
static void sort(struct rki_cell *cell, uint32_t count)
{
    unsigned shift = WHO_BITS + (unsigned)__builtin_ctzll(cell->width_ns) - BIN_BITS;
    uint32_t from[BINS] = {0}, before = 0;
    for (uint32_t i = 0; i < count; i++) {
        from[BINS - 1 - (cell->gathered[i] >> shift)]++;
    }
    for (unsigned bin = 0; bin < BINS; bin++) {
        uint32_t in_bin = from[bin];
        from[bin] = before;
        before += in_bin;
    }
    reserve(cell, count);
    for (uint32_t i = 0; i < count; i++) {
        cell->entry[from[BINS - 1 - (cell->gathered[i] >> shift)]++] = cell->gathered[i];
    }
    for (uint32_t i = 1; i < count; i++) {
        insert(cell->entry, i, cell->entry[i]);
    }
    cell->entries = count;
}

/* The next epoch begins with the earliest that may be due. out: false: nothing is before the horizon. */
static bool open_epoch(struct rki_cell *cell, rk_ns horizon_ns)
{
    if (cell->later_ns >= horizon_ns) {
        return false;
    }
    cell->start_ns = cell->later_ns;
    cell->end_ns = horizon_ns - cell->start_ns < cell->width_ns ? horizon_ns : cell->start_ns + cell->width_ns;
    uint32_t most = cell->members / 2 < GATHER_LEAST  ? GATHER_LEAST
                    : cell->members / 2 > GATHER_MOST ? GATHER_MOST
                                                      : cell->members / 2;
    sort(cell, gather(cell));
    if (cell->entries < most / 4 && cell->width_ns < EPOCH_LONGEST_ns) {
        cell->width_ns *= 2;
    } else if (cell->entries > most && cell->width_ns > EPOCH_SHORTEST_ns) {
        cell->width_ns /= 2;
    }
    return true;
}

static bool is_request(const struct rki_member *member)
{
    const struct rk_flights *up = &member->node->up;
    return member->first == RK_NODE_UP && up->slot[up->head].kind == RK_FRAME_R1;
}

/* A plain message meets nobody but on the air: its delivery is handled as soon as its time is known, and so is the
 * beginning of a stretch of them, so that only what happens on the air is put in order. */
static void run_ahead(struct rki_cells *run, struct rki_cell *cell, uint32_t who)
{
    struct rki_member *member = &cell->member[who];
    struct rk_node *node = member->node;
    rk_ns arrival_ns = node->due_ns[RK_NODE_UP];
    if (arrival_ns < run->fleet->trial->horizon_ns && rk_plain_receive(node, arrival_ns)) {
        run->events++;
    }
    struct rk_plain *plain = &cell->plain[who];
    if (rk_plain_open(plain, node, member->rare_ns, run->longest_ns, &run->events)) {
        set_due(cell, who, plain->sender->next_ns);
    } else {
        follow(cell, who);
    }
}

static void handle_member(struct rki_cells *run, struct rki_cell *cell, uint32_t who, rk_ns now_ns)
{
    struct rki_member *member = &cell->member[who];
    struct rk_node *node = member->node;
    cell->due_ns[who] = RK_NEVER;
    node->due_ns[member->first] = RK_NEVER;
    rk_node_handle(node, (enum rk_node_event)member->first, now_ns);
    follow_rare(member);
    run_ahead(run, cell, who);
    set_due(cell, cell->members, cell->gateway.due_ns);
}

/* Of a member in a stretch. Whoever else has a step in this epoch has an entry. */
static void handle_plain(struct rki_cells *run, struct rki_cell *cell, uint32_t who, rk_ns now_ns)
{
    struct rk_plain *plain = &cell->plain[who];
    rk_ns before_ns = cell->entries == 0 ? cell->end_ns : cell->start_ns + (cell->entry[cell->entries - 1] >> WHO_BITS);
    cell->due_ns[who] = RK_NEVER;
    if (rk_plain_step(plain, now_ns, before_ns, &run->events)) {
        set_due(cell, who, plain->sender->next_ns);
    } else {
        follow(cell, who);
    }
}

static void handle_gateway(struct rki_cell *cell, rk_ns now_ns)
{
    cell->due_ns[cell->members] = RK_NEVER;
    const struct rk_node *node = rk_gateway_handle(&cell->gateway, now_ns);
    set_due(cell, cell->members, cell->gateway.due_ns);
    if (node != NULL) {
        uint32_t who = node->index - cell->member[0].node->index;
        follow_rare(&cell->member[who]);
        follow(cell, who);
    }
}

/* Whose turn is soon. Not a call: as in bucket.c. */
static inline __attribute__((always_inline)) void fetch(const struct rki_cell *cell)
{
    if (cell->entries > 2 * AHEAD) {
        const uint32_t who_mask = (1u << WHO_BITS) - 1;
        uint32_t soon = (uint32_t)cell->entry[cell->entries - AHEAD] & who_mask;
        uint32_t later = (uint32_t)cell->entry[cell->entries - 2 * AHEAD] & who_mask;
        if (soon < cell->members && cell->plain[soon].node != NULL) {
            __builtin_prefetch((const char *)cell->plain[soon].sender, 1);
            __builtin_prefetch((const char *)cell->plain[soon].sender + LINE_BYTES, 1);
        }
        if (later < cell->members) {
            for (unsigned line = 0; line < sizeof cell->plain[0]; line += LINE_BYTES) {
                __builtin_prefetch((const char *)&cell->plain[later] + line, 1);
            }
        }
    }
}

struct rk_node *rki_cell_advance(struct rki_cells *run, struct rki_cell *cell, rk_ns *at_ns)
{
    const uint32_t who_mask = (1u << WHO_BITS) - 1;
    rk_ns horizon_ns = run->fleet->trial->horizon_ns;
    while (run->fleet->error == RK_OK) {
        if (cell->entries == 0) {
            if (!open_epoch(cell, horizon_ns)) {
                return NULL;
            }
            continue;
        }
        uint64_t entry = cell->entry[cell->entries - 1];
        uint32_t who = (uint32_t)entry & who_mask;
        rk_ns now_ns = cell->due_ns[who];
        if (now_ns > cell->start_ns + (entry >> WHO_BITS)) {
            cell->entries--;
            continue;
        }
        atomic_store_explicit(run->clock, now_ns, memory_order_release);
        bool is_member = who < cell->members;
        bool is_plain = is_member && cell->plain[who].node != NULL;
        if (is_member && !is_plain && run->coupled && is_request(&cell->member[who])) {
            *at_ns = now_ns;
            return cell->member[who].node;
        }
        cell->entries--;
        fetch(cell);
        if (is_plain) {
            handle_plain(run, cell, who, now_ns);
            continue;
        }
        run->events++;
        if (is_member) {
            handle_member(run, cell, who, now_ns);
        } else {
            handle_gateway(cell, now_ns);
        }
    }
    return NULL;
}

void rki_cell_admit(struct rki_cells *run, struct rki_cell *cell, rk_ns at_ns)
{
    const uint32_t who_mask = (1u << WHO_BITS) - 1;
    uint32_t who = (uint32_t)cell->entry[--cell->entries] & who_mask;
    run->events++;
    handle_member(run, cell, who, at_ns);
}

/* --- beginning and end --- */

static void make_room(struct rk_fleet *fleet, struct rki_cell *cell, uint32_t devices)
{
    struct rk_arena *arena = &fleet->arena;
    cell->node = rk_arena_array(arena, devices, sizeof *cell->node);
    cell->member = rk_arena_array(arena, devices, sizeof *cell->member);
    cell->plain = rk_arena_array(arena, devices, sizeof *cell->plain);
    cell->due_ns = rk_arena_array(arena, devices + 1ull, sizeof *cell->due_ns);
    cell->gathered = rk_arena_array(arena, devices + 1ull, sizeof *cell->gathered);
}

void rki_cells_init(struct rki_cells *run, struct rk_fleet *fleet)
{
    *run = (struct rki_cells){
        .fleet = fleet, .coupled = fleet->trial->server_time_ns > 0, .longest_ns = rk_plain_longest_ns(fleet)};
    run->clock = &run->a_clock;
}

enum rk_err rki_cell_open(struct rki_cells *run, struct rki_cell *cell, uint32_t number, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    uint32_t devices = rk_gateway_devices(fleet, number);
    size_t memory_bytes = rk_node_memory_bytes(fleet);
    if (cell->node == NULL) {
        make_room(fleet, cell, devices);
    }
    rk_gateway_init(&cell->gateway, fleet, number);
    fleet->gateway = &cell->gateway;
    cell->width_ns = EPOCH_SHORTEST_ns;
    cell->later_ns = RK_NEVER;
    cell->entries = 0;
    cell->end_ns = 0;
    cell->members = 0;
    for (uint32_t i = 0; i < devices; i++) {
        fleet->node_memory = run->memory == NULL ? NULL : run->memory + i * memory_bytes;
        enum rk_err err = rk_node_init(&cell->node[i], fleet, number * fleet->trial->cell_devices + i, diag);
        if (err != RK_OK) {
            return err;
        }
        cell->member[i] = (struct rki_member){.node = &cell->node[i], .rare_ns = RK_NEVER};
        cell->plain[i] = (struct rk_plain){.node = NULL};
        cell->members++;
    }
    for (uint32_t i = 0; i <= devices; i++) {
        cell->due_ns[i] = RK_NEVER;
    }
    for (uint32_t i = 0; i < devices; i++) {
        follow_rare(&cell->member[i]);
        follow(cell, i);
    }
    return RK_OK;
}

void rki_cell_close(struct rki_cells *run, struct rki_cell *cell)
{
    for (uint32_t i = 0; i < cell->members; i++) {
        if (cell->plain[i].node != NULL) {
            rk_plain_close(&cell->plain[i]);
        }
        rk_node_close(cell->member[i].node, run->fleet->trial->horizon_ns);
    }
    rk_gateway_close(&cell->gateway, run->fleet);
    cell->members = 0;
}

void rki_cell_fini(struct rki_cell *cell)
{
    free(cell->entry);
}

enum rk_err rki_cells_run_apart(struct rki_cells *run, atomic_uint *next, uint32_t count, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    const uint32_t most = rk_gateway_devices(fleet, 0);
    struct rki_cell cell = {.members = 0};
    enum rk_err err = RK_OK;
    rk_ns at_ns;
    make_room(fleet, &cell, most);
    run->memory = rk_arena_alloc(&fleet->arena, most * rk_node_memory_bytes(fleet));
    for (uint32_t number = atomic_fetch_add(next, 1); number < count && err == RK_OK;
         number = atomic_fetch_add(next, 1)) {
        err = rki_cell_open(run, &cell, number, diag);
        if (err == RK_OK) {
            rki_cell_advance(run, &cell, &at_ns);
        }
        rki_cell_close(run, &cell);
    }
    rki_cell_fini(&cell);
    fleet->tally.events = run->events;
    return err;
}

static void advance_to_request(struct rki_cells *run, struct rki_cell *cell, struct rk_heap *requests)
{
    rk_ns at_ns;
    const struct rk_node *node = rki_cell_advance(run, cell, &at_ns);
    if (node != NULL) {
        rk_heap_push(requests, rk_sim_event_make(at_ns, node->index, RK_NODE_UP, 0));
    }
}

static enum rk_err run_coupled(struct rki_cells *run, uint32_t count, struct rk_diag *diag)
{
    struct rk_fleet *fleet = run->fleet;
    struct rki_cell *cell = rk_arena_array(&fleet->arena, count, sizeof *cell);
    struct rk_heap requests = {.count = 0};
    enum rk_err err = RK_OK;
    uint32_t opened = 0;
    while (opened < count && err == RK_OK) {
        err = rki_cell_open(run, &cell[opened], opened, diag);
        if (err == RK_OK) {
            advance_to_request(run, &cell[opened], &requests);
        }
        opened++;
    }
    while (requests.count > 0 && err == RK_OK) {
        rk_sim_event request = rk_heap_pop(&requests);
        struct rki_cell *asks = &cell[rk_sim_event_device(request) / fleet->trial->cell_devices];
        rki_cell_admit(run, asks, rk_sim_event_ns(request));
        advance_to_request(run, asks, &requests);
    }
    for (uint32_t number = 0; number < opened; number++) {
        rki_cell_close(run, &cell[number]);
        rki_cell_fini(&cell[number]);
    }
    rk_heap_fini(&requests);
    fleet->tally.events = run->events;
    return err;
}

/* Libraries are loaded once a thread, and what has been seen before is not known to all. */
static unsigned threads_of(const struct rk_trial *trial, uint32_t count)
{
    bool one = trial->execution != RK_EXECUTION_MODELLED || trial->trace != NULL || trial->fault.weak_ppm > 0;
    return one ? 1 : trial->threads < count ? trial->threads : count;
}

enum rk_err rki_cells_run(struct rk_fleet *fleet, struct rk_diag *diag)
{
    uint32_t count = rk_gateways_count(fleet);
    unsigned threads = threads_of(fleet->trial, count);
    enum rk_err err;
    if (threads > 1) {
        err = rki_cells_run_threads(fleet, threads, diag);
    } else {
        struct rki_cells run;
        atomic_uint next = 0;
        rki_cells_init(&run, fleet);
        err = run.coupled ? run_coupled(&run, count, diag) : rki_cells_run_apart(&run, &next, count, diag);
    }
    return err != RK_OK ? err : fleet->error == RK_OK ? RK_OK : rk_fail(diag, fleet->error, "%s", fleet->diag.text);
}
