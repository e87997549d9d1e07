/* R17 to R20: how keys end. */
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"
#include "engine/lifecycle/internal.h"

enum { WINDOW_bytes = 8, GENERATIONS = 4 };

/* How long a key may outlive its last need. */
#define BOUND_ns 1000000000ull

#define S_ns 1000000000ull

static void past_overlap(struct rk_duo *duo)
{
    rk_duo_run(duo, duo->now_ns + duo->config.policy.overlap_ns + BOUND_ns);
}

/* R17 */

/* When the key of a record was last needed: where it was deactivated, plus the overlap in which it still processes.
 * RK_NEVER_ns: it was needed until this very step. */
static uint64_t needed_until_ns(const struct rk_log *log, size_t destroyed, uint64_t overlap_ns)
{
    const struct rk_log_entry *end = &log->entry[destroyed];
    for (size_t i = destroyed; i-- > 0;) {
        const struct rk_log_entry *entry = &log->entry[i];
        bool same = entry->kind == RK_LOG_RECORD && entry->party == end->party &&
                    entry->move.record.key_id == end->move.record.key_id;
        if (!same) {
            continue;
        }
        switch (entry->move.record.to) {
        case RK_STATE_DEACTIVATED:
            return entry->move.record.reason == RK_REASON_COMPROMISE ? entry->time_ns : entry->time_ns + overlap_ns;
        case RK_STATE_COMPROMISED:
            return entry->time_ns;
        default:
            return RK_NEVER_ns;
        }
    }
    return RK_NEVER_ns;
}

/* out: whether the step that ends at `record` overwrote memory of this party or its NVM. */
static bool overwritten(const struct rk_duo *duo, size_t record)
{
    const struct rk_log *log = &duo->log;
    const uint8_t *agent = (const uint8_t *)&duo->agent[log->entry[record].party];
    for (size_t i = record; i-- > 0 && log->entry[i].kind != RK_LOG_EVENT;) {
        const struct rk_log_entry *entry = &log->entry[i];
        const uint8_t *memory = entry->call.memory;
        if (entry->kind == RK_LOG_STORE) {
            return true;
        }
        if (entry->kind == RK_LOG_CALL && entry->call.what == RK_CALL_WIPE && entry->call.result == RK_CRYPTO_OK &&
            entry->call.bytes >= 16 && memory >= agent && memory < agent + sizeof duo->agent[0]) {
            return true;
        }
    }
    return false;
}

void rk_judge_r17(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t ends = 0, worst_ns = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD || entry->move.record.to != RK_STATE_DESTROYED) {
            continue;
        }
        char when[64];
        rk_log_when(entry, when, sizeof when);
        ends++;
        uint64_t needed_ns = needed_until_ns(log, i, c->config.policy.overlap_ns);
        uint64_t late_ns = needed_ns < entry->time_ns ? entry->time_ns - needed_ns : 0;
        worst_ns = late_ns > worst_ns ? late_ns : worst_ns;
        if (late_ns > BOUND_ns) {
            rk_counter(row, "%s: key %u was destroyed %llu s after its last need", when, entry->move.record.key_id,
                       (unsigned long long)(late_ns / S_ns));
        }
        if (!overwritten(c->story, i)) {
            rk_counter(row, "%s: key %u is called destroyed, and neither its memory nor its record was overwritten",
                       when, entry->move.record.key_id);
        }
    }
    if (ends == 0) {
        rk_counter(row, "no key of the run was destroyed");
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, ends, "a key outlives its need, or its end is no act");
    } else {
        rk_pass(row, ends,
                "%llu keys destroyed, each by overwriting in the step that calls it destroyed, at most %llu ms after "
                "its last need (bound %llu ms)",
                (unsigned long long)ends, (unsigned long long)(worst_ns / 1000000),
                (unsigned long long)(BOUND_ns / 1000000));
    }
}

/* R18 */

/* A copy of a party's memory without what it may hold now. */
static void lawful_blanked(const struct rk_agent *agent, struct rk_agent *copy)
{
    memcpy(copy, agent, sizeof *copy);
    memset(&copy->provision, 0, sizeof copy->provision);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t state = agent->key[i].state;
        if (state != RK_STATE_NONE && state != RK_STATE_DESTROYED && state != RK_STATE_COMPROMISED) {
            memset(copy->key[i].material, 0, sizeof copy->key[i].material);
            if (agent->traffic_id == agent->key[i].id) {
                memset(copy->traffic, 0, sizeof copy->traffic);
            }
        }
    }
    if (agent->exchange.stage == RKI_STAGE_AWAIT_R2 || agent->exchange.stage == RKI_STAGE_AWAIT_R3) {
        memset(copy->exchange.secret, 0, sizeof copy->exchange.secret);
    }
}

/* Secrets that no longer live, in either party and in the actions that the last step handed out. */
static void search(struct rk_duo *duo, const char *moment, struct rk_audit_row *row)
{
    struct rk_agent copy;
    size_t at;
    for (unsigned role = 0; role < 2; role++) {
        lawful_blanked(&duo->agent[role], &copy);
        if (rk_log_leak(&duo->log, (const uint8_t *)&copy, sizeof copy, &at) != RK_NO_VALUE) {
            rk_counter(row, "%s: 8 bytes of a secret that no longer lives stand at byte %zu of the %s's memory", moment,
                       at, role == RK_ROLE_DEVICE ? "device" : "server");
        }
    }
    if (rk_log_leak(&duo->log, (const uint8_t *)&duo->actions, sizeof duo->actions, &at) != RK_NO_VALUE) {
        rk_counter(row, "%s: 8 bytes of a secret stand at byte %zu of the actions", moment, at);
    }
}

/* Whatever was used, wherever it is left, and by whom. */
static bool left_behind(const struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue)
{
    (void)row, (void)residue;
    return true;
}

void rk_judge_r18(const struct rk_case *c, struct rk_audit_row *row)
{
    static const char *const losses[] = {"after R1 was lost", "after R2 was lost", "after R3 was lost"};
    struct rk_duo *duo = rk_case_duo(c, 18);
    uint64_t moments = 3;
    rk_duo_start(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
    search(duo, "after establishment", row);
    for (unsigned i = 0; i < GENERATIONS; i++, moments += 2) {
        duo->lose_kind = i < 3 ? (int)(RK_FRAME_R1 + i) : RK_DUO_NO_FRAME;
        rk_duo_renew(duo);
        rk_duo_send(duo, RK_ROLE_DEVICE, 16);
        search(duo, i < 3 ? losses[i] : "after a renewal", row);
        past_overlap(duo);
        search(duo, "after an overlap", row);
    }
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    search(duo, "after a compromise", row);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    rk_duo_event(duo, RK_ROLE_SERVER, RK_EVENT_ZEROISE, NULL, 0);
    search(duo, "after zeroisation", row);
    char on_device[256];
    uint64_t bytes = moments * (2 * sizeof(struct rk_agent) + sizeof duo->actions);
    bytes += rk_look_judge(c->look, left_behind, row, on_device);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, bytes, "a secret outlives its use in memory");
    } else {
        rk_pass(row, bytes,
                "%zu values searched for in both parties' memory at %llu moments: none but those that live%s",
                duo->log.values, (unsigned long long)moments, on_device);
    }
    rk_duo_free(duo);
}

/* R19, R20: non-volatile memory */

/* The sealed part of a record begins here; before it stand its number and its holder's, which are no secrets. */
enum { SEALED_AT = 12 };

/* out: whether 8 bytes at `at` can only come from a seal: no blank or overwritten cells among them, and no header. */
static bool sealed(const uint8_t *image, size_t at)
{
    size_t in_record = at % RK_RECORD_bytes;
    if (in_record < SEALED_AT || in_record + WINDOW_bytes > RK_RECORD_bytes) {
        return false;
    }
    for (size_t i = 0; i + 1 < WINDOW_bytes; i++) {
        bool blank = image[at + i] == 0 || image[at + i] == 0xff;
        if (blank && image[at + i] == image[at + i + 1]) {
            return false;
        }
    }
    return true;
}

/* out: where 8 bytes that were sealed in `before` stand in `now`, or SIZE_MAX. Both have `bytes`. */
static size_t remains(const uint8_t *before, const uint8_t *now, size_t bytes)
{
    for (size_t at = 0; at + WINDOW_bytes <= bytes; at++) {
        if (sealed(before, at) && memmem(now, bytes, before + at, WINDOW_bytes) != NULL) {
            return at;
        }
    }
    return SIZE_MAX;
}

static const uint16_t geometries[] = {0, RK_RECORD_bytes, 1024};

static const char *geometry_name(uint16_t erase_bytes)
{
    return erase_bytes == 0                 ? "EEPROM"
           : erase_bytes == RK_RECORD_bytes ? "flash of 128-byte segments"
                                            : "flash of pages";
}

/* Blanks the records of an image that do not hold this key. */
static void without_others(uint8_t *image, uint32_t key_id)
{
    for (size_t at = 0; at < RK_DUO_NVM_bytes; at += RK_RECORD_bytes) {
        uint32_t holder; /* the number of the record's key stands first in it */
        memcpy(&holder, image + at, sizeof holder);
        if (holder != key_id) {
            memset(image + at, 0xff, RK_RECORD_bytes);
        }
    }
}

/* The first key of a pair through its end: its value in both memories, its sealed record in NVM. */
static void follow_first_key(const struct rk_case *c, uint16_t erase_bytes, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo_on(c, 19, erase_bytes);
    uint8_t material[RK_KEY_MAX_bytes];
    rk_duo_start(duo);
    const struct rk_key *first = rk_duo_key(duo, RK_ROLE_DEVICE);
    uint8_t *before = malloc(sizeof duo->image);
    RK_REQUIRE(before != NULL);
    memcpy(before, duo->image, sizeof duo->image);
    without_others(before, 1);
    memcpy(material, first != NULL ? first->material : (const uint8_t *)"", first != NULL ? sizeof material : 0);
    rk_duo_renew(duo);
    past_overlap(duo);
    size_t at = remains(before, duo->image, sizeof duo->image);
    if (first == NULL) {
        rk_counter(row, "the drill's pair has no key");
    } else if (at != SIZE_MAX) {
        rk_counter(row, "the sealed record of key 1 still stands in NVM (%s), bytes of its address %zu",
                   geometry_name(erase_bytes), at);
    }
    for (unsigned role = 0; role < 2; role++) {
        if (first != NULL && memmem(&duo->agent[role], sizeof duo->agent[role], material, WINDOW_bytes) != NULL) {
            rk_counter(row, "key 1 stands in the %s's memory after its destruction",
                       role == RK_ROLE_DEVICE ? "device" : "server");
        }
    }
    free(before);
    rk_duo_free(duo);
}

/* A library's residues may be of the key that lives: R18 and R20 have them. */
static bool copy_left(const struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue)
{
    return strcmp(row->after, "destroy") == 0 && residue->owner == RK_ZEROISE_OURS;
}

void rk_judge_r19(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t places = 0;
    for (size_t i = 0; i < sizeof geometries / sizeof geometries[0]; i++) {
        follow_first_key(c, geometries[i], row);
        places += 3;
    }
    char on_device[256];
    places += rk_look_judge(c->look, copy_left, row, on_device);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, places, "a copy of a destroyed key remains");
    } else {
        rk_pass(row, places,
                "key 1 followed to its end on EEPROM, segments and pages: no bytes of it in the device, in the server, "
                "or of its sealed record in NVM%s",
                on_device);
    }
}

/* Everything that ever stood in NVM, gone at the end of life. */
static uint64_t end_of_life(const struct rk_case *c, uint16_t erase_bytes, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo_on(c, 20, erase_bytes);
    uint8_t(*before)[RK_DUO_NVM_bytes] = calloc(GENERATIONS, sizeof *before);
    RK_REQUIRE(before != NULL);
    rk_duo_start(duo);
    for (unsigned i = 0; i < GENERATIONS; i++) {
        memcpy(before[i], duo->image, sizeof *before);
        rk_duo_renew(duo);
    }
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    for (unsigned i = 0; i < GENERATIONS; i++) {
        size_t at = remains(before[i], duo->image, sizeof *before);
        if (at != SIZE_MAX) {
            rk_counter(row, "after zeroisation bytes of address %zu, written under key %u, can still be read (%s)", at,
                       i + 1, geometry_name(erase_bytes));
        }
    }
    free(before);
    rk_duo_free(duo);
    return (uint64_t)GENERATIONS * RK_DUO_NVM_bytes;
}

/* At the end of life every secret is one too many, wherever it is. */
static bool left_at_the_end(const struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue)
{
    (void)residue;
    return strcmp(row->op, "lifecycle: zeroise") == 0;
}

void rk_judge_r20(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof geometries / sizeof geometries[0]; i++) {
        bytes += end_of_life(c, geometries[i], row);
    }
    char on_device[256];
    bytes += rk_look_judge(c->look, left_at_the_end, row, on_device);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, bytes, "what was destroyed can be read");
    } else {
        rk_pass(row, bytes,
                "after zeroisation no 8 bytes of %u generations can be read back from EEPROM, segments or pages%s",
                GENERATIONS, on_device);
    }
}
