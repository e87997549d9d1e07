/* devices/emulators/qemu/protocol.h - what driver and plugin say to each other
 *
 * Model:  a SOCK_SEQPACKET pair. The plugin sends one rki_reply each time that the firmware waits, and blocks until the
 *         driver sends one rki_request. A reply other than RKI_WAITING is the last one: the plugin ends its process;
 *         only after RKI_POWER_CUT the driver may send another request, which lets the call go on to its end, so that
 *         the process serves the next one.
 *         What the regions cost stands on a board, memory that both have mapped: the driver reads it when a reply has
 *         come, or when the child has ended in any other way. RAM is shared memory, too, so that mailbox, NVM and stack
 *         never travel.
 * Arguments of the plugin (name=value, commas between):
 *         ctl, board inherited descriptors: socket, struct rki_board
 *         isa        enum rk_isa_id
 *         ram        descriptor of the machine's RAM; absent: not a file, the stack is then watched by its stores
 *         nvm        address of the memory whose stores can be logged; 0: none
 *         nvmsize    its length
 *         nvmblock   of a block that is erased at once; 0: none is
 *         base       address of the machine's RAM
 *         low        lowest address that the stack may reach; above it the heap, if the image has one
 *         top        with stores watched: the highest address that the stack may have
 *         guest      address of struct rk_guest, 0 when the image has none
 *         flash      end of the memory that is flash on the part: reads of data below it are counted
 *         code       where this flash begins
 *         lines      of `width` bytes that the part keeps of what is read from it; 0: reads are only counted
 *         budget     instructions that may be executed before the first request
 *         v6m        1: instructions that ARMv6-M does not have are faults
 *         end        1: a program that branches to itself outside of regions has ended, and so has one that waits
 *         fine       1: every instruction is a segment of its own, for self-tests
 *         bare       1: the stack is neither painted nor watched: what a program leaves there stays
 */
#ifndef DEVICES_EMULATORS_QEMU_PROTOCOL_H
#define DEVICES_EMULATORS_QEMU_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "devices/emulators/qemu/cycle_table.h"

enum rki_reason {
    RKI_WAITING = 0,   /* the firmware waits for a request */
    RKI_EXIT = 1,      /* it executed RK_REGION_EXIT() or RK_GUEST_FAULT(), which are one instruction */
    RKI_BUDGET = 2,    /* more instructions than the request allows */
    RKI_POWER_CUT = 3, /* stopped by cut_at */
    RKI_NOT_V6M = 4,   /* an instruction that the core does not have, at `address` */
    RKI_HANGS = 5,     /* a branch to itself, at `address` */
};

struct rki_request {
    uint64_t budget_instructions; /* checked at every straight-line segment */
    uint64_t cut_at;              /* stop after exactly this many instructions; 0: do not */
    uint64_t watch;               /* 1: log stores to NVM */
};

struct rki_reply {
    uint64_t steps;   /* instructions since the request: exact for a power cut, else by segment */
    uint64_t address; /* of the instruction that stopped it, where the reason says so */
    uint32_t reason;  /* enum rki_reason */
};

enum { RKI_REGIONS = 256 };

/* Sums over the calls of one region id. */
struct rki_region {
    uint64_t count[RK_CYCLE_ITEMS];
    uint64_t calls;
    uint32_t stack_bytes; /* deepest below a region's begin */
    uint32_t stack_free;  /* bytes between heap and stack that stayed untouched, least over the calls; UINT32_MAX when
                             the stack was not watched */
    uint32_t heap_bytes;  /* from `low` to the end of the heap at a region's end, most over the calls */
    uint32_t nvm_bytes;   /* written in regions */
    uint32_t nvm_units;
    uint32_t nvm_erases;
};

enum { RKI_NVM_STORES = 16384, RKI_CALLS = 64 };

/* A store to NVM, or the stores that fill one block being erased. */
struct rki_nvm_store {
    uint64_t step; /* the store is this instruction of the call, counted from 1; of several, the last one */
    uint32_t offset, bytes;
    uint32_t erases;
    uint8_t value[8]; /* of a store */
};

struct rki_board {
    struct rki_region region[RKI_REGIONS]; /* since the last request, or since the boot */
    uint32_t in_region;                    /* 1 + id of the region that is open; 0: none */
    uint32_t asleep;                       /* the processor waits for an interrupt */
    uint64_t pc;                           /* at a power cut: address of the next instruction */
    uint32_t calls;                        /* under way since the request, in one that a power cut ends */
    uint64_t returns_to[RKI_CALLS];        /* of each, outermost first */
    uint32_t nvm_stores;                   /* of this call, where they are logged; more than fit: the rest is missing */
    struct rki_nvm_store nvm_store[RKI_NVM_STORES];
};

#endif
