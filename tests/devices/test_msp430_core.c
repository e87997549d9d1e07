/* tests/devices/test_msp430_core.c - what the MSP430 core does beside computing: faults, interrupts, sleep, watchdog,
 * multiplier, flash, decoded code that changes. Programs are a few words; each says its assembly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/devices/msp430_program.h"

#define PROGRAM(...)                                                                                                   \
    program_new((const uint16_t[]){__VA_ARGS__}, sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

enum { NOP = 0x4303, LOOP = 0x3fff, EINT = 0xd232, DATA_at = 0x1200, HANDLER_at = 0x1600, RETI = 0x1300 };

/* ---- faults ---- */

static void expect_fault(struct rki_msp430 *m, const char *text)
{
    assert_int_equal(program_run(m, 100), RKI_STOP_FAULT);
    assert_string_equal(m->fault, text);
    assert_int_equal(program_run(m, 100), RKI_STOP_FAULT); /* for good */
    free(m);
}

static void faults(void **state)
{
    (void)state;
    expect_fault(PROGRAM(0x4215, 0x1201), "word read at odd address 0x1201");          /* mov &0x1201, r5 */
    expect_fault(PROGRAM(0x4582, 0x1201), "word write at odd address 0x1201");         /* mov r5, &0x1201 */
    expect_fault(PROGRAM(0x4215, 0x0a00), "read of unmapped address 0x0a00");          /* mov &0x0a00, r5 */
    expect_fault(PROGRAM(0x45c2, 0x3900), "write to unmapped address 0x3900");         /* mov.b r5, &0x3900 */
    expect_fault(PROGRAM(0x4582, 0x8000), "write to locked flash at 0x8000");          /* mov r5, &0x8000 */
    expect_fault(PROGRAM(0x4215, 0x0160), "no such peripheral in this model: 0x0160"); /* timer A */
    expect_fault(PROGRAM(0x0000), "invalid opcode 0x0000");
    expect_fault(PROGRAM(0x1380), "invalid opcode 0x1380");                          /* MSP430X's calla */
    expect_fault(PROGRAM(0x1c00), "invalid opcode 0x1c00");                          /* MSP430X's extension word */
    expect_fault(PROGRAM(0x10c5), "invalid opcode 0x10c5");                          /* swpb.b */
    expect_fault(PROGRAM(0x1030, 1), "invalid opcode 0x1030");                       /* rrc #1 */
    expect_fault(PROGRAM(0x4030, 0x0100), "execution of peripheral space 0x0100");   /* br #0x0100 */
    expect_fault(PROGRAM(0x4030, 0x3900), "read of unmapped address 0x3900");        /* br #0x3900 */
    expect_fault(PROGRAM(0x40b2, 0x0080, 0x0120), "wrong watchdog password 0x0080"); /* mov #0x80, &WDTCTL */
    expect_fault(PROGRAM(0x40b2, 0x0010, 0x012c), "wrong flash key 0x0010");         /* mov #0x10, &FCTL3 */
}

/* The first 2 KiB of RAM answer at 0x0200 as well, for code, too. */
static void ram_has_a_mirror(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(0x40b2, 0x1234, 0x0300, /* mov #0x1234, &0x0300 */
                                   0x4215, 0x1200);        /* mov &0x1200, r5 */
    program_step(m);
    program_step(m);
    assert_int_equal(m->r[5], 0x1234);
    free(m);
}

/* An instruction that was executed before is another one after a store, through RAM and through its mirror. */
static void code_that_changes(void **state)
{
    (void)state;
    for (uint16_t delta = 0; delta <= 0x0f00; delta = (uint16_t)(delta + 0x0f00)) {
        uint16_t changed = (uint16_t)(PROGRAM_at - delta + 2);  /* the constant of the first instruction */
        struct rki_msp430 *m = PROGRAM(0x4035, 0x0001,          /* mov #1, r5 */
                                       0x40b2, 0x0777, changed, /* mov #0x777, &changed */
                                       0x3ffa);                 /* jmp to the start */
        for (int i = 0; i < 4; i++) {
            program_step(m);
        }
        assert_int_equal(m->r[5], 0x0777);
        free(m);
    }
}

/* Memory that changes from outside, as when a device loses its power: what was decoded is forgotten. */
static void ram_that_is_replaced(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(0x4035, 0x0001, 0x3ffd); /* mov #1, r5; jmp back */
    program_step(m);
    program_step(m);
    m->memory[PROGRAM_at + 2] = 7;
    rki_msp430_forget_ram(m);
    program_step(m);
    assert_int_equal(m->r[5], 7);
    free(m);
}

/* ---- interrupts, sleep, watchdog ---- */

static void an_interrupt_returns(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(EINT, NOP, NOP, NOP, LOOP);
    program_put(m, HANDLER_at, (const uint16_t[]){0x5316, RETI}, 2); /* add #1, r6 */
    program_put_word(m, RKI_VECTORS_at + 2 * 7, HANDLER_at);
    rki_msp430_interrupt(m, 7);
    program_step(m);
    assert_int_equal(m->r[RKI_PC], PROGRAM_at + 2); /* enabled, */
    program_step(m);
    assert_int_equal(m->r[RKI_PC], PROGRAM_at + 4); /* and one more instruction, */
    assert_int_equal(m->r[6], 0);
    assert_int_equal(program_run(m, 6), RKI_STOP_LIMIT); /* then entry */
    assert_int_equal(m->r[RKI_PC], HANDLER_at);
    assert_int_equal(m->r[RKI_SR], 0);
    assert_int_equal(program_word(m, PROGRAM_STACK_at - 2), PROGRAM_at + 4);
    assert_int_equal(program_word(m, PROGRAM_STACK_at - 4), RKI_GIE);
    program_step(m);
    program_step(m);
    assert_int_equal(m->r[6], 1);
    assert_int_equal(m->r[RKI_PC], PROGRAM_at + 4);
    assert_int_equal(m->r[RKI_SP], PROGRAM_STACK_at);
    assert_int_equal(m->r[RKI_SR], RKI_GIE);
    free(m);
}

static void a_higher_vector_goes_first_and_nmi_asks_nobody(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(NOP, NOP, LOOP);
    program_put(m, HANDLER_at, (const uint16_t[]){NOP, NOP}, 2);
    program_put_word(m, RKI_VECTORS_at + 2 * 3, HANDLER_at + 0x100);
    program_put_word(m, RKI_VECTORS_at + 2 * 9, HANDLER_at);
    program_put_word(m, RKI_VECTORS_at + 2 * RKI_VECTOR_NMI, HANDLER_at + 0x200);
    rki_msp430_interrupt(m, 3);
    rki_msp430_interrupt(m, 9);
    program_step(m);
    assert_int_equal(m->r[RKI_PC], PROGRAM_at + 2); /* GIE is clear */
    m->r[RKI_SR] = RKI_GIE;
    rki_msp430_interrupt(m, 9);
    program_run(m, 6);
    assert_int_equal(m->r[RKI_PC], HANDLER_at);
    rki_msp430_interrupt(m, RKI_VECTOR_NMI);
    program_run(m, 6);
    assert_int_equal(m->r[RKI_PC], HANDLER_at + 0x200);
    free(m);
}

/* CPUOFF: time passes, no instruction is executed, an interrupt wakes the CPU at its cycle exactly. */
static void sleep_lasts_until_an_interrupt(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(0xd032, 0x0018, NOP, LOOP); /* bis #GIE|CPUOFF, sr */
    program_put_word(m, HANDLER_at, RETI);
    program_put_word(m, RKI_VECTORS_at + 2 * 2, HANDLER_at);
    rki_msp430_interrupt_at(m, 2, m->cycles + 1000);
    uint64_t start = m->cycles;
    assert_int_equal(program_run(m, 500), RKI_STOP_LIMIT);
    assert_int_equal(m->cycles, start + 500);
    assert_int_equal(m->instructions, 1);
    assert_int_equal(program_run(m, 500 + 6), RKI_STOP_LIMIT);
    assert_int_equal(m->cycles, start + 1006);
    assert_int_equal(m->r[RKI_PC], HANDLER_at);
    assert_int_equal(program_run(m, 1000), RKI_STOP_ASLEEP); /* RETI restores CPUOFF, and nothing is left to wake it */
    assert_int_equal(m->instructions, 2);
    free(m);
}

static void an_interrupt_in_a_running_program_comes_after_its_cycle(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(EINT, LOOP);
    program_put(m, HANDLER_at, (const uint16_t[]){LOOP}, 1);
    program_put_word(m, RKI_VECTORS_at + 2 * 2, HANDLER_at);
    uint64_t start = m->cycles;
    rki_msp430_interrupt_at(m, 2, start + 100);
    program_run(m, 106); /* eint 1, jumps of 2: a jump ends at 101, entry at 107 */
    assert_int_equal(m->r[RKI_PC], PROGRAM_at + 2);
    program_run(m, 107 - 101);
    assert_int_equal(m->cycles, start + 107);
    assert_int_equal(m->r[RKI_PC], HANDLER_at);
    free(m);
}

static void the_watchdog_bites(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(LOOP);
    m->watchdog.control = 0;
    m->watchdog.started_at = m->cycles;
    assert_int_equal(program_run(m, 32767), RKI_STOP_LIMIT);
    assert_int_equal(program_run(m, 100), RKI_STOP_FAULT);
    assert_string_equal(m->fault, "the watchdog expired at 0x1400");
    free(m);
}

/* As an interval timer it asks for an interrupt every 8192 cycles; clearing its counter puts that off. */
static void the_watchdog_counts_intervals(void **state)
{
    (void)state;
    struct rki_msp430 *m = PROGRAM(0x40b2, 0x5a19, 0x0120, /* mov #WDTPW|WDTTMSEL|WDTCNTCL|1, &WDTCTL */
                                   0x43d2, 0x0000,         /* mov.b #1, &IE1 */
                                   EINT, LOOP);
    program_put(m, HANDLER_at, (const uint16_t[]){0x5316, RETI}, 2); /* add #1, r6 */
    program_put_word(m, RKI_VECTORS_at + 2 * RKI_VECTOR_WATCHDOG, HANDLER_at);
    assert_int_equal(program_run(m, 10 * 8192 + 100), RKI_STOP_LIMIT);
    assert_int_equal(m->r[6], 10);
    assert_int_equal(m->memory[2] & 1, 0); /* the flag is reset on entry */
    free(m);
}

/* ---- multiplier ---- */

/* Every mode over corners and a walk of values, against C. */
static void the_multiplier_multiplies(void **state)
{
    (void)state;
    static const uint16_t corners[] = {0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x1234, 0xedcb};
    enum { CORNERS = sizeof corners / sizeof corners[0] };
    for (unsigned mode = 0; mode < 4; mode++) {
        struct rki_msp430 *m = PROGRAM(0x4582, (uint16_t)(0x130 + 2 * mode), /* mov r5, &MPY|MPYS|MAC|MACS */
                                       0x4682, 0x0138,                       /* mov r6, &OP2 */
                                       0x4217, 0x013a, 0x4218, 0x013c, 0x4219, 0x013e);
        uint64_t sum = 0;
        for (unsigned i = 0; i < CORNERS * CORNERS * 50; i++) {
            m->r[RKI_PC] = PROGRAM_at;
            m->r[5] = (uint16_t)(corners[i % CORNERS] + i / 700);
            m->r[6] = corners[i / CORNERS % CORNERS];
            for (int step = 0; step < 5; step++) {
                program_step(m);
            }
            bool is_signed = (mode & 1) != 0;
            uint32_t product =
                is_signed ? (uint32_t)((int32_t)(int16_t)m->r[5] * (int16_t)m->r[6]) : (uint32_t)m->r[5] * m->r[6];
            sum = (mode >= 2 ? (uint32_t)sum : 0) + (uint64_t)product;
            uint16_t extend = is_signed ? ((uint32_t)sum >> 31 != 0 ? 0xffff : 0) : (uint16_t)(sum >> 32);
            assert_int_equal(m->r[7] | (uint32_t)m->r[8] << 16, (uint32_t)sum);
            assert_int_equal(m->r[9], extend);
        }
        free(m);
    }
}

/* ---- flash ---- */

enum { FCTL1_ERASE = 0xa502, FCTL1_WRITE = 0xa540, FCTL2_MCLK_10 = 0xa549, FCTL3_OPEN = 0xa500, TICK_cycles = 10 };

/* Sets up the flash as port.c does, with `mode` in FCTL1, and stores r5 to the address in r6. Program in RAM. */
static struct rki_msp430 *flash_program(uint16_t mode, uint16_t address, uint16_t value)
{
    struct rki_msp430 *m = PROGRAM(0x40b2, FCTL2_MCLK_10, 0x012a, 0x40b2, FCTL3_OPEN, 0x012c, 0x40b2, mode, 0x0128,
                                   0x4586, 0x0000,         /* mov r5, 0(r6) */
                                   0xb392, 0x012c, 0x23fd, /* wait: bit #BUSY, &FCTL3; jnz wait */
                                   LOOP);
    m->r[5] = value;
    m->r[6] = address;
    return m;
}

static void flash_is_written_and_erased_from_ram(void **state)
{
    (void)state;
    struct rki_msp430 *m = flash_program(FCTL1_WRITE, 0x8000, 0x1234);
    for (int i = 0; i < 4; i++) {
        program_step(m);
    }
    uint64_t started = m->cycles;
    assert_true(m->flash.busy && !m->flash.held);
    assert_int_equal(program_word(m, 0x8000), 0xffff); /* not yet */
    while (m->r[RKI_PC] != PROGRAM_at + 28) {
        program_step(m);
    }
    assert_in_range(m->cycles - started, 35 * TICK_cycles, 35 * TICK_cycles + 12);
    assert_int_equal(program_word(m, 0x8000), 0x1234);
    m->r[RKI_PC] = PROGRAM_at + 12;
    program_put_word(m, PROGRAM_at + 14, FCTL1_WRITE);
    m->r[5] = 0xf0f0; /* bits are only cleared */
    program_run(m, 400);
    assert_int_equal(program_word(m, 0x8000), 0x1030);
    program_put_word(m, 0x7ffe, 0xabcd);
    program_put_word(m, 0x8200, 0xabcd);
    m->r[RKI_PC] = PROGRAM_at + 12;
    program_put_word(m, PROGRAM_at + 14, FCTL1_ERASE);
    m->r[6] = 0x8123 & 0xfffe;
    program_run(m, 4819 * TICK_cycles - 20);
    assert_int_equal(program_word(m, 0x8000), 0x1030);
    program_run(m, 60);
    assert_int_equal(program_word(m, 0x8000), 0xffff);
    assert_int_equal(program_word(m, 0x7ffe), 0xabcd); /* the segments beside it are not touched */
    assert_int_equal(program_word(m, 0x8200), 0xabcd);
    assert_int_equal(m->flash.wear[rki_flash_segment(0x8000)], 1);
    assert_int_equal(m->flash.wear[rki_flash_segment(0x8200)], 0);
    free(m);
}

/* From flash the CPU is held: the store itself takes as long as the flash. */
static void a_program_in_flash_is_held(void **state)
{
    (void)state;
    struct rki_msp430 *m = flash_program(FCTL1_WRITE, 0x1080, 0xbeef);
    memmove(m->memory + 0x4000, m->memory + PROGRAM_at, 64);
    m->r[RKI_PC] = 0x4000;
    for (int i = 0; i < 3; i++) {
        program_step(m);
    }
    uint64_t before = m->cycles;
    assert_int_equal(program_run(m, 4 + 35 * TICK_cycles - 1), RKI_STOP_LIMIT);
    assert_true(m->flash.held);
    assert_int_equal(program_word(m, 0x1080), 0xffff);
    assert_int_equal(program_run(m, 1), RKI_STOP_LIMIT);
    assert_int_equal(m->cycles - before, 4 + 35 * TICK_cycles);
    assert_int_equal(program_word(m, 0x1080), 0xbeef);
    assert_int_equal(m->flash.busy_cycles, 35 * TICK_cycles);
    free(m);
}

static void mass_erase_keeps_information_memory_unless_asked(void **state)
{
    (void)state;
    for (uint16_t mode = 0xa504; mode <= 0xa506; mode = (uint16_t)(mode + 2)) {
        struct rki_msp430 *m = flash_program(mode, 0x9000, 0);
        memset(m->memory + RKI_INFORMATION_at, 0x11, RKI_INFORMATION_bytes);
        memset(m->memory + RKI_FLASH_at, 0x22, RKI_FLASH_bytes);
        program_run(m, 5297 * TICK_cycles + 100);
        assert_int_equal(m->memory[0x10ff], mode == 0xa504 ? 0x11 : 0xff);
        assert_int_equal(m->memory[0x4000], 0xff);
        assert_int_equal(m->memory[0xffff], 0xff);
        assert_int_equal(m->flash.wear[0], mode == 0xa504 ? 0 : 1);
        assert_int_equal(m->flash.wear[RKI_SEGMENTS - 1], 1);
        free(m);
    }
}

/* First word 30 ticks, the next ones 21, and 6 to end. */
static void block_writes_are_faster(void **state)
{
    (void)state;
    struct rki_msp430 *m = flash_program(0xa5c0, 0x8000, 0x5555); /* BLKWRT | WRT */
    uint64_t before = 0;
    for (unsigned word = 0; word < 3; word++) {
        before = m->flash.busy_cycles;
        m->r[6] = (uint16_t)(0x8000 + 2 * word);
        program_run(m, 400);
        assert_int_equal(m->flash.busy_cycles - before, (word == 0 ? 30 : 21) * TICK_cycles);
        m->r[RKI_PC] = PROGRAM_at + 18;
    }
    before = m->flash.busy_cycles;
    program_put_word(m, PROGRAM_at + 14, 0xa540);
    m->r[RKI_PC] = PROGRAM_at + 12;
    program_step(m);
    assert_int_equal(m->flash.busy_cycles - before, 6 * TICK_cycles);
    assert_int_equal(program_word(m, 0x8004), 0x5555);
    free(m);
}

/* A reset ends an erasure on its way: most bits are set, and the flash answers again. */
static void a_reset_cuts_an_erasure_short(void **state)
{
    (void)state;
    struct rki_msp430 *m = flash_program(FCTL1_ERASE, 0x8000, 0);
    program_put_word(m, 0x8000, 0x0000);
    program_put_word(m, RKI_VECTORS_at + 2 * RKI_VECTOR_RESET, 0x8000);
    program_run(m, 4819 * TICK_cycles * 3 / 4);
    assert_true(m->flash.busy);
    rki_msp430_reset(m);
    assert_int_equal(m->r[RKI_PC], 0x8000);
    assert_true(program_word(m, 0x8000) != 0x0000 && program_word(m, 0x8000) != 0xffff);
    assert_non_null(m->readable[0x80]);
    free(m);
}

static void what_flash_refuses(void **state)
{
    (void)state;
    struct rki_msp430 *m = flash_program(0xa500, 0x8000, 1);
    expect_fault(m, "write to flash, and neither WRT nor ERASE is set, at 0x8000");
    m = flash_program(FCTL1_WRITE, 0x8000, 1);
    program_put_word(m, PROGRAM_at + 2, 0xa542); /* MCLK / 3: 1.33 MHz */
    expect_fault(m, "flash timing generator out of 257..476 kHz: FCTL2 is 0x0042");
    m = flash_program(FCTL1_WRITE, 0x8000, 1);
    program_put_word(m, PROGRAM_at + 22, 0x4216); /* mov &0x8000, r6 while it is busy */
    program_put_word(m, PROGRAM_at + 24, 0x8000);
    expect_fault(m, "read of flash while it is busy, at 0x8000");
    m = flash_program(FCTL1_WRITE, 0x8000, 1);
    program_put_word(m, PROGRAM_at + 22, 0x4030); /* br #0x9000 while it is busy */
    program_put_word(m, PROGRAM_at + 24, 0x9000);
    expect_fault(m, "execution from flash while it is busy, at 0x9000");
    m = flash_program(0xa5c0, 0x8000, 1);
    memmove(m->memory + 0x4000, m->memory + PROGRAM_at, 64);
    m->r[RKI_PC] = 0x4000;
    expect_fault(m, "block write by a program in flash, to 0x8000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults),
        cmocka_unit_test(ram_has_a_mirror),
        cmocka_unit_test(code_that_changes),
        cmocka_unit_test(ram_that_is_replaced),
        cmocka_unit_test(an_interrupt_returns),
        cmocka_unit_test(a_higher_vector_goes_first_and_nmi_asks_nobody),
        cmocka_unit_test(sleep_lasts_until_an_interrupt),
        cmocka_unit_test(an_interrupt_in_a_running_program_comes_after_its_cycle),
        cmocka_unit_test(the_watchdog_bites),
        cmocka_unit_test(the_watchdog_counts_intervals),
        cmocka_unit_test(the_multiplier_multiplies),
        cmocka_unit_test(flash_is_written_and_erased_from_ram),
        cmocka_unit_test(a_program_in_flash_is_held),
        cmocka_unit_test(mass_erase_keeps_information_memory_unless_asked),
        cmocka_unit_test(block_writes_are_faster),
        cmocka_unit_test(a_reset_cuts_an_erasure_short),
        cmocka_unit_test(what_flash_refuses),
    };
    return cmocka_run_group_tests_name("msp430 core", tests, NULL, NULL);
}
