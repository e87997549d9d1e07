/* bench/powercut.c - see powercut.h: which instants, in which classes, by which threads; what it comes to */
#include "bench/powercut.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation.h"
#include "bench/powercut_internal.h"

enum { THREADS_MAX = 64, SAMPLES = 4 };

/* A class of some step, as the run sees it. */
struct cell {
    struct rki_class class;
    unsigned step;
    unsigned same;   /* the first cell of this step that leaves the same NVM: itself, or an earlier one */
    uint64_t cuts;   /* that the mode asks for */
    uint64_t shared; /* of all cells that are the same as this one */
    struct rki_verdict verdict;
};

struct plan {
    struct rki_bench bench;
    const struct rk_powercut_request *request;
    struct cell *cell;
    unsigned cells, judged;
    unsigned shards;
    uint64_t instants;
    char status[96];
};

struct shard {
    struct plan *plan;
    struct pool *pool;
    unsigned number;
    struct rki_pair pair;
    struct rki_script script;
    struct rki_judge judge;
};

struct pool {
    pthread_mutex_t lock; /* over what follows */
    unsigned done;
    enum rk_err err;
    struct rk_diag *diag;
};

/* ---- a thread's pair ---- */

static enum rk_err open_shard(struct shard *shard, struct rk_diag *diag)
{
    const struct plan *plan = shard->plan;
    size_t nvm_bytes = plan->bench.device.nvm_bytes;
    shard->judge = (struct rki_judge){.pair = &shard->pair,
                                      .script = &shard->script,
                                      .depth = plan->request->depth,
                                      .expected = malloc(nvm_bytes),
                                      .found = malloc(nvm_bytes)};
    RK_REQUIRE(shard->judge.expected != NULL && shard->judge.found != NULL);
    enum rk_err err = rki_pair_open(&shard->pair, &plan->bench, plan->request->mechanism, diag);
    if (!err && shard->pair.status[0] == '\0') {
        err = rki_script_record(&shard->script, &shard->pair, diag);
    }
    return err;
}

static void close_shard(struct shard *shard)
{
    rki_script_free(&shard->script);
    rki_pair_close(&shard->pair);
    free(shard->judge.expected);
    free(shard->judge.found);
}

/* ---- which cuts ---- */

static uint64_t image_hash(const uint8_t *image, size_t bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a; equal ones are compared */
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ image[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

struct image {
    uint64_t hash;
    uint8_t *cells;
};

/* Cells of one step that leave the same NVM have one verdict. */
static void find_same(struct cell *cell, unsigned first, unsigned end, const struct rki_step *step, size_t nvm_bytes)
{
    struct image *image = calloc(end - first, sizeof *image);
    RK_REQUIRE(image != NULL);
    for (unsigned i = first; i < end; i++) {
        struct image *mine = &image[i - first];
        mine->cells = malloc(nvm_bytes);
        RK_REQUIRE(mine->cells != NULL);
        memcpy(mine->cells, step->image, nvm_bytes);
        rk_nvm_cut(&step->log, cell[i].class.at, cell[i].class.phase, mine->cells);
        mine->hash = image_hash(mine->cells, nvm_bytes);
        cell[i].same = i;
        for (unsigned k = first; k < i && cell[i].same == i && !cell[i].class.idle; k++) {
            const struct image *other = &image[k - first];
            if (other->hash == mine->hash && memcmp(other->cells, mine->cells, nvm_bytes) == 0) {
                cell[i].same = k;
            }
        }
    }
    for (unsigned i = first; i < end; i++) {
        free(image[i - first].cells);
    }
    free(image);
}

static void make_cells(struct plan *plan, const struct shard *shard)
{
    const struct rki_script *script = &shard->script;
    for (unsigned s = 0; s < script->steps; s++) {
        unsigned count;
        struct rki_class *class = rki_classes_make(&script->step[s].log, shard->pair.rng, s, &count);
        unsigned first = plan->cells;
        plan->cell = realloc(plan->cell, (first + count) * sizeof *plan->cell);
        RK_REQUIRE(plan->cell != NULL);
        for (unsigned i = 0; i < count; i++) {
            plan->cell[first + i] = (struct cell){.class = class[i], .step = s};
            plan->instants += class[i].instants;
        }
        plan->cells += count;
        free(class);
        find_same(plan->cell, first, plan->cells, &script->step[s], plan->bench.device.nvm_bytes);
    }
}

/* The cell of an instant of the script. */
static struct cell *cell_at(struct plan *plan, const uint64_t *begin, uint64_t instant)
{
    unsigned low = 0, high = plan->cells;
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;
        if (begin[middle] <= instant) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &plan->cell[low];
}

static void choose_cuts(struct plan *plan, const struct rk_rng_key *rng)
{
    const struct rk_powercut_request *request = plan->request;
    uint64_t *begin = malloc(plan->cells * sizeof *begin);
    uint64_t sum = 0;
    RK_REQUIRE(begin != NULL);
    for (unsigned i = 0; i < plan->cells; i++) {
        struct cell *cell = &plan->cell[i];
        begin[i] = sum;
        sum += cell->class.instants;
        if (request->mode == RK_POWERCUT_WRITES) {
            cell->cuts = cell->class.chosen;
        } else if (request->mode == RK_POWERCUT_EXHAUSTIVE) {
            cell->cuts = cell->class.instants;
        } else if (request->mode == RK_POWERCUT_LINEAR) { /* instants N - 1, 2 N - 1, ... */
            cell->cuts = sum / request->n - begin[i] / request->n;
        }
    }
    for (uint64_t i = 0; request->mode == RK_POWERCUT_RANDOM && i < request->n; i++) {
        cell_at(plan, begin, rk_rng_below(rk_rng_draw(rng, 0, RK_RNG_FAULT, UINT64_C(1) << 32 | i), sum))->cuts++;
    }
    free(begin);
    for (unsigned i = 0; i < plan->cells; i++) {
        plan->cell[plan->cell[i].same].shared += plan->cell[i].cuts;
    }
    for (unsigned i = 0; i < plan->cells; i++) {
        plan->judged += plan->cell[i].shared > 0;
    }
}

/* ---- the work ---- */

/* in: how many cells are done more. out: whether to go on. */
static bool report(struct pool *pool, const struct plan *plan, unsigned done, enum rk_err err,
                   const struct rk_diag *diag)
{
    pthread_mutex_lock(&pool->lock);
    pool->done += done;
    if (err && !pool->err) {
        pool->err = err;
        *pool->diag = *diag;
    }
    if (plan->request->progress) {
        plan->request->progress(plan->request->progress_context, pool->done, plan->judged);
    }
    bool go_on = !pool->err;
    pthread_mutex_unlock(&pool->lock);
    return go_on;
}

static void judge_cells(struct shard *shard)
{
    struct plan *plan = shard->plan;
    struct rk_diag diag;
    unsigned number = 0;
    for (unsigned i = 0; i < plan->cells; i++) {
        struct cell *cell = &plan->cell[i];
        if (cell->shared == 0 || number++ % plan->shards != shard->number) {
            continue;
        }
        enum rk_err err = rki_judge_cut(&shard->judge, cell->step, &cell->class, &cell->verdict, &diag);
        if (!report(shard->pool, plan, 1, err, &diag)) {
            return;
        }
    }
}

/* Instants drawn from each step are really cut, too: that a class is one is an argument, and this is its test. */
static enum rk_err take_samples(struct shard *shard, struct rk_diag *diag)
{
    const struct plan *plan = shard->plan;
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < shard->script.steps * SAMPLES && !err; i++) {
        uint64_t drawn = rk_rng_draw(&shard->pair.rng, i, RK_RNG_INPUT, 0);
        const uint64_t steps = shard->script.step[i / SAMPLES].log.steps;
        if (i % plan->shards != shard->number || steps < 2) {
            continue;
        }
        const struct rki_class instant = {.at = 1 + rk_rng_below(drawn, steps - 1), .phase = RK_NVM_PHASES};
        err = rki_judge_sample(&shard->judge, i / SAMPLES, &instant, diag);
    }
    return err;
}

static void run_shard(struct shard *shard)
{
    struct rk_diag diag;
    judge_cells(shard);
    enum rk_err err = take_samples(shard, &diag);
    report(shard->pool, shard->plan, 0, err, &diag);
}

/* An emulator belongs to the thread that opened it. */
static void *work(void *context)
{
    struct shard *shard = context;
    struct rk_diag diag;
    enum rk_err err = open_shard(shard, &diag);
    if (report(shard->pool, shard->plan, 0, err, &diag)) {
        run_shard(shard);
    }
    close_shard(shard);
    return NULL;
}

static unsigned shard_count(const struct rk_powercut_request *request, unsigned judged)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = request->jobs ? request->jobs : (unsigned)(cores > 0 ? cores : 1);
    count = count < THREADS_MAX ? count : THREADS_MAX;
    return count < judged ? count : judged > 0 ? judged : 1;
}

static enum rk_err run_all(struct plan *plan, struct shard *first, uint64_t executed[2], struct rk_diag *diag)
{
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .diag = diag};
    struct shard *shard[THREADS_MAX] = {first};
    pthread_t thread[THREADS_MAX];
    bool started[THREADS_MAX] = {false};
    plan->shards = shard_count(plan->request, plan->judged);
    for (unsigned i = 0; i < plan->shards; i++) {
        if (i > 0) {
            shard[i] = calloc(1, sizeof *shard[i]);
            RK_REQUIRE(shard[i] != NULL);
            shard[i]->plan = plan;
            shard[i]->number = i;
        }
        shard[i]->pool = &pool;
        if (i > 0) {
            started[i] = pthread_create(&thread[i], NULL, work, shard[i]) == 0;
            RK_REQUIRE(started[i]);
        }
    }
    run_shard(first);
    for (unsigned i = 0; i < plan->shards; i++) {
        if (started[i]) {
            pthread_join(thread[i], NULL);
        }
        executed[0] += shard[i]->judge.executed;
        executed[1] += shard[i]->judge.second;
        if (i > 0) {
            free(shard[i]);
        }
    }
    return pool.err;
}

/* ---- what it comes to ---- */

static void count_cell(struct rk_powercut_count *count, const struct cell *cell, const struct rki_verdict *verdict)
{
    uint64_t *const by_outcome[] = {
        [RKI_OLD] = &count->old_key,
        [RKI_NEW] = &count->new_key,
        [RKI_NONE] = &count->no_key,
        [RKI_LOST] = &count->lost,
        [RKI_RESURRECTED] = &count->resurrected,
    };
    count->cuts += cell->cuts;
    *by_outcome[verdict->outcome] += cell->cuts;
    count->nonce_reuse += verdict->reused ? cell->cuts : 0;
    count->replayed += verdict->replayed ? cell->cuts : 0;
    count->torn += cell->class.torn ? cell->cuts : 0;
}

static struct rk_powercut_count *part_of(struct rk_powercut_row *row, const char *name)
{
    for (unsigned i = 0; i < row->parts; i++) {
        if (strcmp(row->part[i].name, name) == 0) {
            return &row->part[i].count;
        }
    }
    RK_REQUIRE(row->parts < RK_POWERCUT_PARTS_MAX);
    row->part[row->parts].name = name;
    return &row->part[row->parts++].count;
}

static void fill_row(const struct plan *plan, const struct rki_script *script, struct rk_powercut_row *row)
{
    row->instants = plan->instants;
    row->distinct = plan->judged;
    for (unsigned i = 0; i < plan->cells; i++) {
        const struct cell *cell = &plan->cell[i];
        const struct rki_verdict *verdict = &plan->cell[cell->same].verdict;
        const struct rki_step *step = &script->step[cell->step];
        if (cell->cuts == 0) {
            continue;
        }
        count_cell(&row->sum, cell, verdict);
        count_cell(part_of(row, step->part), cell, verdict);
        if (verdict->why[0] != '\0' && row->first[0] == '\0') {
            snprintf(row->first, sizeof row->first, "%s, event %s, cut at step %llu%s: %s", step->part,
                     rk_event_name(step->kind), (unsigned long long)cell->class.at,
                     cell->class.torn ? ", in a write" : "", verdict->why);
        }
    }
}

static enum rk_err run_pair(struct plan *plan, struct rk_powercut_row *row, struct rk_diag *diag)
{
    struct shard *first = calloc(1, sizeof *first);
    uint64_t executed[2] = {0, 0};
    RK_REQUIRE(first != NULL);
    first->plan = plan;
    enum rk_err err = open_shard(first, diag);
    if (!err && first->pair.status[0] != '\0') {
        snprintf(row->status, sizeof row->status, "%s", first->pair.status);
    } else if (!err) {
        make_cells(plan, first);
        choose_cuts(plan, &first->pair.rng);
        err = run_all(plan, first, executed, diag);
        if (!err) {
            snprintf(row->status, sizeof row->status, "ok");
            fill_row(plan, &first->script, row);
            row->executed = executed[0];
            row->second = executed[1];
        }
    }
    close_shard(first);
    free(first);
    free(plan->cell);
    return err;
}

enum rk_err rk_powercut_run(const struct rk_powercut_request *request, struct rk_powercut_row *row,
                            struct rk_diag *diag)
{
    struct plan plan = {.request = request};
    memset(row, 0, sizeof *row);
    enum rk_err err = rki_bench_open(request->device, request->backend, &plan.bench, diag);
    if (err) {
        return err;
    }
    snprintf(row->device, sizeof row->device, "%s", plan.bench.device.name);
    snprintf(row->backend, sizeof row->backend, "%s", plan.bench.firmware.backend);
    snprintf(row->version, sizeof row->version, "%s", plan.bench.firmware.version);
    snprintf(row->mechanism, sizeof row->mechanism, "%s", rk_mechanism_name(request->mechanism));
    const char *reason = rk_firmware_reason(&plan.bench.firmware, RK_OP_lifecycle_step);
    if (reason != NULL) {
        snprintf(row->status, sizeof row->status, "%s", reason);
        return RK_OK;
    }
    return run_pair(&plan, row, diag);
}
