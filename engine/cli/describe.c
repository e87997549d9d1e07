/* engine/cli/describe.c - `rekeylab describe KIND [NAME]`: what there is, and what each field means
 *
 * Everything is gathered as JSON and then printed, as JSON or as text, so that the two cannot differ.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "engine/cli/cli.h"
#include "engine/cli/describe_kinds.h"
#include "engine/cli/options.h"

enum { NAMES_max = 128 };

static const struct rk_describe_kind *find_kind(const char *name, struct rk_diag *diag)
{
    const char *names[NAMES_max] = {NULL};
    size_t count = 0;
    for (const struct rk_describe_kind *kind = rk_describe_kinds; kind->name != NULL; kind++) {
        if (strcmp(kind->name, name) == 0) {
            return kind;
        }
        names[count++] = kind->name;
    }
    (void)rk_unknown_name("kind", name, names, diag);
    return NULL;
}

static enum rk_err require_entry(const struct rk_describe_kind *kind, const json_t *entries, const char *name,
                                 struct rk_diag *diag)
{
    const char *names[NAMES_max + 1] = {NULL};
    size_t count = 0;
    size_t index;
    json_t *entry;
    json_array_foreach(entries, index, entry)
    {
        const char *known = json_string_value(json_object_get(entry, "name"));
        if (strcmp(known, name) == 0) {
            return RK_OK;
        }
        if (count < NAMES_max) {
            names[count++] = known;
        }
    }
    if (count == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.40s', expected none: this version has no %s entries",
                       kind->name, name, kind->name);
    }
    const char *nearest = rk_nearest_name(name, names);
    return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.40s', expected %s%s%s", kind->name, name,
                   nearest == NULL ? "a name that `rekeylab describe " : "'", nearest == NULL ? kind->name : nearest,
                   nearest == NULL ? "` lists" : "'");
}

/* ---- text ---- */

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static void print_fields(const json_t *fields)
{
    size_t index;
    json_t *field;
    json_array_foreach(fields, index, field)
    {
        const json_t *fallback = json_object_get(field, "default");
        const json_t *value = json_object_get(field, "value");
        printf("%s%s%s\n    %s", member(field, "key"), value == NULL ? "" : ": ",
               value == NULL ? "" : json_string_value(value), member(field, "type"));
        if (member(field, "unit")[0] != '\0') {
            printf(" in %s", member(field, "unit"));
        }
        if (member(field, "range")[0] != '\0') {
            printf("; %s", member(field, "range"));
        }
        if (json_is_true(json_object_get(field, "required"))) {
            printf("; required\n");
        } else if (json_is_null(fallback)) {
            printf("; may be absent\n");
        } else {
            printf("; default %s\n", json_string_length(fallback) == 0 ? "empty" : json_string_value(fallback));
        }
        if (member(field, "help")[0] != '\0') {
            printf("    %s\n", member(field, "help"));
        }
    }
}

static void print_entries(const struct rk_describe_kind *kind, const json_t *entries)
{
    size_t index;
    json_t *entry;
    if (json_array_size(entries) == 0) {
        printf("%s: no entries in this version\n", kind->name);
    }
    json_array_foreach(entries, index, entry)
    {
        printf("%-24s %s\n", member(entry, "name"), member(entry, "summary"));
    }
}

/* A value of a record: text, number, or a list of them in one line. */
static void print_value(const json_t *value)
{
    size_t index;
    json_t *item;
    if (json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            printf("%s", index == 0 ? "" : ", ");
            print_value(item);
        }
    } else if (json_is_string(value)) {
        printf("%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else {
        printf("-");
    }
}

static void print_record(json_t *record)
{
    const char *key;
    json_t *value;
    json_object_foreach(record, key, value)
    {
        const char *axis;
        json_t *values;
        if (strcmp(key, "fields") == 0) {
            continue;
        }
        if (!json_is_object(value)) {
            printf("%s: ", key);
            print_value(value);
            printf("\n");
            continue;
        }
        json_object_foreach(value, axis, values)
        {
            printf("%s.%s: ", key, axis);
            print_value(values);
            printf("\n");
        }
    }
    print_fields(json_object_get(record, "fields"));
}

/* ---- the command ---- */

static enum rk_err refuse_fields(const struct rk_describe_kind *kind, const char *option, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_INPUT, "%s: no file has fields of kind %s, expected a kind loaded from a file", option,
                   kind->name);
}

struct describe_options {
    bool json, fields, check;
    const char *format, *parameters, *devices;
};

/* The fields of a kind's files as a Markdown section; of all kinds as a page. */
static enum rk_err describe_markdown(const char *name, size_t arguments, const struct describe_options *options,
                                     struct rk_diag *diag)
{
    if (strcmp(options->format, "md") != 0 || options->json || arguments != 1) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "--format %.20s: expected `describe KIND --format md` or `describe all --format md`",
                       options->format);
    }
    if (strcmp(name, "all") == 0) {
        rk_describe_reference();
        return RK_OK;
    }
    const struct rk_describe_kind *kind = find_kind(name, diag);
    if (kind == NULL) {
        return RK_ERR_INPUT;
    }
    if (kind->fields == NULL) {
        return refuse_fields(kind, "--format md", diag);
    }
    rk_describe_markdown(kind, kind->fields, kind->prefix);
    return RK_OK;
}

static enum rk_err describe_list(const struct rk_describe_kind *kind, json_t *entries,
                                 const struct describe_options *options, struct rk_diag *diag)
{
    if (options->fields && kind->fields == NULL) {
        return refuse_fields(kind, "--fields", diag);
    }
    enum rk_err err = RK_OK;
    json_t *fields = kind->fields == NULL ? NULL : rk_describe_fields(kind->fields, kind->prefix, NULL);
    if (options->json) {
        err = rk_cli_print_json(json_incref(options->fields ? fields : entries), diag);
    } else {
        if (!options->fields) {
            print_entries(kind, entries);
            printf("%s", fields == NULL ? "" : "\n");
        }
        print_fields(fields);
    }
    json_decref(fields);
    return err;
}

static enum rk_err describe_one(const struct rk_describe_kind *kind, const json_t *entries, const char *name,
                                const struct describe_options *options, struct rk_diag *diag)
{
    enum rk_err err = require_entry(kind, entries, name, diag);
    if (err != RK_OK) {
        return err;
    }
    json_t *record = json_pack("{s:s, s:s}", "kind", kind->name, "name", name);
    err = kind->record(rk_cli_root(), name, record, diag);
    if (err == RK_OK && options->json) {
        err = rk_cli_print_json(json_incref(record), diag);
    } else if (err == RK_OK) {
        print_record(record);
    }
    json_decref(record);
    return err;
}

static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    const struct describe_options *given = options;
    if (given->format != NULL) {
        return describe_markdown(argument[0], count, given, diag);
    }
    const struct rk_describe_kind *kind = find_kind(argument[0], diag);
    if (kind == NULL) {
        return RK_ERR_INPUT;
    }
    if (count == 2 && strcmp(kind->name, "policy") == 0 && rk_describe_is_own_policy(argument[1])) {
        const struct rk_describe_own asked = {given->parameters, given->devices, given->check, given->json};
        return rk_describe_own_policy(argument[1], &asked, diag);
    }
    if (given->check) {
        return rk_fail(diag, RK_ERR_INPUT, "--check: expected `describe policy FILE.c --check`");
    }
    json_t *entries = json_array();
    enum rk_err err = kind->list == NULL ? RK_OK : kind->list(rk_cli_root(), entries, diag);
    if (err == RK_OK && count == 2) {
        err = describe_one(kind, entries, argument[1], options, diag);
    } else if (err == RK_OK) {
        err = describe_list(kind, entries, options, diag);
    }
    json_decref(entries);
    return err;
}

int rk_cli_describe(int argc, char **argv)
{
    struct describe_options options = {.parameters = "", .devices = "atmega1284p,msp430f1611,cortex-m4"};
    const struct rk_option table[] = {
        {"--fields", NULL, NULL, "only what the fields of such a file mean", RK_OPTION_FLAG, &options.fields},
        {"--format", NULL, "md", "the fields as a Markdown table; KIND all: of every kind", RK_OPTION_TEXT,
         &options.format},
        {"--check", NULL, NULL, "policy FILE.c: is it pure, and the same on the host and on devices?", RK_OPTION_FLAG,
         &options.check},
        {"--device", NULL, "LIST", "for --check: devices (default atmega1284p,msp430f1611,cortex-m4)", RK_OPTION_TEXT,
         &options.devices},
        {"--parameters", NULL, "TEXT", "of a policy FILE.c: NAME=NUMBER ...", RK_OPTION_TEXT, &options.parameters},
        RK_OPTION_JSON(&options.json),
    };
    const struct rk_command command = {
        .name = "describe",
        .arguments = "KIND [NAME]",
        .summary = "What there is of a kind, and its fields with unit, range, default and meaning.\nKinds: device "
                   "backend operation policy protocol platform service system radio battery scenario",
        .example = "rekeylab describe device cortex-m4",
        .arguments_min = 1,
        .arguments_max = 2,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
