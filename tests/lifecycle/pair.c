#include "tests/lifecycle/pair.h"

#include <stdio.h>
#include <string.h>

#include "engine/lifecycle/pair.h"
#include "tests/lifecycle/double.h"

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    const struct pair *pair = context;
    if (address + bytes > RK_NVM_AGENT_bytes)
        return -1;
    memcpy(out, pair->image + address, bytes);
    return 0;
}

static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct pair *pair = context;
    if (address + bytes > RK_NVM_AGENT_bytes)
        return -1;
    for (uint16_t i = 0; i < bytes; i++) {
        if (pair->nvm_bytes == pair->cut_at)
            pair->powered = false;
        if (!pair->powered)
            return -1;
        pair->image[address + i] = ((const uint8_t *)in)[i];
        pair->nvm_bytes++;
    }
    return 0;
}

void pair_init(struct pair *pair, const struct rk_backend *backend, uint8_t mechanism, uint8_t aead, uint8_t curve)
{
    memset(pair, 0, sizeof *pair);
    pair->backend = *backend;
    pair->config = (struct rk_agent_config){.device_id = 7, .aead = aead, .tag_bytes = 16, .curve = curve};
    pair->config.policy = (struct rk_policy){
        .triggers = RK_TRIGGER_INTERVAL,
        .mechanism = mechanism,
        .attempts = 3,
        .interval_ns = 1000 * SECOND_ns,
        .retry_ns = 2 * SECOND_ns,
        .overlap_ns = 10 * SECOND_ns,
        .cryptoperiod_ns = 5000 * SECOND_ns,
    };
    memset(pair->provision.authentication_key, 0xA1, 32);
    memset(pair->provision.master_key, 0xB2, 32);
    memset(pair->provision.kek, 0xC3, 16);
    memset(pair->provision.storage_key, 0xD4, 32);
    memset(pair->image, 0xFF, sizeof pair->image);
    pair->nvm = (struct rk_nvm){.context = pair, .read = nvm_read, .write = nvm_write};
    pair->cut_at = -1;
    pair->powered = true;
    pair->lose = pair->repeat = pair->hold = PAIR_NO_FRAME;
    pair->timer_ns[RK_ROLE_DEVICE] = pair->timer_ns[RK_ROLE_SERVER] = RK_NEVER_ns;
    pair->now_ns = SECOND_ns;
}

/* Samples that differ, as a source's do. */
static void entropy(uint8_t out[RK_ENTROPY_bytes], uint8_t role, uint64_t boot)
{
    uint64_t state = boot * 2 + role + 1;
    for (unsigned i = 0; i < RK_ENTROPY_bytes; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        out[i] = (uint8_t)(state >> 56);
    }
}

/* The same pair of the server's each time. */
static void provision_static(struct pair *pair, struct rk_provision *provision, uint8_t role)
{
    uint64_t memory[16];
    uint8_t seed[RK_ENTROPY_bytes];
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    struct rk_provision other;
    bool device = role == RK_ROLE_DEVICE;
    entropy(seed, RK_ROLE_SERVER, 0);
    pair->backend.drbg_init(drbg, pair->backend.drbg_alg, seed);
    rk_pair_provision(&pair->backend, pair->config.curve, drbg, device ? provision : &other,
                      device ? &other : provision);
}

static void party_start(struct pair *pair, uint8_t role)
{
    uint8_t seed[RK_ENTROPY_bytes];
    bool device = role == RK_ROLE_DEVICE;
    struct rk_agent_config config = pair->config;
    config.role = role;
    void *drbg = device ? pair->drbg_device : pair->drbg_server;
    struct rk_provision provision = pair->provision;
    if (config.policy.mechanism == RK_MECHANISM_STATIC)
        provision_static(pair, &provision, role);
    entropy(seed, role, pair->now_ns + (uint64_t)pair->nvm_bytes);
    rk_agent_init(device ? &pair->device : &pair->server, &config, &pair->backend, drbg, device ? &pair->nvm : NULL,
                  &provision);
    pair_event(pair, role, RK_EVENT_START, seed, sizeof seed);
}

void pair_start(struct pair *pair)
{
    party_start(pair, RK_ROLE_SERVER);
    party_start(pair, RK_ROLE_DEVICE);
}

void pair_reboot(struct pair *pair)
{
    pair->powered = true;
    pair->cut_at = -1;
    pair->queued = 0;
    memset(&pair->device, 0xEE, sizeof pair->device);
    memset(pair->drbg_device, 0xEE, sizeof pair->drbg_device);
    party_start(pair, RK_ROLE_DEVICE);
}

static void trace(struct pair *pair, uint8_t role)
{
    for (int i = 0; i < pair->actions.record_count; i++) {
        const struct rk_record *record = &pair->actions.record[i];
        size_t room = sizeof pair->trace - pair->trace_bytes;
        int written =
            snprintf(pair->trace + pair->trace_bytes, room, "%llu %s %lu %s>%s %s\n",
                     (unsigned long long)(record->time_ns / SECOND_ns), role == RK_ROLE_DEVICE ? "device" : "server",
                     (unsigned long)record->key_id, rk_key_state_name(record->from), rk_key_state_name(record->to),
                     rk_reason_name(record->reason));
        if (written > 0 && (size_t)written < room)
            pair->trace_bytes += (size_t)written;
    }
}

static void enqueue(struct pair *pair, const struct pair_frame *frame)
{
    if (pair->queued < PAIR_QUEUE_MAX)
        pair->queue[pair->queued++] = *frame;
}

static void carry(struct pair *pair, uint8_t from)
{
    struct pair_frame frame = {.to = from ^ 1, .bytes = pair->actions.frame_bytes};
    memcpy(frame.data, pair->actions.frame, frame.bytes);
    pair->last[pair->actions.frame_kind] = frame;
    int number = pair->frames++;
    if (pair->lose_all || number == pair->lose)
        return;
    if (number == pair->hold) {
        pair->held = frame;
        pair->holding = true;
        return;
    }
    enqueue(pair, &frame);
    if (number == pair->repeat)
        enqueue(pair, &frame);
    if (pair->holding) {
        enqueue(pair, &pair->held);
        pair->holding = false;
    }
}

static int step(struct pair *pair, uint8_t role, uint8_t kind, const void *data, uint16_t bytes)
{
    struct rk_event event = {
        .now_ns = pair->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    bool device = role == RK_ROLE_DEVICE;
    if (device && !pair->powered)
        return RK_AGENT_FAILED;
    rk_agent_step(device ? &pair->device : &pair->server, &event, &pair->actions);
    if (device && !pair->powered) {
        pair->timer_ns[role] = RK_NEVER_ns;
        return RK_AGENT_FAILED;
    }
    trace(pair, role);
    pair->timer_ns[role] = pair->actions.timer_ns;
    pair->delivered[role] += pair->actions.delivered;
    if (device)
        pair->failed += pair->actions.renewal_failed;
    if (pair->actions.frame_bytes > 0)
        carry(pair, role);
    return pair->actions.result;
}

static void deliver_all(struct pair *pair)
{
    while (pair->queued > 0) {
        struct pair_frame frame = pair->queue[0];
        pair->queued--;
        memmove(pair->queue, pair->queue + 1, (size_t)pair->queued * sizeof frame);
        step(pair, frame.to, RK_EVENT_RECEIVE, frame.data, frame.bytes);
    }
}

int pair_event(struct pair *pair, uint8_t role, uint8_t kind, const void *data, uint16_t bytes)
{
    int result = step(pair, role, kind, data, bytes);
    deliver_all(pair);
    return result;
}

int pair_send(struct pair *pair, uint8_t role, const char *text)
{
    return pair_event(pair, role, RK_EVENT_SEND, text, (uint16_t)strlen(text));
}

int pair_inject(struct pair *pair, const struct pair_frame *frame)
{
    return pair_event(pair, frame->to, RK_EVENT_RECEIVE, frame->data, frame->bytes);
}

void pair_run(struct pair *pair, uint64_t until_ns)
{
    for (;;) {
        uint8_t role =
            pair->timer_ns[RK_ROLE_SERVER] < pair->timer_ns[RK_ROLE_DEVICE] ? RK_ROLE_SERVER : RK_ROLE_DEVICE;
        uint64_t at_ns = pair->timer_ns[role];
        if (at_ns > until_ns || at_ns == RK_NEVER_ns)
            break;
        pair->now_ns = at_ns > pair->now_ns ? at_ns : pair->now_ns;
        pair_event(pair, role, RK_EVENT_TIMER, NULL, 0);
    }
    pair->now_ns = until_ns > pair->now_ns ? until_ns : pair->now_ns;
}

bool pair_contains(const void *memory, size_t memory_bytes, const uint8_t *needle, size_t bytes)
{
    for (size_t at = 0; at + bytes <= memory_bytes; at++)
        if (memcmp((const uint8_t *)memory + at, needle, bytes) == 0)
            return true;
    return false;
}
