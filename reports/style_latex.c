/* reports/style_latex.c - for a paper: booktabs tables with the essential columns, figures whose words LaTeX sets */
#include <string.h>

#include "reports/document.h"

/* Characters that mean something to LaTeX, and those beyond ASCII that reports use. */
static const struct {
    const char *from, *to;
} replaced[] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_\\allowbreak{}"},
    {"^", "\\textasciicircum{}"},
    {"~", "\\textasciitilde{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"\u00b1", "$\\pm$"},
    {"\u2026", "\\ldots{}"},
    {"\u2013", "--"},
    {"\u00d7", "$\\times$"},
    {"\u00b7", "$\\cdot$"},
};

static void text(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t which = 0;
        while (which < sizeof replaced / sizeof replaced[0] &&
               strncmp(text, replaced[which].from, strlen(replaced[which].from)) != 0) {
            which++;
        }
        if (which < sizeof replaced / sizeof replaced[0]) {
            fputs(replaced[which].to, out);
            text += strlen(replaced[which].from);
        } else {
            fputc(*text++, out);
        }
    }
}

static void verbatim(FILE *out, const char *text)
{
    fputs(text, out);
}

static void paragraph(FILE *out, const char *words, bool lead)
{
    fputs(lead ? "\\textbf{" : "", out);
    text(out, words);
    fputs(lead ? "}\n\n" : "\n\n", out);
}

static size_t essential(const struct rki_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->columns; i++) {
        count += table->column[i].essential;
    }
    return count;
}

static void table_begin(FILE *out, const struct rki_table *table)
{
    fputs("{\\small\n\\begin{longtable}{@{}", out);
    for (size_t i = 0; i < table->columns; i++) {
        if (table->column[i].essential) {
            fputs(table->column[i].number ? "r" : "l", out);
        }
    }
    fputs("@{}}\n", out);
    if (table->caption != NULL) {
        fprintf(out, "\\caption{%s}\\\\\n", table->caption);
    }
    fputs("\\toprule\n", out);
    const char *separator = "";
    for (size_t i = 0; i < table->columns; i++) {
        if (table->column[i].essential) {
            fputs(separator, out);
            text(out, table->column[i].title);
            separator = " & ";
        }
    }
    fputs(" \\\\\n\\midrule\n\\endhead\n", out);
}

static void table_group(FILE *out, const struct rki_table *table, const char *title)
{
    fprintf(out, "\\addlinespace\n\\multicolumn{%zu}{@{}l}{\\emph{", essential(table));
    text(out, title);
    fputs("}} \\\\\n", out);
}

static void table_row(FILE *out, const struct rki_table *table, const struct rki_cell *cell, bool note)
{
    const char *separator = "";
    (void)note;
    for (size_t i = 0; i < table->columns; i++) {
        if (table->column[i].essential) {
            const char *words = cell[i].text != NULL ? cell[i].text : cell[i].number;
            bool wide = strlen(words) > 60;
            fputs(separator, out);
            fputs(wide ? "\\parbox[t]{.55\\linewidth}{\\raggedright " : "", out);
            text(out, words);
            if (cell[i].more != NULL) {
                fputs(" \\textbf{Counter-example:} ", out);
                text(out, cell[i].more);
            }
            fputs(wide ? "}" : "", out);
            separator = " & ";
        }
    }
    fputs(" \\\\\n", out);
}

static void table_end(FILE *out, const struct rki_table *table)
{
    (void)table;
    fputs("\\bottomrule\n\\end{longtable}}\n\n", out);
}

static void section(FILE *out, const char *id, const char *title)
{
    (void)id;
    fprintf(out, "\\section{%s}\n\n", title);
}

static void term(FILE *out, const char *name, const char *meaning)
{
    fputs("\\paragraph{", out);
    text(out, name);
    fputs("} ", out);
    text(out, meaning);
    fputs("\n\n", out);
}

static void figure(FILE *out, const struct rki_drawing *drawing)
{
    fprintf(out, "\\begin{figure}[tbp]\n\\centering\n\\figureinput{figures/latex/%s}\n\\caption{", drawing->name);
    text(out, drawing->title);
    fputs(". ", out);
    text(out, drawing->caption);
    fprintf(out, "}\n\\label{fig:%s}\n\\end{figure}\n\n", drawing->name);
}

const struct rki_style rki_style_latex = {
    .name = "latex",
    .template = "page.tex",
    .file = "report.tex",
    .drawing = "tex",
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
