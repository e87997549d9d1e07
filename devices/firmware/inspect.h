/* devices/firmware/inspect.h - two additions of images that are looked into; an image of a product has neither
 *
 * RK_INSPECT     the registers at a wait, in an object `rk_registers` beside the mailbox, on cores whose emulator does not
 *                see them: r0..r11 and lr, or x0..x18. One register is lost: it holds the address (r12) or another
 *                register (x16 is a linker's scratch register).
 * RK_WIPE_STACK  zeroes all that lies between the heap's end and the stack pointer: what a call leaves there. It is a region
 *                of its own, so that its cycles are counted with the operation's.
 */
#ifndef DEVICES_FIRMWARE_INSPECT_H
#define DEVICES_FIRMWARE_INSPECT_H

#include <stdint.h>

#if defined(RK_INSPECT) && defined(__aarch64__)

__attribute__((section(RK_MAILBOX_SECTION), used)) uint64_t rk_registers[18];

#define RKI_KEEP_REGISTERS()                                                                                           \
    __asm__ volatile("ldr x16, =rk_registers\n\t"                                                                      \
                     "stp x0, x1, [x16]\n\tstp x2, x3, [x16, #16]\n\tstp x4, x5, [x16, #32]\n\t"                       \
                     "stp x6, x7, [x16, #48]\n\tstp x8, x9, [x16, #64]\n\tstp x10, x11, [x16, #80]\n\t"                \
                     "stp x12, x13, [x16, #96]\n\tstp x14, x15, [x16, #112]\n\tstp x17, x18, [x16, #128]"              \
                     :                                                                                                 \
                     :                                                                                                 \
                     : "x16", "memory")

#elif defined(RK_INSPECT) && defined(__arm__)

__attribute__((section(RK_MAILBOX_SECTION), used)) uint32_t rk_registers[13];

/* In the instructions that every Thumb core has. */
#define RKI_KEEP_REGISTERS()                                                                                           \
    __asm__ volatile("mov r12, r0\n\tldr r0, =rk_registers\n\tstmia r0!, {r1-r7}\n\t"                                  \
                     "mov r1, r8\n\tmov r2, r9\n\tmov r3, r10\n\tmov r4, r11\n\tmov r5, r12\n\tmov r6, lr\n\t"         \
                     "stmia r0!, {r1-r6}\n\tmovs r6, #0" /* no address of code stays where a frame may save it */      \
                     :                                                                                                 \
                     :                                                                                                 \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r12", "cc", "memory")

#else

#define RKI_KEEP_REGISTERS()                                                                                           \
    do {                                                                                                               \
    } while (0)

#endif

#ifdef RK_WIPE_STACK

#include "devices/firmware/guest.h"
#include "devices/firmware/region.h"

#if defined(__AVR__)

extern char *__brkval __attribute__((weak)); /* absent without malloc, 0 before its first use */
extern char __heap_start;

static inline uintptr_t rki_heap_end(void)
{
    return &__brkval != 0 && __brkval != 0 ? (uintptr_t)__brkval : (uintptr_t)&__heap_start;
}

/* SP names the byte below the last one pushed. */
#define RKI_STACK_POINTER(at) __asm__ volatile("in %A0, __SP_L__\n\tin %B0, __SP_H__\n\tadiw %0, 1" : "=w"(at))

#elif defined(__MSP430__)

extern uint8_t *rk_heap_end __attribute__((weak));
extern uint8_t end[];

static inline uintptr_t rki_heap_end(void)
{
    return &rk_heap_end != 0 && rk_heap_end != 0 ? (uintptr_t)rk_heap_end : (uintptr_t)end;
}

#define RKI_STACK_POINTER(at) __asm__ volatile("mov r1, %0" : "=r"(at))

#else

static inline uintptr_t rki_heap_end(void)
{
    return rk_guest.heap_end;
}

#define RKI_STACK_POINTER(at) __asm__ volatile("mov %0, sp" : "=r"(at))

#endif

/* Inlined where it stands: a frame of its own would lie in what it wipes. */
#define RKI_WIPE_STACK()                                                                                               \
    do {                                                                                                               \
        uintptr_t rki_top;                                                                                             \
        RK_REGION_START(RK_REGION_OPERATION);                                                                          \
        RKI_STACK_POINTER(rki_top);                                                                                    \
        for (uintptr_t rki_at = rki_heap_end(); rki_at < rki_top; rki_at++) {                                          \
            *(volatile uint8_t *)rki_at = 0;                                                                           \
        }                                                                                                              \
        RK_REGION_STOP(RK_REGION_OPERATION);                                                                           \
    } while (0)

#else

#define RKI_WIPE_STACK()                                                                                               \
    do {                                                                                                               \
    } while (0)

#endif

#endif
