/* engine/cli/compare.c - `rekeylab compare`: the regression gate over two measurements */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/compare/compare.h"
#include "engine/cli/cli.h"
#include "engine/cli/compare_functions.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"

enum { ROWS_PATH_bytes = 1024 };

struct compare {
    const char *gate, *format, *upgrade, *device, *backend, *op;
    bool json, functions;
};

static bool is_results(const char *path)
{
    char magic[16] = "";
    FILE *file = fopen(path, "rb");
    size_t read = file != NULL ? fread(magic, 1, sizeof magic, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return read == sizeof magic && memcmp(magic, "SQLite format 3", sizeof magic) == 0;
}

static enum rk_err compare_results(struct rk_comparison *comparison, const struct rk_gate *gate, const char *base,
                                   const char *current, struct rk_diag *diag)
{
    struct rk_store *old, *new;
    enum rk_err err = rk_store_open(&old, base, diag);
    if (err != RK_OK) {
        return err;
    }
    err = rk_store_open(&new, current, diag);
    if (err == RK_OK) {
        err = rk_compare_results(comparison, gate, old, new, diag);
        rk_store_close(new);
    }
    rk_store_close(old);
    return err;
}

/* The rows that a source tree has are those of its bench/measured. */
static const char *rows_of(const char *source, char path[ROWS_PATH_bytes])
{
    struct stat status;
    snprintf(path, ROWS_PATH_bytes, "%s/bench/measured", source);
    return stat(path, &status) == 0 ? path : source;
}

static enum rk_err compare_costs(struct rk_comparison *comparison, const struct rk_gate *gate, const char *base,
                                 const char *current, const struct rk_upgrade *upgrade, struct rk_diag *diag)
{
    struct rk_cost_row *old, *new = NULL;
    size_t old_count, new_count = 0;
    char path[ROWS_PATH_bytes];
    enum rk_err err = rk_compare_read_costs(rk_cli_root(), rows_of(base, path), &old, &old_count, diag);
    err = err ? err : rk_compare_read_costs(rk_cli_root(), rows_of(current, path), &new, &new_count, diag);
    err = err ? err : rk_compare_costs(comparison, gate, old, old_count, new, new_count, upgrade, diag);
    free(old);
    free(new);
    return err;
}

static enum rk_err show(const struct compare *options, const struct rk_comparison *comparison,
                        const struct rk_gate *gate, struct rk_diag *diag)
{
    if (options->json || strcmp(options->format, "json") == 0) {
        return rk_cli_print_json(rk_comparison_json(comparison), diag);
    }
    if (strcmp(options->format, "junit") == 0) {
        rk_comparison_junit(comparison, gate, stdout);
    } else {
        rk_comparison_markdown(comparison, gate, stdout);
    }
    return RK_OK;
}

/* "FROM:TO". out: both, in *text, on the heap. */
static enum rk_err split_upgrade(const char *given, char **text, struct rk_upgrade *upgrade, struct rk_diag *diag)
{
    *upgrade = (struct rk_upgrade){.from = NULL};
    *text = given != NULL ? strdup(given) : NULL;
    char *colon = *text != NULL ? strchr(*text, ':') : NULL;
    if (given == NULL) {
        return RK_OK;
    }
    if (colon == NULL || strchr(*text, '@') == NULL || strchr(colon, '@') == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "--upgrade `%.60s`, expected NAME@VERSION:NAME@VERSION", given);
    }
    *colon = '\0';
    *upgrade = (struct rk_upgrade){.from = *text, .to = colon + 1};
    return RK_OK;
}

static enum rk_err check_format(const char *format, struct rk_diag *diag)
{
    for (size_t i = 0; rk_compare_formats[i] != NULL; i++) {
        if (strcmp(format, rk_compare_formats[i]) == 0) {
            return RK_OK;
        }
    }
    return rk_unknown_name("format", format, rk_compare_formats, diag);
}

/* Both sides' source trees; on error none is open. */
static enum rk_err open_trees(char **argument, struct rk_source_tree tree[2], struct rk_diag *diag)
{
    enum rk_err err = rk_source_tree_open(argument[0], &tree[0], diag);
    if (err == RK_OK) {
        err = rk_source_tree_open(argument[1], &tree[1], diag);
        if (err != RK_OK) {
            rk_source_tree_close(&tree[0]);
        }
    }
    return err;
}

static void close_trees(struct rk_source_tree tree[2])
{
    rk_source_tree_close(&tree[0]);
    rk_source_tree_close(&tree[1]);
}

/* Two libraries, or one library in two source trees, rather than two measurements: what they spend in each function of one operation. */
static enum rk_err compare_functions(const struct compare *options, char **argument, struct rk_diag *diag)
{
    bool json = options->json || strcmp(options->format, "json") == 0;
    if (options->device == NULL || options->op == NULL || (!json && strcmp(options->format, "md") != 0)) {
        return rk_fail(
            diag, RK_ERR_INPUT,
            "--functions of two libraries, or with --backend of two source trees, expected --device, --op and "
            "md or json; or nothing else and two source trees; or --upgrade FROM:TO over two measurements");
    }
    if (options->backend == NULL) {
        const char *const backend[] = {argument[0], argument[1]};
        return rk_cli_compare_functions(backend, NULL, options->device, options->op, json, diag);
    }
    struct rk_source_tree tree[2];
    const char *const backend[] = {options->backend, options->backend};
    enum rk_err err = open_trees(argument, tree, diag);
    if (err == RK_OK) {
        err = rk_cli_compare_functions(backend, tree, options->device, options->op, json, diag);
        close_trees(tree);
    }
    return err;
}

/* Of the operations that grew most. */
static enum rk_err compare_worst(const struct rk_comparison *comparison, const struct rk_upgrade *upgrade,
                                 char **argument, struct rk_diag *diag)
{
    struct rk_source_tree tree[2];
    if (upgrade->from != NULL) {
        return rk_cli_compare_worst(comparison, upgrade, NULL, diag);
    }
    enum rk_err err = open_trees(argument, tree, diag);
    if (err == RK_OK) {
        err = rk_cli_compare_worst(comparison, upgrade, tree, diag);
        close_trees(tree);
    }
    return err;
}

static enum rk_err compare(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct compare *options = context;
    struct rk_comparison comparison;
    struct rk_gate gate;
    struct rk_upgrade upgrade;
    char *text = NULL;
    (void)count;
    enum rk_err err = check_format(options->format, diag);
    bool trees = options->device == NULL && options->op == NULL && rk_source_tree_is(argument[0]) &&
                 rk_source_tree_is(argument[1]);
    if (err == RK_OK && options->functions && options->upgrade == NULL && !trees) {
        return compare_functions(options, argument, diag);
    }
    if (err == RK_OK && options->functions && (options->json || strcmp(options->format, "md") != 0)) {
        return rk_fail(diag, RK_ERR_INPUT, "--functions of what grew most, expected --format md");
    }
    err = err ? err : rk_gate_load(&gate, options->gate, diag);
    err = err ? err : split_upgrade(options->upgrade, &text, &upgrade, diag);
    if (err != RK_OK) {
        free(text);
        return err;
    }
    rk_comparison_init(&comparison);
    bool results[] = {is_results(argument[0]), is_results(argument[1])};
    if (results[0] != results[1]) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s is a results database and %s is not, expected two of a kind",
                      argument[results[0] ? 0 : 1], argument[results[0] ? 1 : 0]);
    } else if (results[0]) {
        err = compare_results(&comparison, &gate, argument[0], argument[1], diag);
    } else {
        err = compare_costs(&comparison, &gate, argument[0], argument[1], &upgrade, diag);
    }
    err = err ? err : show(options, &comparison, &gate, diag);
    if (err == RK_OK && options->functions) {
        err = compare_worst(&comparison, &upgrade, argument, diag);
    }
    if (err == RK_OK && rk_comparison_fails(&comparison, &gate)) {
        err = RK_ERR_CHECK;
        diag->text[0] = '\0';
    }
    rk_comparison_fini(&comparison);
    free(text);
    return err;
}

int rk_cli_compare(int argc, char **argv)
{
    struct compare options = {.format = "md"};
    const struct rk_option table[] = {
        {"--gate", NULL, "FILE", "how much worse each figure may become, such as bench/ci/gate.yaml (default: nothing)",
         RK_OPTION_TEXT, &options.gate},
        {"--format", NULL, "NAME", "md, junit or json", RK_OPTION_TEXT, &options.format},
        {"--upgrade", NULL, "FROM:TO", "of cost rows, one version on the base side with another on the current side",
         RK_OPTION_TEXT, &options.upgrade},
        {"--functions", NULL, NULL,
         "cycles by function: of two libraries NAME[@VERSION] with --device and --op; of two git revisions or source "
         "trees with --backend too, or alone of "
         "what grew most, as with --upgrade",
         RK_OPTION_FLAG, &options.functions},
        {"--device", "-d", "NAME", "for --functions: device or board", RK_OPTION_TEXT, &options.device},
        {"--backend", NULL, "NAME", "for --functions of two source trees: NAME or NAME@VERSION, built in each",
         RK_OPTION_TEXT, &options.backend},
        {"--op", NULL, "NAME", "for --functions: operation", RK_OPTION_TEXT, &options.op},
        RK_OPTION_JSON(&options.json),
    };
    const struct rk_command command = {
        .name = "compare",
        .arguments = "BASE CURRENT",
        .summary =
            "What became worse, better or was not measured: two results databases, or two of: a folder or file of "
            "cost rows, a git revision or a source tree that has bench/measured.",
        .example = "rekeylab compare HEAD~1 bench/measured",
        .arguments_min = 2,
        .arguments_max = 2,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, compare, &options);
}
