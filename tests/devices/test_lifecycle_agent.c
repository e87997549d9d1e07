/* tests/devices/test_lifecycle_agent.c - the agent's binary on an AVR, an MSP430, a Cortex-M and the host: every event, by
 * every subject, in every state
 *
 * Each state is set up by real events. What is expected stands here; the device says what became of it: result, records,
 * states of its keys, NVM. What is refused leaves all of them as they were. The agents are those of the image `lifecycle`
 * over the modelled backend: a state depends on no cryptography.
 */
#include "tests/devices/support.h"

#include <stdio.h>
#include <string.h>

#include "backends/modelled/modelled.h"
#include "engine/lifecycle/wire.h"
#include "engine/study/device_file.h"

#define SECOND_ns 1000000000ull
#define CAPABILITIES                                                                                                   \
    (RK_CAP(RK_ALG_AES_CCM) | RK_CAP(RK_ALG_SHA256) | RK_CAP(RK_ALG_HMAC_SHA256) | RK_CAP(RK_ALG_KBKDF_HMAC) |         \
     RK_CAP(RK_ALG_HMAC_DRBG))

enum { NVM_MAX_bytes = 16384, DRBG_bytes = 512, CURRENT = 1, FRAMES = 4 };

enum situation { NEW, AWAITING, ACTIVE, SUSPENDED, DEACTIVATED, DESTROYED, LEAKED, ZEROISED, SITUATIONS };

/* The time of the event, s. Established at 1; retry at 3; the period ends at 1001, the overlap at 1101. */
static const uint16_t TIMES_s[SITUATIONS] = {1, 2, 10, 20, 1010, 1200, 11, 30};
static const char *const NAMES[SITUATIONS] = {"new",         "awaiting",  "active", "suspended",
                                              "deactivated", "destroyed", "leaked", "zeroised"};

/* Row situation, column event: start, send, receive, timer, session, compromise, suspend, resume, backup, restore,
 * zeroise, reseed. First the result: + done, i invalid, n no key permits it, s stale, r rejected; then the state of the
 * current key: N none, A active, S suspended, D deactivated, X destroyed, or =: nothing has changed at all. The policy
 * renews after a compromise only; what is restored is no backup. */
static const char NIST[SITUATIONS][3 * RK_EVENT_COUNT + 1] = {
    "+N i= i= i= i= i= i= i= i= i= +N i= ", /* new */
    "i= n= s= += += n= n= n= n= r= +N +N ", /* awaiting the answer to its first request */
    "i= +A +A += += +X +S n= +A r= +X +A ", /* active */
    "i= n= n= += += +X n= +A +S r= +X +S ", /* suspended */
    "i= n= +D += += +X n= n= +D r= +X +D ", /* deactivated: its originator-usage period is over */
    "i= n= s= += += +X n= n= n= r= +X +X ", /* destroyed: a compromise is recorded all the same */
    "i= n= s= += += n= n= n= n= r= +X +X ", /* destroyed after a compromise, the renewal under way */
    "i= i= i= i= i= i= i= i= i= i= +X i= ", /* zeroised: for good */
};

/* In profile iso a suspended key is deactivated: it processes within the overlap, and may be reactivated. */
static const char ISO_SUSPENDED[] = "i= n= +D += += +X n= +A +D r= +X +D ";
static const char ISO_ACTIVE[] = "i= +A +A += += +X +D n= +A r= +X +A ";

struct bench {
    const char *name;
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
    struct rk_device_profile profile;
    struct rk_agent_config config;
    struct rk_provision keys;
    struct rk_backend backend;
    struct rk_agent server;
    uint64_t server_drbg[DRBG_bytes / 8];
    struct rk_actions actions, server_actions;
    struct rk_wire_status status;
    uint8_t nvm[NVM_MAX_bytes];
    uint8_t frame[FRAMES][RK_FRAME_MAX_bytes]; /* the server's, under key 1 */
    uint16_t frame_bytes;
    unsigned next_frame, denied, asked;
};

static struct bench bench;

static void message(const uint8_t *in, uint16_t bytes, const uint8_t **reply, uint16_t *reply_bytes)
{
    static struct rk_call call;
    memset(&call, 0, sizeof call);
    call.operation = RK_OP_lifecycle_step;
    assert_true(rk_call_append(&call, in, bytes));
    if (bench.driver->call(bench.emulator, &call) != RK_CALL_OK)
        fail_msg("%s: %s", bench.name, bench.driver->reason(bench.emulator));
    assert_int_equal(call.result, RK_CRYPTO_OK);
    if (!rk_call_field(&call, 0, reply, reply_bytes))
        *reply_bytes = 0;
}

static int event_by(uint8_t kind, uint8_t subject, uint64_t now_ns, const void *data, uint16_t data_bytes)
{
    struct rk_event event = {
        .now_ns = now_ns, .data = data, .data_bytes = data_bytes, .kind = kind, .subject = subject};
    uint8_t wire[RK_WIRE_EVENT_MAX_bytes];
    const uint8_t *reply;
    uint16_t bytes;
    message(wire, rk_wire_event_encode(&event, wire), &reply, &bytes);
    assert_true(rk_wire_actions_decode(reply, bytes, &bench.actions));
    return bench.actions.result;
}

static int event(uint8_t kind, uint64_t now_ns, const void *data, uint16_t data_bytes)
{
    return event_by(kind, rk_access_subject(kind), now_ns, data, data_bytes);
}

static int server_event(uint8_t kind, const void *data, uint16_t data_bytes)
{
    struct rk_event event = {
        .now_ns = SECOND_ns, .data = data, .data_bytes = data_bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(&bench.server, &event, &bench.server_actions);
    return bench.server_actions.result;
}

static void samples(uint8_t out[RK_ENTROPY_bytes], uint8_t from)
{
    for (unsigned i = 0; i < RK_ENTROPY_bytes; i++)
        out[i] = (uint8_t)(from + 37 * i);
}

static void observe(struct rk_wire_status *status, uint8_t *nvm)
{
    const uint8_t request = RK_WIRE_STATUS, *reply;
    uint16_t bytes;
    message(&request, 1, &reply, &bytes);
    assert_true(rk_wire_status_decode(reply, bytes, status));
    size_t nvm_bytes = bench.profile.nvm_bytes < NVM_MAX_bytes ? bench.profile.nvm_bytes : NVM_MAX_bytes;
    memset(nvm, 0, NVM_MAX_bytes);
    assert_int_equal(bench.driver->read(bench.emulator, RK_MEMORY_NVM, 0, nvm, nvm_bytes), nvm_bytes);
}

/* --- setting up --- */

static void blank_device(void)
{
    uint8_t wire[RK_WIRE_INIT_bytes];
    const uint8_t *reply;
    uint16_t bytes;
    size_t nvm_bytes = bench.profile.nvm_bytes < NVM_MAX_bytes ? bench.profile.nvm_bytes : NVM_MAX_bytes;
    memset(bench.nvm, 0xFF, nvm_bytes);
    assert_int_equal(bench.driver->rewind(bench.emulator), RK_OK);
    assert_int_equal(bench.driver->nvm_write(bench.emulator, 0, bench.nvm, nvm_bytes), RK_OK);
    message(wire, rk_wire_init_encode(&bench.config, &bench.keys, wire), &reply, &bytes);
}

static void establish(void)
{
    uint8_t seed[RK_ENTROPY_bytes];
    struct rk_agent_config config = bench.config;
    config.role = RK_ROLE_SERVER;
    samples(seed, 2);
    assert_int_equal(
        rk_agent_init(&bench.server, &config, &bench.backend, (struct rk_drbg *)bench.server_drbg, NULL, &bench.keys),
        RK_AGENT_OK);
    assert_int_equal(server_event(RK_EVENT_START, seed, sizeof seed), RK_AGENT_OK);
    assert_int_equal(server_event(RK_EVENT_RECEIVE, bench.actions.frame, bench.actions.frame_bytes), RK_AGENT_OK);
    assert_int_equal(event(RK_EVENT_RECEIVE, SECOND_ns, bench.server_actions.frame, bench.server_actions.frame_bytes),
                     RK_AGENT_OK);
    assert_int_equal(server_event(RK_EVENT_RECEIVE, bench.actions.frame, bench.actions.frame_bytes), RK_AGENT_OK);
    for (bench.next_frame = 0; bench.next_frame < FRAMES; bench.next_frame++) {
        assert_int_equal(server_event(RK_EVENT_SEND, "reading", 7), RK_AGENT_OK);
        bench.frame_bytes = bench.server_actions.frame_bytes;
        memcpy(bench.frame[bench.next_frame], bench.server_actions.frame, bench.frame_bytes);
    }
    bench.next_frame = 0;
}

static void set_up(enum situation situation)
{
    uint8_t seed[RK_ENTROPY_bytes];
    samples(seed, 1);
    blank_device();
    bench.next_frame = 0;
    if (situation == NEW)
        return;
    assert_int_equal(event(RK_EVENT_START, SECOND_ns, seed, sizeof seed), RK_AGENT_OK);
    if (situation == AWAITING)
        return;
    establish();
    if (situation == SUSPENDED)
        assert_int_equal(event(RK_EVENT_SUSPEND, 10 * SECOND_ns, NULL, 0), RK_AGENT_OK);
    if (situation == DEACTIVATED || situation == DESTROYED)
        assert_int_equal(event(RK_EVENT_TIMER, 1001 * SECOND_ns, NULL, 0), RK_AGENT_OK);
    if (situation == DESTROYED)
        assert_int_equal(event(RK_EVENT_TIMER, 1101 * SECOND_ns, NULL, 0), RK_AGENT_OK);
    if (situation == LEAKED)
        assert_int_equal(event(RK_EVENT_COMPROMISE, 10 * SECOND_ns, NULL, 0), RK_AGENT_OK);
    if (situation == ZEROISED)
        assert_int_equal(event(RK_EVENT_ZEROISE, 10 * SECOND_ns, NULL, 0), RK_AGENT_OK);
}

/* --- judging --- */

static int result_of(char letter)
{
    switch (letter) {
    case '+':
        return RK_AGENT_OK;
    case 'i':
        return RK_AGENT_INVALID;
    case 'n':
        return RK_AGENT_NO_KEY;
    case 's':
        return RK_AGENT_STALE;
    case 'r':
        return RK_AGENT_REJECTED;
    default:
        fail_msg("no result: %c", letter);
        return 0;
    }
}

static uint8_t state_of(char letter)
{
    switch (letter) {
    case 'N':
        return RK_STATE_NONE;
    case 'A':
        return RK_STATE_ACTIVE;
    case 'S':
        return RK_STATE_SUSPENDED;
    case 'D':
        return RK_STATE_DEACTIVATED;
    default:
        return RK_STATE_DESTROYED;
    }
}

static int raise(enum situation situation, uint8_t kind, uint8_t subject)
{
    uint64_t now_ns = TIMES_s[situation] * SECOND_ns;
    uint8_t data[RK_ENTROPY_bytes];
    samples(data, 3);
    if (kind == RK_EVENT_RECEIVE) {
        assert_in_range(bench.next_frame, 0, FRAMES - 1);
        const uint8_t *frame = bench.frame[bench.next_frame];
        if (subject == rk_access_subject(kind))
            bench.next_frame++;
        return event_by(kind, subject, now_ns, frame, bench.frame_bytes);
    }
    bool carries = kind == RK_EVENT_START || kind == RK_EVENT_RESEED || kind == RK_EVENT_RESTORE;
    if (kind == RK_EVENT_SEND)
        return event_by(kind, subject, now_ns, "x", 1);
    return event_by(kind, subject, now_ns, data, carries ? sizeof data : 0);
}

static void unchanged(enum situation situation, uint8_t kind, uint8_t subject)
{
    static struct rk_wire_status status;
    static uint8_t nvm[NVM_MAX_bytes];
    observe(&status, nvm);
    bool same = memcmp(&status, &bench.status, sizeof status) == 0 && memcmp(nvm, bench.nvm, sizeof nvm) == 0 &&
                bench.actions.record_count == 0 && bench.actions.frame_bytes == 0 && bench.actions.text_bytes == 0;
    if (!same)
        fail_msg("%s, %s key, %s by %s: refused, and yet something changed", bench.name, NAMES[situation],
                 rk_event_name(kind), rk_subject_name(subject));
}

static void check_denied(enum situation situation)
{
    for (uint8_t kind = 0; kind < RK_EVENT_COUNT; kind++)
        for (uint8_t subject = 0; subject <= RK_SUBJECT_COUNT; subject++) {
            if (subject == rk_access_subject(kind))
                continue;
            if (raise(situation, kind, subject) != RK_AGENT_DENIED)
                fail_msg("%s, %s key, %s by subject %u: not denied", bench.name, NAMES[situation], rk_event_name(kind),
                         subject);
            bench.denied++;
        }
    unchanged(situation, RK_EVENT_COUNT - 1, RK_SUBJECT_NOBODY);
}

/* out: whether the device is as before. */
static bool check_event(enum situation situation, uint8_t kind, const char *expected)
{
    static struct rk_wire_status status;
    static uint8_t nvm[NVM_MAX_bytes];
    int result = raise(situation, kind, rk_access_subject(kind));
    bench.asked++;
    if (result != result_of(expected[0]))
        fail_msg("%s, profile %u, %s key, %s: result %d, expected %c%c", bench.name, bench.config.profile,
                 NAMES[situation], rk_event_name(kind), result, expected[0], expected[1]);
    if (expected[1] == '=') {
        unchanged(situation, kind, rk_access_subject(kind));
        return true;
    }
    observe(&status, nvm);
    if (status.key[CURRENT].state != state_of(expected[1]))
        fail_msg("%s, profile %u, %s key, %s: state %s, expected %c", bench.name, bench.config.profile,
                 NAMES[situation], rk_event_name(kind), rk_key_state_name(status.key[CURRENT].state), expected[1]);
    return false;
}

static void check_situation(enum situation situation, const char *row)
{
    set_up(situation);
    observe(&bench.status, bench.nvm);
    check_denied(situation);
    for (uint8_t kind = 0; kind < RK_EVENT_COUNT; kind++) {
        if (check_event(situation, kind, row + (size_t)3 * kind))
            continue;
        set_up(situation);
        observe(&bench.status, bench.nvm);
    }
}

static void check_device(const char *name)
{
    struct rk_firmware firmware;
    struct rk_diag diag = {""};
    bench = (struct bench){.name = name};
    if (rk_device_load(rk_firmware_root(), name, &bench.profile, &diag) != RK_OK ||
        rk_firmware_get(name, "tests/devices/modelled", NULL, &firmware, &diag) != RK_OK)
        fail_msg("%s", diag.text);
    const char *image = rk_firmware_image(&firmware, RK_OP_lifecycle_step);
    if (image == NULL)
        fail_msg("%s: %s", name, rk_firmware_reason(&firmware, RK_OP_lifecycle_step));
    bench.driver = rk_emulator_driver_find(bench.profile.emulator);
    if (bench.driver->open(&bench.emulator, &bench.profile, image, &diag) != RK_OK)
        fail_msg("%s", diag.text);
    rk_modelled_init(&bench.backend, CAPABILITIES, RK_ALG_HMAC_DRBG);
    assert_in_range(bench.backend.drbg_bytes, 1, DRBG_bytes);
    memset(&bench.keys, 0x42, sizeof bench.keys);
    bench.config = (struct rk_agent_config){.device_id = 9,
                                            .aead = RK_ALG_AES_CCM,
                                            .tag_bytes = 8,
                                            .policy = {.mechanism = RK_MECHANISM_DERIVE,
                                                       .attempts = 1,
                                                       .retry_ns = 2 * SECOND_ns,
                                                       .overlap_ns = 100 * SECOND_ns,
                                                       .cryptoperiod_ns = 1000 * SECOND_ns}};
    for (uint8_t profile = 0; profile < RK_PROFILE_COUNT; profile++) {
        bench.config.profile = profile;
        set_up(ACTIVE); /* from now on there are frames to receive */
        for (unsigned situation = 0; situation < SITUATIONS; situation++) {
            const char *row = NIST[situation];
            if (profile == RK_PROFILE_ISO && situation == SUSPENDED)
                row = ISO_SUSPENDED;
            if (profile == RK_PROFILE_ISO && situation == ACTIVE)
                row = ISO_ACTIVE;
            check_situation((enum situation)situation, row);
        }
    }
    bench.driver->close(bench.emulator);
    assert_int_equal(bench.asked, RK_PROFILE_COUNT * SITUATIONS * RK_EVENT_COUNT);
    assert_int_equal(bench.denied, RK_PROFILE_COUNT * SITUATIONS * RK_EVENT_COUNT * RK_SUBJECT_COUNT);
}

static void on_host(void **state)
{
    (void)state;
    check_device("host");
}

static void on_avr(void **state)
{
    (void)state;
    check_device("atmega1284p");
}

static void on_msp430(void **state)
{
    (void)state;
    check_device("msp430f1611");
}

static void on_cortex_m4(void **state)
{
    (void)state;
    check_device("cortex-m4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_host),
        cmocka_unit_test(on_avr),
        cmocka_unit_test(on_msp430),
        cmocka_unit_test(on_cortex_m4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
