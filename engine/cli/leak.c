/* engine/cli/leak.c - `rekeylab leak`: does the cycle count depend on the secret? */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/leak.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/cost.h"
#include "engine/core/progress.h"

struct leak {
    const char *devices, *backends, *ops;
    unsigned long keys, jobs;
    bool json, quiet;
    struct rk_leak_row *row;
    size_t rows;
};

static json_t *figure(uint64_t value)
{
    return value == RK_NONE ? json_null() : json_integer((json_int_t)value);
}

static json_t *to_json(const struct rk_leak_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:i, s:s, s:s}", "device", row->device, "backend",
                     row->backend, "version", row->version, "op", row->op, "size", (int)row->size_bytes, "keys",
                     (int)row->keys, "cycles_min", figure(row->cycles_min), "cycles_max", figure(row->cycles_max),
                     "distinct", (int)row->distinct, "verdict", row->verdict, "note", row->note);
}

static enum rk_err print_json(const struct leak *leak, struct rk_diag *diag)
{
    json_t *array = json_array();
    for (size_t i = 0; i < leak->rows; i++) {
        json_array_append_new(array, to_json(&leak->row[i]));
    }
    return rk_cli_print_json(array, diag);
}

static void print_table(const struct leak *leak)
{
    printf("%-14s %-18s %-24s %5s %5s %14s %14s %9s  %s\n", "device", "backend", "operation", "size", "keys", "cycles",
           "to", "distinct", "verdict");
    for (size_t i = 0; i < leak->rows; i++) {
        const struct rk_leak_row *row = &leak->row[i];
        char backend[96];
        snprintf(backend, sizeof backend, "%s@%s", row->backend, row->version);
        printf("%-14s %-18s %-24s %5u ", row->device, backend, row->op, row->size_bytes);
        if (row->keys > 0) {
            printf("%5u %14llu %14llu %9u", row->keys, (unsigned long long)row->cycles_min,
                   (unsigned long long)row->cycles_max, row->distinct);
        } else {
            printf("%5s %14s %14s %9s", "-", "-", "-", "-");
        }
        printf("  %s%s%s%s\n", row->verdict, row->note[0] ? " (" : "", row->note, row->note[0] ? ")" : "");
    }
}

static enum rk_err measure_pair(void *context, const char *device, const char *backend, struct rk_diag *diag)
{
    struct leak *leak = context;
    char title[128];
    struct rk_progress progress;
    snprintf(title, sizeof title, "%s on %s", backend, device);
    rk_progress_init(&progress, title, leak->quiet);
    const struct rk_leak_request request = {
        .device = device,
        .backend = backend,
        .ops = leak->ops,
        .keys = (unsigned)leak->keys,
        .jobs = rk_cli_jobs(leak->jobs),
        .progress = rk_progress_update,
        .progress_context = &progress,
    };
    struct rk_leak_row *row;
    size_t rows;
    enum rk_err err = rk_leak_measure(&request, &row, &rows, diag);
    rk_progress_fini(&progress);
    if (!err) {
        leak->row = rk_cli_append(leak->row, &leak->rows, row, rows, sizeof *row);
        free(row);
    }
    return err;
}

static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    struct leak *leak = options;
    (void)argument, (void)count;
    if (leak->keys < 2 || leak->keys > RK_LEAK_KEYS_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "--keys %lu, expected 2 to %d", leak->keys, RK_LEAK_KEYS_MAX);
    }
    if (leak->keys < RK_LEAK_KEYS_DEFAULT && !leak->quiet) {
        fprintf(stderr, "%lu secrets: fewer than %d, a dependence that is rare may stay unseen\n", leak->keys,
                RK_LEAK_KEYS_DEFAULT);
    }
    enum rk_err err = rk_list_pairs(rk_cli_root(), leak->devices, leak->backends, measure_pair, leak, diag);
    if (!err && leak->json) {
        err = print_json(leak, diag);
    } else if (!err) {
        print_table(leak);
    }
    free(leak->row);
    return err;
}

int rk_cli_leak(int argc, char **argv)
{
    struct leak leak = {.devices = "all", .backends = "all", .keys = RK_LEAK_KEYS_DEFAULT};
    const struct rk_option table[] = {
        RK_OPTION_DEVICES(&leak.devices),
        RK_OPTION_BACKENDS(&leak.backends),
        {"--op", NULL, "LIST", "operations, or all (default: symmetric ones, agreement, signing)", RK_OPTION_TEXT,
         &leak.ops},
        {"--keys", NULL, "N", "secrets, 2 or more (default 64); fewer than 64 show less", RK_OPTION_NUMBER, &leak.keys},
        RK_OPTION_JOBS(&leak.jobs),
        RK_OPTION_JSON(&leak.json),
        RK_OPTION_QUIET(&leak.quiet),
    };
    const struct rk_command command = {
        .name = "leak",
        .arguments = "",
        .summary =
            "Does the cycle count depend on the secret? Runs an operation over N secrets, all else the same, and\n"
            "compares cycles and instruction counts exactly. What that proves: bench/README.md",
        .example = "rekeylab leak --device atmega1284p --backend mbedtls,wolfssl --op aes128_ccm_seal",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &leak);
}
