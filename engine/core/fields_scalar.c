#include "engine/core/fields_internal.h"

#include <string.h>

static const char name_alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@/";

enum rk_err rki_refuse(const struct rk_field *field, struct rk_mark mark, const char *text, const char *what,
                       struct rk_diag *diag)
{
    char expected[320];
    rki_expectation(field, expected, sizeof expected);
    return rk_fail_at(diag, mark, "%s: '%.48s' %s, expected %s", field->key, text, what, expected);
}

/* out: the index of a choice, SIZE_MAX if it is none. */
static size_t find_choice(const struct rk_field *field, const char *text)
{
    for (size_t i = 0; field->choices[i] != NULL; i++) {
        if (strcmp(field->choices[i], text) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static enum rk_err refuse_choice(const struct rk_field *field, const char *text, struct rk_mark mark,
                                 struct rk_diag *diag)
{
    const char *nearest = rk_nearest_name(text, field->choices);
    if (nearest != NULL) {
        return rk_fail_at(diag, mark, "%s: unknown choice '%.48s', expected '%s'", field->key, text, nearest);
    }
    return rki_refuse(field, mark, text, "is no choice", diag);
}

static enum rk_err parse_text(const struct rk_field *field, const char *text, struct rk_mark mark, void *at,
                              struct rk_diag *diag)
{
    size_t length = strlen(text);
    if (length >= field->size) {
        return rki_refuse(field, mark, text, "is too long", diag);
    }
    if (length < field->min) {
        return rki_refuse(field, mark, text, "is empty", diag);
    }
    for (const char *c = text; *c != '\0'; c++) {
        bool control = (unsigned char)*c < 0x20 || *c == 0x7f;
        bool outside = field->type == RK_FIELD_NAME && strchr(name_alphabet, *c) == NULL;
        if (control || outside) {
            return rki_refuse(field, mark, text,
                              control ? "has a control character" : "has a character that is not allowed", diag);
        }
    }
    if (field->type == RK_FIELD_NAME && (text[0] == '/' || strstr(text, "..") != NULL)) {
        return rki_refuse(field, mark, text, "leads out of its folder", diag);
    }
    if (field->choices != NULL && find_choice(field, text) == SIZE_MAX) {
        return refuse_choice(field, text, mark, diag);
    }
    memset(at, 0, field->size);
    memcpy(at, text, length);
    return RK_OK;
}

static enum rk_err parse_choice(const struct rk_field *field, const char *text, struct rk_mark mark, void *at,
                                struct rk_diag *diag)
{
    size_t choice = find_choice(field, text);
    if (choice == SIZE_MAX) {
        return refuse_choice(field, text, mark, diag);
    }
    rki_store(at, field->size, choice);
    return RK_OK;
}

static enum rk_err parse_quantity(const struct rk_field *field, const char *text, struct rk_mark mark, void *at,
                                  struct rk_diag *diag)
{
    for (const struct rk_field_word *word = field->words; word != NULL && word->name != NULL; word++) {
        if (strcmp(text, word->name) == 0) {
            rki_store(at, field->size, word->value);
            return RK_OK;
        }
    }
    struct rk_diag why;
    uint64_t value;
    enum rk_err err = rk_quantity_parse(field->dimension, text, &value, &why);
    if (err != RK_OK) {
        return rk_fail_at(diag, mark, "%s: %s", field->key, why.text);
    }
    uint64_t max = field->max == 0 ? rki_largest(field->size) : field->max;
    if (value < field->min || value > max) {
        return rki_refuse(field, mark, text, "is out of range", diag);
    }
    rki_store(at, field->size, value);
    return RK_OK;
}

enum rk_err rki_parse_scalar(const struct rk_field *field, const char *text, struct rk_mark mark, void *at,
                             struct rk_diag *diag)
{
    switch (field->type) {
    case RK_FIELD_TEXT:
    case RK_FIELD_NAME:
        return parse_text(field, text, mark, at, diag);
    case RK_FIELD_FLAG:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            return rki_refuse(field, mark, text, "is no flag", diag);
        }
        *(bool *)at = text[0] == 't';
        return RK_OK;
    case RK_FIELD_CHOICE:
        return parse_choice(field, text, mark, at, diag);
    case RK_FIELD_QUANTITY:
        return parse_quantity(field, text, mark, at, diag);
    default:
        return rki_refuse(field, mark, text, "is a single value", diag);
    }
}
