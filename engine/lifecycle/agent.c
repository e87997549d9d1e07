#include "engine/lifecycle/agent.h"

#include "engine/lifecycle/backup.h"
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
    if (!rk_backend_has(backend, config->aead) || !rk_backend_has(backend, RK_ALG_HMAC_SHA256))
        return false;
    switch (config->policy.mechanism) {
    case RK_MECHANISM_ECDH:
    case RK_MECHANISM_STATIC:
        return (config->curve == RK_ALG_X25519 ||
                (config->curve == RK_ALG_P256 && config->policy.mechanism == RK_MECHANISM_ECDH)) &&
               rk_backend_has(backend, config->curve) && rk_backend_has(backend, rk_kdf_for(RK_KDF_SHARED_SECRET));
    case RK_MECHANISM_TRANSPORT:
        return rk_backend_has(backend, RK_ALG_AES_KEY_WRAP);
    default:
        return rk_backend_has(backend, rk_kdf_for(RK_KDF_DERIVATION_KEY));
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

/* What happened may be a reason to renew. */
static void heed(struct rk_agent *agent, uint8_t occasion)
{
    if (!RKI_IS_SERVER(agent) && rki_renewal_due_at(agent, occasion))
        rki_renewal_start(agent);
    rki_schedule(agent);
}

static enum rk_agent_result on_start(struct rk_agent *agent, const struct rk_event *event)
{
    bool found;
    uint32_t wiped_id;
    if (agent->started != RKI_NEW)
        return RK_AGENT_INVALID;
    enum rk_agent_result result = rki_entropy_seed(agent, event->data, event->data_bytes);
    if (result != RK_AGENT_OK)
        return result;
    agent->started = RKI_STARTED;
    result = rki_store_restore(agent, &found, &wiped_id);
    if (found)
        restored_record(agent, wiped_id);
    rki_key_age(agent);
    rki_renewal_tick(agent);
    heed(agent, found ? RK_TRIGGER_REBOOT : 0);
    return result;
}

static enum rk_agent_result on_send(struct rk_agent *agent, const struct rk_event *event)
{
    const struct rk_policy *policy = &agent->config.policy;
    struct rk_key *key = &agent->key[RKI_CURRENT];
    struct rk_actions *actions = agent->actions;
    if (event->data_bytes > RK_TEXT_MAX_bytes)
        return RK_AGENT_INVALID;
    if (rki_key_permits(agent, key, RK_USE_PROTECT) != RK_KEY_OK)
        return RK_AGENT_NO_KEY;
    if (agent->nvm != NULL && key->protected_messages >= agent->store.send_reserved &&
        rki_store_reserve(agent, key, RK_STATE_ACTIVE) != 0)
        return RK_AGENT_FAILED;
    enum rk_crypto err =
        rki_data_seal(agent, key, event->data, event->data_bytes, actions->frame, &actions->frame_bytes);
    key->protected_messages++; /* even where the seal failed: a nonce is tried once */
    if (rki_key_exhausted(agent, key))
        rki_key_age(agent); /* that was the last one that the key may protect */
    bool counted = (policy->triggers & RK_TRIGGER_MESSAGES) != 0 && key->protected_messages >= policy->messages;
    if (counted || rki_own(policy) != NULL || key->state != RK_STATE_ACTIVE)
        rki_schedule(agent);
    if (err != RK_CRYPTO_OK) {
        actions->frame_bytes = 0;
        return RK_AGENT_FAILED;
    }
    actions->frame_kind = RK_FRAME_DATA;
    return RK_AGENT_OK;
}

static struct rk_key *key_by_id(struct rk_agent *agent, uint32_t id)
{
    for (uint8_t slot = 0; slot < 3; slot++) {
        struct rk_key *key = &agent->key[slot];
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

/* Counts a forgery tried. At the bound the key goes, and beyond it each further one costs the key that it was tried on:
 * the bound is the pair's, so a renewal does not lift it. The renewal then rests as after one given up: whoever forges
 * frames shall not make the device exchange keys without pause. */
static enum rk_agent_result receive_forgery(struct rk_agent *agent, struct rk_key *key)
{
    const struct rk_key *current = &agent->key[RKI_CURRENT];
    uint32_t failed_max = agent->config.policy.failed_max;
    bool covered = agent->nvm == NULL || agent->failed_tags % RKI_FAILED_BLOCK != 0;
    agent->failed_tags += agent->failed_tags < UINT32_MAX - RKI_FAILED_BLOCK;
    if (failed_max != 0 && agent->failed_tags >= failed_max) {
        if (key == &agent->key[RKI_NEXT])
            rki_exchange_wipe(agent);
        rki_key_destroy(agent, key, RK_REASON_EXHAUSTED);
        if (agent->failed_tags > failed_max)
            rki_renewal_rest(agent);
        rki_schedule(agent);
    }
    if (!covered && rki_store_commit(agent, current, (enum rk_key_state)current->state) != 0)
        return RK_AGENT_FAILED;
    return RK_AGENT_REJECTED;
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
    bool confirms =
        RKI_IS_SERVER(agent) && key->state == RK_STATE_PRE_ACTIVATION && agent->exchange.stage == RKI_STAGE_AWAIT_R3;
    if (rki_key_permits(agent, key, confirms ? RK_USE_CONFIRM : RK_USE_PROCESS) != RK_KEY_OK)
        return key->state == RK_STATE_SUSPENDED ? RK_AGENT_NO_KEY : RK_AGENT_STALE;
    enum rk_crypto err =
        rki_data_open(agent, key, event->data, event->data_bytes, agent->actions->text, &agent->actions->text_bytes);
    if (err != RK_CRYPTO_OK) {
        agent->actions->text_bytes = 0;
        return err == RK_CRYPTO_REJECTED ? receive_forgery(agent, key) : rki_result(err);
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

static enum rk_agent_result on_receive(struct rk_agent *agent, const struct rk_event *event)
{
    if (event->data_bytes == 0)
        return RK_AGENT_INVALID;
    return event->data[0] == RK_FRAME_DATA ? receive_data(agent, event) : rki_renewal_receive(agent, event);
}

static enum rk_agent_result on_compromise(struct rk_agent *agent)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    if (key->state == RK_STATE_NONE || key->compromised)
        return RK_AGENT_NO_KEY;
    rki_key_compromise(agent, key);
    if (!RKI_IS_SERVER(agent)) {
        /* A request under way does not tell the server: a new one does. */
        rki_renewal_drop(agent);
        rki_renewal_start(agent);
    }
    rki_schedule(agent);
    return RK_AGENT_OK;
}

/* The current key's state, changed by an officer, becomes durable. */
static RKI_CALLED enum rk_agent_result change(struct rk_agent *agent, enum rk_key_state to, enum rk_reason reason)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    rki_key_move(agent, key, to, reason);
    int failed = rki_store_commit(agent, key, (enum rk_key_state)key->state);
    rki_schedule(agent);
    return failed ? RK_AGENT_FAILED : RK_AGENT_OK;
}

static enum rk_agent_result on_suspend(struct rk_agent *agent)
{
    bool iso = agent->config.profile == RK_PROFILE_ISO;
    if (agent->key[RKI_CURRENT].state != RK_STATE_ACTIVE)
        return RK_AGENT_NO_KEY;
    return change(agent, iso ? RK_STATE_DEACTIVATED : RK_STATE_SUSPENDED, RK_REASON_SUSPENDED);
}

/* Before the end of its originator-usage period the key is active again, later it is deactivated (transitions 10 and
 * 12); in profile iso it is then no longer to be resumed. */
static enum rk_agent_result on_resume(struct rk_agent *agent)
{
    const struct rk_key *key = &agent->key[RKI_CURRENT];
    if (!rki_key_paused(agent, key))
        return RK_AGENT_NO_KEY;
    if (rki_key_ended(agent, key))
        return change(agent, RK_STATE_DEACTIVATED, RK_REASON_EXPIRED);
    return change(agent, RK_STATE_ACTIVE, RK_REASON_RESUMED);
}

/* All keys, long-term ones too, in RAM and NVM; what stays is which keys there were. Frames and texts go too, the
 * caller's buffers with them. */
static enum rk_agent_result on_zeroise(struct rk_agent *agent)
{
    const struct rk_backend *backend = agent->backend;
    struct rk_actions *actions = agent->actions;
    int failed = rki_store_wipe(agent);
    for (uint8_t slot = 0; slot < 3; slot++) {
        rki_key_destroy(agent, &agent->key[slot], RK_REASON_ZEROISED);
        backend->wipe(agent->key[slot].material, sizeof agent->key[slot].material);
    }
    backend->wipe(&agent->exchange, sizeof agent->exchange);
    backend->wipe(agent->traffic, sizeof agent->traffic);
    backend->wipe(&agent->provision, sizeof agent->provision);
    backend->wipe(actions->frame, sizeof actions->frame + sizeof actions->text);
    if (agent->started == RKI_STARTED)
        backend->drbg_wipe(agent->drbg, backend->drbg_alg);
    agent->started = RKI_ZEROISED;
    agent->wake_ns = RK_NEVER_ns;
    return failed ? RK_AGENT_FAILED : RK_AGENT_OK;
}
_Static_assert(offsetof(struct rk_actions, text) ==
                   offsetof(struct rk_actions, frame) + sizeof((struct rk_actions *)0)->frame,
               "frame and text lie together");

static enum rk_agent_result admit(const struct rk_agent *agent, const struct rk_event *event)
{
    if (event->kind >= RK_EVENT_COUNT)
        return RK_AGENT_INVALID;
    if (!rk_access_permits(event->subject, event->kind))
        return RK_AGENT_DENIED;
    bool always = event->kind == RK_EVENT_START || event->kind == RK_EVENT_ZEROISE;
    return always || agent->started == RKI_STARTED ? RK_AGENT_OK : RK_AGENT_INVALID;
}

static enum rk_agent_result react(struct rk_agent *agent, const struct rk_event *event)
{
    switch (event->kind) {
    case RK_EVENT_START:
        return on_start(agent, event);
    case RK_EVENT_SEND:
        return on_send(agent, event);
    case RK_EVENT_RECEIVE:
        return on_receive(agent, event);
    case RK_EVENT_TIMER:
        rki_renewal_tick(agent);
        rki_schedule(agent);
        return RK_AGENT_OK;
    case RK_EVENT_SESSION:
        heed(agent, event->data_bytes != 0 ? event->data[0] & RK_TRIGGER_OCCASIONS : RK_TRIGGER_SESSION);
        return RK_AGENT_OK;
    case RK_EVENT_COMPROMISE:
        return on_compromise(agent);
    case RK_EVENT_SUSPEND:
        return on_suspend(agent);
    case RK_EVENT_RESUME:
        return on_resume(agent);
    case RK_EVENT_BACKUP:
        return RK_BACKUP_PROVIDED ? rki_backup(agent) : RK_AGENT_ABSENT;
    case RK_EVENT_RESTORE:
        return RK_BACKUP_PROVIDED ? rki_restore(agent, event->data, event->data_bytes) : RK_AGENT_ABSENT;
    case RK_EVENT_ZEROISE:
        return on_zeroise(agent);
    case RK_EVENT_RESEED:
        return rki_entropy_seed(agent, event->data, event->data_bytes);
    default:
        return RK_AGENT_INVALID;
    }
}

/* An event that is not admitted leaves the agent as it is, its clock too. */
void rk_agent_step(struct rk_agent *agent, const struct rk_event *event, struct rk_actions *actions)
{
    rki_zero(actions, offsetof(struct rk_actions, record));
    enum rk_agent_result result = admit(agent, event);
    if (result == RK_AGENT_OK) {
        agent->now_ns = event->now_ns;
#if RK_POLICY_OWN
        agent->drained = event->drained;
        agent->losses = event->losses;
#endif
        agent->actions = actions;
        if (agent->started == RKI_STARTED && rki_reached(event->now_ns, agent->wake_ns))
            rki_key_age(agent); /* what is due is due, whether its timer has fired or not */
        result = react(agent, event);
    }
    if (result != RK_AGENT_OK)
        actions->result = (int8_t)result; /* else a step within may have failed */
    actions->timer_ns = agent->wake_ns;
    actions->wants_entropy = agent->drbg_requests >= RKI_DRBG_REQUESTS_WANTED;
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
    case RK_EVENT_RESEED:
        return "reseed";
    default:
        return NULL;
    }
}
