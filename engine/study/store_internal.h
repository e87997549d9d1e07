/* engine/study/store_internal.h - what the opening and the writing half of the store share */
#ifndef ENGINE_STUDY_STORE_INTERNAL_H
#define ENGINE_STUDY_STORE_INTERNAL_H

#include "engine/study/store.h"

enum rki_statement {
    PUT_META,
    PUT_PROVENANCE,
    PUT_COST,
    PUT_DEVICE,
    PUT_POINT,
    PUT_AXIS,
    PUT_TRIAL,
    PUT_SUMMARY,
    PUT_LATENCY,
    PUT_PLACE,
    PUT_COMPARISON,
    PUT_REQUIREMENT,
    STATEMENT_COUNT,
};

struct rk_store {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENT_COUNT];
    char *path;    /* the finished file */
    char *writing; /* the file that is open */
};

/* The SQL of each statement; prepared when the store is opened for writing. */
extern const char *const rki_statement_sql[STATEMENT_COUNT];

/* out: RK_ERR_IO with what SQLite says. */
enum rk_err rki_store_fail(const struct rk_store *store, struct rk_diag *diag);
enum rk_err rki_store_execute(struct rk_store *store, const char *sql, struct rk_diag *diag);

#endif
