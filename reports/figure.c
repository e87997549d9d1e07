/* reports/figure.c - one figure: query.sql -> data blocks -> plot.gp -> SVG inside the page */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/program.h"
#include "reports/report_internal.h"

/* Writes the rows of query.sql as blocks, one a series (first column), two blank lines between, names as column headers.
 * out: *rows. NULL is written as NaN, which gnuplot leaves out. */
static enum rk_err write_data(struct rki_report *report, const char *sql, const char *path, size_t *rows)
{
    sqlite3_stmt *statement;
    enum rk_err err = rki_prepare(report, sql, &statement);
    if (err) {
        return err;
    }
    FILE *data = fopen(path, "w");
    if (!data) {
        sqlite3_finalize(statement);
        return rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file that can be written", path, strerror(errno));
    }
    char series[256] = "";
    *rows = 0;
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (*rows == 0 || strcmp(series, name ? name : "") != 0) {
            snprintf(series, sizeof series, "%s", name ? name : "");
            fprintf(data, "%s\"%s\"", *rows ? "\n\n" : "", series);
            for (int c = 1; c < sqlite3_column_count(statement); c++) {
                fprintf(data, "\t%s", sqlite3_column_name(statement, c));
            }
            fputc('\n', data);
        }
        fprintf(data, "\"%s\"", series);
        for (int c = 1; c < sqlite3_column_count(statement); c++) {
            if (sqlite3_column_type(statement, c) == SQLITE_NULL) {
                fputs("\tNaN", data);
            } else if (sqlite3_column_type(statement, c) == SQLITE_TEXT) {
                fprintf(data, "\t\"%s\"", sqlite3_column_text(statement, c));
            } else {
                fprintf(data, "\t%.9g", sqlite3_column_double(statement, c));
            }
        }
        fputc('\n', data);
        ++*rows;
    }
    bool failed = fclose(data) != 0;
    sqlite3_finalize(statement);
    if (step != SQLITE_DONE || failed) {
        return rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the data of a figure", path,
                       sqlite3_errmsg(report->database));
    }
    return RK_OK;
}

static enum rk_err run_gnuplot(struct rki_report *report, const char *script, const char *data, const char *svg)
{
    char definitions[2 * RKI_PATH_bytes + 64], style[RKI_PATH_bytes];
    snprintf(definitions, sizeof definitions, "data='%s'; set output '%s'", data, svg);
    snprintf(style, sizeof style, "%s/reports/figures/style.gp", report->options->root);
    const char *const command[] = {"gnuplot", "-e", definitions, style, script, NULL};
    char said[1024];
    int status =
        rk_program_run(command, (struct rk_program_text){NULL, 0}, (struct rk_program_text){said, sizeof said});
    if (status == RK_PROGRAM_FAILED) {
        return rk_fail(report->diag, RK_ERR_MISSING,
                       "gnuplot is missing, expected it on the path: apt-get install gnuplot-nox");
    }
    if (status != 0) {
        fputs(said, stderr);
        return rk_fail(report->diag, RK_ERR_IO, "%s: gnuplot failed on %s, expected a figure", script, data);
    }
    return RK_OK;
}

/* Copies the SVG into the page, from its <svg tag on: black becomes the page's own ink, its white ground goes. */
static void inline_svg(FILE *page, const char *svg)
{
    static const struct {
        const char *from, *to;
    } colour[] = {
        {"'black'", "\"currentColor\""},
        {"\"black\"", "\"currentColor\""},
        {"\"rgb(0,0,0)\"", "\"currentColor\""},
        {"'rgb(  0,   0,   0)'", "\"currentColor\""},
        {"#000000", "currentColor"},
        {"#ffffff", "none"},
    };
    const char *at = strstr(svg, "<svg");
    while (at && *at) {
        const char *found = NULL;
        size_t which = 0;
        for (size_t i = 0; i < sizeof colour / sizeof colour[0]; i++) {
            const char *candidate = strstr(at, colour[i].from);
            if (candidate && (!found || candidate < found)) {
                found = candidate;
                which = i;
            }
        }
        if (!found) {
            fputs(at, page);
            return;
        }
        fwrite(at, 1, (size_t)(found - at), page);
        fputs(colour[which].to, page);
        at = found + strlen(colour[which].from);
    }
}

static enum rk_err put_figure(struct rki_report *report, const char *name, const char *folder, const char *svg_path,
                              size_t rows)
{
    char path[RKI_PATH_bytes + 32];
    snprintf(path, sizeof path, "%s/caption.html", folder);
    char *caption = rki_report_read(report, path);
    if (!caption) {
        return RK_ERR_IO;
    }
    fprintf(report->page, "<figure id=\"%s\">\n", name);
    if (rows == 0) {
        fputs("<p class=\"empty\">No rows: no point of this study has such a figure.</p>\n", report->page);
    } else {
        char *svg = rki_report_read(report, svg_path);
        if (!svg) {
            free(caption);
            return RK_ERR_IO;
        }
        fputs("<div class=\"plot\" tabindex=\"0\" role=\"img\">", report->page);
        inline_svg(report->page, svg);
        fputs("</div>\n", report->page);
        free(svg);
    }
    fprintf(report->page,
            "<figcaption>%s<span class=\"source\">reports/figures/%s &middot; data: "
            "figures/%s.tsv</span></figcaption>\n</figure>\n",
            caption, name, name);
    free(caption);
    return RK_OK;
}

enum rk_err rki_figure(struct rki_report *report, const char *name)
{
    char folder[RKI_PATH_bytes], path[RKI_PATH_bytes + 32], data[RKI_PATH_bytes], svg[RKI_PATH_bytes];
    snprintf(folder, sizeof folder, "%.900s/reports/figures/%s", report->options->root, name);
    snprintf(data, sizeof data, "%.900s/figures/%s.tsv", report->options->directory, name);
    snprintf(svg, sizeof svg, "%.900s/figures/%s.svg", report->options->directory, name);
    snprintf(path, sizeof path, "%s/query.sql", folder);
    char *sql = rki_report_read(report, path);
    if (!sql) {
        return RK_ERR_IO;
    }
    size_t rows = 0;
    enum rk_err err = write_data(report, sql, data, &rows);
    free(sql);
    if (!err && rows > 0) {
        snprintf(path, sizeof path, "%s/plot.gp", folder);
        err = run_gnuplot(report, path, data, svg);
    }
    return err ? err : put_figure(report, name, folder, svg, rows);
}
