/* Who may ask for what: every subject with every event, the ones that do not exist too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/lifecycle/agent.h"

/* The subject that may; every other one is refused. */
static const uint8_t MAY[RK_EVENT_COUNT] = {
    [RK_EVENT_START] = RK_SUBJECT_SYSTEM,       [RK_EVENT_RESEED] = RK_SUBJECT_SYSTEM,
    [RK_EVENT_RECEIVE] = RK_SUBJECT_SYSTEM,     [RK_EVENT_TIMER] = RK_SUBJECT_SYSTEM,
    [RK_EVENT_SEND] = RK_SUBJECT_APPLICATION,   [RK_EVENT_SESSION] = RK_SUBJECT_APPLICATION,
    [RK_EVENT_COMPROMISE] = RK_SUBJECT_OFFICER, [RK_EVENT_SUSPEND] = RK_SUBJECT_OFFICER,
    [RK_EVENT_RESUME] = RK_SUBJECT_OFFICER,     [RK_EVENT_BACKUP] = RK_SUBJECT_OFFICER,
    [RK_EVENT_RESTORE] = RK_SUBJECT_OFFICER,    [RK_EVENT_ZEROISE] = RK_SUBJECT_OFFICER,
};

static void every_subject_with_every_event(void **unused)
{
    (void)unused;
    for (unsigned subject = 0; subject < 256; subject++)
        for (unsigned event = 0; event < 256; event++) {
            bool expected = event < RK_EVENT_COUNT && subject != RK_SUBJECT_NOBODY && MAY[event] == subject;
            assert_int_equal(rk_access_permits((uint8_t)subject, (uint8_t)event), expected);
        }
}

static void an_event_has_its_subject(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < RK_EVENT_COUNT; event++) {
        assert_int_not_equal(MAY[event], RK_SUBJECT_NOBODY); /* a new event stands in the table above */
        assert_int_equal(rk_access_subject((uint8_t)event), MAY[event]);
    }
    assert_int_equal(rk_access_subject(RK_EVENT_COUNT), RK_SUBJECT_NOBODY);
    assert_int_equal(rk_access_subject(255), RK_SUBJECT_NOBODY);
}

static void names(void **unused)
{
    (void)unused;
    static const char *const expected[] = {"nobody", "application", "system", "officer"};
    for (unsigned subject = 0; subject < RK_SUBJECT_COUNT; subject++)
        assert_string_equal(rk_subject_name(subject), expected[subject]);
    assert_null(rk_subject_name(RK_SUBJECT_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subject_with_every_event),
        cmocka_unit_test(an_event_has_its_subject),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
