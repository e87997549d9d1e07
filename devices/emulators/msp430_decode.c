/* devices/emulators/msp430_decode.c - from opcode to function, operands and cycles
 *
 * Source: SLAU049F, tables 3-14 to 3-16. Values of the constant generator count as a register, as they need no fetch.
 */
#include "devices/emulators/msp430_internal.h"

#include <string.h>

/* Rows of the cycle tables. X(Rn), symbolic and absolute mode take the same. */
enum source_class { FROM_REGISTER, FROM_INDIRECT, FROM_INCREMENT, FROM_IMMEDIATE, FROM_INDEXED };

struct source {
    enum source_class class;
    enum rki_mode mode;
    uint8_t number;
    uint16_t value;
};

enum { RRC = 0, RRA = 2, PUSH = 4, CALL = 5, RETI = 6 };

static const uint8_t two_operand_cycles[5][3] = {
    /* to Rm, PC, memory */
    [FROM_REGISTER] = {1, 2, 4},  [FROM_INDIRECT] = {2, 2, 5}, [FROM_INCREMENT] = {2, 3, 5},
    [FROM_IMMEDIATE] = {2, 3, 5}, [FROM_INDEXED] = {3, 3, 6},
};

static const uint8_t one_operand_cycles[5][3] = {
    /* RRA RRC SWPB SXT, PUSH, CALL */
    [FROM_REGISTER] = {1, 3, 4},  [FROM_INDIRECT] = {3, 4, 4}, [FROM_INCREMENT] = {3, 5, 5},
    [FROM_IMMEDIATE] = {0, 4, 5}, [FROM_INDEXED] = {4, 5, 5},
};

enum { JUMP_cycles = 2, RETI_cycles = 5 };

/* The next word of the instruction. */
static uint16_t fetch(struct rki_msp430 *m, uint16_t *at)
{
    uint16_t word = rki_msp430_load(m, *at, false);
    *at = (uint16_t)(*at + 2);
    return word;
}

static void constant(struct source *source, enum source_class class, uint16_t value, bool byte)
{
    source->class = class;
    source->mode = RKI_MODE_CONSTANT;
    source->value = byte ? value & 0xff : value;
}

/* Offset of x(Rn), x(PC) or &x: the latter two from the constant generator's register, which is 0. */
static uint16_t offset(struct rki_msp430 *m, uint16_t *at, uint8_t *number)
{
    uint16_t base = *number == RKI_PC ? *at : 0;
    uint16_t word = fetch(m, at);
    if (*number == RKI_PC || *number == RKI_SR) {
        *number = RKI_CG;
        return (uint16_t)(base + word);
    }
    return word;
}

static struct source decode_source(struct rki_msp430 *m, uint16_t *at, unsigned number, unsigned as, bool byte)
{
    static const uint16_t generated[2][4] = {{0, 0, 4, 8}, {0, 1, 2, 0xffff}};
    struct source source = {.number = (uint8_t)number};
    if (number == RKI_CG || (number == RKI_SR && as >= 2)) {
        constant(&source, FROM_REGISTER, generated[number - RKI_SR][as], byte);
        return source;
    }
    switch (as) {
    case 0:
        source.class = FROM_REGISTER;
        source.mode = RKI_MODE_REGISTER;
        if (number == RKI_PC) {
            constant(&source, FROM_REGISTER, *at, byte);
        }
        break;
    case 1:
        source.class = FROM_INDEXED;
        source.mode = RKI_MODE_INDEXED;
        source.value = offset(m, at, &source.number);
        break;
    case 2:
        source.class = FROM_INDIRECT;
        source.mode = RKI_MODE_INDEXED;
        if (number == RKI_PC) {
            source.number = RKI_CG;
            source.value = *at;
        }
        break;
    default:
        source.class = FROM_INCREMENT;
        source.mode = RKI_MODE_INCREMENTED;
        source.value = byte && number != RKI_SP ? 1 : 2;
        if (number == RKI_PC) {
            constant(&source, FROM_IMMEDIATE, fetch(m, at), byte);
        }
        break;
    }
    return source;
}

static void put_source(struct rki_msp430_op *op, const struct source *source)
{
    op->source = source->number;
    op->source_value = source->value;
}

static void decode_two(struct rki_msp430 *m, uint16_t word, uint16_t *at, struct rki_msp430_op *op)
{
    bool byte = (word & 0x40) != 0;
    struct source source = decode_source(m, at, word >> 8 & 15, word >> 4 & 3, byte);
    uint8_t target = word & 15;
    enum rki_target mode = target <= RKI_CG ? RKI_TARGET_SPECIAL : RKI_TARGET_GENERAL;
    unsigned column = target == RKI_PC;
    if ((word & 0x80) != 0) {
        mode = RKI_TARGET_MEMORY;
        column = 2;
        op->target_offset = offset(m, at, &target);
    }
    put_source(op, &source);
    op->target = target;
    op->cycles = two_operand_cycles[source.class][column];
    op->execute = rki_msp430_two_operands(word >> 12, source.mode, mode, byte);
}

/* out: op->execute stays NULL for what the CPU does not have. */
static void decode_one(struct rki_msp430 *m, uint16_t word, uint16_t *at, struct rki_msp430_op *op)
{
    enum { RETI_word = 0x1300 };
    unsigned opcode = word >> 7 & 7;
    bool byte = (word & 0x40) != 0;
    if (word == RETI_word) {
        op->cycles = RETI_cycles;
        op->execute = rki_msp430_one_operand(RETI, 0, false);
        return;
    }
    if (opcode >= RETI || (byte && opcode != RRC && opcode != RRA && opcode != PUSH)) {
        return;
    }
    struct source source = decode_source(m, at, word & 15, word >> 4 & 3, byte);
    if (opcode < PUSH && source.mode == RKI_MODE_CONSTANT) {
        return; /* nothing to put the result into */
    }
    put_source(op, &source);
    op->cycles = one_operand_cycles[source.class][opcode == PUSH ? 1 : opcode == CALL ? 2 : 0];
    op->execute = rki_msp430_one_operand(opcode, source.mode, byte);
}

static void decode_jump(uint16_t word, struct rki_msp430_op *op)
{
    unsigned words = word & 0x3ff;
    op->target_offset = (uint16_t)(2 * (words < 0x200 ? words : words - 0x400));
    op->cycles = JUMP_cycles;
    op->execute = rki_msp430_jump(word >> 10 & 7, words == 0x3ff);
}

void rki_msp430_decode(struct rki_msp430 *m, uint16_t address)
{
    struct rki_msp430_op op = {NULL, 0, 0, 0, 0, 0, 0};
    uint16_t at = address;
    uint32_t attention = m->attention;
    if (address < RKI_PERIPHERALS_end) {
        rki_msp430_fault(m, "execution of peripheral space", address);
        return;
    }
    if (address >= m->program_end) {
        rki_msp430_fault(m, "left the program, for", address);
        return;
    }
    uint16_t word = fetch(m, &at);
    if (word >= 0x4000) {
        decode_two(m, word, &at, &op);
    } else if (word >= 0x2000) {
        decode_jump(word, &op);
    } else if ((word & 0xfc00) == 0x1000) {
        decode_one(m, word, &at, &op);
    }
    if ((m->attention & ~attention & RKI_ATTEND_FAULT) != 0) {
        return;
    }
    if (op.execute == NULL) {
        rki_msp430_fault(m, "invalid opcode", word);
        return;
    }
    op.bytes = (uint8_t)(at - address);
    m->ops[address / 2] = op;
    for (unsigned i = 0; i < op.bytes; i += 2) {
        rki_msp430_guard(m, (uint16_t)(address + i));
    }
}
