/* reports/style_markdown.c - for a merge request or a wiki: tables with pipes, figures beside the file */
#include <string.h>

#include "reports/document.h"

/* What would be markup is escaped; a line stays one line. */
static void text(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (strchr("\\`*_[]<>|#", *c) != NULL) {
            fputc('\\', out);
        }
        fputc(*c == '\n' ? ' ' : *c, out);
    }
}

static void verbatim(FILE *out, const char *text)
{
    fputs(text, out);
}

static void paragraph(FILE *out, const char *words, bool lead)
{
    fputs(lead ? "**" : "", out);
    text(out, words);
    fputs(lead ? "**\n\n" : "\n\n", out);
}

static void table_begin(FILE *out, const struct rki_table *table)
{
    if (table->caption != NULL) {
        fprintf(out, "%s:\n\n", table->caption);
    }
    fputs("|", out);
    for (size_t i = 0; i < table->columns; i++) {
        fprintf(out, " %s |", table->column[i].title);
    }
    fputs("\n|", out);
    for (size_t i = 0; i < table->columns; i++) {
        fputs(table->column[i].number ? "---:|" : "---|", out);
    }
    fputs("\n", out);
}

static void table_group(FILE *out, const struct rki_table *table, const char *title)
{
    fputs("| **", out);
    text(out, title);
    fputs("** |", out);
    for (size_t i = 1; i < table->columns; i++) {
        fputs(" |", out);
    }
    fputs("\n", out);
}

static void table_row(FILE *out, const struct rki_table *table, const struct rki_cell *cell, bool note)
{
    (void)note;
    fputs("|", out);
    for (size_t i = 0; i < table->columns; i++) {
        fputs(" ", out);
        text(out, cell[i].text != NULL ? cell[i].text : cell[i].number);
        if (cell[i].more != NULL) {
            fputs(" **Counter-example:** ", out);
            text(out, cell[i].more);
        }
        fputs(" |", out);
    }
    fputs("\n", out);
}

static void table_end(FILE *out, const struct rki_table *table)
{
    (void)table;
    fputs("\n", out);
}

static void section(FILE *out, const char *id, const char *title)
{
    (void)id;
    fprintf(out, "## %s\n\n", title);
}

static void term(FILE *out, const char *name, const char *meaning)
{
    fputs("- **", out);
    text(out, name);
    fputs("**: ", out);
    text(out, meaning);
    fputs("\n", out);
}

static void figure(FILE *out, const struct rki_drawing *drawing)
{
    fputs("### ", out);
    text(out, drawing->title);
    fprintf(out, "\n\n![%s](figures/%s.svg)\n\n", drawing->title, drawing->name);
    text(out, drawing->caption);
    fprintf(out,
            "\n\nData: [%s.csv](figures/%s.csv). Query: reports/figures/%s/query.sql. Command:\n\n```\n%s\n```\n\n",
            drawing->name, drawing->name, drawing->name, drawing->command);
}

const struct rki_style rki_style_markdown = {
    .name = "md",
    .template = "page.md",
    .file = "report.md",
    .drawing = "svg",
    .text = text,
    .verbatim = verbatim,
    .paragraph = paragraph,
    .table_begin = table_begin,
    .table_group = table_group,
    .table_row = table_row,
    .table_end = table_end,
    .section = section,
    .term = term,
    .figure = figure,
};
