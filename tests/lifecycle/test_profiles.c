/* Suspension, resumption, expiry and compromise by events, in both profiles; destruction on request. */
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

static void fresh(uint8_t profile)
{
    double_forget();
    pair_init(&pair, &double_backend, RK_MECHANISM_ECDH, RK_ALG_AES_CCM, RK_ALG_X25519);
    pair.config.profile = profile;
}

static void start(uint8_t profile)
{
    fresh(profile);
    pair_start(&pair);
    pair.trace_bytes = 0;
    pair.trace[0] = '\0';
}

static int device(uint8_t event)
{
    return pair_event(&pair, RK_ROLE_DEVICE, event, NULL, 0);
}

static uint8_t device_state(void)
{
    return pair.device.key[RKI_CURRENT].state;
}

static void data_flows_both_ways(void)
{
    int up = pair.delivered[RK_ROLE_SERVER], down = pair.delivered[RK_ROLE_DEVICE];
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "up"), RK_AGENT_OK);
    assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "down"), RK_AGENT_OK);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], up + 1);
    assert_int_equal(pair.delivered[RK_ROLE_DEVICE], down + 1);
}

/* ISO/IEC 11770-1 has no suspension: the key is deactivated, and reactivated. */
static void iso_suspends_by_deactivation_and_reactivates(void **unused)
{
    (void)unused;
    start(RK_PROFILE_ISO);
    pair.now_ns = 5 * SECOND_ns;
    assert_int_equal(device(RK_EVENT_SUSPEND), RK_AGENT_OK);
    assert_string_equal(pair.trace, "5 device 1 active>deactivated suspended\n");
    assert_int_equal(device(RK_EVENT_SUSPEND), RK_AGENT_NO_KEY);
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "no"), RK_AGENT_NO_KEY);
    assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "within the overlap"), RK_AGENT_OK);
    assert_int_equal(pair.delivered[RK_ROLE_DEVICE], 1);
    int frames = pair.frames;
    pair_run(&pair, 900 * SECOND_ns);
    assert_int_equal(pair.frames, frames); /* a pause is no reason to renew */
    pair_send(&pair, RK_ROLE_SERVER, "after the overlap");
    assert_int_equal(pair.delivered[RK_ROLE_DEVICE], 1);
    pair.trace_bytes = 0;
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_OK);
    assert_string_equal(pair.trace, "900 device 1 deactivated>active resumed\n");
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
    data_flows_both_ways();
    assert_int_equal(pair.device.key[RKI_CURRENT].activated_ns, SECOND_ns); /* a resumption lengthens no period */
}

static void iso_resumes_after_a_restart(void **unused)
{
    (void)unused;
    start(RK_PROFILE_ISO);
    device(RK_EVENT_SUSPEND);
    pair_reboot(&pair);
    assert_int_equal(device_state(), RK_STATE_DEACTIVATED);
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_OK);
    data_flows_both_ways();
    assert_int_equal(double_reuse(), 0);
}

static void iso_does_not_resume_what_has_ended(void **unused)
{
    (void)unused;
    start(RK_PROFILE_ISO);
    device(RK_EVENT_SUSPEND);
    pair.lose_all = true;
    pair.now_ns = 5001 * SECOND_ns; /* the originator-usage period is over, whether the timer has fired or not */
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
    assert_non_null(strstr(pair.trace, "5001 device 1 deactivated>destroyed overlap-end\n"));
    pair.lose_all = false;
    pair_run(&pair, 5003 * SECOND_ns); /* and so there is a renewal */
    assert_int_equal(rk_agent_active(&pair.device)->id, 2);
    data_flows_both_ways();
}

static void iso_expiry_is_no_pause(void **unused)
{
    (void)unused;
    fresh(RK_PROFILE_ISO);
    pair.config.policy.triggers = 0;
    pair_start(&pair);
    pair_run(&pair, 5000 * SECOND_ns);
    assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "in time"), RK_AGENT_OK);
    pair_run(&pair, 5001 * SECOND_ns);
    assert_int_equal(device_state(), RK_STATE_DEACTIVATED);
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
    struct pair_frame late = pair.last[RK_FRAME_DATA];
    pair.device.key[RKI_CURRENT].receive_counter = 0;         /* as if it came late */
    assert_int_equal(pair_inject(&pair, &late), RK_AGENT_OK); /* the overlap has begun */
    pair_run(&pair, 5010 * SECOND_ns);
    assert_int_equal(device_state(), RK_STATE_DEACTIVATED);
    pair_run(&pair, 5011 * SECOND_ns);
    assert_int_equal(device_state(), RK_STATE_DESTROYED);
}

static void a_compromise_is_final_in_both_profiles(void **unused)
{
    (void)unused;
    static const char *const traces[] = {"5 device 1 active>suspended suspended\n"
                                         "5 device 1 suspended>compromised compromise\n"
                                         "5 device 1 compromised>destroyed compromise\n",
                                         "5 device 1 active>deactivated suspended\n"
                                         "5 device 1 deactivated>destroyed compromise\n"};
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++) {
        start(profile);
        pair.lose_all = true;
        pair.now_ns = 5 * SECOND_ns;
        uint8_t material[16];
        memcpy(material, rk_agent_active(&pair.device)->material, sizeof material);
        device(RK_EVENT_SUSPEND);
        assert_int_equal(device(RK_EVENT_COMPROMISE), RK_AGENT_OK);
        assert_memory_equal(pair.trace, traces[profile], strlen(traces[profile]));
        assert_true(pair.device.key[RKI_CURRENT].compromised);
        assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
        assert_int_equal(device(RK_EVENT_COMPROMISE), RK_AGENT_NO_KEY);
        assert_false(pair_contains(&pair.device, sizeof pair.device, material, sizeof material));
        pair.lose_all = false;
        pair_run(&pair, 60 * SECOND_ns); /* the server learns of it */
        assert_true(pair.server.key[RKI_PREVIOUS].compromised);
        assert_int_equal(pair.server.key[RKI_PREVIOUS].state, RK_STATE_DESTROYED);
        assert_false(pair_contains(&pair.server, sizeof pair.server, material, sizeof material));
        data_flows_both_ways();
    }
}

static void iso_compromise_leaves_active_by_deactivation(void **unused)
{
    (void)unused;
    static const char trace[] = "1 device 1 active>deactivated compromise\n"
                                "1 device 1 deactivated>destroyed compromise\n"
                                "1 device 2 none>pre-activation generated\n"
                                "1 server 1 active>deactivated compromise\n"
                                "1 server 1 deactivated>destroyed compromise\n";
    start(RK_PROFILE_ISO);
    assert_int_equal(device(RK_EVENT_COMPROMISE), RK_AGENT_OK);
    assert_memory_equal(pair.trace, trace, strlen(trace));
    data_flows_both_ways();
}

/* SP 800-57 7.6: what is found out after destruction is recorded. */
static void a_compromise_after_destruction_is_recorded(void **unused)
{
    (void)unused;
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++) {
        fresh(profile);
        pair.config.policy.triggers = 0;
        pair_start(&pair);
        pair_run(&pair, 5011 * SECOND_ns);
        assert_int_equal(device_state(), RK_STATE_DESTROYED);
        pair.trace_bytes = 0;
        pair.lose_all = true;
        assert_int_equal(device(RK_EVENT_COMPROMISE), RK_AGENT_OK);
        assert_memory_equal(pair.trace, "5011 device 1 destroyed>destroyed compromise\n", 45);
        assert_int_equal(device(RK_EVENT_COMPROMISE), RK_AGENT_NO_KEY); /* once */
        pair_reboot(&pair);
        assert_true(pair.device.key[RKI_CURRENT].compromised);
    }
}

static void nist_resumes_only_what_is_suspended(void **unused)
{
    (void)unused;
    fresh(RK_PROFILE_NIST);
    pair.config.policy.triggers = 0;
    pair_start(&pair);
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
    pair_run(&pair, 5001 * SECOND_ns);
    assert_int_equal(device_state(), RK_STATE_DEACTIVATED);
    assert_int_equal(device(RK_EVENT_RESUME), RK_AGENT_NO_KEY);
    assert_int_equal(device(RK_EVENT_SUSPEND), RK_AGENT_NO_KEY);
    assert_int_equal(device_state(), RK_STATE_DEACTIVATED);
}

/* What is due is done in the first step at or after its time, by whatever event. */
static void destruction_does_not_wait_for_its_timer(void **unused)
{
    (void)unused;
    start(RK_PROFILE_NIST);
    uint8_t material[16];
    memcpy(material, rk_agent_active(&pair.device)->material, sizeof material);
    pair_run(&pair, 1001 * SECOND_ns); /* renewed; the overlap ends at 1011 */
    pair.now_ns = 1010 * SECOND_ns;
    pair_send(&pair, RK_ROLE_DEVICE, "x");
    assert_true(pair_contains(&pair.device, sizeof pair.device, material, sizeof material));
    pair.now_ns = 1011 * SECOND_ns;
    pair_send(&pair, RK_ROLE_DEVICE, "x");
    assert_false(pair_contains(&pair.device, sizeof pair.device, material, sizeof material));
    assert_non_null(strstr(pair.trace, "1011 device 1 deactivated>destroyed overlap-end\n"));
}

static void assert_blank(const void *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(((const uint8_t *)memory)[i], 0);
}

/* Sets a renewal under way beside an active and a predecessor key, then destroys all. */
static void zeroise_leaves_no_key_anywhere(void **unused)
{
    (void)unused;
    for (uint8_t role = RK_ROLE_DEVICE; role <= RK_ROLE_SERVER; role++) {
        start(RK_PROFILE_NIST);
        pair_run(&pair, 1001 * SECOND_ns);
        pair_send(&pair, role ^ 1, "a text that was delivered");
        if (role == RK_ROLE_SERVER)
            pair.lose = pair.frames + 1; /* R2: the server keeps the confirmation key */
        else
            pair.lose_all = true; /* the device keeps its ephemeral private key */
        pair.now_ns = 1005 * SECOND_ns;
        pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
        struct rk_agent *agent = role == RK_ROLE_DEVICE ? &pair.device : &pair.server;
        assert_int_equal(agent->key[RKI_NEXT].state, RK_STATE_PRE_ACTIVATION);
        struct rk_agent before = *agent;
        uint64_t drbg[2] = {pair.drbg_device[0], pair.drbg_server[0]};
        pair.trace_bytes = 0;
        assert_int_equal(pair_event(&pair, role, RK_EVENT_ZEROISE, NULL, 0), RK_AGENT_OK);
        assert_non_null(strstr(pair.trace, " 3 pre-activation>destroyed zeroised\n"));
        for (int slot = 0; slot < 3; slot++) {
            uint8_t state = agent->key[slot].state;
            assert_true(state == RK_STATE_DESTROYED || state == RK_STATE_NONE);
            assert_int_equal(agent->key[slot].id, before.key[slot].id); /* attributes may stay */
            assert_blank(agent->key[slot].material, sizeof agent->key[slot].material);
        }
        assert_blank(&agent->exchange, sizeof agent->exchange);
        assert_blank(&agent->provision, sizeof agent->provision);
        assert_blank(pair.actions.frame, sizeof pair.actions.frame);
        assert_blank(pair.actions.text, sizeof pair.actions.text);
        assert_int_not_equal((role == RK_ROLE_DEVICE ? pair.drbg_device : pair.drbg_server)[0], drbg[role]);
        if (role == RK_ROLE_DEVICE)
            assert_false(pair_contains(pair.image, sizeof pair.image, before.provision.storage_key, 16));
        /* For good: without provisioning anew there is no start. */
        uint8_t seed[RK_ENTROPY_bytes];
        for (unsigned i = 0; i < sizeof seed; i++)
            seed[i] = (uint8_t)(37 * i + 1);
        assert_int_equal(pair_event(&pair, role, RK_EVENT_START, seed, sizeof seed), RK_AGENT_INVALID);
        assert_int_equal(pair_event(&pair, role, RK_EVENT_TIMER, NULL, 0), RK_AGENT_INVALID);
        assert_int_equal(pair.actions.timer_ns, RK_NEVER_ns);
        assert_int_equal(pair_event(&pair, role, RK_EVENT_ZEROISE, NULL, 0), RK_AGENT_OK); /* a second time */
    }
}

/* Whoever may not ask changes nothing: not a bit of the agent, nor of NVM, nor when it wants to be woken. */
static void who_may_not_ask_changes_nothing(void **unused)
{
    (void)unused;
    static struct rk_agent before;
    static struct rk_actions actions;
    uint8_t image[sizeof pair.image];
    start(RK_PROFILE_NIST);
    before = pair.device;
    memcpy(image, pair.image, sizeof image);
    unsigned denied = 0;
    for (uint8_t kind = 0; kind < RK_EVENT_COUNT; kind++)
        for (uint8_t subject = 0; subject <= RK_SUBJECT_COUNT; subject++) {
            struct rk_event event = {.now_ns = 77 * SECOND_ns, .kind = kind, .subject = subject};
            if (subject == rk_access_subject(kind))
                continue;
            memset(&actions, 0xEE, sizeof actions);
            rk_agent_step(&pair.device, &event, &actions);
            assert_int_equal(actions.result, RK_AGENT_DENIED);
            assert_int_equal(actions.record_count, 0);
            assert_int_equal(actions.frame_bytes, 0);
            assert_int_equal(actions.timer_ns, pair.timer_ns[RK_ROLE_DEVICE]);
            assert_memory_equal(&pair.device, &before, sizeof before);
            assert_memory_equal(pair.image, image, sizeof image);
            denied++;
        }
    assert_int_equal(denied, RK_EVENT_COUNT * RK_SUBJECT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_suspends_by_deactivation_and_reactivates),
        cmocka_unit_test(iso_resumes_after_a_restart),
        cmocka_unit_test(iso_does_not_resume_what_has_ended),
        cmocka_unit_test(iso_expiry_is_no_pause),
        cmocka_unit_test(a_compromise_is_final_in_both_profiles),
        cmocka_unit_test(iso_compromise_leaves_active_by_deactivation),
        cmocka_unit_test(a_compromise_after_destruction_is_recorded),
        cmocka_unit_test(nist_resumes_only_what_is_suspended),
        cmocka_unit_test(destruction_does_not_wait_for_its_timer),
        cmocka_unit_test(zeroise_leaves_no_key_anywhere),
        cmocka_unit_test(who_may_not_ask_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
