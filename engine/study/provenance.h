/* engine/study/provenance.h - where results come from: the tree, the tools, the libraries and the files
 *
 * Error: what cannot be found out is `unknown`, never left out.
 */
#ifndef ENGINE_STUDY_PROVENANCE_H
#define ENGINE_STUDY_PROVENANCE_H

#include "engine/study/store.h"
#include "engine/study/sweep.h"

/* Writes all rows of `provenance` for a sweep. in: root of the tree, whose git revision is asked for. */
RK_MUST_CHECK enum rk_err rk_provenance_put(struct rk_store *store, const struct rk_sweep *sweep, const char *root,
                                            struct rk_diag *diag);

#endif
