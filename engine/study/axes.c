#include "engine/study/axes.h"

#include <stdio.h>
#include <string.h>

#include "engine/study/scenario.h"

struct rk_axis *rki_axes_find(struct rk_axes *axes, const char *key)
{
    for (size_t i = 0; i < axes->count; i++) {
        if (strcmp(axes->axis[i].key, key) == 0) {
            return &axes->axis[i];
        }
    }
    return NULL;
}

static enum rk_err add_value(struct rk_axis *axis, const char *text, size_t length, struct rk_mark mark,
                             struct rk_diag *diag)
{
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    if (axis->count == RK_AXIS_VALUES_max || length >= RK_AXIS_TEXT_bytes) {
        return rk_fail_at(diag, mark, "axis '%s' is too long, expected at most %d values of %d characters", axis->key,
                          RK_AXIS_VALUES_max, RK_AXIS_TEXT_bytes - 1);
    }
    struct rk_axis_value *value = &axis->values[axis->count];
    *value = (struct rk_axis_value){.line = 0};
    memcpy(value->text, text, length);
    for (size_t i = 0; i < axis->count && axis->zip == 0; i++) {
        if (strcmp(axis->values[i].text, value->text) == 0) {
            return rk_fail_at(diag, mark, "axis '%s': '%s' is given twice, expected each value once", axis->key,
                              value->text);
        }
    }
    axis->count++;
    return rk_fields_check(rk_scenario_fields, axis->key, value->text, mark, diag);
}

enum rk_err rki_axes_set(struct rk_axes *axes, const char *key, const char *list, struct rk_mark mark,
                         struct rk_diag *diag)
{
    struct rk_axis *axis = rki_axes_find(axes, key);
    struct rk_axis made = {.count = 0, .zip = axis != NULL ? axis->zip : 0};
    if (strlen(key) >= sizeof made.key) {
        return rk_fail_at(diag, mark, "key is too long, expected a key of the scenario");
    }
    snprintf(made.key, sizeof made.key, "%s", key);
    size_t length = strlen(list);
    if (length >= 2 && list[0] == '[' && list[length - 1] == ']') {
        list++;
        length -= 2;
    }
    const char *end = list + length;
    for (const char *at = list;; at++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        enum rk_err err = add_value(&made, at, (size_t)(stop - at), mark, diag);
        if (err != RK_OK) {
            return err;
        }
        if (comma == NULL) {
            break;
        }
        at = comma;
    }
    if (axis == NULL && axes->count == RK_AXES_max) {
        return rk_fail_at(diag, mark, "too many axes, expected at most %d", RK_AXES_max);
    }
    *(axis != NULL ? axis : &axes->axis[axes->count++]) = made;
    return RK_OK;
}

enum rk_err rki_axes_narrow(struct rk_axis *axis, const char *text, struct rk_mark mark, struct rk_diag *diag)
{
    axis->count = 0;
    axis->zip = 0;
    return add_value(axis, text, strlen(text), mark, diag);
}

/* Zips: what the file gives is checked where it is read; the command line may have changed a column since. */

/* out: whether two positions of a zip have the same values in all its columns. */
static bool same_tuple(const struct rk_axis *column, size_t columns, size_t a, size_t b)
{
    for (size_t i = 0; i < columns; i++) {
        if (strcmp(column[i].values[a].text, column[i].values[b].text) != 0) {
            return false;
        }
    }
    return true;
}

/* A column that became a plain value leaves the others: what they then give twice is given once. */
static void drop_doubles(struct rk_axis *column, size_t columns)
{
    size_t kept = 0;
    for (size_t at = 0; at < column->count; at++) {
        size_t earlier = 0;
        while (earlier < kept && !same_tuple(column, columns, earlier, at)) {
            earlier++;
        }
        for (size_t i = 0; i < columns && earlier == kept; i++) {
            column[i].values[kept] = column[i].values[at];
        }
        kept += earlier == kept;
    }
    for (size_t i = columns; i-- > 0;) {
        column[i].count = kept;
    }
}

/* out: how many axes the zip of the first one has, 1 for an axis that stands alone. */
static size_t zip_columns(const struct rk_axes *axes, size_t first)
{
    size_t columns = 1;
    while (axes->axis[first].zip != 0 && first + columns < axes->count &&
           axes->axis[first + columns].zip == axes->axis[first].zip) {
        columns++;
    }
    return columns;
}

/* Brings the columns of each zip together again, as an axis of the command line may have come between them. */
static void gather_zips(struct rk_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        for (size_t from = i + 1; axes->axis[i].zip != 0 && from < axes->count; from++) {
            size_t to = i + zip_columns(axes, i);
            if (from >= to && axes->axis[from].zip == axes->axis[i].zip) {
                struct rk_axis moved = axes->axis[from];
                memmove(&axes->axis[to + 1], &axes->axis[to], (from - to) * sizeof moved);
                axes->axis[to] = moved;
            }
        }
    }
}

const struct rk_axis *rki_axes_settle(struct rk_axes *axes)
{
    gather_zips(axes);
    for (size_t i = 0; i < axes->count; i += zip_columns(axes, i)) {
        struct rk_axis *column = &axes->axis[i];
        size_t columns = zip_columns(axes, i);
        for (size_t j = 1; j < columns; j++) {
            if (column[j].count != column->count) {
                return &column[j];
            }
        }
        if (column->zip != 0) {
            drop_doubles(column, columns);
        }
    }
    return NULL;
}

/* Points */

/* out: the places that an axis, or a zip with its first one, adds to the sweep; 1 for the zip's others. */
static size_t places(const struct rk_axes *axes, size_t axis)
{
    bool follows = axis > 0 && axes->axis[axis].zip != 0 && axes->axis[axis - 1].zip == axes->axis[axis].zip;
    return follows ? 1 : axes->axis[axis].count;
}

size_t rki_axes_points(const struct rk_axes *axes)
{
    size_t points = 1;
    for (size_t i = 0; i < axes->count; i++) {
        points *= places(axes, i);
        if (points > RK_POINTS_max) {
            return points;
        }
    }
    return points;
}

/* The last axis is the fastest. The columns of a zip have what is below the last of them in common. */
const struct rk_axis_value *rki_axes_value(const struct rk_axes *axes, size_t point, size_t axis)
{
    size_t below = 1;
    for (size_t i = axis + 1; i < axes->count; i++) {
        below *= places(axes, i);
    }
    return &axes->axis[axis].values[point / below % axes->axis[axis].count];
}
