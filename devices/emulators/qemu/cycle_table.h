/* devices/emulators/qemu/cycle_table.h - what instructions cost: counts in, cycles out
 *
 * Model:   an instruction is counted once in its class, and each pipeline event that it meets once in the event's item.
 *          Cycles are the dot product of the counts with a core's table, so one run can be costed again with any table.
 *          Zero wait states: what a slower flash adds is in fetch.h. No interrupts (entry and exit are not seen).
 * Error:   every item has a low, a central and a high cost. They differ where ARM's text leaves room (P, the pipeline
 *          refill, is 1..3; divisions 2..12) and where boards show a cost that no text names (fetch of unaligned 32-bit
 *          instructions, multiply interlock: high only). The interval is the hull of the two statements we have:
 *            low  = min(sum of low costs,  central * (1 - cycle_error_low))
 *            high = max(sum of high costs, central * (1 + cycle_error_high))
 *          They are not added: the device's cycle_error comes from boards, where refill and fetch effects are included.
 * Units:   costs in thousandths of a cycle; cycles rounded outwards (central costs are whole cycles).
 * Source:  ARM DDI 0337I (Cortex-M3 TRM), ARM 100166 (Cortex-M4 TRM), DDI 0432C (Cortex-M0 TRM), DDI 0484C (Cortex-M0+
 *          TRM), table 3-1 of each; the last was recalled, and assembly kernels on a board agree with it to the cycle,
 *          MRS, MSR and barriers aside, which they do not contain. DDI 0337I "Load/store timings", whose text also
 *          describes the Cortex-M4's bus interface; FPU: ARM 100166 table 7-1.
 *          Long products of the Cortex-M3 by operand: programs run on an STM32F100 for the emulator cmemu
 *          (mimuw-distributed-systems-group/cmemu, cmemu-tests/tests/stm32f100rbt6/instructions/data_processing):
 *          operands below 65536, UMULL and UMLAL 3 cycles; no half of either zero, UMULL 5 and UMLAL 7.
 *          Cortex-A7, Cortex-A53: ARM publishes no cycles; estimates after the pipeline descriptions that gcc
 *          (cortex-a7.md, contributed by ARM) and LLVM (AArch64SchedA53.td) schedule by.
 */
#ifndef DEVICES_EMULATORS_QEMU_CYCLE_TABLE_H
#define DEVICES_EMULATORS_QEMU_CYCLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/profile.h"

/* Instruction classes: their counts add up to the instructions executed, skipped ones of IT blocks included. */
#define RK_CYCLE_CLASSES(X)                                                                                            \
    X(alu)            /* data processing, extend, saturate, hints */                                                   \
    X(mul)            /* 32-bit product: MUL, SMULxy, USAD8 */                                                         \
    X(mla)            /* 32-bit product and sum: MLA, MLS, SMLAxy, USADA8 */                                           \
    X(mull)           /* 64-bit product: UMULL, SMULL */                                                               \
    X(mlal)           /* 64-bit accumulate: UMLAL, SMLAL, UMAAL */                                                     \
    X(div)            /* UDIV, SDIV */                                                                                 \
    X(load)           /* one register */                                                                               \
    X(store)          /* one register, immediate offset */                                                             \
    X(store_index)    /* one register, register offset; STREX */                                                       \
    X(load_multiple)  /* LDM, POP, LDRD, VLDR, VLDM: plus `register` each */                                           \
    X(store_multiple) /* STM, PUSH, STRD, VSTR, VSTM: plus `register` each */                                          \
    X(branch)                                                                                                          \
    X(branch_if)    /* Bcc, CBZ, CBNZ */                                                                               \
    X(call)         /* BL */                                                                                           \
    X(branch_to)    /* BX, BLX, MOV pc, ADD pc */                                                                      \
    X(branch_table) /* TBB, TBH */                                                                                     \
    X(it)                                                                                                              \
    X(state)      /* CPS, SEV, YIELD */                                                                                \
    X(system)     /* MRS, MSR, barriers, SVC, BKPT, WFI */                                                             \
    X(fp)         /* FPU, one cycle */                                                                                 \
    X(fp_mac)     /* VMLA, VFMA and kin */                                                                             \
    X(fp_div)     /* VDIV, VSQRT */                                                                                    \
    X(fp_move2)   /* VMOV of two core registers */                                                                     \
    X(mul64)      /* A64: 64-bit product of 64-bit registers */                                                        \
    X(mulh)       /* A64: the upper half of one, UMULH, SMULH */                                                       \
    X(simd)       /* A64: vectors and floating point */                                                                \
    X(slow_in_it) /* an instruction longer than one cycle, no memory access, in an IT block: run or skipped, not seen  \
                   */

/* Pipeline events. */
#define RK_CYCLE_EVENTS(X)                                                                                             \
    X(load_stall)      /* load of one register that is not pipelined with the load before it */                        \
    X(store_stall)     /* the same for a store with register offset */                                                 \
    X(register)        /* one word moved by a load or store multiple */                                                \
    X(address_wait)    /* address depends on the data-processing result just before */                                 \
    X(taken)           /* pipeline refill */                                                                           \
    X(taken_unaligned) /* ... at a 32-bit instruction at 2 mod 4 */                                                    \
    X(load_pc)         /* LDR pc */                                                                                    \
    X(pop_pc)          /* POP, LDM with pc */                                                                          \
    X(fetch_unaligned) /* 32-bit instruction at 2 mod 4 */                                                             \
    X(line4)           /* a line of 4 bytes of flash entered in sequence: fetch.h */                                   \
    X(line8)                                                                                                           \
    X(line16)                                                                                                          \
    X(straddle4) /* an instruction at a taken branch's target that goes on in the next line of 4 bytes */              \
    X(straddle8)                                                                                                       \
    X(straddle16)                                                                                                      \
    X(apart)        /* A64: cannot issue in one cycle with the instruction before it */                                \
    X(load_wait)    /* A64: needs what the instruction before it loads */                                              \
    X(product_wait) /* A64: ... multiplies */                                                                          \
    X(flash_read)   /* data read from flash: literals, constant tables */                                              \
    X(flash_miss)   /* ... in a line that is not among those that the part keeps: lines.h */

enum rk_cycle_item {
#define RK_CYCLE_ENUM(name) RK_CYCLE_##name,
    RK_CYCLE_CLASSES(RK_CYCLE_ENUM) RK_CYCLE_CLASS_COUNT,
    RK_CYCLE_LAST_CLASS = RK_CYCLE_CLASS_COUNT - 1,
    RK_CYCLE_EVENTS(RK_CYCLE_ENUM) RK_CYCLE_ITEMS
#undef RK_CYCLE_ENUM
};

struct rk_cycle_cost {
    uint32_t low_m, central_m, high_m; /* thousandths of a cycle */
};

struct rk_cycle_table {
    const char *core;          /* as `core:` of device.yaml */
    bool multiplier_is_option; /* `mul` costs multiply_cycles of the device, where that says anything */
    struct rk_cycle_cost cost[RK_CYCLE_ITEMS];
};

struct rk_cycle_interval {
    uint64_t low, central, high; /* cycles */
};

/* out: NULL when there is no table for this core. */
const struct rk_cycle_table *rk_cycle_table_find(const char *core);

/* out: name of a class or event; NULL past the last. */
const char *rk_cycle_item_name(unsigned item);

/* Of the device: cycle_error, flash and multiplier. Counts of zero give an interval of zero. */
struct rk_cycle_interval rk_cycle_count(const struct rk_cycle_table *table, const struct rk_device_profile *device,
                                        const uint64_t count[RK_CYCLE_ITEMS]);

/* Names of all cores that have a table, for messages. out: text, at most room bytes with its end. */
void rk_cycle_table_names(char *text, size_t room);

/* out: instructions executed, the sum over classes. */
uint64_t rk_cycle_instructions(const uint64_t count[RK_CYCLE_ITEMS]);

#endif
