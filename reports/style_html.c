/* reports/style_html.c - one self-contained page */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "engine/core/xml.h"
#include "reports/document.h"

static void paragraph(FILE *out, const char *words, bool lead)
{
    fputs(lead ? "<p class=\"lead\">" : "<p>", out);
    rk_xml_text(out, words);
    fputs("</p>\n", out);
}

static void table_begin(FILE *out, const struct rki_table *table)
{
    if (table->example != NULL) {
        fprintf(out,
                "<div class=\"tools\"><label>Filter <input type=\"search\" data-table=\"%s\"></label> "
                "<small>such as: %s</small></div>\n",
                table->id, table->example);
    }
    fprintf(out, "<div class=\"wide\" tabindex=\"0\"><table id=\"%s\"%s>", table->id,
            table->example != NULL ? " class=\"sortable\"" : "");
    if (table->caption != NULL) {
        fprintf(out, "<caption>%s</caption>", table->caption);
    }
    fputs("<thead><tr>", out);
    for (size_t i = 0; i < table->columns; i++) {
        const struct rki_column *column = &table->column[i];
        fprintf(out, "<th scope=\"col\"%s>", column->number ? " class=\"n\"" : "");
        fputs(table->example != NULL ? "<button type=\"button\">" : "", out);
        rk_xml_text(out, column->title);
        fputs(table->example != NULL ? "</button></th>" : "</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void table_group(FILE *out, const struct rki_table *table, const char *title)
{
    fprintf(out, "<tr><th scope=\"rowgroup\" colspan=\"%zu\">", table->columns);
    rk_xml_text(out, title);
    fputs("</th></tr>\n", out);
}

static void put_cell(FILE *out, const struct rki_column *column, const struct rki_cell *cell)
{
    if (!isnan(cell->share)) {
        fprintf(out, "<td class=\"n bar\" data-v=\"%.9g\" style=\"--share:%.1f%%\" title=\"%.1f %% of %s\">",
                cell->value, cell->share > 1 ? 100 : 100 * cell->share, 100 * cell->share, cell->whole);
    } else if (column->number && isnan(cell->value)) {
        fputs("<td class=\"n\" data-v=\"\">", out);
    } else if (column->number) {
        fprintf(out, "<td class=\"n\" data-v=\"%.9g\">", cell->value);
    } else {
        const char *words = cell->text != NULL ? cell->text : cell->number;
        fputs(strlen(words) > 60 ? "<td class=\"text\">" : "<td>", out);
    }
    rk_xml_text(out, cell->text != NULL ? cell->text : cell->number);
    if (cell->more != NULL) {
        fputs("<br><strong>Counter-example:</strong> ", out);
        rk_xml_text(out, cell->more);
    }
    fputs("</td>", out);
}

static void table_row(FILE *out, const struct rki_table *table, const struct rki_cell *cell, bool note)
{
    fputs(note ? "<tr class=\"note\">" : "<tr>", out);
    for (size_t i = 0; i < table->columns; i++) {
        put_cell(out, &table->column[i], &cell[i]);
    }
    fputs("</tr>\n", out);
}

static void table_end(FILE *out, const struct rki_table *table)
{
    (void)table;
    fputs("</tbody></table></div>\n", out);
}

static void section(FILE *out, const char *id, const char *title)
{
    fprintf(out, "<h2 id=\"%s\">", id);
    rk_xml_text(out, title);
    fputs("</h2>\n", out);
}

static void term(FILE *out, const char *name, const char *meaning)
{
    fputs("<details><summary>", out);
    rk_xml_text(out, name);
    fputs("</summary><p>", out);
    rk_xml_text(out, meaning);
    fputs("</p></details>\n", out);
}

/* What becomes of a piece of gnuplot's SVG in the page: its black is the page's own ink, its white ground goes, what
 * it shows by a script of its own is a title, which needs none, and its names carry the figure's, since all share one
 * page. */
static const struct {
    const char *from, *to;
    bool named; /* the figure's name and a dash come after it */
} replaced[] = {
    {"'black'", "\"currentColor\"", false},
    {"\"black\"", "\"currentColor\"", false},
    {"\"rgb(0,0,0)\"", "\"currentColor\"", false},
    {"'rgb(  0,   0,   0)'", "\"currentColor\"", false},
    {"#000000", "currentColor", false},
    {"#ffffff", "none", false},
    {" onmousemove=\"gnuplot_svg.showHypertext(evt,'", "><title>", false},
    {"')\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>", "</title>", false},
    {"<title>Gnuplot</title>", "", false},
    {" id='", " id='", true},
    {" id=\"", " id=\"", true},
    {"href='#", "href='#", true},
    {"url(#", "url(#", true},
};

enum { REPLACED = sizeof replaced / sizeof replaced[0] };

/* From the <svg tag on. Each piece is looked for once: next[] is where it stands at or after `at`, NULL: nowhere. */
static void put_svg(FILE *out, const char *svg, const char *name)
{
    const char *at = strstr(svg, "<svg");
    const char *next[REPLACED];
    for (size_t i = 0; i < REPLACED; i++) {
        next[i] = at != NULL ? strstr(at, replaced[i].from) : NULL;
    }
    while (at != NULL) {
        size_t first = REPLACED;
        for (size_t i = 0; i < REPLACED; i++) {
            if (next[i] != NULL && next[i] < at) {
                next[i] = strstr(at, replaced[i].from);
            }
            if (next[i] != NULL && (first == REPLACED || next[i] < next[first])) {
                first = i;
            }
        }
        if (first == REPLACED) {
            fputs(at, out);
            return;
        }
        fwrite(at, 1, (size_t)(next[first] - at), out);
        fputs(replaced[first].to, out);
        if (replaced[first].named) {
            fprintf(out, "%s-", name);
        }
        at = next[first] + strlen(replaced[first].from);
    }
}

/* A file that a browser saves. RFC 3986: all but unreserved characters in per cent. */
static void put_saved(FILE *out, const char *name, const char *data)
{
    fprintf(out, "<a download=\"%s.csv\" href=\"data:text/csv;charset=utf-8,", name);
    for (const unsigned char *c = (const unsigned char *)data; *c != '\0'; c++) {
        fprintf(out, isalnum(*c) || strchr("-._~", *c) != NULL ? "%c" : "%%%02X", *c);
    }
    fprintf(out, "\">%s.csv</a>", name);
}

static void figure(FILE *out, const struct rki_drawing *drawing)
{
    fprintf(out, "<figure id=\"%s\">\n<div class=\"plot\" tabindex=\"0\" role=\"img\" aria-label=\"", drawing->name);
    rk_xml_text(out, drawing->title);
    fputs("\">", out);
    put_svg(out, drawing->drawing, drawing->name);
    fputs("</div>\n<figcaption><h3>", out);
    rk_xml_text(out, drawing->title);
    fputs("</h3>\n<p>", out);
    rk_xml_text(out, drawing->caption);
    fputs("</p>\n<details class=\"source\"><summary>Data, query and command</summary>\n<p>Data: ", out);
    put_saved(out, drawing->name, drawing->data);
    fprintf(out, "</p><p>Query, reports/figures/%s/query.sql:</p><pre tabindex=\"0\">", drawing->name);
    rk_xml_text(out, drawing->query);
    fputs("</pre><p>Command:</p><pre tabindex=\"0\">", out);
    rk_xml_text(out, drawing->command);
    fputs("</pre></details></figcaption>\n</figure>\n", out);
}

const struct rki_style rki_style_html = {
    .name = "html",
    .template = "page.html",
    .file = "report.html",
    .drawing = "svg",
    .text = rk_xml_text,
    .verbatim = rk_xml_text,
    .paragraph = paragraph,
    .table_begin = table_begin,
    .table_group = table_group,
    .table_row = table_row,
    .table_end = table_end,
    .section = section,
    .term = term,
    .figure = figure,
};
