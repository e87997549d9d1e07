#include "engine/study/layers.h"

#include <stdio.h>
#include <string.h>

#include "engine/study/axes.h"
#include "engine/study/policy_file.h"

static const char none[] = "none";

/* The name that a key has at a point: of its axis, or of the scenario. */
static const char *name_at(const struct rk_study *study, size_t point, const char *key, const char *plain)
{
    const struct rk_axes *axes = &study->scenario.axes;
    for (size_t i = 0; i < axes->count; i++) {
        if (strcmp(axes->axis[i].key, key) == 0) {
            return rki_axes_value(axes, point, i)->text;
        }
    }
    return plain;
}

const struct rk_study_base *rki_layers_base(const struct rk_study *study, size_t point)
{
    const char *platform = name_at(study, point, "platform", study->scenario.platform);
    const char *service = name_at(study, point, "service", study->scenario.service);
    const char *policy = name_at(study, point, "policy.name", study->scenario.policy.name);
    for (size_t i = 0; i < study->bases; i++) {
        if (strcmp(study->base[i].scenario.platform, platform) == 0 &&
            strcmp(study->base[i].scenario.service, service) == 0 &&
            strcmp(study->base[i].scenario.policy.name, policy) == 0) {
            return &study->base[i];
        }
    }
    return NULL;
}

/* One file below the scenario's. out: *profile in the study's arena, NULL for "none"; *defaults, NULL where there are
 * none. */
static enum rk_err load_layer(struct rk_study *study, const struct rk_profile_kind *kind, const char *root,
                              const char *name, struct rk_mark mark, void **profile, char sha256[65],
                              const struct rk_yaml **defaults, struct rk_diag *diag)
{
    *profile = NULL;
    *defaults = NULL;
    if (strcmp(name, none) == 0) {
        return RK_OK;
    }
    struct rk_diag why;
    void *made = rk_arena_alloc(&study->arena, kind->size);
    bool exists = rk_profile_exists(kind, root, name);
    enum rk_err err = rk_profile_load(kind, root, name, made, &why);
    if (err != RK_OK) {
        return exists ? rk_fail(diag, err, "%s", why.text) : rk_fail_at(diag, mark, "%s", why.text);
    }
    struct rk_yaml *tree;
    const char *text, *path = (const char *)made + kind->path_offset;
    err = rki_text_read(path, &study->arena, &text, sha256, diag);
    if (err == RK_OK) {
        err = rk_yaml_load_file(path, &study->arena, &tree, diag);
    }
    if (err == RK_OK) {
        *profile = made;
        *defaults = rk_yaml_get(tree, "defaults");
    }
    return err;
}

/* What the command line sets beside the axes; it was checked when it was given. */
static void apply_overrides(const struct rk_study *study, struct rk_scenario *scenario)
{
    for (size_t i = 0; i < study->overrides; i++) {
        const char *assignment = study->override[i];
        char key[2 * RK_AXIS_TEXT_bytes];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(assignment, "="), assignment);
        if (strncmp(key, "axes.", 5) != 0) {
            struct rk_diag diag;
            enum rk_err err = rk_fields_set_at(rk_scenario_fields, key, strchr(assignment, '=') + 1,
                                               (struct rk_mark){"--set", 0, 0}, scenario, &diag);
            RK_REQUIRE(err == RK_OK);
        }
    }
}

static enum rk_err make_base(struct rk_study *study, const char *root, size_t point, struct rk_study_base *base,
                             struct rk_diag *diag)
{
    const char *platform = name_at(study, point, "platform", study->scenario.platform);
    const char *service = name_at(study, point, "service", study->scenario.service);
    const char *policy = name_at(study, point, "policy.name", study->scenario.policy.name);
    const struct rk_yaml *of_platform, *of_service, *of_policy;
    void *loaded;
    enum rk_err err = load_layer(study, &rk_platform_kind, root, platform, rk_study_mark(study, point, "platform"),
                                 &loaded, base->platform_sha256, &of_platform, diag);
    base->platform = loaded;
    if (err == RK_OK) {
        err = load_layer(study, &rk_service_kind, root, service, rk_study_mark(study, point, "service"), &loaded,
                         base->service_sha256, &of_service, diag);
        base->service = loaded;
    }
    if (err == RK_OK) {
        err = load_layer(study, &rk_policy_kind, root, policy, rk_study_mark(study, point, "policy.name"), &loaded,
                         base->policy_sha256, &of_policy, diag);
        base->policy = loaded;
    }
    if (err != RK_OK) {
        return err;
    }
    base->root = study->root;
    if (of_policy != NULL) {
        base->root = rk_yaml_overlay(&study->arena, of_policy, base->policy->path, base->root, study->path);
    }
    if (of_service != NULL) {
        base->root = rk_yaml_overlay(&study->arena, of_service, base->service->path, base->root, study->path);
    }
    if (of_platform != NULL) {
        base->root = rk_yaml_overlay(&study->arena, of_platform, base->platform->path, base->root, study->path);
    }
    err = rk_fields_load_node(rk_scenario_fields, study->path, base->root, &base->scenario, diag);
    if (err == RK_OK) {
        apply_overrides(study, &base->scenario);
        base->scenario.axes = study->scenario.axes;
        snprintf(base->scenario.platform, sizeof base->scenario.platform, "%s", platform);
        snprintf(base->scenario.service, sizeof base->scenario.service, "%s", service);
        snprintf(base->scenario.policy.name, sizeof base->scenario.policy.name, "%s", policy);
    }
    return err;
}

/* out: how many values an axis has, 1 where there is none. */
static size_t values_of(struct rk_axes *axes, const char *key)
{
    const struct rk_axis *axis = rki_axes_find(axes, key);
    return axis != NULL ? axis->count : 1;
}

enum rk_err rki_layers_load(struct rk_study *study, const char *root, struct rk_diag *diag)
{
    struct rk_axes *axes = &study->scenario.axes;
    size_t most = values_of(axes, "platform") * values_of(axes, "service") * values_of(axes, "policy.name"),
           points = rk_study_points(study);
    struct rk_study_base *base = rk_arena_array(&study->arena, most, sizeof *base);
    study->base = base;
    for (size_t point = 0; point < points && study->bases < most; point++) {
        if (rki_layers_base(study, point) == NULL) {
            enum rk_err err = make_base(study, root, point, &base[study->bases], diag);
            if (err != RK_OK) {
                return err;
            }
            study->bases++;
        }
    }
    study->scenario = base[0].scenario;
    return RK_OK;
}
