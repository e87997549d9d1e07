#include "engine/lifecycle/backup.h"

#include "engine/lifecycle/internal.h"

enum {
    KEY_ID_AT = 1,
    DEVICE_AT = 5,
    TYPE_AT = 9,
    AEAD_AT = 10,
    NONCE_AT = 11,
    NONCE_bytes = 12,
    ACTIVATED_AT = RK_BACKUP_HEAD_bytes,
    MATERIAL_AT = ACTIVATED_AT + 8,
    TAG_bytes = 16,
};
_Static_assert(NONCE_AT + NONCE_bytes == (int)RK_BACKUP_HEAD_bytes, "the head ends with the nonce");
_Static_assert((int)RK_BACKUP_MAX_bytes <= (int)RK_FRAME_MAX_bytes, "a backup is a frame");

struct seal {
    struct rk_aead_job job;
    uint8_t nonce[RKI_NONCE_MAX_bytes];
};

/* In place, behind the head. */
static void seal_init(struct seal *seal, const uint8_t *backup_key, uint8_t *frame)
{
    struct rk_aead_job *job = &seal->job;
    rki_copy(seal->nonce, frame + NONCE_AT, NONCE_bytes);
    seal->nonce[NONCE_bytes] = 0;
    job->alg = frame[AEAD_AT];
    job->key_bytes = job->alg == RK_ALG_AES_CCM ? 16 : 32;
    job->tag_bytes = TAG_bytes;
    job->aad_bytes = RK_BACKUP_HEAD_bytes;
    job->text_bytes = (uint16_t)(MATERIAL_AT - RK_BACKUP_HEAD_bytes + job->key_bytes);
    job->key = backup_key;
    job->nonce = seal->nonce;
    job->aad = frame;
    job->in = frame + RK_BACKUP_HEAD_bytes;
    job->out = frame + RK_BACKUP_HEAD_bytes;
    job->tag = job->out + job->text_bytes;
}

enum rk_crypto rk_backup_seal(const struct rk_backend *backend, struct rk_drbg *drbg, const uint8_t backup_key[32],
                              const struct rk_backup *backup, uint8_t *frame, uint16_t *frame_bytes)
{
    struct seal seal;
    enum rk_crypto err = backend->drbg_generate(drbg, backend->drbg_alg, frame + NONCE_AT, NONCE_bytes);
    if (err != RK_CRYPTO_OK)
        return err;
    frame[0] = RK_FRAME_BACKUP;
    rki_put32(frame + KEY_ID_AT, backup->key_id);
    rki_put32(frame + DEVICE_AT, backup->device_id);
    frame[TYPE_AT] = backup->type;
    frame[AEAD_AT] = backup->aead;
    seal_init(&seal, backup_key, frame);
    *frame_bytes = (uint16_t)(RK_BACKUP_HEAD_bytes + seal.job.text_bytes + TAG_bytes);
    rki_put64(frame + ACTIVATED_AT, backup->activated_ns);
    rki_copy(frame + MATERIAL_AT, backup->material, seal.job.key_bytes);
    err = backend->aead_seal(&seal.job);
    if (err != RK_CRYPTO_OK)
        backend->wipe(frame, *frame_bytes);
    return err;
}

/*@ assigns \nothing; */
static bool is_backup(const uint8_t *frame, uint16_t frame_bytes)
{
    if (frame_bytes < RK_BACKUP_HEAD_bytes || frame[0] != RK_FRAME_BACKUP)
        return false;
    uint16_t key_bytes = frame[AEAD_AT] == RK_ALG_AES_CCM ? 16 : frame[AEAD_AT] == RK_ALG_CHACHA20_POLY1305 ? 32 : 0;
    return key_bytes != 0 && frame_bytes == (uint16_t)(MATERIAL_AT + TAG_bytes) + key_bytes;
}

enum rk_crypto rk_backup_open(const struct rk_backend *backend, const uint8_t backup_key[32], const uint8_t *frame,
                              uint16_t frame_bytes, struct rk_backup *backup)
{
    uint8_t opened[RK_BACKUP_MAX_bytes];
    struct seal seal;
    rki_zero(backup, sizeof *backup);
    if (!is_backup(frame, frame_bytes))
        return RK_CRYPTO_REJECTED;
    rki_copy(opened, frame, frame_bytes);
    seal_init(&seal, backup_key, opened);
    enum rk_crypto err = backend->aead_open(&seal.job);
    if (err == RK_CRYPTO_OK) {
        backup->key_id = rki_get32(opened + KEY_ID_AT);
        backup->device_id = rki_get32(opened + DEVICE_AT);
        backup->type = opened[TYPE_AT];
        backup->aead = opened[AEAD_AT];
        backup->activated_ns = rki_get64(opened + ACTIVATED_AT);
        rki_copy(backup->material, opened + MATERIAL_AT, seal.job.key_bytes);
    }
    backend->wipe(opened, sizeof opened);
    return err;
}

/*@ assigns \nothing; */
static bool alive(const struct rk_key *key)
{
    return key->state != RK_STATE_NONE && key->state != RK_STATE_DESTROYED;
}

enum rk_agent_result rki_backup(struct rk_agent *agent)
{
    const struct rk_key *key = &agent->key[RKI_CURRENT];
    struct rk_actions *actions = agent->actions;
    struct rk_backup backup;
    if (!alive(key) || key->compromised)
        return RK_AGENT_NO_KEY;
    if (!rk_key_type_backup_permitted(key->type))
        return RK_AGENT_DENIED;
    if (agent->drbg_requests >= RKI_DRBG_REQUESTS_MAX)
        return RK_AGENT_NO_ENTROPY;
    agent->drbg_requests++;
    backup.key_id = key->id;
    backup.device_id = agent->config.device_id;
    backup.type = key->type;
    backup.aead = agent->config.aead;
    backup.activated_ns = key->activated_ns;
    rki_copy(backup.material, key->material, sizeof backup.material);
    enum rk_crypto err = rk_backup_seal(agent->backend, agent->drbg, agent->provision.backup_key, &backup,
                                        actions->frame, &actions->frame_bytes);
    agent->backend->wipe(&backup, sizeof backup);
    if (err == RK_CRYPTO_OK)
        actions->frame_kind = RK_FRAME_BACKUP;
    else
        actions->frame_bytes = 0;
    return rki_result(err);
}

/* The key takes the place of none, or of an older one's tombstone. */
static enum rk_agent_result take_back(struct rk_agent *agent, const struct rk_backup *backup)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    struct rk_record record = {.time_ns = agent->now_ns, .key_id = backup->key_id, .reason = RK_REASON_RESTORED};
    if (backup->device_id != agent->config.device_id || backup->aead != agent->config.aead)
        return RK_AGENT_REJECTED;
    if (!rk_key_type_backup_permitted(backup->type))
        return RK_AGENT_DENIED;
    if (alive(key) || backup->key_id <= key->id)
        return RK_AGENT_STALE;
    rki_renewal_drop(agent);     /* what a device without a store asked for may bear the same id */
    struct rk_key before = *key; /* a tombstone: nothing to wipe */
    struct rk_store reserves = agent->store;
    rki_zero(key, sizeof *key);
    key->id = backup->key_id;
    key->state = RK_STATE_DEACTIVATED;
    key->type = backup->type;
    key->alg = backup->aead;
    key->protected_messages = RK_KEY_MESSAGES_MAX;
    key->activated_ns = backup->activated_ns;
    key->changed_ns = RK_NEVER_ns; /* its period ended when it did */
    rki_copy(key->material, backup->material, sizeof key->material);
    if (agent->last_key_id < key->id)
        agent->last_key_id = key->id;
    agent->store.send_reserved = RK_KEY_MESSAGES_MAX;
    agent->store.receive_reserved = 0;
    if (rki_store_commit(agent, key, RK_STATE_DEACTIVATED) != 0) {
        agent->backend->wipe(key, sizeof *key);
        *key = before;
        agent->store.send_reserved = reserves.send_reserved;
        agent->store.receive_reserved = reserves.receive_reserved;
        return RK_AGENT_FAILED;
    }
    record.from = record.to = RK_STATE_DEACTIVATED;
    rki_record_push(agent, &record);
    return RK_AGENT_OK;
}

enum rk_agent_result rki_restore(struct rk_agent *agent, const uint8_t *frame, uint16_t frame_bytes)
{
    struct rk_backup backup;
    enum rk_crypto err = rk_backup_open(agent->backend, agent->provision.backup_key, frame, frame_bytes, &backup);
    enum rk_agent_result result = rki_result(err);
    if (result == RK_AGENT_OK)
        result = take_back(agent, &backup);
    agent->backend->wipe(&backup, sizeof backup);
    if (result != RK_AGENT_OK)
        return result;
    rki_key_age(agent);
    if (agent->config.role == RK_ROLE_DEVICE)
        rki_renewal_start(agent);
    rki_schedule(agent);
    return RK_AGENT_OK;
}
