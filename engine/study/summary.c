#include "engine/study/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/bootstrap.h"
#include "engine/core/stats.h"
#include "engine/study/ranking.h"

/* With more, Student's interval is as good, and drawing anew costs. */
enum { BOOTSTRAP_VALUES_max = 1000 };

/* The trials of one point, as they come. */
struct gathered {
    struct rk_store *store;
    struct rk_diag *diag;
    enum rk_err err; /* the first one */
    unsigned point;
    struct rk_trial_result *result;
    size_t count, room;
    double *values;
    uint64_t seed;                           /* of the bootstrap */
    uint64_t renewals[RK_HISTOGRAM_BUCKETS]; /* by bin */
};

/* Bins as fine as those of all trials are. */
static void put_latencies(struct gathered *gathered)
{
    unsigned shift = 0;
    memset(gathered->renewals, 0, sizeof gathered->renewals);
    for (size_t i = 0; i < gathered->count; i++) {
        shift = gathered->result[i].rekey_ns.shift > shift ? gathered->result[i].rekey_ns.shift : shift;
    }
    for (size_t i = 0; i < gathered->count; i++) {
        rk_bins_add(gathered->renewals, shift, &gathered->result[i].rekey_ns);
    }
    for (unsigned bin = 0; bin < RK_HISTOGRAM_BUCKETS && gathered->err == RK_OK; bin++) {
        const struct rk_store_latency row = {.point = gathered->point,
                                             .low_s = (double)rk_bins_low(bin, shift) * 1e-9,
                                             .high_s = (double)rk_bins_low(bin + 1, shift) * 1e-9,
                                             .renewals = gathered->renewals[bin]};
        if (row.renewals > 0) {
            gathered->err = rk_store_put_latency(gathered->store, &row, gathered->diag);
        }
    }
}

static void summarise(struct gathered *gathered)
{
    for (int metric = 0; metric < RK_METRIC_COUNT && gathered->count > 0 && gathered->err == RK_OK; metric++) {
        for (size_t i = 0; i < gathered->count; i++) {
            gathered->values[i] = gathered->result[i].metric[metric];
        }
        struct rk_stats stats = rk_stats_summary(gathered->values, gathered->count);
        struct rk_interval bootstrap = {NAN, NAN};
        if (stats.n <= BOOTSTRAP_VALUES_max) {
            bootstrap = rk_bootstrap_mean(gathered->values, gathered->count, 0.95, gathered->seed);
        }
        const struct rk_store_summary row = {.point = gathered->point,
                                             .metric = rk_metric_info[metric].name,
                                             .unit = rk_metric_info[metric].unit,
                                             .n = (unsigned)stats.n,
                                             .mean = stats.mean,
                                             .ci95 = stats.ci95,
                                             .min = stats.min,
                                             .max = stats.max,
                                             .bootstrap_low = bootstrap.low,
                                             .bootstrap_high = bootstrap.high};
        gathered->err = rk_store_put_summary(gathered->store, &row, gathered->diag);
    }
    put_latencies(gathered);
    gathered->count = 0;
}

static bool gather(void *context, const struct rk_store_trial *trial)
{
    struct gathered *gathered = context;
    if (trial->point != gathered->point) {
        summarise(gathered);
        gathered->point = trial->point;
    }
    if (gathered->count == gathered->room) {
        gathered->room = gathered->room * 2 + 64;
        gathered->result = realloc(gathered->result, gathered->room * sizeof *gathered->result);
        gathered->values = realloc(gathered->values, gathered->room * sizeof *gathered->values);
        RK_REQUIRE(gathered->result != NULL && gathered->values != NULL);
    }
    gathered->result[gathered->count++] = trial->result;
    return true;
}

enum rk_err rk_summary_put(struct rk_store *store, struct rk_diag *diag)
{
    struct rk_rules rules;
    enum rk_err err = rk_rules_read(store, &rules, diag);
    struct gathered gathered = {.store = store, .diag = diag, .err = RK_OK, .seed = rules.seed};
    if (err == RK_OK) {
        err = rk_store_begin(store, diag);
    }
    if (err == RK_OK) {
        err = rk_store_sift_trials(store, gather, &gathered, diag);
    }
    if (err == RK_OK) {
        summarise(&gathered);
        err = gathered.err;
    }
    free(gathered.result);
    free(gathered.values);
    if (err == RK_OK) {
        err = rk_store_commit(store, diag);
    }
    return err == RK_OK ? rk_ranking_put(store, &rules, diag) : err;
}
