/* engine/core/coefficient.h - a figure from the world: how much, how sure, and who says so
 *
 * Units: value in the unit that the holding field's name states (nA, nAh, ppm per year); error relative, in ppm.
 * Source: a data sheet's table, a paper, or the measurement's command. It is never empty.
 */
#ifndef ENGINE_CORE_COEFFICIENT_H
#define ENGINE_CORE_COEFFICIENT_H

#include <stdint.h>

enum rk_kind { RK_KIND_MEASURED, RK_KIND_DATASHEET, RK_KIND_LITERATURE, RK_KIND_ASSUMED, RK_KIND_COUNT };

struct rk_coefficient {
    uint64_t value;     /* in the unit of the field: nA, pJ, ns, ... */
    uint32_t error_ppm; /* relative, symmetric */
    uint8_t kind;       /* enum rk_kind */
    char source[160];
};

#endif
