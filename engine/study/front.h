/* engine/study/front.h - which of several points are worth choosing from, by cost and exposure
 *
 * Model:  less is better of both. A point is on the front when no other has less of one mean and no more of the other.
 *         What of it is chance, the differences of the replications say, which share their random numbers. Along the
 *         front, from its cheap end, a point is settled when its exposure is significantly less than that of the one
 *         settled before, which stays so if its cost is significantly less; the others of the front are in doubt, as
 *         they may buy nothing. So are points off it that the one which dominates them does not beat significantly in
 *         either. The knee is the settled point farthest below the chord between the two ends of the settled front,
 *         both axes scaled to them, logarithmically where all is above 0: up to it exposure falls faster than cost
 *         rises. Fewer than three settled points, or a front that nowhere bends below its chord, have none.
 * Units:  those of the values. NaN: a replication without the figure.
 * Error:  5 % that any comparison called significant is wrong, by Bonferroni's correction along the front and Holm's
 *         off it. Single replications are compared by their values.
 * Source: knee: Das, Structural Optimization 18 (1999), 107-115, for two objectives. Holm: engine/core/stats.h.
 */
#ifndef ENGINE_STUDY_FRONT_H
#define ENGINE_STUDY_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/stats.h"

struct rk_front_item {
    const double *cost, *exposure; /* by replication */
    size_t count;
    struct rk_stats cost_stats, exposure_stats;
    bool on_front, in_doubt, knee; /* out */
    size_t dominated_by;           /* out: an item of the front; of those on it, the item itself */
};

/* in: items with finite means; replications of all in the same order. out: the last four members of each. */
void rk_front_find(struct rk_front_item *item, size_t count);

#endif
