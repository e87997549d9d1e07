/* engine/study/ranking.h - the rankings of a study: from its stored trials, into its results, and shown
 *
 * Model: points that agree in every axis but the ranked one make a family, which is ranked by itself
 *        (engine/study/rank.h) and named by the values that its points share. Tables `ranking` and `comparison`; a
 *        study without a rule, or with one feasible point a family, has none or empty ones.
 * Error: RK_ERR_IO where the database cannot be read or written.
 */
#ifndef ENGINE_STUDY_RANKING_H
#define ENGINE_STUDY_RANKING_H

#include <jansson.h>
#include <stdio.h>

#include "engine/study/rules.h"

/* Writes the rows, in a transaction of its own. in: a store whose trials are complete, with no rows of a ranking. */
RK_MUST_CHECK enum rk_err rk_ranking_put(struct rk_store *store, const struct rk_rules *rules, struct rk_diag *diag);

/* out: {metric, best, over, families: [{family, places: [{rank, point, label, mean, ci95, n}], comparisons: [{a, b, n,
 * difference, low, high, p, p_holm, bootstrap_low, bootstrap_high, distinct}]}]}; null where nothing is ranked. */
RK_MUST_CHECK enum rk_err rk_ranking_json(struct rk_store *store, json_t **ranking, struct rk_diag *diag);

/* The study's answer: its question, then a line a family, with its points in order, each with its mean and the half width of
 * the 95 % interval, and `=` where one cannot be told from the one before it; then how many points cannot run, by reason.
 * Nothing where nothing is ranked. */
RK_MUST_CHECK enum rk_err rk_ranking_answer(struct rk_store *store, FILE *out, struct rk_diag *diag);

#endif
