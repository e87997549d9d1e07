/* engine/cli/zeroise_findings.c - see zeroise_findings.h */
#include "engine/cli/zeroise_findings.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 48, NAME_MAX_bytes = 48, NAMES_SHOWN = 3 };

/* Different names, in the order of their first appearance. */
struct names {
    const char *name[NAMES_MAX];
    unsigned count;
};

struct finding {
    const char *backend, *owner, *what, *where;
    char symbol[NAME_MAX_bytes];
    struct names ops, devices;
    int bytes_low, bytes_high;
    double dwell_low, dwell_high; /* of those that end */
    bool ends, stays;             /* one is overwritten; one is not */
};

struct findings {
    struct finding *finding;
    size_t count;
};

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static void add_name(struct names *names, const char *name)
{
    for (unsigned i = 0; i < names->count; i++) {
        if (strcmp(names->name[i], name) == 0) {
            return;
        }
    }
    if (names->count < NAMES_MAX) {
        names->name[names->count++] = name;
    }
}

/* The compiler's clones of a function are that function. */
static void stem(char out[NAME_MAX_bytes], const char *symbol)
{
    snprintf(out, NAME_MAX_bytes, "%.*s", (int)strcspn(symbol, "."), symbol);
}

static struct finding *find(struct findings *all, const json_t *row, const json_t *residue)
{
    char symbol[NAME_MAX_bytes];
    stem(symbol, text(residue, "symbol"));
    for (size_t i = 0; i < all->count; i++) {
        struct finding *old = &all->finding[i];
        if (strcmp(old->backend, text(row, "backend")) == 0 && strcmp(old->symbol, symbol) == 0 &&
            strcmp(old->owner, text(residue, "owner")) == 0 && strcmp(old->what, text(residue, "what")) == 0 &&
            strcmp(old->where, text(residue, "where")) == 0) {
            return old;
        }
    }
    all->finding = realloc(all->finding, (all->count + 1) * sizeof *all->finding);
    RK_REQUIRE(all->finding != NULL);
    struct finding *made = &all->finding[all->count++];
    *made = (struct finding){.backend = text(row, "backend"),
                             .owner = text(residue, "owner"),
                             .what = text(residue, "what"),
                             .where = text(residue, "where"),
                             .bytes_low = INT32_MAX};
    memcpy(made->symbol, symbol, sizeof symbol);
    return made;
}

static void take(struct findings *all, const json_t *row, const json_t *residue)
{
    struct finding *finding = find(all, row, residue);
    int bytes = (int)json_integer_value(json_object_get(residue, "bytes"));
    const json_t *dwell = json_object_get(residue, "byte_seconds");
    double byte_seconds = json_number_value(dwell);
    const char *op = text(row, "op");
    add_name(&finding->ops, strncmp(op, "lifecycle:", 10) == 0 ? "lifecycle" : op);
    add_name(&finding->devices, text(row, "device"));
    finding->bytes_low = bytes < finding->bytes_low ? bytes : finding->bytes_low;
    finding->bytes_high = bytes > finding->bytes_high ? bytes : finding->bytes_high;
    if (!json_is_number(dwell)) {
        finding->stays = true;
        return;
    }
    finding->dwell_low = finding->ends && finding->dwell_low < byte_seconds ? finding->dwell_low : byte_seconds;
    finding->dwell_high = finding->dwell_high > byte_seconds ? finding->dwell_high : byte_seconds;
    finding->ends = true;
}

static int by_backend(const void *a, const void *b)
{
    const struct finding *one = a, *other = b;
    int order = strcmp(one->backend, other->backend);
    order = order != 0 ? order : strcmp(one->symbol, other->symbol);
    return order != 0 ? order : strcmp(one->what, other->what);
}

static void print_names(const struct names *names)
{
    for (unsigned i = 0; i < names->count && i < NAMES_SHOWN; i++) {
        printf("%s%s", i > 0 ? ", " : "", names->name[i]);
    }
    if (names->count > NAMES_SHOWN) {
        printf(" and %u more", names->count - NAMES_SHOWN);
    }
}

static void print_dwell(const struct finding *finding)
{
    if (finding->ends) {
        printf("%.0f", finding->dwell_low);
    }
    if (finding->ends && finding->dwell_high > finding->dwell_low) {
        printf(" to %.0f", finding->dwell_high);
    }
    printf("%s%s", finding->ends && finding->stays ? ", " : "", finding->stays ? "for ever" : "");
}

static void print_finding(const struct finding *finding)
{
    bool ours = strcmp(finding->owner, "ours") == 0;
    printf("| %s%s | ", finding->backend, ours ? " (ours)" : "");
    printf(finding->symbol[0] != '\0' ? "`%s`, %s" : "%s%s", finding->symbol, finding->where);
    printf(" | %s | ", finding->what);
    print_names(&finding->ops);
    printf(" | %d", finding->bytes_low);
    if (finding->bytes_high > finding->bytes_low) {
        printf(" to %d", finding->bytes_high);
    }
    printf(" | ");
    print_dwell(finding);
    printf(" | ");
    print_names(&finding->devices);
    printf(" |\n");
}

void rk_zeroise_findings_print(const json_t *rows)
{
    struct findings all = {0};
    struct names devices = {0}, backends = {0};
    unsigned searched = 0;
    size_t i, j;
    json_t *row, *residue;
    json_array_foreach(rows, i, row)
    {
        bool is_ok = strcmp(text(row, "status"), "ok") == 0;
        searched += is_ok;
        if (is_ok) {
            add_name(&devices, text(row, "device"));
            add_name(&backends, text(row, "backend"));
        }
        json_array_foreach(json_object_get(row, "residues"), j, residue)
        {
            take(&all, row, residue);
        }
    }
    if (all.count > 0) {
        qsort(all.finding, all.count, sizeof *all.finding, by_backend);
    }
    printf("| library | left by, in | what | after | bytes | byte seconds | devices |\n");
    printf("|---|---|---|---|---|---|---|\n");
    for (size_t f = 0; f < all.count; f++) {
        print_finding(&all.finding[f]);
    }
    printf("\n%u searches, %u devices, %u libraries; residues of our own code: %u.\n", searched, devices.count,
           backends.count, rk_zeroise_rows_ours(rows));
    free(all.finding);
}

unsigned rk_zeroise_rows_ours(const json_t *rows)
{
    unsigned ours = 0;
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        ours += (unsigned)json_integer_value(json_object_get(row, "ours"));
    }
    return ours;
}

/* out: does it have what is read of a row? */
static bool is_row(const json_t *row)
{
    return json_is_string(json_object_get(row, "device")) && json_is_string(json_object_get(row, "backend")) &&
           json_is_string(json_object_get(row, "op")) && json_is_string(json_object_get(row, "status")) &&
           json_is_array(json_object_get(row, "residues"));
}

enum rk_err rk_zeroise_rows_read(const char *path, json_t *rows, struct rk_diag *diag)
{
    json_error_t error;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: cannot be opened, expected rows of `rekeylab zeroise --json`", path);
    }
    json_t *read = json_loadf(file, 0, &error), *row;
    fclose(file);
    if (read == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    }
    enum rk_err err =
        json_is_array(read)
            ? RK_OK
            : rk_fail(diag, RK_ERR_INPUT, "%s:1:1: no array, expected rows of `rekeylab zeroise --json`", path);
    size_t i;
    json_array_foreach(read, i, row)
    {
        if (!err && !is_row(row)) {
            err = rk_fail(diag, RK_ERR_INPUT, "%s: item %zu is no row of `rekeylab zeroise --json`", path, i + 1);
        }
    }
    if (!err) {
        json_array_extend(rows, read);
    }
    json_decref(read);
    return err;
}
