/* bench/compare/compare.h - two measurements of the same things side by side: the regression gate
 *
 * Model:  subjects (an operation of a size on a device with a backend, or a point of a study) have figures; each is the same
 *         on both sides or has changed. What the base has and the current side lacks is not measured, which is never
 *         fine. Cost rows are compared exactly; where a backend's versions differ between the sides, and each has one,
 *         that is an upgrade and said in a note. Points of studies are compared by the paired differences of their
 *         replications (Welch's where seeds differ), with Holm's correction over all figures compared: what cannot be
 *         told apart is within.
 * Units:  those of the figures.
 * Error:  engine/core/stats.h for the intervals. With one replication any difference counts.
 */
#ifndef BENCH_COMPARE_COMPARE_H
#define BENCH_COMPARE_COMPARE_H

#include <stdio.h>

#include <jansson.h>

#include "bench/compare/gate.h"
#include "engine/core/cost.h"
#include "engine/study/store.h"

enum rk_change {
    RK_CHANGE_SAME,
    RK_CHANGE_WITHIN, /* changed within its bound, or not beyond doubt */
    RK_CHANGE_BETTER,
    RK_CHANGE_OTHER,   /* changed, and neither is better */
    RK_CHANGE_NEW,     /* the base does not have it */
    RK_CHANGE_MISSING, /* not measured: the current side does not have it */
    RK_CHANGE_WORSE,
    RK_CHANGE_COUNT
};

struct rk_change_item {
    size_t subject;
    char metric[40], unit[8];
    double base, current;                 /* NaN: no such figure, or a text */
    char base_text[96], current_text[96]; /* of a status; else "" */
    double low, high;                     /* interval of current - base; NaN: both are exact */
    enum rk_change change;
};

struct rk_compare_subject {
    char group[64]; /* "cortex-m4 mbedtls", or "" */
    char name[256]; /* "aes128_ccm_seal 64 B", or the label of a point */
    enum rk_change worst;
};

struct rk_comparison {
    struct rk_compare_subject *subject;
    struct rk_change_item *item; /* what is not the same, by subject */
    size_t subjects, items;
    size_t figures;
    size_t count[RK_CHANGE_COUNT]; /* of figures */
    char *notes;                   /* lines */
    size_t notes_bytes;
    FILE *note; /* while it is being made */
};

/* Versions to compare with each other; NULL: equal ones. "mbedtls@2.28.3". */
struct rk_upgrade {
    const char *from, *to;
};

void rk_comparison_init(struct rk_comparison *comparison);
void rk_comparison_fini(struct rk_comparison *comparison);

/* Adds cost rows; both arrays are sorted. */
RK_MUST_CHECK enum rk_err rk_compare_costs(struct rk_comparison *comparison, const struct rk_gate *gate,
                                           struct rk_cost_row *base, size_t base_count, struct rk_cost_row *current,
                                           size_t current_count, const struct rk_upgrade *upgrade,
                                           struct rk_diag *diag);

/* Adds the points of two studies, matched by their labels. */
RK_MUST_CHECK enum rk_err rk_compare_results(struct rk_comparison *comparison, const struct rk_gate *gate,
                                             struct rk_store *base, struct rk_store *current, struct rk_diag *diag);

/* The cost rows of a folder of CSV files, of one such file, or of bench/measured at a git revision of the tree `root`.
 * out: *row on the heap. errors: RK_ERR_INPUT where it is none of these, RK_ERR_MISSING without git. */
RK_MUST_CHECK enum rk_err rk_compare_read_costs(const char *root, const char *source, struct rk_cost_row **row,
                                                size_t *count, struct rk_diag *diag);

/* out: whether something is worse, or missing where that is not fine. */
bool rk_comparison_fails(const struct rk_comparison *comparison, const struct rk_gate *gate);

/* How it can be shown; NULL after the last. */
extern const char *const rk_compare_formats[];

void rk_comparison_markdown(const struct rk_comparison *comparison, const struct rk_gate *gate, FILE *out);
void rk_comparison_junit(const struct rk_comparison *comparison, const struct rk_gate *gate, FILE *out);

/* out: [{subject, group, metric, unit, base, current, difference, relative, low, high, change}], what changed only. */
json_t *rk_comparison_json(const struct rk_comparison *comparison);

/* For costs.c and results.c. */
size_t rki_compare_subject(struct rk_comparison *comparison, const char *group, const char *name);
/* A figure of the last subject, judged: low and high NaN and doubt false where it is exact. */
void rki_compare_figure(struct rk_comparison *comparison, const struct rk_gate *gate, const struct rk_change_item *item,
                        bool doubt);
/* A text of the last subject: ok is the one that all others are worse than. */
void rki_compare_text(struct rk_comparison *comparison, const char *metric, const char *base, const char *current,
                      const char *ok);
const char *rki_change_name(enum rk_change change);

#endif
