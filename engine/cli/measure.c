/* engine/cli/measure.c - `rekeylab measure`: what the marked regions of any program cost on a device
 *
 * The program is built by its owner with devices/firmware/region.h, or with the instructions that stand there; it needs
 * nothing else of this project.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "devices/emulators/emulator.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/study/device_file.h"

struct measured {
    struct rk_region region[RK_REGIONS_MAX];
    unsigned count;
};

static json_t *whole(uint64_t value, bool known)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static void print_json(const struct measured *measured)
{
    json_t *rows = json_array();

    for (unsigned i = 0; i < measured->count; i++) {
        const struct rk_measure *cost = &measured->region[i].cost;
        json_t *row = json_object();
        json_object_set_new(row, "region", json_integer(measured->region[i].id));
        json_object_set_new(row, "calls", json_integer((json_int_t)measured->region[i].calls));
        json_object_set_new(row, "cycles", whole(cost->cycles, cost->has_cycles));
        json_object_set_new(row, "cycles_low", whole(cost->cycles_low, cost->has_cycles));
        json_object_set_new(row, "cycles_high", whole(cost->cycles_high, cost->has_cycles));
        json_object_set_new(row, "instructions", whole(cost->instructions, cost->has_instructions));
        json_object_set_new(row, "stack_bytes", whole(cost->stack_bytes, cost->has_stack));
        json_array_append_new(rows, row);
    }
    json_dumpf(rows, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(rows);
}

static void print_table(const struct measured *measured)
{
    printf("%6s %10s %16s %16s %16s %16s %8s\n", "region", "calls", "cycles", "low", "high", "instructions", "stack B");
    for (unsigned i = 0; i < measured->count; i++) {
        const struct rk_region *region = &measured->region[i];
        const struct rk_measure *cost = &region->cost;
        printf("%6u %10" PRIu64 " %16" PRIu64 " %16" PRIu64 " %16" PRIu64, region->id, region->calls, cost->cycles,
               cost->cycles_low, cost->cycles_high);
        if (cost->has_instructions) {
            printf(" %16" PRIu64, cost->instructions);
        } else {
            printf(" %16s", "-");
        }
        if (cost->has_stack) {
            printf(" %8" PRIu32 "\n", cost->stack_bytes);
        } else {
            printf(" %8s\n", "-");
        }
    }
}

static enum rk_err measure(const char *device_name, const char *path, struct measured *measured, struct rk_diag *diag)
{
    struct rk_device_profile device;
    enum rk_err err = rk_list_check_device(rk_cli_root(), device_name, diag);

    if (err == RK_OK) {
        err = rk_device_load(rk_cli_root(), device_name, &device, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    const struct rk_emulator_driver *driver = rk_emulator_driver_find(device.emulator);
    if (driver == NULL || driver->measure == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "--device %s: its emulator, %s, has no cycles to measure a program by",
                       device_name, device.emulator);
    }
    return driver->measure(&device, path, measured->region, &measured->count, diag);
}

int rk_cli_measure(int argc, char **argv)
{
    static struct measured measured;
    const char *device = NULL;
    bool json = false;
    const struct rk_option table[] = {
        {"--device", "-d", "D", "a device or a board", RK_OPTION_TEXT, &device},
        {"--json", NULL, NULL, "one JSON document on standard output", RK_OPTION_FLAG, &json},
    };
    const struct rk_command command = {
        .name = "measure",
        .arguments = "PROGRAM.elf",
        .summary = "cycles, instructions and stack of the regions that a program marks (devices/firmware/region.h)",
        .example = "rekeylab measure my-program.elf --device cortex-m4",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    struct rk_diag diag = {""};
    char **rest;
    size_t rest_count;
    int status = 0;

    if (!rk_options_parse(&command, argc, argv, &rest, &rest_count, &status)) {
        return status;
    }
    if (device == NULL) {
        rk_fail(&diag, RK_ERR_INPUT, "measure: --device is missing, expected a name of `rekeylab describe device`");
        return rk_cli_fail(RK_ERR_INPUT, &diag);
    }
    enum rk_err err = measure(device, rest[0], &measured, &diag);
    if (err != RK_OK) {
        return rk_cli_fail(err, &diag);
    }
    if (json) {
        print_json(&measured);
    } else {
        print_table(&measured);
    }
    return 0;
}
