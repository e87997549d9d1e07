/* bench/zeroise_owner.c - whose frame was it when it was written?
 *
 * When a call has come back, shallower calls have overwritten return addresses of the frames in which residues lie. So the
 * call is run again and its power cut, at other steps each time, until the step is known at which a residue was completed:
 * then all frames above it are whole. Runs serve all residues at once; calls repeat themselves exactly.
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
        s->high = step;
        s->owner = rk_zeroise_image_stack_owner(device->image, device->memory, device->ram_bytes, s->at, &symbol);
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

enum rk_err rki_zeroise_settle(struct rki_zeroise_device *device, struct rk_zeroise_residue *residue, unsigned residues,
                               bool ours_only, uint64_t steps, rki_zeroise_replay_fn *replay, void *context,
                               struct rk_diag *diag)
{
    struct search search[RK_ZEROISE_RESIDUES_MAX];
    uint64_t ram = rk_zeroise_image_ram(device->image);
    uint8_t *final = malloc(device->ram_bytes);
    RK_REQUIRE(final != NULL);
    memcpy(final, device->memory, device->ram_bytes);
    for (unsigned i = 0; i < residues; i++) {
        bool stack = strcmp(residue[i].where, "stack") == 0;
        size_t at = stack ? (size_t)(residue[i].address - ram) : 0;
        search[i] = (struct search){.high = steps,
                                    .final = final + at,
                                    .at = at,
                                    .wanted = stack && (!ours_only || residue[i].owner == RK_ZEROISE_OURS),
                                    .owner = residue[i].owner};
        snprintf(search[i].symbol, sizeof search[i].symbol, "%s", residue[i].symbol);
    }
    enum rk_err err = RK_OK;
    uint64_t step = next_step(search, residues);
    bool ran = step != 0;
    for (unsigned run = 0; step != 0 && run < RUNS_MAX && !err; run++) {
        err = replay(context, step, diag);
        if (!err) {
            device->bench->driver->read(device->emulator, RK_MEMORY_RAM, 0, device->memory, device->ram_bytes);
            look(device, search, residues, step, residue);
        }
        step = next_step(search, residues);
    }
    for (unsigned i = 0; i < residues && !err; i++) {
        if (search[i].wanted) {
            residue[i].owner = search[i].owner == RK_ZEROISE_LIBRARY ? RK_ZEROISE_LIBRARY : RK_ZEROISE_OURS;
            snprintf(residue[i].symbol, sizeof residue[i].symbol, "%s", search[i].symbol);
        }
    }
    if (ran && !err) {
        err = replay(context, 0, diag);
    }
    memcpy(device->memory, final, device->ram_bytes);
    free(final);
    return err;
}
