#include "engine/lifecycle/wire.h"

#include "engine/lifecycle/internal.h"

/* A cursor over bytes. A read past the end yields zeros and is remembered. */
struct reader {
    const uint8_t *at;
    uint16_t left;
    bool failed;
};

static void put_bytes(uint8_t **at, const uint8_t *in, uint16_t bytes)
{
    rki_copy(*at, in, bytes);
    *at += bytes;
}

static void put8(uint8_t **at, uint8_t value)
{
    *(*at)++ = value;
}

static void put16(uint8_t **at, uint16_t value)
{
    put8(at, (uint8_t)value);
    put8(at, (uint8_t)(value >> 8));
}

static void put32(uint8_t **at, uint32_t value)
{
    rki_put32(*at, value);
    *at += 4;
}

static void put64(uint8_t **at, uint64_t value)
{
    rki_put64(*at, value);
    *at += 8;
}

/* out: where the next bytes are, or NULL. */
static const uint8_t *take(struct reader *reader, uint16_t bytes)
{
    if (reader->left < bytes) {
        reader->failed = true;
        reader->left = 0;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += bytes;
    reader->left = (uint16_t)(reader->left - bytes);
    return at;
}

static void get_bytes(struct reader *reader, uint8_t *out, uint16_t bytes)
{
    const uint8_t *at = take(reader, bytes);
    if (at != NULL)
        rki_copy(out, at, bytes);
    else
        rki_zero(out, bytes);
}

static uint8_t get8(struct reader *reader)
{
    const uint8_t *at = take(reader, 1);
    return at != NULL ? at[0] : 0;
}

static uint16_t get16(struct reader *reader)
{
    const uint8_t *at = take(reader, 2);
    return at != NULL ? (uint16_t)(at[0] | (uint16_t)at[1] << 8) : 0;
}

static uint32_t get32(struct reader *reader)
{
    const uint8_t *at = take(reader, 4);
    return at != NULL ? rki_get32(at) : 0;
}

static uint64_t get64(struct reader *reader)
{
    const uint8_t *at = take(reader, 8);
    return at != NULL ? rki_get64(at) : 0;
}

static bool complete(const struct reader *reader)
{
    return !reader->failed && reader->left == 0;
}

static void policy_put(uint8_t **at, const struct rk_policy *policy)
{
    put8(at, policy->triggers);
    put8(at, policy->mechanism);
    put8(at, policy->attempts);
    put32(at, policy->messages);
    put32(at, policy->messages_max);
    put32(at, policy->failed_max);
    put32(at, policy->jitter_ppm);
    put64(at, policy->interval_ns);
    put64(at, policy->retry_ns);
    put64(at, policy->overlap_ns);
    put64(at, policy->cryptoperiod_ns);
}

static void policy_get(struct reader *reader, struct rk_policy *policy)
{
    policy->triggers = get8(reader);
    policy->mechanism = get8(reader);
    policy->attempts = get8(reader);
    policy->messages = get32(reader);
    policy->messages_max = get32(reader);
    policy->failed_max = get32(reader);
    policy->jitter_ppm = get32(reader);
    policy->interval_ns = get64(reader);
    policy->retry_ns = get64(reader);
    policy->overlap_ns = get64(reader);
    policy->cryptoperiod_ns = get64(reader);
}

uint16_t rk_wire_init_encode(const struct rk_agent_config *config, const struct rk_provision *provision, uint8_t *out)
{
    uint8_t *at = out;
    put8(&at, RK_WIRE_INIT);
    put32(&at, config->device_id);
    put8(&at, config->role);
    put8(&at, config->aead);
    put8(&at, config->tag_bytes);
    put8(&at, config->curve);
    put8(&at, config->profile);
    policy_put(&at, &config->policy);
    put_bytes(&at, provision->authentication_key, sizeof provision->authentication_key);
    put_bytes(&at, provision->master_key, sizeof provision->master_key);
    put_bytes(&at, provision->kek, sizeof provision->kek);
    put_bytes(&at, provision->storage_key, sizeof provision->storage_key);
    put_bytes(&at, provision->backup_key, sizeof provision->backup_key);
    return (uint16_t)(at - out);
}

bool rk_wire_init_decode(const uint8_t *in, uint16_t in_bytes, struct rk_agent_config *config,
                         struct rk_provision *provision)
{
    struct reader reader = {.at = in, .left = in_bytes};
    if (get8(&reader) != RK_WIRE_INIT)
        return false;
    config->device_id = get32(&reader);
    config->role = get8(&reader);
    config->aead = get8(&reader);
    config->tag_bytes = get8(&reader);
    config->curve = get8(&reader);
    config->profile = get8(&reader);
    policy_get(&reader, &config->policy);
    get_bytes(&reader, provision->authentication_key, sizeof provision->authentication_key);
    get_bytes(&reader, provision->master_key, sizeof provision->master_key);
    get_bytes(&reader, provision->kek, sizeof provision->kek);
    get_bytes(&reader, provision->storage_key, sizeof provision->storage_key);
    get_bytes(&reader, provision->backup_key, sizeof provision->backup_key);
    return complete(&reader);
}

uint16_t rk_wire_event_encode(const struct rk_event *event, uint8_t *out)
{
    if (event->data_bytes > RK_FRAME_MAX_bytes)
        return 0;
    uint8_t *at = out;
    put8(&at, RK_WIRE_EVENT);
    put8(&at, event->kind);
    put8(&at, event->subject);
    put64(&at, event->now_ns);
    put16(&at, event->data_bytes);
    if (event->data_bytes > 0)
        put_bytes(&at, event->data, event->data_bytes);
    return (uint16_t)(at - out);
}

bool rk_wire_event_decode(const uint8_t *in, uint16_t in_bytes, struct rk_event *event)
{
    struct reader reader = {.at = in, .left = in_bytes};
    if (get8(&reader) != RK_WIRE_EVENT)
        return false;
    event->kind = get8(&reader);
    event->subject = get8(&reader);
    event->now_ns = get64(&reader);
    event->data_bytes = get16(&reader);
    event->data = take(&reader, event->data_bytes);
    return complete(&reader) && event->kind < RK_EVENT_COUNT;
}

enum { DELIVERED = 1, AWAITS_REPLY = 2, STARTED = 4, FINISHED = 8, FAILED = 16, FLAGS_ALL = 31 };

static uint8_t flags_of(const struct rk_actions *actions)
{
    uint8_t flags = 0;
    flags |= actions->delivered ? DELIVERED : 0;
    flags |= actions->awaits_reply ? AWAITS_REPLY : 0;
    flags |= actions->renewal_started ? STARTED : 0;
    flags |= actions->renewal_finished ? FINISHED : 0;
    flags |= actions->renewal_failed ? FAILED : 0;
    return flags;
}

uint16_t rk_wire_actions_encode(const struct rk_actions *actions, uint8_t *out)
{
    uint8_t *at = out;
    put64(&at, actions->timer_ns);
    put8(&at, (uint8_t)actions->result);
    put8(&at, actions->frame_kind);
    put8(&at, flags_of(actions));
    put8(&at, actions->record_count);
    for (uint8_t i = 0; i < actions->record_count; i++) {
        const struct rk_record *record = &actions->record[i];
        put64(&at, record->time_ns);
        put32(&at, record->key_id);
        put8(&at, record->from);
        put8(&at, record->to);
        put8(&at, record->reason);
    }
    put16(&at, actions->frame_bytes);
    put_bytes(&at, actions->frame, actions->frame_bytes);
    put16(&at, actions->text_bytes);
    put_bytes(&at, actions->text, actions->text_bytes);
    return (uint16_t)(at - out);
}

static void record_get(struct reader *reader, struct rk_record *record)
{
    record->time_ns = get64(reader);
    record->key_id = get32(reader);
    record->from = get8(reader);
    record->to = get8(reader);
    record->reason = get8(reader);
}

static bool data_get(struct reader *reader, uint8_t *out, uint16_t max_bytes, uint16_t *bytes)
{
    *bytes = get16(reader);
    if (*bytes > max_bytes)
        return false;
    get_bytes(reader, out, *bytes);
    return true;
}

bool rk_wire_actions_decode(const uint8_t *in, uint16_t in_bytes, struct rk_actions *actions)
{
    struct reader reader = {.at = in, .left = in_bytes};
    actions->timer_ns = get64(&reader);
    actions->result = (int8_t)get8(&reader);
    actions->frame_kind = get8(&reader);
    uint8_t flags = get8(&reader);
    actions->delivered = (flags & DELIVERED) != 0;
    actions->awaits_reply = (flags & AWAITS_REPLY) != 0;
    actions->renewal_started = (flags & STARTED) != 0;
    actions->renewal_finished = (flags & FINISHED) != 0;
    actions->renewal_failed = (flags & FAILED) != 0;
    actions->record_count = get8(&reader);
    if (actions->record_count > RK_RECORDS_MAX || (flags & ~FLAGS_ALL) != 0)
        return false;
    for (uint8_t i = 0; i < actions->record_count; i++)
        record_get(&reader, &actions->record[i]);
    return data_get(&reader, actions->frame, RK_FRAME_MAX_bytes, &actions->frame_bytes) &&
           data_get(&reader, actions->text, RK_TEXT_MAX_bytes, &actions->text_bytes) && complete(&reader);
}
