/* devices/emulators/qemu/isa.h - an instruction set, as far as counting needs to understand it
 *
 * Model:  the code of one instruction in; its class and what decides about its cost out: registers that its address is
 *         made of, registers that it loads or computes, words that it moves, where it may continue. What a pair of
 *         instructions costs beyond its parts is decided by the set's own rule, `stalls`.
 * Adding: one file that fills struct rk_isa, one line in enum rk_isa_id and in isa.c, classes and events of its own in
 *         cycle_table.h, a machine in machine.c. The plugin and the driver know nothing else of an instruction set.
 */
#ifndef DEVICES_EMULATORS_QEMU_ISA_H
#define DEVICES_EMULATORS_QEMU_ISA_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/qemu/cycle_table.h"

enum rk_isa_id { RK_ISA_THUMB, RK_ISA_A64, RK_ISA_COUNT };

/* No-ops that compilers do not emit: devices/firmware/region.h. */
enum rk_marker {
    RK_MARKER_NONE,
    RK_MARKER_START,
    RK_MARKER_STOP,
    RK_MARKER_WAIT,
    RK_MARKER_EXIT, /* the program's end, and what a fault handler ends with */
};

enum { RK_REGION_ID_NONE = -1 };

struct rk_insn {
    uint8_t bytes;         /* of its code */
    uint8_t class;         /* enum rk_cycle_item, below RK_CYCLE_CLASS_COUNT */
    uint8_t marker;        /* enum rk_marker */
    uint8_t words;         /* moved by a load or store of several registers */
    uint8_t access_words;  /* words of one memory access: 2 for a double-precision register, else 1 */
    uint8_t it_length;     /* following instructions that this one (Thumb's IT) makes conditional */
    uint8_t pops_bytes;    /* the load that shows the stack pointer before START: bytes that it takes off; 0: another */
    int16_t region_id;     /* comparison of register 0 with 0..255, which numbers a region; else RK_REGION_ID_NONE */
    bool branches;         /* may continue elsewhere than at the next instruction */
    bool conditional;      /* ... or not; in an IT block, any instruction */
    bool in_it;            /* set by set_in_it() */
    bool loads;            /* reads memory: the emulator asks for its addresses */
    bool stores_by_sp;     /* writes memory at an address made of the stack pointer alone */
    bool base_update;      /* load with write-back */
    bool ends_block;       /* instruction barrier, which must follow the WAIT marker */
    bool hangs;            /* branches to itself */
    bool calls;            /* branches, and leaves where to return to in a register */
    bool beyond_v6m;       /* no instruction of ARMv6-M */
    uint64_t address_mask; /* registers that the address is computed from: bit n, core register n */
    uint64_t loaded_mask;  /* register written by a single load */
    uint64_t computed_mask; /* registers written by data processing */
    uint64_t read_mask;     /* registers read besides address_mask, where the set's rule asks */
};

struct rk_isa {
    const char *name;
    /* in: the instruction's code; only as many bytes as it is long are read. */
    struct rk_insn (*decode)(const uint8_t *code);
    /* Makes an instruction conditional that follows an it_length; NULL where there is no such thing. */
    void (*set_in_it)(struct rk_insn *insn);
    /* Items that `next` meets when it follows `previous` directly; previous NULL: after a refill, at a region's begin.
     * out: set of 1 << enum rk_cycle_item. */
    uint64_t (*stalls)(const struct rk_insn *previous, const struct rk_insn *next);
};

extern const struct rk_isa rk_isa_thumb;
extern const struct rk_isa rk_isa_a64;

/* out: NULL for one that this build does not have. */
const struct rk_isa *rk_isa_find(enum rk_isa_id id);

#endif
