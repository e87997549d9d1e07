/* tests/launcher/test_doctor.c - `rekeylab doctor`: its JSON, and what it says of a machine that has nothing
 *
 * usage: test_doctor REKEYLAB
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *rekeylab;

/* Runs `doctor --json` after the shell words `before`; out: the array, *status its exit status. */
static json_t *doctor(const char *before, int *status)
{
    char command[4096];
    snprintf(command, sizeof command, "%s '%s' doctor --json 2>/dev/null", before, rekeylab);
    FILE *from = popen(command, "r");
    assert_non_null(from);
    json_error_t error;
    json_t *array = json_loadf(from, JSON_REJECT_DUPLICATES, &error);
    if (!array) {
        fail_msg("%s: %d:%d: %s", command, error.line, error.column, error.text);
    }
    *status = pclose(from);
    assert_true(WIFEXITED(*status));
    *status = WEXITSTATUS(*status);
    assert_true(json_is_array(array));
    return array;
}

static const json_t *row_of(const json_t *array, const char *tool)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *row = json_array_get(array, i);
        if (strcmp(json_string_value(json_object_get(row, "tool")), tool) == 0) {
            return row;
        }
    }
    fail_msg("no row for %s", tool);
    return NULL;
}

static const char *text_of(const json_t *array, const char *tool, const char *key)
{
    return json_string_value(json_object_get(row_of(array, tool), key));
}

static void test_every_row_has_its_four_fields(void **state)
{
    (void)state;
    int status;
    json_t *array = doctor("", &status);
    assert_true(status == 0 || status == 3);
    bool missing = false;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *row = json_array_get(array, i);
        assert_true(json_is_string(json_object_get(row, "tool")));
        assert_true(json_is_string(json_object_get(row, "enables")));
        assert_true(json_is_string(json_object_get(row, "status")));
        const json_t *version = json_object_get(row, "version");
        assert_true(json_is_string(version) || json_is_null(version));
        missing = missing || strncmp(json_string_value(json_object_get(row, "status")), "missing: ", 9) == 0;
    }
    assert_int_equal(status, missing ? 3 : 0);
    json_decref(array);
}

static void test_versions_are_those_that_run(void **state)
{
    (void)state;
    int status;
    json_t *array = doctor("", &status);
    assert_string_equal(text_of(array, "sqlite3", "version"), sqlite3_libversion());
    assert_string_equal(text_of(array, "jansson", "version"), jansson_version_str());
    char compiler[64] = "";
    FILE *from = popen("cc -dumpfullversion -dumpversion", "r");
    assert_non_null(from);
    assert_int_equal(fscanf(from, "%63s", compiler), 1);
    pclose(from);
    assert_string_equal(text_of(array, "cc", "version"), compiler);
    json_decref(array);
}

static void test_a_machine_without_tools(void **state)
{
    (void)state;
    int status;
    json_t *array = doctor("PATH=/nonexistent", &status);
    assert_int_equal(status, 3);
    assert_string_equal(text_of(array, "avr-gcc", "status"),
                        "missing: apt-get install --no-install-recommends gcc-avr");
    assert_true(json_is_null(json_object_get(row_of(array, "avr-gcc"), "version")));
    assert_string_equal(text_of(array, "git", "status"),
                        "missing, optional: apt-get install --no-install-recommends git");
    assert_memory_equal(text_of(array, "qemu plugins", "status"), "missing: ", 9);
    json_decref(array);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_doctor REKEYLAB\n");
        return 2;
    }
    rekeylab = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_has_its_four_fields),
        cmocka_unit_test(test_versions_are_those_that_run),
        cmocka_unit_test(test_a_machine_without_tools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
