#include "devices/emulators/qemu/cycle_table.h"

#include <stddef.h>
#include <string.h>

#define EXACT(cycles)                                                                                                  \
    {                                                                                                                  \
        (cycles) * 1000, (cycles)*1000, (cycles)*1000                                                                  \
    }
#define RANGE(low, central, high)                                                                                      \
    {                                                                                                                  \
        (low) * 1000, (central)*1000, (high)*1000                                                                      \
    }

/* TBB: two cycles of load, one of add and a three-cycle reload; the event `taken` carries two of the three. The refill
 * is 1..3 with the alignment included: the high cost of `taken` is therefore that of an unaligned target too. */
static const struct rk_cycle_table tables[] = {
    {
        .core = "cortex-m4",
        .cost =
            {
                [RK_CYCLE_alu] = EXACT(1),
                [RK_CYCLE_mul] = RANGE(1, 1, 2),
                [RK_CYCLE_mull] = RANGE(1, 1, 2),
                [RK_CYCLE_mlal] = RANGE(1, 1, 2),
                [RK_CYCLE_div] = RANGE(2, 7, 12),
                [RK_CYCLE_load] = EXACT(1),
                [RK_CYCLE_store] = EXACT(1),
                [RK_CYCLE_store_index] = EXACT(1),
                [RK_CYCLE_load_multiple] = EXACT(1),
                [RK_CYCLE_store_multiple] = EXACT(1),
                [RK_CYCLE_branch] = EXACT(1),
                [RK_CYCLE_branch_if] = EXACT(1),
                [RK_CYCLE_call] = EXACT(1),
                [RK_CYCLE_branch_to] = EXACT(1),
                [RK_CYCLE_branch_table] = RANGE(2, 4, 4),
                [RK_CYCLE_it] = RANGE(0, 1, 1),
                [RK_CYCLE_system] = RANGE(1, 2, 4),
                [RK_CYCLE_fp] = EXACT(1),
                [RK_CYCLE_fp_mac] = EXACT(3),
                [RK_CYCLE_fp_div] = EXACT(14),
                [RK_CYCLE_fp_move2] = EXACT(2),
                [RK_CYCLE_slow_in_it] = RANGE(1, 7, 14),
                [RK_CYCLE_load_stall] = EXACT(1),
                [RK_CYCLE_store_stall] = EXACT(1),
                [RK_CYCLE_register] = EXACT(1),
                [RK_CYCLE_address_wait] = EXACT(1),
                [RK_CYCLE_taken] = RANGE(1, 2, 3),
                [RK_CYCLE_taken_unaligned] = RANGE(0, 1, 0),
                [RK_CYCLE_load_pc] = RANGE(0, 1, 1),
                [RK_CYCLE_fetch_unaligned] = {0, 0, 160},
            },
    },
};

static const char *const item_names[RK_CYCLE_ITEMS] = {
#define RK_CYCLE_NAME(name) [RK_CYCLE_##name] = #name,
    RK_CYCLE_CLASSES(RK_CYCLE_NAME) RK_CYCLE_EVENTS(RK_CYCLE_NAME)
#undef RK_CYCLE_NAME
};

const struct rk_cycle_table *rk_cycle_table_find(const char *core)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i].core, core) == 0) {
            return &tables[i];
        }
    }
    return NULL;
}

const char *rk_cycle_item_name(unsigned item)
{
    return item < RK_CYCLE_ITEMS ? item_names[item] : NULL;
}

struct rk_cycle_interval rk_cycle_count(const struct rk_cycle_table *table, const uint64_t count[RK_CYCLE_ITEMS],
                                        uint64_t error_low_ppm, uint64_t error_high_ppm)
{
    unsigned __int128 low_m = 0;
    unsigned __int128 central_m = 0;
    unsigned __int128 high_m = 0;

    for (unsigned i = 0; i < RK_CYCLE_ITEMS; i++) {
        low_m += (unsigned __int128)count[i] * table->cost[i].low_m;
        central_m += (unsigned __int128)count[i] * table->cost[i].central_m;
        high_m += (unsigned __int128)count[i] * table->cost[i].high_m;
    }
    unsigned __int128 board_low_m = error_low_ppm < 1000000 ? central_m * (1000000 - error_low_ppm) / 1000000 : 0;
    unsigned __int128 board_high_m = (central_m * (1000000 + error_high_ppm) + 999999) / 1000000;
    if (board_low_m < low_m) {
        low_m = board_low_m;
    }
    if (board_high_m > high_m) {
        high_m = board_high_m;
    }
    return (struct rk_cycle_interval){
        .low = (uint64_t)(low_m / 1000),
        .central = (uint64_t)(central_m / 1000),
        .high = (uint64_t)((high_m + 999) / 1000),
    };
}

uint64_t rk_cycle_instructions(const uint64_t count[RK_CYCLE_ITEMS])
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < RK_CYCLE_CLASS_COUNT; i++) {
        sum += count[i];
    }
    return sum;
}
