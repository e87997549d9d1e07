/* engine/cli/trace.c - `rekeylab trace`: the lifecycle trace of one trial, one event a line */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"

struct trace_options {
    struct rk_option_list set;
    const char *device;
    unsigned long point, replication;
    bool recorded, json, quiet;
};

/* Only the point that is asked for is resolved: its axes become plain values. */
static enum rk_err narrow(const char *path, const struct trace_options *options, struct rk_study *study,
                          struct rk_diag *diag)
{
    const char *file;
    enum rk_err err = rk_cli_study(path, &file, diag);
    err = err ? err : rk_study_load(study, rk_cli_root(), file, options->set.item, options->set.count, diag);
    if (err != RK_OK) {
        return err;
    }
    size_t points = rk_study_points(study);
    if (options->point >= points) {
        return rk_fail(diag, RK_ERR_INPUT, "--point %lu: no such point, expected 0 to %zu", options->point, points - 1);
    }
    struct rk_axes *axes = &study->scenario.axes;
    struct rk_axis_value value[RK_AXES_max];
    for (size_t i = 0; i < axes->count; i++) {
        snprintf(value[i].text, sizeof value[i].text, "%s", rk_study_axis_value(study, options->point, i));
    }
    for (size_t i = 0; i < axes->count; i++) {
        axes->axis[i].count = 1;
        axes->axis[i].values[0] = value[i];
    }
    return RK_OK;
}

static enum rk_err parse_device(const struct trace_options *options, const struct rk_trial *trial, int64_t *device,
                                struct rk_diag *diag)
{
    *device = -1;
    if (options->device == NULL) {
        return RK_OK;
    }
    unsigned number;
    char rest;
    if (sscanf(options->device, "%9u%c", &number, &rest) != 1 || number >= trial->devices) {
        return rk_fail(diag, RK_ERR_INPUT, "--device %s: no such device, expected 0 to %u", options->device,
                       trial->devices - 1);
    }
    *device = number;
    return RK_OK;
}

/* A line of rk_trace_print() as an object. */
static json_t *event_of(const char *line)
{
    char side[16], from[48], to[48], reason[64];
    double time_s;
    unsigned device, key;
    int read =
        sscanf(line, "%lf dev=%u %15s key=%u %47s -> %47s (%63[^)])", &time_s, &device, side, &key, from, to, reason);
    RK_REQUIRE(read == 7);
    return json_pack("{s:f, s:i, s:s, s:i, s:s, s:s, s:s}", "time_s", time_s, "device", (int)device, "side", side,
                     "key", (int)key, "from", from, "to", to, "reason", reason);
}

/* The trace as a document. in: its text. */
static enum rk_err print_json(const struct rk_point *point, const struct rk_trial_result *result, const char *text,
                              struct rk_diag *diag)
{
    char checksum[24];
    json_t *events = json_array();
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        json_array_append_new(events, event_of(line));
    }
    snprintf(checksum, sizeof checksum, "%016llx", (unsigned long long)result->trace_checksum);
    return rk_cli_print_json(json_pack("{s:s, s:I, s:s, s:o}", "point", point->label, "records",
                                       (json_int_t)result->trace_records, "trace_checksum", checksum, "events", events),
                             diag);
}

static enum rk_err print_trace(void *context, const struct rk_sweep *sweep,
                               const struct rk_cli_environment *environment, struct rk_diag *diag)
{
    const struct trace_options *options = context;
    const struct rk_point *point = &sweep->point[0];
    struct rk_trial trial = point->trial;
    struct rk_trial_result result;
    (void)environment;
    enum rk_err err = parse_device(options, &trial, &trial.trace_device, diag);
    if (err != RK_OK) {
        return err;
    }
    if (strcmp(point->status, "ok") != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s cannot run: %s", point->label, point->status);
    }
    trial.replication = (uint32_t)options->replication;
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = options->json ? open_memstream(&text, &bytes) : NULL;
    RK_REQUIRE(!options->json || memory != NULL);
    trial.trace = options->json ? memory : stdout;
    err = rk_trial_run(&trial, &result, diag);
    if (memory != NULL) {
        fclose(memory);
        err = err ? err : print_json(point, &result, text, diag);
        free(text);
    }
    if (err == RK_OK && !options->quiet) {
        fprintf(stderr, "%s: %llu records, checksum %016llx\n", point->label, (unsigned long long)result.trace_records,
                (unsigned long long)result.trace_checksum);
    }
    return err;
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    static struct rk_study study;
    struct trace_options *options = context;
    (void)count;
    if (options->replication > UINT32_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "--replication %lu, expected at most %u", options->replication, UINT32_MAX);
    }
    enum rk_err err = narrow(argument[0], options, &study, diag);
    if (err == RK_OK) {
        const struct rk_cli_environment environment = {
            .jobs = rk_cli_jobs(0), .quiet = options->quiet, .recorded_first = options->recorded};
        err = rk_cli_sweep(&environment, &study, print_trace, options, diag);
    }
    rk_study_fini(&study);
    return err;
}

int rk_cli_trace(int argc, char **argv)
{
    struct trace_options options = {.point = 0};
    const struct rk_option table[] = {
        {"--point", "-p", "P", "number of the point (default 0)", RK_OPTION_NUMBER, &options.point},
        {"--replication", "-r", "R", "number of the replication (default 0)", RK_OPTION_NUMBER, &options.replication},
        {"--device", NULL, "N", "only this device of the fleet", RK_OPTION_TEXT, &options.device},
        RK_OPTION_SET(&options.set),
        RK_OPTION_RECORDED(&options.recorded),
        RK_OPTION_JSON(&options.json),
        {"--quiet", "-q", NULL, "no progress, no checksum", RK_OPTION_FLAG, &options.quiet},
    };
    const struct rk_command command = {
        .name = "trace",
        .arguments = "STUDY.yaml",
        .summary = "prints the lifecycle trace of one trial, one event a line",
        .example = "rekeylab trace scenarios/smoke.yaml --point 3 --replication 0 --device 1",
        .arguments_min = 1,
        .arguments_max = 1,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
