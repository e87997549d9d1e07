/* What a step leaves behind when a call to the library fails: for each step of both roles every call in turn fails,
 * before it has done anything and after it has done all. No function of the lifecycle returns with a secret that the
 * library was given or gave in its frame, and when the step is over none is on its stack, in its frame and text, or in
 * the agent outside the places of live secrets. The library's own frames are not looked at, its stack is cleared. Steps
 * run on a stack of their own; the compiler calls __cyg_profile_func_exit() at each return. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

enum { STACK_bytes = 128 * 1024, SECRETS_MAX = 1024, PART_bytes = 16, RANDOM_SECRET_bytes = 32, NEVER = 0 };

static uint8_t secrets[SECRETS_MAX][PART_bytes];
static unsigned secret_count;
static bool returned[SECRETS_MAX]; /* was in the frame of a function that returned */
static uint8_t stack[STACK_bytes];
static ucontext_t here, there;

/* pair_contains() for many needles in large memory. */
static bool holds(const void *memory, size_t memory_bytes, const uint8_t *secret)
{
    const uint8_t *at = memory, *end = at + memory_bytes - PART_bytes + 1;
    while (at < end && (at = memchr(at, secret[0], (size_t)(end - at))) != NULL)
        if (memcmp(at++, secret, PART_bytes) == 0)
            return true;
    return false;
}

/* --- a library of which one call fails --- */

static unsigned calls, failing; /* in this step; which of them fails, from 1 */
static bool at_once;            /* it fails before it has done anything */

static __attribute__((noinline)) void clear_below(void)
{
    volatile uint8_t dead[16384];
    for (size_t i = 0; i < sizeof dead; i++)
        dead[i] = 0;
}

static void note(const uint8_t *secret, size_t bytes)
{
    for (; bytes >= PART_bytes; secret += PART_bytes, bytes -= PART_bytes) {
        bool known = false;
        for (unsigned i = 0; i < secret_count; i++)
            known |= memcmp(secrets[i], secret, PART_bytes) == 0;
        if (known)
            continue;
        assert_in_range(secret_count, 0, SECRETS_MAX - 1);
        memcpy(secrets[secret_count++], secret, PART_bytes);
    }
}

static bool refuses(void)
{
    return ++calls == failing && at_once;
}

static enum rk_crypto ends(enum rk_crypto result)
{
    clear_below();
    return calls == failing ? RK_CRYPTO_FAILED : result;
}

#define CALL(result, what)                                                                                             \
    if (refuses())                                                                                                     \
        return RK_CRYPTO_FAILED;                                                                                       \
    enum rk_crypto result = double_backend.what

static enum rk_crypto failing_seal(const struct rk_aead_job *job)
{
    note(job->key, job->key_bytes);
    CALL(result, aead_seal)(job);
    return ends(result);
}

static enum rk_crypto failing_open(const struct rk_aead_job *job)
{
    note(job->key, job->key_bytes);
    CALL(result, aead_open)(job);
    return ends(result);
}

/* A MAC that is sent is no secret: what is sent is taken off the list. */
static enum rk_crypto failing_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                  uint16_t in_bytes, uint8_t *mac)
{
    CALL(result, mac)(alg, key, key_bytes, in, in_bytes, mac);
    note(mac, PART_bytes);
    return ends(result);
}

static enum rk_crypto failing_kdf(const struct rk_kdf_job *job)
{
    CALL(result, kdf)(job);
    note(job->out, job->out_bytes);
    return ends(result);
}

static enum rk_crypto failing_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    note(entropy, 48);
    CALL(result, drbg_init)(drbg, alg, entropy);
    return ends(result);
}

/* Nonces are shorter than what is to stay secret. */
static enum rk_crypto failing_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    CALL(result, drbg_generate)(drbg, alg, out, out_bytes);
    if (out_bytes >= RANDOM_SECRET_bytes)
        note(out, out_bytes);
    return ends(result);
}

static uint8_t coordinate[RK_SECRET_bytes]; /* of the public value made last: the check of a pair makes it once more */

static enum rk_crypto failing_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    CALL(result, key_pair)(alg, drbg, private_key, public_key);
    note(private_key, RK_PRIVATE_bytes);
    memcpy(coordinate, public_key + (alg == RK_ALG_P256), sizeof coordinate);
    return ends(result);
}

static enum rk_crypto failing_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                    const uint8_t *peer_public, uint8_t secret[32])
{
    CALL(result, agree)(alg, drbg, private_key, peer_public, secret);
    if (memcmp(secret, coordinate, sizeof coordinate) != 0)
        note(secret, PART_bytes);
    return ends(result);
}

static enum rk_crypto failing_wrap(struct rk_wrap_job *job)
{
    CALL(result, key_wrap)(job);
    return ends(result);
}

static enum rk_crypto failing_unwrap(struct rk_wrap_job *job)
{
    CALL(result, key_unwrap)(job);
    note(job->out, (size_t)job->in_bytes - 8);
    return ends(result);
}

static struct rk_backend failing_backend(void)
{
    struct rk_backend table = double_backend;
    table.aead_seal = failing_seal;
    table.aead_open = failing_open;
    table.mac = failing_mac;
    table.kdf = failing_kdf;
    table.drbg_init = failing_drbg_init;
    table.drbg_generate = failing_generate;
    table.key_pair = failing_key_pair;
    table.agree = failing_agree;
    table.key_wrap = failing_wrap;
    table.key_unwrap = failing_unwrap;
    return table;
}

/* --- frames of functions that return --- */

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)function;
    (void)caller;
}

/* From the hook's frame up to that of the function. */
void __cyg_profile_func_exit(void *function, void *caller)
{
    const uint8_t *low = __builtin_frame_address(0), *high = __builtin_frame_address(1);
    (void)function;
    (void)caller;
    if (low < stack || high > stack + STACK_bytes)
        return;
    for (unsigned i = 0; i < secret_count; i++)
        returned[i] = returned[i] || holds(low, (size_t)(high - low), secrets[i]);
}

/* --- a step, on a stack of its own --- */

static struct pair pair, before;
static struct rk_actions actions;
static struct rk_event event;
static struct rk_agent *stepping;

static void step_there(void)
{
    rk_agent_step(stepping, &event, &actions);
}

static void step(unsigned fails)
{
    calls = 0;
    failing = fails;
    memset(stack, 0, sizeof stack);
    memset(returned, 0, sizeof returned);
    memset(&actions, 0, sizeof actions);
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = &here;
    makecontext(&there, step_there, 0);
    assert_int_equal(swapcontext(&here, &there), 0);
}

/* What is in this step's frame, or came with its event. */
static bool is_public(const uint8_t *secret)
{
    return pair_contains(actions.frame, actions.frame_bytes, secret, PART_bytes) ||
           pair_contains(event.data, event.data_bytes, secret, PART_bytes);
}

static void sent(void)
{
    struct pair_frame *frame = &pair.last[actions.frame_kind];
    frame->bytes = actions.frame_bytes;
    memcpy(frame->data, actions.frame, frame->bytes);
    for (unsigned i = secret_count; i-- > 0;)
        if (is_public(secrets[i]))
            memmove(secrets[i], secrets[--secret_count], PART_bytes);
}

/* The agent without the places where live secrets stand. */
static struct rk_agent rest_of(const struct rk_agent *agent)
{
    struct rk_agent rest = *agent;
    bool awaits = agent->exchange.stage == RKI_STAGE_AWAIT_R2 || agent->exchange.stage == RKI_STAGE_AWAIT_R3;
    if (agent->started == RKI_ZEROISED)
        return rest;
    memset(&rest.provision, 0, sizeof rest.provision);
    for (unsigned slot = 0; slot < 3; slot++) {
        uint8_t state = agent->key[slot].state;
        bool live = state != RK_STATE_NONE && state != RK_STATE_DESTROYED;
        if (slot == RKI_NEXT)
            live = state == RK_STATE_PRE_ACTIVATION && agent->exchange.stage == RKI_STAGE_AWAIT_R3;
        if (live)
            memset(rest.key[slot].material, 0, sizeof rest.key[slot].material);
    }
    if (awaits)
        memset(rest.exchange.secret, 0, sizeof rest.exchange.secret);
    if (agent->traffic_id != 0)
        memset(rest.traffic, 0, sizeof rest.traffic);
    return rest;
}

static void nothing_left(const char *what)
{
    static struct rk_agent rest;
    size_t deep = 0; /* what the step did not come to is zero */
    rest = rest_of(stepping);
    while (deep < sizeof stack - PART_bytes && stack[deep] == 0)
        deep++;
    for (unsigned i = 0; i < secret_count; i++) {
        bool on_stack = holds(stack + deep, sizeof stack - deep, secrets[i]);
        bool in_agent = holds(&rest, sizeof rest, secrets[i]);
        bool in_actions = holds(&actions, sizeof actions, secrets[i]);
        if ((returned[i] || on_stack || in_agent || in_actions) && !is_public(secrets[i]))
            fail_msg("%s, mechanism %u, call %u of %u fails%s: secret %u left%s%s%s%s", what,
                     pair.config.policy.mechanism, failing, calls, at_once ? " at once" : "", i,
                     returned[i] ? " by a function" : "", on_stack ? " on the stack" : "",
                     in_agent ? " in the agent" : "", in_actions ? " in the actions" : "");
    }
}

static unsigned failures; /* tried */

/* One step: with each call failing, from the same state each time, and then with none. Its frame is the next one's
 * data. out: its result. */
static int try_step(const char *what, uint8_t role, uint8_t kind, const void *data, uint16_t bytes)
{
    stepping = role == RK_ROLE_DEVICE ? &pair.device : &pair.server;
    event = (struct rk_event){
        .now_ns = pair.now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    before = pair;
    unsigned fails = 0;
    do { /* until none is left to fail */
        fails++;
        for (int way = 0; way < 2; way++) {
            pair = before;
            at_once = way == 0;
            step(fails);
            nothing_left(what);
            failures += fails <= calls;
        }
    } while (calls >= fails);
    if (actions.frame_bytes > 0)
        sent();
    return actions.result;
}

static int take(const char *what, uint8_t role, uint8_t frame_kind)
{
    static struct pair_frame frame;
    frame = pair.last[frame_kind];
    return try_step(what, role, RK_EVENT_RECEIVE, frame.data, frame.bytes);
}

/* --- a life --- */

static uint8_t samples[6][RK_ENTROPY_bytes];

static void fill_samples(void)
{
    uint64_t state = 1;
    for (size_t i = 0; i < sizeof samples; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        samples[i / RK_ENTROPY_bytes][i % RK_ENTROPY_bytes] = (uint8_t)(state >> 56);
    }
}

static void ready(uint8_t role)
{
    struct rk_agent_config config = pair.config;
    struct rk_provision provision[2] = {pair.provision, pair.provision};
    uint64_t memory[16];
    bool device = role == RK_ROLE_DEVICE;
    config.role = role;
    if (config.policy.mechanism == RK_MECHANISM_STATIC) {
        double_backend.drbg_init((struct rk_drbg *)memory, RK_ALG_HMAC_DRBG, samples[5]);
        rk_pair_provision(&double_backend, config.curve, (struct rk_drbg *)memory, &provision[0], &provision[1]);
    }
    assert_int_equal(rk_agent_init(device ? &pair.device : &pair.server, &config, &pair.backend,
                                   (void *)(device ? pair.drbg_device : pair.drbg_server), device ? &pair.nvm : NULL,
                                   &provision[device ? 0 : 1]),
                     RK_AGENT_OK);
}

static void renew(const char *what)
{
    uint8_t forged[RK_FRAME_MAX_bytes];
    struct pair_frame *r1 = &pair.last[RK_FRAME_R1];
    memcpy(forged, r1->data, r1->bytes);
    forged[6] ^= 1; /* the predecessor: its MAC is what the forger lacks */
    assert_int_not_equal(try_step("forged R1", RK_ROLE_SERVER, RK_EVENT_RECEIVE, forged, r1->bytes), RK_AGENT_OK);
    assert_int_equal(take(what, RK_ROLE_SERVER, RK_FRAME_R1), RK_AGENT_OK);
    assert_int_equal(take(what, RK_ROLE_DEVICE, RK_FRAME_R2), RK_AGENT_OK);
    assert_int_equal(take(what, RK_ROLE_SERVER, RK_FRAME_R3), RK_AGENT_OK);
}

static void data_both_ways(void)
{
    for (uint8_t from = 0; from < 2; from++) {
        assert_int_equal(try_step("send", from, RK_EVENT_SEND, "text", 4), RK_AGENT_OK);
        assert_int_equal(take("receive", from ^ 1, RK_FRAME_DATA), RK_AGENT_OK);
    }
}

static void live(uint8_t mechanism, uint8_t aead, uint8_t curve)
{
    static struct pair_frame backup;
    secret_count = 0;
    pair_init(&pair, &double_backend, mechanism, aead, curve);
    pair.backend = failing_backend();
    pair.config.pair_checks = RK_PAIR_CONSISTENCY;
    memset(pair.provision.backup_key, 0xE5, 32);
    ready(RK_ROLE_SERVER);
    ready(RK_ROLE_DEVICE);
    assert_int_equal(try_step("start", RK_ROLE_SERVER, RK_EVENT_START, samples[0], RK_ENTROPY_bytes), RK_AGENT_OK);
    assert_int_equal(try_step("start", RK_ROLE_DEVICE, RK_EVENT_START, samples[1], RK_ENTROPY_bytes), RK_AGENT_OK);
    renew("first key");
    data_both_ways();
    assert_int_equal(try_step("reseed", RK_ROLE_DEVICE, RK_EVENT_RESEED, samples[2], RK_ENTROPY_bytes), RK_AGENT_OK);
    pair.now_ns += 1000 * SECOND_ns;
    assert_int_equal(try_step("timer", RK_ROLE_DEVICE, RK_EVENT_TIMER, NULL, 0), RK_AGENT_OK);
    renew("second key");
    data_both_ways();
    assert_int_equal(try_step("backup", RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0), RK_AGENT_OK);
    backup.bytes = actions.frame_bytes;
    memcpy(backup.data, actions.frame, backup.bytes);
    ready(RK_ROLE_DEVICE);
    assert_int_equal(try_step("restart", RK_ROLE_DEVICE, RK_EVENT_START, samples[3], RK_ENTROPY_bytes), RK_AGENT_OK);
    assert_int_equal(try_step("leak", RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0), RK_AGENT_OK);
    renew("third key");
    memset(pair.image, 0xFF, sizeof pair.image);
    ready(RK_ROLE_DEVICE);
    assert_int_equal(try_step("new device", RK_ROLE_DEVICE, RK_EVENT_START, samples[4], RK_ENTROPY_bytes), RK_AGENT_OK);
    assert_int_equal(try_step("restore", RK_ROLE_DEVICE, RK_EVENT_RESTORE, backup.data, backup.bytes), RK_AGENT_OK);
    assert_int_equal(try_step("zeroise", RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0), RK_AGENT_OK);
    assert_int_equal(try_step("zeroise", RK_ROLE_SERVER, RK_EVENT_ZEROISE, NULL, 0), RK_AGENT_OK);
    assert_true(secret_count > 20);
}

static void each_call_fails(void **unused)
{
    (void)unused;
    fill_samples();
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        live(mechanism, RK_ALG_AES_CCM, RK_ALG_X25519);
        live(mechanism, RK_ALG_CHACHA20_POLY1305, RK_ALG_X25519);
    }
    live(RK_MECHANISM_ECDH, RK_ALG_AES_CCM, RK_ALG_P256);
    print_message("%u failures\n", failures);
    assert_true(failures > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
