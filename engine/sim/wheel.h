/* engine/sim/wheel.h - the queue for events that are mostly cancelled: a hierarchical timing wheel
 *
 * Model:  a list a slot of digits.h; a short list is sorted into the bottom when its time comes, a long one spread over
 *         lower levels. An event is known by its ticket and leaves at once when it is cancelled: by its neighbours in a
 *         list, by a binary search in the bottom. The order is exact, as in all queues.
 * Memory: 24 bytes an event, in one array that grows by an eighth.
 * Source: Varghese and Lauck, "Hashed and hierarchical timing wheels", SOSP 1987.
 */
#ifndef ENGINE_SIM_WHEEL_H
#define ENGINE_SIM_WHEEL_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/sim/digits.h"
#include "engine/sim/event.h"

struct rk_wheel_entry {
    rk_ns time_ns;
    uint64_t low; /* of the event */
    uint32_t next;
    uint32_t previous; /* a ticket, or where it begins: see wheel.c */
};

struct rk_wheel_due {
    rk_sim_event event;
    uint32_t ticket;
};

struct rk_wheel {
    struct rk_wheel_due *bottom; /* descending */
    size_t bottom_count, bottom_capacity, bottom_limit;
    struct rk_digits digits;
    struct rk_wheel_entry *entry;
    uint32_t entries, capacity, free_entry; /* entry 0 is none */
    uint32_t head[RK_DIGIT_SLOTS];
};

void rk_wheel_init(struct rk_wheel *wheel);
void rk_wheel_fini(struct rk_wheel *wheel);

/* out: its ticket, never 0, good until the event is popped or cancelled. */
uint32_t rk_wheel_push(struct rk_wheel *wheel, rk_sim_event event);
void rk_wheel_cancel(struct rk_wheel *wheel, uint32_t ticket);

/* out: whether there was one; the smallest. */
bool rk_wheel_pop(struct rk_wheel *wheel, rk_sim_event *event);

size_t rk_wheel_bytes(const struct rk_wheel *wheel);

#endif
