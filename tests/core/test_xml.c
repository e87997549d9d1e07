/* Words in XML stay themselves. */
#include "engine/core/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_written(const char *text, const char *expected)
{
    char *written = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&written, &bytes);
    assert_non_null(out);
    rk_xml_text(out, text);
    fclose(out);
    assert_string_equal(written, expected);
    free(written);
}

static void markup_becomes_words(void **state)
{
    (void)state;
    expect_written("", "");
    expect_written("a <b c=\"d\"> & 'e'", "a &lt;b c=&quot;d&quot;&gt; &amp; 'e'");
    expect_written("&lt;", "&amp;lt;");
    expect_written("\xc2\xb5 \n", "\xc2\xb5 \n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(markup_becomes_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
