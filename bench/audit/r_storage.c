/* R10 to R15: how keys are kept, backed up and restored. */
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"
#include "engine/lifecycle/internal.h"
#include "engine/model/hsm.h"

#define S_ns 1000000000ull

/* R10 */

static int by_nonce(const void *left, const void *right)
{
    const struct rk_log_entry *a = *(const struct rk_log_entry *const *)left;
    const struct rk_log_entry *b = *(const struct rk_log_entry *const *)right;
    if (a->call.key != b->call.key || a->call.key_at != b->call.key_at) {
        return a->call.key != b->call.key ? (a->call.key < b->call.key ? -1 : 1) : a->call.key_at - b->call.key_at;
    }
    return memcmp(a->call.nonce, b->call.nonce, sizeof a->call.nonce);
}

/* Two different texts under one key and one nonce, anywhere in the log. out: seals. */
static uint64_t nonces_repeat(const struct rk_log *log, struct rk_audit_row *row)
{
    const struct rk_log_entry **seal = calloc(log->entries + 1, sizeof(struct rk_log_entry *));
    size_t seals = 0;
    RK_REQUIRE(seal != NULL);
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind == RK_LOG_CALL && entry->call.what == RK_CALL_SEAL && entry->call.key != RK_NO_VALUE) {
            seal[seals++] = entry;
        }
    }
    qsort(seal, seals, sizeof(struct rk_log_entry *), by_nonce);
    for (size_t i = 1; i < seals; i++) {
        if (by_nonce(&seal[i - 1], &seal[i]) == 0 && seal[i - 1]->call.input != seal[i]->call.input) {
            char first[64], second[64];
            rk_log_when(seal[i - 1], first, sizeof first);
            rk_log_when(seal[i], second, sizeof second);
            rk_counter(row, "%s and %s: two texts under the same key and nonce (counter %02x%02x%02x%02x)", first,
                       second, seal[i]->call.nonce[8], seal[i]->call.nonce[7], seal[i]->call.nonce[6],
                       seal[i]->call.nonce[5]);
        }
    }
    free(seal);
    return seals;
}

/* Sends until a text arrives: after a restart the first ones may be refused as replays. out: texts it took, 0: none. */
static unsigned heard_after(struct rk_duo *duo, uint8_t from)
{
    uint32_t delivered = duo->delivered[from ^ 1];
    for (unsigned i = 1; i <= RKI_RECEIVE_BLOCK + 1; i++) {
        rk_duo_send(duo, from, 16);
        if (duo->delivered[from ^ 1] > delivered) {
            return i;
        }
    }
    return 0;
}

enum { RESTARTS = 6 };

/* A key in the middle of its life, through restarts, at once. */
static uint64_t restarts_lose(struct rk_duo *duo, struct rk_audit_row *row)
{
    uint64_t looked_at = 0;
    duo->config.policy.triggers = 0; /* a policy that renews at each turn would leave no key to look after */
    rk_duo_start(duo);
    for (unsigned i = 0; i < RESTARTS; i++) {
        for (unsigned texts = 0; texts < 1 + 3 * i; texts++) {
            rk_duo_send(duo, RK_ROLE_DEVICE, 16);
            rk_duo_send(duo, RK_ROLE_SERVER, 16);
        }
        const struct rk_key *before = rk_duo_key(duo, RK_ROLE_DEVICE);
        uint32_t id = before != NULL ? before->id : 0;
        rk_duo_restart(duo);
        const struct rk_key *key = rk_duo_key(duo, RK_ROLE_DEVICE);
        looked_at += 3;
        if (key == NULL || key->id != id) {
            rk_counter(row, "device at restart %u: key %u is not there, %s", i, id,
                       key == NULL ? "no key is" : "another is");
        } else if (heard_after(duo, RK_ROLE_DEVICE) == 0 || heard_after(duo, RK_ROLE_SERVER) == 0) {
            rk_counter(row, "after restart %u no text under key %u arrives", i, id);
        }
    }
    return looked_at;
}

void rk_judge_r10(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 10);
    struct rk_audit_row drill = {0};
    uint64_t looked_at = restarts_lose(duo, &drill);
    uint64_t seals = nonces_repeat(&duo->log, row) + nonces_repeat(&c->story->log, row);
    if (drill.counter_example[0] != '\0') {
        rk_counter(row, "%s", drill.counter_example);
    }
    rk_duo_free(duo);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, looked_at + seals, "a key, or a parameter of it, did not survive a restart");
    } else {
        rk_pass(
            row, looked_at + seals,
            "%d restarts: the active key was there at once, and texts arrived both ways (the device's first one; the "
            "server's after at most %d that may be replays); no key and nonce of %llu seals served two texts",
            RESTARTS, RKI_RECEIVE_BLOCK, (unsigned long long)seals);
    }
}

/* R12 */

/* 8 bytes of a secret in what a write left in NVM. out: writes looked at. */
static uint64_t store_leaks(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t writes = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_STORE) {
            continue;
        }
        writes++;
        if (entry->store.leak != RK_NO_VALUE) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            const char *name = log->value[entry->store.leak].name;
            rk_counter(row, "%s: 8 bytes of %s stand in NVM at address %u in the clear", when,
                       name != NULL ? name : "a key", entry->store.address + entry->store.leak_at);
        }
    }
    return writes;
}

/* A device that is given another one's memory must not take its key. */
static void foreign_record(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *one = rk_case_duo(c, 12), *other = rk_case_duo(c, 13);
    rk_duo_start(one);
    rk_duo_start(other);
    const struct rk_key *key = rk_duo_key(one, RK_ROLE_DEVICE);
    uint8_t material[RK_KEY_MAX_bytes] = {0};
    if (key != NULL) {
        memcpy(material, key->material, sizeof material);
    }
    memcpy(other->image, one->image, sizeof other->image);
    other->lose_all = true;
    rk_duo_restart(other);
    const struct rk_key *taken = rk_duo_key(other, RK_ROLE_DEVICE);
    if (key == NULL || (taken != NULL && memcmp(taken->material, material, sizeof material) == 0)) {
        rk_counter(row, "a device took key %u from another device's memory", taken != NULL ? taken->id : 0);
    }
    const struct rk_provision *a = &one->provision[RK_ROLE_DEVICE], *b = &other->provision[RK_ROLE_DEVICE];
    if (memcmp(a->storage_key, b->storage_key, sizeof a->storage_key) == 0) {
        rk_counter(row, "two devices have the same storage key");
    }
    rk_duo_free(other);
    rk_duo_free(one);
}

void rk_judge_r12(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t writes = store_leaks(c, row);
    foreign_record(c, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, writes + 2, "a stored key is in the clear, or not bound to its device");
    } else {
        rk_pass(row, writes + 2,
                "%llu writes to NVM: records sealed by the suite's AEAD under a storage key of the device's own, no 8 "
                "bytes of "
                "any secret in the clear; another device's memory was refused. Level 1 of ISO/IEC 19790 is what "
                "software on a "
                "microcontroller can claim",
                (unsigned long long)writes);
    }
}

/* R14 */

enum { FLIPS = 16, RECOVERIES_max = 4 };

/* Marks the bytes of NVM that the log says were written; out: how many. */
static size_t written(const struct rk_duo *duo, uint16_t *place)
{
    bool mark[RK_DUO_NVM_bytes] = {false};
    size_t count = 0;
    for (size_t i = 0; i < duo->log.entries; i++) {
        const struct rk_log_entry *entry = &duo->log.entry[i];
        if (entry->kind == RK_LOG_STORE) {
            memset(mark + entry->store.address, !entry->store.erase, entry->store.bytes);
        }
    }
    for (size_t i = 0; i < sizeof mark; i++) {
        if (mark[i]) {
            place[count++] = (uint16_t)i;
        }
    }
    return count;
}

/* out: whether the device's active key, if any, is one that was really made. */
static bool key_genuine(const struct rk_duo *duo)
{
    const struct rk_key *key = rk_duo_key(duo, RK_ROLE_DEVICE);
    uint16_t at, bytes = duo->config.aead == RK_ALG_AES_CCM ? 16 : 32;
    return key == NULL || rk_log_find(&duo->log, key->material, bytes, &at) != RK_NO_VALUE;
}

/* After what happened to its memory: texts arrive again, without a person; renewals by the agents' own timers. */
static bool recovers(struct rk_duo *duo)
{
    for (unsigned i = 0; i < RECOVERIES_max; i++) {
        if (rk_duo_key(duo, RK_ROLE_DEVICE) != NULL && heard_after(duo, RK_ROLE_DEVICE) > 0) {
            return true;
        }
        rk_duo_run_renewals(duo, 1, RK_NEVER_ns - 1);
    }
    return false;
}

/* One bit of the stored records is flipped, and the device restarted. */
static void flip(const struct rk_case *c, unsigned number, struct rk_audit_row *row)
{
    uint16_t place[RK_DUO_NVM_bytes];
    struct rk_duo *duo = rk_case_duo(c, 14);
    rk_duo_start(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
    size_t bytes = written(duo, place);
    RK_REQUIRE(bytes > 0);
    /* Other bits in each combination. */
    unsigned address = place[(bytes * number / FLIPS + c->point->index) % bytes], bit = (number + c->point->index) % 8;
    duo->image[address] ^= (uint8_t)(1u << bit);
    bool noticed = rk_duo_restart(duo) == RK_AGENT_ALTERED;
    if (!key_genuine(duo)) {
        rk_counter(row, "device: bit %u of NVM address %u was flipped, and the altered key is active", bit, address);
    } else if (!noticed) {
        rk_counter(row, "device: bit %u of NVM address %u was flipped, and the restart did not notice", bit, address);
    } else if (!recovers(duo)) {
        rk_counter(row, "device: bit %u of NVM address %u was flipped, and no text arrives any more", bit, address);
    }
    nonces_repeat(&duo->log, row);
    rk_duo_free(duo);
}

/* The whole memory is lost; the backup that left before comes back. */
static void lose_all(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 15);
    rk_duo_start(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
    struct rk_log_frame copy = duo->log.frame[duo->log.frames - 1];
    memset(duo->image, 0xff, sizeof duo->image);
    duo->lose_all = true;
    rk_duo_restart(duo);
    int result = rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RESTORE, copy.data, copy.bytes);
    duo->lose_all = false;
    if (copy.kind != RK_FRAME_BACKUP) {
        rk_counter(row, "device: no backup leaves when it is asked for");
    } else if (result != RK_AGENT_OK) {
        rk_counter(row, "device: its memory was erased, and its backup is refused with %d", result);
    } else if (!recovers(duo)) {
        rk_counter(row, "device: its memory was erased and the backup restored, and no text arrives any more");
    }
    rk_duo_free(duo);
}

void rk_judge_r14(const struct rk_case *c, struct rk_audit_row *row)
{
    for (unsigned i = 0; i < FLIPS; i++) {
        flip(c, i, row);
    }
    lose_all(c, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, FLIPS + 1, "a key that was lost or altered is used, or does not come back");
    } else {
        rk_pass(row, FLIPS + 1,
                "%d single bits all over the stored records flipped, each noticed at the restart; no altered key was "
                "used, and "
                "texts arrived again without a person each time, as after the loss of the whole memory with the backup",
                FLIPS);
    }
}

/* R11 */

enum { INELIGIBLE = 3 };

/* A key of a type that may not leave, in the place of the one that may. */
static void ineligible_leave(const struct rk_case *c, struct rk_audit_row *row)
{
    static const uint8_t types[INELIGIBLE] = {RK_KEY_PRIVATE_SIGNATURE, RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT,
                                              RK_KEY_RANDOM_GENERATION};
    for (unsigned i = 0; i < INELIGIBLE; i++) {
        struct rk_duo *duo = rk_case_duo(c, 11);
        rk_duo_start(duo);
        duo->agent[RK_ROLE_DEVICE].key[RKI_CURRENT].type = types[i];
        size_t frames = duo->log.frames;
        int result = rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
        if (result == RK_AGENT_OK || duo->log.frames > frames) {
            rk_counter(row, "device: a %s key left for the backup device", rk_key_type_name(types[i]));
        }
        rk_duo_free(duo);
    }
}

/* out: backups of the story, each sealed. */
static uint64_t backups(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t left = 0;
    for (size_t i = 0; i < log->frames; i++) {
        const struct rk_log_frame *frame = &log->frame[i];
        left += frame->kind == RK_FRAME_BACKUP;
        if (frame->kind == RK_FRAME_BACKUP && frame->leak != RK_NO_VALUE) {
            rk_counter(row, "device at %llu s: the backup has 8 bytes of a secret in the clear at byte %u",
                       (unsigned long long)(frame->time_ns / S_ns), frame->leak_at);
        }
    }
    return left;
}

void rk_judge_r11(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t left = backups(c, row);
    ineligible_leave(c, row);
    if (left == 0) {
        rk_counter(row, "device: no backup of the active data-encryption key left when the officer asked for it");
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, left + INELIGIBLE,
                            "an eligible key has no sealed backup, or an ineligible one has a copy");
    } else {
        rk_pass(
            row, left + INELIGIBLE,
            "%llu backup of the data-encryption key left the device, sealed under the backup key; private signature, "
            "ephemeral and generator keys were refused",
            (unsigned long long)left);
    }
}

/* R13 */

enum { HSM_COPIES = 4 };

struct module {
    struct rk_hsm hsm;
    struct rk_hsm_device device[2];
    struct rk_hsm_copy copy[HSM_COPIES];
    alignas(max_align_t) uint8_t drbg[2048];
};

static void module_init(struct module *module, const struct rk_case *c, const struct rk_duo *duo)
{
    struct rk_drbg *drbg = (struct rk_drbg *)module->drbg;
    RK_REQUIRE(rk_case_seed(c, 13, drbg));
    rk_hsm_init(&module->hsm, c->library, drbg, module->device, 2, module->copy, HSM_COPIES);
    RK_REQUIRE(rk_hsm_enrol(&module->hsm, duo->config.device_id, duo->provision[RK_ROLE_DEVICE].backup_key) ==
               RK_AGENT_OK);
}

/* Asks for the key as everybody, and for a device that is not enrolled. out: questions. */
static uint64_t ask_module(struct module *module, struct rk_duo *duo, uint32_t key_id, struct rk_audit_row *row)
{
    uint8_t frame[RK_BACKUP_MAX_bytes];
    uint16_t bytes = 0;
    size_t at = 0;
    uint32_t id = duo->config.device_id;
    for (uint8_t subject = 0; subject < RK_SUBJECT_COUNT; subject++) {
        int result = rk_hsm_release(&module->hsm, subject, id, key_id, id, frame, &bytes);
        if ((result == RK_AGENT_OK) != (subject == RK_SUBJECT_OFFICER)) {
            rk_counter(row, "module: the subject %s asked for key %u and was answered %d", rk_subject_name(subject),
                       key_id, result);
        }
        if (result == RK_AGENT_OK && rk_log_leak(&duo->log, frame, bytes, &at) != RK_NO_VALUE) {
            rk_counter(row, "module: key %u comes out in the clear, at byte %zu of %u", key_id, at, bytes);
        }
    }
    if (rk_hsm_release(&module->hsm, RK_SUBJECT_OFFICER, id, key_id, id + 1, frame, &bytes) == RK_AGENT_OK) {
        rk_counter(row, "module: key %u was released for a device that is not enrolled", key_id);
    }
    rk_hsm_destroy(&module->hsm, RK_SUBJECT_OFFICER, id, key_id);
    if (rk_hsm_release(&module->hsm, RK_SUBJECT_OFFICER, id, key_id, id, frame, &bytes) == RK_AGENT_OK) {
        rk_counter(row, "module: key %u was released after its destruction", key_id);
    }
    return RK_SUBJECT_COUNT + 2;
}

void rk_judge_r13(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 13);
    struct module module;
    rk_duo_start(duo);
    const struct rk_key *key = rk_duo_key(duo, RK_ROLE_DEVICE);
    uint32_t key_id = key != NULL ? key->id : 0;
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
    const struct rk_log_frame *frame = &duo->log.frame[duo->log.frames - 1];
    module_init(&module, c, duo);
    int result = rk_hsm_take(&module.hsm, frame->data, frame->bytes);
    if (result != RK_AGENT_OK) {
        rk_counter(row, "module: the backup of key %u was answered with %d", key_id, result);
    }
    uint64_t asked = ask_module(&module, duo, key_id, row);
    rk_hsm_fini(&module.hsm);
    rk_duo_free(duo);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, asked, "the backup device gives a key to who may not have it, or in the clear");
    } else {
        rk_pass(row, asked,
                "the modelled hardware security module took the backup and answered %llu requests: only to an officer, "
                "only "
                "sealed for an enrolled device, and no more after the key's destruction",
                (unsigned long long)asked);
    }
}

/* R15 */

/* Texts of the server that are under way while the device loses everything. */
enum { UNDER_WAY = 4 };

void rk_judge_r15(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 15);
    rk_duo_start(duo);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
    struct rk_log_frame copy = duo->log.frame[duo->log.frames - 1];
    duo->lose_all = true;
    size_t first = duo->log.frames;
    for (unsigned i = 0; i < UNDER_WAY; i++) {
        rk_duo_send(duo, RK_ROLE_SERVER, 16);
    }
    memset(duo->image, 0xff, sizeof duo->image);
    rk_duo_restart(duo);
    int result = rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RESTORE, copy.data, copy.bytes);
    unsigned read = 0;
    for (unsigned i = 0; i < UNDER_WAY; i++) {
        struct rk_log_frame frame = duo->log.frame[first + i];
        uint32_t delivered = duo->delivered[RK_ROLE_DEVICE];
        rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RECEIVE, frame.data, frame.bytes);
        read += duo->delivered[RK_ROLE_DEVICE] > delivered;
    }
    bool protects = rk_duo_send(duo, RK_ROLE_DEVICE, 16) == RK_AGENT_OK;
    if (copy.kind != RK_FRAME_BACKUP || result != RK_AGENT_OK || read < UNDER_WAY) {
        rk_counter(row, "device: restore answered %d, and %u of %d texts from before the loss could be read", result,
                   read, UNDER_WAY);
        rk_fail_requirement(row, UNDER_WAY, "data protected before a loss cannot be read after the restore");
    } else if (protects) {
        rk_counter(row, "device: the restored key protects new data");
        rk_fail_requirement(row, UNDER_WAY + 1, "a key from a backup is used to protect, not only to process");
    } else {
        rk_pass(row, UNDER_WAY + 1,
                "restore drill: memory and store lost, backup restored, %u of %d texts protected before the loss read, "
                "within the "
                "recipient-usage period; the restored key protected nothing new",
                read, UNDER_WAY);
    }
    rk_duo_free(duo);
}
