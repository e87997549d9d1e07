#include "bench/audit/duo.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"
#include "engine/core/rng.h"
#include "engine/lifecycle/pair.h"

enum { SPINS_max = 1000 };

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    const struct rk_duo *duo = context;
    if (address + bytes > sizeof duo->image) {
        return -1;
    }
    memcpy(out, duo->image + address, bytes);
    return 0;
}

/* What stands in NVM now: flash keeps bits that a write did not clear. */
static void note_store(struct rk_duo *duo, uint32_t address, uint16_t bytes, bool erase)
{
    size_t at = 0;
    int leak = rk_log_leak(&duo->log, duo->image + address, bytes, &at);
    struct rk_log_entry *entry = rk_log_add(&duo->log, duo->now_ns, RK_ROLE_DEVICE, RK_LOG_STORE);
    entry->store.address = address;
    entry->store.bytes = bytes;
    entry->store.erase = erase;
    entry->store.leak = leak;
    entry->store.leak_at = (uint16_t)at;
}

/* Flash only clears bits; EEPROM rewrites. */
static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct rk_duo *duo = context;
    const uint8_t *from = in;
    if (address + bytes > sizeof duo->image) {
        return -1;
    }
    for (uint16_t i = 0; i < bytes; i++) {
        uint8_t *cell = &duo->image[address + i];
        *cell = duo->nvm.erase_bytes != 0 ? (uint8_t)(*cell & from[i]) : from[i];
    }
    duo->nvm_written_bytes += bytes;
    note_store(duo, address, bytes, false);
    return 0;
}

static int nvm_erase(void *context, uint32_t address)
{
    struct rk_duo *duo = context;
    uint32_t block = address - address % duo->nvm.erase_bytes;
    if (block + duo->nvm.erase_bytes > sizeof duo->image) {
        return -1;
    }
    memset(duo->image + block, 0xff, duo->nvm.erase_bytes);
    note_store(duo, block, duo->nvm.erase_bytes, true);
    return 0;
}

/* Bytes that follow from (seed, device, first draw). */
static void draw(const struct rk_duo *duo, uint64_t first, void *out, size_t bytes)
{
    struct rk_rng_key key = rk_rng_key_make(duo->seed, 0);
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        uint64_t word = rk_rng_draw(&key, duo->config.device_id, RK_RNG_ENTROPY, first + i / 8);
        to[i] = (uint8_t)(word >> (8 * (i % 8)));
    }
}

static void name_key(struct rk_duo *duo, const char *name, const uint8_t *key, uint16_t bytes)
{
    int value = rk_log_value(&duo->log, RK_VALUE_PROVISIONED, RK_ROLE_DEVICE, key, bytes);
    duo->log.value[value].name = name;
    duo->log.value[value].entry = SIZE_MAX;
}

/* The server's static pair, where the mechanism has one; made with the server's memory for a generator. */
static void provision_pair(struct rk_duo *duo, const struct rk_backend *backend)
{
    struct rk_drbg *drbg = (struct rk_drbg *)duo->drbg[RK_ROLE_SERVER];
    uint8_t entropy[RK_ENTROPY_bytes];
    draw(duo, 1u << 21, entropy, sizeof entropy);
    if (backend->drbg_init(drbg, backend->drbg_alg, entropy) == RK_CRYPTO_OK &&
        rk_pair_provision(backend, duo->config.curve, drbg, &duo->provision[RK_ROLE_DEVICE],
                          &duo->provision[RK_ROLE_SERVER]) == RK_CRYPTO_OK) {
        name_key(duo, "server's static key", duo->provision[RK_ROLE_SERVER].static_key, RK_PRIVATE_bytes);
    }
}

static void provision(struct rk_duo *duo, const struct rk_backend *backend)
{
    struct rk_provision *keys = &duo->provision[RK_ROLE_DEVICE];
    draw(duo, 1u << 20, keys, sizeof *keys);
    duo->provision[RK_ROLE_SERVER] = *keys;
    name_key(duo, "authentication key", keys->authentication_key, sizeof keys->authentication_key);
    name_key(duo, "storage key", keys->storage_key, sizeof keys->storage_key);
    name_key(duo, "backup key", keys->backup_key, sizeof keys->backup_key);
    if (duo->config.policy.mechanism == RK_MECHANISM_STATIC) {
        provision_pair(duo, backend);
        return;
    }
    name_key(duo, "master key", keys->master_key, sizeof keys->master_key);
    name_key(duo, "key-wrapping key", keys->kek, sizeof keys->kek);
}

void rk_duo_init(struct rk_duo *duo, const struct rk_backend *backend, const struct rk_agent_config *config,
                 uint64_t erase_bytes, uint64_t seed)
{
    memset(duo, 0, sizeof *duo);
    rk_log_init(&duo->log);
    rk_witness_init(&duo->witness, backend, &duo->log);
    RK_REQUIRE(backend->drbg_bytes <= sizeof duo->drbg[0]);
    uint16_t block_bytes = erase_bytes < RK_DUO_BLOCK_max_bytes ? (uint16_t)erase_bytes : RK_DUO_BLOCK_max_bytes;
    duo->config = *config;
    duo->seed = seed;
    duo->nvm = (struct rk_nvm){.context = duo,
                               .erase_bytes = block_bytes,
                               .erase = block_bytes != 0 ? nvm_erase : NULL,
                               .read = nvm_read,
                               .write = nvm_write};
    memset(duo->image, 0xff, sizeof duo->image);
    duo->timer_ns[RK_ROLE_DEVICE] = duo->timer_ns[RK_ROLE_SERVER] = RK_NEVER_ns;
    duo->now_ns = 1000000000;
    duo->lose_kind = RK_DUO_NO_FRAME;
    provision(duo, backend);
}

void rk_duo_fini(struct rk_duo *duo)
{
    rk_log_fini(&duo->log);
}

static void carry(struct rk_duo *duo, uint8_t from)
{
    const struct rk_actions *actions = &duo->actions;
    struct rk_log *log = &duo->log;
    bool lost = duo->lose_all || duo->lose_kind == actions->frame_kind;
    if (duo->lose_kind == actions->frame_kind) {
        duo->lose_kind = RK_DUO_NO_FRAME;
    }
    if (log->frames == log->frames_room) {
        log->frames_room = log->frames_room == 0 ? 64 : 2 * log->frames_room;
        log->frame = realloc(log->frame, log->frames_room * sizeof *log->frame);
        RK_REQUIRE(log->frame != NULL);
    }
    struct rk_log_frame *frame = &log->frame[log->frames];
    size_t at = 0;
    int leak = rk_log_leak(log, actions->frame, actions->frame_bytes, &at);
    *frame = (struct rk_log_frame){.time_ns = duo->now_ns,
                                   .from = from,
                                   .kind = actions->frame_kind,
                                   .lost = lost,
                                   .leak = leak,
                                   .leak_at = (uint16_t)at,
                                   .bytes = actions->frame_bytes};
    memcpy(frame->data, actions->frame, actions->frame_bytes);
    rk_log_add(log, duo->now_ns, from, RK_LOG_FRAME)->frame.number = (uint32_t)log->frames++;
    /* A backup goes to the backup device, not to the peer. */
    if (lost || actions->frame_kind == RK_FRAME_BACKUP || duo->queued == RK_DUO_QUEUE_max) {
        return;
    }
    duo->queue[duo->queued].to = from ^ 1;
    duo->queue[duo->queued].bytes = actions->frame_bytes;
    memcpy(duo->queue[duo->queued++].data, actions->frame, actions->frame_bytes);
}

/* out: the value that the material of a key stands in. */
static int material(const struct rk_duo *duo, uint8_t role, uint32_t key_id)
{
    uint16_t bytes = duo->config.aead == RK_ALG_AES_CCM ? 16 : 32, at;
    for (unsigned i = 0; i < 3; i++) {
        const struct rk_key *key = &duo->agent[role].key[i];
        if (key->id == key_id && key->state != RK_STATE_NONE && key->state != RK_STATE_DESTROYED) {
            return rk_log_find(&duo->log, key->material, bytes, &at);
        }
    }
    return RK_NO_VALUE;
}

static void note_result(struct rk_duo *duo, uint8_t role, const struct rk_event *event)
{
    const struct rk_actions *actions = &duo->actions;
    for (unsigned i = 0; i < actions->record_count; i++) {
        struct rk_log_entry *entry = rk_log_add(&duo->log, duo->now_ns, role, RK_LOG_RECORD);
        entry->move.record = actions->record[i];
        entry->move.value = material(duo, role, actions->record[i].key_id);
    }
    struct rk_log_entry *entry = rk_log_add(&duo->log, duo->now_ns, role, RK_LOG_RESULT);
    entry->event.kind = event->kind;
    entry->event.subject = event->subject;
    entry->event.result = actions->result;
    entry->event.delivered = actions->delivered;
    duo->delivered[role] += actions->delivered;
    if (role == RK_ROLE_DEVICE) {
        duo->finished += actions->renewal_finished;
        duo->failed += actions->renewal_failed;
    }
}

static int step(struct rk_duo *duo, uint8_t role, const struct rk_event *event)
{
    struct rk_witness *before = rk_witness_use(&duo->witness);
    duo->witness.now_ns = duo->now_ns;
    duo->witness.party = role;
    struct rk_log_entry *entry = rk_log_add(&duo->log, duo->now_ns, role, RK_LOG_EVENT);
    entry->event.kind = event->kind;
    entry->event.subject = event->subject;
    rk_agent_step(&duo->agent[role], event, &duo->actions);
    rk_witness_use(before);
    note_result(duo, role, event);
    duo->timer_ns[role] = duo->actions.timer_ns;
    if (duo->actions.frame_bytes > 0) {
        carry(duo, role);
    }
    return duo->actions.result;
}

static void deliver_all(struct rk_duo *duo)
{
    while (duo->queued > 0) {
        uint8_t to = duo->queue[0].to;
        uint16_t bytes = duo->queue[0].bytes;
        uint8_t data[RK_FRAME_MAX_bytes];
        memcpy(data, duo->queue[0].data, bytes);
        duo->queued--;
        memmove(duo->queue, duo->queue + 1, duo->queued * sizeof duo->queue[0]);
        const struct rk_event event = {.now_ns = duo->now_ns,
                                       .data = data,
                                       .data_bytes = bytes,
                                       .kind = RK_EVENT_RECEIVE,
                                       .subject = RK_SUBJECT_SYSTEM};
        step(duo, to, &event);
    }
}

int rk_duo_ask(struct rk_duo *duo, uint8_t role, uint8_t kind, uint8_t subject, const void *data, uint16_t bytes)
{
    const struct rk_event event = {
        .now_ns = duo->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = subject};
    int result = step(duo, role, &event);
    deliver_all(duo);
    return result;
}

int rk_duo_event(struct rk_duo *duo, uint8_t role, uint8_t kind, const void *data, uint16_t bytes)
{
    return rk_duo_ask(duo, role, kind, rk_access_subject(kind), data, bytes);
}

void rk_duo_text(uint32_t number, uint8_t *text, uint16_t bytes)
{
    for (uint16_t i = 0; i < bytes; i++) {
        text[i] = (uint8_t)(i ^ number >> (i % 4 * 8));
    }
}

int rk_duo_send(struct rk_duo *duo, uint8_t role, uint16_t bytes)
{
    uint8_t text[RK_TEXT_MAX_bytes];
    rk_duo_text(duo->sent[role], text, sizeof text);
    int result = rk_duo_event(duo, role, RK_EVENT_SEND, text, bytes < sizeof text ? bytes : sizeof text);
    duo->sent[role] += result == RK_AGENT_OK;
    duo->refused[role] += result != RK_AGENT_OK;
    return result;
}

static int party_start_with(struct rk_duo *duo, uint8_t role, const uint8_t *samples, uint16_t samples_bytes)
{
    struct rk_agent_config config = duo->config;
    config.role = role;
    enum rk_agent_result result =
        rk_agent_init(&duo->agent[role], &config, &duo->witness.backend, (struct rk_drbg *)duo->drbg[role],
                      role == RK_ROLE_DEVICE ? &duo->nvm : NULL, &duo->provision[role]);
    return result != RK_AGENT_OK ? (int)result : rk_duo_event(duo, role, RK_EVENT_START, samples, samples_bytes);
}

static int party_start(struct rk_duo *duo, uint8_t role)
{
    enum { ENTROPY_DRAWS = 8 };
    uint8_t entropy[RK_ENTROPY_bytes];
    draw(duo, ENTROPY_DRAWS * duo->boots++, entropy, sizeof entropy);
    return party_start_with(duo, role, entropy, sizeof entropy);
}

int rk_duo_start(struct rk_duo *duo)
{
    int result = party_start(duo, RK_ROLE_SERVER);
    return result != RK_AGENT_OK ? result : party_start(duo, RK_ROLE_DEVICE);
}

static void lose_ram(struct rk_duo *duo)
{
    duo->queued = 0;
    memset(&duo->agent[RK_ROLE_DEVICE], 0xEE, sizeof duo->agent[RK_ROLE_DEVICE]);
    memset(duo->drbg[RK_ROLE_DEVICE], 0xEE, sizeof duo->drbg[RK_ROLE_DEVICE]);
}

int rk_duo_restart(struct rk_duo *duo)
{
    lose_ram(duo);
    return party_start(duo, RK_ROLE_DEVICE);
}

int rk_duo_restart_with(struct rk_duo *duo, const uint8_t *samples, uint16_t samples_bytes)
{
    lose_ram(duo);
    return party_start_with(duo, RK_ROLE_DEVICE, samples, samples_bytes);
}

/* Fires the next timer if it is due by until_ns. */
static bool fire(struct rk_duo *duo, uint64_t until_ns)
{
    const uint64_t *timer_ns = duo->timer_ns;
    uint8_t role = timer_ns[RK_ROLE_SERVER] < timer_ns[RK_ROLE_DEVICE] ? RK_ROLE_SERVER : RK_ROLE_DEVICE;
    uint64_t at_ns = timer_ns[role];
    if (at_ns > until_ns || at_ns == RK_NEVER_ns || duo->spins > SPINS_max) {
        return false;
    }
    duo->spins = at_ns > duo->now_ns ? 0 : duo->spins + 1;
    duo->now_ns = at_ns > duo->now_ns ? at_ns : duo->now_ns;
    rk_duo_event(duo, role, RK_EVENT_TIMER, NULL, 0);
    return true;
}

void rk_duo_run(struct rk_duo *duo, uint64_t until_ns)
{
    while (fire(duo, until_ns)) {
    }
    duo->now_ns = until_ns > duo->now_ns ? until_ns : duo->now_ns;
}

bool rk_duo_run_renewals(struct rk_duo *duo, unsigned renewals, uint64_t until_ns)
{
    uint32_t wanted = duo->finished + renewals;
    while (duo->finished < wanted) {
        if (!fire(duo, until_ns)) {
            return false;
        }
    }
    return true;
}

const struct rk_key *rk_duo_key(const struct rk_duo *duo, uint8_t role)
{
    return rk_agent_active(&duo->agent[role]);
}
