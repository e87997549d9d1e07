/* devices/firmware/cortex-m/start.c - vector table, reset, memory protection, faults, heap
 *
 * The program runs on the process stack and handlers on a small one of their own, so that a fault caused by a stack
 * that left RAM can still be reported. The MPU closes everything that the machine has and the device has not: an access
 * beyond RAM or flash faults as it does on the part. An ARMv6-M program runs on a machine with an ARMv7-M core: it
 * has that core's MPU and fault status, which are the harness's, and unaligned accesses trap as on its own.
 * Source: ARM DDI 0403, B1.5 (exceptions), B3.2.8 (CCR), B3.5 (MPU); ARM DDI 0553, B11 (MPU of ARMv8-M).
 */
#include <stddef.h>
#include <stdint.h>

#include "devices/firmware/guest.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SCB_CFSR          REGISTER(0xe000ed28u)
#define SCB_MMFAR         REGISTER(0xe000ed34u)
#define SCB_BFAR          REGISTER(0xe000ed38u)
#define SCB_CCR           REGISTER(0xe000ed14u)
#define MPU_CTRL          REGISTER(0xe000ed94u)
#define MPU_RNR           REGISTER(0xe000ed98u)
#define MPU_RBAR          REGISTER(0xe000ed9cu)
#define MPU_RASR          REGISTER(0xe000eda0u) /* RLAR in ARMv8-M */
#define MPU_MAIR0         REGISTER(0xe000edc0u)

extern uint32_t rk_data_begin[], rk_data_end[], rk_data_image[], rk_bss_begin[], rk_bss_end[];
extern uint8_t end[], rk_stack_top[], rk_code[], rk_ram[], rk_nvm[], rk_mailbox_window[];
extern uint8_t rk_flash_bytes[], rk_ram_bytes[], rk_nvm_bytes[], rk_mailbox_window_bytes[];

/* A number that the linker script gives as an address. */
#define LINKED(symbol) ((uint32_t)(uintptr_t)(symbol))

struct rk_guest rk_guest;

int main(void);
void rk_reset(void);
void rk_start(void);
void rk_fault(void);
_Noreturn void _exit(int code);
_Noreturn void abort(void);
void *_sbrk(ptrdiff_t bytes);

enum { ABORT_status = 134 }; /* what a shell calls an aborted program */

enum { HANDLER_STACK_words = 32 };
static uint64_t handler_stack[HANDLER_STACK_words / 2];

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &handler_stack[HANDLER_STACK_words / 2],
    (void *)rk_reset,
    (void *)rk_fault, /* NMI */
    (void *)rk_fault, /* HardFault, to which all others escalate */
    (void *)rk_fault,
    (void *)rk_fault,
    (void *)rk_fault,
    NULL,
    NULL,
    NULL,
    NULL,
    (void *)rk_fault, /* SVCall */
    (void *)rk_fault,
    NULL,
    (void *)rk_fault,
    (void *)rk_fault,
};

__attribute__((naked, used)) void rk_reset(void)
{
    __asm__(".syntax unified\n"
            "ldr r0, =rk_stack_top\n"
            "msr psp, r0\n"
            "movs r0, #2\n" /* CONTROL.SPSEL */
            "msr control, r0\n"
            "isb\n"
            "ldr r0, =rk_start\n"
            "bx r0\n");
}

enum access { ACCESS_NONE, ACCESS_READ_WRITE, ACCESS_READ_EXECUTE };

#if __ARM_ARCH >= 8

/* in: base and bytes multiples of 32. Regions must not overlap; what is in none is closed. */
static void protect(uint32_t number, uint32_t base, uint32_t bytes, enum access access)
{
    const uint32_t never_execute = 1u, read_write = 1u << 1, read_only = 3u << 1;

    MPU_RNR = number;
    MPU_RBAR = base | (access == ACCESS_READ_WRITE ? read_write | never_execute : read_only);
    MPU_RASR = ((base + bytes - 1) & ~31u) | 1u;
}

static void protect_others(void)
{
    MPU_MAIR0 = 0xff; /* normal memory */
    MPU_CTRL = 1u;
}

#else

/* in: bytes a power of two from 32, or so many eighths of the next one. Of two regions that hold an address the higher
 * number decides. */
static void protect(uint32_t number, uint32_t base, uint32_t bytes, enum access access)
{
    static const uint32_t attributes[] = {
        [ACCESS_NONE] = 1u << 28 | 0u << 24 | 1u,
        [ACCESS_READ_WRITE] = 1u << 28 | 3u << 24 | 1u,
        [ACCESS_READ_EXECUTE] = 6u << 24 | 1u,
    };
    uint32_t log2 = 5;

    while ((1u << log2) < bytes) {
        log2++;
    }
    uint32_t eighths = bytes == 1u << log2 ? 8 : bytes >> (log2 - 3);
    MPU_RBAR = base | 1u << 4 | number;
    MPU_RASR = attributes[access] | (0xffu & ~((1u << eighths) - 1)) << 8 | (log2 - 1) << 1;
}

static void protect_others(void)
{
    protect(0, 0x00000000u, 0x20000000u, ACCESS_NONE);
    protect(1, 0x20000000u, 0x20000000u, ACCESS_NONE);
    MPU_CTRL = 1u << 2 | 1u; /* the rest of the map as without MPU */
}

#endif

static void protect_all(void)
{
    protect(2, LINKED(rk_code), LINKED(rk_flash_bytes), ACCESS_READ_EXECUTE);
    protect(3, LINKED(rk_ram), LINKED(rk_ram_bytes), ACCESS_READ_WRITE);
    protect(4, LINKED(rk_nvm), LINKED(rk_nvm_bytes), ACCESS_READ_WRITE);
    protect(5, LINKED(rk_mailbox_window), LINKED(rk_mailbox_window_bytes), ACCESS_READ_WRITE);
    protect_others();
    __asm__ volatile("dsb\n\tisb" : : : "memory");
}

__attribute__((used)) void rk_start(void)
{
    const uint32_t *from = rk_data_image;

    for (uint32_t *to = rk_data_begin; to < rk_data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = rk_bss_begin; to < rk_bss_end; to++) {
        *to = 0;
    }
    rk_guest.heap_end = LINKED(end);
#if __ARM_ARCH == 6
    SCB_CCR |= 1u << 3; /* UNALIGN_TRP */
#endif
    protect_all();
    _exit(main());
}

/* The frame that the exception pushed holds the return address in its seventh word. */
void rk_fault(void)
{
    uint32_t exception;
    uint32_t frame;

    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    __asm__ volatile("mrs %0, psp" : "=r"(frame));
    rk_guest.fault_kind = RK_GUEST_FAULT_EXCEPTION;
    rk_guest.fault_exception = exception;
    rk_guest.fault_status = SCB_CFSR;
    rk_guest.fault_address = (SCB_CFSR & 0x80) != 0 ? SCB_MMFAR : (SCB_CFSR & 0x8000) != 0 ? SCB_BFAR : 0;
    rk_guest.fault_sp = frame;
    rk_guest.fault_pc = 0;
    if (frame >= LINKED(rk_ram) && frame <= LINKED(rk_stack_top) - 32) {
        rk_guest.fault_pc = ((const uint32_t *)(uintptr_t)frame)[6];
    }
    RK_GUEST_FAULT();
    for (;;) {
    }
}

/* Ends the program for newlib's exit(). */
void _exit(int code)
{
    rk_guest.fault_kind = RK_GUEST_FAULT_EXIT;
    rk_guest.fault_status = (uint32_t)code;
    RK_GUEST_FAULT();
    for (;;) {
    }
}

/* newlib's own would raise a signal. */
void abort(void)
{
    _exit(ABORT_status);
}

/* Memory for newlib's malloc, up to where the stack is now; newlib never gives any back. It takes (void *)-1 for "no
 * memory". What any program needs, and no more: the emulator reads the end of the heap from outside. */
void *_sbrk(ptrdiff_t bytes)
{
    uint32_t before = rk_guest.heap_end;
    uint32_t stack = (uint32_t)(uintptr_t)__builtin_frame_address(0);

    if (bytes < 0 || (uint32_t)bytes > stack - before) {
        rk_guest.heap_refused++;
        return (void *)-1;
    }
    rk_guest.heap_end = before + (uint32_t)bytes;
    return (void *)(uintptr_t)before;
}
