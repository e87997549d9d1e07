#include "bench/compare/gate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/fields.h"
#include "engine/model/trial.h"

/* Less is better of all but these. More sleep is what less work leaves. */
enum rk_better rk_gate_better(const char *metric)
{
    static const char *const high[] = {"battery_life_d", "battery_life_low_d", "battery_life_high_d",
                                       "nvm_life_y",     "known_answer",       NULL};
    static const char *const neither[] = {"assumed_share",
                                          "renewals_per_d",
                                          "messages_per_d",
                                          "compromises",
                                          "keys_per_device", "energy_sleep_J_per_d",
                                          "channel_busy_share",
                                          NULL};
    for (size_t i = 0; high[i] != NULL; i++) {
        if (strcmp(metric, high[i]) == 0) {
            return RK_BETTER_HIGH;
        }
    }
    for (size_t i = 0; neither[i] != NULL; i++) {
        if (strcmp(metric, neither[i]) == 0) {
            return RK_BETTER_NEITHER;
        }
    }
    return RK_BETTER_LOW;
}

/* --- the file --- */

static struct rk_mark mark_of(const char *path, const struct rk_yaml *node)
{
    return (struct rk_mark){.file = path, .line = node->line, .column = node->column};
}

static struct rk_mark key_mark_of(const char *path, const struct rk_yaml *node)
{
    return (struct rk_mark){.file = path, .line = node->key_line, .column = node->key_column};
}

/* The metrics that a rule may be for. */
static enum rk_err check_metric(const char *path, const struct rk_yaml *node, struct rk_diag *diag)
{
    static const char *const names[] = {"cycles_median",
                                        "cycles_max",
                                        "instructions",
                                        "stack_bytes",
                                        "heap_bytes",
                                        "ram_static_bytes",
                                        "flash_bytes",
                                        "nvm_write_bytes",
                                        "nvm_time_s",
                                        "energy_J",
                                        "secret_dependent",
                                        "known_answer",
#define METRIC_NAME(name, unit, help) #name,
                                        RK_METRICS(METRIC_NAME) NULL};
#undef METRIC_NAME
    struct rk_diag reason;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(node->key, names[i]) == 0) {
            return RK_OK;
        }
    }
    rk_unknown_name("metric", node->key, names, &reason);
    return rk_fail_at(diag, key_mark_of(path, node), "%s", reason.text);
}

static enum rk_err load_bound(struct rk_gate_rule *rule, const char *path, const struct rk_yaml *node,
                              struct rk_diag *diag)
{
    struct rk_diag reason;
    if (node->kind != RK_YAML_SCALAR) {
        return rk_fail_at(diag, mark_of(path, node), "%s is %s, expected a single value", node->key,
                          rk_yaml_kind_name(node->kind));
    }
    if (strcmp(node->key, "relative") == 0) {
        uint64_t ppm;
        if (rk_quantity_parse(RK_DIM_RATIO, node->text, &ppm, &reason) != RK_OK) {
            return rk_fail_at(diag, mark_of(path, node), "relative: %s", reason.text);
        }
        rule->relative = (double)ppm * 1e-6;
        return RK_OK;
    }
    if (strcmp(node->key, "absolute") == 0) {
        char *end;
        rule->absolute = strtod(node->text, &end);
        bool good = end != node->text && *end == '\0' && isfinite(rule->absolute) && rule->absolute >= 0;
        return good ? RK_OK
                    : rk_fail_at(diag, mark_of(path, node),
                                 "absolute '%s', expected a number from 0 in the metric's unit", node->text);
    }
    return rk_fail_at(diag, key_mark_of(path, node), "unknown key '%s', expected relative or absolute", node->key);
}

static enum rk_err load_rule(struct rk_gate *gate, const char *path, const struct rk_yaml *node, struct rk_diag *diag)
{
    enum rk_err err = check_metric(path, node, diag);
    if (err != RK_OK) {
        return err;
    }
    if (gate->rules == RK_GATE_RULES_MAX) {
        return rk_fail_at(diag, key_mark_of(path, node), "more than %d metrics, expected fewer", RK_GATE_RULES_MAX);
    }
    struct rk_gate_rule *rule = &gate->rule[gate->rules++];
    *rule = (struct rk_gate_rule){.relative = 0};
    snprintf(rule->metric, sizeof rule->metric, "%s", node->key);
    if (node->kind == RK_YAML_SCALAR && strcmp(node->text, "ignored") == 0) {
        rule->ignored = true;
        return RK_OK;
    }
    if (node->kind != RK_YAML_MAP) {
        return rk_fail_at(diag, mark_of(path, node), "%s, expected `ignored`, or a mapping of relative and absolute",
                          node->key);
    }
    for (const struct rk_yaml *bound = node->first; bound != NULL && err == RK_OK; bound = bound->next) {
        err = load_bound(rule, path, bound, diag);
    }
    return err;
}

static enum rk_err load_missing(struct rk_gate *gate, const char *path, const struct rk_yaml *node,
                                struct rk_diag *diag)
{
    if (node->kind == RK_YAML_SCALAR && strcmp(node->text, "report") == 0) {
        gate->missing_is_fine = true;
        return RK_OK;
    }
    bool fail = node->kind == RK_YAML_SCALAR && strcmp(node->text, "fail") == 0;
    return fail ? RK_OK : rk_fail_at(diag, mark_of(path, node), "missing, expected fail or report");
}

static enum rk_err load_root(struct rk_gate *gate, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    if (root->kind != RK_YAML_MAP) {
        return rk_fail_at(diag, mark_of(path, root), "%s, expected a mapping", rk_yaml_kind_name(root->kind));
    }
    for (const struct rk_yaml *node = root->first; node != NULL && err == RK_OK; node = node->next) {
        bool metrics = strcmp(node->key, "metrics") == 0;
        if (metrics && node->kind == RK_YAML_MAP) {
            for (const struct rk_yaml *rule = node->first; rule != NULL && err == RK_OK; rule = rule->next) {
                err = load_rule(gate, path, rule, diag);
            }
        } else if (metrics) {
            err = rk_fail_at(diag, mark_of(path, node), "metrics, expected a mapping from metrics to their bounds");
        } else if (strcmp(node->key, "missing") == 0) {
            err = load_missing(gate, path, node, diag);
        } else {
            err = rk_fail_at(diag, key_mark_of(path, node), "unknown key '%s', expected metrics or missing", node->key);
        }
    }
    return err;
}

enum rk_err rk_gate_load(struct rk_gate *gate, const char *path, struct rk_diag *diag)
{
    *gate = (struct rk_gate){.rules = 0};
    if (path == NULL) {
        return RK_OK;
    }
    struct rk_arena arena;
    struct rk_yaml *root;
    rk_arena_init(&arena);
    enum rk_err err = rk_yaml_load_file(path, &arena, &root, diag);
    if (err == RK_OK) {
        err = load_root(gate, path, root, diag);
    }
    rk_arena_fini(&arena);
    return err;
}

const struct rk_gate_rule *rk_gate_rule(const struct rk_gate *gate, const char *metric)
{
    static const struct rk_gate_rule exact = {.relative = 0};
    for (size_t i = 0; i < gate->rules; i++) {
        if (strcmp(gate->rule[i].metric, metric) == 0) {
            return &gate->rule[i];
        }
    }
    return &exact;
}
