#include "engine/study/recommend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study/constraints.h"
#include "engine/study/front.h"
#include "engine/study/needs.h"

/* Which axes are chosen from */

struct chosen {
    bool axis[RK_AXES_max];  /* with those zipped to one that is */
    bool named[RK_AXES_max]; /* the ones that name a policy */
};

static bool of_policy(const char *key)
{
    return strcmp(key, "policy") == 0 || strncmp(key, "policy.", strlen("policy.")) == 0;
}

/* Takes an axis and those zipped with it. */
static void take(const struct rk_axes *axes, size_t index, struct chosen *chosen)
{
    chosen->named[index] = true;
    for (size_t i = 0; i < axes->count; i++) {
        bool zipped = axes->axis[i].zip != 0 && axes->axis[i].zip == axes->axis[index].zip;
        chosen->axis[i] = chosen->axis[i] || i == index || zipped;
    }
}

static enum rk_err take_named(const struct rk_study *study, const char *over, struct chosen *chosen,
                              struct rk_diag *diag)
{
    const struct rk_axes *axes = &study->scenario.axes;
    const char *names[RK_AXES_max + 1] = {NULL};
    for (size_t i = 0; i < axes->count; i++) {
        names[i] = axes->axis[i].key;
    }
    while (*over != '\0') {
        char key[RK_AXIS_TEXT_bytes];
        size_t length = strcspn(over, ","), found = 0;
        snprintf(key, sizeof key, "%.*s", (int)length, over);
        over += length + (over[length] == ',');
        over += strspn(over, " ");
        while (found < axes->count && strcmp(axes->axis[found].key, key) != 0) {
            found++;
        }
        if (found == axes->count) {
            struct rk_diag why;
            enum rk_err err = rk_unknown_name("axis", key, names, &why);
            return rk_fail_at(diag, rk_study_mark(study, 0, "recommend.over"), "over: %s",
                              err != RK_OK && axes->count > 0 ? why.text : "a study without axes, expected none");
        }
        take(axes, found, chosen);
    }
    return RK_OK;
}

static enum rk_err choose_axes(const struct rk_study *study, struct chosen *chosen, struct rk_diag *diag)
{
    const struct rk_axes *axes = &study->scenario.axes;
    bool any = false;
    *chosen = (struct chosen){.axis = {false}};
    if (study->scenario.recommend.over[0] != '\0') {
        return take_named(study, study->scenario.recommend.over, chosen, diag);
    }
    for (size_t i = 0; i < axes->count; i++) {
        if (of_policy(axes->axis[i].key)) {
            take(axes, i, chosen);
            any = true;
        }
    }
    for (size_t i = 0; i < axes->count && !any; i++) {
        chosen->axis[i] = chosen->named[i] = true;
    }
    return RK_OK;
}

/* Bounds beside what they are for say nothing more of a situation. */
static bool tells(const struct rk_axes *axes, size_t index)
{
    const struct rk_axis *axis = &axes->axis[index];
    bool beside = false;
    for (size_t i = 0; i < axes->count; i++) {
        beside = beside || (axis->zip != 0 && axes->axis[i].zip == axis->zip &&
                            strncmp(axes->axis[i].key, "constraints.", strlen("constraints.")) != 0);
    }
    return !beside || strncmp(axis->key, "constraints.", strlen("constraints.")) != 0;
}

/* The values of a point in the axes that are chosen from, or in the others with their keys. */
static void name_point(const struct rk_study *study, size_t point, const struct chosen *chosen, bool which,
                       char text[RK_LABEL_bytes])
{
    const struct rk_axes *axes = &study->scenario.axes;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < axes->count && used < RK_LABEL_bytes; i++) {
        if (which ? chosen->named[i] : !chosen->axis[i] && tells(axes, i)) {
            used += (size_t)snprintf(text + used, RK_LABEL_bytes - used, "%s%s%s%s", used == 0 ? "" : " ",
                                     which ? "" : axes->axis[i].key, which ? "" : "=",
                                     rk_study_axis_value(study, point, i));
        }
    }
    if (text[0] == '\0' && which) {
        snprintf(text, RK_LABEL_bytes, "%s", study->scenario.policy.renew);
    }
}

/* What was stored */

/* The trials of a point, as they are read. */
struct trials {
    double *value[RK_METRIC_COUNT];
    size_t count, room;
};

static void add_trial(struct trials *trials, sqlite3_stmt *row)
{
    if (trials->count == trials->room) {
        trials->room = trials->room * 2 + 32;
        for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
            trials->value[metric] = realloc(trials->value[metric], trials->room * sizeof *trials->value[metric]);
            RK_REQUIRE(trials->value[metric] != NULL);
        }
    }
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        bool none = sqlite3_column_type(row, 1 + metric) == SQLITE_NULL;
        trials->value[metric][trials->count] = none ? NAN : sqlite3_column_double(row, 1 + metric);
    }
    trials->count++;
}

static double *copy_of(const double *value, size_t count)
{
    double *copy = malloc((count + 1) * sizeof *copy);
    RK_REQUIRE(copy != NULL);
    memcpy(copy, value, count * sizeof *copy);
    return copy;
}

/* in: count > 0. */
static void settle_point(const struct trials *trials, const struct rk_scenario_recommend *weighed,
                         struct rk_recommend_point *item)
{
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        item->metric[metric] = rk_stats_summary(trials->value[metric], trials->count);
    }
    item->replications = trials->count;
    item->cost = copy_of(trials->value[weighed->cost], trials->count);
    item->exposure = copy_of(trials->value[weighed->exposure], trials->count);
    if (weighed->exposure == RK_METRIC_exposure_s && item->metric[RK_METRIC_compromises].max == 0) {
        item->closed_form = true;
        for (size_t i = 0; i < trials->count; i++) {
            item->exposure[i] = item->point->exposure_closed_form_s;
        }
        item->metric[RK_METRIC_exposure_s] = rk_stats_summary(item->exposure, trials->count);
    }
}

static void judge_point(const struct rk_study *study, const struct rk_scenario *scenario,
                        struct rk_recommend_point *item)
{
    const struct rk_scenario_recommend *weighed = &scenario->recommend;
    if (strcmp(item->point->status, "ok") != 0) {
        (void)rk_fail(&item->why_not, RK_ERR_CHECK, "cannot run: %s", item->point->status);
    } else if (item->replications == 0) {
        (void)rk_fail(&item->why_not, RK_ERR_CHECK, "no trial of it is stored");
    } else if (item->metric[weighed->cost].n == 0 || item->metric[weighed->exposure].n == 0) {
        bool cost = item->metric[weighed->cost].n == 0;
        (void)rk_fail(&item->why_not, RK_ERR_CHECK, "%s: no trial has a value",
                      rk_metric_info[cost ? weighed->cost : weighed->exposure].name);
    } else {
        item->feasible = rk_constraints_met(scenario, rk_needs_service(study, item->point->index, scenario),
                                            item->point, item->metric, &item->why_not);
    }
}

/* in: *of_point: where the item of each point of the sweep is. */
static enum rk_err read_trials(struct rk_store *store, struct rk_recommend_point **of_point,
                               const struct rk_sweep *sweep, struct rk_scenario *scenario, struct rk_diag *diag)
{
#define METRIC_COLUMN(name, unit, help) ", " #name
    static const char sql[] = "SELECT point" RK_METRICS(METRIC_COLUMN) " FROM trial ORDER BY point, replication";
#undef METRIC_COLUMN
    struct trials trials = {.count = 0};
    sqlite3 *db = rk_store_database(store);
    sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    result = result == SQLITE_OK ? sqlite3_step(row) : result;
    for (size_t i = 0; i < sweep->points; i++) {
        trials.count = 0;
        while (result == SQLITE_ROW && (size_t)sqlite3_column_int64(row, 0) == i) {
            add_trial(&trials, row);
            result = sqlite3_step(row);
        }
        rk_study_point(sweep->study, i, scenario);
        if (trials.count > 0) {
            settle_point(&trials, &scenario->recommend, of_point[i]);
        }
        judge_point(sweep->study, scenario, of_point[i]);
    }
    enum rk_err err =
        result == SQLITE_DONE ? RK_OK : rk_fail(diag, RK_ERR_IO, "results cannot be read: %s", sqlite3_errmsg(db));
    sqlite3_finalize(row);
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        free(trials.value[metric]);
    }
    return err;
}

/* Families */

struct place {
    size_t family, point;
};

static int by_family(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    return left->family != right->family ? (left->family < right->family ? -1 : 1)
                                         : (left->point < right->point ? -1 : left->point > right->point);
}

/* Groups the points. out: found->point and found->family, and the item of each point of the sweep. */
static void group(const struct chosen *chosen, struct rk_recommendation *found, struct rk_recommend_point **of_point)
{
    const struct rk_sweep *sweep = found->sweep;
    struct place *place = malloc((sweep->points + 1) * sizeof *place);
    RK_REQUIRE(place != NULL);
    for (size_t i = 0; i < sweep->points; i++) {
        char name[RK_LABEL_bytes];
        size_t f = found->families;
        name_point(sweep->study, i, chosen, false, name);
        while (f > 0 && strcmp(found->family[f - 1].name, name) != 0) {
            f--;
        }
        if (f == 0) {
            f = ++found->families;
            found->family = realloc(found->family, f * sizeof *found->family);
            RK_REQUIRE(found->family != NULL);
            found->family[f - 1] = (struct rk_recommend_family){.price = NAN};
            snprintf(found->family[f - 1].name, sizeof name, "%s", name);
        }
        place[i] = (struct place){f - 1, i};
    }
    qsort(place, sweep->points, sizeof *place, by_family);
    for (size_t i = 0; i < sweep->points; i++) {
        struct rk_recommend_family *family = &found->family[place[i].family];
        struct rk_recommend_point *item = &found->point[i];
        family->point = family->points++ == 0 ? item : family->point;
        item->point = &sweep->point[place[i].point];
        name_point(sweep->study, place[i].point, chosen, true, item->policy);
        of_point[place[i].point] = item;
    }
    free(place);
}

/* Choosing */

static void find_front(struct rk_recommend_family *family)
{
    struct rk_front_item *item = calloc(family->points + 1, sizeof *item);
    struct rk_recommend_point **of = calloc(family->points + 1, sizeof *of);
    RK_REQUIRE(item != NULL && of != NULL);
    family->feasible = family->front = 0;
    for (size_t i = 0; i < family->points; i++) {
        struct rk_recommend_point *point = &family->point[i];
        point->on_front = point->in_doubt = point->knee = point->recommended = false;
        point->dominated_by = NULL;
        if (point->feasible) {
            of[family->feasible] = point;
            item[family->feasible++] =
                (struct rk_front_item){.cost = point->cost,
                                       .exposure = point->exposure,
                                       .count = point->replications,
                                       .cost_stats = point->metric[family->weighed.cost],
                                       .exposure_stats = point->metric[family->weighed.exposure]};
        }
    }
    rk_front_find(item, family->feasible);
    for (size_t i = 0; i < family->feasible; i++) {
        of[i]->on_front = item[i].on_front;
        of[i]->in_doubt = item[i].in_doubt;
        of[i]->knee = item[i].knee;
        of[i]->dominated_by = item[i].on_front ? NULL : of[item[i].dominated_by];
        family->front += item[i].on_front;
    }
    free(of);
    free(item);
}

/* What a point is worth less for: its place in the preference, least is best. */
static double badness(const struct rk_recommend_family *family, const struct rk_recommend_point *point, unsigned prefer)
{
    double cost = point->metric[family->weighed.cost].mean, exposure = point->metric[family->weighed.exposure].mean;
    return prefer == RK_PREFER_PRICE ? cost + family->price * exposure : prefer == RK_PREFER_EXPOSURE ? exposure : cost;
}

static void explain(struct rk_recommend_family *family, unsigned prefer)
{
    static const char *const reason[] = {
        [RK_PREFER_KNEE] = "the knee of the front: up to it exposure falls faster than cost rises",
        [RK_PREFER_COST] = "of the front the cheapest",
        [RK_PREFER_EXPOSURE] = "of the front the least exposed",
        [RK_PREFER_PRICE] = "the least of cost and exposure at its price",
    };
    const struct rk_stats *cost = &family->recommended->metric[family->weighed.cost];
    const struct rk_stats *exposure = &family->recommended->metric[family->weighed.exposure];
    bool no_knee = family->weighed.prefer == RK_PREFER_KNEE && prefer != RK_PREFER_KNEE;
    snprintf(family->why, sizeof family->why,
             "%s%s; %zu of %zu points are feasible, %zu on the front; %s %.4g +- %.2g %s, %s %.4g +- %.2g %s%s",
             family->feasible == 1 ? "the only feasible one" : reason[prefer],
             no_knee && family->feasible > 1 ? ", as the front has no knee" : "", family->feasible, family->points,
             family->front, rk_metric_info[family->weighed.cost].name, cost->mean, isnan(cost->ci95) ? 0 : cost->ci95,
             rk_metric_info[family->weighed.cost].unit, rk_metric_info[family->weighed.exposure].name, exposure->mean,
             isnan(exposure->ci95) ? 0 : exposure->ci95, rk_metric_info[family->weighed.exposure].unit,
             family->recommended->closed_form ? " (closed form)" : "");
}

void rk_recommend_choose(struct rk_recommend_family *family)
{
    unsigned prefer = family->weighed.prefer;
    bool knee = false;
    find_front(family);
    family->recommended = NULL;
    for (size_t i = 0; i < family->points; i++) {
        knee = knee || family->point[i].knee;
    }
    prefer = prefer == RK_PREFER_KNEE && !knee ? RK_PREFER_COST : prefer;
    for (size_t i = 0; i < family->points; i++) {
        struct rk_recommend_point *point = &family->point[i];
        bool eligible = prefer == RK_PREFER_KNEE ? point->knee : point->on_front && !point->in_doubt;
        if (eligible && (family->recommended == NULL ||
                         badness(family, point, prefer) < badness(family, family->recommended, prefer))) {
            family->recommended = point;
        }
    }
    if (family->recommended == NULL) {
        snprintf(family->why, sizeof family->why, "none of %zu points is feasible", family->points);
        return;
    }
    family->recommended->recommended = true;
    explain(family, prefer);
}

/* Do two points differ in the renewal interval alone? */
static bool same_but_interval(const struct rk_study *study, const struct rk_point *a, const struct rk_point *b)
{
    for (size_t i = 0; i < study->scenario.axes.count; i++) {
        if (strcmp(study->scenario.axes.axis[i].key, "policy.renew") != 0 &&
            strcmp(rk_study_axis_value(study, a->index, i), rk_study_axis_value(study, b->index, i)) != 0) {
            return false;
        }
    }
    return !isnan(a->interval_s) && a->trial.policy.triggers == RK_TRIGGER_INTERVAL &&
           b->trial.policy.triggers == RK_TRIGGER_INTERVAL;
}

static void find_optimum(const struct rk_study *study, struct rk_recommend_family *family)
{
    struct rk_optimum_point *point = calloc(family->points + 1, sizeof *point);
    size_t count = 0, replications = family->recommended->replications;
    RK_REQUIRE(point != NULL);
    for (size_t i = 0; i < family->points; i++) {
        const struct rk_recommend_point *item = &family->point[i];
        if (item->replications >= replications && same_but_interval(study, item->point, family->recommended->point)) {
            point[count++] = (struct rk_optimum_point){item->point->interval_s, item->cost, item->exposure};
        }
    }
    family->optimum = rk_optimum_find(point, count, replications, family->price);
    free(point);
}

enum rk_err rk_recommend(const struct rk_sweep *sweep, struct rk_store *store, struct rk_recommendation *found,
                         struct rk_diag *diag)
{
    struct chosen chosen;
    *found = (struct rk_recommendation){.sweep = sweep};
    enum rk_err err = choose_axes(sweep->study, &chosen, diag);
    if (err != RK_OK) {
        return err;
    }
    found->point = calloc(sweep->points + 1, sizeof *found->point);
    struct rk_recommend_point **of_point = calloc(sweep->points + 1, sizeof *of_point);
    struct rk_scenario *scenario = malloc(sizeof *scenario);
    RK_REQUIRE(found->point != NULL && of_point != NULL && scenario != NULL);
    group(&chosen, found, of_point);
    err = read_trials(store, of_point, sweep, scenario, diag);
    for (size_t f = 0; f < found->families && err == RK_OK; f++) {
        struct rk_recommend_family *family = &found->family[f];
        struct rk_diag why;
        rk_study_point(sweep->study, family->point->point->index, scenario);
        family->weighed = scenario->recommend;
        if (family->weighed.prefer == RK_PREFER_PRICE) {
            err = rk_price_parse(family->weighed.price, family->weighed.cost, family->weighed.exposure, &family->price,
                                 &why);
            RK_REQUIRE(err == RK_OK); /* rk_constraints_check() has seen it */
        }
        rk_recommend_choose(family);
        if (family->recommended != NULL && family->weighed.prefer == RK_PREFER_PRICE) {
            find_optimum(sweep->study, family);
        }
    }
    free(scenario);
    free(of_point);
    return err;
}

void rk_recommend_fini(struct rk_recommendation *found)
{
    for (size_t i = 0; found->point != NULL && i < found->sweep->points; i++) {
        free(found->point[i].cost);
        free(found->point[i].exposure);
    }
    free(found->point);
    free(found->family);
    *found = (struct rk_recommendation){.families = 0};
}
