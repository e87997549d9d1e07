/* engine/study/front.h - which of several points are worth choosing from, by cost and exposure
 *
 * Model:  less is better of both. A point is on the front when no other has less of one mean and no more of the other.
 *         Whether it is there is settled when the differences of the replications say so, which share their random
 *         numbers: of a point off the front, when the one that dominates it has significantly less of cost or exposure; of
 *         a point on it, when it has significantly less of either than each other there. The rest is in doubt. Holm's correction is over all these comparisons.
 *         The knee is the settled point of the front (where none is settled, the point) farthest below the chord between its two ends, both axes scaled to
 *         them, logarithmically where all is above 0: up to it exposure falls faster than cost rises. A front of fewer
 *         than three points, or one that nowhere bends below its chord, has none.
 * Units:  those of the values. NaN: a replication without the figure.
 * Error:  5 % that any comparison called significant is wrong. A single replication is compared by its values.
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
