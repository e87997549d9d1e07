/* engine/study/sensitivity.h - which input would change a recommendation, and does it survive the energy model's
 * interval
 *
 * Model:  the trials of the points that might be recommended are run again with one input at each end of its interval
 *         (engine/study/perturb.h), with the same random numbers; the stored replications are scaled by how the mean of
 *         these few changed, and the choice is made anew. Points that might be recommended: the front of the feasible
 *         ones, what is in doubt there, and the front of all that ran, as a bound that one misses may be met at
 *         another end. Energies follow from their inputs without chance, so that one replication tells; for the others
 *         it takes four. Execution is modelled, whose costs and traces are those of the others. A price is moved as
 *         well.
 * Units:  elasticity: relative change of cost or exposure for one of the input, from the low to the high end.
 * Error:  one input at a time but for `energy model`; two at once may change what none changes alone.
 */
#ifndef ENGINE_STUDY_SENSITIVITY_H
#define ENGINE_STUDY_SENSITIVITY_H

#include "engine/study/perturb.h"
#include "engine/study/recommend.h"

struct rk_sensitivity_row {
    const char *input;
    double error;                                /* relative */
    double cost_elasticity, exposure_elasticity; /* of the recommended point; NaN for a bundle of inputs */
    const struct rk_recommend_point *low, *high; /* recommended at the ends; NULL: nothing is feasible there */
};

enum { RK_SENSITIVITY_ROWS_max = RK_INPUT_COUNT + 1 };

struct rk_sensitivity {
    struct rk_sensitivity_row row[RK_SENSITIVITY_ROWS_max]; /* those with an error */
    size_t rows;
    bool robust; /* the answer is the same at both ends of the energy model */
};

struct rk_sensitivity_options {
    unsigned jobs;
    bool cached;                                                    /* use the cache of trials */
    const char *cache_directory;                                    /* NULL: the default */
    void (*progress)(void *context, unsigned done, unsigned total); /* NULL: none */
    void *progress_context;
};

/* in: a family with a recommended point. Errors: those of a trial. */
RK_MUST_CHECK enum rk_err rk_sensitivity_find(const struct rk_recommendation *found,
                                              const struct rk_recommend_family *family,
                                              const struct rk_sensitivity_options *options,
                                              struct rk_sensitivity *sensitivity, struct rk_diag *diag);

#endif
