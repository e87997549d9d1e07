/* engine/study/rules.h - what a study asks of its points together: when they have replications enough, which is best
 *
 * Model: `stop` and `rank` of the scenario. They are written to the results' `meta`, so that whoever summarises a
 *        database (a run, or the merge of its shards) follows the same rules.
 */
#ifndef ENGINE_STUDY_RULES_H
#define ENGINE_STUDY_RULES_H

#include "engine/study/scenario.h"
#include "engine/study/stop.h"
#include "engine/study/store.h"

struct rk_rules {
    struct rk_stop stop;
    int stop_metric, rank_metric;   /* enum rk_metric; -1: no rule, no ranking */
    char rank_over[RK_LABEL_bytes]; /* keys of the axes whose values are ranked, each followed by a space; "": all */
    bool best_high;
    uint64_t seed; /* of the ranking's bootstrap */
};

/* Errors: RK_ERR_INPUT at the place of a rule that cannot be: fewer replications than a look needs, an axis that
 * there is not, an axis over a rule. */
RK_MUST_CHECK enum rk_err rk_rules_check(const struct rk_study *study, struct rk_diag *diag);

struct rk_rules rk_rules_of(const struct rk_scenario *scenario);

/* To and from `meta`. Errors: RK_ERR_IO; RK_ERR_INPUT for a metric that this version does not have. */
RK_MUST_CHECK enum rk_err rk_rules_put(struct rk_store *store, const struct rk_rules *rules, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_rules_read(struct rk_store *store, struct rk_rules *rules, struct rk_diag *diag);

#endif
