/* reports/audit.c - the audit's section: a table of the requirements, and a paragraph on each */
#include <string.h>

#include "reports/report_internal.h"

static const struct rki_column columns[] = {{"", false, true},
                                            {"requirement", false, true},
                                            {"verdict", false, true},
                                            {"evidence", false, true},
                                            {"clause", false, false}};
static const struct rki_table table = {
    .id = "requirements", .column = columns, .columns = sizeof columns / sizeof columns[0]};

static void begin(struct rki_report *report)
{
    report->style->section(report->page, "audit", "Audit");
    report->style->paragraph(report->page,
                             "The requirements of the paper's section III.B, each judged from real runs of every "
                             "combination of the study, on "
                             "the libraries' builds for the host. The verdict is the worst over the combinations.",
                             false);
    report->style->table_begin(report->page, &table);
}

static void put_row(struct rki_report *report, sqlite3_stmt *row)
{
    struct rki_cell cells[5];
    for (int c = 0; c < 4; c++) {
        cells[c] = rki_cell_text(rki_text(row, c));
    }
    cells[4] = rki_cell_text(rki_text(row, 5));
    cells[3].more = sqlite3_column_type(row, 4) != SQLITE_NULL ? rki_text(row, 4) : NULL;
    report->style->table_row(report->page, &table, cells, strcmp(rki_text(row, 2), "FAIL") == 0);
}

enum rk_err rki_audit(struct rki_report *report)
{
    static const char sql[] = "SELECT requirement, title, verdict, evidence, counter_example, clause, explanation"
                              " FROM requirement ORDER BY number";
    sqlite3_stmt *row;
    int step;
    bool any = false;
    enum rk_err err = rki_prepare(report, sql, &row);
    if (err != RK_OK) {
        return err;
    }
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        if (!any) {
            begin(report);
        }
        any = true;
        put_row(report, row);
    }
    if (any) {
        report->style->table_end(report->page, &table);
        sqlite3_reset(row);
        while ((step = sqlite3_step(row)) == SQLITE_ROW) {
            char name[256];
            snprintf(name, sizeof name, "%s: %s", rki_text(row, 0), rki_text(row, 1));
            report->style->term(report->page, name, rki_text(row, 6));
        }
    }
    return rki_finish(report, row, step, "the rows of the audit");
}
