/* Progress: a line each tenth where there is no terminal, one rewritten line where there is one, nothing when quiet. */
#include "engine/core/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What 1000 steps print; the caller frees it. */
static char *output_of(bool terminal, bool quiet)
{
    char *text = NULL;
    size_t length = 0;
    struct rk_progress progress;
    rk_progress_init(&progress, "work", quiet);
    progress.terminal = terminal;
    progress.out = open_memstream(&text, &length);
    for (unsigned done = 0; done <= 1000; done++) {
        rk_progress_update(&progress, done, 1000);
    }
    rk_progress_fini(&progress);
    fclose(progress.out);
    return text;
}

static unsigned count(const char *text, char wanted)
{
    unsigned found = 0;
    for (; *text != '\0'; text++) {
        found += *text == wanted;
    }
    return found;
}

static void test_lines(void **state)
{
    (void)state;
    char *text = output_of(false, false);
    assert_int_equal(count(text, '\n'), 10);
    assert_int_equal(count(text, '\r') + count(text, '\x1b'), 0);
    assert_non_null(strstr(text, "work: 100 of 1000, 0:00 left\n"));
    assert_non_null(strstr(text, "work: 1000 of 1000\n"));
    free(text);
}

static void test_bar(void **state)
{
    (void)state;
    char *text = output_of(true, false);
    assert_int_equal(count(text, '\n'), 1);
    assert_true(text[0] == '\r' && text[strlen(text) - 1] == '\n');
    assert_non_null(strstr(text, "work [##############################] 1000/1000 \x1b[K\n"));
    assert_true(count(text, '\r') < 100); /* not one a step */
    free(text);
}

static void test_quiet(void **state)
{
    (void)state;
    char *text = output_of(true, true);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
