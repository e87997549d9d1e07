/* engine/cli/audit.c - `rekeylab audit`: the paper's 28 requirements on a study, each with its evidence */
#include <stdio.h>
#include <unistd.h>

#include "bench/audit/audit.h"
#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"
#include "engine/core/progress.h"
#include "engine/study/store.h"

enum { PATH_bytes = 4096 };

struct audit_options {
    struct rk_option_list set;
    unsigned long jobs;
    const char *directory;
    bool json, quiet, no_table, no_device;
};

struct audit {
    struct rk_audit found;
    bool device;
};

static enum rk_err judge(void *context, const struct rk_sweep *sweep, const struct rk_cli_environment *environment,
                         struct rk_diag *diag)
{
    struct audit *audit = context;
    struct rk_progress progress;
    rk_progress_init(&progress, "audit", environment->quiet);
    const struct rk_audit_options options = {.jobs = environment->jobs,
                                             .device = audit->device,
                                             .progress = rk_progress_update,
                                             .progress_context = &progress};
    enum rk_err err = rk_audit_sweep(sweep, &environment->study, &options, &audit->found, diag);
    rk_progress_fini(&progress);
    return err;
}

static enum rk_err store_rows(struct rk_store *store, const struct rk_audit *audit, struct rk_diag *diag)
{
    enum rk_err err = rk_store_begin(store, diag);
    if (err == RK_OK) {
        err = rk_store_clear_requirements(store, diag);
    }
    for (unsigned i = 0; err == RK_OK && i < RK_REQUIREMENTS; i++) {
        const struct rk_requirement *about = &rk_requirement[i];
        const struct rk_audit_row *row = &audit->row[i];
        const struct rk_store_requirement stored = {
            .number = i + 1,
            .observations = row->observations,
            .requirement = about->id,
            .title = about->title,
            .verdict = rk_verdict_name(row->verdict),
            .evidence = row->evidence,
            .counter_example = row->counter_example[0] != '\0' ? row->counter_example : NULL,
            .clause = about->clause,
            .explanation = about->explanation,
        };
        err = rk_store_put_requirement(store, &stored, diag);
    }
    return err == RK_OK ? rk_store_commit(store, diag) : err;
}

/* Adds the verdicts to the results of a run. */
static enum rk_err store_audit(const char *directory, const struct rk_audit *audit, struct rk_diag *diag)
{
    char path[PATH_bytes];
    struct rk_store *store;
    if (snprintf(path, sizeof path, "%s/results.db", directory) >= (int)sizeof path) {
        return rk_fail(diag, RK_ERR_INPUT, "-o %.200s: too long, expected less than %d bytes", directory, PATH_bytes);
    }
    if (access(path, F_OK) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%.300s: no such results, expected those of `rekeylab run -o DIR`", path);
    }
    enum rk_err err = rk_store_create(&store, path, true, diag);
    if (err != RK_OK) {
        return err;
    }
    err = store_rows(store, audit, diag);
    if (err != RK_OK) {
        rk_store_close(store);
        return err;
    }
    return rk_store_finish(store, diag);
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    static struct rk_study study;
    static struct audit audit;
    const struct audit_options *options = context;
    (void)count;
    const char *file;
    enum rk_err err = rk_cli_study(argument[0], &file, diag);
    err = err ? err : rk_study_load(&study, rk_cli_root(), file, options->set.item, options->set.count, diag);
    if (err == RK_OK) {
        const struct rk_cli_environment environment = {
            .jobs = rk_cli_jobs(options->jobs), .quiet = options->quiet, .recorded_first = true};
        audit.device = !options->no_device;
        err = rk_cli_sweep(&environment, &study, judge, &audit, diag);
    }
    rk_study_fini(&study);
    if (err == RK_OK && options->directory != NULL) {
        err = store_audit(options->directory, &audit.found, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    if (options->json) {
        rk_audit_json(&audit.found, stdout);
    } else if (!options->no_table) {
        rk_audit_text(&audit.found, stdout);
    }
    return rk_audit_failed(&audit.found) ? RK_ERR_CHECK : RK_OK;
}

int rk_cli_audit(int argc, char **argv)
{
    struct audit_options options = {.jobs = 0};
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "adds the verdicts to DIR/results.db, for its report", RK_OPTION_TEXT,
         &options.directory},
        RK_OPTION_SET(&options.set),
        RK_OPTION_JOBS(&options.jobs),
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
        {"--no-device", NULL, NULL, "runs on the host alone: the device's own memory is not looked into",
         RK_OPTION_FLAG, &options.no_device},
        {"--no-table", NULL, NULL, "no verdicts on standard output", RK_OPTION_FLAG, &options.no_table},
    };
    const struct rk_command command = {
        .name = "audit",
        .arguments = "STUDY.yaml",
        .summary = "judges a study by the paper's requirements R1 to R28, with evidence from real runs",
        .example = "rekeylab audit scenarios/healthcare-wearable.yaml --set policy.mechanism=ecdh",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
