#include "engine/study/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct rk_axis *axis_of(const struct rk_axes *axes, const char *key)
{
    for (size_t i = 0; i < axes->count; i++) {
        if (strcmp(axes->axis[i].key, key) == 0) {
            return &axes->axis[i];
        }
    }
    return NULL;
}

static enum rk_err check_stop(const struct rk_study *study, struct rk_diag *diag)
{
    const struct rk_scenario *scenario = &study->scenario;
    if (scenario->stop.metric == 0) {
        return RK_OK;
    }
    if (scenario->stop.renewals > 0) {
        return rk_fail_at(diag, rk_study_mark(study, 0, "stop.renewals"),
                          "renewals: beside a metric whose interval is to be narrow, expected one of the two");
    }
    if (scenario->replications < RK_STOP_LEAST) {
        return rk_fail_at(diag, rk_study_mark(study, 0, "replications"),
                          "replications: %u before the first look of `stop`, expected at least %d",
                          scenario->replications, RK_STOP_LEAST);
    }
    if (scenario->stop.replications_max < scenario->replications) {
        return rk_fail_at(diag, rk_study_mark(study, 0, "stop.replications_max"),
                          "replications_max: %u, expected at least the %u replications of the first look",
                          scenario->stop.replications_max, scenario->replications);
    }
    return RK_OK;
}

static enum rk_err check_rank(const struct rk_study *study, struct rk_diag *diag)
{
    const struct rk_scenario *scenario = &study->scenario;
    const char *over = scenario->rank.over, *nearest[RK_AXES_max + 1] = {NULL};
    struct rk_diag why;
    if (scenario->rank.metric == 0 || over[0] == '\0' || axis_of(&scenario->axes, over) != NULL) {
        return RK_OK;
    }
    for (size_t i = 0; i < scenario->axes.count; i++) {
        nearest[i] = scenario->axes.axis[i].key;
    }
    if (scenario->axes.count == 0) {
        return rk_fail_at(diag, rk_study_mark(study, 0, "rank.over"),
                          "over: '%s' in a study without axes, expected an axis", over);
    }
    enum rk_err err = rk_unknown_name("axis", over, nearest, &why);
    return rk_fail_at(diag, rk_study_mark(study, 0, "rank.over"), "over: %s", err == RK_OK ? "" : why.text);
}

enum rk_err rk_rules_check(const struct rk_study *study, struct rk_diag *diag)
{
    for (size_t i = 0; i < study->scenario.axes.count; i++) {
        const char *key = study->scenario.axes.axis[i].key;
        if (strncmp(key, "stop.", 5) == 0 || strncmp(key, "rank.", 5) == 0) {
            return rk_fail_at(diag, rk_study_mark(study, 0, key),
                              "axis '%s': it is a rule for the whole study, expected another key", key);
        }
    }
    enum rk_err err = check_stop(study, diag);
    return err == RK_OK ? check_rank(study, diag) : err;
}

struct rk_rules rk_rules_of(const struct rk_scenario *scenario)
{
    bool stops = scenario->stop.metric != 0;
    struct rk_rules rules = {
        .stop = {.ci95_ppm = stops ? scenario->stop.ci95_ppm : 0,
                 .first = scenario->replications,
                 .last = stops ? scenario->stop.replications_max : scenario->replications},
        .stop_metric = (int)scenario->stop.metric - 1,
        .rank_metric = (int)scenario->rank.metric - 1,
        .best_high = scenario->rank.best == RK_SCENARIO_BEST_HIGH,
        .seed = scenario->seed,
    };
    /* The columns of a zip are one axis. */
    const struct rk_axis *over = axis_of(&scenario->axes, scenario->rank.over);
    for (size_t i = 0; i < scenario->axes.count && over != NULL; i++) {
        const struct rk_axis *axis = &scenario->axes.axis[i];
        if (axis == over || (over->zip != 0 && axis->zip == over->zip)) {
            size_t used = strlen(rules.rank_over);
            snprintf(rules.rank_over + used, sizeof rules.rank_over - used, "%s ", axis->key);
        }
    }
    return rules;
}

/* The results */

static const char *metric_name(int metric)
{
    return metric < 0 ? "none" : rk_metric_info[metric].name;
}

enum rk_err rk_rules_put(struct rk_store *store, const struct rk_rules *rules, struct rk_diag *diag)
{
    char ci95[16], last[16];
    snprintf(ci95, sizeof ci95, "%" PRIu32, rules->stop.ci95_ppm);
    snprintf(last, sizeof last, "%" PRIu32, rules->stop.last);
    const char *const rows[][2] = {
        {"stop_metric", metric_name(rules->stop_metric)},
        {"stop_ci95_ppm", ci95},
        {"replications_max", last},
        {"rank_metric", metric_name(rules->rank_metric)},
        {"rank_over", rules->rank_over},
        {"rank_best", rules->best_high ? "high" : "low"},
    };
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && err == RK_OK; i++) {
        err = rk_store_put_meta(store, rows[i][0], rows[i][1], diag);
    }
    return err;
}

static enum rk_err read_metric(const char *name, int *metric, struct rk_diag *diag)
{
    *metric = -1;
    if (strcmp(name, "none") == 0) {
        return RK_OK;
    }
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        if (strcmp(name, rk_metric_info[i].name) == 0) {
            *metric = i;
            return RK_OK;
        }
    }
    return rk_fail(diag, RK_ERR_INPUT, "results with a rule about the metric %.64s, expected one of this version",
                   name);
}

static enum rk_err read_row(struct rk_rules *rules, const char *key, const char *value, struct rk_diag *diag)
{
    if (strcmp(key, "stop_metric") == 0) {
        return read_metric(value, &rules->stop_metric, diag);
    }
    if (strcmp(key, "rank_metric") == 0) {
        return read_metric(value, &rules->rank_metric, diag);
    }
    if (strcmp(key, "stop_ci95_ppm") == 0) {
        rules->stop.ci95_ppm = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(key, "replications") == 0) {
        rules->stop.first = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(key, "replications_max") == 0) {
        rules->stop.last = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(key, "rank_over") == 0) {
        snprintf(rules->rank_over, sizeof rules->rank_over, "%s", value);
    } else if (strcmp(key, "rank_best") == 0) {
        rules->best_high = strcmp(value, "high") == 0;
    } else if (strcmp(key, "seed") == 0) {
        rules->seed = strtoull(value, NULL, 10);
    }
    return RK_OK;
}

enum rk_err rk_rules_read(struct rk_store *store, struct rk_rules *rules, struct rk_diag *diag)
{
    sqlite3 *db = rk_store_database(store);
    sqlite3_stmt *row = NULL;
    enum rk_err err = RK_OK;
    *rules = (struct rk_rules){.stop_metric = -1, .rank_metric = -1};
    int result = sqlite3_prepare_v2(db, "SELECT key, value FROM meta", -1, &row, NULL);
    while ((result = result == SQLITE_OK || result == SQLITE_ROW ? sqlite3_step(row) : result) == SQLITE_ROW &&
           err == RK_OK) {
        err =
            read_row(rules, (const char *)sqlite3_column_text(row, 0), (const char *)sqlite3_column_text(row, 1), diag);
    }
    if (err == RK_OK && result != SQLITE_DONE) {
        err = rk_fail(diag, RK_ERR_IO, "results cannot be read: %s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(row);
    return err;
}
