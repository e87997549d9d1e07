/* engine/model/cells.h - NVM of a modelled device: EEPROM or flash, as its profile says
 *
 * Model:  nvm_erase_block 0: units are replaced. Else flash: writing only clears bits, a block is erased as a whole.
 *         Of each block only what the lifecycle uses is kept. Every unit that a write touches takes nvm_write_time, an
 *         erasure nvm_erase_time. The same calls cost the same on the emulated device (tests/sim/test_executions.c).
 * Wear:   writes by unit, on flash erasures by block; the most of them is held against nvm_endurance.
 * Units:  bytes, ns.
 */
#ifndef ENGINE_MODEL_CELLS_H
#define ENGINE_MODEL_CELLS_H

#include "engine/core/profile.h"
#include "engine/lifecycle/agent.h"
#include "engine/model/meter.h"

struct rk_cells {
    struct rk_nvm port; /* for rk_agent_init */
    struct rk_usage *usage;
    uint16_t unit_bytes;
    uint16_t block_bytes; /* of each of the two blocks, as far as kept */
    uint8_t *cells;
    uint32_t *wear;
    uint32_t wears;
};

/* out: bytes of memory that it takes. */
size_t rk_cells_bytes(const struct rk_device_profile *device);

/* Blank cells in memory, aligned for any type, which outlives it. Bytes, units and erasures are added to *usage. */
void rk_cells_init(struct rk_cells *nvm, const struct rk_device_profile *device, struct rk_usage *usage, void *memory);

/* out: writes of the unit, or erasures of the block, that has most of them. */
uint32_t rk_cells_wear(const struct rk_cells *nvm);

/* What each place for a record holds, two bits a place from the lowest on: nothing, zeros, a record of the key, or of another.
 * A record opens with the id of its key; only a restart reads more of it. */
enum rk_cells_content { RK_CELLS_BLANK, RK_CELLS_ZERO, RK_CELLS_KEY, RK_CELLS_OTHER };
uint32_t rk_cells_places(const struct rk_cells *nvm, uint32_t key_id);

/* Makes places hold what was read of another device's, or of this one's earlier; none of another key. Nothing wears. */
void rk_cells_set_places(struct rk_cells *nvm, uint32_t places, uint32_t key_id);

/* out: how long the memory was busy. */
static inline uint64_t rk_cells_busy_ns(const struct rk_usage *usage, const struct rk_device_profile *device)
{
    return usage->nvm_units * device->nvm_write_ns + usage->nvm_erases * device->nvm_erase_ns;
}

#endif
