#include "engine/study/recommend_show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/study/needs.h"

static json_t *real_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* JSON */

static json_t *metric_json(const struct rk_stats *stats, int metric)
{
    json_t *json = json_object();
    json_object_set_new(json, "mean", real_of(stats->mean));
    json_object_set_new(json, "ci95", real_of(stats->ci95));
    json_object_set_new(json, "unit", json_string(rk_metric_info[metric].unit));
    json_object_set_new(json, "n", json_integer((json_int_t)stats->n));
    return json;
}

static json_t *metrics_json(const struct rk_recommendation *found, const struct rk_recommend_family *family,
                            const struct rk_recommend_point *item, struct rk_scenario *scenario)
{
    json_t *metrics = json_object();
    rk_study_point(found->sweep->study, item->point->index, scenario);
    bool needs = rk_needs_service(found->sweep->study, item->point->index, scenario) != NULL;
    for (int metric = 0; metric < RK_METRIC_COUNT && item->replications > 0; metric++) {
        bool always = metric == RK_METRIC_battery_life_d || metric == RK_METRIC_battery_life_low_d ||
                      metric == RK_METRIC_battery_life_high_d || metric == RK_METRIC_energy_J_per_d ||
                      metric == RK_METRIC_exposure_s || metric == RK_METRIC_exposure_capture_s;
        bool weighed = metric == family->weighed.cost || metric == family->weighed.exposure;
        bool needed = needs && metric == RK_METRIC_message_delay_p95_s;
        if (always || weighed || needed || scenario->constraints.metric[metric][0] != '\0') {
            json_object_set_new(metrics, rk_metric_info[metric].name, metric_json(&item->metric[metric], metric));
        }
    }
    return metrics;
}

static json_t *optimum_json(const struct rk_optimum *optimum)
{
    if (optimum->points == 0) {
        return json_null();
    }
    json_t *json = json_object();
    json_object_set_new(json, "interval_s", real_of(optimum->interval_s));
    json_object_set_new(json, "ci95_s", real_of(optimum->ci95_s));
    json_object_set_new(json, "renewal", real_of(optimum->renewal));
    json_object_set_new(json, "points", json_integer((json_int_t)optimum->points));
    return json;
}

static json_t *end_json(const struct rk_recommend_point *point)
{
    return point == NULL ? json_null() : json_integer(point->point->index);
}

static bool changes(const struct rk_sensitivity_row *row, const struct rk_recommend_family *family)
{
    return row->low != family->recommended || row->high != family->recommended;
}

static json_t *sensitivity_json(const struct rk_sensitivity *sensitivity, const struct rk_recommend_family *family)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < sensitivity->rows; i++) {
        const struct rk_sensitivity_row *row = &sensitivity->row[i];
        json_t *json = json_object();
        json_object_set_new(json, "input", json_string(row->input));
        json_object_set_new(json, "error", real_of(row->error));
        json_object_set_new(json, "cost_elasticity", real_of(row->cost_elasticity));
        json_object_set_new(json, "exposure_elasticity", real_of(row->exposure_elasticity));
        json_object_set_new(json, "changes", json_boolean(changes(row, family)));
        json_object_set_new(json, "low", end_json(row->low));
        json_object_set_new(json, "high", end_json(row->high));
        json_array_append_new(rows, json);
    }
    return rows;
}

/* Those that the point was held against. */
static json_t *needs_json(const struct rk_study *study, const struct rk_recommend_point *item,
                          struct rk_scenario *scenario)
{
    rk_study_point(study, item->point->index, scenario);
    const struct rk_service_profile *service = rk_needs_service(study, item->point->index, scenario);
    if (service == NULL) {
        return json_null();
    }
    json_t *json = json_object(), *bounds = json_array();
    for (int need = 0; need < RK_NEEDS_COUNT; need++) {
        char text[RK_NEEDS_TEXT_bytes];
        if (rk_needs_text(service, (enum rk_needs_kind)need, scenario, text)) {
            json_array_append_new(bounds, json_string(text));
        }
    }
    json_object_set_new(json, "service", json_string(service->name));
    json_object_set_new(json, "bounds", bounds);
    return json;
}

static json_t *point_json(const struct rk_recommendation *found, const struct rk_recommend_family *family,
                          const struct rk_recommend_point *item, const struct rk_sensitivity *sensitivity,
                          struct rk_scenario *scenario)
{
    json_t *json = json_object();
    json_object_set_new(json, "family", json_string(family->name));
    json_object_set_new(json, "point", json_integer(item->point->index));
    json_object_set_new(json, "label", json_string(item->point->label));
    json_object_set_new(json, "policy", json_string(item->policy));
    json_object_set_new(json, "association", json_string(rk_mechanism_class(item->point->trial.policy.mechanism)));
    json_object_set_new(json, "feasible", json_boolean(item->feasible));
    json_object_set_new(json, "why_not", item->feasible ? json_null() : json_string(item->why_not.text));
    json_object_set_new(json, "on_front", json_boolean(item->on_front));
    json_object_set_new(json, "in_doubt", json_boolean(item->in_doubt));
    json_object_set_new(json, "dominated_by",
                        item->dominated_by == NULL ? json_null() : json_integer(item->dominated_by->point->index));
    json_object_set_new(json, "knee", json_boolean(item->knee));
    json_object_set_new(json, "recommended", json_boolean(item->recommended));
    json_object_set_new(json, "why", item->recommended ? json_string(family->why) : json_null());
    json_object_set_new(json, "exposure_closed_form", json_boolean(item->closed_form));
    json_object_set_new(json, "needs", needs_json(found->sweep->study, item, scenario));
    json_object_set_new(json, "metrics", metrics_json(found, family, item, scenario));
    if (item->recommended) {
        json_object_set_new(json, "optimum", optimum_json(&family->optimum));
    }
    if (item->recommended && sensitivity != NULL) {
        json_object_set_new(json, "robust", json_boolean(sensitivity->robust));
        json_object_set_new(json, "sensitivity", sensitivity_json(sensitivity, family));
    }
    return json;
}

json_t *rk_recommend_json(const struct rk_recommendation *found, const struct rk_sensitivity *sensitivity)
{
    static struct rk_scenario scenario;
    json_t *array = json_array();
    for (size_t f = 0; f < found->families; f++) {
        const struct rk_recommend_family *family = &found->family[f];
        for (size_t i = 0; i < family->points; i++) {
            json_array_append_new(array, point_json(found, family, &family->point[i],
                                                    sensitivity == NULL ? NULL : &sensitivity[f], &scenario));
        }
    }
    return array;
}

/* Text */

static void print_stats(const struct rk_recommend_point *item, unsigned metric, FILE *out)
{
    const struct rk_stats *stats = &item->metric[metric];
    fprintf(out, "%s %.4g", rk_metric_info[metric].name, stats->mean);
    if (!isnan(stats->ci95)) {
        fprintf(out, " +- %.2g", stats->ci95);
    }
    fprintf(out, " %s", rk_metric_info[metric].unit);
}

static void print_point(const char *what, const struct rk_recommend_family *family,
                        const struct rk_recommend_point *item, FILE *out)
{
    fprintf(out, "  %-11s %s: ", what, item->policy);
    print_stats(item, family->weighed.cost, out);
    fputs(", ", out);
    print_stats(item, family->weighed.exposure, out);
    fprintf(out, "%s, class %s%s\n", item->closed_form ? " (closed form)" : "",
            rk_mechanism_class(item->point->trial.policy.mechanism), item->knee ? ", the knee" : "");
}

/* A reason up to what is the point's own. */
static size_t common_length(const char *reason)
{
    const char *own = strstr(reason, ", and ");
    return own != NULL ? (size_t)(own - reason) : strlen(reason);
}

static bool same_reason(const struct rk_recommend_point *a, const struct rk_recommend_point *b)
{
    size_t length = common_length(a->why_not.text);
    return length == common_length(b->why_not.text) && strncmp(a->why_not.text, b->why_not.text, length) == 0;
}

static void print_refusals(const struct rk_recommend_family *family, FILE *out)
{
    for (size_t i = 0; i < family->points; i++) {
        const struct rk_recommend_point *item = &family->point[i];
        size_t same = 0, before = 0;
        for (size_t j = 0; j < family->points; j++) {
            bool shared = !family->point[j].feasible && same_reason(item, &family->point[j]);
            same += shared;
            before += shared && j < i;
        }
        if (item->feasible || before > 0) {
            continue;
        }
        if (same == 1) {
            fprintf(out, "  %-11s %s: %s\n", "not", item->policy, item->why_not.text);
        } else {
            fprintf(out, "  %-11s %zu points: %.*s; %s: %s\n", "not", same, (int)common_length(item->why_not.text),
                    item->why_not.text, item->policy, item->why_not.text);
        }
    }
}

/* What the service needs of the first point, and so of all, unless a service is what is chosen. */
static void print_needs(const struct rk_study *study, const struct rk_recommend_family *family,
                        struct rk_scenario *scenario, FILE *out)
{
    rk_study_point(study, family->point->point->index, scenario);
    const struct rk_service_profile *service = rk_needs_service(study, family->point->point->index, scenario);
    const char *before = "";
    if (service == NULL) {
        return;
    }
    fprintf(out, "  %-11s by the service %s: ", "needs", service->name);
    for (int need = 0; need < RK_NEEDS_COUNT; need++) {
        char text[RK_NEEDS_TEXT_bytes];
        if (rk_needs_text(service, (enum rk_needs_kind)need, scenario, text)) {
            fprintf(out, "%s%s", before, text);
            before = ", ";
        }
    }
    fputc('\n', out);
}

static void print_optimum(const struct rk_recommend_family *family, FILE *out)
{
    const struct rk_optimum *optimum = &family->optimum;
    if (optimum->points > 0 && isfinite(optimum->interval_s)) {
        fprintf(out, "  %-11s renewal each %.4g +- %.2g d costs least, by a fit over %zu points\n", "between",
                optimum->interval_s / 86400, optimum->ci95_s / 86400, optimum->points);
    }
}

static void print_end(const char *sign, const struct rk_sensitivity_row *row, const struct rk_recommend_point *point,
                      const struct rk_recommend_family *family, FILE *out)
{
    const char *instead = point == NULL ? "nothing is feasible" : point->policy;
    if (point != family->recommended && isnan(row->cost_elasticity)) {
        fprintf(out, "  %-11s %s at its %s end: %s\n", "changes", row->input, sign[0] == '+' ? "high" : "low", instead);
    } else if (point != family->recommended) {
        fprintf(out, "  %-11s %s %s%.3g %%: %s\n", "changes", row->input, sign, 100 * row->error, instead);
    }
}

/* What would change the answer, then the three inputs that cost depends on most. */
static void print_sensitivity(const struct rk_sensitivity *sensitivity, const struct rk_recommend_family *family,
                              FILE *out)
{
    bool said[RK_SENSITIVITY_ROWS_max] = {false};
    for (size_t i = 0; i < sensitivity->rows; i++) {
        print_end("-", &sensitivity->row[i], sensitivity->row[i].low, family, out);
        print_end("+", &sensitivity->row[i], sensitivity->row[i].high, family, out);
    }
    fprintf(out, "  %-11s at both ends of the energy model the answer is %s\n", "robust",
            sensitivity->robust ? "the same" : "another");
    for (int n = 0; n < 3; n++) {
        size_t most = sensitivity->rows;
        for (size_t i = 0; i < sensitivity->rows; i++) {
            double here = fabs(sensitivity->row[i].cost_elasticity);
            double there = most == sensitivity->rows ? 0.005 : fabs(sensitivity->row[most].cost_elasticity);
            most = !said[i] && here > there ? i : most;
        }
        if (most < sensitivity->rows) {
            said[most] = true;
            fprintf(out, "  %-11s %s: 1 %% more of it makes %+.2f %% of cost\n", "depends on",
                    sensitivity->row[most].input, sensitivity->row[most].cost_elasticity);
        }
    }
}

/* --- the families beside each other --- */

/* "2.5 y", in three digits. */
static void print_time(double time_s, int width, FILE *out)
{
    static const struct {
        const char *name;
        double s;
    } unit[] = {{"y", 31557600}, {"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    char text[32] = "-";
    for (size_t i = 0; i < sizeof unit / sizeof unit[0] && isfinite(time_s); i++) {
        if (time_s >= 2 * unit[i].s || unit[i].s == 1) {
            snprintf(text, sizeof text, "%.3g %s", time_s / unit[i].s, unit[i].name);
            break;
        }
    }
    fprintf(out, "  %-*s", width, text);
}

/* Of all that ran, whatever the constraints say; of equal ones by the other metric. */
static const struct rk_recommend_point *extreme_of(const struct rk_recommend_family *family, unsigned metric,
                                                   unsigned other)
{
    const struct rk_recommend_point *least = NULL;
    for (size_t i = 0; i < family->points; i++) {
        const struct rk_recommend_point *point = &family->point[i];
        bool ran = point->replications > 0 && point->metric[metric].n > 0;
        double less = ran && least != NULL ? point->metric[metric].mean - least->metric[metric].mean : -1;
        bool tie = ran && less == 0 && point->metric[other].mean < least->metric[other].mean;
        least = ran && (less < 0 || tie) ? point : least;
    }
    return least;
}

static void print_cell(const struct rk_recommend_point *point, unsigned exposure, FILE *out)
{
    if (point == NULL) {
        fprintf(out, "  %-30s%-10s%-10s", "-", "", "");
        return;
    }
    fprintf(out, "  %s%-*s", point->feasible ? "" : "!", point->feasible ? 28 : 27, point->policy);
    print_time(point->metric[RK_METRIC_battery_life_d].mean * 86400, 8, out);
    print_time(point->metric[exposure].mean, 8, out);
}

/* A row a family: what exposes least, what is recommended, what is cheapest, each with its life and exposure. */
static void print_table(const struct rk_recommendation *found, FILE *out)
{
    int width = 9;
    for (size_t f = 0; f < found->families; f++) {
        int length = (int)strlen(found->family[f].name);
        width = length > width ? length : width;
    }
    fprintf(out, "\n%-*s  %-28s  %-8s  %-8s  %-28s  %-8s  %-8s  %-28s  %-8s  %-8s\n", width, "situation",
            "least exposed", "life", "exposure", "recommended", "life", "exposure", "cheapest", "life", "exposure");
    for (size_t f = 0; f < found->families; f++) {
        const struct rk_recommend_family *family = &found->family[f];
        fprintf(out, "%-*s", width, family->name);
        print_cell(extreme_of(family, family->weighed.exposure, family->weighed.cost), family->weighed.exposure, out);
        print_cell(family->recommended, family->weighed.exposure, out);
        print_cell(extreme_of(family, family->weighed.cost, family->weighed.exposure), family->weighed.exposure, out);
        fputc('\n', out);
    }
    fputs("!: does not meet the constraints\n", out);
}

/* Both metrics are times, as the table has them. */
static bool has_table(const struct rk_recommendation *found)
{
    return found->families > 1 && strcmp(rk_metric_info[found->family[0].weighed.exposure].unit, "s") == 0;
}

void rk_recommend_text(const struct rk_recommendation *found, const struct rk_sensitivity *sensitivity, FILE *out)
{
    static struct rk_scenario scenario;
    const char *question = found->sweep->study->scenario.question;
    fprintf(out, "%s%s", question, question[0] == '\0' ? "" : "\n");
    for (size_t f = 0; f < found->families; f++) {
        const struct rk_recommend_family *family = &found->family[f];
        fprintf(out, "%s: ", family->name[0] == '\0' ? found->sweep->study->scenario.name : family->name);
        if (family->recommended == NULL) {
            fprintf(out, "%s\n", family->why);
        } else {
            fprintf(out, "%s\n  %-11s %s\n", family->recommended->policy, "why", family->why);
        }
        print_needs(found->sweep->study, family, &scenario, out);
        print_optimum(family, out);
        if (family->recommended != NULL && sensitivity != NULL) {
            print_sensitivity(&sensitivity[f], family, out);
        }
        for (size_t i = 0; i < family->points; i++) {
            const struct rk_recommend_point *item = &family->point[i];
            if (item->on_front || item->in_doubt) {
                print_point(item->in_doubt ? "in doubt" : "front", family, item, out);
            }
        }
        print_refusals(family, out);
    }
    if (has_table(found)) {
        print_table(found, out);
    }
}
