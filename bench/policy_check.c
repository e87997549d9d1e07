#include "bench/policy_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backends/backend.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "devices/firmware/policy/record.h"
#include "engine/core/rng.h"
#include "engine/core/units.h"
#include "engine/study/device_file.h"

enum { BATCH = 8, DELAYS_MAX = 1000, SEED = 7 };

struct question {
    struct rk_policy policy;
    struct rk_policy_facts facts;
};

/* ---- questions ---- */

/* Of all magnitudes below 2^bits, and the edges. */
static uint64_t number(struct rk_rng_stream *random, unsigned bits)
{
    uint64_t draw = rk_rng_next(random);
    unsigned shift = 64 - bits + (unsigned)(draw % (bits + 1));
    return draw % 16 == 0 ? UINT64_MAX >> (64 - bits) : shift > 63 ? 0 : rk_rng_next(random) >> shift;
}

/* Valid as rk_agent_init() has it; times below some two centuries. */
static struct question question_of(unsigned i)
{
    struct rk_rng_stream random = rk_rng_stream_make(rk_rng_key_make(SEED, 0), i, RK_RNG_INPUT);
    struct question q;
    memset(&q, 0, sizeof q);
    q.policy.triggers = (uint8_t)rk_rng_next(&random);
    q.policy.mechanism = (uint8_t)(rk_rng_next(&random) % RK_MECHANISM_COUNT);
    q.policy.attempts = (uint8_t)(1 + rk_rng_next(&random) % 20);
    q.policy.messages = 1 + (uint32_t)number(&random, 31);
    q.policy.messages_max = (uint32_t)number(&random, 32);
    q.policy.failed_max = (uint32_t)number(&random, 32);
    q.policy.jitter_ppm = (uint32_t)(rk_rng_next(&random) % 1000000);
    q.policy.interval_ns = RK_S + number(&random, 60);
    q.policy.retry_ns = RK_MS + number(&random, 45);
    q.policy.overlap_ns = number(&random, 55);
    q.policy.cryptoperiod_ns = rk_rng_next(&random) % 2 == 0 ? RK_NEVER : RK_S + number(&random, 60);
    q.facts.activated_ns = number(&random, 61);
    q.facts.now_ns = q.facts.activated_ns + number(&random, 61);
    q.facts.protected_messages = (uint32_t)number(&random, 32);
    q.facts.jitter = (uint32_t)rk_rng_next(&random);
    q.facts.failed_tags = (uint32_t)number(&random, 32);
    q.facts.occasion = rk_rng_next(&random) % 4 == 0 ? (uint8_t)(4u << rk_rng_next(&random) % 6) : 0;
    q.facts.drained = (uint8_t)number(&random, 8);
    q.facts.losses = (uint8_t)number(&random, 8);
    return q;
}

static enum rk_err complain(const struct rk_policy_own *own, const struct question *q, const char *what,
                            struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_CHECK,
                   "%s: %s: interval_ns %" PRIu64 " triggers %u messages %" PRIu32 "; now_ns %" PRIu64
                   " activated_ns %" PRIu64 " protected_messages %" PRIu32 " jitter %" PRIu32 " failed_tags %" PRIu32
                   " occasion %u drained %u losses %u",
                   own->path, what, q->policy.interval_ns, q->policy.triggers, q->policy.messages, q->facts.now_ns,
                   q->facts.activated_ns, q->facts.protected_messages, q->facts.jitter, q->facts.failed_tags,
                   q->facts.occasion, q->facts.drained, q->facts.losses);
}

/* ---- the host ---- */

/* Does time alone lead to what it said? It may put off what it said as time goes by, but not for ever. */
static bool comes_true(const struct rk_policy_own *own, struct question q)
{
    uint64_t at_ns = own->rule(&q.policy, &q.facts);
    q.facts.occasion = 0;
    for (int delays = 0; at_ns > q.facts.now_ns && at_ns != RK_NEVER; delays++) {
        if (delays == DELAYS_MAX) {
            return false;
        }
        q.facts.now_ns = at_ns;
        at_ns = own->rule(&q.policy, &q.facts);
    }
    return true;
}

/* Is a key that has just become active left alone? */
static bool pauses(const struct rk_policy_own *own, struct question q)
{
    q.facts.now_ns = q.facts.activated_ns;
    q.facts.protected_messages = 0;
    q.facts.occasion = 0;
    return own->rule(&q.policy, &q.facts) > q.facts.now_ns;
}

enum rk_err rk_policy_check_host(const char *root, const struct rk_policy_own *own, struct rk_diag *diag)
{
    uint64_t answer[RK_POLICY_QUESTIONS];
    struct rk_policy_own other;
    enum rk_err err = rk_policy_own_open(root, own->path, own->parameters, &other, diag);
    if (err != RK_OK) {
        return err;
    }
    for (unsigned i = 0; i < RK_POLICY_QUESTIONS && err == RK_OK; i++) {
        struct question q = question_of(i), asked = q;
        answer[i] = own->rule(&q.policy, &q.facts);
        if (memcmp(&q, &asked, sizeof q) != 0) {
            err = complain(own, &asked, "changes what it is asked", diag);
        } else if (!comes_true(own, q)) {
            err = complain(own, &q, "puts off without end what it said", diag);
        } else if (!pauses(own, q)) {
            err = complain(own, &q, "renews a key that has just become active, with nothing protected", diag);
        }
    }
    for (unsigned i = RK_POLICY_QUESTIONS; i-- > 0 && err == RK_OK;) {
        struct question q = question_of(i);
        if (own->rule(&q.policy, &q.facts) != answer[i] || other.rule(&q.policy, &q.facts) != answer[i]) {
            err = complain(own, &q, "answers otherwise when asked again", diag);
        }
    }
    rk_policy_own_close(&other);
    return err;
}

/* ---- devices ---- */

struct device {
    const struct rk_policy_own *own;
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
    struct rk_policy_answers *answers;
};

static void note_cost(struct rk_policy_answers *answers, const struct rk_measure *cost)
{
    bool first = answers->questions == 0;
    answers->has_cycles = cost->has_cycles;
    answers->cycles_min = first || cost->cycles < answers->cycles_min ? cost->cycles : answers->cycles_min;
    answers->cycles_max = cost->cycles > answers->cycles_max ? cost->cycles : answers->cycles_max;
    answers->stack_bytes = cost->stack_bytes > answers->stack_bytes ? cost->stack_bytes : answers->stack_bytes;
}

/* Asks BATCH questions from `first` on, and compares with the host. */
static enum rk_err ask(struct device *device, unsigned first, struct rk_diag *diag)
{
    struct rk_call call = {.operation = 0};
    uint8_t records[BATCH * RK_POLICY_RECORD_bytes];
    const uint8_t *answers;
    uint16_t bytes;
    char what[96];
    for (unsigned i = 0; i < BATCH; i++) {
        struct question q = question_of(first + i);
        rk_policy_record_write(records + i * RK_POLICY_RECORD_bytes, &q.policy, &q.facts);
    }
    RK_REQUIRE(rk_call_append(&call, records, sizeof records));
    if (device->driver->call(device->emulator, &call) != RK_CALL_OK) {
        return rk_fail(diag, RK_ERR_CHECK, "%s: stops %s: %s", device->own->path, device->answers->device,
                       device->driver->reason(device->emulator));
    }
    struct question q = question_of(first);
    if (call.result != RK_CRYPTO_OK || !rk_call_field(&call, 0, &answers, &bytes) ||
        bytes != BATCH * RK_POLICY_ANSWER_bytes) {
        snprintf(what, sizeof what, "answers otherwise when asked again on %s", device->answers->device);
        return complain(device->own, &q, what, diag);
    }
    note_cost(device->answers, &call.cost);
    for (unsigned i = 0; i < BATCH; i++) {
        uint64_t there, here;
        q = question_of(first + i);
        here = device->own->rule(&q.policy, &q.facts);
        memcpy(&there, answers + i * RK_POLICY_ANSWER_bytes, sizeof there);
        if (here != there) {
            snprintf(what, sizeof what, "says %" PRIu64 " on %s and %" PRIu64 " here", there, device->answers->device,
                     here);
            return complain(device->own, &q, what, diag);
        }
    }
    device->answers->questions += BATCH;
    return RK_OK;
}

enum rk_err rk_policy_check_device(const struct rk_policy_own *own, const char *name, struct rk_policy_answers *answers,
                                   struct rk_diag *diag)
{
    struct rk_device_profile profile;
    struct rk_firmware firmware;
    struct device device = {.own = own, .answers = answers};
    const struct rk_firmware_options options = {
        .program = "policy", .policy = own->path, .policy_parameters = own->parameters, .policy_sha256 = own->sha256};
    memset(answers, 0, sizeof *answers);
    snprintf(answers->device, sizeof answers->device, "%s", name);
    enum rk_err err = rk_device_load(rk_firmware_root(), name, &profile, diag);
    if (err != RK_OK) {
        return err;
    }
    device.driver = rk_emulator_driver_find(profile.emulator);
    if (device.driver == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: emulator `%s` is not in this build", profile.path, profile.emulator);
    }
    err = rk_firmware_get_as(profile.device, "devices/firmware/policy", NULL, &options, &firmware, diag);
    if (err == RK_OK && firmware.program.path[0] == '\0') {
        err = rk_fail(diag, RK_ERR_CHECK, "%s: on %s: %s", own->path, name, firmware.program.reason);
    }
    if (err == RK_OK) {
        err = device.driver->open(&device.emulator, &profile, firmware.program.path, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    for (unsigned i = 0; i < RK_POLICY_QUESTIONS && err == RK_OK; i += BATCH) {
        err = ask(&device, i, diag);
    }
    device.driver->close(device.emulator);
    return err;
}
