#include "bench/audit/pair.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"
#include "engine/core/rng.h"

enum { SPINS_max = 1000 };

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    const struct rk_pair *pair = context;
    if (address + bytes > sizeof pair->image) {
        return -1;
    }
    memcpy(out, pair->image + address, bytes);
    return 0;
}

static void note_store(struct rk_pair *pair, uint32_t address, uint16_t bytes, bool erase)
{
    struct rk_log_entry *entry = rk_log_add(&pair->log, pair->now_ns, RK_ROLE_DEVICE, RK_LOG_STORE);
    entry->store.address = address;
    entry->store.bytes = bytes;
    entry->store.erase = erase;
}

/* Flash only clears bits; EEPROM rewrites. */
static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct rk_pair *pair = context;
    const uint8_t *from = in;
    if (address + bytes > sizeof pair->image) {
        return -1;
    }
    for (uint16_t i = 0; i < bytes; i++) {
        uint8_t *cell = &pair->image[address + i];
        *cell = pair->nvm.erase_bytes != 0 ? (uint8_t)(*cell & from[i]) : from[i];
    }
    pair->nvm_written_bytes += bytes;
    note_store(pair, address, bytes, false);
    return 0;
}

static int nvm_erase(void *context, uint32_t address)
{
    struct rk_pair *pair = context;
    uint32_t block = address - address % pair->nvm.erase_bytes;
    if (block + pair->nvm.erase_bytes > sizeof pair->image) {
        return -1;
    }
    memset(pair->image + block, 0xff, pair->nvm.erase_bytes);
    note_store(pair, block, pair->nvm.erase_bytes, true);
    return 0;
}

/* Bytes that follow from (seed, device, first draw). */
static void draw(const struct rk_pair *pair, uint64_t first, void *out, size_t bytes)
{
    struct rk_rng_key key = rk_rng_key_make(pair->seed, 0);
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++) {
        uint64_t word = rk_rng_draw(&key, pair->config.device_id, RK_RNG_ENTROPY, first + i / 8);
        to[i] = (uint8_t)(word >> (8 * (i % 8)));
    }
}

static void name_key(struct rk_pair *pair, const char *name, const uint8_t *key, uint16_t bytes)
{
    int value = rk_log_value(&pair->log, RK_VALUE_PROVISIONED, RK_ROLE_DEVICE, key, bytes);
    pair->log.value[value].name = name;
    pair->log.value[value].entry = SIZE_MAX;
}

static void provision(struct rk_pair *pair)
{
    struct rk_provision *keys = &pair->provision[RK_ROLE_DEVICE];
    draw(pair, 1u << 20, keys, sizeof *keys);
    pair->provision[RK_ROLE_SERVER] = *keys;
    name_key(pair, "authentication key", keys->authentication_key, sizeof keys->authentication_key);
    name_key(pair, "master key", keys->master_key, sizeof keys->master_key);
    name_key(pair, "key-wrapping key", keys->kek, sizeof keys->kek);
    name_key(pair, "storage key", keys->storage_key, sizeof keys->storage_key);
    name_key(pair, "backup key", keys->backup_key, sizeof keys->backup_key);
}

void rk_pair_init(struct rk_pair *pair, const struct rk_backend *backend, const struct rk_agent_config *config,
                  uint16_t erase_bytes, uint64_t seed)
{
    memset(pair, 0, sizeof *pair);
    rk_log_init(&pair->log);
    rk_witness_init(&pair->witness, backend, &pair->log);
    RK_REQUIRE(backend->drbg_bytes <= sizeof pair->drbg[0]);
    RK_REQUIRE(2u * erase_bytes <= sizeof pair->image);
    pair->config = *config;
    pair->seed = seed;
    pair->nvm = (struct rk_nvm){.context = pair,
                                .erase_bytes = erase_bytes,
                                .erase = erase_bytes != 0 ? nvm_erase : NULL,
                                .read = nvm_read,
                                .write = nvm_write};
    memset(pair->image, 0xff, sizeof pair->image);
    pair->timer_ns[RK_ROLE_DEVICE] = pair->timer_ns[RK_ROLE_SERVER] = RK_NEVER_ns;
    pair->now_ns = 1000000000;
    pair->lose_kind = RK_PAIR_NO_FRAME;
    provision(pair);
}

void rk_pair_fini(struct rk_pair *pair)
{
    rk_log_fini(&pair->log);
}

static void carry(struct rk_pair *pair, uint8_t from)
{
    const struct rk_actions *actions = &pair->actions;
    struct rk_log *log = &pair->log;
    bool lost = pair->lose_all || pair->lose_kind == actions->frame_kind;
    if (pair->lose_kind == actions->frame_kind) {
        pair->lose_kind = RK_PAIR_NO_FRAME;
    }
    if (log->frames == log->frames_room) {
        log->frames_room = log->frames_room == 0 ? 64 : 2 * log->frames_room;
        log->frame = realloc(log->frame, log->frames_room * sizeof *log->frame);
        RK_REQUIRE(log->frame != NULL);
    }
    struct rk_log_frame *frame = &log->frame[log->frames];
    *frame = (struct rk_log_frame){.time_ns = pair->now_ns,
                                   .from = from,
                                   .kind = actions->frame_kind,
                                   .lost = lost,
                                   .bytes = actions->frame_bytes};
    memcpy(frame->data, actions->frame, actions->frame_bytes);
    rk_log_add(log, pair->now_ns, from, RK_LOG_FRAME)->frame.number = (uint32_t)log->frames++;
    /* A backup goes to the backup device, not to the peer. */
    if (lost || actions->frame_kind == RK_FRAME_BACKUP || pair->queued == RK_PAIR_QUEUE_max) {
        return;
    }
    pair->queue[pair->queued].to = from ^ 1;
    pair->queue[pair->queued].bytes = actions->frame_bytes;
    memcpy(pair->queue[pair->queued++].data, actions->frame, actions->frame_bytes);
}

static void note_result(struct rk_pair *pair, uint8_t role, const struct rk_event *event)
{
    const struct rk_actions *actions = &pair->actions;
    for (unsigned i = 0; i < actions->record_count; i++) {
        rk_log_add(&pair->log, pair->now_ns, role, RK_LOG_RECORD)->record = actions->record[i];
    }
    struct rk_log_entry *entry = rk_log_add(&pair->log, pair->now_ns, role, RK_LOG_RESULT);
    entry->event.kind = event->kind;
    entry->event.subject = event->subject;
    entry->event.result = actions->result;
    entry->event.delivered = actions->delivered;
    pair->delivered[role] += actions->delivered;
    if (role == RK_ROLE_DEVICE) {
        pair->finished += actions->renewal_finished;
        pair->failed += actions->renewal_failed;
    }
}

static int step(struct rk_pair *pair, uint8_t role, const struct rk_event *event)
{
    struct rk_witness *before = rk_witness_use(&pair->witness);
    pair->witness.now_ns = pair->now_ns;
    pair->witness.party = role;
    struct rk_log_entry *entry = rk_log_add(&pair->log, pair->now_ns, role, RK_LOG_EVENT);
    entry->event.kind = event->kind;
    entry->event.subject = event->subject;
    rk_agent_step(&pair->agent[role], event, &pair->actions);
    rk_witness_use(before);
    note_result(pair, role, event);
    pair->timer_ns[role] = pair->actions.timer_ns;
    if (pair->actions.frame_bytes > 0) {
        carry(pair, role);
    }
    return pair->actions.result;
}

static void deliver_all(struct rk_pair *pair)
{
    while (pair->queued > 0) {
        uint8_t to = pair->queue[0].to;
        uint16_t bytes = pair->queue[0].bytes;
        uint8_t data[RK_FRAME_MAX_bytes];
        memcpy(data, pair->queue[0].data, bytes);
        pair->queued--;
        memmove(pair->queue, pair->queue + 1, pair->queued * sizeof pair->queue[0]);
        const struct rk_event event = {.now_ns = pair->now_ns,
                                       .data = data,
                                       .data_bytes = bytes,
                                       .kind = RK_EVENT_RECEIVE,
                                       .subject = RK_SUBJECT_SYSTEM};
        step(pair, to, &event);
    }
}

int rk_pair_ask(struct rk_pair *pair, uint8_t role, uint8_t kind, uint8_t subject, const void *data, uint16_t bytes)
{
    const struct rk_event event = {
        .now_ns = pair->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = subject};
    int result = step(pair, role, &event);
    deliver_all(pair);
    return result;
}

int rk_pair_event(struct rk_pair *pair, uint8_t role, uint8_t kind, const void *data, uint16_t bytes)
{
    return rk_pair_ask(pair, role, kind, rk_access_subject(kind), data, bytes);
}

int rk_pair_send(struct rk_pair *pair, uint8_t role, uint16_t bytes)
{
    uint8_t text[RK_TEXT_MAX_bytes];
    for (uint16_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(i ^ pair->sent[role] >> (i % 4 * 8));
    }
    int result = rk_pair_event(pair, role, RK_EVENT_SEND, text, bytes < sizeof text ? bytes : sizeof text);
    pair->sent[role] += result == RK_AGENT_OK;
    pair->refused[role] += result != RK_AGENT_OK;
    return result;
}

static int party_start(struct rk_pair *pair, uint8_t role)
{
    enum { ENTROPY_DRAWS = 8 };
    struct rk_agent_config config = pair->config;
    config.role = role;
    enum rk_agent_result result =
        rk_agent_init(&pair->agent[role], &config, &pair->witness.backend, (struct rk_drbg *)pair->drbg[role],
                      role == RK_ROLE_DEVICE ? &pair->nvm : NULL, &pair->provision[role]);
    if (result != RK_AGENT_OK) {
        return result;
    }
    uint8_t entropy[RK_ENTROPY_bytes];
    draw(pair, ENTROPY_DRAWS * pair->boots++, entropy, sizeof entropy);
    return rk_pair_event(pair, role, RK_EVENT_START, entropy, sizeof entropy);
}

int rk_pair_start(struct rk_pair *pair)
{
    int result = party_start(pair, RK_ROLE_SERVER);
    return result != RK_AGENT_OK ? result : party_start(pair, RK_ROLE_DEVICE);
}

int rk_pair_restart(struct rk_pair *pair)
{
    pair->queued = 0;
    memset(&pair->agent[RK_ROLE_DEVICE], 0xEE, sizeof pair->agent[RK_ROLE_DEVICE]);
    memset(pair->drbg[RK_ROLE_DEVICE], 0xEE, sizeof pair->drbg[RK_ROLE_DEVICE]);
    return party_start(pair, RK_ROLE_DEVICE);
}

/* Fires the next timer if it is due by until_ns. */
static bool fire(struct rk_pair *pair, uint64_t until_ns)
{
    const uint64_t *timer_ns = pair->timer_ns;
    uint8_t role = timer_ns[RK_ROLE_SERVER] < timer_ns[RK_ROLE_DEVICE] ? RK_ROLE_SERVER : RK_ROLE_DEVICE;
    uint64_t at_ns = timer_ns[role];
    if (at_ns > until_ns || at_ns == RK_NEVER_ns || pair->spins > SPINS_max) {
        return false;
    }
    pair->spins = at_ns > pair->now_ns ? 0 : pair->spins + 1;
    pair->now_ns = at_ns > pair->now_ns ? at_ns : pair->now_ns;
    rk_pair_event(pair, role, RK_EVENT_TIMER, NULL, 0);
    return true;
}

void rk_pair_run(struct rk_pair *pair, uint64_t until_ns)
{
    while (fire(pair, until_ns)) {
    }
    pair->now_ns = until_ns > pair->now_ns ? until_ns : pair->now_ns;
}

bool rk_pair_run_renewals(struct rk_pair *pair, unsigned renewals, uint64_t until_ns)
{
    uint32_t wanted = pair->finished + renewals;
    while (pair->finished < wanted) {
        if (!fire(pair, until_ns)) {
            return false;
        }
    }
    return true;
}

const struct rk_key *rk_pair_key(const struct rk_pair *pair, uint8_t role)
{
    return rk_agent_active(&pair->agent[role]);
}
