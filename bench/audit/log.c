#include "bench/audit/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"

enum { MATCH_bytes = 8 };

void rk_log_init(struct rk_log *log)
{
    memset(log, 0, sizeof *log);
}

void rk_log_fini(struct rk_log *log)
{
    for (size_t i = 0; i < log->values; i++) {
        free(log->value[i].data);
    }
    free(log->value);
    free(log->entry);
    free(log->frame);
    free(log->window);
    memset(log, 0, sizeof *log);
}

/* Room for one more element. */
static void *grown(void *array, size_t count, size_t *room, size_t element_bytes)
{
    if (count < *room) {
        return array;
    }
    *room = *room == 0 ? 256 : 2 * *room;
    array = realloc(array, *room * element_bytes);
    RK_REQUIRE(array != NULL);
    return array;
}

struct rk_log_entry *rk_log_add(struct rk_log *log, uint64_t time_ns, uint8_t party, uint8_t kind)
{
    log->entry = grown(log->entry, log->entries, &log->entries_room, sizeof *log->entry);
    struct rk_log_entry *entry = &log->entry[log->entries++];
    memset(entry, 0, sizeof *entry);
    entry->time_ns = time_ns;
    entry->party = party;
    entry->kind = kind;
    return entry;
}

int rk_log_value(struct rk_log *log, uint8_t kind, uint8_t party, const uint8_t *data, uint16_t bytes)
{
    for (size_t i = 0; i < log->values; i++) {
        if (log->value[i].bytes == bytes && memcmp(log->value[i].data, data, bytes) == 0) {
            log->value[i].times += log->value[i].kind == kind;
            return (int)i;
        }
    }
    log->value = grown(log->value, log->values, &log->values_room, sizeof *log->value);
    struct rk_value *value = &log->value[log->values];
    *value = (struct rk_value){
        .kind = kind, .party = party, .bytes = bytes, .times = 1, .entry = log->entries, .data = malloc(bytes + 1)};
    RK_REQUIRE(value->data != NULL);
    memcpy(value->data, data, bytes);
    return (int)log->values++;
}

void rk_log_parent(struct rk_log *log, int value, int parent)
{
    if (value == RK_NO_VALUE || parent == RK_NO_VALUE || value == parent) {
        return;
    }
    struct rk_value *child = &log->value[value];
    for (unsigned i = 0; i < child->parents; i++) {
        if (child->parent[i] == parent) {
            return;
        }
    }
    if (child->parents < RK_VALUE_PARENTS_max) {
        child->parent[child->parents++] = parent;
    }
}

bool rk_value_secret(const struct rk_log *log, int value)
{
    switch (log->value[value].kind) {
    case RK_VALUE_PROVISIONED:
    case RK_VALUE_PRIVATE:
    case RK_VALUE_SHARED:
    case RK_VALUE_DERIVED:
    case RK_VALUE_UNWRAPPED:
        return true;
    default:
        return false;
    }
}

int rk_log_find(const struct rk_log *log, const uint8_t *data, uint16_t bytes, uint16_t *at)
{
    int found = RK_NO_VALUE;
    for (size_t i = 0; bytes >= MATCH_bytes && i < log->values; i++) {
        const struct rk_value *value = &log->value[i];
        const uint8_t *hit = value->bytes < bytes ? NULL : memmem(value->data, value->bytes, data, bytes);
        if (hit == NULL || (found != RK_NO_VALUE && !rk_value_secret(log, (int)i))) {
            continue;
        }
        found = (int)i;
        *at = (uint16_t)(hit - value->data);
        if (rk_value_secret(log, found)) {
            break;
        }
    }
    return found;
}

static bool descends(const struct rk_log *log, int value, int ancestor, unsigned depth)
{
    if (value == ancestor) {
        return true;
    }
    for (unsigned i = 0; depth > 0 && i < log->value[value].parents; i++) {
        if (descends(log, log->value[value].parent[i], ancestor, depth - 1)) {
            return true;
        }
    }
    return false;
}

/* Values are made from older ones, so that no path is longer than there are renewals in a run. */
bool rk_log_descends(const struct rk_log *log, int value, int ancestor)
{
    enum { DEPTH_max = 64 };
    return value != RK_NO_VALUE && ancestor != RK_NO_VALUE && descends(log, value, ancestor, DEPTH_max);
}

static struct rk_log_window *place(const struct rk_log *log, uint64_t bytes)
{
    size_t at = (size_t)(bytes * 0x9E3779B97F4A7C15ull >> 20) & (log->windows_room - 1);
    while (log->window[at].value != RK_NO_VALUE && log->window[at].bytes != bytes) {
        at = (at + 1) & (log->windows_room - 1);
    }
    return &log->window[at];
}

static void windows_grow(struct rk_log *log)
{
    struct rk_log_window *old = log->window;
    size_t old_room = log->windows_room;
    log->windows_room = old_room == 0 ? 1u << 12 : 2 * old_room;
    log->window = malloc(log->windows_room * sizeof *log->window);
    RK_REQUIRE(log->window != NULL);
    for (size_t i = 0; i < log->windows_room; i++) {
        log->window[i].value = RK_NO_VALUE;
    }
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].value != RK_NO_VALUE) {
            *place(log, old[i].bytes) = old[i];
        }
    }
    free(old);
}

/* Constant bytes are what memory looks like without a key in it. */
static bool constant(const uint8_t *bytes)
{
    return memcmp(bytes, bytes + 1, MATCH_bytes - 1) == 0;
}

static void index_values(struct rk_log *log)
{
    for (; log->indexed < log->values; log->indexed++) {
        const struct rk_value *value = &log->value[log->indexed];
        for (size_t at = 0; rk_value_secret(log, (int)log->indexed) && at + MATCH_bytes <= value->bytes; at++) {
            uint64_t bytes;
            if (2 * log->windows >= log->windows_room) {
                windows_grow(log);
            }
            memcpy(&bytes, value->data + at, sizeof bytes);
            struct rk_log_window *window = place(log, bytes);
            if (window->value == RK_NO_VALUE && !constant(value->data + at)) {
                *window = (struct rk_log_window){.bytes = bytes, .value = (int)log->indexed};
                log->windows++;
            }
        }
    }
}

int rk_log_leak(struct rk_log *log, const uint8_t *memory, size_t bytes, size_t *at)
{
    index_values(log);
    for (size_t i = 0; log->windows > 0 && i + MATCH_bytes <= bytes; i++) {
        uint64_t word;
        memcpy(&word, memory + i, sizeof word);
        const struct rk_log_window *window = place(log, word);
        if (window->value != RK_NO_VALUE) {
            *at = i;
            return window->value;
        }
    }
    return RK_NO_VALUE;
}

void rk_log_when(const struct rk_log_entry *entry, char *out, size_t room)
{
    snprintf(out, room, "%s at %llu.%03u s", entry->party == RK_ROLE_DEVICE ? "device" : "server",
             (unsigned long long)(entry->time_ns / 1000000000), (unsigned)(entry->time_ns / 1000000 % 1000));
}

const char *rk_log_call_name(unsigned call)
{
    static const char *const names[] = {"seal",      "open",     "mac",   "kdf",  "drbg init", "drbg generate",
                                        "drbg wipe", "key pair", "agree", "wrap", "unwrap",    "wipe"};
    return call < sizeof names / sizeof names[0] ? names[call] : NULL;
}
