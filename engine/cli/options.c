#include "engine/cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/fields.h"

enum { NAMES_MAX = 40 };

static void print_usage(const struct rk_command *command, FILE *out)
{
    fprintf(out, "usage: rekeylab %s%s%s [OPTIONS]\n", command->name, command->arguments[0] == '\0' ? "" : " ",
            command->arguments);
}

static void print_help(const struct rk_command *command)
{
    print_usage(command, stdout);
    printf("\n%s\n\n", command->summary);
    for (size_t i = 0; i < command->options; i++) {
        const struct rk_option *option = &command->option[i];
        char left[80];
        snprintf(left, sizeof left, "%s%s%s%s%s", option->letter != NULL ? option->letter : "",
                 option->letter != NULL ? ", " : "", option->name, option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        printf("  %-30s %s%s\n", left, option->help, option->type == RK_OPTION_LIST ? " (again and again)" : "");
    }
    printf("  %-30s %s\n\nexample:\n  %s\n", "--help", "this text", command->example);
}

static int complain_unknown(const struct rk_command *command, const char *argument, size_t length)
{
    const char *names[NAMES_MAX + 1] = {"--help"};
    size_t count = 1;
    for (size_t i = 0; i < command->options && count < NAMES_MAX; i++) {
        names[count++] = command->option[i].name;
    }
    char given[64];
    snprintf(given, sizeof given, "%.*s", (int)length, argument);
    const char *nearest = rk_nearest_name(given, names);
    fprintf(stderr, "rekeylab %s: unknown option '%s', expected ", command->name, given);
    if (nearest != NULL) {
        fprintf(stderr, "'%s'\n", nearest);
    } else {
        fprintf(stderr, "one of");
        for (size_t i = 0; i < count; i++) {
            fprintf(stderr, " %s", names[i]);
        }
        putc('\n', stderr);
    }
    return 2;
}

/* in: argument, "--name", "--name=value", "-n" or "-nvalue". out: *value, what is attached to the option, or NULL. A long
 * name behind a single dash is a mistake, no letter with a value. */
static const struct rk_option *find_option(const struct rk_command *command, const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");
    const struct rk_option *lettered = NULL;
    for (size_t i = 0; i < command->options; i++) {
        const struct rk_option *option = &command->option[i];
        if (strlen(option->name) == length && strncmp(option->name, argument, length) == 0) {
            *value = argument[length] == '=' ? argument + length + 1 : NULL;
            return option;
        }
        if (strcmp(option->name + 1, argument) == 0) {
            return NULL;
        }
        if (option->letter != NULL && strncmp(option->letter, argument, 2) == 0) {
            lettered = option;
        }
    }
    *value = lettered != NULL && argument[2] != '\0' ? argument + 2 : NULL;
    return lettered;
}

static bool parse_number(const char *text, unsigned long *value)
{
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *value = strtoul(text, NULL, 10);
    return errno == 0;
}

/* out: 0, or the exit status after a complaint. */
static int store_value(const struct rk_command *command, const struct rk_option *option, const char *value)
{
    switch (option->type) {
    case RK_OPTION_FLAG:
        *(bool *)option->value = true;
        return 0;
    case RK_OPTION_TEXT:
    case RK_OPTION_NEEDED:
        *(const char **)option->value = value;
        return 0;
    case RK_OPTION_NUMBER:
        if (!parse_number(value, option->value)) {
            fprintf(stderr, "rekeylab %s: %s: '%s', expected a whole number\n", command->name, option->name, value);
            return 2;
        }
        return 0;
    case RK_OPTION_LIST:
        break;
    }
    struct rk_option_list *list = option->value;
    if (list->count == RK_OPTION_LIST_MAX) {
        fprintf(stderr, "rekeylab %s: %s: too many, expected at most %d\n", command->name, option->name,
                RK_OPTION_LIST_MAX);
        return 2;
    }
    list->item[list->count++] = value;
    return 0;
}

/* Takes the option at argv[*at] and its value. out: 0, or the exit status after a complaint. */
static int take_option(const struct rk_command *command, int argc, char **argv, int *at)
{
    const char *argument = argv[*at];
    const char *value = NULL;
    const struct rk_option *option = find_option(command, argument, &value);
    if (option == NULL) {
        return complain_unknown(command, argument, strcspn(argument, "="));
    }
    if (option->type == RK_OPTION_FLAG && value != NULL) {
        fprintf(stderr, "rekeylab %s: %s: '%s', expected no value\n", command->name, option->name, argument);
        return 2;
    }
    if (option->type != RK_OPTION_FLAG && value == NULL) {
        if (*at + 1 >= argc) {
            fprintf(stderr, "rekeylab %s: %s: no value, expected %s\n", command->name, option->name, option->argument);
            return 2;
        }
        value = argv[++*at];
    }
    return store_value(command, option, value);
}

static int check_arguments(const struct rk_command *command, char **argument, size_t count)
{
    if (count > command->arguments_max) {
        fprintf(stderr, "rekeylab %s: unexpected argument '%s', expected %s\n", command->name,
                argument[command->arguments_max], command->arguments_max == 0 ? "options only" : command->arguments);
        return 2;
    }
    if (count < command->arguments_min) {
        fprintf(stderr, "rekeylab %s: too few arguments, expected %s\n", command->name, command->arguments);
        return 2;
    }
    for (size_t i = 0; i < command->options; i++) {
        const struct rk_option *option = &command->option[i];
        if (option->type == RK_OPTION_NEEDED && *(const char **)option->value == NULL) {
            fprintf(stderr, "rekeylab: %s is missing, expected `%s`\n", option->name, command->example);
            return 2;
        }
    }
    return 0;
}

static struct {
    rk_command_visitor *visit; /* NULL: commands run */
    void *context;
} visitor;

void rk_command_visit(int (*run)(int argc, char **argv), const char *name, rk_command_visitor *visit, void *context)
{
    char *argv[] = {(char *)name, NULL};
    visitor.visit = visit;
    visitor.context = context;
    (void)run(1, argv);
    visitor.visit = NULL;
}

bool rk_options_parse(const struct rk_command *command, int argc, char **argv, char ***rest, size_t *rest_count,
                      int *status)
{
    if (visitor.visit != NULL) {
        visitor.visit(visitor.context, command);
        *status = 0;
        return false;
    }
    size_t kept = 0;
    bool options_over = false;
    for (int i = 1; i < argc; i++) {
        if (options_over || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[1 + kept++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            options_over = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            print_help(command);
            *status = 0;
            return false;
        } else {
            *status = take_option(command, argc, argv, &i);
            if (*status != 0) {
                return false;
            }
        }
    }
    *rest = argv + 1;
    *rest_count = kept;
    *status = check_arguments(command, *rest, kept);
    return *status == 0;
}

int rk_command_run(const struct rk_command *command, int argc, char **argv, rk_command_fn *body, void *options)
{
    char **argument;
    size_t count;
    int status = 0;
    struct rk_diag diag = {""};
    if (!rk_options_parse(command, argc, argv, &argument, &count, &status)) {
        return status;
    }
    enum rk_err err = body(options, argument, count, &diag);
    return err ? rk_cli_fail(err, &diag) : 0;
}

/* "file:line:column: ..." */
static bool has_place(const char *text)
{
    for (const char *colon = strchr(text, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
        unsigned line, column;
        char after;
        if (sscanf(colon, ":%u:%u%c", &line, &column, &after) == 3 && after == ':') {
            return true;
        }
    }
    return false;
}

int rk_cli_fail(enum rk_err err, const struct rk_diag *diag)
{
    if (diag->text[0] != '\0') {
        fprintf(stderr, "%s%s\n", has_place(diag->text) ? "" : "rekeylab: ", diag->text);
    }
    return rk_err_exit_status(err);
}

enum rk_err rk_cli_print_json(json_t *document, struct rk_diag *diag)
{
    bool failed = json_dumpf(document, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) != 0;
    failed |= putchar('\n') == EOF || fflush(stdout) != 0;
    json_decref(document);
    return failed ? rk_fail(diag, RK_ERR_IO, "standard output cannot be written to") : RK_OK;
}

void *rk_cli_append(void *rows, size_t *count, const void *more, size_t more_count, size_t row_bytes)
{
    char *grown = realloc(rows, (*count + more_count + 1) * row_bytes);
    RK_REQUIRE(grown != NULL);
    memcpy(grown + *count * row_bytes, more, more_count * row_bytes);
    *count += more_count;
    return grown;
}

unsigned rk_cli_jobs(unsigned long given)
{
    if (given != 0) {
        return given < 1024 ? (unsigned)given : 1024;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}
