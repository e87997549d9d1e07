/* tests/devices/test_msp430_cycles.c - cycles and length of every instruction format and addressing mode
 *
 * Source: the tables below are those of SLAU049F, MSP430x1xx Family User's Guide: 3-14 (interrupt and reset), 3-15
 * (format II), 3-16 (format I) and section 3.4.4 (jumps: two cycles, taken or not). Constants of the constant generator
 * count as a register. Sources differ on PUSH #N: the user's guide says 4 cycles, MSPSim and erratum CPU4 say 5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/devices/msp430_program.h"

enum { DATA_at = 0x1200, POINTER = 5, OTHER = 6, SYMBOLIC = 0, ABSOLUTE = 2, GENERATOR = 3 };

/* How an operand is written: the bits of As (or Ad), the register, whether a word follows. */
struct operand {
    const char *text;
    unsigned mode, number;
    bool word;
};

static const struct operand sources[] = {
    {"Rn", 0, POINTER, false},    {"#0", 0, GENERATOR, false}, {"#1", 1, GENERATOR, false}, {"#2", 2, GENERATOR, false},
    {"#-1", 3, GENERATOR, false}, {"#4", 2, ABSOLUTE, false},  {"#8", 3, ABSOLUTE, false},  {"@Rn", 2, POINTER, false},
    {"@Rn+", 3, POINTER, false},  {"#N", 3, SYMBOLIC, true},   {"x(Rn)", 1, POINTER, true}, {"EDE", 1, SYMBOLIC, true},
    {"&EDE", 1, ABSOLUTE, true},
};
static const struct operand targets[] = {
    {"Rm", 0, OTHER, false},    {"PC", 0, RKI_PC, false},    {"x(Rm)", 1, OTHER, true},
    {"EDE", 1, SYMBOLIC, true}, {"&EDE", 1, ABSOLUTE, true},
};

/* Table 3-16: source, then cycles to Rm, PC, and x(Rm), EDE or &EDE. */
static const struct {
    const char *source;
    unsigned to_register, to_pc, to_memory;
} format_one[] = {
    {"Rn", 1, 2, 4},    {"@Rn", 2, 2, 5}, {"@Rn+", 2, 3, 5}, {"#N", 2, 3, 5},
    {"x(Rn)", 3, 3, 6}, {"EDE", 3, 3, 6}, {"&EDE", 3, 3, 6},
};

/* Table 3-15: mode, then cycles of RRA RRC SWPB SXT, of PUSH, of CALL; 0: there is no such instruction. */
static const struct {
    const char *mode;
    unsigned change, push, call;
} format_two[] = {
    {"Rn", 1, 3, 4},    {"@Rn", 3, 4, 4}, {"@Rn+", 3, 5, 5}, {"#N", 0, 4, 5},
    {"x(Rn)", 4, 5, 5}, {"EDE", 4, 5, 5}, {"&EDE", 4, 5, 5},
};

enum { JUMP_cycles = 2, RETI_cycles = 5, INTERRUPT_cycles = 6, RESET_cycles = 4 };

static bool generated(const struct operand *operand)
{
    return operand->number == GENERATOR || (operand->number == ABSOLUTE && operand->mode >= 2);
}

static const char *row_of(const struct operand *operand)
{
    return generated(operand) ? "Rn" : operand->text;
}

/* The word behind the instruction that makes the operand DATA_at or, as a constant, DATA_at itself. */
static uint16_t extension(const struct operand *operand, uint16_t at)
{
    if (operand->mode == 1 && operand->number == SYMBOLIC) {
        return (uint16_t)(DATA_at - at);
    }
    return operand->mode == 1 && operand->number >= POINTER ? 2 : DATA_at;
}

/* An instruction and its words, registers and data such that it does no harm: what it loads is an even address. */
static struct rki_msp430 *assemble(uint16_t opcode, const struct operand *source, const struct operand *target,
                                   unsigned *bytes)
{
    uint16_t words[3] = {opcode};
    unsigned count = 1;
    const struct operand *both[2] = {source, target};
    for (unsigned i = 0; i < 2; i++) {
        if (both[i] != NULL && both[i]->word) {
            words[count] = extension(both[i], (uint16_t)(PROGRAM_at + 2 * count));
            count++;
        }
    }
    struct rki_msp430 *m = program_new(words, count);
    m->r[POINTER] = source->mode == 1 ? DATA_at - 2 : DATA_at;
    m->r[OTHER] = DATA_at - 2;
    program_put_word(m, DATA_at, DATA_at);
    *bytes = 2 * count;
    return m;
}

static void check(struct rki_msp430 *m, unsigned cycles, unsigned bytes, bool goes_on, const char *what,
                  const char *source, const char *target)
{
    unsigned got = program_step(m);
    if (got != cycles || (goes_on && m->r[RKI_PC] != PROGRAM_at + bytes)) {
        fail_msg("%s %s, %s: %u cycles, %u expected; PC 0x%x", what, source, target, got, cycles, m->r[RKI_PC]);
    }
    free(m);
}

static unsigned format_one_cycles(const struct operand *source, const struct operand *target)
{
    for (size_t i = 0; i < sizeof format_one / sizeof format_one[0]; i++) {
        if (strcmp(format_one[i].source, row_of(source)) == 0) {
            return target->mode == 1          ? format_one[i].to_memory
                   : target->number == RKI_PC ? format_one[i].to_pc
                                              : format_one[i].to_register;
        }
    }
    fail();
    return 0;
}

/* All twelve operations, words and bytes, all sources, all destinations. */
static void two_operands(void **state)
{
    (void)state;
    static const char *const names[] = {"MOV",  "ADD", "ADDC", "SUBC", "SUB", "CMP",
                                        "DADD", "BIT", "BIC",  "BIS",  "XOR", "AND"};
    unsigned cases = 0;
    for (unsigned operation = 0; operation < 12; operation++) {
        for (size_t s = 0; s < sizeof sources / sizeof sources[0]; s++) {
            for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
                for (unsigned byte = 0; byte < 2; byte++) {
                    const struct operand *source = &sources[s];
                    const struct operand *target = &targets[t];
                    uint16_t opcode = (uint16_t)((operation + 4) << 12 | source->number << 8 | target->mode << 7 |
                                                 byte << 6 | source->mode << 4 | target->number);
                    unsigned bytes;
                    struct rki_msp430 *m = assemble(opcode, source, target, &bytes);
                    bool goes_on = target->number != RKI_PC || target->mode == 1;
                    check(m, format_one_cycles(source, target), bytes, goes_on, names[operation], source->text,
                          target->text);
                    cases++;
                }
            }
        }
    }
    assert_int_equal(cases, 12 * 13 * 5 * 2);
}

static void one_operand(void **state)
{
    (void)state;
    static const char *const names[] = {"RRC", "SWPB", "RRA", "SXT", "PUSH", "CALL"};
    for (unsigned operation = 0; operation < 6; operation++) {
        for (size_t s = 0; s < sizeof sources / sizeof sources[0]; s++) {
            const struct operand *source = &sources[s];
            bool changes = operation < 4;
            for (size_t row = 0; row < sizeof format_two / sizeof format_two[0]; row++) {
                bool to_constant = changes && (generated(source) || strcmp(source->text, "#N") == 0);
                if (strcmp(format_two[row].mode, row_of(source)) != 0 || to_constant) {
                    continue;
                }
                unsigned bytes;
                uint16_t opcode = (uint16_t)(0x1000 | operation << 7 | source->mode << 4 | source->number);
                struct rki_msp430 *m = assemble(opcode, source, NULL, &bytes);
                unsigned cycles = changes          ? format_two[row].change
                                  : operation == 4 ? format_two[row].push
                                                   : format_two[row].call;
                check(m, cycles, bytes, operation != 5, names[operation], source->text, "");
            }
        }
    }
}

static void jumps(void **state)
{
    (void)state;
    enum { OFFSET_words = 5 };
    for (unsigned condition = 0; condition < 8; condition++) {
        for (unsigned status = 0; status < 8; status++) {
            unsigned flags = (status & 1) * RKI_Z | (status >> 1 & 1) * RKI_C | (status >> 2) * RKI_N;
            uint16_t word = (uint16_t)(0x2000 | condition << 10 | OFFSET_words);
            struct rki_msp430 *m = program_new(&word, 1);
            m->r[RKI_SR] = (uint16_t)flags;
            check(m, JUMP_cycles, 2, false, "jump", "", "");
        }
    }
}

static void interrupts_and_reset(void **state)
{
    (void)state;
    static const uint16_t words[] = {0x1300}; /* RETI */
    struct rki_msp430 *m = program_new(words, 1);
    assert_int_equal(program_step(m), RETI_cycles);
    free(m);
    m = program_new(words, 1);
    uint64_t before = m->cycles;
    rki_msp430_reset(m);
    assert_int_equal(m->cycles - before, RESET_cycles);
    free(m);
    static const uint16_t nops[] = {0x4303, 0x4303, 0x4303};
    m = program_new(nops, 3);
    program_put_word(m, RKI_VECTORS_at + 2 * 5, PROGRAM_at);
    m->r[RKI_SR] = RKI_GIE;
    rki_msp430_interrupt(m, 5);
    before = m->cycles;
    assert_int_equal(program_run(m, INTERRUPT_cycles), RKI_STOP_LIMIT);
    assert_int_equal(m->cycles - before, INTERRUPT_cycles);
    assert_int_equal(m->instructions, 0);
    assert_int_equal(m->r[RKI_SP], PROGRAM_STACK_at - 4);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_operands),
        cmocka_unit_test(one_operand),
        cmocka_unit_test(jumps),
        cmocka_unit_test(interrupts_and_reset),
    };
    return cmocka_run_group_tests_name("msp430 cycles", tests, NULL, NULL);
}
