/* bench/powercut_pair.c - a device on its emulator and its peer here: steps, and what they show */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/powercut_internal.h"
#include "engine/core/sha256.h"
#include "engine/lifecycle/wire.h"

#define SECOND_ns 1000000000ull

enum { OVERLAP_s = 10, ATTEMPTS = 3, TICK_ms = 1 };

/* ---- opening ---- */

static void configure(struct rki_pair *pair, uint8_t mechanism)
{
    const struct rk_backend *backend = pair->backend;
    pair->config = (struct rk_agent_config){
        .device_id = 7,
        .role = RK_ROLE_DEVICE,
        .aead = rk_backend_has(backend, RK_ALG_AES_CCM) ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305,
        .tag_bytes = 16,
        .curve = rk_backend_has(backend, RK_ALG_X25519) ? RK_ALG_X25519 : RK_ALG_P256,
        .policy = {.triggers = RK_TRIGGER_SESSION,
                   .mechanism = mechanism,
                   .attempts = ATTEMPTS,
                   .retry_ns = SECOND_ns,
                   .overlap_ns = OVERLAP_s * SECOND_ns,
                   .cryptoperiod_ns = RK_NEVER_ns},
    };
}

static void draw(struct rki_pair *pair, uint32_t what, uint32_t number, void *out, size_t bytes)
{
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        uint64_t word = rk_rng_draw(&pair->rng, what, RK_RNG_ENTROPY, (uint64_t)number << 8 | i / 8);
        to[i] = (uint8_t)(word >> 8 * (i % 8));
    }
}

enum { DRAW_PROVISION, DRAW_PEER, DRAW_DEVICE };

static enum rk_err open_peer(struct rki_pair *pair, struct rk_diag *diag)
{
    const char *path = rk_firmware_image(&pair->bench->host, RK_OP_empty);
    enum rk_err err = rk_object_load(&pair->library, path, diag);
    if (err) {
        return err;
    }
    const struct rk_backend *(*get)(void) =
        (const struct rk_backend *(*)(void))dlsym(pair->library.handle, "rk_backend_get");
    if (get == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no rk_backend_get in it", path);
    }
    pair->backend = get();
    if (pair->backend->drbg_bytes > sizeof pair->side.peer_drbg) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s: its generator takes %u bytes", path, pair->backend->drbg_bytes);
    }
    return RK_OK;
}

/* Mechanism static: the server's key pair, of which the device has the public half. out: the server's keys. */
static bool provision_static(struct rki_pair *pair, struct rk_provision *server)
{
    const struct rk_backend *backend = pair->backend;
    struct rk_drbg *drbg = (struct rk_drbg *)pair->side.peer_drbg; /* which START makes anew */
    uint8_t entropy[RK_ENTROPY_bytes];
    if (pair->config.policy.mechanism != RK_MECHANISM_STATIC) {
        return true;
    }
    draw(pair, DRAW_PEER, 1, entropy, sizeof entropy);
    return rk_backend_has(backend, RK_ALG_X25519) &&
           backend->drbg_init(drbg, backend->drbg_alg, entropy) == RK_CRYPTO_OK &&
           backend->key_pair(RK_ALG_X25519, drbg, server->static_key, pair->provision.static_key) == RK_CRYPTO_OK;
}

enum rk_err rki_pair_open(struct rki_pair *pair, const struct rki_bench *bench, uint8_t mechanism, struct rk_diag *diag)
{
    memset(pair, 0, sizeof *pair);
    pair->bench = bench;
    pair->library = (struct rk_object)RK_OBJECT_NONE;
    pair->rng = rk_rng_key_make(0, mechanism);
    enum rk_err err = open_peer(pair, diag);
    if (err) {
        return err;
    }
    configure(pair, mechanism);
    draw(pair, DRAW_PROVISION, 0, &pair->provision, sizeof pair->provision);
    struct rk_agent_config config = pair->config;
    config.role = RK_ROLE_SERVER;
    struct rki_side *side = &pair->side;
    struct rk_provision keys = pair->provision;
    if (!provision_static(pair, &keys) ||
        rk_agent_init(&side->peer, &config, pair->backend, (struct rk_drbg *)side->peer_drbg, NULL, &keys) !=
            RK_AGENT_OK) {
        snprintf(pair->status, sizeof pair->status, "not provided by the library");
        return RK_OK;
    }
    side->now_ns = SECOND_ns;
    side->timer_ns[RK_ROLE_DEVICE] = side->timer_ns[RK_ROLE_SERVER] = RK_NEVER_ns;
    uint8_t entropy[RK_ENTROPY_bytes];
    draw(pair, DRAW_PEER, 0, entropy, sizeof entropy);
    rki_pair_peer(pair, RK_EVENT_START, entropy, sizeof entropy);
    RK_REQUIRE(pair->actions.result == RK_AGENT_OK);
    err = bench->driver->open(&pair->emulator, &bench->device,
                              rk_firmware_image(&bench->firmware, RK_OP_lifecycle_step), diag);
    if (!err) {
        bench->driver->nvm_watch(pair->emulator, true);
    }
    return err;
}

void rki_pair_close(struct rki_pair *pair)
{
    if (pair->emulator != NULL) {
        pair->bench->driver->close(pair->emulator);
    }
    rk_object_unload(&pair->library);
}

/* ---- what steps show ---- */

bool rki_keys_destroyed(const struct rki_keys *keys, uint32_t id)
{
    for (unsigned i = 0; i < keys->destroyed_count; i++) {
        if (keys->destroyed[i] == id) {
            return true;
        }
    }
    return false;
}

static void note_record(struct rki_keys *keys, const struct rk_record *record)
{
    if (record->to == RK_STATE_DESTROYED) {
        if (!rki_keys_destroyed(keys, record->key_id)) {
            RK_REQUIRE(keys->destroyed_count < RKI_IDS_MAX);
            keys->destroyed[keys->destroyed_count++] = record->key_id;
        }
        if (keys->id == record->key_id) {
            keys->id = 0;
            keys->state = RK_STATE_NONE;
        }
    } else if (record->to == RK_STATE_ACTIVE || record->reason == RK_REASON_RESTORED) {
        keys->id = record->key_id;
        keys->state = record->to;
    } else if (keys->id == record->key_id) {
        keys->state = record->to;
    }
}

/* The device took the text of the frame that is in the call. */
static void note_delivery(struct rki_pair *pair)
{
    uint64_t *delivered = pair->side.delivered;
    int item = rki_seen_find(&pair->seen, pair->given.data, pair->given.bytes);
    if (item < 0) {
        return;
    }
    uint64_t bit = UINT64_C(1) << item % 64;
    pair->side.replayed |= (delivered[item / 64] & bit) != 0;
    delivered[item / 64] |= bit;
}

static void note_actions(struct rki_pair *pair, bool by_device)
{
    const struct rk_actions *actions = &pair->actions;
    struct rki_side *side = &pair->side;
    struct rki_frame *frame = by_device ? &side->up : &side->down;
    for (unsigned i = 0; by_device && i < actions->record_count; i++) {
        note_record(&side->keys, &actions->record[i]);
    }
    side->timer_ns[by_device ? RK_ROLE_DEVICE : RK_ROLE_SERVER] = actions->timer_ns;
    if (by_device && actions->delivered) {
        note_delivery(pair);
    }
    frame->bytes = actions->frame_bytes;
    memcpy(frame->data, actions->frame, actions->frame_bytes);
    if (actions->frame_bytes > 0 && !rki_seen_frame(&pair->seen, by_device, actions->frame, actions->frame_bytes)) {
        pair->side.reused = true;
    }
    side->seen = pair->seen.count;
}

/* ---- steps ---- */

void rki_pair_peer(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    const struct rk_event event = {.now_ns = pair->side.now_ns,
                                   .data = data,
                                   .data_bytes = bytes,
                                   .kind = kind,
                                   .subject = rk_access_subject(kind)};
    rk_agent_step(&pair->side.peer, &event, &pair->actions);
    note_actions(pair, false);
}

void rki_pair_put(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    uint8_t message[RK_WIRE_EVENT_MAX_bytes];
    const struct rk_event event = {.now_ns = pair->side.now_ns,
                                   .data = data,
                                   .data_bytes = bytes,
                                   .kind = kind,
                                   .subject = rk_access_subject(kind)};
    uint16_t message_bytes = rk_wire_event_encode(&event, message);
    RK_REQUIRE(message_bytes > 0);
    pair->given.bytes = bytes;
    if (bytes > 0) {
        memcpy(pair->given.data, data, bytes);
    }
    pair->call.operation = RK_OP_lifecycle_step;
    pair->call.fields = 0;
    pair->call.data_bytes = 0;
    RK_REQUIRE(rk_call_append(&pair->call, message, message_bytes));
}

/* out: RK_OK, and pair->status when the call did not come back, or was refused. */
static enum rk_err call_device(struct rki_pair *pair, struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    char buffer[96];
    const char *status;
    enum rk_call_status came = bench->driver->call(pair->emulator, &pair->call);
    enum rk_err err = rki_bench_call_status(bench, pair->emulator, came, buffer, &status, diag);
    if (err) {
        return err;
    }
    if (status == NULL && pair->call.result != RK_CRYPTO_OK) {
        status = pair->call.result == RK_CRYPTO_UNSUPPORTED ? "not provided by the library" : "a step was refused";
    }
    if (status != NULL) {
        snprintf(pair->status, sizeof pair->status, "%s", status);
    }
    return RK_OK;
}

static enum rk_err provision(struct rki_pair *pair, struct rk_diag *diag)
{
    uint8_t message[RK_WIRE_INIT_bytes];
    uint16_t bytes = rk_wire_init_encode(&pair->config, &pair->provision, message);
    pair->call.operation = RK_OP_lifecycle_step;
    pair->call.fields = 0;
    pair->call.data_bytes = 0;
    RK_REQUIRE(rk_call_append(&pair->call, message, bytes));
    return call_device(pair, diag);
}

enum rk_err rki_pair_boot(struct rki_pair *pair, bool again, struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    if (again && bench->driver->rewind(pair->emulator) != RK_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again: %s", bench->device.name,
                       bench->driver->reason(pair->emulator));
    }
    return provision(pair, diag);
}

enum rk_err rki_pair_take(struct rki_pair *pair, struct rk_diag *diag)
{
    const uint8_t *reply;
    uint16_t bytes;
    if (!rk_call_field(&pair->call, 0, &reply, &bytes) || !rk_wire_actions_decode(reply, bytes, &pair->actions)) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s: a lifecycle step answered with no actions",
                       pair->bench->device.name);
    }
    const struct rk_nvm_log log = pair->bench->driver->nvm_log(pair->emulator);
    if (!rki_seen_records(&pair->seen, &log, log.steps)) {
        pair->side.reused = true;
    }
    note_actions(pair, true);
    pair->side.now_ns += TICK_ms * SECOND_ns / 1000;
    return RK_OK;
}

enum rk_err rki_pair_device(struct rki_pair *pair, struct rk_diag *diag)
{
    enum rk_err err = call_device(pair, diag);
    return err || pair->status[0] != '\0' ? err : rki_pair_take(pair, diag);
}

enum rk_err rki_pair_event(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes,
                           struct rk_diag *diag)
{
    rki_pair_put(pair, kind, data, bytes);
    return rki_pair_device(pair, diag);
}

void rki_pair_entropy(struct rki_pair *pair, uint8_t out[RK_ENTROPY_bytes])
{
    draw(pair, DRAW_DEVICE, pair->side.entropy++, out, RK_ENTROPY_bytes);
}

enum rk_err rki_pair_start(struct rki_pair *pair, struct rk_diag *diag)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_pair_entropy(pair, entropy);
    return rki_pair_event(pair, RK_EVENT_START, entropy, sizeof entropy, diag);
}

enum rk_err rki_pair_say(struct rki_pair *pair, bool by_device, struct rk_diag *diag)
{
    struct rki_side *side = &pair->side;
    uint16_t bytes = (uint16_t)snprintf(side->text, sizeof side->text, "text %u", (unsigned)side->texts++);
    if (by_device) {
        return rki_pair_event(pair, RK_EVENT_SEND, (const uint8_t *)side->text, bytes, diag);
    }
    rki_pair_peer(pair, RK_EVENT_SEND, (const uint8_t *)side->text, bytes);
    return RK_OK;
}

bool rki_pair_heard(const struct rki_pair *pair)
{
    const struct rk_actions *actions = &pair->actions;
    size_t bytes = strlen(pair->side.text);
    return actions->delivered && actions->text_bytes == bytes && memcmp(actions->text, pair->side.text, bytes) == 0;
}
