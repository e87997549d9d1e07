/* R16: who may use a key, and for what. */
#include <string.h>

#include "bench/audit/case.h"

#define MAY(event) (1u << RK_EVENT_##event)

/* What each subject may ask for, from the module's description and not from its code. */
static const uint32_t matrix[RK_SUBJECT_COUNT] = {
    [RK_SUBJECT_APPLICATION] = MAY(SEND) | MAY(SESSION),
    [RK_SUBJECT_SYSTEM] = MAY(START) | MAY(RECEIVE) | MAY(TIMER) | MAY(RESEED),
    [RK_SUBJECT_OFFICER] = MAY(COMPROMISE) | MAY(SUSPEND) | MAY(RESUME) | MAY(BACKUP) | MAY(RESTORE) | MAY(ZEROISE),
};

/* out: whether the event was refused without any effect. */
static bool refused(struct rk_duo *duo, uint8_t role, uint8_t kind, uint8_t subject)
{
    static const uint8_t text[RK_ENTROPY_bytes] = {RK_FRAME_DATA};
    size_t before = duo->log.entries;
    int result = rk_duo_ask(duo, role, kind, subject, text, sizeof text);
    for (size_t i = before; i < duo->log.entries; i++) {
        uint8_t what = duo->log.entry[i].kind;
        if (what != RK_LOG_EVENT && what != RK_LOG_RESULT) {
            return false;
        }
    }
    return result == RK_AGENT_DENIED;
}

static uint64_t ask_all(struct rk_duo *duo, struct rk_audit_row *row)
{
    uint64_t asked = 0;
    for (uint8_t role = RK_ROLE_DEVICE; role <= RK_ROLE_SERVER; role++) {
        for (uint8_t subject = 0; subject <= RK_SUBJECT_COUNT; subject++) {
            for (uint8_t kind = 0; kind < RK_EVENT_COUNT; kind++) {
                uint32_t may = subject < RK_SUBJECT_COUNT ? matrix[subject] : 0;
                if ((may >> kind & 1) != 0) {
                    continue;
                }
                asked++;
                if (!refused(duo, role, kind, subject)) {
                    const char *name = rk_subject_name(subject);
                    rk_counter(row, "subject '%s' asked the %s for '%s' and was not refused",
                               name != NULL ? name : "none", role == RK_ROLE_DEVICE ? "device" : "server",
                               rk_event_name(kind));
                }
            }
        }
    }
    return asked;
}

/* What kind of key a call takes. */
static const char *purpose(uint8_t call)
{
    switch (call) {
    case RK_CALL_SEAL:
    case RK_CALL_OPEN:
        return "sealing";
    case RK_CALL_MAC:
        return "authentication";
    case RK_CALL_KDF:
        return "derivation";
    case RK_CALL_AGREE:
        return "agreement";
    case RK_CALL_WRAP:
    case RK_CALL_UNWRAP:
        return "key wrapping";
    default:
        return NULL;
    }
}

/* SP 800-57 Part 1, 5.2: one key, one purpose. out: uses looked at. */
static uint64_t purposes(const struct rk_log *log, struct rk_audit_row *row)
{
    enum { VALUES_max = 4096, PARTS_max = 4, PART_bytes = 16 }; /* a value may hold several keys */
    static _Thread_local const char *first[VALUES_max][PARTS_max];
    uint64_t uses = 0;
    memset(first, 0, sizeof first);
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        const char *now = entry->kind == RK_LOG_CALL ? purpose(entry->call.what) : NULL;
        unsigned part = entry->call.key_at / PART_bytes;
        if (now == NULL || entry->call.key == RK_NO_VALUE || entry->call.key >= VALUES_max || part >= PARTS_max) {
            continue;
        }
        uses++;
        const char **before = &first[entry->call.key][part];
        if (*before == NULL) {
            *before = now;
        } else if (*before != now) {
            char when[64];
            const char *name = log->value[entry->call.key].name;
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: %s, used for %s before, is used for %s", when, name != NULL ? name : "a session key",
                       *before, now);
        }
    }
    return uses;
}

void rk_judge_r16(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 16);
    rk_duo_start(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
    uint64_t asked = ask_all(duo, row);
    bool open = row->counter_example[0] != '\0';
    rk_duo_free(duo);
    uint64_t uses = purposes(&c->story->log, row);
    if (open) {
        rk_fail_requirement(row, asked + uses, "a subject was given what the module does not grant it");
    } else if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, asked + uses, "one key serves two purposes");
    } else {
        rk_pass(row, asked + uses,
                "%llu requests that no subject may make were refused without effect; %llu uses of keys, each key for "
                "one purpose",
                (unsigned long long)asked, (unsigned long long)uses);
    }
}
