/* engine/study/merge.h - joins the results of a study's shards into one database
 *
 * Model: the shards describe one study: the same scenario, overrides, inputs and versions. Their trials are put together
 *        and summarised anew, so the whole has the rows of a run that was never split. A trial may be in several shards.
 * Error: nothing is left of the output when it fails.
 */
#ifndef ENGINE_STUDY_MERGE_H
#define ENGINE_STUDY_MERGE_H

#include <stddef.h>

#include "engine/core/err.h"

struct rk_merge_counts {
    unsigned trials, missing; /* missing: of `replications` a point, in none of the shards */
};

/* in: paths of results databases, finished or `.partial`; output may be among them and is replaced in the end. out:
 * *counts. Errors: RK_ERR_INPUT for a file that is not ours or newer, is of another study, or has another result for a
 * trial than one before it; RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_merge(const char *output, const char *const *shard, size_t shards,
                                   struct rk_merge_counts *counts, struct rk_diag *diag);

#endif
