/* Points resolved: names, files, feasibility, closed form, and what a trial's hash covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tests/study/fake.h"

static const char tiny[] = "tests/study/tiny.yaml";
static struct rk_study study;
static struct rk_sweep sweep;

static enum rk_err make(struct fake *fake, const char *const *set, size_t sets, struct rk_diag *diag)
{
    enum rk_err err = rk_study_load(&study, "tests/study/tree", tiny, set, sets, diag);
    memset(&sweep, 0, sizeof sweep);
    return err == RK_OK ? rk_sweep_make(&sweep, &study, &fake->study, diag) : err;
}

static void done(void)
{
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
}

static void points_are_resolved(void **state)
{
    struct rk_diag diag = {""};
    assert_int_equal(make(*state, NULL, 0, &diag), RK_OK);
    assert_int_equal(sweep.points, 12);
    assert_int_equal(sweep.devices, 2);
    assert_int_equal(sweep.cells, 2);
    const struct rk_point *point = &sweep.point[1];
    assert_string_equal(point->status, "ok");
    assert_string_equal(point->trial.device->name, "mote");
    assert_string_equal(point->trial.radio->name, "air");
    assert_string_equal(point->trial.battery->name, "cell");
    assert_int_equal(point->trial.aead, RK_ALG_AES_CCM);
    assert_true(point->trial.compromise_per_1e6y == 40000000);
    assert_true(point->interval_s == 86400);
    assert_true(point->exposure_closed_form_s == rk_exposure_closed_form_s(86400, 2 * 86400, 0));
    assert_true(isnan(sweep.point[2].interval_s));
    assert_true(sweep.point[2].exposure_closed_form_s == rk_exposure_closed_form_s(20 * 86400, 2 * 86400, 0));
    assert_null(point->trial.backend);
    done();
}

static void make_or_fail(struct fake *fake, const char *const *set, size_t sets)
{
    struct rk_diag diag = {""};
    if (make(fake, set, sets, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
}

/* p = 2^-50, messages of 9 and 20 bytes in 3 blocks; points 0, 1, 2 renew 481, 21 and 1 times in 20 d. */
static void limits_reach_the_policy(void **state)
{
    static const char *const advantage[] = {"suite.limits=advantage", "suite.tag=8 B"};
    static const char *const oscore[] = {"suite.limits=oscore", "suite.tag=8 B"};
    static const char *const dtls[] = {"suite.limits=dtls13", "axes.suite.tag=16 B,8 B", "policy.renew=1 d"};
    static const char *const strict[] = {"suite.limits=advantage", "suite.advantage=64"};
    make_or_fail(*state, NULL, 0);
    assert_int_equal(sweep.point[0].trial.policy.messages_max, 0);
    assert_int_equal(sweep.point[0].trial.policy.failed_max, 0);
    done();
    make_or_fail(*state, advantage, 2);
    double per_key = sqrt(exp2(-50.0 + 127.0) / 481) / (2 * 3) - 8192; /* (2L(q + v))^2 2^-128 <= p / 2 / keys */
    double got = sweep.point[0].trial.policy.messages_max;
    assert_true(per_key > UINT32_MAX ? got == UINT32_MAX : fabs(got / per_key - 1.0) < 1e-6);
    assert_int_equal(sweep.point[0].trial.policy.failed_max, 8192);
    assert_int_equal(sweep.point[2].trial.policy.failed_max, 8192);
    done();
    make_or_fail(*state, oscore, 2);
    assert_int_equal(sweep.point[1].trial.policy.messages_max, 1 << 20);
    assert_int_equal(sweep.point[1].trial.policy.failed_max, 1 << 14);
    done();
    make_or_fail(*state, dtls, 3);
    assert_string_equal(sweep.point[0].status, "ok");
    assert_int_equal(sweep.point[0].trial.policy.messages_max, 1 << 23);
    assert_string_equal(sweep.point[1].status, "DTLS 1.3 forbids CCM with a tag of 8 B without further safeguards");
    done();
    make_or_fail(*state, strict, 2);
    assert_string_equal(sweep.point[0].status, "offline work of 2^70 alone gives an advantage of 2^-52, above 2^-64");
    done();
}

static void approval_is_judged_at_the_date(void **state)
{
    static const char *const report[] = {"policy_date=2026-11-22", "axes.policy.mechanism=derive,update,ecdh",
                                         "policy.renew=1 d"};
    static const char *const require[] = {"policy_date=2026-11-22", "axes.policy.mechanism=derive,update,ecdh",
                                          "policy.renew=1 d", "approval=require"};
    make_or_fail(*state, NULL, 0);
    assert_int_equal(sweep.point[0].policy_date, 0);
    done();
    make_or_fail(*state, report, 3);
    assert_int_equal(sweep.point[0].policy_date, 20261122);
    assert_int_equal(sweep.point[0].approval.worst.apply, RK_APPROVAL_ACCEPTABLE);
    assert_int_equal(sweep.point[0].approval.worst.strength_bits, 128);
    assert_int_equal(sweep.point[1].approval.worst.apply, RK_APPROVAL_DISALLOWED);
    assert_int_equal(sweep.point[2].approval.worst_primitive, RK_PRIMITIVE_x25519);
    assert_string_equal(sweep.point[1].status, "ok");
    char hash[65];
    memcpy(hash, sweep.point[0].inputs_sha256, sizeof hash);
    done();
    make_or_fail(*state, require, 4);
    assert_string_equal(sweep.point[0].status, "ok");
    assert_string_equal(sweep.point[0].inputs_sha256, hash); /* no trial depends on a date */
    assert_string_equal(sweep.point[1].status,
                        "key_update: disallowed on 2026-11-22: SP 800-57 Part 1 8.2.3: key update");
    assert_string_equal(sweep.point[2].status, "x25519: not approved on 2026-11-22: not in SP 800-56A, which lists the "
                                               "curves for agreement");
    done();
}

static void infeasible_points_say_why(void **state)
{
    static const char *const set[] = {"backend=beta"};
    struct rk_diag diag = {""};
    assert_int_equal(make(*state, set, 1, &diag), RK_OK);
    assert_string_equal(sweep.point[0].status, "ok");
    assert_string_equal(sweep.point[3].status, "aes_key_unwrap: not provided by the library");
    done();
}

static void wrong_names_are_refused_at_their_place(void **state)
{
    static const struct {
        const char *set, *expected;
    } cases[] = {
        {"device=mots", "--set device=mots: unknown device 'mots', expected 'mote'"},
        {"device=zzzzzz", "--set device=zzzzzz: unknown device 'zzzzzz', expected one of mote, node"},
        {"axes.backend=alpha,bet", "--set axes.backend=alpha,bet: unknown backend 'bet', expected 'beta'"},
        {"backend=alpha@9", "--set backend=alpha@9: no version of that number, expected 1.0"},
        {"radio=aire", "--set radio=aire: unknown radio 'aire', expected 'air'"},
        {"battery=cel", "--set battery=cel: unknown battery 'cel', expected 'cell'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        assert_int_equal(make(*state, &cases[i].set, 1, &diag), RK_ERR_INPUT);
        assert_string_equal(diag.text, cases[i].expected);
        done();
    }
}

/* The hash of the first point's inputs under a change. */
static void first_hash(struct fake *fake, const char *change, char sha256[65])
{
    struct rk_diag diag = {""};
    if (make(fake, &change, change != NULL ? 1 : 0, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    memcpy(sha256, sweep.point[0].inputs_sha256, 65);
    done();
}

static void every_input_is_in_the_hash(void **state)
{
    static const char *const changes[] = {"seed=8",
                                          "horizon=21 d",
                                          "device=node",
                                          "backend=beta",
                                          "execution=native",
                                          "fleet.devices=3",
                                          "traffic.period=31 min",
                                          "traffic.jitter=11 %",
                                          "traffic.payload=21 B",
                                          "traffic.session=13 h",
                                          "link.loss=6 %",
                                          "link.network_delay=21 ms",
                                          "server.time=3 ms",
                                          "server.parallel=2",
                                          "adversary.compromise=41 /y",
                                          "adversary.detection=3 d",
                                          "suite.aead=chacha20_poly1305",
                                          "suite.tag=8 B",
                                          "suite.curve=p256",
                                          "policy.mechanism=ecdh",
                                          "policy.renew=2 h",
                                          "policy.renew=1 h or every 5 messages",
                                          "policy.jitter=5 %",
                                          "policy.overlap=2 min",
                                          "policy.attempts=5",
                                          "policy.retry=3 s",
                                          "policy.cryptoperiod=30 d",
                                          "policy.window=7 d",
                                          "policy.guard=1 min",
                                          "policy.defer_battery=20 %",
                                          "policy.defer_link=20 %"};
    enum { COUNT = sizeof changes / sizeof changes[0] };
    struct fake *fake = *state;
    char hash[COUNT + 2][65];
    first_hash(fake, NULL, hash[COUNT]);
    for (size_t i = 0; i < COUNT; i++) {
        first_hash(fake, changes[i], hash[i]);
    }
    fake->cycles_factor = 2;
    first_hash(fake, NULL, hash[COUNT + 1]);
    fake->cycles_factor = 1;
    for (size_t i = 0; i < COUNT + 2; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(hash[i], hash[j]) == 0) {
                fail_msg("'%s' does not show in the hash", i < COUNT ? changes[i] : "cost rows");
            }
        }
    }
    char again[65];
    first_hash(fake, "title=Another title", again);
    assert_string_equal(again, hash[COUNT]);
    first_hash(fake, "replications=9", again);
    assert_string_equal(again, hash[COUNT]);
    first_hash(fake, "policy.defer_alarm=1 h", again); /* there is none */
    assert_string_equal(again, hash[COUNT]);
    first_hash(fake, "policy.defer_most=2 d", again); /* nothing looks at battery or link */
    assert_string_equal(again, hash[COUNT]);
}

static void every_figure_of_a_cost_row_is_in_the_hash(void **state)
{
    static const size_t members[] = {
        offsetof(struct rk_cost_row, cycles_min),    offsetof(struct rk_cost_row, cycles_median),
        offsetof(struct rk_cost_row, cycles_max),    offsetof(struct rk_cost_row, cycles_low),
        offsetof(struct rk_cost_row, cycles_high),   offsetof(struct rk_cost_row, nvm_write_bytes),
        offsetof(struct rk_cost_row, nvm_time_ns),   offsetof(struct rk_cost_row, time_ns),
        offsetof(struct rk_cost_row, energy_pJ),     offsetof(struct rk_cost_row, energy_low_pJ),
        offsetof(struct rk_cost_row, energy_high_pJ)};
    struct fake *fake = *state;
    char before[65], after[65];
    first_hash(fake, NULL, before);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        fake->nudged = members[i];
        first_hash(fake, NULL, after);
        assert_string_not_equal(after, before);
    }
    fake->nudged = 0;
}

static void replications_have_names_of_their_own(void **state)
{
    struct rk_diag diag = {""};
    char first[65], second[65], other[65];
    assert_int_equal(make(*state, NULL, 0, &diag), RK_OK);
    rk_point_trial_sha256(&sweep.point[0], 0, first);
    rk_point_trial_sha256(&sweep.point[0], 1, second);
    rk_point_trial_sha256(&sweep.point[1], 0, other);
    assert_string_not_equal(first, second);
    assert_string_not_equal(first, other);
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_resolved),
        cmocka_unit_test(limits_reach_the_policy),
        cmocka_unit_test(approval_is_judged_at_the_date),
        cmocka_unit_test(infeasible_points_say_why),
        cmocka_unit_test(wrong_names_are_refused_at_their_place),
        cmocka_unit_test(every_input_is_in_the_hash),
        cmocka_unit_test(every_figure_of_a_cost_row_is_in_the_hash),
        cmocka_unit_test(replications_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}
