/* tests/browser/test_browser.c - reports as Chromium shows them: used by look.js at three widths, and their pictures
 *
 * Each kind of report is opened unchanged in a frame. RK_GOLDEN_WRITE=1 writes anew what a page is made of (KIND.txt).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/core/program.h"
#include "reports/report.h"
#include "tests/reports/fixture.h"

enum { PATH_bytes = 512, TEXT_bytes = 1 << 20, TIMED_OUT = 124, ATTEMPTS_max = 3 };

static char folder[64], here[PATH_bytes];

static const struct kind {
    const char *name, *sql; /* what it has more than the fixture; NULL for nothing */
    bool measured;          /* with what other commands print */
} kinds[] = {
    {"sweep", NULL, false},
    {"ranked", fixture_ranked, false},
    {"audited", fixture_audited, false},
    {"measured", NULL, true},
    {"without-figures", "DELETE FROM summary; UPDATE point SET status = 'does not fit: ram, of all that was asked for'",
     false},
};

/* Writes a kind's report to folder/name. The command in it is the same wherever it lies. */
static void make_report(const struct kind *kind, const char *name)
{
    char database[PATH_bytes], directory[PATH_bytes], page[512];
    snprintf(database, sizeof database, "%s/%s.db", folder, name);
    snprintf(directory, sizeof directory, "%s/%s", folder, name);
    fixture_results(database);
    if (kind->sql != NULL) {
        fixture_change(database, kind->sql);
    }
    const struct rk_report_options options = {.root = ".",
                                              .database = database,
                                              .directory = directory,
                                              .measured = kind->measured ? folder : "tests/browser",
                                              .command = "rekeylab report results.db"};
    struct rk_diag diag = {""};
    if (rk_report_write(&options, page, NULL, &diag)) {
        fail_msg("%s", diag.text);
    }
}

/* Opens a page by frame.html. in: what: "--dump-dom", or "--screenshot=FILE". out: what Chromium printed, both ways. */
static void browse(const char *name, const char *query, const char *scheme, const char *what, int height, char *out,
                   char *errors)
{
    const bool takes_picture = strncmp(what, "--screenshot", strlen("--screenshot")) == 0;
    char profile[PATH_bytes], url[3 * PATH_bytes], window[64];
    snprintf(profile, sizeof profile, "--user-data-dir=%s/profile", folder);
    snprintf(window, sizeof window, "--window-size=1280,%d", height);
    snprintf(url, sizeof url, "file://%s/frame.html?report=file://%s/%s/report.html&scheme=%s&%s", here, folder, name,
             scheme, query);
    const char *const command[] = {"timeout", "60", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
                                   "--disable-quic", "--no-first-run", "--hide-scrollbars",
                                   "--allow-file-access-from-files", "--enable-logging=stderr", profile, window, what,
                                   /* A picture is of a page that has come to rest, however busy the machine is. */
                                   takes_picture ? "--virtual-time-budget=20000" : "--no-default-browser-check",
                                   takes_picture ? "--run-all-compositor-stages-before-draw" : "--no-pings", url,
                                   strcmp(scheme, "dark") == 0 ? "--force-dark-mode" : NULL, NULL};
    int status = TIMED_OUT;
    for (int i = 0; i < ATTEMPTS_max && status == TIMED_OUT; i++) { /* a browser that hangs says nothing of the page */
        status = rk_program_run(command, (struct rk_program_text){out, TEXT_bytes},
                                (struct rk_program_text){errors, TEXT_bytes});
    }
    if (status == RK_PROGRAM_FAILED) {
        fail_msg("chromium is missing: apt-get install --no-install-recommends chromium");
    }
    if (status != 0) {
        fail_msg("%s: chromium ended with %d: %s", url, status, errors);
    }
    if (strstr(errors, ":CONSOLE") != NULL) {
        fail_msg("%s: the console says %s", url, strstr(errors, ":CONSOLE"));
    }
}

static void expect_structure(const char *name, const char *made)
{
    char path[PATH_bytes];
    snprintf(path, sizeof path, "tests/browser/%s.txt", name);
    if (getenv("RK_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(made, file);
        assert_int_equal(fclose(file), 0);
    }
    char *expected = fixture_read(path);
    if (strcmp(made, expected) != 0) {
        fail_msg("the page is made of\n%s\nexpected, by %s,\n%s", made, path, expected);
    }
    free(expected);
}

/* in: query: "width=360". */
static void use(const char *name, const char *query, const char *scheme)
{
    static char out[TEXT_bytes], errors[TEXT_bytes];
    char asked[64];
    snprintf(asked, sizeof asked, "%s&look=1", query);
    browse(name, asked, scheme, "--dump-dom", 900, out, errors);
    char *made = strstr(out, "<pre id=\"outcome\">");
    char *end = made != NULL ? strstr(made, "done\n</pre>") : NULL;
    if (end == NULL) {
        fail_msg("%s, %s: look.js did not end; the page is\n%.2000s", name, query, out);
    }
    made = strchr(made, '>') + 1;
    *end = '\0';
    if (strstr(made, "fault: ") != NULL) {
        fprintf(stderr, "%s, %s, %s:\n%s", name, query, scheme, made);
        fail();
    }
    expect_structure(name, made);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s", "/tmp/rekeylab-browser-XXXXXX");
    char root[PATH_bytes - 32];
    if (mkdtemp(folder) == NULL || getcwd(root, sizeof root) == NULL) {
        return -1;
    }
    snprintf(here, sizeof here, "%s/tests/browser", root);
    fixture_measured(folder);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        make_report(&kinds[i], kinds[i].name);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void every_kind_serves_on_a_desk_and_on_a_phone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        use(kinds[i].name, "width=360", "dark");
    }
    use("measured", "width=1280", "light");
    use("ranked", "width=768", "light");
}

/* The picture of a page, as bytes of a PNG. */
static char *picture(const char *name, const char *query, const char *scheme, size_t *bytes)
{
    static char out[TEXT_bytes], errors[TEXT_bytes];
    char path[PATH_bytes], what[PATH_bytes + 16];
    snprintf(path, sizeof path, "%s/picture.png", folder);
    snprintf(what, sizeof what, "--screenshot=%s", path);
    browse(name, query, scheme, what, 2400, out, errors);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *png = malloc(TEXT_bytes);
    assert_non_null(png);
    *bytes = fread(png, 1, TEXT_bytes, file);
    fclose(file);
    unlink(path);
    assert_in_range(*bytes, 8, TEXT_bytes - 1);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    return png;
}

static void two_runs_give_one_picture_bit_for_bit(void **state)
{
    (void)state;
    static const struct {
        const char *query, *scheme;
    } views[] = {{"width=1280&height=2400", "light"}, {"width=360&height=2400", "dark"}};
    make_report(&kinds[1], "again");
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        size_t first_bytes, second_bytes;
        char *first = picture(kinds[1].name, views[i].query, views[i].scheme, &first_bytes);
        char *second = picture("again", views[i].query, views[i].scheme, &second_bytes);
        assert_int_equal(first_bytes, second_bytes);
        assert_memory_equal(first, second, first_bytes);
        free(first);
        free(second);
    }
    size_t first_bytes, other_bytes;
    char *first = picture(kinds[1].name, views[0].query, views[0].scheme, &first_bytes);
    char *other = picture(kinds[0].name, views[0].query, views[0].scheme, &other_bytes);
    assert_true(first_bytes != other_bytes || memcmp(first, other, first_bytes) != 0);
    free(first);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_serves_on_a_desk_and_on_a_phone),
        cmocka_unit_test(two_runs_give_one_picture_bit_for_bit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
