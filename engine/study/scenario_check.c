/* What no single value of a scenario can show: values that must go together, at every point, and what is unwise. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/approval.h"
#include "engine/study/constraints.h"
#include "engine/study/layers.h"
#include "engine/study/renew.h"
#include "engine/study/scenario_internal.h"

static void format_time(uint64_t time_ns, char text[RK_QUANTITY_TEXT_bytes])
{
    rk_quantity_format(RK_DIM_TIME, time_ns, text);
}

/* The waits of all tries of one renewal, each twice the one before. */
static uint64_t renewal_longest_ns(const struct rk_policy *policy)
{
    uint64_t total_ns = 0, wait_ns = policy->retry_ns;
    for (unsigned i = 0; i < policy->attempts; i++) {
        total_ns = rk_add_sat(total_ns, wait_ns);
        wait_ns = rk_add_sat(wait_ns, wait_ns);
    }
    return total_ns;
}

static enum rk_err check_renewal(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                 const struct rk_policy *policy, struct rk_diag *diag)
{
    uint64_t interval_ns = rk_renew_interval_ns(policy, scenario->traffic.period_ns, scenario->traffic.session_ns);
    uint64_t longest_ns = renewal_longest_ns(policy);
    char interval[RK_QUANTITY_TEXT_bytes], other[RK_QUANTITY_TEXT_bytes];
    format_time(interval_ns, interval);
    if ((policy->triggers & RK_TRIGGER_SESSION) && scenario->traffic.session_ns == 0) {
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.renew"),
                          "renew: 'every session' without sessions, expected a time for traffic.session");
    }
    if (interval_ns == RK_NEVER) {
        return RK_OK;
    }
    if (longest_ns >= interval_ns) {
        format_time(longest_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.retry"),
                          "retry: all attempts of one renewal take %s, expected less than the renewal interval of %s",
                          other, interval);
    }
    if (policy->overlap_ns >= interval_ns) {
        format_time(policy->overlap_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.overlap"),
                          "overlap: %s, expected less than the renewal interval of %s", other, interval);
    }
    if (policy->cryptoperiod_ns < interval_ns) {
        format_time(policy->cryptoperiod_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.cryptoperiod"),
                          "cryptoperiod: %s, expected at least the renewal interval of %s", other, interval);
    }
    return RK_OK;
}

static enum rk_err check_approval(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                  struct rk_diag *diag)
{
    uint32_t date;
    struct rk_diag why;
    if (scenario->policy_date[0] != '\0' && rk_date_parse(scenario->policy_date, &date, &why) != RK_OK) {
        return rk_fail_at(diag, rk_study_mark(study, point, "policy_date"), "policy_date: %s", why.text);
    }
    if (scenario->approval == RK_SCENARIO_APPROVAL_REQUIRE && scenario->policy_date[0] == '\0') {
        return rk_fail_at(diag, rk_study_mark(study, point, "approval"),
                          "approval: require without a date, expected a day for policy_date");
    }
    return RK_OK;
}

static enum rk_err check_traffic(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                 struct rk_diag *diag)
{
    const struct rk_scenario_traffic *traffic = &scenario->traffic;
    char text[RK_QUANTITY_TEXT_bytes], other[RK_QUANTITY_TEXT_bytes];
    if (scenario->engine.lifetime && traffic->model != RK_TRAFFIC_PERIODIC) {
        return rk_fail_at(diag, rk_study_mark(study, point, "traffic.model"),
                          "model: %s in lifetime mode, expected periodic or the exact mode",
                          rk_traffic_name(traffic->model));
    }
    if (traffic->model == RK_TRAFFIC_BURSTS && traffic->burst_gap_ns >= traffic->period_ns) {
        format_time(traffic->burst_gap_ns, text);
        format_time(traffic->period_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "traffic.burst_gap"),
                          "burst_gap: %s, expected less than the mean period of %s", text, other);
    }
    if (traffic->model == RK_TRAFFIC_ALARMS && traffic->alarm_lasts_ns >= traffic->alarm_every_ns) {
        format_time(traffic->alarm_lasts_ns, text);
        format_time(traffic->alarm_every_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "traffic.alarm_lasts"),
                          "alarm_lasts: %s, expected less than the %s that have one alarm", text, other);
    }
    if ((traffic->model == RK_TRAFFIC_TRACE) != (traffic->trace[0] != '\0')) {
        bool lacks = traffic->model == RK_TRAFFIC_TRACE;
        return rk_fail_at(diag, rk_study_mark(study, point, lacks ? "traffic.model" : "traffic.trace"),
                          lacks ? "model: trace without a file, expected one for traffic.trace"
                                : "trace: a file, expected one only with traffic.model: trace");
    }
    return RK_OK;
}

static enum rk_err check_fault(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                               struct rk_diag *diag)
{
    const struct rk_scenario_fault *fault = &scenario->fault;
    const char *key = fault->reboots_per_1e9y != 0       ? "fault.reboots"
                      : fault->nvm_errors_per_1e9y != 0  ? "fault.nvm_errors"
                      : fault->clock_jumps_per_1e9y != 0 ? "fault.clock_jumps"
                      : fault->clock_drift_ppm != 0      ? "fault.clock_drift"
                      : fault->outages_per_1e9y != 0     ? "fault.outages"
                      : fault->weak_entropy_ppm != 0     ? "fault.weak_entropy"
                                                         : NULL;
    if (key != NULL && scenario->engine.lifetime) {
        return rk_fail_at(diag, rk_study_mark(study, point, key),
                          "%s: a fault in lifetime mode, expected none or the exact mode", key);
    }
    if (key != NULL && scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(diag, rk_study_mark(study, point, key),
                          "%s: a fault in emulated execution, expected none, or modelled or native execution", key);
    }
    return RK_OK;
}

static enum rk_err check_adversary(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                   struct rk_diag *diag)
{
    const struct rk_scenario_adversary *adversary = &scenario->adversary;
    const char *key = adversary->forgeries_per_1e9y != 0  ? "adversary.forgeries"
                      : adversary->response != 0          ? "adversary.response"
                      : adversary->response_delay_ns != 0 ? "adversary.response_delay"
                      : adversary->records_ppm != 1000000 ? "adversary.records"
                                                          : NULL;
    bool device = adversary->forgeries_per_1e9y != 0 || adversary->response == RK_RESPONSE_REVOKE;
    if (key != NULL && scenario->engine.lifetime) {
        return rk_fail_at(diag, rk_study_mark(study, point, key), "%s: in lifetime mode, expected the exact mode", key);
    }
    if (device && scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(diag, rk_study_mark(study, point, key),
                          "%s: in emulated execution, expected modelled or native execution", key);
    }
    if (adversary->captured > scenario->fleet.devices) {
        return rk_fail_at(diag, rk_study_mark(study, point, "adversary.captured"),
                          "captured: %" PRIu32 " of %" PRIu32 " devices, expected at most all of them",
                          adversary->captured, scenario->fleet.devices);
    }
    if (adversary->tried && scenario->execution != RK_EXECUTION_NATIVE) {
        return rk_fail_at(diag, rk_study_mark(study, point, "adversary.tried"),
                          "adversary.tried: frames are real in native execution alone, expected execution: native");
    }
    return RK_OK;
}

static enum rk_err check_group(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                               struct rk_diag *diag)
{
    const struct rk_scenario_group *group = &scenario->group;
    if (group->scheme == RK_GROUP_NONE) {
        const char *key = group->joins_per_1e9y != 0    ? "group.joins"
                          : group->leaves_per_1e9y != 0 ? "group.leaves"
                                                        : NULL;
        return key == NULL ? RK_OK
                           : rk_fail_at(diag, rk_study_mark(study, point, key),
                                        "%s: without a group, expected a scheme for group.scheme", key);
    }
    if (scenario->engine.lifetime || scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(diag, rk_study_mark(study, point, "group.scheme"), "scheme: a group in %s, expected %s",
                          scenario->engine.lifetime ? "lifetime mode" : "emulated execution",
                          scenario->engine.lifetime ? "the exact mode" : "modelled or native execution");
    }
    if (scenario->fleet.batch > 1) {
        return rk_fail_at(diag, rk_study_mark(study, point, "fleet.batch"),
                          "batch: long-term keys of a batch in a group, expected 1, or scheme: none");
    }
    if (scenario->fleet.devices < 2) {
        return rk_fail_at(diag, rk_study_mark(study, point, "group.scheme"),
                          "scheme: a group of 1 device, expected 2 or more for fleet.devices");
    }
    return RK_OK;
}

static enum rk_err check_window(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                struct rk_diag *diag)
{
    const struct rk_scenario_policy *policy = &scenario->policy;
    const struct rk_scenario_events *events = &scenario->events;
    char text[RK_QUANTITY_TEXT_bytes];
    bool deferred = policy->defer_alarm_ns != RK_NEVER || policy->defer_battery_ppm != 0 || policy->defer_link_ppm != 0;
    bool any = policy->window_every_ns != 0 || policy->guard_ns != 0 || deferred || events->firmware_per_1e9y != 0 ||
               events->owner_per_1e9y != 0 || events->suspicion_per_1e9y != 0;
    if (any && scenario->engine.lifetime) {
        return rk_fail_at(diag, rk_study_mark(study, point, "engine.lifetime"),
                          "lifetime: with windows, a guard time, deferral or events, expected the exact mode");
    }
    if (strcmp(policy->own, "none") != 0 && scenario->engine.lifetime) {
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.own"),
                          "own: a policy of one's own in lifetime mode, expected the exact mode");
    }
    if (policy->window_every_ns == 0) {
        return RK_OK;
    }
    if (policy->window_lasts_ns == 0 || policy->window_at_ns >= policy->window_every_ns ||
        policy->window_lasts_ns > policy->window_every_ns - policy->window_at_ns) {
        format_time(policy->window_every_ns, text);
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.window_lasts"),
                          "window_lasts: the window does not lie within %s, expected it to begin and end there", text);
    }
    return RK_OK;
}

static enum rk_err check_point(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                               struct rk_diag *diag)
{
    struct rk_policy policy = {.attempts = scenario->policy.attempts,
                               .retry_ns = scenario->policy.retry_ns,
                               .overlap_ns = scenario->policy.overlap_ns,
                               .cryptoperiod_ns = rki_scenario_cryptoperiod_ns(scenario)};
    struct rk_renew more;
    struct rk_diag why;
    if (rk_renew_parse(scenario->policy.renew, &policy, &more, &why) != RK_OK) {
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.renew"), "renew: %s", why.text);
    }
    if (more.limit_ppm != 0 && scenario->suite.limits == RK_SCENARIO_LIMITS_NONE) {
        return rk_fail_at(diag, rk_study_mark(study, point, "policy.renew"),
                          "renew: a share of the limit with suite.limits: none, expected limits");
    }
    rk_renew_resolve(&more, scenario->traffic.payload_bytes, &policy);
    char horizon[RK_QUANTITY_TEXT_bytes], other[RK_QUANTITY_TEXT_bytes];
    format_time(scenario->horizon_ns, horizon);
    if (scenario->traffic.period_ns > scenario->horizon_ns) {
        format_time(scenario->traffic.period_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "traffic.period"),
                          "period: %s, expected at most the horizon of %s", other, horizon);
    }
    if (scenario->traffic.session_ns > scenario->horizon_ns) {
        format_time(scenario->traffic.session_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "traffic.session"),
                          "session: %s, expected at most the horizon of %s", other, horizon);
    }
    if (scenario->warm_up_ns >= scenario->horizon_ns) {
        format_time(scenario->warm_up_ns, other);
        return rk_fail_at(diag, rk_study_mark(study, point, "warm_up"),
                          "warm_up: %s, expected less than the horizon of %s", other, horizon);
    }
    if (scenario->warm_up_ns > 0 && scenario->engine.lifetime) {
        return rk_fail_at(diag, rk_study_mark(study, point, "warm_up"),
                          "warm_up: lifetime mode has no instants to count from, expected 0 s or the exact mode");
    }
    if (scenario->suite.tag_bytes != 8 && scenario->suite.tag_bytes != 16) {
        return rk_fail_at(diag, rk_study_mark(study, point, "suite.tag"), "tag: %u B, expected 8 B or 16 B",
                          scenario->suite.tag_bytes);
    }
    if (scenario->suite.aead == RK_SCENARIO_AEAD_CHACHA20_POLY1305 && scenario->suite.tag_bytes != 16) {
        return rk_fail_at(diag, rk_study_mark(study, point, "suite.tag"),
                          "tag: %u B with chacha20_poly1305, expected 16 B", scenario->suite.tag_bytes);
    }
    enum rk_err err = check_approval(study, point, scenario, diag);
    if (err == RK_OK) {
        err = check_traffic(study, point, scenario, diag);
    }
    if (err == RK_OK) {
        err = check_fault(study, point, scenario, diag);
    }
    if (err == RK_OK) {
        err = check_adversary(study, point, scenario, diag);
    }
    if (err == RK_OK) {
        err = check_window(study, point, scenario, diag);
    }
    if (err == RK_OK) {
        err = check_group(study, point, scenario, diag);
    }
    if (err == RK_OK) {
        err = rk_constraints_check(study, point, scenario, diag);
    }
    return err == RK_OK ? check_renewal(study, point, scenario, &policy, diag) : err;
}

struct place {
    const struct rk_study *study;
    size_t point;
};

static struct rk_mark mark_at(const void *context, const char *key)
{
    const struct place *place = context;
    return rk_study_mark(place->study, place->point, key);
}

static enum rk_err check_platform(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                  struct rk_diag *diag)
{
    const struct place place = {study, point};
    const struct rk_platform *platform = rk_study_platform(study, point);
    return platform == NULL ? RK_OK : rk_platform_check(platform, scenario, mark_at, &place, diag);
}

enum rk_err rki_scenario_check_points(const struct rk_study *study, struct rk_diag *diag)
{
    size_t points = rk_study_points(study);
    struct rk_scenario *scenario = malloc(sizeof *scenario);
    RK_REQUIRE(scenario != NULL);
    enum rk_err err = RK_OK;
    for (size_t point = 0; point < points && err == RK_OK; point++) {
        rk_study_point(study, point, scenario);
        err = check_point(study, point, scenario, diag);
        if (err == RK_OK) {
            err = check_platform(study, point, scenario, diag);
        }
    }
    free(scenario);
    return err;
}

/* How long a key may be in use within the study. */
static rk_ns usage_ns(const struct rk_scenario *scenario)
{
    struct rk_policy policy = rk_scenario_policy(scenario);
    rk_ns usage_ns = rk_renew_interval_ns(&policy, scenario->traffic.period_ns, scenario->traffic.session_ns);
    usage_ns = policy.cryptoperiod_ns < usage_ns ? policy.cryptoperiod_ns : usage_ns;
    return scenario->horizon_ns < usage_ns ? scenario->horizon_ns : usage_ns;
}

static void warn_of(const struct rk_study *study, size_t point, const char *key, rk_ns time_ns, struct rk_diag *diag)
{
    char time[RK_QUANTITY_TEXT_bytes], suggested[RK_QUANTITY_TEXT_bytes];
    format_time(time_ns, time);
    format_time(rki_scenario_suggested_ns(), suggested);
    (void)rk_fail_at(diag, rk_study_mark(study, point, key),
                     "a key is in use for up to %s, SP 800-57 Part 1 table 1 suggests at most %s", time, suggested);
}

/* out: whether the point has something to warn of, in diag. */
static bool unwise(const struct rk_study *study, size_t point, const struct rk_scenario *scenario, struct rk_diag *diag)
{
    rk_ns period_ns = rki_scenario_cryptoperiod_ns(scenario), in_use_ns = usage_ns(scenario);
    bool longer = period_ns != RK_NEVER && period_ns > rki_scenario_suggested_ns();
    if (longer || in_use_ns > rki_scenario_suggested_ns()) {
        warn_of(study, point, longer ? "policy.cryptoperiod" : "policy.renew", longer ? period_ns : in_use_ns, diag);
        return true;
    }
    return false;
}

/* out: whether the point's service is on a platform that does not suit it. */
static bool unsuited(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                     struct rk_diag *diag)
{
    const struct rk_service_profile *service = rk_study_service(study, point);
    if (service == NULL || rk_study_platform(study, point) == NULL) {
        return false;
    }
    for (size_t i = 0; i < service->platforms.count; i++) {
        if (strcmp(service->platforms.word[i], scenario->platform) == 0) {
            return false;
        }
    }
    (void)rk_fail_at(diag, rk_study_mark(study, point, "platform"),
                     "platform %s is none of those that suit the service %s", scenario->platform, service->name);
    return true;
}

void rk_study_warnings(const struct rk_study *study, void (*warn)(void *context, const char *line), void *context)
{
    struct rk_scenario *scenario = malloc(sizeof *scenario);
    struct rk_diag *said = malloc(RK_AXIS_VALUES_max * sizeof *said);
    size_t count = 0;
    RK_REQUIRE(scenario != NULL && said != NULL);
    for (size_t i = 0; i < 2 * rk_study_points(study) && count < RK_AXIS_VALUES_max; i++) {
        size_t point = i / 2;
        rk_study_point(study, point, scenario);
        bool any =
            i % 2 == 0 ? unwise(study, point, scenario, &said[count]) : unsuited(study, point, scenario, &said[count]);
        if (!any) {
            continue;
        }
        size_t same = 0;
        while (strcmp(said[same].text, said[count].text) != 0) {
            same++;
        }
        if (same == count) {
            warn(context, said[count++].text);
        }
    }
    free(said);
    free(scenario);
}
