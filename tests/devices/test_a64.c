/* tests/devices/test_a64.c - the plugin's A64 decoder against binutils' disassembler, over real code and rare code
 *
 * Class, registers and moved words are worked out a second time from the disassembler's text. A mnemonic that this file
 * does not know fails the test. With arguments, these ELF files are checked instead: any program for the device.
 */
#include "tests/devices/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/qemu/isa.h"

static const struct {
    uint8_t class;
    const char *mnemonics;
} classes[] = {
    {RK_CYCLE_alu,
     " adc adcs add adds adr adrp and ands asr bfc bfi bfxil bic bics ccmn ccmp cinc cinv cls clz cmn cmp cneg crc32b "
     "crc32h crc32w crc32x crc32cb crc32ch crc32cw crc32cx csel cset csetm csinc csinv csneg eon eor extr lsl lsr mov "
     "movk movn movz mvn neg negs ngc ngcs nop orn orr prfm rbit rev rev16 rev32 ror sbc sbcs sbfiz sbfx sub subs sxtb "
     "sxth sxtw tst ubfiz ubfx uxtb uxth uxtw "},
    {RK_CYCLE_mul, " madd mneg msub mul "},
    {RK_CYCLE_mull, " smaddl smnegl smsubl smull umaddl umnegl umsubl umull "},
    {RK_CYCLE_mulh, " smulh umulh "},
    {RK_CYCLE_div, " sdiv udiv "},
    {RK_CYCLE_load,
     " ldar ldarb ldarh ldaxr ldaxrb ldaxrh ldr ldrb ldrh ldrsb ldrsh ldrsw ldtr ldtrb ldtrh ldtrsb ldtrsh "
     "ldtrsw ldur ldurb ldurh ldursb ldursh ldursw ldxr ldxrb ldxrh "},
    {RK_CYCLE_store, " stlr stlrb stlrh stlxr stlxrb stlxrh str strb strh sttr sttrb sttrh stur sturb sturh stxr stxrb "
                     "stxrh "},
    {RK_CYCLE_load_multiple, " ld1 ld1r ld2 ld2r ld3 ld3r ld4 ld4r ldaxp ldnp ldp ldpsw ldxp "},
    {RK_CYCLE_store_multiple, " st1 st2 st3 st4 stlxp stnp stp stxp "},
    {RK_CYCLE_branch, " b "},
    {RK_CYCLE_branch_if, " cbnz cbz tbnz tbz "},
    {RK_CYCLE_call, " bl "},
    {RK_CYCLE_branch_to, " blr br ret "},
    {RK_CYCLE_system, " brk clrex dc dmb dsb eret hint hlt isb mrs msr sev sevl smc svc tlbi udf wfe wfi yield "},
    {RK_CYCLE_simd,
     " abs addhn addp addv aese aesd aesmc aesimc bif bit bsl cmeq cmge cmgt cmhi cmhs cmlt cmtst cnt dup "
     "ext fabs fadd fcmp fcmpe fcsel fcvt fcvtau fcvtas fcvtms fcvtps fcvtzs fcvtzu fdiv fmadd fmov fmsub "
     "fmul fneg fnmul fsqrt fsub ins mla mls movi mvni not rshrn saddl saddlv shl shll shrn sli smax smin "
     "smlal smlsl smov sri sshl sshll sshr ssra ssubl scvtf sxtl sxtl2 tbl tbx trn1 trn2 uaddl uaddl2 "
     "uaddlp uaddlv uaddw uaddw2 ucvtf umax umaxv umin umlal umlal2 umlsl umov ushl ushll ushll2 ushr usra "
     "uxtl uxtl2 uzp1 uzp2 xtn xtn2 zip1 zip2 rev64 addhn2 shrn2 usubl "},
};

/* One line of the disassembler: the code, the mnemonic, its operands. */
struct line {
    uint32_t code;
    char mnemonic[16];
    char operands[96];
};

static bool is_in(const char *mnemonics, const char *mnemonic)
{
    char padded[20];
    snprintf(padded, sizeof padded, " %s ", mnemonic);
    return strstr(mnemonics, padded) != NULL;
}

/* out: the register's bit as the decoder has it; 0 for the zero register and for what is none. */
static uint64_t register_of(const char *token)
{
    unsigned number;
    char kind, rest;

    if (strcmp(token, "sp") == 0 || strcmp(token, "wsp") == 0) {
        return 1ull << 31;
    }
    if (sscanf(token, "%c%2u%c", &kind, &number, &rest) != 2 || number > 31) {
        return 0;
    }
    if (kind == 'x' || kind == 'w') {
        return 1ull << number;
    }
    return strchr("bhsdqv", kind) != NULL ? 1ull << (32 + number) : 0;
}

/* All registers of the operands, those of {v1.16b-v4.16b} between them too. first: the operand that stands first. */
static uint64_t registers_of(const char *operands, uint64_t *first)
{
    char text[96];
    char *rest;
    uint64_t all = 0;
    bool range = false;

    *first = 0;
    snprintf(text, sizeof text, "%s", operands);
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == '.' || text[i] == '/') { /* v1.16b: the register is what stands before */
            while (text[i] != '\0' && strchr(",}]- ", text[i]) == NULL) {
                text[i++] = ' ';
            }
            i--;
        }
    }
    bool is_first = true;
    for (char *token = strtok_r(text, " ,[]{}!", &rest); token != NULL; token = strtok_r(NULL, " ,[]{}!", &rest)) {
        uint64_t bit;
        if (token[0] == '-' && token[1] == 'v') {
            range = true;
            token++;
        }
        bit = register_of(token);
        if (range && bit != 0) {
            for (uint64_t each = *first; each != bit; each = each == 1ull << 63 ? 1ull << 32 : each << 1) {
                all |= each;
            }
            range = false;
        }
        if (is_first) {
            *first = bit;
        }
        is_first = false;
        all |= bit;
    }
    return all;
}

static bool has_vector(uint64_t registers)
{
    return registers >> 32 != 0;
}

/* out: class of a line by its text, or -1. */
static int class_of(const struct line *line)
{
    uint64_t first;
    uint64_t registers = registers_of(line->operands, &first);

    if (strncmp(line->mnemonic, "b.", 2) == 0) {
        return RK_CYCLE_branch_if;
    }
    bool memory = strchr(line->operands, '[') != NULL && (line->mnemonic[0] == 'l' || line->mnemonic[0] == 's');
    if (has_vector(registers) && !(memory && (line->mnemonic[1] == 'd' || line->mnemonic[1] == 't')) &&
        strncmp(line->mnemonic, "ldr", 3) != 0) {
        bool known = is_in(classes[sizeof classes / sizeof *classes - 1].mnemonics, line->mnemonic) ||
                     is_in(classes[0].mnemonics, line->mnemonic) || is_in(classes[1].mnemonics, line->mnemonic) ||
                     is_in(classes[2].mnemonics, line->mnemonic);
        return known ? RK_CYCLE_simd : -1;
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (!is_in(classes[i].mnemonics, line->mnemonic)) {
            continue;
        }
        int class = classes[i].class;
        if (class == RK_CYCLE_mul && line->operands[0] == 'x') {
            return RK_CYCLE_mul64;
        }
        if (class == RK_CYCLE_load && line->operands[0] == 'q') {
            return RK_CYCLE_load_multiple;
        }
        if (class == RK_CYCLE_store && line->operands[0] == 'q') {
            return RK_CYCLE_store_multiple;
        }
        const char *address = strchr(line->operands, '[');
        const char *comma = address != NULL ? strchr(address, ',') : NULL;
        bool by_register = comma != NULL && (comma[2] == 'x' || comma[2] == 'w') && strchr(comma, ']') != NULL;
        return class == RK_CYCLE_store && by_register ? RK_CYCLE_store_index : class;
    }
    return -1;
}

static bool writes_nothing(const char *mnemonic)
{
    return is_in(" ccmn ccmp cmn cmp nop prfm tst ", mnemonic);
}

/* The decoder's registers against the text's: the same altogether; the first of them a target or, in a store, not. */
static const char *wrong_registers(const struct line *line, const struct rk_insn *insn)
{
    uint64_t first;
    uint64_t text = registers_of(line->operands, &first);
    uint64_t written = insn->computed_mask | insn->loaded_mask;
    uint64_t decoded = written | insn->address_mask | insn->read_mask;

    if (insn->class == RK_CYCLE_call || strcmp(line->mnemonic, "blr") == 0 ||
        (strcmp(line->mnemonic, "ret") == 0 && text == 0)) {
        text |= 1ull << 30;
    }
    if (insn->class == RK_CYCLE_simd ? (text & ~decoded) != 0 && !has_vector(text) : text != decoded) {
        return "registers";
    }
    bool computes = insn->class == RK_CYCLE_alu || insn->class == RK_CYCLE_div ||
                    (insn->class >= RK_CYCLE_mul && insn->class <= RK_CYCLE_mull) || insn->class == RK_CYCLE_mulh;
    if (computes && written != (writes_nothing(line->mnemonic) ? 0 : first)) {
        return "target";
    }
    bool loads = insn->class == RK_CYCLE_load || insn->class == RK_CYCLE_load_multiple;
    if (loads && ((insn->loaded_mask & first) != first || !insn->loads)) {
        return "loaded register";
    }
    if ((insn->class == RK_CYCLE_store || insn->class == RK_CYCLE_store_index) && insn->loaded_mask != 0) {
        return "store that loads";
    }
    const char *end = strrchr(line->operands, ']');
    bool updates = end != NULL && (strchr(end, '!') != NULL || strchr(end, ',') != NULL);
    if (insn->address_mask != 0 && insn->base_update != updates) {
        return "write-back";
    }
    return NULL;
}

static unsigned check_line(const struct line *line)
{
    const uint8_t code[4] = {(uint8_t)line->code, (uint8_t)(line->code >> 8), (uint8_t)(line->code >> 16),
                             (uint8_t)(line->code >> 24)};
    struct rk_insn insn = rk_isa_find(RK_ISA_A64)->decode(code);
    int class = class_of(line);
    const char *wrong = class != insn.class ? "class" : wrong_registers(line, &insn);

    if (class < 0) {
        wrong = "mnemonic unknown to this test";
    } else if (insn.bytes != 4) {
        wrong = "length";
    }
    if (wrong != NULL) {
        print_error("%08" PRIx32 " %s %s: %s (decoded as %s)\n", line->code, line->mnemonic, line->operands, wrong,
                    rk_cycle_item_name(insn.class));
        return 1;
    }
    return 0;
}

static FILE *disassemble(const char *path)
{
    char command[700];
    snprintf(command, sizeof command, "aarch64-linux-gnu-objdump -d -j .text '%s'", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    return pipe;
}

/* out: false at the end. */
static bool next_line(FILE *pipe, struct line *line)
{
    char text[300];

    while (fgets(text, sizeof text, pipe) != NULL) {
        text[strcspn(text, "\n<")] = '\0';
        char *comment = strstr(text, "//");
        if (comment != NULL) {
            *comment = '\0';
        }
        *line = (struct line){0};
        int found = sscanf(text, " %*[0-9a-f]: %" SCNx32 " %15s %95[^\n]", &line->code, line->mnemonic, line->operands);
        bool data = line->mnemonic[0] == '.' || strspn(line->mnemonic, "0123456789abcdef") == 8;
        if (found >= 2 && !data) { /* neither a headline nor data between functions */
            return true;
        }
    }
    return false;
}

/* out: instructions; fails the test on a wrong one. */
static unsigned check_file(const char *path)
{
    FILE *pipe = disassemble(path);
    struct line line;
    unsigned lines = 0;
    unsigned wrong = 0;

    while (next_line(pipe, &line)) {
        lines++;
        wrong += check_line(&line);
    }
    assert_int_equal(pclose(pipe), 0);
    if (wrong > 0) {
        fail_msg("%s: %u of %u instructions wrong", path, wrong, lines);
    }
    return lines;
}

static char **programs;

static void programs_given(void **state)
{
    (void)state;
    for (char **path = programs; *path != NULL; path++) {
        print_message("%s: %u instructions\n", *path, check_file(*path));
    }
}

static void firmware(void **state)
{
    (void)state;
    assert_true(check_file(support_image("cortex-a53", RK_OP_sha256)) > 500);
    assert_true(check_file(support_image("cortex-a53", RK_OP_aes_key_wrap)) > 500);
}

static void rare_instructions(void **state)
{
    char folder[] = "/tmp/rk-a64-XXXXXX";
    char object[64], command[400];
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(object, sizeof object, "%s/zoo.o", folder);
    snprintf(command, sizeof command, "cd '%s' && aarch64-linux-gnu-gcc -c tests/devices/a64_zoo.S -o '%s'",
             rk_firmware_root(), object);
    assert_int_equal(system(command), 0);
    assert_true(check_file(object) > 150);
    unlink(object);
    rmdir(folder);
}

static struct rk_insn decode(uint32_t code)
{
    const uint8_t bytes[4] = {(uint8_t)code, (uint8_t)(code >> 8), (uint8_t)(code >> 16), (uint8_t)(code >> 24)};
    return rk_isa_find(RK_ISA_A64)->decode(bytes);
}

static void markers(void **state)
{
    (void)state;
    assert_int_equal(decode(0xaa0903e9).marker, RK_MARKER_START);
    assert_int_equal(decode(0xaa0a03ea).marker, RK_MARKER_STOP);
    assert_int_equal(decode(0xaa0b03eb).marker, RK_MARKER_WAIT);
    assert_int_equal(decode(0xaa0c03ec).marker, RK_MARKER_EXIT);
    assert_int_equal(decode(0xaa0903ea).marker, RK_MARKER_NONE); /* mov x10, x9 */
    assert_int_equal(decode(0xf103fc1f).region_id, 255);         /* cmp x0, #255 */
    assert_int_equal(decode(0xf100001f).region_id, 0);
    assert_int_equal(decode(0xf104001f).region_id, RK_REGION_ID_NONE); /* cmp x0, #256 */
    assert_int_equal(decode(0xf100043f).region_id, RK_REGION_ID_NONE); /* cmp x1, #1 */
    assert_int_equal(decode(0x7100041f).region_id, RK_REGION_ID_NONE); /* cmp w0, #1 */
    assert_int_equal(decode(0xf84107e0).pops_bytes, 16);               /* ldr x0, [sp], #16 */
    assert_int_equal(decode(0xf84107e1).pops_bytes, 0);
    assert_true(decode(0xd5033fdf).ends_block); /* isb */
    assert_false(decode(0xd5033f9f).ends_block);
    assert_true(decode(0x14000000).hangs);
    assert_false(decode(0x14000001).hangs);
}

static uint64_t pair(uint32_t first, uint32_t second)
{
    struct rk_insn previous = decode(first);
    struct rk_insn next = decode(second);
    return rk_isa_find(RK_ISA_A64)->stalls(&previous, &next);
}

enum {
    ADD_0_1_2 = 0x8b020020,    /* add x0, x1, x2 */
    ADD_3_0_4 = 0x8b040003,    /* add x3, x0, x4 */
    ADD_3_4_5 = 0x8b050083,    /* add x3, x4, x5 */
    ADD_0_4_5 = 0x8b050080,    /* add x0, x4, x5 */
    MUL_0_1_2 = 0x9b027c20,    /* mul x0, x1, x2 */
    MUL_3_4_5 = 0x9b057c83,    /* mul x3, x4, x5 */
    LOAD_0_AT_1 = 0xf9400020,  /* ldr x0, [x1] */
    LOAD_3_AT_0 = 0xf9400003,  /* ldr x3, [x0] */
    STORE_3_AT_4 = 0xf9000083, /* str x3, [x4] */
    BRANCH_IF_0 = 0xb4000040,  /* cbz x0, . + 8 */
    BRANCH = 0x14000002,
    BARRIER = 0xd5033fdf,
};

static void neighbours(void **state)
{
    const uint64_t apart = 1ull << RK_CYCLE_apart;
    const uint64_t load = 1ull << RK_CYCLE_load_wait;
    const uint64_t address = 1ull << RK_CYCLE_address_wait;
    const uint64_t product = 1ull << RK_CYCLE_product_wait;
    struct rk_insn first = decode(ADD_0_1_2);
    (void)state;

    assert_int_equal(rk_isa_find(RK_ISA_A64)->stalls(NULL, &first), apart);
    assert_int_equal(pair(ADD_0_1_2, ADD_3_4_5), 0);
    assert_int_equal(pair(ADD_0_1_2, ADD_3_0_4), apart); /* needs the result */
    assert_int_equal(pair(ADD_0_1_2, ADD_0_4_5), apart); /* the same target */
    assert_int_equal(pair(MUL_0_1_2, ADD_3_4_5), 0);
    assert_int_equal(pair(MUL_0_1_2, MUL_3_4_5), apart); /* one multiplier */
    assert_int_equal(pair(MUL_0_1_2, ADD_3_0_4), apart | product);
    assert_int_equal(pair(LOAD_0_AT_1, ADD_3_4_5), 0);
    assert_int_equal(pair(LOAD_0_AT_1, STORE_3_AT_4), apart); /* one load and store pipe */
    assert_int_equal(pair(LOAD_0_AT_1, ADD_3_0_4), apart | load);
    assert_int_equal(pair(LOAD_0_AT_1, LOAD_3_AT_0), apart | load);
    assert_int_equal(pair(ADD_0_1_2, LOAD_3_AT_0), apart | address);
    assert_int_equal(pair(ADD_3_4_5, BRANCH_IF_0), 0);
    assert_int_equal(pair(BRANCH_IF_0, BRANCH), apart);
    assert_int_equal(pair(ADD_0_1_2, BARRIER), apart);
    assert_int_equal(pair(ADD_0_1_2, 0xaa0a03ea), 0); /* the STOP marker is no instruction */
}

/* The table takes 0.33 of a cycle for each instruction that issues apart. Here pairs are followed one by one over code:
 * what an instruction takes beyond half a cycle, for each that issues apart. */
static void estimate_of_pairs(void **state)
{
    const struct rk_isa *isa = rk_isa_find(RK_ISA_A64);
    FILE *pipe = disassemble(support_image("cortex-a53", RK_OP_sha256));
    struct rk_insn previous = {0};
    struct line line;
    unsigned count = 0;
    unsigned apart = 0;
    unsigned cycles = 0;
    bool pair_is_open = false; /* the last cycle has room for one more */
    bool follows = false;
    (void)state;

    while (next_line(pipe, &line)) {
        struct rk_insn insn = decode(line.code);
        bool alone = (isa->stalls(follows ? &previous : NULL, &insn) & 1ull << RK_CYCLE_apart) != 0;
        bool joins = pair_is_open && !alone;
        count++;
        apart += alone;
        cycles += !joins;
        follows = !insn.branches || insn.conditional;
        pair_is_open = !joins && follows;
        previous = insn;
    }
    assert_int_equal(pclose(pipe), 0);
    double share = ((double)cycles - (double)count / 2) / apart;
    if (share < 0.27 || share > 0.39) {
        fail_msg("%u instructions, %u apart, %u cycles: %.3f of a cycle each", count, apart, cycles, share);
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest given[] = {cmocka_unit_test(programs_given)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(firmware),   cmocka_unit_test(rare_instructions), cmocka_unit_test(markers),
        cmocka_unit_test(neighbours), cmocka_unit_test(estimate_of_pairs),
    };

    programs = arguments + 1;
    return count > 1 ? cmocka_run_group_tests(given, NULL, NULL) : cmocka_run_group_tests(tests, NULL, NULL);
}
