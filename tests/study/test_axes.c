/* Zipped axes: their points, and what the command line makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "engine/sim/tier.h"
#include "engine/study/scenario.h"

static struct rk_study study;
static struct rk_scenario scenario;

/* in: set, ended by NULL; the labels of all points, ended by NULL. */
static void expect_points(const char *const *set, const char *const *labels)
{
    struct rk_diag diag = {""};
    size_t sets = 0, points = 0;
    while (set[sets] != NULL) {
        sets++;
    }
    if (rk_study_load(&study, "tests/study/tree", "tests/study/zipped.yaml", set, sets, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    while (labels[points] != NULL) {
        char label[RK_LABEL_bytes];
        assert_true(points < rk_study_points(&study));
        rk_study_label(&study, points, label);
        assert_string_equal(label, labels[points]);
        points++;
    }
    assert_int_equal(rk_study_points(&study), points);
    rk_study_fini(&study);
}

static void zips_nest_among_axes(void **state)
{
    (void)state;
    static const char *const none[] = {NULL},
                             *const labels[] = {
                                 "policy.renew=1 d device=mote link.loss=1 % policy.mechanism=derive",
                                 "policy.renew=1 d device=mote link.loss=1 % policy.mechanism=transport",
                                 "policy.renew=1 d device=node link.loss=5 % policy.mechanism=derive",
                                 "policy.renew=1 d device=node link.loss=5 % policy.mechanism=transport",
                                 "policy.renew=1 d device=mote link.loss=20 % policy.mechanism=derive",
                                 "policy.renew=1 d device=mote link.loss=20 % policy.mechanism=transport",
                                 "policy.renew=never device=mote link.loss=1 % policy.mechanism=derive",
                                 "policy.renew=never device=mote link.loss=1 % policy.mechanism=transport",
                                 "policy.renew=never device=node link.loss=5 % policy.mechanism=derive",
                                 "policy.renew=never device=node link.loss=5 % policy.mechanism=transport",
                                 "policy.renew=never device=mote link.loss=20 % policy.mechanism=derive",
                                 "policy.renew=never device=mote link.loss=20 % policy.mechanism=transport",
                                 NULL,
                             };
    expect_points(none, labels);
    struct rk_diag diag = {""};
    assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/zipped.yaml", NULL, 0, &diag), RK_OK);
    rk_study_point(&study, 4, &scenario);
    assert_string_equal(scenario.device, "mote");
    assert_int_equal(scenario.link.loss_ppm, 200000);
    assert_int_equal(rk_study_mark(&study, 4, "link.loss").line, 27);
    assert_int_equal(rk_study_mark(&study, 4, "link.loss").column, 27);
    rk_study_fini(&study);
}

/* One value for a column takes it out of the zip; what the others then say twice is one point. */
static void a_plain_value_leaves_its_zip(void **state)
{
    (void)state;
    static const char *const loss[] = {"link.loss=2 %", "policy.renew=1 d", "policy.mechanism=derive", NULL};
    static const char *const by_device[] = {"policy.renew=1 d device=mote link.loss=2 % policy.mechanism=derive",
                                            "policy.renew=1 d device=node link.loss=2 % policy.mechanism=derive", NULL};
    expect_points(loss, by_device);
    static const char *const device[] = {"device=node", "policy.renew=1 d", "policy.mechanism=derive", NULL};
    static const char *const by_loss[] = {"policy.renew=1 d device=node link.loss=1 % policy.mechanism=derive",
                                          "policy.renew=1 d device=node link.loss=5 % policy.mechanism=derive",
                                          "policy.renew=1 d device=node link.loss=20 % policy.mechanism=derive", NULL};
    expect_points(device, by_loss);
}

static void a_column_may_be_replaced(void **state)
{
    (void)state;
    static const char *const set[] = {"axes.link.loss=0 %,0 %,3 %", "policy.renew=1 d", "policy.mechanism=derive",
                                      NULL};
    static const char *const labels[] = {"policy.renew=1 d device=mote link.loss=0 % policy.mechanism=derive",
                                         "policy.renew=1 d device=node link.loss=0 % policy.mechanism=derive",
                                         "policy.renew=1 d device=mote link.loss=3 % policy.mechanism=derive", NULL};
    expect_points(set, labels);
    static const char *const shorter[] = {"axes.link.loss=0 %,3 %"};
    struct rk_diag diag = {""};
    assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/zipped.yaml", shorter, 1, &diag),
                     RK_ERR_INPUT);
    assert_string_equal(diag.text, "--set axes.link.loss=0 %,3 %: axis 'link.loss': 2 values, expected 3, as many as "
                                   "'device' beside it");
    rk_study_fini(&study);
}

/* The scenario has the tiers' names of its own, as a table needs constants. */
static void tiers_have_the_names_of_the_engine(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RK_TIER_COUNT; i++) {
        char set[64];
        const char *const sets[] = {set};
        struct rk_diag diag = {""};
        snprintf(set, sizeof set, "engine.tier=%s", rk_tier_name(i));
        assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/zipped.yaml", sets, 1, &diag), RK_OK);
        assert_int_equal(study.scenario.engine.tier, i);
        rk_study_fini(&study);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zips_nest_among_axes),
        cmocka_unit_test(a_plain_value_leaves_its_zip),
        cmocka_unit_test(a_column_may_be_replaced),
        cmocka_unit_test(tiers_have_the_names_of_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
