#include "engine/model/costs.h"

#include <string.h>

#include "backends/operation_info.h"

/* A row of a device that the library does not support has its figures all the same, when its known answers passed. Any
 * other reason is a reason not to use them. */
static bool has_figure(const struct rk_cost_row *row)
{
    static const char unsupported[] = "unsupported upstream";
    bool measured = strcmp(row->status, "ok") == 0 || strncmp(row->status, unsupported, sizeof unsupported - 1) == 0;
    return measured && row->cycles_median != RK_NONE;
}

/* A bound that was not recorded is the figure itself. */
static struct rk_cost row_cost(const struct rk_cost_row *row)
{
    return (struct rk_cost){
        .cycles = row->cycles_median,
        .cycles_low = row->cycles_low == RK_NONE ? row->cycles_median : row->cycles_low,
        .cycles_high = row->cycles_high == RK_NONE ? row->cycles_median : row->cycles_high,
        .engine_ns = row->engine_ns,
    };
}

static void insert(struct rk_cost_curve *curve, const struct rk_cost_row *row)
{
    unsigned i = curve->points++;
    for (; i > 0 && curve->size_bytes[i - 1] > row->size_bytes; i--) {
        curve->size_bytes[i] = curve->size_bytes[i - 1];
        curve->at_point[i] = curve->at_point[i - 1];
    }
    curve->size_bytes[i] = row->size_bytes;
    curve->at_point[i] = row_cost(row);
}

static void curve_init(struct rk_cost_curve *curve, const char *name, const struct rk_cost_table *table,
                       struct rk_arena *arena)
{
    size_t rows = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct rk_cost_row *row = &table->row[i];
        if (strcmp(row->op, name) != 0) {
            continue;
        }
        rows += has_figure(row);
        if (!has_figure(row)) {
            curve->reason = strcmp(row->status, "ok") == 0 ? "no cycle figure" : row->status;
        }
    }
    if (rows == 0) {
        return;
    }
    curve->size_bytes = rk_arena_array(arena, rows, sizeof *curve->size_bytes);
    curve->at_point = rk_arena_array(arena, rows, sizeof *curve->at_point);
    curve->at_size = rk_arena_array(arena, RK_COST_SIZES, sizeof *curve->at_size);
    curve->filled = rk_arena_array(arena, RK_COST_SIZES, sizeof *curve->filled);
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->row[i].op, name) == 0 && has_figure(&table->row[i])) {
            insert(curve, &table->row[i]);
        }
    }
}

void rk_costs_init(struct rk_costs *costs, const struct rk_cost_table *table, struct rk_arena *arena)
{
    memset(costs, 0, sizeof *costs);
    for (unsigned op = 0; op < RK_OP_COUNT; op++) {
        curve_init(&costs->curve[op], rk_operation_name(op), table, arena);
    }
}

/* y of the line through (x0, y0), (x1, y1) at x, rounded half up, not below zero. */
static uint64_t line(uint32_t x0, uint64_t y0, uint32_t x1, uint64_t y1, uint32_t x)
{
    __int128 run = (__int128)x1 - x0;
    __int128 numerator = ((__int128)y1 - (__int128)y0) * ((__int128)x - x0) * 2 + run;
    __int128 step = numerator / (2 * run);
    if (numerator < 0 && step * 2 * run != numerator) {
        step--;
    }
    __int128 value = (__int128)y0 + step;
    return value < 0 ? 0 : (uint64_t)value;
}

static struct rk_cost evaluate(const struct rk_cost_curve *curve, uint32_t size_bytes)
{
    if (curve->points == 1) {
        return curve->at_point[0];
    }
    unsigned right = 1;
    while (right + 1u < curve->points && curve->size_bytes[right] < size_bytes) {
        right++;
    }
    uint32_t x0 = curve->size_bytes[right - 1];
    uint32_t x1 = curve->size_bytes[right];
    const struct rk_cost *a = &curve->at_point[right - 1];
    const struct rk_cost *b = &curve->at_point[right];
    if (x0 == x1) {
        return *b;
    }
    bool between = size_bytes > x0 && size_bytes < x1;
    struct rk_cost cost = {
        .cycles = line(x0, a->cycles, x1, b->cycles, size_bytes),
        .engine_ns = line(x0, a->engine_ns, x1, b->engine_ns, size_bytes),
        .cycles_low = between ? a->cycles_low : line(x0, a->cycles_low, x1, b->cycles_low, size_bytes),
        .cycles_high = between ? b->cycles_high : line(x0, a->cycles_high, x1, b->cycles_high, size_bytes),
    };
    cost.cycles_low = cost.cycles_low < cost.cycles ? cost.cycles_low : cost.cycles;
    cost.cycles_high = cost.cycles_high > cost.cycles ? cost.cycles_high : cost.cycles;
    return cost;
}

const struct rk_cost *rk_costs_find(struct rk_costs *costs, enum rk_operation op, uint32_t size_bytes)
{
    struct rk_cost_curve *curve = &costs->curve[op];
    if (curve->points == 0) {
        return NULL;
    }
    uint32_t slot = size_bytes < RK_COST_SIZES ? size_bytes : RK_COST_SIZES - 1;
    if (!curve->filled[slot] || slot != size_bytes) {
        curve->at_size[slot] = evaluate(curve, size_bytes);
        curve->filled[slot] = slot == size_bytes;
    }
    return &curve->at_size[slot];
}

const char *rk_costs_reason(const struct rk_costs *costs, enum rk_operation op)
{
    const char *reason = costs->curve[op].reason;
    return reason != NULL ? reason : "not measured";
}
