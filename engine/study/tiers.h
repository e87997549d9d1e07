/* engine/study/tiers.h - which tiers the points of a sweep run on, and why
 *
 * Model: rk_tier_choose() for every point that can run; equal answers are one.
 * Error: RK_ERR_INPUT with the point's label where the wanted tier cannot run it.
 */
#ifndef ENGINE_STUDY_TIERS_H
#define ENGINE_STUDY_TIERS_H

#include "engine/sim/tier.h"
#include "engine/study/sweep.h"

enum { RK_SWEEP_TIERS_max = 16 }; /* further answers are counted with the last */

struct rk_sweep_tiers {
    struct {
        struct rk_tier_choice choice;
        size_t points;
    } answer[RK_SWEEP_TIERS_max];
    size_t count;
};

/* out: *tiers, in the order of the points. */
RK_MUST_CHECK enum rk_err rk_sweep_tiers(const struct rk_sweep *sweep, struct rk_sweep_tiers *tiers,
                                         struct rk_diag *diag);

/* out: the tier's name; "by point" when there are several, "none" when no point can run. */
const char *rk_sweep_tiers_name(const struct rk_sweep_tiers *tiers);

#endif
