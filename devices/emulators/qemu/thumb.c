#include "devices/emulators/qemu/thumb.h"

#include <stddef.h>

enum { SP = 13, LR = 14, PC = 15 };

enum { NOP_V6M = 0x46c0 }; /* mov r8, r8 */

static uint64_t reg(unsigned number)
{
    return 1ull << number;
}

static struct rk_insn computes(uint8_t class, uint64_t mask)
{
    return (struct rk_insn){.class = class, .access_words = 1, .region_id = RK_REGION_ID_NONE, .computed_mask = mask};
}

static struct rk_insn plain(uint8_t class)
{
    return computes(class, 0);
}

static struct rk_insn branch(uint8_t class, bool conditional)
{
    struct rk_insn insn = plain(class);
    insn.branches = true;
    insn.conditional = conditional;
    return insn;
}

static struct rk_insn load(unsigned target, uint64_t address_mask)
{
    struct rk_insn insn = plain(RK_CYCLE_load);
    insn.address_mask = address_mask;
    insn.loaded_mask = reg(target);
    insn.branches = target == PC;
    return insn;
}

static struct rk_insn store(uint8_t class, uint64_t address_mask)
{
    struct rk_insn insn = plain(class);
    insn.address_mask = address_mask;
    return insn;
}

static struct rk_insn multiple(bool is_load, unsigned words, unsigned base, bool into_pc)
{
    struct rk_insn insn = plain(is_load ? RK_CYCLE_load_multiple : RK_CYCLE_store_multiple);
    insn.words = (uint8_t)words;
    insn.address_mask = reg(base);
    insn.branches = is_load && into_pc;
    return insn;
}

/* 010001: ADD, CMP, MOV with high registers, BX, BLX. */
static struct rk_insn decode_high(uint16_t h)
{
    unsigned op = (h >> 8) & 3;
    unsigned target = (h & 7u) | ((h >> 4) & 8u);

    if (op == 3) {
        return branch(RK_CYCLE_branch_to, false);
    }
    if (op == 1 || h == NOP_V6M) {
        return plain(RK_CYCLE_alu);
    }
    return target == PC ? branch(RK_CYCLE_branch_to, false) : computes(RK_CYCLE_alu, reg(target));
}

/* NOP, YIELD, WFE, WFI, SEV. */
static uint8_t hint_class(unsigned hint)
{
    return hint == 0 ? RK_CYCLE_alu : hint == 1 || hint == 4 ? RK_CYCLE_state : RK_CYCLE_system;
}

static struct rk_insn decode_hint_or_it(uint16_t h)
{
    unsigned mask = h & 15;

    if (mask == 0) {
        return plain(hint_class(h >> 4 & 15));
    }
    struct rk_insn insn = plain(RK_CYCLE_it);
    insn.it_length = (uint8_t)(4 - __builtin_ctz(mask));
    return insn;
}

/* 1011: SP adjust, CBZ, extend, PUSH, POP, REV, CPS, BKPT, IT, hints. */
static struct rk_insn decode_misc(uint16_t h)
{
    if ((h & 0xff00) == 0xb000) {
        return computes(RK_CYCLE_alu, reg(SP));
    }
    if ((h & 0xf500) == 0xb100) {
        return branch(RK_CYCLE_branch_if, true);
    }
    if ((h & 0xff00) == 0xb200 || (h & 0xff00) == 0xba00) {
        return computes(RK_CYCLE_alu, reg(h & 7));
    }
    if ((h & 0xf600) == 0xb400) {
        return multiple((h & 0x800) != 0, (unsigned)__builtin_popcount(h & 0x1ff), SP, (h & 0x100) != 0);
    }
    if ((h & 0xff00) == 0xbf00) {
        return decode_hint_or_it(h);
    }
    return plain((h & 0xffe8) == 0xb660 ? RK_CYCLE_state : RK_CYCLE_system); /* CPS; BKPT */
}

/* 000xxx to 001xxx and 010000: data processing on low registers. */
static struct rk_insn decode_low(uint16_t h)
{
    if (h < 0x2000) {
        return computes(RK_CYCLE_alu, reg(h & 7));
    }
    if (h < 0x4000) {
        bool compare = (h & 0xf800) == 0x2800;
        return computes(RK_CYCLE_alu, compare ? 0 : reg((h >> 8) & 7));
    }
    unsigned op = (h >> 6) & 15;
    bool compare = op == 8 || op == 10 || op == 11;
    return computes(op == 13 ? RK_CYCLE_mul : RK_CYCLE_alu, compare ? 0 : reg(h & 7));
}

static struct rk_insn decode_16(uint16_t h)
{
    uint64_t low_base = reg((h >> 3) & 7);

    if (h < 0x4400) {
        return decode_low(h);
    }
    switch (h >> 12) {
    case 4:
        return (h & 0x800) == 0 ? decode_high(h) : load((h >> 8) & 7, reg(PC));
    case 5: {
        uint64_t address = low_base | reg((h >> 6) & 7);
        return ((h >> 9) & 7) < 3 ? store(RK_CYCLE_store_index, address) : load(h & 7, address);
    }
    case 6:
    case 7:
    case 8:
        return (h & 0x800) != 0 ? load(h & 7, low_base) : store(RK_CYCLE_store, low_base);
    case 9:
        return (h & 0x800) != 0 ? load((h >> 8) & 7, reg(SP)) : store(RK_CYCLE_store, reg(SP));
    case 10:
        return computes(RK_CYCLE_alu, reg((h >> 8) & 7));
    case 11:
        return decode_misc(h);
    case 12:
        return multiple((h & 0x800) != 0, (unsigned)__builtin_popcount(h & 0xff), (h >> 8) & 7, false);
    case 13:
        return (h & 0x0e00) == 0x0e00 ? plain(RK_CYCLE_system) : branch(RK_CYCLE_branch_if, true);
    default:
        return branch(RK_CYCLE_branch, false);
    }
}

/* 1110100: load and store multiple, dual, exclusive, table branch. */
static struct rk_insn decode_multiple_32(uint16_t h, uint16_t g)
{
    unsigned base = h & 15;
    bool is_load = (h & 0x10) != 0;

    if (h == 0xe97f && g == 0xe97f) {
        return plain(RK_CYCLE_alu); /* SG */
    }
    if ((h & 0xfff0) == 0xe840 && (g & 0xf03f) == 0xf000) {
        return computes(RK_CYCLE_system, reg((g >> 8) & 15)); /* TT */
    }
    if ((h & 0x40) == 0) {
        return multiple(is_load, (unsigned)__builtin_popcount(g), base, (g & 0x8000) != 0);
    }
    if ((h & 0x0120) != 0) {
        return multiple(is_load, 2, base, false);
    }
    if ((h & 0xfff0) == 0xe8d0 && (g & 0xffe0) == 0xf000) {
        struct rk_insn insn = branch(RK_CYCLE_branch_table, false);
        insn.address_mask = reg(base) | reg(g & 15);
        return insn;
    }
    return is_load ? load(g >> 12, reg(base)) : store(RK_CYCLE_store_index, reg(base));
}

/* Data processing with a destination in bits 11..8; 15 stands for "flags only". */
static struct rk_insn data_processing(uint16_t g)
{
    unsigned target = (g >> 8) & 15;
    return computes(RK_CYCLE_alu, target == PC ? 0 : reg(target));
}

static struct rk_insn decode_fp_arithmetic(uint16_t h, uint16_t g)
{
    switch ((h >> 4) & 0xb) {
    case 0x0:
    case 0x1:
    case 0x9:
    case 0xa:
        return plain(RK_CYCLE_fp_mac);
    case 0x8:
        return plain(RK_CYCLE_fp_div);
    case 0xb: {
        bool square_root = (h & 15) == 1 && (g & 0xc0) == 0xc0;
        return plain(square_root ? RK_CYCLE_fp_div : RK_CYCLE_fp);
    }
    default:
        return plain(RK_CYCLE_fp);
    }
}

/* 111x11: coprocessors; 10 and 11 are the FPU. */
static struct rk_insn decode_coprocessor(uint16_t h, uint16_t g)
{
    unsigned coprocessor = (g >> 8) & 15;
    bool is_load = (h & 0x10) != 0;

    if ((coprocessor & 14) == 10 && (h & 0xff00) == 0xfe00) {
        return plain(RK_CYCLE_fp); /* ARMv8: VSEL, VMAXNM, VRINT, VCVTA */
    }
    if ((coprocessor & 14) != 10 || (h & 0x1000) != 0) {
        return plain(RK_CYCLE_system);
    }
    if ((h & 0xff00) == 0xee00) {
        if ((g & 0x10) == 0) {
            return decode_fp_arithmetic(h, g);
        }
        return computes(RK_CYCLE_fp, is_load && g >> 12 != PC ? reg(g >> 12) : 0);
    }
    if ((h & 0xffe0) == 0xec40) {
        return computes(RK_CYCLE_fp_move2, is_load ? reg(g >> 12) | reg(h & 15) : 0);
    }
    bool one_register = (h & 0x0120) == 0x0100;
    bool doubles = coprocessor == 11;
    unsigned words = one_register ? (doubles ? 2 : 1) : g & (doubles ? 0xfeu : 0xffu);
    struct rk_insn insn = multiple(is_load, words, h & 15, false);
    insn.access_words = doubles ? 2 : 1;
    return insn;
}

/* 11110: data processing with immediates, branches, miscellaneous control. */
static struct rk_insn decode_immediate_or_branch(uint16_t h, uint16_t g)
{
    if ((g & 0x8000) == 0) {
        return data_processing(g);
    }
    if ((g & 0x4000) != 0) {
        return branch(RK_CYCLE_call, false);
    }
    if ((g & 0x1000) != 0) {
        return branch(RK_CYCLE_branch, false);
    }
    if ((h & 0x0380) != 0x0380) {
        return branch(RK_CYCLE_branch_if, true);
    }
    if (h == 0xf3af && (g & 0xf0) == 0) {
        return plain(hint_class(g & 15));
    }
    bool reads_special = (h & 0xffe0) == 0xf3e0;
    return computes(RK_CYCLE_system, reads_special ? reg((g >> 8) & 15) : 0);
}

/* 1111100: load and store of one register. */
static struct rk_insn decode_single_32(uint16_t h, uint16_t g)
{
    unsigned target = g >> 12;
    bool long_immediate = (h & 0x80) != 0;
    bool literal = (h & 15) == PC;
    bool indexed = !long_immediate && !literal && (g & 0x0fc0) == 0;
    bool write_back = !long_immediate && !literal && (g & 0x0900) == 0x0900;
    uint64_t address = reg(h & 15) | (indexed ? reg(g & 15) : 0);

    if ((h & 0x10) == 0) {
        return store(indexed ? RK_CYCLE_store_index : RK_CYCLE_store, address);
    }
    if (target == PC && (h & 0x60) != 0x40) {
        return plain(RK_CYCLE_alu); /* PLD, PLI */
    }
    struct rk_insn insn = load(target, address);
    insn.base_update = write_back;
    return insn;
}

/* 11111011: multiply and divide. */
static struct rk_insn decode_multiply(uint16_t h, uint16_t g)
{
    uint64_t high = reg((g >> 8) & 15);
    uint64_t both = high | reg(g >> 12);
    unsigned op = (h >> 4) & 7;

    if ((h & 0x80) == 0) {
        return computes(g >> 12 == PC ? RK_CYCLE_mul : RK_CYCLE_mla, high); /* Ra 15: no accumulator */
    }
    if (op == 1 || op == 3) {
        return computes(RK_CYCLE_div, high);
    }
    return computes(op >= 4 ? RK_CYCLE_mlal : RK_CYCLE_mull, both);
}

static struct rk_insn decode_32(uint16_t h, uint16_t g)
{
    if ((h & 0xec00) == 0xec00) {
        return decode_coprocessor(h, g);
    }
    if ((h & 0xfe00) == 0xe800) {
        return decode_multiple_32(h, g);
    }
    if ((h & 0xfe00) == 0xea00 || (h & 0xff00) == 0xfa00) {
        return data_processing(g);
    }
    if ((h & 0xf800) == 0xf000) {
        return decode_immediate_or_branch(h, g);
    }
    if ((h & 0xff00) == 0xfb00) {
        return decode_multiply(h, g);
    }
    return decode_single_32(h, g);
}

static uint8_t marker_of(uint16_t h)
{
    switch (h) {
    case 0x46c9:
        return RK_MARKER_START;
    case 0x46d2:
        return RK_MARKER_STOP;
    case 0x46db:
        return RK_MARKER_WAIT;
    case 0x46e4:
        return RK_MARKER_EXIT;
    default:
        return RK_MARKER_NONE;
    }
}

enum { POP_R0 = 0xbc01, B_ITSELF = 0xe7fe, BW_ITSELF_FIRST = 0xf7ff, BW_ITSELF_SECOND = 0xbffe };

/* in: the first halfword. QEMU's own figure is wrong at page ends, see plugin.c. */
static unsigned bytes_of(uint16_t first)
{
    return (first >> 11) >= 0x1d ? 4 : 2;
}

/* ARMv6-M has all of the 16-bit instructions but CBZ, CBNZ and IT, and of the others BL, MRS, MSR and the barriers. */
static bool is_beyond_v6m(uint16_t h, uint16_t g)
{
    if (bytes_of(h) == 2) {
        return (h & 0xf500) == 0xb100 || ((h & 0xff00) == 0xbf00 && (h & 15) != 0);
    }
    bool call = (h & 0xf800) == 0xf000 && (g & 0xd000) == 0xd000;
    bool special = h == 0xf3bf || (h & 0xffe0) == 0xf380 || h == 0xf3ef;
    return !call && !(special && (g & 0xd000) == 0x8000);
}

struct rk_insn rk_thumb_decode(uint16_t first, uint16_t second)
{
    unsigned bytes = bytes_of(first);
    struct rk_insn insn = bytes == 2 ? decode_16(first) : decode_32(first, second);

    insn.bytes = (uint8_t)bytes;
    insn.marker = marker_of(first);
    insn.loads = insn.class == RK_CYCLE_load || insn.class == RK_CYCLE_load_multiple;
    insn.stores_by_sp = !insn.loads && insn.address_mask == reg(SP);
    insn.pops_bytes = first == POP_R0 ? 4 : 0;
    insn.ends_block = first == 0xf3bf && (second & 0xfff0) == 0x8f60;
    insn.hangs = first == B_ITSELF || (first == BW_ITSELF_FIRST && second == BW_ITSELF_SECOND);
    insn.beyond_v6m = is_beyond_v6m(first, second);
    insn.calls = insn.class == RK_CYCLE_call || (first & 0xff87) == 0x4780;
    if ((first & 0xff00) == 0x2800) {
        insn.region_id = first & 0xff; /* cmp r0, #id */
    }
    return insn;
}

static struct rk_insn decode(const uint8_t *code)
{
    uint16_t first = (uint16_t)(code[0] | code[1] << 8);
    uint16_t second = bytes_of(first) == 4 ? (uint16_t)(code[2] | code[3] << 8) : 0;
    return rk_thumb_decode(first, second);
}

static void set_in_it(struct rk_insn *insn)
{
    insn->in_it = true;
    insn->conditional = true;
    insn->loaded_mask = 0;
    insn->computed_mask = 0;
    switch (insn->class) {
    case RK_CYCLE_div:
    case RK_CYCLE_fp_mac:
    case RK_CYCLE_fp_div:
    case RK_CYCLE_fp_move2:
        insn->class = RK_CYCLE_slow_in_it;
        break;
    default:
        break;
    }
}

/* Loads and stores in IT blocks meet none: theirs count when the access happens. */
static uint64_t stalls_between(const struct rk_insn *previous, const struct rk_insn *next)
{
    uint64_t stalls = 0;
    bool pipelined = previous != NULL && previous->class == RK_CYCLE_load && previous->loaded_mask != 0 &&
                     !previous->branches && (previous->loaded_mask & next->address_mask) == 0 && !next->base_update;

    if (next->in_it) {
        return 0;
    }
    if (next->class == RK_CYCLE_load && !pipelined) {
        stalls |= 1ull << RK_CYCLE_load_stall;
    }
    if (next->class == RK_CYCLE_store_index && !pipelined) {
        stalls |= 1ull << RK_CYCLE_store_stall;
    }
    if (previous != NULL && (previous->computed_mask & next->address_mask) != 0) {
        stalls |= 1ull << RK_CYCLE_address_wait;
    }
    return stalls;
}

const struct rk_isa rk_isa_thumb = {
    .name = "Thumb",
    .decode = decode,
    .set_in_it = set_in_it,
    .stalls = stalls_between,
};
