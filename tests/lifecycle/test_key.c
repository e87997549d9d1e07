/* States and uses of SP 800-57 Part 1, section 7, typed from the standard and not from the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/key.h"
#include "engine/lifecycle/key_type.h"

/* Rows: from. Columns: none, pre-activation, active, suspended, deactivated, compromised, destroyed. +: legal; t: legal
 * for the types that go from active and suspended to destroyed at once; c: legal unless the key is compromised. */
static const char *const EDGES[RK_PROFILE_COUNT][RK_STATE_COUNT] = {
    {
        ".+.....",
        "..+..++",
        "...+++t",
        "..c.++t",
        ".....++",
        "......+",
        ".......",
    },
    {
        ".+.....",
        "..+...+",
        "....+..",
        ".......",
        "..c...+",
        ".......",
        ".......",
    },
};

/* Section 7.2: private signature, private authentication, random generation, master, ephemeral pair, symmetric
 * authorization. Rows of table 1. */
static const uint8_t AT_ONCE[] = {1, 4, 8, 9, 15, 16, 17};

static bool legal(unsigned profile, uint8_t type, unsigned from, unsigned to, bool compromised)
{
    if (profile >= RK_PROFILE_COUNT || from >= RK_STATE_COUNT || to >= RK_STATE_COUNT)
        return false;
    char mark = EDGES[profile][from][to];
    bool at_once = memchr(AT_ONCE, type, sizeof AT_ONCE) != NULL;
    return mark == '+' || (mark == 't' && at_once) || (mark == 'c' && !compromised);
}

static struct rk_key key_in(enum rk_key_state state)
{
    return (struct rk_key){.id = 9,
                           .state = (uint8_t)state,
                           .type = RK_KEY_DATA_ENCRYPTION,
                           .changed_ns = state == RK_STATE_DEACTIVATED ? RK_NEVER_ns : 50};
}

/* Originator-usage period to 100, recipient-usage period to 200. */
static const struct rk_key_rules RULES = {
    .profile = RK_PROFILE_NIST, .messages_max = RK_KEY_MESSAGES_MAX, .originator_ns = 100, .overlap_ns = 100};

static void one_move(uint8_t profile, uint8_t type, unsigned from, unsigned to, bool compromised)
{
    struct rk_key key = key_in(from);
    key.type = type;
    key.compromised = compromised;
    key.changed_ns = 50;
    struct rk_key before = key;
    struct rk_key_rules rules = RULES;
    rules.profile = profile;
    struct rk_record record = {.key_id = 77};
    bool expected = legal(profile, type, from, to, compromised);
    enum rk_key_result result = rk_key_transition(&key, &rules, (uint8_t)to, RK_REASON_EXPIRED, 60, &record);
    assert_int_equal(result, expected ? RK_KEY_OK : RK_KEY_ILLEGAL);
    if (!expected) {
        assert_memory_equal(&key, &before, sizeof key);
        assert_int_equal(record.key_id, 77);
        return;
    }
    assert_int_equal(key.state, to);
    assert_int_equal(key.changed_ns, 60);
    assert_int_equal(key.compromised, compromised || to == RK_STATE_COMPROMISED);
    assert_int_equal(record.from, from);
    assert_int_equal(record.to, to);
    assert_int_equal(record.key_id, 9);
    assert_int_equal(record.time_ns, 60);
    assert_int_equal(record.reason, RK_REASON_EXPIRED);
}

/* 20 types (0 is none of table 1), profiles, from, to: a value beyond each enumeration too. */
static void every_pair_of_states_of_every_type_in_both_profiles(void **unused)
{
    (void)unused;
    for (uint8_t profile = 0; profile <= RK_PROFILE_COUNT; profile++)
        for (uint8_t type = 0; type <= RK_KEY_TYPE_END; type++)
            for (unsigned from = 0; from <= RK_STATE_COUNT; from++)
                for (unsigned to = 0; to <= RK_STATE_COUNT; to++) {
                    assert_int_equal(rk_key_transition_legal(profile, type, (uint8_t)from, (uint8_t)to),
                                     legal(profile, type, from, to, false));
                    one_move(profile, type, from, to, false);
                    one_move(profile, type, from, to, true);
                }
    assert_false(rk_key_transition_legal(RK_PROFILE_NIST, 6, 255, 1));
    assert_false(rk_key_transition_legal(RK_PROFILE_NIST, 6, 0, 255));
}

static void reactivation_needs_the_originator_period(void **unused)
{
    (void)unused;
    struct rk_record record;
    struct rk_key_rules iso = RULES;
    iso.profile = RK_PROFILE_ISO;
    struct rk_key key = key_in(RK_STATE_DEACTIVATED);
    assert_int_equal(rk_key_transition(&key, &iso, RK_STATE_ACTIVE, RK_REASON_RESUMED, 100, &record), RK_KEY_LATE);
    assert_int_equal(rk_key_transition(&key, &RULES, RK_STATE_ACTIVE, RK_REASON_RESUMED, 99, &record), RK_KEY_ILLEGAL);
    assert_int_equal(rk_key_transition(&key, &iso, RK_STATE_ACTIVE, RK_REASON_RESUMED, 99, &record), RK_KEY_OK);
    assert_int_equal(key.activated_ns, 0); /* no new period */
}

static void a_compromised_key_processes_nothing_in_iso(void **unused)
{
    (void)unused;
    struct rk_record record;
    struct rk_key_rules iso = RULES;
    iso.profile = RK_PROFILE_ISO;
    struct rk_key key = key_in(RK_STATE_ACTIVE);
    assert_int_equal(rk_key_transition(&key, &iso, RK_STATE_DEACTIVATED, RK_REASON_COMPROMISE, 60, &record), RK_KEY_OK);
    assert_int_equal(key.compromised, 1);
    assert_int_equal(rk_key_permits(&key, &iso, RK_USE_PROCESS, 61, 10), RK_KEY_FORBIDDEN);
    assert_int_equal(rk_key_transition(&key, &iso, RK_STATE_ACTIVE, RK_REASON_RESUMED, 62, &record), RK_KEY_ILLEGAL);
}

static void resuming_needs_the_originator_period(void **unused)
{
    (void)unused;
    struct rk_record record;
    struct rk_key key = key_in(RK_STATE_SUSPENDED);
    assert_int_equal(rk_key_transition(&key, &RULES, RK_STATE_ACTIVE, RK_REASON_RESUMED, 100, &record), RK_KEY_LATE);
    assert_int_equal(key.state, RK_STATE_SUSPENDED);
    assert_int_equal(rk_key_transition(&key, &RULES, RK_STATE_ACTIVE, RK_REASON_RESUMED, 99, &record), RK_KEY_OK);
}

static void times_are_kept(void **unused)
{
    (void)unused;
    struct rk_record record;
    struct rk_key key = {.type = RK_KEY_DATA_ENCRYPTION};
    rk_key_transition(&key, &RULES, RK_STATE_PRE_ACTIVATION, RK_REASON_GENERATED, 1, &record);
    rk_key_transition(&key, &RULES, RK_STATE_ACTIVE, RK_REASON_CONFIRMED, 2, &record);
    rk_key_transition(&key, &RULES, RK_STATE_SUSPENDED, RK_REASON_SUSPENDED, 3, &record);
    rk_key_transition(&key, &RULES, RK_STATE_ACTIVE, RK_REASON_RESUMED, 4, &record);
    rk_key_transition(&key, &RULES, RK_STATE_COMPROMISED, RK_REASON_COMPROMISE, 5, &record);
    rk_key_transition(&key, &RULES, RK_STATE_DESTROYED, RK_REASON_COMPROMISE, 6, &record);
    assert_int_equal(key.activated_ns, 2); /* resuming is no new activation */
    assert_int_equal(key.changed_ns, 6);
    assert_int_equal(key.compromised, 1); /* survives destruction: 7.6 */
}

/* State, use, now, time of the data -> what the standard permits. Originator period ends at 100, recipient's at 200. */
static const struct {
    uint8_t state, use;
    uint16_t now_ns, data_ns;
    int8_t expected;
} USES[] = {
    {RK_STATE_NONE, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_NONE, RK_USE_PROCESS, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_NONE, RK_USE_CONFIRM, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_PRE_ACTIVATION, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_PRE_ACTIVATION, RK_USE_PROCESS, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_PRE_ACTIVATION, RK_USE_CONFIRM, 10, 10, RK_KEY_OK},
    {RK_STATE_ACTIVE, RK_USE_PROTECT, 99, 99, RK_KEY_OK},
    {RK_STATE_ACTIVE, RK_USE_PROTECT, 100, 100, RK_KEY_LATE},
    {RK_STATE_ACTIVE, RK_USE_PROCESS, 199, 10, RK_KEY_OK},
    {RK_STATE_ACTIVE, RK_USE_PROCESS, 200, 10, RK_KEY_LATE},
    {RK_STATE_ACTIVE, RK_USE_CONFIRM, 10, 10, RK_KEY_OK},
    {RK_STATE_SUSPENDED, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_SUSPENDED, RK_USE_PROCESS, 60, 49, RK_KEY_OK},
    {RK_STATE_SUSPENDED, RK_USE_PROCESS, 60, 50, RK_KEY_FORBIDDEN},
    {RK_STATE_SUSPENDED, RK_USE_PROCESS, 200, 49, RK_KEY_LATE},
    {RK_STATE_SUSPENDED, RK_USE_CONFIRM, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_DEACTIVATED, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_DEACTIVATED, RK_USE_PROCESS, 199, 10, RK_KEY_OK},
    {RK_STATE_DEACTIVATED, RK_USE_PROCESS, 200, 10, RK_KEY_LATE},
    {RK_STATE_DEACTIVATED, RK_USE_CONFIRM, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_COMPROMISED, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_COMPROMISED, RK_USE_PROCESS, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_COMPROMISED, RK_USE_CONFIRM, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_DESTROYED, RK_USE_PROTECT, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_DESTROYED, RK_USE_PROCESS, 10, 10, RK_KEY_FORBIDDEN},
    {RK_STATE_DESTROYED, RK_USE_CONFIRM, 10, 10, RK_KEY_FORBIDDEN},
};

static void every_use_in_every_state(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof USES / sizeof USES[0]; i++) {
        struct rk_key key = key_in(USES[i].state);
        assert_int_equal(rk_key_permits(&key, &RULES, USES[i].use, USES[i].now_ns, USES[i].data_ns), USES[i].expected);
    }
}

static void a_counter_never_wraps(void **unused)
{
    (void)unused;
    struct rk_key key = key_in(RK_STATE_ACTIVE);
    key.protected_messages = UINT32_MAX - 1;
    assert_int_equal(rk_key_permits(&key, &RULES, RK_USE_PROTECT, 1, 1), RK_KEY_OK);
    key.protected_messages = UINT32_MAX;
    assert_int_equal(rk_key_permits(&key, &RULES, RK_USE_PROTECT, 1, 1), RK_KEY_EXHAUSTED);
    assert_int_equal(rk_key_permits(&key, &RULES, RK_USE_PROCESS, 1, 1), RK_KEY_OK);
    assert_int_equal(rk_key_permits(&key, &RULES, RK_USE_COUNT, 1, 1), RK_KEY_FORBIDDEN);
}

static void names(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < RK_STATE_COUNT; i++)
        assert_non_null(rk_key_state_name(i));
    for (unsigned i = 0; i < RK_REASON_COUNT; i++)
        assert_non_null(rk_reason_name(i));
    assert_null(rk_key_state_name(RK_STATE_COUNT));
    assert_null(rk_reason_name(RK_REASON_COUNT));
    assert_string_equal(rk_key_state_name(RK_STATE_PRE_ACTIVATION), "pre-activation");
    assert_string_equal(rk_reason_name(RK_REASON_OVERLAP_END), "overlap-end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_states_of_every_type_in_both_profiles),
        cmocka_unit_test(reactivation_needs_the_originator_period),
        cmocka_unit_test(a_compromised_key_processes_nothing_in_iso),
        cmocka_unit_test(resuming_needs_the_originator_period),
        cmocka_unit_test(times_are_kept),
        cmocka_unit_test(every_use_in_every_state),
        cmocka_unit_test(a_counter_never_wraps),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
