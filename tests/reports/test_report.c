/* tests/reports/test_report.c - a report of a database made here: its answer, its data, a page that needs nothing else */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/report.h"
#include "tests/reports/fixture.h"

enum { PATH_bytes = 256 };

static char folder[64];

static const char *formats; /* of the next reports; NULL: the default */
static const char *measured;

static enum rk_err report(const char *database, char page[512], char **answer, struct rk_diag *diag)
{
    struct rk_report_options options = {.root = ".",
                                        .database = database,
                                        .directory = folder,
                                        .command = "rekeylab report",
                                        .measured = measured,
                                        .formats = formats};
    size_t bytes = 0;
    FILE *memory = open_memstream(answer, &bytes);
    enum rk_err err = rk_report_write(&options, page, memory, diag);
    fclose(memory);
    return err;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s", "/tmp/rekeylab-report-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void answer_is_the_one_of_the_rows(void **state)
{
    (void)state;
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    if (report(path, page, &answer, &diag)) {
        fail_msg("%s", diag.text);
    }
    assert_non_null(strstr(
        answer, "Device One (class C1, b) lasts: derive (A2) 50 d renewed every message, 100 d never, 95 % of it "
                "from 1 d up; ecdh (A1) 10 d renewed every message, 100 d never, 95 % of it from 7 d up."));
    assert_non_null(strstr(
        answer, "Device Two (class C2, b) lasts: ecdh (A1) 20 d renewed every message, 100 d never, less than 95 % "
                "of it at every interval."));
    assert_non_null(
        strstr(answer, "A leaked session key opens, by interval, every message: 5 min (W(T) 5 min), 1 d: 1 d"));
    free(answer);

    char *html = fixture_read(page);
    assert_non_null(strstr(html, "renewed every 7 d on the Device One.</p>"));
    assert_non_null(strstr(html, "A &lt;study&gt; &amp; more"));
    assert_null(strstr(html, "<study>"));
    assert_non_null(strstr(html, "does not fit: ram"));
    assert_null(strstr(html, "src=\"http"));
    assert_null(strstr(html, "href=\"http"));
    assert_null(strstr(html, "{{"));
    int drawings = 0;
    for (const char *at = html; (at = strstr(at, "<svg")) != NULL; at++) {
        drawings++;
    }
    assert_int_equal(drawings, 8); /* the last: validation, which is recorded and asks for no device */
    free(html);
}

static void pareto_front_has_only_points_that_nothing_beats(void **state)
{
    (void)state;
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    snprintf(path, sizeof path, "%s/figures/pareto.tsv", folder);
    char *data = fixture_read(path);
    /* derive beats ecdh at one day (99 d against 90 d), so only derive's point is on the front. */
    assert_non_null(strstr(data, "\"d1 derive lib\"\t1\t99\t5.78703704e-06\t1\t\"1 d\""));
    assert_non_null(strstr(data, "\"d1 ecdh lib\"\t1\t90\t5.78703704e-06\t0\t\"1 d\""));
    free(data);
}

static char *page_of(const char *path)
{
    char page[512], *answer;
    struct rk_diag diag = {""};
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    return fixture_read(page);
}

/* Of all renewals 10 % take longer than 1.125 s, and as many longer than 3 s, where the next bin begins. */
static void latency_falls_at_the_edges_of_its_bins(void **state)
{
    (void)state;
    static const char d2[] = "\"d2 ecdh lib, point 9\"", *const edge[] = {"1\t1\t", "1.125\t0.1\t", "3\t0.1\t",
                                                                          "3.25\t0\t"};
    char path[PATH_bytes], page[512], *answer, line[128];
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    snprintf(path, sizeof path, "%s/figures/latency-distribution.tsv", folder);
    char *data = fixture_read(path), *at = strstr(data, d2);
    for (size_t i = 0; i < sizeof edge / sizeof edge[0]; i++) {
        snprintf(line, sizeof line, "%s\t%s100\t\"p\"\t\"d2 (C2)\"\t\"ecdh lib\"\n", d2, edge[i]);
        at = at != NULL ? strchr(at, '\n') : NULL;
        assert_true(at != NULL && strncmp(++at, line, strlen(line)) == 0);
    }
    assert_null(strstr(data, "point 8"));  /* renewed every message */
    assert_null(strstr(data, "point 10")); /* every week */
    free(data);
    fixture_change(strcat(strcpy(path, folder), "/results.db"), "DELETE FROM latency");
    char *text = page_of(path);
    assert_non_null(strstr(text, "<td>How many renewals take longer</td><td class=\"text\">No key was renewed, "));
    free(text);
}

static void what_is_no_results_database_is_refused(void **state)
{
    (void)state;
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/none.db", folder);
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    free(answer);
    FILE *file = fopen(path, "w");
    fputs("no database", file);
    fclose(file);
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "not a database, expected results of Rekeylab"));
    free(answer);
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    fixture_change(path, "PRAGMA user_version = 99");
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "schema version 99, expected at most"));
    free(answer);
    assert_int_not_equal(access(page, F_OK), 0);
}

static void audit_is_shown_where_one_was_made(void **state)
{
    (void)state;
    static const char *const expected[] = {"id=\"audit\"",
                                           "<td>R2</td><td>Seeds &lt;good&gt;</td><td>FAIL</td>",
                                           "16 of 18",
                                           "Counter-example:</strong> device at 3 s",
                                           "<td>SP 800-90A</td>",
                                           "<summary>R1: Random</summary><p>Why one asks.</p>"};
    char path[PATH_bytes];
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    char *text = page_of(path);
    assert_null(strstr(text, "id=\"audit\""));
    free(text);
    fixture_change(path, fixture_audited);
    text = page_of(path);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_non_null(strstr(text, expected[i]));
    }
    free(text);
}

static void expect_file(const char *name, const char *begin, const char *const *texts)
{
    char path[PATH_bytes];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = fixture_read(path);
    if (strncmp(text, begin, strlen(begin)) != 0) {
        fail_msg("%s begins with %.40s, expected %s", name, text, begin);
    }
    for (; texts != NULL && *texts != NULL; texts++) {
        if (strstr(text, *texts) == NULL) {
            fail_msg("%s: no `%s`", name, *texts);
        }
    }
    free(text);
}

static void every_format_says_the_same(void **state)
{
    (void)state;
    static const char *const markdown[] = {"# A \\<study\\> & more",
                                           "| ecdh (A1) | 10 | 90 | 96 | 100 | 7 d |",
                                           "renewed every 7 d on the Device One.**",
                                           "](figures/pareto.svg)",
                                           "does not fit: ram",
                                           "12345 | 12000 \u2026 13000",
                                           NULL};
    static const char *const latex[] = {"\\title{ A \\textless{}study\\textgreater{} \\& more }",
                                        "ecdh (A1) & 10 & 90 & 96 & 100 & 7 d \\\\",
                                        "\\figureinput{figures/latex/pareto}",
                                        "$\\pm$ 0.50",
                                        "\\bottomrule",
                                        NULL};
    static const char *const csv[] = {"0,p,d1,lib,1.0,ecdh,A1,every message,300,b,ok,300,", NULL};
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    formats = "md,latex,csv,svg,pdf";
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    assert_non_null(strstr(page, "/report.md"));
    expect_file("report.md", "# ", markdown);
    expect_file("report.tex", "% rekeylab report", latex);
    expect_file("tables/point.csv", "point,label,device,", csv);
    expect_file("figures/pareto.svg", "<?xml", NULL);
    expect_file("figures/pareto.pdf", "%PDF-", NULL);
    formats = "html,word";
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "unknown format 'word', expected"));
    free(answer);
    formats = NULL;
}

static void a_ranking_is_drawn_and_leads_the_answer(void **state)
{
    (void)state;
    char path[PATH_bytes];
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    char *text = page_of(path);
    assert_null(strstr(text, "<figure id=\"ranking\">"));
    assert_non_null(strstr(text, "<td>What the study ranks, best first</td><td>The study ranks nothing: "));
    free(text);
    fixture_change(path, fixture_ranked);
    text = page_of(path);
    assert_non_null(strstr(text, "<figure id=\"ranking\">"));
    assert_non_null(strstr(text, "<p class=\"lead\">Best by battery_life_d (battery life at the mean power of the "
                                 "trial, self-discharge included): d1: 7 d.</p>"));
    assert_non_null(strstr(text, "<title>7 d: 96 +- 0.5</title>"));
    free(text);
}

/* Writes one file into the folder of measurements. */
static void add_file(const char *name, const char *text)
{
    char path[PATH_bytes];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void what_other_commands_print_has_figures_too(void **state)
{
    (void)state;
    static const char *const figures[] = {
        "timeline", "cost-matrix", "secret-dependence", "zeroise-map", "powercut-matrix", "validation", "speed"};
    char path[PATH_bytes], page[512], *answer;
    snprintf(path, sizeof path, "%s/results.db", folder);
    fixture_results(path);
    measured = folder;
    char *text = page_of(path);
    assert_null(strstr(text, "<figure id=\"zeroise-map\">"));
    assert_non_null(strstr(text, "rekeylab zeroise --json &gt; DIR/zeroise.json"));
    free(text);
    fixture_measured(folder);
    text = page_of(path);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        char figure[64];
        snprintf(figure, sizeof figure, "<figure id=\"%s\">", figures[i]);
        if (strstr(text, figure) == NULL) {
            fail_msg("no %s", figure);
        }
    }
    assert_non_null(
        strstr(text, "<title>d1, lib 1.0, derive, renew: 20 cuts (writes): old key 11, new 8, none 0; lost 1, "));
    assert_non_null(strstr(text, "<title>d1, lib 1.0, hkdf_sha256, stack: 48 bytes, prk by hkdf_extract</title>"));
    assert_non_null(strstr(text, "<title>key 1: active (confirmed) from 2 s for 5 s</title>"));
    assert_null(strstr(text, "<title>d3"));
    assert_non_null(strstr(text, "<td>measured:zeroise</td>"));
    free(text);

    struct rk_diag diag = {""};
    add_file("leak.json", "[\n {\"device\": }]");
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "leak.json:2:"));
    free(answer);
    add_file("leak.json", "[{\"device\": \"d1\"}]");
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(
        strstr(diag.text, "leak.json: NOT NULL constraint failed: leak.backend, expected what the command "));
    free(answer);
    measured = "/nonexistent";
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(
        strstr(diag.text, "/nonexistent: no folder, expected one with what commands print, such as leak.json"));
    free(answer);
    measured = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answer_is_the_one_of_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(pareto_front_has_only_points_that_nothing_beats, setup, teardown),
        cmocka_unit_test_setup_teardown(latency_falls_at_the_edges_of_its_bins, setup, teardown),
        cmocka_unit_test_setup_teardown(audit_is_shown_where_one_was_made, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_results_database_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(every_format_says_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(what_other_commands_print_has_figures_too, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ranking_is_drawn_and_leads_the_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
