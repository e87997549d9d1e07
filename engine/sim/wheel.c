#include "engine/sim/wheel.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"

/* `previous` of an entry that has none: the slot whose list it heads, or that it is in the bottom. */
#define HEADS_SLOT 0x80000000u
#define IN_BOTTOM  0xffffffffu

enum { SORT_MAX = 16, BOTTOM_MAX = 192, FIRST_ENTRIES = 64 };

void rk_wheel_init(struct rk_wheel *wheel)
{
    memset(wheel, 0, sizeof *wheel);
    wheel->entries = 1;
    wheel->bottom_limit = BOTTOM_MAX;
}

void rk_wheel_fini(struct rk_wheel *wheel)
{
    free(wheel->bottom);
    free(wheel->entry);
    memset(wheel, 0, sizeof *wheel);
}

size_t rk_wheel_bytes(const struct rk_wheel *wheel)
{
    return sizeof *wheel + wheel->bottom_capacity * sizeof *wheel->bottom + wheel->capacity * sizeof *wheel->entry;
}

static inline rk_sim_event event_of(const struct rk_wheel_entry *entry)
{
    return (rk_sim_event)entry->time_ns << 64 | entry->low;
}

static uint32_t take_entry(struct rk_wheel *wheel)
{
    uint32_t ticket = wheel->free_entry;
    if (ticket != 0) {
        wheel->free_entry = wheel->entry[ticket].next;
        return ticket;
    }
    if (wheel->entries >= wheel->capacity) {
        wheel->capacity += wheel->capacity / 8 < FIRST_ENTRIES ? FIRST_ENTRIES : wheel->capacity / 8;
        struct rk_wheel_entry *entry = realloc(wheel->entry, wheel->capacity * sizeof *entry);
        RK_REQUIRE(entry != NULL);
        wheel->entry = entry;
    }
    return wheel->entries++;
}

static inline void release(struct rk_wheel *wheel, uint32_t ticket)
{
    wheel->entry[ticket].next = wheel->free_entry;
    wheel->free_entry = ticket;
}

static inline void put(struct rk_wheel *wheel, uint32_t ticket)
{
    struct rk_wheel_entry *entry = &wheel->entry[ticket];
    uint32_t slot = rk_digits_slot(&wheel->digits, entry->time_ns);
    uint32_t head = wheel->head[slot];
    entry->next = head;
    entry->previous = HEADS_SLOT | slot;
    if (head != 0) {
        wheel->entry[head].previous = ticket;
    } else {
        rk_digits_use(&wheel->digits, slot);
    }
    wheel->head[slot] = ticket;
}

static void insert(struct rk_wheel *wheel, uint32_t ticket)
{
    if (wheel->bottom_count == wheel->bottom_capacity) {
        wheel->bottom_capacity = wheel->bottom_capacity == 0 ? BOTTOM_MAX + 1 : 2 * wheel->bottom_capacity;
        struct rk_wheel_due *bottom = realloc(wheel->bottom, wheel->bottom_capacity * sizeof *bottom);
        RK_REQUIRE(bottom != NULL);
        wheel->bottom = bottom;
    }
    struct rk_wheel_due *bottom = wheel->bottom;
    rk_sim_event event = event_of(&wheel->entry[ticket]);
    size_t at = wheel->bottom_count++;
    for (; at > 0 && bottom[at - 1].event < event; at--) {
        bottom[at] = bottom[at - 1];
    }
    bottom[at] = (struct rk_wheel_due){event, ticket};
    wheel->entry[ticket].previous = IN_BOTTOM;
}

/* As in bucket.c. */
static void shorten_bottom(struct rk_wheel *wheel)
{
    rk_ns end_ns = rk_sim_event_ns(wheel->bottom[wheel->bottom_count / 2].event);
    size_t later = wheel->bottom_count;
    while (rk_sim_event_ns(wheel->bottom[later - 1].event) < end_ns) {
        later--;
    }
    if (later == wheel->bottom_count || end_ns < wheel->digits.base_ns) {
        wheel->bottom_limit = 2 * wheel->bottom_count;
        return;
    }
    wheel->digits.end_ns = end_ns;
    for (size_t i = 0; i < later; i++) {
        put(wheel, wheel->bottom[i].ticket);
    }
    wheel->bottom_count -= later;
    memmove(wheel->bottom, wheel->bottom + later, wheel->bottom_count * sizeof *wheel->bottom);
}

uint32_t rk_wheel_push(struct rk_wheel *wheel, rk_sim_event event)
{
    uint32_t ticket = take_entry(wheel);
    wheel->entry[ticket].time_ns = rk_sim_event_ns(event);
    wheel->entry[ticket].low = (uint64_t)event;
    if (rk_sim_event_ns(event) >= wheel->digits.end_ns) {
        put(wheel, ticket);
        return ticket;
    }
    insert(wheel, ticket);
    if (wheel->bottom_count > wheel->bottom_limit) {
        shorten_bottom(wheel);
    }
    return ticket;
}

/* Events of one key are told apart by their tickets. */
static size_t find_in_bottom(const struct rk_wheel *wheel, uint32_t ticket)
{
    rk_sim_event event = event_of(&wheel->entry[ticket]);
    size_t low = 0, high = wheel->bottom_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (wheel->bottom[middle].event > event) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (wheel->bottom[low].ticket != ticket) {
        low++;
        RK_ASSERT(low < wheel->bottom_count);
    }
    return low;
}

void rk_wheel_cancel(struct rk_wheel *wheel, uint32_t ticket)
{
    struct rk_wheel_entry *entry = &wheel->entry[ticket];
    if (entry->previous == IN_BOTTOM) {
        size_t at = find_in_bottom(wheel, ticket);
        wheel->bottom_count--;
        memmove(wheel->bottom + at, wheel->bottom + at + 1, (wheel->bottom_count - at) * sizeof *wheel->bottom);
        release(wheel, ticket);
        return;
    }
    if (entry->previous & HEADS_SLOT) {
        uint32_t slot = entry->previous & ~HEADS_SLOT;
        wheel->head[slot] = entry->next;
        if (entry->next == 0) {
            rk_digits_drop(&wheel->digits, slot);
        }
    } else {
        wheel->entry[entry->previous].next = entry->next;
    }
    if (entry->next != 0) {
        wheel->entry[entry->next].previous = entry->previous;
    }
    release(wheel, ticket);
}

static bool is_short(const struct rk_wheel *wheel, uint32_t ticket)
{
    for (unsigned count = 0; count < SORT_MAX; count++, ticket = wheel->entry[ticket].next) {
        if (ticket == 0) {
            return true;
        }
    }
    return ticket == 0;
}

static int descending(const void *a, const void *b)
{
    rk_sim_event x = ((const struct rk_wheel_due *)a)->event;
    rk_sim_event y = ((const struct rk_wheel_due *)b)->event;
    return (x < y) - (x > y);
}

/* A list of one instant, however long. */
static void sort_instant(struct rk_wheel *wheel, uint32_t ticket)
{
    size_t count = 0;
    for (uint32_t i = ticket; i != 0; i = wheel->entry[i].next) {
        count++;
    }
    if (count > wheel->bottom_capacity) {
        wheel->bottom_capacity = 2 * count;
        struct rk_wheel_due *bottom = realloc(wheel->bottom, wheel->bottom_capacity * sizeof *bottom);
        RK_REQUIRE(bottom != NULL);
        wheel->bottom = bottom;
    }
    for (uint32_t i = ticket; i != 0; i = wheel->entry[i].next) {
        wheel->bottom[wheel->bottom_count++] = (struct rk_wheel_due){event_of(&wheel->entry[i]), i};
        wheel->entry[i].previous = IN_BOTTOM;
    }
    qsort(wheel->bottom, count, sizeof *wheel->bottom, descending);
    wheel->bottom_limit = 2 * count;
}

static bool refill(struct rk_wheel *wheel)
{
    while (wheel->bottom_count == 0) {
        if (wheel->digits.levels == 0) {
            return false;
        }
        uint32_t slot = rk_digits_first(&wheel->digits);
        uint32_t ticket = wheel->head[slot];
        wheel->head[slot] = 0;
        rk_ns end_ns = rk_digits_open(&wheel->digits, slot);
        bool sorts = is_short(wheel, ticket);
        if (!sorts && slot < RK_DIGIT_VALUES) {
            wheel->digits.end_ns = end_ns;
            sort_instant(wheel, ticket);
            return true;
        }
        if (sorts) {
            wheel->digits.end_ns = end_ns;
            wheel->bottom_limit = BOTTOM_MAX;
        }
        while (ticket != 0) {
            uint32_t next = wheel->entry[ticket].next;
            __builtin_prefetch(&wheel->entry[next]);
            if (sorts) {
                insert(wheel, ticket);
            } else {
                put(wheel, ticket);
            }
            ticket = next;
        }
    }
    return true;
}

bool rk_wheel_pop(struct rk_wheel *wheel, rk_sim_event *event)
{
    if (wheel->bottom_count == 0 && !refill(wheel)) {
        return false;
    }
    struct rk_wheel_due due = wheel->bottom[--wheel->bottom_count];
    release(wheel, due.ticket);
    *event = due.event;
    return true;
}
