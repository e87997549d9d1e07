/* devices/firmware/region.h - marks the part of a program that is measured
 *
 * Model:  RK_REGION_START(id) ... RK_REGION_STOP(id), id a constant 0..255. Regions with the same id add up; regions do
 *         not nest. The markers cost nothing in the result: an empty region is 0 cycles, 0 instructions, 0 bytes of stack.
 *   AVR     two writes to extended I/O addresses that no ATmega uses; the emulator subtracts what they take. On a real
 *           part each is a harmless 2-cycle store.
 *   MSP430  writes of a constant to an unused word of the peripheral space, likewise.
 *   ARM     moves of a register to itself, which no compiler emits and which every Cortex executes in a cycle. The id
 *           is the immediate of a comparison just before: `cmp r0, #id` (`cmp x0, #id`); without one it is 0.
 *   host    nothing: the host has no cycle figures.
 * Use:    any program, this project's or not, in C or assembly, can be measured with `rekeylab measure`; it needs no
 *         more than the instructions above. RK_REGION_EXIT() ends it, as the end of main() does.
 */
#ifndef DEVICES_FIRMWARE_REGION_H
#define DEVICES_FIRMWARE_REGION_H

enum { RK_REGION_OPERATION = 0 }; /* the id that a call's cost is taken from */

#if defined(__AVR__)

/* Data-space addresses, reserved on ATmega128, 328P, 1284P, 2560 and 128RFA1. */
#define RK_REGION_AVR_START 0xD9
#define RK_REGION_AVR_STOP  0xDA
#define RK_REGION_AVR_EVENT 0xDB /* 1: waits for a request, 2: ends */

/* The id is loaded before the region; STOP stores whatever r1 holds, so that it needs no register of the region. */
#define RK_REGION_START(id)                                                                                            \
    __asm__ volatile("sts %0, %1" : : "n"(RK_REGION_AVR_START), "r"((unsigned char)(id)) : "memory")
#define RK_REGION_STOP(id) __asm__ volatile("sts %0, r1" : : "n"(RK_REGION_AVR_STOP) : "memory")
#define RK_REGION_WAIT()   __asm__ volatile("sts %0, %1" : : "n"(RK_REGION_AVR_EVENT), "r"((unsigned char)1) : "memory")
#define RK_REGION_EXIT()   __asm__ volatile("sts %0, %1" : : "n"(RK_REGION_AVR_EVENT), "r"((unsigned char)2) : "memory")

#elif defined(__MSP430__)

/* Words of the 16-bit peripheral space that no MSP430F1xx uses: start, stop, and events 1 (waits) and 2 (ends). */
#define RK_REGION_START(id) __asm__ volatile("mov %0, &0x01f0" : : "i"((id) + 0) : "memory")
#define RK_REGION_STOP(id)  __asm__ volatile("mov %0, &0x01f2" : : "i"((id) + 0) : "memory")
#define RK_REGION_WAIT()    __asm__ volatile("mov #1, &0x01f4" : : : "memory")
#define RK_REGION_EXIT()    __asm__ volatile("mov #2, &0x01f4" : : : "memory")

#elif defined(__aarch64__) && !defined(__linux__)

/* Push and pop show the emulator the stack pointer, before the region. */
#define RK_REGION_START(id)                                                                                            \
    __asm__ volatile("str x0, [sp, #-16]!\n\tldr x0, [sp], #16\n\tcmp x0, %0\n\tmov x9, x9"                            \
                     :                                                                                                 \
                     : "i"(id)                                                                                         \
                     : "cc", "memory")
#define RK_REGION_STOP(id) __asm__ volatile("mov x10, x10" : : : "memory")
#define RK_REGION_WAIT()   __asm__ volatile("mov x11, x11\n\tisb" : : : "memory")
#define RK_REGION_EXIT()   __asm__ volatile("mov x12, x12" : : : "memory")

#elif defined(__arm__) && !defined(__linux__)

/* Push and pop show the emulator the stack pointer, before the region. The ISB belongs to the wait. */
#define RK_REGION_START(id)                                                                                            \
    __asm__ volatile("push {r0}\n\tpop {r0}\n\tcmp r0, %0\n\tmov r9, r9" : : "i"(id) : "cc", "memory")
#define RK_REGION_STOP(id) __asm__ volatile("mov r10, r10" : : : "memory")
#define RK_REGION_WAIT()   __asm__ volatile("mov r11, r11\n\tisb" : : : "memory")
#define RK_REGION_EXIT()   __asm__ volatile("mov r12, r12" : : : "memory")

#else

#define RK_REGION_START(id) __asm__ volatile("" : : : "memory")
#define RK_REGION_STOP(id)  __asm__ volatile("" : : : "memory")
#define RK_REGION_WAIT()    __asm__ volatile("" : : : "memory")
#define RK_REGION_EXIT()    RK_REGION_WAIT()

#endif

#endif
