/* engine/cli/run.c - `rekeylab run`: measures what is missing, simulates, stores */
#include <stdio.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"
#include "engine/core/folder.h"
#include "engine/core/progress.h"
#include "engine/study/estimate.h"
#include "engine/study/json.h"
#include "engine/study/runner.h"
#include "engine/study/store.h"
#include "engine/study/tiers.h"

enum { PATH_bytes = 4096 };

struct run_options {
    const char *directory, *execution, *tier, *shard;
    struct rk_option_list set;
    unsigned long jobs;
    bool lifetime, spread, resume, fresh, recorded, json, quiet, no_table;
};

/* What the options amount to. */
struct run {
    const struct run_options *options;
    struct rk_study *study;
    struct rk_shard shard;
    const struct rk_ranks *ranks;
    char database[PATH_bytes];
};

/* "I/N". Arrays of jobs count from 0 or from 1: 0/N and N/N are the same shard. */
static enum rk_err parse_shard(const char *text, struct rk_shard *shard, struct rk_diag *diag)
{
    int read = 0;
    bool whole = text[strspn(text, "0123456789/")] == '\0' &&
                 sscanf(text, "%7u/%7u%n", &shard->index, &shard->count, &read) == 2 && text[read] == '\0';
    if (!whole || shard->count == 0 || shard->index > shard->count) {
        return rk_fail(diag, RK_ERR_INPUT, "--shard %.40s: no part of a whole, expected I/N, I from 1 to N or from 0",
                       text);
    }
    return RK_OK;
}

static enum rk_err check_options(const struct run_options *options, struct run *run, struct rk_diag *diag)
{
    const char *names[RK_TIER_COUNT + 1] = {NULL};
    bool known = options->tier == NULL;
    for (unsigned i = 0; i < RK_TIER_COUNT; i++) {
        names[i] = rk_tier_name(i);
        known = known || strcmp(options->tier, names[i]) == 0;
    }
    if (!known) {
        return rk_unknown_name("tier", options->tier, names, diag);
    }
    return options->shard != NULL ? parse_shard(options->shard, &run->shard, diag) : RK_OK;
}

/* --execution E is --set execution=E, --lifetime is --set engine.lifetime=true, and both come last. A tier is no part of
 * what is stored: results do not depend on it. */
static enum rk_err load_study(const char *path, const struct run_options *options, struct rk_study *study,
                              struct rk_diag *diag)
{
    const char *set[RK_OPTION_LIST_MAX + 2];
    char execution[64];
    size_t sets = options->set.count;
    memcpy(set, options->set.item, sets * sizeof set[0]);
    if (options->execution != NULL) {
        snprintf(execution, sizeof execution, "execution=%.40s", options->execution);
        set[sets++] = execution;
    }
    if (options->lifetime) {
        set[sets++] = "engine.lifetime=true";
    }
    const char *file;
    enum rk_err err = rk_cli_study(path, &file, diag);
    err = err ? err : rk_study_load(study, rk_cli_root(), file, set, sets, diag);
    if (err == RK_OK && options->tier != NULL) {
        err = rk_fields_set_at(rk_scenario_fields, "engine.tier", options->tier, (struct rk_mark){"--tier", 0, 0},
                               &study->scenario, diag);
    }
    return err;
}

static enum rk_err choose_database(struct run *run, struct rk_diag *diag)
{
    const char *given = run->options->directory;
    char directory[PATH_bytes];
    int used = given != NULL ? snprintf(directory, sizeof directory, "%s", given)
                             : snprintf(directory, sizeof directory, "out/%s", run->study->scenario.name);
    if (used >= (int)sizeof directory || !rk_folder_make(directory)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%.200s: cannot make this folder, expected one that can be written to (-o DIR)", directory);
    }
    snprintf(run->database, sizeof run->database, "%.*s/results.db", PATH_bytes - 16, directory);
    return RK_OK;
}

static void say_tiers(const struct rk_sweep_tiers *tiers)
{
    for (size_t i = 0; i < tiers->count; i++) {
        const struct rk_tier_choice *choice = &tiers->answer[i].choice;
        fprintf(stderr, "engine: %s: %s", rk_tier_name(choice->tier), choice->why);
        if (tiers->count > 1) {
            fprintf(stderr, " (%zu points)", tiers->answer[i].points);
        }
        fputc('\n', stderr);
    }
}

/* A trial that cannot be spread would be computed by one process, which is not what was asked for. */
static enum rk_err check_spread(const struct run *run, const struct rk_sweep *sweep, struct rk_diag *diag)
{
    for (size_t i = 0; i < sweep->points && run->options->spread; i++) {
        const struct rk_point *point = &sweep->point[i];
        if (strcmp(point->status, "ok") == 0 && !rk_trial_splits(&point->trial)) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "--spread: %s: cannot be spread, expected tier timelines, no emulation, no lifetime mode",
                           point->label);
        }
        if (run->ranks != NULL && point->trial.devices < run->ranks->size) {
            return rk_fail(diag, RK_ERR_INPUT, "--spread: %s: %u devices, expected at least one a process (%u)",
                           point->label, point->trial.devices, run->ranks->size);
        }
    }
    return RK_OK;
}

static enum rk_err run_sweep(const struct run *run, const struct rk_sweep *sweep,
                             const struct rk_cli_environment *environment, struct rk_diag *diag)
{
    const struct run_options *options = run->options;
    struct rk_sweep_tiers tiers;
    struct rk_progress progress;
    struct rk_run_counts counts;
    enum rk_err err = rk_sweep_tiers(sweep, &tiers, diag);
    if (err == RK_OK) {
        err = check_spread(run, sweep, diag);
    }
    err = rk_ranks_share_err(run->ranks, err);
    if (err != RK_OK) {
        return err;
    }
    if (!options->quiet) {
        say_tiers(&tiers);
    }
    rk_progress_init(&progress, run->study->scenario.name, options->quiet);
    const struct rk_run_options how = {.database = run->database,
                                       .jobs = run->ranks != NULL ? 1 : environment->jobs,
                                       .resume = options->resume,
                                       .shard = run->shard,
                                       .ranks = run->ranks,
                                       .spread = options->spread,
                                       .cached = !options->fresh,
                                       .progress = rk_progress_update,
                                       .progress_context = &progress};
    err = rk_run(sweep, &environment->study, &how, &counts, diag);
    rk_progress_fini(&progress);
    if (err == RK_OK && !options->quiet) {
        fprintf(stderr, "%u trials: %u computed, %u from the cache, %u kept of an earlier run\n", counts.trials,
                counts.computed, counts.from_cache, counts.resumed);
    }
    return err;
}

static enum rk_err simulate(const struct run *run, struct rk_diag *diag)
{
    struct rk_cli_environment environment;
    struct rk_sweep sweep;
    rk_cli_environment_init(&environment, rk_cli_jobs(run->options->jobs), run->options->quiet);
    environment.recorded_first = run->options->recorded;
    enum rk_err err = rk_sweep_make(&sweep, run->study, &environment.study, diag);
    err = err == RK_OK ? run_sweep(run, &sweep, &environment, diag) : rk_ranks_share_err(run->ranks, err);
    rk_sweep_fini(&sweep);
    rk_cli_environment_fini(&environment);
    return err;
}

static void warn(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "rekeylab: warning: %s\n", line);
}

static enum rk_err show(const struct run *run, struct rk_diag *diag)
{
    struct rk_store *store;
    const struct run_options *options = run->options;
    enum rk_err err = rk_store_open(&store, run->database, diag);
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
        printf("%s\n", run->database);
    }
    return err;
}

/* Rank 0, or the only process. */
static enum rk_err lead(struct run *run, const char *path, struct rk_diag *diag)
{
    enum rk_err err = load_study(path, run->options, run->study, diag);
    if (err == RK_OK) {
        err = rk_estimate_check_study(run->study, rk_estimate_available_bytes(), diag);
    }
    if (err == RK_OK) {
        rk_study_warnings(run->study, warn, NULL);
        err = choose_database(run, diag);
    }
    if (err != RK_OK) {
        return rk_ranks_share_err(run->ranks, err);
    }
    err = simulate(run, diag);
    return err == RK_OK ? show(run, diag) : err;
}

/* The other ranks come when rank 0 has measured what was missing, and say nothing: rank 0 does. */
static void assist(const struct run *run, const char *path)
{
    struct rk_cli_environment environment;
    struct rk_sweep sweep = {.points = 0};
    struct rk_diag why = {""};
    if (rk_ranks_share_err(run->ranks, RK_OK) != RK_OK) {
        return;
    }
    rk_cli_environment_init(&environment, 1, true);
    environment.recorded_first = run->options->recorded;
    enum rk_err err = load_study(path, run->options, run->study, &why);
    if (err == RK_OK) {
        err = rk_sweep_make(&sweep, run->study, &environment.study, &why);
    }
    const struct rk_run_options how = {.shard = run->shard, .ranks = run->ranks};
    rk_run_assist(&sweep, &environment.study, &how, err, &why);
    rk_sweep_fini(&sweep);
    rk_cli_environment_fini(&environment);
}

static enum rk_err body(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    static struct rk_study study;
    struct run run = {.options = context, .study = &study};
    (void)count;
    enum rk_err err = check_options(run.options, &run, diag);
    if (err == RK_OK) {
        err = rk_ranks_open(&run.ranks, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    if (run.ranks != NULL && run.ranks->rank != 0) {
        assist(&run, argument[0]);
    } else {
        err = lead(&run, argument[0], diag);
    }
    rk_study_fini(&study);
    rk_ranks_close(run.ranks);
    return err;
}

int rk_cli_run(int argc, char **argv)
{
    struct run_options options = {.tier = NULL};
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "where results.db goes (default out/NAME)", RK_OPTION_TEXT, &options.directory},
        RK_OPTION_SET(&options.set),
        {"--execution", NULL, "E", "modelled, native or emulated", RK_OPTION_TEXT, &options.execution},
        {"--tier", NULL, "T", "engine: auto, reference, timelines, cells or queue", RK_OPTION_TEXT, &options.tier},
        {"--lifetime", NULL, NULL, "traffic between lifecycle events in closed form", RK_OPTION_FLAG,
         &options.lifetime},
        {"--resume", NULL, NULL, "go on with a run that was interrupted", RK_OPTION_FLAG, &options.resume},
        {"--shard", NULL, "I/N", "only part I of N of the trials, for `rekeylab merge`", RK_OPTION_TEXT,
         &options.shard},
        {"--spread", NULL, NULL, "under mpirun: all processes compute each trial together, for huge fleets",
         RK_OPTION_FLAG, &options.spread},
        {"--fresh", NULL, NULL, "compute trials even when their results are known", RK_OPTION_FLAG, &options.fresh},
        RK_OPTION_RECORDED(&options.recorded),
        RK_OPTION_JOBS(&options.jobs),
        RK_OPTION_JSON(&options.json),
        {"--quiet", "-q", NULL, "no progress, no table", RK_OPTION_FLAG, &options.quiet},
        {"--no-table", NULL, NULL, "no table of the points on standard output", RK_OPTION_FLAG, &options.no_table},
    };
    const struct rk_command command = {
        .name = "run",
        .arguments = "STUDY.yaml",
        .summary =
            "runs a study: measures what is missing, simulates, stores; under mpirun the processes share the trials",
        .example = "rekeylab run scenarios/smoke.yaml --set 'policy.renew=1 d' -o out/first",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, body, &options);
}
