/* Other ranks compute trials for rank 0, which alone reads and writes the store.
 *
 * Each rank makes the sweep itself; a digest over the names of all trials shows that it is the same one. Rank 0 keeps
 * two trials with every rank, so that none waits for its next; which rank computes which does not show in any result.
 * Where the user says so, or where there are fewer trials than ranks and devices share nothing, all ranks compute each
 * trial together (engine/sim/parts.h). */
#include "engine/study/runner_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/sha256.h"

enum { HANDED_OUT = 2, IDLE_us = 100, HOME = -1, READY = -2 };

struct rki_remote {
    bool ready; /* has answered the muster */
    unsigned handed_out;
};

struct muster {
    enum rk_err err;
    char digest[65];
};

struct order {
    int64_t task;  /* or HOME */
    bool together; /* all ranks compute it */
};

struct answer {
    int64_t task; /* or READY */
    enum rk_err err;
    struct rk_trial_result result;
    struct rk_diag why;
};

/* Over what the trials' results depend on, in their order. */
static void digest(const struct rki_run *run, char hex[65])
{
    struct rk_sha256 hash;
    uint8_t bytes[32];
    rk_sha256_init(&hash);
    for (size_t i = 0; i < run->tasks; i++) {
        rk_sha256_add(&hash, run->task[i].sha256, 64);
    }
    rk_sha256_finish(&hash, bytes);
    rk_sha256_hex(bytes, hex);
}

/* Rank 0 */

void rki_ranks_muster(struct rki_run *run, enum rk_err err)
{
    const struct rk_ranks *ranks = run->options->ranks;
    struct muster muster = {.err = err};
    if (ranks == NULL) {
        return;
    }
    digest(run, muster.digest);
    ranks->share(&muster, sizeof muster);
    if (err == RK_OK) {
        run->remote = calloc(ranks->size, sizeof *run->remote);
        RK_REQUIRE(run->remote != NULL);
    }
}

bool rki_ranks_busy(const struct rki_run *run)
{
    for (unsigned i = 1; run->remote != NULL && i < run->options->ranks->size; i++) {
        if (!run->remote[i].ready || run->remote[i].handed_out > 0) {
            return true;
        }
    }
    return false;
}

static void take_in(struct rki_run *run, unsigned rank, const struct answer *answer)
{
    struct rki_remote *remote = &run->remote[rank];
    if (answer->task == READY) {
        remote->ready = true;
        if (answer->err != RK_OK) {
            run->failed = answer->err;
            run->failed_task = 0;
            run->stop = true;
            rk_fail(&run->failure, answer->err, "rank %u: %s", rank, answer->why.text);
        }
        return;
    }
    size_t index = (size_t)answer->task;
    RK_REQUIRE(index < run->tasks && remote->handed_out > 0);
    remote->handed_out--;
    run->task[index].result = answer->result;
    rki_task_ended(run, index, answer->err, &answer->why);
}

static void give_work(struct rki_run *run, unsigned rank)
{
    struct rki_remote *remote = &run->remote[rank];
    size_t index;
    while (!run->together && remote->ready && remote->handed_out < HANDED_OUT && rki_task_take(run, &index)) {
        const struct order order = {.task = (int64_t)index};
        run->options->ranks->send(rank, &order, sizeof order);
        remote->handed_out++;
    }
}

bool rki_ranks_serve(struct rki_run *run)
{
    const struct rk_ranks *ranks = run->options->ranks;
    struct answer answer;
    unsigned rank;
    if (run->remote == NULL) {
        return false;
    }
    pthread_mutex_unlock(&run->lock);
    bool came = ranks->receive(&rank, &answer, sizeof answer);
    pthread_mutex_lock(&run->lock);
    if (came) {
        take_in(run, rank, &answer);
    }
    for (unsigned i = 1; i < ranks->size; i++) {
        give_work(run, i); /* what any rank or thread ended may have opened more */
    }
    return came;
}

void rki_ranks_dismiss(struct rki_run *run)
{
    if (run->remote == NULL) {
        return;
    }
    const struct rk_ranks *ranks = run->options->ranks;
    pthread_mutex_lock(&run->lock);
    run->stop = true;
    while (rki_ranks_busy(run)) {
        if (!rki_ranks_serve(run)) {
            usleep(IDLE_us);
        }
    }
    pthread_mutex_unlock(&run->lock);
    for (unsigned i = 1; i < ranks->size; i++) {
        const struct order order = {.task = HOME};
        ranks->send(i, &order, sizeof order);
    }
    free(run->remote);
    run->remote = NULL;
}

/* Windows cost more than they share out unless the fleet is huge: before a busy server that is for the user to say. */
static bool spreads(const struct rki_run *run, const struct rk_trial *trial)
{
    return trial->devices >= run->options->ranks->size && rk_trial_splits(trial) &&
           (run->options->spread || trial->server_time_ns == 0);
}

bool rki_ranks_together(const struct rki_run *run, size_t left)
{
    if (run->remote == NULL || (left >= run->options->ranks->size && !run->options->spread)) {
        return false;
    }
    for (size_t i = 0; i < run->tasks; i++) {
        const struct rki_task *task = &run->task[i];
        if (!task->done && !task->elsewhere && !spreads(run, &task->point->trial)) {
            return false;
        }
    }
    return true;
}

static enum rk_err run_part(const struct rki_run *run, struct rki_task *task, const struct rki_libraries *libraries,
                            struct rk_diag *diag)
{
    return rki_task_run(task, libraries, &run->options->ranks->parts, 1, diag);
}

/* Waits for the rest, which must be there before all ranks make a call together. */
static bool all_are_ready(struct rki_run *run)
{
    pthread_mutex_lock(&run->lock);
    while (rki_ranks_busy(run)) {
        if (!rki_ranks_serve(run)) {
            usleep(IDLE_us);
        }
    }
    bool well = !run->stop;
    pthread_mutex_unlock(&run->lock);
    return well;
}

enum rk_err rki_ranks_run(struct rki_run *run, const struct rki_libraries *libraries, struct rk_diag *diag)
{
    const struct rk_ranks *ranks = run->options->ranks;
    enum rk_err err = RK_OK;
    size_t index;
    run->together = true;
    if (!all_are_ready(run)) {
        return RK_OK;
    }
    while (err == RK_OK && rki_task_take(run, &index)) {
        const struct order order = {.task = (int64_t)index, .together = true};
        struct rk_diag why = {""};
        for (unsigned i = 1; i < ranks->size; i++) {
            ranks->send(i, &order, sizeof order);
        }
        enum rk_err ended = run_part(run, &run->task[index], libraries, &why);
        rki_task_ended(run, index, ended, &why);
        if (ended == RK_OK) {
            run->ended_count = 0;
            err = rki_run_store(run, &index, 1, diag);
        }
    }
    return err;
}

/* The other ranks */

static void answer_orders(struct rki_run *run, const struct rki_libraries *libraries)
{
    const struct rk_ranks *ranks = run->options->ranks;
    struct answer answer;
    struct order order;
    unsigned from;
    for (;;) {
        if (!ranks->receive(&from, &order, sizeof order)) {
            usleep(IDLE_us);
            continue;
        }
        if (order.task == HOME) {
            return;
        }
        struct rki_task *task = &run->task[order.task];
        if (order.together) {
            (void)run_part(run, task, libraries, &answer.why); /* rank 0 hears of it as the part that it is */
            continue;
        }
        memset(&answer, 0, sizeof answer);
        answer.task = order.task;
        answer.err = rki_task_run(task, libraries, NULL, 1, &answer.why);
        answer.result = task->result;
        ranks->send(0, &answer, sizeof answer);
    }
}

void rk_run_assist(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                   const struct rk_run_options *options, enum rk_err err, const struct rk_diag *why)
{
    struct rk_run_counts counts = {0};
    struct rki_run run = {.sweep = sweep, .environment = environment, .options = options, .counts = &counts};
    struct rki_libraries *libraries = calloc(1, sizeof *libraries);
    struct answer ready = {.task = READY, .err = err, .why = *why};
    struct muster muster;
    char mine[65];
    RK_REQUIRE(libraries != NULL);
    options->ranks->share(&muster, sizeof muster);
    if (muster.err == RK_OK) {
        if (ready.err == RK_OK) {
            rki_run_list(&run);
            digest(&run, mine);
            if (strcmp(mine, muster.digest) != 0) {
                ready.err = rk_fail(&ready.why, RK_ERR_INPUT,
                                    "reads other inputs than rank 0, expected the same tree, files and tools");
            }
        }
        if (ready.err == RK_OK) {
            ready.err = rki_libraries_load(&run, 0, libraries, &ready.why);
        }
        options->ranks->send(0, &ready, sizeof ready);
        answer_orders(&run, libraries);
    }
    free(libraries);
    free(run.look);
    free(run.task);
}
