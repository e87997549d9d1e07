/* engine/study/scenario_internal.h - what the loading and the checking of a study share */
#ifndef ENGINE_STUDY_SCENARIO_INTERNAL_H
#define ENGINE_STUDY_SCENARIO_INTERNAL_H

#include "engine/study/scenario.h"

/* Checks each point for what its values must have in common. Errors: RK_ERR_INPUT. */
RK_MUST_CHECK enum rk_err rki_scenario_check_points(const struct rk_study *study, struct rk_diag *diag);

/* out: the longest cryptoperiod that SP 800-57 suggests for the agent's keys, and the scenario's own. */
rk_ns rki_scenario_suggested_ns(void);
rk_ns rki_scenario_cryptoperiod_ns(const struct rk_scenario *scenario);

#endif
