#include "engine/study/scenario.h"

#include <stdio.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/lifecycle/key_type.h"
#include "engine/study/axes.h"
#include "engine/study/layers.h"
#include "engine/study/scenario_internal.h"
#include "engine/study/renew.h"
#include "engine/study/rules.h"

static const char axes_prefix[] = "axes.";

enum rk_err rki_text_read(const char *path, struct rk_arena *arena, const char **read, char sha256[65],
                          struct rk_diag *diag)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
    }
    fseek(file, 0, SEEK_END);
    long bytes = ftell(file);
    rewind(file);
    char *text = rk_arena_alloc(arena, (size_t)(bytes < 0 ? 0 : bytes) + 1);
    bool whole = bytes >= 0 && fread(text, 1, (size_t)bytes, file) == (size_t)bytes;
    fclose(file);
    if (!whole) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
    }
    *read = text;
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, (size_t)bytes);
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, sha256);
    return RK_OK;
}

/* The command line */

static enum rk_err override(struct rk_study *study, const char *assignment, struct rk_diag *diag)
{
    char where[160], key[RK_AXIS_TEXT_bytes + sizeof axes_prefix];
    snprintf(where, sizeof where, "--set %.120s", assignment);
    struct rk_mark mark = {where, 0, 0};
    size_t length = strcspn(assignment, "=");
    if (assignment[length] != '=' || length == 0 || length >= sizeof key) {
        return rk_fail_at(diag, mark, "no assignment, expected KEY=VALUE");
    }
    if (study->overrides == RK_OVERRIDES_max) {
        return rk_fail_at(diag, mark, "too many, expected at most %d", RK_OVERRIDES_max);
    }
    study->override[study->overrides++] = rk_arena_text(&study->arena, assignment, strlen(assignment));
    memcpy(key, assignment, length);
    key[length] = '\0';
    const char *value = assignment + length + 1;
    struct rk_axes *axes = &study->scenario.axes;
    if (strncmp(key, axes_prefix, strlen(axes_prefix)) == 0) {
        return rki_axes_set(axes, key + strlen(axes_prefix), value, mark, diag);
    }
    enum rk_err err = rk_fields_set_at(rk_scenario_fields, key, value, mark, &study->scenario, diag);
    struct rk_axis *axis = rki_axes_find(axes, key);
    if (err == RK_OK && axis != NULL) {
        err = rki_axes_narrow(axis, value, mark, diag);
    }
    return err;
}

/* Points */

size_t rk_study_points(const struct rk_study *study)
{
    return rki_axes_points(&study->scenario.axes);
}

const char *rk_study_axis_value(const struct rk_study *study, size_t point, size_t axis)
{
    return rki_axes_value(&study->scenario.axes, point, axis)->text;
}

void rk_study_label(const struct rk_study *study, size_t point, char label[RK_LABEL_bytes])
{
    const struct rk_axes *axes = &study->scenario.axes;
    if (axes->count == 0) {
        snprintf(label, RK_LABEL_bytes, "%s", study->scenario.name);
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < axes->count && used < RK_LABEL_bytes; i++) {
        used += (size_t)snprintf(label + used, RK_LABEL_bytes - used, "%s%s=%s", i == 0 ? "" : " ", axes->axis[i].key,
                                 rk_study_axis_value(study, point, i));
    }
}

void rk_study_point(const struct rk_study *study, size_t point, struct rk_scenario *scenario)
{
    *scenario = rki_layers_base(study, point)->scenario;
    scenario->engine.tier = study->scenario.engine.tier;
    for (size_t i = 0; i < study->scenario.axes.count; i++) {
        struct rk_diag diag;
        enum rk_err err =
            rk_fields_set_at(rk_scenario_fields, study->scenario.axes.axis[i].key, rk_study_axis_value(study, point, i),
                             (struct rk_mark){"axes", 0, 0}, scenario, &diag);
        RK_REQUIRE(err == RK_OK);
    }
}

/* "--set KEY=..." or "--set axes.KEY=...", the last one given; NULL when the key was not given. */
static const char *override_of(const struct rk_study *study, const char *key)
{
    size_t length = strlen(key);
    for (size_t i = study->overrides; i-- > 0;) {
        const char *text = study->override[i];
        text += strncmp(text, axes_prefix, strlen(axes_prefix)) == 0 ? strlen(axes_prefix) : 0;
        if (strncmp(text, key, length) == 0 && text[length] == '=') {
            return study->override[i];
        }
    }
    return NULL;
}

/* The deepest node of the tree on the way to a dotted key: a default has no place of its own. */
static struct rk_mark mark_in(const struct rk_study *study, const struct rk_yaml *node, const char *key)
{
    while (*key != '\0' && node->kind == RK_YAML_MAP) {
        char part[RK_AXIS_TEXT_bytes];
        size_t length = strcspn(key, ".");
        snprintf(part, sizeof part, "%.*s", (int)length, key);
        const struct rk_yaml *member = rk_yaml_get(node, part);
        if (member == NULL) {
            break;
        }
        node = member;
        key += length + (key[length] == '.');
    }
    return (struct rk_mark){node->file != NULL ? node->file : study->path, node->line, node->column};
}

struct rk_mark rk_study_mark(const struct rk_study *study, size_t point, const char *key)
{
    static _Thread_local char where[160];
    const char *given = override_of(study, key);
    if (given != NULL) {
        snprintf(where, sizeof where, "--set %.120s", given);
        return (struct rk_mark){where, 0, 0};
    }
    for (size_t i = 0; i < study->scenario.axes.count; i++) {
        if (strcmp(study->scenario.axes.axis[i].key, key) == 0) {
            const struct rk_axis_value *value = rki_axes_value(&study->scenario.axes, point, i);
            return (struct rk_mark){study->path, value->line, value->column};
        }
    }
    const struct rk_study_base *base = rki_layers_base(study, point);
    return mark_in(study, base != NULL ? base->root : study->root, key);
}

const struct rk_platform *rk_study_platform(const struct rk_study *study, size_t point)
{
    return rki_layers_base(study, point)->platform;
}

const struct rk_service_profile *rk_study_service(const struct rk_study *study, size_t point)
{
    return rki_layers_base(study, point)->service;
}

/* The agent's keys are data-encryption keys. */
rk_ns rki_scenario_suggested_ns(void)
{
    return rk_key_type_originator_d(RK_KEY_DATA_ENCRYPTION) * RK_DAY;
}

rk_ns rki_scenario_cryptoperiod_ns(const struct rk_scenario *scenario)
{
    rk_ns period_ns = scenario->policy.cryptoperiod_ns;
    return period_ns == RK_CRYPTOPERIOD_TYPE ? rki_scenario_suggested_ns() : period_ns;
}

struct rk_policy rk_scenario_policy(const struct rk_scenario *scenario)
{
    struct rk_policy policy = {.mechanism = scenario->policy.mechanism,
                               .attempts = scenario->policy.attempts,
                               .jitter_ppm = scenario->policy.jitter_ppm,
                               .retry_ns = scenario->policy.retry_ns,
                               .overlap_ns = scenario->policy.overlap_ns,
                               .cryptoperiod_ns = rki_scenario_cryptoperiod_ns(scenario)};
    struct rk_renew more;
    struct rk_diag diag;
    RK_REQUIRE(rk_renew_parse(scenario->policy.renew, &policy, &more, &diag) == RK_OK);
    rk_renew_resolve(&more, scenario->traffic.payload_bytes, &policy);
    return policy;
}

static enum rk_err count_points(const struct rk_study *study, struct rk_diag *diag)
{
    return rk_study_points(study) <= RK_POINTS_max
               ? RK_OK
               : rk_fail_at(diag, mark_in(study, study->root, "axes"),
                            "axes: more than %d combinations, expected fewer values", RK_POINTS_max);
}

/* The command line may have changed one column of a zip. */
static enum rk_err settle_axes(struct rk_study *study, struct rk_diag *diag)
{
    const struct rk_axis *uneven = rki_axes_settle(&study->scenario.axes);
    if (uneven != NULL) {
        return rk_fail_at(diag, rk_study_mark(study, 0, uneven->key),
                          "axis '%s': %zu values, expected %zu, as many as '%s' beside it", uneven->key, uneven->count,
                          uneven[-1].count, uneven[-1].key);
    }
    return RK_OK;
}

/* An axis over what makes the study itself would mix studies. */
static enum rk_err check_axes(const struct rk_study *study, struct rk_diag *diag)
{
    static const char *const fixed[] = {"name", "title", "question", "seed", "replications"};
    for (size_t i = 0; i < study->scenario.axes.count; i++) {
        const char *key = study->scenario.axes.axis[i].key;
        if (strcmp(key, "engine.tier") == 0) {
            return rk_fail_at(diag, rk_study_mark(study, 0, key),
                              "axis '%s': no result depends on it, expected another key", key);
        }
        for (size_t j = 0; j < sizeof fixed / sizeof fixed[0]; j++) {
            if (strcmp(key, fixed[j]) == 0) {
                return rk_fail_at(diag, rk_study_mark(study, 0, key),
                                  "axis '%s': it names the whole study, expected another key", key);
            }
        }
    }
    return RK_OK;
}

enum rk_err rk_study_load(struct rk_study *study, const char *root, const char *path, const char *const *set,
                          size_t sets, struct rk_diag *diag)
{
    memset(study, 0, sizeof *study);
    rk_arena_init(&study->arena);
    study->path = rk_arena_text(&study->arena, path, strlen(path));
    enum rk_err err = rk_yaml_load_file(study->path, &study->arena, &study->root, diag);
    if (err == RK_OK) {
        err = rki_text_read(study->path, &study->arena, &study->text, study->sha256, diag);
    }
    if (err == RK_OK) {
        /* What lies below may have what this file lacks; whether anything is missing is seen when all is there. */
        snprintf(study->scenario.platform, sizeof study->scenario.platform, "none");
        snprintf(study->scenario.service, sizeof study->scenario.service, "none");
        snprintf(study->scenario.policy.name, sizeof study->scenario.policy.name, "none");
        err = rk_fields_load_over(rk_scenario_fields, study->path, study->root, &study->scenario, diag);
    }
    for (size_t i = 0; i < sets && err == RK_OK; i++) {
        err = override(study, set[i], diag);
    }
    if (err == RK_OK) {
        err = settle_axes(study, diag);
    }
    if (err == RK_OK) {
        err = check_axes(study, diag);
    }
    if (err == RK_OK) {
        err = count_points(study, diag);
    }
    if (err == RK_OK) {
        err = rki_layers_load(study, root, diag);
    }
    if (err == RK_OK) {
        err = rk_rules_check(study, diag);
    }
    return err == RK_OK ? rki_scenario_check_points(study, diag) : err;
}

void rk_study_fini(struct rk_study *study)
{
    rk_arena_fini(&study->arena);
}
