/* engine/cli/describe_markdown.c - fields as Markdown: `describe KIND --format md`, and the reference of all kinds */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "engine/cli/describe_kinds.h"

/* Text inside of a table's cell. */
static void print_cell(const char *text)
{
    for (; *text != '\0'; text++) {
        printf(*text == '|' || *text == '<' || *text == '*' || *text == '_' ? "\\%c" : "%c", *text);
    }
}

static void print_row(void *context, const struct rk_field_doc *doc)
{
    const char *prefix = context;
    if (prefix != NULL && strncmp(doc->key, prefix, strlen(prefix)) != 0) {
        return;
    }
    printf("| `%s` | %s", doc->key, doc->type);
    if (doc->unit[0] != '\0') {
        printf(" in %s", doc->unit);
    }
    printf(" | ");
    print_cell(doc->range);
    printf(" | ");
    if (doc->required) {
        printf("required");
    } else {
        print_cell(doc->fallback == NULL ? "may be absent" : doc->fallback[0] == '\0' ? "empty" : doc->fallback);
    }
    printf(" | ");
    print_cell(doc->help);
    printf(" |\n");
}

void rk_describe_markdown(const struct rk_describe_kind *kind, const struct rk_field *fields, const char *prefix)
{
    printf("## %c%s\n\n`%s`\n\n", toupper((unsigned char)kind->name[0]), kind->name + 1, kind->help);
    printf("| field | type | values | default | meaning |\n|---|---|---|---|---|\n");
    rk_fields_visit(fields, NULL, print_row, (void *)prefix);
}

void rk_describe_reference(void)
{
    printf(
        "# Fields of every file\n\n"
        "Printed by `rekeylab describe all --format md` from the tables that load the files; a test compares. "
        "`KEY.PART` is a\n"
        "mapping in a mapping, `LIST[].PART` a mapping in a list. A quantity is number, space, unit; one \"with error, "
        "kind and\n"
        "source\" is a mapping of `value`, `error`, `kind` (measured, datasheet, literature, assumed) and `source`.\n");
    const char *before = "\n";
    for (const struct rk_describe_kind *kind = rk_describe_kinds; kind->name != NULL; kind++) {
        if (kind->fields != NULL) {
            printf("%s[%s](#%s)", before, kind->name, kind->name);
            before = " - ";
        }
    }
    printf("\n");
    for (const struct rk_describe_kind *kind = rk_describe_kinds; kind->name != NULL; kind++) {
        if (kind->fields != NULL) {
            printf("\n");
            rk_describe_markdown(kind, rk_describe_file_fields(kind), NULL);
        }
    }
}
