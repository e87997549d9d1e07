/* engine/core/fields_internal.h - what the loading and the printing half of fields share
 *
 * Model: a place is one field together with where its value lies; the fields of a coefficient and of a list's element
 *        exist only as places, made when asked for.
 */
#ifndef ENGINE_CORE_FIELDS_INTERNAL_H
#define ENGINE_CORE_FIELDS_INTERNAL_H

#include "engine/core/fields.h"

enum { RKI_COEFFICIENT_FIELDS = 5, RKI_KEY_bytes = 160 };

struct rki_place {
    struct rk_field field;
    unsigned char *at; /* NULL without a record */
};

/* The table of a coefficient's mapping, made from its field; the last entry ends it. */
void rki_coefficient_table(const struct rk_field *field, struct rk_field table[RKI_COEFFICIENT_FIELDS]);

/* The field of a list's element; its offset is 0. */
struct rk_field rki_element_field(const struct rk_field *list);

/* out: *place of a dotted key. record may be NULL. */
enum rk_err rki_locate(const struct rk_field *table, const char *key, struct rk_mark mark, void *record,
                       struct rki_place *place, struct rk_diag *diag);

/* Unsigned integers of 1, 2, 4 or 8 bytes. */
uint64_t rki_load(const void *at, size_t size);
void rki_store(void *at, size_t size, uint64_t value);
uint64_t rki_largest(size_t size);

/* Parses one value into the record; the field is text, name, flag, choice or quantity, all others are refused. */
enum rk_err rki_parse_scalar(const struct rk_field *field, const char *text, struct rk_mark mark, void *at,
                             struct rk_diag *diag);

/* "key: 'text' is wrong, expected ...". */
enum rk_err rki_refuse(const struct rk_field *field, struct rk_mark mark, const char *text, const char *what,
                       struct rk_diag *diag);

/* "a time from 1 s to 30 d or 'never'": what follows "expected". */
void rki_expectation(const struct rk_field *field, char *text, size_t size);

/* "key 'clok', expected 'clock'" with the nearest key of the table, or all keys when none is near. */
enum rk_err rki_unknown_key(const struct rk_field *table, const char *key, struct rk_mark mark, struct rk_diag *diag);

#endif
