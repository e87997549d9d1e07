/* engine/study/perturb.h - a trial with one of its inputs at an end of its interval
 *
 * Model:  inputs of the energy model (currents, battery, cycles) have errors of their own, in device, radio and battery
 *         files and in the cost rows: low and high are value * (1 -+ error), cycles those that the cycle model bounds.
 *         `energy model` has all of them at their unfavourable end for high, at the favourable one for low. Inputs of
 *         the scenario (traffic, loss, detection) state no error and are moved by the study's `recommend.doubt`.
 * Units:  relative, parts of one.
 * Error:  times that follow from cycles move with them; nothing else moves with an input.
 */
#ifndef ENGINE_STUDY_PERTURB_H
#define ENGINE_STUDY_PERTURB_H

#include <stdbool.h>

#include "engine/core/profile.h"
#include "engine/model/trial.h"

enum rk_input {
    RK_INPUT_ENERGY_MODEL,
    RK_INPUT_CPU_ACTIVE,
    RK_INPUT_CPU_IDLE,
    RK_INPUT_CPU_SLEEP,
    RK_INPUT_NVM_WRITE,
    RK_INPUT_RADIO_TX,
    RK_INPUT_RADIO_RX,
    RK_INPUT_RADIO_IDLE,
    RK_INPUT_RADIO_SLEEP,
    RK_INPUT_BATTERY_CAPACITY,
    RK_INPUT_SELF_DISCHARGE,
    RK_INPUT_CYCLES,
    RK_INPUT_SCENARIO, /* from here on */
    RK_INPUT_MESSAGE_PERIOD = RK_INPUT_SCENARIO,
    RK_INPUT_LOSS,
    RK_INPUT_DETECTION,
    RK_INPUT_SERVER_TIME,
    RK_INPUT_COUNT
};

struct rk_perturbed {
    struct rk_trial trial; /* points into the rest */
    struct rk_device_profile device;
    struct rk_radio_profile radio;
    struct rk_battery_profile battery;
    struct rk_cost_row *rows; /* heap */
};

const char *rk_input_name(enum rk_input input); /* "radio tx", "link.loss" */

/* out: how far the input may be off, relative; 0: it has no error, does not count in this trial, or cannot be moved. */
double rk_input_error(enum rk_input input, const struct rk_trial *trial, double doubt);

/* in: high: at which end; doubt: relative. out: *perturbed, to be given to rk_perturbed_fini(). */
void rk_perturb(enum rk_input input, bool high, const struct rk_trial *trial, double doubt,
                struct rk_perturbed *perturbed);
void rk_perturbed_fini(struct rk_perturbed *perturbed);

#endif
