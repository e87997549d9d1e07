/* Rows that are recorded and compared: what is the same passes, any changed figure is found, another compiler's rows are
 * not compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/record.h"

static char root[] = P_tmpdir "/rekeylab-record-XXXXXX";

static struct rk_cost_row row_of(const char *op, uint32_t size_bytes, uint64_t cycles)
{
    struct rk_cost_row row = {.device = "d",
                              .backend = "b",
                              .version = "1.0",
                              .compiler = "cc 1",
                              .flags = "-Os",
                              .status = "ok",
                              .secret_dependent = -1,
                              .known_answer = true};
    snprintf(row.op, sizeof row.op, "%s", op);
    row.size_bytes = size_bytes;
    row.cycles_min = row.cycles_median = row.cycles_max = row.cycles_low = row.cycles_high = cycles;
    row.nvm_write_bytes = row.nvm_time_ns = RK_NONE;
    row.energy_pJ = 123456789;
    return row;
}

static void record(const struct rk_cost_row *rows, size_t count)
{
    assert_int_equal(rk_bench_record(root, rows, count, NULL), RK_OK);
}

/* out: what was found, and what was said. */
static struct rk_bench_check check(const struct rk_cost_row *rows, size_t count, char said[512])
{
    struct rk_bench_check result;
    memset(said, 0, 512);
    FILE *out = fmemopen(said, 511, "w");
    assert_non_null(out);
    assert_int_equal(rk_bench_check(root, rows, count, out, &result, NULL), RK_OK);
    fclose(out);
    return result;
}

static void read_file(const char *name, char *text, size_t bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/bench/measured/d/%s", root, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, bytes - 1, file)] = '\0';
    fclose(file);
}

static void test_same_rows_pass_and_changed_ones_do_not(void **state)
{
    (void)state;
    char said[512];
    struct rk_cost_row rows[] = {row_of("sha256", 32, 100), row_of("sha256", 64, 200)};
    record(rows, 2);
    struct rk_bench_check result = check(rows, 2, said);
    assert_int_equal(result.compared, 2);
    assert_int_equal(result.different, 0);
    assert_string_equal(said, "");
    memset(rows[1].firmware_sha256, 'f', 64); /* says what was measured, is no figure */
    assert_int_equal(check(rows, 2, said).different, 0);
    rows[1].cycles_max++;
    assert_int_equal(check(rows, 2, said).different, 1);
    assert_non_null(strstr(said, "sha256 64: cycles_max is 201, recorded 200\n"));
    rows[1] = row_of("sha256", 64, 200);
    rows[0].nvm_time_ns = 0; /* a figure where there was none */
    assert_int_equal(check(rows, 2, said).different, 1);
    assert_non_null(strstr(said, "nvm_time_s is 0.0, recorded null\n"));
    rows[0] = row_of("sha256", 32, 100);
    rows[0].energy_pJ++;
    assert_int_equal(check(rows, 2, said).different, 1);
    struct rk_cost_row other = row_of("sha256", 128, 1);
    assert_int_equal(check(&other, 1, said).different, 1);
    assert_non_null(strstr(said, "sha256 128: not recorded\n"));
}

static void test_other_compilers_and_versions_are_not_compared(void **state)
{
    (void)state;
    char said[512];
    struct rk_cost_row row = row_of("sha256", 32, 999);
    snprintf(row.compiler, sizeof row.compiler, "cc 2");
    struct rk_bench_check result = check(&row, 1, said);
    assert_int_equal(result.compared + result.different, 0);
    assert_int_equal(result.incomparable, 1);
    assert_non_null(strstr(said, "b@1.0 on d was recorded with cc 1, this is cc 2: compares nothing\n"));
    row = row_of("sha256", 32, 999);
    snprintf(row.version, sizeof row.version, "1.1");
    assert_int_equal(check(&row, 1, said).incomparable, 1);
    assert_non_null(strstr(said, "no rows are recorded for b@1.1 on d: compares nothing\n"));
}

static void test_recording_keeps_other_rows_in_order(void **state)
{
    (void)state;
    char text[4096];
    const struct rk_cost_row rows[] = {row_of("key_renew_transport", 0, 7), row_of("aes128_ccm_seal", 16, 50),
                                       row_of("key_renew", 0, 8), row_of("sha256", 64, 222)};
    record(rows, 4);
    read_file("b@1.0.json", text, sizeof text);
    const char *const order[] = {"\"aes128_ccm_seal\"", "\"sha256\",\"size_bytes\":32", "\"sha256\",\"size_bytes\":64",
                                 "\"key_renew\"", "\"key_renew_transport\""};
    const char *at = text;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_non_null(strstr(text, "\"cycles_min\":222"));
    assert_null(strstr(text, "\"cycles_min\":200")); /* replaced */
    char again[4096];
    record(rows, 4);
    read_file("b@1.0.json", again, sizeof again);
    assert_string_equal(text, again);
}

static void test_damaged_file_is_refused_and_kept(void **state)
{
    (void)state;
    static const char *const damaged[] = {"[\n{\"op\": \"sha256\",\n", "{}", "[1]", "[{\"op\": \"sha256\"}]"};
    char path[256], text[64];
    struct rk_cost_row row = row_of("sha256", 32, 1);
    snprintf(row.version, sizeof row.version, "2.0");
    record(&row, 1);
    snprintf(path, sizeof path, "%s/bench/measured/d/b@2.0.json", root);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(damaged[i], file);
        fclose(file);
        struct rk_diag diag;
        struct rk_bench_check result;
        assert_int_equal(rk_bench_check(root, &row, 1, stderr, &result, &diag), RK_ERR_INPUT);
        assert_ptr_equal(strstr(diag.text, path), diag.text);
        assert_non_null(strstr(diag.text, "expected"));
        assert_int_equal(rk_bench_record(root, &row, 1, &diag), RK_ERR_INPUT);
        read_file("b@2.0.json", text, sizeof text);
        assert_string_equal(text, damaged[i]);
    }
}

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) == NULL;
}

static int remove_root(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows_pass_and_changed_ones_do_not),
        cmocka_unit_test(test_other_compilers_and_versions_are_not_compared),
        cmocka_unit_test(test_recording_keeps_other_rows_in_order),
        cmocka_unit_test(test_damaged_file_is_refused_and_kept),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
