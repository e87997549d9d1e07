#include "engine/study/system_file.h"

#include <stdio.h>
#include <string.h>

const struct rk_field rk_system_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_system_profile, name),
     .min = 1,
     .help = "as the file is called"},
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct rk_system_profile, title), .min = 1, .help = "for people"},
    {.key = "about",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_system_profile, about),
     .min = 1,
     .help = "which build of it the figures are of"},
    {.key = "ram",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_system_profile, ram_bytes),
     .help = "of the system and its network stack; off the device's budget"},
    {.key = "flash",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_system_profile, flash_bytes),
     .help = "of the system and its network stack; off the device's budget"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    (void)profile, (void)path, (void)root, (void)diag;
    return RK_OK;
}

const struct rk_profile_kind rk_system_kind = {
    .what = "system",
    .folder = "devices/systems",
    .file = NULL,
    .fields = rk_system_fields,
    .size = sizeof(struct rk_system_profile),
    .path_offset = offsetof(struct rk_system_profile, path),
    .check = check,
};

void rk_system_apply(const struct rk_system_profile *system, struct rk_device_profile *device)
{
    snprintf(device->os, sizeof device->os, "%s", system->title);
    device->os_ram_bytes = system->ram_bytes.value;
    device->os_flash_bytes = system->flash_bytes.value;
}

/* out: whether `needed` does not fit beside the system; then the status says so. */
static bool exceeds(const struct rk_device_profile *device, const char *memory, uint64_t needed, uint64_t taken,
                    uint64_t there, struct rk_cost_row *row)
{
    if (needed + taken <= there) {
        return false;
    }
    snprintf(row->status, sizeof row->status, "does not fit: %s: %llu B of %llu B beside %s's %llu B", memory,
             (unsigned long long)needed, (unsigned long long)there, device->os, (unsigned long long)taken);
    return true;
}

static uint64_t zero_if_none(uint64_t bytes)
{
    return bytes == RK_NONE ? 0 : bytes;
}

void rk_system_judge(const struct rk_device_profile *device, struct rk_cost_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rk_cost_row *row = &rows[i];
        if (row->flash_bytes == RK_NONE || row->ram_static_bytes == RK_NONE) {
            continue;
        }
        uint64_t ram_bytes = row->ram_static_bytes + zero_if_none(row->stack_bytes) + zero_if_none(row->heap_bytes);
        if (exceeds(device, "flash", row->flash_bytes, device->os_flash_bytes, device->flash_bytes, row) ||
            exceeds(device, "ram", ram_bytes, device->os_ram_bytes, device->ram_bytes, row)) {
            row->cycles_min = row->cycles_median = row->cycles_max = RK_NONE;
            row->cycles_low = row->cycles_high = RK_NONE;
        }
    }
}

const char *rk_system_misfit(const struct rk_cost_row *rows, size_t count, const char *mechanism)
{
    char name[64];
    bool plain = strcmp(mechanism, "ecdh") == 0;
    snprintf(name, sizeof name, "key_renew%s%s", plain ? "" : "_", plain ? "" : mechanism);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].op, name) == 0 && strncmp(rows[i].status, "does not fit", 12) == 0) {
            return rows[i].status;
        }
    }
    return NULL;
}
