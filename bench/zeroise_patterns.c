/* bench/zeroise_patterns.c - a set of patterns and the search for them: one hash table of all runs of eight bytes */
#include "bench/zeroise_patterns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"

struct rk_zeroise_run {
    uint64_t bytes;
    uint32_t pattern; /* 1 and up; 0: free */
    uint32_t at;
};

enum { DISTINCT_least = 5 };

void rk_zeroise_set_init(struct rk_zeroise_set *set)
{
    *set = (struct rk_zeroise_set){0};
}

static void drop_table(struct rk_zeroise_set *set)
{
    free(set->table);
    set->table = NULL;
    set->slots = set->runs = 0;
}

void rk_zeroise_set_free(struct rk_zeroise_set *set)
{
    drop_table(set);
    for (size_t i = 0; i < set->count; i++) {
        free(set->pattern[i].bytes);
    }
    free(set->pattern);
    rk_zeroise_set_init(set);
}

/* --- making --- */

static bool is_known(const struct rk_zeroise_set *set, const uint8_t *bytes, size_t length, enum rk_zeroise_kind kind)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rk_zeroise_pattern *old = &set->pattern[i];
        if (old->kind == kind && old->length == length && memcmp(old->bytes, bytes, length) == 0) {
            return true;
        }
    }
    return false;
}

static void put(struct rk_zeroise_set *set, const char *what, const uint8_t *bytes, size_t length,
                enum rk_zeroise_kind kind)
{
    if (length < RK_ZEROISE_RUN_bytes || is_known(set, bytes, length, kind)) {
        return;
    }
    if (set->count == set->room) {
        set->room = set->room != 0 ? 2 * set->room : 64;
        set->pattern = realloc(set->pattern, set->room * sizeof *set->pattern);
        RK_REQUIRE(set->pattern != NULL);
    }
    struct rk_zeroise_pattern *pattern = &set->pattern[set->count++];
    *pattern = (struct rk_zeroise_pattern){.bytes = malloc(length), .length = length, .kind = kind};
    RK_REQUIRE(pattern->bytes != NULL);
    memcpy(pattern->bytes, bytes, length);
    snprintf(pattern->what, sizeof pattern->what, "%s", what);
    drop_table(set);
}

/* Reverses each group of so many bytes; what is left over stays. */
static void swap_groups(uint8_t *out, const uint8_t *in, size_t length, size_t group)
{
    memcpy(out, in, length);
    for (size_t at = 0; at + group <= length; at += group) {
        for (size_t i = 0; i < group; i++) {
            out[at + i] = in[at + group - 1 - i];
        }
    }
}

void rk_zeroise_add(struct rk_zeroise_set *set, const char *what, const uint8_t *bytes, size_t length,
                    enum rk_zeroise_kind kind)
{
    put(set, what, bytes, length, kind);
    if (length < RK_ZEROISE_RUN_bytes) {
        return;
    }
    uint8_t *swapped = malloc(length);
    RK_REQUIRE(swapped != NULL);
    const size_t groups[] = {length, 4, 8};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        swap_groups(swapped, bytes, length, groups[i]);
        put(set, what, swapped, length, kind);
    }
    free(swapped);
}

void rk_zeroise_add_public(struct rk_zeroise_set *set, const uint8_t *bytes, size_t length)
{
    rk_zeroise_add(set, "public", bytes, length, RK_ZEROISE_PUBLIC);
}

/* --- searching --- */

static uint64_t run_at(const uint8_t *bytes)
{
    uint64_t run;
    memcpy(&run, bytes, sizeof run);
    return run;
}

static size_t slot_of(const struct rk_zeroise_set *set, uint64_t run)
{
    return (size_t)((run * 0x9e3779b97f4a7c15u) >> 20) & (set->slots - 1);
}

static bool is_plain(const uint8_t *bytes)
{
    unsigned distinct = 0;
    for (unsigned i = 0; i < RK_ZEROISE_RUN_bytes; i++) {
        distinct += memchr(bytes, bytes[i], i) == NULL;
    }
    return distinct < DISTINCT_least;
}

static void make_table(struct rk_zeroise_set *set)
{
    size_t runs = 0;
    for (size_t i = 0; i < set->count; i++) {
        runs += set->pattern[i].length;
    }
    for (set->slots = 1024; set->slots < 2 * runs; set->slots *= 2) {
    }
    set->table = calloc(set->slots, sizeof *set->table);
    RK_REQUIRE(set->table != NULL);
    for (size_t i = 0; i < set->count; i++) {
        const struct rk_zeroise_pattern *pattern = &set->pattern[i];
        for (size_t at = 0; at + RK_ZEROISE_RUN_bytes <= pattern->length; at++) {
            if (is_plain(pattern->bytes + at)) {
                continue;
            }
            uint64_t run = run_at(pattern->bytes + at);
            size_t slot = slot_of(set, run);
            while (set->table[slot].pattern != 0) {
                slot = (slot + 1) & (set->slots - 1);
            }
            set->table[slot] = (struct rk_zeroise_run){run, (uint32_t)i + 1, (uint32_t)at};
            set->runs++;
        }
    }
}

/* out: the longest match that begins here; bytes 0 for none. Public bytes hide what secrets they contain; what is live is
 * named before what is dead. */
static struct rk_zeroise_match match_at(const struct rk_zeroise_set *set, const uint8_t *memory, size_t bytes)
{
    struct rk_zeroise_match best = {0};
    uint64_t run = run_at(memory);
    for (size_t slot = slot_of(set, run); set->table[slot].pattern != 0; slot = (slot + 1) & (set->slots - 1)) {
        const struct rk_zeroise_run *found = &set->table[slot];
        if (found->bytes != run) {
            continue;
        }
        const struct rk_zeroise_pattern *pattern = &set->pattern[found->pattern - 1];
        size_t length = RK_ZEROISE_RUN_bytes;
        while (length < bytes && found->at + length < pattern->length &&
               memory[length] == pattern->bytes[found->at + length]) {
            length++;
        }
        if (length > best.bytes || (length == best.bytes && pattern->kind > best.kind)) {
            best = (struct rk_zeroise_match){.bytes = length, .what = pattern->what, .kind = pattern->kind};
        }
    }
    return best;
}

size_t rk_zeroise_scan(struct rk_zeroise_set *set, const uint8_t *memory, size_t bytes, struct rk_zeroise_match *match,
                       size_t max)
{
    size_t count = 0;
    if (set->table == NULL) {
        make_table(set);
    }
    for (size_t at = 0; at + RK_ZEROISE_RUN_bytes <= bytes;) {
        struct rk_zeroise_match found = match_at(set, memory + at, bytes - at);
        if (found.bytes == 0) {
            at++;
            continue;
        }
        struct rk_zeroise_match *last = count > 0 ? &match[count - 1] : NULL;
        if (found.kind != RK_ZEROISE_PUBLIC && last != NULL && last->at + last->bytes == at &&
            strcmp(last->what, found.what) == 0) {
            last->bytes += found.bytes;
        } else if (found.kind != RK_ZEROISE_PUBLIC && count < max) {
            found.at = at;
            match[count++] = found;
        }
        at += found.bytes;
    }
    return count;
}

double rk_zeroise_expected_false(struct rk_zeroise_set *set, size_t bytes)
{
    if (set->table == NULL) {
        make_table(set);
    }
    return (double)bytes * (double)set->runs / 18446744073709551616.0;
}

/* --- schedules of any key --- */

/* out: bytes of the schedule that begins here, 0 for none: as many as match, and at least one step after the key. */
static size_t schedule_at(const uint8_t *memory, size_t bytes, size_t key_bytes)
{
    uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes];
    if (bytes < key_bytes + RK_ZEROISE_RUN_bytes || is_plain(memory)) {
        return 0;
    }
    if (!rk_zeroise_aes_may_follow(memory, key_bytes)) {
        return 0;
    }
    size_t whole = rk_zeroise_aes_expand(memory, key_bytes, schedule);
    size_t same = key_bytes;
    while (same < whole && same < bytes && memory[same] == schedule[same]) {
        same++;
    }
    return same >= key_bytes + RK_ZEROISE_RUN_bytes ? same : 0;
}

static size_t search_schedules(const uint8_t *memory, size_t bytes, struct rk_zeroise_match *match, size_t max)
{
    size_t count = 0;
    for (size_t at = 0; at + 16 + RK_ZEROISE_RUN_bytes <= bytes && count < max;) {
        size_t found = 0;
        for (size_t key_bytes = 16; key_bytes <= 32 && found == 0; key_bytes += 8) {
            found = schedule_at(memory + at, bytes - at, key_bytes);
        }
        if (found != 0) {
            match[count++] = (struct rk_zeroise_match){.at = at, .bytes = found, .what = RK_ZEROISE_ANY_SCHEDULE};
        }
        at += found != 0 ? found : 1;
    }
    return count;
}

size_t rk_zeroise_schedules(const uint8_t *memory, size_t bytes, struct rk_zeroise_match *match, size_t max)
{
    size_t count = search_schedules(memory, bytes, match, max);
    uint8_t *swapped = malloc(bytes);
    RK_REQUIRE(swapped != NULL);
    for (size_t shift = 0; shift < 4 && shift < bytes; shift++) {
        swap_groups(swapped, memory + shift, bytes - shift, 4);
        size_t more = search_schedules(swapped, bytes - shift, match + count, max - count);
        for (size_t i = 0; i < more; i++) {
            match[count + i].at += shift;
        }
        count += more;
    }
    free(swapped);
    return count;
}
