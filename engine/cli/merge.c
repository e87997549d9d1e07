/* engine/cli/merge.c - `rekeylab merge`: joins the results of shards */
#include <stdio.h>

#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "engine/study/json.h"
#include "engine/study/merge.h"
#include "engine/study/store.h"

struct merge_options {
    bool json, quiet;
};

static enum rk_err show(const char *database, struct rk_diag *diag)
{
    struct rk_store *store;
    enum rk_err err = rk_store_open(&store, database, diag);
    if (err == RK_OK) {
        err = rk_study_json(store, stdout, diag);
        rk_store_close(store);
    }
    return err;
}

/* A part that is missing is a finding: what is there is stored, and --resume computes the rest. */
static enum rk_err merge(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct merge_options *options = context;
    struct rk_merge_counts counts;
    enum rk_err err = rk_merge(argument[0], (const char *const *)argument + 1, count - 1, &counts, diag);
    if (err == RK_OK && options->json) {
        err = show(argument[0], diag);
    } else if (err == RK_OK) {
        printf("%s\n", argument[0]);
    }
    if (err == RK_OK && !options->quiet) {
        fprintf(stderr, "%u trials of %zu files\n", counts.trials, count - 1);
    }
    if (err == RK_OK && counts.missing > 0) {
        err = rk_fail(diag, RK_ERR_CHECK, "%s: %u trials of the study are missing; `run --resume` computes them",
                      argument[0], counts.missing);
    }
    return err;
}

int rk_cli_merge(int argc, char **argv)
{
    struct merge_options options = {.json = false};
    const struct rk_option table[] = {
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "merge",
        .arguments = "OUT.db IN.db...",
        .summary = "joins the results of `run --shard I/N`; with --json prints them as `run --json` does",
        .example = "rekeylab merge out/all.db out/part1/results.db out/part2/results.db",
        .arguments_min = 2,
        .arguments_max = 100000,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, merge, &options);
}
