#include "engine/study/policy_file.h"

#include <string.h>

#include "engine/study/platform_file.h"

const struct rk_field rk_policy_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_policy_profile, name),
     .min = 1,
     .help = "as the file is called"},
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct rk_policy_profile, title), .min = 1, .help = "for people"},
    {.key = "about",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_policy_profile, about),
     .min = 1,
     .help = "when it renews, how, and what for"},
    {.key = "source",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_policy_profile, source),
     .min = 1,
     .help = "who recommends it or does so"},
    {.key = "defaults",
     .type = RK_FIELD_PART,
     .sub = rk_scenario_fields,
     .help = "a scenario's keys: they hold where the scenario does not say otherwise"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    static const char *const taken[] = {"policy", "suite", "events", NULL};
    const struct rk_yaml *defaults = rk_yaml_get(root, "defaults");
    (void)profile;
    for (const struct rk_yaml *node = defaults->first; node != NULL; node = node->next) {
        size_t i = 0;
        while (taken[i] != NULL && strcmp(taken[i], node->key) != 0) {
            i++;
        }
        if (taken[i] == NULL) {
            return rk_fail_at(diag, (struct rk_mark){path, node->key_line, node->key_column},
                              "key '%s' is none of a policy's, expected policy, suite or events", node->key);
        }
    }
    return rki_defaults_check(path, root, diag);
}

const struct rk_profile_kind rk_policy_kind = {
    .what = "policy",
    .folder = "scenarios/policies",
    .file = NULL,
    .fields = rk_policy_fields,
    .size = sizeof(struct rk_policy_profile),
    .path_offset = offsetof(struct rk_policy_profile, path),
    .check = check,
};
