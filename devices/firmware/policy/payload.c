/* devices/firmware/policy/payload.c - a policy of one's own behind the mailbox: questions in, answers out
 *
 * Request: a field with records (record.h). Reply: a field with the answer to each, 64 bits, little endian. The measured
 * region is the decision on the first of them. All are asked again, backwards: a policy that then answers otherwise
 * remembers something, and the request fails.
 */
#include "devices/firmware/payload.h"

#include <string.h>

#include "devices/firmware/policy/own.h"
#include "devices/firmware/policy/record.h"
#include "devices/firmware/region.h"

static uint64_t ask(const uint8_t *record, bool measured)
{
    struct rk_policy policy;
    struct rk_policy_facts facts;
    uint64_t answer;
    rk_policy_record_read(record, &policy, &facts);
    if (measured) {
        RK_REGION_START(RK_REGION_OPERATION);
        answer = rk_policy_own(&policy, &facts);
        RK_REGION_STOP(RK_REGION_OPERATION);
    } else {
        answer = rk_policy_own(&policy, &facts);
    }
    return answer;
}

static enum rk_crypto serve(struct rki_exchange *x)
{
    const uint8_t *records = x->in[0].at;
    uint16_t count = (uint16_t)(x->in[0].bytes / RK_POLICY_RECORD_bytes);
    uint8_t *answers = rki_exchange_output(x, (uint16_t)(count * RK_POLICY_ANSWER_bytes));
    if (answers == NULL || count * RK_POLICY_RECORD_bytes != x->in[0].bytes) {
        return RK_CRYPTO_FAILED;
    }
    for (uint16_t i = 0; i < count; i++) {
        uint64_t answer = ask(records + i * RK_POLICY_RECORD_bytes, i == 0);
        memcpy(answers + i * RK_POLICY_ANSWER_bytes, &answer, sizeof answer);
    }
    for (uint16_t i = count; i-- > 0;) {
        uint64_t again = ask(records + i * RK_POLICY_RECORD_bytes, false);
        if (memcmp(answers + i * RK_POLICY_ANSWER_bytes, &again, sizeof again) != 0) {
            return RK_CRYPTO_FAILED;
        }
    }
    return RK_CRYPTO_OK;
}

void rk_payload_call(struct rk_mailbox *mailbox)
{
    struct rki_exchange x;
    bool whole = rki_exchange_begin(&x, mailbox) && x.inputs == 1;
    rki_exchange_reply(&x, whole ? serve(&x) : RK_CRYPTO_FAILED);
}
