/* devices/emulators/msp430_execute.c - what each instruction does
 *
 * One inlined function a format; the macros below make a copy of it for each operation, addressing mode and width, so
 * that executing an instruction decides nothing that decoding has decided. Cycles are counted by the run loop.
 */
#include "devices/emulators/calls.h"
#include "devices/emulators/msp430_internal.h"

#include <stddef.h>

#define INLINE static inline __attribute__((always_inline))

enum operation { MOV = 4, ADD, ADDC, SUBC, SUB, CMP, DADD, BIT, BIC, BIS, XOR, AND };
enum { JMP = 7 };
enum single { RRC = 0, SWPB, RRA, SXT, PUSH, CALL, RETI };

/* ---- arithmetic ---- */

INLINE void set_flags(struct rki_msp430 *m, bool carry, bool zero, bool negative, bool overflow)
{
    unsigned flags = carry * RKI_C | zero * RKI_Z | negative * RKI_N | overflow * RKI_V;
    m->r[RKI_SR] = (uint16_t)((m->r[RKI_SR] & ~(RKI_C | RKI_Z | RKI_N | RKI_V)) | flags);
}

/* target + source + carry. */
INLINE uint16_t add(struct rki_msp430 *m, uint16_t source, uint16_t target, unsigned carry, bool byte)
{
    uint32_t sign = byte ? 0x80 : 0x8000;
    uint16_t mask = byte ? 0xff : 0xffff;
    uint32_t sum = (uint32_t)source + target + carry;
    set_flags(m, (sum & sign << 1) != 0, (sum & mask) == 0, (sum & sign) != 0,
              (~(source ^ target) & (source ^ sum) & sign) != 0);
    return (uint16_t)(sum & mask);
}

/* Decimal, digit by digit. V is undefined by the user's guide: it is cleared. */
INLINE uint16_t add_decimal(struct rki_msp430 *m, uint16_t source, uint16_t target, bool byte)
{
    unsigned bits = byte ? 8 : 16;
    unsigned carry = (m->r[RKI_SR] & RKI_C) != 0;
    uint16_t sum = 0;
    for (unsigned at = 0; at < bits; at += 4) {
        unsigned digit = (source >> at & 15u) + (target >> at & 15u) + carry;
        carry = digit > 9;
        sum = (uint16_t)(sum | ((carry ? digit - 10 : digit) & 15u) << at);
    }
    set_flags(m, carry, sum == 0, (sum >> (bits - 1) & 1) != 0, false);
    return sum;
}

INLINE void logic_flags(struct rki_msp430 *m, uint16_t result, bool byte, bool overflow)
{
    set_flags(m, result != 0, result == 0, (result & (byte ? 0x80 : 0x8000)) != 0, overflow);
}

/* in: source and target of the operation's width. out: the result of that width. */
INLINE uint16_t calculate(struct rki_msp430 *m, enum operation operation, uint16_t source, uint16_t target, bool byte)
{
    uint16_t mask = byte ? 0xff : 0xffff;
    unsigned carry = m->r[RKI_SR] & RKI_C;
    uint16_t result = source;
    switch (operation) {
    case MOV:
        break;
    case ADD:
        return add(m, source, target, 0, byte);
    case ADDC:
        return add(m, source, target, carry, byte);
    case SUBC:
        return add(m, (uint16_t)~source & mask, target, carry, byte);
    case SUB:
    case CMP:
        return add(m, (uint16_t)~source & mask, target, 1, byte);
    case DADD:
        return add_decimal(m, source, target, byte);
    case BIT:
    case AND:
        result = source & target;
        logic_flags(m, result, byte, false);
        break;
    case BIC:
        result = target & (uint16_t)~source;
        break;
    case BIS:
        result = source | target;
        break;
    case XOR:
        result = source ^ target;
        logic_flags(m, result, byte, (source & target & (byte ? 0x80 : 0x8000)) != 0);
        break;
    }
    return result;
}

/* ---- operands ---- */

INLINE uint16_t width(uint16_t value, bool byte)
{
    return byte ? value & 0xff : value;
}

/* Address of a source in memory; an increment happens before the instruction goes on. */
INLINE uint16_t source_address(struct rki_msp430 *m, const struct rki_msp430_op *op, enum rki_mode mode)
{
    uint16_t address = m->r[op->source];
    if (mode == RKI_MODE_INDEXED) {
        return (uint16_t)(address + op->source_value);
    }
    m->r[op->source] = (uint16_t)(address + op->source_value);
    return address;
}

INLINE uint16_t source_load(struct rki_msp430 *m, const struct rki_msp430_op *op, enum rki_mode mode, bool byte)
{
    if (mode == RKI_MODE_CONSTANT) {
        return op->source_value;
    }
    if (mode == RKI_MODE_REGISTER) {
        return width(m->r[op->source], byte);
    }
    return rki_msp430_load(m, source_address(m, op, mode), byte);
}

/* Writes PC, SP, SR or the constant generator. */
INLINE void special_store(struct rki_msp430 *m, unsigned number, uint16_t value)
{
    if (number == RKI_SR) {
        m->enabled_by_last = (value & ~m->r[RKI_SR] & RKI_GIE) != 0;
        m->r[RKI_SR] = value & RKI_SR_MASK;
        m->attention |= RKI_ATTEND_STATUS;
    } else if (number != RKI_CG) {
        m->r[number] = value & 0xfffe;
    }
}

/* ---- format I ---- */

INLINE void two_operands(struct rki_msp430 *m, const struct rki_msp430_op *op, enum operation operation,
                         enum rki_mode source_mode, enum rki_target target_mode, bool byte)
{
    uint16_t source = source_load(m, op, source_mode, byte);
    uint16_t address = (uint16_t)(m->r[op->target] + op->target_offset);
    uint16_t target = 0;
    if (operation != MOV) {
        target = target_mode == RKI_TARGET_MEMORY ? rki_msp430_load(m, address, byte) : width(m->r[op->target], byte);
    }
    uint16_t result = calculate(m, operation, source, target, byte);
    if (operation == CMP || operation == BIT) {
        return;
    }
    if (target_mode == RKI_TARGET_MEMORY) {
        rki_msp430_store(m, address, result, byte);
    } else if (target_mode == RKI_TARGET_SPECIAL) {
        special_store(m, op->target, result);
    } else {
        m->r[op->target] = result;
    }
}

#define EACH_TARGET(X, operation, source)                                                                              \
    X(operation, source, GENERAL, 0)                                                                                   \
    X(operation, source, GENERAL, 1)                                                                                   \
    X(operation, source, SPECIAL, 0)                                                                                   \
    X(operation, source, SPECIAL, 1)                                                                                   \
    X(operation, source, MEMORY, 0)                                                                                    \
    X(operation, source, MEMORY, 1)

#define EACH_SOURCE(X, operation)                                                                                      \
    EACH_TARGET(X, operation, CONSTANT)                                                                                \
    EACH_TARGET(X, operation, REGISTER)                                                                                \
    EACH_TARGET(X, operation, INDEXED)                                                                                 \
    EACH_TARGET(X, operation, INCREMENTED)

#define EACH_OPERATION(X)                                                                                              \
    EACH_SOURCE(X, MOV)                                                                                                \
    EACH_SOURCE(X, ADD)                                                                                                \
    EACH_SOURCE(X, ADDC)                                                                                               \
    EACH_SOURCE(X, SUBC)                                                                                               \
    EACH_SOURCE(X, SUB)                                                                                                \
    EACH_SOURCE(X, CMP)                                                                                                \
    EACH_SOURCE(X, DADD)                                                                                               \
    EACH_SOURCE(X, BIT)                                                                                                \
    EACH_SOURCE(X, BIC)                                                                                                \
    EACH_SOURCE(X, BIS)                                                                                                \
    EACH_SOURCE(X, XOR)                                                                                                \
    EACH_SOURCE(X, AND)

#define DEFINE_TWO(operation, source, target, byte)                                                                    \
    static void operation##_##source##_##target##_##byte(struct rki_msp430 *m, const struct rki_msp430_op *op)         \
    {                                                                                                                  \
        two_operands(m, op, operation, RKI_MODE_##source, RKI_TARGET_##target, byte);                                  \
    }
EACH_OPERATION(DEFINE_TWO)

rki_msp430_execute *rki_msp430_two_operands(unsigned opcode, unsigned source_mode, unsigned target_mode, bool byte)
{
#define ENTRY_TWO(operation, source, target, byte)                                                                     \
    [operation - MOV][RKI_MODE_##source][RKI_TARGET_##target][byte] = operation##_##source##_##target##_##byte,
    static rki_msp430_execute *const functions[12][RKI_MODES][RKI_TARGETS][2] = {EACH_OPERATION(ENTRY_TWO)};
    return functions[opcode - MOV][source_mode][target_mode][byte];
}

/* ---- format II ---- */

INLINE void push(struct rki_msp430 *m, uint16_t value, bool byte)
{
    m->r[RKI_SP] = (uint16_t)(m->r[RKI_SP] - 2);
    rki_msp430_store(m, m->r[RKI_SP], value, byte);
}

INLINE uint16_t change(struct rki_msp430 *m, enum single operation, uint16_t value, bool byte)
{
    uint16_t sign = byte ? 0x80 : 0x8000;
    uint16_t result;
    switch (operation) {
    case RRC:
    case RRA:
        result = value >> 1;
        if (operation == RRC ? (m->r[RKI_SR] & RKI_C) != 0 : (value & sign) != 0) {
            result |= sign;
        }
        set_flags(m, (value & 1) != 0, result == 0, (result & sign) != 0, false);
        return result;
    case SXT:
        result = (uint16_t)(int16_t)(int8_t)value;
        logic_flags(m, result, false, false);
        return result;
    default:
        return (uint16_t)(value >> 8 | value << 8); /* SWPB */
    }
}

INLINE void one_operand(struct rki_msp430 *m, const struct rki_msp430_op *op, enum single operation, enum rki_mode mode,
                        bool byte)
{
    uint16_t address = 0;
    uint16_t value;
    if (mode == RKI_MODE_CONSTANT || mode == RKI_MODE_REGISTER) {
        value = source_load(m, op, mode, byte);
    } else {
        address = source_address(m, op, mode);
        value = rki_msp430_load(m, address, byte);
    }
    if (operation == PUSH) {
        push(m, value, byte);
    } else if (operation == CALL) {
        push(m, m->r[RKI_PC], false);
        rki_calls_open(&m->calls, m->r[RKI_PC], m->r[RKI_SP]);
        m->r[RKI_PC] = value & 0xfffe;
    } else if (mode == RKI_MODE_REGISTER) {
        value = change(m, operation, value, byte);
        if (op->source <= RKI_CG) {
            special_store(m, op->source, value);
        } else {
            m->r[op->source] = value;
        }
    } else {
        rki_msp430_store(m, address, change(m, operation, value, byte), byte);
    }
}

static void reti(struct rki_msp430 *m, const struct rki_msp430_op *op)
{
    (void)op;
    uint16_t status = rki_msp430_load(m, m->r[RKI_SP], false);
    m->r[RKI_SR] = status & RKI_SR_MASK;
    m->r[RKI_PC] = rki_msp430_load(m, (uint16_t)(m->r[RKI_SP] + 2), false) & 0xfffe;
    m->r[RKI_SP] = (uint16_t)(m->r[RKI_SP] + 4);
    m->attention |= RKI_ATTEND_STATUS;
}

#define EACH_MODE(X, operation, byte)                                                                                  \
    X(operation, CONSTANT, byte)                                                                                       \
    X(operation, REGISTER, byte)                                                                                       \
    X(operation, INDEXED, byte)                                                                                        \
    X(operation, INCREMENTED, byte)

/* SWPB, SXT and CALL have no byte form. */
#define EACH_SINGLE(X)                                                                                                 \
    EACH_MODE(X, RRC, 0)                                                                                               \
    EACH_MODE(X, RRC, 1)                                                                                               \
    EACH_MODE(X, SWPB, 0)                                                                                              \
    EACH_MODE(X, RRA, 0)                                                                                               \
    EACH_MODE(X, RRA, 1)                                                                                               \
    EACH_MODE(X, SXT, 0)                                                                                               \
    EACH_MODE(X, PUSH, 0)                                                                                              \
    EACH_MODE(X, PUSH, 1)                                                                                              \
    EACH_MODE(X, CALL, 0)

#define DEFINE_ONE(operation, mode, byte)                                                                              \
    static void operation##_##mode##_##byte(struct rki_msp430 *m, const struct rki_msp430_op *op)                      \
    {                                                                                                                  \
        one_operand(m, op, operation, RKI_MODE_##mode, byte);                                                          \
    }
EACH_SINGLE(DEFINE_ONE)

rki_msp430_execute *rki_msp430_one_operand(unsigned opcode, unsigned mode, bool byte)
{
#define ENTRY_ONE(operation, mode, byte) [operation][RKI_MODE_##mode][byte] = operation##_##mode##_##byte,
    static rki_msp430_execute *const functions[RETI][RKI_MODES][2] = {EACH_SINGLE(ENTRY_ONE)};
    return opcode == RETI ? reti : functions[opcode][mode][byte];
}

/* ---- format III ---- */

INLINE void jump(struct rki_msp430 *m, const struct rki_msp430_op *op, bool taken)
{
    m->r[RKI_PC] = (uint16_t)(m->r[RKI_PC] + (taken ? op->target_offset : 0));
}

#define NEGATIVE(status) (((status)&RKI_N) != 0)
#define OVERFLOW(status) (((status)&RKI_V) != 0)

#define EACH_JUMP(X)                                                                                                   \
    X(0, jump_jne, (status & RKI_Z) == 0)                                                                              \
    X(1, jump_jeq, (status & RKI_Z) != 0)                                                                              \
    X(2, jump_jnc, (status & RKI_C) == 0)                                                                              \
    X(3, jump_jc, (status & RKI_C) != 0)                                                                               \
    X(4, jump_jn, NEGATIVE(status))                                                                                    \
    X(5, jump_jge, NEGATIVE(status) == OVERFLOW(status))                                                               \
    X(6, jump_jl, NEGATIVE(status) != OVERFLOW(status))                                                                \
    X(7, jump_jmp, (status | 1) != 0)

#define DEFINE_JUMP(condition, name, taken)                                                                            \
    static void name(struct rki_msp430 *m, const struct rki_msp430_op *op)                                             \
    {                                                                                                                  \
        unsigned status = m->r[RKI_SR];                                                                                \
        jump(m, op, taken);                                                                                            \
    }
EACH_JUMP(DEFINE_JUMP)

/* JMP to itself: where programs end. */
static void stay(struct rki_msp430 *m, const struct rki_msp430_op *op)
{
    jump(m, op, true);
    if (m->stop_when_still && (m->r[RKI_SR] & RKI_GIE) == 0) {
        m->attention |= RKI_ATTEND_STILL;
    }
}

rki_msp430_execute *rki_msp430_jump(unsigned condition, bool to_itself)
{
#define ENTRY_JUMP(condition, name, taken) [condition] = name,
    static rki_msp430_execute *const functions[8] = {EACH_JUMP(ENTRY_JUMP)};
    return condition == JMP && to_itself ? stay : functions[condition];
}
