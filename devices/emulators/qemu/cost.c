#include "devices/emulators/qemu/cost.h"

#include <string.h>

_Static_assert((int)RK_CYCLE_ITEMS <= (int)RK_CLASSES_MAX, "class counts must fit struct rk_measure");
_Static_assert(RK_CYCLE_ITEMS <= 64, "items must fit the set that struct rk_isa's rule gives");

void rki_cost(const struct rk_cycle_table *table, const struct rk_device_profile *device,
              const struct rki_region *region, struct rk_measure *cost)
{
    memset(cost, 0, sizeof *cost);
    cost->has_instructions = true;
    cost->has_cycles = true;
    if (region->calls == 0) {
        return;
    }
    struct rk_cycle_interval cycles = rk_cycle_count(table, device, region->count);
    cost->cycles = cycles.central;
    cost->cycles_low = cycles.low;
    cost->cycles_high = cycles.high;
    cost->instructions = rk_cycle_instructions(region->count);
    cost->has_stack = region->stack_free != UINT32_MAX;
    cost->stack_bytes = region->stack_bytes;
    cost->heap_bytes = region->heap_bytes;
    cost->nvm_write_bytes = region->nvm_bytes;
    cost->nvm_busy_ns = region->nvm_units * device->nvm_write_ns + region->nvm_erases * device->nvm_erase_ns;
    memcpy(cost->class_count, region->count, sizeof region->count);
}
