/* engine/study/recommend_show.h - a recommendation as one JSON document, and for people
 *
 * Model: an array with an element a point, by family: {family, point, label, policy, feasible, why_not, on_front, in_doubt,
 *        dominated_by, knee, recommended, why, exposure_closed_form, metrics: {name: {mean, ci95, unit, n}}}; metrics are
 *        those that were weighed or bounded, and what costs and lives by them. The recommended one also has `optimum`
 *        where there is a price, and `sensitivity` and `robust` where they were asked for. A figure that does not exist is
 *        null.
 */
#ifndef ENGINE_STUDY_RECOMMEND_SHOW_H
#define ENGINE_STUDY_RECOMMEND_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "engine/study/recommend.h"

json_t *rk_recommend_json(const struct rk_recommendation *found);

/* A paragraph a family: the recommended point and why, the front, what is in doubt, what is not feasible by its reason. */
void rk_recommend_text(const struct rk_recommendation *found, FILE *out);

#endif
