/* engine/study/results/results.h - what a results database is: told from other files, created, opened, brought up to date
 *
 * Model:       schema.sql, and in `trial` one column a metric of engine/model/trial.h; README.md says what is in them.
 *              The version is SQLite's `user_version`, and for readers of the rows `meta.schema_version`. A database of an
 *              older version has the rows of today's after rk_results_migrate(): all that it has stays, what it does not
 *              know is NULL. A metric that came later is such a column too, without a version of its own.
 * Units:       in the column names.
 * Error:       a file that is not ours, is damaged or was written by a newer version is refused in one line.
 */
#ifndef ENGINE_STUDY_RESULTS_RESULTS_H
#define ENGINE_STUDY_RESULTS_RESULTS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "engine/core/err.h"

enum { RK_RESULTS_VERSION = 5, RK_RESULTS_APPLICATION_ID = 0x524b4c42 /* "RKLB" */ };

/* Creates the tables of an empty database, in one transaction. in: path, for the line of an error. */
RK_MUST_CHECK enum rk_err rk_results_create(sqlite3 *db, const char *path, struct rk_diag *diag);

/* out: RK_OK if the file is whole, ours, and of a version that we know; else RK_ERR_INPUT or RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_results_check(sqlite3 *db, const char *path, struct rk_diag *diag);

/* out: whether a checked database has all tables and columns of today, and its version. */
bool rk_results_is_current(sqlite3 *db);

/* Gives a checked database today's tables and version, in one transaction: done or not done, also by a kill or a full
 * disk. Nothing is written where it has them. */
RK_MUST_CHECK enum rk_err rk_results_migrate(sqlite3 *db, const char *path, struct rk_diag *diag);

/* Opens for reading; the file is not written to: of an older version, *db is a migrated copy in memory. The caller closes
 * it. errors: RK_ERR_INPUT for a file that is not there or is refused, RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_results_open(sqlite3 **db, const char *path, struct rk_diag *diag);

/* out: what a metric is, in the words of engine/model/trial.h; NULL for a name that is none. */
const char *rk_results_metric_help(const char *metric);

/* What SQLite makes of a file that it cannot read, as a line. */
enum rk_err rk_results_fail(sqlite3 *db, const char *path, struct rk_diag *diag);

/* schema.sql, embedded when the program is built. */
extern const char rk_results_schema[];

#endif
