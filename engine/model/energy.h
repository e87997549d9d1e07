/* engine/model/energy.h - energy of a node from the time it spends in each state, and the life of its battery
 *
 * Model:  E = sum over states of V * I_state * t_state. States: CPU active (as cycles), idle, asleep; radio tx,
 *         rx, idle, asleep; NVM writing. The CPU is active while NVM is busy, as the firmware polls for the end of a
 *         write (or stalls on its flash). It idles while the radio handles the device's own frames, sleeps
 *         while the receiver waits for an answer, and sleeps (radio too) for the rest of the trial. The ledger
 *         holds times, so that no rounding happens per event; each (part, state) is turned into pJ once. Not
 *         modelled: regulator efficiency (the battery gives what the loads draw), recovery effect, temperature.
 * Units:  ns, cycles, nA, mV, pJ. Integers; saturate, never wrap.
 * Error:  value * (1 -+ error_ppm) of every coefficient, all at the same end together, and the cycle model's
 *         bounds: low and high are worst cases, not standard deviations. Quantisation <= 1 pJ a part and state.
 * Source: state-time accounting as Contiki-NG's energest does it.
 */
#ifndef ENGINE_MODEL_ENERGY_H
#define ENGINE_MODEL_ENERGY_H

#include "engine/core/units.h"
#include "engine/core/profile.h"

/* What a step or frame was for. */
enum rk_phase { RK_PHASE_KEYS, RK_PHASE_DATA, RK_PHASE_COUNT };

enum rk_part {
    RK_PART_CRYPTO_KEYS,
    RK_PART_CRYPTO_DATA,
    RK_PART_RADIO_KEYS,
    RK_PART_RADIO_DATA,
    RK_PART_NVM,
    RK_PART_SLEEP,
    RK_PART_COUNT
};

/* Of one device. All zero bytes: nothing happened yet. */
struct rk_ledger {
    uint64_t cycles[RK_PHASE_COUNT];
    uint64_t cycles_low[RK_PHASE_COUNT];
    uint64_t cycles_high[RK_PHASE_COUNT];
    rk_ns radio_tx_ns[RK_PHASE_COUNT];
    rk_ns radio_rx_ns[RK_PHASE_COUNT];
    rk_ns radio_idle_ns[RK_PHASE_COUNT]; /* start-up and backoff */
    rk_ns cpu_idle_ns[RK_PHASE_COUNT];   /* while the radio handles the device's own frame */
    rk_ns engine_ns[RK_PHASE_COUNT];     /* a hardware engine works, CPU polling */
    rk_ns nvm_ns;                        /* NVM writing, CPU polling */
};

struct rk_energy {
    rk_pJ part_pJ[RK_PART_COUNT];
    rk_pJ kind_pJ[RK_KIND_COUNT]; /* the same energy, by the kind of the coefficient it rests on */
    rk_pJ total_pJ;
    rk_pJ low_pJ;  /* every coefficient and cycle count at its favourable end */
    rk_pJ high_pJ; /* at its unfavourable end */
};

/* Energy of one device over horizon_ns; what the ledger does not name was sleep. */
void rk_ledger_energy(const struct rk_ledger *ledger, rk_ns horizon_ns, const struct rk_device_profile *device,
                      const struct rk_radio_profile *radio, struct rk_energy *energy);

/* Adds what a hardware engine draws beside the device: while it works, and asleep the rest of the time. The error of its
 * times is in the device's cycles. */
void rk_engine_energy(const struct rk_ledger *ledger, rk_ns horizon_ns, const struct rk_accelerator_profile *engine,
                      struct rk_energy *energy);

enum rk_end { RK_END_UNFAVOURABLE = -1, RK_END_CENTRAL = 0, RK_END_FAVOURABLE = 1 };

/* Life at a constant mean power: usable charge / (power / voltage + self-discharge current), where usable charge is
 * capacity * usable_ppm / 1e6 and self-discharge draws capacity * ppm_per_year / 1e6 each year.
 * in: mean power in pW (pJ a second), and at which end of their errors capacity and self-discharge are taken.
 * out: seconds; infinity when nothing draws. */
double rk_battery_life_s(const struct rk_battery_profile *battery, double power_pW, enum rk_end end);

/* What a battery has given of its usable charge, as a device with a converter of 8 bits knows it.
 * in: energy drawn and self-discharge since it began, and what it had given before. out: 0: nothing, 255: all. */
uint8_t rk_battery_drained(const struct rk_battery_profile *battery, rk_pJ used_pJ, rk_ns age_ns, uint32_t before_ppm);

/* The same in parts per million. */
uint32_t rk_battery_drained_ppm(const struct rk_battery_profile *battery, rk_pJ used_pJ, rk_ns age_ns,
                                uint32_t before_ppm);

#endif
