/* tests/devices/test_msp430_runtime.c - the MSP430's compiler and our runtime against the host's compiler */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "devices/firmware/elf_image.h"
#include "tests/devices/arithmetic.h"
#include "tests/devices/msp430_program.h"

enum { RESULT_bytes = 6, EXIT_MARKER = 0x1f4, EXIT_EVENT = 2 };

/* Runs the program to its end. out: the core as it left it, and where its results are. */
static struct rki_msp430 *run(uint16_t *results)
{
    struct rk_elf_image *image;
    struct rk_diag diag = {""};
    uint64_t at = 0, bytes = 0;
    struct rki_msp430 *m = program_new(NULL, 0);
    if (rk_elf_open(&image, RK_ARITHMETIC_IMAGE, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    assert_true(rk_elf_load(image, RKI_FLASH_at, m->memory + RKI_FLASH_at, RKI_FLASH_bytes) == RKI_FLASH_bytes);
    assert_true(rk_elf_symbol(image, "results", &at, &bytes));
    rk_elf_close(image);
    assert_int_equal(bytes, ARITHMETIC_OPERATIONS * RESULT_bytes);
    rki_msp430_reset(m);
    if (program_run(m, 4000000000u) != RKI_STOP_MARKER) {
        fail_msg("%s, before 0x%04x", m->fault, m->r[RKI_PC]);
    }
    assert_int_equal(m->marker_address, EXIT_MARKER);
    assert_int_equal(m->marker_value, EXIT_EVENT);
    *results = (uint16_t)at;
    return m;
}

static void device_and_host_compute_alike(void **state)
{
    (void)state;
    uint16_t at;
    struct rki_msp430 *m = run(&at);
    for (unsigned i = 0; i < ARITHMETIC_OPERATIONS; i++, at = (uint16_t)(at + RESULT_bytes)) {
        struct arithmetic_result host;
        arithmetic_run(i, &host);
        uint32_t digest = program_word(m, at) | (uint32_t)program_word(m, (uint16_t)(at + 2)) << 16;
        assert_true(host.count > 200);
        if (digest != host.digest || program_word(m, (uint16_t)(at + 4)) != host.count) {
            fail_msg("%s: device %08x, host %08x", arithmetic_name(i), (unsigned)digest, (unsigned)host.digest);
        }
    }
    free(m);
}

/* A library's field arithmetic must not show its operands in its time: products take the same for any of them. */
static void products_take_the_same_time(void **state)
{
    (void)state;
    struct rk_elf_image *image;
    uint64_t at = 0;
    static const uint16_t values[] = {0, 1, 0x7fff, 0x8000, 0xffff};
    enum { VALUES = sizeof values / sizeof values[0], RETURN_at = 0x1500 };
    struct rki_msp430 *m = program_new(NULL, 0);
    assert_int_equal(rk_elf_open(&image, RK_ARITHMETIC_IMAGE, NULL), RK_OK);
    rk_elf_load(image, RKI_FLASH_at, m->memory + RKI_FLASH_at, RKI_FLASH_bytes);
    assert_true(rk_elf_symbol(image, "__mspabi_mpyll_hw", &at, NULL));
    rk_elf_close(image);
    uint64_t least = UINT64_MAX, most = 0;
    for (unsigned i = 0; i < VALUES * VALUES * VALUES * VALUES; i++) {
        m->r[RKI_PC] = (uint16_t)at;
        m->r[RKI_SP] = PROGRAM_STACK_at;
        program_put_word(m, PROGRAM_STACK_at, RETURN_at);
        for (unsigned k = 0, rest = i; k < 4; k++, rest /= VALUES) {
            m->r[12 + k] = values[rest % VALUES];
            program_put_word(m, (uint16_t)(PROGRAM_STACK_at + 2 + 2 * k), values[(rest / 3 + k) % VALUES]);
        }
        uint64_t before = m->cycles;
        while (m->r[RKI_PC] != RETURN_at) {
            program_step(m);
        }
        least = m->cycles - before < least ? m->cycles - before : least;
        most = m->cycles - before > most ? m->cycles - before : most;
    }
    assert_int_equal(least, most);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_and_host_compute_alike),
        cmocka_unit_test(products_take_the_same_time),
    };
    return cmocka_run_group_tests_name("msp430 runtime", tests, NULL, NULL);
}
