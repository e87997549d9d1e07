/* devices/emulators/msp430.h - what the MSP430 driver offers beyond emulator.h, to tests */
#ifndef DEVICES_EMULATORS_MSP430_H
#define DEVICES_EMULATORS_MSP430_H

#include "devices/emulators/emulator.h"

struct rki_msp430;

/* Cycles after which a call counts as hanging; 20e9, forty minutes of an 8 MHz device, unless set. */
void rki_msp430_set_budget(struct rk_emulator *emulator, uint64_t cycles);

/* The core behind an emulator. */
struct rki_msp430 *rki_msp430_of(struct rk_emulator *emulator);

#endif
