/* R21 to R25: renewal, and what each state permits. */
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"
#include "engine/model/association.h"

#define S_ns 1000000000ull

enum { KEYS_max = 64, RENEWALS = 4 };

/* R21 */

/* The longest that one renewal may take, all its tries and their waits. */
static uint64_t worst_renewal_ns(const struct rk_policy *policy)
{
    uint64_t sum_ns = 0;
    for (unsigned i = 0; i < policy->attempts && i < 32; i++) {
        sum_ns += policy->retry_ns << i;
    }
    return sum_ns;
}

/* Seals of data after the originator-usage period, and keys that ended without a successor. */
static uint64_t ends(const struct rk_duo *duo, struct rk_audit_row *row)
{
    const struct rk_log *log = &duo->log;
    uint64_t keys = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        char when[64];
        rk_log_when(entry, when, sizeof when);
        if (entry->kind != RK_LOG_RECORD) {
            continue;
        }
        keys += entry->move.record.to == RK_STATE_ACTIVE;
        uint8_t reason = entry->move.record.reason;
        if (reason == RK_REASON_EXPIRED || reason == RK_REASON_EXHAUSTED) {
            rk_counter(row, "%s: key %u %s before a successor was active", when, entry->move.record.key_id,
                       reason == RK_REASON_EXPIRED ? "expired" : "was exhausted");
        }
    }
    return keys;
}

void rk_judge_r21(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_policy *policy = &c->config.policy;
    struct rk_duo *duo = rk_case_duo(c, 21);
    uint64_t margin_ns = worst_renewal_ns(policy);
    unsigned renewed = 0;
    rk_duo_start(duo);
    for (unsigned i = 0; policy->triggers != 0 && i < RENEWALS; i++) {
        duo->lose_kind = i == 0 ? RK_DUO_NO_FRAME : (int)(RK_FRAME_R1 + i - 1);
        renewed += rk_duo_renew(duo);
        rk_duo_send(duo, RK_ROLE_DEVICE, 16);
    }
    uint64_t keys = ends(duo, row);
    rk_duo_free(duo);
    bool timed = (policy->triggers & RK_TRIGGER_INTERVAL) != 0 && policy->cryptoperiod_ns != RK_NEVER_ns;
    if (policy->triggers == 0) {
        rk_counter(row, "the policy never renews: key 1 has no successor");
    } else if (renewed < RENEWALS) {
        rk_counter(row, "renewal %u did not end with a new key", renewed + 1);
    } else if (timed && policy->interval_ns + margin_ns > policy->cryptoperiod_ns) {
        rk_counter(row, "a renewal asked for after %llu s may take %llu s; the key ends after %llu s",
                   (unsigned long long)(policy->interval_ns / S_ns), (unsigned long long)(margin_ns / S_ns),
                   (unsigned long long)(policy->cryptoperiod_ns / S_ns));
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, keys + 1, "a key can end without a successor");
    } else {
        rk_pass(row, keys,
                "%u renewals in a row, with R1, R2 and R3 lost once each: each successor active before its "
                "predecessor's end%s; a renewal with all its tries takes at most %llu s",
                RENEWALS, policy->cryptoperiod_ns == RK_NEVER_ns ? " (which this study gives none: R28)" : "",
                (unsigned long long)(margin_ns / S_ns));
    }
}

/* R22 */

enum { CALLS_max = 64 };

struct calls {
    unsigned count;
    struct {
        uint8_t party, what, alg;
        uint16_t bytes;
    } call[CALLS_max];
};

/* The calls that make a key, of both parties, in order; data and the store's seals are left out. */
static struct calls making(const struct rk_log *log, size_t from)
{
    struct calls calls = {0};
    for (size_t i = from; i < log->entries && calls.count < CALLS_max; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        bool makes =
            entry->kind == RK_LOG_CALL && (entry->call.what == RK_CALL_MAC || entry->call.what == RK_CALL_KDF ||
                                           entry->call.what == RK_CALL_GENERATE ||
                                           entry->call.what == RK_CALL_KEY_PAIR || entry->call.what == RK_CALL_AGREE ||
                                           entry->call.what == RK_CALL_WRAP || entry->call.what == RK_CALL_UNWRAP);
        /* A boot's number for the store's nonces is drawn once, by whoever starts. */
        if (makes && entry->call.what == RK_CALL_GENERATE && entry->call.bytes < 16) {
            continue;
        }
        if (makes) {
            calls.call[calls.count].party = entry->party;
            calls.call[calls.count].what = entry->call.what;
            calls.call[calls.count].alg = entry->call.alg;
            calls.call[calls.count++].bytes = entry->call.bytes;
        }
    }
    return calls;
}

static void compare_calls(const struct calls *first, const struct calls *later, unsigned renewal,
                          struct rk_audit_row *row)
{
    for (unsigned i = 0; i < first->count || i < later->count; i++) {
        bool missing = i >= later->count, more = i >= first->count;
        if (!missing && !more && memcmp(&first->call[i], &later->call[i], sizeof first->call[i]) == 0) {
            continue;
        }
        rk_counter(row, "call %u: %s made the first key, %s made the key of renewal %u", i + 1,
                   more ? "nothing more" : rk_log_call_name(first->call[i].what),
                   missing ? "nothing more" : rk_log_call_name(later->call[i].what), renewal);
    }
}

void rk_judge_r22(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 22);
    rk_duo_start(duo);
    struct calls first = making(&duo->log, 0);
    uint64_t compared = 0;
    for (unsigned i = 1; i <= RENEWALS; i++) {
        size_t from = duo->log.entries;
        rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
        struct calls later = making(&duo->log, from);
        compare_calls(&first, &later, i, row);
        compared += later.count;
    }
    if (first.count == 0) {
        rk_counter(row, "no call made the first key");
    }
    /* What made them is judged by R1 to R9, whose runs are mostly renewals. */
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, compared, "a renewal makes its key in another way than the first one was made");
    } else {
        rk_pass(row, compared,
                "%u renewals made their keys by the same %u calls, algorithms and lengths as the first key; R1 to R9 "
                "judge those calls over all renewals of the run",
                RENEWALS, first.count);
    }
    rk_duo_free(duo);
}

/* R23 */

/* The class that a key's origins give it: what it depends on besides fresh randomness. */
static const char *class_of(const struct rk_log *log, int value, const int *older, unsigned count)
{
    bool nonces = false, shared = false, fixed = false, master = false, old = false, drawn = false;
    for (unsigned i = 0; i < count; i++) {
        old = old || rk_log_descends(log, value, older[i]);
    }
    for (size_t i = 0; i < log->values; i++) {
        if (!rk_log_descends(log, value, (int)i)) {
            continue;
        }
        const struct rk_value *origin = &log->value[i];
        nonces = nonces || origin->kind == RK_VALUE_RANDOM;
        shared = shared || origin->kind == RK_VALUE_SHARED;
        drawn = drawn || origin->kind == RK_VALUE_UNWRAPPED;
        fixed = fixed || (origin->name != NULL && strcmp(origin->name, "server's static key") == 0);
        master = master || (origin->name != NULL && strcmp(origin->name, "master key") == 0);
    }
    if (old) {
        return nonces ? "A3" : "A4";
    }
    if (shared) {
        return fixed ? "A0" : "A1"; /* with the server's static key: opened by that key, and by no session's */
    }
    if (master) {
        return nonces ? "A2" : "A5";
    }
    return drawn || nonces ? "A0" : "none";
}

static bool associated(const char *class)
{
    return class[0] != 'A' || class[1] >= '2';
}

static const char *knowledge_name(unsigned bit)
{
    static const char *const names[] = {"the old key",
                                        "the frames",
                                        "the authentication key",
                                        "the master key",
                                        "the KEK",
                                        "the server's static key",
                                        "the ephemeral private key"};
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

static void knowledge_text(unsigned knowledge, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned bit = 0; knowledge_name(bit) != NULL; bit++) {
        if ((knowledge >> bit & 1) != 0 && used < room) {
            used += (size_t)snprintf(out + used, room - used, "%s%s", used > 0 ? " and " : "", knowledge_name(bit));
        }
    }
}

/* Tries to compute a successor from every set of what an adversary may have. The least set that does: to `least`.
 * out: sets tried. */
static uint64_t try_all(const struct rk_case *c, char *least, size_t room, struct rk_audit_row *row)
{
    bool computed[RK_KNOWLEDGE_SETS];
    struct rk_diag diag = {""};
    const struct rk_association graph = rk_association_of(c->config.policy.mechanism, false);
    least[0] = '\0';
    if (rk_association_try(c->library, &c->config, false, c->trial->seed, computed, &diag) != RK_OK) {
        rk_counter(row, "no renewal to try it on: %s", diag.text);
        return 1;
    }
    unsigned best = RK_KNOWLEDGE_SETS;
    for (unsigned set = 0; set < RK_KNOWLEDGE_SETS; set++) {
        if (computed[set] != rk_association_computable(&graph, (uint8_t)set)) {
            char text[200];
            knowledge_text(set, text, sizeof text);
            rk_counter(row, "with %s the new key %s be computed, against the mechanism's graph", text,
                       computed[set] ? "could" : "could not");
        }
        bool fewer = best == RK_KNOWLEDGE_SETS || __builtin_popcount(set) < __builtin_popcount(best);
        best = computed[set] && fewer ? set : best;
    }
    if (computed[RK_KNOWS_OLD_KEY | RK_KNOWS_TRANSCRIPT]) {
        rk_counter(row, "the new key was computed from the old one and the frames");
    }
    if (best != RK_KNOWLEDGE_SETS) {
        knowledge_text(best, least, room);
    } else {
        snprintf(least, room, "nothing that outlives the exchange");
    }
    return RK_KNOWLEDGE_SETS;
}

void rk_judge_r23(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    int key[KEYS_max];
    unsigned keys = 0;
    char least[200];
    const char *worst = "A0";
    for (size_t i = 0; i < log->entries && keys < KEYS_max; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD || entry->party != RK_ROLE_DEVICE ||
            entry->move.record.from != RK_STATE_PRE_ACTIVATION || entry->move.record.to != RK_STATE_ACTIVE) {
            continue;
        }
        char when[64];
        rk_log_when(entry, when, sizeof when);
        const char *class = class_of(log, entry->move.value, key, keys);
        if (keys > 0 && associated(class)) {
            rk_counter(row, "%s: key %u is of class %s: it follows from %s", when, entry->move.record.key_id, class,
                       class[1] >= '3' && class[1] <= '4' ? "its predecessor"
                                                          : "the master key, as its predecessor did");
        }
        worst = strcmp(class, worst) > 0 && keys > 0 ? class : worst;
        key[keys++] = entry->move.value;
    }
    if (keys < 2) {
        rk_counter(row, "the run renewed no key");
    }
    uint64_t tried = try_all(c, least, sizeof least, row);
    const char *mechanism = rk_mechanism_name(c->config.policy.mechanism);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, keys + tried,
                            "mechanism %s: new keys are associated with old ones, class %s (pass: A0, A1); the least "
                            "that computed one: %s",
                            mechanism, worst, least);
    } else {
        rk_pass(row, keys + tried,
                "mechanism %s, class %s: of %u keys in a row none follows from an older one or from a key that an "
                "older one was derived from; %llu sets of knowledge tried, the least that computed one: %s",
                mechanism, worst, keys, (unsigned long long)tried, least);
    }
}

/* R24 */

/* From: rows. Typed from SP 800-57 Part 1 section 7 for a data-encryption key, and from ISO/IEC 11770-1. */
static const char *const edges[RK_PROFILE_COUNT][RK_STATE_COUNT] = {
    [RK_PROFILE_NIST] = {".+.....", "..+..++", "...+++.", "..+.++.", ".....++", "......+", "......."},
    [RK_PROFILE_ISO] = {".+.....", "..+...+", "....+..", ".......", "..+...+", ".......", "......."},
};

/* What a party's keys are, at a place in the log. */
struct states {
    unsigned count;
    struct {
        uint32_t id;
        int value;
        uint8_t before, now; /* before the step under way, and after the records seen */
    } key[KEYS_max];
};

static unsigned state_of(struct states *states, uint32_t id)
{
    unsigned i = 0;
    while (i < states->count && states->key[i].id != id) {
        i++;
    }
    if (i == states->count && states->count < KEYS_max) {
        states->key[states->count++].id = id;
        states->key[i].value = RK_NO_VALUE;
    }
    return i < KEYS_max ? i : KEYS_max - 1;
}

static bool may_follow(uint8_t profile, const struct rk_record *record)
{
    /* Neither is a change of state: read back after a restart; a compromise found after destruction (7.6). */
    bool noted =
        record->from == record->to && (record->reason == RK_REASON_RESTORED || record->reason == RK_REASON_COMPROMISE);
    return noted || (record->from < RK_STATE_COUNT && record->to < RK_STATE_COUNT &&
                     edges[profile][record->from][record->to] == '+');
}

/* A step's records are logged after its calls: so each step is walked twice. */
static size_t take_records(struct states *states, const struct rk_case *c, size_t event, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    size_t i = event + 1;
    for (unsigned k = 0; k < states->count; k++) {
        states->key[k].before = states->key[k].now;
    }
    for (; i < log->entries && log->entry[i].kind != RK_LOG_RESULT; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD) {
            continue;
        }
        const struct rk_record *record = &entry->move.record;
        unsigned k = state_of(states, record->key_id);
        states->key[k].now = record->to;
        if (entry->move.value != RK_NO_VALUE) {
            states->key[k].value = entry->move.value;
        }
        if (!may_follow(c->config.profile, record)) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: key %u went from %s to %s", when, record->key_id, rk_key_state_name(record->from),
                       rk_key_state_name(record->to));
        }
    }
    return i;
}

static bool permits(uint8_t what, uint8_t before, uint8_t now)
{
    if (what == RK_CALL_SEAL) {
        return before == RK_STATE_ACTIVE || now == RK_STATE_ACTIVE;
    }
    return before == RK_STATE_ACTIVE || before == RK_STATE_SUSPENDED || before == RK_STATE_DEACTIVATED ||
           now == RK_STATE_ACTIVE;
}

/* out: whether a call took the key that stands in `value`: itself, or the traffic key that was derived from it alone. */
static bool takes(const struct rk_log *log, const struct rk_log_entry *entry, int value)
{
    const int call = entry->call.key;
    return call == value ||
           (call != RK_NO_VALUE && log->value[call].parents == 1 && log->value[call].parent[0] == value);
}

static uint64_t judge_calls(const struct states *states, const struct rk_log *log, size_t from, size_t to,
                            struct rk_audit_row *row)
{
    uint64_t uses = 0;
    for (size_t i = from; i < to; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        bool seals = entry->kind == RK_LOG_CALL && entry->call.result == RK_CRYPTO_OK &&
                     (entry->call.what == RK_CALL_SEAL || entry->call.what == RK_CALL_OPEN);
        for (unsigned k = 0; seals && entry->call.key_at == 0 && k < states->count; k++) {
            if (states->key[k].value == RK_NO_VALUE || !takes(log, entry, states->key[k].value)) {
                continue;
            }
            uses++;
            if (!permits(entry->call.what, states->key[k].before, states->key[k].now)) {
                char when[64];
                rk_log_when(entry, when, sizeof when);
                rk_counter(row, "%s: key %u, %s, was used to %s", when, states->key[k].id,
                           rk_key_state_name(states->key[k].before), rk_log_call_name(entry->call.what));
            }
        }
    }
    return uses;
}

void rk_judge_r24(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    struct states *states = calloc(2, sizeof *states);
    uint64_t uses = 0, moves = 0;
    RK_REQUIRE(states != NULL);
    for (size_t i = 0; i < log->entries; i++) {
        moves += log->entry[i].kind == RK_LOG_RECORD;
        if (log->entry[i].kind == RK_LOG_EVENT) {
            struct states *party = &states[log->entry[i].party];
            size_t end = take_records(party, c, i, row);
            uses += judge_calls(party, log, i, end, row);
        }
    }
    free(states);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, uses + moves, "a key was used or moved against its state");
    } else {
        rk_pass(row, uses + moves,
                "%llu uses of traffic keys, each permitted by its state; %llu changes of state, each an edge of %s",
                (unsigned long long)uses, (unsigned long long)moves,
                c->config.profile == RK_PROFILE_NIST ? "SP 800-57" : "ISO/IEC 11770-1");
    }
}

/* R25 */

/* The records of each key, of each party, from its beginning to its end without a gap. */
static uint64_t histories(const struct rk_log *log, struct rk_audit_row *row)
{
    struct states *states = calloc(2, sizeof *states);
    uint64_t records = 0;
    RK_REQUIRE(states != NULL);
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD) {
            continue;
        }
        struct states *party = &states[entry->party];
        unsigned k = state_of(party, entry->move.record.key_id);
        char when[64];
        rk_log_when(entry, when, sizeof when);
        records++;
        if (party->key[k].now != entry->move.record.from) {
            rk_counter(row, "%s: key %u was %s, and its next record begins at %s", when, entry->move.record.key_id,
                       rk_key_state_name(party->key[k].now), rk_key_state_name(entry->move.record.from));
        }
        party->key[k].now = entry->move.record.to;
    }
    for (unsigned p = 0; p < 2; p++) {
        for (unsigned k = 0; k < states[p].count; k++) {
            if (states[p].key[k].now != RK_STATE_DESTROYED) {
                rk_counter(row, "the %s's key %u has no record of its end", p == RK_ROLE_DEVICE ? "device" : "server",
                           states[p].key[k].id);
            }
        }
    }
    free(states);
    return records;
}

/* A frame under a key that arrives after its end, at both parties. */
static unsigned too_late(struct rk_duo *duo, struct rk_audit_row *row)
{
    struct rk_log_frame frame[2];
    for (uint8_t role = 0; role < 2; role++) {
        duo->lose_kind = RK_FRAME_DATA;
        rk_duo_send(duo, role, 16);
        duo->lose_kind = RK_DUO_NO_FRAME;
        frame[role] = duo->log.frame[duo->log.frames - 1];
    }
    rk_duo_renew(duo);
    rk_duo_run(duo, duo->now_ns + duo->config.policy.overlap_ns + S_ns);
    for (uint8_t role = 0; role < 2; role++) {
        uint32_t delivered = duo->delivered[role ^ 1];
        rk_duo_event(duo, role ^ 1, RK_EVENT_RECEIVE, frame[role].data, frame[role].bytes);
        if (duo->delivered[role ^ 1] != delivered) {
            rk_counter(row, "the %s processed a frame of key 1 after its destruction",
                       role == RK_ROLE_SERVER ? "device" : "server");
        }
    }
    return 2;
}

void rk_judge_r25(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 25);
    rk_duo_start(duo);
    uint64_t frames = too_late(duo, row);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_SUSPEND, NULL, 0);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0);
    rk_duo_renew(duo);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    rk_duo_run(duo, duo->now_ns + duo->config.policy.overlap_ns + S_ns);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    rk_duo_event(duo, RK_ROLE_SERVER, RK_EVENT_ZEROISE, NULL, 0);
    uint64_t records = histories(&duo->log, row);
    rk_duo_free(duo);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, frames + records, "a destroyed key answers, or its history has a gap");
    } else {
        rk_pass(row, frames + records,
                "%llu frames of destroyed keys refused; %llu records, each key's from its generation to its "
                "destruction without a gap, on both sides",
                (unsigned long long)frames, (unsigned long long)records);
    }
}
