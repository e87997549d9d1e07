#include <string.h>

#include "backends/operation_info.h"
#include "backends/modelled/modelled.h"
#include "engine/core/arena.h"
#include "engine/lifecycle/agent.h"
#include "engine/model/cells.h"
#include "engine/lifecycle/pair.h"
#include "engine/model/meter.h"
#include "engine/model/protocol.h"
#include "engine/model/trial.h"

/* A pair that establishes, sends and renews once on the modelled backend: what the device calls there is what it will
 * call in the trial, so that no list of operations has to follow the lifecycle code. */
struct probe {
    struct rk_arena arena;
    struct rk_costs costs;
    struct rk_backend modelled;
    struct rk_meter meter;
    struct rk_agent device, peer;
    struct rk_actions actions, peer_actions;
    struct rk_cells nvm;
};

static struct rk_event received(rk_ns now_ns, const struct rk_actions *sent)
{
    return (struct rk_event){.now_ns = now_ns,
                             .data = sent->frame,
                             .data_bytes = sent->frame_bytes,
                             .kind = RK_EVENT_RECEIVE,
                             .subject = RK_SUBJECT_SYSTEM};
}

/* One event into the device; frames then go to and fro until both are silent. */
static void pump(struct probe *probe, uint8_t kind, rk_ns now_ns, const uint8_t *data, uint16_t bytes)
{
    struct rk_event event = {
        .now_ns = now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(&probe->device, &event, &probe->actions);
    while (probe->actions.frame_bytes > 0) {
        event = received(now_ns, &probe->actions);
        rk_agent_step(&probe->peer, &event, &probe->peer_actions);
        if (probe->peer_actions.frame_bytes == 0) {
            break;
        }
        event = received(now_ns, &probe->peer_actions);
        rk_agent_step(&probe->device, &event, &probe->actions);
    }
}

static void probe_run(struct probe *probe, const struct rk_trial *trial)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    for (unsigned i = 0; i < sizeof entropy; i++) {
        entropy[i] = (uint8_t)(37 * i); /* passes the health tests */
    }
    uint8_t text[RK_TEXT_MAX_bytes] = {0};
    struct rk_event start = {
        .data = entropy, .data_bytes = sizeof entropy, .kind = RK_EVENT_START, .subject = RK_SUBJECT_SYSTEM};
    rk_agent_step(&probe->peer, &start, &probe->peer_actions);
    pump(probe, RK_EVENT_START, 0, entropy, sizeof entropy);
    pump(probe, RK_EVENT_SEND, RK_S, text, trial->message_bytes);
    pump(probe, RK_EVENT_SESSION, 2 * RK_S, NULL, 0);
    pump(probe, RK_EVENT_SEND, 3 * RK_S, text, trial->message_bytes);
}

static enum rk_err refuse(struct rk_diag *diag, const struct rk_costs *costs, enum rk_operation op)
{
    return rk_fail(diag, RK_ERR_CHECK, "%s: %s", rk_operation_name(op), rk_costs_reason(costs, op));
}

/* What the library itself lacks of what the trial's policy is made of. out: RK_OP_COUNT when nothing. */
static enum rk_operation lacking(const struct rk_trial *trial)
{
    if ((trial->capabilities & RK_CAP(trial->aead)) == 0) {
        return rk_operation_seal(trial->aead, trial->tag_bytes);
    }
    bool agrees = trial->policy.mechanism == RK_MECHANISM_ECDH || trial->policy.mechanism == RK_MECHANISM_STATIC;
    if (agrees && (trial->capabilities & RK_CAP(trial->curve)) == 0) {
        return rk_operation_agree(trial->curve);
    }
    bool transport = trial->policy.mechanism == RK_MECHANISM_TRANSPORT;
    if (transport && (trial->capabilities & RK_CAP(RK_ALG_AES_KEY_WRAP)) == 0) {
        return RK_OP_aes_key_unwrap;
    }
    return RK_OP_COUNT;
}

/* Of a member of a group. out: RK_OP_COUNT when it has its figures, or there is no group. */
static enum rk_operation lacking_of_group(const struct rk_trial *trial, const struct rk_costs *costs)
{
    enum rk_operation op = rk_operation_group(trial->aead, RK_GROUP_REKEY);
    return trial->group.scheme == RK_GROUP_NONE || costs->curve[op].points > 0 ? RK_OP_COUNT : op;
}

static enum rk_err probe_trial(struct probe *probe, const struct rk_trial *trial, struct rk_diag *diag)
{
    rk_costs_init(&probe->costs, &trial->costs, &probe->arena);
    enum rk_operation lacks = lacking(trial);
    if (lacks != RK_OP_COUNT) {
        if (probe->costs.curve[lacks].reason != NULL) {
            return refuse(diag, &probe->costs, lacks);
        }
        return rk_fail(diag, RK_ERR_CHECK, "%s: not provided by the library", rk_operation_name(lacks));
    }
    lacks = lacking_of_group(trial, &probe->costs);
    if (lacks != RK_OP_COUNT) {
        return refuse(diag, &probe->costs, lacks);
    }
    rk_modelled_init(&probe->modelled, trial->capabilities, trial->drbg_alg);
    rk_meter_init(&probe->meter, &probe->modelled, &probe->costs);
    probe->meter.exchange_apart = trial->protocol != NULL;
    rk_cells_init(&probe->nvm, trial->device, &probe->meter.usage,
                  rk_arena_alloc(&probe->arena, rk_cells_bytes(trial->device)));
    struct rk_agent_config config = {
        .role = RK_ROLE_DEVICE,
        .aead = trial->aead,
        .tag_bytes = trial->tag_bytes,
        .curve = trial->curve,
        .profile = trial->profile,
        .policy = trial->policy,
    };
    config.policy.triggers |= RK_TRIGGER_SESSION;
    config.policy.own = NULL;
    struct rk_provision keys = {.kek = {1}};
    struct rk_provision peer_keys = keys;
    struct rk_drbg *drbg = rk_arena_alloc(&probe->arena, probe->modelled.drbg_bytes);
    struct rk_drbg *peer_drbg = rk_arena_alloc(&probe->arena, probe->modelled.drbg_bytes);
    if (trial->policy.mechanism == RK_MECHANISM_STATIC) {
        uint8_t entropy[RK_ENTROPY_bytes] = {0};
        probe->modelled.drbg_init(drbg, trial->drbg_alg, entropy);
        if (rk_pair_provision(&probe->modelled, trial->curve, drbg, &keys, &peer_keys) != RK_CRYPTO_OK) {
            return rk_fail(diag, RK_ERR_CHECK, "static: takes curve x25519, the only one with room in a provision");
        }
    }
    int result = rk_agent_init(&probe->device, &config, &probe->meter.backend, drbg, &probe->nvm.port, &keys);
    config.role = RK_ROLE_SERVER;
    if (result != RK_AGENT_OK ||
        rk_agent_init(&probe->peer, &config, &probe->modelled, peer_drbg, NULL, &peer_keys) != RK_AGENT_OK) {
        return rk_fail(diag, RK_ERR_CHECK, "%s: the library lacks what the lifecycle needs for it",
                       rk_mechanism_name(trial->policy.mechanism));
    }
    struct rk_meter *before = rk_meter_use(&probe->meter);
    probe_run(probe, trial);
    rk_meter_use(before);
    if (probe->meter.missing >= 0) {
        return refuse(diag, &probe->costs, (enum rk_operation)probe->meter.missing);
    }
    /* Every operation has its figure; then the exchange must have worked, or the probe proved nothing. */
    RK_REQUIRE(rk_agent_active(&probe->device) != NULL && rk_agent_active(&probe->device)->id >= 2);
    struct rk_play play;
    return rk_play_init(&play, trial->protocol, &probe->costs, trial->tag_bytes, diag);
}

enum rk_err rk_trial_feasible(const struct rk_trial *trial, struct rk_diag *diag)
{
    struct rk_arena arena = {0};
    struct probe *probe = rk_arena_alloc(&arena, sizeof *probe);
    rk_arena_init(&probe->arena);
    enum rk_err err = probe_trial(probe, trial, diag);
    rk_arena_fini(&probe->arena);
    rk_arena_fini(&arena);
    return err;
}
