/* tests/devices/test_lifecycle_rules.c - on every device's binary: each transition, use and request, permitted or refused
 *
 * What is expected stands here as the standards' tables have it; key.c and access.c are asked on the device, through
 * operation lifecycle_check. The image has no crypto library and must fit every device.
 */
#include "tests/devices/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/firmware/check.h"
#include "engine/lifecycle/agent.h"
#include "engine/study/device_file.h"

/* --- what the standards say --- */

enum { STATES = RK_STATE_COUNT };

/* SP 800-57 Part 1, section 7: row from, column to, in the order none, pre-activation, active, suspended, deactivated,
 * compromised, destroyed. +: the edge exists; o: for the types that are not retained for processing alone (transitions 5
 * and 9); r: back to active, before the end of the originator-usage period (10). */
static const char NIST[STATES][STATES + 1] = {
    ".+.....", /* generation: 1 */
    "..+..++", /* 4, 3, 2 */
    "...+++o", /* 7, 8, 6, 5 */
    "..r.++o", /* 10, 12, 11, 9 */
    ".....++", /* 13, 14 */
    "......+", /* 15 */
    ".......",
};

/* ISO/IEC 11770-1: pending active, active, post active; r: reactivation. */
static const char ISO[STATES][STATES + 1] = {
    ".+.....",            /* generation */
    "..+...+",            /* activation; destruction of what is not needed */
    "....+..",            /* deactivation */
    ".......", "..r...+", /* reactivation, destruction */
    ".......", ".......",
};

/* Section 7.2: which types go from active to destroyed at once. By the rows of table 1: private signature, private
 * authentication, random number generation, master, ephemeral key agreement (both halves), symmetric authorization. */
static bool at_once(uint8_t type)
{
    static const uint8_t rows[] = {1, 4, 8, 9, 15, 16, 17};
    return memchr(rows, type, sizeof rows) != NULL;
}

enum use_rule { NEVER, ALWAYS, IN_ORIGINATOR_PERIOD, IN_RECIPIENT_PERIOD, OLDER_DATA };

/* What each state permits: section 7, row state, column protect, process, confirm. */
static const uint8_t USES[STATES][RK_USE_COUNT] = {
    {NEVER, NEVER, NEVER},
    {NEVER, NEVER, ALWAYS}, /* pre-activation: proof of possession and key confirmation */
    {IN_ORIGINATOR_PERIOD, IN_RECIPIENT_PERIOD, ALWAYS},
    {NEVER, OLDER_DATA, NEVER}, /* suspended: what was protected before */
    {NEVER, IN_RECIPIENT_PERIOD, NEVER},
    {NEVER, NEVER, NEVER}, /* compromised: only under conditions that a device cannot know */
    {NEVER, NEVER, NEVER},
};

/* Row subject, column event, in the order of enum rk_event_kind: start, send, receive, timer, session, compromise,
 * suspend, resume, backup, restore, zeroise, reseed. */
static const char ACCESS[RK_SUBJECT_COUNT][RK_EVENT_COUNT + 1] = {
    "............", /* nobody */
    ".+..+.......", /* application */
    "+.++.......+", /* system */
    ".....++++++.", /* officer */
};

/* --- questions with the answers expected --- */

enum { ACTIVATED_ns = 1000, PERIOD_ns = 500, OVERLAP_ns = 100, PAUSED_ns = 1200, QUESTIONS_MAX = 56 };

struct batch {
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
    const char *device;
    unsigned count, room, asked, legal; /* room: what the mailbox holds of questions with their answers */
    struct rk_check_question question[QUESTIONS_MAX];
    struct rk_check_answer expected[QUESTIONS_MAX];
};

static void batch_flush(struct batch *batch)
{
    static struct rk_call call;
    const struct rk_check_answer *answer;
    const uint8_t *reply;
    uint16_t bytes;
    if (batch->count == 0)
        return;
    memset(&call, 0, sizeof call);
    call.operation = RK_OP_lifecycle_check;
    assert_true(rk_call_append(&call, batch->question, (uint16_t)(batch->count * sizeof batch->question[0])));
    if (batch->driver->call(batch->emulator, &call) != RK_CALL_OK)
        fail_msg("%s: %s", batch->device, batch->driver->reason(batch->emulator));
    assert_int_equal(call.result, RK_CRYPTO_OK);
    assert_true(rk_call_field(&call, 0, &reply, &bytes));
    assert_int_equal(bytes, batch->count * sizeof *answer);
    for (unsigned i = 0; i < batch->count; i++) {
        const struct rk_check_question *question = &batch->question[i];
        answer = (const struct rk_check_answer *)(const void *)reply + i;
        if (memcmp(answer, &batch->expected[i], sizeof *answer) != 0)
            fail_msg("%s: kind %u profile %u type %u state %u flag %u wanted %u subject %u q %u now %u data %u: "
                     "result %d state %u recorded %u untouched %u, expected %d %u %u %u",
                     batch->device, question->kind, question->profile, question->type, question->state,
                     question->compromised, question->wanted, question->subject, question->protected_messages,
                     (unsigned)question->now_ns, (unsigned)question->data_ns, answer->result, answer->state,
                     answer->recorded, answer->untouched, batch->expected[i].result, batch->expected[i].state,
                     batch->expected[i].recorded, batch->expected[i].untouched);
        batch->legal += question->kind == RK_CHECK_ACCESS ? answer->result == 1 : answer->result == RK_KEY_OK;
    }
    batch->asked += batch->count;
    batch->count = 0;
}

static void ask(struct batch *batch, const struct rk_check_question *question, const struct rk_check_answer *expected)
{
    batch->question[batch->count] = *question;
    batch->expected[batch->count++] = *expected;
    if (batch->count == batch->room)
        batch_flush(batch);
}

static char edge(const struct rk_check_question *question)
{
    if (question->state >= STATES || question->wanted >= STATES || question->profile > RK_PROFILE_ISO)
        return '.';
    return (question->profile == RK_PROFILE_NIST ? NIST : ISO)[question->state][question->wanted];
}

static int transition_result(const struct rk_check_question *question)
{
    switch (edge(question)) {
    case '+':
        return RK_KEY_OK;
    case 'o':
        return at_once(question->type) ? RK_KEY_OK : RK_KEY_ILLEGAL;
    case 'r':
        if (question->compromised)
            return RK_KEY_ILLEGAL;
        return question->now_ns < ACTIVATED_ns + PERIOD_ns ? RK_KEY_OK : RK_KEY_LATE;
    default:
        return RK_KEY_ILLEGAL;
    }
}

static void ask_transition(struct batch *batch, struct rk_check_question question)
{
    question.kind = RK_CHECK_TRANSITION;
    int result = transition_result(&question);
    struct rk_check_answer expected = {
        .result = (int8_t)result, .state = question.state, .compromised = question.compromised, .untouched = 1};
    if (result == RK_KEY_OK) {
        bool leak = question.wanted == RK_STATE_COMPROMISED || question.reason == RK_REASON_COMPROMISE;
        expected.state = question.wanted;
        expected.compromised = question.compromised || leak;
        expected.recorded = RK_CHECK_RECORDED_ALL;
        expected.activated = question.state == RK_STATE_PRE_ACTIVATION && question.wanted == RK_STATE_ACTIVE;
        expected.changed = 1;
        expected.untouched = 0;
    }
    ask(batch, &question, &expected);
}

static struct rk_check_question question_at(uint8_t profile, uint8_t type, uint8_t state, uint8_t wanted)
{
    return (struct rk_check_question){.profile = profile,
                                      .type = type,
                                      .state = state,
                                      .wanted = wanted,
                                      .reason = RK_REASON_REPLACED,
                                      .messages_max = 10,
                                      .activated_ns = ACTIVATED_ns,
                                      .changed_ns = PAUSED_ns,
                                      .originator_ns = PERIOD_ns,
                                      .overlap_ns = OVERLAP_ns,
                                      .now_ns = ACTIVATED_ns + PERIOD_ns - 1};
}

/* Every pair of states, and values that are none; in both profiles, and in one that is none. */
static void ask_transitions(struct batch *batch)
{
    for (uint8_t profile = 0; profile <= RK_PROFILE_COUNT; profile++)
        for (uint8_t type = 0; type <= RK_KEY_TYPE_END; type++)
            for (uint8_t from = 0; from <= STATES; from++)
                for (uint8_t to = 0; to <= STATES; to++) {
                    struct rk_check_question question = question_at(profile, type, from, to);
                    bool closely = type == RK_KEY_DATA_ENCRYPTION || type == RK_KEY_PRIVATE_SIGNATURE;
                    if (profile != RK_PROFILE_NIST && !closely)
                        continue; /* the types differ in SP 800-57 alone */
                    ask_transition(batch, question);
                    if (!closely)
                        continue;
                    question.compromised = 1;
                    ask_transition(batch, question);
                    question.now_ns++; /* the period is over */
                    ask_transition(batch, question);
                    question.compromised = 0;
                    ask_transition(batch, question);
                    question.reason = RK_REASON_COMPROMISE;
                    ask_transition(batch, question);
                }
}

static int use_result(const struct rk_check_question *question)
{
    uint64_t originator_end_ns = ACTIVATED_ns + PERIOD_ns;
    bool deactivated = question->state == RK_STATE_DEACTIVATED;
    uint64_t recipient_end_ns = (deactivated ? PAUSED_ns : originator_end_ns) + OVERLAP_ns;
    enum use_rule rule = NEVER;
    if (question->state < STATES && question->wanted < RK_USE_COUNT)
        rule = USES[question->state][question->wanted];
    if (deactivated && question->compromised)
        return RK_KEY_FORBIDDEN;
    switch (rule) {
    case ALWAYS:
        return RK_KEY_OK;
    case IN_ORIGINATOR_PERIOD:
        if (question->now_ns >= originator_end_ns)
            return RK_KEY_LATE;
        return question->protected_messages < question->messages_max ? RK_KEY_OK : RK_KEY_EXHAUSTED;
    case OLDER_DATA:
        if (question->data_ns >= PAUSED_ns)
            return RK_KEY_FORBIDDEN;
        return question->now_ns < recipient_end_ns ? RK_KEY_OK : RK_KEY_LATE;
    case IN_RECIPIENT_PERIOD:
        return question->now_ns < recipient_end_ns ? RK_KEY_OK : RK_KEY_LATE;
    default:
        return RK_KEY_FORBIDDEN;
    }
}

static void ask_use(struct batch *batch, struct rk_check_question question)
{
    question.kind = RK_CHECK_USE;
    struct rk_check_answer expected = {.result = (int8_t)use_result(&question),
                                       .state = question.state,
                                       .compromised = question.compromised,
                                       .activated = question.now_ns == question.activated_ns,
                                       .changed = question.now_ns == question.changed_ns,
                                       .untouched = 1};
    ask(batch, &question, &expected);
}

/* Every state and use, and values that are none, around each of the times that matter. */
static void ask_uses(struct batch *batch)
{
    static const uint16_t times_ns[] = {ACTIVATED_ns, PAUSED_ns, PAUSED_ns + OVERLAP_ns, ACTIVATED_ns + PERIOD_ns,
                                        ACTIVATED_ns + PERIOD_ns + OVERLAP_ns};
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++)
        for (uint8_t state = 0; state <= STATES; state++)
            for (uint8_t use = 0; use <= RK_USE_COUNT; use++)
                for (unsigned at = 0; at < 2 * sizeof times_ns / sizeof *times_ns; at++)
                    for (unsigned variant = 0; variant < 8; variant++) {
                        struct rk_check_question question = question_at(profile, RK_KEY_DATA_ENCRYPTION, state, use);
                        question.now_ns = (uint64_t)times_ns[at / 2] - at % 2;
                        question.data_ns = (variant & 1) != 0 ? PAUSED_ns - 1 : PAUSED_ns;
                        question.compromised = (variant & 2) != 0;
                        question.protected_messages = (variant & 4) != 0 ? 10 : 9;
                        bool matters = (!question.compromised || state == RK_STATE_DEACTIVATED) &&
                                       ((variant & 4) == 0 || use == RK_USE_PROTECT);
                        if (!matters)
                            continue;
                        ask_use(batch, question);
                    }
}

static void ask_accesses(struct batch *batch)
{
    for (unsigned subject = 0; subject <= RK_SUBJECT_COUNT; subject++)
        for (unsigned event = 0; event <= UINT8_MAX; event += event < 32 ? 1 : 31) {
            bool listed = subject < RK_SUBJECT_COUNT && event < RK_EVENT_COUNT;
            struct rk_check_question question = {
                .kind = RK_CHECK_ACCESS, .subject = (uint8_t)subject, .wanted = (uint8_t)event};
            struct rk_check_answer expected = {.result = listed && ACCESS[subject][event] == '+'};
            ask(batch, &question, &expected);
        }
}

/* --- devices --- */

static void check_device(const char *name)
{
    static struct rk_device_profile profile;
    struct rk_diag diag = {""};
    struct batch batch = {.device = name};
    struct rk_firmware_sizes sizes;
    if (rk_device_load(rk_firmware_root(), name, &profile, &diag) != RK_OK)
        fail_msg("%s", diag.text);
    batch.driver = rk_emulator_driver_find(profile.emulator);
    batch.emulator = support_open(&profile, RK_OP_lifecycle_check);
    const char *image = support_image(name, RK_OP_lifecycle_check);
    if (rk_firmware_measure(image, &sizes, &diag) != RK_OK)
        fail_msg("%s", diag.text);
    uint64_t data_bytes = sizes.mailbox_bytes - 4; /* two lengths */
    batch.room = (unsigned)(data_bytes / (sizeof batch.question[0] + sizeof batch.expected[0]));
    batch.room = batch.room < QUESTIONS_MAX ? batch.room : QUESTIONS_MAX;
    assert_int_not_equal(batch.room, 0);
    ask_transitions(&batch);
    ask_uses(&batch);
    ask_accesses(&batch);
    batch_flush(&batch);
    batch.driver->close(batch.emulator);
    print_message("%s: %u questions, %u permitted\n", name, batch.asked, batch.legal);
    assert_in_range(batch.legal, 500, batch.asked / 4); /* both answers were seen */
}

static void every_device_refuses_what_the_standards_do_not_list(void **state)
{
    static const char *const required[] = {"atmega1284p", "msp430f1611", "cortex-m4", "host"};
    struct rk_names names;
    struct rk_diag diag = {""};
    unsigned found = 0;
    (void)state;
    if (rk_device_list(rk_firmware_root(), &names, &diag) != RK_OK)
        fail_msg("%s", diag.text);
    for (unsigned i = 0; i < names.count; i++) {
        check_device(names.name[i]);
        for (unsigned r = 0; r < sizeof required / sizeof *required; r++)
            found += strcmp(names.name[i], required[r]) == 0;
    }
    assert_int_equal(found, sizeof required / sizeof *required);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_device_refuses_what_the_standards_do_not_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
