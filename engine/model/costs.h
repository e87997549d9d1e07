/* engine/model/costs.h - cycles of an operation at any size, from the rows that were measured
 *
 * Model: rows of one operation that are ok (or work in spite of "unsupported upstream"), by size. At a measured
 *        size: that row. Between two: the straight line through them. Beyond the smallest or largest: the line
 *        through the nearest two, never below zero. One row only: that figure at every size.
 * Units: cycles, rounded half up; sizes in bytes as the operation's row counts them (backends/operation.h).
 * Error: block ciphers and hashes cost by whole blocks, so that between measured sizes the line is off by up to
 *        one block's cost. Cost grows with size, so cycles_low is there that of the smaller neighbour and cycles_high
 *        that of the larger. Beyond the measured sizes each follows its own line, kept around the central figure.
 *        The length of associated data and of salts is that of the measured inputs.
 */
#ifndef ENGINE_MODEL_COSTS_H
#define ENGINE_MODEL_COSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/operation.h"
#include "engine/core/arena.h"
#include "engine/model/trial.h"

enum { RK_COST_SIZES = 256 };

struct rk_cost {
    uint64_t cycles, cycles_low, cycles_high;
    uint64_t engine_ns; /* of them, a hardware engine works */
};

struct rk_cost_curve {
    uint16_t points;      /* 0: the operation has no figure */
    uint32_t *size_bytes; /* ascending */
    struct rk_cost *at_point;
    struct rk_cost *at_size; /* [RK_COST_SIZES], filled at first use */
    bool *filled;
    const char *reason; /* status of a row that is not ok; NULL when there is no row at all */
};

struct rk_costs {
    struct rk_cost_curve curve[RK_OP_COUNT];
};

/* Sorts the rows. The table must outlive costs (reasons point into it). */
void rk_costs_init(struct rk_costs *costs, const struct rk_cost_table *table, struct rk_arena *arena);

/* out: the cost, or NULL when the operation has no figure. The pointer holds until the next call. */
const struct rk_cost *rk_costs_find(struct rk_costs *costs, enum rk_operation op, uint32_t size_bytes);

/* out: why it has no figure: a row's status, or "not measured", or "no cycle figure". */
const char *rk_costs_reason(const struct rk_costs *costs, enum rk_operation op);

#endif
