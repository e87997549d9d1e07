#include "engine/core/fields.h"
#include "engine/core/fields_internal.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_bytes = 320, RANGE_bytes = 2048, NAMES_max = 64 };

/* Appends to a text of `size` bytes; what does not fit is cut. */
static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

/* ---- the nearest name ---- */

enum { WORD_max = 48 };

/* Levenshtein's distance; words beyond WORD_max characters are far from everything. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_max + 1];
    size_t length_a = strlen(a);
    size_t length_b = strlen(b);
    if (length_a > WORD_max || length_b > WORD_max) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= length_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[length_b];
}

static size_t common_bytes(const char *a, const char *b)
{
    size_t bytes = 0;
    while (a[bytes] != '\0' && a[bytes] == b[bytes]) {
        bytes++;
    }
    return bytes;
}

/* Of names that are equally far, the one that begins like the word for longer. */
const char *rk_nearest_name(const char *word, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t least = strlen(word) / 3 + 1; /* a third of the word may be wrong */
    for (; *candidates != NULL; candidates++) {
        size_t far = distance(word, *candidates);
        bool longer = nearest != NULL && common_bytes(word, *candidates) > common_bytes(word, nearest);
        if ((far < least || (far == least && longer)) && far < strlen(*candidates)) {
            least = far;
            nearest = *candidates;
        }
    }
    return nearest;
}

enum rk_err rk_unknown_name(const char *what, const char *name, const char *const *candidates, struct rk_diag *diag)
{
    const char *nearest = rk_nearest_name(name, candidates);
    if (nearest != NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.60s', expected '%s'", what, name, nearest);
    }
    char all[400] = ""; /* a line of struct rk_diag, less the rest of the sentence */
    for (size_t used = 0; *candidates != NULL && used + strlen(*candidates) + 1 < sizeof all; candidates++) {
        used += (size_t)snprintf(all + used, sizeof all - used, " %s", *candidates);
    }
    return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.60s', expected one of:%s", what, name, all);
}

enum rk_err rki_unknown_key(const struct rk_field *table, const char *key, struct rk_mark mark, struct rk_diag *diag)
{
    const char *names[NAMES_max + 1];
    size_t count = 0;
    char all[TEXT_bytes] = "";
    for (const struct rk_field *field = table; field->key != NULL && count < NAMES_max; field++) {
        append(all, sizeof all, "%s%s", count == 0 ? "" : " ", field->key);
        names[count++] = field->key;
    }
    names[count] = NULL;
    const char *nearest = rk_nearest_name(key, names);
    if (nearest != NULL) {
        return rk_fail_at(diag, mark, "unknown key '%.40s', expected '%s'", key, nearest);
    }
    return rk_fail_at(diag, mark, "unknown key '%.40s', expected one of: %s", key, all);
}

/* ---- what a field expects ---- */

static void describe_choices(const struct rk_field *field, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; field->choices[i] != NULL; i++) {
        append(text, size, "%s%s", i == 0 ? "" : " | ", field->choices[i]);
    }
}

/* "1 kHz to 4 GHz or 'never'"; "" when all that fits is allowed. */
static void describe_range(const struct rk_field *field, size_t stored_bytes, char *text, size_t size)
{
    char low[RK_QUANTITY_TEXT_bytes];
    char high[RK_QUANTITY_TEXT_bytes];
    uint64_t max = field->max == 0 ? rki_largest(stored_bytes) : field->max;
    rk_quantity_format(field->dimension, field->min, low);
    rk_quantity_format(field->dimension, max, high);
    text[0] = '\0';
    if (max != UINT64_MAX) {
        append(text, size, "%s to %s", low, high);
    } else if (field->min > 0) {
        append(text, size, "%s or more", low);
    }
    for (const struct rk_field_word *word = field->words; word != NULL && word->name != NULL; word++) {
        append(text, size, "%s'%s'", text[0] == '\0' ? "any or " : " or ", word->name);
    }
}

void rki_expectation(const struct rk_field *field, char *text, size_t size)
{
    char detail[TEXT_bytes];
    if (field->choices != NULL) {
        describe_choices(field, detail, sizeof detail);
        snprintf(text, size, "one of: %s", detail);
        return;
    }
    text[0] = '\0';
    switch (field->type) {
    case RK_FIELD_TEXT:
        snprintf(text, size, "a text of %zu to %zu bytes", (size_t)field->min, field->size - 1);
        break;
    case RK_FIELD_NAME:
        snprintf(text, size, "a name of letters, digits and . _ - @ /, %zu to %zu characters", (size_t)field->min,
                 field->size - 1);
        break;
    case RK_FIELD_FLAG:
        snprintf(text, size, "true or false");
        break;
    case RK_FIELD_CHOICE: /* above */
        break;
    case RK_FIELD_QUANTITY:
        describe_range(field, field->size, detail, sizeof detail);
        append(text, size, "%s %s", field->dimension == RK_DIM_ENERGY ? "an" : "a",
               field->dimension == RK_DIM_COUNT ? "whole number" : rk_dimension_name(field->dimension));
        append(text, size, "%s%s", detail[0] == '\0' ? "" : " of ", detail);
        break;
    case RK_FIELD_COEFFICIENT:
        snprintf(text, size, "a mapping of value (%s), error, kind and source", rk_dimension_name(field->dimension));
        break;
    case RK_FIELD_RECORD:
        snprintf(text, size, "a mapping of 'key: value'");
        break;
    case RK_FIELD_LIST:
        snprintf(text, size, "a list of %zu to %zu elements", (size_t)field->min, field->capacity);
        break;
    case RK_FIELD_AXES:
        snprintf(text, size, "a mapping from keys to lists of values");
        break;
    case RK_FIELD_PART:
        snprintf(text, size, "a mapping of single values by their keys");
        break;
    }
}

/* ---- values as text ---- */

static void append_quantity(const struct rk_field *field, uint64_t value, char *text, size_t size)
{
    char quantity[RK_QUANTITY_TEXT_bytes];
    for (const struct rk_field_word *word = field->words; word != NULL && word->name != NULL; word++) {
        if (value == word->value) {
            append(text, size, "%s", word->name);
            return;
        }
    }
    rk_quantity_format(field->dimension, value, quantity);
    append(text, size, "%s", quantity);
}

static void format_value(const struct rk_field *field, const unsigned char *at, char *text, size_t size)
{
    char quantity[RK_QUANTITY_TEXT_bytes];
    char error[RK_QUANTITY_TEXT_bytes];
    const struct rk_coefficient *coefficient = (const void *)at;
    text[0] = '\0';
    switch (field->type) {
    case RK_FIELD_TEXT:
    case RK_FIELD_NAME:
        append(text, size, "%s", (const char *)at);
        break;
    case RK_FIELD_FLAG:
        append(text, size, "%s", *(const bool *)at ? "true" : "false");
        break;
    case RK_FIELD_CHOICE:
        append(text, size, "%s", field->choices[rki_load(at, field->size)]);
        break;
    case RK_FIELD_QUANTITY:
        append_quantity(field, rki_load(at, field->size), text, size);
        break;
    case RK_FIELD_COEFFICIENT: {
        struct rk_field table[RKI_COEFFICIENT_FIELDS];
        rki_coefficient_table(field, table);
        rk_quantity_format(field->dimension, coefficient->value, quantity);
        rk_quantity_format(RK_DIM_RATIO, coefficient->error_ppm, error);
        append(text, size, "%s +- %s, %s: %s", quantity, error, table[2].choices[coefficient->kind],
               coefficient->source);
        break;
    }
    case RK_FIELD_RECORD:
    case RK_FIELD_LIST:
    case RK_FIELD_AXES:
    case RK_FIELD_PART:
        break;
    }
}

static void format_list(const struct rk_field *field, const unsigned char *base, char *text, size_t size)
{
    struct rk_field element = rki_element_field(field);
    size_t count;
    memcpy(&count, base + field->count_offset, sizeof count);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char part[TEXT_bytes];
        format_value(&element, base + field->offset + i * field->stride, part, sizeof part);
        append(text, size, "%s%s", i == 0 ? "" : ", ", part);
    }
}

enum rk_err rk_fields_format(const struct rk_field *table, const char *key, const void *record, char *text, size_t size,
                             struct rk_diag *diag)
{
    struct rk_mark mark = {key, 0, 0};
    struct rki_place place;
    /* rki_locate() only computes places; the record is not written through them here. */
    enum rk_err err = rki_locate(table, key, mark, (void *)(uintptr_t)record, &place, diag);
    if (err != RK_OK) {
        return err;
    }
    bool record_list = place.field.type == RK_FIELD_LIST && place.field.sub[0].type == RK_FIELD_RECORD;
    if (place.field.type == RK_FIELD_RECORD || place.field.type >= RK_FIELD_AXES || record_list) {
        return rk_fail_at(diag, mark, "is a mapping, expected the key of a value");
    }
    if (place.field.type == RK_FIELD_LIST) {
        format_list(&place.field, place.at - place.field.offset, text, size);
    } else {
        format_value(&place.field, place.at, text, size);
    }
    return RK_OK;
}

/* ---- documentation ---- */

struct tour {
    void (*visit)(void *context, const struct rk_field_doc *doc);
    void *context;
};

static void visit_table(const struct tour *tour, const struct rk_field *table, const char *prefix,
                        const unsigned char *record);

static const char *type_name(const struct rk_field *field)
{
    static const char *const names[] = {
        [RK_FIELD_TEXT] = "text",     [RK_FIELD_NAME] = "name", [RK_FIELD_FLAG] = "flag", [RK_FIELD_CHOICE] = "choice",
        [RK_FIELD_RECORD] = "record", [RK_FIELD_LIST] = "list", [RK_FIELD_AXES] = "axes", [RK_FIELD_PART] = "part",
    };
    bool dimensional = field->type == RK_FIELD_QUANTITY || field->type == RK_FIELD_COEFFICIENT;
    return dimensional ? rk_dimension_name(field->dimension) : names[field->type];
}

static void describe_allowed(const struct rk_field *field, char *text, size_t size)
{
    text[0] = '\0';
    if (field->choices != NULL) {
        describe_choices(field, text, size);
        return;
    }
    switch (field->type) {
    case RK_FIELD_QUANTITY:
        describe_range(field, field->size, text, size);
        break;
    case RK_FIELD_COEFFICIENT:
        describe_range(field, sizeof(uint64_t), text, size);
        append(text, size, "%swith error, kind and source", text[0] == '\0' ? "" : ", ");
        break;
    case RK_FIELD_LIST: {
        char each[TEXT_bytes];
        struct rk_field element = rki_element_field(field);
        describe_allowed(&element, each, sizeof each);
        append(text, size, "%zu to %zu of: %s%s%s", (size_t)field->min, field->capacity, type_name(&element),
               each[0] == '\0' ? "" : ", ", each);
        break;
    }
    case RK_FIELD_RECORD:
        break;
    default:
        rki_expectation(field, text, size);
    }
}

/* Mappings and lists with an empty default are left out of a file without anything in their place. */
static bool may_be_absent(const struct rk_field *field)
{
    return field->fallback != NULL && field->fallback[0] == '\0' && field->type >= RK_FIELD_COEFFICIENT;
}

static void visit_leaf(const struct tour *tour, const struct rk_field *field, const char *key,
                       const unsigned char *record)
{
    char unit[80] = "";
    char range[RANGE_bytes];
    char value[1024];
    bool list = field->type == RK_FIELD_LIST;
    struct rk_field measured = list ? rki_element_field(field) : *field;
    if (measured.type == RK_FIELD_QUANTITY || measured.type == RK_FIELD_COEFFICIENT) {
        rk_dimension_units(measured.dimension, unit, sizeof unit);
    }
    describe_allowed(field, range, sizeof range);
    if (record != NULL && list) {
        format_list(field, record, value, sizeof value);
    } else if (record != NULL) {
        format_value(field, record + field->offset, value, sizeof value);
    }
    struct rk_field_doc doc = {
        .key = key,
        .type = type_name(field),
        .unit = unit,
        .range = range,
        .required = field->fallback == NULL,
        .fallback = may_be_absent(field) ? NULL : field->fallback,
        .help = field->help == NULL ? "" : field->help,
        .value = record == NULL ? NULL : value,
    };
    tour->visit(tour->context, &doc);
}

static void visit_record_list(const struct tour *tour, const struct rk_field *field, const char *key,
                              const unsigned char *record)
{
    char prefix[RKI_KEY_bytes] = "";
    if (record == NULL) {
        append(prefix, sizeof prefix, "%s[].", key);
        visit_table(tour, field->sub[0].sub, prefix, NULL);
        return;
    }
    size_t count;
    memcpy(&count, record + field->count_offset, sizeof count);
    for (size_t i = 0; i < count; i++) {
        prefix[0] = '\0';
        append(prefix, sizeof prefix, "%s.%zu.", key, i);
        visit_table(tour, field->sub[0].sub, prefix, record + field->offset + i * field->stride);
    }
}

static void visit_table(const struct tour *tour, const struct rk_field *table, const char *prefix,
                        const unsigned char *record)
{
    for (const struct rk_field *field = table; field->key != NULL; field++) {
        char key[RKI_KEY_bytes] = "";
        append(key, sizeof key, "%s%s", prefix, field->key);
        if (field->type == RK_FIELD_RECORD) {
            append(key, sizeof key, ".");
            visit_table(tour, field->sub, key, record == NULL ? NULL : record + field->offset);
        } else if (field->type == RK_FIELD_LIST && field->sub[0].type == RK_FIELD_RECORD) {
            visit_record_list(tour, field, key, record);
        } else {
            visit_leaf(tour, field, key, record);
        }
    }
}

void rk_fields_visit(const struct rk_field *table, const void *record,
                     void (*visit)(void *context, const struct rk_field_doc *doc), void *context)
{
    struct tour tour = {visit, context};
    visit_table(&tour, table, "", record);
}

static void print_doc(void *context, const struct rk_field_doc *doc)
{
    FILE *out = context;
    fprintf(out, "%s", doc->key);
    if (doc->value != NULL) {
        fprintf(out, ": %s", doc->value);
    }
    fprintf(out, "\n    %s", doc->type);
    if (doc->unit[0] != '\0') {
        fprintf(out, " in %s", doc->unit);
    }
    if (doc->range[0] != '\0') {
        fprintf(out, "; %s", doc->range);
    }
    if (doc->fallback != NULL) {
        fprintf(out, "; default %s\n", doc->fallback[0] == '\0' ? "empty" : doc->fallback);
    } else {
        fprintf(out, "; %s\n", doc->required ? "required" : "may be absent");
    }
    if (doc->help[0] != '\0') {
        fprintf(out, "    %s\n", doc->help);
    }
}

void rk_fields_describe(const struct rk_field *table, const void *record, FILE *out)
{
    rk_fields_visit(table, record, print_doc, out);
}
