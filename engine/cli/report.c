/* engine/cli/report.c - `rekeylab report`: a report from stored results */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "reports/report.h"

struct report_options {
    const char *directory, *format, *measured;
    bool json, quiet;
};

/* The folder of a path: the default place for its report. */
static void folder_of(const char *path, char folder[512])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, 512, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct report_options *options = context;
    char folder[512], page[512], line[1200];
    (void)count;
    folder_of(argument[0], folder);
    const char *directory = options->directory != NULL ? options->directory : folder;
    snprintf(line, sizeof line, "rekeylab report %s -o %s%s%s", argument[0], directory,
             options->measured != NULL ? " --measured " : "", options->measured != NULL ? options->measured : "");
    struct rk_report_options report = {.root = rk_cli_root(),
                                       .database = argument[0],
                                       .directory = directory,
                                       .command = line,
                                       .measured = options->measured,
                                       .formats = options->format};
    char *answer = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&answer, &bytes);
    RK_REQUIRE(memory != NULL);
    enum rk_err err = rk_report_write(&report, page, memory, diag);
    fclose(memory);
    if (!err && options->json) {
        err = rk_cli_print_json(json_pack("{s:s, s:s}", "report", page, "answer", answer), diag);
    } else if (!err) {
        printf("%s\n%s", page, options->quiet ? "" : answer);
    }
    free(answer);
    return err;
}

int rk_cli_report(int argc, char **argv)
{
    struct report_options options = {.format = "html"};
    const struct rk_option table[] = {
        {"--output", "-o", "DIR", "where to write (default: beside the results)", RK_OPTION_TEXT, &options.directory},
        {"--format", NULL, "LIST", "html, md, latex, csv (every table), svg, pdf (figures alone)", RK_OPTION_TEXT,
         &options.format},
        {"--measured", NULL, "DIR",
         "what other commands printed, for its figures (default: bench/measured): reports/README.md", RK_OPTION_TEXT,
         &options.measured},
        RK_OPTION_JSON(&options.json),
        {"--quiet", "-q", NULL, "no answer on standard output, only the path", RK_OPTION_FLAG, &options.quiet},
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
    return rk_command_run(&command, argc, argv, run, &options);
}
