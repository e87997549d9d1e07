/* engine/study/trial_cache.h - results of trials by what they were computed from, kept between runs
 *
 * Model: one SQLite file, trials.db, in `${XDG_CACHE_HOME:-~/.cache}/rekeylab/measurements/`. The key is the SHA-256
 *        over all inputs (engine/study/sweep.h), so an entry never goes stale. Several processes may use it at once.
 *        Each entry is sealed with a SHA-256 of its own: a damaged one is computed again.
 * Error: a cache is a convenience: what goes wrong with it is one warning on standard error, and the run goes on
 *        without it. A damaged file is moved aside to trials.db.damaged.
 */
#ifndef ENGINE_STUDY_TRIAL_CACHE_H
#define ENGINE_STUDY_TRIAL_CACHE_H

#include <stdbool.h>

#include "engine/model/trial.h"

struct rk_trial_cache;

/* in: directory, made when missing; NULL for the default. out: NULL when there can be no cache; all functions take
 * NULL. */
struct rk_trial_cache *rk_trial_cache_open(const char *directory);

/* out: whether *result was found. */
bool rk_trial_cache_find(struct rk_trial_cache *cache, const char sha256[65], struct rk_trial_result *result);

/* Entries put between begin and commit become visible to others together. */
void rk_trial_cache_begin(struct rk_trial_cache *cache);
void rk_trial_cache_put(struct rk_trial_cache *cache, const char sha256[65], const struct rk_trial_result *result);
void rk_trial_cache_commit(struct rk_trial_cache *cache);

void rk_trial_cache_close(struct rk_trial_cache *cache);

#endif
