#include "engine/study/runner_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COMMIT_s = 1, RANKS_POLL_ns = 100000 };

struct worker {
    struct rki_run *run;
    pthread_t thread;
    struct rki_libraries libraries;
};

/* Tasks */

bool rki_task_take(struct rki_run *run, size_t *index)
{
    for (; run->next < run->tasks && !run->stop; run->next++) {
        struct rki_task *task = &run->task[run->next];
        if (!task->done && !task->elsewhere && !task->handed && rki_task_wanted(run, task)) {
            task->handed = true;
            run->outstanding++;
            *index = run->next++;
            return true;
        }
    }
    return false;
}

/* Under the lock: waits while what others compute may open more. */
static bool wait_for_task(struct rki_run *run, size_t *index)
{
    bool taken = rki_task_take(run, index);
    while (!taken && !run->stop && run->outstanding > 0 && run->rules.stop.ci95_ppm != 0) {
        pthread_cond_wait(&run->opened, &run->lock);
        taken = rki_task_take(run, index);
    }
    return taken;
}

void rki_task_ended(struct rki_run *run, size_t index, enum rk_err err, const struct rk_diag *why)
{
    run->outstanding--;
    pthread_cond_broadcast(&run->opened);
    if (err == RK_OK) {
        run->ended[run->ended_count++] = index;
        rki_task_arrived(run, &run->task[index]);
        return;
    }
    if (run->failed == RK_OK || index < run->failed_task) {
        run->failed = err;
        run->failed_task = index;
        rk_fail(&run->failure, err, "%s, replication %u: %s", run->task[index].point->label,
                run->task[index].replication, why->text);
    }
    run->stop = true;
}

enum rk_err rki_task_run(struct rki_task *task, const struct rki_libraries *libraries, const struct rk_parts *parts,
                         unsigned threads, struct rk_diag *diag)
{
    struct rk_trial trial = task->point->trial;
    trial.replication = task->replication;
    trial.parts = parts;
    trial.threads = threads;
    if (trial.backend != NULL) {
        trial.backend = libraries->of_cell[task->point->cell->index];
    }
    return rk_trial_run(&trial, &task->result, diag);
}

enum rk_err rki_libraries_load(const struct rki_run *run, unsigned copy, struct rki_libraries *libraries,
                               struct rk_diag *diag)
{
    const struct rk_study_environment *environment = run->environment;
    for (size_t i = 0; i < run->sweep->points; i++) {
        const struct rk_sweep_cell *cell = run->sweep->point[i].cell;
        const struct rk_backend **library = &libraries->of_cell[cell->index];
        char identity[96];
        if (run->sweep->point[i].trial.backend == NULL || *library != NULL) {
            continue;
        }
        enum rk_err err = environment->library(environment->context, cell->backend, copy, library, identity, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

/* Threads */

static void *work(void *context)
{
    struct worker *worker = context;
    struct rki_run *run = worker->run;
    size_t index;
    pthread_mutex_lock(&run->lock);
    while (wait_for_task(run, &index)) {
        struct rk_diag why = {""};
        pthread_mutex_unlock(&run->lock);
        enum rk_err err = rki_task_run(&run->task[index], &worker->libraries, NULL, run->threads, &why);
        pthread_mutex_lock(&run->lock);
        rki_task_ended(run, index, err, &why);
        pthread_cond_signal(&run->ended_changed);
    }
    run->working--;
    pthread_cond_signal(&run->ended_changed);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

static struct timespec after(struct timespec time, long nanoseconds)
{
    time.tv_nsec += nanoseconds;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static bool is_past(const struct timespec *time)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > time->tv_sec || (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static bool anybody_works(const struct rki_run *run)
{
    return run->working > 0 || rki_ranks_busy(run);
}

/* Waits, under the lock, until a transaction's worth has ended, a second has passed with anything, or nobody works any
 * more. What other ranks send is looked for, as no signal tells of it. */
static void wait_for_batch(struct rki_run *run)
{
    struct timespec now, until;
    clock_gettime(CLOCK_MONOTONIC, &now);
    until = now;
    until.tv_sec += COMMIT_s;
    size_t enough = run->options->commit_trials != 0 ? run->options->commit_trials : SIZE_MAX;
    while (anybody_works(run) && run->ended_count < enough &&
           !(enough == SIZE_MAX && run->ended_count > 0 && is_past(&until))) {
        if (rki_ranks_serve(run)) {
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        struct timespec wake = run->remote != NULL ? after(now, RANKS_POLL_ns) : until;
        if (run->remote == NULL && (enough != SIZE_MAX || is_past(&until))) {
            pthread_cond_wait(&run->ended_changed, &run->lock);
        } else {
            pthread_cond_timedwait(&run->ended_changed, &run->lock, &wake);
        }
    }
}

/* The calling thread stores what ends, until nothing is left. */
static enum rk_err collect(struct rki_run *run, size_t *batch, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    pthread_mutex_lock(&run->lock);
    while (anybody_works(run) || run->ended_count > 0) {
        wait_for_batch(run);
        size_t count = run->ended_count, limit = run->options->commit_trials;
        count = limit != 0 && count > limit ? limit : count;
        memcpy(batch, run->ended, count * sizeof *batch);
        memmove(run->ended, run->ended + count, (run->ended_count - count) * sizeof *run->ended);
        run->ended_count -= count;
        if (err == RK_OK && count > 0) {
            pthread_mutex_unlock(&run->lock);
            err = rki_run_store(run, batch, count, diag);
            pthread_mutex_lock(&run->lock);
            run->stop = run->stop || err != RK_OK;
        }
    }
    pthread_mutex_unlock(&run->lock);
    return err;
}

static void init(struct rki_run *run)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&run->ended_changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&run->opened, NULL);
    pthread_mutex_init(&run->lock, NULL);
    run->ended = calloc(run->tasks + 1, sizeof *run->ended);
    RK_REQUIRE(run->ended != NULL);
}

static enum rk_err run_workers(struct rki_run *run, struct worker *workers, unsigned jobs, struct rk_diag *diag)
{
    size_t *batch = calloc(run->tasks + 1, sizeof *batch);
    RK_REQUIRE(batch != NULL);
    run->working = jobs;
    for (unsigned i = 0; i < jobs; i++) {
        workers[i].run = run;
        RK_REQUIRE(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    enum rk_err err = collect(run, batch, diag);
    for (unsigned i = 0; i < jobs; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    free(batch);
    return err;
}

enum rk_err rki_crew_run(struct rki_run *run, struct rk_diag *diag)
{
    size_t left = run->counts->trials - run->counts->done;
    unsigned jobs = run->options->jobs < left ? run->options->jobs : (unsigned)left;
    run->threads = jobs > 0 ? run->options->jobs / jobs : 1;
    struct worker *workers = calloc(jobs + 1, sizeof *workers);
    RK_REQUIRE(workers != NULL);
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < jobs && err == RK_OK; i++) {
        err = rki_libraries_load(run, i, &workers[i].libraries, diag);
    }
    init(run);
    if (err == RK_OK && rki_ranks_together(run, left)) {
        err = rki_ranks_run(run, &workers[0].libraries, diag);
    } else if (err == RK_OK) {
        err = run_workers(run, workers, jobs, diag);
    }
    if (err == RK_OK && run->failed != RK_OK) {
        err = rk_fail(diag, run->failed, "%s", run->failure.text);
    }
    rki_ranks_dismiss(run);
    pthread_mutex_destroy(&run->lock);
    pthread_cond_destroy(&run->ended_changed);
    pthread_cond_destroy(&run->opened);
    free(run->ended);
    free(workers);
    return err;
}
