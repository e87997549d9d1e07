/* bench/cost_fields.h - the members of a cost row by the names of cli.md: one table for JSON and CSV */
#ifndef BENCH_COST_FIELDS_H
#define BENCH_COST_FIELDS_H

#include <stddef.h>

#include "engine/core/cost.h"

enum rki_cost_kind {
    RKI_COST_TEXT,
    RKI_COST_COUNT,    /* uint64_t, may be RK_NONE */
    RKI_COST_COUNT32,  /* uint32_t */
    RKI_COST_SECONDS,  /* of nanoseconds */
    RKI_COST_JOULES,   /* of picojoules */
    RKI_COST_TRISTATE, /* int: -1 unknown */
    RKI_COST_FLAG,
};

struct rki_cost_field {
    const char *key;
    enum rki_cost_kind kind;
    size_t offset, size;
};

extern const struct rki_cost_field rki_cost_fields[];

/* out: digits behind the decimal point of an integer of ns or pJ as s or J. */
unsigned rki_cost_decimals(enum rki_cost_kind kind);

#endif
