/* engine/cli/powercut.c - `rekeylab powercut`: cuts power during lifecycle transitions, reboots, judges */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/powercut.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"
#include "engine/core/progress.h"
#include "engine/lifecycle/policy.h"

enum { N_MAX = 1000000000 };

struct powercut_options {
    const char *device, *backend, *mode, *mechanism;
    unsigned long depth, jobs;
    bool json, quiet;
};

struct powercut_rows {
    struct rk_powercut_row *row;
    size_t count;
};

static const char *const mode_names[] = {"writes", "linear", "random", "exhaustive", NULL};

/* "linear:1000" */
static enum rk_err parse_mode(const char *text, struct rk_powercut_request *request, struct rk_diag *diag)
{
    size_t length = strcspn(text, ":");
    for (unsigned mode = 0; mode_names[mode] != NULL; mode++) {
        if (strlen(mode_names[mode]) != length || strncmp(text, mode_names[mode], length) != 0) {
            continue;
        }
        bool counted = mode == RK_POWERCUT_LINEAR || mode == RK_POWERCUT_RANDOM;
        const char *digits = text[length] == ':' ? text + length + 1 : "";
        char *end;
        errno = 0;
        unsigned long long n = strtoull(digits, &end, 10);
        bool number = digits[0] >= '0' && digits[0] <= '9' && *end == '\0' && errno == 0 && n > 0 && n <= N_MAX;
        request->mode = (uint8_t)mode;
        request->n = n;
        if (counted ? number : text[length] == '\0') {
            return RK_OK;
        }
        return rk_fail(diag, RK_ERR_INPUT, "--mode %.40s, expected %s%s", text, mode_names[mode],
                       counted ? ":N, N from 1 to 1000000000" : "");
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    const char *nearest = rk_nearest_name(name, mode_names);
    return rk_fail(diag, RK_ERR_INPUT, "--mode %.40s, expected %s", text,
                   nearest != NULL ? nearest : "writes, linear:N, random:N or exhaustive");
}

/* out: set of 1 << enum rk_mechanism. */
static enum rk_err parse_mechanisms(const char *text, unsigned *set, struct rk_diag *diag)
{
    const char *names[RK_MECHANISM_COUNT + 1] = {NULL};
    *set = 0;
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        names[i] = rk_mechanism_name(i);
    }
    for (const char *at = text; strcmp(text, "all") != 0; at++) {
        size_t length = strcspn(at, ",");
        unsigned i = 0;
        while (i < RK_MECHANISM_COUNT && (strlen(names[i]) != length || strncmp(names[i], at, length) != 0)) {
            i++;
        }
        if (i == RK_MECHANISM_COUNT) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)length, at);
            const char *nearest = rk_nearest_name(name, names);
            return rk_fail(diag, RK_ERR_INPUT, "unknown mechanism '%s', expected %s", name,
                           nearest != NULL ? nearest : "all, or names of `describe policy` with commas between");
        }
        *set |= 1u << i;
        at += length;
        if (*at == '\0') {
            return RK_OK;
        }
    }
    *set = (1u << RK_MECHANISM_COUNT) - 1;
    return RK_OK;
}

static bool is_bad(const struct rk_powercut_count *count)
{
    return count->lost > 0 || count->resurrected > 0 || count->nonce_reuse > 0 || count->replayed > 0;
}

static json_t *count_json(const struct rk_powercut_count *count)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "cuts", (json_int_t)count->cuts, "old",
                     (json_int_t)count->old_key, "new", (json_int_t)count->new_key, "none", (json_int_t)count->no_key,
                     "lost", (json_int_t)count->lost, "resurrected", (json_int_t)count->resurrected, "nonce_reuse",
                     (json_int_t)count->nonce_reuse, "replayed", (json_int_t)count->replayed, "torn",
                     (json_int_t)count->torn);
}

static json_t *to_json(const struct rk_powercut_row *row, const char *mode)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "device", row->device, "backend", row->backend, "version",
                  row->version, "mechanism", row->mechanism, "mode", mode, "status", row->status);
    json_t *count = count_json(&row->sum);
    json_t *parts = json_array();
    json_object_update(object, count);
    json_decref(count);
    for (unsigned i = 0; i < row->parts; i++) {
        json_t *part = count_json(&row->part[i].count);
        json_object_set_new(part, "transition", json_string(row->part[i].name));
        json_array_append_new(parts, part);
    }
    json_object_set_new(object, "instants", json_integer((json_int_t)row->instants));
    json_object_set_new(object, "distinct", json_integer((json_int_t)row->distinct));
    json_object_set_new(object, "executed", json_integer((json_int_t)row->executed));
    json_object_set_new(object, "second", json_integer((json_int_t)row->second));
    json_object_set_new(object, "first", row->first[0] != '\0' ? json_string(row->first) : json_null());
    json_object_set_new(object, "transitions", parts);
    return object;
}

static void print_json(const struct powercut_rows *rows, const char *mode)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_array_append_new(array, to_json(&rows->row[i], mode));
    }
    json_dumpf(array, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(array);
}

static void print_table(const struct powercut_rows *rows)
{
    printf("%-14s %-18s %-9s %9s %9s %9s %9s %5s %11s %11s %8s %9s %8s\n", "device", "backend", "mechanism", "cuts",
           "old", "new", "none", "lost", "resurrected", "nonce reuse", "replayed", "torn", "executed");
    for (size_t i = 0; i < rows->count; i++) {
        const struct rk_powercut_row *row = &rows->row[i];
        const struct rk_powercut_count *sum = &row->sum;
        char backend[96];
        snprintf(backend, sizeof backend, "%s@%s", row->backend, row->version);
        printf("%-14s %-18s %-9s ", row->device, backend, row->mechanism);
        if (strcmp(row->status, "ok") != 0) {
            printf("%s\n", row->status);
            continue;
        }
        printf("%9llu %9llu %9llu %9llu %5llu %11llu %11llu %8llu %9llu %8llu\n", (unsigned long long)sum->cuts,
               (unsigned long long)sum->old_key, (unsigned long long)sum->new_key, (unsigned long long)sum->no_key,
               (unsigned long long)sum->lost, (unsigned long long)sum->resurrected,
               (unsigned long long)sum->nonce_reuse, (unsigned long long)sum->replayed, (unsigned long long)sum->torn,
               (unsigned long long)row->executed);
        if (row->first[0] != '\0') {
            printf("  first: %s\n", row->first);
        }
    }
}

static enum rk_err cut_all(const struct powercut_options *options, const struct rk_list *devices,
                           const struct rk_list *backends, unsigned mechanisms, struct rk_powercut_request *request,
                           struct powercut_rows *rows, struct rk_diag *diag)
{
    size_t all = devices->count * backends->count * RK_MECHANISM_COUNT;
    rows->row = calloc(all, sizeof *rows->row);
    RK_REQUIRE(rows->row != NULL);
    for (size_t i = 0; i < all; i++) {
        unsigned mechanism = i % RK_MECHANISM_COUNT;
        if ((mechanisms >> mechanism & 1) == 0) {
            continue;
        }
        request->device = devices->item[i / RK_MECHANISM_COUNT / backends->count];
        request->backend = backends->item[i / RK_MECHANISM_COUNT % backends->count];
        request->mechanism = (uint8_t)mechanism;
        char title[160];
        struct rk_progress progress;
        snprintf(title, sizeof title, "%s on %s, %s", request->backend, request->device, rk_mechanism_name(mechanism));
        rk_progress_init(&progress, title, options->quiet);
        request->progress = rk_progress_update;
        request->progress_context = &progress;
        enum rk_err err = rk_powercut_run(request, &rows->row[rows->count++], diag);
        rk_progress_fini(&progress);
        if (err) {
            return err;
        }
    }
    return RK_OK;
}

int rk_cli_powercut(int argc, char **argv)
{
    struct powercut_options options = {
        .device = "all", .backend = "all", .mode = "writes", .mechanism = "derive", .depth = 1};
    const struct rk_option table[] = {
        {"--device", NULL, "LIST", "devices, comma-separated, or all", RK_OPTION_TEXT, &options.device},
        {"--backend", NULL, "LIST", "backends, with @VERSION where it matters, or all", RK_OPTION_TEXT,
         &options.backend},
        {"--mode", NULL, "MODE", "writes (default), linear:N, random:N or exhaustive", RK_OPTION_TEXT, &options.mode},
        {"--mechanism", NULL, "LIST", "how keys are renewed, or all (default: derive)", RK_OPTION_TEXT,
         &options.mechanism},
        {"--depth", NULL, "N", "2: the reboot after a cut is cut, too (default 1)", RK_OPTION_NUMBER, &options.depth},
        {"--jobs", "-j", "N", "threads (default: the cores)", RK_OPTION_NUMBER, &options.jobs},
        {"--json", NULL, NULL, "one JSON array on standard output", RK_OPTION_FLAG, &options.json},
        {"--quiet", "-q", NULL, "no progress", RK_OPTION_FLAG, &options.quiet},
    };
    const struct rk_command command = {
        .name = "powercut",
        .arguments = "",
        .summary =
            "Cuts the power of emulated devices in all parts of their keys' lives, reboots them, and judges: the\n"
            "old key or the new one, no destroyed one back, no nonce twice, and messages both ways again without\n"
            "a person. What is cut, what is judged, what a torn cell holds: bench/README.md",
        .example = "rekeylab powercut --device atmega1284p --backend mbedtls --mode random:100000",
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
    struct rk_powercut_request request = {.depth = (unsigned)options.depth, .jobs = rk_cli_jobs(options.jobs)};
    struct powercut_rows rows = {0};
    unsigned mechanisms = 0;
    enum rk_err err = parse_mode(options.mode, &request, &diag);
    if (!err && (options.depth < 1 || options.depth > 2)) {
        err = rk_fail(&diag, RK_ERR_INPUT, "--depth %lu, expected 1 or 2", options.depth);
    }
    err = err ? err : parse_mechanisms(options.mechanism, &mechanisms, &diag);
    err = err ? err : rk_list_devices(rk_cli_root(), options.device, &devices, &diag);
    err = err ? err : rk_list_backends(options.backend, &backends, &diag);
    err = err ? err : cut_all(&options, &devices, &backends, mechanisms, &request, &rows, &diag);
    bool bad = false;
    for (size_t i = 0; i < rows.count && !err; i++) {
        bad = bad || is_bad(&rows.row[i].sum);
    }
    if (!err && options.json) {
        print_json(&rows, options.mode);
    } else if (!err) {
        print_table(&rows);
    }
    free(rows.row);
    return err ? rk_cli_fail(err, &diag) : bad ? 1 : 0;
}
