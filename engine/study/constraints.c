#include "engine/study/constraints.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/study/needs.h"

/* A metric's unit: a dimension, how many of its base units one of it has, and what stands behind. */
struct scale {
    enum rk_dimension dimension;
    double base;
    const char *behind; /* "/d" of "J/d", or "" */
};

static struct scale scale_of(const char *unit)
{
    static const struct {
        const char *unit;
        struct scale scale;
    } known[] = {
        {"s", {RK_DIM_TIME, 1e9, ""}},        {"d", {RK_DIM_TIME, 86400e9, ""}}, {"y", {RK_DIM_TIME, 31557600e9, ""}},
        {"J", {RK_DIM_ENERGY, 1e12, ""}},     {"B", {RK_DIM_DATA, 1, ""}},       {"bytes", {RK_DIM_DATA, 1, ""}},
        {"J/d", {RK_DIM_ENERGY, 1e12, "/d"}}, {"s/d", {RK_DIM_TIME, 1e9, "/d"}}, {"B/d", {RK_DIM_DATA, 1, "/d"}},
        {"1/d", {RK_DIM_RATE, 365.25e9, ""}}, {"1/y", {RK_DIM_RATE, 1e9, ""}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].unit, unit) == 0) {
            return known[i].scale;
        }
    }
    return (struct scale){RK_DIM_COUNT, 1, ""};
}

/* "2 J/d" for a metric in J/d. */
static enum rk_err parse_figure(const char *text, enum rk_metric metric, double *figure, struct rk_diag *diag)
{
    struct scale scale = scale_of(rk_metric_info[metric].unit);
    char number[RK_AXIS_TEXT_bytes];
    size_t length = strlen(text), behind = strlen(scale.behind);
    uint64_t value;
    if (length < behind || strcmp(text + length - behind, scale.behind) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.60s' without '%s', expected a figure such as '2 %s'", text, scale.behind,
                       rk_metric_info[metric].unit);
    }
    snprintf(number, sizeof number, "%.*s", (int)(length - behind), text);
    if (scale.dimension == RK_DIM_COUNT && strchr(number, ' ') != NULL) {
        scale = (struct scale){RK_DIM_RATIO, 1e6, ""};
    }
    enum rk_err err = rk_quantity_parse(scale.dimension, number, &value, diag);
    *figure = err == RK_OK ? (double)value / scale.base : NAN;
    return err;
}

enum rk_err rk_bound_parse(const char *text, enum rk_metric metric, struct rk_bound *bound, struct rk_diag *diag)
{
    static const char least[] = "at least ", most[] = "at most ";
    bound->least = strncmp(text, least, strlen(least)) == 0;
    if (!bound->least && strncmp(text, most, strlen(most)) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.60s' is no bound, expected 'at least X' or 'at most X'", text);
    }
    return parse_figure(text + strlen(bound->least ? least : most), metric, &bound->value, diag);
}

enum rk_err rk_price_parse(const char *text, enum rk_metric cost, enum rk_metric exposure, double *price,
                           struct rk_diag *diag)
{
    char left[RK_AXIS_TEXT_bytes];
    const char *per = strstr(text, " per ");
    double costs = NAN, exposed = NAN;
    if (per == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.60s' is no price, expected 'X per Y' such as '2 %s per 1 %s'", text,
                       rk_metric_info[cost].unit, rk_metric_info[exposure].unit);
    }
    snprintf(left, sizeof left, "%.*s", (int)(per - text), text);
    enum rk_err err = parse_figure(left, cost, &costs, diag);
    if (err == RK_OK) {
        err = parse_figure(per + strlen(" per "), exposure, &exposed, diag);
    }
    if (err == RK_OK && (costs <= 0 || exposed <= 0)) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.60s' has a zero, expected both above 0", text);
    }
    *price = err == RK_OK ? costs / exposed : NAN;
    return err;
}

/* Checking */

static enum rk_err check_metrics(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                 struct rk_diag *diag)
{
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        const char *text = scenario->constraints.metric[metric];
        struct rk_bound bound;
        struct rk_diag why;
        if (text[0] == '\0' || rk_bound_parse(text, (enum rk_metric)metric, &bound, &why) == RK_OK) {
            continue;
        }
        char key[RK_AXIS_TEXT_bytes];
        snprintf(key, sizeof key, "constraints.%s", rk_metric_info[metric].name);
        return rk_fail_at(diag, rk_study_mark(study, point, key), "%s: %s", rk_metric_info[metric].name, why.text);
    }
    return RK_OK;
}

enum rk_err rk_constraints_check(const struct rk_study *study, size_t point, const struct rk_scenario *scenario,
                                 struct rk_diag *diag)
{
    const struct rk_scenario_recommend *recommend = &scenario->recommend;
    uint32_t date;
    double price;
    struct rk_diag why;
    if (scenario->constraints.approved[0] != '\0' &&
        rk_date_parse(scenario->constraints.approved, &date, &why) != RK_OK) {
        return rk_fail_at(diag, rk_study_mark(study, point, "constraints.approved"), "approved: %s", why.text);
    }
    if ((recommend->prefer == RK_PREFER_PRICE) != (recommend->price[0] != '\0')) {
        bool lacks = recommend->prefer == RK_PREFER_PRICE;
        return rk_fail_at(diag, rk_study_mark(study, point, lacks ? "recommend.prefer" : "recommend.price"),
                          lacks ? "prefer: price without a price, expected one for recommend.price"
                                : "price: not asked for, expected one only with recommend.prefer: price");
    }
    if (recommend->prefer == RK_PREFER_PRICE &&
        rk_price_parse(recommend->price, recommend->cost, recommend->exposure, &price, &why) != RK_OK) {
        return rk_fail_at(diag, rk_study_mark(study, point, "recommend.price"), "price: %s", why.text);
    }
    return check_metrics(study, point, scenario, diag);
}

/* Judging */

bool rk_bound_met(const struct rk_bound *bound, const char *text, enum rk_metric metric, const struct rk_stats *stats,
                  struct rk_diag *why)
{
    const char *name = rk_metric_info[metric].name, *unit = rk_metric_info[metric].unit;
    double margin = bound->least ? stats->mean - bound->value : bound->value - stats->mean;
    double half = isnan(stats->ci95) ? 0 : stats->ci95;
    if (stats->n == 0) {
        (void)rk_fail(why, RK_ERR_CHECK, "%s: %s, and there is no value", name, text);
        return false;
    }
    if (margin >= half) {
        return true;
    }
    const char *doubt = fabs(margin) < half ? ": more replications may tell" : "";
    (void)rk_fail(why, RK_ERR_CHECK, "%s: %s, and it is %.4g +- %.2g %s%s", name, text, stats->mean, half,
                  strcmp(unit, "1") == 0 ? "" : unit, doubt);
    return false;
}

static bool algorithms_meet(const struct rk_scenario_constraints *constraints, const struct rk_point *point,
                            struct rk_diag *why)
{
    struct rk_approval_chain chain;
    struct rk_diag none;
    uint32_t date = 20260101; /* strength does not depend on it */
    if (constraints->approved[0] != '\0' && rk_date_parse(constraints->approved, &date, &none) != RK_OK) {
        return false;
    }
    rk_approval_chain(&point->trial, date, &chain);
    if (constraints->approved[0] != '\0' && chain.worst.apply > RK_APPROVAL_DEPRECATED) {
        (void)rk_fail(why, RK_ERR_CHECK, "approved: %s is %s on %s: %s", rk_primitive_name(chain.worst_primitive),
                      rk_approval_name(chain.worst.apply), constraints->approved, chain.worst.clause);
        return false;
    }
    if (chain.worst.strength_bits < constraints->strength_bits) {
        (void)rk_fail(why, RK_ERR_CHECK, "strength: at least %u bits, and it is %u", constraints->strength_bits,
                      chain.worst.strength_bits);
        return false;
    }
    const char *association = rk_mechanism_class(point->trial.policy.mechanism);
    if (constraints->fresh && association[1] > '1') {
        (void)rk_fail(why, RK_ERR_CHECK,
                      "fresh: %s makes the new key from what was there (class %s), expected A0 or A1",
                      rk_mechanism_name(point->trial.policy.mechanism), association);
        return false;
    }
    return true;
}

bool rk_constraints_met(const struct rk_scenario *scenario, const struct rk_service_profile *service,
                        const struct rk_point *point, const struct rk_stats stats[RK_METRIC_COUNT], struct rk_diag *why)
{
    const struct rk_scenario_constraints *constraints = &scenario->constraints;
    bool met = algorithms_meet(constraints, point, why);
    for (int metric = 0; metric < RK_METRIC_COUNT && met; metric++) {
        const char *text = constraints->metric[metric];
        struct rk_bound bound;
        if (text[0] != '\0') {
            met = rk_bound_parse(text, (enum rk_metric)metric, &bound, why) == RK_OK &&
                  rk_bound_met(&bound, text, (enum rk_metric)metric, &stats[metric], why);
        }
    }
    return met && (service == NULL || rk_needs_met(service, scenario, point, stats, why));
}
