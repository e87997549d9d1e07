/* engine/study/runner.h - runs the trials of a sweep and stores what they give
 *
 * Model: a task is one replication of one feasible point. Threads take tasks in order; where there are more of them than
 *        tasks, a task gets several for the cells of its trial. The calling thread alone writes.
 *        What the results database (on resume) or the cache of trials already holds is not computed again. Results do
 *        not depend on the number of threads. The database is valid at every instant: a killed run is continued with
 *        `resume`.
 * Shards: a part of the trials, for another machine each; `merge` joins their databases.
 * Ranks: under mpirun the processes share the trials, or each trial; rank 0 calls rk_run(), the others rk_run_assist().
 * Error: the first task, in their order, that fails ends the run; what is finished stays for `resume`.
 */
#ifndef ENGINE_STUDY_RUNNER_H
#define ENGINE_STUDY_RUNNER_H

#include "engine/study/description.h"
#include "engine/study/ranks.h"
#include "engine/study/sweep.h"

struct rk_run_options {
    const char *database; /* path of the results */
    unsigned jobs;        /* threads, >= 1 */
    bool resume;
    struct rk_shard shard;        /* count 0: all trials */
    const struct rk_ranks *ranks; /* NULL: this process is alone */
    bool spread;                  /* all ranks compute each trial together, where they can */
    bool cached;                  /* use the cache of trials */
    const char *cache_directory;  /* NULL: the default */
    unsigned commit_trials;       /* trials a transaction; 0: what ended within a second */
    void (*progress)(void *context, unsigned done, unsigned total); /* after each commit; NULL: none */
    void *progress_context;
};

struct rk_run_counts {
    unsigned trials, done, computed, from_cache, resumed;
};

/* in: the environment that the sweep was made with. out: *counts. Errors: those of the store, the
 * environment, a trial. */
RK_MUST_CHECK enum rk_err rk_run(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                                 const struct rk_run_options *options, struct rk_run_counts *counts,
                                 struct rk_diag *diag);

/* Computes for rank 0 until it sends this rank home. in: err and why, of making the sweep; it is not looked at when that
 * failed. What goes wrong is for rank 0 to say. */
void rk_run_assist(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                   const struct rk_run_options *options, enum rk_err err, const struct rk_diag *why);

#endif
