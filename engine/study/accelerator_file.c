#include "engine/study/accelerator_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation_info.h"
#include "engine/core/units.h"

enum { BLOCK_bytes = 16, DATA_HEADER_bytes = 9 /* engine/lifecycle/agent.h, Frames */ };

static const char *const block_names[] = {"none", "ccm", NULL};

#define TIME_COEFFICIENT(k, m, h)                                                                                      \
    {                                                                                                                  \
        .key = (k), .type = RK_FIELD_COEFFICIENT, .dimension = RK_DIM_TIME, RK_AT(struct rk_engine_operation, m),      \
        .max = 100 * RK_S, .help = (h)                                                                                 \
    }

static const struct rk_field operation_fields[] = {
    {.key = "op",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_engine_operation, op),
     .min = 1,
     .help = "operation whose rows it replaces"},
    {.key = "blocks",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_engine_operation, blocks),
     .choices = block_names,
     .fallback = "none",
     .help = "blocks of 16 B that an input has: none, or those of CCM"},
    TIME_COEFFICIENT("time", time_ns, "of the engine, whatever the input"),
    TIME_COEFFICIENT("block", block_ns, "of the engine, each block"),
    {.key = "bus",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_engine_operation, bus_bytes),
     .max = 4096,
     .fallback = "0 B",
     .help = "moved there and back, whatever the input"},
    {.key = "bus_block",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_engine_operation, bus_bytes_a_block),
     .max = 256,
     .fallback = "0 B",
     .help = "and for each block"},
    {.key = NULL},
};

static const struct rk_field device_element[] = {{.key = "device",
                                                  .type = RK_FIELD_NAME,
                                                  .size = sizeof(((struct rk_accelerator_profile *)0)->device[0]),
                                                  .min = 1}};

static const struct rk_field operation_element[] = {
    {.key = "operation", .type = RK_FIELD_RECORD, .sub = operation_fields}};

const struct rk_field rk_accelerator_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_accelerator_profile, name),
     .min = 1,
     .help = "as the file is called"},
    {.key = "title",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_accelerator_profile, title),
     .min = 1,
     .help = "what it is called in reports"},
    {.key = "supply",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_VOLTAGE,
     RK_AT(struct rk_accelerator_profile, supply_mV),
     .min = 500,
     .max = 20000,
     .help = "that the currents below are given for"},
    {.key = "active",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_accelerator_profile, active_nA),
     .max = 1000000000,
     .help = "supply current while it works, beside the processor's"},
    {.key = "sleep",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_accelerator_profile, sleep_nA),
     .max = 1000000000,
     .help = "supply current when it does not; 0 nA where the radio's or the device's figure has it"},
    {.key = "bus_byte",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_accelerator_profile, bus_byte_ns),
     .max = RK_S,
     .help = "the processor moves a byte there or back"},
    {.key = "devices",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_accelerator_profile, device, devices),
     .sub = device_element,
     .fallback = "",
     .help = "devices and boards that it is a part of; none named: it stands beside any, on a bus"},
    {.key = "operations",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_accelerator_profile, operation, operations),
     .sub = operation_element,
     .min = 1,
     .help = "what it does in place of the library's own code"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_accelerator_profile *engine = profile;
    for (size_t i = 0; i < engine->operations; i++) {
        if (rk_operation_find(engine->operation[i].op) < 0) {
            return rk_fail_at(diag, rk_profile_mark(path, root, "operations"),
                              "unknown operation '%s', expected one of `rekeylab describe operation`",
                              engine->operation[i].op);
        }
    }
    return RK_OK;
}

const struct rk_profile_kind rk_accelerator_kind = {
    .what = "accelerator",
    .folder = "bench/datasheet",
    .fields = rk_accelerator_fields,
    .size = sizeof(struct rk_accelerator_profile),
    .path_offset = offsetof(struct rk_accelerator_profile, path),
    .check = check,
};

enum rk_err rk_accelerator_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_accelerator_kind, root, names, diag);
}

bool rk_accelerator_suits(const struct rk_accelerator_profile *engine, const char *device)
{
    bool suits = engine->devices == 0;
    for (size_t i = 0; i < engine->devices && !suits; i++) {
        suits = strcmp(engine->device[i], device) == 0;
    }
    return suits;
}

static uint64_t blocks_of(uint64_t bytes)
{
    return (bytes + BLOCK_bytes - 1) / BLOCK_bytes;
}

uint64_t rk_accelerator_ccm_blocks(uint64_t header_bytes, uint64_t text_bytes)
{
    uint64_t header = header_bytes == 0 ? 0 : blocks_of(header_bytes + 2); /* its length goes before it */
    return 1 + header + 2 * blocks_of(text_bytes) + 1;
}

/* Of bus or engine: its central time, and both ends of its error. */
struct span {
    double central_ns, low_ns, high_ns;
};

static void add(struct span *span, const struct rk_coefficient *each, uint64_t count)
{
    double ns = (double)each->value * (double)count, error = (double)each->error_ppm * 1e-6;
    span->central_ns += ns;
    span->low_ns += ns * (error < 1 ? 1 - error : 0);
    span->high_ns += ns * (1 + error);
}

static uint64_t cycles(double ns, const struct rk_device_profile *device)
{
    return (uint64_t)(ns * (double)device->clock_Hz * 1e-9 + 0.5);
}

static uint64_t energy_pJ(const struct rk_accelerator_profile *engine, const struct rk_device_profile *device,
                          uint64_t engine_ns, uint64_t all_cycles)
{
    return rk_energy_pJ(engine->active_nA.value, engine->supply_mV, engine_ns) +
           rk_energy_pJ(device->active_nA.value, device->supply_mV, rk_cycles_ns(all_cycles, device->clock_Hz));
}

static struct rk_cost_row make_row(const struct rk_accelerator_profile *engine,
                                   const struct rk_engine_operation *operation, const struct rk_device_profile *device,
                                   uint32_t size_bytes)
{
    uint64_t blocks = operation->blocks == RK_BLOCKS_CCM ? rk_accelerator_ccm_blocks(DATA_HEADER_bytes, size_bytes) : 0;
    struct span works = {.low_ns = 0};
    add(&works, &operation->time_ns, 1);
    add(&works, &operation->block_ns, blocks);
    struct span all = works;
    add(&all, &engine->bus_byte_ns, operation->bus_bytes + blocks * operation->bus_bytes_a_block);
    struct rk_cost_row row = {
        .size_bytes = size_bytes,
        .status = "ok",
        .cycles_median = cycles(all.central_ns, device),
        .cycles_low = cycles(all.low_ns, device),
        .cycles_high = cycles(all.high_ns, device),
        .instructions = RK_NONE,
        .stack_bytes = RK_NONE,
        .heap_bytes = RK_NONE,
        .ram_static_bytes = RK_NONE,
        .flash_bytes = RK_NONE,
        .secret_dependent = -1,
        .energy_low_pJ = RK_NONE,
        .energy_high_pJ = RK_NONE,
        .engine_ns = (uint64_t)(works.central_ns + 0.5),
    };
    row.cycles_min = row.cycles_max = row.cycles_median;
    row.time_ns = rk_cycles_ns(row.cycles_median, device->clock_Hz);
    row.energy_pJ = energy_pJ(engine, device, row.engine_ns, row.cycles_median);
    snprintf(row.device, sizeof row.device, "%s", device->name);
    snprintf(row.backend, sizeof row.backend, "%s", engine->name);
    snprintf(row.version, sizeof row.version, "data sheet");
    snprintf(row.op, sizeof row.op, "%s", operation->op);
    return row;
}

static bool replaces(const struct rk_accelerator_profile *engine, const char *op)
{
    for (size_t i = 0; i < engine->operations; i++) {
        if (strcmp(engine->operation[i].op, op) == 0) {
            return true;
        }
    }
    return false;
}

void rk_accelerator_put_rows(const struct rk_accelerator_profile *engine, const struct rk_device_profile *device,
                             struct rk_cost_row **rows, size_t *count)
{
    /* Both ends of each number of blocks: between them the cost is a line, and exact. */
    static const uint32_t sizes[] = {1, 16, 17, 32, 33, 48, 49, 64, 65, 80, 81, 96, 97, 112, 113, 128};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (!replaces(engine, (*rows)[i].op)) {
            (*rows)[kept++] = (*rows)[i];
        }
    }
    struct rk_cost_row *all = realloc(*rows, (kept + engine->operations * SIZES) * sizeof *all);
    RK_REQUIRE(all != NULL);
    for (size_t i = 0; i < engine->operations; i++) {
        const struct rk_engine_operation *operation = &engine->operation[i];
        bool sized = operation->blocks != RK_BLOCKS_NONE;
        for (unsigned k = 0; k < (sized ? SIZES : 1u); k++) {
            all[kept++] = make_row(engine, operation, device, sized ? sizes[k] : 0);
        }
    }
    *rows = all;
    *count = kept;
}
