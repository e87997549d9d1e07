#include "engine/study/description.h"

#include <stdio.h>
#include <string.h>

#include "engine/lifecycle/scheme.h"
#include "engine/study/provenance.h"
#include "engine/study/rules.h"
#include "engine/study/tiers.h"

struct writer {
    struct rk_store *store;
    const struct rk_sweep *sweep;
    struct rk_shard shard;
};

static enum rk_err put_meta(struct writer *writer, struct rk_diag *diag)
{
    const struct rk_study *study = writer->sweep->study;
    const struct rk_scenario *scenario = &study->scenario;
    char version[16], seed[24], replications[16], horizon[32], overrides[4096] = "", execution[RK_AXIS_TEXT_bytes];
    snprintf(version, sizeof version, "%d", RK_RESULTS_VERSION);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)scenario->seed);
    snprintf(replications, sizeof replications, "%u", scenario->replications);
    snprintf(horizon, sizeof horizon, "%.9g", (double)scenario->horizon_ns / 1e9);
    for (size_t i = 0; i < study->overrides; i++) {
        size_t used = strlen(overrides);
        snprintf(overrides + used, sizeof overrides - used, "%s\n", study->override[i]);
    }
    struct rk_sweep_tiers tiers;
    enum rk_err err = rk_sweep_tiers(writer->sweep, &tiers, diag);
    if (err == RK_OK) {
        err = rk_fields_format(rk_scenario_fields, "execution", scenario, execution, sizeof execution, diag);
    }
    for (size_t i = 0; i < scenario->axes.count; i++) {
        if (strcmp(scenario->axes.axis[i].key, "execution") == 0) {
            snprintf(execution, sizeof execution, "by axis");
        }
    }
    char shard[32];
    snprintf(shard, sizeof shard, "%u/%u", writer->shard.index, writer->shard.count);
    const struct {
        const char *key, *value;
    } rows[] = {
        {"schema_version", version},
        {"generator", rk_store_generator},
        {"name", scenario->name},
        {"title", scenario->title},
        {"question", scenario->question},
        {"scenario", study->text},
        {"scenario_sha256", study->sha256},
        {"overrides", overrides},
        {"seed", seed},
        {"replications", replications},
        {"horizon_s", horizon},
        {"execution", execution},
        {"tier", rk_sweep_tiers_name(&tiers)},
        {"shard", writer->shard.count != 0 ? shard : NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && err == RK_OK; i++) {
        err = rows[i].value == NULL ? RK_OK : rk_store_put_meta(writer->store, rows[i].key, rows[i].value, diag);
    }
    const struct rk_rules rules = rk_rules_of(scenario);
    return err == RK_OK ? rk_rules_put(writer->store, &rules, diag) : err;
}

static uint64_t none_if_zero(uint64_t value)
{
    return value == 0 ? RK_NONE : value;
}

static enum rk_err put_point(struct writer *writer, const struct rk_point *point, struct rk_diag *diag)
{
    const struct rk_study *study = writer->sweep->study;
    struct rk_scheme scheme;
    RK_REQUIRE(rk_scheme_of(point->trial.policy.mechanism, &scheme));
    struct rk_store_point row = {
        .point = point->index,
        .label = point->label,
        .device = point->trial.device->name,
        .backend = point->cell->library->name,
        .version = point->cell->library->version,
        .mechanism = rk_mechanism_name(point->trial.policy.mechanism),
        .association = rk_mechanism_class(point->trial.policy.mechanism),
        .renew = point->renew,
        .battery = point->trial.battery->name,
        .status = point->status,
        .interval_s = point->interval_s,
        .exposure_closed_form_s = point->exposure_closed_form_s,
        .renewal = scheme.term,
        .messages_max = none_if_zero(point->trial.policy.messages_max),
        .failed_max = none_if_zero(point->trial.policy.failed_max),
        .strength_bits = RK_NONE,
        .replications = point->replications,
    };
    char date[16];
    if (point->policy_date != 0) {
        snprintf(date, sizeof date, "%04u-%02u-%02u", point->policy_date / 10000, point->policy_date / 100 % 100,
                 point->policy_date % 100);
        row.policy_date = date;
        row.approval = rk_approval_name(point->approval.worst.apply);
        row.approval_of = rk_primitive_name(point->approval.worst_primitive);
        row.approval_clause = point->approval.worst.clause;
        row.strength_bits = point->approval.worst.strength_bits;
    }
    enum rk_err err = rk_store_put_point(writer->store, &row, diag);
    for (size_t i = 0; i < study->scenario.axes.count && err == RK_OK; i++) {
        err = rk_store_put_axis(writer->store, point->index, study->scenario.axes.axis[i].key,
                                rk_study_axis_value(study, point->index, i), diag);
    }
    return err;
}

static enum rk_err put_cell(struct writer *writer, const struct rk_sweep_cell *cell, struct rk_diag *diag)
{
    for (size_t i = 0; i < cell->row_count; i++) {
        enum rk_err err = rk_store_put_cost(writer->store, &cell->rows[i], diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

static enum rk_err put_all(struct writer *writer, const char *root, struct rk_diag *diag)
{
    const struct rk_sweep *sweep = writer->sweep;
    enum rk_err err = put_meta(writer, diag);
    if (err == RK_OK) {
        err = rk_provenance_put(writer->store, sweep, root, diag);
    }
    for (size_t i = 0; i < sweep->devices && err == RK_OK; i++) {
        err = rk_store_put_device(writer->store, &sweep->device[i]->profile, diag);
    }
    for (size_t i = 0; i < sweep->cells && err == RK_OK; i++) {
        err = put_cell(writer, sweep->cell[i], diag);
    }
    for (size_t i = 0; i < sweep->points && err == RK_OK; i++) {
        err = put_point(writer, &sweep->point[i], diag);
    }
    return err;
}

/* Pins */

/* What was pinned, put aside; no rows when nothing was described yet. */
static const char remember_sql[] = "CREATE TEMP TABLE pinned AS SELECT item, value, sha256 FROM provenance"
                                   " WHERE item NOT LIKE 'git^_%' ESCAPE '^'"
                                   " UNION ALL SELECT 'seed', value, NULL FROM meta WHERE key = 'seed'";
/* The scenario's file is one whatever it is called from. */
static const char compare_sql[] =
    "WITH now AS (SELECT item, value, sha256 FROM provenance"
    "             UNION ALL SELECT 'seed', value, NULL FROM meta WHERE key = 'seed')"
    " SELECT now.item, pinned.value, now.value, substr(pinned.sha256, 1, 12), substr(now.sha256, 1, 12)"
    " FROM pinned JOIN now ON now.item = pinned.item OR (now.value = 'scenario' AND pinned.value = 'scenario')"
    " WHERE now.sha256 IS NOT pinned.sha256 OR now.value IS NOT pinned.value ORDER BY now.item LIMIT 1";

static enum rk_err refuse(sqlite3_stmt *changed, struct rk_diag *diag)
{
    static const char file[] = "file:", expected[] = "as the stored results have it, or a run without --resume";
    const char *text[5];
    for (int i = 0; i < 5; i++) {
        text[i] = (const char *)sqlite3_column_text(changed, i);
        text[i] = text[i] != NULL ? text[i] : "none";
    }
    bool is_file = strncmp(text[0], file, strlen(file)) == 0;
    if (is_file || strcmp(text[1], text[2]) == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: its SHA-256 is %s..., expected %s..., %s",
                       text[0] + (is_file ? strlen(file) : 0), text[4], text[3], expected);
    }
    return rk_fail(diag, RK_ERR_INPUT, "%s: %s, expected %s, %s", text[0], text[2], text[1], expected);
}

static enum rk_err compare(struct rk_store *store, struct rk_diag *diag)
{
    sqlite3 *db = rk_store_database(store);
    sqlite3_stmt *changed = NULL;
    int result = sqlite3_prepare_v2(db, compare_sql, -1, &changed, NULL);
    result = result == SQLITE_OK ? sqlite3_step(changed) : result;
    enum rk_err err = RK_OK;
    if (result == SQLITE_ROW) {
        err = refuse(changed, diag);
    } else if (result != SQLITE_DONE) {
        err = rk_fail(diag, RK_ERR_IO, "results cannot be read: %s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(changed);
    return err;
}

static enum rk_err execute(struct rk_store *store, const char *sql, struct rk_diag *diag)
{
    sqlite3 *db = rk_store_database(store);
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? RK_OK
               : rk_fail(diag, RK_ERR_IO, "results cannot be written: %s", sqlite3_errmsg(db));
}

enum rk_err rk_description_put(struct rk_store *store, const struct rk_sweep *sweep, const char *root,
                               struct rk_shard shard, struct rk_diag *diag)
{
    struct writer writer = {.store = store, .sweep = sweep, .shard = shard};
    enum rk_err err = execute(store, remember_sql, diag);
    if (err == RK_OK) {
        err = rk_store_clear_description(store, diag);
    }
    if (err == RK_OK) {
        err = put_all(&writer, root, diag);
    }
    if (err == RK_OK) {
        err = compare(store, diag);
    }
    return err == RK_OK ? execute(store, "DROP TABLE pinned", diag) : err;
}
