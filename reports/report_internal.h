/* reports/report_internal.h - between the files of this room */
#ifndef REPORTS_REPORT_INTERNAL_H
#define REPORTS_REPORT_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "reports/report.h"

enum { RKI_PATH_bytes = 1024 };

struct rki_report {
    const struct rk_report_options *options;
    sqlite3 *database;
    FILE *page;
    struct rk_diag *diag;
};

/* Reads a whole file; the caller frees. out: NULL after a complaint. */
char *rki_report_read(struct rki_report *report, const char *path);

/* Text with & < > " made safe for HTML. */
void rki_html_text(FILE *out, const char *text);

/* One figure: data, SVG, and its part of the page. */
enum rk_err rki_figure(struct rki_report *report, const char *name);

/* Tables of the page. */
enum rk_err rki_table_costs(struct rki_report *report);
enum rk_err rki_table_points(struct rki_report *report);
enum rk_err rki_table_provenance(struct rki_report *report);

/* The audit's section; nothing where there was none. */
enum rk_err rki_audit(struct rki_report *report);

/* The answer as HTML on the page, and as plain lines. */
enum rk_err rki_answer_html(struct rki_report *report);
enum rk_err rki_answer_text(struct rki_report *report, FILE *out);

/* Prepares `sql`. errors: RK_ERR_INPUT with SQLite's words. */
enum rk_err rki_prepare(struct rki_report *report, const char *sql, sqlite3_stmt **statement);

/* out: value of meta `key`, "" when absent; valid until the next call. */
const char *rki_meta(struct rki_report *report, const char *key);

#endif
