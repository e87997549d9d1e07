#include "engine/study/runner_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/study/description.h"
#include "engine/study/estimate.h"
#include "engine/study/store.h"
#include "engine/study/summary.h"
#include "engine/study/trial_cache.h"

/* What need not be computed */

static void finish_task(struct rki_run *run, struct rki_task *task, const struct rk_trial_result *result)
{
    task->result = *result;
    task->done = true;
    run->counts->done += !task->elsewhere;
    rki_task_arrived(run, task);
}

/* A stored trial is kept when it is of this study and was computed from the same inputs. Trials come by point and
 * replication: what is not wanted when it comes, with all before it there, is beyond the look at which the point stops. */
static bool keep_trial(void *context, const struct rk_store_trial *trial)
{
    struct rki_run *run = context;
    size_t low = 0, high = run->tasks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct rki_task *task = &run->task[middle];
        bool before = task->point->index < trial->point ||
                      (task->point->index == trial->point && task->replication < trial->replication);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    struct rki_task *task = low < run->tasks ? &run->task[low] : NULL;
    bool same = task != NULL && task->point->index == trial->point && task->replication == trial->replication &&
                strcmp(task->sha256, trial->inputs_sha256) == 0 && rki_task_wanted(run, task);
    if (same) {
        finish_task(run, task, &trial->result);
        run->counts->resumed += !task->elsewhere;
    }
    return same;
}

static enum rk_err store_task(struct rki_run *run, const struct rki_task *task, struct rk_diag *diag)
{
    struct rk_store_trial row = {.point = task->point->index, .replication = task->replication, .result = task->result};
    memcpy(row.inputs_sha256, task->sha256, sizeof row.inputs_sha256);
    return rk_store_put_trial(run->store, &row, diag);
}

static enum rk_err take_from_cache(struct rki_run *run, struct rk_diag *diag)
{
    for (size_t i = 0; i < run->tasks; i++) {
        struct rki_task *task = &run->task[i];
        struct rk_trial_result result;
        if (task->done || task->elsewhere || !rki_task_wanted(run, task) ||
            !rk_trial_cache_find(run->cache, task->sha256, &result)) {
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
static enum rk_err prepare(struct rki_run *run, struct rk_diag *diag)
{
    enum rk_err err = rk_store_begin(run->store, diag);
    if (err == RK_OK) {
        err = rk_description_put(run->store, run->sweep, run->environment->root, run->options->shard, diag);
    }
    if (err == RK_OK) {
        err = rk_store_sift_trials(run->store, keep_trial, run, diag);
    }
    if (err == RK_OK) {
        err = take_from_cache(run, diag);
    }
    return err == RK_OK ? rk_store_commit(run->store, diag) : err;
}

/* What was computed */

enum rk_err rki_run_store(struct rki_run *run, const size_t *index, size_t count, struct rk_diag *diag)
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
        struct rki_task *task = &run->task[index[i]];
        rk_trial_cache_put(run->cache, task->sha256, &task->result);
        task->done = true;
    }
    rk_trial_cache_commit(run->cache);
    run->counts->done += (unsigned)count;
    run->counts->computed += (unsigned)count;
    if (run->options->progress != NULL) {
        run->options->progress(run->options->progress_context, run->counts->done, run->counts->trials);
    }
    return RK_OK;
}

void rki_run_list(struct rki_run *run)
{
    const struct rk_sweep *sweep = run->sweep;
    const struct rk_shard shard = run->options->shard;
    run->rules = rk_rules_of(&sweep->study->scenario);
    run->look = rki_looks_new(run);
    unsigned replications = run->rules.stop.last;
    bool whole_points = run->rules.stop.ci95_ppm != 0; /* the rule looks at all replications of a point */
    run->task = calloc(sweep->points * replications + 1, sizeof *run->task);
    RK_REQUIRE(run->task != NULL);
    for (size_t i = 0; i < sweep->points; i++) {
        run->look[i].first = run->tasks;
        for (unsigned r = 0; r < replications && strcmp(sweep->point[i].status, "ok") == 0; r++) {
            struct rki_task *task = &run->task[run->tasks];
            task->point = &sweep->point[i];
            task->replication = r;
            size_t part = whole_points ? i : run->tasks;
            task->elsewhere = shard.count != 0 && part % shard.count != shard.index % shard.count;
            rk_point_trial_sha256(task->point, r, task->sha256);
            run->counts->trials += !task->elsewhere && rki_task_wanted(run, task);
            run->tasks++;
        }
    }
}

static enum rk_err compute(struct rki_run *run, struct rk_diag *diag)
{
    const struct rk_run_options *options = run->options;
    enum rk_err err = rk_estimate_check(run->sweep, options->jobs, rk_estimate_available_bytes(), diag);
    if (err == RK_OK) {
        err = rk_store_create(&run->store, options->database, options->resume, diag);
    }
    if (err != RK_OK) {
        rki_ranks_muster(run, err);
        return err;
    }
    run->cache = options->cached ? rk_trial_cache_open(options->cache_directory) : NULL;
    err = prepare(run, diag);
    rki_ranks_muster(run, err);
    if (err == RK_OK) {
        err = rki_crew_run(run, diag);
    }
    if (err == RK_OK) {
        err = rk_summary_put(run->store, diag);
    }
    rk_trial_cache_close(run->cache);
    if (err != RK_OK) {
        rk_store_close(run->store);
        return err;
    }
    return rk_store_finish(run->store, diag);
}

enum rk_err rk_run(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                   const struct rk_run_options *options, struct rk_run_counts *counts, struct rk_diag *diag)
{
    struct rki_run run = {.sweep = sweep, .environment = environment, .options = options, .counts = counts};
    *counts = (struct rk_run_counts){0};
    rki_run_list(&run);
    enum rk_err err = compute(&run, diag);
    free(run.look);
    free(run.task);
    return err;
}
