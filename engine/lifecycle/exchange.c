/* R1, R2, R3 for all mechanisms. They differ only in the two contributions and in where the key block comes from. */
#include "engine/lifecycle/internal.h"

/* R1: kind, id 4, mechanism and flags, predecessor id 4, device's contribution, MAC 16.
 * R2: kind, id 4, mechanism, server's contribution, tag 16.   R3: kind, id 4, mechanism, tag 16. */
enum {
    ID_AT = 1,
    MECHANISM_AT = 5,
    PREDECESSOR_AT = 6,
    R1_CONTRIBUTION_AT = 10,
    R2_CONTRIBUTION_AT = 6,
    R3_HEADER_bytes = 6,
    MAC_bytes = 16,
    FRESH_NONCE_bytes = 16,
    FLAG_COMPROMISED = 0x80,
    FLAG_FROM_MASTER = 0x40, /* refresh, update: not from the predecessor, which is gone, leaked or not agreed on */
    FLAGS = FLAG_COMPROMISED | FLAG_FROM_MASTER,
    CONTRIBUTION_MAX_bytes = 80,
};

/* The key, then the confirmation key, each as long as the suite's key. Wrapped in parts of 32 bytes. */
enum { BLOCK_MAX_bytes = 64, WRAP_PART_bytes = 32, WRAPPED_PART_bytes = 40 };

/* What MACs and tags cover: a label, the device's id, R1, and R2 without its tag. */
enum {
    LABEL_bytes = 8,
    DERIVATION_bytes = LABEL_bytes + 4 + 4 + 3, /* label, device id, key id, mechanism, AEAD, tag length */
    TRANSCRIPT_HEADER_bytes = LABEL_bytes + 4,
    TRANSCRIPT_MAX_bytes = TRANSCRIPT_HEADER_bytes + 2 * RK_EXCHANGE_MAX_bytes,
};
static const uint8_t LABEL_REQUEST[LABEL_bytes] = {'r', 'k', ' ', 'r', 'e', 'q', 'u', 'e'};
static const uint8_t LABEL_ANSWER[LABEL_bytes] = {'r', 'k', ' ', 'a', 'n', 's', 'w', 'e'};
static const uint8_t LABEL_KEY[LABEL_bytes - 1] = {'r', 'k', ' ', 'k', 'e', 'y', 's'}; /* and what is derived */

struct transcript {
    uint16_t bytes;
    uint8_t data[TRANSCRIPT_MAX_bytes];
};

/*@ assigns \nothing; */
static bool agrees(const struct rk_agent *agent)
{
    uint8_t mechanism = agent->config.policy.mechanism;
    return (RKI_USES(RK_ALG_X25519) || RKI_USES(RK_ALG_P256)) &&
           (mechanism == RK_MECHANISM_ECDH || mechanism == RK_MECHANISM_STATIC);
}

static uint8_t device_contribution_bytes(const struct rk_agent *agent)
{
    switch (agent->config.policy.mechanism) {
    case RK_MECHANISM_ECDH:
    case RK_MECHANISM_STATIC:
        return (uint8_t)rk_alg_public_bytes(agent->config.curve);
    case RK_MECHANISM_UPDATE:
    case RK_MECHANISM_COUNTER:
        return 0;
    default:
        return FRESH_NONCE_bytes;
    }
}

static uint8_t server_contribution_bytes(const struct rk_agent *agent)
{
    if (agent->config.policy.mechanism == RK_MECHANISM_TRANSPORT)
        return (uint8_t)(2 * rki_key_bytes(agent) / WRAP_PART_bytes * WRAPPED_PART_bytes);
    if (agent->config.policy.mechanism == RK_MECHANISM_STATIC)
        return FRESH_NONCE_bytes;
    return device_contribution_bytes(agent);
}

uint16_t rki_exchange_frame_bytes(const struct rk_agent *agent, uint8_t frame_kind)
{
    switch (frame_kind) {
    case RK_FRAME_R1:
        return (uint16_t)(R1_CONTRIBUTION_AT + device_contribution_bytes(agent) + MAC_bytes);
    case RK_FRAME_R2:
        return (uint16_t)(R2_CONTRIBUTION_AT + server_contribution_bytes(agent) + MAC_bytes);
    default:
        return R3_HEADER_bytes + MAC_bytes;
    }
}

uint32_t rki_request_predecessor(const uint8_t *r1)
{
    return rki_get32(r1 + PREDECESSOR_AT);
}

bool rki_request_compromised(const uint8_t *r1)
{
    return (r1[MECHANISM_AT] & FLAG_COMPROMISED) != 0;
}

static const uint8_t *request_mac(const struct rk_agent *agent, const uint8_t *r1)
{
    return r1 + R1_CONTRIBUTION_AT + device_contribution_bytes(agent);
}

/* Without a branch on secret bytes. */
static bool equal(const uint8_t *left, const uint8_t *right, uint8_t bytes)
{
    uint8_t different = 0;
    for (uint8_t i = 0; i < bytes; i++)
        different |= (uint8_t)(left[i] ^ right[i]);
    return different == 0;
}

bool rki_request_repeated(const struct rk_agent *agent, const uint8_t *r1)
{
    return agent->exchange.stage == RKI_STAGE_AWAIT_R3 && rki_get32(r1 + ID_AT) == agent->key[RKI_NEXT].id &&
           equal(request_mac(agent, r1), agent->exchange.request_mac, MAC_bytes);
}

/*@ requires \valid(agent) && \valid_read(agent->backend) && \separated(agent, agent->backend);
    requires agent->backend->wipe == &rk_backend_wipes;
    terminates \true;
    assigns agent->exchange.secret[0 .. 31], agent->exchange.stage, agent->exchange.tries, agent->exchange.retry_at_ns,
      agent->exchange.frame_bytes;
    ensures \forall integer i; 0 <= i < 32 ==> agent->exchange.secret[i] == 0;
    ensures agent->exchange.stage == RKI_STAGE_NONE && agent->exchange.frame_bytes == 0;
*/
void rki_exchange_wipe(struct rk_agent *agent)
{
    struct rk_exchange *exchange = &agent->exchange;
    //@ calls rk_backend_wipes;
    agent->backend->wipe(exchange->secret, sizeof exchange->secret);
    exchange->stage = RKI_STAGE_NONE;
    exchange->tries = 0;
    exchange->retry_at_ns = RK_NEVER_ns;
    exchange->frame_bytes = 0;
}

static void header_put(const struct rk_agent *agent, uint8_t *frame, uint8_t frame_kind, uint32_t id)
{
    frame[0] = frame_kind;
    rki_put32(frame + ID_AT, id);
    frame[MECHANISM_AT] = agent->config.policy.mechanism;
}

static void transcript_init(struct transcript *transcript, const struct rk_agent *agent, const uint8_t *label)
{
    rki_copy(transcript->data, label, LABEL_bytes);
    rki_put32(transcript->data + LABEL_bytes, agent->config.device_id);
    transcript->bytes = TRANSCRIPT_HEADER_bytes;
}

static void transcript_add(struct transcript *transcript, const uint8_t *part, uint16_t part_bytes)
{
    rki_copy(transcript->data + transcript->bytes, part, part_bytes);
    transcript->bytes = (uint16_t)(transcript->bytes + part_bytes);
}

/* The long-term key authenticates by HMAC: unlike an AEAD used as a MAC it needs no nonce that never repeats. */
static RKI_CALLED enum rk_crypto authenticate(const struct rk_agent *agent, const struct transcript *transcript,
                                              uint8_t mac[32])
{
    return agent->backend->mac(RK_ALG_HMAC_SHA256, agent->provision.authentication_key,
                               sizeof agent->provision.authentication_key, transcript->data, transcript->bytes, mac);
}

/* What a library that fails leaves of it is what a forger lacks. */
static enum rk_crypto request_authenticate(const struct rk_agent *agent, const uint8_t *r1, uint8_t mac[32])
{
    struct transcript transcript;
    transcript_init(&transcript, agent, LABEL_REQUEST);
    transcript_add(&transcript, r1, (uint16_t)(R1_CONTRIBUTION_AT + device_contribution_bytes(agent)));
    enum rk_crypto err = authenticate(agent, &transcript, mac);
    if (err != RK_CRYPTO_OK)
        agent->backend->wipe(mac, RK_SHA256_bytes);
    return err;
}

typedef enum rk_crypto aead_fn(const struct rk_aead_job *job);

/* A tag under the confirmation key over aad, made by aead_seal or checked by aead_open: key confirmation, and the
 * authentication of the peer. */
static RKI_CALLED enum rk_crypto confirmation(const struct rk_agent *agent, aead_fn *aead, uint8_t use,
                                              const uint8_t *key, const struct transcript *aad, const uint8_t *tag)
{
    uint8_t nonce[RKI_NONCE_MAX_bytes];
    uint8_t *tag_or_room = (uint8_t *)(uintptr_t)tag; /* the contract's one pointer serves both; open only reads it */
    const struct rk_aead_job job = {
        .alg = agent->config.aead,
        .key_bytes = rki_key_bytes(agent),
        .tag_bytes = MAC_bytes,
        .aad_bytes = aad->bytes,
        .key = key,
        .nonce = nonce,
        .aad = aad->data,
        .in = tag,
        .out = tag_or_room,
        .tag = tag_or_room,
    };
    rki_nonce(nonce, use, agent->key[RKI_NEXT].id, 0);
    return aead(&job);
}

_Static_assert(sizeof((struct rk_provision *)0)->master_key == RK_SECRET_bytes, "both secrets are as long");

/* What is derived. */
enum { BLOCK_OF_AGREEMENT, BLOCK_OF_KEY, TRAFFIC_OF_KEY };

/* For `key`, from a secret. A shared secret is extracted with salt, a key-derivation key takes the nonces as context; in
 * both the label, the pair, the key's id and what the key is for make the derivation the only one of its kind. */
static RKI_CALLED enum rk_crypto derive(const struct rk_agent *agent, const struct rk_key *key, uint8_t what,
                                        const uint8_t *secret, const uint8_t *salt, uint8_t salt_bytes, uint8_t *out)
{
    uint8_t info[DERIVATION_bytes + 2 * FRESH_NONCE_bytes];
    uint8_t key_bytes = rki_key_bytes(agent);
    bool agreed = what == BLOCK_OF_AGREEMENT;
    rki_copy(info, LABEL_KEY, LABEL_bytes - 1);
    info[LABEL_bytes - 1] = what == TRAFFIC_OF_KEY ? 't' : ' ';
    rki_put32(info + LABEL_bytes, agent->config.device_id);
    rki_put32(info + LABEL_bytes + 4, key->id);
    info[LABEL_bytes + 8] = agent->config.policy.mechanism;
    info[LABEL_bytes + 9] = agent->config.aead;
    info[LABEL_bytes + 10] = agent->config.tag_bytes;
    struct rk_kdf_job job = {
        .alg = rk_kdf_for(agreed ? RK_KDF_SHARED_SECRET : RK_KDF_DERIVATION_KEY),
        .secret = secret,
        .label = salt,
        .context = info,
        .out = out,
        .secret_bytes = agreed || secret == agent->provision.master_key ? RK_SECRET_bytes : key_bytes,
        .label_bytes = salt_bytes,
        .context_bytes = DERIVATION_bytes,
        .out_bytes = what == TRAFFIC_OF_KEY ? key_bytes : (uint16_t)(2 * key_bytes),
    };
    if (!agreed) {
        rki_copy(info + DERIVATION_bytes, salt, salt_bytes);
        job.label = info;
        job.label_bytes = LABEL_bytes;
        job.context = info + LABEL_bytes;
        job.context_bytes = (uint16_t)(DERIVATION_bytes - LABEL_bytes + salt_bytes);
    }
    return agent->backend->kdf(&job);
}

static bool chains(const struct rk_agent *agent)
{
    uint8_t mechanism = agent->config.policy.mechanism;
    return mechanism == RK_MECHANISM_REFRESH || mechanism == RK_MECHANISM_UPDATE;
}

enum rk_crypto rki_traffic_key(struct rk_agent *agent, const struct rk_key *key, const uint8_t **traffic)
{
    *traffic = key->material;
    if (!chains(agent))
        return RK_CRYPTO_OK;
    *traffic = agent->traffic;
    if (agent->traffic_id == key->id)
        return RK_CRYPTO_OK;
    enum rk_crypto err = derive(agent, key, TRAFFIC_OF_KEY, key->material, key->material, 0, agent->traffic);
    agent->traffic_id = key->id;
    if (err != RK_CRYPTO_OK) {
        agent->traffic_id = 0;
        agent->backend->wipe(agent->traffic, sizeof agent->traffic);
    }
    return err;
}

/* The salt is a MAC over both contributions: without the authentication key nobody confirms, and with it alone nobody
 * learns the key (as psk_dhe_ke of RFC 8446, 7.1). */
static enum rk_crypto block_agreed(const struct rk_agent *agent, const struct transcript *transcript,
                                   const uint8_t *private_key, const uint8_t *peer_public, uint8_t *block)
{
    uint8_t secret[RK_SECRET_bytes];
    uint8_t salt[RK_SHA256_bytes];
    enum rk_crypto err = agent->backend->agree(agent->config.curve, agent->drbg, private_key, peer_public, secret);
    if (err == RK_CRYPTO_OK)
        err = authenticate(agent, transcript, salt);
    if (err == RK_CRYPTO_OK)
        err = derive(agent, &agent->key[RKI_NEXT], BLOCK_OF_AGREEMENT, secret, salt, sizeof salt, block);
    agent->backend->wipe(secret, sizeof secret);
    agent->backend->wipe(salt, sizeof salt);
    return err;
}

static bool has_material(const struct rk_key *key)
{
    return key->state == RK_STATE_ACTIVE || key->state == RK_STATE_SUSPENDED || key->state == RK_STATE_DEACTIVATED;
}

/* Derive, refresh, update, counter: from the predecessor where `r1` says so, else from the master key; with both sides'
 * nonces where there are any. */
static enum rk_crypto block_derived(const struct rk_agent *agent, const uint8_t *r1, const uint8_t *nonce_server,
                                    uint8_t *block)
{
    const struct rk_key *predecessor = &agent->key[RKI_CURRENT];
    const uint8_t *secret = agent->provision.master_key;
    uint8_t nonce_bytes = device_contribution_bytes(agent);
    uint8_t nonces[2 * FRESH_NONCE_bytes];
    rki_copy(nonces, r1 + R1_CONTRIBUTION_AT, nonce_bytes);
    rki_copy(nonces + nonce_bytes, nonce_server, nonce_bytes);
    if (chains(agent) && (r1[MECHANISM_AT] & FLAG_FROM_MASTER) == 0) {
        if (!has_material(predecessor) || predecessor->id != rki_request_predecessor(r1))
            return RK_CRYPTO_REJECTED;
        secret = predecessor->material;
    }
    return derive(agent, &agent->key[RKI_NEXT], BLOCK_OF_KEY, secret, nonces, (uint8_t)(2 * nonce_bytes), block);
}

/* The block under the key-wrapping key, or out of it, part by part. */
static enum rk_crypto block_wrap(const struct rk_agent *agent, bool wrap, const uint8_t *in, uint8_t *out)
{
    enum rk_crypto err = RK_CRYPTO_OK;
    for (uint8_t left = (uint8_t)(2 * rki_key_bytes(agent)); err == RK_CRYPTO_OK && left > 0;
         left = (uint8_t)(left - WRAP_PART_bytes)) {
        struct rk_wrap_job job = {.alg = RK_ALG_AES_KEY_WRAP,
                                  .kek_bytes = sizeof agent->provision.kek,
                                  .in_bytes = wrap ? WRAP_PART_bytes : WRAPPED_PART_bytes,
                                  .kek = agent->provision.kek,
                                  .in = in,
                                  .out = out};
        err = wrap ? agent->backend->key_wrap(&job) : agent->backend->key_unwrap(&job);
        in += wrap ? WRAP_PART_bytes : WRAPPED_PART_bytes;
        out += wrap ? WRAPPED_PART_bytes : WRAP_PART_bytes;
    }
    return err;
}

/* The block that both contributions make. in: of a mechanism that agrees, this party's private key. */
static enum rk_crypto block_make(const struct rk_agent *agent, const struct transcript *transcript,
                                 const uint8_t *private_key, const uint8_t *r1, const uint8_t *contribution,
                                 uint8_t *block)
{
    if (agent->config.policy.mechanism == RK_MECHANISM_TRANSPORT)
        return block_wrap(agent, false, contribution, block);
    if (!agrees(agent))
        return block_derived(agent, r1, contribution, block);
    const uint8_t *peer_public = contribution;
    if (agent->config.role == RK_ROLE_SERVER)
        peer_public = r1 + R1_CONTRIBUTION_AT;
    else if (agent->config.policy.mechanism == RK_MECHANISM_STATIC)
        peer_public = agent->provision.static_key;
    return block_agreed(agent, transcript, private_key, peer_public, block);
}

enum rk_crypto rki_exchange_block(const struct rk_agent *agent, const uint8_t *private_key, const uint8_t *r1,
                                  const uint8_t *r2, uint8_t *block)
{
    struct transcript transcript;
    transcript_init(&transcript, agent, LABEL_ANSWER);
    transcript_add(&transcript, r1, rki_exchange_frame_bytes(agent, RK_FRAME_R1));
    transcript_add(&transcript, r2, (uint16_t)(R2_CONTRIBUTION_AT + server_contribution_bytes(agent)));
    return block_make(agent, &transcript, private_key, r1, r2 + R2_CONTRIBUTION_AT, block);
}

/* The generator's requests are counted by exchanges; one that might pass the limit is not made. */
/*@ assigns agent->drbg_requests; */
static bool generator_spent(struct rk_agent *agent)
{
    if (agent->drbg_requests > RKI_DRBG_REQUESTS_MAX - RKI_DRBG_REQUESTS_PAIR)
        return true;
    agent->drbg_requests = (uint16_t)(agent->drbg_requests + (agrees(agent) ? RKI_DRBG_REQUESTS_PAIR : 1));
    return false;
}

static enum rk_crypto random_bytes(const struct rk_agent *agent, uint8_t *out, uint16_t bytes)
{
    if (bytes == 0)
        return RK_CRYPTO_OK;
    return agent->backend->drbg_generate(agent->drbg, agent->backend->drbg_alg, out, bytes);
}

static enum rk_crypto key_pair(const struct rk_agent *agent, uint8_t *private_key, uint8_t *public_key)
{
    return rk_pair_make(agent->backend, agent->config.curve, agent->drbg, agent->config.pair_checks, private_key,
                        public_key);
}

enum rk_agent_result rki_exchange_request(struct rk_agent *agent)
{
    struct rk_exchange *exchange = &agent->exchange;
    const struct rk_key *current = &agent->key[RKI_CURRENT];
    uint8_t *r1 = exchange->frame;
    uint8_t contribution_bytes = device_contribution_bytes(agent);
    uint8_t mac[RK_SHA256_bytes];
    enum rk_crypto err;

    if (generator_spent(agent))
        return RK_AGENT_NO_ENTROPY;
    header_put(agent, r1, RK_FRAME_R1, agent->key[RKI_NEXT].id);
    if (current->compromised)
        r1[MECHANISM_AT] |= FLAG_COMPROMISED;
    /* After an attempt that was given up the server may lack the predecessor. */
    if (!has_material(current) || current->compromised || agent->renew_not_before_ns != 0)
        r1[MECHANISM_AT] |= FLAG_FROM_MASTER;
    rki_put32(r1 + PREDECESSOR_AT, current->id);
    if (agrees(agent))
        err = key_pair(agent, exchange->secret, r1 + R1_CONTRIBUTION_AT);
    else
        err = random_bytes(agent, r1 + R1_CONTRIBUTION_AT, contribution_bytes);
    if (err == RK_CRYPTO_OK)
        err = request_authenticate(agent, r1, mac);
    if (err != RK_CRYPTO_OK) {
        rki_exchange_wipe(agent);
        return RK_AGENT_FAILED;
    }
    rki_copy(r1 + R1_CONTRIBUTION_AT + contribution_bytes, mac, MAC_bytes);
    exchange->frame_bytes = rki_exchange_frame_bytes(agent, RK_FRAME_R1);
    exchange->stage = RKI_STAGE_AWAIT_R2;
    return RK_AGENT_OK;
}

enum rk_agent_result rki_exchange_verify(const struct rk_agent *agent, const uint8_t *r1)
{
    uint8_t mac[RK_SHA256_bytes];
    enum rk_crypto err = request_authenticate(agent, r1, mac);
    if (err != RK_CRYPTO_OK)
        return rki_result(err);
    bool genuine = equal(mac, request_mac(agent, r1), MAC_bytes);
    agent->backend->wipe(mac, sizeof mac); /* of a forged request it is what the forger lacks */
    bool expected = (r1[MECHANISM_AT] & ~FLAGS) == agent->config.policy.mechanism;
    return genuine && expected ? RK_AGENT_OK : RK_AGENT_REJECTED;
}

/* Puts the server's contribution into R2 and makes the block. */
static enum rk_crypto server_contribute(struct rk_agent *agent, struct transcript *transcript, const uint8_t *r1,
                                        uint8_t *r2, uint8_t *block)
{
    uint8_t *contribution = r2 + R2_CONTRIBUTION_AT;
    uint8_t contribution_bytes = server_contribution_bytes(agent);
    uint8_t ephemeral[RK_PRIVATE_bytes];
    const uint8_t *private_key = agent->provision.static_key;
    enum rk_crypto err;
    if (agent->config.policy.mechanism == RK_MECHANISM_TRANSPORT) {
        err = random_bytes(agent, block, (uint16_t)(2 * rki_key_bytes(agent)));
        if (err == RK_CRYPTO_OK)
            err = block_wrap(agent, true, block, contribution);
    } else if (agent->config.policy.mechanism == RK_MECHANISM_ECDH) {
        err = key_pair(agent, ephemeral, contribution);
        private_key = ephemeral;
    } else {
        err = random_bytes(agent, contribution, contribution_bytes);
    }
    transcript_add(transcript, r2, (uint16_t)(R2_CONTRIBUTION_AT + contribution_bytes));
    if (err == RK_CRYPTO_OK && agent->config.policy.mechanism != RK_MECHANISM_TRANSPORT)
        err = block_make(agent, transcript, private_key, r1, contribution, block);
    agent->backend->wipe(ephemeral, sizeof ephemeral);
    return err;
}

enum rk_agent_result rki_exchange_answer(struct rk_agent *agent, const uint8_t *r1)
{
    struct rk_exchange *exchange = &agent->exchange;
    struct rk_key *next = &agent->key[RKI_NEXT];
    uint8_t *r2 = exchange->frame;
    uint8_t key_bytes = rki_key_bytes(agent);
    uint8_t block[BLOCK_MAX_bytes];
    struct transcript transcript;

    if (generator_spent(agent))
        return RK_AGENT_NO_ENTROPY;
    header_put(agent, r2, RK_FRAME_R2, next->id);
    transcript_init(&transcript, agent, LABEL_ANSWER);
    transcript_add(&transcript, r1, rki_exchange_frame_bytes(agent, RK_FRAME_R1));
    enum rk_crypto err = server_contribute(agent, &transcript, r1, r2, block);
    uint8_t *tag = r2 + R2_CONTRIBUTION_AT + server_contribution_bytes(agent);
    if (err == RK_CRYPTO_OK)
        err = confirmation(agent, agent->backend->aead_seal, RKI_CONFIRM_SERVER, block + key_bytes, &transcript, tag);
    if (err == RK_CRYPTO_OK) {
        rki_copy(next->material, block, key_bytes);
        rki_copy(exchange->secret, block + key_bytes, key_bytes);
        rki_copy(exchange->request_mac, request_mac(agent, r1), MAC_bytes);
        exchange->frame_bytes = rki_exchange_frame_bytes(agent, RK_FRAME_R2);
        exchange->stage = RKI_STAGE_AWAIT_R3;
    }
    agent->backend->wipe(block, sizeof block);
    return rki_result(err);
}

/* R3's tag covers R2 with its tag, which covers R1. */
static void final_transcript(struct transcript *transcript, const struct rk_agent *agent, const uint8_t *r2,
                             const uint8_t *r3)
{
    transcript_init(transcript, agent, LABEL_ANSWER);
    transcript_add(transcript, r2, rki_exchange_frame_bytes(agent, RK_FRAME_R2));
    transcript_add(transcript, r3, R3_HEADER_bytes);
}

enum rk_agent_result rki_exchange_finish(struct rk_agent *agent, const uint8_t *r2)
{
    struct rk_exchange *exchange = &agent->exchange;
    struct rk_key *next = &agent->key[RKI_NEXT];
    uint16_t body_bytes = (uint16_t)(R2_CONTRIBUTION_AT + server_contribution_bytes(agent));
    uint8_t key_bytes = rki_key_bytes(agent);
    uint8_t block[BLOCK_MAX_bytes];
    uint8_t r3[R3_HEADER_bytes + MAC_bytes];
    struct transcript transcript;

    transcript_init(&transcript, agent, LABEL_ANSWER);
    transcript_add(&transcript, exchange->frame, exchange->frame_bytes);
    transcript_add(&transcript, r2, body_bytes);
    enum rk_crypto err =
        block_make(agent, &transcript, exchange->secret, exchange->frame, r2 + R2_CONTRIBUTION_AT, block);
    const uint8_t *confirmation_key = block + key_bytes;
    if (err == RK_CRYPTO_OK)
        err = confirmation(agent, agent->backend->aead_open, RKI_CONFIRM_SERVER, confirmation_key, &transcript,
                           r2 + body_bytes);
    if (err == RK_CRYPTO_OK) {
        header_put(agent, r3, RK_FRAME_R3, next->id);
        final_transcript(&transcript, agent, r2, r3);
        err = confirmation(agent, agent->backend->aead_seal, RKI_CONFIRM_DEVICE, confirmation_key, &transcript,
                           r3 + R3_HEADER_bytes);
    }
    if (err == RK_CRYPTO_OK) {
        rki_exchange_wipe(agent);
        rki_copy(next->material, block, key_bytes);
        rki_copy(exchange->frame, r3, sizeof r3);
        exchange->frame_bytes = sizeof r3;
    }
    agent->backend->wipe(block, sizeof block);
    return rki_result(err);
}

enum rk_agent_result rki_exchange_confirm(struct rk_agent *agent, const uint8_t *r3)
{
    struct transcript transcript;
    final_transcript(&transcript, agent, agent->exchange.frame, r3);
    return rki_result(confirmation(agent, agent->backend->aead_open, RKI_CONFIRM_DEVICE, agent->exchange.secret,
                                   &transcript, r3 + R3_HEADER_bytes));
}
