/* devices/emulators/msp430_device.h - an MSP430 that runs a program: regions, stack and heap watched, power that can fail
 *
 * Everything an emulated device knows is in its struct rk_emulator. It does nothing from a crash or a power cut until it
 * is reset.
 */
#ifndef DEVICES_EMULATORS_MSP430_DEVICE_H
#define DEVICES_EMULATORS_MSP430_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/calls.h"
#include "devices/emulators/emulator.h"
#include "devices/emulators/msp430_core.h"

enum rki_msp430_power { RKI_POWER_ON, RKI_POWER_CUT, RKI_POWER_CRASHED };
enum rki_msp430_event { RKI_EVENT_NONE = 0, RKI_EVENT_WAIT = 1, RKI_EVENT_EXIT = 2 }; /* as in region.h */

struct rki_msp430_region {
    uint64_t calls, cycles, instructions, flash_bytes, flash_cycles;
    uint16_t stack_bytes, heap_bytes;
};

/* CPU, RAM and peripherals when the device waited. */
struct rki_msp430_snapshot {
    bool taken;
    uint16_t r[16];
    uint16_t heap_end;
    struct rki_multiplier multiplier;
    struct rki_watchdog watchdog; /* started_at relative to the cycle of the snapshot */
    uint8_t control1, control2, control3;
    uint8_t peripherals[RKI_PERIPHERALS_end];
    uint8_t ram[RKI_FLASH_at - RKI_RAM_at]; /* and the mailbox behind it */
};

struct rk_emulator {
    struct rki_msp430 core;
    const struct rk_device_profile *device;
    uint16_t mailbox_at;
    uint16_t mailbox_bytes;
    uint16_t static_end;
    uint16_t heap_end_at;     /* address of the program's rk_heap_end; 0 when it has no heap */
    uint16_t heap_refused_at; /* of its rk_heap_refused; 0: the same */
    enum rki_msp430_power power;
    bool booted;
    uint64_t cut_after_cycles; /* 0: disarmed */
    uint64_t budget_cycles;
    rk_visit *visit; /* of the next call, or this one; NULL: none */
    void *visit_context;
    uint64_t visit_at; /* since the call's start */
    bool stack_known;  /* SP has been set: the stack is watched */
    int open_region;   /* id, -1 for none */
    uint16_t stack_entry, stack_low, heap_end, heap_high;
    struct rki_msp430_region at_start; /* totals when the region was entered */
    struct rki_msp430_region regions[RK_REGIONS_MAX];
    struct rki_msp430_snapshot first_wait;
    char reason[192];
};

/* Power up or reset. RAM and registers of a device that lost its power hold 0xa5, so that a run can be repeated. */
void rki_msp430_power_up(struct rk_emulator *emulator, bool keep_ram);

/* Runs until the program raises an event, or until cycle stop_at. out: *event RKI_EVENT_NONE after a pause. */
enum rk_call_status rki_msp430_run_program(struct rk_emulator *emulator, uint64_t stop_at, enum rki_end end,
                                           enum rki_msp430_event *event);

/* What one region cost, as a call or `measure` reports it. */
struct rk_measure rki_msp430_cost(const struct rk_emulator *emulator, unsigned region);

/* The state at a wait: taken, and gone back to. */
void rki_msp430_snapshot_take(const struct rk_emulator *emulator, struct rki_msp430_snapshot *snapshot);
void rki_msp430_snapshot_restore(struct rk_emulator *emulator, const struct rki_msp430_snapshot *snapshot);

#endif
