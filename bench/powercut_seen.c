/* bench/powercut_seen.c - what was sealed under which (key, nonce)
 *
 * One pair has one device id, so that what follows names key and nonce of a frame: its kind, the key's id, and of data
 * frames the counter. Tags of R2 and R3 seal nothing but themselves, under a key that lives for one exchange. R1 has a MAC
 * without a nonce. NVM records are sealed under the storage key; behind the key's id they have their nonce in the clear:
 * sequence and boot (engine/lifecycle/DESIGN.md).
 */
#include <string.h>

#include "bench/powercut_internal.h"

enum { ID_bytes = 5, DATA_NONCE_bytes = 9, RECORD_NONCE_AT = 4, RECORD_NONCE_bytes = 8 };

static bool same_nonce(const struct rki_seen_item *a, const struct rki_seen_item *b)
{
    return a->kind == b->kind && a->by_device == b->by_device && a->nonce_bytes == b->nonce_bytes &&
           memcmp(a->data + a->nonce_at, b->data + b->nonce_at, a->nonce_bytes) == 0;
}

/* A record that a cut left half written is the beginning of itself. */
static bool same_item(const struct rki_seen_item *a, const struct rki_seen_item *b)
{
    uint16_t common = a->bytes < b->bytes ? a->bytes : b->bytes;
    return (a->kind == RKI_SEEN_RECORD || a->bytes == b->bytes) && memcmp(a->data, b->data, common) == 0;
}

static bool note(struct rki_seen *seen, const struct rki_seen_item *item)
{
    for (unsigned i = 0; i < seen->count; i++) {
        if (same_nonce(&seen->item[i], item) && !same_item(&seen->item[i], item)) {
            return false;
        }
    }
    if (seen->count < RKI_SEEN_MAX) {
        seen->item[seen->count++] = *item;
    } else {
        seen->full = true;
    }
    return true;
}

bool rki_seen_frame(struct rki_seen *seen, bool by_device, const uint8_t *frame, uint16_t bytes)
{
    struct rki_seen_item item = {.kind = frame[0], .by_device = by_device, .bytes = bytes};
    if (bytes > sizeof item.data || item.kind == RK_FRAME_R1 || bytes < ID_bytes) {
        return true;
    }
    item.nonce_bytes = item.kind == RK_FRAME_DATA ? DATA_NONCE_bytes : ID_bytes;
    memcpy(item.data, frame, bytes);
    return note(seen, &item);
}

int rki_seen_find(const struct rki_seen *seen, const uint8_t *frame, uint16_t bytes)
{
    for (unsigned i = 0; i < seen->count; i++) {
        const struct rki_seen_item *item = &seen->item[i];
        if (!item->by_device && item->bytes == bytes && memcmp(item->data, frame, bytes) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Records are written in one go; a wipe is one value all over. */
static bool note_run(struct rki_seen *seen, const struct rki_seen_item *run)
{
    bool wipe = run->bytes > 1 && memcmp(run->data, run->data + 1, run->bytes - 1u) == 0;
    return run->bytes <= RECORD_NONCE_AT + RECORD_NONCE_bytes || wipe || note(seen, run);
}

bool rki_seen_records(struct rki_seen *seen, const struct rk_nvm_log *log, uint64_t step)
{
    struct rki_seen_item run = {.kind = RKI_SEEN_RECORD, .by_device = true};
    run.nonce_at = RECORD_NONCE_AT;
    run.nonce_bytes = RECORD_NONCE_bytes;
    uint32_t next = UINT32_MAX;
    bool fresh = true;
    for (size_t i = 0; i < log->count && log->event[i].end <= step; i++) {
        const struct rk_nvm_event *event = &log->event[i];
        if (event->kind == RK_NVM_ERASE) {
            continue;
        }
        if (event->address != next) {
            fresh = note_run(seen, &run) && fresh;
            run.bytes = 0;
        }
        for (uint32_t k = 0; k < event->bytes && run.bytes < sizeof run.data; k++) {
            run.data[run.bytes++] = event->value[k];
        }
        next = event->address + event->bytes;
    }
    return note_run(seen, &run) && fresh;
}
