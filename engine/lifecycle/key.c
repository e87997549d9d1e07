#include "engine/lifecycle/key.h"

#define TO(state) (1u << RK_STATE_##state)

/* Row: from. Bits: to. SP 800-57 Part 1 section 7; the numbers are those of its transitions. */
static uint8_t successors(enum rk_key_state from)
{
    switch (from) {
    case RK_STATE_NONE:
        return TO(PRE_ACTIVATION); /* 1 */
    case RK_STATE_PRE_ACTIVATION:
        return TO(DESTROYED) | TO(COMPROMISED) | TO(ACTIVE); /* 2, 3, 4 */
    case RK_STATE_ACTIVE:
        return TO(DESTROYED) | TO(COMPROMISED) | TO(SUSPENDED) | TO(DEACTIVATED); /* 5, 6, 7, 8 */
    case RK_STATE_SUSPENDED:
        return TO(DESTROYED) | TO(ACTIVE) | TO(COMPROMISED) | TO(DEACTIVATED); /* 9, 10, 11, 12 */
    case RK_STATE_DEACTIVATED:
        return TO(COMPROMISED) | TO(DESTROYED); /* 13, 14 */
    case RK_STATE_COMPROMISED:
        return TO(DESTROYED); /* 15 */
    default:
        return 0;
    }
}

bool rk_key_transition_legal(enum rk_key_state from, enum rk_key_state to)
{
    return (unsigned)to < RK_STATE_COUNT && (successors(from) >> to & 1u) != 0;
}

static void note_time(struct rk_key *key, enum rk_key_state to, uint64_t now_ns)
{
    switch (to) {
    case RK_STATE_PRE_ACTIVATION:
        key->generated_ns = now_ns;
        break;
    case RK_STATE_ACTIVE:
        if (key->state == RK_STATE_PRE_ACTIVATION)
            key->activated_ns = now_ns;
        break;
    case RK_STATE_SUSPENDED:
        key->suspended_ns = now_ns;
        break;
    case RK_STATE_COMPROMISED:
        key->compromised = 1;
        break;
    case RK_STATE_DESTROYED:
        key->destroyed_ns = now_ns;
        break;
    default:
        break;
    }
}

enum rk_key_result rk_key_transition(struct rk_key *key, enum rk_key_state to, enum rk_reason reason, uint64_t now_ns,
                                     struct rk_record *record)
{
    if (!rk_key_transition_legal((enum rk_key_state)key->state, to))
        return RK_KEY_ILLEGAL;
    if (key->state == RK_STATE_SUSPENDED && to == RK_STATE_ACTIVE && now_ns >= key->originator_end_ns)
        return RK_KEY_LATE;
    note_time(key, to, now_ns);
    record->time_ns = now_ns;
    record->key_id = key->id;
    record->from = key->state;
    record->to = (uint8_t)to;
    record->reason = (uint8_t)reason;
    key->state = (uint8_t)to;
    return RK_KEY_OK;
}

static enum rk_key_result active_permits(const struct rk_key *key, enum rk_key_use use, uint64_t now_ns)
{
    if (use == RK_USE_PROTECT) {
        if (now_ns >= key->originator_end_ns)
            return RK_KEY_LATE;
        return key->protected_messages == RK_KEY_MESSAGES_MAX ? RK_KEY_EXHAUSTED : RK_KEY_OK;
    }
    if (use == RK_USE_PROCESS)
        return now_ns < key->recipient_end_ns ? RK_KEY_OK : RK_KEY_LATE;
    return RK_KEY_OK;
}

enum rk_key_result rk_key_permits(const struct rk_key *key, enum rk_key_use use, uint64_t now_ns, uint64_t data_ns)
{
    if ((unsigned)use >= RK_USE_COUNT)
        return RK_KEY_FORBIDDEN;
    switch (key->state) {
    case RK_STATE_PRE_ACTIVATION:
        return use == RK_USE_CONFIRM ? RK_KEY_OK : RK_KEY_FORBIDDEN;
    case RK_STATE_ACTIVE:
        return active_permits(key, use, now_ns);
    case RK_STATE_SUSPENDED:
        if (use != RK_USE_PROCESS || data_ns >= key->suspended_ns)
            return RK_KEY_FORBIDDEN;
        return now_ns < key->recipient_end_ns ? RK_KEY_OK : RK_KEY_LATE;
    case RK_STATE_DEACTIVATED:
        if (use != RK_USE_PROCESS)
            return RK_KEY_FORBIDDEN;
        return now_ns < key->recipient_end_ns ? RK_KEY_OK : RK_KEY_LATE;
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
    default:
        return NULL;
    }
}
