/* bench/cost_json.c - cost rows as JSON: one field table for both directions */
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "bench/bench.h"

enum kind { TEXT, COUNT, COUNT32, SECONDS, JOULES, TRISTATE, FLAG };

static const struct field {
    const char *key;
    enum kind kind;
    size_t offset, size;
} fields[] = {
#define FIELD(key, kind, member)                                                                                       \
    {                                                                                                                  \
        key, kind, offsetof(struct rk_cost_row, member), sizeof(((struct rk_cost_row *)0)->member)                     \
    }
    FIELD("device", TEXT, device),
    FIELD("backend", TEXT, backend),
    FIELD("version", TEXT, version),
    FIELD("compiler", TEXT, compiler),
    FIELD("flags", TEXT, flags),
    FIELD("op", TEXT, op),
    FIELD("size_bytes", COUNT32, size_bytes),
    FIELD("status", TEXT, status),
    FIELD("cycles_min", COUNT, cycles_min),
    FIELD("cycles_median", COUNT, cycles_median),
    FIELD("cycles_max", COUNT, cycles_max),
    FIELD("cycles_low", COUNT, cycles_low),
    FIELD("cycles_high", COUNT, cycles_high),
    FIELD("instructions", COUNT, instructions),
    FIELD("stack_bytes", COUNT, stack_bytes),
    FIELD("heap_bytes", COUNT, heap_bytes),
    FIELD("ram_static_bytes", COUNT, ram_static_bytes),
    FIELD("flash_bytes", COUNT, flash_bytes),
    FIELD("nvm_write_bytes", COUNT, nvm_write_bytes),
    FIELD("nvm_time_s", SECONDS, nvm_time_ns),
    FIELD("time_s", SECONDS, time_ns),
    FIELD("energy_J", JOULES, energy_pJ),
    FIELD("energy_low_J", JOULES, energy_low_pJ),
    FIELD("energy_high_J", JOULES, energy_high_pJ),
    FIELD("secret_dependent", TRISTATE, secret_dependent),
    FIELD("known_answer", FLAG, known_answer),
    FIELD("firmware_sha256", TEXT, firmware_sha256),
#undef FIELD
};

enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

static double scale(enum kind kind)
{
    return kind == SECONDS ? 1e9 : 1e12;
}

static json_t *value_to_json(const struct field *field, const void *at)
{
    switch (field->kind) {
    case TEXT:
        return json_string(at);
    case COUNT32:
        return json_integer(*(const uint32_t *)at);
    case TRISTATE: {
        int state = *(const int *)at;
        return state < 0 ? json_null() : json_boolean(state);
    }
    case FLAG:
        return json_boolean(*(const bool *)at);
    default: {
        uint64_t value = *(const uint64_t *)at;
        if (value == RK_NONE) {
            return json_null();
        }
        return field->kind == COUNT ? json_integer((json_int_t)value) : json_real((double)value / scale(field->kind));
    }
    }
}

json_t *rk_cost_row_to_json(const struct rk_cost_row *row)
{
    json_t *object = json_object();
    for (int i = 0; i < FIELD_COUNT; i++) {
        json_object_set_new(object, fields[i].key, value_to_json(&fields[i], (const char *)row + fields[i].offset));
    }
    return object;
}

/* out: false when the value's type is not the field's. */
static bool value_from_json(const struct field *field, const json_t *value, void *at)
{
    switch (field->kind) {
    case TEXT:
        if (!json_is_string(value) || json_string_length(value) >= field->size) {
            return false;
        }
        memcpy(at, json_string_value(value), json_string_length(value) + 1);
        return true;
    case COUNT32:
        *(uint32_t *)at = (uint32_t)json_integer_value(value);
        return json_is_integer(value);
    case TRISTATE:
        *(int *)at = json_is_null(value) ? -1 : json_is_true(value);
        return json_is_null(value) || json_is_boolean(value);
    case FLAG:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    default:
        if (json_is_null(value)) {
            *(uint64_t *)at = RK_NONE;
        } else if (field->kind == COUNT) {
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
    for (int i = 0; i < FIELD_COUNT; i++) {
        const json_t *value = json_object_get(json, fields[i].key);
        if (!value || !value_from_json(&fields[i], value, (char *)row + fields[i].offset)) {
            return rk_fail(diag, RK_ERR_INPUT, "cost row: `%s` is %s, expected a value of its type", fields[i].key,
                           value ? "of another type" : "missing");
        }
    }
    return RK_OK;
}
