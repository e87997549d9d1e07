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
    const char *device;
    bool json;
    struct rk_region region[RK_REGIONS_MAX];
    unsigned count;
};

static json_t *whole(uint64_t value, bool known)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static enum rk_err print_json(const struct measured *measured, struct rk_diag *diag)
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
    return rk_cli_print_json(rows, diag);
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

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    struct measured *measured = context;
    struct rk_device_profile device;
    (void)count;
    enum rk_err err = rk_list_check_device(rk_cli_root(), measured->device, diag);
    err = err ? err : rk_device_load(rk_cli_root(), measured->device, &device, diag);
    if (err) {
        return err;
    }
    const struct rk_emulator_driver *driver = rk_emulator_driver_find(device.emulator);
    if (driver == NULL || driver->measure == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "--device %s: its emulator, %s, has no cycles to measure a program by",
                       measured->device, device.emulator);
    }
    err = driver->measure(&device, argument[0], measured->region, &measured->count, diag);
    if (!err && measured->json) {
        err = print_json(measured, diag);
    } else if (!err) {
        print_table(measured);
    }
    return err;
}

int rk_cli_measure(int argc, char **argv)
{
    static struct measured measured;
    const struct rk_option table[] = {
        RK_OPTION_DEVICE(&measured.device),
        RK_OPTION_JSON(&measured.json),
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
    return rk_command_run(&command, argc, argv, run, &measured);
}
