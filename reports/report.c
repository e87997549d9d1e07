/* reports/report.c - opens the results, and fills the page of each format */
#include "reports/report.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/fields.h"
#include "engine/core/folder.h"
#include "engine/study/results/results.h"
#include "reports/report_internal.h"

const char *const rk_report_formats[] = {"html", "md", "latex", "csv", "svg", "pdf", NULL};

static const struct rki_style *const styles[] = {&rki_style_html, &rki_style_markdown, &rki_style_latex};

char *rki_report_read(struct rki_report *report, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file of the report", path, strerror(errno));
        return NULL;
    }
    char *text = NULL;
    size_t bytes = 0;
    ssize_t length = getdelim(&text, &bytes, '\0', file);
    fclose(file);
    if (length < 0) {
        free(text);
        rk_fail(report->diag, RK_ERR_IO, "%s: empty, expected a file of the report", path);
        return NULL;
    }
    return text;
}

/* out: the first mark from `at` on, and its length; NULL when there is none. */
static char *find_mark(char *at, size_t *length)
{
    while ((at = strchr(at, '@')) != NULL && (*length = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == 0) {
        at++;
    }
    return at;
}

char *rki_report_expand(struct rki_report *report, const char *sql)
{
    char *whole = strdup(sql), name[32], path[RKI_PATH_bytes];
    RK_REQUIRE(whole != NULL);
    size_t length;
    for (char *at; whole != NULL && (at = find_mark(whole, &length)) != NULL;) {
        RK_REQUIRE(length < sizeof name);
        for (size_t i = 0; i <= length; i++) {
            name[i] = i < length ? (char)tolower(at[i + 1]) : '\0';
        }
        snprintf(path, sizeof path, "%.900s/reports/figures/%s.sql", report->options->root, name);
        char *shared = rki_report_read(report, path), *next = NULL;
        if (shared != NULL) {
            size_t end = strlen(shared) - (shared[strlen(shared) - 1] == '\n');
            RK_REQUIRE(asprintf(&next, "%.*s%.*s%s", (int)(at - whole), whole, (int)end, shared, at + 1 + length) >= 0);
        }
        free(shared);
        free(whole);
        whole = next;
    }
    return whole;
}

/* --- the database --- */

enum rk_err rki_prepare(struct rki_report *report, const char *sql, sqlite3_stmt **statement)
{
    if (sqlite3_prepare_v2(report->database, sql, -1, statement, NULL) != SQLITE_OK) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected results of this version",
                       report->options->database, sqlite3_errmsg(report->database));
    }
    return RK_OK;
}

enum rk_err rki_finish(struct rki_report *report, sqlite3_stmt *statement, int step, const char *what)
{
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? RK_OK
                               : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected %s", report->options->database,
                                         sqlite3_errmsg(report->database), what);
}

double rki_value(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN : sqlite3_column_double(row, column);
}

const char *rki_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

const char *rki_meta(struct rki_report *report, const char *key)
{
    static _Thread_local char value[16384];
    sqlite3_stmt *statement;
    value[0] = '\0';
    if (sqlite3_prepare_v2(report->database, "SELECT value FROM meta WHERE key = ?", -1, &statement, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            snprintf(value, sizeof value, "%s", rki_text(statement, 0));
        }
        sqlite3_finalize(statement);
    }
    return value;
}

/* --- the page --- */

static void put_text(struct rki_report *report, const char *text)
{
    report->style->text(report->page, text);
}

/* A file of reports/page as it is. */
static enum rk_err put_file(struct rki_report *report, const char *name)
{
    char path[RKI_PATH_bytes];
    snprintf(path, sizeof path, "%s/reports/page/%s", report->options->root, name);
    char *text = rki_report_read(report, path);
    if (text == NULL) {
        return RK_ERR_IO;
    }
    fputs(text, report->page);
    free(text);
    return RK_OK;
}

/* Fills one {{name}} of a template. */
static enum rk_err fill(struct rki_report *report, const char *name)
{
    static const struct {
        const char *name;
        enum rk_err (*put)(struct rki_report *report);
    } parts[] = {{"answer", rki_answer_put},   {"figures", rki_figures_put},         {"costs", rki_table_costs},
                 {"points", rki_table_points}, {"provenance", rki_table_provenance}, {"audit", rki_audit}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(name, parts[i].name) == 0) {
            return parts[i].put(report);
        }
    }
    if (strcmp(name, "title") == 0 || strcmp(name, "question") == 0) {
        put_text(report, rki_meta(report, name));
    } else if (strcmp(name, "command") == 0) {
        report->style->verbatim(report->page, report->options->command);
    } else if (strcmp(name, "scenario") == 0) {
        report->style->verbatim(report->page, rki_meta(report, "scenario"));
    } else if (strcmp(name, "style") == 0) {
        return put_file(report, "style.css");
    } else if (strcmp(name, "script") == 0) {
        return put_file(report, "script.js");
    } else {
        return rk_fail(report->diag, RK_ERR_INPUT, "reports/page/%s: {{%s}}, expected a part that exists",
                       report->style->template, name);
    }
    return RK_OK;
}

static enum rk_err fill_template(struct rki_report *report, const char *template)
{
    const char *at = template;
    for (const char *open = strstr(at, "{{"); open; open = strstr(at, "{{")) {
        const char *close = strstr(open, "}}");
        char name[32];
        if (!close || (size_t)(close - open - 2) >= sizeof name) {
            break;
        }
        fwrite(at, 1, (size_t)(open - at), report->page);
        snprintf(name, sizeof name, "%.*s", (int)(close - open - 2), open + 2);
        enum rk_err err = fill(report, name);
        if (err) {
            return err;
        }
        at = close + 2;
    }
    fputs(at, report->page);
    return RK_OK;
}

static enum rk_err write_page(struct rki_report *report)
{
    char path[RKI_PATH_bytes], page[RKI_PATH_bytes], temporary[RKI_PATH_bytes + 8];
    snprintf(path, sizeof path, "%s/reports/page/%s", report->options->root, report->style->template);
    snprintf(page, sizeof page, "%.900s/%s", report->options->directory, report->style->file);
    snprintf(temporary, sizeof temporary, "%s.new", page);
    char *template = rki_report_read(report, path);
    if (!template) {
        return RK_ERR_IO;
    }
    report->page = fopen(temporary, "w");
    enum rk_err err = report->page ? fill_template(report, template)
                                   : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file that can be written",
                                             temporary, strerror(errno));
    free(template);
    if (report->page && fclose(report->page) != 0 && !err) {
        err = rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the page to be written", temporary, strerror(errno));
    }
    if (!err && rename(temporary, page) != 0) {
        err = rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the page to be written", page, strerror(errno));
    }
    if (err) {
        unlink(temporary);
    }
    return err;
}

/* --- formats --- */

/* out: its style; NULL for csv, svg and pdf, which have no page. */
static const struct rki_style *style_of(const char *format)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
        if (strcmp(format, styles[i]->name) == 0) {
            return styles[i];
        }
    }
    return NULL;
}

static enum rk_err write_format(struct rki_report *report, const char *format)
{
    if (strcmp(format, "csv") == 0) {
        return rki_tables_csv(report);
    }
    report->style = style_of(format);
    enum rk_err err = rki_figures_draw(report, report->style != NULL ? report->style->drawing : format);
    return err || report->style == NULL ? err : write_page(report);
}

/* Where the result of a format is. */
static void name_result(const struct rk_report_options *options, const char *format, char page[512])
{
    const struct rki_style *style = style_of(format);
    const char *name = style != NULL ? style->file : strcmp(format, "csv") == 0 ? "tables" : "figures";
    snprintf(page, 512, "%.480s/%s", options->directory, name);
}

/* Takes the next of a list. out: false at its end. */
static bool next_format(const char **list, char format[32])
{
    if (*list == NULL || **list == '\0') {
        return false;
    }
    size_t length = strcspn(*list, ",");
    snprintf(format, 32, "%.*s", (int)(length < 31 ? length : 31), *list);
    *list += length;
    *list += **list == ',';
    return true;
}

static enum rk_err check_formats(const char *list, struct rk_diag *diag)
{
    char format[32];
    while (next_format(&list, format)) {
        size_t i = 0;
        while (rk_report_formats[i] != NULL && strcmp(rk_report_formats[i], format) != 0) {
            i++;
        }
        if (rk_report_formats[i] == NULL) {
            return rk_unknown_name("format", format, rk_report_formats, diag);
        }
    }
    return RK_OK;
}

static enum rk_err make_folders(struct rki_report *report)
{
    char path[RKI_PATH_bytes];
    snprintf(path, sizeof path, "%s/figures/latex", report->options->directory);
    return rk_folder_make(path) ? RK_OK
                                : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a folder to write the report to",
                                          path, strerror(errno));
}

enum rk_err rk_report_write(const struct rk_report_options *options, char page[512], FILE *answer, struct rk_diag *diag)
{
    struct rki_report report = {.options = options, .diag = diag};
    const char *list = options->formats != NULL ? options->formats : "html";
    char format[32] = "html";
    const char *first = list;
    enum rk_err err = check_formats(list, diag);
    if (err) {
        return err;
    }
    next_format(&first, format);
    name_result(options, format, page);
    err = rk_results_open(&report.database, options->database, diag);
    err = err ? err : rki_inputs_load(&report);
    err = err ? err : make_folders(&report);
    while (!err && next_format(&list, format)) {
        err = write_format(&report, format);
    }
    if (!err && answer) {
        err = rki_answer_text(&report, answer);
    }
    sqlite3_close(report.database);
    return err;
}
