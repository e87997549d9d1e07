#include "devices/emulators/qemu/fetch.h"

enum { CYCLE_m = 1000, CACHE_MISS_PART = 8 };

/* Entries of a run by the way they are entered, for the flash's width. */
struct entries {
    uint64_t sequence, target;
};

static struct entries entries_of(uint64_t width_bytes, const uint64_t count[RK_CYCLE_ITEMS])
{
    struct entries entries = {0};

    switch (width_bytes) {
    case 16:
        entries.sequence = count[RK_CYCLE_line16];
        entries.target = count[RK_CYCLE_taken] + count[RK_CYCLE_straddle16];
        break;
    case 8:
        entries.sequence = count[RK_CYCLE_line8];
        entries.target = count[RK_CYCLE_taken] + count[RK_CYCLE_straddle8];
        break;
    default:
        entries.sequence = count[RK_CYCLE_line4];
        entries.target = count[RK_CYCLE_taken] + count[RK_CYCLE_straddle4];
        break;
    }
    return entries;
}

/* What is left of a line's time of arrival after its predecessor's instructions ran. */
static uint64_t uncovered_m(uint64_t arrival_m, uint64_t covered_m)
{
    return arrival_m > covered_m ? arrival_m - covered_m : 0;
}

/* Reads of data, where it is known which of them ask the flash. */
static struct rk_fetch_cost data_cost(const struct rk_device_profile *device, uint64_t misses, uint64_t wait_m)
{
    struct rk_fetch_cost cost = {.low_m = misses * wait_m, .central_m = misses * wait_m, .high_m = misses * wait_m};

    if (device->flash_prefetch != 0) {
        cost.high_m += misses * (wait_m + CYCLE_m);
    }
    if (device->flash_prefetch == 1) {
        cost.central_m = (cost.low_m + cost.high_m) / 2;
    }
    return cost;
}

struct rk_fetch_cost rk_fetch_cost(const struct rk_device_profile *device, const uint64_t count[RK_CYCLE_ITEMS],
                                   uint64_t core_m)
{
    struct entries entries = entries_of(device->flash_width_bytes, count);
    uint64_t wait_m = device->flash_wait_states * CYCLE_m;
    uint64_t lines = entries.sequence + entries.target;
    bool known = device->flash_data_lines > 0;
    uint64_t unknown = known ? 0 : count[RK_CYCLE_flash_read];

    if (wait_m == 0) {
        return (struct rk_fetch_cost){0};
    }
    struct rk_fetch_cost cost = data_cost(device, known ? count[RK_CYCLE_flash_miss] : 0, wait_m);
    if (device->flash_prefetch == 0) {
        uint64_t all_m = (lines + unknown) * wait_m;
        return (struct rk_fetch_cost){cost.low_m + all_m, cost.central_m + all_m, cost.high_m + all_m};
    }
    uint64_t average_m = lines > 0 ? core_m / lines : 0;
    uint64_t least_m = device->flash_width_bytes / 4 * CYCLE_m;
    uint64_t best_m = uncovered_m(wait_m + CYCLE_m, average_m);
    uint64_t worst_m = uncovered_m(wait_m + CYCLE_m, least_m);
    if (best_m > worst_m) {
        best_m = worst_m;
    }
    uint64_t high_m = entries.sequence * worst_m + (entries.target + unknown) * wait_m;
    if (device->flash_prefetch == 1) {
        uint64_t low_m = entries.sequence * best_m + entries.target * wait_m;
        cost.low_m += low_m;
        cost.central_m += (low_m + high_m) / 2;
    } else {
        cost.central_m += high_m / CACHE_MISS_PART;
    }
    cost.high_m += high_m;
    return cost;
}
