/* bench/cost_json.c - cost rows as JSON */
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/cost_fields.h"

static double scale(enum rki_cost_kind kind)
{
    return kind == RKI_COST_SECONDS ? 1e9 : 1e12;
}

static json_t *value_to_json(const struct rki_cost_field *field, const void *at)
{
    switch (field->kind) {
    case RKI_COST_TEXT:
        return json_string(at);
    case RKI_COST_COUNT32:
        return json_integer(*(const uint32_t *)at);
    case RKI_COST_TRISTATE: {
        int state = *(const int *)at;
        return state < 0 ? json_null() : json_boolean(state);
    }
    case RKI_COST_FLAG:
        return json_boolean(*(const bool *)at);
    default: {
        uint64_t value = *(const uint64_t *)at;
        if (value == RK_NONE) {
            return json_null();
        }
        return field->kind == RKI_COST_COUNT ? json_integer((json_int_t)value)
                                             : json_real((double)value / scale(field->kind));
    }
    }
}

json_t *rk_cost_row_to_json(const struct rk_cost_row *row)
{
    json_t *object = json_object();
    for (int i = 0; rki_cost_fields[i].key != NULL; i++) {
        json_object_set_new(object, rki_cost_fields[i].key,
                            value_to_json(&rki_cost_fields[i], (const char *)row + rki_cost_fields[i].offset));
    }
    return object;
}

/* out: false when the value's type is not the field's. */
static bool value_from_json(const struct rki_cost_field *field, const json_t *value, void *at)
{
    switch (field->kind) {
    case RKI_COST_TEXT:
        if (!json_is_string(value) || json_string_length(value) >= field->size) {
            return false;
        }
        memcpy(at, json_string_value(value), json_string_length(value) + 1);
        return true;
    case RKI_COST_COUNT32:
        *(uint32_t *)at = (uint32_t)json_integer_value(value);
        return json_is_integer(value);
    case RKI_COST_TRISTATE:
        *(int *)at = json_is_null(value) ? -1 : json_is_true(value);
        return json_is_null(value) || json_is_boolean(value);
    case RKI_COST_FLAG:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    default:
        if (json_is_null(value)) {
            *(uint64_t *)at = RK_NONE;
        } else if (field->kind == RKI_COST_COUNT) {
            *(uint64_t *)at = (uint64_t)json_integer_value(value);
        } else {
            *(uint64_t *)at = (uint64_t)(json_number_value(value) * scale(field->kind) + 0.5);
        }
        return json_is_null(value) || json_is_number(value);
    }
}

enum rk_err rk_cost_row_from_json(const json_t *json, struct rk_cost_row *row, struct rk_diag *diag)
{
    memset(row, 0, sizeof *row);
    for (int i = 0; rki_cost_fields[i].key != NULL; i++) {
        const json_t *value = json_object_get(json, rki_cost_fields[i].key);
        if (!value || !value_from_json(&rki_cost_fields[i], value, (char *)row + rki_cost_fields[i].offset)) {
            return rk_fail(diag, RK_ERR_INPUT, "cost row: `%s` is %s, expected a value of its type",
                           rki_cost_fields[i].key, value ? "of another type" : "missing");
        }
    }
    return RK_OK;
}
