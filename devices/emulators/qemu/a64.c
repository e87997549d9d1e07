/* devices/emulators/qemu/a64.c - the A64 instruction set: devices/emulators/qemu/isa.h
 *
 * Everything that ARMv8.0 has; extensions that a Cortex-A53 lacks decode as what they are nearest to, and never
 * complete. Registers in masks: bits 0..30 X0..X30, bit 31 SP, bits 32..63 V0..V31. Flags are not among them: a
 * comparison and the branch on it are taken to issue together.
 * Source: ARM DDI 0487, C4.1 "A64 instruction set encoding".
 */
#include "devices/emulators/qemu/isa.h"

#include <stddef.h>

enum { ZERO_OR_SP = 31, FIRST_VECTOR = 32, LINK = 30 };

enum {
    MOV_X9 = 0xaa0903e9,
    MOV_X10 = 0xaa0a03ea,
    MOV_X11 = 0xaa0b03eb,
    MOV_X12 = 0xaa0c03ec,
    POP_X0 = 0xf84107e0, /* ldr x0, [sp], #16 */
    POP_bytes = 16,
};

static unsigned field(uint32_t o, unsigned low, unsigned bits)
{
    return o >> low & ((1u << bits) - 1);
}

/* As a source or destination: 31 is the zero register. */
static uint64_t reg(unsigned number)
{
    return number == ZERO_OR_SP ? 0 : 1ull << number;
}

/* As a base, and in additions: 31 is the stack pointer. */
static uint64_t reg_or_sp(unsigned number)
{
    return 1ull << number;
}

static uint64_t vector(unsigned number)
{
    return 1ull << (FIRST_VECTOR + number);
}

static uint64_t data_reg(uint32_t o, unsigned low)
{
    unsigned number = field(o, low, 5);
    return field(o, 26, 1) != 0 ? vector(number) : reg(number);
}

static struct rk_insn computes(uint8_t class, uint64_t written, uint64_t read)
{
    return (struct rk_insn){
        .class = class,
        .access_words = 1,
        .region_id = RK_REGION_ID_NONE,
        .computed_mask = written,
        .read_mask = read,
    };
}

static struct rk_insn branch(uint8_t class, bool conditional, uint64_t written, uint64_t read)
{
    struct rk_insn insn = computes(class, written, read);
    insn.branches = true;
    insn.conditional = conditional;
    return insn;
}

/* --- data processing --------------------------------------------------------------------------------------------- */

static struct rk_insn decode_immediate(uint32_t o)
{
    uint64_t target = reg(field(o, 0, 5));
    uint64_t target_or_sp = reg_or_sp(field(o, 0, 5));
    uint64_t source = reg(field(o, 5, 5));
    bool sets_flags = field(o, 29, 1) != 0;

    switch (field(o, 23, 3)) {
    case 0:
    case 1: /* ADR, ADRP */
        return computes(RK_CYCLE_alu, target, 0);
    case 2:
    case 3: { /* ADD, SUB */
        struct rk_insn insn = computes(RK_CYCLE_alu, sets_flags ? target : target_or_sp, reg_or_sp(field(o, 5, 5)));
        if ((o & 0xffc003ff) == 0xf100001f && field(o, 10, 12) <= UINT8_MAX) { /* cmp x0, #id */
            insn.region_id = (int16_t)field(o, 10, 12);
        }
        return insn;
    }
    case 4: /* AND, ORR, EOR, ANDS */
        return computes(RK_CYCLE_alu, field(o, 29, 2) == 3 ? target : target_or_sp, source);
    case 5: /* MOVN, MOVZ, MOVK */
        return computes(RK_CYCLE_alu, target, field(o, 29, 2) == 3 ? target : 0);
    case 6: /* SBFM, BFM, UBFM */
        return computes(RK_CYCLE_alu, target, source | (field(o, 29, 2) == 1 ? target : 0));
    default: /* EXTR */
        return computes(RK_CYCLE_alu, target, source | reg(field(o, 16, 5)));
    }
}

/* MADD and its kin, by what they multiply. */
static uint8_t multiply_class(uint32_t o)
{
    unsigned kind = field(o, 21, 3);

    if (kind == 2 || kind == 6) {
        return RK_CYCLE_mulh;
    }
    if (kind != 0) {
        return RK_CYCLE_mull;
    }
    return field(o, 31, 1) != 0 ? RK_CYCLE_mul64 : RK_CYCLE_mul;
}

static struct rk_insn decode_register(uint32_t o)
{
    uint64_t target = reg(field(o, 0, 5));
    uint64_t sources = reg(field(o, 5, 5)) | reg(field(o, 16, 5));

    if (field(o, 24, 5) == 0x1b) {
        return computes(multiply_class(o), target, sources | reg(field(o, 10, 5)));
    }
    if ((o & 0x5fe0f800) == 0x1ac00800) {
        return computes(RK_CYCLE_div, target, sources);
    }
    if ((o & 0x5fe00000) == 0x5ac00000) { /* one source: RBIT, REV, CLZ */
        return computes(RK_CYCLE_alu, target, reg(field(o, 5, 5)));
    }
    if ((o & 0x1fe00000) == 0x1a400000) { /* CCMN, CCMP: the low bits are flags */
        bool immediate = field(o, 11, 1) != 0;
        return computes(RK_CYCLE_alu, 0, immediate ? reg(field(o, 5, 5)) : sources);
    }
    if ((o & 0x1f200000) == 0x0b200000) { /* extended register: the only ones here that know the stack pointer */
        uint64_t written = field(o, 29, 1) != 0 ? target : reg_or_sp(field(o, 0, 5));
        return computes(RK_CYCLE_alu, written, reg_or_sp(field(o, 5, 5)) | reg(field(o, 16, 5)));
    }
    return computes(RK_CYCLE_alu, target, sources);
}

/* Vectors and floating point. What moves between core and vector registers is told apart; every other vector
 * instruction is taken to read its target too, as accumulations do. */
static struct rk_insn decode_vector(uint32_t o)
{
    uint64_t core_source = reg(field(o, 5, 5));
    uint64_t core_target = reg(field(o, 0, 5));
    uint64_t vector_source = vector(field(o, 5, 5));
    uint64_t vector_target = vector(field(o, 0, 5));

    if ((o & 0x5f20fc00) == 0x1e200000) { /* FMOV, FCVT, SCVTF, UCVTF between the two */
        unsigned kind = field(o, 16, 3);
        bool from_core = kind == 2 || kind == 3 || kind == 7;
        return from_core ? computes(RK_CYCLE_simd, vector_target, core_source)
                         : computes(RK_CYCLE_simd, core_target, vector_source);
    }
    if ((o & 0x9fe08400) == 0x0e000400) { /* copies: DUP, INS, SMOV, UMOV */
        unsigned kind = field(o, 11, 4);
        bool to_core = kind == 5 || kind == 7;
        bool from_core = kind == 1 || kind == 3;
        return computes(RK_CYCLE_simd, to_core ? core_target : vector_target,
                        from_core ? core_source | vector_target : vector_source);
    }
    return computes(RK_CYCLE_simd, vector_target, vector_target | vector_source | vector(field(o, 16, 5)));
}

/* --- branches and system ----------------------------------------------------------------------------------------- */

static struct rk_insn decode_branch_or_system(uint32_t o)
{
    if ((o & 0x7c000000) == 0x14000000) {
        bool links = field(o, 31, 1) != 0;
        struct rk_insn insn = branch(links ? RK_CYCLE_call : RK_CYCLE_branch, false, links ? reg(LINK) : 0, 0);
        insn.hangs = o == 0x14000000;
        return insn;
    }
    if ((o & 0xfe000000) == 0x54000000) {
        return branch(RK_CYCLE_branch_if, true, 0, 0);
    }
    if ((o & 0x7c000000) == 0x34000000) { /* CBZ, CBNZ, TBZ, TBNZ */
        return branch(RK_CYCLE_branch_if, true, 0, reg(field(o, 0, 5)));
    }
    if ((o & 0xfe000000) == 0xd6000000) { /* BR, BLR, RET, ERET */
        return branch(RK_CYCLE_branch_to, false, field(o, 21, 4) == 1 ? reg(LINK) : 0, reg(field(o, 5, 5)));
    }
    if ((o & 0xfffff01f) == 0xd503201f) { /* hints, of which NOP alone does nothing */
        return computes(o == 0xd503201f ? RK_CYCLE_alu : RK_CYCLE_system, 0, 0);
    }
    struct rk_insn insn = computes(RK_CYCLE_system, 0, 0);
    if (field(o, 22, 10) == 0x354) { /* MSR, MRS, SYS */
        bool reads_system = field(o, 21, 1) != 0;
        insn =
            computes(RK_CYCLE_system, reads_system ? reg(field(o, 0, 5)) : 0, reads_system ? 0 : reg(field(o, 0, 5)));
    }
    insn.ends_block = (o & 0xfffff0ff) == 0xd50330df; /* ISB */
    return insn;
}

/* --- loads and stores -------------------------------------------------------------------------------------------- */

/* in: units of 64 bits moved; 0: one register of at most 64 bits. */
static struct rk_insn access(uint32_t o, bool is_load, unsigned units, uint64_t data)
{
    uint8_t single = is_load ? RK_CYCLE_load : RK_CYCLE_store;
    uint8_t multiple = is_load ? RK_CYCLE_load_multiple : RK_CYCLE_store_multiple;
    struct rk_insn insn = computes(units != 0 ? multiple : single, 0, is_load ? 0 : data);

    insn.address_mask = reg_or_sp(field(o, 5, 5));
    insn.words = (uint8_t)units;
    insn.loads = is_load;
    insn.loaded_mask = is_load ? data : 0;
    return insn;
}

static struct rk_insn write_back(struct rk_insn insn)
{
    insn.base_update = true;
    insn.computed_mask |= insn.address_mask;
    return insn;
}

static struct rk_insn decode_exclusive(uint32_t o)
{
    bool is_load = field(o, 22, 1) != 0;
    bool pair = field(o, 21, 1) != 0;
    uint64_t data = reg(field(o, 0, 5)) | (pair ? reg(field(o, 10, 5)) : 0);
    struct rk_insn insn = access(o, is_load, pair ? 2 : 0, data);

    if (!is_load && field(o, 23, 1) == 0) {
        insn.computed_mask = reg(field(o, 16, 5)); /* success or not */
    }
    return insn;
}

/* LD1..LD4, ST1..ST4. */
static struct rk_insn decode_structures(uint32_t o)
{
    static const uint8_t registers[16] = {[0] = 4, [2] = 4, [4] = 3, [6] = 3, [7] = 1, [8] = 2, [10] = 2};
    bool whole = field(o, 24, 1) == 0;
    unsigned count = whole ? registers[field(o, 12, 4)] : 1 + field(o, 21, 1) + 2 * field(o, 13, 1);
    unsigned units = whole && field(o, 30, 1) != 0 ? 2 * count : count;
    uint64_t data = 0;

    for (unsigned i = 0; i < count; i++) {
        data |= vector((field(o, 0, 5) + i) & 31);
    }
    struct rk_insn insn = access(o, field(o, 22, 1) != 0, units != 0 ? units : 1, data);
    if (field(o, 23, 1) != 0) {
        insn = write_back(insn);
        insn.read_mask |= reg(field(o, 16, 5)); /* 31: the step is the size */
    }
    return insn;
}

static struct rk_insn decode_literal(uint32_t o)
{
    unsigned size = field(o, 30, 2);
    bool is_vector = field(o, 26, 1) != 0;

    if (size == 3 && !is_vector) {
        return computes(RK_CYCLE_alu, 0, 0); /* PRFM */
    }
    struct rk_insn insn = access(o, true, is_vector && size == 2 ? 2 : 0, data_reg(o, 0));
    insn.address_mask = 0;
    return insn;
}

static struct rk_insn decode_pair(uint32_t o)
{
    unsigned size = field(o, 30, 2);
    bool is_vector = field(o, 26, 1) != 0;
    unsigned each = is_vector && size == 2 ? 2 : 1; /* units of 64 bits a register */
    bool halves = size == 0 || (!is_vector && size == 1);
    uint64_t data = data_reg(o, 0) | data_reg(o, 10);
    struct rk_insn insn = access(o, field(o, 22, 1) != 0, halves ? 1 : 2 * each, data);

    return field(o, 23, 1) != 0 && field(o, 23, 2) != 2 ? write_back(insn) : insn;
}

static struct rk_insn decode_single(uint32_t o)
{
    bool is_vector = field(o, 26, 1) != 0;
    unsigned size = field(o, 30, 2);
    unsigned kind = field(o, 22, 2);
    bool scaled = field(o, 24, 1) != 0;
    bool by_register = !scaled && field(o, 21, 1) != 0;
    bool is_load = is_vector ? (kind & 1) != 0 : kind != 0;

    if (!is_vector && size == 3 && kind == 2) { /* PRFM: neither loads nor stores */
        uint64_t index = by_register ? reg(field(o, 16, 5)) : 0;
        return computes(RK_CYCLE_alu, 0, reg_or_sp(field(o, 5, 5)) | index);
    }
    struct rk_insn insn = access(o, is_load, is_vector && size == 0 && kind >= 2 ? 2 : 0, data_reg(o, 0));
    if (by_register) {
        insn.address_mask |= reg(field(o, 16, 5));
        insn.class = insn.class == RK_CYCLE_store ? RK_CYCLE_store_index : insn.class;
        return insn;
    }
    return !scaled && field(o, 10, 1) != 0 ? write_back(insn) : insn;
}

static struct rk_insn decode_access(uint32_t o)
{
    switch (field(o, 28, 2)) {
    case 0:
        return field(o, 26, 1) != 0 ? decode_structures(o) : decode_exclusive(o);
    case 1:
        return decode_literal(o);
    case 2:
        return decode_pair(o);
    default:
        return decode_single(o);
    }
}

/* --- the set ----------------------------------------------------------------------------------------------------- */

static uint8_t marker_of(uint32_t o)
{
    switch (o) {
    case MOV_X9:
        return RK_MARKER_START;
    case MOV_X10:
        return RK_MARKER_STOP;
    case MOV_X11:
        return RK_MARKER_WAIT;
    case MOV_X12:
        return RK_MARKER_EXIT;
    default:
        return RK_MARKER_NONE;
    }
}

static struct rk_insn decode_group(uint32_t o)
{
    switch (field(o, 25, 4)) {
    case 8:
    case 9:
        return decode_immediate(o);
    case 10:
    case 11:
        return decode_branch_or_system(o);
    case 5:
    case 13:
        return decode_register(o);
    case 7:
    case 15:
        return decode_vector(o);
    case 4:
    case 6:
    case 12:
    case 14:
        return decode_access(o);
    default:
        return computes(RK_CYCLE_system, 0, 0); /* undefined */
    }
}

static struct rk_insn decode(const uint8_t *code)
{
    uint32_t o = (uint32_t)code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
    struct rk_insn insn = decode_group(o);

    insn.bytes = 4;
    insn.marker = marker_of(o);
    insn.pops_bytes = o == POP_X0 ? POP_bytes : 0;
    insn.calls = insn.class == RK_CYCLE_call || (o & 0xfffffc1f) == 0xd63f0000;
    return insn;
}

/* Instructions of which a Cortex-A53 has one pipe. */
enum pipe { PIPE_ALU, PIPE_MULTIPLY, PIPE_MEMORY, PIPE_BRANCH, PIPE_VECTOR, PIPE_ALONE };

static enum pipe pipe_of(const struct rk_insn *insn)
{
    switch (insn->class) {
    case RK_CYCLE_alu:
        return PIPE_ALU;
    case RK_CYCLE_mul:
    case RK_CYCLE_mull:
    case RK_CYCLE_mul64:
    case RK_CYCLE_mulh:
        return PIPE_MULTIPLY;
    case RK_CYCLE_load:
    case RK_CYCLE_load_multiple:
    case RK_CYCLE_store:
    case RK_CYCLE_store_index:
    case RK_CYCLE_store_multiple:
        return PIPE_MEMORY;
    case RK_CYCLE_branch:
    case RK_CYCLE_branch_if:
    case RK_CYCLE_call:
    case RK_CYCLE_branch_to:
        return PIPE_BRANCH;
    case RK_CYCLE_simd:
        return PIPE_VECTOR;
    default:
        return PIPE_ALONE;
    }
}

/* Two neighbours may issue in one cycle unless they need the same pipe or one needs what the other makes. Whether they
 * do depends on where the pairs began, which the table estimates from how many neighbours may not. */
static uint64_t stalls_between(const struct rk_insn *previous, const struct rk_insn *next)
{
    uint64_t stalls = 0;

    if (next->marker != RK_MARKER_NONE) {
        return 0;
    }
    if (previous == NULL) {
        return 1ull << RK_CYCLE_apart;
    }
    enum pipe before = pipe_of(previous);
    enum pipe after = pipe_of(next);
    uint64_t made = previous->computed_mask | previous->loaded_mask;
    uint64_t needed = next->address_mask | next->read_mask;
    bool same_pipe = before == after && before != PIPE_ALU;
    bool same_target = (made & (next->computed_mask | next->loaded_mask)) != 0;

    if (same_pipe || before == PIPE_ALONE || after == PIPE_ALONE || (made & needed) != 0 || same_target) {
        stalls |= 1ull << RK_CYCLE_apart;
    }
    if ((previous->loaded_mask & needed) != 0) {
        stalls |= 1ull << RK_CYCLE_load_wait;
    } else if ((previous->computed_mask & next->address_mask) != 0) {
        stalls |= 1ull << RK_CYCLE_address_wait;
    } else if (before == PIPE_MULTIPLY && (previous->computed_mask & needed) != 0) {
        stalls |= 1ull << RK_CYCLE_product_wait;
    }
    return stalls;
}

const struct rk_isa rk_isa_a64 = {
    .name = "A64",
    .decode = decode,
    .stalls = stalls_between,
};
