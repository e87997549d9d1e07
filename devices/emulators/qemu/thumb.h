/* devices/emulators/qemu/thumb.h - Thumb instructions, as far as the cycle model needs them
 *
 * Model:  one instruction in, its class and what decides about pipelining out: registers that its address is made of,
 *         registers that it loads or computes, words that it moves. Everything of ARMv7E-M with the single-precision
 *         FPU; ARMv6-M is a subset.
 * Error:  an undefined encoding decodes as `system`; it never completes, so it is never costed in a finished call.
 * Source: ARM DDI 0403 (ARMv7-M Architecture Reference Manual), chapter A5.
 */
#ifndef DEVICES_EMULATORS_QEMU_THUMB_H
#define DEVICES_EMULATORS_QEMU_THUMB_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/qemu/cycle_table.h"

/* No-ops that compilers do not emit: devices/firmware/guest.h. */
enum rk_thumb_marker {
    RK_THUMB_NONE,
    RK_THUMB_REGION_BEGIN, /* mov r9, r9 */
    RK_THUMB_REGION_END,   /* mov r10, r10 */
    RK_THUMB_WAIT,         /* mov r11, r11 */
    RK_THUMB_FAULT,        /* mov r12, r12 */
};

struct rk_thumb {
    uint8_t bytes;          /* 2 or 4 */
    uint8_t class;          /* enum rk_cycle_item */
    uint8_t marker;         /* enum rk_thumb_marker */
    uint8_t words;          /* moved by a load or store multiple */
    uint8_t access_words;   /* words of one memory access: 2 for a double-precision register, else 1 */
    uint8_t it_length;      /* instructions that this IT makes conditional */
    bool branches;          /* may continue elsewhere than at the next instruction */
    bool conditional;       /* ... or not; in an IT block, any instruction */
    bool in_it;             /* set by the caller that knows the IT state */
    bool base_update;       /* load with write-back */
    uint16_t address_mask;  /* registers that the address is computed from */
    uint16_t loaded_mask;   /* register written by a single load */
    uint16_t computed_mask; /* registers written by data processing */
};

/* in: the first halfword. out: 2 or 4. QEMU's own figure is wrong at page ends, see notes in plugin.c. */
static inline unsigned rk_thumb_bytes(uint16_t first)
{
    return (first >> 11) >= 0x1d ? 4 : 2;
}

/* in: second is ignored for 16-bit instructions. */
struct rk_thumb rk_thumb_decode(uint16_t first, uint16_t second);

/* Makes an instruction part of an IT block: it may be skipped, and pipelining with it is not assumed. */
void rk_thumb_set_in_it(struct rk_thumb *insn);

/* Items that `next` meets when it follows `previous` directly; previous NULL: after a refill or at a region's begin.
 * out: set of 1 << enum rk_cycle_item. Loads and stores in IT blocks give none: theirs count when the access happens.
 */
uint32_t rk_thumb_stalls(const struct rk_thumb *previous, const struct rk_thumb *next);

#endif
