#include "engine/model/flight.h"

#include <stdlib.h>
#include <string.h>

#include "engine/core/err.h"

struct rk_flight *rk_flights_push(struct rk_flights *flights)
{
    if (flights->count == flights->capacity) {
        uint32_t capacity = flights->capacity == 0 ? 1 : 2 * flights->capacity;
        struct rk_flight *slot = malloc(capacity * sizeof *slot);
        RK_REQUIRE(slot != NULL);
        for (uint32_t i = 0; i < flights->count; i++) {
            slot[i] = flights->slot[(flights->head + i) & (flights->capacity - 1)];
        }
        free(flights->slot);
        *flights = (struct rk_flights){.slot = slot, .count = flights->count, .capacity = capacity};
    }
    return &flights->slot[(flights->head + flights->count++) & (flights->capacity - 1)];
}

void rk_flights_order(struct rk_flights *flights)
{
    uint32_t mask = flights->capacity - 1;
    for (uint32_t i = flights->count; i-- > 1;) {
        struct rk_flight *later = &flights->slot[(flights->head + i) & mask];
        struct rk_flight *before = &flights->slot[(flights->head + i - 1) & mask];
        if (before->at_ns <= later->at_ns) {
            break;
        }
        struct rk_flight swapped = *before;
        *before = *later;
        *later = swapped;
    }
}

struct rk_flight *rk_flights_pop(struct rk_flights *flights)
{
    RK_ASSERT(flights->count > 0);
    struct rk_flight *first = &flights->slot[flights->head];
    flights->head = (flights->head + 1) & (flights->capacity - 1);
    flights->count--;
    return first;
}

rk_ns rk_flights_due_ns(const struct rk_flights *flights)
{
    return flights->count == 0 ? RK_NEVER : flights->slot[flights->head].at_ns;
}

void rk_flight_fill(struct rk_flight *flight, const struct rk_actions *actions)
{
    flight->bytes = actions->frame_bytes;
    flight->kind = actions->frame_kind;
    memcpy(flight->frame, actions->frame, actions->frame_bytes);
}

void rk_flights_fini(struct rk_flights *flights)
{
    free(flights->slot);
    *flights = (struct rk_flights){.slot = NULL};
}
