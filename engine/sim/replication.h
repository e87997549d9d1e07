/* engine/sim/replication.h - independent replications of one trial, side by side
 *
 * Model: replication r of a trial depends on (seed, r) alone. Threads take the next number that is free; result i
 *        is that of replication trial->replication + i whoever ran it.
 * Units: none.
 */
#ifndef ENGINE_SIM_REPLICATION_H
#define ENGINE_SIM_REPLICATION_H

#include "engine/model/trial.h"

/* in: count results of room, jobs >= 1 threads (one when the trial writes a trace).
 * out: RK_OK, or the error of the lowest replication that failed, with its line. */
enum rk_err rk_replications_run(const struct rk_trial *trial, uint32_t count, unsigned jobs,
                                struct rk_trial_result *results, struct rk_diag *diag);

#endif
