/* bench/cost_csv.c - see cost_csv.h */
#include "bench/cost_csv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/csv.h"

/* value / 10^decimals, without zeros at the end. */
static void print_decimal(uint64_t value, unsigned decimals, char *text)
{
    uint64_t one = 1;
    for (unsigned i = 0; i < decimals; i++) {
        one *= 10;
    }
    int length = snprintf(text, RKI_COST_TEXT_bytes, "%" PRIu64, value / one);
    if (value % one != 0) {
        length +=
            snprintf(text + length, RKI_COST_TEXT_bytes - (size_t)length, ".%0*" PRIu64, (int)decimals, value % one);
        while (text[length - 1] == '0') {
            text[--length] = '\0';
        }
    }
}

void rki_cost_csv_value(const struct rki_cost_field *field, const struct rk_cost_row *row,
                        char text[RKI_COST_TEXT_bytes])
{
    const void *at = (const char *)row + field->offset;
    text[0] = '\0';
    switch (field->kind) {
    case RKI_COST_TEXT:
        snprintf(text, RKI_COST_TEXT_bytes, "%s", (const char *)at);
        break;
    case RKI_COST_COUNT32:
        snprintf(text, RKI_COST_TEXT_bytes, "%" PRIu32, *(const uint32_t *)at);
        break;
    case RKI_COST_TRISTATE:
        if (*(const int *)at >= 0) {
            snprintf(text, RKI_COST_TEXT_bytes, "%s", *(const int *)at ? "true" : "false");
        }
        break;
    case RKI_COST_FLAG:
        snprintf(text, RKI_COST_TEXT_bytes, "%s", *(const bool *)at ? "true" : "false");
        break;
    default:
        if (*(const uint64_t *)at != RK_NONE) {
            print_decimal(*(const uint64_t *)at, rki_cost_decimals(field->kind), text);
        }
    }
}

void rki_cost_csv_header(FILE *out)
{
    for (const struct rki_cost_field *field = rki_cost_fields; field->key != NULL; field++) {
        fprintf(out, "%s%s", field == rki_cost_fields ? "" : ",", field->key);
    }
    putc('\n', out);
}

void rki_cost_csv_row(const struct rk_cost_row *row, FILE *out)
{
    char text[RKI_COST_TEXT_bytes];
    for (const struct rki_cost_field *field = rki_cost_fields; field->key != NULL; field++) {
        if (field != rki_cost_fields) {
            putc(',', out);
        }
        rki_cost_csv_value(field, row, text);
        rk_csv_field(out, text);
    }
    putc('\n', out);
}

/* --- reading --- */

/* Takes a field off the line. out: what follows its comma, or the end of the line; NULL for one that does not end. */
static const char *take_field(const char *at, char text[RKI_COST_TEXT_bytes])
{
    size_t length = 0;
    bool quoted = *at == '"';
    at += quoted;
    while (*at != '\0' && (quoted || *at != ',')) {
        if (quoted && *at == '"') {
            if (at[1] != '"') {
                break;
            }
            at++;
        }
        if (length + 1 >= RKI_COST_TEXT_bytes) {
            return NULL;
        }
        text[length++] = *at++;
    }
    text[length] = '\0';
    if (quoted && *at++ != '"') {
        return NULL;
    }
    return *at == ',' || *at == '\0' ? at : NULL;
}

/* "12.34" with up to `decimals` digits behind the point. */
static bool parse_decimal(const char *text, unsigned decimals, uint64_t *value)
{
    bool digit = false, point = false;
    unsigned left = decimals;
    *value = 0;
    for (; *text != '\0' && (*text != '.' || !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        uint64_t next = *value * 10 + (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || (point && left-- == 0) || *value > UINT64_MAX / 10 - 1) {
            return false;
        }
        *value = next;
        digit = true;
    }
    for (; left > 0; left--) {
        if (*value > UINT64_MAX / 10) {
            return false;
        }
        *value *= 10;
    }
    return digit && *text == '\0';
}

static bool is_true(const char *text)
{
    return strcmp(text, "true") == 0;
}

static bool parse_value(const struct rki_cost_field *field, const char *text, struct rk_cost_row *row)
{
    void *at = (char *)row + field->offset;
    uint64_t value;
    switch (field->kind) {
    case RKI_COST_TEXT:
        snprintf(at, field->size, "%s", text);
        return strlen(text) < field->size;
    case RKI_COST_COUNT32:
        if (!parse_decimal(text, 0, &value) || value > UINT32_MAX) {
            return false;
        }
        *(uint32_t *)at = (uint32_t)value;
        return true;
    case RKI_COST_TRISTATE:
        *(int *)at = text[0] == '\0' ? -1 : is_true(text);
        return text[0] == '\0' || is_true(text) || strcmp(text, "false") == 0;
    case RKI_COST_FLAG:
        *(bool *)at = is_true(text);
        return is_true(text) || strcmp(text, "false") == 0;
    default:
        if (text[0] == '\0') {
            *(uint64_t *)at = RK_NONE;
            return true;
        }
        return parse_decimal(text, rki_cost_decimals(field->kind), at);
    }
}

const char *rki_cost_csv_parse(const char *line, struct rk_cost_row *row, unsigned *column)
{
    char text[RKI_COST_TEXT_bytes];
    const char *at = line;
    memset(row, 0, sizeof *row);
    for (const struct rki_cost_field *field = rki_cost_fields; field->key != NULL; field++) {
        if (field != rki_cost_fields) {
            if (*at != ',') {
                *column = (unsigned)(at - line) + 1;
                return field->key;
            }
            at++;
        }
        *column = (unsigned)(at - line) + 1;
        at = take_field(at, text);
        if (at == NULL || !parse_value(field, text, row)) {
            return field->key;
        }
    }
    *column = (unsigned)(at - line) + 1;
    return *at == '\0' ? NULL : "the end of the line";
}

static void append(struct rk_cost_row **rows, size_t *count, const struct rk_cost_row *row)
{
    if ((*count & (*count - 1)) == 0) { /* room for the next power of two */
        *rows = realloc(*rows, (*count > 0 ? 2 * *count : 1) * sizeof **rows);
        RK_REQUIRE(*rows != NULL);
    }
    (*rows)[(*count)++] = *row;
}

static bool is_header(const char *line)
{
    char *header = NULL;
    size_t bytes = 0;
    FILE *text = open_memstream(&header, &bytes);
    RK_REQUIRE(text != NULL);
    rki_cost_csv_header(text);
    fclose(text);
    bool same = strcmp(line, header) == 0;
    free(header);
    return same;
}

enum rk_err rki_cost_csv_read(FILE *in, const char *path, struct rk_cost_row **row, size_t *count, struct rk_diag *diag)
{
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0, column = 1;
    const char *expected = NULL;
    while (expected == NULL && getline(&line, &room, in) >= 0) {
        struct rk_cost_row read;
        if (++number == 1) {
            expected = is_header(line) ? NULL : "the names of the fields of a cost row";
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        expected = rki_cost_csv_parse(line, &read, &column);
        if (expected == NULL) {
            append(row, count, &read);
        }
    }
    free(line);
    if (expected == NULL && number > 0) {
        return RK_OK;
    }
    free(*row);
    *row = NULL;
    *count = 0;
    return rk_fail(diag, RK_ERR_INPUT, "%s:%u:%u: not a recorded cost row, expected %s", path, number == 0 ? 1 : number,
                   column, expected != NULL ? expected : "a header line");
}
