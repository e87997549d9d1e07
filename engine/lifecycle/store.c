/* Key records in NVM: one at a place, key id 4, sequence 4 and boot 4 in the clear, then the sealed body and its tag 16.
 * Body: id reserve 4, send reserve 4, receive reserve 4, failed tags 4, state, type, alg, compromised, activation 8,
 * material. Numbers are in the device's own byte order: no record leaves it. Places are taken in turn; DESIGN.md says in
 * which memory which, and why. */
#include "engine/lifecycle/internal.h"

enum {
    HOLDER_AT = 0,
    STORE_AT = 4, /* the first members of struct rk_store: sequence, boot, and the reserves */
    STORE_bytes = 20,
    BODY_AT = 12,
    FAILED_TAGS_AT = 24,
    KEY_AT = 28, /* members of struct rk_key from its state to its activation */
    KEY_bytes = 12,
    MATERIAL_AT = 40,
    TAG_bytes = 16,
    RECORD_MAX_bytes = MATERIAL_AT + RK_KEY_MAX_bytes + TAG_bytes,
    PLACES_MAX = 2 * RK_NVM_BLOCK_PLACES_MAX,
    WORD_bytes = 4,        /* what flash programs at once, or a multiple */
    SEQUENCE_TRUST = 1024, /* more torn writes in a row than this are not expected */
};
#define SEQUENCE_BLIND_TRUST (UINT32_C(1) << 27) /* where no record is valid: ids go up to RKI_ID_BLOCK times this */
_Static_assert((int)RECORD_MAX_bytes <= (int)RK_RECORD_bytes, "a record fits its place");
_Static_assert(offsetof(struct rk_store, sequence) == 0 && offsetof(struct rk_store, boot) == BODY_AT - STORE_AT - 4 &&
                   offsetof(struct rk_store, receive_reserved) == STORE_bytes - 4,
               "what is in the clear comes first");
_Static_assert(offsetof(struct rk_key, activated_ns) + 8 - offsetof(struct rk_key, state) == KEY_bytes, "no gap");

enum content { BLANK, WIPED, REFUSED, VALID };

static RKI_CALLED uint16_t record_bytes(const struct rk_agent *agent)
{
    return (uint16_t)(MATERIAL_AT + TAG_bytes + rki_key_bytes(agent));
}

/* --- places --- */

static uint8_t block_places(const struct rk_agent *agent)
{
    uint16_t places = agent->nvm->erase_bytes / RK_RECORD_bytes;
    if (places > RK_NVM_BLOCK_PLACES_MAX)
        return RK_NVM_BLOCK_PLACES_MAX;
    return places == 0 ? 1 : (uint8_t)places;
}

static uint32_t place_address(const struct rk_agent *agent, uint8_t place)
{
    uint8_t places = block_places(agent);
    uint32_t address = 0;
    if (place >= places) {
        place = (uint8_t)(place - places);
        address = agent->nvm->erase_bytes != 0 ? agent->nvm->erase_bytes : RK_RECORD_bytes;
    }
    return address + (uint16_t)(place * RK_RECORD_bytes);
}

static int place_read(const struct rk_agent *agent, uint8_t place, uint8_t *out, uint16_t bytes)
{
    return agent->nvm->read(agent->nvm->context, place_address(agent, place), out, bytes);
}

static int place_write(const struct rk_agent *agent, uint8_t place, const uint8_t *record)
{
    return agent->nvm->write(agent->nvm->context, place_address(agent, place), record, record_bytes(agent));
}

/* Zeros, which flash takes over anything but zeros; an erasure where a block is one place. What a wipe that was cut off
 * has done stays as it is. */
static int place_wipe(const struct rk_agent *agent, uint8_t place)
{
    uint8_t record[RECORD_MAX_bytes];
    uint8_t bytes = (uint8_t)record_bytes(agent), done = 0;
    uint32_t address = place_address(agent, place);
    if (agent->nvm->erase_bytes != 0 && block_places(agent) == 1)
        return agent->nvm->erase(agent->nvm->context, address);
    if (place_read(agent, place, record, bytes) != 0)
        return -1;
    while (done < bytes - WORD_bytes && record[done] == 0)
        done++;
    done &= (uint8_t) ~(WORD_bytes - 1u);
    rki_zero(record, sizeof record);
    return agent->nvm->write(agent->nvm->context, address + done, record, (uint16_t)(bytes - done));
}

/* What is at the place: BLANK, WIPED, or REFUSED when it is anything else. */
static enum content place_content(const struct rk_agent *agent, uint8_t place, uint8_t *record)
{
    uint8_t all = 0xFF, any = 0;
    if (place_read(agent, place, record, record_bytes(agent)) != 0)
        return REFUSED;
    for (uint16_t i = 0; i < record_bytes(agent); i++) {
        all &= record[i];
        any |= record[i];
    }
    if (any == 0)
        return WIPED;
    return all == 0xFF ? BLANK : REFUSED;
}

/* Readies the place after the newest: in a block of flash the next blank one, then the other block, which is erased. */
static int place_take(const struct rk_agent *agent, uint8_t *record, uint8_t *place)
{
    uint8_t places = block_places(agent);
    uint8_t at = agent->store.newest;
    for (;;) {
        at++;
        if (at >= 2 * places)
            at = 0;
        *place = at;
        if (agent->nvm->erase_bytes == 0)
            return 0;
        if (at == 0 || at == places)
            return agent->nvm->erase(agent->nvm->context, place_address(agent, at));
        if (place_content(agent, at, record) == BLANK)
            return 0;
    }
}

/* out: id of the key that the place's record names; 0: none. */
static uint32_t place_holder(const struct rk_agent *agent, uint8_t place)
{
    uint32_t holder;
    return place_read(agent, place, (uint8_t *)&holder, sizeof holder) == 0 ? holder : 0;
}

/* --- records --- */

struct seal {
    struct rk_aead_job job;
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t aad[8];
};

/* The body is sealed in place; device id and key id are its associated data: a record moved to another device is
 * refused. */
static void seal_init(struct seal *seal, const struct rk_agent *agent, uint8_t *record)
{
    struct rk_aead_job *job = &seal->job;
    rki_zero(seal->nonce, sizeof seal->nonce);
    seal->nonce[0] = RKI_STORE;
    rki_copy(seal->nonce + 1, record + STORE_AT, BODY_AT - STORE_AT);
    rki_put32(seal->aad, agent->config.device_id);
    rki_copy(seal->aad + 4, record + HOLDER_AT, 4);
    job->alg = agent->config.aead;
    job->key_bytes = rki_key_bytes(agent);
    job->tag_bytes = TAG_bytes;
    job->aad_bytes = sizeof seal->aad;
    job->text_bytes = (uint16_t)(MATERIAL_AT - BODY_AT + job->key_bytes);
    job->key = agent->provision.storage_key;
    job->nonce = seal->nonce;
    job->aad = seal->aad;
    job->in = record + BODY_AT;
    job->out = record + BODY_AT;
    job->tag = record + BODY_AT + job->text_bytes;
}

static void record_put(uint8_t *record, const struct rk_agent *agent, const struct rk_key *key, uint8_t state)
{
    rki_copy(record + HOLDER_AT, (const uint8_t *)&key->id, sizeof key->id);
    rki_copy(record + STORE_AT, (const uint8_t *)&agent->store, STORE_bytes);
    /* The record stands for the whole block of failed tags that has begun. */
    rki_put32(record + FAILED_TAGS_AT, agent->failed_tags + (-agent->failed_tags & (RKI_FAILED_BLOCK - 1)));
    rki_copy(record + KEY_AT, (const uint8_t *)key + offsetof(struct rk_key, state), KEY_bytes);
    record[KEY_AT] = state;
    rki_copy(record + MATERIAL_AT, key->material, rki_key_bytes(agent));
}

static RKI_CALLED void record_get(struct rk_agent *agent, const uint8_t *record)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    rki_copy((uint8_t *)&key->id, record + HOLDER_AT, sizeof key->id);
    rki_copy((uint8_t *)&agent->store, record + STORE_AT, STORE_bytes);
    agent->failed_tags = rki_get32(record + FAILED_TAGS_AT);
    rki_copy((uint8_t *)key + offsetof(struct rk_key, state), record + KEY_AT, KEY_bytes);
    rki_copy(key->material, record + MATERIAL_AT, rki_key_bytes(agent));
    /* When it was suspended is not kept: no data counts as older. When it was deactivated neither: its period ended. */
    key->changed_ns = key->state == RK_STATE_SUSPENDED     ? 0
                      : key->state == RK_STATE_DEACTIVATED ? RK_NEVER_ns
                                                           : key->activated_ns;
}

static uint32_t record_sequence(const uint8_t *record)
{
    uint32_t sequence;
    rki_copy((uint8_t *)&sequence, record + STORE_AT, sizeof sequence);
    return sequence;
}

/* --- commits --- */

static RKI_CALLED void grow(uint32_t *reserve, uint16_t block)
{
    *reserve = *reserve < UINT32_MAX - block ? *reserve + block : UINT32_MAX;
}

int rki_store_commit(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state)
{
    struct rk_store *store = &agent->store;
    uint8_t record[RECORD_MAX_bytes];
    struct seal seal;
    uint8_t place;
    if (agent->nvm == NULL)
        return 0;
    if (store->sequence == UINT32_MAX || place_take(agent, record, &place) != 0)
        return -1;
    uint32_t id_reserved = store->id_reserved;
    store->id_reserved = agent->last_key_id;
    grow(&store->id_reserved, RKI_ID_BLOCK);
    store->sequence++;
    record_put(record, agent, key, (uint8_t)state);
    seal_init(&seal, agent, record);
    int failed = agent->backend->aead_seal(&seal.job) != RK_CRYPTO_OK;
    if (!failed && place_write(agent, place, record) != 0) {
        failed = 1;
        place_wipe(agent, place);
    }
    agent->backend->wipe(record, sizeof record);
    if (failed) {
        store->id_reserved = id_reserved;
        return -1;
    }
    store->newest = place;
    return 0;
}

static void grow_send(struct rk_agent *agent)
{
    const struct rk_policy *policy = &agent->config.policy;
    bool counted = (policy->triggers & RK_TRIGGER_MESSAGES) != 0 && policy->messages < RKI_SEND_BLOCK;
    grow(&agent->store.send_reserved, counted ? (uint16_t)policy->messages : RKI_SEND_BLOCK);
}

int rki_store_reserve(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state)
{
    uint32_t send_reserved = agent->store.send_reserved;
    agent->store.send_reserved = key->protected_messages;
    grow_send(agent);
    if (rki_store_commit(agent, key, state) == 0)
        return 0;
    agent->store.send_reserved = send_reserved;
    return -1;
}

int rki_store_forget(struct rk_agent *agent, const struct rk_key *key)
{
    struct rk_store *store = &agent->store;
    if (agent->nvm == NULL || key->id == 0)
        return 0;
    if (place_holder(agent, store->newest) == key->id && rki_store_commit(agent, key, RK_STATE_DESTROYED) != 0)
        return -1;
    int failed = 0;
    for (uint8_t place = 0; place < 2 * block_places(agent); place++)
        if (place != store->newest && place_holder(agent, place) == key->id)
            failed |= place_wipe(agent, place);
    return failed;
}

int rki_store_wipe(struct rk_agent *agent)
{
    uint8_t record[RECORD_MAX_bytes];
    int failed = 0;
    if (agent->nvm == NULL)
        return 0;
    /* The newest goes last: what a power cut leaves of the store has no counters to use again. */
    uint8_t places = (uint8_t)(2 * block_places(agent));
    uint8_t place = agent->store.newest;
    for (uint8_t i = 0; i < places; i++) {
        place = (uint8_t)(place + 1) < places ? (uint8_t)(place + 1) : 0;
        if (place_content(agent, place, record) == REFUSED)
            failed |= place_wipe(agent, place);
    }
    return failed;
}

/* --- restart --- */

static bool holds_key(uint8_t state)
{
    return state != RK_STATE_NONE && state != RK_STATE_DESTROYED;
}

/* Opens every record; the newest one goes to key[RKI_CURRENT], its place to store.newest.
 * out: content[] by place; VALID stands for a record that holds a key. */
static bool records_open(struct rk_agent *agent, uint8_t *content, uint8_t places)
{
    uint8_t record[RECORD_MAX_bytes];
    struct seal seal;
    bool found = false;
    for (uint8_t place = 0; place < places; place++) {
        content[place] = (uint8_t)place_content(agent, place, record);
        if (content[place] != REFUSED)
            continue;
        seal_init(&seal, agent, record);
        if (agent->backend->aead_open(&seal.job) != RK_CRYPTO_OK || record[KEY_AT] >= RK_STATE_COUNT ||
            record[KEY_AT + 1] >= RK_KEY_TYPE_END)
            continue;
        content[place] = holds_key(record[KEY_AT]) ? VALID : WIPED;
        if (found && record_sequence(record) < agent->store.sequence)
            continue;
        found = true;
        agent->store.newest = place;
        record_get(agent, record);
    }
    agent->backend->wipe(record, sizeof record);
    return found;
}

/* Records were refused: torn, or altered after they had been valid. Each may have reserved one block beyond the newest
 * valid one, which is therefore skipped; sequences go on after those that can be read. Without a valid record the
 * sequence also tells which ids were taken: a commit reserves one block of them. out: number of refused places. */
static RKI_CALLED uint8_t refused_skip(struct rk_agent *agent, const uint8_t *content, uint8_t places, bool found)
{
    struct rk_store *store = &agent->store;
    uint32_t newest = store->sequence;
    uint8_t head[BODY_AT];
    uint8_t refused = 0;
    for (uint8_t place = 0; place < places; place++) {
        if (content[place] != REFUSED || place_read(agent, place, head, sizeof head) != 0)
            continue;
        refused++;
        uint32_t sequence = record_sequence(head);
        if (sequence > store->sequence && sequence - newest < (found ? SEQUENCE_TRUST : SEQUENCE_BLIND_TRUST))
            store->sequence = sequence;
        if (found) {
            grow_send(agent);
            grow(&store->receive_reserved, RKI_RECEIVE_BLOCK);
            grow(&store->id_reserved, RKI_ID_BLOCK);
        }
    }
    if (!found)
        store->id_reserved = store->sequence * RKI_ID_BLOCK;
    return refused;
}

enum rk_agent_result rki_store_restore(struct rk_agent *agent, bool *found, uint32_t *wiped_id)
{
    struct rk_store *store = &agent->store;
    struct rk_key *key = &agent->key[RKI_CURRENT];
    uint8_t content[PLACES_MAX];
    *found = false;
    *wiped_id = 0;
    if (agent->nvm == NULL)
        return RK_AGENT_OK;
    uint8_t places = (uint8_t)(2 * block_places(agent));
    store->newest = (uint8_t)(places - 1);
    *found = records_open(agent, content, places);
    if (agent->backend->drbg_generate(agent->drbg, agent->backend->drbg_alg, (uint8_t *)&store->boot,
                                      sizeof store->boot) != RK_CRYPTO_OK)
        return RK_AGENT_FAILED;
    uint8_t refused = refused_skip(agent, content, places, *found);
    agent->last_key_id = store->id_reserved;
    key->protected_messages = store->send_reserved;
    key->receive_counter = store->receive_reserved;
    /* What was skipped is durable before the reason for it is wiped. */
    int failed = refused != 0 && *found && rki_store_commit(agent, key, (enum rk_key_state)key->state) != 0;
    for (uint8_t place = 0; place < places; place++) {
        if ((*found && place == store->newest) || content[place] < REFUSED || failed)
            continue;
        if (content[place] == VALID) {
            uint32_t holder = place_holder(agent, place);
            if (holds_key(key->state) && holder == key->id)
                continue;
            *wiped_id = holder;
        }
        failed |= place_wipe(agent, place);
    }
    if (failed)
        return RK_AGENT_FAILED;
    return refused != 0 ? RK_AGENT_ALTERED : RK_AGENT_OK;
}
