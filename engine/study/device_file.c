#include "engine/study/device_file.h"

#include <stdio.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/core/units.h"

#define GIB ((uint64_t)1 << 30)

enum { RECORD_bytes = 128 }; /* RK_RECORD_bytes of the lifecycle: what a block of flash must hold */

static const char *const seed_classes[] = {"C0", "C1", "C2", "C3", NULL};
static const char *const rfc7228_classes[] = {"C0", "C1", "C2", "above", NULL};
static const char *const prefetches[] = {"none", "next", "cache", NULL};

const struct rk_field rk_device_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, name),
     .min = 1,
     .help = "what it is called on the command line; the folder's name"},
    {.key = "device",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, device),
     .fallback = "",
     .help = "of a board only: the device that it carries, whose firmware runs on it"},
    {.key = "title",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_device_profile, title),
     .min = 1,
     .help = "what it is called in reports"},
    {.key = "core",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, core),
     .min = 1,
     .help = "processor core; chooses the cycle table"},
    {.key = "class_seed",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_device_profile, class_seed),
     .choices = seed_classes,
     .help = "device class of the paper (ENISA)"},
    {.key = "class_rfc7228",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_device_profile, class_rfc7228),
     .choices = rfc7228_classes,
     .help = "device class of RFC 7228 by RAM and flash"},
    {.key = "emulator",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, emulator),
     .min = 1,
     .help = "driver in devices/emulators"},
    {.key = "machine",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, machine),
     .min = 1,
     .help = "what the emulator calls the machine or MCU"},
    {.key = "ram",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, ram_bytes),
     .min = 64,
     .max = 64 * GIB,
     .help = "random-access memory"},
    {.key = "flash",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, flash_bytes),
     .min = 1024,
     .max = 1024 * GIB,
     .help = "program memory"},
    {.key = "nvm",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, nvm_bytes),
     .max = 1024 * GIB,
     .help = "memory that keeps keys without power: EEPROM, or the flash set aside for it"},
    {.key = "os",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_device_profile, os),
     .fallback = "none",
     .help = "operating system that the application stands on"},
    {.key = "os_ram",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, os_ram_bytes),
     .max = 64 * GIB,
     .fallback = "0 B",
     .help = "RAM that the system takes, off the budget"},
    {.key = "os_flash",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, os_flash_bytes),
     .max = 1024 * GIB,
     .fallback = "0 B",
     .help = "flash that the system takes, off the budget"},
    {.key = "flash_wait_states",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_device_profile, flash_wait_states),
     .max = 32,
     .fallback = "0",
     .help = "cycles that a fetch from flash takes beyond the first, at the clock"},
    {.key = "flash_width",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, flash_width_bytes),
     .min = 4,
     .max = 16,
     .fallback = "4 B",
     .help = "bytes of one fetch from flash: 4, 8 or 16"},
    {.key = "flash_prefetch",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_device_profile, flash_prefetch),
     .choices = prefetches,
     .fallback = "none",
     .help = "what hides the wait states: the next line fetched ahead, or a cache"},
    {.key = "flash_data_lines",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_device_profile, flash_data_lines),
     .max = 512,
     .fallback = "0",
     .help = "lines of flash_width that are kept of constants read from flash; 0: not known"},
    {.key = "multiply_cycles",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_device_profile, multiply_cycles),
     .min = 1,
     .max = 32,
     .fallback = "1",
     .help = "of a 32-bit product, where a core leaves the choice of multiplier: 1 or 32"},
    {.key = "clock",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_FREQUENCY,
     RK_AT(struct rk_device_profile, clock_Hz),
     .min = 1000,
     .max = 10000000000ull,
     .help = "CPU clock that the currents below are given for"},
    {.key = "supply",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_VOLTAGE,
     RK_AT(struct rk_device_profile, supply_mV),
     .min = 500,
     .max = 20000,
     .help = "supply that the currents below are given for"},
    {.key = "active",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_device_profile, active_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current, CPU running at the clock"},
    {.key = "idle",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_device_profile, idle_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current, CPU waiting, clocks on"},
    {.key = "sleep",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_device_profile, sleep_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current in the deepest sleep that keeps RAM and a timer"},
    {.key = "nvm_write",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_device_profile, nvm_write_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "additional supply current while non-volatile memory is written"},
    {.key = "nvm_write_time",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_device_profile, nvm_write_ns),
     .max = 10 * RK_S,
     .help = "busy time of one write unit; where units are written in place, their erasure is part of it"},
    {.key = "nvm_write_unit",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, nvm_write_unit_bytes),
     .max = 1048576,
     .help = "bytes that one write takes"},
    {.key = "nvm_erase_block",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, nvm_erase_block_bytes),
     .max = 32768,
     .fallback = "0 B",
     .help = "flash: bytes that are erased at once; 0 B: units are written in place"},
    {.key = "nvm_erase_time",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_device_profile, nvm_erase_ns),
     .max = 10 * RK_S,
     .fallback = "0 s",
     .help = "busy time of erasing one block"},
    {.key = "nvm_endurance",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_device_profile, nvm_endurance),
     .min = 1,
     .max = 1000000000000ull,
     .help = "writes of a cell, or erasures of a block, that it is specified for"},
    {.key = "cycle_error_low",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_RATIO,
     RK_AT(struct rk_device_profile, cycle_error_low_ppm),
     .max = 1000000,
     .help = "how far real cycles may lie below the emulator's"},
    {.key = "cycle_error_high",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_RATIO,
     RK_AT(struct rk_device_profile, cycle_error_high_ppm),
     .max = 10000000,
     .help = "how far real cycles may lie above the emulator's"},
    {.key = "radio",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, radio),
     .min = 1,
     .help = "default radio: devices/radios"},
    {.key = "battery",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, battery),
     .min = 1,
     .help = "default battery: devices/batteries"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_device_profile *device = profile;
    const struct rk_profile_kind *kind = &rk_device_kind;
    if (device->idle_nA.value > device->active_nA.value) {
        return rk_profile_refuse(kind, device, path, root, "idle", "at most the active current", diag);
    }
    if (device->sleep_nA.value > device->idle_nA.value) {
        return rk_profile_refuse(kind, device, path, root, "sleep", "at most the idle current", diag);
    }
    if (device->nvm_bytes > 0 && device->nvm_write_ns == 0) {
        return rk_profile_refuse(kind, device, path, root, "nvm_write_time", "the time a write to nvm takes", diag);
    }
    if (device->nvm_bytes > 0 && device->nvm_write_unit_bytes == 0) {
        return rk_profile_refuse(kind, device, path, root, "nvm_write_unit", "the bytes a write to nvm takes", diag);
    }
    if (device->nvm_write_unit_bytes > device->nvm_bytes) {
        return rk_profile_refuse(kind, device, path, root, "nvm_write_unit", "at most the size of nvm", diag);
    }
    uint64_t block_bytes = device->nvm_erase_block_bytes;
    if (block_bytes % RECORD_bytes != 0 || 2 * block_bytes > device->nvm_bytes) {
        return rk_profile_refuse(kind, device, path, root, "nvm_erase_block",
                                 "a multiple of 128 B, and at most half of nvm", diag);
    }
    if ((block_bytes > 0) != (device->nvm_erase_ns > 0)) {
        return rk_profile_refuse(kind, device, path, root, "nvm_erase_time",
                                 "the time an erasure takes where there is an nvm_erase_block", diag);
    }
    if (device->flash_width_bytes != 4 && device->flash_width_bytes != 8 && device->flash_width_bytes != 16) {
        return rk_profile_refuse(kind, device, path, root, "flash_width", "4, 8 or 16 bytes", diag);
    }
    if (device->multiply_cycles != 1 && device->multiply_cycles != 32) {
        return rk_profile_refuse(kind, device, path, root, "multiply_cycles", "1 or 32", diag);
    }
    if (device->os_ram_bytes > device->ram_bytes || device->os_flash_bytes > device->flash_bytes) {
        const char *key = device->os_ram_bytes > device->ram_bytes ? "os_ram" : "os_flash";
        return rk_profile_refuse(kind, device, path, root, key, "at most what the device has", diag);
    }
    return RK_OK;
}

/* What a board's file is laid over: the profile of the device that it names. */
static enum rk_err load_base(const char *root, const char *path, const struct rk_yaml *board, void *profile,
                             struct rk_diag *diag)
{
    const struct rk_yaml *device = rk_yaml_get(board, "device");
    if (device == NULL || device->kind != RK_YAML_SCALAR) {
        return rk_fail_at(diag, rk_profile_mark(path, board, "device"), "no device, expected 'device: NAME'");
    }
    struct rk_diag unknown;
    enum rk_err err = rk_profile_load(&rk_device_kind, root, device->text, profile, &unknown);
    if (err == RK_OK) {
        return RK_OK;
    }
    bool exists = rk_profile_exists(&rk_device_kind, root, device->text);
    return exists ? rk_fail(diag, err, "%s", unknown.text)
                  : rk_fail_at(diag, rk_profile_mark(path, board, "device"), "%s", unknown.text);
}

static enum rk_err check_device(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_device_profile *device = profile;
    if (device->device[0] != '\0') {
        return rk_profile_refuse(&rk_device_kind, device, path, root, "device", "this key in a board's file only",
                                 diag);
    }
    return check(profile, path, root, diag);
}

/* A board says how a device is used, not what it is; a core of the same instruction set, it may say. */
static enum rk_err check_board(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    static const char *const of_the_clock[] = {"active", "idle"};
    static const char *const fixed[] = {"emulator", "machine", "ram", "flash", "nvm", "nvm_erase_block"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (rk_yaml_get(root, fixed[i]) != NULL) {
            return rk_fail_at(diag, rk_profile_mark(path, root, fixed[i]),
                              "%s: a fact of the device, expected none in a board", fixed[i]);
        }
    }
    for (size_t i = 0; rk_yaml_get(root, "clock") != NULL && i < 2; i++) {
        if (rk_yaml_get(root, of_the_clock[i]) == NULL) {
            return rk_fail_at(diag, rk_profile_mark(path, root, "clock"),
                              "clock: without '%s', expected the current at this clock", of_the_clock[i]);
        }
    }
    return check(profile, path, root, diag);
}

const struct rk_profile_kind rk_device_kind = {
    .what = "device",
    .folder = "devices",
    .file = "device.yaml",
    .fields = rk_device_fields,
    .size = sizeof(struct rk_device_profile),
    .path_offset = offsetof(struct rk_device_profile, path),
    .check = check_device,
};

const struct rk_profile_kind rk_board_kind = {
    .what = "board",
    .folder = "devices/boards",
    .fields = rk_device_fields,
    .size = sizeof(struct rk_device_profile),
    .path_offset = offsetof(struct rk_device_profile, path),
    .base = load_base,
    .check = check_board,
};

enum rk_err rk_device_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_device_kind, root, names, diag);
}

enum rk_err rk_board_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_board_kind, root, names, diag);
}

enum rk_err rk_device_and_board_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    struct rk_names boards;
    enum rk_err err = rk_device_list(root, names, diag);
    if (err == RK_OK) {
        err = rk_board_list(root, &boards, diag);
    }
    if (err == RK_OK && names->count + boards.count > RK_NAMES_max) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s/devices: too many devices and boards, expected at most %d", root,
                      RK_NAMES_max);
    }
    for (size_t i = 0; err == RK_OK && i < boards.count; i++) {
        memcpy(names->name[names->count++], boards.name[i], sizeof boards.name[i]);
    }
    return err;
}

static enum rk_err add_file(struct rk_sha256 *hash, const char *path, struct rk_diag *diag)
{
    uint8_t part[4096];
    size_t bytes;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
    }
    while ((bytes = fread(part, 1, sizeof part, file)) > 0) {
        rk_sha256_add(hash, part, bytes);
    }
    bool read = !ferror(file);
    fclose(file);
    return read ? RK_OK : rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
}

enum rk_err rk_device_sha256(const char *root, const struct rk_device_profile *device, char hex[65],
                             struct rk_diag *diag)
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    enum rk_err err = add_file(&hash, device->path, diag);
    if (err == RK_OK && strcmp(device->name, device->device) != 0) {
        char path[sizeof device->path];
        snprintf(path, sizeof path, "%s/devices/%s/device.yaml", root, device->device);
        err = add_file(&hash, path, diag);
    }
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
    return err;
}

enum rk_err rk_device_load(const char *root, const char *name, struct rk_device_profile *device, struct rk_diag *diag)
{
    if (rk_profile_exists(&rk_board_kind, root, name)) {
        return rk_profile_load(&rk_board_kind, root, name, device, diag);
    }
    enum rk_err err = rk_profile_load(&rk_device_kind, root, name, device, diag);
    if (err == RK_OK) {
        memcpy(device->device, device->name, sizeof device->device);
    }
    return err;
}

enum rk_err rk_device_check_radio(const struct rk_device_profile *device, const struct rk_radio_profile *radio,
                                  struct rk_diag *diag)
{
    bool mains = strcmp(device->class_seed, "C3") == 0;
    if (mains || device->sleep_nA.value * 10 < radio->rx_nA.value) {
        return RK_OK;
    }
    char sleep[RK_QUANTITY_TEXT_bytes];
    char receive[RK_QUANTITY_TEXT_bytes];
    rk_quantity_format(RK_DIM_CURRENT, device->sleep_nA.value, sleep);
    rk_quantity_format(RK_DIM_CURRENT, radio->rx_nA.value, receive);
    return rk_fail(diag, RK_ERR_INPUT,
                   "%s: sleep: %s, expected less than a tenth of the %s that radio %s receives with", device->path,
                   sleep, receive, radio->name);
}
