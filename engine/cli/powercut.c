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

struct powercut {
    const char *devices, *backends, *mode, *mechanisms;
    unsigned long depth, jobs;
    bool json, quiet;
    struct rk_powercut_request request;
    bool by[RK_MECHANISM_COUNT];
    struct rk_powercut_row *row;
    size_t rows;
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

static enum rk_err parse_mechanisms(struct powercut *powercut, struct rk_diag *diag)
{
    const char *names[RK_MECHANISM_COUNT + 1] = {NULL};
    struct rk_list list;
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        names[i] = rk_mechanism_name(i);
    }
    enum rk_err err = rk_list_names("mechanism", powercut->mechanisms, names, &list, diag);
    for (size_t i = 0; !err && i < list.count; i++) {
        for (unsigned mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
            powercut->by[mechanism] |= strcmp(names[mechanism], list.item[i]) == 0;
        }
    }
    return err;
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

static enum rk_err print_json(const struct powercut *powercut, struct rk_diag *diag)
{
    json_t *array = json_array();
    for (size_t i = 0; i < powercut->rows; i++) {
        json_array_append_new(array, to_json(&powercut->row[i], powercut->mode));
    }
    return rk_cli_print_json(array, diag);
}

static void print_table(const struct powercut *powercut)
{
    printf("%-14s %-18s %-9s %9s %9s %9s %9s %5s %11s %11s %8s %9s %8s\n", "device", "backend", "mechanism", "cuts",
           "old", "new", "none", "lost", "resurrected", "nonce reuse", "replayed", "torn", "executed");
    for (size_t i = 0; i < powercut->rows; i++) {
        const struct rk_powercut_row *row = &powercut->row[i];
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

static enum rk_err cut_pair(void *context, const char *device, const char *backend, struct rk_diag *diag)
{
    struct powercut *powercut = context;
    enum rk_err err = RK_OK;
    for (unsigned mechanism = 0; mechanism < RK_MECHANISM_COUNT && !err; mechanism++) {
        if (!powercut->by[mechanism]) {
            continue;
        }
        char title[160];
        struct rk_progress progress;
        struct rk_powercut_row row;
        snprintf(title, sizeof title, "%s on %s, %s", backend, device, rk_mechanism_name(mechanism));
        rk_progress_init(&progress, title, powercut->quiet);
        powercut->request.device = device;
        powercut->request.backend = backend;
        powercut->request.mechanism = (uint8_t)mechanism;
        powercut->request.progress = rk_progress_update;
        powercut->request.progress_context = &progress;
        err = rk_powercut_run(&powercut->request, &row, diag);
        rk_progress_fini(&progress);
        if (!err) {
            powercut->row = rk_cli_append(powercut->row, &powercut->rows, &row, 1, sizeof row);
        }
    }
    return err;
}

static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    struct powercut *powercut = options;
    (void)argument, (void)count;
    if (powercut->depth < 1 || powercut->depth > 2) {
        return rk_fail(diag, RK_ERR_INPUT, "--depth %lu, expected 1 or 2", powercut->depth);
    }
    powercut->request.depth = (unsigned)powercut->depth;
    powercut->request.jobs = rk_cli_jobs(powercut->jobs);
    enum rk_err err = parse_mode(powercut->mode, &powercut->request, diag);
    err = err ? err : parse_mechanisms(powercut, diag);
    err = err ? err : rk_list_pairs(rk_cli_root(), powercut->devices, powercut->backends, cut_pair, powercut, diag);
    if (!err && powercut->json) {
        err = print_json(powercut, diag);
    } else if (!err) {
        print_table(powercut);
    }
    for (size_t i = 0; i < powercut->rows && !err; i++) {
        err = is_bad(&powercut->row[i].sum) ? RK_ERR_CHECK : RK_OK;
    }
    free(powercut->row);
    return err;
}

int rk_cli_powercut(int argc, char **argv)
{
    struct powercut powercut = {
        .devices = "all", .backends = "all", .mode = "writes", .mechanisms = "derive", .depth = 1};
    const struct rk_option table[] = {
        RK_OPTION_DEVICES(&powercut.devices),
        RK_OPTION_BACKENDS(&powercut.backends),
        {"--mode", NULL, "MODE", "writes (default), linear:N, random:N or exhaustive", RK_OPTION_TEXT, &powercut.mode},
        {"--mechanism", NULL, "LIST", "how keys are renewed, or all (default: derive)", RK_OPTION_TEXT,
         &powercut.mechanisms},
        {"--depth", NULL, "N", "2: the reboot after a cut is cut, too (default 1)", RK_OPTION_NUMBER, &powercut.depth},
        RK_OPTION_JOBS(&powercut.jobs),
        RK_OPTION_JSON(&powercut.json),
        RK_OPTION_QUIET(&powercut.quiet),
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
    return rk_command_run(&command, argc, argv, run, &powercut);
}
