/* reports/figure.c - figures: query.sql -> data blocks -> plot.gp -> a drawing, and its place in the page */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/csv.h"
#include "engine/core/program.h"
#include "reports/report_internal.h"

/* In the order of the page. */
static const struct figure {
    const char *name;
    const char *input; /* the command whose output it shows; NULL: the study's own results */
} figures[] = {
    {"ranking", NULL},
    {"life-interval", NULL},
    {"pareto", NULL},
    {"exposure-interval", NULL},
    {"energy-split", NULL},
    {"rekey-latency", NULL},
    {"latency-distribution", NULL},
    {"timeline", "trace"},
    {"cost-matrix", NULL},
    {"secret-dependence", "leak"},
    {"zeroise-map", "zeroise"},
    {"powercut-matrix", "powercut"},
    {"validation", "validate"},
    {"speed", "speed"},
};

enum { FIGURES = sizeof figures / sizeof figures[0] };

/* The files of one figure. */
struct paths {
    char query[RKI_PATH_bytes], plot[RKI_PATH_bytes], caption[RKI_PATH_bytes], absent[RKI_PATH_bytes],
        csv[RKI_PATH_bytes], data[RKI_PATH_bytes], drawing[RKI_PATH_bytes];
};

/* --- data --- */

/* What a query gives goes to two files: for people and their programs, and for gnuplot. */
struct data_files {
    FILE *csv;    /* a table */
    FILE *blocks; /* one a series (the first column), two blank lines between, names as column headers; NaN for NULL */
    char series[256];
    size_t rows;
};

static void write_names(sqlite3_stmt *row, struct data_files *files)
{
    for (int c = 0; c < sqlite3_column_count(row); c++) {
        fputs(c == 0 ? "" : ",", files->csv);
        rk_csv_field(files->csv, sqlite3_column_name(row, c));
    }
    fputc('\n', files->csv);
}

static void write_row(sqlite3_stmt *row, struct data_files *files)
{
    for (int c = 0; c < sqlite3_column_count(row); c++) {
        fputs(c == 0 ? "" : ",", files->csv);
        if (sqlite3_column_type(row, c) == SQLITE_FLOAT) {
            fprintf(files->csv, "%.15g", sqlite3_column_double(row, c));
        } else {
            rk_csv_field(files->csv, rki_text(row, c));
        }
    }
    fputc('\n', files->csv);
}

static void write_block_row(sqlite3_stmt *row, struct data_files *files)
{
    const char *series = rki_text(row, 0);
    if (files->rows == 0 || strcmp(files->series, series) != 0) {
        snprintf(files->series, sizeof files->series, "%s", series);
        fprintf(files->blocks, "%s\"%s\"", files->rows > 0 ? "\n\n" : "", files->series);
        for (int c = 1; c < sqlite3_column_count(row); c++) {
            fprintf(files->blocks, "\t%s", sqlite3_column_name(row, c));
        }
        fputc('\n', files->blocks);
    }
    fprintf(files->blocks, "\"%s\"", files->series);
    for (int c = 1; c < sqlite3_column_count(row); c++) {
        if (sqlite3_column_type(row, c) == SQLITE_NULL) {
            fputs("\tNaN", files->blocks);
        } else if (sqlite3_column_type(row, c) == SQLITE_TEXT) {
            fprintf(files->blocks, "\t\"%s\"", rki_text(row, c));
        } else {
            fprintf(files->blocks, "\t%.9g", sqlite3_column_double(row, c));
        }
    }
    fputc('\n', files->blocks);
}

/* out: *rows. */
static enum rk_err write_data(struct rki_report *report, const char *sql, const struct paths *paths, size_t *rows)
{
    sqlite3_stmt *row;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err) {
        return err;
    }
    struct data_files files = {.csv = fopen(paths->csv, "w"), .blocks = fopen(paths->data, "w")};
    int step = SQLITE_ERROR;
    bool failed = files.csv == NULL || files.blocks == NULL;
    if (!failed) {
        write_names(row, &files);
        while ((step = sqlite3_step(row)) == SQLITE_ROW) {
            write_row(row, &files);
            write_block_row(row, &files);
            files.rows++;
        }
    }
    failed |= files.csv != NULL && fclose(files.csv) != 0;
    failed |= files.blocks != NULL && fclose(files.blocks) != 0;
    *rows = files.rows;
    if (failed) {
        sqlite3_finalize(row);
        return rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file that can be written", paths->csv,
                       strerror(errno));
    }
    return rki_finish(report, row, step, "the data of a figure");
}

/* --- drawings --- */

/* in: kind: a terminal that style.gp knows. */
static enum rk_err run_gnuplot(struct rki_report *report, const char *kind, const char *script, const char *data,
                               const char *drawing)
{
    char definitions[3 * RKI_PATH_bytes + 64], style[RKI_PATH_bytes];
    snprintf(definitions, sizeof definitions, "kind='%s'; data='%s'; drawing='%s'; shared='%s/reports/figures'", kind,
             data, drawing, report->options->root);
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

static void name_paths(const struct rki_report *report, const char *name, const char *kind, struct paths *paths)
{
    const struct rk_report_options *options = report->options;
    snprintf(paths->query, sizeof paths->query, "%.900s/reports/figures/%s/query.sql", options->root, name);
    snprintf(paths->plot, sizeof paths->plot, "%.900s/reports/figures/%s/plot.gp", options->root, name);
    snprintf(paths->caption, sizeof paths->caption, "%.900s/reports/figures/%s/caption.txt", options->root, name);
    snprintf(paths->absent, sizeof paths->absent, "%.900s/reports/figures/%s/absent.txt", options->root, name);
    snprintf(paths->csv, sizeof paths->csv, "%.900s/figures/%s.csv", options->directory, name);
    snprintf(paths->data, sizeof paths->data, "%.900s/figures/%s.tsv", options->directory, name);
    snprintf(paths->drawing, sizeof paths->drawing, "%.900s/figures/%s%s.%s", options->directory,
             strcmp(kind, "tex") == 0 ? "latex/" : "", name, kind);
}

/* out: a figure's query, on the heap; or NULL. */
static char *read_query(struct rki_report *report, const char *path)
{
    char *query = rki_report_read(report, path), *whole = NULL;
    if (query != NULL) {
        whole = rki_report_expand(report, query);
    }
    free(query);
    return whole;
}

/* A figure without rows has no files. */
static enum rk_err draw(struct rki_report *report, const char *name, const char *kind)
{
    struct paths paths;
    size_t rows = 0;
    name_paths(report, name, kind, &paths);
    char *sql = read_query(report, paths.query);
    if (sql == NULL) {
        return RK_ERR_IO;
    }
    enum rk_err err = write_data(report, sql, &paths, &rows);
    free(sql);
    if (!err && rows > 0) {
        err = run_gnuplot(report, kind, paths.plot, paths.data, paths.drawing);
        return !err && strcmp(kind, "tex") == 0 ? rki_figure_latex(report, paths.drawing) : err;
    }
    unlink(paths.csv);
    unlink(paths.data);
    unlink(paths.drawing);
    return err;
}

enum rk_err rki_figures_draw(struct rki_report *report, const char *kind)
{
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < FIGURES && !err; i++) {
        err = draw(report, figures[i].name, kind);
    }
    return err;
}

/* --- in the page --- */

/* Lines become one, and the last ends the text. */
static void join_lines(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\n' ? c[1] == '\0' ? '\0' : ' ' : *c;
    }
}

/* The commands that make a figure, one a line. */
static void name_commands(const struct rki_report *report, const struct figure *figure, char *line, size_t bytes)
{
    if (figure->input == NULL) {
        snprintf(line, bytes, "%s", report->options->command);
    } else if (strcmp(figure->input, "trace") == 0) {
        snprintf(line, bytes, "rekeylab trace STUDY.yaml --device 1 > DIR/trace.txt\n%s", report->options->command);
    } else {
        snprintf(line, bytes, "rekeylab %s --json > DIR/%s.json\n%s", figure->input, figure->input,
                 report->options->command);
    }
}

/* The first line of a caption is its title. */
static enum rk_err put(struct rki_report *report, const struct figure *figure, const struct paths *paths)
{
    char command[1536];
    char *caption = rki_report_read(report, paths->caption);
    char *drawing = caption != NULL ? rki_report_read(report, paths->drawing) : NULL;
    char *query = drawing != NULL ? read_query(report, paths->query) : NULL;
    char *data = query != NULL ? rki_report_read(report, paths->csv) : NULL;
    if (data != NULL) {
        char *text = strchr(caption, '\n');
        RK_REQUIRE(text != NULL);
        *text++ = '\0';
        join_lines(text);
        name_commands(report, figure, command, sizeof command);
        const struct rki_drawing made = {.name = figure->name,
                                         .title = caption,
                                         .caption = text,
                                         .drawing = drawing,
                                         .query = query,
                                         .data = data,
                                         .command = command};
        report->style->figure(report->page, &made);
    }
    enum rk_err err = data != NULL ? RK_OK : RK_ERR_IO;
    free(data);
    free(query);
    free(drawing);
    free(caption);
    return err;
}

/* A row of the table of figures that are not there. */
static enum rk_err put_absent(struct rki_report *report, const struct rki_table *table, const struct paths *paths)
{
    char *caption = rki_report_read(report, paths->caption);
    char *why = caption != NULL ? rki_report_read(report, paths->absent) : NULL;
    enum rk_err err = why != NULL ? RK_OK : RK_ERR_IO;
    if (why != NULL) {
        caption[strcspn(caption, "\n")] = '\0';
        join_lines(why);
        const struct rki_cell cells[] = {rki_cell_text(caption), rki_cell_text(why)};
        report->style->table_row(report->page, table, cells, false);
    }
    free(why);
    free(caption);
    return err;
}

enum rk_err rki_figures_put(struct rki_report *report)
{
    static const struct rki_column columns[] = {{"figure", false, true}, {"why it is not here", false, true}};
    static const struct rki_table table = {.id = "absent", .column = columns, .columns = 2};
    bool is_there[FIGURES];
    size_t there = 0;
    enum rk_err err = RK_OK;
    struct paths paths;
    for (size_t i = 0; i < FIGURES && !err; i++) {
        name_paths(report, figures[i].name, report->style->drawing, &paths);
        is_there[i] = access(paths.drawing, F_OK) == 0;
        there += is_there[i];
        err = is_there[i] ? put(report, &figures[i], &paths) : RK_OK;
    }
    if (err || there == FIGURES) {
        return err;
    }
    report->style->table_begin(report->page, &table);
    for (size_t i = 0; i < FIGURES && !err; i++) {
        name_paths(report, figures[i].name, report->style->drawing, &paths);
        err = is_there[i] ? RK_OK : put_absent(report, &table, &paths);
    }
    report->style->table_end(report->page, &table);
    return err;
}
