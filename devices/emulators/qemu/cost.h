/* devices/emulators/qemu/cost.h - from what the plugin counted to a cost */
#ifndef DEVICES_EMULATORS_QEMU_COST_H
#define DEVICES_EMULATORS_QEMU_COST_H

#include "devices/emulators/emulator.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/protocol.h"

/* out: all of cost, the sum over the region's calls. A region without calls costs nothing. */
void rki_cost(const struct rk_cycle_table *table, const struct rk_device_profile *device,
              const struct rki_region *region, struct rk_measure *cost);

#endif
