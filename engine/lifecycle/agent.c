#include "engine/lifecycle/agent.h"

#include "engine/lifecycle/internal.h"

enum { KEY_ID_AT = 1, COUNTER_AT = 5, JITTER_MAX_ppm = 1000000 };

static bool policy_valid(const struct rk_policy *policy)
{
    if (policy->mechanism >= RK_MECHANISM_COUNT || policy->attempts == 0 || policy->jitter_ppm > JITTER_MAX_ppm)
        return false;
    if ((policy->triggers & RK_TRIGGER_INTERVAL) != 0 && policy->interval_ns == 0)
        return false;
    return (policy->triggers & RK_TRIGGER_MESSAGES) == 0 || policy->messages != 0;
}

static bool suite_valid(const struct rk_agent_config *config)
{
    if (config->aead == RK_ALG_AES_CCM)
        return config->tag_bytes == 8 || config->tag_bytes == 16;
    return config->aead == RK_ALG_CHACHA20_POLY1305 && config->tag_bytes == 16;
}

static bool backend_suffices(const struct rk_backend *backend, const struct rk_agent_config *config)
{
    if (!rk_backend_has(backend, config->aead) || !rk_backend_has(backend, RK_ALG_HMAC_SHA256) ||
        !rk_backend_has(backend, RK_ALG_HKDF_SHA256))
        return false;
    switch (config->policy.mechanism) {
    case RK_MECHANISM_ECDH:
        return (config->curve == RK_ALG_X25519 || config->curve == RK_ALG_P256) &&
               rk_backend_has(backend, config->curve);
    case RK_MECHANISM_TRANSPORT:
        return rk_backend_has(backend, RK_ALG_AES_KEY_WRAP);
    default:
        return true;
    }
}

enum rk_agent_result rk_agent_init(struct rk_agent *agent, const struct rk_agent_config *config,
                                   const struct rk_backend *backend, struct rk_drbg *drbg, const struct rk_nvm *nvm,
                                   const struct rk_provision *provision)
{
    rki_zero(agent, sizeof *agent);
    bool role_valid = config->role == RK_ROLE_DEVICE || config->role == RK_ROLE_SERVER;
    role_valid = role_valid && config->profile < RK_PROFILE_COUNT;
    if (!role_valid || !policy_valid(&config->policy) || !suite_valid(config) || !backend_suffices(backend, config))
        return RK_AGENT_INVALID;
    agent->config = *config;
    agent->backend = backend;
    agent->drbg = drbg;
    agent->nvm = nvm;
    agent->provision = *provision;
    agent->wake_ns = RK_NEVER_ns;
    return RK_AGENT_OK;
}

static void step_begin(struct rk_agent *agent, struct rk_actions *actions, uint64_t now_ns)
{
    agent->now_ns = now_ns;
    agent->actions = actions;
    actions->timer_ns = RK_NEVER_ns;
    actions->frame_bytes = 0;
    actions->text_bytes = 0;
    actions->result = RK_AGENT_OK;
    actions->frame_kind = RK_FRAME_NONE;
    actions->delivered = 0;
    actions->awaits_reply = 0;
    actions->renewal_started = 0;
    actions->renewal_finished = 0;
    actions->renewal_failed = 0;
    actions->record_count = 0;
}

/* What restore found becomes part of the trace: neither record is a transition of this run. */
static void restored_record(struct rk_agent *agent, uint32_t wiped_id)
{
    struct rk_key *current = &agent->key[RKI_CURRENT];
    struct rk_record record = {.time_ns = agent->now_ns, .key_id = wiped_id, .from = RK_STATE_DEACTIVATED};
    if (wiped_id != 0) {
        record.to = RK_STATE_DESTROYED;
        record.reason = RK_REASON_OVERLAP_END;
        rki_record_push(agent, &record);
    }
    if (current->state == RK_STATE_NONE || current->state == RK_STATE_DESTROYED)
        return;
    record.key_id = current->id;
    record.from = current->state;
    record.to = current->state;
    record.reason = RK_REASON_RESTORED;
    rki_record_push(agent, &record);
}

static void on_start(struct rk_agent *agent, const struct rk_event *event)
{
    const struct rk_backend *backend = agent->backend;
    bool found;
    uint32_t wiped_id;
    if (agent->started || event->data_bytes != RK_ENTROPY_bytes) {
        agent->actions->result = RK_AGENT_INVALID;
        return;
    }
    if (backend->drbg_init(agent->drbg, backend->drbg_alg, event->data) != RK_CRYPTO_OK) {
        agent->actions->result = RK_AGENT_FAILED;
        return;
    }
    agent->started = 1;
    if (rki_store_restore(agent, &found, &wiped_id) != 0)
        agent->actions->result = RK_AGENT_FAILED;
    if (found)
        restored_record(agent, wiped_id);
    rki_key_age(agent);
    rki_renewal_tick(agent);
    rki_schedule(agent);
}

static void on_send(struct rk_agent *agent, const struct rk_event *event)
{
    const struct rk_policy *policy = &agent->config.policy;
    struct rk_key *key = &agent->key[RKI_CURRENT];
    if (event->data_bytes > RK_TEXT_MAX_bytes) {
        agent->actions->result = RK_AGENT_INVALID;
        return;
    }
    struct rk_key_rules rules = rki_key_rules(agent);
    if (rk_key_permits(key, &rules, RK_USE_PROTECT, agent->now_ns, agent->now_ns) != RK_KEY_OK) {
        agent->actions->result = RK_AGENT_NO_KEY;
        return;
    }
    if (agent->nvm != NULL && key->protected_messages >= agent->store.send_reserved &&
        rki_store_reserve(agent, key, RK_STATE_ACTIVE) != 0) {
        agent->actions->result = RK_AGENT_FAILED;
        return;
    }
    enum rk_crypto err =
        rki_data_seal(agent, key, event->data, event->data_bytes, agent->actions->frame, &agent->actions->frame_bytes);
    key->protected_messages++; /* even where the seal failed: a nonce is tried once */
    if (err == RK_CRYPTO_OK) {
        agent->actions->frame_kind = RK_FRAME_DATA;
    } else {
        agent->actions->frame_bytes = 0;
        agent->actions->result = RK_AGENT_FAILED;
    }
    bool counted = (policy->triggers & RK_TRIGGER_MESSAGES) != 0 && key->protected_messages >= policy->messages;
    if (counted || key->protected_messages >= rules.messages_max)
        rki_schedule(agent);
}

static struct rk_key *key_by_id(struct rk_agent *agent, uint32_t id)
{
    for (uint8_t i = 0; i < 3; i++) {
        static const uint8_t likely_first[3] = {RKI_CURRENT, RKI_PREVIOUS, RKI_NEXT};
        struct rk_key *key = &agent->key[likely_first[i]];
        if (key->id == id && key->state != RK_STATE_NONE)
            return key;
    }
    return NULL;
}

/* Received counters are covered by NVM before the text is delivered: after a restart it cannot be delivered again. */
static enum rk_agent_result receive_counted(struct rk_agent *agent, struct rk_key *key, uint32_t counter)
{
    key->receive_counter = counter + 1;
    if (agent->nvm == NULL || key != &agent->key[RKI_CURRENT] || counter < agent->store.receive_reserved)
        return RK_AGENT_OK;
    bool room = counter < UINT32_MAX - RKI_RECEIVE_BLOCK;
    uint32_t receive_reserved = agent->store.receive_reserved;
    agent->store.receive_reserved = room ? counter + RKI_RECEIVE_BLOCK : UINT32_MAX;
    if (rki_store_commit(agent, key, (enum rk_key_state)key->state) == 0)
        return RK_AGENT_OK;
    agent->store.receive_reserved = receive_reserved;
    return RK_AGENT_FAILED;
}

static enum rk_agent_result receive_data(struct rk_agent *agent, const struct rk_event *event)
{
    uint16_t overhead_bytes = (uint16_t)(RKI_DATA_HEADER_bytes + agent->config.tag_bytes);
    if (event->data_bytes < overhead_bytes || event->data_bytes - overhead_bytes > RK_TEXT_MAX_bytes)
        return RK_AGENT_REJECTED;
    struct rk_key *key = key_by_id(agent, rki_get32(event->data + KEY_ID_AT));
    uint32_t counter = rki_get32(event->data + COUNTER_AT);
    if (key == NULL || counter < key->receive_counter || counter == UINT32_MAX)
        return RK_AGENT_STALE;
    /* On the server a valid frame under the new key confirms it, as R3 would have. The device's has no material before
     * R2. */
    bool confirms = key->state == RK_STATE_PRE_ACTIVATION && agent->exchange.stage == RKI_STAGE_AWAIT_R3;
    enum rk_key_use use = confirms ? RK_USE_CONFIRM : RK_USE_PROCESS;
    struct rk_key_rules rules = rki_key_rules(agent);
    if (rk_key_permits(key, &rules, use, agent->now_ns, agent->now_ns) != RK_KEY_OK)
        return key->state == RK_STATE_SUSPENDED ? RK_AGENT_NO_KEY : RK_AGENT_STALE;
    enum rk_crypto err =
        rki_data_open(agent, key, event->data, event->data_bytes, agent->actions->text, &agent->actions->text_bytes);
    if (err != RK_CRYPTO_OK) {
        agent->actions->text_bytes = 0;
        agent->failed_tags += agent->failed_tags != UINT32_MAX;
        return rki_result(err);
    }
    enum rk_agent_result result = RK_AGENT_OK;
    if (confirms) {
        result = rki_key_activate(agent);
        key = &agent->key[RKI_CURRENT];
        if (result == RK_AGENT_OK)
            rki_exchange_wipe(agent);
        rki_schedule(agent);
    }
    if (result == RK_AGENT_OK)
        result = receive_counted(agent, key, counter);
    agent->actions->delivered = result == RK_AGENT_OK;
    if (result != RK_AGENT_OK) {
        agent->backend->wipe(agent->actions->text, agent->actions->text_bytes);
        agent->actions->text_bytes = 0;
    }
    return result;
}

static void on_receive(struct rk_agent *agent, const struct rk_event *event)
{
    if (event->data_bytes == 0)
        agent->actions->result = RK_AGENT_INVALID;
    else if (event->data[0] == RK_FRAME_DATA)
        agent->actions->result = (int8_t)receive_data(agent, event);
    else
        rki_renewal_receive(agent, event);
}

static void on_timer(struct rk_agent *agent)
{
    rki_key_age(agent);
    rki_renewal_tick(agent);
    rki_schedule(agent);
}

static void on_session(struct rk_agent *agent)
{
    if (agent->config.role != RK_ROLE_DEVICE || !rki_renewal_due_at_session(agent))
        return;
    rki_renewal_start(agent);
    rki_schedule(agent);
}

static void on_compromise(struct rk_agent *agent)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    if (key->state == RK_STATE_NONE || key->state == RK_STATE_COMPROMISED || key->state == RK_STATE_DESTROYED) {
        agent->actions->result = RK_AGENT_NO_KEY;
        return;
    }
    rki_key_compromise(agent, key);
    if (agent->config.role == RK_ROLE_DEVICE) {
        /* A request under way does not tell the server: a new one does. */
        rki_renewal_drop(agent);
        rki_renewal_start(agent);
    }
    rki_schedule(agent);
}

static void on_suspend(struct rk_agent *agent)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    if (key->state != RK_STATE_ACTIVE) {
        agent->actions->result = RK_AGENT_NO_KEY;
        return;
    }
    rki_key_move(agent, key, RK_STATE_SUSPENDED, RK_REASON_SUSPENDED);
    if (rki_store_commit(agent, key, RK_STATE_SUSPENDED) != 0)
        agent->actions->result = RK_AGENT_FAILED;
    rki_schedule(agent);
}

/* Before the end of its originator-usage period the key is active again, later it is deactivated (transitions 10 and
 * 12). */
static void on_resume(struct rk_agent *agent)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    if (key->state != RK_STATE_SUSPENDED) {
        agent->actions->result = RK_AGENT_NO_KEY;
        return;
    }
    struct rk_key_rules rules = rki_key_rules(agent);
    bool ended = agent->now_ns >= rk_key_originator_end_ns(key, &rules);
    rki_key_move(agent, key, ended ? RK_STATE_DEACTIVATED : RK_STATE_ACTIVE,
                 ended ? RK_REASON_EXPIRED : RK_REASON_RESUMED);
    if (rki_store_commit(agent, key, (enum rk_key_state)key->state) != 0)
        agent->actions->result = RK_AGENT_FAILED;
    rki_schedule(agent);
}

/* All keys, long-term ones too, in RAM and NVM. */
static void on_zeroise(struct rk_agent *agent)
{
    if (rki_store_wipe(agent) != 0)
        agent->actions->result = RK_AGENT_FAILED;
    for (uint8_t slot = 0; slot < 3; slot++)
        rki_key_destroy(agent, &agent->key[slot], RK_REASON_ZEROISED);
    rki_exchange_wipe(agent);
    agent->backend->wipe(&agent->provision, sizeof agent->provision);
    if (agent->started)
        agent->backend->drbg_wipe(agent->drbg, agent->backend->drbg_alg);
    agent->started = 0;
    agent->wake_ns = RK_NEVER_ns;
}

void rk_agent_step(struct rk_agent *agent, const struct rk_event *event, struct rk_actions *actions)
{
    step_begin(agent, actions, event->now_ns);
    if (!rk_access_permits(event->subject, event->kind)) {
        actions->result = event->kind < RK_EVENT_COUNT ? RK_AGENT_DENIED : RK_AGENT_INVALID;
        return;
    }
    if (!agent->started && event->kind != RK_EVENT_START && event->kind != RK_EVENT_ZEROISE) {
        actions->result = RK_AGENT_INVALID;
        return;
    }
    switch (event->kind) {
    case RK_EVENT_START:
        on_start(agent, event);
        break;
    case RK_EVENT_SEND:
        on_send(agent, event);
        break;
    case RK_EVENT_RECEIVE:
        on_receive(agent, event);
        break;
    case RK_EVENT_TIMER:
        on_timer(agent);
        break;
    case RK_EVENT_SESSION:
        on_session(agent);
        break;
    case RK_EVENT_COMPROMISE:
        on_compromise(agent);
        break;
    case RK_EVENT_SUSPEND:
        on_suspend(agent);
        break;
    case RK_EVENT_RESUME:
        on_resume(agent);
        break;
    case RK_EVENT_ZEROISE:
        on_zeroise(agent);
        break;
    default:
        agent->actions->result = RK_AGENT_INVALID;
        break;
    }
    actions->timer_ns = agent->wake_ns;
}

const struct rk_key *rk_agent_active(const struct rk_agent *agent)
{
    const struct rk_key *key = &agent->key[RKI_CURRENT];
    return key->state == RK_STATE_ACTIVE ? key : NULL;
}

const char *rk_event_name(unsigned kind)
{
    switch (kind) {
    case RK_EVENT_START:
        return "start";
    case RK_EVENT_SEND:
        return "send";
    case RK_EVENT_RECEIVE:
        return "receive";
    case RK_EVENT_TIMER:
        return "timer";
    case RK_EVENT_SESSION:
        return "session";
    case RK_EVENT_COMPROMISE:
        return "compromise";
    case RK_EVENT_SUSPEND:
        return "suspend";
    case RK_EVENT_RESUME:
        return "resume";
    case RK_EVENT_BACKUP:
        return "backup";
    case RK_EVENT_RESTORE:
        return "restore";
    case RK_EVENT_ZEROISE:
        return "zeroise";
    default:
        return NULL;
    }
}
