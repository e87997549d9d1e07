#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "engine/sim/cells.h"
#include "engine/sim/heap.h"

enum { THREADS_MAX = 256, GROUPS_PER_THREAD = 8, LINE_BYTES = 64, PAUSE_ns = 50000 };

/* Some cells, with a fleet of their own. */
struct group {
    struct rk_fleet fleet;
    struct rki_cells run;
    bool moves; /* a thread has one of its cells */
};

struct worker {
    _Alignas(LINE_BYTES) _Atomic(rk_ns) clock; /* RK_NEVER: no cell */
    struct crew *crew;
    pthread_t thread;
};

struct crew {
    const struct rk_trial *trial;
    struct group **group;
    struct rki_cell *cell; /* all of them */
    uint32_t cells, groups;
    struct worker worker[THREADS_MAX];
    unsigned workers;
    atomic_uint next; /* cell, where they are apart, or group to be closed */
    pthread_mutex_t lock;
    /* Under the lock. The heap has the next request of each cell (kind UP), or its beginning (START). */
    struct rk_heap requests;
    rk_sim_event admitted; /* the last one */
    unsigned moving;       /* cells that threads have */
    uint32_t failed;       /* lowest group that failed, `groups`: none */
    enum rk_err error;
    struct rk_diag diag;
};

static void note(struct crew *crew, uint32_t group, enum rk_err err, const struct rk_diag *diag)
{
    const struct rk_fleet *fleet = &crew->group[group]->fleet;
    bool stopped = err == RK_OK && fleet->error != RK_OK;
    if ((err != RK_OK || stopped) && group < crew->failed) {
        crew->failed = group;
        crew->error = stopped ? fleet->error : err;
        crew->diag = stopped ? fleet->diag : *diag;
    }
}

/* --- before a server that takes time --- */

static uint32_t cell_of(const struct crew *crew, rk_sim_event event)
{
    return rk_sim_event_device(event) / crew->trial->cell_devices;
}

/* Has no thread a cell that can still ask before this one? A cell that begins asks nobody. */
static bool is_next(const struct crew *crew, rk_sim_event event)
{
    if (crew->group[cell_of(crew, event) % crew->groups]->moves) {
        return false;
    }
    bool next = true;
    for (unsigned i = 0; i < crew->workers && rk_sim_event_kind(event) == RK_NODE_UP; i++) {
        next = next && atomic_load_explicit(&crew->worker[i].clock, memory_order_acquire) > rk_sim_event_ns(event);
    }
    return next;
}

static void pause_for(bool long_time)
{
    if (long_time) {
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_ns}, NULL);
    } else {
        sched_yield();
    }
}

/* Under the lock, which it gives up while it waits. out: false: nothing is left. */
static bool take(struct crew *crew, rk_sim_event *event)
{
    for (;;) {
        bool empty = crew->requests.count == 0;
        if (crew->failed < crew->groups || (empty && crew->moving == 0)) {
            return false;
        }
        if (!empty && is_next(crew, crew->requests.item[0])) {
            *event = rk_heap_pop(&crew->requests);
            return true;
        }
        pthread_mutex_unlock(&crew->lock);
        pause_for(empty);
        pthread_mutex_lock(&crew->lock);
    }
}

/* Under the lock but while the cell moves. */
static void move(struct worker *worker, rk_sim_event event)
{
    struct crew *crew = worker->crew;
    uint32_t number = cell_of(crew, event), of = number % crew->groups;
    struct group *group = crew->group[of];
    struct rki_cell *cell = &crew->cell[number];
    enum rk_err err = RK_OK;
    struct rk_diag diag = {""};
    rk_ns at_ns;
    group->moves = true;
    crew->moving++;
    group->run.clock = &worker->clock;
    rk_meter_use(&group->fleet.meter);
    atomic_store_explicit(&worker->clock, rk_sim_event_ns(event), memory_order_release);
    if (rk_sim_event_kind(event) == RK_NODE_UP) {
        RK_REQUIRE(event > crew->admitted);
        crew->admitted = event;
        rki_cell_admit(&group->run, cell, rk_sim_event_ns(event));
    }
    pthread_mutex_unlock(&crew->lock);
    if (rk_sim_event_kind(event) == RK_NODE_START) {
        err = rki_cell_open(&group->run, cell, number, &diag);
    }
    const struct rk_node *asks = err == RK_OK ? rki_cell_advance(&group->run, cell, &at_ns) : NULL;
    pthread_mutex_lock(&crew->lock);
    if (asks != NULL) {
        rk_heap_push(&crew->requests, rk_sim_event_make(at_ns, asks->index, RK_NODE_UP, 0));
    }
    note(crew, of, err, &diag);
    atomic_store_explicit(&worker->clock, RK_NEVER, memory_order_release);
    crew->moving--;
    group->moves = false;
}

static void close_group(struct crew *crew, uint32_t number)
{
    struct group *group = crew->group[number];
    rk_meter_use(&group->fleet.meter);
    for (uint32_t i = number; i < crew->cells; i += crew->groups) {
        rki_cell_close(&group->run, &crew->cell[i]);
        rki_cell_fini(&crew->cell[i]);
    }
    group->fleet.tally.events = group->run.events;
}

static void *work_coupled(void *context)
{
    struct worker *worker = context;
    struct crew *crew = worker->crew;
    rk_sim_event event;
    pthread_mutex_lock(&crew->lock);
    while (take(crew, &event)) {
        move(worker, event);
    }
    /* Where one failed, others may still move. */
    while (crew->moving > 0) {
        pthread_mutex_unlock(&crew->lock);
        pause_for(true);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = atomic_fetch_add(&crew->next, 1); i < crew->groups; i = atomic_fetch_add(&crew->next, 1)) {
        close_group(crew, i);
    }
    return NULL;
}

/* --- before one that takes none --- */

static void *work_apart(void *context)
{
    struct worker *worker = context;
    struct crew *crew = worker->crew;
    uint32_t of = (uint32_t)(worker - crew->worker);
    struct group *group = crew->group[of];
    struct rk_diag diag = {""};
    rk_meter_use(&group->fleet.meter);
    enum rk_err err = rki_cells_run_apart(&group->run, &crew->next, crew->cells, &diag);
    pthread_mutex_lock(&crew->lock);
    note(crew, of, err, &diag);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* --- the crew --- */

/* out: how many groups are ready, all unless there is an error. */
static uint32_t make_groups(struct crew *crew, struct rk_fleet *fleet, enum rk_err *err, struct rk_diag *diag)
{
    uint32_t ready = 0;
    *err = RK_OK;
    for (; ready < crew->groups; ready++) {
        struct group *group = crew->group[ready] = calloc(1, sizeof *group);
        RK_REQUIRE(group != NULL);
        *err = rk_fleet_init(&group->fleet, crew->trial, diag);
        if (*err != RK_OK) {
            free(group);
            break;
        }
        group->fleet.server = fleet->server;
        rki_cells_init(&group->run, &group->fleet);
    }
    return ready;
}

/* This thread works too; where the system refuses a thread, the others do its share. */
static void run_workers(struct crew *crew, void *(*work)(void *))
{
    unsigned started = 1;
    for (unsigned i = 0; i < crew->workers; i++) {
        atomic_init(&crew->worker[i].clock, RK_NEVER);
        crew->worker[i].crew = crew;
    }
    while (started < crew->workers &&
           pthread_create(&crew->worker[started].thread, NULL, work, &crew->worker[started]) == 0) {
        started++;
    }
    work(&crew->worker[0]);
    for (unsigned i = 1; i < started; i++) {
        pthread_join(crew->worker[i].thread, NULL);
    }
}

static enum rk_err run(struct crew *crew, struct rk_fleet *fleet, struct rk_diag *diag)
{
    const bool coupled = crew->trial->server_time_ns > 0;
    enum rk_err err;
    uint32_t ready = make_groups(crew, fleet, &err, diag);
    if (err == RK_OK) {
        for (uint32_t i = 0; i < crew->cells && coupled; i++) {
            rk_heap_push(&crew->requests, rk_sim_event_make(0, i * crew->trial->cell_devices, RK_NODE_START, 0));
        }
        run_workers(crew, coupled ? work_coupled : work_apart);
        err = crew->failed == crew->groups ? RK_OK : rk_fail(diag, crew->error, "%s", crew->diag.text);
    }
    /* Each gives back the meter that it found. */
    while (ready > 0) {
        struct group *group = crew->group[--ready];
        rk_tally_add(&fleet->tally, &group->fleet.tally);
        rk_fleet_fini(&group->fleet);
        free(group);
    }
    return err;
}

enum rk_err rki_cells_run_threads(struct rk_fleet *fleet, unsigned threads, struct rk_diag *diag)
{
    struct crew *crew = aligned_alloc(LINE_BYTES, sizeof *crew);
    RK_REQUIRE(crew != NULL);
    *crew = (struct crew){.trial = fleet->trial,
                          .cells = rk_gateways_count(fleet),
                          .workers = threads < THREADS_MAX ? threads : THREADS_MAX};
    uint32_t most = fleet->trial->server_time_ns > 0 ? GROUPS_PER_THREAD * crew->workers : crew->workers;
    crew->groups = most < crew->cells ? most : crew->cells;
    crew->failed = crew->groups;
    crew->group = rk_arena_array(&fleet->arena, crew->groups, sizeof(struct group *));
    crew->cell = rk_arena_array(&fleet->arena, crew->cells, sizeof *crew->cell);
    pthread_mutex_init(&crew->lock, NULL);
    enum rk_err err = run(crew, fleet, diag);
    pthread_mutex_destroy(&crew->lock);
    rk_heap_fini(&crew->requests);
    free(crew);
    return err;
}
