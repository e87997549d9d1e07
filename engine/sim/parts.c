#include "engine/sim/parts.h"

#include <stdlib.h>
#include <string.h>

#include "engine/sim/tier.h"

bool rk_trial_splits(const struct rk_trial *trial)
{
    struct rk_tier_choice choice;
    struct rk_diag why;
    return rk_tier_choose(trial, &choice, &why) == RK_OK && choice.tier == RK_TIER_TIMELINES && trial->trace == NULL &&
           trial->execution != RK_EXECUTION_EMULATED && trial->fault.weak_ppm == 0 && !trial->lifetime;
}

void rki_parts_range(const struct rk_fleet *fleet, uint32_t *first, uint32_t *end)
{
    const struct rk_parts *parts = fleet->trial->parts;
    uint64_t devices = fleet->trial->devices;
    *first = parts == NULL ? 0 : (uint32_t)(devices * parts->part / parts->parts);
    *end = parts == NULL ? (uint32_t)devices : (uint32_t)(devices * (parts->part + 1) / parts->parts);
}

/* Sums */

struct ending {
    enum rk_err err;
    struct rk_diag diag;
    struct rk_tally tally;
};

static void take(void *into, const void *from)
{
    struct ending *whole = into;
    const struct ending *theirs = from;
    if (whole->err == RK_OK) {
        whole->err = theirs->err;
        whole->diag = theirs->diag;
    }
    rk_tally_add(&whole->tally, &theirs->tally);
}

enum rk_err rki_parts_finish(struct rk_fleet *fleet, enum rk_err err, struct rk_diag *diag)
{
    const struct rk_parts *parts = fleet->trial->parts;
    if (parts == NULL) {
        return err;
    }
    struct ending *ending = calloc(1, sizeof *ending);
    RK_REQUIRE(ending != NULL);
    ending->err = err;
    ending->tally = fleet->tally;
    if (err != RK_OK) {
        ending->diag = *diag;
    }
    parts->collect(parts->context, ending, sizeof *ending, take, ending);
    /* Part 0 knows; errors are negative, and a window's end is none of them. */
    uint64_t told = parts->least(parts->context, parts->part == 0 ? (uint64_t) - (int64_t)ending->err : UINT64_MAX);
    err = (enum rk_err) - (int64_t)told;
    if (parts->part == 0) {
        fleet->tally = ending->tally;
        *diag = ending->diag;
    }
    free(ending);
    return err;
}

/* Windows */

static int by_time_and_part(const void *a, const void *b)
{
    const struct rki_request *x = a, *y = b;
    if (x->at_ns != y->at_ns) {
        return x->at_ns < y->at_ns ? -1 : 1;
    }
    return x->part < y->part ? -1 : x->part > y->part;
}

void rki_window_exchange(struct rki_window *window, const struct rk_parts *parts, const rk_ns *mine, size_t count)
{
    const uint64_t *all;
    const size_t *counts;
    size_t total = 0;
    parts->exchange(parts->context, mine, count, &all, &counts);
    for (uint32_t part = 0; part < parts->parts; part++) {
        total += counts[part];
    }
    if (total > window->capacity) {
        window->capacity = 2 * total;
        window->request = realloc(window->request, window->capacity * sizeof *window->request);
        RK_REQUIRE(window->request != NULL);
    }
    window->count = 0;
    for (uint32_t part = 0; part < parts->parts; part++) {
        for (size_t i = 0; i < counts[part]; i++) {
            window->request[window->count++] = (struct rki_request){.at_ns = *all++, .part = part};
        }
    }
    qsort(window->request, window->count, sizeof *window->request, by_time_and_part);
}

void rki_window_fini(struct rki_window *window)
{
    free(window->request);
}
