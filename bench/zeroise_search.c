/* bench/zeroise_search.c - all memory of a device that waits */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise_internal.h"

enum { NVM_MAX_bytes = 64 << 10, REGISTERS_MAX_bytes = 256, MATCHES_MAX = RK_ZEROISE_RESIDUES_MAX };

enum rk_err rki_zeroise_open(const struct rki_bench *bench, const char *image, struct rki_zeroise_device *device,
                             struct rk_diag *diag)
{
    *device = (struct rki_zeroise_device){.bench = bench, .ram_bytes = bench->device.ram_bytes};
    device->memory = malloc(device->ram_bytes);
    RK_REQUIRE(device->memory != NULL);
    enum rk_err err = rk_zeroise_image_open(&device->image, image, diag);
    return err ? err : bench->driver->open(&device->emulator, &bench->device, image, diag);
}

void rki_zeroise_close(struct rki_zeroise_device *device)
{
    if (device->emulator != NULL) {
        device->bench->driver->close(device->emulator);
    }
    rk_zeroise_image_close(device->image);
    free(device->memory);
}

enum rk_err rki_zeroise_keep(const struct rki_zeroise_device *device, struct rki_zeroise_wait *wait,
                             struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = device->bench->driver;
    size_t bytes = device->bench->device.nvm_bytes;
    *wait = (struct rki_zeroise_wait){.kept = driver->keep(device->emulator), .nvm = malloc(bytes + 1)};
    if (wait->kept == NULL || wait->nvm == NULL) {
        rki_zeroise_forget(wait);
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for the state of %s", device->bench->device.name);
    }
    driver->read(device->emulator, RK_MEMORY_NVM, 0, wait->nvm, bytes);
    return RK_OK;
}

enum rk_err rki_zeroise_return(const struct rki_zeroise_device *device, const struct rki_zeroise_wait *wait,
                               struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = device->bench->driver;
    enum rk_err err =
        wait->kept == NULL ? driver->rewind(device->emulator) : driver->restore(device->emulator, wait->kept);
    if (!err && wait->nvm != NULL && device->bench->device.nvm_bytes != 0) {
        err = driver->nvm_write(device->emulator, 0, wait->nvm, device->bench->device.nvm_bytes);
    }
    return err == RK_OK ? RK_OK
                        : rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again: %s", device->bench->device.name,
                                  driver->reason(device->emulator));
}

void rki_zeroise_forget(struct rki_zeroise_wait *wait)
{
    free(wait->kept);
    free(wait->nvm);
    *wait = (struct rki_zeroise_wait){0};
}

static bool overlaps(const struct rk_zeroise_match *a, const struct rk_zeroise_match *b)
{
    return a->at < b->at + b->bytes && b->at < a->at + a->bytes;
}

/* Named secrets, and schedules of keys that have no name. */
static size_t find(struct rk_zeroise_set *set, const uint8_t *memory, size_t bytes,
                   struct rk_zeroise_match match[MATCHES_MAX])
{
    struct rk_zeroise_match any[MATCHES_MAX];
    size_t count = rk_zeroise_scan(set, memory, bytes, match, MATCHES_MAX);
    size_t named = count, schedules = rk_zeroise_schedules(memory, bytes, any, MATCHES_MAX);
    for (size_t i = 0; i < schedules && count < MATCHES_MAX; i++) {
        bool known = false;
        for (size_t j = 0; j < named; j++) {
            known |= overlaps(&any[i], &match[j]);
        }
        if (!known) {
            match[count++] = any[i];
        }
    }
    return count;
}

/* An agent's own state, and its generator's: where live keys are kept. */
static bool is_kept(const struct rk_zeroise_match *match, const char *symbol)
{
    return match->kind == RK_ZEROISE_LIVE && (strcmp(symbol, "agent") == 0 || strcmp(symbol, "drbg_memory") == 0);
}

static struct rk_zeroise_residue *put(struct rk_zeroise_residue *residue, unsigned *count,
                                      const struct rk_zeroise_match *match, const char *where, uint64_t address,
                                      enum rk_zeroise_owner owner, const char *symbol)
{
    struct rk_zeroise_residue *to = &residue[(*count)++];
    *to = (struct rk_zeroise_residue){.where = where,
                                      .address = address,
                                      .bytes = (uint32_t)match->bytes,
                                      .owner = owner == RK_ZEROISE_LIBRARY ? owner : RK_ZEROISE_OURS};
    snprintf(to->what, sizeof to->what, "%s", match->what);
    snprintf(to->symbol, sizeof to->symbol, "%s", symbol);
    return to;
}

static void search_ram(struct rki_zeroise_device *device, struct rk_zeroise_set *set, uint32_t heap_bytes,
                       struct rk_zeroise_residue *residue, unsigned *count)
{
    struct rk_zeroise_match match[MATCHES_MAX];
    const struct rk_zeroise_image *image = device->image;
    device->ram_bytes = device->bench->driver->read(device->emulator, RK_MEMORY_RAM, 0, device->memory,
                                                    device->bench->device.ram_bytes);
    uint64_t ram = rk_zeroise_image_ram(image);
    size_t static_bytes = (size_t)(rk_zeroise_image_static_end(image) - ram);
    size_t heap_end = rk_zeroise_image_heap_end(image, device->memory, device->ram_bytes);
    heap_end = heap_end > static_bytes + heap_bytes ? heap_end : static_bytes + heap_bytes;
    size_t found = find(set, device->memory, device->ram_bytes, match);
    for (size_t i = 0; i < found && *count < RK_ZEROISE_RESIDUES_MAX; i++) {
        const char *symbol = "", *where = "stack";
        size_t at = match[i].at;
        enum rk_zeroise_owner owner = RK_ZEROISE_OURS;
        if (at < static_bytes) {
            where = "data";
            owner = rk_zeroise_image_owner(image, ram + at, &symbol);
        } else if (at < heap_end) {
            where = rk_zeroise_image_heap_freed(image, device->memory, device->ram_bytes, at) ? "freed heap" : "heap";
            owner = rk_zeroise_image_has_library(image) ? RK_ZEROISE_LIBRARY : RK_ZEROISE_OURS;
        } else {
            owner = RK_ZEROISE_OURS; /* until its frame is known */
        }
        if (!is_kept(&match[i], symbol)) {
            put(residue, count, &match[i], where, ram + at, owner, symbol);
        }
    }
}

static void search_other(struct rki_zeroise_device *device, struct rk_zeroise_set *set, enum rk_memory memory,
                         const char *where, size_t most, struct rk_zeroise_residue *residue, unsigned *count)
{
    struct rk_zeroise_match match[MATCHES_MAX];
    uint8_t *bytes = malloc(most);
    RK_REQUIRE(bytes != NULL);
    size_t got = device->bench->driver->read(device->emulator, memory, 0, bytes, most);
    size_t found = got >= RK_ZEROISE_RUN_bytes ? find(set, bytes, got, match) : 0;
    for (size_t i = 0; i < found && *count < RK_ZEROISE_RESIDUES_MAX; i++) {
        put(residue, count, &match[i], where, match[i].at, RK_ZEROISE_OURS, "");
    }
    free(bytes);
}

unsigned rki_zeroise_search(struct rki_zeroise_device *device, struct rk_zeroise_set *set, uint32_t heap_bytes,
                            struct rk_zeroise_residue *residue)
{
    unsigned count = 0;
    search_ram(device, set, heap_bytes, residue, &count);
    search_other(device, set, RK_MEMORY_REGISTERS, "registers", REGISTERS_MAX_bytes, residue, &count);
    search_other(device, set, RK_MEMORY_NVM, "nvm", NVM_MAX_bytes, residue, &count);
    return count;
}

void rki_zeroise_dwell(struct rk_zeroise_residue *residue, unsigned residues, uint32_t *left,
                       const struct rk_zeroise_residue *now, unsigned now_count, double seconds)
{
    for (unsigned i = 0; i < residues; i++) {
        uint32_t stays = 0;
        residue[i].byte_seconds += left[i] * seconds;
        for (unsigned j = 0; j < now_count; j++) {
            bool heaps = strstr(now[j].where, "heap") != NULL && strstr(residue[i].where, "heap") != NULL;
            if ((!heaps && strcmp(now[j].where, residue[i].where) != 0) || strcmp(now[j].what, residue[i].what) != 0) {
                continue;
            }
            uint64_t from = now[j].address > residue[i].address ? now[j].address : residue[i].address;
            uint64_t end = now[j].address + now[j].bytes, own_end = residue[i].address + residue[i].bytes;
            end = end < own_end ? end : own_end;
            stays += end > from ? (uint32_t)(end - from) : 0;
        }
        left[i] = stays < left[i] ? stays : left[i];
    }
}

void rki_zeroise_fill(struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue, unsigned residues)
{
    row->residue = malloc((residues + 1) * sizeof *residue);
    RK_REQUIRE(row->residue != NULL);
    memcpy(row->residue, residue, residues * sizeof *residue);
    row->residues = residues;
    row->ours = row->library = 0;
    for (unsigned i = 0; i < residues; i++) {
        row->ours += residue[i].owner == RK_ZEROISE_OURS;
        row->library += residue[i].owner == RK_ZEROISE_LIBRARY;
    }
    snprintf(row->status, sizeof row->status, "ok");
}
