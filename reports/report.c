/* reports/report.c - opens the results and assembles the page */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/folder.h"
#include "reports/report_internal.h"

static const char *const figures[] = {"life-interval", "pareto", "exposure-interval", "energy-split", "rekey-latency"};

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

void rki_html_text(FILE *out, const char *text)
{
    for (const char *c = text ? text : ""; *c; c++) {
        switch (*c) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*c, out);
        }
    }
}

enum rk_err rki_prepare(struct rki_report *report, const char *sql, sqlite3_stmt **statement)
{
    if (sqlite3_prepare_v2(report->database, sql, -1, statement, NULL) != SQLITE_OK) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected results of this version",
                       report->options->database, sqlite3_errmsg(report->database));
    }
    return RK_OK;
}

const char *rki_meta(struct rki_report *report, const char *key)
{
    static _Thread_local char value[4096];
    sqlite3_stmt *statement;
    value[0] = '\0';
    if (sqlite3_prepare_v2(report->database, "SELECT value FROM meta WHERE key = ?", -1, &statement, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            snprintf(value, sizeof value, "%s", (const char *)sqlite3_column_text(statement, 0));
        }
        sqlite3_finalize(statement);
    }
    return value;
}

static enum rk_err open_results(struct rki_report *report)
{
    const char *path = report->options->database;
    struct stat status;
    if (stat(path, &status) != 0) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected a results database", path, strerror(errno));
    }
    if (sqlite3_open_v2(path, &report->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected a results database", path,
                       sqlite3_errmsg(report->database));
    }
    if (sqlite3_exec(report->database, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected a results database", path,
                       sqlite3_errmsg(report->database));
    }
    const char *version = rki_meta(report, "schema_version");
    if (strcmp(version, "3") != 0) {
        return rk_fail(report->diag, RK_ERR_INPUT,
                       "%s: schema version `%s`, expected a Rekeylab results database of version 3", path, version);
    }
    return RK_OK;
}

static enum rk_err make_directory(struct rki_report *report, const char *path)
{
    return rk_folder_make(path) ? RK_OK
                                : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a folder to write the report to",
                                          path, strerror(errno));
}

/* Fills one {{name}} of the page's template. */
static enum rk_err fill(struct rki_report *report, const char *name)
{
    if (strcmp(name, "title") == 0) {
        rki_html_text(report->page, rki_meta(report, "title"));
    } else if (strcmp(name, "question") == 0) {
        rki_html_text(report->page, rki_meta(report, "question"));
    } else if (strcmp(name, "command") == 0) {
        rki_html_text(report->page, report->options->command);
    } else if (strcmp(name, "scenario") == 0) {
        rki_html_text(report->page, rki_meta(report, "scenario"));
    } else if (strcmp(name, "answer") == 0) {
        return rki_answer_html(report);
    } else if (strcmp(name, "figures") == 0) {
        enum rk_err err = RK_OK;
        for (size_t i = 0; i < sizeof figures / sizeof figures[0] && !err; i++) {
            err = rki_figure(report, figures[i]);
        }
        return err;
    } else if (strcmp(name, "costs") == 0) {
        return rki_table_costs(report);
    } else if (strcmp(name, "points") == 0) {
        return rki_table_points(report);
    } else if (strcmp(name, "audit") == 0) {
        return rki_audit(report);
    } else if (strcmp(name, "provenance") == 0) {
        return rki_table_provenance(report);
    } else if (strcmp(name, "style") == 0 || strcmp(name, "script") == 0) {
        char path[RKI_PATH_bytes];
        snprintf(path, sizeof path, "%s/reports/page/%s", report->options->root,
                 strcmp(name, "style") == 0 ? "style.css" : "script.js");
        char *text = rki_report_read(report, path);
        if (!text) {
            return RK_ERR_IO;
        }
        fputs(text, report->page);
        free(text);
    } else {
        return rk_fail(report->diag, RK_ERR_INPUT, "reports/page/page.html: {{%s}}, expected a part that exists", name);
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

static enum rk_err write_page(struct rki_report *report, const char *page)
{
    char path[RKI_PATH_bytes], temporary[600];
    snprintf(path, sizeof path, "%s/reports/page/page.html", report->options->root);
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

enum rk_err rk_report_write(const struct rk_report_options *options, char page[512], FILE *answer, struct rk_diag *diag)
{
    struct rki_report report = {.options = options, .diag = diag};
    char figures_path[RKI_PATH_bytes];
    snprintf(page, 512, "%.480s/report.html", options->directory);
    snprintf(figures_path, sizeof figures_path, "%s/figures", options->directory);
    enum rk_err err = open_results(&report);
    if (!err) {
        err = make_directory(&report, figures_path);
    }
    if (!err) {
        err = write_page(&report, page);
    }
    if (!err && answer) {
        err = rki_answer_text(&report, answer);
    }
    sqlite3_close(report.database);
    return err;
}
