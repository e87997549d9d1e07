/* tests/devices/msp430_program.h - a bare MSP430 core with a few words of program in RAM, for the tests of the core */
#ifndef TESTS_DEVICES_MSP430_PROGRAM_H
#define TESTS_DEVICES_MSP430_PROGRAM_H

#include <stdint.h>

#include "devices/emulators/msp430_core.h"

enum {
    PROGRAM_at = 0x1400,
    PROGRAM_STACK_at = 0x3800,
    PROGRAM_clock_Hz = 4000000,
    WATCHDOG_HOLD = 0x5a80,
};

/* A core after reset, PC at PROGRAM_at, SP at PROGRAM_STACK_at, the watchdog held. The caller frees it. */
struct rki_msp430 *program_new(const uint16_t *words, unsigned count);

/* Puts words where the CPU will find them, whatever was there. */
void program_put(struct rki_msp430 *m, uint16_t address, const uint16_t *words, unsigned count);
void program_put_word(struct rki_msp430 *m, uint16_t address, uint16_t word);
uint16_t program_word(const struct rki_msp430 *m, uint16_t address);

/* Executes one instruction. out: its cycles; fails the test when the core stops for another reason than the limit. */
unsigned program_step(struct rki_msp430 *m);

/* Runs until something stops the core, at the latest after `cycles`. */
enum rki_msp430_stop program_run(struct rki_msp430 *m, uint64_t cycles);

#endif
