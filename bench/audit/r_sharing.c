/* R7 to R9: how keys are shared. */
#include <string.h>

#include "bench/audit/case.h"
#include "engine/lifecycle/scheme.h"

/* R7 */

/* How much a leak of today's device leaves closed: 3 both past and future, 2 and 1 the past alone, 0 nothing. */
static int safety(uint8_t mechanism)
{
    const char *name = rk_mechanism_class(mechanism);
    switch (name != NULL ? name[1] : '5') {
    case '0':
    case '1':
        return 3;
    case '3':
        return 2;
    case '4':
        return 1;
    default:
        return 0;
    }
}

/* Which mechanisms fit, by the device's cost rows; the safest of them in *best. */
static unsigned feasible(const struct rk_case *c, uint8_t *best, char *names, size_t room)
{
    unsigned count = 0;
    size_t used = 0;
    *best = c->trial->policy.mechanism;
    names[0] = '\0';
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = *c->trial;
        struct rk_diag diag;
        trial.policy.mechanism = mechanism;
        if (rk_trial_feasible(&trial, &diag) != RK_OK) {
            continue;
        }
        count++;
        used += (size_t)snprintf(names + used, used < room ? room - used : 0, "%s%s %s", used > 0 ? ", " : "",
                                 rk_mechanism_name(mechanism), rk_mechanism_class(mechanism));
        *best = safety(mechanism) > safety(*best) ? mechanism : *best;
    }
    return count;
}

/* Secrets on the air. out: frames looked at. */
static uint64_t frames_leak(const struct rk_case *c, struct rk_audit_row *row)
{
    static const char *const kinds[] = {"none", "data", "R1", "R2", "R3", "backup"};
    const struct rk_log *log = &c->story->log;
    for (size_t i = 0; i < log->frames; i++) {
        const struct rk_log_frame *frame = &log->frame[i];
        if (frame->leak != RK_NO_VALUE) {
            rk_counter(row, "%s of the %s at %llu s has 8 bytes of a secret in the clear at byte %u",
                       frame->kind < sizeof kinds / sizeof kinds[0] ? kinds[frame->kind] : "frame",
                       frame->from == RK_ROLE_DEVICE ? "device" : "server",
                       (unsigned long long)(frame->time_ns / 1000000000), frame->leak_at);
        }
    }
    return log->frames;
}

void rk_judge_r7(const struct rk_case *c, struct rk_audit_row *row)
{
    char names[300];
    uint8_t best, mechanism = c->trial->policy.mechanism;
    uint64_t frames = frames_leak(c, row);
    unsigned fit = feasible(c, &best, names, sizeof names);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, frames + fit, "bytes of a key are on the air in the clear");
    } else if (safety(best) > safety(mechanism)) {
        rk_counter(row, "%s (class %s) is chosen, %s (class %s) fits", rk_mechanism_name(mechanism),
                   rk_mechanism_class(mechanism), rk_mechanism_name(best), rk_mechanism_class(best));
        rk_fail_requirement(row, frames + fit, "a safer mechanism than %s fits %s with %s: of %s",
                            rk_mechanism_name(mechanism), c->trial->device->name, c->library->name, names);
    } else {
        rk_pass(row, frames + fit,
                "%s (class %s) is as safe as any that fits %s with %s (%s); no secret in %llu frames",
                rk_mechanism_name(mechanism), rk_mechanism_class(mechanism), c->trial->device->name, c->library->name,
                names, (unsigned long long)frames);
    }
}

/* R8 */

/* out: whether a wipe within the same step, after entry `from`, covers the 32 bytes at its memory. */
static bool wiped(const struct rk_log *log, size_t from)
{
    const uint8_t *memory = log->entry[from].call.memory;
    for (size_t i = from + 1; i < log->entries && log->entry[i].kind != RK_LOG_RESULT; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        const uint8_t *begin = entry->call.memory;
        if (entry->kind == RK_LOG_CALL && entry->call.what == RK_CALL_WIPE && entry->call.result == RK_CRYPTO_OK &&
            begin <= memory && begin + entry->call.bytes >= memory + RK_SECRET_bytes) {
            return true;
        }
    }
    return false;
}

/* out: whether the party of the record checked a tag under the key's value before. */
static bool confirmed(const struct rk_log *log, size_t record)
{
    const struct rk_log_entry *move = &log->entry[record];
    for (size_t i = 0; i < record; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind == RK_LOG_CALL && entry->party == move->party && entry->call.what == RK_CALL_OPEN &&
            entry->call.result == RK_CRYPTO_OK && entry->call.key == move->move.value) {
            return true;
        }
    }
    return false;
}

/* What becomes of a shared secret: it enters derivations that name the device, and is wiped in the same step. */
static uint64_t shared_secrets(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t count = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        char when[64];
        if (entry->kind != RK_LOG_CALL || entry->call.result != RK_CRYPTO_OK) {
            continue;
        }
        rk_log_when(entry, when, sizeof when);
        if (entry->call.what == RK_CALL_AGREE && log->value[entry->call.out].kind == RK_VALUE_SHARED) {
            count++;
            if (!wiped(log, i)) {
                rk_counter(row, "%s: the shared secret at %p is not overwritten before the step ends", when,
                           entry->call.memory);
            }
        }
        bool takes = entry->call.key != RK_NO_VALUE && log->value[entry->call.key].kind == RK_VALUE_SHARED;
        if (takes && entry->call.what != RK_CALL_KDF) {
            rk_counter(row, "%s: a shared secret is the key of a %s", when, rk_log_call_name(entry->call.what));
        }
        if (takes && entry->call.what == RK_CALL_KDF &&
            memmem(entry->call.context, sizeof entry->call.context, &c->config.device_id, 4) == NULL) {
            rk_counter(row, "%s: the derivation of a shared secret does not name the device", when);
        }
    }
    return count;
}

static uint64_t unconfirmed(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t count = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD || entry->move.record.from != RK_STATE_PRE_ACTIVATION ||
            entry->move.record.to != RK_STATE_ACTIVE) {
            continue;
        }
        count++;
        if (!confirmed(log, i)) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: key %u became active before a tag under it was checked", when,
                       entry->move.record.key_id);
        }
    }
    return count;
}

void rk_judge_r8(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_scheme scheme;
    if (!rk_case_agrees(c) || !rk_scheme_of(c->config.policy.mechanism, &scheme)) {
        rk_not_applicable(row, "mechanism %s uses neither discrete logarithms nor factorisation",
                          rk_mechanism_name(c->config.policy.mechanism));
        return;
    }
    uint64_t secrets = shared_secrets(c, row);
    uint64_t keys = unconfirmed(c, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, secrets + keys, "a shared secret is kept or misused, or a key active unconfirmed");
    } else {
        rk_pass(row, secrets + keys,
                "%s: %llu shared secrets, each only entered a derivation that names the device "
                "and was "
                "overwritten in the same step; %llu keys became active after a tag under them was checked",
                scheme.nist, (unsigned long long)secrets, (unsigned long long)keys);
    }
}

/* R9 */

/* What feeding a frame again changed: out: a line in the row's counter-example. */
static bool accepted(struct rk_duo *duo, uint8_t to, const struct rk_log_frame *frame, const char *what,
                     struct rk_audit_row *row)
{
    uint32_t delivered = duo->delivered[to];
    size_t before = duo->log.entries;
    rk_duo_event(duo, to, RK_EVENT_RECEIVE, frame->data, frame->bytes);
    bool moved = false;
    for (size_t i = before; i < duo->log.entries; i++) {
        moved = moved || duo->log.entry[i].kind == RK_LOG_RECORD;
    }
    if (!moved && duo->delivered[to] == delivered) {
        return false;
    }
    rk_counter(row, "%s of kind %u, first sent at %llu.%03llu s, %s at %llu.%03llu s by the %s", what, frame->kind,
               (unsigned long long)(frame->time_ns / 1000000000), (unsigned long long)(frame->time_ns / 1000000 % 1000),
               moved ? "moved a key" : "was delivered", (unsigned long long)(duo->now_ns / 1000000000),
               (unsigned long long)(duo->now_ns / 1000000 % 1000), to == RK_ROLE_DEVICE ? "device" : "server");
    return true;
}

static void short_run(struct rk_duo *duo)
{
    rk_duo_start(duo);
    for (unsigned i = 0; i < 4; i++) {
        rk_duo_send(duo, RK_ROLE_DEVICE, 16);
        rk_duo_send(duo, RK_ROLE_SERVER, 16);
    }
    rk_duo_renew(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
}

/* All frames so far: again to who got them, back to who sent them, and to another pair. */
static uint64_t offer_all(struct rk_duo *duo, struct rk_duo *other, struct rk_audit_row *row)
{
    uint64_t offered = 0;
    size_t frames = duo->log.frames;
    for (size_t i = 0; i < frames; i++) {
        struct rk_log_frame frame = duo->log.frame[i];
        accepted(duo, frame.from ^ 1, &frame, "replayed frame", row);
        accepted(duo, frame.from, &frame, "reflected frame", row);
        accepted(other, frame.from ^ 1, &frame, "frame of another pair", row);
        offered += 3;
    }
    return offered;
}

void rk_judge_r9(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 9), *other = rk_case_duo(c, 10);
    short_run(duo);
    short_run(other);
    uint64_t offered = offer_all(duo, other, row);
    rk_duo_renew(duo);
    offered += offer_all(duo, other, row);
    struct rk_scheme scheme;
    RK_REQUIRE(rk_scheme_of(c->config.policy.mechanism, &scheme));
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, offered, "of %llu frames offered again, reflected or of another pair one was accepted",
                            (unsigned long long)offered);
    } else {
        rk_pass(
            row, offered,
            "%s%s; authenticated by: %s; fresh by: %s; %llu frames replayed, reflected and sent by another pair, none "
            "delivered a text or moved a key",
            scheme.iso, scheme.iso_assumed ? " (its number is from memory)" : "", scheme.authentication,
            scheme.freshness, (unsigned long long)offered);
    }
    rk_duo_free(other);
    rk_duo_free(duo);
}
