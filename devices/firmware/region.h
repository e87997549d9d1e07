/* devices/firmware/region.h - marks the part of a program that is measured
 *
 * Model:  RK_REGION_START(id) ... RK_REGION_STOP(id), id 0..255. Regions with the same id add up; regions do not nest.
 *         The markers cost nothing in the result: an empty region is 0 cycles, 0 instructions, 0 bytes of stack.
 *   AVR   two writes to extended I/O addresses that no ATmega uses; the emulator subtracts what they take. On a real
 *         part each is a harmless 2-cycle store.
 *   ARM   moves of a register to itself, which no compiler emits and which every Cortex executes in a cycle. They
 *         carry no id: all regions of a program count as region 0.
 *   host  nothing: the host has no cycle figures.
 * Use:    any program, this project's or not, can include this file and be measured with `rekeylab measure`. It may
 * also mark its end with RK_REGION_EXIT().
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

#elif defined(__aarch64__) && !defined(__linux__)

#define RK_REGION_START(id) __asm__ volatile("mov x9, x9" : : : "memory")
#define RK_REGION_STOP(id)  __asm__ volatile("mov x10, x10" : : : "memory")
#define RK_REGION_WAIT()    __asm__ volatile("mov x11, x11" : : : "memory")
#define RK_REGION_EXIT()    RK_REGION_WAIT()

#elif defined(__arm__) && !defined(__linux__)

/* Push and pop show the emulator the stack pointer, before the region. The ISB belongs to the wait. */
#define RK_REGION_START(id) __asm__ volatile("push {r0}\n\tpop {r0}\n\tmov r9, r9" : : : "memory")
#define RK_REGION_STOP(id)  __asm__ volatile("mov r10, r10" : : : "memory")
#define RK_REGION_WAIT()    __asm__ volatile("mov r11, r11\n\tisb" : : : "memory")
#define RK_REGION_EXIT()    RK_REGION_WAIT()

#else

#define RK_REGION_START(id) __asm__ volatile("" : : : "memory")
#define RK_REGION_STOP(id)  __asm__ volatile("" : : : "memory")
#define RK_REGION_WAIT()    __asm__ volatile("" : : : "memory")
#define RK_REGION_EXIT()    RK_REGION_WAIT()

#endif

#endif
