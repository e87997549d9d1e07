/* engine/study/store.h - the results database: one SQLite file a study
 *
 * Model:       results/results.h. A new study is written to
 *              `PATH.partial`, which becomes PATH when it is complete: PATH is always a whole study. A killed run
 *              leaves a valid PATH.partial, which `resume` continues; without one, `resume` continues PATH in place.
 * Units:       in the column names. A figure that does not exist (NaN, RK_NONE) is NULL.
 * Error:       a file that is not ours, is damaged, or was written by a newer version is refused and left alone. One of an
 *              older version is read as one of today, and becomes one when it is gone on with. One writer at a time.
 * Determinism: nothing depends on the wall clock or on the order in which trials end; a canonical dump is the same
 *              every time.
 */
#ifndef ENGINE_STUDY_STORE_H
#define ENGINE_STUDY_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "engine/core/cost.h"
#include "engine/core/err.h"
#include "engine/core/profile.h"
#include "engine/model/trial.h"
#include "engine/study/results/results.h"

struct rk_store;

/* One row of `point`. Texts may be NULL; a NaN is NULL in the database. */
struct rk_store_point {
    unsigned point;
    const char *label, *device, *backend, *version, *mechanism, *association, *renew, *battery, *status;
    double interval_s, exposure_closed_form_s;
    const char *renewal, *policy_date, *approval, *approval_of, *approval_clause;
    uint64_t messages_max, failed_max, strength_bits; /* RK_NONE is NULL */
    unsigned replications;
};

struct rk_store_trial {
    unsigned point, replication;
    char inputs_sha256[65];
    struct rk_trial_result result;
};

struct rk_store_summary {
    unsigned point;
    const char *metric, *unit;
    unsigned n;
    double mean, ci95, min, max, bootstrap_low, bootstrap_high;
};

/* One row of `latency`. */
struct rk_store_latency {
    unsigned point;
    double low_s, high_s;
    uint64_t renewals;
};

/* One row of `ranking`, and of `comparison`. */
struct rk_store_place {
    const char *family;
    unsigned place, rank, point, n;
    double mean, ci95;
};

struct rk_store_comparison {
    const char *family;
    unsigned a, b, n;
    bool distinct;
    double difference, low, high, p, p_holm, bootstrap_low, bootstrap_high;
};

/* One row of `requirement`. counter_example may be NULL. */
struct rk_store_requirement {
    unsigned number;
    uint64_t observations;
    const char *requirement, *title, *verdict, *evidence, *counter_example, *clause, *explanation;
};

/* Opens for writing. in: path of the finished file, resume as above. out: *store, in no transaction.
 * Errors: RK_ERR_INPUT for a file that is not ours, corrupt, newer, or in use; RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_store_create(struct rk_store **store, const char *path, bool resume, struct rk_diag *diag);

/* Opens a finished study for reading. Errors as above. */
RK_MUST_CHECK enum rk_err rk_store_open(struct rk_store **store, const char *path, struct rk_diag *diag);

/* The open database, for queries. */
sqlite3 *rk_store_database(struct rk_store *store);

RK_MUST_CHECK enum rk_err rk_store_begin(struct rk_store *store, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_commit(struct rk_store *store, struct rk_diag *diag);

/* Empties all tables but `trial`: what describes the study is written anew by every run. */
RK_MUST_CHECK enum rk_err rk_store_clear_description(struct rk_store *store, struct rk_diag *diag);

RK_MUST_CHECK enum rk_err rk_store_put_meta(struct rk_store *store, const char *key, const char *value,
                                            struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_provenance(struct rk_store *store, const char *item, const char *value,
                                                  const char *sha256, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_cost(struct rk_store *store, const struct rk_cost_row *row,
                                            struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_device(struct rk_store *store, const struct rk_device_profile *device,
                                              struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_point(struct rk_store *store, const struct rk_store_point *point,
                                             struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_axis(struct rk_store *store, unsigned point, const char *key, const char *value,
                                            struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_trial(struct rk_store *store, const struct rk_store_trial *trial,
                                             struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_summary(struct rk_store *store, const struct rk_store_summary *summary,
                                               struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_latency(struct rk_store *store, const struct rk_store_latency *latency,
                                               struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_place(struct rk_store *store, const struct rk_store_place *place,
                                             struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_comparison(struct rk_store *store, const struct rk_store_comparison *comparison,
                                                  struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_put_requirement(struct rk_store *store, const struct rk_store_requirement *row,
                                                   struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rk_store_clear_requirements(struct rk_store *store, struct rk_diag *diag);

/* Gives each stored trial to `keep`, in the order of (point, replication), and deletes those for which it returns
 * false. */
RK_MUST_CHECK enum rk_err rk_store_sift_trials(struct rk_store *store,
                                               bool (*keep)(void *context, const struct rk_store_trial *trial),
                                               void *context, struct rk_diag *diag);

/* Closes and gives the file its final name. On error too, *store is closed. */
RK_MUST_CHECK enum rk_err rk_store_finish(struct rk_store *store, struct rk_diag *diag);

/* Closes, and removes the file that was being written. */
void rk_store_discard(struct rk_store *store);

/* Closes; an unfinished file stays for `resume`. NULL is fine. */
void rk_store_close(struct rk_store *store);

/* Embedded when the program is built: its name and version. */
extern const char rk_store_generator[];

#endif
