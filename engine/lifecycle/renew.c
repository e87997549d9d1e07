/* Keys through their states, and renewals from request to activation. */
#include "engine/lifecycle/internal.h"

enum { KEY_ID_AT = 1 };

void rki_record_push(struct rk_agent *agent, const struct rk_record *record)
{
    if (agent->actions->record_count < RK_RECORDS_MAX)
        agent->actions->record[agent->actions->record_count++] = *record;
}

void rki_key_move(struct rk_agent *agent, struct rk_key *key, enum rk_key_state to, enum rk_reason reason)
{
    struct rk_record record;
    struct rk_key_rules rules = rki_key_rules(agent);
    if (rk_key_transition(key, &rules, to, reason, agent->now_ns, &record) == RK_KEY_OK)
        rki_record_push(agent, &record);
}

static uint32_t messages_max(const struct rk_agent *agent)
{
    uint32_t max = agent->config.policy.messages_max;
    return max != 0 ? max : RK_KEY_MESSAGES_MAX;
}

struct rk_key_rules rki_key_rules(const struct rk_agent *agent)
{
    const struct rk_policy *policy = &agent->config.policy;
    return (struct rk_key_rules){
        .profile = agent->config.profile,
        .messages_max = messages_max(agent),
        .originator_ns = policy->cryptoperiod_ns,
        .overlap_ns = policy->overlap_ns,
    };
}

bool rki_key_exhausted(const struct rk_agent *agent, const struct rk_key *key)
{
    return key->protected_messages >= messages_max(agent);
}

static bool may_move(const struct rk_agent *agent, const struct rk_key *key, enum rk_key_state to)
{
    return rk_key_transition_legal(agent->config.profile, key->type, key->state, to);
}

enum rk_key_result rki_key_permits(const struct rk_agent *agent, const struct rk_key *key, enum rk_key_use use)
{
    struct rk_key_rules rules = rki_key_rules(agent);
    return rk_key_permits(key, &rules, (uint8_t)use, agent->now_ns, agent->now_ns);
}

bool rki_key_ended(const struct rk_agent *agent, const struct rk_key *key)
{
    return rki_reached(agent->now_ns, rki_add_ns(key->activated_ns, agent->config.policy.cryptoperiod_ns));
}

bool rki_key_paused(const struct rk_agent *agent, const struct rk_key *key)
{
    if (key != &agent->key[RKI_CURRENT] || agent->config.profile == RK_PROFILE_NIST)
        return key->state == RK_STATE_SUSPENDED;
    return key->state == RK_STATE_DEACTIVATED && !key->compromised && !rki_key_exhausted(agent, key) &&
           !rki_key_ended(agent, key);
}

void rki_key_generate(struct rk_agent *agent, uint32_t id, enum rk_reason reason)
{
    struct rk_key *key = &agent->key[RKI_NEXT];
    rki_zero(key, sizeof *key);
    key->id = id;
    key->type = RK_KEY_DATA_ENCRYPTION;
    key->alg = agent->config.aead;
    rki_key_move(agent, key, RK_STATE_PRE_ACTIVATION, reason);
}

void rki_key_destroy(struct rk_agent *agent, struct rk_key *key, enum rk_reason reason)
{
    /* A data-encryption key leaves active and suspended by way of deactivated (SP 800-57, 7.2,
     * transitions 8 and 12). */
    if (key->state == RK_STATE_ACTIVE || key->state == RK_STATE_SUSPENDED)
        rki_key_move(agent, key, RK_STATE_DEACTIVATED, reason);
    if (!may_move(agent, key, RK_STATE_DESTROYED))
        return;
    agent->backend->wipe(key->material, sizeof key->material);
    if (agent->traffic_id == key->id) {
        agent->backend->wipe(agent->traffic, sizeof agent->traffic);
        agent->traffic_id = 0;
    }
    if (rki_store_forget(agent, key) != 0)
        agent->actions->result = RK_AGENT_FAILED;
    rki_key_move(agent, key, RK_STATE_DESTROYED, reason);
}

/* Of a key that is destroyed already the event is recorded (SP 800-57, 7.6). */
static void record_late_compromise(struct rk_agent *agent, struct rk_key *key)
{
    struct rk_record record = {.time_ns = agent->now_ns,
                               .key_id = key->id,
                               .from = RK_STATE_DESTROYED,
                               .to = RK_STATE_DESTROYED,
                               .reason = RK_REASON_COMPROMISE};
    key->compromised = 1;
    rki_record_push(agent, &record);
    if (rki_store_commit(agent, key, RK_STATE_DESTROYED) != 0)
        agent->actions->result = RK_AGENT_FAILED;
}

void rki_key_compromise(struct rk_agent *agent, struct rk_key *key)
{
    bool iso = agent->config.profile == RK_PROFILE_ISO; /* post active, and flagged */
    if (key->state == RK_STATE_DESTROYED) {
        record_late_compromise(agent, key);
        return;
    }
    rki_key_move(agent, key, iso ? RK_STATE_DEACTIVATED : RK_STATE_COMPROMISED, RK_REASON_COMPROMISE);
    rki_key_destroy(agent, key, RK_REASON_COMPROMISE);
}

static void retire(struct rk_agent *agent, struct rk_key *key)
{
    if (key->state != RK_STATE_ACTIVE && key->state != RK_STATE_SUSPENDED)
        return;
    rki_key_move(agent, key, RK_STATE_DEACTIVATED, RK_REASON_REPLACED);
}

/* When time changes the key's state next. */
static uint64_t key_end_ns(const struct rk_agent *agent, const struct rk_key *key)
{
    struct rk_key_rules rules = rki_key_rules(agent);
    bool deactivated = key->state == RK_STATE_DEACTIVATED;
    if (!deactivated && key->state != RK_STATE_ACTIVE)
        return RK_NEVER_ns;
    return deactivated && !rki_key_paused(agent, key) ? rk_key_recipient_end_ns(key, &rules)
                                                      : rk_key_originator_end_ns(key, &rules);
}

void rki_key_age(struct rk_agent *agent)
{
    for (uint8_t slot = RKI_PREVIOUS; slot <= RKI_CURRENT; slot++) {
        struct rk_key *key = &agent->key[slot];
        if (key->state == RK_STATE_ACTIVE && rki_key_ended(agent, key))
            rki_key_move(agent, key, RK_STATE_DEACTIVATED, RK_REASON_EXPIRED);
        if (key->state == RK_STATE_ACTIVE && rki_key_exhausted(agent, key))
            rki_key_move(agent, key, RK_STATE_DEACTIVATED, RK_REASON_EXHAUSTED);
        if (key->state == RK_STATE_DEACTIVATED && rki_reached(agent->now_ns, key_end_ns(agent, key)))
            rki_key_destroy(agent, key, RK_REASON_OVERLAP_END);
    }
}

/* Make before break: the new key is durable before the old one is touched. */
static int commit_next(struct rk_agent *agent)
{
    uint32_t receive_reserved = agent->store.receive_reserved;
    agent->store.receive_reserved = 0;
    if (rki_store_reserve(agent, &agent->key[RKI_NEXT], RK_STATE_ACTIVE) == 0)
        return 0;
    agent->store.receive_reserved = receive_reserved;
    return -1;
}

enum rk_agent_result rki_key_activate(struct rk_agent *agent)
{
    struct rk_key *previous = &agent->key[RKI_PREVIOUS];
    struct rk_key *current = &agent->key[RKI_CURRENT];
    struct rk_key *next = &agent->key[RKI_NEXT];
    next->activated_ns = agent->now_ns;
    if (commit_next(agent) != 0)
        return RK_AGENT_FAILED;
    rki_key_destroy(agent, previous, RK_REASON_REPLACED);
    retire(agent, current);
    rki_key_move(agent, next, RK_STATE_ACTIVE, RK_REASON_CONFIRMED);
    *previous = *current;
    *current = *next;
    agent->backend->wipe(next, sizeof *next);
    agent->renew_not_before_ns = 0;
    agent->actions->renewal_finished = 1;
    rki_key_age(agent);
    return RK_AGENT_OK;
}

/* A number per (device, key) that spreads a fleet's renewals: the finaliser of MurmurHash3. Not cryptographic: whoever
 * knows both ids knows when the key is renewed. */
static uint32_t jitter(const struct rk_agent *agent)
{
    uint32_t hash = agent->config.device_id * 0x9E3779B1ul ^ agent->key[RKI_CURRENT].id;
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bul;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35ul;
    return hash ^ hash >> 16;
}

static struct rk_policy_facts facts(const struct rk_agent *agent, uint8_t occasion)
{
    const struct rk_key *current = &agent->key[RKI_CURRENT];
    return (struct rk_policy_facts){
        .now_ns = 0,
        .activated_ns = current->activated_ns,
        .protected_messages = current->protected_messages,
        .jitter = jitter(agent),
        .occasion = occasion,
    };
}

/* What the device's own policy says. */
static uint64_t own_ns(const struct rk_agent *agent, uint8_t occasion)
{
#if RK_POLICY_OWN
    struct rk_policy_facts now = facts(agent, occasion);
    now.now_ns = agent->now_ns;
    now.failed_tags = agent->failed_tags;
    now.drained = agent->drained;
    now.losses = agent->losses;
    return agent->config.policy.own(&agent->config.policy, &now);
#else
    (void)agent;
    (void)occasion;
    return RK_NEVER_ns;
#endif
}

/* When the policy wants the next renewal; 0: already. A key that ended before its time, by a leak or a limit or because
 * it came back from a backup, is renewed under every policy. */
static uint64_t wanted_at_ns(const struct rk_agent *agent)
{
    const struct rk_policy *policy = &agent->config.policy;
    const struct rk_key *current = &agent->key[RKI_CURRENT];
    if (current->state == RK_STATE_NONE)
        return 0;
    if (rki_key_paused(agent, current))
        return key_end_ns(agent, current);
    if (current->state != RK_STATE_ACTIVE) {
        bool early = current->compromised || !rki_key_ended(agent, current);
        return policy->triggers != 0 || rki_own(policy) != NULL || early ? 0 : RK_NEVER_ns;
    }
    if (rki_own(policy) != NULL)
        return own_ns(agent, 0);
    struct rk_policy_facts now = facts(agent, 0);
    return rk_policy_due(policy, &now) ? 0 : rk_policy_next_ns(policy, &now);
}

static uint64_t renewal_at_ns(const struct rk_agent *agent)
{
    uint64_t at_ns = wanted_at_ns(agent);
    return rki_reached(at_ns, agent->renew_not_before_ns) ? at_ns : agent->renew_not_before_ns;
}

bool rki_renewal_due_at(const struct rk_agent *agent, uint8_t occasion)
{
    if (agent->exchange.stage == RKI_STAGE_AWAIT_R2 || agent->key[RKI_CURRENT].state != RK_STATE_ACTIVE)
        return false;
    if (rki_own(&agent->config.policy) != NULL)
        return occasion != 0 && rki_reached(agent->now_ns, own_ns(agent, occasion)) &&
               !rki_reached(agent->now_ns, own_ns(agent, 0));
    struct rk_policy_facts now = facts(agent, occasion);
    return rk_policy_due(&agent->config.policy, &now);
}

void rki_schedule(struct rk_agent *agent)
{
    uint64_t wake_ns =
        rki_earlier_ns(key_end_ns(agent, &agent->key[RKI_PREVIOUS]), key_end_ns(agent, &agent->key[RKI_CURRENT]));
    if (!RKI_IS_SERVER(agent)) {
        bool waiting = agent->exchange.stage == RKI_STAGE_AWAIT_R2;
        wake_ns = rki_earlier_ns(wake_ns, waiting ? agent->exchange.retry_at_ns : renewal_at_ns(agent));
    }
    agent->wake_ns = rki_reached(wake_ns, agent->now_ns) ? wake_ns : agent->now_ns;
}

/* retry_ns * 2^doublings, RK_NEVER_ns at most. */
static RKI_CALLED uint64_t wait_ns(const struct rk_policy *policy, uint16_t doublings)
{
    uint64_t wait_ns = policy->retry_ns;
    while (doublings-- > 0)
        wait_ns = rki_add_ns(wait_ns, wait_ns);
    return wait_ns;
}

static RKI_CALLED void exchange_send(const struct rk_agent *agent)
{
    rki_copy(agent->actions->frame, agent->exchange.frame, agent->exchange.frame_bytes);
    agent->actions->frame_bytes = agent->exchange.frame_bytes;
    agent->actions->frame_kind = agent->exchange.frame[0];
    agent->actions->awaits_reply = agent->actions->frame_kind != RK_FRAME_R3;
}

void rki_renewal_drop(struct rk_agent *agent)
{
    rki_exchange_wipe(agent);
    rki_key_destroy(agent, &agent->key[RKI_NEXT], RK_REASON_ABANDONED);
}

void rki_renewal_rest(struct rk_agent *agent)
{
    const struct rk_policy *policy = &agent->config.policy;
    uint64_t rest_ns = wait_ns(policy, (uint16_t)(policy->attempts + RKI_REST_DOUBLINGS));
    agent->renew_not_before_ns = rki_add_ns(agent->now_ns, rest_ns);
}

static RKI_CALLED void give_up(struct rk_agent *agent)
{
    rki_renewal_drop(agent);
    rki_renewal_rest(agent);
    agent->actions->renewal_failed = 1;
}

/* The server refuses ids it has seen, so none is used twice, not even across a power cut. */
static int id_take(struct rk_agent *agent)
{
    const struct rk_key *current = &agent->key[RKI_CURRENT];
    if (agent->last_key_id == UINT32_MAX)
        return -1;
    if (agent->nvm != NULL && agent->last_key_id >= agent->store.id_reserved &&
        rki_store_commit(agent, current, (enum rk_key_state)current->state) != 0)
        return -1;
    agent->last_key_id++;
    return 0;
}

void rki_renewal_start(struct rk_agent *agent)
{
    enum rk_agent_result result = RK_AGENT_FAILED;
    agent->actions->renewal_started = 1;
    if (id_take(agent) == 0) {
        rki_exchange_wipe(agent);
        rki_key_generate(agent, agent->last_key_id, RK_REASON_GENERATED);
        result = rki_exchange_request(agent);
        if (result == RK_AGENT_OK) {
            agent->exchange.tries = 1;
            agent->exchange.retry_at_ns = rki_add_ns(agent->now_ns, wait_ns(&agent->config.policy, 0));
            exchange_send(agent);
            return;
        }
    }
    give_up(agent);
    agent->actions->result = (int8_t)result;
}

static void retry(struct rk_agent *agent)
{
    struct rk_exchange *exchange = &agent->exchange;
    if (exchange->tries >= agent->config.policy.attempts) {
        give_up(agent);
        return;
    }
    exchange->retry_at_ns = rki_add_ns(agent->now_ns, wait_ns(&agent->config.policy, exchange->tries));
    exchange->tries++;
    exchange_send(agent);
}

void rki_renewal_tick(struct rk_agent *agent)
{
    if (RKI_IS_SERVER(agent))
        return;
    if (agent->exchange.stage == RKI_STAGE_AWAIT_R2) {
        if (rki_reached(agent->now_ns, agent->exchange.retry_at_ns))
            retry(agent);
    } else if (rki_reached(agent->now_ns, renewal_at_ns(agent))) {
        rki_renewal_start(agent);
    }
}

/* Server: what a genuine request says about the keys before it. The device names the key that it has activated: where
 * that is ours in pre-activation, R3 was lost and this confirms it; else the device has given it up. */
static enum rk_agent_result settle(struct rk_agent *agent, const uint8_t *r1)
{
    struct rk_key *current = &agent->key[RKI_CURRENT];
    struct rk_key *next = &agent->key[RKI_NEXT];
    uint32_t predecessor_id = rki_request_predecessor(r1);
    bool compromised = rki_request_compromised(r1);
    rki_exchange_wipe(agent);
    if (next->state == RK_STATE_PRE_ACTIVATION && next->id == predecessor_id) {
        if (!compromised)
            return rki_key_activate(agent);
        rki_key_compromise(agent, next);
        retire(agent, current);
        return RK_AGENT_OK;
    }
    rki_key_destroy(agent, next, RK_REASON_ABANDONED);
    if (compromised && current->id == predecessor_id)
        rki_key_compromise(agent, current);
    return RK_AGENT_OK;
}

static enum rk_agent_result receive_request(struct rk_agent *agent, const uint8_t *r1)
{
    uint32_t id = rki_get32(r1 + KEY_ID_AT);
    if (rki_request_repeated(agent, r1)) {
        exchange_send(agent);
        return RK_AGENT_OK;
    }
    if (id <= agent->last_key_id)
        return RK_AGENT_STALE;
    enum rk_agent_result result = rki_exchange_verify(agent, r1);
    if (result != RK_AGENT_OK)
        return result;
    agent->last_key_id = id;
    result = settle(agent, r1);
    if (result != RK_AGENT_OK)
        return result;
    bool transported = agent->config.policy.mechanism == RK_MECHANISM_TRANSPORT;
    rki_key_generate(agent, id, transported ? RK_REASON_GENERATED : RK_REASON_ESTABLISHED);
    result = rki_exchange_answer(agent, r1);
    if (result == RK_AGENT_OK)
        exchange_send(agent);
    else
        rki_renewal_drop(agent);
    return result;
}

static enum rk_agent_result receive_answer(struct rk_agent *agent, const uint8_t *r2)
{
    uint32_t id = rki_get32(r2 + KEY_ID_AT);
    if (agent->exchange.stage == RKI_STAGE_SETTLED && id == agent->key[RKI_CURRENT].id) {
        exchange_send(agent);
        return RK_AGENT_OK;
    }
    if (agent->exchange.stage != RKI_STAGE_AWAIT_R2 || id != agent->key[RKI_NEXT].id)
        return RK_AGENT_STALE;
    enum rk_agent_result result = rki_exchange_finish(agent, r2);
    if (result != RK_AGENT_OK)
        return result;
    result = rki_key_activate(agent);
    if (result != RK_AGENT_OK) {
        give_up(agent);
        return result;
    }
    agent->exchange.stage = RKI_STAGE_SETTLED;
    exchange_send(agent);
    return RK_AGENT_OK;
}

static enum rk_agent_result receive_confirmation(struct rk_agent *agent, const uint8_t *r3)
{
    if (agent->exchange.stage != RKI_STAGE_AWAIT_R3 || rki_get32(r3 + KEY_ID_AT) != agent->key[RKI_NEXT].id)
        return RK_AGENT_STALE;
    enum rk_agent_result result = rki_exchange_confirm(agent, r3);
    if (result != RK_AGENT_OK)
        return result;
    result = rki_key_activate(agent);
    if (result == RK_AGENT_OK)
        rki_exchange_wipe(agent);
    return result;
}

enum rk_agent_result rki_renewal_receive(struct rk_agent *agent, const struct rk_event *event)
{
    bool server = RKI_IS_SERVER(agent);
    uint8_t kind = event->data[0];
    enum rk_agent_result result;
    if (event->data_bytes != rki_exchange_frame_bytes(agent, kind))
        result = RK_AGENT_REJECTED;
    else if (kind == RK_FRAME_R2 && !server)
        result = receive_answer(agent, event->data);
    else if (kind == RK_FRAME_R1 && server)
        result = receive_request(agent, event->data);
    else if (kind == RK_FRAME_R3 && server)
        result = receive_confirmation(agent, event->data);
    else
        result = RK_AGENT_REJECTED;
    rki_schedule(agent);
    return result;
}
