/* devices/emulators/simavr.h - what the ATmega driver offers beyond emulator.h, to tests */
#ifndef DEVICES_EMULATORS_SIMAVR_H
#define DEVICES_EMULATORS_SIMAVR_H

#include "devices/emulators/emulator.h"

/* Cycles after which a call counts as hanging; 8e9, a thousand seconds of an 8 MHz device, unless set. */
void rki_simavr_set_budget(struct rk_emulator *emulator, uint64_t cycles);

#endif
