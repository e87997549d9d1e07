/* engine/cli/vectors.c - `rekeylab vectors`: Wycheproof files on an emulated device */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bench/vectors.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/progress.h"

enum { FILES_MAX = 512, FAILURES_SHOWN = 20 };

struct vectors_options {
    const char *device, *backend;
    unsigned long max, jobs;
    bool json, quiet, failed;
    json_t *documents;
};

static json_t *to_json(const char *path, const struct rk_vectors_result *result)
{
    json_t *failures = json_array();
    for (unsigned i = 0; i < result->failed; i++) {
        const struct rk_vectors_failure *failure = &result->failure[i];
        json_array_append_new(failures,
                              json_pack("{s:i, s:s, s:s, s:s}", "tcId", (int)failure->tc_id, "comment",
                                        failure->comment, "expected", failure->expected, "got", failure->got));
    }
    json_t *reasons = json_object();
    for (size_t i = 0; i < result->skips; i++) {
        json_object_set_new(reasons, result->skip[i].reason, json_integer(result->skip[i].count));
    }
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o}", "file", path, "algorithm", result->algorithm, "passed",
                     (int)result->passed, "failed", (int)result->failed, "skipped", (int)result->skipped, "acceptable",
                     (int)result->acceptable, "skip_reasons", reasons, "failures", failures);
}

static void print_text(const char *path, const struct rk_vectors_result *result)
{
    printf("%s (%s): %u passed", path, result->algorithm, result->passed);
    if (result->acceptable) {
        printf(" (%u of them may be either)", result->acceptable);
    }
    printf(", %u failed, %u skipped\n", result->failed, result->skipped);
    for (size_t i = 0; i < result->skips; i++) {
        printf("  skipped %5u  %s\n", result->skip[i].count, result->skip[i].reason);
    }
    for (unsigned i = 0; i < result->failed && i < FAILURES_SHOWN; i++) {
        const struct rk_vectors_failure *failure = &result->failure[i];
        printf("  FAILED case %u (%s): expected %s, got %s\n", failure->tc_id, failure->comment, failure->expected,
               failure->got);
    }
    if (result->failed > FAILURES_SHOWN) {
        printf("  and %u more: --json lists all\n", result->failed - FAILURES_SHOWN);
    }
}

/* Runs one file. out: its result printed, or added to the documents. */
static enum rk_err run_one(struct vectors_options *options, const char *path, struct rk_diag *diag)
{
    const char *name = strrchr(path, '/');
    struct rk_progress progress;
    struct rk_vectors_result result;
    rk_progress_init(&progress, name ? name + 1 : path, options->quiet);
    const struct rk_vectors_request request = {
        .device = options->device,
        .backend = options->backend,
        .path = path,
        .max = (unsigned)options->max,
        .jobs = rk_cli_jobs(options->jobs),
        .progress = rk_progress_update,
        .progress_context = &progress,
    };
    enum rk_err err = rk_vectors_run(&request, &result, diag);
    rk_progress_fini(&progress);
    if (err) {
        return err;
    }
    options->failed |= result.failed > 0;
    if (options->json) {
        json_array_append_new(options->documents, to_json(path, &result));
    } else {
        print_text(path, &result);
    }
    rk_vectors_result_free(&result);
    return RK_OK;
}

static enum rk_err run(void *context, char **path, size_t count, struct rk_diag *diag)
{
    struct vectors_options *options = context;
    enum rk_err err = rk_list_check_one(rk_cli_root(), options->device, options->backend, diag);
    options->documents = json_array();
    for (size_t i = 0; i < count && !err; i++) {
        err = run_one(options, path[i], diag);
    }
    if (!err && options->json) {
        json_t *first = json_array_get(options->documents, 0);
        err = rk_cli_print_json(json_incref(count == 1 ? first : options->documents), diag);
    }
    json_decref(options->documents);
    return !err && options->failed ? RK_ERR_CHECK : err;
}

int rk_cli_vectors(int argc, char **argv)
{
    struct vectors_options options = {0};
    const struct rk_option table[] = {
        RK_OPTION_DEVICE(&options.device),
        RK_OPTION_BACKEND(&options.backend),
        {"--max", NULL, "N", "cases that run, of each file (default: all)", RK_OPTION_NUMBER, &options.max},
        RK_OPTION_JOBS(&options.jobs),
        {"--json", NULL, NULL, "one JSON object, or an array of them for several files", RK_OPTION_FLAG, &options.json},
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "vectors",
        .arguments = "FILE.json...",
        .summary =
            "Runs Wycheproof files (testvectors_v1) on an emulated device. They are not in the tree: bring them.\n"
            "A valid case must pass, an invalid one be refused; exit status 1 when one fails.",
        .example = "rekeylab vectors aes_ccm_test.json --device cortex-m4 --backend mbedtls",
        .arguments_min = 1,
        .arguments_max = FILES_MAX,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
