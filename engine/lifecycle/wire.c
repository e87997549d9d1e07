#include "engine/lifecycle/wire.h"

#include "engine/lifecycle/internal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "integers cross the wire as they lie in memory");

/* Bytes from one field of a struct to another, both included. Within a run no ABI that we build for has padding: what
 * is checked below for the compiler at hand. */
#define SIZE(type, field)      sizeof(((struct type *)0)->field)
#define RUN(type, first, last) (offsetof(struct type, last) + SIZE(type, last) - offsetof(struct type, first))

enum {
    CONFIG_bytes = RUN(rk_agent_config, device_id, pair_checks),
    POLICY_KIND_bytes = RUN(rk_policy, triggers, attempts),
    POLICY_LIMITS_bytes = RUN(rk_policy, messages, jitter_ppm),
    POLICY_TIMES_bytes = RUN(rk_policy, interval_ns, cryptoperiod_ns),
    OUTCOME_bytes = RUN(rk_actions, result, record_count),
    KEY_bytes = RUN(rk_key, id, compromised),
    RECORD_bytes = RUN(rk_record, time_ns, reason),
    NOW_bytes = SIZE(rk_event, now_ns),
};
_Static_assert(1 + (int)CONFIG_bytes + (int)POLICY_KIND_bytes + (int)POLICY_LIMITS_bytes + (int)POLICY_TIMES_bytes +
                       (int)sizeof(struct rk_provision) ==
                   (int)RK_WIRE_INIT_bytes,
               "a configuration has no padding within its runs");
_Static_assert((int)OUTCOME_bytes == 9 && (int)RECORD_bytes == 15 && (int)KEY_bytes == 16, "nor have the others");

/* A place in a message, for both directions. What is beyond the message's end is read as zeros and remembered. */
struct cursor {
    uint8_t *at;
    uint16_t left;
    bool writes;
    bool failed;
};

static struct cursor writer(uint8_t *out)
{
    return (struct cursor){.at = out, .left = UINT16_MAX, .writes = true};
}

/* Reads only: what it points to is not changed. */
static struct cursor reader(const uint8_t *in, uint16_t in_bytes)
{
    return (struct cursor){.at = (uint8_t *)(uintptr_t)in, .left = in_bytes};
}

/* out: where the next bytes are, or NULL. */
/*@ requires \valid(cursor) && cursor->at != \null && \valid_read(cursor->at + (0 .. cursor->left - 1));
    requires \separated(cursor, cursor->at + (0 .. cursor->left - 1));
    terminates \true;
    assigns *cursor;
    ensures cursor->writes == \old(cursor->writes);
    ensures cursor->at + cursor->left == \old(cursor->at + cursor->left) || (cursor->failed && cursor->left == 0);
    behavior within:
      assumes bytes <= cursor->left;
      ensures \result == \old(cursor->at) && \valid_read(\result + (0 .. bytes - 1));
      ensures cursor->left == \old(cursor->left) - bytes && cursor->failed == \old(cursor->failed);
    behavior beyond:
      assumes bytes > cursor->left;
      ensures \result == \null && cursor->failed;
    complete behaviors;
    disjoint behaviors;
*/
static uint8_t *take(struct cursor *cursor, uint16_t bytes)
{
    if (cursor->left < bytes) {
        cursor->failed = true;
        cursor->left = 0;
        return NULL;
    }
    uint8_t *at = cursor->at;
    cursor->at += bytes;
    cursor->left = (uint16_t)(cursor->left - bytes);
    return at;
}

/* Writes what `value` points to, or reads it: then it is the caller's to change. */
static RKI_CALLED void pass(struct cursor *cursor, const void *value, uint16_t bytes)
{
    uint8_t *to = (uint8_t *)(uintptr_t)value;
    uint8_t *at = take(cursor, bytes);
    if (at == NULL)
        rki_zero(to, bytes);
    else if (cursor->writes)
        rki_copy(at, value, bytes);
    else
        rki_copy(to, at, bytes);
}

static bool complete(const struct cursor *cursor)
{
    return !cursor->failed && cursor->left == 0;
}

/* --- messages, each in both directions --- */

static uint8_t pass_kind(struct cursor *cursor, uint8_t kind)
{
    pass(cursor, &kind, 1);
    return kind;
}

static void pass_init(struct cursor *cursor, const struct rk_agent_config *config, const struct rk_provision *keys)
{
    pass(cursor, &config->device_id, CONFIG_bytes);
    pass(cursor, &config->policy.triggers, POLICY_KIND_bytes);
    pass(cursor, &config->policy.messages, POLICY_LIMITS_bytes);
    pass(cursor, &config->policy.interval_ns, POLICY_TIMES_bytes);
    pass(cursor, keys, sizeof *keys);
}

uint16_t rk_wire_init_encode(const struct rk_agent_config *config, const struct rk_provision *provision, uint8_t *out)
{
    struct cursor cursor = writer(out);
    pass_kind(&cursor, RK_WIRE_INIT);
    pass_init(&cursor, config, provision);
    return (uint16_t)(cursor.at - out);
}

bool rk_wire_init_decode(const uint8_t *in, uint16_t in_bytes, struct rk_agent_config *config,
                         struct rk_provision *provision)
{
    struct cursor cursor = reader(in, in_bytes);
    if (pass_kind(&cursor, 0) != RK_WIRE_INIT)
        return false;
    pass_init(&cursor, config, provision);
    return complete(&cursor);
}

static void pass_status(struct cursor *cursor, const struct rk_key *keys, const uint32_t *failed_tags)
{
    for (uint8_t slot = 0; slot < 3; slot++)
        pass(cursor, &keys[slot].id, KEY_bytes);
    pass(cursor, failed_tags, sizeof *failed_tags);
}

uint16_t rk_wire_status_encode(const struct rk_agent *agent, uint8_t *out)
{
    struct cursor cursor = writer(out);
    pass_status(&cursor, agent->key, &agent->failed_tags);
    return RK_WIRE_STATUS_bytes;
}

bool rk_wire_status_decode(const uint8_t *in, uint16_t in_bytes, struct rk_wire_status *status)
{
    struct cursor cursor = reader(in, in_bytes);
    rki_zero(status, sizeof *status);
    pass_status(&cursor, status->key, &status->failed_tags);
    return complete(&cursor);
}

static void pass_event(struct cursor *cursor, const struct rk_event *event)
{
    pass(cursor, &event->kind, 1);
    pass(cursor, &event->subject, 1);
    pass(cursor, &event->drained, 1);
    pass(cursor, &event->losses, 1);
    pass(cursor, &event->now_ns, NOW_bytes);
    pass(cursor, &event->data_bytes, sizeof event->data_bytes);
}

uint16_t rk_wire_event_encode(const struct rk_event *event, uint8_t *out)
{
    if (event->data_bytes > RK_FRAME_MAX_bytes)
        return 0;
    struct cursor cursor = writer(out);
    pass_kind(&cursor, RK_WIRE_EVENT);
    pass_event(&cursor, event);
    if (event->data_bytes > 0)
        pass(&cursor, event->data, event->data_bytes);
    return (uint16_t)(cursor.at - out);
}

bool rk_wire_event_decode(const uint8_t *in, uint16_t in_bytes, struct rk_event *event)
{
    struct cursor cursor = reader(in, in_bytes);
    if (pass_kind(&cursor, 0) != RK_WIRE_EVENT)
        return false;
    pass_event(&cursor, event);
    event->data = take(&cursor, event->data_bytes);
    return complete(&cursor) && event->kind < RK_EVENT_COUNT;
}

uint16_t rk_wire_actions_encode(const struct rk_actions *actions, uint8_t *out)
{
    struct cursor cursor = writer(out);
    pass(&cursor, &actions->timer_ns, sizeof actions->timer_ns);
    pass(&cursor, &actions->result, OUTCOME_bytes);
    for (uint8_t i = 0; i < actions->record_count; i++)
        pass(&cursor, &actions->record[i], RECORD_bytes);
    pass(&cursor, &actions->frame_bytes, sizeof actions->frame_bytes);
    pass(&cursor, actions->frame, actions->frame_bytes);
    pass(&cursor, &actions->text_bytes, sizeof actions->text_bytes);
    pass(&cursor, actions->text, actions->text_bytes);
    return (uint16_t)(cursor.at - out);
}

static bool flags_valid(const struct rk_actions *actions)
{
    return (actions->delivered | actions->awaits_reply | actions->wants_entropy | actions->renewal_started |
            actions->renewal_finished | actions->renewal_failed) <= 1;
}

static bool data_get(struct cursor *cursor, uint8_t *out, uint16_t max_bytes, uint16_t *bytes)
{
    pass(cursor, bytes, sizeof *bytes);
    if (*bytes > max_bytes)
        return false;
    pass(cursor, out, *bytes);
    return true;
}

bool rk_wire_actions_decode(const uint8_t *in, uint16_t in_bytes, struct rk_actions *actions)
{
    struct cursor cursor = reader(in, in_bytes);
    pass(&cursor, &actions->timer_ns, sizeof actions->timer_ns);
    pass(&cursor, &actions->result, OUTCOME_bytes);
    if (actions->record_count > RK_RECORDS_MAX || !flags_valid(actions))
        return false;
    for (uint8_t i = 0; i < actions->record_count; i++)
        pass(&cursor, &actions->record[i], RECORD_bytes);
    return data_get(&cursor, actions->frame, RK_FRAME_MAX_bytes, &actions->frame_bytes) &&
           data_get(&cursor, actions->text, RK_TEXT_MAX_bytes, &actions->text_bytes) && complete(&cursor);
}
