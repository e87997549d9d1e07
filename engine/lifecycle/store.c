/* The NVM record: two slots written in turn. Each: sequence 4, sealed body, tag 16.
 * Body: key id 4, predecessor 4, id reserve 4, send reserve 4, receive reserve 4, activation 8, state, alg,
 * compromised, material. The older slot stays valid until the newer one is complete. */
#include "engine/lifecycle/internal.h"

enum {
    SLOT_bytes = RK_NVM_AGENT_bytes / 2,
    SEQUENCE_bytes = 4,
    TAG_bytes = 16,
    ID_AT = 0,
    PREDECESSOR_AT = 4,
    ID_RESERVE_AT = 8,
    SEND_RESERVE_AT = 12,
    RECEIVE_RESERVE_AT = 16,
    ACTIVATED_AT = 20,
    STATE_AT = 28,
    ALG_AT = 29,
    COMPROMISED_AT = 30,
    MATERIAL_AT = 31,
    BODY_MAX_bytes = MATERIAL_AT + RK_KEY_MAX_bytes,
    SEQUENCE_TRUST = 1024, /* more torn writes in a row than this are not expected */
    RECORD_MAX_bytes = SEQUENCE_bytes + BODY_MAX_bytes + TAG_bytes,
};
_Static_assert((int)RECORD_MAX_bytes <= (int)SLOT_bytes, "a record fits its slot");

static uint16_t body_bytes(const struct rk_agent *agent)
{
    return (uint16_t)(MATERIAL_AT + rki_key_bytes(agent));
}

static uint16_t record_bytes(const struct rk_agent *agent)
{
    return (uint16_t)(SEQUENCE_bytes + body_bytes(agent) + TAG_bytes);
}

static uint32_t slot_address(uint8_t slot)
{
    return slot == 0 ? 0 : SLOT_bytes;
}

/* The body is sealed in place; its associated data is the device's id: a record moved to another device is refused. */
static void seal_job(struct rk_aead_job *job, const struct rk_agent *agent, uint8_t *record, uint8_t *nonce,
                     uint8_t device_id[4])
{
    rki_nonce(nonce, RKI_STORE, 0, rki_get32(record));
    rki_put32(device_id, agent->config.device_id);
    job->alg = agent->config.aead;
    job->key_bytes = rki_key_bytes(agent);
    job->tag_bytes = TAG_bytes;
    job->aad_bytes = 4;
    job->text_bytes = body_bytes(agent);
    job->key = agent->provision.storage_key;
    job->nonce = nonce;
    job->aad = device_id;
    job->in = record + SEQUENCE_bytes;
    job->out = record + SEQUENCE_bytes;
    job->tag = record + SEQUENCE_bytes + job->text_bytes;
}

static void body_put(uint8_t *body, const struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state)
{
    rki_put32(body + ID_AT, key->id);
    rki_put32(body + PREDECESSOR_AT, agent->key[RKI_PREVIOUS].id);
    rki_put32(body + ID_RESERVE_AT, agent->store.id_reserved);
    rki_put32(body + SEND_RESERVE_AT, agent->store.send_reserved);
    rki_put32(body + RECEIVE_RESERVE_AT, agent->store.receive_reserved);
    rki_put64(body + ACTIVATED_AT, key->activated_ns);
    body[STATE_AT] = (uint8_t)state;
    body[ALG_AT] = agent->config.aead;
    body[COMPROMISED_AT] = key->compromised;
    rki_copy(body + MATERIAL_AT, key->material, rki_key_bytes(agent));
}

int rki_store_commit(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state)
{
    struct rk_store *store = &agent->store;
    if (agent->nvm == NULL)
        return 0;
    uint8_t slot = store->newest ^ 1;
    uint8_t record[RECORD_MAX_bytes];
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t device_id[4];
    struct rk_aead_job job;
    uint32_t id_reserved = store->id_reserved;
    store->id_reserved =
        agent->last_key_id < UINT32_MAX - RKI_ID_BLOCK ? agent->last_key_id + RKI_ID_BLOCK : UINT32_MAX;
    rki_put32(record, store->sequence++);
    body_put(record + SEQUENCE_bytes, agent, key, state);
    seal_job(&job, agent, record, nonce, device_id);
    store->key_id[slot] = key->id;
    int failed = agent->backend->aead_seal(&job) != RK_CRYPTO_OK ||
                 agent->nvm->write(agent->nvm->context, slot_address(slot), record, record_bytes(agent)) != 0;
    agent->backend->wipe(record, sizeof record);
    if (failed) {
        store->id_reserved = id_reserved;
        return -1;
    }
    if (state == RK_STATE_DESTROYED || state == RK_STATE_NONE)
        store->key_id[slot] = 0;
    store->newest = slot;
    return 0;
}

int rki_store_reserve(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state)
{
    const struct rk_policy *policy = &agent->config.policy;
    uint32_t block = RKI_SEND_BLOCK;
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0 && policy->messages < block)
        block = policy->messages;
    uint32_t used = key->protected_messages;
    uint32_t send_reserved = agent->store.send_reserved;
    agent->store.send_reserved = used < RK_KEY_MESSAGES_MAX - block ? used + block : RK_KEY_MESSAGES_MAX;
    if (rki_store_commit(agent, key, state) == 0)
        return 0;
    agent->store.send_reserved = send_reserved;
    return -1;
}

static int slot_wipe(struct rk_agent *agent, uint8_t slot)
{
    uint8_t zero[SLOT_bytes];
    rki_zero(zero, sizeof zero);
    if (agent->nvm->write(agent->nvm->context, slot_address(slot), zero, record_bytes(agent)) != 0)
        return -1;
    agent->store.key_id[slot] = 0;
    return 0;
}

int rki_store_forget(struct rk_agent *agent, const struct rk_key *key)
{
    struct rk_store *store = &agent->store;
    if (agent->nvm == NULL || key->id == 0)
        return 0;
    if (store->key_id[store->newest] == key->id && rki_store_commit(agent, key, RK_STATE_DESTROYED) != 0)
        return -1;
    int failed = 0;
    for (uint8_t slot = 0; slot < 2; slot++)
        if (store->key_id[slot] == key->id)
            failed |= slot_wipe(agent, slot);
    return failed;
}

/* Reads and opens one slot into record. out: whether it is valid; its sequence is read in any case. */
static bool slot_open(const struct rk_agent *agent, uint8_t slot, uint8_t *record, uint32_t *sequence)
{
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t device_id[4];
    struct rk_aead_job job;
    *sequence = 0;
    if (agent->nvm->read(agent->nvm->context, slot_address(slot), record, record_bytes(agent)) != 0)
        return false;
    *sequence = rki_get32(record);
    seal_job(&job, agent, record, nonce, device_id);
    return agent->backend->aead_open(&job) == RK_CRYPTO_OK;
}

static void body_get(struct rk_agent *agent, const uint8_t *body)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    key->id = rki_get32(body + ID_AT);
    key->activated_ns = rki_get64(body + ACTIVATED_AT);
    key->state = body[STATE_AT];
    /* When it was suspended is not kept: no data counts as older. When it was deactivated neither: its period ended. */
    key->changed_ns = key->state == RK_STATE_SUSPENDED     ? 0
                      : key->state == RK_STATE_DEACTIVATED ? RK_NEVER_ns
                                                           : key->activated_ns;
    key->compromised = body[COMPROMISED_AT];
    key->type = RK_KEY_DATA_ENCRYPTION;
    key->alg = body[ALG_AT];
    rki_copy(key->material, body + MATERIAL_AT, rki_key_bytes(agent));
    agent->store.id_reserved = rki_get32(body + ID_RESERVE_AT);
    agent->store.send_reserved = rki_get32(body + SEND_RESERVE_AT);
    agent->store.receive_reserved = rki_get32(body + RECEIVE_RESERVE_AT);
    agent->last_key_id = agent->store.id_reserved;
    key->protected_messages = agent->store.send_reserved;
    key->receive_counter = agent->store.receive_reserved;
}

static void newest_load(struct rk_agent *agent, uint8_t *record, const bool valid[2], const uint32_t sequence[2])
{
    struct rk_store *store = &agent->store;
    uint32_t ignored;
    store->newest = valid[1] && (!valid[0] || sequence[1] > sequence[0]);
    if (!slot_open(agent, store->newest, record, &ignored))
        return;
    body_get(agent, record + SEQUENCE_bytes);
    uint8_t state = agent->key[RKI_CURRENT].state;
    bool holds_key = state != RK_STATE_NONE && state != RK_STATE_DESTROYED;
    store->key_id[store->newest] = holds_key ? agent->key[RKI_CURRENT].id : 0;
}

/* A torn write may have used a sequence without leaving a valid record: go past any such one too. What is far from the
 * valid ones is no sequence but blank or half written memory, and then no byte of its seal was written. */
static uint32_t next_sequence(const bool valid[2], const uint32_t sequence[2])
{
    uint32_t newest = 0;
    for (uint8_t slot = 0; slot < 2; slot++)
        if (valid[slot] && sequence[slot] > newest)
            newest = sequence[slot];
    uint32_t used = newest;
    for (uint8_t slot = 0; slot < 2; slot++)
        if (sequence[slot] > used && sequence[slot] - newest < SEQUENCE_TRUST)
            used = sequence[slot];
    return used + 2;
}

int rki_store_restore(struct rk_agent *agent, bool *found, uint32_t *wiped_id)
{
    struct rk_store *store = &agent->store;
    uint8_t record[RECORD_MAX_bytes];
    bool valid[2];
    uint32_t sequence[2], id[2];
    *found = false;
    *wiped_id = 0;
    if (agent->nvm == NULL)
        return 0;
    for (uint8_t slot = 0; slot < 2; slot++) {
        valid[slot] = slot_open(agent, slot, record, &sequence[slot]);
        id[slot] = valid[slot] && record[SEQUENCE_bytes + STATE_AT] != RK_STATE_DESTROYED
                       ? rki_get32(record + SEQUENCE_bytes + ID_AT)
                       : 0;
    }
    store->sequence = next_sequence(valid, sequence);
    int failed = 0;
    if (valid[0] || valid[1]) {
        *found = true;
        newest_load(agent, record, valid, sequence);
        uint8_t older = store->newest ^ 1;
        store->key_id[older] = id[older];
        if (id[older] != 0 && id[older] != store->key_id[store->newest]) {
            *wiped_id = id[older];
            failed = slot_wipe(agent, older);
        }
    }
    agent->backend->wipe(record, sizeof record);
    return failed;
}

int rki_store_wipe(struct rk_agent *agent)
{
    if (agent->nvm == NULL)
        return 0;
    int failed = slot_wipe(agent, 0);
    return slot_wipe(agent, 1) | failed;
}
