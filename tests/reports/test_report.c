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
#include <sqlite3.h>

enum { PATH_bytes = 256 };

static char folder[64];

/* Two devices, one backend, two mechanisms, three renewals. Lives are chosen so that the answer is known. */
static const char rows_sql[] =
    "INSERT INTO meta VALUES('schema_version','4'),('title','A <study> & more'),('question','Q?'),('scenario','name: "
    "x');"
    "INSERT INTO device VALUES('d1','Device One','C1','C1','avr5','simavr',1000,2000,0,8000000,'r','b'),"
    "                         ('d2','Device Two','C2','C2','cortex-m4','qemu',9000,9000,0,64000000,'r','b');"
    "INSERT INTO "
    "cost(device,backend,version,op,size_bytes,status,cycles_median,cycles_low,cycles_high,stack_bytes,flash_bytes,"
    "  known_answer) VALUES('d1','lib','1.0','sha256',32,'ok',12345,12000,13000,500,1000,1),"
    "  ('d1','lib','1.0','p256_agree',0,'does not fit: ram',NULL,NULL,NULL,NULL,NULL,0);"
    "INSERT INTO provenance VALUES('git_revision','abc',NULL);";

struct point {
    const char *device, *mechanism, *association, *renew;
    double interval_s, life_d, exposure_s; /* interval 0: never */
};

static const struct point points[] = {
    {"d1", "ecdh", "A1", "every message", 300, 10, 300},   {"d1", "ecdh", "A1", "1 d", 86400, 90, 86400},
    {"d1", "ecdh", "A1", "7 d", 604800, 96, 604800},       {"d1", "ecdh", "A1", "never", 0, 100, 8640000},
    {"d1", "derive", "A2", "every message", 300, 50, 300}, {"d1", "derive", "A2", "1 d", 86400, 99, 86400},
    {"d1", "derive", "A2", "7 d", 604800, 100, 604800},    {"d1", "derive", "A2", "never", 0, 100, 8640000},
    {"d2", "ecdh", "A1", "every message", 300, 20, 300},   {"d2", "ecdh", "A1", "1 d", 86400, 30, 86400},
    {"d2", "ecdh", "A1", "7 d", 604800, 40, 604800},       {"d2", "ecdh", "A1", "never", 0, 100, 8640000},
};

static void run(sqlite3 *database, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", message, sql);
    }
}

static void add_metric(sqlite3 *database, size_t point, const char *metric, double mean)
{
    char sql[256];
    snprintf(sql, sizeof sql, "INSERT INTO summary VALUES(%zu,'%s','x',3,%.9g,0.5,NULL,NULL,NULL,NULL)", point, metric,
             mean);
    run(database, sql);
}

static void add_points(sqlite3 *database)
{
    static const char *const metrics[] = {"energy_crypto_keys_J_per_d", "energy_radio_keys_J_per_d",
                                          "energy_nvm_J_per_d",         "energy_crypto_data_J_per_d",
                                          "energy_radio_data_J_per_d",  "energy_sleep_J_per_d"};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const struct point *p = &points[i];
        char sql[512], interval[32];
        snprintf(interval, sizeof interval, p->interval_s > 0 ? "%.0f" : "NULL", p->interval_s);
        snprintf(sql, sizeof sql,
                 "INSERT INTO "
                 "point(point,label,device,backend,version,mechanism,association,renew,interval_s,battery,status,"
                 "exposure_closed_form_s) VALUES(%zu,'p','%s','lib','1.0','%s','%s','%s',%s,'b','ok',%.0f)",
                 i, p->device, p->mechanism, p->association, p->renew, interval, p->exposure_s);
        run(database, sql);
        add_metric(database, i, "battery_life_d", p->life_d);
        add_metric(database, i, "battery_life_low_d", p->life_d / 2);
        add_metric(database, i, "battery_life_high_d", p->life_d * 2);
        add_metric(database, i, "energy_J_per_d", 6);
        for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
            add_metric(database, i, metrics[m], 1);
        }
        add_metric(database, i, "exposure_s", p->exposure_s);
        add_metric(database, i, "exposure_capture_s", 8640000);
        add_metric(database, i, "rekey_latency_p50_s", 1);
        add_metric(database, i, "rekey_latency_p95_s", 2);
        add_metric(database, i, "rekey_latency_p99_s", 3);
    }
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = NULL;
    size_t bytes = 0;
    assert_true(getdelim(&text, &bytes, '\0', file) >= 0);
    fclose(file);
    return text;
}

static void make_results(const char *path)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    char *schema = read_file("engine/study/schema.sql");
    run(database, schema);
    free(schema);
    run(database, rows_sql);
    add_points(database);
    sqlite3_close(database);
}

static const char *formats; /* of the next reports; NULL: the default */

static enum rk_err report(const char *database, char page[512], char **answer, struct rk_diag *diag)
{
    struct rk_report_options options = {
        .root = ".", .database = database, .directory = folder, .command = "rekeylab report", .formats = formats};
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
    make_results(path);
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
        strstr(answer, "A leaked session key opens, by interval: every message 0.00347 d (W(T) 0.00347 d), 1 d 1 d"));
    free(answer);

    char *html = read_file(page);
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
    assert_int_equal(drawings, 5);
    free(html);
}

static void pareto_front_has_only_points_that_nothing_beats(void **state)
{
    (void)state;
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    make_results(path);
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    snprintf(path, sizeof path, "%s/figures/pareto.tsv", folder);
    char *data = read_file(path);
    /* derive beats ecdh at one day (99 d against 90 d), so only derive's point is on the front. */
    assert_non_null(strstr(data, "\"d1 derive lib\"\t1\t99\t5.78703704e-06\t1\t\"1 d\""));
    assert_non_null(strstr(data, "\"d1 ecdh lib\"\t1\t90\t5.78703704e-06\t0\t\"1 d\""));
    free(data);
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
    assert_non_null(strstr(diag.text, "not a database, expected a results database"));
    free(answer);
    snprintf(path, sizeof path, "%s/results.db", folder);
    make_results(path);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    run(database, "UPDATE meta SET value = '5' WHERE key = 'schema_version'");
    sqlite3_close(database);
    assert_int_equal(report(path, page, &answer, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "version `5`"));
    free(answer);
    assert_int_not_equal(access(page, F_OK), 0);
}

static char *page_of(const char *path)
{
    char page[512], *answer;
    struct rk_diag diag = {""};
    assert_int_equal(report(path, page, &answer, &diag), RK_OK);
    free(answer);
    return read_file(page);
}

static void change(const char *path, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    run(database, sql);
    sqlite3_close(database);
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
    make_results(path);
    char *text = page_of(path);
    assert_null(strstr(text, "id=\"audit\""));
    free(text);
    change(path,
           "INSERT INTO requirement VALUES(1,'R1','Random','PASS','all differ',9,NULL,'SP 800-90A','Why one asks.'),"
           "(2,'R2','Seeds <good>','FAIL','16 of 18',5,'device at 3 s','SP 800-90B','Why.')");
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
    char *text = read_file(path);
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
                                           "| ecdh (A1) | 10 | 90 | 96 | 100 |",
                                           "renewed every 7 d on the Device One.**",
                                           "](figures/pareto.svg)",
                                           "does not fit: ram",
                                           "12345 | 12000 \u2026 13000",
                                           NULL};
    static const char *const latex[] = {"\\title{ A \\textless{}study\\textgreater{} \\& more }",
                                        "ecdh (A1) & 10 & 90 & 96 & 100 \\\\",
                                        "\\includegraphics[width=\\linewidth]{figures/pareto.pdf}",
                                        "$\\pm$ 0.50",
                                        "\\bottomrule",
                                        NULL};
    static const char *const csv[] = {"0,p,d1,lib,1.0,ecdh,A1,every message,300,b,ok,300,", NULL};
    char path[PATH_bytes], page[512], *answer;
    struct rk_diag diag = {""};
    snprintf(path, sizeof path, "%s/results.db", folder);
    make_results(path);
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
    make_results(path);
    char *text = page_of(path);
    assert_null(strstr(text, "<figure id=\"ranking\">"));
    assert_non_null(strstr(text, "Nothing in this study to show of: ranking."));
    free(text);
    change(
        path,
        "INSERT INTO meta VALUES('rank_metric','battery_life_d'),('rank_over','policy.renew ');"
        "INSERT INTO axis VALUES(1,'policy.renew','1 d'),(2,'policy.renew','7 d'),(1,'device','d1'),(2,'device','d1'),"
        "(2,'horizon','60 d'),(2,'constraints.exposure_s','at most 1 d');"
        "INSERT INTO ranking VALUES('device=d1',1,1,2,3,96,0.5),('device=d1',2,2,1,3,90,0.5)");
    text = page_of(path);
    assert_non_null(strstr(text, "<figure id=\"ranking\">"));
    assert_non_null(strstr(text, "<p class=\"lead\">Best by battery_life_d: d1: 7 d.</p>"));
    assert_non_null(strstr(text, "<title>7 d: 96 +- 0.5</title>"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answer_is_the_one_of_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(pareto_front_has_only_points_that_nothing_beats, setup, teardown),
        cmocka_unit_test_setup_teardown(audit_is_shown_where_one_was_made, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_results_database_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(every_format_says_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_ranking_is_drawn_and_leads_the_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
