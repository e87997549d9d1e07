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

struct bench_options {
    const char *device, *backend, *op, *size, *part;
    unsigned long inputs, jobs;
    bool json, quiet, record, check, fresh;
};

struct rows {
    struct rk_cost_row *row;
    size_t count;
};

static void print_count(uint64_t value, int width)
{
    if (value == RK_NONE) {
        printf(" %*s", width, "-");
    } else {
        printf(" %*llu", width, (unsigned long long)value);
    }
}

static void print_table(const struct rows *rows)
{
    printf("%-12s %-16s %-24s %4s %12s %12s %12s %6s %6s %6s %7s %6s %11s  %s\n", "device", "backend", "operation",
           "size", "cycles", "low", "high", "stack", "heap", "ram", "flash", "nvm", "energy uJ", "status");
    for (size_t i = 0; i < rows->count; i++) {
        const struct rk_cost_row *row = &rows->row[i];
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

static int print_json(const struct rows *rows)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_array_append_new(array, rk_cost_row_to_json(&rows->row[i]));
    }
    int failed = json_dumpf(array, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(array);
    if (failed || fflush(stdout) != 0) {
        fprintf(stderr, "rekeylab: standard output cannot be written to\n");
        return 2;
    }
    return 0;
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

static enum rk_err measure_all(const struct bench_options *options, const struct rk_list *devices,
                               const struct rk_list *backends, struct rows *rows, struct rk_diag *diag)
{
    struct rk_bench_pair *pair = calloc(devices->count * backends->count, sizeof *pair);
    RK_REQUIRE(pair != NULL);
    size_t part, parts, pairs = 0;
    enum rk_err err = parse_part(options->part, &part, &parts, diag);
    for (size_t i = 0; i < devices->count * backends->count && !err; i++) {
        if (i % parts == part - 1) {
            pair[pairs++] = (struct rk_bench_pair){.device = devices->item[i / backends->count],
                                                   .backend = backends->item[i % backends->count]};
        }
    }
    struct rk_progress progress;
    rk_progress_init(&progress, "measuring", options->quiet);
    const struct rk_bench_request request = {
        .pair = pair,
        .pairs = pairs,
        .ops = options->op,
        .sizes = options->size,
        .inputs = options->inputs == INPUTS_BY_COST ? 0 : (unsigned)options->inputs,
        .jobs = rk_cli_jobs(options->jobs),
        .fresh = options->fresh,
        .progress = rk_progress_update,
        .progress_context = &progress,
    };
    if (!err) {
        err = rk_bench_measure(&request, &rows->row, &rows->count, diag);
    }
    rk_progress_fini(&progress);
    free(pair);
    return err;
}

static int finish(const struct bench_options *options, const struct rows *rows, struct rk_diag *diag)
{
    int status = 0;
    if (options->record) {
        enum rk_err err = rk_bench_record(rk_cli_root(), rows->row, rows->count, diag);
        if (err) {
            return rk_cli_fail(err, diag);
        }
    }
    if (options->check) {
        struct rk_bench_check check;
        enum rk_err err = rk_bench_check(rk_cli_root(), rows->row, rows->count, stderr, &check, diag);
        if (err) {
            return rk_cli_fail(err, diag);
        }
        fprintf(stderr, "%zu rows compared with bench/measured, %zu differ, %zu cannot be compared\n", check.compared,
                check.different, check.incomparable);
        status = check.different > 0;
    }
    if (options->json) {
        int failed = print_json(rows);
        return failed ? failed : status;
    }
    print_table(rows);
    return status;
}

int rk_cli_bench(int argc, char **argv)
{
    struct bench_options options = {.device = "all", .backend = "all", .inputs = INPUTS_BY_COST};
    const struct rk_option table[] = {
        {"--device", NULL, "LIST", "devices, comma-separated, or all", RK_OPTION_TEXT, &options.device},
        {"--backend", NULL, "LIST", "backends, with @VERSION where it matters, or all", RK_OPTION_TEXT,
         &options.backend},
        {"--op", NULL, "LIST", "operations, or all", RK_OPTION_TEXT, &options.op},
        {"--size", NULL, "LIST", "sizes in bytes instead of each operation's own", RK_OPTION_TEXT, &options.size},
        {"--inputs", NULL, "K", "inputs a row (default 3, and 1 where it takes more than 100 million cycles)",
         RK_OPTION_NUMBER, &options.inputs},
        {"--part", NULL, "I/N", "only each N-th pair of device and backend, from the I-th on", RK_OPTION_TEXT,
         &options.part},
        {"--record", NULL, NULL, "write the rows to bench/measured/", RK_OPTION_FLAG, &options.record},
        {"--check", NULL, NULL, "compare with bench/measured/: exit status 1 on a difference", RK_OPTION_FLAG,
         &options.check},
        {"--fresh", NULL, NULL, "measure even what the cache has", RK_OPTION_FLAG, &options.fresh},
        {"--jobs", "-j", "N", "threads (default: the cores)", RK_OPTION_NUMBER, &options.jobs},
        {"--json", NULL, NULL, "one JSON array on standard output", RK_OPTION_FLAG, &options.json},
        {"--quiet", "-q", NULL, "no progress", RK_OPTION_FLAG, &options.quiet},
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
    char **rest;
    size_t rest_count;
    int status;
    if (!rk_options_parse(&command, argc, argv, &rest, &rest_count, &status)) {
        return status;
    }
    struct rk_diag diag;
    struct rk_list devices, backends;
    struct rows rows = {0};
    enum rk_err err = RK_OK;
    if (options.inputs != INPUTS_BY_COST && (options.inputs < 1 || options.inputs > RK_BENCH_INPUTS_MAX)) {
        err = rk_fail(&diag, RK_ERR_INPUT, "--inputs %lu, expected 1 to %d", options.inputs, RK_BENCH_INPUTS_MAX);
    }
    if (!err) {
        err = rk_list_devices(rk_cli_root(), options.device, &devices, &diag);
    }
    if (!err) {
        err = rk_list_backends(options.backend, &backends, &diag);
    }
    if (!err) {
        err = measure_all(&options, &devices, &backends, &rows, &diag);
    }
    status = err ? rk_cli_fail(err, &diag) : finish(&options, &rows, &diag);
    free(rows.row);
    return status;
}
