/* engine/core/quantity.h - "number, space, unit" to an exact integer in the base unit, and back
 *
 * Model:   decimal digits with at most one point, exactly one space, a unit of the dimension's list. No sign, exponent,
 *          hex, leading zero, thousands mark, or locale. The value must be a whole number of base units:
 *          `0.75 uA` is 750 nA, `0.0001 nA` is refused.
 * Units:   the base unit of each dimension is in the table of quantity.c and is what the fields' names carry.
 *          A year is the Julian year of 365.25 days. A rate counts events per 10^9 years, so that one a year and one
 *          a second are both whole numbers. A ratio needs its unit (`0.5 %`, `40 ppm`): a bare 0.5 is refused.
 * Error:   none: exact or refused.
 */
#ifndef ENGINE_CORE_QUANTITY_H
#define ENGINE_CORE_QUANTITY_H

#include "engine/core/err.h"

#include <stddef.h>
#include <stdint.h>

enum rk_dimension {
    RK_DIM_COUNT,          /* plain integer, no unit */
    RK_DIM_TIME,           /* ns */
    RK_DIM_CURRENT,        /* nA */
    RK_DIM_VOLTAGE,        /* mV */
    RK_DIM_FREQUENCY,      /* Hz */
    RK_DIM_DATA,           /* bytes */
    RK_DIM_ENERGY,         /* pJ */
    RK_DIM_CHARGE,         /* nAh */
    RK_DIM_RATIO,          /* ppm */
    RK_DIM_RATIO_PER_YEAR, /* ppm per year */
    RK_DIM_BIT_RATE,       /* bit/s */
    RK_DIM_RATE,           /* events per 10^9 years */
    RK_DIM_LEVEL,          /* 0.001 dB */
    RK_DIM_END
};

enum { RK_QUANTITY_TEXT_bytes = 40 }; /* room for any formatted quantity */

/* out: the dimension's name in words, "time". */
const char *rk_dimension_name(enum rk_dimension dimension);

/* out: the unit of the stored integer, "ns"; "" for a count. */
const char *rk_dimension_base(enum rk_dimension dimension);

/* out: "ns us ms s min h d y"; "" for a count. The text is `size` bytes at most. */
void rk_dimension_units(enum rk_dimension dimension, char *text, size_t size);

/* in: text. out: *value in the base unit. Errors: RK_ERR_INPUT with "what, expected what" in diag, no position. */
RK_MUST_CHECK enum rk_err rk_quantity_parse(enum rk_dimension dimension, const char *text, uint64_t *value,
                                            struct rk_diag *diag);

/* The text that reads best and that rk_quantity_parse() reads back as the same value. */
void rk_quantity_format(enum rk_dimension dimension, uint64_t value, char text[RK_QUANTITY_TEXT_bytes]);

#endif
