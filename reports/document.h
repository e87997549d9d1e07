/* reports/document.h - what a report is made of, in any format: paragraphs, tables, figures, terms
 *
 * Model:  report.c fills the template of a format (page/<template>) part by part; the parts (answer.c, tables.c, audit.c,
 *         figure.c) say what is there by the calls below, and the format (style_<name>.c) how it looks. A new format is
 *         one file with a struct rki_style, a template, and its line in report.c.
 * Text:   UTF-8, plain; each format escapes it.
 */
#ifndef REPORTS_DOCUMENT_H
#define REPORTS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct rki_column {
    const char *title;
    bool number;    /* right aligned, sorted by value */
    bool essential; /* on paper too, where there is less room */
};

struct rki_table {
    const char *id, *caption; /* caption: NULL for none */
    const char *example;      /* of a filter; NULL: the table is short and neither sorted nor filtered */
    const struct rki_column *column;
    size_t columns;
};

struct rki_cell {
    const char *text;
    const char *more; /* a second paragraph, or NULL */
    double value;     /* to sort by; NaN: none */
    double share;     /* of `whole`, 0..1; NaN: of nothing */
    const char *whole;
    char number[64]; /* room for a text */
};

/* A figure that was drawn, and what it was made from: figures/<name>.csv holds the data, too. */
struct rki_drawing {
    const char *name, *title, *caption;
    const char *drawing;      /* the file, in the style's kind; an SVG is text */
    const char *query, *data; /* SQL, CSV */
    const char *command;      /* lines */
};

struct rki_style {
    const char *name;     /* "html" */
    const char *template; /* in reports/page */
    const char *file;     /* "report.html" */
    const char *drawing;  /* "svg", or "tex" */
    void (*text)(FILE *out, const char *text);
    void (*verbatim)(FILE *out, const char *text);
    void (*paragraph)(FILE *out, const char *text, bool lead);
    void (*table_begin)(FILE *out, const struct rki_table *table);
    void (*table_group)(FILE *out, const struct rki_table *table, const char *title);
    void (*table_row)(FILE *out, const struct rki_table *table, const struct rki_cell *cell, bool note);
    void (*table_end)(FILE *out, const struct rki_table *table);
    void (*section)(FILE *out, const char *id, const char *title); /* before the parts that not every report has */
    void (*term)(FILE *out, const char *term, const char *meaning);
    void (*figure)(FILE *out, const struct rki_drawing *drawing);
};

extern const struct rki_style rki_style_html, rki_style_markdown, rki_style_latex;

/* Cells. in: format for the value times scale; NaN prints a dash. */
struct rki_cell rki_cell_text(const char *text);
struct rki_cell rki_cell_number(double value, const char *format);

#endif
