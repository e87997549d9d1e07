/* devices/emulators/simavr_eeprom.h - EEPROM of an AVR: time, wear, and what a power cut leaves
 *
 * simavr's own EEPROM writes in no time at all; this model takes over its registers.
 *
 * Model:  a write is accepted when EEPE is set within four cycles of EEMPE and none is under way. It takes write_cycles
 *         (erase and write, one operation) or 9/17 of that (1.8 ms of 3.4 ms: erase only, write only). The CPU halts
 *         two cycles after a write is started and four after a read. EEPE stays set until the write is done.
 *         Power cut while a cell is written: rk_nvm_cut() of emulator.h.
 *         A firmware loop that polls EEPE is skipped in one go, cycles and instructions being counted.
 * Units:  cycles of the CPU's clock.
 * Source: ATmega1284P data sheet 8272, section 8.4 "EEPROM Data Memory" and table 8-1.
 */
#ifndef DEVICES_EMULATORS_SIMAVR_EEPROM_H
#define DEVICES_EMULATORS_SIMAVR_EEPROM_H

#include <stdbool.h>
#include <stdint.h>
#include <simavr/sim_avr.h>

#include "devices/emulators/nvm.h"

struct rki_eeprom {
    avr_t *avr;
    uint8_t *cells;
    uint32_t *wear; /* erase and write operations a cell */
    uint32_t bytes;
    uint16_t control, data, address; /* data-space addresses of EECR, EEDR, EEARL */
    uint64_t write_cycles;
    uint64_t window_until; /* EEMPE is set up to here */
    uint64_t begun_at;     /* the end of the instruction that starts the write: until then a cut prevents it */
    uint64_t busy_until;
    uint16_t cell; /* being written, and its values */
    uint8_t old_value, new_value;
    uint8_t kind;    /* enum rk_nvm_kind */
    uint32_t number; /* of the next write, in this call */
    uint64_t writes;
    uint64_t busy_cycles;
    uint64_t limit_cycles;  /* nothing is skipped beyond this cycle */
    uint64_t *instructions; /* where skipped instructions are counted */
};

/* Takes over the registers of avr, which must be initialised. cells and wear belong to the caller. */
void rki_eeprom_attach(struct rki_eeprom *eeprom, avr_t *avr);

/* After an instruction that may have started a write: it begins now. in: list, cycle of the call's start. */
void rki_eeprom_begin(struct rki_eeprom *eeprom, struct rki_nvm_list *list, uint64_t call_at);

/* The power fails now: leaves a torn cell when one is being written. */
void rki_eeprom_cut(struct rki_eeprom *eeprom);

#endif
