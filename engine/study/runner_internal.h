/* engine/study/runner_internal.h - a run under way: what the storing half, the threads and the ranks share
 *
 * runner.c lists the tasks, looks up what is known, and stores; crew.c has the threads; crew_ranks.c has the other
 * processes of an MPI run, seen from rank 0, and their own side.
 */
#ifndef ENGINE_STUDY_RUNNER_INTERNAL_H
#define ENGINE_STUDY_RUNNER_INTERNAL_H

#include <pthread.h>

#include "engine/study/rules.h"
#include "engine/study/runner.h"

struct rki_task {
    const struct rk_point *point;
    unsigned replication;
    bool elsewhere; /* another shard's */
    bool handed;    /* a thread or a rank has it, or had */
    bool done;
    struct rk_trial_result result;
    char sha256[65];
};

/* What is wanted of a point. */
struct rki_look {
    size_t first;     /* its first task */
    uint32_t wanted;  /* replications */
    uint32_t arrived; /* results that are there */
};

struct rki_remote;

struct rki_run {
    const struct rk_sweep *sweep;
    const struct rk_study_environment *environment;
    const struct rk_run_options *options;
    struct rk_run_counts *counts;
    struct rk_store *store;
    struct rk_trial_cache *cache;
    struct rki_task *task; /* by point and replication */
    size_t tasks;
    struct rk_rules rules;
    struct rki_look *look;     /* by point */
    struct rki_remote *remote; /* the other ranks, by rank; NULL without */
    bool together;             /* all ranks compute each trial */
    unsigned threads;          /* for each trial: there are fewer of them than jobs */

    /* Shared with the threads, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t ended_changed;
    pthread_cond_t opened; /* there may be new work, or there will be none */
    size_t next;           /* no task before it is to be handed out */
    size_t outstanding;    /* tasks handed out that have not ended */
    size_t *ended;         /* tasks that ended and are not stored yet */
    size_t ended_count;
    unsigned working; /* threads that still run */
    bool stop;
    enum rk_err failed;
    size_t failed_task;
    struct rk_diag failure;
};

/* runner.c */

/* The tasks of a sweep. out: run->task and run->look, on the heap, and run->tasks. */
void rki_run_list(struct rki_run *run);

/* Stores ended tasks in one transaction; the cache gets them once they are safe. */
enum rk_err rki_run_store(struct rki_run *run, const size_t *index, size_t count, struct rk_diag *diag);

/* looks.c */

struct rki_look *rki_looks_new(const struct rki_run *run);

/* out: whether the task belongs to the replications that are wanted of its point so far. */
bool rki_task_wanted(const struct rki_run *run, const struct rki_task *task);

/* The result of a task is there, for the first time: more may be wanted of its point now. */
void rki_task_arrived(struct rki_run *run, const struct rki_task *task);

/* crew.c */

/* Computes what is not done, with threads and the other ranks; the calling thread alone stores and talks to ranks. */
enum rk_err rki_crew_run(struct rki_run *run, struct rk_diag *diag);

/* A thread's, or a rank's, copies of the libraries that trials really call. */
struct rki_libraries {
    const struct rk_backend *of_cell[RK_SWEEP_CELLS_max];
};
enum rk_err rki_libraries_load(const struct rki_run *run, unsigned copy, struct rki_libraries *libraries,
                               struct rk_diag *diag);

/* Computes one task: touches nothing that is shared but task->result. in: parts: NULL, or it is computed together;
 * threads: that it may take. */
enum rk_err rki_task_run(struct rki_task *task, const struct rki_libraries *libraries, const struct rk_parts *parts,
                         unsigned threads, struct rk_diag *diag);

/* Under the lock: takes a task that nobody has; hands one back. */
bool rki_task_take(struct rki_run *run, size_t *index);
void rki_task_ended(struct rki_run *run, size_t index, enum rk_err err, const struct rk_diag *why);

/* crew_ranks.c */

/* Rank 0: tells the others whether there is a run, and which. They must hear it exactly once. */
void rki_ranks_muster(struct rki_run *run, enum rk_err err);
/* Under the lock, which is given up in between: takes in what other ranks sent and gives them work. out: whether
 * anything came. */
bool rki_ranks_serve(struct rki_run *run);
/* out: whether an answer is still to come. */
bool rki_ranks_busy(const struct rki_run *run);
/* out: whether what is left is to be computed by all ranks together, trial by trial. */
bool rki_ranks_together(const struct rki_run *run, size_t left);
/* Does so, and stores. */
enum rk_err rki_ranks_run(struct rki_run *run, const struct rki_libraries *libraries, struct rk_diag *diag);
/* Sends all of them home. */
void rki_ranks_dismiss(struct rki_run *run);

#endif
