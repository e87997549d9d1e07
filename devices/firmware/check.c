/* devices/firmware/check.c - see check.h */
#include "devices/firmware/check.h"

#include <string.h>

#include "devices/firmware/payload.h"
#include "engine/lifecycle/access.h"
#include "engine/lifecycle/key.h"

enum { KEY_ID = 0x01020304, UNTOUCHED = 0xA5 };

static uint8_t recorded(const struct rk_record *record, const struct rk_check_question *question)
{
    uint8_t bits = record->key_id == KEY_ID ? RK_CHECK_RECORDED : 0;
    bits |= record->time_ns == question->now_ns ? RK_CHECK_RECORDED_NOW : 0;
    bits |= record->from == question->state ? RK_CHECK_RECORDED_FROM : 0;
    bits |= record->to == question->wanted ? RK_CHECK_RECORDED_TO : 0;
    bits |= record->reason == question->reason ? RK_CHECK_RECORDED_REASON : 0;
    return bits;
}

static void answer_of_key(const struct rk_check_question *question, struct rk_check_answer *answer)
{
    struct rk_record record, blank;
    struct rk_key key = {.id = KEY_ID,
                         .protected_messages = question->protected_messages,
                         .state = question->state,
                         .type = question->type,
                         .compromised = question->compromised,
                         .activated_ns = question->activated_ns,
                         .changed_ns = question->changed_ns};
    const struct rk_key_rules rules = {.profile = question->profile,
                                       .messages_max = question->messages_max,
                                       .originator_ns = question->originator_ns,
                                       .overlap_ns = question->overlap_ns};
    struct rk_key before = key;
    memset(&record, UNTOUCHED, sizeof record);
    memset(&blank, UNTOUCHED, sizeof blank);
    if (question->kind == RK_CHECK_TRANSITION)
        answer->result =
            (int8_t)rk_key_transition(&key, &rules, question->wanted, question->reason, question->now_ns, &record);
    else
        answer->result = (int8_t)rk_key_permits(&key, &rules, question->wanted, question->now_ns, question->data_ns);
    answer->state = key.state;
    answer->compromised = key.compromised;
    answer->recorded = memcmp(&record, &blank, sizeof record) == 0 ? 0 : recorded(&record, question);
    answer->activated = key.activated_ns == question->now_ns;
    answer->changed = key.changed_ns == question->now_ns;
    answer->untouched = memcmp(&key, &before, sizeof key) == 0;
}

enum rk_crypto rk_payload_check(struct rki_exchange *x)
{
    struct rk_check_question question;
    struct rk_check_answer answer;
    if (x->inputs != 1 || x->in[0].bytes % sizeof question != 0)
        return RK_CRYPTO_FAILED;
    uint16_t count = (uint16_t)(x->in[0].bytes / sizeof question);
    uint8_t *answers = rki_exchange_output(x, (uint16_t)(count * sizeof answer));
    if (answers == NULL)
        return RK_CRYPTO_FAILED;
    for (uint16_t i = 0; i < count; i++) {
        memcpy(&question, x->in[0].at + i * sizeof question, sizeof question);
        memset(&answer, 0, sizeof answer);
        if (question.kind == RK_CHECK_ACCESS)
            answer.result = rk_access_permits(question.subject, question.wanted);
        else
            answer_of_key(&question, &answer);
        memcpy(answers + i * sizeof answer, &answer, sizeof answer);
    }
    return RK_CRYPTO_OK;
}
