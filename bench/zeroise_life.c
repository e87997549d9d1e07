/* bench/zeroise_life.c - an agent's life on the device: what is left after each event
 *
 * The device gets the events of a twin on the host: the same agent over the same library, over a backend that notes every
 * secret that passes through it. Same seed, same bytes: each frame of the device must be the twin's, else the notes are not
 * the device's secrets. Keys, generator and what an exchange waits with may be in the agent's state while the twin has
 * them there; all else that was noted must be nowhere.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise_internal.h"
#include "engine/core/object.h"
#include "engine/lifecycle/wire.h"

enum { DRBG_MAX_bytes = 1024, NVM_bytes = 64 << 10, STEPS_MAX = 24, NOTES_MAX = 512, NOTE_MAX_bytes = DRBG_MAX_bytes };

#define SECOND_ns 1000000000ull

struct note {
    char what[32];
    uint8_t bytes[NOTE_MAX_bytes];
    size_t length;
};

/* One device event, as it was sent. */
struct step {
    char name[24];
    uint64_t now_ns;
    uint8_t message[RK_WIRE_EVENT_MAX_bytes];
    uint16_t bytes;
    size_t row;
    struct rk_zeroise_residue *residue; /* of its row, with what is left of each */
    unsigned residues;
    uint32_t left[RK_ZEROISE_RESIDUES_MAX];
};

struct life {
    const struct rki_bench *bench;
    struct rki_zeroise_device device;
    struct rk_object object;
    struct rk_backend real, noting;
    struct rk_agent_config config;
    struct rk_provision provision;
    struct rk_nvm nvm;
    uint8_t cells[NVM_bytes];
    uint8_t *blank_nvm; /* of the emulated device, before its first event */
    struct rk_agent twin, server;
    struct rk_actions actions, server_actions;
    max_align_t twin_drbg[DRBG_MAX_bytes / sizeof(max_align_t)], server_drbg[DRBG_MAX_bytes / sizeof(max_align_t)];
    struct note *note;
    unsigned notes;
    struct step step[STEPS_MAX];
    unsigned steps;
    uint8_t *frame; /* all that went over the air */
    size_t frames_bytes;
    uint64_t now_ns;
    uint32_t heap_bytes;
};

/* --- the twin's backend: the library's, with notes --- */

static _Thread_local struct life *noting;

static void note(const char *what, const uint8_t *bytes, size_t length)
{
    struct life *life = noting;
    if (length > NOTE_MAX_bytes || bytes == NULL) {
        return;
    }
    for (unsigned i = 0; i < life->notes; i++) {
        if (life->note[i].length == length && memcmp(life->note[i].bytes, bytes, length) == 0) {
            return;
        }
    }
    RK_REQUIRE(life->notes < NOTES_MAX);
    struct note *to = &life->note[life->notes++];
    snprintf(to->what, sizeof to->what, "%s", what);
    memcpy(to->bytes, bytes, length);
    to->length = length;
}

static enum rk_crypto noted_seal(const struct rk_aead_job *job)
{
    note("AEAD key", job->key, job->key_bytes);
    return noting->real.aead_seal(job);
}

static enum rk_crypto noted_open(const struct rk_aead_job *job)
{
    note("AEAD key", job->key, job->key_bytes);
    return noting->real.aead_open(job);
}

static enum rk_crypto noted_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac)
{
    note("MAC key", key, key_bytes);
    return noting->real.mac(alg, key, key_bytes, in, in_bytes, mac);
}

static enum rk_crypto noted_kdf(const struct rk_kdf_job *job)
{
    enum rk_crypto result = noting->real.kdf(job);
    note("KDF secret", job->secret, job->secret_bytes);
    note("derived block", job->out, job->out_bytes);
    if (job->alg == RK_ALG_HKDF_SHA256) {
        uint8_t prk[32];
        rk_zeroise_hmac_sha256(job->label, job->label_bytes, job->secret, job->secret_bytes, prk);
        note("HKDF PRK", prk, sizeof prk);
    }
    return result;
}

static size_t drbg_bytes(void)
{
    return noting->real.drbg_bytes;
}

static enum rk_crypto noted_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    enum rk_crypto result = noting->real.drbg_init(drbg, alg, entropy);
    note("entropy", entropy, 48);
    note("DRBG state", (const uint8_t *)drbg, drbg_bytes());
    return result;
}

static enum rk_crypto noted_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    enum rk_crypto result = noting->real.drbg_generate(drbg, alg, out, out_bytes);
    note("DRBG output", out, out_bytes);
    note("DRBG state", (const uint8_t *)drbg, drbg_bytes());
    return result;
}

static enum rk_crypto noted_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    enum rk_crypto result = noting->real.key_pair(alg, drbg, private_key, public_key);
    note("ephemeral scalar", private_key, rk_alg_private_bytes(alg));
    note("DRBG state", (const uint8_t *)drbg, drbg_bytes());
    return result;
}

static enum rk_crypto noted_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                  const uint8_t *peer_public, uint8_t secret[32])
{
    enum rk_crypto result = noting->real.agree(alg, drbg, private_key, peer_public, secret);
    note("private scalar", private_key, 32);
    note("shared secret Z", secret, 32);
    note("DRBG state", (const uint8_t *)drbg, drbg_bytes());
    return result;
}

static enum rk_crypto noted_unwrap(struct rk_wrap_job *job)
{
    enum rk_crypto result = noting->real.key_unwrap(job);
    note("KEK", job->kek, job->kek_bytes);
    note("transported key", job->out, job->out_bytes);
    return result;
}

static enum rk_err open_library(struct life *life, struct rk_diag *diag)
{
    life->object = (struct rk_object)RK_OBJECT_NONE;
    enum rk_err err = rk_object_load(&life->object, rk_firmware_image(&life->bench->host, RK_OP_empty), diag);
    if (err) {
        return err;
    }
    const struct rk_backend *(*get)(void) =
        (const struct rk_backend *(*)(void))dlsym(life->object.handle, "rk_backend_get");
    RK_REQUIRE(get != NULL);
    life->real = life->noting = *get();
    RK_REQUIRE(life->real.drbg_bytes <= DRBG_MAX_bytes);
    life->noting.aead_seal = noted_seal;
    life->noting.aead_open = noted_open;
    life->noting.mac = noted_mac;
    life->noting.kdf = noted_kdf;
    life->noting.drbg_init = noted_drbg_init;
    life->noting.drbg_generate = noted_drbg_generate;
    life->noting.key_pair = noted_key_pair;
    life->noting.agree = noted_agree;
    life->noting.key_unwrap = noted_unwrap;
    return RK_OK;
}

/* --- the twin's NVM --- */

static int cells_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    memcpy(out, (uint8_t *)context + address, bytes);
    return 0;
}

static int cells_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    memcpy((uint8_t *)context + address, in, bytes);
    return 0;
}

static int cells_erase(void *context, uint32_t address)
{
    uint64_t block = noting->bench->device.nvm_erase_block_bytes;
    memset((uint8_t *)context + address, 0xff, (size_t)block);
    return 0;
}

/* --- the pair --- */

static void fill(uint8_t *bytes, size_t length, uint32_t seed)
{
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static bool image_has(const struct life *life, int operation)
{
    return rk_firmware_image(&life->bench->firmware, (unsigned)operation) != NULL;
}

static void configure(struct life *life, uint8_t mechanism)
{
    bool ccm = rk_backend_has(&life->real, RK_ALG_AES_CCM) && image_has(life, RK_OP_aes128_ccm_seal);
    life->config = (struct rk_agent_config){
        .device_id = 1,
        .role = RK_ROLE_DEVICE,
        .aead = ccm ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305,
        .tag_bytes = 16,
        .curve = rk_backend_has(&life->real, RK_ALG_X25519) ? RK_ALG_X25519 : RK_ALG_P256,
        .policy = {.triggers = RK_TRIGGER_SESSION,
                   .mechanism = mechanism,
                   .attempts = 1,
                   .retry_ns = 10 * SECOND_ns,
                   .overlap_ns = 60 * SECOND_ns,
                   .cryptoperiod_ns = RK_NEVER_ns},
    };
    fill((uint8_t *)&life->provision, sizeof life->provision, 11);
    uint64_t block = life->bench->device.nvm_erase_block_bytes;
    life->nvm = (struct rk_nvm){.context = life->cells,
                                .erase_bytes = block <= UINT16_MAX ? (uint16_t)block : 0,
                                .erase = cells_erase,
                                .read = cells_read,
                                .write = cells_write};
    memset(life->cells, 0xff, sizeof life->cells);
}

/* out: *able false when the library lacks what the mechanism needs. */
static enum rk_err begin(struct life *life, bool *able, struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    struct rk_agent_config server = life->config;
    uint8_t message[RK_WIRE_INIT_bytes];
    server.role = RK_ROLE_SERVER;
    *able = rk_agent_init(&life->twin, &life->config, &life->noting, (struct rk_drbg *)life->twin_drbg, &life->nvm,
                          &life->provision) == RK_AGENT_OK &&
            rk_agent_init(&life->server, &server, &life->real, (struct rk_drbg *)life->server_drbg, NULL,
                          &life->provision) == RK_AGENT_OK;
    if (!*able) {
        return RK_OK;
    }
    memset(&call, 0, sizeof call);
    call.operation = RK_OP_lifecycle_step;
    rk_call_append(&call, message, rk_wire_init_encode(&life->config, &life->provision, message));
    if (life->bench->driver->call(life->device.emulator, &call) != RK_CALL_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s: the agent does not start: %s", life->bench->device.name,
                       life->bench->driver->reason(life->device.emulator));
    }
    *able = call.result == RK_CRYPTO_OK;
    return RK_OK;
}

static void send_to_server(struct life *life, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    const struct rk_event event = {
        .now_ns = life->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(&life->server, &event, &life->server_actions);
}

static void keep_frame(struct life *life, const uint8_t *frame, uint16_t bytes)
{
    life->frame = realloc(life->frame, life->frames_bytes + bytes + 1);
    RK_REQUIRE(life->frame != NULL);
    memcpy(life->frame + life->frames_bytes, frame, bytes);
    life->frames_bytes += bytes;
}

/* --- what may be where --- */

static bool contains(const uint8_t *memory, size_t bytes, const uint8_t *part, size_t part_bytes)
{
    return part_bytes > 0 && memmem(memory, bytes, part, part_bytes) != NULL;
}

/* Has the twin it in its state, or in its generator's? Material of a destroyed key that it still had would be a residue of
 * the agent's state: only keys that are not destroyed count. */
static bool is_live(const struct life *life, const struct note *noted)
{
    const struct rk_agent *twin = &life->twin;
    for (unsigned i = 0; i < 3; i++) {
        bool held = twin->key[i].id != 0 && twin->key[i].state != RK_STATE_DESTROYED;
        if (held && contains(noted->bytes, noted->length, twin->key[i].material, 16)) {
            return true;
        }
    }
    return contains((const uint8_t *)&twin->provision, sizeof twin->provision, noted->bytes, noted->length) ||
           contains(twin->exchange.secret, sizeof twin->exchange.secret, noted->bytes, noted->length) ||
           contains((const uint8_t *)life->twin_drbg, drbg_bytes(), noted->bytes, noted->length);
}

static void make_set(const struct life *life, struct rk_zeroise_set *set)
{
    rk_zeroise_set_init(set);
    rk_zeroise_add_public(set, life->frame, life->frames_bytes);
    for (unsigned i = 0; i < life->notes; i++) {
        const struct note *noted = &life->note[i];
        rk_zeroise_add(set, noted->what, noted->bytes, noted->length,
                       is_live(life, noted) ? RK_ZEROISE_LIVE : RK_ZEROISE_DEAD);
        if (strcmp(noted->what, "AEAD key") == 0 && noted->length == 16) {
            rk_zeroise_add_aes(set, noted->what, noted->bytes, noted->length);
        } else if (strcmp(noted->what, "HKDF PRK") == 0 || strcmp(noted->what, "MAC key") == 0) {
            rk_zeroise_add_hmac(set, noted->what, noted->bytes, noted->length, true);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (life->twin.key[i].id != 0 && life->twin.key[i].state != RK_STATE_DESTROYED) {
            rk_zeroise_add(set, "live key", life->twin.key[i].material, RK_KEY_MAX_bytes, RK_ZEROISE_LIVE);
        }
    }
    rk_zeroise_add(set, "generator", (const uint8_t *)life->twin_drbg, drbg_bytes(), RK_ZEROISE_LIVE);
    rk_zeroise_add(set, "exchange secret", life->twin.exchange.secret, sizeof life->twin.exchange.secret,
                   RK_ZEROISE_LIVE);
}

/* --- a step --- */

static enum rk_err call_device(struct life *life, const struct step *step, uint64_t cut_at, struct rk_call *call,
                               struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = life->bench->driver;
    memset(call, 0, sizeof *call);
    call->operation = RK_OP_lifecycle_step;
    rk_call_append(call, step->message, step->bytes);
    driver->power_cut_at(life->device.emulator, cut_at);
    enum rk_call_status came = driver->call(life->device.emulator, call);
    driver->power_cut_at(life->device.emulator, 0);
    if (came != RK_CALL_OK && (cut_at == 0 || came != RK_CALL_POWER_CUT)) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s at %s: %s", life->bench->device.name, step->name,
                       driver->reason(life->device.emulator));
    }
    return RK_OK;
}

/* From a blank NVM to the last step. */
static enum rk_err replay(void *context, uint64_t cut_at, struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    struct life *life = context;
    const struct rk_emulator_driver *driver = life->bench->driver;
    uint8_t message[RK_WIRE_INIT_bytes];
    if (driver->rewind(life->device.emulator) != RK_OK ||
        driver->nvm_write(life->device.emulator, 0, life->blank_nvm, life->bench->device.nvm_bytes) != RK_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again", life->bench->device.name);
    }
    memset(&call, 0, sizeof call);
    call.operation = RK_OP_lifecycle_step;
    rk_call_append(&call, message, rk_wire_init_encode(&life->config, &life->provision, message));
    if (driver->call(life->device.emulator, &call) != RK_CALL_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again", life->bench->device.name);
    }
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < life->steps && !err; i++) {
        err = call_device(life, &life->step[i], i + 1 == life->steps ? cut_at : 0, &call, diag);
    }
    return err;
}

static enum rk_err compare(const struct life *life, const struct step *step, const struct rk_call *call,
                           struct rk_diag *diag)
{
    static _Thread_local struct rk_actions actions;
    const uint8_t *reply;
    uint16_t bytes;
    bool same = rk_call_field(call, 0, &reply, &bytes) && rk_wire_actions_decode(reply, bytes, &actions) &&
                actions.result == life->actions.result && actions.frame_bytes == life->actions.frame_bytes &&
                memcmp(actions.frame, life->actions.frame, actions.frame_bytes) == 0;
    return same ? RK_OK
                : rk_fail(diag, RK_ERR_CHECK, "%s differs from its twin at %s: results %d and %d, frames of %u and %u",
                          life->bench->device.name, step->name, actions.result, life->actions.result,
                          actions.frame_bytes, life->actions.frame_bytes);
}

static bool destroyed(const struct rk_actions *actions)
{
    for (unsigned i = 0; i < actions->record_count; i++) {
        if (actions->record[i].to == RK_STATE_DESTROYED) {
            return true;
        }
    }
    return false;
}

/* What was there after the event before has the owner that it had then. */
static void inherit(const struct step *before, struct rk_zeroise_residue *residue, unsigned residues)
{
    for (unsigned i = 0; i < residues; i++) {
        for (unsigned j = 0; j < before->residues; j++) {
            const struct rk_zeroise_residue *old = &before->residue[j];
            if (old->address == residue[i].address && old->bytes == residue[i].bytes &&
                strcmp(old->where, residue[i].where) == 0 && strcmp(old->what, residue[i].what) == 0) {
                residue[i].owner = old->owner;
                memcpy(residue[i].symbol, old->symbol, sizeof residue[i].symbol);
            }
        }
    }
}

static void go_on(struct life *life, const struct step *current, const struct rk_zeroise_residue *now, unsigned count)
{
    for (struct step *step = life->step; step < current; step++) {
        double seconds = (double)(current->now_ns - (current - 1)->now_ns) / (double)SECOND_ns;
        rki_zeroise_dwell(step->residue, step->residues, step->left, now, count, seconds);
    }
}

/* One event into twin and device, and a search. */
static enum rk_err event(struct life *life, const char *name, uint8_t kind, const uint8_t *data, uint16_t bytes,
                         const struct rk_zeroise_row *blank, struct rk_zeroise_row **rows, size_t *count,
                         struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    static _Thread_local struct rk_zeroise_residue residue[RK_ZEROISE_RESIDUES_MAX];
    const struct rk_event happens = {
        .now_ns = life->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    RK_REQUIRE(life->steps < STEPS_MAX);
    struct step *step = &life->step[life->steps++];
    snprintf(step->name, sizeof step->name, "%s", name);
    step->now_ns = life->now_ns;
    step->bytes = rk_wire_event_encode(&happens, step->message);
    rk_agent_step(&life->twin, &happens, &life->actions);
    enum rk_err err = call_device(life, step, 0, &call, diag);
    if (!err) {
        err = compare(life, step, &call, diag);
    }
    if (err) {
        return err;
    }
    keep_frame(life, life->actions.frame, life->actions.frame_bytes);
    struct rk_zeroise_set set;
    make_set(life, &set);
    unsigned found = rki_zeroise_search(&life->device, &set, call.cost.heap_bytes, residue);
    bool qemu = strcmp(life->bench->driver->name, "qemu") == 0;
    uint64_t steps = 2 * (qemu ? call.cost.instructions : call.cost.cycles) + 2000000;
    err = rki_zeroise_settle(&life->device, residue, found, false, steps, replay, life, diag);
    if (step > life->step) {
        inherit(step - 1, residue, found);
    }
    go_on(life, step, residue, found);
    struct rk_zeroise_row row = *blank;
    snprintf(row.op, sizeof row.op, "lifecycle: %s", name);
    row.after = destroyed(&life->actions) ? "destroy" : "return";
    row.cycles = call.cost.has_cycles ? call.cost.cycles : RK_NONE;
    row.expected_false = rk_zeroise_expected_false(&set, life->device.ram_bytes);
    rki_zeroise_fill(&row, residue, found);
    *rows = realloc(*rows, (*count + 1) * sizeof **rows);
    RK_REQUIRE(*rows != NULL);
    (*rows)[(*count)++] = row;
    step->residue = row.residue;
    step->residues = row.residues;
    for (unsigned i = 0; i < row.residues; i++) {
        step->left[i] = row.residue[i].bytes;
    }
    rk_zeroise_set_free(&set);
    return err;
}

/* --- the story --- */

struct chapter {
    const char *name;
    uint8_t kind;
    uint32_t after_s; /* since the one before */
};

/* Overlap ends 60 s after a renewal. */
static const struct chapter story[] = {
    {"start", RK_EVENT_START, 1},
    {"send", RK_EVENT_SEND, 60},
    {"renew", RK_EVENT_SESSION, 60},
    {"send after renewal", RK_EVENT_SEND, 10},
    {"overlap end", RK_EVENT_TIMER, 60},
    {"compromise", RK_EVENT_COMPROMISE, 60},
    {"send after compromise", RK_EVENT_SEND, 120},
    {"zeroise", RK_EVENT_ZEROISE, 60},
};

/* An event, and the exchange that it starts. */
static enum rk_err chapter(struct life *life, const struct chapter *part, const struct rk_zeroise_row *blank,
                           struct rk_zeroise_row **rows, size_t *count, struct rk_diag *diag)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    static const uint8_t text[] = "21.5 C";
    const uint8_t *data = part->kind == RK_EVENT_START ? entropy : part->kind == RK_EVENT_SEND ? text : NULL;
    uint16_t bytes = part->kind == RK_EVENT_START ? sizeof entropy : part->kind == RK_EVENT_SEND ? sizeof text : 0;
    char name[24];
    fill(entropy, sizeof entropy, 21);
    life->now_ns += part->after_s * SECOND_ns;
    enum rk_err err = event(life, part->name, part->kind, data, bytes, blank, rows, count, diag);
    for (unsigned turn = 0; turn < 4 && !err && life->actions.frame_bytes > 0; turn++) {
        send_to_server(life, RK_EVENT_RECEIVE, life->actions.frame, life->actions.frame_bytes);
        if (life->server_actions.frame_bytes == 0) {
            break;
        }
        uint8_t frame[RK_FRAME_MAX_bytes];
        uint16_t frame_bytes = life->server_actions.frame_bytes;
        memcpy(frame, life->server_actions.frame, frame_bytes);
        keep_frame(life, frame, frame_bytes);
        life->now_ns += SECOND_ns;
        snprintf(name, sizeof name, "%.14s, answer", part->name);
        err = event(life, name, RK_EVENT_RECEIVE, frame, frame_bytes, blank, rows, count, diag);
    }
    return err;
}

static enum rk_err live(struct life *life, const struct rk_zeroise_row *blank, struct rk_zeroise_row **rows,
                        size_t *count, struct rk_diag *diag)
{
    uint8_t seed[RK_ENTROPY_bytes];
    fill(seed, sizeof seed, 31);
    send_to_server(life, RK_EVENT_START, seed, sizeof seed);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof story / sizeof story[0] && !err; i++) {
        err = chapter(life, &story[i], blank, rows, count, diag);
    }
    for (unsigned i = 0; i < life->steps; i++) {
        for (unsigned j = 0; j < life->step[i].residues; j++) {
            life->step[i].residue[j].for_ever = life->step[i].left[j] != 0;
        }
    }
    return err;
}

static void close_life(struct life *life)
{
    noting = NULL;
    rki_zeroise_close(&life->device);
    rk_object_unload(&life->object);
    free(life->blank_nvm);
    free(life->frame);
    free(life->note);
    free(life);
}

static enum rk_err one_life(const struct rki_bench *bench, uint8_t mechanism, const struct rk_zeroise_row *blank,
                            struct rk_zeroise_row **rows, size_t *count, bool *able, struct rk_diag *diag)
{
    struct life *life = calloc(1, sizeof *life);
    RK_REQUIRE(life != NULL);
    life->bench = bench;
    life->note = calloc(NOTES_MAX, sizeof *life->note);
    life->blank_nvm = malloc(bench->device.nvm_bytes);
    RK_REQUIRE(life->note != NULL && life->blank_nvm != NULL);
    noting = life;
    life->object = (struct rk_object)RK_OBJECT_NONE;
    enum rk_err err =
        rki_zeroise_open(bench, rk_firmware_image(&bench->firmware, RK_OP_lifecycle_step), &life->device, diag);
    if (!err) {
        bench->driver->read(life->device.emulator, RK_MEMORY_NVM, 0, life->blank_nvm, bench->device.nvm_bytes);
        err = open_library(life, diag);
    }
    if (!err) {
        configure(life, mechanism);
        err = begin(life, able, diag);
    }
    if (!err && *able) {
        err = live(life, blank, rows, count, diag);
    }
    close_life(life);
    return err;
}

enum rk_err rki_zeroise_life(const struct rki_bench *bench, const struct rk_zeroise_row *blank,
                             struct rk_zeroise_row **rows, size_t *count, struct rk_diag *diag)
{
    static const uint8_t mechanisms[] = {RK_MECHANISM_ECDH, RK_MECHANISM_DERIVE};
    bool able = false;
    const char *reason = rk_firmware_reason(&bench->firmware, RK_OP_lifecycle_step);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof mechanisms && !able && !err && reason == NULL; i++) {
        err = one_life(bench, mechanisms[i], blank, rows, count, &able, diag);
    }
    if (!err && !able) {
        *rows = realloc(*rows, (*count + 1) * sizeof **rows);
        RK_REQUIRE(*rows != NULL);
        struct rk_zeroise_row *row = &(*rows)[(*count)++];
        *row = *blank;
        snprintf(row->op, sizeof row->op, "lifecycle");
        snprintf(row->status, sizeof row->status, "%s", reason != NULL ? reason : "not provided by the library");
    }
    return err;
}
