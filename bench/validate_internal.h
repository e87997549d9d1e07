/* bench/validate_internal.h - between the files of `validate` */
#ifndef BENCH_VALIDATE_INTERNAL_H
#define BENCH_VALIDATE_INTERNAL_H

#include "bench/validate.h"

/* Reads validation/published.csv. out: cases with their columns and `published`; the rest is zero. */
RK_MUST_CHECK enum rk_err rki_validation_load(const char *root, struct rk_validation *validation, struct rk_diag *diag);

#endif
