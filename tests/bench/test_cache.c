/* The cache of measurements: what is kept comes back; what is damaged, or another row's, or cannot be written, is
 * passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/bench_internal.h"

static char folder[] = P_tmpdir "/rekeylab-cache-XXXXXX";
static const char key[] = "ab00000000000000000000000000000000000000000000000000000000000000";

static struct rk_cost_row asked(void)
{
    struct rk_cost_row row = {.device = "d", .backend = "b", .version = "1.1", .compiler = "cc 2", .op = "sha256"};
    row.size_bytes = 32;
    row.flash_bytes = 77;
    memset(row.firmware_sha256, 'e', 64);
    row.cycles_median = RK_NONE;
    return row;
}

static struct rk_cost_row measured(void)
{
    struct rk_cost_row row = asked();
    snprintf(row.version, sizeof row.version, "1.0");
    snprintf(row.compiler, sizeof row.compiler, "cc 1");
    snprintf(row.status, sizeof row.status, "ok");
    row.flash_bytes = 66;
    row.cycles_median = 1234567890123456;
    row.energy_pJ = 987654321987;
    row.secret_dependent = 1;
    row.known_answer = true;
    return row;
}

static void entry(const char *mode, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/rekeylab/measurements/ab/%s.json", folder, key);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_untouched(const struct rk_cost_row *row)
{
    const struct rk_cost_row before = asked();
    assert_memory_equal(row, &before, sizeof before);
}

static void test_figures_come_back_names_stay(void **state)
{
    (void)state;
    struct rk_cost_row row = asked();
    const struct rk_cost_row kept = measured();
    assert_false(rki_bench_cache_load(key, &row));
    rki_bench_cache_save(key, &kept);
    assert_true(rki_bench_cache_load(key, &row));
    assert_int_equal(row.cycles_median, 1234567890123456);
    assert_int_equal(row.energy_pJ, 987654321987);
    assert_int_equal(row.secret_dependent, 1);
    assert_true(row.known_answer);
    assert_string_equal(row.status, "ok");
    assert_string_equal(row.version, "1.1");
    assert_string_equal(row.compiler, "cc 2");
    assert_int_equal(row.flash_bytes, 77);
}

static void test_row_without_figures_comes_back_without(void **state)
{
    (void)state;
    struct rk_cost_row row = asked();
    struct rk_cost_row kept = measured();
    kept.flash_bytes = kept.ram_static_bytes = kept.cycles_median = RK_NONE;
    rki_bench_cache_save(key, &kept);
    assert_true(rki_bench_cache_load(key, &row));
    assert_true(row.flash_bytes == RK_NONE && row.ram_static_bytes == RK_NONE);
}

static void test_damaged_entry_is_none(void **state)
{
    (void)state;
    static const char *const damaged[] = {"", "{", "[]", "{\"device\": 1}", "\xff\xfe"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct rk_cost_row row = asked();
        const struct rk_cost_row kept = measured();
        rki_bench_cache_save(key, &kept);
        entry("w", damaged[i]);
        assert_false(rki_bench_cache_load(key, &row));
        assert_untouched(&row);
        rki_bench_cache_save(key, &kept);
        assert_true(rki_bench_cache_load(key, &row));
    }
}

static void test_entry_of_another_row_is_none(void **state)
{
    (void)state;
    struct rk_cost_row row = asked();
    struct rk_cost_row kept = measured();
    kept.size_bytes = 64;
    rki_bench_cache_save(key, &kept);
    assert_false(rki_bench_cache_load(key, &row));
    assert_untouched(&row);
    kept = measured();
    kept.firmware_sha256[0] = '0';
    rki_bench_cache_save(key, &kept);
    assert_false(rki_bench_cache_load(key, &row));
    assert_untouched(&row);
}

static void test_no_place_for_a_cache(void **state)
{
    (void)state;
    struct rk_cost_row row = asked();
    const struct rk_cost_row kept = measured();
    setenv("XDG_CACHE_HOME", "/dev/null/no-folder", 1);
    rki_bench_cache_save(key, &kept);
    assert_false(rki_bench_cache_load(key, &row));
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    rki_bench_cache_save(key, &kept);
    assert_false(rki_bench_cache_load(key, &row));
    assert_untouched(&row);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || setenv("XDG_CACHE_HOME", folder, 1) != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_come_back_names_stay),
        cmocka_unit_test(test_row_without_figures_comes_back_without),
        cmocka_unit_test(test_damaged_entry_is_none),
        cmocka_unit_test(test_entry_of_another_row_is_none),
        cmocka_unit_test(test_no_place_for_a_cache),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
