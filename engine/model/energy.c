#include "engine/model/energy.h"

#include <math.h>

enum { MILLION = 1000000 };

/* One addend: a current through a voltage for a time that is itself an interval. */
struct draw {
    const struct rk_coefficient *current_nA;
    uint64_t voltage_mV;
    rk_ns time_ns, low_ns, high_ns;
    enum rk_part part;
};

static uint64_t scale_ppm(uint64_t value, uint64_t ppm)
{
    unsigned __int128 product = (unsigned __int128)value * ppm + MILLION / 2;
    product /= MILLION;
    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

static rk_ns sub_floor(rk_ns a, rk_ns b)
{
    return a > b ? a - b : 0;
}

static void add(struct rk_energy *energy, const struct draw *draw)
{
    const struct rk_coefficient *c = draw->current_nA;
    uint64_t error_ppm = c->error_ppm < MILLION ? c->error_ppm : MILLION;
    rk_pJ central = rk_energy_pJ(c->value, draw->voltage_mV, draw->time_ns);
    rk_pJ low = rk_energy_pJ(c->value, draw->voltage_mV, draw->low_ns);
    rk_pJ high = rk_energy_pJ(c->value, draw->voltage_mV, draw->high_ns);

    energy->part_pJ[draw->part] = rk_add_sat(energy->part_pJ[draw->part], central);
    energy->kind_pJ[c->kind] = rk_add_sat(energy->kind_pJ[c->kind], central);
    energy->total_pJ = rk_add_sat(energy->total_pJ, central);
    energy->low_pJ = rk_add_sat(energy->low_pJ, scale_ppm(low, MILLION - error_ppm));
    energy->high_pJ = rk_add_sat(energy->high_pJ, scale_ppm(high, MILLION + (uint64_t)c->error_ppm));
}

/* A draw whose time is known exactly. */
static void add_time(struct rk_energy *energy, enum rk_part part, const struct rk_coefficient *current_nA,
                     uint64_t voltage_mV, rk_ns time_ns)
{
    const struct draw draw = {current_nA, voltage_mV, time_ns, time_ns, time_ns, part};
    add(energy, &draw);
}

void rk_ledger_energy(const struct rk_ledger *ledger, rk_ns horizon_ns, const struct rk_device_profile *device,
                      const struct rk_radio_profile *radio, struct rk_energy *energy)
{
    *energy = (struct rk_energy){.total_pJ = 0};
    rk_ns cpu_awake_ns = ledger->nvm_ns;
    rk_ns radio_awake_ns = 0;

    for (int phase = 0; phase < RK_PHASE_COUNT; phase++) {
        enum rk_part crypto = phase == RK_PHASE_KEYS ? RK_PART_CRYPTO_KEYS : RK_PART_CRYPTO_DATA;
        enum rk_part air = phase == RK_PHASE_KEYS ? RK_PART_RADIO_KEYS : RK_PART_RADIO_DATA;
        const struct draw active = {
            .current_nA = &device->active_nA,
            .voltage_mV = device->supply_mV,
            .time_ns = rk_cycles_ns(ledger->cycles[phase], device->clock_Hz),
            .low_ns = rk_cycles_ns(ledger->cycles_low[phase], device->clock_Hz),
            .high_ns = rk_cycles_ns(ledger->cycles_high[phase], device->clock_Hz),
            .part = crypto,
        };
        add(energy, &active);
        add_time(energy, air, &device->idle_nA, device->supply_mV, ledger->cpu_idle_ns[phase]);
        add_time(energy, air, &radio->tx_nA, radio->supply_mV, ledger->radio_tx_ns[phase]);
        add_time(energy, air, &radio->rx_nA, radio->supply_mV, ledger->radio_rx_ns[phase]);
        add_time(energy, air, &radio->idle_nA, radio->supply_mV, ledger->radio_idle_ns[phase]);

        cpu_awake_ns = rk_add_sat(cpu_awake_ns, rk_add_sat(active.time_ns, ledger->cpu_idle_ns[phase]));
        radio_awake_ns = rk_add_sat(radio_awake_ns, ledger->radio_tx_ns[phase]);
        radio_awake_ns = rk_add_sat(radio_awake_ns, ledger->radio_rx_ns[phase]);
        radio_awake_ns = rk_add_sat(radio_awake_ns, ledger->radio_idle_ns[phase]);
    }
    add_time(energy, RK_PART_NVM, &device->nvm_write_nA, device->supply_mV, ledger->nvm_ns);
    add_time(energy, RK_PART_NVM, &device->active_nA, device->supply_mV, ledger->nvm_ns);
    add_time(energy, RK_PART_SLEEP, &device->sleep_nA, device->supply_mV, sub_floor(horizon_ns, cpu_awake_ns));
    add_time(energy, RK_PART_SLEEP, &radio->sleep_nA, radio->supply_mV, sub_floor(horizon_ns, radio_awake_ns));
}

void rk_engine_energy(const struct rk_ledger *ledger, rk_ns horizon_ns, const struct rk_accelerator_profile *engine,
                      struct rk_energy *energy)
{
    static const enum rk_part part[RK_PHASE_COUNT] = {RK_PART_CRYPTO_KEYS, RK_PART_CRYPTO_DATA};
    rk_ns active_ns = 0;
    for (int phase = 0; phase < RK_PHASE_COUNT; phase++) {
        add_time(energy, part[phase], &engine->active_nA, engine->supply_mV, ledger->engine_ns[phase]);
        active_ns = rk_add_sat(active_ns, ledger->engine_ns[phase]);
    }
    add_time(energy, RK_PART_SLEEP, &engine->sleep_nA, engine->supply_mV, sub_floor(horizon_ns, active_ns));
}

/* in: whole: what an empty battery has given. */
static uint32_t drained_of(const struct rk_battery_profile *battery, rk_pJ used_pJ, rk_ns age_ns, uint32_t before_ppm,
                           uint32_t whole)
{
    const rk_ns year_s = 31557600;
    unsigned __int128 nominal_pJ = (unsigned __int128)battery->capacity_nAh.value * 3600 * battery->voltage_mV;
    unsigned __int128 usable_pJ = nominal_pJ * battery->usable_ppm / MILLION;
    unsigned __int128 leaked_pJ =
        nominal_pJ / MILLION * battery->self_discharge_ppm_per_year.value * (age_ns / RK_S) / year_s;
    unsigned __int128 given_pJ = usable_pJ / MILLION * before_ppm + leaked_pJ + used_pJ;
    return given_pJ >= usable_pJ ? whole : (uint32_t)(given_pJ * whole / usable_pJ);
}

uint8_t rk_battery_drained(const struct rk_battery_profile *battery, rk_pJ used_pJ, rk_ns age_ns, uint32_t before_ppm)
{
    return (uint8_t)drained_of(battery, used_pJ, age_ns, before_ppm, UINT8_MAX);
}

uint32_t rk_battery_drained_ppm(const struct rk_battery_profile *battery, rk_pJ used_pJ, rk_ns age_ns,
                                uint32_t before_ppm)
{
    return drained_of(battery, used_pJ, age_ns, before_ppm, MILLION);
}

double rk_battery_life_s(const struct rk_battery_profile *battery, double power_pW, enum rk_end end)
{
    const double hour_s = 3600.0;
    const double year_s = 365.25 * 24.0 * hour_s;
    const struct rk_coefficient *capacity = &battery->capacity_nAh;
    const struct rk_coefficient *leak = &battery->self_discharge_ppm_per_year;

    double nominal_nAs = (double)capacity->value * hour_s * (1.0 + (int)end * (double)capacity->error_ppm * 1e-6);
    double leak_per_year = (double)leak->value * 1e-6 * (1.0 - (int)end * (double)leak->error_ppm * 1e-6);
    double load_nA = power_pW / (double)battery->voltage_mV; /* pW / mV = nA */
    double drain_nA = load_nA + nominal_nAs * leak_per_year / year_s;
    if (drain_nA <= 0.0) {
        return INFINITY;
    }
    return nominal_nAs * (double)battery->usable_ppm * 1e-6 / drain_nA;
}
