#include "engine/core/units.h"

#include "engine/core/err.h"

typedef unsigned __int128 wide;

static wide divide_half_up(wide numerator, uint64_t denominator)
{
    wide quotient = numerator / denominator;
    uint64_t remainder = (uint64_t)(numerator % denominator);
    return remainder >= denominator - remainder ? quotient + 1 : quotient;
}

static uint64_t saturate(wide value)
{
    return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

rk_pJ rk_energy_pJ(uint64_t current_nA, uint64_t voltage_mV, rk_ns time_ns)
{
    wide power_pW = (wide)current_nA * voltage_mV;
    /* The triple product has 192 bits: whole mW (pJ a ns) and their rest are multiplied apart, each within 128. */
    wide whole = power_pW / 1000000000u;
    uint64_t rest = (uint64_t)(power_pW % 1000000000u);
    if (whole > UINT64_MAX) {
        return time_ns == 0 ? 0 : UINT64_MAX;
    }
    return saturate(whole * time_ns + divide_half_up((wide)rest * time_ns, 1000000000u));
}

rk_ns rk_cycles_ns(uint64_t cycles, uint64_t clock_Hz)
{
    RK_REQUIRE(clock_Hz > 0);
    return saturate(divide_half_up((wide)cycles * RK_S, clock_Hz));
}
