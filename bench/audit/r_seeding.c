/* R2: how a generator is seeded. */
#include <string.h>

#include "bench/audit/case.h"
#include "devices/emulators/emulator.h"
#include "engine/model/twin.h"

enum { FLEET = 8 };

/* Adds the secrets and random numbers of a duo to `all`; a value that is there already was made by another device. */
static uint64_t gather(struct rk_log *all, const struct rk_duo *duo, unsigned number, struct rk_audit_row *row)
{
    uint64_t gathered = 0;
    for (size_t i = 0; i < duo->log.values; i++) {
        const struct rk_value *value = &duo->log.value[i];
        if (value->kind != RK_VALUE_RANDOM && value->kind != RK_VALUE_PRIVATE && value->kind != RK_VALUE_DERIVED &&
            value->kind != RK_VALUE_UNWRAPPED) {
            continue;
        }
        size_t before = all->values;
        int known = rk_log_value(all, value->kind, (uint8_t)number, value->data, value->bytes);
        gathered++;
        if (all->values == before) {
            rk_counter(row, "devices %u and %u of one fleet both made the same %u bytes in their first exchange",
                       all->value[known].party, number, value->bytes);
        }
    }
    return gathered;
}

static uint64_t fleet_collides(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_log all;
    uint64_t gathered = 0;
    rk_log_init(&all);
    for (unsigned i = 0; i < FLEET; i++) {
        struct rk_duo *duo = rk_case_duo(c, 100 + i);
        rk_duo_start(duo);
        gathered += gather(&all, duo, i, row);
        rk_duo_free(duo);
    }
    rk_log_fini(&all);
    return gathered;
}

/* No draw before a seeding that succeeded, in each start of each party. */
static uint64_t unseeded_draws(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    bool seeded[2] = {false, false};
    uint64_t looked_at = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind == RK_LOG_EVENT && entry->event.kind == RK_EVENT_START) {
            seeded[entry->party] = false;
        }
        if (entry->kind != RK_LOG_CALL) {
            continue;
        }
        bool init = entry->call.what == RK_CALL_DRBG_INIT;
        bool draw = entry->call.what == RK_CALL_GENERATE || entry->call.what == RK_CALL_KEY_PAIR;
        seeded[entry->party] = (seeded[entry->party] || init) && (!init || entry->call.result == RK_CRYPTO_OK);
        looked_at += draw;
        if (draw && !seeded[entry->party]) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: %s before the generator was seeded", when, rk_log_call_name(entry->call.what));
        }
    }
    return looked_at;
}

/* A seeding that fails must leave the device without a key and silent. */
static void seeding_fails(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 200);
    duo->witness.fail_call = RK_CALL_DRBG_INIT; /* of the server */
    rk_duo_start(duo);
    duo->witness.fail_call = RK_CALL_DRBG_INIT;
    size_t frames = duo->log.frames;
    int result = rk_duo_restart(duo);
    if (result == RK_AGENT_OK || duo->log.frames > frames || rk_duo_key(duo, RK_ROLE_DEVICE) != NULL) {
        rk_counter(row, "device at start: seeding failed, the event's result is %d and %zu frames left", result,
                   duo->log.frames - frames);
    }
    rk_duo_free(duo);
}

/* Entropy sources that are broken, by sample: a stuck one repeats a value, a biased one gives it every second time. */
static uint8_t stuck(unsigned i)
{
    (void)i;
    return 0xA5;
}

static uint8_t biased(unsigned i)
{
    return i % 2 == 0 ? 0xA5 : (uint8_t)(37 * i);
}

static const struct source {
    const char *name;
    uint8_t (*sample)(unsigned i);
} sources[] = {{"a stuck source", stuck}, {"a biased source", biased}};

enum { SOURCES = sizeof sources / sizeof sources[0] };

/* The same samples into the agent on the device: it must do what the host's did. out: whether it could be asked. */
static bool device_refuses(const struct rk_case *c, struct rk_duo *duo, const struct source *source,
                           const uint8_t *samples, uint16_t bytes, struct rk_audit_row *row)
{
    struct rk_trial trial = *c->trial;
    struct rk_agent_config config = duo->config;
    struct rk_twin *twin;
    struct rk_diag diag = {""};
    const struct rk_usage nothing = {0};
    const struct rk_event start = {.now_ns = duo->now_ns,
                                   .data = samples,
                                   .data_bytes = bytes,
                                   .kind = RK_EVENT_START,
                                   .subject = rk_access_subject(RK_EVENT_START)};
    trial.lifecycle_image = c->look->image;
    trial.driver = rk_emulator_driver_find(trial.device->emulator);
    config.role = RK_ROLE_DEVICE;
    enum rk_err err = rk_twin_open(&twin, &trial, &config, &duo->provision[RK_ROLE_DEVICE], &diag);
    if (err == RK_OK) {
        err = rk_twin_step(twin, &start, &duo->actions, &nothing, &diag);
        rk_twin_close(twin);
    }
    if (err != RK_OK) {
        rk_counter(row, "%s with %s: %s", trial.device->name, source->name, diag.text);
    }
    return err == RK_OK;
}

/* A source that fails its health tests must leave the device without a key and silent. out: starts that were tried on
 * the device itself. */
static unsigned bad_sources(const struct rk_case *c, struct rk_audit_row *row)
{
    unsigned on_device = 0;
    for (unsigned s = 0; s < SOURCES; s++) {
        uint8_t samples[RK_ENTROPY_bytes];
        struct rk_duo *duo = rk_case_duo(c, 300 + s);
        for (unsigned i = 0; i < sizeof samples; i++) {
            samples[i] = sources[s].sample(i);
        }
        int result = rk_duo_restart_with(duo, samples, sizeof samples);
        if (result != RK_AGENT_NO_ENTROPY || duo->log.frames > 0 || rk_duo_key(duo, RK_ROLE_DEVICE) != NULL) {
            rk_counter(row, "device at start with %s: the event's result is %d and %zu frames left", sources[s].name,
                       result, duo->log.frames);
        } else if (c->look != NULL && c->look->image[0] != '\0') {
            on_device += device_refuses(c, duo, &sources[s], samples, sizeof samples, row);
        }
        rk_duo_free(duo);
    }
    return on_device;
}

void rk_judge_r2(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t values = fleet_collides(c, row);
    uint64_t draws = unseeded_draws(c, row);
    seeding_fails(c, row);
    unsigned on_device = bad_sources(c, row);
    uint64_t looked_at = values + draws + 1 + SOURCES + on_device;
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, looked_at,
                            "the generator is not seeded as it should be on every device and at every start");
        return;
    }
    char place[64] = "host";
    if (on_device > 0) {
        snprintf(place, sizeof place, "host and %s", c->trial->device->name);
    }
    rk_pass(
        row, looked_at,
        "%llu values of %d devices' first exchanges all differ; %llu draws of the run came after a seeding with 48 "
        "bytes (256 bits of strength and a nonce); a stuck and a biased entropy source were refused (%s); a seeding "
        "that failed left no key and no frame",
        (unsigned long long)values, FLEET, (unsigned long long)draws, place);
}
