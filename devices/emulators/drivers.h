/* devices/emulators/drivers.h - the drivers that this build contains
 *
 * One line a driver; emulator.c finds them by the name that device.yaml gives under `emulator:`.
 */
#ifndef DEVICES_EMULATORS_DRIVERS_H
#define DEVICES_EMULATORS_DRIVERS_H

#include "devices/emulators/emulator.h"

extern const struct rk_emulator_driver rk_emulator_simavr;
extern const struct rk_emulator_driver rk_emulator_qemu;
extern const struct rk_emulator_driver rk_emulator_msp430;
extern const struct rk_emulator_driver rk_emulator_host;

#endif
