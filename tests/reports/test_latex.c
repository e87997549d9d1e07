/* tests/reports/test_latex.c - a report for LaTeX compiles as it is, wherever it lies; exit 77 without pdflatex */
#include <setjmp.h>
#include <stdarg.h>
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

enum { PATH_bytes = 256 };

static char folder[64];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s", "/tmp/rekeylab-latex-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void write_report(void)
{
    char database[PATH_bytes], page[512];
    struct rk_diag diag = {""};
    snprintf(database, sizeof database, "%s/results.db", folder);
    fixture_results(database);
    fixture_change(database, fixture_ranked);
    fixture_change(database, fixture_audited);
    fixture_measured(folder);
    const struct rk_report_options options = {.root = ".",
                                              .database = database,
                                              .directory = folder,
                                              .measured = folder,
                                              .command = "rekeylab report",
                                              .formats = "latex"};
    if (rk_report_write(&options, page, NULL, &diag)) {
        fail_msg("%s", diag.text);
    }
}

static void a_report_compiles(void **state)
{
    (void)state;
    char path[PATH_bytes], command[2 * PATH_bytes];
    write_report();
    snprintf(path, sizeof path, "%s/figures/latex/cost-matrix.tex", folder);
    char *figure = fixture_read(path);
    assert_null(strstr(figure, folder));
    assert_non_null(strstr(figure, "{figures/latex/cost-matrix}"));
    assert_non_null(strstr(figure, "\\strut{}p256\\_\\allowbreak{}agree}}%\n"));
    free(figure);
    snprintf(command, sizeof command,
             "cd '%s' && mkdir moved && mv report.tex figures moved && cd moved &&"
             " pdflatex -halt-on-error -interaction=nonstopmode report.tex >log.txt 2>&1",
             folder);
    if (system(command) != 0) {
        snprintf(path, sizeof path, "%s/moved/log.txt", folder);
        char *log = fixture_read(path);
        fputs(log, stderr);
        free(log);
        fail();
    }
    snprintf(path, sizeof path, "%s/moved/report.pdf", folder);
    char *pdf = fixture_read(path);
    assert_int_equal(strncmp(pdf, "%PDF-", 5), 0);
    free(pdf);
}

int main(void)
{
    const char *const version[] = {"pdflatex", "--version", NULL};
    const struct rk_program_text none = {NULL, 0};
    if (rk_program_run(version, none, none) == RK_PROGRAM_FAILED) {
        puts("pdflatex is missing: apt-get install --no-install-recommends texlive-latex-recommended "
             "texlive-latex-extra");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(a_report_compiles, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
