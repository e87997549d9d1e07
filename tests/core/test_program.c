/* Other programs: what they print, how they end, and what is not there. */
#include "engine/core/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char output[64], errors[64];

static int run(const char *const argv[])
{
    memset(output, 'x', sizeof output);
    memset(errors, 'x', sizeof errors);
    return rk_program_run(argv, (struct rk_program_text){output, sizeof output},
                          (struct rk_program_text){errors, sizeof errors});
}

static void test_texts_and_status(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"sh", "-c", "echo out; echo err >&2; exit 3", NULL}), 3);
    assert_string_equal(output, "out\n");
    assert_string_equal(errors, "err\n");
}

/* More than fits a pipe: the program must not wait for a reader. */
static void test_long_text_is_cut(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"sh", "-c", "yes | head -c 1000000; yes | head -c 1000000 >&2", NULL}),
                     0);
    assert_int_equal(strlen(output), sizeof output - 1);
    assert_int_equal(strlen(errors), sizeof errors - 1);
}

static void test_nothing_to_read(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"cat", NULL}), 0);
    assert_string_equal(output, "");
}

static void test_no_program(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"rekeylab-no-such-program", NULL}), RK_PROGRAM_FAILED);
    assert_string_equal(output, "");
    assert_int_equal(run((const char *const[]){"sh", "-c", "kill -9 $$", NULL}), RK_PROGRAM_FAILED);
}

static void test_log_grows(void **state)
{
    (void)state;
    char path[] = P_tmpdir "/rekeylab-program-XXXXXX";
    char text[32] = "";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(rk_program_run_logged((const char *const[]){"echo", "one", NULL}, path), 0);
    assert_int_equal(rk_program_run_logged((const char *const[]){"sh", "-c", "echo two >&2", NULL}, path), 0);
    assert_int_equal(read(file, text, sizeof text - 1), 8);
    assert_string_equal(text, "one\ntwo\n");
    close(file);
    unlink(path);
    assert_int_equal(rk_program_run_logged((const char *const[]){"true", NULL}, "/nowhere/log"), RK_PROGRAM_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_and_status), cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_nothing_to_read),  cmocka_unit_test(test_no_program),
        cmocka_unit_test(test_log_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
