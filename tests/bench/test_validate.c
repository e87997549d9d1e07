/* tests/bench/test_validate.c - every figure that we claim to reproduce is reproduced, and how near */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/validate.h"

static struct rk_validation validation;

static int run(void **state)
{
    (void)state;
    struct rk_validation_request request = {0};
    struct rk_diag diag = {""};
    enum rk_err err = rk_validation_run(&request, &validation, &diag);
    if (err) {
        print_error("%s\n", diag.text);
    }
    return err ? -1 : 0;
}

static int drop(void **state)
{
    (void)state;
    rk_validation_fini(&validation);
    return 0;
}

static void test_each_case_has_a_figure_or_a_reason(void **state)
{
    (void)state;
    size_t without_number = 0;
    assert_true(validation.count > 100);
    for (size_t i = 0; i < validation.count; i++) {
        const struct rk_validation_case *of = &validation.cases[i];
        assert_true(of->source[0] != '\0');
        assert_true(of->measured ? of->published > 0 : isnan(of->published) || of->published >= 0);
        without_number += isnan(of->published) != 0;
        assert_int_equal(of->measured, of->board[0] != '\0');
        assert_true(of->measured || of->note[0] != '\0');
        if (of->measured) {
            assert_true(of->low <= of->ours && of->ours <= of->high);
        }
    }
    assert_int_equal(without_number, 1); /* "13-15" s */
}

static const struct rk_validation_summary *find(const char *core, const char *kind)
{
    for (size_t i = 0; i < validation.summaries; i++) {
        if (strcmp(validation.summary[i].core, core) == 0 && strcmp(validation.summary[i].kind, kind) == 0) {
            return &validation.summary[i];
        }
    }
    fail_msg("no summary of %s, %s", core, kind);
    return NULL;
}

/* The same C file by another avr-gcc: what is left is the compiler. */
static void test_avr_is_within_three_per_cent(void **state)
{
    (void)state;
    const struct rk_validation_summary *avr = find("AVR", "same source");
    assert_int_equal(avr->measured, 4);
    assert_true(avr->median_absolute < 0.03);
    assert_true(avr->worst < 0.10 && avr->worst > -0.10);
}

/* Every core's errors stay where the README says they are: a model that drifts is seen here. */
static void test_no_core_drifts(void **state)
{
    (void)state;
    static const struct {
        const char *core, *kind;
        double bound;
    } bounds[] = {
        {"Cortex-M0+", "same source", 0.10},  {"Cortex-M0", "same source", 0.12},  {"Cortex-M4", "same source", 0.25},
        {"Cortex-M3", "same source", 0.30},   {"Cortex-A7", "same source", 0.15},  {"Cortex-M0+", "same library", 0.20},
        {"Cortex-M33", "same library", 0.25}, {"Cortex-M4", "same library", 0.45},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const struct rk_validation_summary *summary = find(bounds[i].core, bounds[i].kind);
        assert_int_equal(summary->measured, summary->cases);
        assert_true(summary->worst < bounds[i].bound && summary->worst > -bounds[i].bound);
    }
}

static bool is_recorded(const json_t *recorded, const struct rk_validation_case *of)
{
    const char *compiler = json_string_value(json_object_get(recorded, "compiler_used"));
    if (!of->measured || (compiler != NULL && strcmp(compiler, of->compiler_used) != 0)) {
        return true; /* nothing to compare, or another compiler than the recorded one */
    }
    const char *status = json_string_value(json_object_get(recorded, "status"));
    return status != NULL && strcmp(status, of->status) == 0 &&
           json_number_value(json_object_get(recorded, "ours")) == of->ours &&
           json_number_value(json_object_get(recorded, "low")) == of->low &&
           json_number_value(json_object_get(recorded, "high")) == of->high;
}

/* What reports draw where nothing else is asked for. */
static void test_recorded_is_what_comes_out(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/bench/measured/validate.json", getenv("REKEYLAB_ROOT"));
    json_t *file = json_load_file(path, 0, NULL);
    assert_non_null(file);
    json_t *cases = json_object_get(file, "cases");
    size_t differ = json_array_size(cases) != validation.count;
    for (size_t i = 0; i < validation.count; i++) {
        const struct rk_validation_case *of = &validation.cases[i];
        if (!is_recorded(json_array_get(cases, i), of)) {
            print_error("%s, %s %s: %.0f cycles or bytes\n", of->platform, of->primitive, of->parameters, of->ours);
            differ++;
        }
    }
    json_decref(file);
    if (differ > 0) {
        fail_msg("not as recorded: rekeylab validate --json >bench/measured/validate.json");
    }
}

static void test_written_and_read_back(void **state)
{
    (void)state;
    const char *path = "validation-test.csv";
    struct rk_diag diag;
    char line[2048];
    size_t lines = 0;
    assert_int_equal(rk_validation_write(&validation, path, &diag), RK_OK);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        lines++;
    }
    fclose(file);
    remove(path);
    assert_int_equal(lines, validation.count + 1);
    assert_int_equal(rk_validation_write(&validation, "no/such/folder/x.csv", &diag), RK_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_case_has_a_figure_or_a_reason),
        cmocka_unit_test(test_avr_is_within_three_per_cent),
        cmocka_unit_test(test_no_core_drifts),
        cmocka_unit_test(test_recorded_is_what_comes_out),
        cmocka_unit_test(test_written_and_read_back),
    };
    return cmocka_run_group_tests(tests, run, drop);
}
