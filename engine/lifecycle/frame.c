/* Data frames: kind 1, key id 4, counter 4, ciphertext, tag. The header is the associated data. */
#include "engine/lifecycle/internal.h"

enum { KEY_ID_AT = 1, COUNTER_AT = 5 };

static enum rk_crypto job_init(struct rk_aead_job *job, struct rk_agent *agent, const struct rk_key *key,
                               const uint8_t *header, const uint8_t *nonce, uint16_t text_bytes)
{
    job->alg = agent->config.aead;
    job->key_bytes = rki_key_bytes(agent);
    job->tag_bytes = agent->config.tag_bytes;
    job->aad_bytes = RKI_DATA_HEADER_bytes;
    job->text_bytes = text_bytes;
    job->nonce = nonce;
    job->aad = header;
    return rki_traffic_key(agent, key, &job->key);
}

enum rk_crypto rki_data_seal(struct rk_agent *agent, const struct rk_key *key, const uint8_t *text, uint16_t text_bytes,
                             uint8_t *frame, uint16_t *frame_bytes)
{
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t from = agent->config.role == RK_ROLE_DEVICE ? RKI_FROM_DEVICE : RKI_FROM_SERVER;
    rki_nonce(nonce, from, key->id, key->protected_messages);
    frame[0] = RK_FRAME_DATA;
    rki_put32(frame + KEY_ID_AT, key->id);
    rki_put32(frame + COUNTER_AT, key->protected_messages);

    struct rk_aead_job job;
    enum rk_crypto err = job_init(&job, agent, key, frame, nonce, text_bytes);
    job.in = text;
    job.out = frame + RKI_DATA_HEADER_bytes;
    job.tag = job.out + text_bytes;
    *frame_bytes = (uint16_t)(RKI_DATA_HEADER_bytes + text_bytes + job.tag_bytes);
    return err == RK_CRYPTO_OK ? agent->backend->aead_seal(&job) : err;
}

enum rk_crypto rki_data_open(struct rk_agent *agent, const struct rk_key *key, const uint8_t *frame,
                             uint16_t frame_bytes, uint8_t *text, uint16_t *text_bytes)
{
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t from = agent->config.role == RK_ROLE_DEVICE ? RKI_FROM_SERVER : RKI_FROM_DEVICE;
    rki_nonce(nonce, from, key->id, rki_get32(frame + COUNTER_AT));
    *text_bytes = (uint16_t)(frame_bytes - RKI_DATA_HEADER_bytes - agent->config.tag_bytes);

    struct rk_aead_job job;
    enum rk_crypto err = job_init(&job, agent, key, frame, nonce, *text_bytes);
    job.in = frame + RKI_DATA_HEADER_bytes;
    job.out = text;
    /* The contract's one tag pointer serves both directions; open only reads it. */
    job.tag = (uint8_t *)(uintptr_t)(job.in + *text_bytes);
    return err == RK_CRYPTO_OK ? agent->backend->aead_open(&job) : err;
}
