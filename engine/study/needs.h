/* engine/study/needs.h - what a scenario's service needs, held against a point
 *
 * Model:  `needs` of the service's file, as bounds of a point that names the service. Tag, association class and the time
 *         between renewals are those of the point's settings; life and delay bound the metrics battery_life_d and
 *         message_delay_p95_s, unless the scenario's own `constraints` bound these.
 * Units:  those of the file, days and seconds in texts.
 * Error:  needs are the service's values, without their intervals.
 */
#ifndef ENGINE_STUDY_NEEDS_H
#define ENGINE_STUDY_NEEDS_H

#include "engine/study/constraints.h"
#include "engine/study/service_file.h"

enum rk_needs_kind {
    RK_NEEDS_TAG,
    RK_NEEDS_HEALS,
    RK_NEEDS_RENEW,
    RK_NEEDS_LIFE,
    RK_NEEDS_DELAY,
    RK_NEEDS_COUNT,
};

enum { RK_NEEDS_TEXT_bytes = 64 };

/* The service of a point whose needs its scenario takes as constraints; NULL: it names none, or constraints.needs is
 * false. */
const struct rk_service_profile *rk_needs_service(const struct rk_study *study, size_t point,
                                                  const struct rk_scenario *scenario);

/* The need as text, `battery_life_d at least 1825 d`. out: false: the service does not have it, or the scenario has a
 * bound of its own in its place. */
bool rk_needs_text(const struct rk_service_profile *service, enum rk_needs_kind need,
                   const struct rk_scenario *scenario, char text[RK_NEEDS_TEXT_bytes]);

/* out: whether settings meet what the service needs of tag, association class and renewals; if not, the first that do
 * not in *why. */
bool rk_needs_settings_met(const struct rk_service_profile *service, const struct rk_trial *trial, struct rk_diag *why);

/* The same, with life and delay of a point that was run. in: stats of every metric. */
bool rk_needs_met(const struct rk_service_profile *service, const struct rk_scenario *scenario,
                  const struct rk_point *point, const struct rk_stats stats[RK_METRIC_COUNT], struct rk_diag *why);

#endif
