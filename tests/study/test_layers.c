/* What lies under a scenario: whose value wins, where it stands, what a platform refuses, and axes over platforms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/study/platform_file.h"
#include "engine/study/scenario.h"
#include "engine/study/service_file.h"
#include "engine/study/system_file.h"

#define TREE    "tests/study/tree"
#define LAYERED "tests/study/layered.yaml"

static struct rk_study study;
static struct rk_scenario scenario;

static enum rk_err load(const char *const *set, size_t sets, struct rk_diag *diag)
{
    return rk_study_load(&study, TREE, LAYERED, set, sets, diag);
}

static void must_load(const char *const *set, size_t sets)
{
    struct rk_diag diag = {""};
    if (load(set, sets, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
}

static void the_nearest_layer_wins(void **state)
{
    (void)state;
    must_load(NULL, 0);
    const struct rk_scenario *s = &study.scenario;
    assert_int_equal(s->traffic.payload_bytes, 11);     /* scenario over service */
    assert_int_equal(s->traffic.period_ns, 600 * RK_S); /* service */
    assert_int_equal(s->horizon_ns, 20 * RK_DAY);       /* service */
    assert_string_equal(s->policy.renew, "3 d");        /* service over platform */
    assert_int_equal(s->policy.attempts, 6);            /* scenario over platform */
    assert_int_equal(s->policy.retry_ns, 3 * RK_S);     /* platform */
    assert_int_equal(s->suite.tag_bytes, 8);            /* platform over the field's default */
    assert_int_equal(s->policy.overlap_ns, 60 * RK_S);  /* the field's default */
    assert_string_equal(rk_study_platform(&study, 0)->name, "mesh");
    assert_string_equal(rk_study_service(&study, 0)->name, "ward");
    rk_study_fini(&study);
}

static void marks_name_the_file_of_the_value(void **state)
{
    (void)state;
    static const struct {
        const char *key, *file;
        unsigned line, column;
    } cases[] = {
        {"traffic.payload", LAYERED, 10, 12},
        {"traffic.period", TREE "/scenarios/services/ward.yaml", 20, 21},
        {"policy.retry", TREE "/scenarios/platforms/mesh.yaml", 22, 12},
        {"policy.attempts", LAYERED, 11, 20},
    };
    must_load(NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_mark mark = rk_study_mark(&study, 0, cases[i].key);
        assert_string_equal(mark.file, cases[i].file);
        assert_int_equal(mark.line, cases[i].line);
        assert_int_equal(mark.column, cases[i].column);
    }
    rk_study_fini(&study);
}

static void axes_go_over_platforms(void **state)
{
    (void)state;
    static const char *const set[] = {"axes.platform=none,mesh,lab", "policy.retry=5 s"};
    must_load(set, 2);
    assert_int_equal(rk_study_points(&study), 3);
    assert_int_equal(study.bases, 3);
    static const struct {
        const char *platform;
        uint8_t mechanism, tag_bytes;
    } expected[] = {
        {"none", RK_MECHANISM_ECDH, 16}, {"mesh", RK_MECHANISM_COUNTER, 8}, {"lab", RK_MECHANISM_DERIVE, 16}};
    for (size_t i = 0; i < 3; i++) {
        rk_study_point(&study, i, &scenario);
        assert_string_equal(scenario.platform, expected[i].platform);
        assert_int_equal(scenario.policy.mechanism, expected[i].mechanism);
        assert_int_equal(scenario.suite.tag_bytes, expected[i].tag_bytes);
        assert_int_equal(scenario.policy.retry_ns, 5 * RK_S); /* the command line over all */
        assert_string_equal(scenario.policy.renew, "3 d");
    }
    assert_null(rk_study_platform(&study, 0));
    rk_study_fini(&study);
}

static void one_of_the_combinations_is_refused(void **state)
{
    (void)state;
    static const char *const set[] = {"axes.platform=mesh,lab", "axes.policy.mechanism=counter,ecdh"};
    struct rk_diag diag = {""};
    /* Four points, of which the mesh refuses one. */
    assert_int_equal(load(set, 2, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text,
                        "--set axes.policy.mechanism=counter,ecdh: mechanism: 'ecdh' is not of platform mesh,"
                        " expected one of counter, derive");
    rk_study_fini(&study);
}

static void what_a_platform_does_not_allow_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *set, *line;
    } cases[] = {
        {"policy.mechanism=ecdh",
         "--set policy.mechanism=ecdh: mechanism: 'ecdh' is not of platform mesh, expected one of "
         "counter, derive"},
        {"suite.tag=16 B", "--set suite.tag=16 B: tag: '16 B' is not of platform mesh, expected 8 B"},
        {"policy.renew=1 h", "--set policy.renew=1 h: renew: '1 h' on platform mesh, expected at least 2 h between "
                             "renewals (nobody)"},
        {"policy.renew=never",
         "--set policy.renew=never: renew: 'never' on platform mesh, expected at most 30 d between "
         "renewals (nobody)"},
        {"platform=lob", "--set platform=lob: unknown platform 'lob', expected 'lab'"},
        {"service=word", "--set service=word: unknown service 'word', expected 'ward'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        assert_int_equal(load(&cases[i].set, 1, &diag), RK_ERR_INPUT);
        assert_string_equal(diag.text, cases[i].line);
        rk_study_fini(&study);
    }
}

static void count_warnings(void *context, const char *line)
{
    assert_string_equal(line, "--set platform=lab: platform lab is none of those that suit the service ward");
    ++*(unsigned *)context;
}

static void an_unsuited_platform_is_warned_of(void **state)
{
    (void)state;
    static const char *const set[] = {"platform=lab"};
    unsigned warnings = 0;
    must_load(set, 1);
    rk_study_warnings(&study, count_warnings, &warnings);
    rk_study_fini(&study);
    assert_int_equal(warnings, 1);
    must_load(NULL, 0);
    rk_study_warnings(&study, count_warnings, &warnings);
    rk_study_fini(&study);
    assert_int_equal(warnings, 1);
}

/* Of the tree's own files: each loads, each figure has a source, and a platform allows what its own defaults say. */
static void shipped_files_agree_with_themselves(void **state)
{
    (void)state;
    struct rk_names names;
    struct rk_diag diag = {""};
    assert_int_equal(rk_profile_list(&rk_platform_kind, ".", &names, &diag), RK_OK);
    assert_true(names.count >= 7);
    for (size_t i = 0; i < names.count; i++) {
        char set[64];
        const char *sets[] = {set, "service=none", "horizon=400 d", "traffic.period=1 d", "traffic.session=1 d"};
        snprintf(set, sizeof set, "platform=%s", names.name[i]);
        static const char *const plain = "tests/study/platform.yaml";
        if (rk_study_load(&study, ".", plain, sets, 5, &diag) != RK_OK) {
            fail_msg("%s: %s", names.name[i], diag.text);
        }
        const struct rk_platform *platform = rk_study_platform(&study, 0);
        assert_true(platform->figures.count > 0 && platform->renewals > 0);
        rk_study_fini(&study);
    }
    static struct rk_service_profile service;
    assert_int_equal(rk_profile_list(&rk_service_kind, ".", &names, &diag), RK_OK);
    assert_int_equal(names.count, 6); /* the paper's areas */
    for (size_t i = 0; i < names.count; i++) {
        if (rk_profile_load(&rk_service_kind, ".", names.name[i], &service, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
        for (size_t j = 0; j < service.platforms.count; j++) {
            assert_true(rk_profile_exists(&rk_platform_kind, ".", service.platforms.word[j]));
        }
    }
    struct rk_system_profile system;
    assert_int_equal(rk_profile_list(&rk_system_kind, ".", &names, &diag), RK_OK);
    for (size_t i = 0; i < names.count; i++) {
        assert_int_equal(rk_profile_load(&rk_system_kind, ".", names.name[i], &system, &diag), RK_OK);
    }
}

static void systems_take_their_room(void **state)
{
    (void)state;
    struct rk_device_profile device = {.ram_bytes = 10240, .flash_bytes = 49152};
    const struct rk_system_profile system = {
        .title = "Sys", .ram_bytes = {.value = 5000}, .flash_bytes = {.value = 20000}};
    struct rk_cost_row rows[] = {
        {.op = "fits",
         .status = "ok",
         .cycles_median = 7,
         .ram_static_bytes = 5000,
         .stack_bytes = 240,
         .heap_bytes = RK_NONE,
         .flash_bytes = 29152},
        {.op = "key_renew",
         .status = "ok",
         .cycles_median = 7,
         .ram_static_bytes = 5000,
         .stack_bytes = 240,
         .heap_bytes = 1,
         .flash_bytes = 100},
        {.op = "key_renew_derive",
         .status = "ok",
         .cycles_median = 7,
         .ram_static_bytes = 0,
         .stack_bytes = 0,
         .heap_bytes = 0,
         .flash_bytes = 29153},
    };
    rk_system_apply(&system, &device);
    rk_system_judge(&device, rows, 3);
    assert_string_equal(rows[0].status, "ok");
    assert_int_equal(rows[0].cycles_median, 7);
    assert_string_equal(rows[1].status, "does not fit: ram: 5241 B of 10240 B beside Sys's 5000 B");
    assert_true(rows[1].cycles_median == RK_NONE);
    assert_string_equal(rows[2].status, "does not fit: flash: 29153 B of 49152 B beside Sys's 20000 B");
    assert_string_equal(rk_system_misfit(rows, 3, "ecdh"), rows[1].status);
    assert_string_equal(rk_system_misfit(rows, 3, "derive"), rows[2].status);
    assert_null(rk_system_misfit(rows, 3, "update"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_layer_wins),
        cmocka_unit_test(marks_name_the_file_of_the_value),
        cmocka_unit_test(axes_go_over_platforms),
        cmocka_unit_test(one_of_the_combinations_is_refused),
        cmocka_unit_test(what_a_platform_does_not_allow_is_refused),
        cmocka_unit_test(an_unsuited_platform_is_warned_of),
        cmocka_unit_test(shipped_files_agree_with_themselves),
        cmocka_unit_test(systems_take_their_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
