/* Rows of the results database: written one by one, trials also read back. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study/store_internal.h"

#define METRIC_COLUMN(name, unit, help) "," #name
#define METRIC_MARK(name, unit, help)   ",?"

const char *const rki_statement_sql[STATEMENT_COUNT] = {
    [PUT_META] = "INSERT INTO meta(key, value) VALUES(?,?)",
    [PUT_PROVENANCE] = "INSERT OR REPLACE INTO provenance(item, value, sha256) VALUES(?,?,?)",
    [PUT_COST] =
        "INSERT OR IGNORE INTO cost(device, backend, version, compiler, flags, op, size_bytes, status, cycles_min, "
        "cycles_median,"
        " cycles_max, cycles_low, cycles_high, instructions, stack_bytes, heap_bytes, ram_static_bytes, flash_bytes,"
        " nvm_write_bytes, nvm_time_s, time_s, energy_J, energy_low_J, energy_high_J, secret_dependent, known_answer,"
        " firmware_sha256) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_DEVICE] =
        "INSERT INTO device(name, title, class_seed, class_rfc7228, core, emulator, ram_bytes, flash_bytes, nvm_bytes,"
        " clock_Hz, radio, battery) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_POINT] =
        "INSERT INTO point(point, label, device, backend, version, mechanism, association, renew, interval_s, battery,"
        " status, exposure_closed_form_s, renewal, messages_max, failed_max, policy_date, approval, approval_of,"
        " approval_clause, strength_bits, replications) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_AXIS] = "INSERT INTO axis(point, key, value) VALUES(?,?,?)",
    [PUT_TRIAL] =
        "INSERT OR REPLACE INTO trial(point, replication, inputs_sha256, trace_checksum, trace_records, "
        "events, rekey_latency" RK_METRICS(METRIC_COLUMN) ") VALUES(?,?,?,?,?,?,?" RK_METRICS(METRIC_MARK) ")",
    [PUT_SUMMARY] = "INSERT INTO summary(point, metric, unit, n, mean, ci95, min, max, bootstrap_low, bootstrap_high)"
                    " VALUES(?,?,?,?,?,?,?,?,?,?)",
    [PUT_LATENCY] = "INSERT INTO latency(point, low_s, high_s, renewals) VALUES(?,?,?,?)",
    [PUT_PLACE] = "INSERT INTO ranking(family, place, rank, point, n, mean, ci95) VALUES(?,?,?,?,?,?,?)",
    [PUT_COMPARISON] = "INSERT INTO comparison(family, a, b, n, difference, low, high, p, p_holm, bootstrap_low,"
                       " bootstrap_high, distinct_points) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_REQUIREMENT] = "INSERT INTO requirement(number, requirement, title, verdict, evidence, observations, "
                        "counter_example, clause, explanation) VALUES(?,?,?,?,?,?,?,?,?)",
};

/* A statement being filled: each bind_ takes the next column. */
struct row {
    struct rk_store *store;
    sqlite3_stmt *statement;
    int column;
};

enum rk_err rk_store_begin(struct rk_store *store, struct rk_diag *diag)
{
    return rki_store_execute(store, "BEGIN", diag);
}

enum rk_err rk_store_commit(struct rk_store *store, struct rk_diag *diag)
{
    return rki_store_execute(store, "COMMIT", diag);
}

enum rk_err rk_store_clear_description(struct rk_store *store, struct rk_diag *diag)
{
    return rki_store_execute(
        store,
        "DELETE FROM meta; DELETE FROM provenance; DELETE FROM cost; DELETE FROM device; DELETE FROM point;"
        "DELETE FROM axis; DELETE FROM summary; DELETE FROM latency; DELETE FROM ranking; DELETE FROM comparison; "
        "DELETE FROM requirement",
        diag);
}

static struct row row_of(struct rk_store *store, enum rki_statement statement)
{
    return (struct row){.store = store, .statement = store->statement[statement]};
}

static void bind_text(struct row *row, const char *text)
{
    sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_TRANSIENT);
}

static void bind_count(struct row *row, uint64_t value)
{
    row->column++;
    if (value == RK_NONE) {
        sqlite3_bind_null(row->statement, row->column);
    } else {
        sqlite3_bind_int64(row->statement, row->column, (sqlite3_int64)value);
    }
}

static void bind_scaled(struct row *row, uint64_t value, double units)
{
    row->column++;
    if (value == RK_NONE) {
        sqlite3_bind_null(row->statement, row->column);
    } else {
        sqlite3_bind_double(row->statement, row->column, (double)value / units);
    }
}

static void bind_real(struct row *row, double value)
{
    sqlite3_bind_double(row->statement, ++row->column, value); /* SQLite stores a NaN as NULL */
}

static enum rk_err put(struct row *row, struct rk_diag *diag)
{
    int result = sqlite3_step(row->statement);
    sqlite3_reset(row->statement);
    sqlite3_clear_bindings(row->statement);
    return result == SQLITE_DONE ? RK_OK : rki_store_fail(row->store, diag);
}

enum rk_err rk_store_put_meta(struct rk_store *store, const char *key, const char *value, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_META);
    bind_text(&row, key);
    bind_text(&row, value);
    return put(&row, diag);
}

enum rk_err rk_store_put_provenance(struct rk_store *store, const char *item, const char *value, const char *sha256,
                                    struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_PROVENANCE);
    bind_text(&row, item);
    bind_text(&row, value);
    bind_text(&row, sha256);
    return put(&row, diag);
}

enum rk_err rk_store_put_cost(struct rk_store *store, const struct rk_cost_row *cost, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_COST);
    bind_text(&row, cost->device);
    bind_text(&row, cost->backend);
    bind_text(&row, cost->version);
    bind_text(&row, cost->compiler);
    bind_text(&row, cost->flags);
    bind_text(&row, cost->op);
    bind_count(&row, cost->size_bytes);
    bind_text(&row, cost->status);
    bind_count(&row, cost->cycles_min);
    bind_count(&row, cost->cycles_median);
    bind_count(&row, cost->cycles_max);
    bind_count(&row, cost->cycles_low);
    bind_count(&row, cost->cycles_high);
    bind_count(&row, cost->instructions);
    bind_count(&row, cost->stack_bytes);
    bind_count(&row, cost->heap_bytes);
    bind_count(&row, cost->ram_static_bytes);
    bind_count(&row, cost->flash_bytes);
    bind_count(&row, cost->nvm_write_bytes);
    bind_scaled(&row, cost->nvm_time_ns, 1e9);
    bind_scaled(&row, cost->time_ns, 1e9);
    bind_scaled(&row, cost->energy_pJ, 1e12);
    bind_scaled(&row, cost->energy_low_pJ, 1e12);
    bind_scaled(&row, cost->energy_high_pJ, 1e12);
    bind_count(&row, cost->secret_dependent < 0 ? RK_NONE : (uint64_t)cost->secret_dependent);
    bind_count(&row, cost->known_answer);
    bind_text(&row, cost->firmware_sha256);
    return put(&row, diag);
}

enum rk_err rk_store_put_device(struct rk_store *store, const struct rk_device_profile *device, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_DEVICE);
    bind_text(&row, device->name);
    bind_text(&row, device->title);
    bind_text(&row, device->class_seed);
    bind_text(&row, device->class_rfc7228);
    bind_text(&row, device->core);
    bind_text(&row, device->emulator);
    bind_count(&row, device->ram_bytes);
    bind_count(&row, device->flash_bytes);
    bind_count(&row, device->nvm_bytes);
    bind_count(&row, device->clock_Hz);
    bind_text(&row, device->radio);
    bind_text(&row, device->battery);
    return put(&row, diag);
}

enum rk_err rk_store_put_point(struct rk_store *store, const struct rk_store_point *point, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_POINT);
    bind_count(&row, point->point);
    bind_text(&row, point->label);
    bind_text(&row, point->device);
    bind_text(&row, point->backend);
    bind_text(&row, point->version);
    bind_text(&row, point->mechanism);
    bind_text(&row, point->association);
    bind_text(&row, point->renew);
    bind_real(&row, point->interval_s);
    bind_text(&row, point->battery);
    bind_text(&row, point->status);
    bind_real(&row, point->exposure_closed_form_s);
    bind_text(&row, point->renewal);
    bind_count(&row, point->messages_max);
    bind_count(&row, point->failed_max);
    bind_text(&row, point->policy_date);
    bind_text(&row, point->approval);
    bind_text(&row, point->approval_of);
    bind_text(&row, point->approval_clause);
    bind_count(&row, point->strength_bits);
    bind_count(&row, point->replications);
    return put(&row, diag);
}

enum rk_err rk_store_put_axis(struct rk_store *store, unsigned point, const char *key, const char *value,
                              struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_AXIS);
    bind_count(&row, point);
    bind_text(&row, key);
    bind_text(&row, value);
    return put(&row, diag);
}

/* A bin of most digits is "[18446744073709551615,18446744073709551615,18446744073709551615],". */
enum { BINS_TEXT_bytes = RK_BINS_MAX * 65 + 3 };

static void write_bins(const struct rk_bins *bins, char text[BINS_TEXT_bytes])
{
    char *end = text;
    *end++ = '[';
    for (unsigned i = 0; i < bins->used; i++) {
        end += sprintf(end, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", i > 0 ? "," : "",
                       rk_bins_low(bins->number[i], bins->shift), rk_bins_low(bins->number[i] + 1u, bins->shift),
                       bins->count[i]);
    }
    strcpy(end, "]");
}

enum rk_err rk_store_put_trial(struct rk_store *store, const struct rk_store_trial *trial, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_TRIAL);
    char checksum[20], bins[BINS_TEXT_bytes];
    snprintf(checksum, sizeof checksum, "%016" PRIx64, trial->result.trace_checksum);
    bind_count(&row, trial->point);
    bind_count(&row, trial->replication);
    bind_text(&row, trial->inputs_sha256);
    bind_text(&row, checksum);
    bind_count(&row, trial->result.trace_records);
    bind_count(&row, trial->result.events);
    write_bins(&trial->result.rekey_ns, bins);
    bind_text(&row, bins);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        bind_real(&row, trial->result.metric[i]);
    }
    return put(&row, diag);
}

enum rk_err rk_store_put_requirement(struct rk_store *store, const struct rk_store_requirement *requirement,
                                     struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_REQUIREMENT);
    bind_count(&row, requirement->number);
    bind_text(&row, requirement->requirement);
    bind_text(&row, requirement->title);
    bind_text(&row, requirement->verdict);
    bind_text(&row, requirement->evidence);
    bind_count(&row, requirement->observations);
    bind_text(&row, requirement->counter_example);
    bind_text(&row, requirement->clause);
    bind_text(&row, requirement->explanation);
    return put(&row, diag);
}

enum rk_err rk_store_clear_requirements(struct rk_store *store, struct rk_diag *diag)
{
    return rki_store_execute(store, "DELETE FROM requirement", diag);
}

enum rk_err rk_store_put_summary(struct rk_store *store, const struct rk_store_summary *summary, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_SUMMARY);
    bind_count(&row, summary->point);
    bind_text(&row, summary->metric);
    bind_text(&row, summary->unit);
    bind_count(&row, summary->n);
    bind_real(&row, summary->mean);
    bind_real(&row, summary->ci95);
    bind_real(&row, summary->min);
    bind_real(&row, summary->max);
    bind_real(&row, summary->bootstrap_low);
    bind_real(&row, summary->bootstrap_high);
    return put(&row, diag);
}

enum rk_err rk_store_put_latency(struct rk_store *store, const struct rk_store_latency *latency, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_LATENCY);
    bind_count(&row, latency->point);
    bind_real(&row, latency->low_s);
    bind_real(&row, latency->high_s);
    bind_count(&row, latency->renewals);
    return put(&row, diag);
}

enum rk_err rk_store_put_place(struct rk_store *store, const struct rk_store_place *place, struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_PLACE);
    bind_text(&row, place->family);
    bind_count(&row, place->place);
    bind_count(&row, place->rank);
    bind_count(&row, place->point);
    bind_count(&row, place->n);
    bind_real(&row, place->mean);
    bind_real(&row, place->ci95);
    return put(&row, diag);
}

enum rk_err rk_store_put_comparison(struct rk_store *store, const struct rk_store_comparison *comparison,
                                    struct rk_diag *diag)
{
    struct row row = row_of(store, PUT_COMPARISON);
    bind_text(&row, comparison->family);
    bind_count(&row, comparison->a);
    bind_count(&row, comparison->b);
    bind_count(&row, comparison->n);
    bind_real(&row, comparison->difference);
    bind_real(&row, comparison->low);
    bind_real(&row, comparison->high);
    bind_real(&row, comparison->p);
    bind_real(&row, comparison->p_holm);
    bind_real(&row, comparison->bootstrap_low);
    bind_real(&row, comparison->bootstrap_high);
    bind_count(&row, comparison->distinct);
    return put(&row, diag);
}

/* Reading trials back */

static double column_real(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, column);
}

/* in: what write_bins() wrote, or NULL. What is something else ends the bins. */
static void read_bins(const char *text, struct rk_bins *bins)
{
    memset(bins, 0, sizeof *bins);
    for (int read = 0; text != NULL && bins->used < RK_BINS_MAX; text += read) {
        uint64_t low, high, count;
        read = 0;
        if (sscanf(text, "%*[[,]%" SCNu64 ",%" SCNu64 ",%" SCNu64 "]%n", &low, &high, &count, &read) != 3 ||
            read == 0) {
            return;
        }
        if (!rk_bins_append(bins, low, high, count)) {
            return;
        }
    }
}

static void read_trial(sqlite3_stmt *statement, struct rk_store_trial *trial)
{
    *trial = (struct rk_store_trial){.point = (unsigned)sqlite3_column_int64(statement, 0),
                                     .replication = (unsigned)sqlite3_column_int64(statement, 1)};
    snprintf(trial->inputs_sha256, sizeof trial->inputs_sha256, "%s", (const char *)sqlite3_column_text(statement, 2));
    trial->result.trace_checksum = strtoull((const char *)sqlite3_column_text(statement, 3), NULL, 16);
    trial->result.trace_records = (uint64_t)sqlite3_column_int64(statement, 4);
    trial->result.events = (uint64_t)sqlite3_column_int64(statement, 5);
    read_bins((const char *)sqlite3_column_text(statement, 6), &trial->result.rekey_ns);
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        trial->result.metric[i] = column_real(statement, 7 + i);
    }
}

/* Deleting rows while a SELECT walks the same table is undefined in SQLite: those to go are marked first. */
enum rk_err rk_store_sift_trials(struct rk_store *store,
                                 bool (*keep)(void *context, const struct rk_store_trial *trial), void *context,
                                 struct rk_diag *diag)
{
    static const char select_sql[] =
        "SELECT point, replication, inputs_sha256, trace_checksum, trace_records, events, rekey_latency" RK_METRICS(
            METRIC_COLUMN) " FROM trial ORDER BY point, replication";
    sqlite3_stmt *select = NULL, *mark = NULL;
    enum rk_err err = rki_store_execute(store, "CREATE TEMP TABLE stale(point INTEGER, replication INTEGER)", diag);
    if (err == RK_OK &&
        (sqlite3_prepare_v2(store->db, select_sql, -1, &select, NULL) != SQLITE_OK ||
         sqlite3_prepare_v2(store->db, "INSERT INTO stale VALUES(?,?)", -1, &mark, NULL) != SQLITE_OK)) {
        err = rki_store_fail(store, diag);
    }
    int result = SQLITE_DONE;
    while (err == RK_OK && (result = sqlite3_step(select)) == SQLITE_ROW) {
        struct rk_store_trial trial;
        read_trial(select, &trial);
        if (!keep(context, &trial)) {
            struct row row = {.store = store, .statement = mark};
            bind_count(&row, trial.point);
            bind_count(&row, trial.replication);
            err = put(&row, diag);
        }
    }
    if (err == RK_OK && result != SQLITE_DONE) {
        err = rki_store_fail(store, diag);
    }
    sqlite3_finalize(select);
    sqlite3_finalize(mark);
    if (err == RK_OK) {
        err =
            rki_store_execute(store,
                              "DELETE FROM trial WHERE (point, replication) IN (SELECT point, replication FROM stale);"
                              "DROP TABLE stale",
                              diag);
    }
    return err;
}
