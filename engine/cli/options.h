/* engine/cli/options.h - command lines of the subcommands: one table parses them and prints their help
 *
 * Model: a subcommand describes itself (struct rk_command), lists its options and hands both to rk_command_run() with what
 *        it does. `--name value` and `--name=value` are the same, and so are `-n value` and `-nvalue`; `--` ends the
 *        options.
 * Error: one line on standard error that names the nearest option; exit status 2.
 */
#ifndef ENGINE_CLI_OPTIONS_H
#define ENGINE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "engine/cli/root.h"
#include "engine/core/err.h"

enum rk_option_type {
    RK_OPTION_FLAG,   /* value: bool *, set to true */
    RK_OPTION_TEXT,   /* value: const char **, the last one given wins */
    RK_OPTION_NEEDED, /* the same, and it must be given */
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

/* Rows of more than one command's table. */
/* clang-format off */
#define RK_OPTION_DEVICES(to)  {"--device", NULL, "LIST", "devices, comma-separated, or all", RK_OPTION_TEXT, to}
#define RK_OPTION_BACKENDS(to) {"--backend", NULL, "LIST", "backends, NAME or NAME@VERSION, or all", RK_OPTION_TEXT, to}
#define RK_OPTION_DEVICE(to)   {"--device", "-d", "NAME", "device or board", RK_OPTION_NEEDED, to}
#define RK_OPTION_BACKEND(to)  {"--backend", NULL, "NAME", "backend, NAME or NAME@VERSION", RK_OPTION_NEEDED, to}
#define RK_OPTION_SET(to)      {"--set", NULL, "KEY=VALUE", "another value for a key of the study", RK_OPTION_LIST, to}
#define RK_OPTION_RECORDED(to)                                                                                         \
    {"--recorded", NULL, NULL, "cost rows recorded in the tree will do: only what has none is measured", RK_OPTION_FLAG, to}
#define RK_OPTION_JOBS(to)     {"--jobs", "-j", "N", "threads (default: the cores)", RK_OPTION_NUMBER, to}
#define RK_OPTION_JSON(to)     {"--json", NULL, NULL, "one JSON document on standard output", RK_OPTION_FLAG, to}
#define RK_OPTION_QUIET(to)    {"--quiet", "-q", NULL, "no progress", RK_OPTION_FLAG, to}
/* clang-format on */

/* What a command does once its options have their values. in: the arguments that are no options. RK_ERR_CHECK with an
 * empty diag: a check found something, and what was printed says it. */
typedef enum rk_err rk_command_fn(void *options, char **argument, size_t count, struct rk_diag *diag);

/* Shows a command's table to `visit` instead of running it. in: run, of that name. */
typedef void rk_command_visitor(void *context, const struct rk_command *command);
void rk_command_visit(int (*run)(int argc, char **argv), const char *name, rk_command_visitor *visit, void *context);

/* The whole of a command. in: argv[0] is its name; options goes to body. out: the exit status. */
int rk_command_run(const struct rk_command *command, int argc, char **argv, rk_command_fn *body, void *options);

/* in: argv[0] is the subcommand. out: values filled, *rest the arguments that are no options, in order (an array inside
 * argv, which is reordered). Returns true to go on; false when the subcommand is over: *status is 0 after --help, 2
 * after a complaint. */
bool rk_options_parse(const struct rk_command *command, int argc, char **argv, char ***rest, size_t *rest_count,
                      int *status);

/* Prints diag's line, where there is one, on standard error, after `rekeylab: ` unless it begins with a place in a file.
 * out: the exit status. */
int rk_cli_fail(enum rk_err err, const struct rk_diag *diag);

/* Prints a document on standard output, and gives it back. errors: RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_cli_print_json(json_t *document, struct rk_diag *diag);

/* out: rows, on the heap, grown by `more`; *count. rows may be NULL. */
void *rk_cli_append(void *rows, size_t *count, const void *more, size_t more_count, size_t row_bytes);

/* out: --jobs as given, or the number of cores when it is 0. */
unsigned rk_cli_jobs(unsigned long given);

#endif
