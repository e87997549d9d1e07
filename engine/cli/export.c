/* engine/cli/export.c - `rekeylab export`: stored results as rows for other tools */
#include <stdio.h>
#include <string.h>

#include "bench/compare/gate.h"
#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"
#include "engine/model/trial.h"
#include "engine/study/export.h"

struct export
{
    const char *format, *table, *metrics;
    bool bigger, json;
    bool taken[RK_METRIC_COUNT];
};

/* Of github, one file is of metrics of which less is better, or more. */
static bool takes(void *context, const char *metric)
{
    const struct export *options = context;
    enum rk_better wanted = options->bigger ? RK_BETTER_HIGH : RK_BETTER_LOW;
    bool any_way = strcmp(options->format, "github") != 0;
    for (unsigned i = 0; i < RK_METRIC_COUNT; i++) {
        if (strcmp(metric, rk_metric_info[i].name) == 0) {
            return options->taken[i] && (any_way || rk_gate_better(metric) == wanted);
        }
    }
    return false;
}

/* out: the place of a name in a list that NULL ends. */
static enum rk_err find(const char *what, const char *name, const char *const *names, unsigned *place,
                        struct rk_diag *diag)
{
    for (*place = 0; names[*place] != NULL; (*place)++) {
        if (strcmp(name, names[*place]) == 0) {
            return RK_OK;
        }
    }
    return rk_unknown_name(what, name, names, diag);
}

static enum rk_err choose_metrics(struct export *options, struct rk_diag *diag)
{
    const char *names[RK_METRIC_COUNT + 1] = {NULL};
    for (unsigned i = 0; i < RK_METRIC_COUNT; i++) {
        names[i] = rk_metric_info[i].name;
        options->taken[i] = options->metrics == NULL;
    }
    enum rk_err err = RK_OK;
    for (const char *at = options->metrics; at != NULL && err == RK_OK;) {
        char name[64];
        unsigned place = 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        err = find("metric", name, names, &place, diag);
        if (err == RK_OK) {
            options->taken[place] = true;
        }
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    return err;
}

static enum rk_err export(void *context, char **argument, size_t count, struct rk_diag *diag) {
    struct export *options = context; struct rk_store * store; unsigned format, table; (void)count;
    options->format = options->json ? "json" : options->format;
    enum rk_err err = find("format", options->format, rk_export_formats, &format, diag);
    err = err ? err : find("table", options->table, rk_export_tables, &table, diag);
    err = err ? err : choose_metrics(options, diag); err = err ? err : rk_store_open(&store, argument[0], diag);
    if (err != RK_OK){return err;}
const struct rk_export what = {
    .format = (enum rk_export_format)format, .table = rk_export_tables[table], .takes = takes, .context = options};
err = rk_export(store, &what, stdout, diag);
rk_store_close(store);
return err;
}

int rk_cli_export(int argc, char **argv)
{
    struct export options = {.format = "jsonl", .table = "summary"};
    const struct rk_option table[] = {
        {"--format", NULL, "NAME",
         "jsonl, json, csv: the rows of a table; bmf: Bencher Metric Format; github: customSmallerIsBetter of "
         "github-action-benchmark",
         RK_OPTION_TEXT, &options.format},
        {"--table", NULL, "NAME",
         "of jsonl, json and csv: summary, trial, cost, point, ranking, comparison, axis, requirement or provenance",
         RK_OPTION_TEXT, &options.table},
        {"--metric", NULL, "LIST", "of bmf and github: metrics, comma-separated (default: all)", RK_OPTION_TEXT,
         &options.metrics},
        {"--bigger", NULL, NULL, "of github: the metrics of which more is better, for customBiggerIsBetter",
         RK_OPTION_FLAG, &options.bigger},
        RK_OPTION_JSON(&options.json),
    };
    const struct rk_command command = {
        .name = "export",
        .arguments = "RESULTS.db",
        .summary = "Stored results as rows for other tools, on standard output.",
        .example = "rekeylab export out/demo/results.db --format bmf --metric battery_life_d,energy_J_per_d",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, export, &options);
}
