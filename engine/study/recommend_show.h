/* engine/study/recommend_show.h - a recommendation as one JSON document, and for people
 *
 * Model: an array with an element a point, by family: {family, point, label, policy, association, feasible, why_not,
 *        on_front, in_doubt, dominated_by, knee, recommended, why, exposure_closed_form, needs, metrics: {name: {mean,
 *        ci95, unit, n}}}; needs: {service, bounds} of the scenario's service, or null; metrics are those that were
 *        weighed or bounded, and what costs and lives by them. The recommended one also has `optimum`, null without a
 *        price, and where it was asked for `robust` and `sensitivity`: [{input, error, cost_elasticity,
 *        exposure_elasticity, changes, low, high}], low and high the points recommended at the input's ends. A figure
 *        that does not exist is null.
 */
#ifndef ENGINE_STUDY_RECOMMEND_SHOW_H
#define ENGINE_STUDY_RECOMMEND_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "engine/study/recommend.h"
#include "engine/study/sensitivity.h"

/* in: sensitivity of each family, or NULL; those of families without a recommended point are not looked at. */
json_t *rk_recommend_json(const struct rk_recommendation *found, const struct rk_sensitivity *sensitivity);

/* A paragraph a family: the recommended point and why, what the service needs, what would change the answer, the front,
 * what is in doubt, what is not feasible by its reason. Of several families then a table of the least exposed, the
 * recommended and the cheapest point of each. */
void rk_recommend_text(const struct rk_recommendation *found, const struct rk_sensitivity *sensitivity, FILE *out);

#endif
