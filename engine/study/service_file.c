#include "engine/study/service_file.h"

#include "engine/study/platform_file.h"

static const char *const need_names[] = {"low", "medium", "high", "very high", NULL};

/* A list in a struct of its own: struct rk_words, rk_lines, rk_claims. */
#define LIST(member, array, element)                                                                                   \
    .type = RK_FIELD_LIST, .offset = offsetof(struct rk_service_profile, member.array),                                \
    .size = sizeof(((struct rk_service_profile *)0)->member.array),                                                    \
    .count_offset = offsetof(struct rk_service_profile, member.count),                                                 \
    .stride = sizeof(((struct rk_service_profile *)0)->member.array[0]),                                               \
    .capacity = sizeof(((struct rk_service_profile *)0)->member.array) /                                               \
                sizeof(((struct rk_service_profile *)0)->member.array[0]),                                             \
    .sub = element, .min = 1

#define NEED(member) .type = RK_FIELD_CHOICE, RK_AT(struct rk_service_data, member), .choices = need_names

static const struct rk_field data_fields[] = {
    {.key = "confidentiality", NEED(confidentiality), .help = "what it costs when others read the data"},
    {.key = "integrity", NEED(integrity), .help = "what it costs when others change the data"},
    {.key = "availability", NEED(availability), .help = "what it costs when the data do not arrive"},
    {.key = NULL},
};

static const struct rk_field needs_fields[] = {
    {.key = "tag",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_service_needs, tag_least_bytes),
     .max = 16,
     .fallback = "8 B",
     .help = "authentication tag, at least"},
    {.key = "heals",
     .type = RK_FIELD_FLAG,
     RK_AT(struct rk_service_needs, heals),
     .fallback = "false",
     .help = "a leaked session key must not lead to the next one: association class A0 or A1"},
    {.key = "life",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_service_needs, life_ns),
     .help = "how long a device works, at least"},
    {.key = "delay",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_service_needs, delay_ns),
     .help = "from the sample to its delivery, at most"},
    {.key = "renew",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_service_needs, renew_most_ns),
     .help = "between renewals, at most"},
    {.key = NULL},
};

const struct rk_field rk_service_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_service_profile, name),
     .min = 1,
     .help = "as the file is called"},
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct rk_service_profile, title), .min = 1, .help = "for people"},
    {.key = "about", .type = RK_FIELD_TEXT, RK_AT(struct rk_service_profile, about), .min = 1, .help = "what it does"},
    {.key = "devices", LIST(devices, word, rk_word_element), .help = "of the paper's table"},
    {.key = "classes", LIST(classes, word, rk_word_element), .help = "the paper's classes of these devices"},
    {.key = "platforms",
     LIST(platforms, word, rk_word_element),
     .help = "that suit it; on others a scenario is warned"},
    {.key = "data",
     .type = RK_FIELD_RECORD,
     RK_AT(struct rk_service_profile, data),
     .sub = data_fields,
     .help = "how sensitive they are"},
    {.key = "needs",
     .type = RK_FIELD_RECORD,
     RK_AT(struct rk_service_profile, needs),
     .sub = needs_fields,
     .help = "what the audit judges, and a recommendation is held to"},
    {.key = "constraints", LIST(constraints, line, rk_line_element), .help = "beside those"},
    {.key = "policy", LIST(policy, line, rk_line_element), .help = "suggested: when and how keys are renewed"},
    {.key = "figures", LIST(figures, claim, rk_claim_element), .help = "where traffic, life and limits come from"},
    {.key = "defaults",
     .type = RK_FIELD_PART,
     .sub = rk_scenario_fields,
     .fallback = "",
     .help = "a scenario's keys: they hold where the scenario does not say otherwise"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    (void)profile;
    return rki_defaults_check(path, root, diag);
}

const struct rk_profile_kind rk_service_kind = {
    .what = "service",
    .folder = "scenarios/services",
    .file = NULL,
    .fields = rk_service_fields,
    .size = sizeof(struct rk_service_profile),
    .path_offset = offsetof(struct rk_service_profile, path),
    .check = check,
};
