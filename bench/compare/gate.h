/* bench/compare/gate.h - how much worse a figure may become
 *
 * Model:  a figure that changed for the worse by at most `absolute` or `relative` of the base, whichever is more, is within
 *         its bound; what goes beyond is a regression. Without a gate file the bounds are 0: device figures are the same
 *         at every run. Simulated figures have to differ beyond doubt first.
 * File:   a YAML mapping; bench/ci/gate.yaml is one with all there is.
 * Units:  of the metric; relative is a part of the base.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`.
 */
#ifndef BENCH_COMPARE_GATE_H
#define BENCH_COMPARE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/err.h"

enum rk_better { RK_BETTER_LOW, RK_BETTER_HIGH, RK_BETTER_NEITHER };

struct rk_gate_rule {
    char metric[40];
    double relative, absolute;
    bool ignored;
};

enum { RK_GATE_RULES_MAX = 64 };

struct rk_gate {
    struct rk_gate_rule rule[RK_GATE_RULES_MAX];
    size_t rules;
    bool missing_is_fine; /* `missing: report`: what the current side does not have is told, and passes */
};

/* in: path NULL: bounds of 0. */
RK_MUST_CHECK enum rk_err rk_gate_load(struct rk_gate *gate, const char *path, struct rk_diag *diag);

/* out: the rule of a metric, or one with bounds of 0. */
const struct rk_gate_rule *rk_gate_rule(const struct rk_gate *gate, const char *metric);

/* out: whether less or more of a metric is better: of a cost row, or of a trial. */
enum rk_better rk_gate_better(const char *metric);

#endif
