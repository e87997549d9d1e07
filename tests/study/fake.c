#include "tests/study/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backends/modelled/modelled.h"
#include "backends/operation.h"
#include "engine/study/json.h"
#include "engine/study/store.h"

static const char *const names[] = {"alpha", "beta", NULL};

static const char *const operations[] = {
#define OPERATION_NAME(name, alg, shape, key, variant, sizes, least, help) #name,
    RK_OPERATIONS(OPERATION_NAME)
#undef OPERATION_NAME
};

enum { OPERATIONS = sizeof operations / sizeof operations[0], SIZES = 3 };

static struct rk_cost_row make_row(const struct fake *fake, const char *device, const char *backend, size_t op,
                                   uint32_t size)
{
    uint64_t clock_Hz = strcmp(device, "mote") == 0 ? 16000000 : 64000000;
    uint64_t cycles = (20000 * (op + 1) + 100 * size) * fake->cycles_factor;
    struct rk_cost_row row = {.size_bytes = size,
                              .status = "ok",
                              .cycles_min = cycles,
                              .cycles_median = cycles,
                              .cycles_max = cycles,
                              .cycles_low = cycles - cycles / 50,
                              .cycles_high = cycles + cycles / 20,
                              .instructions = RK_NONE,
                              .stack_bytes = 300,
                              .heap_bytes = 0,
                              .ram_static_bytes = 100,
                              .flash_bytes = 4000,
                              .nvm_write_bytes = 0,
                              .nvm_time_ns = 0,
                              .time_ns = cycles * 1000000000 / clock_Hz,
                              .energy_pJ = cycles * 2000,
                              .energy_low_pJ = cycles * 1900,
                              .energy_high_pJ = cycles * 2200,
                              .secret_dependent = -1,
                              .known_answer = true};
    snprintf(row.device, sizeof row.device, "%s", device);
    snprintf(row.backend, sizeof row.backend, "%s", backend);
    snprintf(row.version, sizeof row.version, "1.0");
    snprintf(row.compiler, sizeof row.compiler, "made up");
    snprintf(row.op, sizeof row.op, "%s", operations[op]);
    return row;
}

static enum rk_err costs(void *context, const char *device, const char *backend, const char *operations,
                         struct rk_cost_row **rows, size_t *count, struct rk_diag *diag)
{
    (void)operations;
    static const uint32_t sizes[SIZES] = {16, 32, 64};
    const struct fake *fake = context;
    (void)diag;
    *count = OPERATIONS * SIZES;
    *rows = calloc(*count, sizeof **rows);
    assert_non_null(*rows);
    for (size_t i = 0; i < *count; i++) {
        (*rows)[i] = make_row(fake, device, backend, i / SIZES, sizes[i % SIZES]);
        bool wrap = strncmp((*rows)[i].op, "aes_key_", strlen("aes_key_")) == 0;
        if (wrap && strcmp(backend, "beta") == 0) {
            snprintf((*rows)[i].status, sizeof(*rows)[i].status, "not provided by the library");
        }
    }
    if (fake->nudged != 0) {
        *(uint64_t *)(void *)((char *)*rows + fake->nudged) += 1;
    }
    return RK_OK;
}

static enum rk_err library(void *context, const char *backend, unsigned copy, const struct rk_backend **out,
                           char identity[96], struct rk_diag *diag)
{
    struct fake *fake = context;
    (void)copy;
    if (strchr(backend, '@') != NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "no version of that number, expected 1.0");
    }
    *out = strcmp(backend, "beta") == 0 ? &fake->beta : &fake->alpha;
    snprintf(identity, 96, "made up");
    return RK_OK;
}

void fake_init(struct fake *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->cycles_factor = 1;
    uint64_t all = RK_CAP(RK_ALG_COUNT) - 1;
    rk_modelled_init(&fake->alpha, all, RK_ALG_CTR_DRBG);
    rk_modelled_init(&fake->beta, all & ~RK_CAP(RK_ALG_AES_KEY_WRAP), RK_ALG_HASH_DRBG);
    fake->alpha.name = "alpha";
    fake->beta.name = "beta";
    fake->alpha.version = fake->beta.version = "1.0";
    fake->study = (struct rk_study_environment){
        .root = "tests/study/tree", .backends = names, .context = fake, .costs = costs, .library = library};
    snprintf(fake->folder, sizeof fake->folder, "/tmp/rekeylab-study-XXXXXX");
    assert_non_null(mkdtemp(fake->folder));
    snprintf(fake->database, sizeof fake->database, "%s/results.db", fake->folder);
    snprintf(fake->cache, sizeof fake->cache, "%s/cache", fake->folder);
}

void fake_fini(struct fake *fake)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", fake->folder);
    assert_int_equal(system(command), 0);
}

struct rk_run_counts fake_run(struct fake *fake, const char *const *set, const struct rk_run_options *options)
{
    static struct rk_study study;
    struct rk_sweep sweep;
    struct rk_diag diag = {""};
    struct rk_run_counts counts = {0};
    size_t sets = 0;
    while (set != NULL && set[sets] != NULL) {
        sets++;
    }
    enum rk_err err = rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", set, sets, &diag);
    if (err == RK_OK) {
        err = rk_sweep_make(&sweep, &study, &fake->study, &diag);
        if (err == RK_OK) {
            err = rk_run(&sweep, &fake->study, options, &counts, &diag);
        }
        rk_sweep_fini(&sweep);
    }
    rk_study_fini(&study);
    if (err != RK_OK) {
        fail_msg("%s", diag.text);
    }
    return counts;
}

static void dump_table(sqlite3 *db, const char *table, FILE *out)
{
    char sql[256];
    sqlite3_stmt *statement;
    bool provenance = strcmp(table, "provenance") == 0;
    snprintf(sql, sizeof sql, "SELECT * FROM %s %s", table, /* tables lie in the order of their keys */
             provenance ? "WHERE item NOT LIKE 'git%'" : "");
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    fprintf(out, "%s\n", table);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *text = sqlite3_column_text(statement, i);
            if (sqlite3_column_type(statement, i) == SQLITE_FLOAT) {
                fprintf(out, "%a|", sqlite3_column_double(statement, i));
            } else {
                fprintf(out, "%s|", text != NULL ? (const char *)text : "NULL");
            }
        }
        fputc('\n', out);
    }
    sqlite3_finalize(statement);
}

char *fake_dump(const char *database)
{
    static const char *const tables[] = {"meta", "provenance", "cost",    "device",  "point",
                                         "axis", "trial",      "summary", "latency", "ranking", "comparison"};
    sqlite3 *db;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_int_equal(sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        dump_table(db, tables[i], out);
    }
    sqlite3_close(db);
    fclose(out);
    return text;
}

char *fake_json(const char *database)
{
    struct rk_store *store;
    struct rk_diag diag = {""};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (rk_store_open(&store, database, &diag) != RK_OK || rk_study_json(store, out, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
    rk_store_close(store);
    fclose(out);
    return text;
}

int fake_setup(void **state)
{
    static struct fake fake;
    fake_init(&fake);
    *state = &fake;
    return 0;
}

int fake_teardown(void **state)
{
    fake_fini(*state);
    return 0;
}
