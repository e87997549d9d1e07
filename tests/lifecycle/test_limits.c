/* Usage limits: q ends protection, v ends the key; both are followed by a renewal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

static struct pair pair;

static void fresh(uint8_t profile, uint32_t messages_max, uint32_t failed_max)
{
    double_forget();
    pair_init(&pair, &double_backend, RK_MECHANISM_ECDH, RK_ALG_AES_CCM, RK_ALG_X25519);
    pair.config.profile = profile;
    pair.config.policy.messages_max = messages_max;
    pair.config.policy.failed_max = failed_max;
}

static void start(uint8_t profile, uint32_t messages_max, uint32_t failed_max)
{
    fresh(profile, messages_max, failed_max);
    pair_start(&pair);
    pair.trace_bytes = 0;
    pair.trace[0] = '\0';
}

/* The last data frame to `role`, with another counter: its tag does not fit. */
static int forge(uint8_t role)
{
    struct pair_frame frame = {.to = role, .bytes = 9 + 4 + 16, .data = {RK_FRAME_DATA}};
    const struct rk_agent *agent = role == RK_ROLE_DEVICE ? &pair.device : &pair.server;
    rki_put32(frame.data + 1, agent->key[RKI_CURRENT].id);
    rki_put32(frame.data + 5, 1000);
    return pair_inject(&pair, &frame);
}

static void key_is(uint32_t id)
{
    assert_non_null(rk_agent_active(&pair.device));
    assert_int_equal(rk_agent_active(&pair.device)->id, id);
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_OK);
}

static void q_deactivates_and_renews_under_every_policy(void **unused)
{
    (void)unused;
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++)
        for (int never = 0; never < 2; never++) {
            fresh(profile, 3, 0);
            if (never)
                pair.config.policy.triggers = 0;
            pair_start(&pair);
            pair.trace_bytes = 0;
            for (int i = 0; i < 3; i++)
                assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_OK);
            assert_int_equal(pair.delivered[RK_ROLE_SERVER], 3); /* the last one is whole */
            assert_string_equal(pair.trace, "1 device 1 active>deactivated exhausted\n");
            assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "one more"), RK_AGENT_NO_KEY);
            assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0), RK_AGENT_NO_KEY);
            assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "still read"), RK_AGENT_OK);
            assert_int_equal(pair.delivered[RK_ROLE_DEVICE], 1);
            pair_run(&pair, pair.now_ns);
            key_is(2);
        }
}

static void q_holds_across_a_restart(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 3, 0);
    pair_send(&pair, RK_ROLE_DEVICE, "x");
    pair.lose_all = true;
    pair_reboot(&pair); /* counters reserved ahead count as used */
    for (int i = 0; i < 2; i++)
        pair_send(&pair, RK_ROLE_DEVICE, "x");
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_NO_KEY);
    assert_int_equal(double_reuse(), 0);
    pair.lose_all = false;
    pair_run(&pair, 60 * SECOND_ns);
    assert_true(rk_agent_active(&pair.device)->id > 1);
}

static void q_stops_the_server_too(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 2, 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "x"), RK_AGENT_OK);
    assert_string_equal(pair.trace, "1 server 1 active>deactivated exhausted\n");
    assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "x"), RK_AGENT_NO_KEY);
    pair_run(&pair, 1001 * SECOND_ns); /* it waits for the device */
    assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "x"), RK_AGENT_OK);
}

static void v_destroys_the_key_and_renews(void **unused)
{
    (void)unused;
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++) {
        start(profile, 0, 3);
        pair_send(&pair, RK_ROLE_SERVER, "read in time");
        struct pair_frame late = pair.last[RK_FRAME_DATA];
        rki_put32(late.data + 5, 1);
        uint8_t material[16];
        memcpy(material, rk_agent_active(&pair.device)->material, sizeof material);
        assert_int_equal(forge(RK_ROLE_DEVICE), RK_AGENT_REJECTED);
        assert_int_equal(forge(RK_ROLE_DEVICE), RK_AGENT_REJECTED);
        key_is(1);
        assert_int_equal(forge(RK_ROLE_DEVICE), RK_AGENT_REJECTED);
        assert_string_equal(pair.trace, "1 device 1 active>deactivated exhausted\n"
                                        "1 device 1 deactivated>destroyed exhausted\n");
        assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_NO_KEY);
        assert_int_equal(pair_inject(&pair, &late), RK_AGENT_STALE);
        assert_false(pair_contains(&pair.device, sizeof pair.device, material, sizeof material));
        pair_run(&pair, pair.now_ns); /* at once */
        key_is(2);
    }
}

/* The bound is the pair's: a new key does not lift it, and forging does not buy exchanges. */
static void beyond_v_each_forgery_costs_its_key_and_a_rest(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 0, 3);
    for (int i = 0; i < 3; i++)
        forge(RK_ROLE_DEVICE);
    pair_run(&pair, pair.now_ns);
    key_is(2);
    int frames = pair.frames;
    assert_int_equal(forge(RK_ROLE_DEVICE), RK_AGENT_REJECTED);
    assert_null(rk_agent_active(&pair.device));
    assert_int_equal(pair.device.failed_tags, 4);
    assert_int_equal(pair.timer_ns[RK_ROLE_DEVICE], pair.now_ns + 256 * SECOND_ns); /* 2 s * 2^(3 + 4) */
    pair_run(&pair, pair.now_ns + 255 * SECOND_ns);
    assert_int_equal(pair.frames, frames);
    pair_run(&pair, pair.now_ns + SECOND_ns);
    key_is(3);
}

static void v_holds_under_policy_never(void **unused)
{
    (void)unused;
    fresh(RK_PROFILE_NIST, 0, 1);
    pair.config.policy.triggers = 0;
    pair_start(&pair);
    forge(RK_ROLE_DEVICE);
    pair_run(&pair, pair.now_ns);
    key_is(2);
}

static void v_of_the_predecessor_leaves_the_key(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 0, 1);
    pair_run(&pair, 1001 * SECOND_ns);
    struct pair_frame frame = {.to = RK_ROLE_DEVICE, .bytes = 9 + 4 + 16, .data = {RK_FRAME_DATA, 1}};
    assert_int_equal(pair_inject(&pair, &frame), RK_AGENT_REJECTED);
    assert_non_null(strstr(pair.trace, "1001 device 1 deactivated>destroyed exhausted\n"));
    key_is(2);
}

static void v_at_the_server_heals_at_the_next_renewal(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 0, 2);
    forge(RK_ROLE_SERVER);
    forge(RK_ROLE_SERVER);
    assert_null(rk_agent_active(&pair.server));
    int delivered = pair.delivered[RK_ROLE_SERVER];
    pair_send(&pair, RK_ROLE_DEVICE, "lost");
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], delivered);
    pair_run(&pair, 1001 * SECOND_ns);
    key_is(2);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], delivered + 1);
}

/* On the key in pre-activation too, which a data frame may confirm. */
static void v_ends_an_exchange(void **unused)
{
    (void)unused;
    fresh(RK_PROFILE_NIST, 0, 1);
    pair.lose = 1; /* R2 */
    pair_start(&pair);
    struct pair_frame frame = {.to = RK_ROLE_SERVER, .bytes = 9 + 4 + 16, .data = {RK_FRAME_DATA, 1}};
    assert_int_equal(pair_inject(&pair, &frame), RK_AGENT_REJECTED);
    assert_int_equal(pair.server.key[RKI_NEXT].state, RK_STATE_DESTROYED);
    assert_int_equal(pair.server.exchange.stage, RKI_STAGE_NONE);
    pair_run(&pair, 600 * SECOND_ns);
    assert_non_null(rk_agent_active(&pair.device));
    key_is(rk_agent_active(&pair.server)->id);
}

static void without_a_bound_forgeries_are_counted_only(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST, 0, 0);
    long written = pair.nvm_bytes;
    for (int i = 0; i < 33; i++)
        assert_int_equal(forge(RK_ROLE_DEVICE), RK_AGENT_REJECTED);
    assert_int_equal(pair.device.failed_tags, 33);
    long commits = (pair.nvm_bytes - written) / 64; /* a record has more bytes than that */
    assert_in_range(commits, 3, 6);                 /* one for each 16 */
    key_is(1);
}

static void a_restart_forgives_no_forgery(void **unused)
{
    (void)unused;
    for (uint32_t forged = 0; forged <= 40; forged += 5) {
        start(RK_PROFILE_NIST, 0, 0);
        for (uint32_t i = 0; i < forged; i++)
            forge(RK_ROLE_DEVICE);
        uint32_t bound = (forged + RKI_FAILED_BLOCK - 1) / RKI_FAILED_BLOCK * RKI_FAILED_BLOCK;
        for (int boot = 0; boot < 3; boot++) {
            pair_reboot(&pair);
            assert_int_equal(pair.device.failed_tags, bound); /* never less, nor more by restarts alone */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(q_deactivates_and_renews_under_every_policy),
        cmocka_unit_test(q_holds_across_a_restart),
        cmocka_unit_test(q_stops_the_server_too),
        cmocka_unit_test(v_destroys_the_key_and_renews),
        cmocka_unit_test(beyond_v_each_forgery_costs_its_key_and_a_rest),
        cmocka_unit_test(v_holds_under_policy_never),
        cmocka_unit_test(v_of_the_predecessor_leaves_the_key),
        cmocka_unit_test(v_at_the_server_heals_at_the_next_renewal),
        cmocka_unit_test(v_ends_an_exchange),
        cmocka_unit_test(without_a_bound_forgeries_are_counted_only),
        cmocka_unit_test(a_restart_forgives_no_forgery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
