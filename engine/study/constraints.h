/* engine/study/constraints.h - bounds that a point must meet, as people write them, and whether it does
 *
 * Model:  `constraints` of the scenario, after the point's layers and axes: `battery_life_d: at least 5 y`. A bound on
 *         a metric is met when all of the 95 % interval of the mean is on its side: what the replications leave in
 *         doubt is not met, and says so. A single replication has no interval, its value decides. A metric without a
 *         value (an exposure where nothing leaked) meets nothing.
 * Units:  a bound is written in any unit of the metric's dimension, with the metric's `/d` where it has one (`2 J/d`,
 *         `30 s/d`, `1 /d`), and kept in the metric's own. A metric without a unit takes a whole number, or `50 %`.
 * Error:  "what, expected what" without a place; the caller has it.
 */
#ifndef ENGINE_STUDY_CONSTRAINTS_H
#define ENGINE_STUDY_CONSTRAINTS_H

#include "engine/core/stats.h"
#include "engine/study/sweep.h"

struct rk_bound {
    bool least;   /* "at least", else "at most" */
    double value; /* in the metric's unit */
};

/* in: text "at least X" or "at most X". out: *bound. Errors: RK_ERR_INPUT. */
RK_MUST_CHECK enum rk_err rk_bound_parse(const char *text, enum rk_metric metric, struct rk_bound *bound,
                                         struct rk_diag *diag);

/* in: text "X per Y" in the units of the two metrics. out: *price in cost's unit for one of exposure's; above 0.
 * Errors: RK_ERR_INPUT. */
RK_MUST_CHECK enum rk_err rk_price_parse(const char *text, enum rk_metric cost, enum rk_metric exposure, double *price,
                                         struct rk_diag *diag);

/* The text of every constraint, and of `recommend`. Errors: RK_ERR_INPUT at its place. */
RK_MUST_CHECK enum rk_err rk_constraints_check(const struct rk_study *study, size_t point,
                                               const struct rk_scenario *scenario, struct rk_diag *diag);

/* out: whether a metric is within its bound; if not, why: the bound as `text` and the value. */
bool rk_bound_met(const struct rk_bound *bound, const char *text, enum rk_metric metric, const struct rk_stats *stats,
                  struct rk_diag *why);

/* out: whether a point meets its scenario's constraints, and what its service needs (engine/study/needs.h); if not, the
 * first that it does not in why. in: service: or NULL; stats of every metric, for a point that was run. */
bool rk_constraints_met(const struct rk_scenario *scenario, const struct rk_service_profile *service,
                        const struct rk_point *point, const struct rk_stats stats[RK_METRIC_COUNT],
                        struct rk_diag *why);

#endif
