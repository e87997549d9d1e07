/* bench/zeroise_owner.c - whose frame was it when it was written?
 *
 * When a call has come back, shallower calls have overwritten return addresses of the frames in which residues lie. So the
 * call is run again and looked at, on its way, at steps that each run sets closer around the one at which a residue was
 * completed: then all frames above it are whole. Each run starts where the call did, from what was kept of that wait, and
 * serves all residues at once; calls repeat themselves exactly.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise_internal.h"

/* A run looks at so many steps for each residue: three runs for a call of some million cycles. */
enum { RUNS_MAX = 24, LOOKS = 256 };

struct search {
    uint64_t low, high; /* at low it was not yet what it is, from high on it is */
    uint64_t every;     /* in this run: steps from look to look */
    uint64_t seen;      /* in this run: the step from which on it is; 0: none yet */
    const uint8_t *final;
    size_t at, bytes;
    bool wanted;
    enum rk_zeroise_owner owner; /* as of `high` */
    char symbol[64];
};

/* One run. */
struct round {
    struct rki_zeroise_device *device;
    struct search *search;
    unsigned count;
};

static bool is_open(const struct search *search)
{
    return search->wanted && search->high - search->low > 1;
}

static void look(const struct round *round, struct search *search, const struct rk_open_calls *calls, uint64_t step)
{
    const struct rki_zeroise_device *device = round->device;
    if (!is_open(search) || step <= search->low || step >= search->high) {
        return;
    }
    if (memcmp(device->memory + search->at, search->final, search->bytes) != 0) {
        search->low = step;
        search->seen = 0;
    } else if (search->seen == 0) {
        const char *symbol;
        search->seen = step;
        search->owner =
            rk_zeroise_image_frame_owner(device->image, calls, device->memory, device->ram_bytes, search->at, &symbol);
        snprintf(search->symbol, sizeof search->symbol, "%s", symbol);
    }
}

/* out: the next step after `step` at which this search looks; UINT64_MAX: none in this run. */
static uint64_t next_look(const struct search *search, uint64_t step)
{
    if (!is_open(search) || step >= search->high) {
        return UINT64_MAX;
    }
    uint64_t next = (step > search->low ? step : search->low) + search->every;
    return next < search->high ? next : UINT64_MAX;
}

static uint64_t next_step(const struct round *round, uint64_t step)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < round->count; i++) {
        uint64_t wanted = next_look(&round->search[i], step);
        next = wanted < next ? wanted : next;
    }
    return next != UINT64_MAX ? next : 0;
}

static uint64_t visit(void *context, uint64_t step)
{
    const struct round *round = context;
    struct rki_zeroise_device *device = round->device;
    struct rk_open_calls calls;
    device->bench->driver->read(device->emulator, RK_MEMORY_RAM, 0, device->memory, device->ram_bytes);
    device->bench->driver->open_calls(device->emulator, &calls);
    for (unsigned i = 0; i < round->count; i++) {
        look(round, &round->search[i], &calls, step);
    }
    return next_step(round, step);
}

/* More than the whole call took, in steps of the emulator's power cut; QEMU counts them by segments. */
static uint64_t steps_of(const struct rki_zeroise_device *device)
{
    uint64_t steps = device->bench->driver->nvm_log(device->emulator).steps;
    return steps + steps / 64 + 4096;
}

/* out: *first, the step at which the run looks first; 0: nothing is open, and nothing was run. */
static enum rk_err run(struct round *round, const struct rki_zeroise_wait *before, const struct rk_call *request,
                       uint64_t *first, struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    struct rki_zeroise_device *device = round->device;
    const struct rk_emulator_driver *driver = device->bench->driver;
    for (unsigned i = 0; i < round->count; i++) {
        struct search *search = &round->search[i];
        search->every = (search->high - search->low) / LOOKS + 1;
        search->seen = 0;
    }
    *first = next_step(round, 0);
    enum rk_err err = *first != 0 ? rki_zeroise_return(device, before, diag) : RK_OK;
    if (err || *first == 0) {
        return err;
    }
    call = *request;
    driver->visit(device->emulator, *first, visit, round);
    enum rk_call_status came = driver->call(device->emulator, &call);
    if (came != RK_CALL_OK && came != RK_CALL_POWER_CUT) {
        return rk_fail(diag, RK_ERR_EMULATOR, "a call on %s does not repeat itself: %s", device->bench->device.name,
                       driver->reason(device->emulator));
    }
    /* What no look saw came after the last one, and before the call came back. */
    const uint64_t end = came == RK_CALL_OK ? driver->nvm_log(device->emulator).steps + 1 : UINT64_MAX;
    for (unsigned i = 0; i < round->count; i++) {
        struct search *search = &round->search[i];
        if (search->seen != 0) {
            search->high = search->seen;
        } else if (end > search->low && end < search->high) {
            search->high = end;
        }
    }
    return RK_OK;
}

/* out: is there one to look for? */
static bool begin(const struct rki_zeroise_device *device, const struct rk_zeroise_residue *residue, unsigned residues,
                  const uint8_t *final, struct search *search)
{
    uint64_t ram = rk_zeroise_image_ram(device->image), steps = steps_of(device);
    bool any = false;
    for (unsigned i = 0; i < residues; i++) {
        bool stack = strcmp(residue[i].where, "stack") == 0;
        size_t at = stack ? (size_t)(residue[i].address - ram) : 0;
        bool wanted = stack && !residue[i].traced;
        search[i] = (struct search){.high = steps,
                                    .final = final + at,
                                    .at = at,
                                    .bytes = residue[i].bytes,
                                    .wanted = wanted,
                                    .owner = residue[i].owner};
        snprintf(search[i].symbol, sizeof search[i].symbol, "%s", residue[i].symbol);
        any |= wanted;
    }
    return any;
}

static void take(const struct search *search, struct rk_zeroise_residue *residue, unsigned residues)
{
    for (unsigned i = 0; i < residues; i++) {
        if (search[i].wanted) {
            residue[i].traced = true;
            residue[i].owner = search[i].owner == RK_ZEROISE_LIBRARY ? RK_ZEROISE_LIBRARY : RK_ZEROISE_OURS;
            snprintf(residue[i].symbol, sizeof residue[i].symbol, "%s", search[i].symbol);
        }
    }
}

enum rk_err rki_zeroise_settle(struct rki_zeroise_device *device, struct rk_zeroise_residue *residue, unsigned residues,
                               const struct rki_zeroise_wait *before, const struct rk_call *request,
                               struct rk_diag *diag)
{
    struct search search[RK_ZEROISE_RESIDUES_MAX];
    struct rki_zeroise_wait after = {0};
    uint8_t *final = malloc(device->ram_bytes);
    RK_REQUIRE(final != NULL);
    memcpy(final, device->memory, device->ram_bytes);
    enum rk_err err = RK_OK;
    if (begin(device, residue, residues, final, search)) {
        err = rki_zeroise_keep(device, &after, diag);
        struct round round = {.device = device, .search = search, .count = residues};
        uint64_t first = 1;
        for (unsigned i = 0; first != 0 && i < RUNS_MAX && !err; i++) {
            err = run(&round, before, request, &first, diag);
        }
        if (!err) {
            take(search, residue, residues);
            err = rki_zeroise_return(device, &after, diag);
        }
        rki_zeroise_forget(&after);
    }
    memcpy(device->memory, final, device->ram_bytes);
    free(final);
    return err;
}
