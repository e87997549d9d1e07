/* devices/emulators/qemu/protocol.h - what driver and plugin say to each other
 *
 * Model:  a SOCK_SEQPACKET pair. The plugin sends one rki_reply each time that the firmware waits, and blocks until the
 *         driver sends one rki_request. A reply other than RKI_WAITING is the last one: the plugin ends its process.
 *         RAM is shared memory, so that mailbox, NVM and stack never travel.
 * Arguments of the plugin (name=value, commas between):
 *         ctl, ram   inherited descriptors: socket, machine RAM
 *         base       address of the machine RAM
 *         low        lowest address that the stack may reach; above it the heap, if the image has one
 *         guest      address of struct rk_guest, 0 when the image has none
 *         fine       1: every instruction is a segment of its own, for self-tests
 */
#ifndef DEVICES_EMULATORS_QEMU_PROTOCOL_H
#define DEVICES_EMULATORS_QEMU_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "devices/emulators/qemu/cycle_table.h"

enum rki_reason {
    RKI_WAITING = 0,   /* the firmware waits for a request */
    RKI_FAULT = 1,     /* it executed RK_GUEST_FAULT() */
    RKI_BUDGET = 2,    /* more instructions than the request allows */
    RKI_POWER_CUT = 3, /* stopped by cut_at */
};

struct rki_request {
    uint64_t budget_instructions; /* checked at every straight-line segment */
    uint64_t cut_at;              /* stop after exactly this many instructions; 0: do not */
};

struct rki_reply {
    uint64_t count[RK_CYCLE_ITEMS]; /* sum over the call's regions */
    uint64_t steps;                 /* instructions since the request: exact for a power cut, else by segment */
    uint32_t reason;                /* enum rki_reason */
    uint32_t regions;
    uint32_t stack_bytes; /* deepest below a region's begin */
    uint32_t stack_free;  /* bytes between heap and stack that stayed untouched, least over the regions */
    uint32_t heap_bytes;  /* from `low` to the end of the heap at a region's end, most over the regions */
    uint32_t nvm_bytes;   /* written in regions */
    uint32_t nvm_units;
};

#endif
