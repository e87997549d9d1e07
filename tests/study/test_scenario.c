/* Scenario files: what they say, what is refused and how, axes, renewals, the command line's changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lifecycle/key.h"
#include "engine/study/renew.h"
#include "engine/study/scenario.h"

static const char tiny[] = "tests/study/tiny.yaml";
static struct rk_study study;
static struct rk_scenario scenario;

static void load(const char *const *set, size_t sets)
{
    struct rk_diag diag = {""};
    if (rk_study_load(&study, "tests/study/tree", tiny, set, sets, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
}

/* Renewals */

static void expect_renewal(const char *text, struct rk_policy expected)
{
    struct rk_policy policy = {.attempts = 3};
    expected.attempts = 3;
    assert_int_equal(rk_renew_parse(text, &policy, NULL, NULL), RK_OK);
    assert_memory_equal(&policy, &expected, sizeof policy);
}

static void renewals_are_read(void **state)
{
    (void)state;
    expect_renewal("never", (struct rk_policy){.triggers = 0});
    expect_renewal("every message", (struct rk_policy){.triggers = RK_TRIGGER_MESSAGES, .messages = 1});
    expect_renewal("every 250 messages", (struct rk_policy){.triggers = RK_TRIGGER_MESSAGES, .messages = 250});
    expect_renewal("every 4294967295 messages",
                   (struct rk_policy){.triggers = RK_TRIGGER_MESSAGES, .messages = UINT32_MAX});
    expect_renewal("every session", (struct rk_policy){.triggers = RK_TRIGGER_SESSION});
    expect_renewal("30 d", (struct rk_policy){.triggers = RK_TRIGGER_INTERVAL, .interval_ns = 30 * RK_DAY});
    expect_renewal("1 d or every 100 messages or every session",
                   (struct rk_policy){.triggers = RK_TRIGGER_INTERVAL | RK_TRIGGER_MESSAGES | RK_TRIGGER_SESSION,
                                      .interval_ns = RK_DAY,
                                      .messages = 100});
}

static void amounts_shares_and_occasions_are_renewals(void **state)
{
    (void)state;
    struct rk_policy policy = {.attempts = 1, .messages_max = 1000};
    struct rk_renew more;
    expect_renewal("reboot or firmware or owner or suspicion or membership or every session",
                   (struct rk_policy){.triggers = RK_TRIGGER_OCCASIONS});
    expect_renewal("8192 failed", (struct rk_policy){.failed_max = 8192});
    assert_int_equal(rk_renew_parse("1 KiB or 25 % of limit", &policy, &more, NULL), RK_OK);
    assert_int_equal(policy.triggers, 0);
    rk_renew_resolve(&more, 40, &policy); /* 25 messages of 40 bytes are fewer than 250 */
    assert_int_equal(policy.triggers, RK_TRIGGER_MESSAGES);
    assert_int_equal(policy.messages, 25);
    more.bytes = 0;
    policy.triggers = 0;
    rk_renew_resolve(&more, 40, &policy);
    assert_int_equal(policy.messages, 250);
    more = (struct rk_renew){.bytes = 10};
    rk_renew_resolve(&more, 40, &policy); /* less than a message: each */
    assert_int_equal(policy.messages, 1);
}

static void renewals_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "30d",
                                        "0 d",
                                        "-1 d",
                                        "every",
                                        "every messages",
                                        "every 0 messages",
                                        "every 01 messages",
                                        "every 4294967296 messages",
                                        "every 2  messages",
                                        "Never",
                                        "never or 1 d",
                                        "1 d or ",
                                        " or 1 d",
                                        "1 d or 2 d",
                                        "every message or every 2 messages",
                                        "1 d, 2 d",
                                        "every session or every session",
                                        "1e3 s",
                                        "0 failed",
                                        "5 failed or 6 failed",
                                        "0 B",
                                        "1 KiB or 2 KiB",
                                        "0 % of limit",
                                        "101 % of limit",
                                        "reboot or reboot",
                                        "nan d"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rk_policy policy = {.attempts = 7, .messages = 9}, before = policy;
        struct rk_diag diag = {""};
        assert_int_equal(rk_renew_parse(texts[i], &policy, NULL, &diag), RK_ERR_INPUT);
        assert_memory_equal(&policy, &before, sizeof policy);
        assert_non_null(strstr(diag.text, ", expected never, every message"));
    }
}

static void intervals_are_the_shortest_trigger(void **state)
{
    (void)state;
    struct rk_policy policy = {
        .triggers = RK_TRIGGER_INTERVAL | RK_TRIGGER_MESSAGES | RK_TRIGGER_SESSION, .interval_ns = 100, .messages = 3};
    assert_int_equal(rk_renew_interval_ns(&policy, 30, 95), 90);
    assert_int_equal(rk_renew_interval_ns(&policy, 40, 95), 95);
    assert_int_equal(rk_renew_interval_ns(&policy, 40, 0), 100);
    policy.triggers = 0;
    assert_true(rk_renew_interval_ns(&policy, 40, 95) == RK_NEVER);
    policy.triggers = RK_TRIGGER_MESSAGES;
    assert_true(rk_renew_interval_ns(&policy, UINT64_MAX / 2, 0) == RK_NEVER);
    policy.messages_max = 2; /* exhausted before the trigger */
    assert_int_equal(rk_renew_interval_ns(&policy, 30, 0), 60);
    policy.triggers = 0; /* exhausted, and never renewed */
    assert_true(rk_renew_interval_ns(&policy, 30, 0) == RK_NEVER);
}

/* Files */

static void values_arrive(void **state)
{
    (void)state;
    load(NULL, 0);
    rk_study_point(&study, 0, &scenario);
    assert_string_equal(scenario.name, "tiny");
    assert_int_equal(scenario.replications, 4);
    assert_true(scenario.horizon_ns == 20 * RK_DAY);
    assert_true(scenario.traffic.period_ns == 1800 * RK_S);
    assert_int_equal(scenario.traffic.jitter_ppm, 100000);
    assert_int_equal(scenario.traffic.payload_bytes, 20);
    assert_int_equal(scenario.link.loss_ppm, 50000);
    assert_true(scenario.adversary.compromise_per_1e9y == 40000000000);
    assert_int_equal(scenario.suite.aead, RK_SCENARIO_AEAD_AUTO);
    assert_int_equal(scenario.policy.mechanism, RK_MECHANISM_DERIVE);
    assert_true(scenario.policy.cryptoperiod_ns == RK_NEVER);
    assert_string_equal(scenario.battery, "default");
    assert_int_equal(scenario.execution, RK_EXECUTION_MODELLED);
    rk_study_fini(&study);
}

static void axes_are_in_the_order_of_the_file(void **state)
{
    (void)state;
    static const char *const expected[] = {"device=mote policy.mechanism=derive policy.renew=1 h",
                                           "device=mote policy.mechanism=derive policy.renew=1 d",
                                           "device=mote policy.mechanism=derive policy.renew=never",
                                           "device=mote policy.mechanism=transport policy.renew=1 h",
                                           "device=mote policy.mechanism=transport policy.renew=1 d",
                                           "device=mote policy.mechanism=transport policy.renew=never",
                                           "device=node policy.mechanism=derive policy.renew=1 h"};
    char label[RK_LABEL_bytes];
    load(NULL, 0);
    assert_int_equal(rk_study_points(&study), 12);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        rk_study_label(&study, i, label);
        assert_string_equal(label, expected[i]);
    }
    rk_study_point(&study, 4, &scenario);
    assert_string_equal(scenario.policy.renew, "1 d");
    assert_int_equal(scenario.policy.mechanism, RK_MECHANISM_TRANSPORT);
    assert_string_equal(scenario.device, "mote");
    rk_study_fini(&study);
}

static void command_line_changes_values_and_axes(void **state)
{
    (void)state;
    static const char *const set[] = {"policy.renew=12 h", "axes.link.loss=[0 %, 10 %]", "axes.device=node",
                                      "replications=9"};
    char label[RK_LABEL_bytes];
    load(set, 4);
    assert_int_equal(rk_study_points(&study), 4);
    rk_study_label(&study, 3, label);
    assert_string_equal(label, "device=node policy.mechanism=transport policy.renew=12 h link.loss=10 %");
    rk_study_point(&study, 1, &scenario);
    assert_int_equal(scenario.link.loss_ppm, 100000);
    assert_string_equal(scenario.policy.renew, "12 h");
    assert_int_equal(scenario.replications, 9);
    rk_study_fini(&study);
}

static void wrong_command_lines_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *set, *expected;
    } cases[] = {
        {"policy.renew", "--set policy.renew: no assignment, expected KEY=VALUE"},
        {"=3", "--set =3: no assignment, expected KEY=VALUE"},
        {"policy.renw=1 d", "--set policy.renw=1 d: unknown key 'renw', expected 'renew'"},
        {"policy.renew=1d", "--set policy.renew=1d: renew: '1d' is no renewal, expected " RK_RENEW_EXPECTED},
        {"axes.policy.renew=1 h,1 h",
         "--set axes.policy.renew=1 h,1 h: axis 'policy.renew': '1 h' is given twice, expected each value once"},
        {"axes.policy.retry=2 s,20 min", "--set axes.policy.retry=2 s,20 min: retry: all attempts of one renewal take "
                                         "5 h, expected less than the renewal interval of 1 h"},
        {"axes.seed=1,2", "--set axes.seed=1,2: axis 'seed': it names the whole study, expected another key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        assert_int_equal(rk_study_load(&study, "tests/study/tree", tiny, &cases[i].set, 1, &diag), RK_ERR_INPUT);
        assert_string_equal(diag.text, cases[i].expected);
        rk_study_fini(&study);
    }
}

/* The scenario's names are the lifecycle's, in its order. */
static void mechanisms_have_their_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        char set[64];
        const char *const sets[] = {"axes.policy.mechanism=derive", set};
        snprintf(set, sizeof set, "policy.mechanism=%s", rk_mechanism_name(i));
        load(sets, 2);
        rk_study_point(&study, 0, &scenario);
        assert_int_equal(scenario.policy.mechanism, i);
        rk_study_fini(&study);
    }
}

static void the_cryptoperiod_of_the_type(void **state)
{
    (void)state;
    static const char *const set[] = {"policy.cryptoperiod=type", "policy.renew=30 d", "profile=iso",
                                      "policy_date=2031-01-01"};
    load(set, 4);
    rk_study_point(&study, 0, &scenario);
    assert_true(scenario.policy.cryptoperiod_ns == RK_CRYPTOPERIOD_TYPE);
    assert_true(rk_scenario_policy(&scenario).cryptoperiod_ns == 730 * RK_DAY);
    assert_int_equal(scenario.profile, RK_PROFILE_ISO);
    assert_string_equal(scenario.policy_date, "2031-01-01");
    rk_study_fini(&study);
}

static char warned[4][512];
static size_t warnings;

static void note(void *context, const char *line)
{
    (void)context;
    assert_true(warnings < sizeof warned / sizeof warned[0]);
    snprintf(warned[warnings++], sizeof warned[0], "%s", line);
}

static void expect_warnings(const char *const *set, size_t sets, size_t count)
{
    warnings = 0;
    load(set, sets);
    rk_study_warnings(&study, note, NULL);
    assert_int_equal(warnings, count);
    rk_study_fini(&study);
}

/* Each once, though twelve points have it; none where SP 800-57 is content. */
static void keys_in_use_for_too_long_are_warned_of(void **state)
{
    (void)state;
    static const char *const type[] = {"policy.cryptoperiod=type", "horizon=4000 d"};
    static const char *const longer[] = {"policy.cryptoperiod=731 d"};
    static const char *const forever[] = {"horizon=1000 d"};
    static const char *const both[] = {"horizon=1000 d", "axes.policy.cryptoperiod=never,800 d", "policy.renew=never"};
    expect_warnings(NULL, 0, 0);
    expect_warnings(type, 2, 0);
    expect_warnings(longer, 1, 1);
    assert_string_equal(warned[0], "--set policy.cryptoperiod=731 d: a key is in use for up to 731 d, SP 800-57 Part 1 "
                                   "table 1 suggests at most 730 d");
    expect_warnings(forever, 1, 1); /* of the three renewals, 'never' */
    assert_string_equal(warned[0], "tests/study/tiny.yaml:26:28: a key is in use for up to 1000 d, SP 800-57 Part 1 "
                                   "table 1 suggests at most 730 d");
    expect_warnings(both, 3, 2);
}

/* The corpus: each NAME.yaml of tests/study/wrong is refused with exactly the line of NAME.yaml.expected. */
static void wrong_files_are_refused_with_their_line(void **state)
{
    (void)state;
    static const char folder[] = "tests/study/wrong";
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    size_t files = 0, wrong = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 5, ".yaml") != 0) {
            continue;
        }
        char path[512], expected_path[600], expected[600] = "";
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        snprintf(expected_path, sizeof expected_path, "%s.expected", path);
        FILE *file = fopen(expected_path, "r");
        if (file != NULL) {
            assert_non_null(fgets(expected, sizeof expected, file));
            expected[strcspn(expected, "\n")] = '\0';
            fclose(file);
        }
        struct rk_diag diag = {""};
        enum rk_err err = rk_study_load(&study, "tests/study/tree", path, NULL, 0, &diag);
        rk_study_fini(&study);
        files++;
        if (err != RK_ERR_INPUT || strcmp(diag.text, expected) != 0) {
            fprintf(stderr, "%s\n  got      %s\n  expected %s\n", path, diag.text, expected);
            wrong++;
        }
    }
    closedir(entries);
    assert_true(files >= 25);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renewals_are_read),
        cmocka_unit_test(amounts_shares_and_occasions_are_renewals),
        cmocka_unit_test(renewals_are_refused),
        cmocka_unit_test(intervals_are_the_shortest_trigger),
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(axes_are_in_the_order_of_the_file),
        cmocka_unit_test(command_line_changes_values_and_axes),
        cmocka_unit_test(wrong_command_lines_are_refused),
        cmocka_unit_test(mechanisms_have_their_names),
        cmocka_unit_test(the_cryptoperiod_of_the_type),
        cmocka_unit_test(keys_in_use_for_too_long_are_warned_of),
        cmocka_unit_test(wrong_files_are_refused_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
