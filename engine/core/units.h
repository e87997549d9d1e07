/* engine/core/units.h - integer units of time, energy and the electrical world
 *
 * Units: time ns, energy pJ, current nA, voltage mV, frequency Hz. Integers saturate, never wrap.
 * Error: products are exact in 128 bits, then rounded half up to one pJ or ns.
 */
#ifndef ENGINE_CORE_UNITS_H
#define ENGINE_CORE_UNITS_H

#include <stdint.h>

typedef uint64_t rk_ns;
typedef uint64_t rk_pJ;

#define RK_US  1000ull
#define RK_MS  1000000ull
#define RK_S   1000000000ull
#define RK_DAY (86400ull * RK_S)
#define RK_NEVER UINT64_MAX

static inline uint64_t rk_add_sat(uint64_t a, uint64_t b)
{
    uint64_t sum = a + b;
    return sum < a ? UINT64_MAX : sum;
}

/* in: nA, mV, ns. out: pJ, rounded half up, saturating. 1 nA * 1 mV * 1 ns = 1e-21 J = 1e-9 pJ. */
rk_pJ rk_energy_pJ(uint64_t current_nA, uint64_t voltage_mV, rk_ns time_ns);

/* in: cycles, Hz > 0. out: ns, rounded half up, saturating. */
rk_ns rk_cycles_ns(uint64_t cycles, uint64_t clock_Hz);

#endif
