#include "engine/study/needs.h"

#include <stdio.h>
#include <string.h>

#include "engine/study/renew.h"

#define DAY_ns 86400e9

const struct rk_service_profile *rk_needs_service(const struct rk_study *study, size_t point,
                                                  const struct rk_scenario *scenario)
{
    return scenario->constraints.needs ? rk_study_service(study, point) : NULL;
}

/* A need of a metric, as a bound on it. */
static enum rk_metric bound_of(const struct rk_service_profile *service, enum rk_needs_kind need,
                               struct rk_bound *bound)
{
    if (need == RK_NEEDS_LIFE) {
        *bound = (struct rk_bound){.least = true, .value = (double)service->needs.life_ns.value / DAY_ns};
        return RK_METRIC_battery_life_d;
    }
    *bound = (struct rk_bound){.least = false, .value = (double)service->needs.delay_ns.value / 1e9};
    return RK_METRIC_message_delay_p95_s;
}

static bool metric_text(const struct rk_service_profile *service, enum rk_needs_kind need,
                        const struct rk_scenario *scenario, char text[RK_NEEDS_TEXT_bytes])
{
    struct rk_bound bound;
    enum rk_metric metric = bound_of(service, need, &bound);
    snprintf(text, RK_NEEDS_TEXT_bytes, "%s at %s %.4g %s", rk_metric_info[metric].name, bound.least ? "least" : "most",
             bound.value, rk_metric_info[metric].unit);
    return scenario->constraints.metric[metric][0] == '\0';
}

bool rk_needs_text(const struct rk_service_profile *service, enum rk_needs_kind need,
                   const struct rk_scenario *scenario, char text[RK_NEEDS_TEXT_bytes])
{
    const struct rk_service_needs *needs = &service->needs;
    switch (need) {
    case RK_NEEDS_TAG:
        snprintf(text, RK_NEEDS_TEXT_bytes, "tag at least %u B", needs->tag_least_bytes);
        return needs->tag_least_bytes > 0;
    case RK_NEEDS_HEALS:
        snprintf(text, RK_NEEDS_TEXT_bytes, "association class A0 or A1");
        return needs->heals;
    case RK_NEEDS_RENEW:
        snprintf(text, RK_NEEDS_TEXT_bytes, "renewal after %.4g d at most",
                 (double)needs->renew_most_ns.value / DAY_ns);
        return true;
    default:
        return metric_text(service, need, scenario, text);
    }
}

bool rk_needs_settings_met(const struct rk_service_profile *service, const struct rk_trial *trial, struct rk_diag *why)
{
    const struct rk_service_needs *needs = &service->needs;
    const char *association = rk_mechanism_class(trial->policy.mechanism);
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    if (trial->tag_bytes < needs->tag_least_bytes) {
        (void)rk_fail(why, RK_ERR_CHECK, "tag: the service %s needs %u B at least, and it is %u B", service->name,
                      needs->tag_least_bytes, trial->tag_bytes);
        return false;
    }
    if (needs->heals && strcmp(association, "A0") != 0 && strcmp(association, "A1") != 0) {
        (void)rk_fail(why, RK_ERR_CHECK,
                      "class: the service %s needs A0 or A1, so that who has a key's origin has not the next one, and "
                      "%s is of %s",
                      service->name, rk_mechanism_name(trial->policy.mechanism), association);
        return false;
    }
    if (interval_ns > needs->renew_most_ns.value) {
        char given[24] = "never";
        if (interval_ns != RK_NEVER) {
            snprintf(given, sizeof given, "after %.3g d", (double)interval_ns / DAY_ns);
        }
        (void)rk_fail(why, RK_ERR_CHECK, "renewal: the service %s needs one after %.3g d at most, and it comes %s",
                      service->name, (double)needs->renew_most_ns.value / DAY_ns, given);
        return false;
    }
    return true;
}

bool rk_needs_met(const struct rk_service_profile *service, const struct rk_scenario *scenario,
                  const struct rk_point *point, const struct rk_stats stats[RK_METRIC_COUNT], struct rk_diag *why)
{
    bool met = rk_needs_settings_met(service, &point->trial, why);
    for (int need = RK_NEEDS_LIFE; need < RK_NEEDS_COUNT && met; need++) {
        char text[RK_NEEDS_TEXT_bytes], needed[2 * RK_NEEDS_TEXT_bytes];
        if (rk_needs_text(service, (enum rk_needs_kind)need, scenario, text)) {
            struct rk_bound bound;
            enum rk_metric metric = bound_of(service, (enum rk_needs_kind)need, &bound);
            snprintf(needed, sizeof needed, "%s, as the service %s needs",
                     text + strlen(rk_metric_info[metric].name) + 1, service->name);
            met = rk_bound_met(&bound, needed, metric, &stats[metric], why);
        }
    }
    return met;
}
