#include "engine/model/association.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/rng.h"
#include "engine/lifecycle/internal.h"

struct rk_association rk_association_of(uint8_t mechanism, bool first)
{
    const uint8_t agreed = RK_KNOWS_TRANSCRIPT | RK_KNOWS_AUTHENTICATION;
    switch (mechanism) {
    case RK_MECHANISM_ECDH:
        return (struct rk_association){.needs = {agreed | RK_KNOWS_EPHEMERAL}, .fresh = true};
    case RK_MECHANISM_STATIC:
        return (struct rk_association){.needs = {agreed | RK_KNOWS_EPHEMERAL, agreed | RK_KNOWS_STATIC}, .fresh = true};
    case RK_MECHANISM_TRANSPORT:
        return (struct rk_association){.needs = {RK_KNOWS_KEK | RK_KNOWS_TRANSCRIPT}, .fresh = true};
    case RK_MECHANISM_REFRESH:
        if (!first) {
            return (struct rk_association){.needs = {RK_KNOWS_OLD_KEY | RK_KNOWS_TRANSCRIPT}};
        }
        __attribute__((fallthrough));
    case RK_MECHANISM_DERIVE:
        return (struct rk_association){.needs = {RK_KNOWS_MASTER | RK_KNOWS_TRANSCRIPT}};
    case RK_MECHANISM_UPDATE:
        if (!first) {
            return (struct rk_association){.needs = {RK_KNOWS_OLD_KEY}};
        }
        __attribute__((fallthrough));
    case RK_MECHANISM_COUNTER:
        return (struct rk_association){.needs = {RK_KNOWS_MASTER}};
    default:
        return (struct rk_association){.needs = {0}};
    }
}

static bool suffices(uint8_t needs, uint8_t knowledge)
{
    return needs != 0 && (needs & ~knowledge) == 0;
}

bool rk_association_computable(const struct rk_association *graph, uint8_t knowledge)
{
    return suffices(graph->needs[0], knowledge) || suffices(graph->needs[1], knowledge);
}

/* From the least knowledge to the most: what is enough first names the class. */
const char *rk_association_class(const struct rk_association *graph)
{
    if (graph->needs[0] == 0) {
        return NULL;
    }
    if (rk_association_computable(graph, RK_KNOWS_OLD_KEY)) {
        return "A4";
    }
    if (rk_association_computable(graph, RK_KNOWS_OLD_KEY | RK_KNOWS_TRANSCRIPT)) {
        return "A3";
    }
    if (rk_association_computable(graph, RK_KNOWS_LONG_TERM)) {
        return "A5";
    }
    if (rk_association_computable(graph, RK_KNOWS_LONG_TERM | RK_KNOWS_TRANSCRIPT)) {
        return graph->fresh ? "A0" : "A2";
    }
    return "A1";
}

const char *rk_association_term(const char *class)
{
    static const char *const terms[] = {"rekey",      "rekey",      "key derivation",
                                        "key update", "key update", "key derivation"};
    if (class == NULL || class[0] != 'A' || class[1] < '0' || class[1] > '5') {
        return NULL;
    }
    return terms[class[1] - '0'];
}

/* A device and a server on the same library, and what an observer saw of their last exchange. */
struct duo {
    const struct rk_backend *backend;
    struct rk_rng_stream random;
    struct rk_agent device, server;
    struct rk_actions actions;
    uint64_t now_ns;
    struct rk_key old_key;
    uint8_t ephemeral[RK_PRIVATE_bytes];
    uint8_t r1[RK_EXCHANGE_MAX_bytes], r2[RK_EXCHANGE_MAX_bytes];
};

static void draw(struct duo *duo, void *out, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ((uint8_t *)out)[i] = (uint8_t)(rk_rng_next(&duo->random) >> 56);
    }
}

static void step(struct duo *duo, struct rk_agent *agent, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    struct rk_event event = {
        .now_ns = duo->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(agent, &event, &duo->actions);
}

/* Carries the exchange that the device's last step began. out: whether both have the same new key. */
static bool exchange(struct duo *duo)
{
    const struct rk_agent *device = &duo->device;
    uint8_t frame[RK_FRAME_MAX_bytes];
    uint16_t bytes = duo->actions.frame_bytes;
    if (duo->actions.frame_kind != RK_FRAME_R1) {
        return false;
    }
    memcpy(duo->r1, duo->actions.frame, bytes);
    memcpy(duo->ephemeral, device->exchange.secret, sizeof duo->ephemeral);
    step(duo, &duo->server, RK_EVENT_RECEIVE, duo->r1, bytes);
    bytes = duo->actions.frame_bytes;
    if (duo->actions.frame_kind != RK_FRAME_R2) {
        return false;
    }
    memcpy(duo->r2, duo->actions.frame, bytes);
    step(duo, &duo->device, RK_EVENT_RECEIVE, duo->r2, bytes);
    bytes = duo->actions.frame_bytes;
    memcpy(frame, duo->actions.frame, bytes);
    step(duo, &duo->server, RK_EVENT_RECEIVE, frame, bytes);
    const struct rk_key *active = rk_agent_active(device);
    const struct rk_key *same = rk_agent_active(&duo->server);
    return active != NULL && same != NULL && active->id == same->id &&
           memcmp(active->material, same->material, sizeof active->material) == 0;
}

static enum rk_err provision(struct duo *duo, struct rk_agent_config config, struct rk_drbg *drbg,
                             struct rk_drbg *server_drbg, struct rk_diag *diag)
{
    struct rk_provision keys;
    draw(duo, &keys, sizeof keys);
    struct rk_provision server_keys = keys;
    if (config.policy.mechanism == RK_MECHANISM_STATIC) {
        uint8_t entropy[RK_ENTROPY_bytes];
        draw(duo, entropy, sizeof entropy);
        bool made = duo->backend->drbg_init(drbg, duo->backend->drbg_alg, entropy) == RK_CRYPTO_OK &&
                    rk_pair_provision(duo->backend, config.curve, drbg, &keys, &server_keys) == RK_CRYPTO_OK;
        if (!made) {
            return rk_fail(diag, RK_ERR_INPUT, "static: %s makes no X25519 pair", duo->backend->name);
        }
        duo->backend->drbg_wipe(drbg, duo->backend->drbg_alg);
    }
    config.policy.triggers = RK_TRIGGER_SESSION;
    config.policy.own = NULL;
    config.role = RK_ROLE_DEVICE;
    int device = rk_agent_init(&duo->device, &config, duo->backend, drbg, NULL, &keys);
    config.role = RK_ROLE_SERVER;
    int server = rk_agent_init(&duo->server, &config, duo->backend, server_drbg, NULL, &server_keys);
    if (device != RK_AGENT_OK || server != RK_AGENT_OK) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: backend %s lacks what it needs",
                       rk_mechanism_name(config.policy.mechanism), duo->backend->name);
    }
    return RK_OK;
}

/* in: renewals after the first key. */
static enum rk_err run(struct duo *duo, unsigned renewals, struct rk_diag *diag)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    duo->now_ns = 1;
    draw(duo, entropy, sizeof entropy);
    step(duo, &duo->server, RK_EVENT_START, entropy, sizeof entropy);
    draw(duo, entropy, sizeof entropy);
    step(duo, &duo->device, RK_EVENT_START, entropy, sizeof entropy);
    bool worked = exchange(duo);
    for (unsigned i = 0; worked && i < renewals; i++) {
        duo->old_key = *rk_agent_active(&duo->device);
        duo->now_ns++;
        step(duo, &duo->device, RK_EVENT_SESSION, NULL, 0);
        worked = exchange(duo);
    }
    return worked ? RK_OK
                  : rk_fail(diag, RK_ERR_CHECK, "the renewal to be tried on failed: result %d", duo->actions.result);
}

/* An agent of that role with what is known, and zeros for the rest. */
static void adversary_make(struct rk_agent *adversary, const struct duo *duo, uint8_t role, uint8_t knowledge)
{
    const struct rk_agent *victim = role == RK_ROLE_DEVICE ? &duo->device : &duo->server;
    bool is_static = victim->config.policy.mechanism == RK_MECHANISM_STATIC;
    memset(adversary, 0, sizeof *adversary);
    adversary->config = victim->config;
    adversary->backend = duo->backend;
    adversary->drbg = victim->drbg; /* blinds, and has no part in the result */
    if ((knowledge & RK_KNOWS_AUTHENTICATION) != 0) {
        memcpy(adversary->provision.authentication_key, victim->provision.authentication_key, 32);
    }
    if (is_static && (role == RK_ROLE_DEVICE || (knowledge & RK_KNOWS_STATIC) != 0)) {
        memcpy(adversary->provision.static_key, victim->provision.static_key, 32);
    }
    if (!is_static && (knowledge & RK_KNOWS_MASTER) != 0) {
        memcpy(adversary->provision.master_key, victim->provision.master_key, 32);
    }
    if (!is_static && (knowledge & RK_KNOWS_KEK) != 0) {
        memcpy(adversary->provision.kek, victim->provision.kek, 16);
    }
    adversary->key[RKI_CURRENT] = duo->old_key;
    if ((knowledge & RK_KNOWS_OLD_KEY) == 0) {
        memset(adversary->key[RKI_CURRENT].material, 0, RK_KEY_MAX_bytes);
    }
    adversary->key[RKI_NEXT].id = rk_agent_active(&duo->device)->id;
}

/* out: whether this role's derivation gives the key of the duo. */
static bool compute(const struct duo *duo, uint8_t role, uint8_t knowledge)
{
    enum { HEADER_R1_bytes = 10, HEADER_R2_bytes = 6 }; /* kind, ids, mechanism: anybody can write them */
    static const uint8_t nothing[RK_PRIVATE_bytes];
    struct rk_agent adversary;
    uint8_t r1[RK_EXCHANGE_MAX_bytes] = {0}, r2[RK_EXCHANGE_MAX_bytes] = {0}, block[2 * RK_KEY_MAX_bytes];
    bool saw = (knowledge & RK_KNOWS_TRANSCRIPT) != 0;
    const uint8_t *private_key = (knowledge & RK_KNOWS_EPHEMERAL) != 0 ? duo->ephemeral : nothing;
    adversary_make(&adversary, duo, role, knowledge);
    if (role == RK_ROLE_SERVER) {
        private_key = adversary.provision.static_key;
    }
    memcpy(r1, duo->r1, saw ? sizeof r1 : HEADER_R1_bytes);
    memcpy(r2, duo->r2, saw ? sizeof r2 : HEADER_R2_bytes);
    const struct rk_key *key = rk_agent_active(&duo->device);
    return rki_exchange_block(&adversary, private_key, r1, r2, block) == RK_CRYPTO_OK &&
           memcmp(block, key->material, rki_key_bytes(&adversary)) == 0;
}

enum rk_err rk_association_try(const struct rk_backend *backend, const struct rk_agent_config *config, bool first,
                               uint64_t seed, bool computed[RK_KNOWLEDGE_SETS], struct rk_diag *diag)
{
    struct duo *duo = calloc(1, sizeof *duo);
    struct rk_drbg *drbg = calloc(1, backend->drbg_bytes);
    struct rk_drbg *server_drbg = calloc(1, backend->drbg_bytes);
    enum rk_err err = rk_fail(diag, RK_ERR_MEMORY, "no memory for a pair of agents");
    if (duo != NULL && drbg != NULL && server_drbg != NULL) {
        duo->backend = backend;
        duo->random = rk_rng_stream_make(rk_rng_key_make(seed, 0), config->device_id, RK_RNG_ENTROPY);
        err = provision(duo, *config, drbg, server_drbg, diag);
        if (err == RK_OK) {
            err = run(duo, first ? 0 : 1, diag);
        }
    }
    for (unsigned knowledge = 0; err == RK_OK && knowledge < RK_KNOWLEDGE_SETS; knowledge++) {
        computed[knowledge] =
            compute(duo, RK_ROLE_DEVICE, (uint8_t)knowledge) || compute(duo, RK_ROLE_SERVER, (uint8_t)knowledge);
    }
    if (duo != NULL && duo->device.started == RKI_STARTED) {
        backend->drbg_wipe(drbg, backend->drbg_alg);
    }
    if (duo != NULL && duo->server.started == RKI_STARTED) {
        backend->drbg_wipe(server_drbg, backend->drbg_alg);
    }
    free(server_drbg);
    free(drbg);
    free(duo);
    return err;
}
