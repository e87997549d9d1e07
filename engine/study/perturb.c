#include "engine/study/perturb.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum owner { DEVICE, RADIO, BATTERY, NONE };

/* Of a coefficient: where it is, and whether more of it is unfavourable. */
static const struct {
    const char *name;
    enum owner owner;
    size_t offset;
    bool more_is_worse;
} inputs[RK_INPUT_COUNT] = {
    [RK_INPUT_ENERGY_MODEL] = {"energy model", NONE, 0, true},
    [RK_INPUT_CPU_ACTIVE] = {"cpu active", DEVICE, offsetof(struct rk_device_profile, active_nA), true},
    [RK_INPUT_CPU_IDLE] = {"cpu idle", DEVICE, offsetof(struct rk_device_profile, idle_nA), true},
    [RK_INPUT_CPU_SLEEP] = {"cpu sleep", DEVICE, offsetof(struct rk_device_profile, sleep_nA), true},
    [RK_INPUT_NVM_WRITE] = {"nvm write", DEVICE, offsetof(struct rk_device_profile, nvm_write_nA), true},
    [RK_INPUT_RADIO_TX] = {"radio tx", RADIO, offsetof(struct rk_radio_profile, tx_nA), true},
    [RK_INPUT_RADIO_RX] = {"radio rx", RADIO, offsetof(struct rk_radio_profile, rx_nA), true},
    [RK_INPUT_RADIO_IDLE] = {"radio idle", RADIO, offsetof(struct rk_radio_profile, idle_nA), true},
    [RK_INPUT_RADIO_SLEEP] = {"radio sleep", RADIO, offsetof(struct rk_radio_profile, sleep_nA), true},
    [RK_INPUT_BATTERY_CAPACITY] = {"battery capacity", BATTERY, offsetof(struct rk_battery_profile, capacity_nAh),
                                   false},
    [RK_INPUT_SELF_DISCHARGE] = {"battery self-discharge", BATTERY,
                                 offsetof(struct rk_battery_profile, self_discharge_ppm_per_year), true},
    [RK_INPUT_CYCLES] = {"cycles", NONE, 0, true},
    [RK_INPUT_MESSAGE_PERIOD] = {"traffic.period", NONE, 0, false},
    [RK_INPUT_LOSS] = {"link.loss", NONE, 0, true},
    [RK_INPUT_DETECTION] = {"adversary.detection", NONE, 0, true},
    [RK_INPUT_SERVER_TIME] = {"server.time", NONE, 0, true},
};

const char *rk_input_name(enum rk_input input)
{
    return inputs[input].name;
}

/* --- how far --- */

static const struct rk_coefficient *coefficient_of(enum rk_input input, const struct rk_trial *trial)
{
    const void *const owners[] = {trial->device, trial->radio, trial->battery, NULL};
    const char *owner = owners[inputs[input].owner];
    return owner == NULL ? NULL : (const struct rk_coefficient *)(const void *)(owner + inputs[input].offset);
}

static uint64_t bound_of(const struct rk_cost_row *row, bool high)
{
    uint64_t bound = high ? row->cycles_high : row->cycles_low;
    return bound == RK_NONE ? row->cycles_median : bound;
}

/* The widest of any row. */
static double cycles_error(const struct rk_trial *trial)
{
    double widest = 0;
    for (size_t i = 0; i < trial->costs.count; i++) {
        const struct rk_cost_row *row = &trial->costs.row[i];
        if (row->cycles_median != RK_NONE && row->cycles_median > 0) {
            double high = (double)bound_of(row, true) / (double)row->cycles_median - 1;
            double low = 1 - (double)bound_of(row, false) / (double)row->cycles_median;
            widest = fmax(widest, fmax(high, low));
        }
    }
    return widest;
}

double rk_input_error(enum rk_input input, const struct rk_trial *trial, double doubt)
{
    const struct rk_coefficient *coefficient = coefficient_of(input, trial);
    bool even = trial->traffic.model == RK_TRAFFIC_PERIODIC || trial->traffic.model == RK_TRAFFIC_POISSON;
    double widest = 0;
    switch (input) {
    case RK_INPUT_ENERGY_MODEL:
        for (int part = RK_INPUT_ENERGY_MODEL + 1; part < RK_INPUT_SCENARIO; part++) {
            widest = fmax(widest, rk_input_error((enum rk_input)part, trial, doubt));
        }
        return widest;
    case RK_INPUT_CYCLES:
        return cycles_error(trial);
    case RK_INPUT_MESSAGE_PERIOD:
        return even ? doubt : 0;
    case RK_INPUT_LOSS:
        return trial->frame_loss_ppm > 0 && trial->frame_loss_ppm * (1 + doubt) < 950000 ? doubt : 0;
    case RK_INPUT_DETECTION:
        return trial->detection_mean_ns > 0 ? doubt : 0;
    case RK_INPUT_SERVER_TIME:
        return trial->server_time_ns > 0 ? doubt : 0;
    default:
        return coefficient == NULL || coefficient->value == 0 ? 0 : coefficient->error_ppm / 1e6;
    }
}

/* --- moving --- */

static uint64_t moved(uint64_t value, double change)
{
    return (uint64_t)llround((double)value * (1 + change));
}

static void move_cycles(struct rk_perturbed *perturbed, bool high)
{
    for (size_t i = 0; i < perturbed->trial.costs.count; i++) {
        struct rk_cost_row *row = &perturbed->rows[i];
        if (row->cycles_median != RK_NONE) {
            row->cycles_median = row->cycles_low = row->cycles_high = bound_of(row, high);
        }
    }
}

static void move_coefficient(struct rk_perturbed *perturbed, enum rk_input input, bool high)
{
    char *const owners[] = {(char *)&perturbed->device, (char *)&perturbed->radio, (char *)&perturbed->battery};
    struct rk_coefficient *coefficient = (void *)(owners[inputs[input].owner] + inputs[input].offset);
    coefficient->value = moved(coefficient->value, (high ? 1 : -1) * (double)coefficient->error_ppm / 1e6);
    coefficient->error_ppm = 0;
}

static void move_energy_model(struct rk_perturbed *perturbed, bool unfavourable)
{
    for (int input = RK_INPUT_ENERGY_MODEL + 1; input < RK_INPUT_CYCLES; input++) {
        move_coefficient(perturbed, (enum rk_input)input, unfavourable == inputs[input].more_is_worse);
    }
    move_cycles(perturbed, unfavourable);
}

void rk_perturb(enum rk_input input, bool high, const struct rk_trial *trial, double doubt,
                struct rk_perturbed *perturbed)
{
    double change = high ? doubt : -doubt;
    size_t rows = trial->costs.count;
    *perturbed = (struct rk_perturbed){
        .trial = *trial, .device = *trial->device, .radio = *trial->radio, .battery = *trial->battery};
    perturbed->rows = malloc((rows + 1) * sizeof *perturbed->rows);
    RK_REQUIRE(perturbed->rows != NULL);
    memcpy(perturbed->rows, trial->costs.row, rows * sizeof *perturbed->rows);
    struct rk_trial *to = &perturbed->trial;
    to->device = &perturbed->device;
    to->radio = &perturbed->radio;
    to->battery = &perturbed->battery;
    to->costs.row = perturbed->rows;
    switch (input) {
    case RK_INPUT_ENERGY_MODEL:
        move_energy_model(perturbed, high);
        break;
    case RK_INPUT_CYCLES:
        move_cycles(perturbed, high);
        break;
    case RK_INPUT_MESSAGE_PERIOD:
        to->message_period_ns = moved(to->message_period_ns, change);
        break;
    case RK_INPUT_LOSS:
        to->frame_loss_ppm = (uint32_t)moved(to->frame_loss_ppm, change);
        break;
    case RK_INPUT_DETECTION:
        to->detection_mean_ns = moved(to->detection_mean_ns, change);
        break;
    case RK_INPUT_SERVER_TIME:
        to->server_time_ns = moved(to->server_time_ns, change);
        break;
    default:
        move_coefficient(perturbed, input, high);
        break;
    }
}

void rk_perturbed_fini(struct rk_perturbed *perturbed)
{
    free(perturbed->rows);
}
