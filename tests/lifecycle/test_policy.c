/* When a policy wants a renewal: a pure function, so every line is a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/lifecycle/key.h"
#include "engine/lifecycle/policy.h"

static const struct rk_policy INTERVAL = {.triggers = RK_TRIGGER_INTERVAL, .interval_ns = 1000, .jitter_ppm = 100000};

static struct rk_policy_facts at(uint64_t now_ns, uint32_t jitter)
{
    return (struct rk_policy_facts){.now_ns = now_ns, .activated_ns = 5000, .jitter = jitter};
}

static void an_interval_is_shortened_by_jitter_only(void **unused)
{
    (void)unused;
    struct rk_policy_facts facts = at(0, 0);
    assert_int_equal(rk_policy_next_ns(&INTERVAL, &facts), 6000); /* the interval itself is included */
    facts.jitter = UINT32_MAX;
    assert_int_equal(rk_policy_next_ns(&INTERVAL, &facts), 5901); /* 0.9 of it is not */
    facts.jitter = 1u << 31;
    assert_int_equal(rk_policy_next_ns(&INTERVAL, &facts), 5950);
    struct rk_policy plain = INTERVAL;
    plain.jitter_ppm = 0;
    assert_int_equal(rk_policy_next_ns(&plain, &facts), 6000);
    plain.jitter_ppm = 1000000;
    facts.jitter = UINT32_MAX;
    assert_int_equal(rk_policy_next_ns(&plain, &facts), 5001);
}

static void due_is_what_next_says(void **unused)
{
    (void)unused;
    for (uint32_t jitter = 0; jitter < 50; jitter++) {
        struct rk_policy_facts facts = at(0, jitter * 0x051EB851u);
        uint64_t next_ns = rk_policy_next_ns(&INTERVAL, &facts);
        facts.now_ns = next_ns - 1;
        assert_false(rk_policy_due(&INTERVAL, &facts));
        facts.now_ns = next_ns;
        assert_true(rk_policy_due(&INTERVAL, &facts));
    }
}

static void long_intervals_do_not_overflow(void **unused)
{
    (void)unused;
    struct rk_policy policy = INTERVAL;
    struct rk_policy_facts facts = at(0, UINT32_MAX);
    policy.interval_ns = 50ull * 365 * 86400 * 1000000000; /* 50 years */
    policy.jitter_ppm = 500000;
    uint64_t next_ns = rk_policy_next_ns(&policy, &facts);
    assert_in_range(next_ns, policy.interval_ns / 2, policy.interval_ns / 2 + 1000000000);
    policy.interval_ns = RK_NEVER_ns - 1;
    policy.jitter_ppm = 0;
    facts.activated_ns = 10;
    assert_int_equal(rk_policy_next_ns(&policy, &facts), RK_NEVER_ns);
}

static void the_first_trigger_wins(void **unused)
{
    (void)unused;
    struct rk_policy policy = INTERVAL;
    policy.triggers |= RK_TRIGGER_MESSAGES;
    policy.messages = 10;
    struct rk_policy_facts facts = at(5001, 0);
    facts.protected_messages = 9;
    assert_false(rk_policy_due(&policy, &facts));
    facts.occasion = RK_TRIGGER_SESSION;
    assert_false(rk_policy_due(&policy, &facts));
    facts.protected_messages = 10;
    assert_true(rk_policy_due(&policy, &facts));
    facts.protected_messages = 0;
    facts.now_ns = 6000;
    assert_true(rk_policy_due(&policy, &facts));
    policy.triggers = RK_TRIGGER_SESSION;
    assert_true(rk_policy_due(&policy, &facts));
    assert_int_equal(rk_policy_next_ns(&policy, &facts), RK_NEVER_ns);
}

static void each_occasion_triggers_where_the_policy_asks(void **unused)
{
    (void)unused;
    for (unsigned wanted = 0; wanted < 8; wanted++) {
        struct rk_policy policy = {.triggers = (uint8_t)(1 << wanted), .interval_ns = 1000, .messages = 10};
        for (unsigned happens = 2; happens < 8; happens++) {
            struct rk_policy_facts facts = {.now_ns = 10, .occasion = (uint8_t)(1 << happens)};
            bool occasion = (1 << wanted & RK_TRIGGER_OCCASIONS) != 0;
            assert_int_equal(rk_policy_due(&policy, &facts), occasion && wanted == happens);
        }
    }
}

static void never_is_never(void **unused)
{
    (void)unused;
    struct rk_policy policy = {.triggers = 0, .interval_ns = 1, .messages = 1};
    struct rk_policy_facts facts = {
        .now_ns = RK_NEVER_ns, .protected_messages = UINT32_MAX, .occasion = RK_TRIGGER_OCCASIONS};
    assert_false(rk_policy_due(&policy, &facts));
    assert_int_equal(rk_policy_next_ns(&policy, &facts), RK_NEVER_ns);
}

static void names_and_classes(void **unused)
{
    (void)unused;
    static const char *const expected[][2] = {{"ecdh", "A1"},    {"derive", "A2"}, {"transport", "A0"},
                                              {"refresh", "A3"}, {"update", "A4"}, {"counter", "A5"},
                                              {"static", "A0"}};
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        assert_string_equal(rk_mechanism_name(i), expected[i][0]);
        assert_string_equal(rk_mechanism_class(i), expected[i][1]);
    }
    assert_null(rk_mechanism_name(RK_MECHANISM_COUNT));
    assert_null(rk_mechanism_class(RK_MECHANISM_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_is_shortened_by_jitter_only),
        cmocka_unit_test(due_is_what_next_says),
        cmocka_unit_test(long_intervals_do_not_overflow),
        cmocka_unit_test(the_first_trigger_wins),
        cmocka_unit_test(each_occasion_triggers_where_the_policy_asks),
        cmocka_unit_test(never_is_never),
        cmocka_unit_test(names_and_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
