#include "devices/emulators/qemu/cycle_table.h"

#include <stdio.h>
#include <string.h>

#include "devices/emulators/qemu/fetch.h"

#define EXACT(cycles)                                                                                                  \
    {                                                                                                                  \
        (cycles) * 1000, (cycles)*1000, (cycles)*1000                                                                  \
    }
#define RANGE(low, central, high)                                                                                      \
    {                                                                                                                  \
        (low) * 1000, (central)*1000, (high)*1000                                                                      \
    }

/* ARMv6-M: in order, one instruction at a time, nothing depends on its neighbours; ARM's text is exact but for the kind
 * of multiplier. The refill after a taken branch is all that differs between the two. */
#define V6M_COST(refill)                                                                                               \
    {                                                                                                                  \
        [RK_CYCLE_alu] = EXACT(1), [RK_CYCLE_mul] = EXACT(1), [RK_CYCLE_load] = EXACT(2), [RK_CYCLE_store] = EXACT(2), \
        [RK_CYCLE_store_index] = EXACT(2), [RK_CYCLE_load_multiple] = EXACT(1), [RK_CYCLE_store_multiple] = EXACT(1),  \
        [RK_CYCLE_branch] = EXACT(1), [RK_CYCLE_branch_if] = EXACT(1), [RK_CYCLE_call] = EXACT(2),                     \
        [RK_CYCLE_branch_to] = EXACT(1), [RK_CYCLE_state] = EXACT(1), [RK_CYCLE_system] = RANGE(2, 3, 4),              \
        [RK_CYCLE_register] = EXACT(1), [RK_CYCLE_taken] = EXACT(refill), [RK_CYCLE_pop_pc] = EXACT(1),                \
    }

/* ARMv7-M and later share their loads and stores: ARM DDI 0337I "Load/store timings".
 * TBB: two cycles of load, one of add and a three-cycle reload; the event `taken` carries two of the three. The refill
 * is 1..3 with the alignment included: the high cost of `taken` is therefore that of an unaligned target too. */
#define V7M_COST                                                                                                       \
    [RK_CYCLE_alu] = EXACT(1), [RK_CYCLE_div] = RANGE(2, 7, 12), [RK_CYCLE_load] = EXACT(1),                           \
    [RK_CYCLE_store] = EXACT(1), [RK_CYCLE_store_index] = EXACT(1), [RK_CYCLE_load_multiple] = EXACT(1),               \
    [RK_CYCLE_store_multiple] = EXACT(1), [RK_CYCLE_branch] = EXACT(1), [RK_CYCLE_branch_if] = EXACT(1),               \
    [RK_CYCLE_call] = EXACT(1), [RK_CYCLE_branch_to] = EXACT(1), [RK_CYCLE_branch_table] = RANGE(2, 4, 4),             \
    [RK_CYCLE_it] = RANGE(0, 1, 1), [RK_CYCLE_state] = RANGE(1, 1, 2), [RK_CYCLE_system] = RANGE(1, 2, 4),             \
    [RK_CYCLE_fp] = EXACT(1), [RK_CYCLE_fp_mac] = EXACT(3), [RK_CYCLE_fp_div] = EXACT(14),                             \
    [RK_CYCLE_fp_move2] = EXACT(2), [RK_CYCLE_load_stall] = EXACT(1), [RK_CYCLE_store_stall] = EXACT(1),               \
    [RK_CYCLE_register] = EXACT(1), [RK_CYCLE_address_wait] = EXACT(1), [RK_CYCLE_taken] = RANGE(1, 2, 3),             \
    [RK_CYCLE_taken_unaligned] = RANGE(0, 1, 0), [RK_CYCLE_load_pc] = RANGE(0, 1, 1),                                  \
    [RK_CYCLE_fetch_unaligned] = {0, 0, 160}

#define FAST_MULTIPLY                                                                                                  \
    [RK_CYCLE_mul] = RANGE(1, 1, 2), [RK_CYCLE_mull] = RANGE(1, 1, 2), [RK_CYCLE_mlal] = RANGE(1, 1, 2),               \
    [RK_CYCLE_mla] = RANGE(1, 1, 2), [RK_CYCLE_slow_in_it] = RANGE(1, 7, 14)

static const struct rk_cycle_table tables[] = {
    {.core = "cortex-m0", .multiplier_is_option = true, .cost = V6M_COST(2)},
    {.core = "cortex-m0plus", .multiplier_is_option = true, .cost = V6M_COST(1)},
    /* Long products are made of 16-bit halves, and end early where one is zero: seldom in a number of full width, which
     * the central cost is that of. Operands are not seen here: the whole range is the interval. */
    {.core = "cortex-m3",
     .cost = {V7M_COST, [RK_CYCLE_mul] = EXACT(1), [RK_CYCLE_mla] = EXACT(2), [RK_CYCLE_mull] = RANGE(3, 5, 5),
              [RK_CYCLE_mlal] = RANGE(3, 7, 7), [RK_CYCLE_slow_in_it] = RANGE(1, 4, 12)}},
    {.core = "cortex-m4", .cost = {V7M_COST, FAST_MULTIPLY}},
    /* ARM publishes no cycles of the Cortex-M33. A pipeline of three stages like the Cortex-M4's, so its table; pairs
     * of 16-bit instructions that it may execute at once are in the device's cycle_error, which is wide. */
    {.core = "cortex-m33", .cost = {V7M_COST, FAST_MULTIPLY}},
    /* Estimates; devices/cortex-a7/README.md argues them. In order, two instructions a cycle at best: the low cost of a
     * class is half a cycle, the high one what it takes alone. Loads and pairs: up to two words a cycle. */
    {.core = "cortex-a7",
     .cost = {[RK_CYCLE_alu] = {500, 800, 1000},
              [RK_CYCLE_mul] = {1000, 1200, 2000},
              [RK_CYCLE_mla] = {1000, 1200, 2000},
              [RK_CYCLE_mull] = {1000, 1500, 3000},
              [RK_CYCLE_mlal] = {1000, 1500, 3000},
              [RK_CYCLE_div] = {4000, 8000, 20000},
              [RK_CYCLE_load] = {500, 1200, 2000},
              [RK_CYCLE_store] = {500, 1000, 1000},
              [RK_CYCLE_store_index] = {500, 1000, 1000},
              [RK_CYCLE_load_multiple] = {0, 500, 1500},
              [RK_CYCLE_store_multiple] = {0, 500, 1000},
              [RK_CYCLE_branch] = {500, 800, 1000},
              [RK_CYCLE_branch_if] = {500, 1000, 3000},
              [RK_CYCLE_call] = {500, 1000, 2000},
              [RK_CYCLE_branch_to] = {500, 1500, 4000},
              [RK_CYCLE_branch_table] = {2000, 5000, 10000},
              [RK_CYCLE_it] = {0, 500, 1000},
              [RK_CYCLE_state] = {1000, 2000, 8000},
              [RK_CYCLE_system] = {1000, 4000, 16000},
              [RK_CYCLE_fp] = {1000, 1500, 4000},
              [RK_CYCLE_fp_mac] = {1000, 3000, 8000},
              [RK_CYCLE_fp_div] = {14000, 20000, 31000},
              [RK_CYCLE_fp_move2] = {1000, 2000, 4000},
              [RK_CYCLE_slow_in_it] = {1000, 8000, 20000},
              [RK_CYCLE_register] = {500, 500, 500},
              [RK_CYCLE_address_wait] = {0, 500, 1000},
              [RK_CYCLE_taken] = {0, 300, 1000},
              [RK_CYCLE_load_pc] = {0, 1000, 8000},
              [RK_CYCLE_pop_pc] = {0, 1000, 8000}}},
    /* Estimates; devices/cortex-a53/README.md argues them. An instruction takes half a cycle when it shares it with its
     * neighbour. `apart` is the other half of those that find none: a run of instructions that may pair has an odd one
     * out, two runs in three. The high costs are those of one instruction a cycle. */
    {.core = "cortex-a53",
     .cost = {[RK_CYCLE_alu] = {500, 500, 1000},
              [RK_CYCLE_mul] = {500, 500, 1000},
              [RK_CYCLE_mull] = {500, 500, 1000},
              [RK_CYCLE_mul64] = {500, 1500, 2000},
              [RK_CYCLE_mulh] = {1000, 3500, 5000},
              [RK_CYCLE_div] = {3000, 10000, 35000},
              [RK_CYCLE_load] = {500, 500, 1000},
              [RK_CYCLE_store] = {500, 500, 1000},
              [RK_CYCLE_store_index] = {500, 500, 1000},
              [RK_CYCLE_load_multiple] = {0, 500, 1000},
              [RK_CYCLE_store_multiple] = {0, 500, 1000},
              [RK_CYCLE_branch] = {500, 500, 1000},
              [RK_CYCLE_branch_if] = {500, 900, 3000},
              [RK_CYCLE_call] = {500, 500, 1000},
              [RK_CYCLE_branch_to] = {500, 1000, 4000},
              [RK_CYCLE_system] = {1000, 4000, 16000},
              [RK_CYCLE_simd] = {500, 1000, 2000},
              [RK_CYCLE_register] = {250, 250, 500},
              [RK_CYCLE_apart] = {0, 330, 0},
              [RK_CYCLE_load_wait] = {1000, 2000, 3000},
              [RK_CYCLE_address_wait] = {0, 1000, 2000},
              [RK_CYCLE_product_wait] = {0, 1000, 2000},
              [RK_CYCLE_taken] = {0, 500, 1000}}},
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

void rk_cycle_table_names(char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof tables / sizeof *tables && used < room; i++) {
        used += (size_t)snprintf(text + used, room - used, "%s%s", i > 0 ? ", " : "", tables[i].core);
    }
}

const char *rk_cycle_item_name(unsigned item)
{
    return item < RK_CYCLE_ITEMS ? item_names[item] : NULL;
}

static struct rk_cycle_cost cost_of(const struct rk_cycle_table *table, const struct rk_device_profile *device,
                                    unsigned item)
{
    struct rk_cycle_cost cost = table->cost[item];

    if (item == RK_CYCLE_mul && table->multiplier_is_option && device->multiply_cycles != 0) {
        uint32_t product_m = (uint32_t)device->multiply_cycles * 1000;
        cost = (struct rk_cycle_cost){product_m, product_m, product_m};
    }
    return cost;
}

/* The hull of the table's interval and of the device's error around the central figure. Both at zero wait states. */
static struct rk_fetch_cost core_cost(const struct rk_cycle_table *table, const struct rk_device_profile *device,
                                      const uint64_t count[RK_CYCLE_ITEMS])
{
    const unsigned __int128 million = 1000000;
    struct rk_fetch_cost sum = {0};

    for (unsigned i = 0; i < RK_CYCLE_ITEMS; i++) {
        struct rk_cycle_cost cost = cost_of(table, device, i);
        sum.low_m += count[i] * cost.low_m;
        sum.central_m += count[i] * cost.central_m;
        sum.high_m += count[i] * cost.high_m;
    }
    uint64_t low_ppm = device->cycle_error_low_ppm < million ? device->cycle_error_low_ppm : 1000000;
    uint64_t board_low_m = (uint64_t)(sum.central_m * (million - low_ppm) / million);
    uint64_t board_high_m =
        (uint64_t)((sum.central_m * (million + device->cycle_error_high_ppm) + million - 1) / million);
    if (board_low_m < sum.low_m) {
        sum.low_m = board_low_m;
    }
    if (board_high_m > sum.high_m) {
        sum.high_m = board_high_m;
    }
    return sum;
}

struct rk_cycle_interval rk_cycle_count(const struct rk_cycle_table *table, const struct rk_device_profile *device,
                                        const uint64_t count[RK_CYCLE_ITEMS])
{
    struct rk_fetch_cost core = core_cost(table, device, count);
    struct rk_fetch_cost flash = rk_fetch_cost(device, count, core.central_m);

    return (struct rk_cycle_interval){
        .low = (core.low_m + flash.low_m) / 1000,
        .central = (core.central_m + flash.central_m) / 1000,
        .high = (core.high_m + flash.high_m + 999) / 1000,
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
