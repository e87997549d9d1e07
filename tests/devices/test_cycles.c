/* tests/devices/test_cycles.c - cycles of single instructions against the data sheet's instruction set summary
 *
 * "JMP 3, RJMP 2, RCALL 3, CALL 4, RET 4, LD/ST/LDS/STS/PUSH/POP 2, LPM/ELPM 3, MUL 2, ADIW 2, SBI 2, branch 1 or 2,
 * skip 1, 2 or 3": ATmega1284P data sheet 8272, chapter "Instruction Set Summary".
 */
#include "tests/devices/support.h"

#include "devices/emulators/drivers.h"

static const struct {
    const char *name;
    unsigned cycles;
    unsigned instructions;
} cases[] = {
    [0] = {"empty", 0, 0},
    [1] = {"nop", 10, 10},
    [2] = {"add", 10, 10},
    [3] = {"adiw", 20, 10},
    [4] = {"mul", 20, 10},
    [5] = {"ld X", 20, 10},
    [6] = {"ld X+", 20, 10},
    [7] = {"ld -X", 20, 10},
    [8] = {"ldd Y+q", 20, 10},
    [9] = {"st X+", 20, 10},
    [10] = {"std Z+q", 20, 10},
    [11] = {"lds", 20, 10},
    [12] = {"sts", 20, 10},
    [13] = {"push", 20, 10},
    [14] = {"pop", 20, 10},
    [15] = {"lpm Z+", 30, 10},
    [16] = {"rjmp", 20, 10},
    [17] = {"jmp", 30, 10},
    [18] = {"rcall and ret", 70, 20},
    [19] = {"call and ret", 80, 20},
    [20] = {"icall and ret", 70, 20},
    [21] = {"nop after sez", 10, 10},
    [22] = {"breq taken, after cp", 21, 11},
    [23] = {"brne not taken, after cp", 11, 11},
    [24] = {"sbrc over one word", 20, 10},
    [25] = {"sbrc over two words", 30, 10},
    [26] = {"sbrs not skipping, nop", 20, 20},
    [27] = {"sbi", 20, 10},
    [28] = {"in", 10, 10},
    [29] = {"movw", 10, 10},
    [30] = {"elpm Z+", 30, 10},
    [31] = {"cpse, every other skipped, nop", 11, 6},
};

static void instructions_take_what_the_data_sheet_says(void **state)
{
    (void)state;
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag;
    unsigned wrong = 0;
    assert_int_equal(rk_emulator_simavr.open(&emulator, &support_atmega1284p, RK_CYCLES_IMAGE, &diag), RK_OK);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_call call = {.operation = (uint8_t)i};
        if (rk_emulator_simavr.call(emulator, &call) != RK_CALL_OK) {
            fail_msg("%s: %s", cases[i].name, rk_emulator_simavr.reason(emulator));
        }
        if (call.cost.cycles != cases[i].cycles || call.cost.instructions != cases[i].instructions) {
            print_error("%s: %u cycles, %u instructions; expected %u and %u\n", cases[i].name,
                        (unsigned)call.cost.cycles, (unsigned)call.cost.instructions, cases[i].cycles,
                        cases[i].instructions);
            wrong++;
        }
    }
    rk_emulator_simavr.close(emulator);
    assert_int_equal(wrong, 0);
}

/* Case 6 reaches its first `ld r2, X+` 48 cycles after the call's start: 5 of setting up, 6 for each of the cases 0 to 5
 * (lds 2, cpi 1, breq 1, rjmp 2), 7 of its own (lds 2, cpi 1, breq 2, sts 2). An instruction that would end after the
 * cut is not done. */
static void power_is_cut_at_the_cycle(void **state)
{
    (void)state;
    enum { LD_CASE = 6, FIRST_LD_cycles = 48, LD_cycles = 2, LDS = 10, X_LOW = 26 };
    struct rk_emulator *emulator = NULL;
    struct rk_diag diag;
    uint8_t start = 0;
    assert_int_equal(rk_emulator_simavr.open(&emulator, &support_atmega1284p, RK_CYCLES_IMAGE, &diag), RK_OK);
    for (unsigned step = FIRST_LD_cycles; step <= FIRST_LD_cycles + LDS * LD_cycles + 4; step++) {
        struct rk_call call = {.operation = LD_CASE};
        uint8_t x;
        unsigned done = (step - FIRST_LD_cycles) / LD_cycles;
        rk_emulator_simavr.power_cut_at(emulator, step);
        assert_int_equal(rk_emulator_simavr.call(emulator, &call), RK_CALL_POWER_CUT);
        assert_int_equal(rk_emulator_simavr.read(emulator, RK_MEMORY_REGISTERS, X_LOW, &x, 1), 1);
        start = step == FIRST_LD_cycles ? x : start;
        assert_int_equal((uint8_t)(x - start), done < LDS ? done : LDS);
        assert_int_equal(rk_emulator_simavr.reset(emulator, false), RK_OK);
    }
    rk_emulator_simavr.close(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_take_what_the_data_sheet_says),
        cmocka_unit_test(power_is_cut_at_the_cycle),
    };
    return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
