/* engine/study/rank.h - which of several points is best by a metric, and which cannot be told apart
 *
 * Model:  points share their random numbers replication by replication (engine/core/rng.h), so that two are compared by
 *         the differences of their replications: Student's t over the pairs. All pairs of a ranking are one family:
 *         Holm's correction keeps the probability that any of its verdicts is false below 5 %. A point's rank is one
 *         more than the number of points that are better beyond doubt; points that share rank 1 are the best that the
 *         replications can name.
 * Units:  the metric's. Intervals are those of the difference mean(a) - mean(b).
 * Error:  that of rk_stats_holm(): the interval beside each pair agrees with its verdict, the pairs' intervals together
 *         do not cover at 95 %. Of few replications, or a metric that is the same in all, differences have no spread:
 *         then any difference counts. Indistinguishable does not mean equal: the interval says by how much they may
 *         differ.
 * Source: Law, Simulation Modeling and Analysis, 10.2 and 10.3; engine/core/stats.h, engine/core/bootstrap.h.
 */
#ifndef ENGINE_STUDY_RANK_H
#define ENGINE_STUDY_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/bootstrap.h"
#include "engine/core/stats.h"

struct rk_rank_item {
    unsigned point;
    const double *value; /* by replication; NaN where the figure does not exist */
    size_t count;
};

struct rk_rank_place {
    unsigned point;
    unsigned rank; /* 0: no replication has the figure */
    struct rk_stats stats;
};

struct rk_rank_pair {
    unsigned a, b; /* points; a is the better one by its mean */
    size_t n;      /* replications that both have */
    struct rk_stats_difference difference;
    double p_holm;                /* below 0.05: distinct */
    struct rk_interval interval;  /* at Holm's level for this pair */
    struct rk_interval bootstrap; /* 95 %, not corrected */
    bool distinct;
};

struct rk_ranking {
    struct rk_rank_place *place; /* by rank, then by mean; those without a figure last */
    struct rk_rank_pair *pair;   /* by the means of a, then of b */
    size_t places, pairs;
};

/* in: best_high: the largest mean is best. seed: of the bootstrap. out: *ranking, to be given to rk_ranking_fini(). */
void rk_rank(const struct rk_rank_item *item, size_t count, bool best_high, uint64_t seed, struct rk_ranking *ranking);
void rk_ranking_fini(struct rk_ranking *ranking);

#endif
