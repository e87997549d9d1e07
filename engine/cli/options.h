/* engine/cli/options.h - command lines of the subcommands: one table parses them and prints their help
 *
 * Model: a subcommand describes itself (struct rk_command) and lists its options; rk_options_parse() fills their values
 *        and collects what is left. `--name value` and `--name=value` are the same; `--` ends the options.
 * Error: one line on standard error that names the nearest option; exit status 2.
 */
#ifndef ENGINE_CLI_OPTIONS_H
#define ENGINE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/err.h"

enum rk_option_type {
    RK_OPTION_FLAG,   /* value: bool *, set to true */
    RK_OPTION_TEXT,   /* value: const char **, the last one given wins */
    RK_OPTION_NUMBER, /* value: unsigned long *, decimal digits only */
    RK_OPTION_LIST,   /* value: struct rk_option_list *, may be given again and again */
};

enum { RK_OPTION_LIST_MAX = 64 };

struct rk_option_list {
    const char *item[RK_OPTION_LIST_MAX];
    size_t count;
};

struct rk_option {
    const char *name;     /* "--jobs" */
    const char *letter;   /* "-j", or NULL */
    const char *argument; /* "N" in the help; NULL for a flag */
    const char *help;
    enum rk_option_type type;
    void *value;
};

struct rk_command {
    const char *name;      /* "run" */
    const char *arguments; /* "STUDY.yaml", "" for none */
    const char *summary;   /* one line */
    const char *example;   /* a whole command line that works */
    size_t arguments_min, arguments_max;
    const struct rk_option *option;
    size_t options;
};

/* in: argv[0] is the subcommand. out: values filled, *rest the arguments that are no options, in order (an array inside
 * argv, which is reordered). Returns true to go on; false when the subcommand is over: *status is 0 after --help, 2
 * after a complaint. */
bool rk_options_parse(const struct rk_command *command, int argc, char **argv, char ***rest, size_t *rest_count,
                      int *status);

/* Prints diag's line on standard error, after `rekeylab: ` unless it begins with a place in a file.
 * out: the exit status. */
int rk_cli_fail(enum rk_err err, const struct rk_diag *diag);

/* out: --jobs as given, or the number of cores when it is 0. */
unsigned rk_cli_jobs(unsigned long given);

/* out: the source tree: REKEYLAB_ROOT of the environment, or the one this program was built from. */
const char *rk_cli_root(void);

#endif
