/* engine/cli/zeroise.c - `rekeylab zeroise`: which secrets are left in memory? */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/cost.h"
#include "engine/core/progress.h"

enum { LEVELS_MAX = 5 };

struct zeroise_options {
    const char *device, *backend, *op, *optimise;
    bool wipe_stack, json, quiet;
};

struct zeroise_rows {
    struct rk_zeroise_row *row;
    size_t count;
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

static void print_json(const struct zeroise_rows *rows)
{
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_array_append_new(array, to_json(&rows->row[i]));
    }
    json_dumpf(array, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(array);
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

static void print_table(const struct zeroise_rows *rows)
{
    printf("%-14s %-18s %-3s %-26s %-8s %4s %7s %12s\n", "device", "backend", "-O", "operation", "after", "ours",
           "library", "byte seconds");
    for (size_t i = 0; i < rows->count; i++) {
        print_row(&rows->row[i]);
    }
}

static enum rk_err look(const struct zeroise_options *options, const char *device, const char *backend,
                        const char *level, struct zeroise_rows *rows, struct rk_diag *diag)
{
    char title[128];
    struct rk_progress progress;
    struct zeroise_rows part;
    snprintf(title, sizeof title, "%s on %s%s%s", backend, device, level != NULL ? " at " : "",
             level != NULL ? level : "");
    rk_progress_init(&progress, title, options->quiet);
    const struct rk_zeroise_request request = {
        .device = device,
        .backend = backend,
        .ops = options->op,
        .optimise = level,
        .wipe_stack = options->wipe_stack,
        .progress = rk_progress_update,
        .progress_context = &progress,
    };
    enum rk_err err = rk_zeroise_look(&request, &part.row, &part.count, diag);
    rk_progress_fini(&progress);
    if (err) {
        return err;
    }
    rows->row = realloc(rows->row, (rows->count + part.count + 1) * sizeof *rows->row);
    RK_REQUIRE(rows->row != NULL);
    memcpy(rows->row + rows->count, part.row, part.count * sizeof *part.row);
    rows->count += part.count;
    free(part.row);
    return RK_OK;
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

static enum rk_err look_at_all(const struct zeroise_options *options, const struct rk_list *devices,
                               const struct rk_list *backends, struct zeroise_rows *rows, struct rk_diag *diag)
{
    char level[LEVELS_MAX][4];
    unsigned levels = split_levels(options->optimise, level);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < devices->count * backends->count && !err; i++) {
        const char *device = devices->item[i / backends->count];
        const char *backend = backends->item[i % backends->count];
        for (unsigned l = 0; l < (levels != 0 ? levels : 1) && !err; l++) {
            err = look(options, device, backend, levels != 0 ? level[l] : NULL, rows, diag);
        }
    }
    return err;
}

int rk_cli_zeroise(int argc, char **argv)
{
    struct zeroise_options options = {.device = "all", .backend = "all"};
    const struct rk_option table[] = {
        {"--device", NULL, "LIST", "devices, comma-separated, or all", RK_OPTION_TEXT, &options.device},
        {"--backend", NULL, "LIST", "backends, with @VERSION where it matters, or all", RK_OPTION_TEXT,
         &options.backend},
        {"--op", NULL, "LIST", "operations, lifecycle, or all (default: one of each kind that has a secret)",
         RK_OPTION_TEXT, &options.op},
        {"--optimise", NULL, "LIST", "compiler's levels: Os, O0 to O3 (default: the device's)", RK_OPTION_TEXT,
         &options.optimise},
        {"--wipe-stack", NULL, NULL, "the firmware wipes the dead stack after each call", RK_OPTION_FLAG,
         &options.wipe_stack},
        {"--json", NULL, NULL, "one JSON array on standard output", RK_OPTION_FLAG, &options.json},
        {"--quiet", "-q", NULL, "no progress", RK_OPTION_FLAG, &options.quiet},
    };
    const struct rk_command command = {
        .name = "zeroise",
        .arguments = "",
        .summary =
            "Which secrets are left in registers, RAM and NVM after an operation, and after a key is destroyed?\n"
            "Exit status 1 when one is left by our own code. How: bench/README.md",
        .example = "rekeylab zeroise --device atmega1284p --backend mbedtls,wolfssl --op x25519_agree,lifecycle",
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
    struct zeroise_rows rows = {0};
    enum rk_err err = rk_list_devices(rk_cli_root(), options.device, &devices, &diag);
    if (!err) {
        err = rk_list_backends(options.backend, &backends, &diag);
    }
    if (!err) {
        err = look_at_all(&options, &devices, &backends, &rows, &diag);
    }
    if (!err && options.json) {
        print_json(&rows);
    } else if (!err) {
        print_table(&rows);
    }
    unsigned ours = 0;
    for (size_t i = 0; i < rows.count; i++) {
        ours += rows.row[i].ours;
    }
    rk_zeroise_free(rows.row, rows.count);
    return err ? rk_cli_fail(err, &diag) : ours != 0;
}
