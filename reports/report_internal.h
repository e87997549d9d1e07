/* reports/report_internal.h - between the files of this room */
#ifndef REPORTS_REPORT_INTERNAL_H
#define REPORTS_REPORT_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "reports/document.h"
#include "reports/report.h"

enum { RKI_PATH_bytes = 1024 };

struct rki_report {
    const struct rk_report_options *options;
    sqlite3 *database;
    const struct rki_style *style; /* of the page under way */
    FILE *page;
    struct rk_diag *diag;
};

/* Reads a whole file; the caller frees. out: NULL after a complaint. */
char *rki_report_read(struct rki_report *report, const char *path);

/* out: SQL with the text of figures/<name>.sql in the place of each @NAME, on the heap; NULL after a complaint. */
char *rki_report_expand(struct rki_report *report, const char *sql);

/* Makes temporary tables of what was measured beside the study, as measured/<name>.sql says, and `input` of the files.
 * errors: RK_ERR_INPUT with the place for a file that is not what the command prints. */
enum rk_err rki_inputs_load(struct rki_report *report);

/* Data and drawings of all figures, in a kind ("svg", "pdf", "tex"). */
enum rk_err rki_figures_draw(struct rki_report *report, const char *kind);

/* Escapes the words of a drawing by gnuplot's cairolatex, and has it include its PDF from figures/latex. */
enum rk_err rki_figure_latex(struct rki_report *report, const char *path);

/* The figures' part of the page: those that have something to show. */
enum rk_err rki_figures_put(struct rki_report *report);

/* Tables of the page. */
enum rk_err rki_table_costs(struct rki_report *report);
enum rk_err rki_table_points(struct rki_report *report);
enum rk_err rki_table_provenance(struct rki_report *report);

/* All tables of the database as files DIR/tables/<name>.csv. */
enum rk_err rki_tables_csv(struct rki_report *report);

/* The audit's section; nothing where there was none. */
enum rk_err rki_audit(struct rki_report *report);

/* What the study ranks: on the page and as plain lines; nothing where it ranks nothing. out: *any: whether it does. */
enum rk_err rki_ranked_put(struct rki_report *report, bool *any);
enum rk_err rki_ranked_text(struct rki_report *report, FILE *out, bool *any);

/* The answer on the page, and as plain lines. */
enum rk_err rki_answer_put(struct rki_report *report);
enum rk_err rki_answer_text(struct rki_report *report, FILE *out);

/* Prepares `sql`. errors: RK_ERR_INPUT with SQLite's words. */
enum rk_err rki_prepare(struct rki_report *report, const char *sql, sqlite3_stmt **statement);

/* Ends a query. in: what its last step gave; what: "rows for a table". errors: RK_ERR_IO unless that was SQLITE_DONE. */
enum rk_err rki_finish(struct rki_report *report, sqlite3_stmt *statement, int step, const char *what);

/* out: a column's value; NaN for NULL. And its text; "" for NULL. */
double rki_value(sqlite3_stmt *row, int column);
const char *rki_text(sqlite3_stmt *row, int column);

/* out: value of meta `key`, "" when absent; valid until the next call. */
const char *rki_meta(struct rki_report *report, const char *key);

#endif
