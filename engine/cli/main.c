/* engine/cli/main.c - the `rekeylab` command: finds the subcommand and hands over
 *
 * Each subcommand is one file with `int rk_cli_<name>(int argc, char **argv)`; argv[0] is its name. It returns the exit
 * status.
 */
#include <stdio.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"

const struct rk_cli_command rk_cli_commands[] = {
    {"demo", rk_cli_demo, "the sample study from nothing to a report"},
    {"doctor", rk_cli_doctor, "what is installed and what it enables"},
    {"describe", rk_cli_describe, "fields of devices, scenarios, operations, ..."},
    {"bench", rk_cli_bench, "measure cost rows on emulated devices"},
    {"call", rk_cli_call, "one operation on an emulated device with your inputs"},
    {"vectors", rk_cli_vectors, "Wycheproof files on an emulated device"},
    {"leak", rk_cli_leak, "does the cycle count depend on the secret?"},
    {"zeroise", rk_cli_zeroise, "which secrets are left in memory?"},
    {"powercut", rk_cli_powercut, "cuts power during lifecycle transitions, reboots, judges"},
    {"handshake", rk_cli_handshake, "real TLS and DTLS handshakes: bytes, calls, cycles"},
    {"run", rk_cli_run, "run a study: measure what is missing, simulate, store"},
    {"merge", rk_cli_merge, "join the results of a study's shards"},
    {"recommend", rk_cli_recommend, "which policy meets the constraints, and why"},
    {"audit", rk_cli_audit, "requirements R1-R28 on a study, each with its evidence"},
    {"compare", rk_cli_compare, "regression gate over two measurements"},
    {"export", rk_cli_export, "stored results as rows for other tools"},
    {"trace", rk_cli_trace, "the lifecycle trace of one trial"},
    {"measure", rk_cli_measure, "what the marked regions of any program cost on a device"},
    {"speed", rk_cli_speed, "the engine's own benchmark, beside its peers"},
    {"validate", rk_cli_validate, "published figures of real boards beside ours"},
    {"report", rk_cli_report, "report from stored results"},
    {"completion", rk_cli_completion, "completion of command lines for bash, zsh and fish"},
    {NULL, NULL, NULL},
};

enum { COMMAND_COUNT = sizeof rk_cli_commands / sizeof rk_cli_commands[0] - 1 };

static void usage(FILE *out)
{
    fprintf(out, "usage: rekeylab COMMAND [OPTIONS]   (rekeylab COMMAND --help tells more)\n\n");
    fprintf(out, "  %-10s %s\n", "test", "the whole test suite, through the launcher ./rekeylab");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", rk_cli_commands[i].name, rk_cli_commands[i].help);
    }
    fprintf(out,
            "\nexit status: 0 fine, 1 a check found something, 2 bad usage or input, 3 something needed is missing\n");
}

static int complain_unknown(const char *name)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    struct rk_diag diag;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        names[i] = rk_cli_commands[i].name;
    }
    return rk_cli_fail(rk_unknown_name("command", name, names, &diag), &diag);
}

int main(int argc, char **argv)
{
    rk_cli_root_find();
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("rekeylab %s\n", REKEYLAB_VERSION);
        return 0;
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], rk_cli_commands[i].name) == 0) {
            return rk_cli_commands[i].run(argc - 1, argv + 1);
        }
    }
    return complain_unknown(argv[1]);
}
