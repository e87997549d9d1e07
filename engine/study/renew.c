#include "engine/study/renew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/quantity.h"
#include "engine/core/units.h"

static enum rk_err refuse(struct rk_diag *diag, const char *text, const char *what)
{
    return rk_fail(diag, RK_ERR_INPUT, "'%.48s' %s, expected " RK_RENEW_EXPECTED, text, what);
}

static enum rk_err add_trigger(struct rk_policy *policy, enum rk_trigger trigger, const char *term,
                               struct rk_diag *diag)
{
    if (policy->triggers & trigger) {
        return refuse(diag, term, "is a second trigger of the same kind");
    }
    policy->triggers |= (uint8_t)trigger;
    return RK_OK;
}

/* in: "every N messages". out: N, 0 when it is none. */
static uint32_t parse_messages(const char *term)
{
    static const char head[] = "every ", tail[] = " messages";
    size_t length = strlen(term);
    if (length <= strlen(head) + strlen(tail) || strncmp(term, head, strlen(head)) != 0 ||
        strcmp(term + length - strlen(tail), tail) != 0) {
        return 0;
    }
    const char *digits = term + strlen(head);
    size_t count = length - strlen(head) - strlen(tail);
    if (strspn(digits, "0123456789") != count || digits[0] == '0') {
        return 0;
    }
    errno = 0;
    unsigned long long value = strtoull(digits, NULL, 10);
    return errno != 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static enum rk_err parse_term(const char *term, struct rk_policy *policy, struct rk_diag *diag)
{
    if (strcmp(term, "every message") == 0) {
        policy->messages = 1;
        return add_trigger(policy, RK_TRIGGER_MESSAGES, term, diag);
    }
    if (strcmp(term, "every session") == 0) {
        return add_trigger(policy, RK_TRIGGER_SESSION, term, diag);
    }
    uint32_t messages = parse_messages(term);
    if (messages != 0) {
        policy->messages = messages;
        return add_trigger(policy, RK_TRIGGER_MESSAGES, term, diag);
    }
    uint64_t interval_ns;
    if (rk_quantity_parse(RK_DIM_TIME, term, &interval_ns, NULL) != RK_OK || interval_ns == 0) {
        return refuse(diag, term, "is no renewal");
    }
    policy->interval_ns = interval_ns;
    return add_trigger(policy, RK_TRIGGER_INTERVAL, term, diag);
}

enum rk_err rk_renew_parse(const char *text, struct rk_policy *policy, struct rk_diag *diag)
{
    struct rk_policy parsed = *policy;
    parsed.triggers = 0;
    parsed.messages = 0;
    parsed.interval_ns = 0;
    if (strcmp(text, "never") == 0) {
        *policy = parsed;
        return RK_OK;
    }
    const char *start = text;
    for (;;) {
        const char *joint = strstr(start, " or ");
        size_t length = joint ? (size_t)(joint - start) : strlen(start);
        char term[64];
        if (length >= sizeof term) {
            return refuse(diag, text, "is no renewal");
        }
        memcpy(term, start, length);
        term[length] = '\0';
        enum rk_err err = parse_term(term, &parsed, diag);
        if (err != RK_OK) {
            return err;
        }
        if (!joint) {
            break;
        }
        start = joint + strlen(" or ");
    }
    *policy = parsed;
    return RK_OK;
}

static uint64_t times(uint64_t count, uint64_t period_ns)
{
    unsigned __int128 product = (unsigned __int128)count * period_ns;
    return product > RK_NEVER ? RK_NEVER : (uint64_t)product;
}

uint64_t rk_renew_interval_ns(const struct rk_policy *policy, uint64_t message_period_ns, uint64_t session_period_ns)
{
    uint64_t shortest = RK_NEVER;
    if (policy->triggers & RK_TRIGGER_INTERVAL) {
        shortest = policy->interval_ns;
    }
    if (policy->triggers & RK_TRIGGER_MESSAGES) {
        uint64_t interval_ns = times(policy->messages, message_period_ns);
        shortest = interval_ns < shortest ? interval_ns : shortest;
    }
    if ((policy->triggers & RK_TRIGGER_SESSION) && session_period_ns != 0 && session_period_ns < shortest) {
        shortest = session_period_ns;
    }
    if (policy->triggers != 0 && policy->messages_max != 0) {
        uint64_t exhausted_ns = times(policy->messages_max, message_period_ns);
        shortest = exhausted_ns < shortest ? exhausted_ns : shortest;
    }
    return shortest;
}
