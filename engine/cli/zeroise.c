/* engine/cli/zeroise.c - `rekeylab zeroise`: which secrets are left in memory? */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/cli/zeroise_findings.h"
#include "engine/core/cost.h"
#include "engine/core/progress.h"

enum { LEVELS_MAX = 5, THREADS_MAX = 64, PARTS_OF_PAIR = 1000 };

struct zeroise {
    const char *devices, *backends, *op, *optimise;
    unsigned long jobs;
    bool wipe_stack, findings, json, quiet;
};

/* One device, one backend, one level of optimisation. */
struct pair {
    const char *device, *backend, *level;
    struct pool *pool;
    struct rk_zeroise_row *row;
    size_t count;
    unsigned done; /* of PARTS_OF_PAIR */
};

struct pool {
    const struct zeroise *zeroise;
    pthread_mutex_t lock; /* over what follows */
    struct pair *pair;
    unsigned pairs, next;
    struct rk_progress progress;
    enum rk_err err; /* of the first pair that failed: others are not begun */
    struct rk_diag *diag;
};

static const char *owner_name(enum rk_zeroise_owner owner)
{
    return owner == RK_ZEROISE_LIBRARY ? "library" : "ours";
}

/* out: false when one of the residues outlasts the run. */
static bool sum_dwell(const struct rk_zeroise_row *row, double *byte_seconds)
{
    bool ends = true;
    *byte_seconds = 0;
    for (unsigned i = 0; i < row->residues; i++) {
        ends &= !row->residue[i].for_ever;
        *byte_seconds += row->residue[i].byte_seconds;
    }
    return ends;
}

static json_t *residue_to_json(const struct rk_zeroise_residue *residue)
{
    char address[24];
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)residue->address);
    return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o}", "where", residue->where, "address", address, "bytes",
                     (int)residue->bytes, "what", residue->what, "owner", owner_name(residue->owner), "symbol",
                     residue->symbol, "byte_seconds",
                     residue->for_ever ? json_null() : json_real(residue->byte_seconds));
}

static json_t *to_json(const struct rk_zeroise_row *row)
{
    json_t *residues = json_array();
    double byte_seconds;
    bool searched = strcmp(row->status, "ok") == 0;
    bool ends = sum_dwell(row, &byte_seconds);
    for (unsigned i = 0; i < row->residues; i++) {
        json_array_append_new(residues, residue_to_json(&row->residue[i]));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "device", row->device,
                     "backend", row->backend, "version", row->version, "optimise", row->optimise, "wipe_stack",
                     row->wipe_stack, "op", row->op, "after", row->after, "residues", residues, "ours",
                     searched ? json_integer(row->ours) : json_null(), "library",
                     searched ? json_integer(row->library) : json_null(), "byte_seconds",
                     searched && ends ? json_real(byte_seconds) : json_null(), "cycles",
                     row->cycles == RK_NONE ? json_null() : json_integer((json_int_t)row->cycles), "expected_false",
                     searched ? json_real(row->expected_false) : json_null(), "status", row->status);
}

static void print_row(const struct rk_zeroise_row *row)
{
    char backend[96], dwell[24];
    double byte_seconds;
    bool ends = sum_dwell(row, &byte_seconds);
    snprintf(backend, sizeof backend, "%s@%s", row->backend, row->version);
    snprintf(dwell, sizeof dwell, ends ? "%.0f" : "for ever", byte_seconds);
    printf("%-14s %-18s %-3s %-26s %-8s ", row->device, backend, row->optimise, row->op, row->after);
    if (strcmp(row->status, "ok") != 0) {
        printf("%s\n", row->status);
        return;
    }
    printf("%4u %7u %12s\n", row->ours, row->library, dwell);
    for (unsigned i = 0; i < row->residues; i++) {
        const struct rk_zeroise_residue *residue = &row->residue[i];
        printf("    %-10s 0x%-8llx %4u bytes  %-7s %-28s %s\n", residue->where, (unsigned long long)residue->address,
               residue->bytes, owner_name(residue->owner), residue->symbol, residue->what);
    }
}

static void print_table(const struct pool *pool)
{
    printf("%-14s %-18s %-3s %-26s %-8s %4s %7s %12s\n", "device", "backend", "-O", "operation", "after", "ours",
           "library", "byte seconds");
    for (unsigned i = 0; i < pool->pairs; i++) {
        for (size_t k = 0; k < pool->pair[i].count; k++) {
            print_row(&pool->pair[i].row[k]);
        }
    }
}

/* --- pairs, each in a thread --- */

static void show(void *context, unsigned done, unsigned total)
{
    struct pair *pair = context;
    struct pool *pool = pair->pool;
    unsigned sum = 0;
    pthread_mutex_lock(&pool->lock);
    pair->done = total != 0 ? done * PARTS_OF_PAIR / total : PARTS_OF_PAIR;
    for (unsigned i = 0; i < pool->pairs; i++) {
        sum += pool->pair[i].done;
    }
    rk_progress_update(&pool->progress, sum, pool->pairs * PARTS_OF_PAIR);
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *context)
{
    struct pool *pool = context;
    for (;;) {
        struct rk_diag diag;
        pthread_mutex_lock(&pool->lock);
        struct pair *pair = !pool->err && pool->next < pool->pairs ? &pool->pair[pool->next++] : NULL;
        pthread_mutex_unlock(&pool->lock);
        if (pair == NULL) {
            return NULL;
        }
        const struct rk_zeroise_request request = {
            .device = pair->device,
            .backend = pair->backend,
            .ops = pool->zeroise->op,
            .optimise = pair->level,
            .wipe_stack = pool->zeroise->wipe_stack,
            .progress = show,
            .progress_context = pair,
        };
        enum rk_err err = rk_zeroise_look(&request, &pair->row, &pair->count, &diag);
        show(pair, 1, 1);
        pthread_mutex_lock(&pool->lock);
        if (err && !pool->err) {
            pool->err = err;
            *pool->diag = diag;
        }
        pthread_mutex_unlock(&pool->lock);
    }
}

static enum rk_err run_pool(struct pool *pool)
{
    pthread_t thread[THREADS_MAX];
    unsigned threads = rk_cli_jobs(pool->zeroise->jobs), started = 0;
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    rk_progress_init(&pool->progress, "zeroise", pool->zeroise->quiet);
    pthread_mutex_init(&pool->lock, NULL);
    while (started + 1 < threads && started + 1 < pool->pairs &&
           pthread_create(&thread[started], NULL, work, pool) == 0) {
        started++;
    }
    work(pool);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_mutex_destroy(&pool->lock);
    rk_progress_fini(&pool->progress);
    return pool->err;
}

/* Levels between commas; none: the device's own. */
static unsigned split_levels(const char *list, char level[LEVELS_MAX][4])
{
    unsigned count = 0;
    for (const char *at = list; at != NULL && *at && count < LEVELS_MAX; at += strcspn(at, ","), at += *at == ',') {
        snprintf(level[count++], sizeof level[0], "%.*s", (int)strcspn(at, ","), at);
    }
    return count;
}

static void make_pairs(struct pool *pool, const struct rk_list *devices, const struct rk_list *backends,
                       char level[LEVELS_MAX][4], unsigned levels)
{
    unsigned each = levels != 0 ? levels : 1;
    pool->pair = calloc(devices->count * backends->count * each, sizeof *pool->pair);
    RK_REQUIRE(pool->pair != NULL);
    for (size_t i = 0; i < devices->count * backends->count * each; i++) {
        size_t pair = i / each;
        pool->pair[pool->pairs++] = (struct pair){.device = devices->item[pair / backends->count],
                                                  .backend = backends->item[pair % backends->count],
                                                  .level = levels != 0 ? level[i % each] : NULL,
                                                  .pool = pool};
    }
}

/* --- what is printed --- */

static json_t *rows_to_json(const struct pool *pool)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < pool->pairs; i++) {
        for (size_t k = 0; k < pool->pair[i].count; k++) {
            json_array_append_new(array, to_json(&pool->pair[i].row[k]));
        }
    }
    return array;
}

/* Takes rows. */
static enum rk_err finish(const struct zeroise *zeroise, const struct pool *pool, json_t *rows, struct rk_diag *diag)
{
    bool ours = rk_zeroise_rows_ours(rows) != 0;
    enum rk_err err = RK_OK;
    if (zeroise->json) {
        err = rk_cli_print_json(json_incref(rows), diag);
    } else if (zeroise->findings) {
        rk_zeroise_findings_print(rows);
    } else {
        print_table(pool);
    }
    json_decref(rows);
    if (!err && ours) {
        diag->text[0] = '\0';
        err = RK_ERR_CHECK;
    }
    return err;
}

static enum rk_err look(const struct zeroise *zeroise, struct rk_diag *diag)
{
    char level[LEVELS_MAX][4];
    struct rk_list devices, backends;
    struct pool pool = {.zeroise = zeroise, .diag = diag};
    enum rk_err err = rk_list_devices(rk_cli_root(), zeroise->devices, &devices, diag);
    if (!err) {
        err = rk_list_backends(zeroise->backends, &backends, diag);
    }
    if (err) {
        return err;
    }
    make_pairs(&pool, &devices, &backends, level, split_levels(zeroise->optimise, level));
    err = run_pool(&pool);
    if (!err) {
        err = finish(zeroise, &pool, rows_to_json(&pool), diag);
    }
    for (unsigned i = 0; i < pool.pairs; i++) {
        rk_zeroise_free(pool.pair[i].row, pool.pair[i].count);
    }
    free(pool.pair);
    return err;
}

/* Rows of earlier runs in short, else new ones. */
static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    const struct zeroise *zeroise = options;
    if (count == 0) {
        return look(zeroise, diag);
    }
    if (!zeroise->findings || zeroise->json) {
        return rk_fail(diag, RK_ERR_INPUT, "argument '%s', expected none but files of rows after --findings",
                       argument[0]);
    }
    json_t *rows = json_array();
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < count && !err; i++) {
        err = rk_zeroise_rows_read(argument[i], rows, diag);
    }
    if (err) {
        json_decref(rows);
        return err;
    }
    return finish(zeroise, NULL, rows, diag);
}

int rk_cli_zeroise(int argc, char **argv)
{
    struct zeroise zeroise = {.devices = "all", .backends = "all"};
    const struct rk_option table[] = {
        RK_OPTION_DEVICES(&zeroise.devices),
        RK_OPTION_BACKENDS(&zeroise.backends),
        {"--op", NULL, "LIST", "operations, lifecycle, or all (default: one of each kind that has a secret)",
         RK_OPTION_TEXT, &zeroise.op},
        {"--optimise", NULL, "LIST", "compiler's levels: Os, O0 to O3 (default: the device's)", RK_OPTION_TEXT,
         &zeroise.optimise},
        {"--wipe-stack", NULL, NULL, "the firmware wipes the dead stack after each call", RK_OPTION_FLAG,
         &zeroise.wipe_stack},
        {"--findings", NULL, NULL, "in short: each library's findings, a Markdown table; of FILEs that --json wrote",
         RK_OPTION_FLAG, &zeroise.findings},
        RK_OPTION_JOBS(&zeroise.jobs),
        RK_OPTION_JSON(&zeroise.json),
        RK_OPTION_QUIET(&zeroise.quiet),
    };
    const struct rk_command command = {
        .name = "zeroise",
        .arguments = "[FILE...]",
        .arguments_max = RK_LIST_MAX,
        .summary =
            "Which secrets are left in registers, RAM and NVM after an operation, and after a key is destroyed?\n"
            "Exit status 1 when one is left by our own code. How: bench/README.md",
        .example = "rekeylab zeroise --device atmega1284p --backend mbedtls,wolfssl --op x25519_agree,lifecycle",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &zeroise);
}
