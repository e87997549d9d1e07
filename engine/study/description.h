/* engine/study/description.h - what a study is, as rows of its results: all tables but those of trials
 *
 * Pins: `provenance` has the SHA-256 of every file that was read, of every firmware image and table of cost rows, and the
 *       versions of tools and libraries; `meta` has the seed. A run that goes on with stored results must find the same,
 *       but for the revision of the tree: what computes a trial has a hash of its own there.
 */
#ifndef ENGINE_STUDY_DESCRIPTION_H
#define ENGINE_STUDY_DESCRIPTION_H

#include "engine/study/store.h"
#include "engine/study/sweep.h"

/* A part of a study's trials: those whose number is `index` modulo `count`. count 0: all. */
struct rk_shard {
    unsigned index, count;
};

/* Replaces the description in an open transaction. in: root of the tree. Errors: RK_ERR_INPUT with the file, the version
 * or the seed that is not what the stored results were computed from; RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_description_put(struct rk_store *store, const struct rk_sweep *sweep, const char *root,
                                             struct rk_shard shard, struct rk_diag *diag);

#endif
