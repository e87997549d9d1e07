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
    snprintf(path, sizeof path, "%s/bench/measured/%s", root, name);
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
    assert_non_null(strstr(said, "nvm_time_s is 0, recorded nothing\n"));
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
    char text[8192], again[8192];
    struct rk_cost_row rows[] = {row_of("key_renew_transport", 0, 7), row_of("aes128_ccm_seal", 16, 50),
                                 row_of("key_renew", 0, 8), row_of("sha256", 64, 222), row_of("sha256", 32, 9)};
    snprintf(rows[4].version, sizeof rows[4].version, "1.0.1");
    record(rows, 5);
    read_file("d.csv", text, sizeof text);
    const char *const order[] = {"device,backend,version,",
                                 "\nd,b,1.0,cc 1,-Os,aes128_ccm_seal,16,ok,50,",
                                 "\nd,b,1.0,cc 1,-Os,sha256,32,ok,100,",
                                 "\nd,b,1.0,cc 1,-Os,sha256,64,ok,222,",
                                 "\nd,b,1.0,cc 1,-Os,key_renew,",
                                 "\nd,b,1.0,cc 1,-Os,key_renew_transport,",
                                 "\nd,b,1.0.1,cc 1,-Os,sha256,32,"};
    const char *at = text;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_null(strstr(text, "sha256,64,ok,200,"));    /* replaced */
    assert_non_null(strstr(text, ",0.000123456789,")); /* energy, exactly */
    record(rows, 5);
    read_file("d.csv", again, sizeof again);
    assert_string_equal(text, again);
}

/* What is written is what is read: figures that are missing, texts with commas and quotation marks, large numbers. */
static void test_recorded_rows_come_back(void **state)
{
    (void)state;
    struct rk_cost_row row = row_of("sha1", 64, UINT64_C(6123456789)), *rows;
    size_t count;
    snprintf(row.device, sizeof row.device, "other");
    snprintf(row.backend, sizeof row.backend, "lib");
    snprintf(row.version, sizeof row.version, "2.28.3");
    snprintf(row.status, sizeof row.status, "crashed: \"so\", it says");
    row.time_ns = UINT64_C(765432098625);
    row.secret_dependent = 1;
    row.energy_pJ = UINT64_C(11115432109876543);
    record(&row, 1);
    struct rk_cost_row newer = row;
    snprintf(newer.version, sizeof newer.version, "2.100.0");
    record(&newer, 1);
    assert_int_equal(rk_bench_recorded(root, "other", "lib@2.28", &rows, &count, NULL), RK_OK);
    assert_int_equal(count, 1);
    assert_memory_equal(rows, &row, sizeof row);
    free(rows);
    assert_int_equal(rk_bench_recorded(root, "other", "lib", &rows, &count, NULL), RK_OK); /* the newest */
    assert_int_equal(count, 1);
    assert_memory_equal(rows, &newer, sizeof row);
    free(rows);
    assert_int_equal(rk_bench_recorded(root, "other", "li", &rows, &count, NULL), RK_OK);
    assert_int_equal(count, 0);
    free(rows);
    assert_int_equal(rk_bench_recorded(root, "none", "lib", &rows, &count, NULL), RK_OK);
    assert_int_equal(count, 0);
    free(rows);
}

static void test_damaged_file_is_refused_and_kept(void **state)
{
    (void)state;
    char path[256], text[8192], whole[8192];
    struct rk_cost_row row = row_of("sha256", 32, 1);
    struct rk_diag diag;
    snprintf(row.device, sizeof row.device, "damaged");
    record(&row, 1);
    read_file("damaged.csv", whole, sizeof whole);
    snprintf(path, sizeof path, "%s/bench/measured/damaged.csv", root);
    char *const line = strchr(whole, '\n') + 1;
    const struct {
        const char *from, *to; /* in the row's line */
        const char *says;
    } damages[] = {
        {"sha256,32", "sha256,x", ":2:31: not a recorded cost row, expected size_bytes"},
        {",ok,1,1,", ",ok,1,1.5,", "expected cycles_median"},
        {"sha256,", "\"sha256,", "expected op"},
        {",true,", ",yes,", "expected known_answer"},
    };
    for (size_t i = 0; i <= sizeof damages / sizeof damages[0]; i++) {
        struct rk_bench_check result;
        char damaged[8192];
        bool header = i == sizeof damages / sizeof damages[0];
        if (header) {
            snprintf(damaged, sizeof damaged, "device,%s", whole);
        } else {
            char *at = strstr(line, damages[i].from);
            assert_non_null(at);
            snprintf(damaged, sizeof damaged, "%.*s%s%s", (int)(at - whole), whole, damages[i].to,
                     at + strlen(damages[i].from));
        }
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(damaged, file);
        fclose(file);
        assert_int_equal(rk_bench_check(root, &row, 1, stderr, &result, &diag), RK_ERR_INPUT);
        assert_ptr_equal(strstr(diag.text, path), diag.text);
        assert_non_null(
            strstr(diag.text, header ? ":1:1: not a recorded cost row, expected the names" : damages[i].says));
        assert_int_equal(rk_bench_record(root, &row, 1, &diag), RK_ERR_INPUT);
        read_file("damaged.csv", text, sizeof text);
        assert_string_equal(text, damaged);
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
        cmocka_unit_test(test_recorded_rows_come_back),
        cmocka_unit_test(test_damaged_file_is_refused_and_kept),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
