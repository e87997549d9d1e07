#include "engine/study/device_file.h"

#include "engine/core/units.h"

#define GIB ((uint64_t)1 << 30)

static const char *const seed_classes[] = {"C0", "C1", "C2", "C3", NULL};
static const char *const rfc7228_classes[] = {"C0", "C1", "C2", "above", NULL};

const struct rk_field rk_device_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_device_profile, name),
     .min = 1,
     .help = "what it is called on the command line; the folder's name"},
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
     .help = "busy time of one write unit, erase included"},
    {.key = "nvm_write_unit",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_device_profile, nvm_write_unit_bytes),
     .max = 1048576,
     .help = "bytes that one write takes"},
    {.key = "nvm_endurance",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_device_profile, nvm_endurance),
     .min = 1,
     .max = 1000000000000ull,
     .help = "write cycles a cell is specified for"},
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
    return RK_OK;
}

const struct rk_profile_kind rk_device_kind = {
    .what = "device",
    .folder = "devices",
    .file = "device.yaml",
    .fields = rk_device_fields,
    .size = sizeof(struct rk_device_profile),
    .path_offset = offsetof(struct rk_device_profile, path),
    .check = check,
};

enum rk_err rk_device_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_device_kind, root, names, diag);
}

enum rk_err rk_device_load(const char *root, const char *name, struct rk_device_profile *device, struct rk_diag *diag)
{
    return rk_profile_load(&rk_device_kind, root, name, device, diag);
}

enum rk_err rk_device_check_radio(const struct rk_device_profile *device, const struct rk_radio_profile *radio,
                                  struct rk_diag *diag)
{
    if (device->sleep_nA.value * 10 < radio->rx_nA.value) {
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
