/* devices/emulators/msp430_flash.h - flash of an MSP430x1xx: erase and write times, busy, wear, what a power cut leaves
 *
 * Model:  segment erase, mass erase, byte or word write, block write, as the control registers ask for them. A write can
 *         only clear bits. Started by code in flash, the CPU is held until the operation is done; started from RAM it
 *         runs on, BUSY is set, and an access to flash is a fault. A write with no mode set, with LOCK set, or while the
 *         timing generator is out of 257..476 kHz is a fault, and so is a wrong key: the part sets a flag or resets.
 *         Power cut during an operation: rk_nvm_cut() of emulator.h.
 *         Block writes cost what the guide says (30 cycles of the generator for the first word, 21 for the next ones,
 *         6 to end); the CPU must run from RAM for them.
 * Units:  cycles of MCLK.
 * Source: SLAU049F chapter 5, figures 5-4 to 5-9; data sheet SLAS368, flash memory (tWord 35, tBlock,0 30,
 *         tBlock,1-63 21, tBlock,End 6, tMass erase 5297, tSeg erase 4819 cycles of fFTG; fFTG 257..476 kHz).
 */
#ifndef DEVICES_EMULATORS_MSP430_FLASH_H
#define DEVICES_EMULATORS_MSP430_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/nvm.h"

struct rki_msp430;

enum {
    RKI_INFORMATION_at = 0x1000,
    RKI_INFORMATION_bytes = 0x0100,
    RKI_INFORMATION_SEGMENT_bytes = 128,
    RKI_FLASH_at = 0x4000,
    RKI_FLASH_bytes = 0xc000,
    RKI_FLASH_SEGMENT_bytes = 512,
    RKI_SEGMENTS = RKI_INFORMATION_bytes / RKI_INFORMATION_SEGMENT_bytes + RKI_FLASH_bytes / RKI_FLASH_SEGMENT_bytes,
};

enum rki_flash_register { RKI_FCTL1 = 0x128, RKI_FCTL2 = 0x12a, RKI_FCTL3 = 0x12c };

enum rki_flash_control {
    RKI_FCTL1_ERASE = 0x02,
    RKI_FCTL1_MERAS = 0x04,
    RKI_FCTL1_WRT = 0x40,
    RKI_FCTL1_BLKWRT = 0x80,
    RKI_FCTL3_BUSY = 0x01,
    RKI_FCTL3_KEYV = 0x02,
    RKI_FCTL3_ACCVIFG = 0x04,
    RKI_FCTL3_WAIT = 0x08,
    RKI_FCTL3_LOCK = 0x10,
    RKI_FCTL3_EMEX = 0x20,
};

struct rki_flash {
    uint8_t control1, control2, control3;
    bool block_started;
    bool busy;
    bool held; /* the CPU waits for the end */
    bool erasing;
    uint64_t started_at, busy_until;
    uint16_t first; /* what is being changed */
    uint32_t bytes;
    uint16_t old_value, new_value;       /* of a write; bytes 1 or 2 */
    uint32_t number;                     /* of the next operation, in this call */
    uint64_t call_at;                    /* cycle at which the call started */
    struct rki_nvm_list nvm;             /* operations on information memory */
    uint64_t written_bytes, busy_cycles; /* totals */
    uint32_t wear[RKI_SEGMENTS];         /* erasures */
};

/* out: whether an address is in information memory or main flash. */
bool rki_flash_holds(uint16_t address);

/* Number of the segment that holds the address, in wear[]: information memory B, A, then main memory upwards. */
unsigned rki_flash_segment(uint16_t address);

void rki_flash_reset(struct rki_flash *flash);

/* Registers, by word. */
uint16_t rki_flash_register_load(struct rki_msp430 *m, uint16_t address);
void rki_flash_register_store(struct rki_msp430 *m, uint16_t address, uint16_t value);

/* Accesses of the CPU to flash that the page table does not answer. */
uint16_t rki_flash_load(struct rki_msp430 *m, uint16_t address, bool byte);
void rki_flash_store(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte);

/* Ends an operation that is over at m->cycles; the CPU must not run from flash before. */
void rki_flash_settle(struct rki_msp430 *m);

/* Where the CPU is held, time passes until the operation is over, or m->limit. */
void rki_flash_hold(struct rki_msp430 *m);

/* The power fails at cycle `now`: what is under way stays half done. */
void rki_flash_cut(struct rki_msp430 *m, uint64_t now);

#endif
