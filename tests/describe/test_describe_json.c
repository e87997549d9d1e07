/* `rekeylab describe --json`: one JSON document on standard output, a list without a name and a record with one. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the program prints, which must be JSON and nothing else. */
static json_t *describe(const char *arguments)
{
    char command[512];
    const char *program = getenv("REKEYLAB_PROGRAM");
    assert_non_null(program);
    snprintf(command, sizeof command, "'%s' describe %s --json", program, arguments);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    json_error_t error;
    json_t *document = json_loadf(output, 0, &error);
    assert_int_equal(pclose(output), 0);
    assert_non_null(document);
    return document;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static const json_t *find(const json_t *array, const char *key, const char *value)
{
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item)
    {
        if (strcmp(text_of(item, key), value) == 0) {
            return item;
        }
    }
    fail_msg("no %s '%s'", key, value);
    return NULL;
}

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *name; /* NULL: the list is empty */
    } cases[] = {
        {"device", "sample"},  {"backend", "libsodium"}, {"operation", "p256_agree"}, {"policy", "derive"},
        {"protocol", NULL},    {"platform", NULL},       {"service", NULL},           {"radio", "sample"},
        {"battery", "sample"}, {"scenario", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *list = describe(cases[i].kind);
        assert_true(json_is_array(list));
        if (cases[i].name == NULL) {
            assert_int_equal(json_array_size(list), 0);
        } else {
            text_of(find(list, "name", cases[i].name), "summary");
        }
        json_decref(list);
    }
}

static void test_device(void **state)
{
    (void)state;
    json_t *record = describe("device sample");
    assert_string_equal(text_of(record, "kind"), "device");
    assert_string_equal(text_of(record, "name"), "sample");
    const json_t *fields = json_object_get(record, "fields");
    assert_int_equal(json_array_size(fields), 34);
    const json_t *ram = find(fields, "key", "ram");
    assert_string_equal(text_of(ram, "value"), "16 KiB");
    assert_string_equal(text_of(ram, "unit"), "B KiB MiB GiB");
    assert_string_equal(text_of(ram, "range"), "64 B to 64 GiB");
    assert_true(json_is_true(json_object_get(ram, "required")));
    assert_true(json_is_null(json_object_get(ram, "default")));
    json_decref(record);
}

static void test_fields(void **state)
{
    (void)state;
    json_t *fields = describe("scenario --fields");
    const json_t *overlap = find(fields, "key", "policy.overlap");
    assert_string_equal(text_of(overlap, "default"), "1 min");
    assert_true(json_is_false(json_object_get(overlap, "required")));
    assert_null(json_object_get(overlap, "value"));
    json_decref(fields);
}

static void test_operation(void **state)
{
    (void)state;
    json_t *record = describe("operation aes128_ccm_seal");
    assert_string_equal(text_of(record, "algorithm"), "aes_ccm");
    assert_int_equal(json_array_size(json_object_get(record, "inputs")), 4);
    assert_string_equal(json_string_value(json_array_get(json_object_get(record, "outputs"), 1)), "tag");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(record, "sizes_bytes"), 2)), 64);
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_device),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
