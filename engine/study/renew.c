#include "engine/study/renew.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/quantity.h"
#include "engine/core/units.h"

static enum rk_err refuse(struct rk_diag *diag, const char *text, const char *what)
{
    return rk_fail(diag, RK_ERR_INPUT, "'%.48s' %s, expected %s", text, what, RK_RENEW_EXPECTED);
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

/* in: "50 % of limit". out: ppm, 0 when it is none. */
static uint32_t parse_share(const char *term)
{
    static const char tail[] = " of limit";
    size_t length = strlen(term);
    char share[RK_QUANTITY_TEXT_bytes];
    uint64_t ppm;
    if (length <= strlen(tail) || length - strlen(tail) >= sizeof share ||
        strcmp(term + length - strlen(tail), tail) != 0) {
        return 0;
    }
    snprintf(share, sizeof share, "%.*s", (int)(length - strlen(tail)), term);
    return rk_quantity_parse(RK_DIM_RATIO, share, &ppm, NULL) != RK_OK || ppm > 1000000 ? 0 : (uint32_t)ppm;
}

/* in: "8192 failed". out: the number, 0 when it is none. */
static uint32_t parse_failed(const char *term)
{
    char *end;
    errno = 0;
    unsigned long long value = term[0] >= '1' && term[0] <= '9' ? strtoull(term, &end, 10) : 0;
    return value == 0 || errno != 0 || value > UINT32_MAX || strcmp(end, " failed") != 0 ? 0 : (uint32_t)value;
}

static const struct {
    const char *name;
    enum rk_trigger trigger;
} occasions[] = {{"every session", RK_TRIGGER_SESSION}, {"reboot", RK_TRIGGER_REBOOT},
                 {"firmware", RK_TRIGGER_FIRMWARE},     {"owner", RK_TRIGGER_OWNER},
                 {"suspicion", RK_TRIGGER_SUSPICION},   {"membership", RK_TRIGGER_MEMBERSHIP}};

/* Triggers that policies have no bit for: a second one is refused here. */
static enum rk_err set_once(uint64_t *member, uint64_t value, const char *term, struct rk_diag *diag)
{
    if (*member != 0) {
        return refuse(diag, term, "is a second trigger of the same kind");
    }
    *member = value;
    return RK_OK;
}

static enum rk_err parse_term(const char *term, struct rk_policy *policy, struct rk_renew *more, struct rk_diag *diag)
{
    uint64_t interval_ns, bytes, failed = policy->failed_max, share = more->limit_ppm;
    uint32_t messages = strcmp(term, "every message") == 0 ? 1 : parse_messages(term);
    if (messages != 0) {
        policy->messages = messages;
        return add_trigger(policy, RK_TRIGGER_MESSAGES, term, diag);
    }
    for (size_t i = 0; i < sizeof occasions / sizeof occasions[0]; i++) {
        if (strcmp(term, occasions[i].name) == 0) {
            return add_trigger(policy, occasions[i].trigger, term, diag);
        }
    }
    if (parse_failed(term) != 0) {
        enum rk_err err = set_once(&failed, parse_failed(term), term, diag);
        policy->failed_max = (uint32_t)failed;
        return err;
    }
    if (parse_share(term) != 0) {
        enum rk_err err = set_once(&share, parse_share(term), term, diag);
        more->limit_ppm = (uint32_t)share;
        return err;
    }
    if (rk_quantity_parse(RK_DIM_DATA, term, &bytes, NULL) == RK_OK && bytes != 0) {
        return set_once(&more->bytes, bytes, term, diag);
    }
    if (rk_quantity_parse(RK_DIM_TIME, term, &interval_ns, NULL) != RK_OK || interval_ns == 0) {
        return refuse(diag, term, "is no renewal");
    }
    policy->interval_ns = interval_ns;
    return add_trigger(policy, RK_TRIGGER_INTERVAL, term, diag);
}

enum rk_err rk_renew_parse(const char *text, struct rk_policy *policy, struct rk_renew *more, struct rk_diag *diag)
{
    struct rk_policy parsed = *policy;
    struct rk_renew found = {.bytes = 0};
    enum rk_err err = RK_OK;
    parsed.triggers = 0;
    parsed.messages = 0;
    parsed.interval_ns = 0;
    parsed.failed_max = 0;
    for (const char *start = strcmp(text, "never") == 0 ? NULL : text; start != NULL && err == RK_OK;) {
        const char *joint = strstr(start, " or ");
        size_t length = joint ? (size_t)(joint - start) : strlen(start);
        char term[64];
        if (length >= sizeof term) {
            return refuse(diag, text, "is no renewal");
        }
        memcpy(term, start, length);
        term[length] = '\0';
        err = parse_term(term, &parsed, &found, diag);
        start = joint ? joint + strlen(" or ") : NULL;
    }
    if (err == RK_OK) {
        *policy = parsed;
    }
    if (err == RK_OK && more != NULL) {
        *more = found;
    }
    return err;
}

/* At most so many messages, at least one. */
static void at_most(struct rk_policy *policy, uint64_t messages)
{
    bool counts = (policy->triggers & RK_TRIGGER_MESSAGES) != 0;
    messages = messages == 0 ? 1 : messages > UINT32_MAX ? UINT32_MAX : messages;
    policy->messages = counts && policy->messages < messages ? policy->messages : (uint32_t)messages;
    policy->triggers |= RK_TRIGGER_MESSAGES;
}

void rk_renew_resolve(const struct rk_renew *more, uint16_t message_bytes, struct rk_policy *policy)
{
    if (more->bytes != 0) {
        at_most(policy, more->bytes / message_bytes);
    }
    if (more->limit_ppm != 0 && policy->messages_max != 0) {
        at_most(policy, (uint64_t)policy->messages_max * more->limit_ppm / 1000000);
    }
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
