#include "engine/study/platform_file.h"

#include <string.h>

#include "engine/model/association.h"
#include "engine/study/renew.h"

static const char *const kind_names[] = {"measured", "datasheet", "literature", "assumed", NULL};
static const char *const mechanism_names[] = {"ecdh",   "derive",  "transport", "refresh",
                                              "update", "counter", "static",    NULL};

#define WORDS(member)                                                                                                  \
    .type = RK_FIELD_LIST, .offset = offsetof(struct rk_platform_allows, member.word),                                 \
    .size = sizeof(((struct rk_platform_allows *)0)->member.word),                                                     \
    .count_offset = offsetof(struct rk_platform_allows, member.count), .stride = RK_WORD_bytes,                        \
    .capacity = RK_WORDS_max, .sub = rk_word_element, .min = 1

static const struct rk_field allows_fields[] = {
    {.key = "protocols", WORDS(protocols), .help = "values that the scenario's `protocol` may have"},
    {.key = "mechanisms", WORDS(mechanisms), .help = "values that `policy.mechanism` may have"},
    {.key = "aead", WORDS(aead), .help = "values that `suite.aead` may have"},
    {.key = "tags", WORDS(tags), .help = "values that `suite.tag` may have"},
    {.key = "curves", WORDS(curves), .help = "values that `suite.curve` may have"},
    {.key = "renew_least",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_platform_allows, renew_least_ns),
     .fallback = "",
     .help = "shortest time between renewals that can be configured"},
    {.key = "renew_most",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_platform_allows, renew_most_ns),
     .fallback = "",
     .help = "longest time between renewals that can be configured"},
    {.key = NULL},
};

static const struct rk_field renewal_fields[] = {
    {.key = "what", .type = RK_FIELD_TEXT, RK_AT(struct rk_platform_renewal, what), .min = 1, .help = "which renewal"},
    {.key = "mechanism",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_platform_renewal, mechanism),
     .choices = mechanism_names,
     .help = "what the new key is made from, as `policy.mechanism` has it"},
    {.key = "association",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_platform_renewal, association),
     .min = 2,
     .help = "class of that mechanism, A0 to A5; R23 takes A0 and A1"},
    {.key = "rule",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_platform_renewal, rule),
     .min = 1,
     .help = "whether it keeps R23 (no association with the existing key), and what says so"},
    {.key = "kind",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_platform_renewal, kind),
     .choices = kind_names,
     .help = "where this comes from"},
    {.key = "source",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_platform_renewal, source),
     .min = 1,
     .help = "document and clause, or file of a source tree"},
    {.key = NULL},
};

static const struct rk_field renewal_element[] = {{.key = "renewal", .type = RK_FIELD_RECORD, .sub = renewal_fields}};

const struct rk_field rk_platform_fields[] = {
    {.key = "name", .type = RK_FIELD_NAME, RK_AT(struct rk_platform, name), .min = 1, .help = "as the file is called"},
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct rk_platform, title), .min = 1, .help = "for people"},
    {.key = "about",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_platform, about),
     .min = 1,
     .help = "what it is, and what of it the files here are about"},
    {.key = "allows",
     .type = RK_FIELD_RECORD,
     RK_AT(struct rk_platform, allows),
     .sub = allows_fields,
     .help = "a scenario outside of it is refused"},
    {.key = "renewals",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_platform, renewal, renewals),
     .sub = renewal_element,
     .min = 1,
     .help = "how its keys are renewed"},
    {.key = "figures",
     .type = RK_FIELD_LIST,
     .offset = offsetof(struct rk_platform, figures.claim),
     .size = sizeof(((struct rk_platform *)0)->figures.claim),
     .count_offset = offsetof(struct rk_platform, figures.count),
     .stride = sizeof(struct rk_claim),
     .capacity = RK_CLAIMS_max,
     .sub = rk_claim_element,
     .min = 1,
     .help = "lifetimes, rotation and sizes, and what can be configured"},
    {.key = "defaults",
     .type = RK_FIELD_PART,
     .sub = rk_scenario_fields,
     .fallback = "",
     .help = "a scenario's keys: they hold where neither the scenario nor its service says otherwise"},
    {.key = NULL},
};

enum rk_err rki_defaults_check(const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    static const char *const fixed[] = {"name",     "title",   "question", "seed", "replications", "execution",
                                        "platform", "service", "engine",   "stop", "rank",         NULL};
    const struct rk_yaml *defaults = rk_yaml_get(root, "defaults");
    for (size_t i = 0; defaults != NULL && fixed[i] != NULL; i++) {
        const struct rk_yaml *node = rk_yaml_get(defaults, fixed[i]);
        if (node != NULL) {
            return rk_fail_at(diag, (struct rk_mark){path, node->key_line, node->key_column},
                              "key '%s' is the study's, expected a key of what is simulated", node->key);
        }
    }
    return RK_OK;
}

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_platform *platform = profile;
    const struct rk_yaml *node = rk_yaml_get(root, "renewals")->first;
    for (size_t i = 0; i < platform->renewals; i++, node = node->next) {
        const char *class = rk_mechanism_class(platform->renewal[i].mechanism);
        if (strcmp(platform->renewal[i].association, class) != 0) {
            return rk_fail_at(diag, rk_profile_mark(path, node, "association"),
                              "association: '%s' of the mechanism %s, expected '%s'", platform->renewal[i].association,
                              rk_mechanism_name(platform->renewal[i].mechanism), class);
        }
    }
    return rki_defaults_check(path, root, diag);
}

const struct rk_profile_kind rk_platform_kind = {
    .what = "platform",
    .folder = "scenarios/platforms",
    .file = NULL,
    .fields = rk_platform_fields,
    .size = sizeof(struct rk_platform),
    .path_offset = offsetof(struct rk_platform, path),
    .check = check,
};

/* What a scenario may have */

static enum rk_err refuse(const struct rk_platform *platform, const char *key, const char *value,
                          const struct rk_words *words, struct rk_mark mark, struct rk_diag *diag)
{
    char all[320] = "";
    size_t used = 0;
    for (size_t i = 0; i < words->count && used < sizeof all; i++) {
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", words->word[i]);
    }
    return rk_fail_at(diag, mark, "%s: '%s' is not of platform %s, expected %s%s", key, value, platform->name,
                      words->count > 1 ? "one of " : "", all);
}

static bool among(const struct rk_words *words, const char *value)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->word[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static enum rk_err check_interval(const struct rk_platform *platform, const struct rk_scenario *scenario,
                                  struct rk_mark mark, struct rk_diag *diag)
{
    struct rk_policy policy = rk_scenario_policy(scenario);
    uint64_t interval_ns = rk_renew_interval_ns(&policy, scenario->traffic.period_ns, scenario->traffic.session_ns);
    uint64_t least_ns = platform->allows.renew_least_ns.value, most_ns = platform->allows.renew_most_ns.value;
    bool often = interval_ns < least_ns, seldom = most_ns != 0 && interval_ns > most_ns;
    if (!often && !seldom) {
        return RK_OK;
    }
    char bound[RK_QUANTITY_TEXT_bytes];
    rk_quantity_format(RK_DIM_TIME, often ? least_ns : most_ns, bound);
    return rk_fail_at(diag, mark, "renew: '%s' on platform %s, expected %s %s between renewals (%s)",
                      scenario->policy.renew, platform->name, often ? "at least" : "at most", bound,
                      often ? platform->allows.renew_least_ns.source : platform->allows.renew_most_ns.source);
}

enum rk_err rk_platform_check(const struct rk_platform *platform, const struct rk_scenario *scenario,
                              struct rk_mark (*mark)(const void *context, const char *key), const void *context,
                              struct rk_diag *diag)
{
    const struct rk_platform_allows *allows = &platform->allows;
    const struct {
        const char *key;
        const struct rk_words *words;
    } lists[] = {{"protocol", &allows->protocols},
                 {"policy.mechanism", &allows->mechanisms},
                 {"suite.aead", &allows->aead},
                 {"suite.tag", &allows->tags},
                 {"suite.curve", &allows->curves}};
    /* A protocol says itself what a new key is made from. */
    bool own = strcmp(scenario->protocol, "own") == 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char value[RK_AXIS_TEXT_bytes];
        if (lists[i].words == &allows->mechanisms && !own) {
            continue;
        }
        enum rk_err err = rk_fields_format(rk_scenario_fields, lists[i].key, scenario, value, sizeof value, diag);
        if (err == RK_OK && !among(lists[i].words, value)) {
            const char *dot = strrchr(lists[i].key, '.');
            err = refuse(platform, dot != NULL ? dot + 1 : lists[i].key, value, lists[i].words,
                         mark(context, lists[i].key), diag);
        }
        if (err != RK_OK) {
            return err;
        }
    }
    return check_interval(platform, scenario, mark(context, "policy.renew"), diag);
}
