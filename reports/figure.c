/* reports/figure.c - figures: query.sql -> data blocks -> plot.gp -> a drawing, and its place in the page */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/program.h"
#include "reports/report_internal.h"

/* In the order of the page. */
static const char *const figures[] = {"ranking",           "life-interval", "pareto",
                                      "exposure-interval", "energy-split",  "rekey-latency"};

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

/* in: kind: a terminal that style.gp knows. */
static enum rk_err run_gnuplot(struct rki_report *report, const char *kind, const char *script, const char *data,
                               const char *drawing)
{
    char definitions[2 * RKI_PATH_bytes + 64], style[RKI_PATH_bytes];
    snprintf(definitions, sizeof definitions, "kind='%s'; data='%s'; drawing='%s'", kind, data, drawing);
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

/* The files of one figure. */
struct paths {
    char query[RKI_PATH_bytes], plot[RKI_PATH_bytes], caption[RKI_PATH_bytes], data[RKI_PATH_bytes],
        drawing[RKI_PATH_bytes];
};

static void name_paths(const struct rki_report *report, const char *name, const char *kind, struct paths *paths)
{
    const struct rk_report_options *options = report->options;
    snprintf(paths->query, sizeof paths->query, "%.900s/reports/figures/%s/query.sql", options->root, name);
    snprintf(paths->plot, sizeof paths->plot, "%.900s/reports/figures/%s/plot.gp", options->root, name);
    snprintf(paths->caption, sizeof paths->caption, "%.900s/reports/figures/%s/caption.txt", options->root, name);
    snprintf(paths->data, sizeof paths->data, "%.900s/figures/%s.tsv", options->directory, name);
    snprintf(paths->drawing, sizeof paths->drawing, "%.900s/figures/%s.%s", options->directory, name, kind);
}

/* A figure without rows has no files. */
static enum rk_err draw(struct rki_report *report, const char *name, const char *kind)
{
    struct paths paths;
    size_t rows = 0;
    name_paths(report, name, kind, &paths);
    char *sql = rki_report_read(report, paths.query);
    if (sql == NULL) {
        return RK_ERR_IO;
    }
    enum rk_err err = write_data(report, sql, paths.data, &rows);
    free(sql);
    if (!err && rows > 0) {
        return run_gnuplot(report, kind, paths.plot, paths.data, paths.drawing);
    }
    unlink(paths.data);
    unlink(paths.drawing);
    return err;
}

enum rk_err rki_figures_draw(struct rki_report *report, const char *kind)
{
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0] && !err; i++) {
        err = draw(report, figures[i], kind);
    }
    return err;
}

/* The first line of a caption is its title. */
static enum rk_err put(struct rki_report *report, const char *name, const struct paths *paths)
{
    char data[64];
    char *caption = rki_report_read(report, paths->caption);
    char *drawing = caption != NULL ? rki_report_read(report, paths->drawing) : NULL;
    enum rk_err err = drawing != NULL ? RK_OK : RK_ERR_IO;
    if (drawing != NULL) {
        char *text = strchr(caption, '\n');
        RK_REQUIRE(text != NULL);
        *text++ = '\0';
        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\n' ? c[1] == '\0' ? '\0' : ' ' : *c;
        }
        snprintf(data, sizeof data, "figures/%s.tsv", name);
        const struct rki_drawing made = {
            .name = name, .title = caption, .caption = text, .path = paths->drawing, .data = data};
        report->style->figure(report->page, &made, drawing);
    }
    free(drawing);
    free(caption);
    return err;
}

enum rk_err rki_figures_put(struct rki_report *report)
{
    char left_out[512] = "";
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0] && !err; i++) {
        struct paths paths;
        name_paths(report, figures[i], report->style->drawing, &paths);
        if (access(paths.drawing, F_OK) == 0) {
            err = put(report, figures[i], &paths);
        } else {
            size_t length = strlen(left_out);
            snprintf(left_out + length, sizeof left_out - length, "%s%s", length > 0 ? ", " : "", figures[i]);
        }
    }
    if (!err && left_out[0] != '\0') {
        char line[600];
        snprintf(line, sizeof line, "Nothing in this study to show of: %s.", left_out);
        report->style->paragraph(report->page, line, false);
    }
    return err;
}
