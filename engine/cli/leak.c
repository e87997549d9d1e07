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

struct leak_options {
    const char *device, *backend, *op;
    unsigned long keys, jobs;
    bool json, quiet;
};

struct leak_rows {
    struct rk_leak_row *row;
    size_t count;
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

static void print_json(const struct leak_rows *rows)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_array_append_new(array, to_json(&rows->row[i]));
    }
    json_dumpf(array, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(array);
}

static void print_table(const struct leak_rows *rows)
{
    printf("%-14s %-18s %-24s %5s %5s %14s %14s %9s  %s\n", "device", "backend", "operation", "size", "keys", "cycles",
           "to", "distinct", "verdict");
    for (size_t i = 0; i < rows->count; i++) {
        const struct rk_leak_row *row = &rows->row[i];
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

static enum rk_err measure_all(const struct leak_options *options, const struct rk_list *devices,
                               const struct rk_list *backends, struct leak_rows *rows, struct rk_diag *diag)
{
    for (size_t i = 0; i < devices->count * backends->count; i++) {
        const char *device = devices->item[i / backends->count];
        const char *backend = backends->item[i % backends->count];
        char title[128];
        snprintf(title, sizeof title, "%s on %s", backend, device);
        struct rk_progress progress;
        rk_progress_init(&progress, title, options->quiet);
        const struct rk_leak_request request = {
            .device = device,
            .backend = backend,
            .ops = options->op,
            .keys = (unsigned)options->keys,
            .jobs = rk_cli_jobs(options->jobs),
            .progress = rk_progress_update,
            .progress_context = &progress,
        };
        struct leak_rows part;
        enum rk_err err = rk_leak_measure(&request, &part.row, &part.count, diag);
        rk_progress_fini(&progress);
        if (err) {
            return err;
        }
        rows->row = realloc(rows->row, (rows->count + part.count + 1) * sizeof *rows->row);
        RK_REQUIRE(rows->row != NULL);
        memcpy(rows->row + rows->count, part.row, part.count * sizeof *part.row);
        rows->count += part.count;
        free(part.row);
    }
    return RK_OK;
}

int rk_cli_leak(int argc, char **argv)
{
    struct leak_options options = {.device = "all", .backend = "all", .keys = RK_LEAK_KEYS_DEFAULT};
    const struct rk_option table[] = {
        {"--device", NULL, "LIST", "devices, comma-separated, or all", RK_OPTION_TEXT, &options.device},
        {"--backend", NULL, "LIST", "backends, with @VERSION where it matters, or all", RK_OPTION_TEXT,
         &options.backend},
        {"--op", NULL, "LIST", "operations, or all (default: symmetric ones, agreement, signing)", RK_OPTION_TEXT,
         &options.op},
        {"--keys", NULL, "N", "secrets, 2 or more (default 64); fewer than 64 show less", RK_OPTION_NUMBER,
         &options.keys},
        {"--jobs", "-j", "N", "threads (default: the cores)", RK_OPTION_NUMBER, &options.jobs},
        {"--json", NULL, NULL, "one JSON array on standard output", RK_OPTION_FLAG, &options.json},
        {"--quiet", "-q", NULL, "no progress", RK_OPTION_FLAG, &options.quiet},
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
    char **rest;
    size_t rest_count;
    int status;
    if (!rk_options_parse(&command, argc, argv, &rest, &rest_count, &status)) {
        return status;
    }
    struct rk_diag diag;
    struct rk_list devices, backends;
    struct leak_rows rows = {0};
    enum rk_err err = RK_OK;
    if (options.keys < 2 || options.keys > RK_LEAK_KEYS_MAX) {
        err = rk_fail(&diag, RK_ERR_INPUT, "--keys %lu, expected 2 to %d", options.keys, RK_LEAK_KEYS_MAX);
    }
    if (!err) {
        err = rk_list_devices(rk_cli_root(), options.device, &devices, &diag);
    }
    if (!err) {
        err = rk_list_backends(options.backend, &backends, &diag);
    }
    if (!err && options.keys < RK_LEAK_KEYS_DEFAULT && !options.quiet) {
        fprintf(stderr, "%lu secrets: fewer than %d, a dependence that is rare may stay unseen\n", options.keys,
                RK_LEAK_KEYS_DEFAULT);
    }
    if (!err) {
        err = measure_all(&options, &devices, &backends, &rows, &diag);
    }
    if (!err && options.json) {
        print_json(&rows);
    } else if (!err) {
        print_table(&rows);
    }
    free(rows.row);
    return err ? rk_cli_fail(err, &diag) : 0;
}
