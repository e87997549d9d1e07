#include "engine/lifecycle/key.h"

#include "engine/lifecycle/small.h"

/* The numbers are those of SP 800-57's transitions. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> edge_nist(type, from, to);
*/
static bool legal_nist(uint8_t type, uint8_t from, uint8_t to)
{
    switch (from) {
    case RK_STATE_NONE:
        return to == RK_STATE_PRE_ACTIVATION; /* 1 */
    case RK_STATE_PRE_ACTIVATION:
        return to == RK_STATE_DESTROYED || to == RK_STATE_COMPROMISED || to == RK_STATE_ACTIVE; /* 2, 3, 4 */
    case RK_STATE_ACTIVE:
    case RK_STATE_SUSPENDED:
        if (to == RK_STATE_DESTROYED)
            return rk_key_type_destroyed_at_once(type); /* 5, 9 */
        if (to == RK_STATE_COMPROMISED || to == RK_STATE_DEACTIVATED)
            return true;                                                               /* 6, 8, 11, 12 */
        return to == (from == RK_STATE_ACTIVE ? RK_STATE_SUSPENDED : RK_STATE_ACTIVE); /* 7, 10 */
    case RK_STATE_DEACTIVATED:
        return to == RK_STATE_COMPROMISED || to == RK_STATE_DESTROYED; /* 13, 14 */
    case RK_STATE_COMPROMISED:
        return to == RK_STATE_DESTROYED; /* 15 */
    default:
        return false;
    }
}

/* Generation, activation, deactivation, reactivation, destruction of ISO/IEC 11770-1. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> edge_iso(from, to);
*/
static bool legal_iso(uint8_t from, uint8_t to)
{
    switch (from) {
    case RK_STATE_NONE:
        return to == RK_STATE_PRE_ACTIVATION;
    case RK_STATE_PRE_ACTIVATION:
    case RK_STATE_DEACTIVATED:
        return to == RK_STATE_ACTIVE || to == RK_STATE_DESTROYED;
    case RK_STATE_ACTIVE:
        return to == RK_STATE_DEACTIVATED;
    default:
        return false;
    }
}

bool rk_key_transition_legal(uint8_t profile, uint8_t type, uint8_t from, uint8_t to)
{
    if (profile == RK_PROFILE_NIST)
        return legal_nist(type, from, to);
    return profile == RK_PROFILE_ISO && legal_iso(from, to);
}

RKI_CALLED uint64_t rk_key_originator_end_ns(const struct rk_key *key, const struct rk_key_rules *rules)
{
    return rki_add_ns(key->activated_ns, rules->originator_ns);
}

RKI_CALLED uint64_t rk_key_recipient_end_ns(const struct rk_key *key, const struct rk_key_rules *rules)
{
    uint64_t end_ns = rk_key_originator_end_ns(key, rules);
    if (key->state == RK_STATE_DEACTIVATED && key->changed_ns < end_ns)
        end_ns = key->changed_ns;
    return rki_add_ns(end_ns, rules->overlap_ns);
}

/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == RK_KEY_OK <==> may_move(*key, *rules, to, now_ns);
*/
static enum rk_key_result permits_move(const struct rk_key *key, const struct rk_key_rules *rules, uint8_t to,
                                       uint64_t now_ns)
{
    if (!rk_key_transition_legal(rules->profile, key->type, key->state, to))
        return RK_KEY_ILLEGAL;
    if (to != RK_STATE_ACTIVE || key->state == RK_STATE_PRE_ACTIVATION)
        return RK_KEY_OK;
    if (key->compromised)
        return RK_KEY_ILLEGAL;
    return rki_reached(now_ns, rk_key_originator_end_ns(key, rules)) ? RK_KEY_LATE : RK_KEY_OK;
}

enum rk_key_result rk_key_transition(struct rk_key *key, const struct rk_key_rules *rules, uint8_t to, uint8_t reason,
                                     uint64_t now_ns, struct rk_record *record)
{
    enum rk_key_result result = permits_move(key, rules, to, now_ns);
    if (result != RK_KEY_OK)
        return result;
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

/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == RK_KEY_OK <==> now_ns < originator_end(*key, *rules) &&
      key->protected_messages < rules->messages_max;
*/
static RKI_CALLED enum rk_key_result permits_protect(const struct rk_key *key, const struct rk_key_rules *rules,
                                                     uint64_t now_ns)
{
    if (rki_reached(now_ns, rk_key_originator_end_ns(key, rules)))
        return RK_KEY_LATE;
    return key->protected_messages >= rules->messages_max ? RK_KEY_EXHAUSTED : RK_KEY_OK;
}

/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == RK_KEY_OK <==> now_ns < recipient_end(*key, *rules);
*/
static RKI_CALLED enum rk_key_result permits_process(const struct rk_key *key, const struct rk_key_rules *rules,
                                                     uint64_t now_ns)
{
    return rki_reached(now_ns, rk_key_recipient_end_ns(key, rules)) ? RK_KEY_LATE : RK_KEY_OK;
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
