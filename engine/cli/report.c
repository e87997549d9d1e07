/* engine/cli/report.c - `rekeylab report`: a report from stored results */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "reports/report.h"

/* The folder of a path: the default place for its report. */
static void folder_of(const char *path, char folder[512])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, 512, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

int rk_cli_report(int argc, char **argv)
{
    const char *directory = NULL, *format = "html";
    bool quiet = false;
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "where to write (default: beside the results)", RK_OPTION_TEXT, &directory},
        {"--format", NULL, "html", "html, with its figures as SVG and their data as TSV", RK_OPTION_TEXT, &format},
        {"--quiet", "-q", NULL, "no answer on standard output, only the path", RK_OPTION_FLAG, &quiet},
    };
    const struct rk_command command = {
        .name = "report",
        .arguments = "RESULTS.db",
        .summary = "Writes a report from stored results; ends with its path and the answer.",
        .example = "rekeylab report out/demo/results.db -o out/demo",
        .arguments_min = 1,
        .arguments_max = 1,
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
    if (strcmp(format, "html") != 0) {
        rk_fail(&diag, RK_ERR_INPUT, "--format `%s`, expected html", format);
        return rk_cli_fail(RK_ERR_INPUT, &diag);
    }
    char folder[512], page[512], line[1200];
    folder_of(rest[0], folder);
    snprintf(line, sizeof line, "rekeylab report %s -o %s", rest[0], directory ? directory : folder);
    struct rk_report_options options = {
        .root = rk_cli_root(),
        .database = rest[0],
        .directory = directory ? directory : folder,
        .command = line,
    };
    char *answer = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&answer, &bytes);
    RK_REQUIRE(memory != NULL);
    enum rk_err err = rk_report_write(&options, page, memory, &diag);
    fclose(memory);
    if (!err) {
        printf("%s\n%s", page, quiet ? "" : answer);
    }
    free(answer);
    return err ? rk_cli_fail(err, &diag) : 0;
}
