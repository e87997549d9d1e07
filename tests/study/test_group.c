/* group.*: what is refused at which place, what reaches a trial, and what its hash covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "engine/model/group.h"
#include "tests/study/fake.h"

enum { SETS_MAX = 4 };

static const char tiny[] = "tests/study/tiny.yaml";
static struct rk_study study;
static struct rk_sweep sweep;

static size_t count_of(const char *const set[SETS_MAX])
{
    size_t count = 0;
    while (count < SETS_MAX && set[count] != NULL) {
        count++;
    }
    return count;
}

static void what_cannot_be_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *set[SETS_MAX], *line;
    } cases[] = {
        {{"group.joins=1 /d"},
         "--set group.joins=1 /d: group.joins: without a group, expected a scheme for group.scheme"},
        {{"group.leaves=1 /d"},
         "--set group.leaves=1 /d: group.leaves: without a group, expected a scheme for group.scheme"},
        {{"group.scheme=lkh", "engine.lifetime=true"},
         "--set group.scheme=lkh: scheme: a group in lifetime mode, expected the exact mode"},
        {{"group.scheme=star", "execution=emulated"},
         "--set group.scheme=star: scheme: a group in emulated execution, expected modelled or native execution"},
        {{"group.scheme=star", "fleet.devices=1"},
         "--set group.scheme=star: scheme: a group of 1 device, expected 2 or more for fleet.devices"},
        {{"group.degree=1"}, "--set group.degree=1: degree: '1' is out of range, expected a whole number of 2 to 1024"},
        {{"group.copies=5"}, "--set group.copies=5: copies: '5' is out of range, expected a whole number of 1 to 4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        enum rk_err err = rk_study_load(&study, "tests/study/tree", tiny, cases[i].set, count_of(cases[i].set), &diag);
        assert_string_equal(diag.text, cases[i].line);
        assert_int_equal(err, RK_ERR_INPUT);
        rk_study_fini(&study);
    }
}

/* The first point of the study. */
static const struct rk_point *first(struct fake *fake, const char *const set[SETS_MAX])
{
    struct rk_diag diag = {""};
    memset(&sweep, 0, sizeof sweep);
    if (rk_study_load(&study, "tests/study/tree", tiny, set, count_of(set), &diag) != RK_OK ||
        rk_sweep_make(&sweep, &study, &fake->study, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return &sweep.point[0];
}

static void done(void)
{
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
}

static void a_trial_has_what_its_scheme_looks_at(void **state)
{
    static const char *const lkh[SETS_MAX] = {"group.scheme=lkh", "group.leaves=2 /d", "group.batch=6 h",
                                              "policy.renew=membership"};
    const struct rk_trial *trial = &first(*state, lkh)->trial;
    assert_int_equal(trial->group.scheme, RK_GROUP_LKH);
    assert_int_equal(trial->group.degree, 4);
    assert_int_equal(trial->group.cell_devices, 0);
    assert_int_equal(trial->group.copies, 1);
    assert_int_equal(trial->group.leaves_per_1e6y, 2 * 365250000ull);
    assert_int_equal(trial->group.joins_per_1e6y, 0);
    assert_int_equal(trial->group.batch_ns, 6 * 3600 * RK_S);
    assert_int_equal(trial->group.repair_ns, 60 * RK_S);
    assert_int_equal(trial->policy.triggers, RK_TRIGGER_MEMBERSHIP);
    done();
    static const char *const none[SETS_MAX] = {"group.batch=6 h"};
    const struct rk_group_shape off = {.scheme = RK_GROUP_NONE};
    assert_memory_equal(&first(*state, none)->trial.group, &off, sizeof off);
    done();
}

static void what_changes_a_trial_changes_its_hash(void **state)
{
    static const char *const cases[][SETS_MAX] = {
        {NULL},
        {"group.scheme=star"},
        {"group.scheme=network"},
        {"group.scheme=cell", "group.cell=2"},
        {"group.scheme=lkh"},
        {"group.scheme=lkh", "group.degree=3"},
        {"group.scheme=lkh", "group.joins=1 /d"},
        {"group.scheme=lkh", "group.leaves=1 /d"},
        {"group.scheme=lkh", "group.batch=1 d"},
        {"group.scheme=lkh", "group.copies=2"},
        {"group.scheme=lkh", "group.captured=10 %"},
        {"group.scheme=lkh", "group.repair=2 min"},
    };
    enum { COUNT = sizeof cases / sizeof cases[0] };
    char hash[COUNT][65];
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(hash[i], first(*state, cases[i])->inputs_sha256, sizeof hash[i]);
        done();
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(hash[i], hash[j]);
        }
    }
    static const char *const same[SETS_MAX] = {"group.scheme=star", "group.degree=3"}; /* which a star does not have */
    assert_string_equal(first(*state, same)->inputs_sha256, hash[1]);
    done();
}

static void schemes_have_their_names(void **state)
{
    (void)state;
    struct rk_scenario scenario;
    struct rk_diag diag;
    for (uint8_t scheme = 0; scheme < RK_GROUP_SCHEMES; scheme++) {
        char name[RK_AXIS_TEXT_bytes];
        memset(&scenario, 0, sizeof scenario);
        scenario.group.scheme = scheme;
        assert_int_equal(rk_fields_format(rk_scenario_fields, "group.scheme", &scenario, name, sizeof name, &diag),
                         RK_OK);
        assert_string_equal(name, rk_group_scheme_name(scheme));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_is_refused_with_its_line),
        cmocka_unit_test(a_trial_has_what_its_scheme_looks_at),
        cmocka_unit_test(what_changes_a_trial_changes_its_hash),
        cmocka_unit_test(schemes_have_their_names),
    };
    return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}
