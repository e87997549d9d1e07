/* engine/core/fields.h - one table a struct: it loads the file, refuses what is wrong, prints values and documentation
 *
 * Model:   a table is an array of struct rk_field ended by a NULL key. Key order in the file is free. A field without a
 *          default is required. Every complaint is one line `file:line:column: what, expected what`.
 * Units:   quantities are stored as unsigned integers in the base unit of quantity.h; the member's name carries it.
 *
 *     static const struct rk_field lamp_fields[] = {
 *         {.key = "supply", .type = RK_FIELD_QUANTITY, .dimension = RK_DIM_VOLTAGE, RK_AT(struct lamp, supply_mV),
 *          .min = 1000, .max = 5000, .fallback = "3 V", .help = "supply of the lamp"},
 *         {.key = "draw", .type = RK_FIELD_COEFFICIENT, .dimension = RK_DIM_CURRENT, RK_AT(struct lamp, draw_nA),
 *          .max = 1000000000, .help = "current when lit"},
 *         {.key = NULL}};
 */
#ifndef ENGINE_CORE_FIELDS_H
#define ENGINE_CORE_FIELDS_H

#include "engine/core/coefficient.h"
#include "engine/core/err.h"
#include "engine/core/quantity.h"
#include "engine/core/yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum rk_field_type {
    RK_FIELD_TEXT,        /* char[size], any printable text */
    RK_FIELD_NAME,        /* char[size], letters, digits and . _ - @ /, no "..", not at the start of the file system */
    RK_FIELD_FLAG,        /* bool: true or false */
    RK_FIELD_CHOICE,      /* unsigned of 1, 2, 4 or 8 bytes (or an enum): index into choices */
    RK_FIELD_QUANTITY,    /* unsigned of 1, 2, 4 or 8 bytes in the dimension's base unit, min..max */
    RK_FIELD_COEFFICIENT, /* struct rk_coefficient: a mapping of value, error, kind, source; min..max for the value */
    RK_FIELD_RECORD,      /* nested struct: a mapping, by the table `sub` */
    RK_FIELD_LIST,        /* array of up to `capacity` elements of `stride` bytes, each by the one field `sub[0]` */
    RK_FIELD_AXES,        /* struct rk_axes: a mapping from dotted keys of the table `sub` to lists of values, or from a
                             word of one's own to such a mapping, whose lists are zipped */
    RK_FIELD_PART,        /* nothing: a mapping of some single values of the table `sub`, which are checked and stay in
                             the file, for rk_yaml_overlay() */
};

/* "never" for a time without end. A list of them is ended by a NULL name. */
struct rk_field_word {
    const char *name;
    uint64_t value;
};

struct rk_field {
    const char *key;
    enum rk_field_type type;
    enum rk_dimension dimension;
    size_t offset, size; /* in the record; RK_AT() fills both */
    uint64_t min, max;   /* quantities, coefficient values; a list's least length in min. max 0: all that fits */
    const struct rk_field_word *words; /* quantity: words that stand for values beside the range, or NULL */
    const char *const *choices;        /* of a choice; of a text: the only texts allowed, or NULL. Ended by NULL */
    const struct rk_field *sub;
    size_t count_offset; /* list: of the size_t number of elements */
    size_t stride, capacity;
    const char *fallback; /* default as text; NULL: required. "" for mappings and lists: may be absent */
    const char *help;
};

#define RK_AT(record, member) .offset = offsetof(record, member), .size = sizeof(((record *)0)->member)
/* A list of `array` with its number of elements in the size_t `count`. */
#define RK_LIST_AT(record, array, count)                                                                               \
    RK_AT(record, array), .count_offset = offsetof(record, count), .stride = sizeof(((record *)0)->array[0]),          \
                          .capacity = sizeof(((record *)0)->array) / sizeof(((record *)0)->array[0])

/* A sweep: for each dotted key the values it takes, checked when loaded, set later by rk_fields_set_at(). Axes of one zip
 * stand side by side, have as many values each, and go through them in step. */
enum { RK_AXES_max = 16, RK_AXIS_VALUES_max = 64, RK_AXIS_TEXT_bytes = 64 };

struct rk_axis_value {
    char text[RK_AXIS_TEXT_bytes];
    unsigned line, column;
};

struct rk_axis {
    char key[RK_AXIS_TEXT_bytes];
    size_t count;
    unsigned zip; /* 1, 2, ...; 0: the axis stands alone */
    struct rk_axis_value values[RK_AXIS_VALUES_max];
};

struct rk_axes {
    size_t count;
    struct rk_axis axis[RK_AXES_max];
};

/* Loading. out: the record is overwritten; after an error its content is not defined. Errors: RK_ERR_IO, RK_ERR_INPUT.
 * The record is `size` bytes and is zeroed first. */
RK_MUST_CHECK enum rk_err rk_fields_load_file(const struct rk_field *table, const char *path, void *record, size_t size,
                                              struct rk_diag *diag);
/* The same for a mapping that is already parsed; `path` is for messages. Does not zero the record. */
RK_MUST_CHECK enum rk_err rk_fields_load_node(const struct rk_field *table, const char *path,
                                              const struct rk_yaml *node, void *record, struct rk_diag *diag);

/* Lays what the mapping has over a record that is already loaded: nothing is required, no default is set. */
RK_MUST_CHECK enum rk_err rk_fields_load_over(const struct rk_field *table, const char *path,
                                              const struct rk_yaml *node, void *record, struct rk_diag *diag);

/* Sets one value by its dotted key ("policy.interval", "radio.tx.value", "groups.0.count"). A list takes its elements
 * separated by commas. Errors: RK_ERR_INPUT, the message begins with the mark. The record is unchanged by an error,
 * save for a list. */
RK_MUST_CHECK enum rk_err rk_fields_set_at(const struct rk_field *table, const char *key, const char *text,
                                           struct rk_mark mark, void *record, struct rk_diag *diag);
/* The same for `KEY=VALUE` of an option; the message begins with `option`, such as "--set". */
RK_MUST_CHECK enum rk_err rk_fields_set(const struct rk_field *table, const char *option, const char *assignment,
                                        void *record, struct rk_diag *diag);
/* Would rk_fields_set_at() take it? */
RK_MUST_CHECK enum rk_err rk_fields_check(const struct rk_field *table, const char *key, const char *text,
                                          struct rk_mark mark, struct rk_diag *diag);

/* out: the value of a dotted key as text in human units, which rk_fields_set_at() reads back; a whole coefficient is
 * written for people. Errors: RK_ERR_INPUT if there is no such key, or if it names a record. */
RK_MUST_CHECK enum rk_err rk_fields_format(const struct rk_field *table, const char *key, const void *record,
                                           char *text, size_t size, struct rk_diag *diag);

/* One line of documentation. Texts live as long as the call. */
struct rk_field_doc {
    const char *key;   /* dotted; list elements as "groups[].count" */
    const char *type;  /* "time", "text", "choice", ... */
    const char *unit;  /* units it may be written in, or "" */
    const char *range; /* "1 kHz to 4 GHz", "measured | datasheet", ... */
    bool required;
    const char *fallback; /* default as text; NULL: required, or may be absent */
    const char *help;
    const char *value; /* of the record given to rk_fields_visit(); NULL without a record */
};

/* Calls `visit` for every field, depth first, in table order; with a record also its values. */
void rk_fields_visit(const struct rk_field *table, const void *record,
                     void (*visit)(void *context, const struct rk_field_doc *doc), void *context);

/* The table as text, one field a paragraph, with the values of record unless it is NULL. */
void rk_fields_describe(const struct rk_field *table, const void *record, FILE *out);

/* out: the candidate nearest to `word`, or NULL if none is near enough to suggest. Candidates are ended by NULL. */
const char *rk_nearest_name(const char *word, const char *const *candidates);
/* Refuses a name: `unknown WHAT 'NAME', expected 'NEAREST'`, or as many of the candidates as the line holds.
 * out: RK_ERR_INPUT. */
enum rk_err rk_unknown_name(const char *what, const char *name, const char *const *candidates, struct rk_diag *diag);

#endif
