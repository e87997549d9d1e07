/* tests/devices/test_decoder.c - the plugin's Thumb decoder against binutils' disassembler, over real code
 *
 * Class, registers and words are worked out a second time from the disassembler's text. A mnemonic that this file does
 * not know fails the test.
 */
#include "tests/devices/support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/qemu/thumb.h"

static const struct {
    uint8_t class;
    const char *mnemonics;
} classes[] = {
    {RK_CYCLE_alu,
     " sg adc add addw adr and asr bfc bfi bic clz cmn cmp eor lsl lsr mov movw movt mvn neg nop orn orr pkhbt "
     "pkhtb rbit rev rev16 revsh ror rrx rsb sbc sbfx sel ssat ssat16 sub subw sxtb sxth sxtb16 sxtab sxtah "
     "sxtab16 teq tst ubfx usat usat16 uxtb uxth uxtab uxtah uxtb16 uxtab16 pld pli sadd8 sadd16 ssub8 "
     "ssub16 uadd8 uadd16 usub8 usub16 qadd qsub qdadd qdsub qadd8 qadd16 qsub8 qsub16 uqadd8 uqadd16 "
     "uqsub8 uqsub16 shadd8 shadd16 shsub8 shsub16 uhadd8 uhadd16 uhsub8 uhsub16 sasx ssax uasx usax "},
    {RK_CYCLE_mul, " mul smulbb smulbt smultb smultt smulwb smulwt smmul smmulr smuad smuadx smusd smusdx usad8 "},
    {RK_CYCLE_mla,
     " mla mls smlabb smlabt smlatb smlatt smlawb smlawt smmla smmlar smmls smmlsr smlad smladx smlsd smlsdx usada8 "},
    {RK_CYCLE_mull, " umull smull "},
    {RK_CYCLE_mlal, " umlal smlal umaal smlalbb smlalbt smlaltb smlaltt smlald smlaldx smlsld smlsldx "},
    {RK_CYCLE_div, " udiv sdiv "},
    {RK_CYCLE_load, " ldr ldrb ldrh ldrsb ldrsh ldrt ldrbt ldrht ldrsbt ldrsht ldrex ldrexb ldrexh lda ldab "
                    "ldah ldaex ldaexb ldaexh "},
    {RK_CYCLE_store, " str strb strh strt strbt strht "},
    {RK_CYCLE_store_index, " strex strexb strexh stl stlb stlh stlex stlexb stlexh "},
    {RK_CYCLE_load_multiple, " ldm ldmia ldmdb pop ldrd vldr vldmia vldmdb vpop fldmiax fldmdbx "},
    {RK_CYCLE_store_multiple, " stm stmia stmdb push strd vstr vstmia vstmdb vpush fstmiax fstmdbx "},
    {RK_CYCLE_branch, " b "},
    {RK_CYCLE_branch_if, " cbz cbnz "},
    {RK_CYCLE_call, " bl "},
    {RK_CYCLE_branch_to, " bx blx bxns blxns "},
    {RK_CYCLE_branch_table, " tbb tbh "},
    {RK_CYCLE_state, " cpsid cpsie sev yield "},
    {RK_CYCLE_system, " mrs msr svc bkpt dmb dsb isb wfi wfe udf clrex tt ttt tta ttat "},
    {RK_CYCLE_fp, " vsel vselge vseleq vselgt vselvs vmaxnm vminnm vrintz vrintx vrintr vrinta vrintn vrintp vrintm "
                  "vcvta vcvtn vcvtp "
                  "vcvtm vadd vsub vmul vnmul vabs vneg vcmp vcmpe vcvt vcvtr vcvtb vcvtt vmov vmrs vmsr "},
    {RK_CYCLE_fp_mac, " vmla vmls vnmla vnmls vfma vfms vfnma vfnms "},
    {RK_CYCLE_fp_div, " vdiv vsqrt "},
};

static const char *const conditions[] = {"eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl",
                                         "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"};

static bool is_condition(const char *text)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (strcmp(conditions[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* out: class of an exact mnemonic, -1 if unknown. */
static int find_class(const char *mnemonic)
{
    char word[32];
    snprintf(word, sizeof word, " %s ", mnemonic);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strstr(classes[i].mnemonics, word) != NULL) {
            return classes[i].class;
        }
    }
    return -1;
}

static void cut(char *text, size_t from_end)
{
    size_t length = strlen(text);
    text[length > from_end ? length - from_end : 0] = '\0';
}

/* in: mnemonic as printed, without width and type. out: class; the mnemonic loses condition and S. */
static int classify(char *mnemonic, bool in_it)
{
    size_t length = strlen(mnemonic);

    if (strncmp(mnemonic, "it", 2) == 0 && strspn(mnemonic + 2, "te") == length - 2) {
        return RK_CYCLE_it;
    }
    if (mnemonic[0] == 'b' && is_condition(mnemonic + 1)) {
        return in_it ? RK_CYCLE_branch : RK_CYCLE_branch_if;
    }
    if (in_it && length > 2 && is_condition(mnemonic + length - 2)) {
        cut(mnemonic, 2);
    }
    int class = find_class(mnemonic);
    if (class < 0 && mnemonic[strlen(mnemonic) - 1] == 's') {
        cut(mnemonic, 1);
        class = find_class(mnemonic);
    }
    return class;
}

/* out: number of the core register that the text begins with, -1 if none. */
static int core_register(const char *text)
{
    static const char *const named[] = {"sl", "fp", "ip", "sp", "lr", "pc"};
    for (int i = 0; i < 6; i++) {
        if (strncmp(text, named[i], 2) == 0 && !isalnum((unsigned char)text[2])) {
            return 10 + i;
        }
    }
    if (text[0] != 'r' || !isdigit((unsigned char)text[1])) {
        return -1;
    }
    int number = atoi(text + 1);
    return number <= 15 ? number : -1;
}

static const char *operand(const char *operands, int index)
{
    while (index-- > 0 && operands != NULL) {
        operands = strchr(operands, ',');
        operands = operands != NULL ? operands + 1 + strspn(operands + 1, " ") : NULL;
    }
    return operands;
}

static uint64_t register_mask(const char *text)
{
    int number = text != NULL ? core_register(text) : -1;
    return number >= 0 ? 1ull << number : 0;
}

/* Core registers between the brackets of an address. */
static uint64_t bracket_mask(const char *operands)
{
    const char *at = strchr(operands, '[');
    uint64_t mask = 0;
    for (; at != NULL && *at != ']' && *at != '\0'; at++) {
        if (*at == '[' || *at == ' ') {
            mask |= register_mask(at + 1);
        }
    }
    return mask;
}

/* A second register between the brackets, be it the first one again. */
static bool has_index(const char *operands)
{
    const char *bracket = strchr(operands, '[');
    const char *inner = bracket != NULL ? operand(bracket, 1) : NULL;
    return inner != NULL && inner < strchr(bracket, ']') && core_register(inner) >= 0;
}

/* Words that a register list stands for. */
static unsigned brace_words(const char *operands)
{
    const char *at = strchr(operands, '{');
    unsigned words = 0;
    while (at != NULL && *at != '}' && *at != '\0') {
        at++;
        at += strspn(at, " ");
        char kind = *at;
        const char *dash = at + strcspn(at, "-,}");
        unsigned count = 1;
        if (*dash == '-') {
            count = (unsigned)(atoi(dash + 2) - atoi(at + 1)) + 1;
        }
        words += kind == 'd' ? 2 * count : count;
        at += strcspn(at, ",}");
    }
    return words;
}

static struct rk_insn expect_multiple(struct rk_insn want, const char *mnemonic, const char *operands)
{
    bool in_stack = strcmp(mnemonic, "push") == 0 || strcmp(mnemonic, "pop") == 0 || strcmp(mnemonic, "vpush") == 0 ||
                    strcmp(mnemonic, "vpop") == 0;
    if (strchr(operands, '[') != NULL) {
        bool vector = mnemonic[0] == 'v';
        want.words = vector && operands[0] == 's' ? 1 : 2;
        want.address_mask = bracket_mask(operands);
        return want;
    }
    want.words = (uint8_t)brace_words(operands);
    want.address_mask = in_stack ? 1u << 13 : register_mask(operands);
    want.branches = want.class == RK_CYCLE_load_multiple && strstr(operands, "pc}") != NULL;
    return want;
}

/* What the disassembler's text says of an instruction. */
static struct rk_insn expect(int class, const char *mnemonic, const char *operands)
{
    struct rk_insn want = {.class = (uint8_t) class};
    uint64_t first = register_mask(operands);
    uint64_t second = register_mask(operand(operands, 1));
    bool compare = strcmp(mnemonic, "cmp") == 0 || strcmp(mnemonic, "cmn") == 0 || strcmp(mnemonic, "tst") == 0 ||
                   strcmp(mnemonic, "teq") == 0;

    switch (class) {
    case RK_CYCLE_load:
        want.address_mask = bracket_mask(operands);
        want.loaded_mask = first;
        want.branches = first == 1u << 15;
        want.base_update = strchr(operands, '!') != NULL || strstr(operands, "], #") != NULL;
        break;
    case RK_CYCLE_store:
        want.address_mask = bracket_mask(operands);
        if (has_index(operands)) {
            want.class = RK_CYCLE_store_index;
        }
        break;
    case RK_CYCLE_store_index:
    case RK_CYCLE_branch_table:
        want.address_mask = bracket_mask(operands);
        want.branches = class == RK_CYCLE_branch_table;
        break;
    case RK_CYCLE_load_multiple:
    case RK_CYCLE_store_multiple:
        return expect_multiple(want, mnemonic, operands);
    case RK_CYCLE_branch:
    case RK_CYCLE_branch_if:
    case RK_CYCLE_branch_to:
    case RK_CYCLE_call:
        want.branches = true;
        break;
    case RK_CYCLE_mull:
    case RK_CYCLE_mlal:
        want.computed_mask = first | second;
        break;
    case RK_CYCLE_fp:
        if (strcmp(mnemonic, "vmov") == 0 && operand(operands, 2) != NULL) {
            want.class = RK_CYCLE_fp_move2;
            want.computed_mask = first | (first != 0 ? second : 0);
        } else if (strcmp(mnemonic, "vmov") == 0 || strcmp(mnemonic, "vmrs") == 0) {
            want.computed_mask = first;
        }
        break;
    case RK_CYCLE_alu:
        if (first == 1u << 15) {
            want.class = RK_CYCLE_branch_to;
            want.branches = true;
        } else {
            want.computed_mask = compare ? 0 : first;
        }
        break;
    case RK_CYCLE_mul:
    case RK_CYCLE_mla:
    case RK_CYCLE_div:
        want.computed_mask = first;
        break;
    case RK_CYCLE_system:
        want.computed_mask = strcmp(mnemonic, "mrs") == 0 || strncmp(mnemonic, "tt", 2) == 0 ? first : 0;
        break;
    default:
        break;
    }
    return want;
}

/* One line of objdump -d: "  1c:\tf7ff ffd5 \tbl\t40 <work>". out: false when it is no instruction. */
static bool split(char *line, uint16_t code[2], char mnemonic[32], char operands[256])
{
    char *code_text = strchr(line, '\t');
    char *name = code_text != NULL ? strchr(code_text + 1, '\t') : NULL;
    unsigned first, second = 0;

    if (name == NULL || name[1] == '.' || sscanf(code_text + 1, "%4x %4x", &first, &second) < 1) {
        return false;
    }
    code[0] = (uint16_t)first;
    code[1] = (uint16_t)second;
    snprintf(operands, 256, "%s", "");
    sscanf(name + 1, "%31[^\t\n .]", mnemonic);
    char *tab = strchr(name + 1, '\t');
    if (tab != NULL) {
        snprintf(operands, 256, "%s", tab + 1);
        operands[strcspn(operands, "@;\n\t")] = '\0';
    }
    return true;
}

static bool only_v6m;       /* what is disassembled was compiled for ARMv6-M */
static uint64_t beyond_v6m; /* instructions that are not of it */

static void check_line(char *line, unsigned *in_it, uint64_t seen[RK_CYCLE_ITEMS])
{
    uint16_t code[2];
    char mnemonic[32], operands[256], original[256];

    snprintf(original, sizeof original, "%s", line);
    if (!split(line, code, mnemonic, operands)) {
        return;
    }
    unsigned it_length = 0;
    int class = classify(mnemonic, *in_it > 0);
    if (class < 0) {
        fail_msg("no class known for '%s': %s", mnemonic, original);
    }
    if (class == RK_CYCLE_it) {
        it_length = (unsigned)strlen(mnemonic) - 1;
    }
    struct rk_insn want = expect(class, mnemonic, operands);
    struct rk_insn have = rk_thumb_decode(code[0], code[1]);
    if (have.class != want.class || have.address_mask != want.address_mask || have.loaded_mask != want.loaded_mask ||
        have.computed_mask != want.computed_mask || have.words != want.words || have.branches != want.branches ||
        have.base_update != want.base_update || have.it_length != it_length) {
        fail_msg("%sdecoded as %s address %04llx loaded %04llx computed %04llx words %u branches %d update %d it %u, "
                 "expected %s "
                 "%04llx %04llx %04llx %u %d %d %u",
                 original, rk_cycle_item_name(have.class), (unsigned long long)have.address_mask,
                 (unsigned long long)have.loaded_mask, (unsigned long long)have.computed_mask, have.words,
                 have.branches, have.base_update, have.it_length, rk_cycle_item_name(want.class),
                 (unsigned long long)want.address_mask, (unsigned long long)want.loaded_mask,
                 (unsigned long long)want.computed_mask, want.words, want.branches, want.base_update, it_length);
    }
    if (only_v6m && have.beyond_v6m) {
        fail_msg("%sis said not to be of ARMv6-M", original);
    }
    beyond_v6m += have.beyond_v6m;
    seen[have.class]++;
    *in_it = it_length > 0 ? it_length : *in_it > 0 ? *in_it - 1 : 0;
}

/* out: instructions compared in what `command` names. */
static uint64_t check_disassembly(const char *file_command, uint64_t seen[RK_CYCLE_ITEMS])
{
    char command[1024], line[512];
    uint64_t before = 0, after = 0;
    unsigned in_it = 0;

    for (int i = 0; i < RK_CYCLE_ITEMS; i++) {
        before += seen[i];
    }
    snprintf(command, sizeof command, "arm-none-eabi-objdump -d %s", file_command);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe) != NULL) {
        if (strstr(line, ">:") != NULL) {
            in_it = 0;
        }
        check_line(line, &in_it, seen);
    }
    assert_int_equal(pclose(pipe), 0);
    for (int i = 0; i < RK_CYCLE_ITEMS; i++) {
        after += seen[i];
    }
    return after - before;
}

/* The C and maths libraries of newlib for a core, and firmware of a device with it.
 * out: instructions compared. */
static uint64_t check_core(const char *device, const char *flags, uint64_t seen[RK_CYCLE_ITEMS])
{
    static const char *const libraries[] = {"libm.a", "libc_nano.a"};
    uint64_t total = 0;
    char file[512];

    memset(seen, 0, RK_CYCLE_ITEMS * sizeof *seen);
    beyond_v6m = 0;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        snprintf(file, sizeof file, "$(arm-none-eabi-gcc -mthumb %s -print-file-name=%s)", flags, libraries[i]);
        total += check_disassembly(file, seen);
    }
    total += check_disassembly(support_image(device, RK_OP_aes_key_wrap), seen);
    return total + check_disassembly(support_image(device, RK_OP_sha256), seen);
}

/* Tens of thousands of instructions, of every class but the one that rare instructions have. */
static void agrees_with_the_disassembler_on_the_m4(void **state)
{
    uint64_t seen[RK_CYCLE_ITEMS];
    (void)state;

    assert_true(check_core("cortex-m4", "-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16", seen) > 50000);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (seen[classes[i].class] == 0 && classes[i].class != RK_CYCLE_state) {
            fail_msg("no instruction of class %s was met", rk_cycle_item_name(classes[i].class));
        }
    }
    assert_true(beyond_v6m > 10000);
}

static void agrees_with_the_disassembler_on_the_others(void **state)
{
    uint64_t seen[RK_CYCLE_ITEMS];
    (void)state;

    only_v6m = true;
    assert_true(check_core("cortex-m0plus", "-mcpu=cortex-m0plus", seen) > 50000);
    assert_int_equal(beyond_v6m, 0);
    only_v6m = false;
    assert_true(check_core("cortex-m3", "-mcpu=cortex-m3", seen) > 50000);
    assert_true(check_core("cortex-m33", "-mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16", seen) > 50000);
}

/* What no library has: ARMv8-M's own, and what only system code uses. */
static void agrees_on_rare_instructions(void **state)
{
    static const char rare[] = ".syntax unified\n.thumb\n"
                               "sg\n bxns r3\n blxns r3\n tt r1, r2\n ttt r1, r2\n tta r3, r4\n ttat r3, r4\n"
                               "lda r1, [r2]\n ldab r1, [r2]\n ldaex r1, [r2]\n stl r1, [r2]\n stlex r1, r2, [r3]\n"
                               "cpsid i\n cpsie f\n sev\n yield\n wfi\n wfe\n sev.w\n yield.w\n nop.w\n"
                               "mrs r1, primask\n msr primask, r1\n dmb\n dsb\n isb\n clrex\n svc #1\n bkpt #2\n"
                               "vseleq.f32 s0, s1, s2\n vmaxnm.f32 s0, s1, s2\n vrintz.f32 s0, s1\n vrinta.f32 s0, s1\n"
                               "vcvta.s32.f32 s0, s1\n udf #1\n";
    char folder[64] = "/tmp/rk-rare-XXXXXX", command[1024];
    uint64_t seen[RK_CYCLE_ITEMS] = {0};
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "%s/rare.S", folder);
    FILE *file = fopen(command, "w");
    assert_non_null(file);
    assert_true(fputs(rare, file) >= 0);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command,
             "cd %s && arm-none-eabi-gcc -c -mthumb -mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16 rare.S "
             "-o rare.o",
             folder);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/rare.o", folder);
    assert_int_equal(check_disassembly(command, seen), 35);
    unlink(command);
    snprintf(command, sizeof command, "%s/rare.S", folder);
    unlink(command);
    rmdir(folder);
}

static void markers_are_told_from_moves(void **state)
{
    (void)state;
    assert_int_equal(rk_thumb_decode(0x46c9, 0).marker, RK_MARKER_START);
    assert_int_equal(rk_thumb_decode(0x46d2, 0).marker, RK_MARKER_STOP);
    assert_int_equal(rk_thumb_decode(0x46db, 0).marker, RK_MARKER_WAIT);
    assert_int_equal(rk_thumb_decode(0x46e4, 0).marker, RK_MARKER_EXIT);
    assert_int_equal(rk_thumb_decode(0x46c0, 0).marker, RK_MARKER_NONE);       /* mov r8, r8: the NOP of ARMv6-M */
    assert_int_equal(rk_thumb_decode(0x28ff, 0).region_id, 255);               /* cmp r0, #255 */
    assert_int_equal(rk_thumb_decode(0x2905, 0).region_id, RK_REGION_ID_NONE); /* cmp r1, #5 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_disassembler_on_the_m4),
        cmocka_unit_test(agrees_with_the_disassembler_on_the_others),
        cmocka_unit_test(agrees_on_rare_instructions),
        cmocka_unit_test(markers_are_told_from_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
