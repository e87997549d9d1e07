/* What goes over the wire comes back the same; what is cut, lengthened or out of range is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/wire.h"

static void fill(void *memory, size_t bytes, uint8_t from)
{
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)memory)[i] = (uint8_t)(from + i);
}

static struct rk_agent_config config_example(void)
{
    return (struct rk_agent_config){
        .device_id = 0x01020304,
        .role = 1,
        .aead = 2,
        .tag_bytes = 3,
        .curve = 4,
        .profile = 0x31,
        .entropy_bits = 0x32,
        .pair_checks = 0x33,
        .policy = {.triggers = 5,
                   .mechanism = 6,
                   .attempts = 7,
                   .messages = 0x08090A0B,
                   .messages_max = 0x34353637,
                   .failed_max = 0x38393A3B,
                   .jitter_ppm = 0x0C0D0E0F,
                   .interval_ns = 0x1011121314151617,
                   .retry_ns = 0x18191A1B1C1D1E1F,
                   .overlap_ns = 0x2021222324252627,
                   .cryptoperiod_ns = 0x28292A2B2C2D2E2F},
    };
}

static void an_init_comes_back(void **unused)
{
    (void)unused;
    struct rk_agent_config config = config_example(), config_back;
    struct rk_provision keys, keys_back;
    uint8_t message[RK_WIRE_INIT_bytes + 1];
    fill(&keys, sizeof keys, 0x40);
    assert_int_equal(rk_wire_init_encode(&config, &keys, message), RK_WIRE_INIT_bytes);
    memset(&config_back, 0, sizeof config_back);
    assert_true(rk_wire_init_decode(message, RK_WIRE_INIT_bytes, &config_back, &keys_back));
    assert_memory_equal(&keys, &keys_back, sizeof keys);
    uint8_t again[RK_WIRE_INIT_bytes];
    rk_wire_init_encode(&config_back, &keys_back, again);
    assert_memory_equal(again, message, sizeof again);
    assert_int_equal(config_back.device_id, config.device_id);
    assert_int_equal(config_back.role, config.role);
    assert_int_equal(config_back.aead, config.aead);
    assert_int_equal(config_back.tag_bytes, config.tag_bytes);
    assert_int_equal(config_back.curve, config.curve);
    assert_int_equal(config_back.profile, config.profile);
    assert_int_equal(config_back.entropy_bits, config.entropy_bits);
    assert_int_equal(config_back.pair_checks, config.pair_checks);
    assert_int_equal(config_back.policy.messages_max, config.policy.messages_max);
    assert_int_equal(config_back.policy.failed_max, config.policy.failed_max);
    assert_int_equal(config_back.policy.triggers, config.policy.triggers);
    assert_int_equal(config_back.policy.mechanism, config.policy.mechanism);
    assert_int_equal(config_back.policy.attempts, config.policy.attempts);
    assert_int_equal(config_back.policy.messages, config.policy.messages);
    assert_int_equal(config_back.policy.jitter_ppm, config.policy.jitter_ppm);
    assert_int_equal(config_back.policy.interval_ns, config.policy.interval_ns);
    assert_int_equal(config_back.policy.retry_ns, config.policy.retry_ns);
    assert_int_equal(config_back.policy.overlap_ns, config.policy.overlap_ns);
    assert_int_equal(config_back.policy.cryptoperiod_ns, config.policy.cryptoperiod_ns);
    /* In the order of the structs, little endian. */
    static const uint8_t head[] = {RK_WIRE_INIT, 4, 3, 2, 1, 1, 2, 3, 4, 0x31, 0x32, 0x33, 5, 6, 7, 0x0B, 0x0A};
    assert_memory_equal(message, head, sizeof head);
    for (uint16_t bytes = 0; bytes < RK_WIRE_INIT_bytes; bytes++)
        assert_false(rk_wire_init_decode(message, bytes, &config_back, &keys_back));
    assert_false(rk_wire_init_decode(message, RK_WIRE_INIT_bytes + 1, &config_back, &keys_back));
    message[0] = RK_WIRE_EVENT;
    assert_false(rk_wire_init_decode(message, RK_WIRE_INIT_bytes, &config_back, &keys_back));
}

static void a_status_comes_back_without_material(void **unused)
{
    (void)unused;
    static struct rk_agent agent;
    struct rk_wire_status status;
    uint8_t message[RK_WIRE_STATUS_bytes + 1];
    memset(&agent, 0xA5, sizeof agent);
    for (uint8_t slot = 0; slot < 3; slot++) {
        struct rk_key *key = &agent.key[slot];
        key->id = 0x01000000u + slot;
        key->protected_messages = 100u + slot;
        key->receive_counter = 200u + slot;
        key->state = slot;
        key->type = (uint8_t)(slot + 3);
        key->alg = (uint8_t)(slot + 6);
        key->compromised = (uint8_t)(slot + 9);
    }
    agent.failed_tags = 0x0F0E0D0C;
    assert_int_equal(rk_wire_status_encode(&agent, message), RK_WIRE_STATUS_bytes);
    assert_true(rk_wire_status_decode(message, RK_WIRE_STATUS_bytes, &status));
    for (uint8_t slot = 0; slot < 3; slot++) {
        assert_memory_equal(&status.key[slot], &agent.key[slot], offsetof(struct rk_key, activated_ns));
        assert_int_equal(status.key[slot].material[0], 0);
    }
    assert_int_equal(status.failed_tags, 0x0F0E0D0C);
    assert_null(memchr(message, 0xA5, RK_WIRE_STATUS_bytes)); /* nothing else of the agent */
    assert_false(rk_wire_status_decode(message, RK_WIRE_STATUS_bytes - 1, &status));
    assert_false(rk_wire_status_decode(message, RK_WIRE_STATUS_bytes + 1, &status));
}

static void an_event_comes_back(void **unused)
{
    (void)unused;
    uint8_t data[RK_FRAME_MAX_bytes + 1], message[RK_WIRE_EVENT_MAX_bytes + 1];
    fill(data, sizeof data, 1);
    for (uint16_t data_bytes = 0; data_bytes <= RK_FRAME_MAX_bytes; data_bytes++) {
        struct rk_event event = {.now_ns = 0x1122334455667788,
                                 .data = data,
                                 .data_bytes = data_bytes,
                                 .kind = 2,
                                 .subject = 3},
                        back;
        uint16_t bytes = rk_wire_event_encode(&event, message);
        assert_in_range(bytes, 1, RK_WIRE_EVENT_MAX_bytes);
        assert_true(rk_wire_event_decode(message, bytes, &back));
        assert_int_equal(back.now_ns, event.now_ns);
        assert_int_equal(back.kind, event.kind);
        assert_int_equal(back.subject, event.subject);
        assert_int_equal(back.data_bytes, data_bytes);
        assert_memory_equal(back.data, data, data_bytes);
        assert_false(rk_wire_event_decode(message, bytes - 1, &back));
        assert_false(rk_wire_event_decode(message, bytes + 1, &back));
    }
    struct rk_event event = {.data = data, .data_bytes = sizeof data}, back;
    assert_int_equal(rk_wire_event_encode(&event, message), 0);
    event.data_bytes = 0;
    event.kind = RK_EVENT_COUNT;
    assert_false(rk_wire_event_decode(message, rk_wire_event_encode(&event, message), &back));
}

static void actions_come_back(void **unused)
{
    (void)unused;
    struct rk_actions actions, back;
    uint8_t message[RK_WIRE_ACTIONS_MAX_bytes + 1];
    for (unsigned flag = 0; flag < 6; flag++) {
        memset(&actions, 0, sizeof actions);
        actions.timer_ns = RK_NEVER_ns - 1;
        actions.result = RK_AGENT_STALE;
        actions.frame_kind = RK_FRAME_R2;
        actions.delivered = flag == 0;
        actions.awaits_reply = flag == 1;
        actions.renewal_started = flag == 2;
        actions.renewal_finished = flag == 3;
        actions.renewal_failed = flag == 4;
        actions.wants_entropy = flag == 5;
        actions.record_count = RK_RECORDS_MAX;
        for (unsigned i = 0; i < RK_RECORDS_MAX; i++)
            actions.record[i] = (struct rk_record){.time_ns = 1ull << 40, .key_id = i, .from = 1, .to = 2, .reason = 3};
        actions.frame_bytes = RK_FRAME_MAX_bytes;
        actions.text_bytes = RK_TEXT_MAX_bytes;
        fill(actions.frame, sizeof actions.frame, 3);
        fill(actions.text, sizeof actions.text, 4);
        uint16_t bytes = rk_wire_actions_encode(&actions, message);
        assert_int_equal(bytes, RK_WIRE_ACTIONS_MAX_bytes);
        memset(&back, 0, sizeof back);
        assert_true(rk_wire_actions_decode(message, bytes, &back));
        assert_memory_equal(back.frame, actions.frame, sizeof actions.frame);
        assert_memory_equal(back.text, actions.text, sizeof actions.text);
        assert_int_equal(back.result, RK_AGENT_STALE);
        assert_int_equal(back.delivered | back.awaits_reply << 1 | back.renewal_started << 2 |
                             back.renewal_finished << 3 | back.renewal_failed << 4 | back.wants_entropy << 5,
                         1 << flag);
        assert_int_equal(back.record[7].key_id, 7);
        assert_int_equal(back.record[7].time_ns, 1ull << 40);
        assert_int_equal(back.record[7].reason, 3);
        for (uint16_t cut = 0; cut < bytes; cut++)
            assert_false(rk_wire_actions_decode(message, cut, &back));
        assert_false(rk_wire_actions_decode(message, (uint16_t)(bytes + 1), &back));
    }
    uint8_t too_many[17 + 15 * (RK_RECORDS_MAX + 1) + 2 + 2] = {0}; /* well formed but for the number of records */
    too_many[16] = RK_RECORDS_MAX + 1;
    assert_false(rk_wire_actions_decode(too_many, sizeof too_many, &back));
    uint8_t too_long[17 + 2 + RK_FRAME_MAX_bytes + 1 + 2] = {0};
    too_long[17] = RK_FRAME_MAX_bytes + 1;
    assert_false(rk_wire_actions_decode(too_long, sizeof too_long, &back));
    uint8_t least[17 + 2 + 2] = {0};
    assert_true(rk_wire_actions_decode(least, sizeof least, &back));
    least[10] = 2; /* delivered: neither 0 nor 1 */
    assert_false(rk_wire_actions_decode(least, sizeof least, &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_init_comes_back),
        cmocka_unit_test(a_status_comes_back_without_material),
        cmocka_unit_test(an_event_comes_back),
        cmocka_unit_test(actions_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
