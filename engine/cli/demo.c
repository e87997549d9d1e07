/* engine/cli/demo.c - `rekeylab demo`: the sample study from nothing to a report
 *
 * Exactly what `rekeylab run`, `rekeylab audit -o` and `rekeylab report` do one after the other; the report ends with its
 * path and the answer. That a requirement fails is a result, which the report shows.
 */
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/cli/cli.h"
#include "engine/cli/options.h"

enum { PATH_SIZE = 4096 };

/* What the steps before the report print goes to standard error, so that the document stands alone. out: standard output. */
static int divert_output(void)
{
    fflush(stdout);
    int out = dup(STDOUT_FILENO);
    RK_REQUIRE(out >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0);
    return out;
}

static void restore_output(int out)
{
    if (out >= 0) {
        fflush(stdout);
        RK_REQUIRE(dup2(out, STDOUT_FILENO) >= 0);
        close(out);
    }
}

int rk_cli_demo(int argc, char **argv)
{
    const char *directory = "out/demo";
    unsigned long jobs = 0;
    bool quiet = false, recorded = false, json = false;
    const struct rk_option options[] = {
        {"--output", "-o", "DIR", "where results.db and the report go (default out/demo)", RK_OPTION_TEXT, &directory},
        RK_OPTION_RECORDED(&recorded),
        RK_OPTION_JOBS(&jobs),
        RK_OPTION_JSON(&json),
        {"--quiet", "-q", NULL, "no progress, no table of all points", RK_OPTION_FLAG, &quiet},
    };
    const struct rk_command command = {
        .name = "demo",
        .arguments = "",
        .summary = "the sample study from nothing to a report",
        .example = "rekeylab demo -o out/first",
        .option = options,
        .options = sizeof options / sizeof options[0],
    };
    char **rest;
    size_t rest_count;
    int status = 0;
    if (!rk_options_parse(&command, argc, argv, &rest, &rest_count, &status)) {
        return status;
    }

    static char study[PATH_SIZE], results[PATH_SIZE], output[PATH_SIZE];
    if (snprintf(study, PATH_SIZE, "%s/scenarios/healthcare-wearable.yaml", rk_cli_root()) >= PATH_SIZE ||
        snprintf(results, PATH_SIZE, "%s/results.db", directory) >= PATH_SIZE ||
        snprintf(output, PATH_SIZE, "-o%s", directory) >= PATH_SIZE) {
        fprintf(stderr, "rekeylab: demo: -o %s: too long, expected less than %d bytes\n", directory, PATH_SIZE);
        return rk_err_exit_status(RK_ERR_INPUT);
    }
    char run_name[] = "run", audit_name[] = "audit", report_name[] = "report", jobs_option[32];
    snprintf(jobs_option, sizeof jobs_option, "--jobs=%u", rk_cli_jobs(jobs));
    char less_option[] = "--no-table", host_option[] = "--no-device", quiet_option[] = "--quiet";
    char recorded_option[] = "--recorded";
    char *run[8] = {run_name, study, output, jobs_option, less_option};
    int run_count = 5;
    if (quiet) {
        run[run_count++] = quiet_option;
    }
    if (recorded) {
        run[run_count++] = recorded_option;
    }
    char *audit[] = {audit_name, study, output, jobs_option, less_option, host_option, quiet ? quiet_option : NULL,
                     NULL};
    char json_option[] = "--json";
    char *report[] = {report_name, results, output, json ? json_option : NULL, NULL};
    const int out = json ? divert_output() : -1;
    status = rk_cli_run(run_count, run);
    if (status == 0) {
        status = rk_cli_audit(quiet ? 7 : 6, audit);
    }
    restore_output(out);
    return status == 0 || status == rk_err_exit_status(RK_ERR_CHECK) ? rk_cli_report(json ? 4 : 3, report) : status;
}
