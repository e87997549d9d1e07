/* devices/emulators/msp430_core.h - an MSP430F1611: CPU, memory map, multiplier, watchdog, flash
 *
 * Model:   the 16-bit CPU of the MSP430x1xx family, each instruction executed at once at the end of its cycles. Decoded
 *          instructions are kept and thrown away when their memory is written. Calls of the CPU's slow path (peripherals,
 *          faults, flash) raise a bit of `attention`, which ends the run loop after that instruction.
 * Memory:  SFRs and peripherals, RAM mirror of the first 2 KiB, information memory, RAM, flash; nothing else answers:
 *          an access elsewhere is a fault, and so is a word at an odd address, a write to flash that is not set up for
 *          it, and an opcode that the CPU does not have. The part would do something undefined.
 * Sleep:   CPUOFF stops the CPU until an interrupt; the clocks it names (SCG0, SCG1, OSCOFF) make no other difference.
 * Clocks:  MCLK = SMCLK = clock_Hz; ACLK = 32768 Hz.
 * Units:   cycles of MCLK.
 * Error:   exact by the tables of the user's guide. Waking from a sleep takes no time beyond interrupt entry.
 * Source:  SLAU049F, MSP430x1xx Family User's Guide, chapters 3 (CPU, tables 3-14 to 3-16), 5 (flash), 7 (multiplier),
 *          10 (watchdog); MSP430F1611 data sheet SLAS368 (memory organisation, interrupt vectors).
 */
#ifndef DEVICES_EMULATORS_MSP430_CORE_H
#define DEVICES_EMULATORS_MSP430_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/emulators/emulator.h"
#include "devices/emulators/msp430_flash.h"

enum { RKI_PC = 0, RKI_SP = 1, RKI_SR = 2, RKI_CG = 3 };

enum rki_msp430_status {
    RKI_C = 1 << 0,
    RKI_Z = 1 << 1,
    RKI_N = 1 << 2,
    RKI_GIE = 1 << 3,
    RKI_CPUOFF = 1 << 4,
    RKI_V = 1 << 8,
    RKI_SR_MASK = 0x1ff, /* the rest is reserved and reads as 0 */
};

enum {
    RKI_MEMORY_bytes = 0x10000,
    RKI_PERIPHERALS_end = 0x0200,
    RKI_MIRROR_at = 0x0200,
    RKI_MIRROR_bytes = 0x0800,
    RKI_RAM_at = 0x1100,
    RKI_RAM_end = 0x3900,
    RKI_VECTORS_at = 0xffe0,
    RKI_VECTOR_WATCHDOG = 10, /* the number of the vector's word */
    RKI_VECTOR_NMI = 14,
    RKI_VECTOR_RESET = 15,
};

/* Why the run loop stopped to look. */
enum rki_attention {
    RKI_ATTEND_FAULT = 1 << 0,   /* `fault` says what; the CPU stands still until a reset */
    RKI_ATTEND_MARKER = 1 << 1,  /* a word of region.h was written: marker_address, marker_value */
    RKI_ATTEND_STATUS = 1 << 2,  /* SR was written: interrupts may be enabled, the CPU may sleep */
    RKI_ATTEND_FLASH = 1 << 3,   /* flash is busy while the CPU runs from RAM */
    RKI_ATTEND_WATCHED = 1 << 4, /* the watched word was written */
    RKI_ATTEND_STILL = 1 << 5,   /* a jump to itself with interrupts disabled */
};

struct rki_msp430;
struct rki_msp430_op;

typedef void rki_msp430_execute(struct rki_msp430 *m, const struct rki_msp430_op *op);

/* A decoded instruction; execute is NULL where none is decoded. */
struct rki_msp430_op {
    rki_msp430_execute *execute;
    uint16_t source_value;  /* constant, or offset from the source register, or step of an increment */
    uint16_t target_offset; /* from the destination register; of a jump, from the next instruction */
    uint8_t source, target; /* registers */
    uint8_t cycles, bytes;
};

struct rki_multiplier {
    uint16_t operand;
    uint8_t mode; /* address of the first operand: 0x30 MPY, 0x32 MPYS, 0x34 MAC, 0x36 MACS */
    uint32_t result;
    uint16_t sum_extend;
};

struct rki_watchdog {
    uint8_t control;
    uint64_t started_at;
};

struct rki_msp430 {
    uint16_t r[16]; /* r[RKI_CG] is 0 */
    uint16_t stack_watch;
    uint32_t attention;
    uint64_t cycles, instructions;
    uint64_t limit;         /* no instruction ends after this cycle */
    uint8_t *readable[256]; /* pages of 256 bytes that can be read without asking */
    uint8_t *writable[256];
    uint8_t guarded[256]; /* RAM pages that hold decoded code or the watched word: not in writable[] */
    bool stop_when_still;
    uint16_t program_end; /* flash from here on holds no instructions */
    uint64_t clock_Hz;
    struct rki_multiplier multiplier;
    struct rki_watchdog watchdog;
    struct rki_flash flash;
    uint16_t watched;   /* address of a word whose writes raise RKI_ATTEND_WATCHED; 0: none */
    uint16_t requested; /* interrupt vectors that ask for service, a bit each */
    uint64_t alarm_at;  /* cycle at which alarm_vector is requested; UINT64_MAX: never */
    uint8_t alarm_vector;
    uint16_t marker_address, marker_value;
    bool enabled_by_last; /* GIE was set by the instruction just done: the next one is always executed */
    struct rk_open_calls calls;
    char fault[96];
    uint8_t memory[RKI_MEMORY_bytes];
    struct rki_msp430_op ops[RKI_MEMORY_bytes / 2];
};

/* Why rki_msp430_run returned. */
enum rki_msp430_stop {
    RKI_STOP_LIMIT,   /* the next instruction, or the flash operation it waits for, would end after the limit */
    RKI_STOP_FAULT,   /* m->fault */
    RKI_STOP_MARKER,  /* after the instruction that wrote it */
    RKI_STOP_WATCHED, /* likewise */
    RKI_STOP_STACK,   /* SP is below stack_watch */
    RKI_STOP_STILL,   /* a jump to itself that nothing will end; only where stop_when_still is set */
    RKI_STOP_ASLEEP,  /* CPUOFF, and nothing will wake the CPU */
};

/* Memory map, power-up values; flash is erased. in: m all zero. */
void rki_msp430_init(struct rki_msp430 *m, uint64_t clock_Hz);

/* Power-up clear: registers of CPU and peripherals; PC from the reset vector, 4 cycles. RAM and flash are kept,
 * but for a flash operation under way, which is cut short. */
void rki_msp430_reset(struct rki_msp430 *m);

/* Runs until something of enum rki_msp430_stop happens. last_cycles: of the last instruction, so that what came before
 * it can be told. */
enum rki_msp430_stop rki_msp430_run(struct rki_msp430 *m, uint64_t limit, unsigned *last_cycles);

/* Asks for an interrupt now, or at a cycle. vector: number of the word at 0xFFE0; a higher number goes first. */
void rki_msp430_interrupt(struct rki_msp430 *m, unsigned vector);
void rki_msp430_interrupt_at(struct rki_msp430 *m, unsigned vector, uint64_t cycle);

/* Decoded instructions of RAM are forgotten, for memory that was changed from outside. */
void rki_msp430_forget_ram(struct rki_msp430 *m);
void rki_msp430_forget(struct rki_msp430 *m, uint16_t address, unsigned bytes);

/* Pages of 256 bytes that can be read or written. A word whose writes stop the run; 0: none. */
void rki_msp430_map(struct rki_msp430 *m, uint16_t address, unsigned bytes, bool read, bool write);
void rki_msp430_watch(struct rki_msp430 *m, uint16_t address);

#endif
