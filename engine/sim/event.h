/* engine/sim/event.h - an event of a tier, as one 128-bit number whose order is the order of events
 *
 * Model: (time, device, kind), never the order of insertion. The generation is in the lowest bits: of all entries
 *        of one (device, kind) only the one with the latest generation is live, so it decides nothing between live
 *        events.
 * Units: ns. Kinds below 256; generations modulo 2^24 (a tier also checks the time, so that a wrap cannot revive
 *        an entry unless it is due at the same instant anyway).
 */
#ifndef ENGINE_SIM_EVENT_H
#define ENGINE_SIM_EVENT_H

#include "engine/core/units.h"

typedef unsigned __int128 rk_sim_event;

enum { RK_SIM_GENERATION_MASK = 0xffffff };

static inline rk_sim_event rk_sim_event_make(rk_ns time_ns, uint32_t device, uint8_t kind, uint32_t generation)
{
    uint64_t low = (uint64_t)device << 32 | (uint32_t)kind << 24 | (generation & RK_SIM_GENERATION_MASK);
    return (rk_sim_event)time_ns << 64 | low;
}

static inline rk_ns rk_sim_event_ns(rk_sim_event event)
{
    return (rk_ns)(event >> 64);
}

static inline uint32_t rk_sim_event_device(rk_sim_event event)
{
    return (uint32_t)((uint64_t)event >> 32);
}

static inline uint8_t rk_sim_event_kind(rk_sim_event event)
{
    return (uint8_t)((uint32_t)event >> 24);
}

static inline uint32_t rk_sim_event_generation(rk_sim_event event)
{
    return (uint32_t)event & RK_SIM_GENERATION_MASK;
}

#endif
