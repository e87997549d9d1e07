/* engine/cli/zeroise_findings.h - rows of `rekeylab zeroise` in short: each library's findings, one a line
 *
 * Model:  residues of one function (or object, or memory without a name) with one name are one finding, over all
 *         operations, devices and levels of optimisation.
 * Units:  bytes; byte seconds.
 */
#ifndef ENGINE_CLI_ZEROISE_FINDINGS_H
#define ENGINE_CLI_ZEROISE_FINDINGS_H

#include <jansson.h>

#include "engine/core/err.h"

/* in: path of a file that --json wrote. out: rows, its rows after those that are there. errors: RK_ERR_INPUT for a
 * file that holds none. */
RK_MUST_CHECK enum rk_err rk_zeroise_rows_read(const char *path, json_t *rows, struct rk_diag *diag);

/* Prints the findings of rows as a Markdown table, and what was searched. */
void rk_zeroise_findings_print(const json_t *rows);

/* out: residues of our own code in rows. */
unsigned rk_zeroise_rows_ours(const json_t *rows);

#endif
