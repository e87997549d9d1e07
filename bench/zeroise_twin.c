/* bench/zeroise_twin.c - see zeroise_twin.h */
#include "bench/zeroise_twin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/object.h"

enum { DRBG_MAX_bytes = 1024, NVM_bytes = 64 << 10, NOTES_MAX = 512, NOTE_MAX_bytes = DRBG_MAX_bytes };

#define SECOND_ns 1000000000ull

struct note {
    char what[32];
    uint8_t bytes[NOTE_MAX_bytes];
    size_t length;
};

struct rki_zeroise_twin {
    const struct rki_bench *bench;
    struct rk_object object;
    struct rk_backend real, noting;
    struct rk_agent_config config;
    struct rk_provision provision;
    struct rk_nvm nvm;
    uint8_t cells[NVM_bytes];
    struct rk_agent agent, server;
    struct rk_actions actions, server_actions;
    max_align_t agent_drbg[DRBG_MAX_bytes / sizeof(max_align_t)], server_drbg[DRBG_MAX_bytes / sizeof(max_align_t)];
    struct note *note;
    unsigned notes;
    uint8_t *frame; /* all that went over the air */
    size_t frames_bytes;
};

/* --- the backend: the library's, with notes --- */

static _Thread_local struct rki_zeroise_twin *noting;

static void note(const char *what, const uint8_t *bytes, size_t length)
{
    struct rki_zeroise_twin *twin = noting;
    if (length > NOTE_MAX_bytes || bytes == NULL) {
        return;
    }
    for (unsigned i = 0; i < twin->notes; i++) {
        if (twin->note[i].length == length && memcmp(twin->note[i].bytes, bytes, length) == 0) {
            return;
        }
    }
    RK_REQUIRE(twin->notes < NOTES_MAX);
    struct note *to = &twin->note[twin->notes++];
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

static enum rk_err open_library(struct rki_zeroise_twin *twin, struct rk_diag *diag)
{
    twin->object = (struct rk_object)RK_OBJECT_NONE;
    enum rk_err err = rk_object_load(&twin->object, rk_firmware_image(&twin->bench->host, RK_OP_empty), diag);
    if (err) {
        return err;
    }
    const struct rk_backend *(*get)(void) =
        (const struct rk_backend *(*)(void))dlsym(twin->object.handle, "rk_backend_get");
    RK_REQUIRE(get != NULL);
    twin->real = twin->noting = *get();
    RK_REQUIRE(twin->real.drbg_bytes <= DRBG_MAX_bytes);
    twin->noting.aead_seal = noted_seal;
    twin->noting.aead_open = noted_open;
    twin->noting.mac = noted_mac;
    twin->noting.kdf = noted_kdf;
    twin->noting.drbg_init = noted_drbg_init;
    twin->noting.drbg_generate = noted_drbg_generate;
    twin->noting.key_pair = noted_key_pair;
    twin->noting.agree = noted_agree;
    twin->noting.key_unwrap = noted_unwrap;
    return RK_OK;
}

/* --- its NVM --- */

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

void rki_zeroise_seed(uint8_t *bytes, size_t length, uint32_t seed)
{
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static bool image_has(const struct rki_zeroise_twin *twin, int operation)
{
    return rk_firmware_image(&twin->bench->firmware, (unsigned)operation) != NULL;
}

static void configure(struct rki_zeroise_twin *twin, uint8_t mechanism)
{
    bool ccm = rk_backend_has(&twin->real, RK_ALG_AES_CCM) && image_has(twin, RK_OP_aes128_ccm_seal);
    twin->config = (struct rk_agent_config){
        .device_id = 1,
        .role = RK_ROLE_DEVICE,
        .aead = ccm ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305,
        .tag_bytes = 16,
        .curve = rk_backend_has(&twin->real, RK_ALG_X25519) ? RK_ALG_X25519 : RK_ALG_P256,
        .policy = {.triggers = RK_TRIGGER_SESSION,
                   .mechanism = mechanism,
                   .attempts = 1,
                   .retry_ns = 10 * SECOND_ns,
                   .overlap_ns = 60 * SECOND_ns,
                   .cryptoperiod_ns = RK_NEVER_ns},
    };
    rki_zeroise_seed((uint8_t *)&twin->provision, sizeof twin->provision, 11);
    uint64_t block = twin->bench->device.nvm_erase_block_bytes;
    twin->nvm = (struct rk_nvm){.context = twin->cells,
                                .erase_bytes = block <= UINT16_MAX ? (uint16_t)block : 0,
                                .erase = cells_erase,
                                .read = cells_read,
                                .write = cells_write};
    memset(twin->cells, 0xff, sizeof twin->cells);
}

enum rk_err rki_zeroise_twin_open(const struct rki_bench *bench, uint8_t mechanism, struct rki_zeroise_twin **out,
                                  bool *able, struct rk_diag *diag)
{
    struct rki_zeroise_twin *twin = calloc(1, sizeof *twin);
    RK_REQUIRE(twin != NULL);
    *out = noting = twin;
    *able = false;
    twin->bench = bench;
    twin->note = calloc(NOTES_MAX, sizeof *twin->note);
    RK_REQUIRE(twin->note != NULL);
    enum rk_err err = open_library(twin, diag);
    if (err) {
        return err;
    }
    configure(twin, mechanism);
    struct rk_agent_config server = twin->config;
    server.role = RK_ROLE_SERVER;
    *able = rk_agent_init(&twin->agent, &twin->config, &twin->noting, (struct rk_drbg *)twin->agent_drbg, &twin->nvm,
                          &twin->provision) == RK_AGENT_OK &&
            rk_agent_init(&twin->server, &server, &twin->real, (struct rk_drbg *)twin->server_drbg, NULL,
                          &twin->provision) == RK_AGENT_OK;
    return RK_OK;
}

void rki_zeroise_twin_close(struct rki_zeroise_twin *twin)
{
    if (twin == NULL) {
        return;
    }
    noting = NULL;
    rk_object_unload(&twin->object);
    free(twin->frame);
    free(twin->note);
    free(twin);
}

uint16_t rki_zeroise_twin_init(const struct rki_zeroise_twin *twin, uint8_t message[RK_WIRE_INIT_bytes])
{
    return rk_wire_init_encode(&twin->config, &twin->provision, message);
}

static void keep_frame(struct rki_zeroise_twin *twin, const uint8_t *frame, uint16_t bytes)
{
    twin->frame = realloc(twin->frame, twin->frames_bytes + bytes + 1);
    RK_REQUIRE(twin->frame != NULL);
    memcpy(twin->frame + twin->frames_bytes, frame, bytes);
    twin->frames_bytes += bytes;
}

const struct rk_actions *rki_zeroise_twin_step(struct rki_zeroise_twin *twin, const struct rk_event *event)
{
    rk_agent_step(&twin->agent, event, &twin->actions);
    keep_frame(twin, twin->actions.frame, twin->actions.frame_bytes);
    return &twin->actions;
}

const struct rk_actions *rki_zeroise_twin_serve(struct rki_zeroise_twin *twin, const struct rk_event *event)
{
    rk_agent_step(&twin->server, event, &twin->server_actions);
    keep_frame(twin, twin->server_actions.frame, twin->server_actions.frame_bytes);
    return &twin->server_actions;
}

/* --- what may be where --- */

static bool contains(const uint8_t *memory, size_t bytes, const uint8_t *part, size_t part_bytes)
{
    return part_bytes > 0 && memmem(memory, bytes, part, part_bytes) != NULL;
}

/* Has the twin it in its state, or in its generator's? Material of a destroyed key that it still had would be a residue of
 * the agent's state: only keys that are not destroyed count. */
static bool is_live(const struct rki_zeroise_twin *twin, const struct note *noted)
{
    const struct rk_agent *agent = &twin->agent;
    for (unsigned i = 0; i < 3; i++) {
        bool held = agent->key[i].id != 0 && agent->key[i].state != RK_STATE_DESTROYED;
        if (held && contains(noted->bytes, noted->length, agent->key[i].material, 16)) {
            return true;
        }
    }
    return contains((const uint8_t *)&agent->provision, sizeof agent->provision, noted->bytes, noted->length) ||
           contains(agent->exchange.secret, sizeof agent->exchange.secret, noted->bytes, noted->length) ||
           contains((const uint8_t *)twin->agent_drbg, drbg_bytes(), noted->bytes, noted->length);
}

void rki_zeroise_twin_secrets(const struct rki_zeroise_twin *twin, struct rk_zeroise_set *set)
{
    rk_zeroise_set_init(set);
    rk_zeroise_add_public(set, twin->frame, twin->frames_bytes);
    for (unsigned i = 0; i < twin->notes; i++) {
        const struct note *noted = &twin->note[i];
        rk_zeroise_add(set, noted->what, noted->bytes, noted->length,
                       is_live(twin, noted) ? RK_ZEROISE_LIVE : RK_ZEROISE_DEAD);
        if (strcmp(noted->what, "AEAD key") == 0 && noted->length == 16) {
            rk_zeroise_add_aes(set, noted->what, noted->bytes, noted->length);
        } else if (strcmp(noted->what, "HKDF PRK") == 0 || strcmp(noted->what, "MAC key") == 0) {
            rk_zeroise_add_hmac(set, noted->what, noted->bytes, noted->length, true);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (twin->agent.key[i].id != 0 && twin->agent.key[i].state != RK_STATE_DESTROYED) {
            rk_zeroise_add(set, "live key", twin->agent.key[i].material, RK_KEY_MAX_bytes, RK_ZEROISE_LIVE);
        }
    }
    rk_zeroise_add(set, "generator", (const uint8_t *)twin->agent_drbg, drbg_bytes(), RK_ZEROISE_LIVE);
    rk_zeroise_add(set, "exchange secret", twin->agent.exchange.secret, sizeof twin->agent.exchange.secret,
                   RK_ZEROISE_LIVE);
}
