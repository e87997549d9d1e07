#include "engine/lifecycle/key.h"

#include "engine/lifecycle/key_type.h"

#define TO(state) (1u << RK_STATE_##state)

/* Bits: to. SP 800-57 Part 1 section 7; the numbers are those of its transitions. */
static uint8_t successors_nist(uint8_t from, bool destroyed_at_once)
{
    uint8_t at_once = destroyed_at_once ? TO(DESTROYED) : 0;
    switch (from) {
    case RK_STATE_NONE:
        return TO(PRE_ACTIVATION); /* 1 */
    case RK_STATE_PRE_ACTIVATION:
        return TO(DESTROYED) | TO(COMPROMISED) | TO(ACTIVE); /* 2, 3, 4 */
    case RK_STATE_ACTIVE:
        return at_once | TO(COMPROMISED) | TO(SUSPENDED) | TO(DEACTIVATED); /* 5, 6, 7, 8 */
    case RK_STATE_SUSPENDED:
        return at_once | TO(ACTIVE) | TO(COMPROMISED) | TO(DEACTIVATED); /* 9, 10, 11, 12 */
    case RK_STATE_DEACTIVATED:
        return TO(COMPROMISED) | TO(DESTROYED); /* 13, 14 */
    case RK_STATE_COMPROMISED:
        return TO(DESTROYED); /* 15 */
    default:
        return 0;
    }
}

/* Generation, activation, deactivation, reactivation, destruction of ISO/IEC 11770-1. */
static uint8_t successors_iso(uint8_t from)
{
    switch (from) {
    case RK_STATE_NONE:
        return TO(PRE_ACTIVATION);
    case RK_STATE_PRE_ACTIVATION:
        return TO(ACTIVE) | TO(DESTROYED);
    case RK_STATE_ACTIVE:
        return TO(DEACTIVATED);
    case RK_STATE_DEACTIVATED:
        return TO(ACTIVE) | TO(DESTROYED);
    default:
        return 0;
    }
}

bool rk_key_transition_legal(uint8_t profile, uint8_t type, uint8_t from, uint8_t to)
{
    if (to >= RK_STATE_COUNT)
        return false;
    uint8_t successors = 0;
    if (profile == RK_PROFILE_NIST)
        successors = successors_nist(from, rk_key_type_destroyed_at_once(type));
    else if (profile == RK_PROFILE_ISO)
        successors = successors_iso(from);
    return (successors >> to & 1u) != 0;
}

/* Sum that stays at RK_NEVER_ns. */
static uint64_t add_ns(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < RK_NEVER_ns - b_ns ? a_ns + b_ns : RK_NEVER_ns;
}

uint64_t rk_key_originator_end_ns(const struct rk_key *key, const struct rk_key_rules *rules)
{
    return add_ns(key->activated_ns, rules->originator_ns);
}

uint64_t rk_key_recipient_end_ns(const struct rk_key *key, const struct rk_key_rules *rules)
{
    uint64_t end_ns = rk_key_originator_end_ns(key, rules);
    if (key->state == RK_STATE_DEACTIVATED && key->changed_ns < end_ns)
        end_ns = key->changed_ns;
    return add_ns(end_ns, rules->overlap_ns);
}

enum rk_key_result rk_key_transition(struct rk_key *key, const struct rk_key_rules *rules, uint8_t to, uint8_t reason,
                                     uint64_t now_ns, struct rk_record *record)
{
    if (!rk_key_transition_legal(rules->profile, key->type, key->state, to))
        return RK_KEY_ILLEGAL;
    if (to == RK_STATE_ACTIVE && key->state != RK_STATE_PRE_ACTIVATION) {
        if (key->compromised)
            return RK_KEY_ILLEGAL;
        if (now_ns >= rk_key_originator_end_ns(key, rules))
            return RK_KEY_LATE;
    }
    if (to == RK_STATE_ACTIVE && key->state == RK_STATE_PRE_ACTIVATION)
        key->activated_ns = now_ns;
    if (to == RK_STATE_COMPROMISED || reason == RK_REASON_COMPROMISE)
        key->compromised = 1;
    record->time_ns = now_ns;
    record->key_id = key->id;
    record->from = key->state;
    record->to = to;
    record->reason = reason;
    key->state = to;
    key->changed_ns = now_ns;
    return RK_KEY_OK;
}

static enum rk_key_result permits_protect(const struct rk_key *key, const struct rk_key_rules *rules, uint64_t now_ns)
{
    if (now_ns >= rk_key_originator_end_ns(key, rules))
        return RK_KEY_LATE;
    return key->protected_messages >= rules->messages_max ? RK_KEY_EXHAUSTED : RK_KEY_OK;
}

static enum rk_key_result permits_process(const struct rk_key *key, const struct rk_key_rules *rules, uint64_t now_ns)
{
    return now_ns < rk_key_recipient_end_ns(key, rules) ? RK_KEY_OK : RK_KEY_LATE;
}

enum rk_key_result rk_key_permits(const struct rk_key *key, const struct rk_key_rules *rules, uint8_t use,
                                  uint64_t now_ns, uint64_t data_ns)
{
    bool process = use == RK_USE_PROCESS;
    switch (key->state) {
    case RK_STATE_PRE_ACTIVATION:
        return use == RK_USE_CONFIRM ? RK_KEY_OK : RK_KEY_FORBIDDEN;
    case RK_STATE_ACTIVE:
        if (use == RK_USE_PROTECT)
            return permits_protect(key, rules, now_ns);
        if (use == RK_USE_CONFIRM)
            return RK_KEY_OK;
        return process ? permits_process(key, rules, now_ns) : RK_KEY_FORBIDDEN;
    case RK_STATE_SUSPENDED:
        return process && data_ns < key->changed_ns ? permits_process(key, rules, now_ns) : RK_KEY_FORBIDDEN;
    case RK_STATE_DEACTIVATED:
        return process && !key->compromised ? permits_process(key, rules, now_ns) : RK_KEY_FORBIDDEN;
    default:
        return RK_KEY_FORBIDDEN;
    }
}

const char *rk_key_state_name(unsigned state)
{
    switch (state) {
    case RK_STATE_NONE:
        return "none";
    case RK_STATE_PRE_ACTIVATION:
        return "pre-activation";
    case RK_STATE_ACTIVE:
        return "active";
    case RK_STATE_SUSPENDED:
        return "suspended";
    case RK_STATE_DEACTIVATED:
        return "deactivated";
    case RK_STATE_COMPROMISED:
        return "compromised";
    case RK_STATE_DESTROYED:
        return "destroyed";
    default:
        return NULL;
    }
}

const char *rk_reason_name(unsigned reason)
{
    switch (reason) {
    case RK_REASON_GENERATED:
        return "generated";
    case RK_REASON_ESTABLISHED:
        return "established";
    case RK_REASON_CONFIRMED:
        return "confirmed";
    case RK_REASON_REPLACED:
        return "replaced";
    case RK_REASON_EXPIRED:
        return "expired";
    case RK_REASON_OVERLAP_END:
        return "overlap-end";
    case RK_REASON_COMPROMISE:
        return "compromise";
    case RK_REASON_SUSPENDED:
        return "suspended";
    case RK_REASON_RESUMED:
        return "resumed";
    case RK_REASON_ABANDONED:
        return "abandoned";
    case RK_REASON_RESTORED:
        return "restored";
    case RK_REASON_ZEROISED:
        return "zeroised";
    case RK_REASON_EXHAUSTED:
        return "exhausted";
    default:
        return NULL;
    }
}
