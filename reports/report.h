/* reports/report.h - a report from stored results: a page in several formats, its figures and their data
 *
 * Model:  a figure is one folder of reports/figures: query.sql says what, plot.gp how, caption.txt what to see,
 *         absent.txt why it may not be there. The query's first column names the series; each series is a block of the data file.
 *         Everything shown was first a row of the results database, which is opened read-only, or of a temporary table
 *         beside it, made from what another command printed (measured).
 * Output: html: DIR/report.html, self-contained (figures inside, no other file or network needed). md: DIR/report.md.
 *         latex: DIR/report.tex with booktabs tables, figures in DIR/figures/latex. svg, pdf: figures alone. csv:
 *         DIR/tables/<table>.csv. Figures are DIR/figures/<name>.svg or .pdf, with <name>.csv, and .tsv for gnuplot.
 * Units:  those of the columns, see engine/study/results/schema.sql.
 */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include <stdio.h>

#include "engine/core/err.h"

struct rk_report_options {
    const char *root;     /* source tree */
    const char *database; /* results.db */
    const char *directory;
    const char *command; /* that makes this report, shown in it */
    const char
        *measured; /* folder with what commands printed, see reports/README.md; NULL: bench/measured of the tree */
    const char *formats; /* "html,md": comma-separated; NULL: html */
};

/* "html", "md", "latex", "csv", "svg", "pdf"; ended by NULL. */
extern const char *const rk_report_formats[];

/* Writes the report; page receives the path of the first format's page, or of its folder; the answer's lines go to `answer`
 * unless NULL. errors: RK_ERR_INPUT for a file that is no results database of this version or an unknown format,
 * RK_ERR_MISSING without gnuplot, RK_ERR_IO. */
enum rk_err rk_report_write(const struct rk_report_options *options, char page[512], FILE *answer,
                            struct rk_diag *diag);

#endif
