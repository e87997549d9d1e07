#include "engine/core/fields.h"
#include "engine/core/fields_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"measured", "datasheet", "literature", "assumed", NULL};

enum { SCRATCH_bytes = 16384 };

uint64_t rki_load(const void *at, size_t size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const uint32_t *)at;
    default:
        return *(const uint64_t *)at;
    }
}

void rki_store(void *at, size_t size, uint64_t value)
{
    switch (size) {
    case 1:
        *(uint8_t *)at = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)value;
        break;
    default:
        RK_REQUIRE(size == sizeof(uint64_t));
        *(uint64_t *)at = value;
    }
}

uint64_t rki_largest(size_t size)
{
    return size >= sizeof(uint64_t) ? UINT64_MAX : ((uint64_t)1 << (8 * size)) - 1;
}

void rki_coefficient_table(const struct rk_field *field, struct rk_field table[RKI_COEFFICIENT_FIELDS])
{
    const struct rk_field made[RKI_COEFFICIENT_FIELDS] = {
        {.key = "value",
         .type = RK_FIELD_QUANTITY,
         .dimension = field->dimension,
         RK_AT(struct rk_coefficient, value),
         .min = field->min,
         .max = field->max,
         .help = "the figure itself"},
        {.key = "error",
         .type = RK_FIELD_QUANTITY,
         .dimension = RK_DIM_RATIO,
         RK_AT(struct rk_coefficient, error_ppm),
         .max = 1000000,
         .help = "relative, symmetric"},
        {.key = "kind",
         .type = RK_FIELD_CHOICE,
         RK_AT(struct rk_coefficient, kind),
         .choices = kind_names,
         .help = "where the figure comes from"},
        {.key = "source",
         .type = RK_FIELD_TEXT,
         RK_AT(struct rk_coefficient, source),
         .min = 1,
         .help = "document and table, or the command that measured it"},
        {.key = NULL},
    };
    memcpy(table, made, sizeof made);
}

struct rk_field rki_element_field(const struct rk_field *list)
{
    struct rk_field element = list->sub[0];
    element.offset = 0;
    element.size = list->stride;
    if (element.key == NULL) {
        element.key = list->key;
    }
    return element;
}

static const struct rk_field *find(const struct rk_field *table, const char *key, size_t length)
{
    for (const struct rk_field *field = table; field->key != NULL; field++) {
        if (strlen(field->key) == length && memcmp(field->key, key, length) == 0) {
            return field;
        }
    }
    return NULL;
}

/* Steps from a list to the element that the next part of the key numbers; *rest is then behind that part. */
static enum rk_err step_into_list(const char **rest, struct rk_mark mark, struct rki_place *place, struct rk_diag *diag)
{
    const char *digits = *rest;
    size_t length = strspn(digits, "0123456789");
    size_t count = place->field.capacity;
    if (place->at != NULL) {
        const unsigned char *record = place->at - place->field.offset;
        memcpy(&count, record + place->field.count_offset, sizeof count);
    }
    bool whole = length > 0 && length < 9 && (digits[length] == '\0' || digits[length] == '.');
    size_t index = whole ? strtoul(digits, NULL, 10) : 0;
    if (!whole || index >= count) {
        return rk_fail_at(diag, mark, "'%.40s' is no element of '%s', expected a number below %zu", digits,
                          place->field.key, count);
    }
    if (place->at != NULL) {
        place->at += index * place->field.stride;
    }
    place->field = rki_element_field(&place->field);
    *rest += length;
    return RK_OK;
}

enum rk_err rki_locate(const struct rk_field *table, const char *key, struct rk_mark mark, void *record,
                       struct rki_place *place, struct rk_diag *diag)
{
    struct rk_field made[RKI_COEFFICIENT_FIELDS];
    const char *rest = key;
    unsigned char *base = record;
    for (;;) {
        size_t length = strcspn(rest, ".");
        const struct rk_field *field = find(table, rest, length);
        if (field == NULL) {
            char part[RKI_KEY_bytes];
            snprintf(part, sizeof part, "%.*s", length > 80 ? 80 : (int)length, rest);
            return rki_unknown_key(table, part, mark, diag);
        }
        *place = (struct rki_place){*field, base == NULL ? NULL : base + field->offset};
        rest += length;
        if (place->field.type == RK_FIELD_LIST && *rest == '.') {
            rest++;
            enum rk_err err = step_into_list(&rest, mark, place, diag);
            if (err != RK_OK) {
                return err;
            }
        }
        if (*rest == '\0') {
            return RK_OK;
        }
        if (place->field.type == RK_FIELD_COEFFICIENT) {
            rki_coefficient_table(&place->field, made);
            table = made;
        } else if (place->field.type == RK_FIELD_RECORD) {
            table = place->field.sub;
        } else {
            return rk_fail_at(diag, mark, "'%s' holds no key '%.40s', expected a key that ends there", place->field.key,
                              rest + 1);
        }
        rest++;
        base = place->at;
    }
}

/* ---- lists from text, defaults ---- */

/* Elements separated by commas, spaces around them dropped. `base` is the list's record. */
static enum rk_err set_list(const struct rk_field *field, const char *text, struct rk_mark mark, unsigned char *base,
                            struct rk_diag *diag)
{
    struct rk_field element = rki_element_field(field);
    size_t count = 0;
    while (*text != '\0') {
        char part[RKI_KEY_bytes];
        size_t length = strcspn(text, ",");
        const char *rest = text + length + (text[length] == ',');
        while (*text == ' ') {
            text++;
            length--;
        }
        while (length > 0 && text[length - 1] == ' ') {
            length--;
        }
        if (length >= sizeof part || count == field->capacity) {
            return rki_refuse(field, mark, text, "is too long", diag);
        }
        memcpy(part, text, length);
        part[length] = '\0';
        enum rk_err err = rki_parse_scalar(&element, part, mark, base + field->offset + count * field->stride, diag);
        if (err != RK_OK) {
            return err;
        }
        count++;
        text = rest;
    }
    if (count < field->min) {
        return rk_fail_at(diag, mark, "%s: %zu elements, expected at least %zu", field->key, count, (size_t)field->min);
    }
    memcpy(base + field->count_offset, &count, sizeof count);
    return RK_OK;
}

/* A default that its own table refuses is a bug of the table. Required fields of an absent record stay zero. */
static void set_defaults(const struct rk_field *table, unsigned char *record)
{
    for (const struct rk_field *field = table; field->key != NULL; field++) {
        if (field->type == RK_FIELD_RECORD) {
            set_defaults(field->sub, record + field->offset);
            continue;
        }
        bool absent = field->fallback == NULL || field->type == RK_FIELD_COEFFICIENT || field->type >= RK_FIELD_AXES;
        if (absent || (field->type == RK_FIELD_LIST && field->fallback[0] == '\0')) {
            continue;
        }
        struct rk_mark mark = {"default", 0, 0};
        struct rk_diag diag;
        enum rk_err err = field->type == RK_FIELD_LIST
                              ? set_list(field, field->fallback, mark, record, &diag)
                              : rki_parse_scalar(field, field->fallback, mark, record + field->offset, &diag);
        rk_panic_context(err == RK_OK ? "" : diag.text);
        RK_REQUIRE(err == RK_OK);
    }
}

/* ---- from a file's tree ---- */

static struct rk_mark mark_of(const char *path, const struct rk_yaml *node)
{
    return (struct rk_mark){node->file != NULL ? node->file : path, node->line, node->column};
}

static struct rk_mark key_mark_of(const char *path, const struct rk_yaml *node)
{
    return (struct rk_mark){node->file != NULL ? node->file : path, node->key_line, node->key_column};
}

static enum rk_err load_value(const struct rk_field *field, const char *path, const struct rk_yaml *node, bool over,
                              unsigned char *base, struct rk_diag *diag);

static enum rk_err wrong_kind(const struct rk_field *field, const char *path, const struct rk_yaml *node,
                              struct rk_diag *diag)
{
    char expected[320];
    rki_expectation(field, expected, sizeof expected);
    if (node->kind == RK_YAML_SCALAR && node->plain && node->text[0] == '\0') {
        return rk_fail_at(diag, mark_of(path, node), "%s: no value, expected %s", field->key, expected);
    }
    return rk_fail_at(diag, mark_of(path, node), "%s: %s, expected %s", field->key, rk_yaml_kind_name(node->kind),
                      expected);
}

static enum rk_err load_list(const struct rk_field *field, const char *path, const struct rk_yaml *node,
                             unsigned char *base, struct rk_diag *diag)
{
    struct rk_field element = rki_element_field(field);
    size_t count = 0;
    for (const struct rk_yaml *item = node->first; item != NULL; item = item->next) {
        if (count == field->capacity) {
            return rk_fail_at(diag, mark_of(path, item), "%s: too many elements, expected at most %zu", field->key,
                              field->capacity);
        }
        unsigned char *at = base + field->offset + count * field->stride;
        enum rk_err err = load_value(&element, path, item, false, at, diag);
        if (err != RK_OK) {
            return err;
        }
        count++;
    }
    if (count < field->min) {
        return rk_fail_at(diag, mark_of(path, node), "%s: %zu elements, expected at least %zu", field->key, count,
                          (size_t)field->min);
    }
    memcpy(base + field->count_offset, &count, sizeof count);
    return RK_OK;
}

static enum rk_err load_axis(const struct rk_field *field, const char *path, const struct rk_yaml *node,
                             struct rk_axis *axis, struct rk_diag *diag)
{
    struct rk_mark key_mark = key_mark_of(path, node);
    if (strlen(node->key) >= sizeof axis->key) {
        return rk_fail_at(diag, key_mark, "key '%.40s...' is too long, expected a key of the file", node->key);
    }
    struct rki_place place;
    enum rk_err err = rki_locate(field->sub, node->key, key_mark, NULL, &place, diag);
    if (err != RK_OK) {
        return err;
    }
    if (node->kind != RK_YAML_LIST || node->count == 0 || node->count > RK_AXIS_VALUES_max) {
        return rk_fail_at(diag, mark_of(path, node), "axis '%s': not a list of values, expected 1 to %d values",
                          node->key, RK_AXIS_VALUES_max);
    }
    snprintf(axis->key, sizeof axis->key, "%s", node->key);
    for (const struct rk_yaml *item = node->first; item != NULL; item = item->next) {
        struct rk_mark mark = mark_of(path, item);
        if (item->kind != RK_YAML_SCALAR || strlen(item->text) >= RK_AXIS_TEXT_bytes) {
            return rk_fail_at(diag, mark, "axis '%s': not a single short value, expected at most %d characters",
                              node->key, RK_AXIS_TEXT_bytes - 1);
        }
        for (size_t i = 0; i < axis->count && axis->zip == 0; i++) {
            if (strcmp(axis->values[i].text, item->text) == 0) {
                return rk_fail_at(diag, mark, "axis '%s': '%s' is given twice, expected each value once", node->key,
                                  item->text);
            }
        }
        err = rk_fields_check(field->sub, node->key, item->text, mark, diag);
        if (err != RK_OK) {
            return err;
        }
        struct rk_axis_value *value = &axis->values[axis->count++];
        snprintf(value->text, sizeof value->text, "%s", item->text);
        value->line = item->line;
        value->column = item->column;
    }
    return RK_OK;
}

static enum rk_err append_axis(const struct rk_field *field, const char *path, const struct rk_yaml *node, unsigned zip,
                               struct rk_axes *axes, struct rk_diag *diag)
{
    struct rk_mark key_mark = key_mark_of(path, node);
    if (axes->count == RK_AXES_max) {
        return rk_fail_at(diag, key_mark, "%s: too many axes, expected at most %d", field->key, RK_AXES_max);
    }
    for (size_t i = 0; i < axes->count; i++) {
        if (strcmp(axes->axis[i].key, node->key) == 0) {
            return rk_fail_at(diag, key_mark, "axis '%s' is given twice, expected each once", node->key);
        }
    }
    struct rk_axis *axis = &axes->axis[axes->count];
    axis->zip = zip;
    enum rk_err err = load_axis(field, path, node, axis, diag);
    if (err == RK_OK && zip != 0 && axes->count > 0 && axis[-1].zip == zip && axis[-1].count != axis->count) {
        err = rk_fail_at(diag, mark_of(path, node), "axis '%s': %zu values, expected %zu, as many as '%s' beside it",
                         node->key, axis->count, axis[-1].count, axis[-1].key);
    }
    axes->count += err == RK_OK;
    return err;
}

static enum rk_err load_axes(const struct rk_field *field, const char *path, const struct rk_yaml *node,
                             struct rk_axes *axes, struct rk_diag *diag)
{
    unsigned zips = 0;
    for (const struct rk_yaml *member = node->first; member != NULL; member = member->next) {
        bool zipped = member->kind == RK_YAML_MAP;
        const struct rk_yaml *axis = zipped ? member->first : member;
        zips += zipped;
        while (axis != NULL) {
            enum rk_err err = append_axis(field, path, axis, zipped ? zips : 0, axes, diag);
            if (err != RK_OK) {
                return err;
            }
            axis = zipped ? axis->next : NULL;
        }
    }
    return RK_OK;
}

static enum rk_err check_part(const struct rk_field *table, const char *path, const struct rk_yaml *part,
                              struct rk_diag *diag)
{
    _Alignas(max_align_t) unsigned char scratch[SCRATCH_bytes];
    for (const struct rk_yaml *node = part->first; node != NULL; node = node->next) {
        const struct rk_field *field = find(table, node->key, strlen(node->key));
        if (field == NULL) {
            return rki_unknown_key(table, node->key, key_mark_of(path, node), diag);
        }
        bool record = field->type == RK_FIELD_RECORD;
        if (!record && field->type > RK_FIELD_QUANTITY) {
            return rk_fail_at(diag, key_mark_of(path, node), "key '%s' is no single value, expected one that is",
                              node->key);
        }
        bool blank = node->kind == RK_YAML_SCALAR && node->plain && node->text[0] == '\0';
        if (node->kind != (record ? RK_YAML_MAP : RK_YAML_SCALAR) || blank) {
            return wrong_kind(field, path, node, diag);
        }
        RK_REQUIRE(record || field->size <= sizeof scratch);
        enum rk_err err = record ? check_part(field->sub, path, node, diag)
                                 : rki_parse_scalar(field, node->text, mark_of(path, node), scratch, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

/* `base` is the record that holds the field; over: a record in it is loaded already. */
static enum rk_err load_value(const struct rk_field *field, const char *path, const struct rk_yaml *node, bool over,
                              unsigned char *base, struct rk_diag *diag)
{
    struct rk_field made[RKI_COEFFICIENT_FIELDS];
    enum rk_yaml_kind wanted = RK_YAML_SCALAR;
    if (field->type == RK_FIELD_LIST) {
        wanted = RK_YAML_LIST;
    } else if (field->type >= RK_FIELD_COEFFICIENT) {
        wanted = RK_YAML_MAP;
    }
    bool blank = node->kind == RK_YAML_SCALAR && node->plain && node->text[0] == '\0';
    if (node->kind != wanted || blank) {
        return wrong_kind(field, path, node, diag);
    }
    switch (field->type) {
    case RK_FIELD_COEFFICIENT:
        rki_coefficient_table(field, made);
        return rk_fields_load_node(made, path, node, base + field->offset, diag);
    case RK_FIELD_RECORD:
        return over ? rk_fields_load_over(field->sub, path, node, base + field->offset, diag)
                    : rk_fields_load_node(field->sub, path, node, base + field->offset, diag);
    case RK_FIELD_LIST:
        return load_list(field, path, node, base, diag);
    case RK_FIELD_AXES:
        return load_axes(field, path, node, (struct rk_axes *)(void *)(base + field->offset), diag);
    case RK_FIELD_PART:
        return check_part(field->sub, path, node, diag);
    default:
        return rki_parse_scalar(field, node->text, mark_of(path, node), base + field->offset, diag);
    }
}

static enum rk_err load_members(const struct rk_field *table, const char *path, const struct rk_yaml *node, bool over,
                                void *record, struct rk_diag *diag)
{
    if (node->kind != RK_YAML_MAP) {
        return rk_fail_at(diag, mark_of(path, node), "%s, expected 'key: value' lines", rk_yaml_kind_name(node->kind));
    }
    for (const struct rk_yaml *member = node->first; member != NULL; member = member->next) {
        const struct rk_field *field = find(table, member->key, strlen(member->key));
        if (field == NULL) {
            return rki_unknown_key(table, member->key, key_mark_of(path, member), diag);
        }
        enum rk_err err = load_value(field, path, member, over, record, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

enum rk_err rk_fields_load_over(const struct rk_field *table, const char *path, const struct rk_yaml *node,
                                void *record, struct rk_diag *diag)
{
    return load_members(table, path, node, true, record, diag);
}

enum rk_err rk_fields_load_node(const struct rk_field *table, const char *path, const struct rk_yaml *node,
                                void *record, struct rk_diag *diag)
{
    set_defaults(table, record);
    enum rk_err err = load_members(table, path, node, false, record, diag);
    if (err != RK_OK) {
        return err;
    }
    for (const struct rk_field *field = table; field->key != NULL; field++) {
        if (field->fallback == NULL && rk_yaml_get(node, field->key) == NULL) {
            char expected[320];
            rki_expectation(field, expected, sizeof expected);
            return rk_fail_at(diag, mark_of(path, node), "missing key '%s', expected %s", field->key, expected);
        }
    }
    return RK_OK;
}

enum rk_err rk_fields_load_file(const struct rk_field *table, const char *path, void *record, size_t size,
                                struct rk_diag *diag)
{
    struct rk_arena arena;
    struct rk_yaml *root;
    memset(record, 0, size);
    rk_arena_init(&arena);
    enum rk_err err = rk_yaml_load_file(path, &arena, &root, diag);
    if (err == RK_OK) {
        err = rk_fields_load_node(table, path, root, record, diag);
    }
    rk_arena_fini(&arena);
    return err;
}

/* ---- one value ---- */

enum rk_err rk_fields_set_at(const struct rk_field *table, const char *key, const char *text, struct rk_mark mark,
                             void *record, struct rk_diag *diag)
{
    struct rki_place place;
    enum rk_err err = rki_locate(table, key, mark, record, &place, diag);
    if (err != RK_OK) {
        return err;
    }
    if (place.field.type == RK_FIELD_LIST) {
        return set_list(&place.field, text, mark, place.at - place.field.offset, diag);
    }
    return rki_parse_scalar(&place.field, text, mark, place.at, diag);
}

enum rk_err rk_fields_set(const struct rk_field *table, const char *option, const char *assignment, void *record,
                          struct rk_diag *diag)
{
    char where[RKI_KEY_bytes];
    char key[RKI_KEY_bytes];
    snprintf(where, sizeof where, "%s %.80s", option, assignment);
    struct rk_mark mark = {where, 0, 0};
    size_t length = strcspn(assignment, "=");
    if (assignment[length] != '=' || length == 0 || length >= sizeof key) {
        return rk_fail_at(diag, mark, "no assignment, expected KEY=VALUE");
    }
    memcpy(key, assignment, length);
    key[length] = '\0';
    return rk_fields_set_at(table, key, assignment + length + 1, mark, record, diag);
}

enum rk_err rk_fields_check(const struct rk_field *table, const char *key, const char *text, struct rk_mark mark,
                            struct rk_diag *diag)
{
    _Alignas(max_align_t) unsigned char scratch[SCRATCH_bytes];
    struct rki_place place;
    enum rk_err err = rki_locate(table, key, mark, NULL, &place, diag);
    if (err != RK_OK) {
        return err;
    }
    if (place.field.type == RK_FIELD_LIST) {
        struct rk_field list = place.field;
        list.offset = 0;
        list.count_offset = SCRATCH_bytes - sizeof(size_t);
        RK_REQUIRE(list.capacity * list.stride <= list.count_offset);
        return set_list(&list, text, mark, scratch, diag);
    }
    RK_REQUIRE(place.field.size <= sizeof scratch || place.field.type >= RK_FIELD_COEFFICIENT);
    return rki_parse_scalar(&place.field, text, mark, scratch, diag);
}
