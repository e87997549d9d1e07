/* Wrong files: each is refused with exactly the line of its `.expected`. Mutants: each loads or is refused with one
 * line. */
#include "engine/core/rng.h"
#include "engine/study/battery_file.h"
#include "engine/study/device_file.h"
#include "engine/study/radio_file.h"
#include "engine/study/scenario.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "tests/files/wrong"
#define TREE   "tests/files/tree"

enum { CASES_least = 100, MUTANTS = 20000, TEXT_bytes = 16384 };

static bool write_expected; /* --write */
static unsigned cases;
static unsigned wrong;

static const struct table {
    const char *prefix;
    const struct rk_field *fields;
    size_t size;
} tables[] = {
    {"device-", rk_device_fields, sizeof(struct rk_device_profile)},
    {"radio-", rk_radio_fields, sizeof(struct rk_radio_profile)},
    {"battery-", rk_battery_fields, sizeof(struct rk_battery_profile)},
    {"scenario-", rk_scenario_fields, sizeof(struct rk_scenario)},
};

enum { TABLES = sizeof tables / sizeof tables[0] };

/* Compares the message with the file beside, or writes it. */
static void judge(const char *path, enum rk_err err, const char *message)
{
    char beside[512];
    char expected[sizeof((struct rk_diag *)0)->text + 2] = "";
    snprintf(beside, sizeof beside, "%.400s.expected", path);
    cases++;
    if (err != RK_ERR_INPUT) {
        print_error("%s: %s, expected a refusal\n", path, err == RK_OK ? "loaded" : message);
        wrong++;
        return;
    }
    FILE *file = fopen(beside, write_expected ? "w" : "r");
    if (file == NULL) {
        print_error("%s: cannot be opened, expected the line:\n%s\n", beside, message);
        wrong++;
        return;
    }
    if (write_expected) {
        fprintf(file, "%s\n", message);
    } else {
        size_t length = fread(expected, 1, sizeof expected - 1, file);
        expected[length] = '\0';
        bool same = length > 0 && expected[length - 1] == '\n' && strlen(message) == length - 1 &&
                    strncmp(expected, message, length - 1) == 0;
        if (!same) {
            print_error("%s\n  says:     %s\n  expected: %s\n", path, message, expected);
            wrong++;
        }
    }
    fclose(file);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_yaml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static void judge_file(const char *name)
{
    static union {
        struct rk_device_profile device;
        struct rk_scenario scenario;
    } record;
    char path[512];
    snprintf(path, sizeof path, FOLDER "/%.400s", name);
    for (size_t i = 0; i < TABLES; i++) {
        if (strncmp(name, tables[i].prefix, strlen(tables[i].prefix)) == 0) {
            struct rk_diag diag = {""};
            assert_true(tables[i].size <= sizeof record);
            judge(path, rk_fields_load_file(tables[i].fields, path, &record, tables[i].size, &diag), diag.text);
            return;
        }
    }
    fail_msg("%s: name begins with no kind", path);
}

static void test_wrong_files(void **state)
{
    (void)state;
    struct dirent **names;
    int count = scandir(FOLDER, &names, is_yaml, compare_names);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        judge_file(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    assert_int_equal(wrong, 0);
}

static void judge_tree(const struct rk_profile_kind *kind)
{
    static union {
        struct rk_device_profile device;
        struct rk_radio_profile radio;
        struct rk_battery_profile battery;
    } profile;
    struct rk_names names;
    struct rk_diag diag = {""};
    assert_int_equal(rk_profile_list(kind, TREE, &names, &diag), RK_OK);
    assert_true(names.count > 1);
    for (size_t i = 0; i < names.count; i++) {
        enum rk_err err = rk_profile_load(kind, TREE, names.name[i], &profile, &diag);
        if (strncmp(names.name[i], "sample", 6) == 0) {
            assert_int_equal(err, RK_OK);
            continue;
        }
        char path[512];
        snprintf(path, sizeof path, TREE "/%s/%s%s%s", kind->folder, names.name[i], kind->file == NULL ? ".yaml" : "/",
                 kind->file == NULL ? "" : kind->file);
        judge(path, err, diag.text);
    }
}

static void test_wrong_tree(void **state)
{
    (void)state;
    judge_tree(&rk_device_kind);
    judge_tree(&rk_board_kind);
    judge_tree(&rk_radio_kind);
    judge_tree(&rk_battery_kind);
    assert_int_equal(wrong, 0);
    assert_true(cases >= CASES_least);
}

/* What the sample holds, so that a field that is loaded into its neighbour is seen. */
static void test_sample(void **state)
{
    (void)state;
    struct rk_device_profile device;
    struct rk_radio_profile radio;
    struct rk_battery_profile battery;
    struct rk_diag diag;
    assert_int_equal(rk_device_load(TREE, "sample", &device, &diag), RK_OK);
    assert_int_equal(rk_radio_load(TREE, "sample", &radio, &diag), RK_OK);
    assert_int_equal(rk_battery_load(TREE, "sample", &battery, &diag), RK_OK);
    assert_string_equal(device.path, TREE "/devices/sample/device.yaml");
    assert_string_equal(device.class_seed, "C1");
    assert_int_equal(device.ram_bytes, 16384);
    assert_int_equal(device.clock_Hz, 16000000);
    assert_int_equal(device.supply_mV, 3300);
    assert_int_equal(device.active_nA.value, 9500000);
    assert_int_equal(device.sleep_nA.value, 750);
    assert_int_equal(device.sleep_nA.error_ppm, 300000);
    assert_int_equal(device.sleep_nA.kind, RK_KIND_ASSUMED);
    assert_int_equal(device.nvm_write_ns, 3400000);
    assert_int_equal(device.cycle_error_high_ppm, 1000);
    assert_int_equal(radio.bit_rate_bps, 250000);
    assert_int_equal(radio.rx_nA.value, 18800000);
    assert_int_equal(radio.turnaround_ns, 192000);
    assert_int_equal(radio.fragment_next_bytes, 5);
    assert_int_equal(battery.capacity_nAh.value, 225000000);
    assert_int_equal(battery.usable_ppm, 850000);
    assert_int_equal(battery.self_discharge_ppm_per_year.value, 10000);
    assert_int_equal(rk_device_check_radio(&device, &radio, &diag), RK_OK);
    device.sleep_nA.value = 1880000;
    assert_int_equal(rk_device_check_radio(&device, &radio, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text,
                        TREE "/devices/sample/device.yaml: sleep: 1.88 mA, expected less than a tenth of the "
                             "18.8 mA that radio sample receives with");
}

/* What a board says, over what its device is. */
static void test_board(void **state)
{
    (void)state;
    struct rk_device_profile device, board;
    struct rk_diag diag;
    char of_device[65], of_board[65];
    assert_int_equal(rk_device_load(TREE, "sample", &device, &diag), RK_OK);
    assert_int_equal(rk_device_load(TREE, "sample-board", &board, &diag), RK_OK);
    assert_string_equal(device.device, "sample");
    assert_string_equal(board.device, "sample");
    assert_string_equal(board.name, "sample-board");
    assert_string_equal(board.path, TREE "/devices/boards/sample-board.yaml");
    assert_int_equal(board.clock_Hz, 8000000);
    assert_int_equal(board.ram_bytes, device.ram_bytes);
    assert_int_equal(board.os_ram_bytes, 1024);
    assert_int_equal(board.active_nA.value, 5000000);
    assert_int_equal(board.sleep_nA.value, device.sleep_nA.value);
    assert_int_equal(rk_device_sha256(TREE, &device, of_device, &diag), RK_OK);
    assert_int_equal(rk_device_sha256(TREE, &board, of_board, &diag), RK_OK);
    assert_string_not_equal(of_device, of_board);
}

/* The files that come with the tree: each loads, and what it names is there and fits. */
static void test_shipped(void **state)
{
    (void)state;
    struct rk_names names;
    struct rk_diag diag = {""};
    struct rk_device_profile device;
    struct rk_radio_profile radio;
    struct rk_battery_profile battery;
    assert_int_equal(rk_device_and_board_list(".", &names, &diag), RK_OK);
    assert_true(names.count > 0);
    for (size_t i = 0; i < names.count; i++) {
        if (rk_device_load(".", names.name[i], &device, &diag) != RK_OK ||
            rk_radio_load(".", device.radio, &radio, &diag) != RK_OK ||
            rk_battery_load(".", device.battery, &battery, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
        if (rk_device_check_radio(&device, &radio, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
    }
    assert_int_equal(rk_radio_list(".", &names, &diag), RK_OK);
    for (size_t i = 0; i < names.count; i++) {
        if (rk_radio_load(".", names.name[i], &radio, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
    }
    assert_int_equal(rk_battery_list(".", &names, &diag), RK_OK);
    for (size_t i = 0; i < names.count; i++) {
        if (rk_battery_load(".", names.name[i], &battery, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const cases_of[][2] = {
        {"sampel", "unknown device 'sampel', expected 'sample'"},
        {"../sample", "unknown device '../sample', expected 'sample'"},
        {"", "unknown device '', expected one of: erase-block-odd idle-above-active no-erase-time no-write-time "
             "no-write-unit other-name sample sleep-above-idle write-unit-large"},
    };
    struct rk_device_profile device;
    struct rk_diag diag;
    for (size_t i = 0; i < sizeof cases_of / sizeof cases_of[0]; i++) {
        assert_int_equal(rk_device_load(TREE, cases_of[i][0], &device, &diag), RK_ERR_INPUT);
        assert_string_equal(diag.text, cases_of[i][1]);
    }
    struct rk_names names;
    assert_int_equal(rk_device_list("tests/files/nowhere", &names, &diag), RK_OK);
    assert_int_equal(names.count, 0);
}

static void test_no_file(void **state)
{
    (void)state;
    struct rk_device_profile device;
    struct rk_diag diag;
    assert_int_equal(rk_fields_load_file(rk_device_fields, "no/such.yaml", &device, sizeof device, &diag), RK_ERR_IO);
    assert_string_equal(diag.text, "no/such.yaml: No such file or directory, expected a readable file");
    assert_int_equal(rk_fields_load_file(rk_device_fields, "tests", &device, sizeof device, &diag), RK_ERR_IO);
    assert_string_equal(diag.text, "tests: is a folder, expected a file");
    assert_int_equal(rk_fields_load_file(rk_device_fields, "/dev/null", &device, sizeof device, &diag), RK_ERR_IO);
    assert_string_equal(diag.text, "/dev/null: is not a regular file, expected a file");
}

static void test_huge_file(void **state)
{
    (void)state;
    struct rk_device_profile device;
    struct rk_diag diag;
    char path[] = P_tmpdir "/rekeylab-files-XXXXXX";
    char message[160];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(ftruncate(descriptor, 100 * 1024 * 1024), 0);
    close(descriptor);
    assert_int_equal(rk_fields_load_file(rk_device_fields, path, &device, sizeof device, &diag), RK_ERR_INPUT);
    snprintf(message, sizeof message, "%s: longer than 1 MiB, expected a small text file", path);
    assert_string_equal(diag.text, message);
    unlink(path);
}

/* ---- mutants ---- */

struct text {
    char at[TEXT_bytes];
    size_t length;
};

static void read_text(const char *path, struct text *text)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text->length = fread(text->at, 1, TEXT_bytes / 2, file);
    fclose(file);
    assert_true(text->length > 0);
}

static void insert(struct text *text, size_t where, const char *piece, size_t length)
{
    if (text->length + length > TEXT_bytes) {
        return;
    }
    memmove(text->at + where + length, text->at + where, text->length - where);
    memcpy(text->at + where, piece, length);
    text->length += length;
}

static void mutate(struct text *text, struct rk_rng_stream *stream)
{
    static const char *const pieces[] = {
        "\n",       " ",
        "  ",       ":",
        ": ",       "- ",
        "{",        "}",
        "[",        "]",
        "\"",       "'",
        "#",        "&a ",
        "*a",       "!t ",
        "|\n",      ">\n",
        "%",        "---\n",
        "...\n",    "~",
        "0",        "9999999999999999999",
        ".",        "e9",
        "nan",      "\t",
        "\r",       "\xff",
        "\xc3\xa9", "\xef\xbb\xbf",
        "? ",       "clock",
        "value: ",  "{value: 1 mA, error: 1 %, kind: assumed, source: x}",
        "never",    "axes: {seed: [1]}\n",
    };
    enum { PIECES = sizeof pieces / sizeof pieces[0] };
    size_t where = rk_rng_below(rk_rng_next(stream), text->length);
    size_t span = 1 + rk_rng_below(rk_rng_next(stream), 12);
    span = span > text->length - where ? text->length - where : span;
    switch (rk_rng_below(rk_rng_next(stream), 4)) {
    case 0: /* one byte becomes any other */
        text->at[where] = (char)rk_rng_below(rk_rng_next(stream), 256);
        break;
    case 1: /* some bytes are lost, never all */
        if (span < text->length) {
            memmove(text->at + where, text->at + where + span, text->length - where - span);
            text->length -= span;
        }
        break;
    case 2: { /* some bytes appear twice */
        char copy[16];
        memcpy(copy, text->at + where, span);
        insert(text, where, copy, span);
        break;
    }
    default: { /* a piece that means something to YAML */
        const char *piece = pieces[rk_rng_below(rk_rng_next(stream), PIECES)];
        insert(text, where, piece, strlen(piece));
    }
    }
}

static void test_mutants(void **state)
{
    (void)state;
    static const char *const seeds[TABLES] = {TREE "/devices/sample/device.yaml", TREE "/devices/radios/sample.yaml",
                                              TREE "/devices/batteries/sample.yaml", "tests/files/scenario.yaml"};
    static struct rk_scenario record;
    _Static_assert(sizeof record >= sizeof(struct rk_device_profile), "the scenario is the largest record");
    struct rk_rng_stream stream = rk_rng_stream_make(rk_rng_key_make(1, 0), 0, RK_RNG_INPUT);
    unsigned loaded = 0;
    for (unsigned i = 0; i < MUTANTS; i++) {
        static struct text text;
        const struct table *table = &tables[i % TABLES];
        read_text(seeds[i % TABLES], &text);
        for (uint64_t k = 1 + rk_rng_below(rk_rng_next(&stream), 4); k > 0; k--) {
            mutate(&text, &stream);
        }
        struct rk_arena arena;
        struct rk_yaml *root;
        struct rk_diag diag = {""};
        rk_arena_init(&arena);
        memset(&record, 0, sizeof record);
        enum rk_err err = rk_yaml_load_text("mutant", text.at, text.length, &arena, &root, &diag);
        if (err == RK_OK) {
            err = rk_fields_load_node(table->fields, "mutant", root, &record, &diag);
        }
        rk_arena_fini(&arena);
        if (err == RK_OK) {
            assert_string_equal(diag.text, "");
            loaded++;
            continue;
        }
        assert_int_equal(err, RK_ERR_INPUT);
        assert_true(strncmp(diag.text, "mutant:", 7) == 0);
        assert_non_null(strstr(diag.text, ", expected "));
        assert_null(strpbrk(diag.text, "\n\r\t\x1b"));
    }
    /* Neither all nor none: the mutants reach both ends. */
    assert_true(loaded > MUTANTS / 100 && loaded < MUTANTS / 2);
}

int main(int argc, char **argv)
{
    write_expected = argc == 2 && strcmp(argv[1], "--write") == 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_files), cmocka_unit_test(test_wrong_tree), cmocka_unit_test(test_sample),
        cmocka_unit_test(test_board),       cmocka_unit_test(test_names),      cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_huge_file),   cmocka_unit_test(test_mutants),    cmocka_unit_test(test_shipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
