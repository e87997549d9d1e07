/* engine/cli/environment.h - what a study needs from bench, firmware and backends (struct rk_study_environment)
 *
 * Model: cost rows come from bench, which measures what is missing; libraries are the host's builds, loaded once a
 *        copy, so that no two threads share static data; images come from the firmware cache.
 * Error: RK_ERR_INPUT for an unknown version, RK_ERR_MISSING for tools and sources that are not there.
 */
#ifndef ENGINE_CLI_ENVIRONMENT_H
#define ENGINE_CLI_ENVIRONMENT_H

#include "engine/study/sweep.h"

struct rk_cli_environment {
    struct rk_study_environment study;
    unsigned jobs;
    bool quiet;
    bool recorded_first;          /* rows recorded in the tree will do; only where there are none it is measured */
    struct rk_library *libraries; /* loaded so far; they stay until the process ends */
};

void rk_cli_environment_init(struct rk_cli_environment *environment, unsigned jobs, bool quiet);

/* Makes the sweep of a study in an environment with the settings of `like`, gives it to `body`, and closes both. */
typedef enum rk_err rk_sweep_fn(void *context, const struct rk_sweep *sweep,
                                const struct rk_cli_environment *environment, struct rk_diag *diag);
enum rk_err rk_cli_sweep(const struct rk_cli_environment *like, const struct rk_study *study, rk_sweep_fn *body,
                         void *context, struct rk_diag *diag);

/* Closes the libraries: no backend that was given out may be used any more. */
void rk_cli_environment_fini(struct rk_cli_environment *environment);

#endif
