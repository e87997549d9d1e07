/* bench/row.c - a cost row from what an emulator measured */
#include <stdio.h>
#include <string.h>

#include "bench/bench_internal.h"
#include "engine/core/units.h"

void rki_bench_row_clear(struct rk_cost_row *row)
{
    uint64_t *const figures[] = {
        &row->cycles_min,       &row->cycles_median, &row->cycles_max,      &row->cycles_low,
        &row->cycles_high,      &row->instructions,  &row->stack_bytes,     &row->heap_bytes,
        &row->ram_static_bytes, &row->flash_bytes,   &row->nvm_write_bytes, &row->nvm_time_ns,
        &row->time_ns,          &row->energy_pJ,     &row->energy_low_pJ,   &row->energy_high_pJ,
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        *figures[i] = RK_NONE;
    }
    row->secret_dependent = -1;
}

void rki_bench_row_clear_time(struct rk_cost_row *row)
{
    row->cycles_min = row->cycles_median = row->cycles_max = row->cycles_low = row->cycles_high = RK_NONE;
    row->instructions = row->nvm_write_bytes = row->nvm_time_ns = row->time_ns = RK_NONE;
    row->secret_dependent = -1;
}

void rki_bench_row_init(const struct rki_bench *bench, const char *op, uint32_t size_bytes, struct rk_cost_row *row)
{
    memset(row, 0, sizeof *row);
    snprintf(row->device, sizeof row->device, "%s", bench->device.name);
    snprintf(row->backend, sizeof row->backend, "%s", bench->firmware.backend);
    snprintf(row->version, sizeof row->version, "%s", bench->firmware.version);
    snprintf(row->compiler, sizeof row->compiler, "%s", bench->firmware.compiler);
    snprintf(row->flags, sizeof row->flags, "%s", bench->firmware.flags);
    snprintf(row->op, sizeof row->op, "%s", op);
    row->size_bytes = size_bytes;
    rki_bench_row_clear(row);
}

/* One object for all operations, which runs as fast as this machine does and whose regions nobody watches. */
static bool is_host(const struct rki_bench *bench)
{
    return strcmp(bench->driver->name, "host") == 0;
}

void rki_bench_row_image(const struct rki_bench *bench, const struct rk_firmware_sizes *sizes, struct rk_cost_row *row)
{
    memcpy(row->firmware_sha256, sizes->sha256, sizeof row->firmware_sha256);
    if (is_host(bench)) {
        return;
    }
    RK_REQUIRE(sizes->flash_bytes >= bench->empty.flash_bytes);
    RK_REQUIRE(sizes->ram_static_bytes >= bench->empty.ram_static_bytes);
    row->flash_bytes = sizes->flash_bytes - bench->empty.flash_bytes;
    row->ram_static_bytes = sizes->ram_static_bytes - bench->empty.ram_static_bytes;
}

void rki_bench_row_measure(const struct rki_bench *bench, const struct rk_measure *cost, struct rk_cost_row *row)
{
    if (cost->has_cycles) {
        row->cycles_min = row->cycles_median = row->cycles_max = cost->cycles;
        row->cycles_low = cost->cycles_low;
        row->cycles_high = cost->cycles_high;
        row->time_ns = rk_cycles_ns(cost->cycles, bench->device.clock_Hz);
    }
    if (cost->has_instructions) {
        row->instructions = cost->instructions;
    }
    if (cost->has_stack) {
        row->stack_bytes = cost->stack_bytes;
    }
    row->heap_bytes = cost->heap_bytes;
    if (!is_host(bench)) {
        row->nvm_write_bytes = cost->nvm_write_bytes;
        row->nvm_time_ns = cost->nvm_busy_ns;
    }
}

/* current +- its error, in nA. */
static uint64_t bound_nA(const struct rk_coefficient *current, int sign)
{
    uint64_t error = (uint64_t)((unsigned __int128)current->value * current->error_ppm / 1000000);
    if (sign > 0) {
        return current->value + error;
    }
    return error < current->value ? current->value - error : 0;
}

/* The CPU is active for its cycles and while it polls for the NVM, as in engine/model/energy.h. */
static uint64_t energy_pJ(const struct rk_device_profile *device, uint64_t cycles, uint64_t nvm_ns, int sign)
{
    const struct {
        const struct rk_coefficient *current;
        uint64_t time_ns;
    } draw[] = {
        {&device->active_nA, rk_cycles_ns(cycles, device->clock_Hz)},
        {&device->active_nA, nvm_ns},
        {&device->nvm_write_nA, nvm_ns},
    };
    uint64_t sum_pJ = 0;
    for (size_t i = 0; i < sizeof draw / sizeof draw[0]; i++) {
        uint64_t current_nA = sign ? bound_nA(draw[i].current, sign) : draw[i].current->value;
        sum_pJ += rk_energy_pJ(current_nA, device->supply_mV, draw[i].time_ns);
    }
    return sum_pJ;
}

void rki_bench_row_energy(const struct rki_bench *bench, struct rk_cost_row *row)
{
    if (row->cycles_median == RK_NONE) {
        return;
    }
    uint64_t nvm_ns = row->nvm_time_ns == RK_NONE ? 0 : row->nvm_time_ns;
    row->energy_pJ = energy_pJ(&bench->device, row->cycles_median, nvm_ns, 0);
    row->energy_low_pJ = energy_pJ(&bench->device, row->cycles_low, nvm_ns, -1);
    row->energy_high_pJ = energy_pJ(&bench->device, row->cycles_high, nvm_ns, 1);
}
