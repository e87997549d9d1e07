/* tests/devices/test_msp430_mspdebug.c - random programs on our core and on mspdebug's simulator, an independent one
 *
 * Each program is a few dozen random instructions over all formats, operations, addressing modes and widths, with the
 * hardware multiplier, calls and jumps. Both run it; registers, flags, memory and cycles must be equal.
 * mspdebug's cycles: it takes a constant of the constant generator for the addressing mode that its As bits spell, so that
 * #1 costs like x(Rn), #2 and #4 like @Rn, #8 and #-1 like @Rn+. What that adds is computed from the same tables and
 * added to our cycles before they are compared.
 * One process runs all programs from one script: nothing is sent to it while it runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/devices/msp430_program.h"

enum {
    PROGRAMS = 3000,
    INSTRUCTIONS = 40,
    WINDOW_at = 0x1200, /* compared: data, then the program, then the stack */
    WINDOW_bytes = 0x0600,
    DATA_bytes = 0x0200,
    STACK_at = WINDOW_at + WINDOW_bytes,
    WORDS_MAX = 3 * INSTRUCTIONS + 60,
};

/* Registers: r4, r5 point to words, r6 walks by words, r7 by bytes; r8 to r15 hold anything. */
enum { FIRST_POINTER = 4, WORD_WALKER = 6, BYTE_WALKER = 7, FIRST_DATA = 8 };

struct program {
    uint16_t words[WORDS_MAX];
    unsigned count;
    uint8_t window[WINDOW_bytes]; /* before it runs */
};

struct result {
    uint16_t r[16];
    uint64_t instructions, cycles;
    uint8_t window[WINDOW_bytes];
};

/* ---- random numbers: the same ones each time ---- */

static uint64_t random_state = 0x9e3779b97f4a7c15ull;

static unsigned random_below(unsigned bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % bound;
}

/* ---- programs ---- */

static uint16_t address_of(const struct program *program, unsigned word)
{
    (void)program;
    return (uint16_t)(PROGRAM_at + 2 * word);
}

static void put(struct program *program, uint16_t word)
{
    assert_true(program->count < WORDS_MAX);
    program->words[program->count++] = word;
}

static uint16_t data_address(bool byte)
{
    uint16_t at = (uint16_t)(WINDOW_at + random_below(DATA_bytes));
    return byte ? at : at & 0xfffe;
}

/* One of the ways to name data in memory. out: mode and register; *extension is the word that follows, when there is one. */
static unsigned memory_operand(const struct program *program, bool byte, unsigned next, unsigned *number,
                               int *extension)
{
    switch (random_below(3)) {
    case 0: /* x(Rn) */
        *number = FIRST_POINTER + random_below(2);
        *extension = (int)random_below(32) * 2 + (byte ? (int)random_below(2) : 0);
        break;
    case 1: /* EDE */
        *number = RKI_PC;
        *extension = (uint16_t)(data_address(byte) - address_of(program, next));
        break;
    default: /* &EDE */
        *number = RKI_SR;
        *extension = data_address(byte);
        break;
    }
    return 1;
}

/* out: the As bits. next: index of the word that would follow the opcode. */
static unsigned source_operand(const struct program *program, bool byte, unsigned next, unsigned *number,
                               int *extension)
{
    *extension = -1;
    switch (random_below(8)) {
    case 0:
    case 1:
        *number = FIRST_DATA + random_below(8);
        return 0;
    case 2:
        *number = RKI_CG; /* 0, 1, 2, -1 */
        return random_below(4);
    case 3:
        *number = RKI_SR; /* 4, 8 */
        return 2 + random_below(2);
    case 4:
        *number = RKI_PC;
        *extension = (int)random_below(0x10000);
        return 3;
    case 5:
        *number = FIRST_POINTER + random_below(2);
        return 2;
    case 6:
        *number = byte ? BYTE_WALKER : WORD_WALKER;
        return 3;
    default:
        return memory_operand(program, byte, next, number, extension);
    }
}

static void add_two_operands(struct program *program)
{
    static const uint8_t operations[] = {4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15}; /* all but DADD */
    unsigned operation = operations[random_below(sizeof operations)];
    bool byte = random_below(2) != 0;
    unsigned source, target = FIRST_DATA + random_below(8), ad = 0;
    int extension, target_extension = -1;
    unsigned as = source_operand(program, byte, program->count + 1, &source, &extension);
    if (random_below(3) == 0) {
        ad = memory_operand(program, byte, program->count + 1 + (extension >= 0), &target, &target_extension);
    }
    put(program, (uint16_t)(operation << 12 | source << 8 | ad << 7 | (unsigned)byte << 6 | as << 4 | target));
    if (extension >= 0) {
        put(program, (uint16_t)extension);
    }
    if (target_extension >= 0) {
        put(program, (uint16_t)target_extension);
    }
}

static uint16_t decimal(void)
{
    return (uint16_t)(random_below(10) << 12 | random_below(10) << 8 | random_below(10) << 4 | random_below(10));
}

/* DADD of digits: what it does with others is undefined. All sources that leave digits, and memory as a destination. */
static void add_decimal(struct program *program)
{
    unsigned byte = random_below(2) << 6;
    unsigned from = FIRST_DATA + random_below(4);
    unsigned to = FIRST_DATA + 4 + random_below(4);
    put(program, (uint16_t)(0x4030 | from)); /* mov #digits, from */
    put(program, decimal());
    put(program, (uint16_t)(0x4030 | to));
    put(program, decimal());
    put(program, (uint16_t)(0xa000 | from << 8 | byte | to)); /* dadd from, to */
    put(program, (uint16_t)(0xa310 | byte | to));             /* dadd #1, to */
    put(program, (uint16_t)(0x4082 | to << 8));               /* mov to, &data */
    put(program, WINDOW_at + 0x40);
    put(program, (uint16_t)(0xa082 | from << 8 | byte)); /* dadd from, &data */
    put(program, WINDOW_at + 0x40);
    put(program, (uint16_t)(0xa210 | byte | from)); /* dadd &data, from */
    put(program, WINDOW_at + 0x40);
}

/* RRC, SWPB, RRA, SXT on registers and memory; PUSH of anything. The upper byte of what PUSH.B leaves is undefined: it is
 * cleared. */
static void add_one_operand(struct program *program)
{
    unsigned operation = random_below(5);
    bool byte = random_below(2) != 0 && operation != 1 && operation != 3;
    unsigned number;
    int extension = -1;
    unsigned as;
    do {
        as = source_operand(program, byte, program->count + 1, &number, &extension);
    } while (operation < 4 && (number == RKI_CG || (number <= RKI_SR && as >= 2)));
    put(program, (uint16_t)(0x1000 | operation << 7 | (unsigned)byte << 6 | as << 4 | number));
    if (extension >= 0) {
        put(program, (uint16_t)extension);
    }
    if (operation == 4 && byte) {
        put(program, 0x43c1); /* mov.b #0, 1(sp) */
        put(program, 1);
    }
}

/* Forwards, over instructions that may be left out. */
static void add_jump(struct program *program)
{
    unsigned at = program->count;
    put(program, 0);
    for (unsigned i = random_below(3); i > 0; i--) {
        add_two_operands(program);
    }
    program->words[at] = (uint16_t)(0x2000 | random_below(8) << 10 | (program->count - at - 1));
}

/* The multiplier: one of its modes, then the parts of the result; byte operands are not compared. */
static void add_multiply(struct program *program)
{
    put(program, (uint16_t)(0x4082 | (FIRST_DATA + random_below(8)) << 8)); /* mov Rn, &MPY|MPYS|MAC|MACS */
    put(program, (uint16_t)(0x0130 + 2 * random_below(4)));
    put(program, (uint16_t)(0x4082 | (FIRST_DATA + random_below(8)) << 8)); /* mov Rn, &OP2 */
    put(program, 0x0138);
    for (uint16_t part = 0x013a; part <= 0x013e; part = (uint16_t)(part + 2)) {
        put(program, (uint16_t)(0x4210 | (FIRST_DATA + random_below(8)))); /* mov &RESLO|RESHI|SUMEXT, Rn */
        put(program, part);
    }
}

/* A call of what follows the jump behind it, whose address the return leaves to. */
static void add_call(struct program *program)
{
    put(program, 0x12b0); /* call #subroutine */
    put(program, (uint16_t)(address_of(program, program->count) + 4));
    unsigned jump = program->count;
    put(program, 0);
    put(program, 0x4303); /* subroutine: nop */
    put(program, 0x4130); /* ret */
    program->words[jump] = (uint16_t)(0x3c00 | (program->count - jump - 1));
}

/* Flags set and cleared at will; words pushed and popped; SP moved. */
static void add_special(struct program *program)
{
    static const uint16_t flags = RKI_C | RKI_Z | RKI_N | RKI_V;
    switch (random_below(4)) {
    case 0:
        put(program, random_below(2) != 0 ? 0xd032 : 0xc032); /* bis, bic #flags, sr */
        put(program, (uint16_t)(random_below(0x200) & flags));
        break;
    case 1:
        put(program, (uint16_t)(0x1200 | (FIRST_DATA + random_below(8)))); /* push Rn */
        put(program, (uint16_t)(0x4130 | (FIRST_DATA + random_below(8)))); /* pop Rn */
        break;
    case 2:
        put(program, 0x8321);                                                   /* sub #2, sp */
        put(program, (uint16_t)(0x4081 | (FIRST_DATA + random_below(8)) << 8)); /* mov Rn, 0(sp) */
        put(program, 0);
        break;
    default:
        put(program, (uint16_t)(0x4200 | (FIRST_DATA + random_below(8)))); /* mov sr, Rn */
        break;
    }
}

static void generate(struct program *program)
{
    memset(program, 0, sizeof *program);
    for (unsigned number = FIRST_POINTER; number < 16; number++) { /* mov #value, Rn */
        static const uint16_t pointers[] = {WINDOW_at, WINDOW_at + 0x80, WINDOW_at + 0x100, WINDOW_at + 0x180};
        put(program, (uint16_t)(0x4030 | number));
        put(program, number < FIRST_DATA ? pointers[number - FIRST_POINTER] : (uint16_t)random_below(0x10000));
    }
    for (uint16_t part = 0x013a; part <= 0x013c; part = (uint16_t)(part + 2)) { /* mov #0, &RESLO|RESHI */
        put(program, 0x4382);
        put(program, part);
    }
    unsigned least = program->count;
    while (program->count < least + 2 * INSTRUCTIONS) {
        unsigned kind = random_below(17);
        void (*const add)(struct program *) = kind < 8    ? add_two_operands
                                              : kind < 11 ? add_one_operand
                                              : kind < 13 ? add_jump
                                              : kind < 14 ? add_multiply
                                              : kind < 15 ? add_call
                                              : kind < 16 ? add_special
                                                          : add_decimal;
        add(program);
    }
    for (unsigned i = 0; i < WINDOW_bytes; i++) {
        program->window[i] = (uint8_t)random_below(256);
    }
    for (unsigned i = 0; i < program->count; i++) {
        program->window[PROGRAM_at - WINDOW_at + 2 * i] = (uint8_t)program->words[i];
        program->window[PROGRAM_at - WINDOW_at + 2 * i + 1] = (uint8_t)(program->words[i] >> 8);
    }
}

/* ---- ours ---- */

/* What mspdebug adds for the instruction at PC: see the top. */
static unsigned generator_error(const struct rki_msp430 *m)
{
    static const uint8_t two_operands[4][3] = {{1, 2, 4}, {3, 3, 6}, {2, 2, 5}, {2, 3, 5}}; /* by As */
    static const uint8_t one_operand[4][3] = {{1, 3, 4}, {4, 5, 5}, {3, 4, 4}, {3, 5, 5}};
    uint16_t word = program_word(m, m->r[RKI_PC]);
    bool two = word >= 0x4000;
    unsigned number = two ? word >> 8 & 15 : word & 15;
    unsigned as = word >> 4 & 3;
    if ((!two && (word & 0xfc00) != 0x1000) || !(number == RKI_CG || (number == RKI_SR && as >= 2))) {
        return 0;
    }
    if (two) {
        unsigned column = (word & 0x80) != 0 ? 2 : (word & 15) == RKI_PC ? 1 : 0;
        return two_operands[as][column] - two_operands[0][column];
    }
    unsigned operation = word >> 7 & 7;
    unsigned column = operation == 4 ? 1 : operation == 5 ? 2 : 0;
    return one_operand[as][column] - one_operand[0][column];
}

static void run_ours(const struct program *program, struct result *result)
{
    struct rki_msp430 *m = program_new(program->words, program->count);
    memcpy(m->memory + WINDOW_at, program->window, WINDOW_bytes);
    m->r[RKI_SP] = STACK_at;
    uint64_t before = m->cycles;
    uint64_t error = 0;
    while (m->r[RKI_PC] != address_of(program, program->count)) {
        error += generator_error(m);
        program_step(m);
    }
    memcpy(result->r, m->r, sizeof m->r);
    memcpy(result->window, m->memory + WINDOW_at, WINDOW_bytes);
    result->instructions = m->instructions;
    result->cycles = m->cycles - before + error;
    free(m);
}

/* ---- mspdebug's ---- */

static void write_file(const char *folder, const char *name, unsigned number, const void *bytes, size_t count)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s%u", folder, name, number);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void read_window(const char *folder, unsigned number, uint8_t window[WINDOW_bytes])
{
    char path[256];
    snprintf(path, sizeof path, "%s/out%u", folder, number);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(window, 1, WINDOW_bytes, file), WINDOW_bytes);
    fclose(file);
    unlink(path);
    snprintf(path, sizeof path, "%s/in%u", folder, number);
    unlink(path);
}

/* A number behind `label` in what mspdebug prints, from `*at` on; *at moves behind it. */
static uint64_t number_after(const char **at, const char *label, int base)
{
    const char *found = strstr(*at, label);
    if (found == NULL) {
        fail_msg("mspdebug does not say '%s'", label);
        return 0;
    }
    char *end;
    uint64_t value = strtoull(found + strlen(label), &end, base);
    *at = end;
    return value;
}

/* The registers are printed in four columns: PC R4 R8 R12, SP R5 R9 R13 and so on. */
static void read_registers(const char **at, uint16_t r[16])
{
    static const char *const labels[16] = {
        "( PC: ", "( SP: ", "( SR: ", "( R3: ", "( R4: ", "( R5: ", "( R6: ", "( R7: ",
        "( R8: ", "( R9: ", "(R10: ", "(R11: ", "(R12: ", "(R13: ", "(R14: ", "(R15: "};
    for (unsigned row = 0; row < 4; row++) {
        for (unsigned column = 0; column < 16; column += 4) {
            r[row + column] = (uint16_t)number_after(at, labels[row + column], 16);
        }
    }
}

static char *run_script(const char *folder)
{
    char command[512];
    size_t size = 16u << 20;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(command, sizeof command, "mspdebug -n -q sim 'read %s/script' 2>&1", folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t got = fread(text, 1, size - 1, pipe);
    text[got] = '\0';
    assert_int_equal(pclose(pipe), 0);
    return text;
}

static void compare(unsigned number, const struct result *ours, const struct result *theirs)
{
    for (unsigned i = 0; i < 16; i++) {
        if (ours->r[i] != theirs->r[i]) {
            fail_msg("program %u: r%u is 0x%04x, mspdebug has 0x%04x", number, i, ours->r[i], theirs->r[i]);
        }
    }
    for (unsigned i = 0; i < WINDOW_bytes; i++) {
        if (ours->window[i] != theirs->window[i]) {
            fail_msg("program %u: byte at 0x%04x is 0x%02x, mspdebug has 0x%02x", number, WINDOW_at + i,
                     ours->window[i], theirs->window[i]);
        }
    }
    assert_int_equal(ours->instructions, theirs->instructions);
    if (ours->cycles != theirs->cycles) {
        fail_msg("program %u: %llu cycles with mspdebug's error, mspdebug has %llu", number,
                 (unsigned long long)ours->cycles, (unsigned long long)theirs->cycles);
    }
}

static void random_programs_agree(void **state)
{
    (void)state;
    static struct result ours[PROGRAMS];
    char folder[] = "/tmp/rekeylab-mspdebug-XXXXXX";
    char path[256];
    uint64_t instructions = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/script", folder);
    FILE *script = fopen(path, "w");
    assert_non_null(script);
    fprintf(script, "simio add hwmult m\nsimio add tracer t 2\n");
    for (unsigned i = 0; i < PROGRAMS; i++) {
        struct program program;
        generate(&program);
        run_ours(&program, &ours[i]);
        instructions += ours[i].instructions;
        write_file(folder, "in", i, program.window, WINDOW_bytes);
        fprintf(script, "reset\nload_raw %s/in%u 0x%x\nset 2 0\nset 1 0x%x\nset 0 0x%x\nsimio config t clear\n", folder,
                i, WINDOW_at, STACK_at, PROGRAM_at);
        fprintf(script, "step %llu\nsimio info t\nsave_raw 0x%x 0x%x %s/out%u\n",
                (unsigned long long)ours[i].instructions, WINDOW_at, WINDOW_bytes, folder, i);
    }
    assert_int_equal(fclose(script), 0);
    char *text = run_script(folder);
    const char *at = text;
    for (unsigned i = 0; i < PROGRAMS; i++) {
        struct result theirs;
        number_after(&at, "=> step ", 10);
        read_registers(&at, theirs.r);
        theirs.instructions = number_after(&at, "Instruction count: ", 10);
        theirs.cycles = number_after(&at, "MCLK: ", 10);
        read_window(folder, i, theirs.window);
        compare(i, &ours[i], &theirs);
    }
    assert_true(instructions > PROGRAMS * 40);
    free(text);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs_agree),
    };
    return cmocka_run_group_tests_name("msp430 against mspdebug", tests, NULL, NULL);
}
