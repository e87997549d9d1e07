/* devices/emulators/simavr_device.h - an ATmega that runs: markers, stack and heap watched, power that can fail
 *
 * Everything an emulated device knows is in its struct rk_emulator. Interrupts are not delivered: the firmware polls,
 * and simavr's interrupt entry is not cycle exact.
 */
#ifndef DEVICES_EMULATORS_SIMAVR_DEVICE_H
#define DEVICES_EMULATORS_SIMAVR_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <simavr/sim_avr.h>

#include "devices/emulators/calls.h"
#include "devices/emulators/emulator.h"
#include "devices/emulators/simavr_eeprom.h"

/* The mailbox lies beyond any part's RAM; what is between must stay as it is. */
enum { DATA_SPACE_bytes = 0x10000, MAILBOX_BASE = 0x8000 };

/* What the linker adds to a data address. */
#define DATA_SPACE_BASE 0x800000u

/* RAM and registers at a wait. */
struct rki_snapshot {
    uint8_t data[DATA_SPACE_bytes];
    uint8_t sreg[8];
    uint32_t pc;
    uint16_t stack_pointer;
};

enum power { POWER_ON, POWER_CUT, POWER_CRASHED };

struct region {
    uint64_t calls, cycles, instructions, nvm_writes, nvm_busy_cycles;
    uint16_t stack_bytes, heap_bytes;
};

struct rk_emulator {
    avr_t *avr;
    struct rki_eeprom eeprom;
    const struct rk_device_profile *device;
    uint16_t ram_end;    /* last address of the part's RAM; avr->ramend is that of the mailbox */
    uint16_t mailbox_at; /* 0: the program has none */
    uint16_t mailbox_data_bytes;
    uint16_t heap_end_at; /* address of avr-libc's __brkval; 0 when the image has no malloc */
    uint32_t malloc_at;   /* 0: the same */
    uint16_t static_end;
    uint32_t code_end;
    enum power power;
    bool booted;
    bool stopped_itself; /* reached a jump to itself: abort(), exit(), or the end of main() */
    uint8_t event;
    bool stack_pointer_torn; /* between the writes to SPH and SPL */
    uint16_t stack_pointer;
    uint16_t stack_low;    /* lowest in the region */
    uint16_t heap_high;    /* highest end of the heap in the region */
    uint16_t malloc_entry; /* stack pointer at the entry of the malloc under way; 0: none */
    bool heap_refused;     /* an allocation of this call */
    uint64_t instructions;
    uint64_t cut_after_cycles; /* 0: disarmed */
    uint64_t call_at;          /* cycle at which the call started */
    struct rki_nvm_list nvm;
    rk_visit *visit; /* of the next call, or this one; NULL: none */
    void *visit_context;
    uint64_t visit_at; /* since the call's start */
    struct rk_open_calls calls;
    uint64_t budget_cycles;
    bool in_region;
    uint8_t region_id;
    uint16_t stack_entry;
    struct region at_start;               /* totals when the region was entered */
    struct region region[RK_REGIONS_MAX]; /* sums by id, of this call */
    struct rki_snapshot *first_wait;      /* NULL until the first wait */
    char reason[192];
};

/* Hooks the marker registers of avr. */
void rki_simavr_attach_markers(struct rk_emulator *emulator);

/* Runs until the firmware raises an event, or until cycle stop_at. out: event is 0 after a pause. */
enum rk_call_status rki_simavr_run(struct rk_emulator *emulator, uint64_t stop_at, enum rki_end end);

/* Runs from reset until the firmware waits for its first request. */
enum rk_call_status rki_simavr_boot(struct rk_emulator *emulator);

/* Runs a program that marks regions until it ends: by its exit marker, or by stopping itself. */
enum rk_call_status rki_simavr_run_out(struct rk_emulator *emulator);

/* RAM and registers as they are now, and back to them on a device that is powered up. */
void rki_simavr_keep(const struct rk_emulator *emulator, struct rki_snapshot *snapshot);
void rki_simavr_restore(struct rk_emulator *emulator, const struct rki_snapshot *snapshot);

uint16_t rki_simavr_stack_pointer(const avr_t *avr);

#endif
