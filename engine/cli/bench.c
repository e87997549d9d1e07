/* engine/cli/bench.c - `rekeylab bench`: cost rows of operations on emulated devices */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/record.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/progress.h"

#define INPUTS_BY_COST ULONG_MAX /* nobody named a number */

struct bench {
    const char *devices, *backends, *ops, *sizes, *part;
    unsigned long inputs, jobs;
    bool json, quiet, record, check, fresh, recorded;
    struct rk_cost_row *row;
    size_t rows;
};

static void print_count(uint64_t value, int width)
{
    if (value == RK_NONE) {
        printf(" %*s", width, "-");
    } else {
        printf(" %*llu", width, (unsigned long long)value);
    }
}

static void print_table(const struct bench *bench)
{
    printf("%-12s %-16s %-24s %4s %12s %12s %12s %6s %6s %6s %7s %6s %11s  %s\n", "device", "backend", "operation",
           "size", "cycles", "low", "high", "stack", "heap", "ram", "flash", "nvm", "energy uJ", "status");
    for (size_t i = 0; i < bench->rows; i++) {
        const struct rk_cost_row *row = &bench->row[i];
        char backend[64];
        snprintf(backend, sizeof backend, "%s@%s", row->backend, row->version);
        printf("%-12s %-16s %-24s %4u", row->device, backend, row->op, row->size_bytes);
        print_count(row->cycles_median, 12);
        print_count(row->cycles_low, 12);
        print_count(row->cycles_high, 12);
        print_count(row->stack_bytes, 6);
        print_count(row->heap_bytes, 6);
        print_count(row->ram_static_bytes, 6);
        print_count(row->flash_bytes, 7);
        print_count(row->nvm_write_bytes, 6);
        if (row->energy_pJ == RK_NONE) {
            printf(" %11s", "-");
        } else {
            printf(" %11.3f", (double)row->energy_pJ / 1e6);
        }
        printf("  %s\n", row->status);
    }
}

static enum rk_err print_json(const struct bench *bench, struct rk_diag *diag)
{
    json_t *array = json_array();
    for (size_t i = 0; i < bench->rows; i++) {
        json_array_append_new(array, rk_cost_row_to_json(&bench->row[i]));
    }
    return rk_cli_print_json(array, diag);
}

/* "2/3": the second third of the pairs. */
static enum rk_err parse_part(const char *text, size_t *part, size_t *parts, struct rk_diag *diag)
{
    char rest;
    *part = *parts = 1;
    if (text && (sscanf(text, "%4zu/%4zu%c", part, parts, &rest) != 2 || *part < 1 || *part > *parts)) {
        return rk_fail(diag, RK_ERR_INPUT, "--part `%.40s`, expected I/N with I from 1 to N", text);
    }
    return RK_OK;
}

/* out: whether a comma-separated list has the name; a list that is not given has all. */
static bool lists(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return list == NULL || strcmp(list, "all") == 0;
}

static enum rk_err check_operations(const char *list, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (const char *at = list; at != NULL && strcmp(list, "all") != 0 && *at != '\0' && !err; at += *at == ',') {
        char name[64];
        int operation, length = (int)strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", length, at);
        err = rk_bench_find_operation(name, &operation, diag);
        at += length;
    }
    return err;
}

/* Adds the recorded rows of a pair that the options ask for. */
static enum rk_err take_recorded(struct bench *bench, const struct rk_bench_pair *pair, struct rk_diag *diag)
{
    struct rk_cost_row *rows;
    size_t count, kept = 0;
    enum rk_err err = rk_bench_recorded(rk_cli_root(), pair->device, pair->backend, &rows, &count, diag);
    if (err) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        char size[16];
        snprintf(size, sizeof size, "%u", rows[i].size_bytes);
        if (lists(bench->ops, rows[i].op) && lists(bench->sizes, size)) {
            rows[kept++] = rows[i];
        }
    }
    if (kept == 0 && !bench->quiet) {
        fprintf(stderr, "rekeylab: %s on %s: no such rows in bench/measured\n", pair->backend, pair->device);
    }
    bench->row = rk_cli_append(bench->row, &bench->rows, rows, kept, sizeof *rows);
    free(rows);
    return RK_OK;
}

static enum rk_err take_all_recorded(struct bench *bench, const struct rk_bench_pair *pair, size_t pairs,
                                     struct rk_diag *diag)
{
    enum rk_err err = bench->record || bench->check || bench->fresh
                          ? rk_fail(diag, RK_ERR_INPUT,
                                    "--recorded measures nothing, expected it without --record, "
                                    "--check and --fresh")
                          : check_operations(bench->ops, diag);
    for (size_t i = 0; i < pairs && !err; i++) {
        err = take_recorded(bench, &pair[i], diag);
    }
    return err;
}

static enum rk_err measure_all(struct bench *bench, struct rk_diag *diag)
{
    struct rk_list devices, backends;
    struct rk_bench_pair pair[RK_LIST_MAX * RK_LIST_MAX];
    size_t part, parts, pairs = 0;
    enum rk_err err = parse_part(bench->part, &part, &parts, diag);
    err = err ? err : rk_list_devices(rk_cli_root(), bench->devices, &devices, diag);
    err = err ? err : rk_list_backends(bench->backends, &backends, diag);
    if (err) {
        return err;
    }
    for (size_t i = part - 1; i < devices.count * backends.count; i += parts) {
        pair[pairs++] = (struct rk_bench_pair){.device = devices.item[i / backends.count],
                                               .backend = backends.item[i % backends.count]};
    }
    if (bench->recorded) {
        return take_all_recorded(bench, pair, pairs, diag);
    }
    struct rk_progress progress;
    rk_progress_init(&progress, "measuring", bench->quiet);
    const struct rk_bench_request request = {
        .pair = pair,
        .pairs = pairs,
        .ops = bench->ops,
        .sizes = bench->sizes,
        .inputs = bench->inputs == INPUTS_BY_COST ? 0 : (unsigned)bench->inputs,
        .jobs = rk_cli_jobs(bench->jobs),
        .fresh = bench->fresh,
        .progress = rk_progress_update,
        .progress_context = &progress,
    };
    err = rk_bench_measure(&request, &bench->row, &bench->rows, diag);
    rk_progress_fini(&progress);
    return err;
}

static enum rk_err finish(const struct bench *bench, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    struct rk_bench_check check = {0};
    if (bench->record) {
        err = rk_bench_record(rk_cli_root(), bench->row, bench->rows, diag);
    }
    if (!err && bench->check) {
        err = rk_bench_check(rk_cli_root(), bench->row, bench->rows, stderr, &check, diag);
    }
    if (err) {
        return err;
    }
    if (bench->check) {
        fprintf(stderr, "%zu rows compared with bench/measured, %zu differ, %zu cannot be compared\n", check.compared,
                check.different, check.incomparable);
    }
    if (bench->json) {
        err = print_json(bench, diag);
    } else {
        print_table(bench);
    }
    return !err && check.different > 0 ? RK_ERR_CHECK : err;
}

static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    struct bench *bench = options;
    (void)argument, (void)count;
    if (bench->inputs != INPUTS_BY_COST && (bench->inputs < 1 || bench->inputs > RK_BENCH_INPUTS_MAX)) {
        return rk_fail(diag, RK_ERR_INPUT, "--inputs %lu, expected 1 to %d", bench->inputs, RK_BENCH_INPUTS_MAX);
    }
    enum rk_err err = measure_all(bench, diag);
    err = err ? err : finish(bench, diag);
    free(bench->row);
    return err;
}

int rk_cli_bench(int argc, char **argv)
{
    struct bench bench = {.devices = "all", .backends = "all", .inputs = INPUTS_BY_COST};
    const struct rk_option table[] = {
        RK_OPTION_DEVICES(&bench.devices),
        RK_OPTION_BACKENDS(&bench.backends),
        {"--op", NULL, "LIST", "operations, or all", RK_OPTION_TEXT, &bench.ops},
        {"--size", NULL, "LIST", "sizes in bytes instead of each operation's own", RK_OPTION_TEXT, &bench.sizes},
        {"--inputs", NULL, "K", "inputs a row (default 3, and 1 where it takes more than 100 million cycles)",
         RK_OPTION_NUMBER, &bench.inputs},
        {"--part", NULL, "I/N", "only each N-th pair of device and backend, from the I-th on", RK_OPTION_TEXT,
         &bench.part},
        {"--record", NULL, NULL, "write the rows to bench/measured/", RK_OPTION_FLAG, &bench.record},
        {"--check", NULL, NULL, "compare with bench/measured/: exit status 1 on a difference", RK_OPTION_FLAG,
         &bench.check},
        {"--recorded", NULL, NULL, "show what bench/measured/ has, and measure nothing", RK_OPTION_FLAG,
         &bench.recorded},
        {"--fresh", NULL, NULL, "measure even what the cache has", RK_OPTION_FLAG, &bench.fresh},
        RK_OPTION_JOBS(&bench.jobs),
        RK_OPTION_JSON(&bench.json),
        RK_OPTION_QUIET(&bench.quiet),
    };
    const struct rk_command command = {
        .name = "bench",
        .arguments = "",
        .summary =
            "Measures cost rows: cycles, stack, heap, static RAM, flash, energy of operations on emulated devices.",
        .example = "rekeylab bench --device atmega1284p --backend mbedtls --op aes128_ccm_8_seal --json",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &bench);
}
