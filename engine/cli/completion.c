/* engine/cli/completion.c - `rekeylab completion`: what a shell may offer for the word under the cursor
 *
 * The scripts for the shells only ask `rekeylab completion words`, which answers from the tables that parse command lines
 * and load files, and from the files there are: what is offered is what is taken. One candidate a line; a last line
 * ":file" asks for files too.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/compare.h"
#include "engine/cli/cli.h"
#include "engine/cli/describe_kinds.h"
#include "engine/cli/options.h"
#include "engine/model/trial.h"
#include "engine/study/export.h"
#include "engine/study/scenario.h"
#include "reports/report.h"

static const struct {
    const char *shell, *script;
} scripts[] = {
    {"bash", "_rekeylab()\n"
             "{\n"
             "    local word=${COMP_WORDS[COMP_CWORD]} line\n"
             "    COMPREPLY=()\n"
             "    while IFS= read -r line; do\n"
             "        case $line in\n"
             "        :file) COMPREPLY+=($(compgen -f -- \"$word\")) ;;\n"
             "        \"$word\"*) COMPREPLY+=(\"$line\") ;;\n"
             "        esac\n"
             "    done < <(\"${COMP_WORDS[0]}\" completion words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
             "    case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null ;; esac\n"
             "}\n"
             "complete -o filenames -F _rekeylab rekeylab ./rekeylab\n"},
    {"zsh", "#compdef rekeylab\n"
            "_rekeylab()\n"
            "{\n"
            "    local -a all\n"
            "    all=(\"${(@f)$(\"${words[1]}\" completion words -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
            "    (( ${all[(I):file]} )) && _files\n"
            "    all=(${all:#:file})\n"
            "    compadd -Q -S '' -- ${(M)all:#*=}\n"
            "    compadd -Q -- ${all:#*=}\n"
            "}\n"
            "# As a file of completions it is run to complete.\n"
            "if [[ $funcstack[1] = _rekeylab ]]; then _rekeylab \"$@\"; else compdef _rekeylab rekeylab; fi\n"},
    {"fish", "function __rekeylab\n"
             "    set -l words (commandline -opc)\n"
             "    for line in ($words[1] completion words -- $words[2..-1] (commandline -ct) 2>/dev/null)\n"
             "        if test $line = :file\n"
             "            __fish_complete_path (commandline -ct)\n"
             "        else\n"
             "            echo $line\n"
             "        end\n"
             "    end\n"
             "end\n"
             "complete -c rekeylab -f -a '(__rekeylab)'\n"},
};

/* A command line under way. */
struct line {
    char **word;
    size_t words; /* the last is the one under the cursor, and may be empty */
    struct rk_diag *diag;
};

static const char *current(const struct line *line)
{
    return line->word[line->words - 1];
}

/* A word of a list has what stands before its last comma in front of it. */
static void offer(const struct line *line, bool list, const char *name)
{
    const char *comma = list ? strrchr(current(line), ',') : NULL;
    printf("%.*s%s\n", comma != NULL ? (int)(comma + 1 - current(line)) : 0, current(line), name);
}

static void offer_names(const struct line *line, bool list, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        offer(line, list, names[i]);
    }
}

static void offer_metrics(const struct line *line)
{
    for (int i = 0; i < RK_METRIC_COUNT; i++) {
        offer(line, true, rk_metric_info[i].name);
    }
}

/* "policy.renew=" */
static void offer_keys(void)
{
    json_t *fields = rk_describe_fields(rk_scenario_fields, NULL, NULL), *field;
    size_t i;
    json_array_foreach(fields, i, field)
    {
        printf("%s=\n", json_string_value(json_object_get(field, "key")));
    }
    json_decref(fields);
}

/* Names of a kind that `describe` knows. */
static enum rk_err offer_kind(const struct line *line, bool list, const char *name)
{
    json_t *entries = json_array(), *entry;
    enum rk_err err = RK_OK;
    size_t i;
    for (const struct rk_describe_kind *kind = rk_describe_kinds; kind->name != NULL; kind++) {
        if (strcmp(kind->name, name) == 0 && kind->list != NULL) {
            err = kind->list(rk_cli_root(), entries, line->diag);
        }
    }
    json_array_foreach(entries, i, entry)
    {
        offer(line, list, json_string_value(json_object_get(entry, "name")));
    }
    json_decref(entries);
    return err;
}

/* Options whose values are names; of all commands, or of one. */
static const struct {
    const char *command, *option, *kind;
    const char *const *names;
} valued[] = {
    {NULL, "--device", "device", NULL},
    {NULL, "--backend", "backend", NULL},
    {NULL, "--op", "operation", NULL},
    {"compare", "--format", NULL, rk_compare_formats},
    {"export", "--format", NULL, rk_export_formats},
    {"export", "--table", NULL, rk_export_tables},
    {"report", "--format", NULL, rk_report_formats},
};

static enum rk_err offer_values(const struct line *line, const struct rk_command *command,
                                const struct rk_option *option)
{
    bool list = strcmp(option->argument, "LIST") == 0;
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
        if (strcmp(valued[i].option, option->name) == 0 &&
            (valued[i].command == NULL || strcmp(valued[i].command, command->name) == 0)) {
            if (valued[i].names != NULL) {
                offer_names(line, list, valued[i].names);
                return RK_OK;
            }
            return offer_kind(line, list, valued[i].kind);
        }
    }
    if (strcmp(option->name, "--metric") == 0) {
        offer_metrics(line);
    } else if (strcmp(option->name, "--set") == 0) {
        offer_keys();
    } else if (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0) {
        puts(":file");
    }
    return RK_OK;
}

static void offer_options(const struct rk_command *command)
{
    for (size_t i = 0; i < command->options; i++) {
        puts(command->option[i].name);
    }
    puts("--help");
}

static enum rk_err offer_arguments(const struct line *line, const struct rk_command *command)
{
    if (strcmp(command->name, "describe") == 0) {
        for (const struct rk_describe_kind *kind = rk_describe_kinds; line->words == 2 && kind->name != NULL; kind++) {
            puts(kind->name);
        }
        return line->words == 3 ? offer_kind(line, false, line->word[1]) : RK_OK;
    }
    if (strcmp(command->name, "completion") == 0) {
        for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
            puts(scripts[i].shell);
        }
        return RK_OK;
    }
    enum rk_err err = strstr(command->arguments, "STUDY") != NULL ? offer_kind(line, false, "scenario") : RK_OK;
    if (command->arguments[0] != '\0') {
        puts(":file");
    }
    return err;
}

struct answer {
    const struct line *line;
    enum rk_err err;
};

static void answer_for(void *context, const struct rk_command *command)
{
    struct answer *answer = context;
    const struct line *line = answer->line;
    const char *before = line->word[line->words - 2];
    for (size_t i = 0; i < command->options; i++) {
        const struct rk_option *option = &command->option[i];
        bool named =
            strcmp(before, option->name) == 0 || (option->letter != NULL && strcmp(before, option->letter) == 0);
        if (named && option->argument != NULL) {
            answer->err = offer_values(line, command, option);
            return;
        }
    }
    if (current(line)[0] == '-') {
        offer_options(command);
    } else {
        answer->err = offer_arguments(line, command);
    }
}

static enum rk_err offer_words(const struct line *line)
{
    struct answer answer = {.line = line};
    if (line->words == 1) {
        for (const struct rk_cli_command *command = rk_cli_commands; command->name != NULL; command++) {
            puts(command->name);
        }
        puts("test");
        return RK_OK;
    }
    for (const struct rk_cli_command *command = rk_cli_commands; command->name != NULL; command++) {
        if (strcmp(command->name, line->word[0]) == 0) {
            rk_command_visit(command->run, command->name, answer_for, &answer);
        }
    }
    return answer.err;
}

static enum rk_err complete(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    (void)options;
    if (strcmp(argument[0], "words") == 0) {
        char empty[] = "", *none[] = {empty};
        const struct line line = {count > 1 ? argument + 1 : none, count > 1 ? count - 1 : 1, diag};
        return offer_words(&line);
    }
    const char *names[sizeof scripts / sizeof scripts[0] + 1] = {NULL};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        if (strcmp(argument[0], scripts[i].shell) == 0 && count == 1) {
            fputs(scripts[i].script, stdout);
            return RK_OK;
        }
        names[i] = scripts[i].shell;
    }
    return rk_unknown_name("shell", argument[count > 1 ? 1 : 0], names, diag);
}

int rk_cli_completion(int argc, char **argv)
{
    const struct rk_command command = {
        .name = "completion",
        .arguments = "bash|zsh|fish",
        .summary =
            "A script that completes commands, options and names in a shell: `eval \"$(rekeylab completion bash)\"`",
        .example = "rekeylab completion bash",
        .arguments_min = 1,
        .arguments_max = 100000,
    };
    return rk_command_run(&command, argc, argv, complete, NULL);
}
