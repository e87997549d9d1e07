/* engine/lifecycle/internal.h - what the agent's files share; besides them only devices/firmware and tests include it
 *
 * Model:  agent.c reacts to events, renew.c moves keys through renewals, exchange.c makes and checks R1, R2, R3,
 *         frame.c codes data frames, store.c keeps the NVM record. Layouts and reasons: DESIGN.md.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_LIFECYCLE_INTERNAL_H
#define ENGINE_LIFECYCLE_INTERNAL_H

#include "engine/lifecycle/agent.h"
#include "engine/lifecycle/pair.h"
#include "engine/lifecycle/scheme.h"
#include "engine/lifecycle/small.h"

/* Algorithms that this image has. The backend refuses the others, so code that serves them alone is left out. */
#ifndef RK_USES
#define RK_USES (~0ull)
#endif
#define RKI_USES(alg) ((RK_USES & RK_CAP(alg)) != 0)

enum { RKI_PREVIOUS, RKI_CURRENT, RKI_NEXT }; /* index of rk_agent.key */

enum { RKI_STAGE_NONE, RKI_STAGE_AWAIT_R2, RKI_STAGE_AWAIT_R3, RKI_STAGE_SETTLED };

/* RK_DEVICE_ONLY leaves out what only a server does. */
#ifdef RK_DEVICE_ONLY
#define RKI_IS_SERVER(agent) ((void)(agent), false)
#else
#define RKI_IS_SERVER(agent) ((agent)->config.role == RK_ROLE_SERVER)
#endif

enum { RKI_NEW, RKI_STARTED, RKI_ZEROISED }; /* rk_agent.started */

/* Who speaks, and what for: the first byte of every AEAD nonce. */
enum { RKI_FROM_DEVICE, RKI_FROM_SERVER, RKI_CONFIRM_SERVER, RKI_CONFIRM_DEVICE, RKI_STORE };

enum {
    RKI_DATA_HEADER_bytes = 9,
    RKI_NONCE_MAX_bytes = 13,

    /* Message counters reserved by one NVM commit: a commit per so many messages, against as many counters and messages
     * of a count policy skipped by a restart. At one message a second an EEPROM byte of 10^5 cycles lasts 6 years. */
    RKI_SEND_BLOCK = 1024,
    /* The same for received counters: after a restart up to so many new frames of the peer are refused, since they
     * cannot be told from replays. Small, because frames lost hurt more than counters skipped. */
    RKI_RECEIVE_BLOCK = 16,
    /* Key ids: given-up attempts between two commits; a restart skips so many ids of 2^32. */
    RKI_ID_BLOCK = 16,
    /* Failed tags: a commit per so many; a restart counts the rest of a block as failed. A power of 2. */
    RKI_FAILED_BLOCK = 16,
    /* A renewal given up rests for 2^4 times as long as it tried: cut off from its server, a device spends a
     * seventeenth of its time trying. */
    RKI_REST_DOUBLINGS = 4,

    /* Requests of one instantiation of the generator: below every library's own limit (mbedTLS on 16 bits: 32,766) and
     * SP 800-90A's 2^48, and the same for all of them, so that all executions of a trial agree. */
    RKI_DRBG_REQUESTS_MAX = 16384,
    RKI_DRBG_REQUESTS_WANTED = RKI_DRBG_REQUESTS_MAX / 4 * 3,
    /* The most that one side of an exchange takes with a key pair, its check and an agreement (7, mbedTLS 2.28.3). */
    RKI_DRBG_REQUESTS_PAIR = 8,
};

/* Length of the suite's key: 16 (AES-128-CCM) or 32 (ChaCha20-Poly1305). */
/*@ assigns \nothing; */
RKI_SMALL uint8_t rki_key_bytes(const struct rk_agent *agent);
/*@ assigns \nothing; */
RKI_SMALL enum rk_agent_result rki_result(enum rk_crypto crypto);
/* The AEAD nonce of (use, key id or 0, counter): 13 bytes of which ChaCha20-Poly1305 reads 12; the last ones are zero. */
RKI_SMALL void rki_nonce(uint8_t nonce[RKI_NONCE_MAX_bytes], uint8_t use, uint32_t key_id, uint32_t counter);

#ifdef RKI_SMALL_BODIES
RKI_SMALL uint8_t rki_key_bytes(const struct rk_agent *agent)
{
    return agent->config.aead == RK_ALG_AES_CCM ? 16 : 32;
}

RKI_SMALL enum rk_agent_result rki_result(enum rk_crypto crypto)
{
    if (crypto == RK_CRYPTO_OK)
        return RK_AGENT_OK;
    return crypto == RK_CRYPTO_REJECTED ? RK_AGENT_REJECTED : RK_AGENT_FAILED;
}

RKI_SMALL void rki_nonce(uint8_t nonce[RKI_NONCE_MAX_bytes], uint8_t use, uint32_t key_id, uint32_t counter)
{
    nonce[0] = use;
    rki_put32(nonce + 1, key_id);
    rki_put32(nonce + 5, counter);
    rki_put32(nonce + 9, 0);
}
#endif

/* out: the policy's own rule, NULL for none, or where none can be. */
static inline rk_policy_rule *rki_own(const struct rk_policy *policy)
{
#if RK_POLICY_OWN
    return policy->own;
#else
    (void)policy;
    return NULL;
#endif
}

/* exchange.c. The key of data frames. Where each key comes from the one before it (refresh, update), what a key has is a
 * key-derivation key, and its traffic key is derived from it at the first use; else it is the traffic key.
 * out: RK_CRYPTO_OK and *traffic. */
enum rk_crypto rki_traffic_key(struct rk_agent *agent, const struct rk_key *key, const uint8_t **traffic);

/* frame.c. Seals text under key with counter protected_messages into frame. out: RK_CRYPTO_OK and *frame_bytes. */
enum rk_crypto rki_data_seal(struct rk_agent *agent, const struct rk_key *key, const uint8_t *text, uint16_t text_bytes,
                             uint8_t *frame, uint16_t *frame_bytes);
/* Opens a data frame whose length the caller has checked. out: RK_CRYPTO_OK and the text, or REJECTED. */
enum rk_crypto rki_data_open(struct rk_agent *agent, const struct rk_key *key, const uint8_t *frame,
                             uint16_t frame_bytes, uint8_t *text, uint16_t *text_bytes);

/* entropy.c. Tests the samples and instantiates the generator from them, anew where there is one: its output then goes
 * in too, so that bad samples cannot make it worse. RK_AGENT_INVALID: too few samples for their declared entropy;
 * RK_AGENT_NO_ENTROPY: they failed, and nothing has changed. */
enum rk_agent_result rki_entropy_seed(struct rk_agent *agent, const uint8_t *samples, uint16_t samples_bytes);

/* exchange.c. Each makes or checks one frame; keys go to key[RKI_NEXT], frames to exchange.frame. A failure leaves no
 * secret behind but the one that the genuine frame will still need.
 * request: device, R1. answer: server, R1 in, R2 out. finish: device, R2 in, R3 out. confirm: server, R3 in. */
enum rk_agent_result rki_exchange_request(struct rk_agent *agent);
enum rk_agent_result rki_exchange_verify(const struct rk_agent *agent, const uint8_t *r1);
enum rk_agent_result rki_exchange_answer(struct rk_agent *agent, const uint8_t *r1);
enum rk_agent_result rki_exchange_finish(struct rk_agent *agent, const uint8_t *r2);
enum rk_agent_result rki_exchange_confirm(struct rk_agent *agent, const uint8_t *r3);
/* The key block (traffic key, confirmation key) that R1 and R2 make, from what secrets the agent has: as the device with
 * the private key of R1, as the server with that of R2. What the adversary of engine/model/association.h tries. */
enum rk_crypto rki_exchange_block(const struct rk_agent *agent, const uint8_t *private_key, const uint8_t *r1,
                                  const uint8_t *r2, uint8_t *block);
/* out: length of an R1, R2 or R3 under this configuration. */
uint16_t rki_exchange_frame_bytes(const struct rk_agent *agent, uint8_t frame_kind);
uint32_t rki_request_predecessor(const uint8_t *r1);
bool rki_request_compromised(const uint8_t *r1);
/* out: whether r1 is the request answered last: then the answer is sent again. */
bool rki_request_repeated(const struct rk_agent *agent, const uint8_t *r1);
void rki_exchange_wipe(struct rk_agent *agent);

/* store.c. All answer 0, or -1 when the NVM or the seal failed; without an NVM they do nothing and answer 0. A commit
 * that failed reserves nothing.
 * commit: writes key, as being in `state`, and the counters' reserves to the place after the newest. */
int rki_store_commit(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state);
/* Reserves send counters from key's next one on and commits. */
int rki_store_reserve(struct rk_agent *agent, const struct rk_key *key, enum rk_key_state state);
/* Overwrites every copy of key (already wiped in RAM); where it was the newest record, a record
 * without it comes first. */
int rki_store_forget(struct rk_agent *agent, const struct rk_key *key);
/* Reads the newest valid record into key[RKI_CURRENT] and wipes older ones of another key, and what is no record.
 * in: a seeded DRBG. out: RK_AGENT_OK; RK_AGENT_ALTERED when there was something else than records, blank memory and
 * zeros: torn by a power cut, altered, or another device's (an older record may have been found all the same, and what
 * the refused ones may have reserved is skipped); RK_AGENT_FAILED. Also whether a key or its tombstone was found, in
 * *found, and the id of a predecessor wiped, in *wiped_id (0: none). */
enum rk_agent_result rki_store_restore(struct rk_agent *agent, bool *found, uint32_t *wiped_id);
int rki_store_wipe(struct rk_agent *agent);

/* renew.c: steps of a key's life; devices/firmware/lifecycle.c also measures them one by one. Each appends its records.
 * generate: a new key in pre-activation, in key[RKI_NEXT], without material. activate: key[RKI_NEXT] becomes current,
 * after its commit; on failure nothing has changed. destroy: wipes key in RAM and NVM. age: what time alone does to
 * keys. */
void rki_key_generate(struct rk_agent *agent, uint32_t id, enum rk_reason reason);
enum rk_agent_result rki_key_activate(struct rk_agent *agent);
void rki_key_destroy(struct rk_agent *agent, struct rk_key *key, enum rk_reason reason);
void rki_key_age(struct rk_agent *agent);
void rki_key_compromise(struct rk_agent *agent, struct rk_key *key);
/* out: whether the current key is suspended, or in profile iso deactivated and may be resumed. */
bool rki_key_paused(const struct rk_agent *agent, const struct rk_key *key);
void rki_key_move(struct rk_agent *agent, struct rk_key *key, enum rk_key_state to, enum rk_reason reason);
/* out: whether key may be used so now, by its state, period and limits. */
enum rk_key_result rki_key_permits(const struct rk_agent *agent, const struct rk_key *key, enum rk_key_use use);
/* out: whether its originator-usage period is over. */
bool rki_key_ended(const struct rk_agent *agent, const struct rk_key *key);
/* out: whether it has protected as many messages as it may. */
bool rki_key_exhausted(const struct rk_agent *agent, const struct rk_key *key);
struct rk_key_rules rki_key_rules(const struct rk_agent *agent);
void rki_record_push(struct rk_agent *agent, const struct rk_record *record);

/* renew.c: the device starts or goes on with a renewal. due: at a session's start or at a time.
 * rest: none before as long a rest as after one given up. schedule: sets wake_ns. receive: R1, R2 or R3 of the right
 * length. */
void rki_renewal_start(struct rk_agent *agent);
void rki_renewal_drop(struct rk_agent *agent);
void rki_renewal_rest(struct rk_agent *agent);
void rki_renewal_tick(struct rk_agent *agent);
bool rki_renewal_due_at(const struct rk_agent *agent, uint8_t occasion);
enum rk_agent_result rki_renewal_receive(struct rk_agent *agent, const struct rk_event *event);
void rki_schedule(struct rk_agent *agent);

#endif
