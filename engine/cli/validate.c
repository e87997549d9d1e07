/* engine/cli/validate.c - `rekeylab validate`: published figures of real boards beside ours */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/validate.h"
#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "engine/core/progress.h"

struct validate_options {
    const char *csv;
    unsigned long jobs;
    bool json, quiet;
};

static json_t *figure(const struct rk_validation_case *of, double value)
{
    return of->measured ? json_real(value) : json_null();
}

static json_t *case_to_json(const struct rk_validation_case *of)
{
    json_t *record = json_object();
#define COLUMN_SET(name) json_object_set_new(record, #name, json_string(of->name));
    RK_VALIDATION_COLUMNS(COLUMN_SET)
#undef COLUMN_SET
    json_object_set_new(record, "published", isnan(of->published) ? json_null() : json_real(of->published));
    json_object_set_new(record, "ours", figure(of, of->ours));
    json_object_set_new(record, "low", figure(of, of->low));
    json_object_set_new(record, "high", figure(of, of->high));
    json_object_set_new(record, "error", figure(of, of->error));
    json_object_set_new(record, "compiler_used", json_string(of->compiler_used));
    json_object_set_new(record, "status", json_string(of->status));
    return record;
}

static json_t *summary_to_json(const struct rk_validation_summary *summary)
{
    json_t *record = json_pack("{s:s, s:s, s:i, s:i, s:i}", "core", summary->core, "kind", summary->kind, "cases",
                               (int)summary->cases, "measured", (int)summary->measured, "inside", (int)summary->inside);
    bool any = summary->measured > 0;
    json_object_set_new(record, "error_median", any ? json_real(summary->median) : json_null());
    json_object_set_new(record, "error_median_absolute", any ? json_real(summary->median_absolute) : json_null());
    json_object_set_new(record, "error_worst", any ? json_real(summary->worst) : json_null());
    return record;
}

static enum rk_err print_json(const struct rk_validation *validation, struct rk_diag *diag)
{
    json_t *cases = json_array();
    json_t *summary = json_array();
    for (size_t i = 0; i < validation->count; i++) {
        json_array_append_new(cases, case_to_json(&validation->cases[i]));
    }
    for (size_t i = 0; i < validation->summaries; i++) {
        json_array_append_new(summary, summary_to_json(&validation->summary[i]));
    }
    return rk_cli_print_json(json_pack("{s:o, s:o}", "cases", cases, "summary", summary), diag);
}

static void print_case(const struct rk_validation_case *of)
{
    char what[80];
    snprintf(what, sizeof what, "%s %s", of->primitive, of->parameters);
    printf("%-18.18s %-34.34s %-6.6s", of->board[0] != '\0' ? of->board : of->platform, what, of->metric);
    if (isnan(of->published)) {
        printf(" %9.9s %-2.2s", of->value, of->unit);
    } else {
        printf(" %12.0f", of->published);
    }
    if (of->measured) {
        printf(" %12.0f %12.0f %12.0f %+7.1f %%", of->ours, of->low, of->high, 100 * of->error);
    } else {
        printf(" %12s %12s %12s %9s", "-", "-", "-", "-");
    }
    printf("  %s%s%s\n", strcmp(of->status, "ok") == 0 ? of->kind : of->status, of->note[0] != '\0' ? "; " : "",
           of->note);
}

static void print_table(const struct rk_validation *validation)
{
    printf("%-18s %-34s %-6s %12s %12s %12s %12s %9s\n", "board", "operation", "metric", "published", "ours", "low",
           "high", "error");
    for (size_t i = 0; i < validation->count; i++) {
        print_case(&validation->cases[i]);
    }
    printf("\n%-22s %-17s %6s %9s %13s %15s %9s %7s\n", "core", "kind", "cases", "measured", "error median",
           "median of size", "worst", "inside");
    for (size_t i = 0; i < validation->summaries; i++) {
        const struct rk_validation_summary *summary = &validation->summary[i];
        printf("%-22s %-17s %6u %9u", summary->core, summary->kind, summary->cases, summary->measured);
        if (summary->measured > 0) {
            printf(" %+11.1f %% %13.1f %% %+7.1f %% %7u", 100 * summary->median, 100 * summary->median_absolute,
                   100 * summary->worst, summary->inside);
        }
        putchar('\n');
    }
}

/* A figure that we claim to reproduce and cannot is a finding; a large error is a result. */
static size_t failures(const struct rk_validation *validation)
{
    size_t count = 0;
    for (size_t i = 0; i < validation->count; i++) {
        count += validation->cases[i].board[0] != '\0' && !validation->cases[i].measured;
    }
    return count;
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct validate_options *options = context;
    struct rk_validation validation;
    struct rk_progress progress;
    (void)argument, (void)count;
    rk_progress_init(&progress, "validating", options->quiet);
    const struct rk_validation_request request = {
        .jobs = rk_cli_jobs(options->jobs), .progress = rk_progress_update, .progress_context = &progress};
    enum rk_err err = rk_validation_run(&request, &validation, diag);
    rk_progress_fini(&progress);
    if (!err && options->csv != NULL) {
        err = rk_validation_write(&validation, options->csv, diag);
    }
    if (!err && options->json) {
        err = print_json(&validation, diag);
    } else if (!err) {
        print_table(&validation);
    }
    size_t failed = err ? 0 : failures(&validation);
    if (failed > 0) {
        err = rk_fail(diag, RK_ERR_CHECK, "%zu figures could not be reproduced; the table says why", failed);
    }
    rk_validation_fini(&validation);
    return err;
}

int rk_cli_validate(int argc, char **argv)
{
    struct validate_options options = {0};
    const struct rk_option table[] = {
        {"--csv", NULL, "FILE", "writes the cases to FILE as comma-separated values", RK_OPTION_TEXT, &options.csv},
        RK_OPTION_JOBS(&options.jobs),
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "validate",
        .arguments = "",
        .summary = "Published figures of real boards beside ours, the signed error of each, and a summary by core.\n"
                   "What is built for it, and what an error holds: bench/validation/README.md",
        .example = "rekeylab validate --csv errors.csv",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
