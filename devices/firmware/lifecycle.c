/* devices/firmware/lifecycle.c - on the device: single steps of a key's life, whole exchanges, and an agent
 *
 * Model:  key_* operations build what they need outside the region and measure the device's share inside. The server
 *         that key_establish and key_renew need is its share of the same code, run on this device outside the region,
 *         on the stack: it counts neither as cycles nor as static RAM. An image has what a device needs and no server.
 *         Regions of one call add up. With RK_ONLY an image has the steps of one kind: those of backup, or the others.
 *         lifecycle_step keeps one agent between calls: first an rk_wire_init, then events and requests for its status
 *         (engine/lifecycle/wire.h).
 * Scope:  key_renew ends with the new key active and R3 made; destroying the old one is key_destroy. key_establish
 *         includes the instantiation of the DRBG and the look into an empty NVM, as a first start does. key_suspend,
 *         key_resume, key_zeroise and key_backup are the agent's events, whole; so is key_restore, by a device that has
 *         lost its store, R1 of the successor included.
 */
#include <stddef.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/operation.h"
#include "devices/firmware/payload.h"
#include "devices/firmware/port.h"
#include "devices/firmware/region.h"
#include "engine/lifecycle/backup.h"
#include "engine/lifecycle/internal.h"
#include "engine/lifecycle/wire.h"

enum { DRBG_MAX_bytes = 512, SECOND = 1000000000 };

/* The device's agent: what a product would keep in RAM. */
static struct rk_agent agent;
static struct rk_actions actions;
static max_align_t drbg_memory[(DRBG_MAX_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t)];

struct field {
    const uint8_t *at;
    uint16_t bytes;
};

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    (void)context;
    return rk_port_nvm_read(address, out, bytes);
}

static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    (void)context;
    return rk_port_nvm_write(address, in, bytes);
}

static int nvm_erase(void *context, uint32_t address)
{
    (void)context;
    return rk_port_nvm_erase(address);
}

static struct rk_nvm nvm = {.erase = nvm_erase, .read = nvm_read, .write = nvm_write};

static const struct rk_nvm *nvm_get(void)
{
    nvm.erase_bytes = rk_port_nvm_erase_bytes();
    return &nvm;
}

#define MEASURE(statement)                                                                                             \
    do {                                                                                                               \
        RK_REGION_START(RK_REGION_OPERATION);                                                                          \
        statement;                                                                                                     \
        RK_REGION_STOP(RK_REGION_OPERATION);                                                                           \
    } while (0)

static bool field_get(const struct rk_mailbox *mailbox, uint16_t index, struct field *field)
{
    uint16_t at = 0;
    if (index >= mailbox->fields || mailbox->data_bytes > RK_MAILBOX_DATA_bytes)
        return false;
    for (uint16_t i = 0;; i++) {
        if (mailbox->data_bytes - at < 2)
            return false;
        field->bytes = (uint16_t)(mailbox->data[at] | (uint16_t)mailbox->data[at + 1] << 8);
        at = (uint16_t)(at + 2);
        if (mailbox->data_bytes - at < field->bytes)
            return false;
        field->at = mailbox->data + at;
        if (i == index)
            return true;
        at = (uint16_t)(at + field->bytes);
    }
}

static enum rk_crypto crypto_result(int result)
{
    if (result == RK_AGENT_OK)
        return RK_CRYPTO_OK;
    return result == RK_AGENT_INVALID ? RK_CRYPTO_UNSUPPORTED : RK_CRYPTO_FAILED;
}

/* --- the measured pair: suite and curve are the first that the backend has --- */

static void configure(struct rk_agent_config *config, const struct rk_backend *backend, uint8_t role, uint8_t mechanism)
{
    *config = (struct rk_agent_config){
        .device_id = 1,
        .role = role,
        .aead = rk_backend_has(backend, RK_ALG_AES_CCM) ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305,
        .tag_bytes = 16,
        .curve = rk_backend_has(backend, RK_ALG_X25519) ? RK_ALG_X25519 : RK_ALG_P256,
        .policy = {.triggers = RK_TRIGGER_SESSION,
                   .mechanism = mechanism,
                   .attempts = 1,
                   .retry_ns = SECOND,
                   .overlap_ns = SECOND,
                   .cryptoperiod_ns = RK_NEVER_ns},
    };
}

static enum rk_crypto party_init(struct rk_agent *party, struct rk_drbg *drbg, uint8_t role, uint8_t mechanism)
{
    const struct rk_backend *backend = rk_backend_get();
    struct rk_agent_config config;
    struct rk_provision keys;
    memset(&keys, 0x5A, sizeof keys);
    configure(&config, backend, role, mechanism);
    int result = rk_agent_init(party, &config, backend, drbg, role == RK_ROLE_DEVICE ? nvm_get() : NULL, &keys);
    backend->wipe(&keys, sizeof keys);
    return crypto_result(result);
}

/* An agent between two events, for functions that are called without one. */
static void party_ready(struct rk_agent *party)
{
    party->started = RKI_STARTED;
    party->now_ns = SECOND;
    party->actions = &actions;
    actions.result = RK_AGENT_OK;
    actions.record_count = 0;
}

/* The device's agent over an empty store. */
static enum rk_crypto device_init(uint8_t mechanism)
{
    enum rk_crypto err = party_init(&agent, (struct rk_drbg *)drbg_memory, RK_ROLE_DEVICE, mechanism);
    if (err == RK_CRYPTO_OK && rki_store_wipe(&agent) != 0)
        err = RK_CRYPTO_FAILED;
    return err;
}

static enum rk_crypto feed(uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    const struct rk_event event = {
        .now_ns = SECOND, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(&agent, &event, &actions);
    return crypto_result(actions.result);
}

/* A step of the device, measured or not. */
static enum rk_crypto feed_and(bool measured, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    enum rk_crypto err;
    if (measured)
        MEASURE(err = feed(kind, data, bytes));
    else
        err = feed(kind, data, bytes);
    return err;
}

/* One exchange, begun by `kind` at the device; its regions are the two steps that the device takes. What is between and
 * after them is the server's part of it, without what a server has to check. */
static enum rk_crypto exchange(struct rk_agent *peer, uint8_t kind, const uint8_t *data, uint16_t bytes, bool measured)
{
    enum rk_crypto err = feed_and(measured, kind, data, bytes);
    if (err != RK_CRYPTO_OK)
        return err;
    rki_key_generate(peer, agent.key[RKI_NEXT].id, RK_REASON_ESTABLISHED);
    err = crypto_result(rki_exchange_answer(peer, actions.frame));
    if (err == RK_CRYPTO_OK)
        err = feed_and(measured, RK_EVENT_RECEIVE, peer->exchange.frame, peer->exchange.frame_bytes);
    if (err == RK_CRYPTO_OK && !actions.renewal_finished)
        err = RK_CRYPTO_FAILED;
    return err == RK_CRYPTO_OK ? crypto_result(rki_key_activate(peer)) : err;
}

static enum rk_crypto exchanges(struct rk_agent *peer, const uint8_t *seed, uint8_t mechanism, bool renew)
{
    const struct rk_backend *backend = peer->backend;
    uint8_t peer_seed[RK_ENTROPY_bytes];
    for (uint8_t i = 0; i < RK_ENTROPY_bytes; i++)
        peer_seed[i] = (uint8_t)~seed[i];
    enum rk_crypto err = backend->drbg_init(peer->drbg, backend->drbg_alg, peer_seed);
    if (err == RK_CRYPTO_OK && mechanism == RK_MECHANISM_STATIC)
        err = rk_pair_provision(backend, agent.config.curve, peer->drbg, &agent.provision, &peer->provision);
    if (err == RK_CRYPTO_OK)
        err = exchange(peer, RK_EVENT_START, seed, RK_ENTROPY_bytes, !renew);
    if (renew && err == RK_CRYPTO_OK)
        err = exchange(peer, RK_EVENT_SESSION, NULL, 0, true);
    backend->wipe(peer_seed, sizeof peer_seed);
    return err;
}

static enum rk_crypto establish(const uint8_t *seed, uint8_t mechanism, bool renew)
{
    const struct rk_backend *backend = rk_backend_get();
    max_align_t memory[(backend->drbg_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) + 1];
    struct rk_agent peer;
    enum rk_crypto err = device_init(mechanism);
    if (err == RK_CRYPTO_OK)
        err = party_init(&peer, (struct rk_drbg *)memory, RK_ROLE_SERVER, mechanism);
    if (err != RK_CRYPTO_OK)
        return err;
    party_ready(&peer);
    err = exchanges(&peer, seed, mechanism, renew);
    backend->wipe(&peer, sizeof peer);
    backend->wipe(memory, sizeof memory);
    return err;
}

/* --- single steps --- */

/* What this image is for, where it is for one kind. */
#ifdef RK_ONLY
#define SERVED(operation) ((void)(operation), RK_ONLY)
#else
#define SERVED(operation) (operation)
#endif

static bool serves_backup(uint8_t operation)
{
    return SERVED(operation) == RK_OP_key_backup || SERVED(operation) == RK_OP_key_restore;
}

static enum rk_crypto generate(uint32_t id)
{
    const struct rk_backend *backend = rk_backend_get();
    struct rk_key *next = &agent.key[RKI_NEXT];
    rki_key_generate(&agent, id, RK_REASON_GENERATED);
    return backend->drbg_generate(agent.drbg, backend->drbg_alg, next->material, rki_key_bytes(&agent));
}

static enum rk_crypto generate_and_activate(uint32_t id)
{
    enum rk_crypto err = generate(id);
    return err == RK_CRYPTO_OK ? crypto_result(rki_key_activate(&agent)) : err;
}

/* Steps of a key that is active: events. */
static enum rk_crypto active_step(uint8_t operation)
{
    enum rk_crypto err = generate_and_activate(1);
    if (err == RK_CRYPTO_OK && (operation == RK_OP_key_zeroise || operation == RK_OP_key_destroy))
        err = generate_and_activate(2);
    if (err == RK_CRYPTO_OK && operation == RK_OP_key_resume)
        err = feed(RK_EVENT_SUSPEND, NULL, 0);
    if (err != RK_CRYPTO_OK)
        return err;
    switch (operation) {
    case RK_OP_key_suspend:
        return feed_and(true, RK_EVENT_SUSPEND, NULL, 0);
    case RK_OP_key_resume:
        return feed_and(true, RK_EVENT_RESUME, NULL, 0);
    case RK_OP_key_zeroise:
        return feed_and(true, RK_EVENT_ZEROISE, NULL, 0);
    default: /* key_destroy: the predecessor, which is in RAM and in the older block */
        MEASURE(rki_key_destroy(&agent, &agent.key[RKI_PREVIOUS], RK_REASON_OVERLAP_END));
        return crypto_result(actions.result);
    }
}

/* The active key to the backup device; and back to a device that knows none. */
static enum rk_crypto backup_step(bool restore)
{
    uint8_t frame[RK_BACKUP_MAX_bytes];
    enum rk_crypto err = generate_and_activate(1);
    if (err == RK_CRYPTO_OK)
        err = feed_and(!restore, RK_EVENT_BACKUP, NULL, 0);
    if (err != RK_CRYPTO_OK || !restore)
        return err;
    uint16_t bytes = actions.frame_bytes;
    rki_copy(frame, actions.frame, bytes);
    err = device_init(RK_MECHANISM_DERIVE);
    party_ready(&agent);
    return err == RK_CRYPTO_OK ? feed_and(true, RK_EVENT_RESTORE, frame, bytes) : err;
}

/* in: an initialised agent with its DRBG seeded. */
static enum rk_crypto single_step(uint8_t operation)
{
    enum rk_crypto err;
    int result;
    if (serves_backup(operation))
        return backup_step(operation == RK_OP_key_restore);
    switch (operation) {
    case RK_OP_key_generate:
        MEASURE(err = generate(1));
        return err;
    case RK_OP_key_store:
        err = generate(1);
        if (err != RK_CRYPTO_OK)
            return err;
        MEASURE(result = rki_store_commit(&agent, &agent.key[RKI_NEXT], RK_STATE_PRE_ACTIVATION));
        return result == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
    case RK_OP_key_activate:
        err = generate(1);
        if (err != RK_CRYPTO_OK)
            return err;
        MEASURE(result = rki_key_activate(&agent));
        return crypto_result(result);
    default:
        return active_step(operation);
    }
}

static enum rk_crypto measured_operation(const struct rk_mailbox *mailbox)
{
    const struct rk_backend *backend = rk_backend_get();
    bool whole = !serves_backup(mailbox->operation) &&
                 (mailbox->operation == RK_OP_key_establish || mailbox->operation == RK_OP_key_renew);
    struct field entropy, mechanism;
    if (mailbox->fields != (whole ? 2 : 1) || !field_get(mailbox, 0, &entropy) || entropy.bytes != RK_ENTROPY_bytes)
        return RK_CRYPTO_FAILED;
    if (backend->drbg_bytes > sizeof drbg_memory)
        return RK_CRYPTO_FAILED;
    if (whole) {
        if (!field_get(mailbox, 1, &mechanism) || mechanism.bytes != 1)
            return RK_CRYPTO_FAILED;
        return establish(entropy.at, mechanism.at[0], mailbox->operation == RK_OP_key_renew);
    }
    enum rk_crypto err = device_init(RK_MECHANISM_DERIVE);
    if (err == RK_CRYPTO_OK)
        err = backend->drbg_init(agent.drbg, backend->drbg_alg, entropy.at);
    if (err != RK_CRYPTO_OK)
        return err;
    party_ready(&agent);
    return single_step(mailbox->operation);
}

/* --- emulated execution --- */

#ifdef RK_OWN_POLICY /* is compiled into the image */
rk_policy_rule rk_policy_own;
#else
#define rk_policy_own NULL
#endif

static enum rk_crypto step_init(const struct field *message)
{
    const struct rk_backend *backend = rk_backend_get();
    struct rk_agent_config config;
    struct rk_provision provision;
    if (backend->drbg_bytes > sizeof drbg_memory ||
        !rk_wire_init_decode(message->at, message->bytes, &config, &provision))
        return RK_CRYPTO_FAILED;
#if RK_POLICY_OWN
    config.policy.own = rk_policy_own;
#endif
    int result = rk_agent_init(&agent, &config, backend, (struct rk_drbg *)drbg_memory, nvm_get(), &provision);
    backend->wipe(&provision, sizeof provision);
    return crypto_result(result);
}

/* One message in; for an event the actions out, or the status, as the reply's only field. */
static enum rk_crypto step(struct rk_mailbox *mailbox)
{
    struct field message;
    struct rk_event event;
    if (mailbox->fields != 1 || !field_get(mailbox, 0, &message) || message.bytes == 0)
        return RK_CRYPTO_FAILED;
    mailbox->fields = 0;
    mailbox->data_bytes = 0;
    if (message.at[0] == RK_WIRE_INIT)
        return step_init(&message);
    if (agent.backend == NULL)
        return RK_CRYPTO_FAILED;
    uint16_t bytes;
    if (message.at[0] == RK_WIRE_STATUS) {
        bytes = rk_wire_status_encode(&agent, mailbox->data + 2);
    } else {
        if (!rk_wire_event_decode(message.at, message.bytes, &event))
            return RK_CRYPTO_FAILED;
        MEASURE(rk_agent_step(&agent, &event, &actions));
        _Static_assert(2 + (int)RK_WIRE_ACTIONS_MAX_bytes <= (int)RK_MAILBOX_DATA_bytes, "actions fit the mailbox");
        bytes = rk_wire_actions_encode(&actions, mailbox->data + 2);
    }
    mailbox->data[0] = (uint8_t)bytes;
    mailbox->data[1] = (uint8_t)(bytes >> 8);
    mailbox->data_bytes = (uint16_t)(2 + bytes);
    mailbox->fields = 1;
    return RK_CRYPTO_OK;
}

void rk_payload_step(struct rk_mailbox *mailbox)
{
    mailbox->result = (int8_t)step(mailbox);
}

void rk_payload_key(struct rk_mailbox *mailbox)
{
    mailbox->result = (int8_t)measured_operation(mailbox);
    mailbox->fields = 0;
    mailbox->data_bytes = 0;
}
