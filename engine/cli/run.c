/* engine/cli/run.c - `rekeylab run`: measures what is missing, simulates, stores */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"
#include "engine/core/progress.h"
#include "engine/core/folder.h"
#include "engine/study/json.h"
#include "engine/study/runner.h"
#include "engine/study/store.h"

enum { PATH_bytes = 4096 };

struct run_options {
    const char *directory, *execution, *tier;
    struct rk_option_list set;
    unsigned long jobs;
    bool resume, fresh, json, quiet, no_table;
};

static const char *const tiers[] = {"auto", "reference", NULL};

static enum rk_err check_options(const struct run_options *options, struct rk_diag *diag)
{
    for (size_t i = 0; tiers[i] != NULL; i++) {
        if (strcmp(options->tier, tiers[i]) == 0) {
            return RK_OK;
        }
    }
    return rk_fail(diag, RK_ERR_INPUT, "--tier %s: no such tier, expected auto or reference", options->tier);
}

/* --execution E is --set execution=E, and comes last. */
static enum rk_err load_study(const char *path, const struct run_options *options, struct rk_study *study,
                              struct rk_diag *diag)
{
    const char *set[RK_OPTION_LIST_MAX + 1];
    char execution[64];
    size_t sets = options->set.count;
    memcpy(set, options->set.item, sets * sizeof set[0]);
    if (options->execution != NULL) {
        snprintf(execution, sizeof execution, "execution=%.40s", options->execution);
        set[sets++] = execution;
    }
    return rk_study_load(study, path, set, sets, diag);
}

static enum rk_err choose_database(const struct run_options *options, const struct rk_study *study,
                                   char path[PATH_bytes], struct rk_diag *diag)
{
    char directory[PATH_bytes];
    int used = options->directory != NULL ? snprintf(directory, sizeof directory, "%s", options->directory)
                                          : snprintf(directory, sizeof directory, "out/%s", study->scenario.name);
    if (used >= (int)sizeof directory || !rk_folder_make(directory)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%.200s: cannot make this folder, expected one that can be written to (-o DIR)", directory);
    }
    snprintf(path, PATH_bytes, "%.*s/results.db", PATH_bytes - 16, directory);
    return RK_OK;
}

static enum rk_err simulate(const struct run_options *options, const struct rk_study *study, const char *database,
                            struct rk_diag *diag)
{
    struct rk_cli_environment environment;
    struct rk_sweep sweep;
    rk_cli_environment_init(&environment, rk_cli_jobs(options->jobs), options->quiet);
    enum rk_err err = rk_sweep_make(&sweep, study, &environment.study, diag);
    if (err == RK_OK) {
        struct rk_progress progress;
        struct rk_run_counts counts;
        rk_progress_init(&progress, study->scenario.name, options->quiet);
        const struct rk_run_options run = {.database = database,
                                           .jobs = environment.jobs,
                                           .resume = options->resume,
                                           .cached = !options->fresh,
                                           .progress = rk_progress_update,
                                           .progress_context = &progress};
        err = rk_run(&sweep, &environment.study, &run, &counts, diag);
        rk_progress_fini(&progress);
        if (err == RK_OK && !options->quiet) {
            fprintf(stderr, "%u trials: %u computed, %u from the cache, %u kept of an earlier run\n", counts.trials,
                    counts.computed, counts.from_cache, counts.resumed);
        }
    }
    rk_sweep_fini(&sweep);
    rk_cli_environment_fini(&environment);
    return err;
}

static enum rk_err show(const struct run_options *options, const char *database, struct rk_diag *diag)
{
    struct rk_store *store;
    enum rk_err err = rk_store_open(&store, database, diag);
    if (err != RK_OK) {
        return err;
    }
    if (options->json) {
        err = rk_study_json(store, stdout, diag);
    } else if (!options->quiet && !options->no_table) {
        err = rk_study_table(store, stdout, diag);
    }
    rk_store_close(store);
    if (err == RK_OK && !options->json) {
        printf("%s\n", database);
    }
    return err;
}

static void warn(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "rekeylab: warning: %s\n", line);
}

int rk_cli_run(int argc, char **argv)
{
    struct run_options options = {.tier = "auto"};
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "where results.db goes (default out/NAME)", RK_OPTION_TEXT, &options.directory},
        {"--set", NULL, "KEY=VALUE", "another value for a key of the study", RK_OPTION_LIST, &options.set},
        {"--execution", NULL, "E", "modelled, native or emulated", RK_OPTION_TEXT, &options.execution},
        {"--tier", NULL, "T", "engine: auto or reference", RK_OPTION_TEXT, &options.tier},
        {"--resume", NULL, NULL, "go on with a run that was interrupted", RK_OPTION_FLAG, &options.resume},
        {"--fresh", NULL, NULL, "compute trials even when their results are known", RK_OPTION_FLAG, &options.fresh},
        {"--jobs", "-j", "N", "threads (default: the cores)", RK_OPTION_NUMBER, &options.jobs},
        {"--json", NULL, NULL, "one JSON document on standard output", RK_OPTION_FLAG, &options.json},
        {"--quiet", "-q", NULL, "no progress, no table", RK_OPTION_FLAG, &options.quiet},
        {"--no-table", NULL, NULL, "no table of the points on standard output", RK_OPTION_FLAG, &options.no_table},
    };
    const struct rk_command command = {
        .name = "run",
        .arguments = "STUDY.yaml",
        .summary = "runs a study: measures what is missing, simulates, stores",
        .example = "rekeylab run scenarios/smoke.yaml --set 'policy.renew=1 d' -o out/first",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    char **rest;
    size_t rest_count;
    int status = 0;
    if (!rk_options_parse(&command, argc, argv, &rest, &rest_count, &status)) {
        return status;
    }

    static struct rk_study study;
    struct rk_diag diag = {""};
    char database[PATH_bytes];
    enum rk_err err = check_options(&options, &diag);
    if (err != RK_OK) {
        return rk_cli_fail(err, &diag);
    }
    err = load_study(rest[0], &options, &study, &diag);
    if (err == RK_OK) {
        rk_study_warnings(&study, warn, NULL);
        err = choose_database(&options, &study, database, &diag);
    }
    if (err == RK_OK) {
        err = simulate(&options, &study, database, &diag);
    }
    if (err == RK_OK) {
        err = show(&options, database, &diag);
    }
    rk_study_fini(&study);
    return err == RK_OK ? 0 : rk_cli_fail(err, &diag);
}
