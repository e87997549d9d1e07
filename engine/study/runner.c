#include "engine/study/runner.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/core/stats.h"
#include "engine/lifecycle/scheme.h"
#include "engine/study/provenance.h"
#include "engine/study/store.h"
#include "engine/study/trial_cache.h"

enum { COMMIT_s = 1 };

struct task {
    const struct rk_point *point;
    unsigned replication;
    bool done;
    struct rk_trial_result result;
    char sha256[65];
};

struct worker {
    struct run *run;
    pthread_t thread;
    const struct rk_backend *library[RK_SWEEP_CELLS_max]; /* this thread's copies, by cell */
};

struct run {
    const struct rk_sweep *sweep;
    const struct rk_study_environment *environment;
    const struct rk_run_options *options;
    struct rk_run_counts *counts;
    struct rk_store *store;
    struct rk_trial_cache *cache;
    struct task *task;
    size_t tasks, done;

    /* Shared with the workers, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t ended_changed;
    size_t next;   /* first task that nobody has looked at */
    size_t *ended; /* tasks that ended and are not stored yet */
    size_t ended_count;
    unsigned working; /* threads that still run */
    bool stop;
    enum rk_err failed;
    size_t failed_task;
    struct rk_diag failure;
};

/* What the study is, written anew by every run */

static enum rk_err put_meta(struct run *run, struct rk_diag *diag)
{
    const struct rk_study *study = run->sweep->study;
    const struct rk_scenario *scenario = &study->scenario;
    char version[16], seed[24], replications[16], horizon[32], overrides[4096] = "", execution[RK_AXIS_TEXT_bytes];
    snprintf(version, sizeof version, "%d", RK_STORE_SCHEMA_VERSION);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)scenario->seed);
    snprintf(replications, sizeof replications, "%u", scenario->replications);
    snprintf(horizon, sizeof horizon, "%.9g", (double)scenario->horizon_ns / 1e9);
    for (size_t i = 0; i < study->overrides; i++) {
        size_t used = strlen(overrides);
        snprintf(overrides + used, sizeof overrides - used, "%s\n", study->override[i]);
    }
    enum rk_err err = rk_fields_format(rk_scenario_fields, "execution", scenario, execution, sizeof execution, diag);
    for (size_t i = 0; i < scenario->axes.count; i++) {
        if (strcmp(scenario->axes.axis[i].key, "execution") == 0) {
            snprintf(execution, sizeof execution, "by axis");
        }
    }
    const struct {
        const char *key, *value;
    } rows[] = {
        {"schema_version", version},
        {"generator", rk_store_generator},
        {"name", scenario->name},
        {"title", scenario->title},
        {"question", scenario->question},
        {"scenario", study->text},
        {"scenario_sha256", study->sha256},
        {"overrides", overrides},
        {"seed", seed},
        {"replications", replications},
        {"horizon_s", horizon},
        {"execution", execution},
        {"tier", "reference"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && err == RK_OK; i++) {
        err = rk_store_put_meta(run->store, rows[i].key, rows[i].value, diag);
    }
    return err;
}

static uint64_t none_if_zero(uint64_t value)
{
    return value == 0 ? RK_NONE : value;
}

static enum rk_err put_point(struct run *run, const struct rk_point *point, struct rk_diag *diag)
{
    const struct rk_study *study = run->sweep->study;
    struct rk_scheme scheme;
    RK_REQUIRE(rk_scheme_of(point->trial.policy.mechanism, &scheme));
    struct rk_store_point row = {
        .point = point->index,
        .label = point->label,
        .device = point->trial.device->name,
        .backend = point->cell->library->name,
        .version = point->cell->library->version,
        .mechanism = rk_mechanism_name(point->trial.policy.mechanism),
        .association = rk_mechanism_class(point->trial.policy.mechanism),
        .renew = point->renew,
        .battery = point->trial.battery->name,
        .status = point->status,
        .interval_s = point->interval_s,
        .exposure_closed_form_s = point->exposure_closed_form_s,
        .renewal = scheme.term,
        .messages_max = none_if_zero(point->trial.policy.messages_max),
        .failed_max = none_if_zero(point->trial.policy.failed_max),
        .strength_bits = RK_NONE,
    };
    char date[16];
    if (point->policy_date != 0) {
        snprintf(date, sizeof date, "%04u-%02u-%02u", point->policy_date / 10000, point->policy_date / 100 % 100,
                 point->policy_date % 100);
        row.policy_date = date;
        row.approval = rk_approval_name(point->approval.worst.apply);
        row.approval_of = rk_primitive_name(point->approval.worst_primitive);
        row.approval_clause = point->approval.worst.clause;
        row.strength_bits = point->approval.worst.strength_bits;
    }
    enum rk_err err = rk_store_put_point(run->store, &row, diag);
    for (size_t i = 0; i < study->scenario.axes.count && err == RK_OK; i++) {
        err = rk_store_put_axis(run->store, point->index, study->scenario.axes.axis[i].key,
                                rk_study_axis_value(study, point->index, i), diag);
    }
    return err;
}

static enum rk_err put_cell(struct run *run, const struct rk_sweep_cell *cell, struct rk_diag *diag)
{
    for (size_t i = 0; i < cell->row_count; i++) {
        enum rk_err err = rk_store_put_cost(run->store, &cell->rows[i], diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

static enum rk_err put_description(struct run *run, struct rk_diag *diag)
{
    const struct rk_sweep *sweep = run->sweep;
    enum rk_err err = rk_store_clear_description(run->store, diag);
    if (err == RK_OK) {
        err = put_meta(run, diag);
    }
    if (err == RK_OK) {
        err = rk_provenance_put(run->store, sweep, run->environment->root, diag);
    }
    for (size_t i = 0; i < sweep->devices && err == RK_OK; i++) {
        err = rk_store_put_device(run->store, &sweep->device[i]->profile, diag);
    }
    for (size_t i = 0; i < sweep->cells && err == RK_OK; i++) {
        err = put_cell(run, sweep->cell[i], diag);
    }
    for (size_t i = 0; i < sweep->points && err == RK_OK; i++) {
        err = put_point(run, &sweep->point[i], diag);
    }
    return err;
}

/* What need not be computed */

static void finish_task(struct run *run, struct task *task, const struct rk_trial_result *result)
{
    task->result = *result;
    task->done = true;
    run->done++;
}

/* A stored trial is kept when it is of this study and was computed from the same inputs. */
static bool keep_trial(void *context, const struct rk_store_trial *trial)
{
    struct run *run = context;
    size_t low = 0, high = run->tasks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct task *task = &run->task[middle];
        bool before = task->point->index < trial->point ||
                      (task->point->index == trial->point && task->replication < trial->replication);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    struct task *task = low < run->tasks ? &run->task[low] : NULL;
    bool same = task != NULL && task->point->index == trial->point && task->replication == trial->replication &&
                strcmp(task->sha256, trial->inputs_sha256) == 0;
    if (same) {
        finish_task(run, task, &trial->result);
        run->counts->resumed++;
    }
    return same;
}

static enum rk_err store_task(struct run *run, const struct task *task, struct rk_diag *diag)
{
    struct rk_store_trial row = {.point = task->point->index, .replication = task->replication, .result = task->result};
    memcpy(row.inputs_sha256, task->sha256, sizeof row.inputs_sha256);
    return rk_store_put_trial(run->store, &row, diag);
}

static enum rk_err take_from_cache(struct run *run, struct rk_diag *diag)
{
    for (size_t i = 0; i < run->tasks; i++) {
        struct task *task = &run->task[i];
        struct rk_trial_result result;
        if (task->done || !rk_trial_cache_find(run->cache, task->sha256, &result)) {
            continue;
        }
        finish_task(run, task, &result);
        run->counts->from_cache++;
        enum rk_err err = store_task(run, task, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

/* One transaction: the study's description, old trials that still count, and those of the cache. */
static enum rk_err prepare(struct run *run, struct rk_diag *diag)
{
    enum rk_err err = rk_store_begin(run->store, diag);
    if (err == RK_OK) {
        err = put_description(run, diag);
    }
    if (err == RK_OK) {
        err = rk_store_sift_trials(run->store, keep_trial, run, diag);
    }
    if (err == RK_OK) {
        err = take_from_cache(run, diag);
    }
    return err == RK_OK ? rk_store_commit(run->store, diag) : err;
}

/* Workers */

static void report_failure(struct run *run, size_t index, enum rk_err err, const struct rk_diag *why)
{
    if (run->failed == RK_OK || index < run->failed_task) {
        run->failed = err;
        run->failed_task = index;
        rk_fail(&run->failure, err, "%s, replication %u: %s", run->task[index].point->label,
                run->task[index].replication, why->text);
    }
    run->stop = true;
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct run *run = worker->run;
    pthread_mutex_lock(&run->lock);
    while (!run->stop) {
        while (run->next < run->tasks && run->task[run->next].done) {
            run->next++;
        }
        if (run->next == run->tasks) {
            break;
        }
        size_t index = run->next++;
        struct task *task = &run->task[index];
        pthread_mutex_unlock(&run->lock);

        struct rk_diag why = {""};
        struct rk_trial trial = task->point->trial;
        trial.replication = task->replication;
        if (trial.backend != NULL) {
            trial.backend = worker->library[task->point->cell->index];
        }
        enum rk_err err = rk_trial_run(&trial, &task->result, &why);

        pthread_mutex_lock(&run->lock);
        if (err != RK_OK) {
            report_failure(run, index, err, &why);
        } else {
            run->ended[run->ended_count++] = index;
        }
        pthread_cond_signal(&run->ended_changed);
    }
    run->working--;
    pthread_cond_signal(&run->ended_changed);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* Stores `count` ended tasks in one transaction; the cache gets them once they are safe. */
static enum rk_err store_batch(struct run *run, const size_t *index, size_t count, struct rk_diag *diag)
{
    enum rk_err err = rk_store_begin(run->store, diag);
    for (size_t i = 0; i < count && err == RK_OK; i++) {
        err = store_task(run, &run->task[index[i]], diag);
    }
    if (err == RK_OK) {
        err = rk_store_commit(run->store, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    rk_trial_cache_begin(run->cache);
    for (size_t i = 0; i < count; i++) {
        struct task *task = &run->task[index[i]];
        rk_trial_cache_put(run->cache, task->sha256, &task->result);
        task->done = true;
    }
    rk_trial_cache_commit(run->cache);
    run->done += count;
    run->counts->computed += (unsigned)count;
    if (run->options->progress != NULL) {
        run->options->progress(run->options->progress_context, (unsigned)run->done, (unsigned)run->tasks);
    }
    return RK_OK;
}

/* Waits, under the lock, until a transaction's worth has ended, a second has passed with anything, or all workers are
 * gone. */
static void wait_for_batch(struct run *run)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += COMMIT_s;
    size_t enough = run->options->commit_trials != 0 ? run->options->commit_trials : SIZE_MAX;
    int timed_out = 0;
    while (run->working > 0 && run->ended_count < enough && !(timed_out != 0 && run->ended_count > 0)) {
        if (enough != SIZE_MAX || timed_out != 0) {
            pthread_cond_wait(&run->ended_changed, &run->lock);
        } else {
            timed_out = pthread_cond_timedwait(&run->ended_changed, &run->lock, &until);
        }
    }
}

/* The calling thread stores what the workers finish, until all are gone. */
static enum rk_err collect(struct run *run, size_t *batch, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    pthread_mutex_lock(&run->lock);
    while (run->working > 0 || run->ended_count > 0) {
        wait_for_batch(run);
        size_t count = run->ended_count, limit = run->options->commit_trials;
        count = limit != 0 && count > limit ? limit : count;
        memcpy(batch, run->ended, count * sizeof *batch);
        memmove(run->ended, run->ended + count, (run->ended_count - count) * sizeof *run->ended);
        run->ended_count -= count;
        if (err == RK_OK && count > 0) {
            pthread_mutex_unlock(&run->lock);
            err = store_batch(run, batch, count, diag);
            pthread_mutex_lock(&run->lock);
            run->stop = run->stop || err != RK_OK;
        }
    }
    pthread_mutex_unlock(&run->lock);
    return err;
}

/* Copies of the libraries that trials really call. */
static enum rk_err load_libraries(struct run *run, struct worker *workers, unsigned jobs, struct rk_diag *diag)
{
    const struct rk_study_environment *environment = run->environment;
    for (size_t i = 0; i < run->sweep->points; i++) {
        const struct rk_sweep_cell *cell = run->sweep->point[i].cell;
        for (unsigned j = 0; j < jobs && run->sweep->point[i].trial.backend != NULL; j++) {
            char identity[96];
            const struct rk_backend **library = &workers[j].library[cell->index];
            enum rk_err err = *library != NULL ? RK_OK
                                               : environment->library(environment->context, cell->backend, j, library,
                                                                      identity, diag);
            if (err != RK_OK) {
                return err;
            }
        }
    }
    return RK_OK;
}

static enum rk_err run_workers(struct run *run, struct worker *workers, unsigned jobs, struct rk_diag *diag)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&run->ended_changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&run->lock, NULL);
    size_t *batch = calloc(run->tasks, sizeof *batch);
    run->ended = calloc(run->tasks, sizeof *run->ended);
    RK_REQUIRE(batch != NULL && run->ended != NULL);
    run->working = jobs;
    for (unsigned i = 0; i < jobs; i++) {
        workers[i].run = run;
        RK_REQUIRE(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    enum rk_err err = collect(run, batch, diag);
    for (unsigned i = 0; i < jobs; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    pthread_mutex_destroy(&run->lock);
    pthread_cond_destroy(&run->ended_changed);
    free(batch);
    free(run->ended);
    if (err == RK_OK && run->failed != RK_OK) {
        err = rk_fail(diag, run->failed, "%s", run->failure.text);
    }
    return err;
}

static enum rk_err run_tasks(struct run *run, struct rk_diag *diag)
{
    size_t left = run->tasks - run->done;
    unsigned jobs = run->options->jobs < left ? run->options->jobs : (unsigned)left;
    if (jobs == 0) {
        return RK_OK;
    }
    struct worker *workers = calloc(jobs, sizeof *workers);
    RK_REQUIRE(workers != NULL);
    enum rk_err err = load_libraries(run, workers, jobs, diag);
    if (err == RK_OK) {
        err = run_workers(run, workers, jobs, diag);
    }
    free(workers);
    return err;
}

/* Summaries */

static enum rk_err summarise_point(struct run *run, const struct task *task, size_t count, double *values,
                                   struct rk_diag *diag)
{
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        for (size_t i = 0; i < count; i++) {
            values[i] = task[i].result.metric[metric];
        }
        struct rk_stats stats = rk_stats_summary(values, count);
        const struct rk_store_summary row = {.point = task->point->index,
                                             .metric = rk_metric_info[metric].name,
                                             .unit = rk_metric_info[metric].unit,
                                             .n = (unsigned)stats.n,
                                             .mean = stats.mean,
                                             .ci95 = stats.ci95,
                                             .min = stats.min,
                                             .max = stats.max};
        enum rk_err err = rk_store_put_summary(run->store, &row, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

static enum rk_err summarise(struct run *run, struct rk_diag *diag)
{
    size_t replications = run->sweep->study->scenario.replications;
    double *values = calloc(replications, sizeof *values);
    RK_REQUIRE(values != NULL);
    enum rk_err err = rk_store_begin(run->store, diag);
    for (size_t i = 0; i < run->tasks && err == RK_OK; i += replications) {
        err = summarise_point(run, &run->task[i], replications, values, diag);
    }
    free(values);
    return err == RK_OK ? rk_store_commit(run->store, diag) : err;
}

static void list_tasks(struct run *run)
{
    const struct rk_sweep *sweep = run->sweep;
    unsigned replications = sweep->study->scenario.replications;
    run->task = calloc(sweep->points * replications + 1, sizeof *run->task);
    RK_REQUIRE(run->task != NULL);
    for (size_t i = 0; i < sweep->points; i++) {
        for (unsigned r = 0; r < replications && strcmp(sweep->point[i].status, "ok") == 0; r++) {
            struct task *task = &run->task[run->tasks++];
            task->point = &sweep->point[i];
            task->replication = r;
            rk_point_trial_sha256(task->point, r, task->sha256);
        }
    }
    run->counts->trials = (unsigned)run->tasks;
}

enum rk_err rk_run(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                   const struct rk_run_options *options, struct rk_run_counts *counts, struct rk_diag *diag)
{
    struct run run = {.sweep = sweep, .environment = environment, .options = options, .counts = counts};
    *counts = (struct rk_run_counts){0};
    enum rk_err err = rk_store_create(&run.store, options->database, options->resume, diag);
    if (err != RK_OK) {
        return err;
    }
    run.cache = options->cached ? rk_trial_cache_open(options->cache_directory) : NULL;
    list_tasks(&run);
    err = prepare(&run, diag);
    if (err == RK_OK) {
        err = run_tasks(&run, diag);
    }
    if (err == RK_OK) {
        err = summarise(&run, diag);
    }
    rk_trial_cache_close(run.cache);
    free(run.task);
    if (err != RK_OK) {
        rk_store_close(run.store);
        return err;
    }
    return rk_store_finish(run.store, diag);
}
