/* bench/validate_table.c - published.csv in, a table of cases out */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/validate_internal.h"

enum { TABLE_MAX_bytes = 1 << 20, COLUMNS_MAX = 32, BLOCK_bytes = 1024 };

static const char *const column[] = {
#define COLUMN_NAME(name) #name,
    RK_VALIDATION_COLUMNS(COLUMN_NAME)
#undef COLUMN_NAME
};

enum { COLUMNS = sizeof column / sizeof column[0] };

/* Cuts the line at `at` into fields, in place; RFC 4180 without line breaks in fields. out: the line after it. */
static char *split(char *at, const char *field[COLUMNS_MAX], size_t *count)
{
    *count = 0;
    for (;;) {
        char *to = at;
        const char *begin = at;
        bool quoted = *at == '"';
        at += quoted;
        while (*at != '\0' && *at != '\n' && (quoted || *at != ',')) {
            if (quoted && *at == '"') {
                quoted = *++at == '"'; /* two are one */
                if (!quoted) {
                    continue;
                }
            }
            *to++ = *at++;
        }
        char end = *at;
        *to = '\0';
        if (*count < COLUMNS_MAX) {
            field[(*count)++] = begin;
        }
        at += end != '\0';
        if (end != ',') {
            return at;
        }
    }
}

static char *read_whole(const char *path, struct rk_diag *diag)
{
    FILE *file = fopen(path, "rb");
    char *text = file != NULL ? malloc(TABLE_MAX_bytes) : NULL;
    size_t bytes = text != NULL ? fread(text, 1, TABLE_MAX_bytes, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    if (bytes == 0 || bytes == TABLE_MAX_bytes) {
        (void)rk_fail(diag, RK_ERR_INPUT, "%s: cannot be read, expected a table of published figures", path);
        free(text);
        return NULL;
    }
    text[bytes] = '\0';
    return text;
}

static bool number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && *value >= 0;
}

/* out: NULL, or what was expected. */
static const char *to_common_unit(struct rk_validation_case *of)
{
    static const struct {
        const char *unit;
        double seconds;
    } times[] = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    double value, clock_Hz;
    bool compared = of->board[0] != '\0';
    of->published = NAN;
    if (!number(of->value, &value) || (compared && value == 0)) {
        return compared ? "a number above 0 in column value" : NULL;
    }
    if (strcmp(of->unit, "cycles") == 0 || strcmp(of->unit, "bytes") == 0) {
        of->published = value;
        return NULL;
    }
    if (!number(of->clock_Hz, &clock_Hz) || clock_Hz == 0) {
        return "a number in column clock_Hz";
    }
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (strcmp(of->unit, times[i].unit) == 0) {
            of->published = value * times[i].seconds * clock_Hz;
            return NULL;
        }
    }
    double per_second = strcmp(of->unit, "KB/s") == 0 ? 1024 : strcmp(of->unit, "MB/s") == 0 ? 1024 * 1024 : 0;
    if (per_second > 0 && value > 0) {
        of->published = BLOCK_bytes * clock_Hz / (value * per_second);
    }
    return per_second > 0 ? NULL : "cycles, bytes, us, ms, s, KB/s or MB/s in column unit";
}

static const char *fill_case(struct rk_validation_case *of, const char *const *field, size_t count)
{
    size_t at = 0;
    if (count != COLUMNS) {
        return "as many fields as the header has";
    }
#define COLUMN_FILL(name) of->name = field[at++];
    RK_VALIDATION_COLUMNS(COLUMN_FILL)
#undef COLUMN_FILL
    if ((strcmp(of->kind, "not reproducible") == 0) != (of->board[0] == '\0')) {
        return "a board, or the kind 'not reproducible'";
    }
    return to_common_unit(of);
}

static enum rk_err parse(const char *path, struct rk_validation *validation, struct rk_diag *diag)
{
    const char *field[COLUMNS_MAX];
    size_t count;
    unsigned line = 1;
    char *at = split(validation->text, field, &count);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (count != COLUMNS || strcmp(field[i], column[i]) != 0) {
            return rk_fail(diag, RK_ERR_INPUT, "%s:1:1: column %zu is '%s', expected '%s'", path, i + 1,
                           i < count ? field[i] : "", column[i]);
        }
    }
    while (*at != '\0') {
        at = split(at, field, &count);
        line++;
        const char *expected = fill_case(&validation->cases[validation->count], field, count);
        if (expected != NULL) {
            return rk_fail(diag, RK_ERR_INPUT, "%s:%u:1: not a figure, expected %s", path, line, expected);
        }
        validation->count++;
    }
    return RK_OK;
}

enum rk_err rki_validation_load(const char *root, struct rk_validation *validation, struct rk_diag *diag)
{
    char path[512];
    size_t lines = 1;
    snprintf(path, sizeof path, "%s/bench/validation/published.csv", root);
    validation->text = read_whole(path, diag);
    if (validation->text == NULL) {
        return RK_ERR_INPUT;
    }
    for (const char *at = validation->text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    validation->cases = calloc(lines, sizeof *validation->cases);
    if (validation->cases == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for %zu cases", lines);
    }
    return parse(path, validation, diag);
}

/* ---- out ---- */

static void print_field(const char *text, FILE *out)
{
    if (strpbrk(text, ",\"") == NULL) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, out);
    }
    putc('"', out);
}

static void print_case(const struct rk_validation_case *of, FILE *out)
{
#define COLUMN_PRINT(name)                                                                                             \
    print_field(of->name, out);                                                                                        \
    putc(',', out);
    RK_VALIDATION_COLUMNS(COLUMN_PRINT)
#undef COLUMN_PRINT
    if (!isnan(of->published)) {
        fprintf(out, "%.0f", of->published);
    }
    putc(',', out);
    if (of->measured) {
        fprintf(out, "%.0f,%.0f,%.0f,%.4f,", of->ours, of->low, of->high, of->error);
    } else {
        fputs(",,,,", out);
    }
    print_field(of->compiler_used, out);
    putc(',', out);
    print_field(of->status, out);
    putc('\n', out);
}

enum rk_err rk_validation_write(const struct rk_validation *validation, const char *path, struct rk_diag *diag)
{
    char made[512];
    snprintf(made, sizeof made, "%.500s.new", path);
    FILE *out = fopen(made, "w");
    if (out == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s", made, strerror(errno));
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        fprintf(out, "%s,", column[i]);
    }
    fputs("published,ours,low,high,error,compiler_used,status\n", out);
    for (size_t i = 0; i < validation->count; i++) {
        print_case(&validation->cases[i], out);
    }
    bool written = !ferror(out);
    written = fclose(out) == 0 && written;
    if (!written || rename(made, path) != 0) {
        enum rk_err err = rk_fail(diag, RK_ERR_IO, "%s: %s", path, strerror(errno));
        unlink(made);
        return err;
    }
    return RK_OK;
}
