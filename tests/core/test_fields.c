/* Field tables: every type loads, is set, formatted and described. What is wrong in files is in tests/files. */
#include "engine/core/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct zone {
    char name[16];
    uint32_t devices;
};

struct policy {
    uint64_t interval_ns;
    uint8_t trigger;
};

struct sample {
    char title[32];
    bool encrypted;
    uint16_t port;
    struct policy policy;
    struct rk_coefficient draw_nA;
    uint64_t sizes_bytes[4];
    size_t size_count;
    struct zone zones[3];
    size_t zone_count;
    struct rk_axes axes;
};

static const char *const triggers[] = {"time", "messages", "never", NULL};

static const struct rk_field_word interval_words[] = {{"never", UINT64_MAX}, {"always", 1}, {NULL, 0}};

static const struct rk_field policy_fields[] = {
    {.key = "interval",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct policy, interval_ns),
     .min = 1000000000,
     .max = (uint64_t)315576000 * 1000000000,
     .words = interval_words,
     .fallback = "30 d",
     .help = "time between renewals"},
    {.key = "trigger", .type = RK_FIELD_CHOICE, RK_AT(struct policy, trigger), .choices = triggers, .fallback = "time"},
    {.key = NULL},
};

static const struct rk_field zone_fields[] = {
    {.key = "name", .type = RK_FIELD_NAME, RK_AT(struct zone, name), .min = 1},
    {.key = "devices",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct zone, devices),
     .min = 1,
     .fallback = "1"},
    {.key = NULL},
};

static const struct rk_field zone_element[] = {{.type = RK_FIELD_RECORD, .sub = zone_fields}};
static const struct rk_field size_element[] = {
    {.type = RK_FIELD_QUANTITY, .dimension = RK_DIM_DATA, .min = 1, .max = 1024}};

static const struct rk_field sample_fields[] = {
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct sample, title), .min = 1, .help = "what it is called"},
    {.key = "encrypted", .type = RK_FIELD_FLAG, RK_AT(struct sample, encrypted), .fallback = "true"},
    {.key = "port",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct sample, port),
     .fallback = "5684"},
    {.key = "policy", .type = RK_FIELD_RECORD, RK_AT(struct sample, policy), .sub = policy_fields, .fallback = ""},
    {.key = "draw",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct sample, draw_nA),
     .min = 1,
     .max = 1000000000,
     .fallback = ""},
    {.key = "sizes",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct sample, sizes_bytes, size_count),
     .sub = size_element,
     .fallback = "16 B, 64 B"},
    {.key = "zones",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct sample, zones, zone_count),
     .sub = zone_element,
     .fallback = ""},
    {.key = "axes", .type = RK_FIELD_AXES, RK_AT(struct sample, axes), .sub = sample_fields, .fallback = ""},
    {.key = NULL},
};

static enum rk_err load(const char *text, struct sample *sample, struct rk_diag *diag)
{
    struct rk_arena arena;
    struct rk_yaml *root;
    memset(sample, 0, sizeof *sample);
    rk_arena_init(&arena);
    enum rk_err err = rk_yaml_load_text("t", text, strlen(text), &arena, &root, diag);
    if (err == RK_OK) {
        err = rk_fields_load_node(sample_fields, "t", root, sample, diag);
    }
    rk_arena_fini(&arena);
    return err;
}

static void must_load(const char *text, struct sample *sample)
{
    struct rk_diag diag = {""};
    if (load(text, sample, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
}

static void must_refuse(const char *text, const char *message)
{
    struct sample sample;
    struct rk_diag diag = {""};
    assert_int_equal(load(text, &sample, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, message);
}

static void test_defaults(void **state)
{
    (void)state;
    struct sample sample;
    must_load("title: t\n", &sample);
    assert_true(sample.encrypted);
    assert_int_equal(sample.port, 5684);
    assert_int_equal(sample.policy.interval_ns, (uint64_t)30 * 86400 * 1000000000);
    assert_int_equal(sample.policy.trigger, 0);
    assert_int_equal(sample.draw_nA.value, 0);
    assert_int_equal(sample.size_count, 2);
    assert_int_equal(sample.sizes_bytes[1], 64);
    assert_int_equal(sample.zone_count, 0);
    assert_int_equal(sample.axes.count, 0);
}

static const char full[] = "title: 'A: b'\n"
                           "encrypted: false\n"
                           "port: 65535\n"
                           "policy: {interval: never, trigger: messages}\n"
                           "draw:\n"
                           "  value: 4.6 mA\n"
                           "  error: 10 %\n"
                           "  kind: datasheet\n"
                           "  source: data sheet, table 27-1\n"
                           "sizes: [1 B, 1 KiB]\n"
                           "zones:\n"
                           "  - name: east\n"
                           "    devices: 5\n"
                           "  - name: west\n"
                           "axes:\n"
                           "  policy.interval: [1 h, 30 d, never]\n"
                           "  zones.1.devices: [1, 10]\n";

static void test_full(void **state)
{
    (void)state;
    struct sample sample;
    must_load(full, &sample);
    assert_string_equal(sample.title, "A: b");
    assert_false(sample.encrypted);
    assert_int_equal(sample.port, 65535);
    assert_true(sample.policy.interval_ns == UINT64_MAX);
    assert_int_equal(sample.policy.trigger, 1);
    assert_int_equal(sample.draw_nA.value, 4600000);
    assert_int_equal(sample.draw_nA.error_ppm, 100000);
    assert_int_equal(sample.draw_nA.kind, RK_KIND_DATASHEET);
    assert_string_equal(sample.draw_nA.source, "data sheet, table 27-1");
    assert_int_equal(sample.size_count, 2);
    assert_int_equal(sample.sizes_bytes[1], 1024);
    assert_int_equal(sample.zone_count, 2);
    assert_string_equal(sample.zones[1].name, "west");
    assert_int_equal(sample.zones[0].devices, 5);
    assert_int_equal(sample.zones[1].devices, 1);
    assert_int_equal(sample.axes.count, 2);
    assert_string_equal(sample.axes.axis[0].key, "policy.interval");
    assert_int_equal(sample.axes.axis[0].count, 3);
    assert_string_equal(sample.axes.axis[0].values[1].text, "30 d");
    assert_int_equal(sample.axes.axis[0].values[1].line, 16);
    assert_int_equal(sample.axes.axis[0].values[1].column, 26);
}

static void test_set(void **state)
{
    (void)state;
    static const struct {
        const char *assignment, *message;
    } cases[] = {
        {"policy.interval=12 h", NULL},
        {"policy.interval=never", NULL},
        {"draw.value=5 mA", NULL},
        {"zones.1.devices=7", NULL},
        {"sizes=2 B, 3 B,4 B", NULL},
        {"sizes=", NULL},
        {"title=a=b", NULL},
        {"port=65536", "--set port=65536: port: '65536' is out of range, expected a whole number of 0 to 65535"},
        {"policy.interval=5", "--set policy.interval=5: interval: '5' has no unit, expected a number, one space and a "
                              "unit of: ns us ms s min h d y"},
        {"policy.intervall=5 s", "--set policy.intervall=5 s: unknown key 'intervall', expected 'interval'"},
        {"policy=5", "--set policy=5: policy: '5' is a single value, expected a mapping of 'key: value'"},
        {"policy.=5", "--set policy.=5: unknown key '', expected one of: interval trigger"},
        {"title.x=5", "--set title.x=5: 'title' holds no key 'x', expected a key that ends there"},
        {"zones.2.devices=7",
         "--set zones.2.devices=7: '2.devices' is no element of 'zones', expected a number below 2"},
        {"zones.x=7", "--set zones.x=7: 'x' is no element of 'zones', expected a number below 2"},
        {"zones=east", "--set zones=east: zones: 'east' is a single value, expected a mapping of 'key: value'"},
        {"sizes=1 B,2 B,3 B,4 B,5 B",
         "--set sizes=1 B,2 B,3 B,4 B,5 B: sizes: '5 B' is too long, expected a list of 0 to 4 elements"},
        {"title=", "--set title=: title: '' is empty, expected a text of 1 to 31 bytes"},
        {"title", "--set title: no assignment, expected KEY=VALUE"},
        {"=5", "--set =5: no assignment, expected KEY=VALUE"},
    };
    struct sample sample;
    must_load(full, &sample);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        enum rk_err err = rk_fields_set(sample_fields, "--set", cases[i].assignment, &sample, &diag);
        assert_string_equal(diag.text, cases[i].message == NULL ? "" : cases[i].message);
        assert_int_equal(err, cases[i].message == NULL ? RK_OK : RK_ERR_INPUT);
    }
    assert_true(sample.policy.interval_ns == UINT64_MAX);
    assert_int_equal(sample.draw_nA.value, 5000000);
    assert_int_equal(sample.zones[1].devices, 7);
    assert_int_equal(sample.size_count, 0);
    assert_string_equal(sample.title, "a=b");
    assert_int_equal(sample.port, 65535);
}

static void test_format(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"title", "A: b"},
        {"encrypted", "false"},
        {"policy.interval", "never"},
        {"policy.trigger", "messages"},
        {"draw", "4.6 mA +- 10 %, datasheet: data sheet, table 27-1"},
        {"draw.value", "4.6 mA"},
        {"draw.kind", "datasheet"},
        {"sizes", "1 B, 1 KiB"},
        {"zones.0.name", "east"},
        {"sizes.1", "1 KiB"},
    };
    struct sample sample;
    struct rk_diag diag;
    char text[128];
    must_load(full, &sample);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(rk_fields_format(sample_fields, cases[i][0], &sample, text, sizeof text, &diag), RK_OK);
        assert_string_equal(text, cases[i][1]);
    }
    sample.policy.interval_ns = 1;
    assert_int_equal(rk_fields_format(sample_fields, "policy.interval", &sample, text, sizeof text, &diag), RK_OK);
    assert_string_equal(text, "always");
    assert_int_equal(rk_fields_format(sample_fields, "policy", &sample, text, sizeof text, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "policy: is a mapping, expected the key of a value");
    assert_int_equal(rk_fields_format(sample_fields, "zones", &sample, text, sizeof text, &diag), RK_ERR_INPUT);
}

static void test_axes(void **state)
{
    (void)state;
    must_refuse("title: t\naxes: {policy.interval: [1 h, 5]}\n",
                "t:2:31: interval: '5' has no unit, expected a number, one space and a unit of: ns us ms s min h d y");
    must_refuse("title: t\naxes: {policy.intervall: [1 h]}\n", "t:2:8: unknown key 'intervall', expected 'interval'");
    must_refuse("title: t\naxes: {port: [1, 2, 1]}\n",
                "t:2:21: axis 'port': '1' is given twice, expected each value once");
    must_refuse("title: t\naxes: {port: []}\n", "t:2:14: axis 'port': not a list of values, expected 1 to 64 values");
    must_refuse("title: t\naxes: {port: 5}\n", "t:2:14: axis 'port': not a list of values, expected 1 to 64 values");
    must_refuse("title: t\naxes: {port: [[5]]}\n",
                "t:2:15: axis 'port': not a single short value, expected at most 63 characters");
    must_refuse("title: t\naxes: {zones: [a]}\n",
                "t:2:16: zones: 'a' is a single value, expected a mapping of 'key: value'");
}

static void test_lists(void **state)
{
    (void)state;
    must_refuse("title: t\nsizes: [1 B, 2 B, 3 B, 4 B, 5 B]\n", "t:2:29: sizes: too many elements, expected at most 4");
    must_refuse("title: t\nsizes: [1 B, {a: 1}]\n", "t:2:14: sizes: a mapping, expected a size of 1 B to 1 KiB");
    must_refuse("title: t\nzones: [{devices: 3}]\n",
                "t:2:9: missing key 'name', expected a name of letters, digits and . _ - @ /, 1 to 15 characters");
    must_refuse("title: t\nzones: {name: a}\n", "t:2:8: zones: a mapping, expected a list of 0 to 3 elements");
}

/* rk_fields_check() says what rk_fields_set() would say, and touches nothing. */
static void test_check(void **state)
{
    (void)state;
    struct rk_mark mark = {"m", 3, 4};
    struct rk_diag diag = {""};
    assert_int_equal(rk_fields_check(sample_fields, "sizes", "1 B, 2 B", mark, &diag), RK_OK);
    assert_int_equal(rk_fields_check(sample_fields, "draw.source", "somebody", mark, &diag), RK_OK);
    assert_int_equal(rk_fields_check(sample_fields, "policy.trigger", "tim", mark, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "m:3:4: trigger: unknown choice 'tim', expected 'time'");
}

static void test_describe(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    rk_fields_describe(sample_fields, NULL, out);
    fclose(out);
    assert_non_null(strstr(text, "title\n    text; a text of 1 to 31 bytes; required\n    what it is called\n"));
    assert_non_null(strstr(
        text, "policy.interval\n    time in ns us ms s min h d y; 1 s to 10 y or 'never' or 'always'; default 30 d\n"
              "    time between renewals\n"));
    assert_non_null(strstr(text, "policy.trigger\n    choice; time | messages | never; default time\n"));
    assert_non_null(
        strstr(text, "draw\n    current in nA uA mA A; 1 nA to 1 A, with error, kind and source; may be absent\n"));
    assert_non_null(strstr(text, "zones[].devices\n    count; 1 to 4294967295; default 1\n"));
    free(text);
}

/* A part holds some single values of a table, checked and not stored. */
static void test_part(void **state)
{
    (void)state;
    static const struct rk_field under[] = {
        {.key = "below", .type = RK_FIELD_PART, .sub = sample_fields, .fallback = ""}, {.key = NULL}};
    static const struct {
        const char *text, *line; /* NULL: it loads */
    } cases[] = {
        {"below: {title: t, policy: {interval: 3 s}}", NULL},
        {"below: {}", NULL},
        {"{}", NULL},
        {"below: {porf: 1}", "t:1:9: unknown key 'porf', expected 'port'"},
        {"below: {policy: {interval: 3}}",
         "t:1:28: interval: '3' has no unit, expected a number, one space and a unit of: ns us ms s min h d y"},
        {"below: {policy: 3 s}", "t:1:17: policy: a single value, expected a mapping of 'key: value'"},
        {"below: {port: [1]}", "t:1:15: port: a list, expected a whole number of 0 to 65535"},
        {"below: {sizes: [1 B]}", "t:1:9: key 'sizes' is no single value, expected one that is"},
        {"below: {axes: {port: [1]}}", "t:1:9: key 'axes' is no single value, expected one that is"},
        {"below: 1", "t:1:8: below: a single value, expected a mapping of single values by their keys"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_arena arena;
        struct rk_yaml *root;
        struct rk_diag diag = {""};
        char none[1];
        rk_arena_init(&arena);
        assert_int_equal(rk_yaml_load_text("t", cases[i].text, strlen(cases[i].text), &arena, &root, &diag), RK_OK);
        enum rk_err err = rk_fields_load_node(under, "t", root, none, &diag);
        assert_string_equal(diag.text, cases[i].line == NULL ? "" : cases[i].line);
        assert_int_equal(err, cases[i].line == NULL ? RK_OK : RK_ERR_INPUT);
        rk_arena_fini(&arena);
    }
}

/* Two files make one tree, whose values know where they stand. */
static void test_overlay(void **state)
{
    (void)state;
    static const char low[] = "title: low\npolicy: {interval: 2 s, trigger: never}\nport: 7\n";
    static const char high[] = "policy: {interval: 5 s}\nsizes: [3 B]\n";
    struct rk_arena arena;
    struct rk_yaml *under, *over;
    struct rk_diag diag = {""};
    struct sample sample = {.port = 0};
    rk_arena_init(&arena);
    assert_int_equal(rk_yaml_load_text("low", low, strlen(low), &arena, &under, &diag), RK_OK);
    assert_int_equal(rk_yaml_load_text("high", high, strlen(high), &arena, &over, &diag), RK_OK);
    const struct rk_yaml *both = rk_yaml_overlay(&arena, under, "low", over, "high");
    assert_int_equal(both->count, 4);
    assert_int_equal(rk_fields_load_node(sample_fields, "high", both, &sample, &diag), RK_OK);
    assert_string_equal(sample.title, "low");
    assert_int_equal(sample.port, 7);
    assert_int_equal(sample.policy.interval_ns, 5000000000);
    assert_int_equal(sample.policy.trigger, 2);
    assert_int_equal(sample.size_count, 1);
    const struct rk_yaml *policy = rk_yaml_get(both, "policy");
    assert_string_equal(policy->file, "high");
    assert_string_equal(rk_yaml_get(policy, "interval")->file, "high");
    assert_string_equal(rk_yaml_get(policy, "trigger")->file, "low");
    assert_int_equal(rk_yaml_get(policy, "trigger")->column, 34);
    /* A third one keeps what the nodes know; what was laid over is as it was. */
    const struct rk_yaml *three = rk_yaml_overlay(&arena, both, "both", over, "top");
    assert_string_equal(rk_yaml_get(rk_yaml_get(three, "policy"), "trigger")->file, "low");
    assert_string_equal(rk_yaml_get(rk_yaml_get(three, "policy"), "interval")->file, "top");
    assert_null(under->file);
    assert_int_equal(under->count, 3);
    rk_arena_fini(&arena);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"clock", "flash", "nvm_write", "nvm_write_time", NULL};
    assert_string_equal(rk_nearest_name("clok", names), "clock");
    assert_string_equal(rk_nearest_name("nvm_writ", names), "nvm_write");
    assert_string_equal(rk_nearest_name("nvm_write_tim", names), "nvm_write_time");
    assert_null(rk_nearest_name("radio", names));
    assert_null(rk_nearest_name("", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_full),    cmocka_unit_test(test_set),
        cmocka_unit_test(test_format),   cmocka_unit_test(test_axes),    cmocka_unit_test(test_lists),
        cmocka_unit_test(test_check),    cmocka_unit_test(test_nearest), cmocka_unit_test(test_describe),
        cmocka_unit_test(test_part),     cmocka_unit_test(test_overlay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
