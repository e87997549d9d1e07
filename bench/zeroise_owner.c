/* bench/zeroise_owner.c - whose frame was it when it was written?
 *
 * When a call has come back, shallower calls have overwritten return addresses of the frames in which residues lie. So the
 * call is run again and its power cut, at other steps each time, until the step is known at which a residue was completed:
 * then all frames above it are whole. Each run starts where the call did, from what was kept of that wait, and serves all
 * residues at once; calls repeat themselves exactly.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise_internal.h"

enum { RUNS_MAX = 400 };

struct search {
    uint64_t low, high; /* at low it was not yet what it is, at high it is */
    const uint8_t *final;
    size_t at;
    bool wanted;
    enum rk_zeroise_owner owner; /* as of `high` */
    char symbol[64];
};

static void look(struct rki_zeroise_device *device, struct search *search, unsigned count, uint64_t step,
                 const struct rk_zeroise_residue *residue)
{
    for (unsigned i = 0; i < count; i++) {
        struct search *s = &search[i];
        if (!s->wanted || step <= s->low || step >= s->high) {
            continue;
        }
        if (memcmp(device->memory + s->at, s->final, residue[i].bytes) != 0) {
            s->low = step;
            continue;
        }
        const char *symbol;
        struct rk_open_calls calls;
        device->bench->driver->open_calls(device->emulator, &calls);
        s->high = step;
        s->owner =
            rk_zeroise_image_frame_owner(device->image, &calls, device->memory, device->ram_bytes, s->at, &symbol);
        snprintf(s->symbol, sizeof s->symbol, "%s", symbol);
    }
}

/* out: the step in the middle of the first search that is not done; 0: all are. */
static uint64_t next_step(const struct search *search, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (search[i].wanted && search[i].high - search[i].low > 1) {
            return search[i].low + (search[i].high - search[i].low) / 2;
        }
    }
    return 0;
}

/* More than the whole call took, in steps of the emulator's power cut; QEMU counts them by segments. */
static uint64_t steps_of(const struct rki_zeroise_device *device)
{
    uint64_t steps = device->bench->driver->nvm_log(device->emulator).steps;
    return steps + steps / 64 + 4096;
}

static enum rk_err run_to(struct rki_zeroise_device *device, const struct rki_zeroise_wait *before,
                          const struct rk_call *request, uint64_t step, struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    const struct rk_emulator_driver *driver = device->bench->driver;
    enum rk_err err = rki_zeroise_return(device, before, diag);
    if (err) {
        return err;
    }
    call = *request;
    driver->power_cut_at(device->emulator, step);
    enum rk_call_status came = driver->call(device->emulator, &call);
    driver->power_cut_at(device->emulator, 0);
    if (came != RK_CALL_OK && came != RK_CALL_POWER_CUT) {
        return rk_fail(diag, RK_ERR_EMULATOR, "a call on %s does not repeat itself: %s", device->bench->device.name,
                       driver->reason(device->emulator));
    }
    driver->read(device->emulator, RK_MEMORY_RAM, 0, device->memory, device->ram_bytes);
    return RK_OK;
}

/* out: is there one to look for? */
static bool begin(const struct rki_zeroise_device *device, const struct rk_zeroise_residue *residue, unsigned residues,
                  bool ours_only, const uint8_t *final, struct search *search)
{
    uint64_t ram = rk_zeroise_image_ram(device->image), steps = steps_of(device);
    bool any = false;
    for (unsigned i = 0; i < residues; i++) {
        bool stack = strcmp(residue[i].where, "stack") == 0;
        size_t at = stack ? (size_t)(residue[i].address - ram) : 0;
        bool wanted = stack && !residue[i].traced && (!ours_only || residue[i].owner == RK_ZEROISE_OURS);
        search[i] =
            (struct search){.high = steps, .final = final + at, .at = at, .wanted = wanted, .owner = residue[i].owner};
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
                               bool ours_only, const struct rki_zeroise_wait *before, const struct rk_call *request,
                               struct rk_diag *diag)
{
    struct search search[RK_ZEROISE_RESIDUES_MAX];
    struct rki_zeroise_wait after = {0};
    uint8_t *final = malloc(device->ram_bytes);
    RK_REQUIRE(final != NULL);
    memcpy(final, device->memory, device->ram_bytes);
    enum rk_err err = RK_OK;
    if (begin(device, residue, residues, ours_only, final, search)) {
        err = rki_zeroise_keep(device, &after, diag);
        uint64_t step = next_step(search, residues);
        for (unsigned run = 0; step != 0 && run < RUNS_MAX && !err; run++) {
            err = run_to(device, before, request, step, diag);
            if (!err) {
                look(device, search, residues, step, residue);
            }
            step = next_step(search, residues);
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
