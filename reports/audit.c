/* reports/audit.c - the audit's section: a table of the requirements, and a paragraph on each */
#include <string.h>

#include "reports/report_internal.h"

static void text(FILE *out, sqlite3_stmt *row, int column)
{
    const char *value = (const char *)sqlite3_column_text(row, column);
    rki_html_text(out, value != NULL ? value : "");
}

static void begin(FILE *out)
{
    fputs(
        "<section aria-labelledby=\"audit\"><h2 id=\"audit\">Audit</h2>\n"
        "<p>The requirements of the paper's section III.B, each judged from real runs of every combination of the "
        "study, on "
        "the libraries' builds for the host. The verdict is the worst over the combinations.</p>\n"
        "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\">requirement</th>"
        "<th scope=\"col\">verdict</th><th scope=\"col\">evidence</th><th "
        "scope=\"col\">clause</th></tr></thead>\n<tbody>\n",
        out);
}

static void table_row(FILE *out, sqlite3_stmt *row)
{
    fputs(strcmp((const char *)sqlite3_column_text(row, 2), "FAIL") == 0 ? "<tr class=\"note\"><td>" : "<tr><td>", out);
    text(out, row, 0);
    fputs("</td><td>", out);
    text(out, row, 1);
    fputs("</td><td>", out);
    text(out, row, 2);
    fputs("</td><td class=\"text\">", out);
    text(out, row, 3);
    if (sqlite3_column_type(row, 4) != SQLITE_NULL) {
        fputs("<br><strong>Counter-example:</strong> ", out);
        text(out, row, 4);
    }
    fputs("</td><td>", out);
    text(out, row, 5);
    fputs("</td></tr>\n", out);
}

static void explanation(FILE *out, sqlite3_stmt *row)
{
    fputs("<dt>", out);
    text(out, row, 0);
    fputs(": ", out);
    text(out, row, 1);
    fputs("</dt><dd>", out);
    text(out, row, 6);
    fputs("</dd>\n", out);
}

enum rk_err rki_audit(struct rki_report *report)
{
    static const char sql[] = "SELECT requirement, title, verdict, evidence, counter_example, clause, explanation"
                              " FROM requirement ORDER BY number";
    sqlite3_stmt *row;
    int step;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err != RK_OK) {
        return err;
    }
    FILE *out = report->page;
    bool any = false;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        if (!any) {
            begin(out);
        }
        any = true;
        table_row(out, row);
    }
    if (any) {
        fputs("</tbody></table></div>\n<details><summary>What each requirement asks for, and how it is "
              "judged</summary><dl>\n",
              out);
        sqlite3_reset(row);
        while ((step = sqlite3_step(row)) == SQLITE_ROW) {
            explanation(out, row);
        }
        fputs("</dl></details></section>\n", out);
    }
    sqlite3_finalize(row);
    return step == SQLITE_DONE ? RK_OK
                               : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the rows of the audit",
                                         report->options->database, sqlite3_errmsg(report->database));
}
