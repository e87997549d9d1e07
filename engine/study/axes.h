/* engine/study/axes.h - the axes of a study: changed by the command line, and taken apart into points
 *
 * Model: the first axis is the slowest. The axes of a zip stand side by side and go in step: together they are one axis.
 */
#ifndef ENGINE_STUDY_AXES_H
#define ENGINE_STUDY_AXES_H

#include "engine/core/fields.h"

/* out: the axis of a dotted key, or NULL. */
struct rk_axis *rki_axes_find(struct rk_axes *axes, const char *key);

/* "A,B" or "[A, B]" for the axis of `key`, which is made when there is none and keeps its place when there is one.
 * Errors: RK_ERR_INPUT, at the mark. */
RK_MUST_CHECK enum rk_err rki_axes_set(struct rk_axes *axes, const char *key, const char *list, struct rk_mark mark,
                                       struct rk_diag *diag);

/* One value for an axis, which leaves its zip. Errors as above. */
RK_MUST_CHECK enum rk_err rki_axes_narrow(struct rk_axis *axis, const char *text, struct rk_mark mark,
                                          struct rk_diag *diag);

/* After the last change: puts the columns of each zip side by side, and takes out what they give twice now that a column
 * left. out: NULL, or the first column that is not as long as the one before it. */
const struct rk_axis *rki_axes_settle(struct rk_axes *axes);

/* out: the number of points; some number above RK_POINTS_max when there are more. */
size_t rki_axes_points(const struct rk_axes *axes);

/* out: the value of an axis at a point. */
const struct rk_axis_value *rki_axes_value(const struct rk_axes *axes, size_t point, size_t axis);

#endif
