/* engine/study/summary.h - means over the replications of each point, from the trials that are stored
 *
 * Model: engine/core/stats.h over each metric of the trials of a point, in the order of the replications. The same trials
 *        give the same rows, whoever computed them.
 *        Then the rankings that the study asks for (engine/study/ranking.h).
 * Units: as the metric's.
 */
#ifndef ENGINE_STUDY_SUMMARY_H
#define ENGINE_STUDY_SUMMARY_H

#include "engine/study/store.h"

/* Writes the rows of `summary`, `latency`, `ranking` and `comparison`, in transactions of its own. in: a store with its `meta` and no rows
 * of these. Errors: RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_summary_put(struct rk_store *store, struct rk_diag *diag);

#endif
