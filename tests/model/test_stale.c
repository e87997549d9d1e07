/* The share of stale keys against closed forms, and against somebody who looks at the agents between any two events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/model/node.h"
#include "engine/model/stale.h"
#include "tests/model/dice.h"
#include "tests/model/fixture.h"

enum { TRIALS = 120 };

static double stale_share(const struct rk_trial *trial)
{
    return rkt_run(trial).metric[RK_METRIC_stale_key_share];
}

/* Renewed in time, all but the exchange itself; with jitter before the interval is over: never. */
static void a_key_that_is_renewed_in_time_is_not_stale(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 10;
    struct rk_trial_result result = rkt_run(&trial);
    double expected = result.metric[RK_METRIC_renewals_per_d] / 86400 * result.metric[RK_METRIC_rekey_latency_p50_s];
    double share = result.metric[RK_METRIC_stale_key_share];
    assert_true(share > 0.5 * expected && share < expected);
    trial.policy.jitter_ppm = 200000;
    share = stale_share(&trial);
    assert_true(share < 0.01 * expected);
}

/* A life of 10 hours, renewed at windows of an hour a day: 14 of 24 hours over it. So it is of as many messages. */
static void what_waits_for_a_window_is_stale_meanwhile(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 10;
    trial.horizon_ns = 32 * RK_DAY;
    trial.warm_up_ns = 2 * RK_DAY;
    trial.policy.interval_ns = 10 * 3600 * RK_S;
    trial.condition.window_every_ns = RK_DAY;
    trial.condition.window_lasts_ns = 3600 * RK_S;
    assert_float_equal(stale_share(&trial), 14.0 / 24, 1e-5);
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 120; /* one each 300 s */
    assert_float_equal(stale_share(&trial), 14.0 / 24, 300.0 / 86400);
    trial.policy.cryptoperiod_ns = 16 * 3600 * RK_S; /* then it protects no more, and is renewed at once */
    trial.policy.overlap_ns = 0;
    assert_float_equal(stale_share(&trial), 6.0 / 16, 0.01);
}

/* Sessions once in an interval that lies in no window are put off: the key is stale from the session on. */
static void what_a_session_asks_for_and_has_to_wait_is_stale(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.devices = 300;
    trial.horizon_ns = 22 * RK_DAY;
    trial.warm_up_ns = 2 * RK_DAY;
    trial.message_period_ns = 3600 * RK_S;
    trial.policy.triggers = RK_TRIGGER_SESSION;
    trial.session_period_ns = RK_DAY;
    trial.condition.window_every_ns = RK_DAY;
    trial.condition.window_lasts_ns = 3600 * RK_S;
    double phase_sd = 1 / sqrt(12) / sqrt(300);
    /* The first time it waits from anywhere in the 23 hours; put off it begins within the window for ever after. */
    assert_true(stale_share(&trial) < 1e-4);
    trial.warm_up_ns = 0;
    assert_float_equal(stale_share(&trial), 23.0 / 24 * 23 / 48 / 22, 4 * phase_sd / 22);
}

/* --- the observer --- */

struct look {
    rk_ns told_ns, passed_ns, from_ns; /* what it has noticed of the key */
    uint32_t id, boots, suspicions;
    bool left_behind;
    rk_wide sum_ns;
};

static rk_ns least(rk_ns a, rk_ns b)
{
    return a < b ? a : b;
}

/* The device's state has not changed since `look` was taken; it is now_ns. */
static void look_back(struct look *look, const struct rk_node *node, rk_ns now_ns)
{
    const struct rk_policy *policy = &node->fleet->trial->policy;
    const struct rk_key *key = rk_agent_active(&node->device);
    if (key == NULL || node->fault.down) {
        return;
    }
    rk_ns end_ns = rk_add_sat(key->activated_ns, policy->cryptoperiod_ns);
    if ((policy->triggers & RK_TRIGGER_INTERVAL) != 0) {
        end_ns = least(end_ns, rk_add_sat(key->activated_ns, policy->interval_ns));
    }
    end_ns = least(end_ns, least(look->told_ns, look->passed_ns));
    end_ns = end_ns > look->from_ns ? end_ns : look->from_ns;
    look->sum_ns += end_ns < now_ns ? now_ns - end_ns : 0;
}

static void look_at(struct look *look, const struct rk_node *node, rk_ns now_ns)
{
    const struct rk_policy *policy = &node->fleet->trial->policy;
    const struct rk_key *key = rk_agent_active(&node->device), *theirs = rk_agent_active(&node->peer);
    if (key != NULL && key->id != look->id) {
        look->told_ns = look->passed_ns = RK_NEVER;
        look->id = key->id;
    }
    if (key != NULL && theirs != NULL && theirs->id > key->id) {
        look->passed_ns = least(look->passed_ns, now_ns);
        look->left_behind = true;
    }
    if (key != NULL && (policy->triggers & RK_TRIGGER_MESSAGES) != 0 && key->protected_messages >= policy->messages) {
        look->told_ns = least(look->told_ns, now_ns);
    }
    if (key != NULL && node->fault.boots > look->boots && look->boots > 0 &&
        (policy->triggers & RK_TRIGGER_REBOOT) != 0) {
        look->told_ns = least(look->told_ns, now_ns);
    }
    look->boots = node->fault.boots;
    uint32_t suspicions = node->occasions.count[RK_OCCASION_CONDITION];
    if (key != NULL && suspicions > look->suspicions) {
        look->told_ns = least(look->told_ns, now_ns);
    }
    look->suspicions = suspicions;
    look->from_ns = now_ns;
}

static struct look observe(struct rk_node *node, rk_ns horizon_ns)
{
    struct look look = {.told_ns = RK_NEVER, .passed_ns = RK_NEVER};
    for (;;) {
        unsigned first = 0;
        for (unsigned kind = 1; kind < RK_NODE_EVENTS; kind++) {
            first = node->due_ns[kind] < node->due_ns[first] ? kind : first;
        }
        rk_ns now_ns = least(node->due_ns[first], horizon_ns);
        look_back(&look, node, now_ns);
        if (now_ns == horizon_ns) {
            return look;
        }
        node->due_ns[first] = RK_NEVER;
        rk_node_handle(node, (enum rk_node_event)first, now_ns);
        look_at(&look, node, now_ns);
    }
}

/* Renewals late for every reason that there is, devices that lose power, and stores with bit errors: devices that fall back
 * to a key that the server has left are among them. */
static void somebody_who_looks_all_the_time_counts_the_same(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    static struct rk_node node;
    unsigned passed = 0;
    const uint64_t often = 20 * 1000000ull * 365;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct dice dice = {.key = rk_rng_key_make(seed, 0)};
        struct rk_trial trial = rkt_trial();
        trial.seed = seed;
        trial.horizon_ns = 3 * RK_DAY;
        trial.frame_loss_ppm = (uint32_t)ONE_OF(&dice, 0, 300000, 600000);
        trial.policy.triggers = (uint8_t)(RK_TRIGGER_INTERVAL + below(&dice, 2) * RK_TRIGGER_MESSAGES +
                                          below(&dice, 2) * RK_TRIGGER_REBOOT);
        trial.policy.messages = (uint32_t)ONE_OF(&dice, 20, 60);
        trial.policy.interval_ns = ONE_OF(&dice, 3600 * RK_S, 6 * 3600 * RK_S, 30 * RK_DAY);
        trial.policy.jitter_ppm = (uint32_t)ONE_OF(&dice, 0, 200000);
        trial.policy.overlap_ns = ONE_OF(&dice, 10 * RK_S, 6 * 3600 * RK_S);
        trial.policy.cryptoperiod_ns = ONE_OF(&dice, RK_NEVER, 8 * 3600 * RK_S);
        trial.condition.window_every_ns = ONE_OF(&dice, 0, 8 * 3600 * RK_S);
        trial.condition.window_lasts_ns = 3600 * RK_S;
        trial.condition.suspicion_per_1e6y = below(&dice, 2) * often;
        trial.policy.triggers |= trial.condition.suspicion_per_1e6y != 0 ? RK_TRIGGER_SUSPICION : 0;
        trial.fault.reboot_per_1e6y = below(&dice, 2) * often;
        trial.fault.bit_per_1e6y = below(&dice, 2) * often;
        if (seed % 3 == 0) { /* young keys that power cuts bring back */
            trial.policy.triggers = RK_TRIGGER_SUSPICION;
            trial.policy.overlap_ns = 6 * 3600 * RK_S;
            trial.policy.cryptoperiod_ns = RK_NEVER;
            trial.condition.suspicion_per_1e6y = trial.fault.reboot_per_1e6y = trial.fault.bit_per_1e6y = often;
        }
        trial.fault.off_ns = ONE_OF(&dice, RK_S, 3600 * RK_S);
        trial.fault.outage_per_1e6y = below(&dice, 2) * often;
        trial.fault.outage_ns = 3600 * RK_S;
        assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_OK);
        assert_int_equal(rk_node_init(&node, &fleet, 0, NULL), RK_OK);
        const struct look look = observe(&node, trial.horizon_ns);
        rk_node_close(&node, trial.horizon_ns);
        passed += look.left_behind;
        if (fleet.tally.stale_ns != look.sum_ns) {
            fail_msg("trial %u: %.3f s, counted %.3f s", (unsigned)seed, (double)look.sum_ns / 1e9,
                     (double)fleet.tally.stale_ns / 1e9);
        }
        rk_fleet_fini(&fleet);
    }
    assert_true(passed > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_renewed_in_time_is_not_stale),
        cmocka_unit_test(what_waits_for_a_window_is_stale_meanwhile),
        cmocka_unit_test(what_a_session_asks_for_and_has_to_wait_is_stale),
        cmocka_unit_test(somebody_who_looks_all_the_time_counts_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
