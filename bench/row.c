/* bench/row.c - a cost row from what an emulator measured */
#include <stdio.h>
#include <string.h>

#include "bench/bench_internal.h"
#include "engine/core/units.h"

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
    row->nvm_write_bytes = cost->nvm_write_bytes;
    row->nvm_time_ns = cost->nvm_busy_ns;
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

static uint64_t energy_pJ(const struct rk_device_profile *device, uint64_t cycles, uint64_t nvm_ns, int sign)
{
    uint64_t active = sign ? bound_nA(&device->active_nA, sign) : device->active_nA.value;
    uint64_t nvm = sign ? bound_nA(&device->nvm_write_nA, sign) : device->nvm_write_nA.value;
    return rk_energy_pJ(active, device->supply_mV, rk_cycles_ns(cycles, device->clock_Hz)) +
           rk_energy_pJ(nvm, device->supply_mV, nvm_ns);
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
