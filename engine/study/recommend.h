/* engine/study/recommend.h - which policy to run: what meets the constraints, what of it is worth choosing, and which
 *
 * Model:  points that agree in every axis but those of `recommend.over` make a family: one situation, whose policies
 *         are to choose from. In each: feasible are the points that can run and meet the scenario's constraints
 *         (engine/study/constraints.h); of these the front by cost and exposure (engine/study/front.h); of the front
 *         one is recommended, by `recommend.prefer`: its knee, or where it has none, the cheapest; the cheapest; the
 *         least exposed; or the one of least cost + price * exposure. What of the front is in doubt is not taken.
 *         Where a study has no leaks in any trial, exposure_s is that of the closed form, for a leak of the session
 *         key.
 * Units:  of the two metrics.
 * Error:  intervals of means are Student's; a recommendation is by means, and its family says what is in doubt.
 */
#ifndef ENGINE_STUDY_RECOMMEND_H
#define ENGINE_STUDY_RECOMMEND_H

#include "engine/core/stats.h"
#include "engine/study/optimum.h"
#include "engine/study/store.h"
#include "engine/study/sweep.h"

struct rk_recommend_point {
    const struct rk_point *point;
    char policy[RK_LABEL_bytes]; /* values of the axes that are chosen from */
    bool feasible;
    struct rk_diag why_not; /* of a point that is not */
    bool on_front, in_doubt, knee, recommended;
    const struct rk_recommend_point *dominated_by; /* or NULL */
    bool closed_form;                              /* its exposure is */
    struct rk_stats metric[RK_METRIC_COUNT];
    double *cost, *exposure; /* by replication, on the heap */
    size_t replications;
};

struct rk_recommend_family {
    char name[RK_LABEL_bytes]; /* what its points share; "": there is one */
    struct rk_scenario_recommend weighed;
    double price;                     /* NaN: none */
    struct rk_recommend_point *point; /* in the sweep's order */
    size_t points, feasible, front;
    struct rk_recommend_point *recommended; /* NULL: nothing is feasible */
    char why[512];
    struct rk_optimum optimum; /* of the interval, where there is a price */
};

struct rk_recommendation {
    const struct rk_sweep *sweep;
    struct rk_recommend_point *point; /* by family */
    struct rk_recommend_family *family;
    size_t families;
};

/* in: a sweep and the results of all its trials. out: *found, to be given to rk_recommend_fini() whatever is returned.
 * Errors: RK_ERR_INPUT for an axis in `recommend.over` that there is not, at its place; RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_recommend(const struct rk_sweep *sweep, struct rk_store *store,
                                       struct rk_recommendation *found, struct rk_diag *diag);
void rk_recommend_fini(struct rk_recommendation *found);

/* Of what the family already knows of its points: feasibility is given, all else anew. */
void rk_recommend_choose(struct rk_recommend_family *family);

#endif
