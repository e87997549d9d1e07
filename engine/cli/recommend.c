/* engine/cli/recommend.c - `rekeylab recommend`: which policy to run, of those that meet the study's constraints */
#include <stdio.h>
#include <stdlib.h>

#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"
#include "engine/core/folder.h"
#include "engine/core/progress.h"
#include "engine/study/estimate.h"
#include "engine/study/recommend_show.h"
#include "engine/study/runner.h"

enum { PATH_bytes = 4096 };

struct recommend_options {
    struct rk_option_list set;
    const char *directory;
    unsigned long jobs;
    bool recorded, no_sensitivity, json, quiet;
};

struct recommend {
    const struct recommend_options *options;
    char database[PATH_bytes];
    bool lacking; /* a family without an answer */
};

static enum rk_err choose_database(struct recommend *recommend, const struct rk_study *study, struct rk_diag *diag)
{
    const char *given = recommend->options->directory;
    char directory[PATH_bytes];
    int used = given != NULL ? snprintf(directory, sizeof directory, "%s", given)
                             : snprintf(directory, sizeof directory, "out/%s", study->scenario.name);
    if (used >= (int)sizeof directory - 16 || !rk_folder_make(directory)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%.200s: cannot make this folder, expected one that can be written to (-o DIR)", directory);
    }
    snprintf(recommend->database, sizeof recommend->database, "%.*s/results.db", PATH_bytes - 16, directory);
    return RK_OK;
}

/* Trials that an earlier run left in the cache are not computed again. */
static enum rk_err run_study(const struct recommend *recommend, const struct rk_sweep *sweep,
                             const struct rk_cli_environment *environment, struct rk_diag *diag)
{
    struct rk_progress progress;
    struct rk_run_counts counts;
    rk_progress_init(&progress, sweep->study->scenario.name, environment->quiet);
    const struct rk_run_options how = {.database = recommend->database,
                                       .jobs = environment->jobs,
                                       .cached = true,
                                       .progress = rk_progress_update,
                                       .progress_context = &progress};
    enum rk_err err = rk_run(sweep, &environment->study, &how, &counts, diag);
    rk_progress_fini(&progress);
    if (err == RK_OK && !environment->quiet) {
        fprintf(stderr, "%u trials: %u computed, %u from the cache, %u kept of an earlier run\n", counts.trials,
                counts.computed, counts.from_cache, counts.resumed);
    }
    return err;
}

/* out: sensitivity of each family, on the heap. */
static enum rk_err find_sensitivity(const struct rk_recommendation *found, const struct rk_cli_environment *environment,
                                    struct rk_sensitivity *sensitivity, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (size_t f = 0; f < found->families && err == RK_OK; f++) {
        struct rk_progress progress;
        char label[48];
        if (found->family[f].recommended == NULL) {
            continue;
        }
        snprintf(label, sizeof label, "sensitivity %zu of %zu", f + 1, found->families);
        rk_progress_init(&progress, label, environment->quiet);
        const struct rk_sensitivity_options options = {
            .jobs = environment->jobs, .cached = true, .progress = rk_progress_update, .progress_context = &progress};
        err = rk_sensitivity_find(found, &found->family[f], &options, &sensitivity[f], diag);
        rk_progress_fini(&progress);
    }
    return err;
}

static enum rk_err show(struct recommend *recommend, const struct rk_recommendation *found,
                        const struct rk_cli_environment *environment, struct rk_diag *diag)
{
    const struct recommend_options *options = recommend->options;
    struct rk_sensitivity *sensitivity = options->no_sensitivity ? NULL : calloc(found->families, sizeof *sensitivity);
    enum rk_err err = sensitivity == NULL ? RK_OK : find_sensitivity(found, environment, sensitivity, diag);
    for (size_t f = 0; f < found->families; f++) {
        recommend->lacking = recommend->lacking || found->family[f].recommended == NULL;
    }
    if (err == RK_OK && options->json) {
        err = rk_cli_print_json(rk_recommend_json(found, sensitivity), diag);
    } else if (err == RK_OK) {
        rk_recommend_text(found, sensitivity, stdout);
    }
    free(sensitivity);
    return err;
}

static enum rk_err answer(void *context, const struct rk_sweep *sweep, const struct rk_cli_environment *environment,
                          struct rk_diag *diag)
{
    struct recommend *recommend = context;
    struct rk_recommendation found = {.families = 0};
    struct rk_store *store = NULL;
    enum rk_err err = run_study(recommend, sweep, environment, diag);
    if (err == RK_OK) {
        err = rk_store_open(&store, recommend->database, diag);
    }
    if (err == RK_OK) {
        err = rk_recommend(sweep, store, &found, diag);
        rk_store_close(store);
        err = err == RK_OK ? show(recommend, &found, environment, diag) : err;
        rk_recommend_fini(&found);
    }
    return err;
}

static enum rk_err body(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    static struct rk_study study;
    const struct recommend_options *options = context;
    struct recommend recommend = {.options = options};
    (void)count;
    const char *file;
    enum rk_err err = rk_cli_study(argument[0], &file, diag);
    err = err ? err : rk_study_load(&study, rk_cli_root(), file, options->set.item, options->set.count, diag);
    if (err == RK_OK) {
        err = rk_estimate_check_study(&study, rk_estimate_available_bytes(), diag);
    }
    if (err == RK_OK) {
        err = choose_database(&recommend, &study, diag);
    }
    if (err == RK_OK) {
        const struct rk_cli_environment like = {
            .jobs = rk_cli_jobs(options->jobs), .quiet = options->quiet, .recorded_first = options->recorded};
        err = rk_cli_sweep(&like, &study, answer, &recommend, diag);
    }
    rk_study_fini(&study);
    return err == RK_OK && recommend.lacking ? RK_ERR_CHECK : err;
}

int rk_cli_recommend(int argc, char **argv)
{
    struct recommend_options options = {.jobs = 0};
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "where results.db goes (default out/NAME)", RK_OPTION_TEXT, &options.directory},
        RK_OPTION_SET(&options.set),
        RK_OPTION_RECORDED(&options.recorded),
        {"--no-sensitivity", NULL, NULL, "does not ask which input would change the answer", RK_OPTION_FLAG,
         &options.no_sensitivity},
        RK_OPTION_JOBS(&options.jobs),
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "recommend",
        .arguments = "STUDY.yaml",
        .summary =
            "runs a study, its known trials apart, and says which policy to run: feasible ones, front, knee, why",
        .example =
            "rekeylab recommend scenarios/healthcare-wearable.yaml --set 'constraints.battery_life_d=at least 1 y'",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, body, &options);
}
