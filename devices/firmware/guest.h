/* devices/firmware/guest.h - what a firmware under QEMU leaves in its RAM for the harness
 *
 * Model:  one object `rk_guest`, found by its symbol. The port and the start-up code write it, the plugin and the
 * driver read it. It belongs to the harness, as the mailbox does. A program without it has no NVM and no fault report.
 *         Counters grow and wrap; the reader takes differences.
 * Fault:  the handler fills fault_* and executes RK_GUEST_FAULT(), at which the emulator stops for good.
 */
#ifndef DEVICES_FIRMWARE_GUEST_H
#define DEVICES_FIRMWARE_GUEST_H

#include <stdint.h>

enum rk_guest_fault {
    RK_GUEST_FAULT_NONE = 0,
    RK_GUEST_FAULT_EXCEPTION = 1, /* fault_exception, fault_status, fault_address, fault_pc are valid */
    RK_GUEST_FAULT_EXIT = 2,      /* the program ended; fault_status is its exit code */
};

/* fault_exception: the number in a Cortex-M's IPSR, or one of these plus the vector's number, or the exception class. */
enum { RK_GUEST_A32 = 0x100, RK_GUEST_A64 = 0x200 };

struct rk_guest {
    uint32_t heap_end;             /* the program's own: what sbrk() moves, upwards only */
    uint32_t heap_refused;         /* requests for heap that met the stack */
    uint32_t nvm_bytes;            /* written to NVM */
    uint32_t nvm_units;            /* programming units that these writes touched */
    uint32_t nvm_erases;           /* blocks erased */
    volatile uint32_t nvm_erasing; /* 1 while stores to NVM are the fill of a block: together they are one erasure */
    uint32_t fault_kind;           /* enum rk_guest_fault */
    uint32_t fault_exception;      /* IPSR: 3 HardFault; or see above */
    uint32_t fault_status;         /* CFSR; IFSR or DFSR; ESR_EL1 */
    uint32_t fault_address;        /* MMFAR or BFAR; IFAR or DFAR; FAR_EL1 */
    uint32_t fault_pc;             /* of the instruction, from the exception frame; 0 when the frame is outside RAM */
    uint32_t fault_sp;             /* stack pointer of the program */
};

extern struct rk_guest rk_guest;

#define RK_GUEST_FAULT() __asm__ volatile("mov r12, r12" : : : "memory")

#endif
