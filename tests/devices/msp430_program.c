/* tests/devices/msp430_program.c */
#include "tests/devices/msp430_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

void program_put_word(struct rki_msp430 *m, uint16_t address, uint16_t word)
{
    m->memory[address] = (uint8_t)word;
    m->memory[address + 1] = (uint8_t)(word >> 8);
    rki_msp430_forget(m, address, 2);
}

uint16_t program_word(const struct rki_msp430 *m, uint16_t address)
{
    return (uint16_t)(m->memory[address] | m->memory[address + 1] << 8);
}

void program_put(struct rki_msp430 *m, uint16_t address, const uint16_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        program_put_word(m, (uint16_t)(address + 2 * i), words[i]);
    }
}

struct rki_msp430 *program_new(const uint16_t *words, unsigned count)
{
    struct rki_msp430 *m = calloc(1, sizeof *m);
    assert_non_null(m);
    rki_msp430_init(m, PROGRAM_clock_Hz);
    rki_msp430_reset(m);
    m->watchdog.control = WATCHDOG_HOLD & 0xff;
    m->r[RKI_PC] = PROGRAM_at;
    m->r[RKI_SP] = PROGRAM_STACK_at;
    program_put(m, PROGRAM_at, words, count);
    return m;
}

/* The limit grows by a cycle until the instruction fits. */
unsigned program_step(struct rki_msp430 *m)
{
    enum { LONGEST_cycles = 12 };
    uint64_t instructions = m->instructions;
    uint64_t before = m->cycles;
    for (unsigned cycles = 1; cycles <= LONGEST_cycles; cycles++) {
        unsigned last;
        enum rki_msp430_stop stop = rki_msp430_run(m, before + cycles, &last);
        if (stop != RKI_STOP_LIMIT) {
            fail_msg("stopped: %u, %s", (unsigned)stop, m->fault);
        }
        if (m->instructions != instructions) {
            assert_int_equal(m->instructions, instructions + 1);
            assert_int_equal(m->cycles, before + cycles);
            assert_int_equal(last, cycles);
            return cycles;
        }
    }
    fail_msg("no instruction within %d cycles", LONGEST_cycles);
    return 0;
}

enum rki_msp430_stop program_run(struct rki_msp430 *m, uint64_t cycles)
{
    unsigned last;
    return rki_msp430_run(m, m->cycles + cycles, &last);
}
