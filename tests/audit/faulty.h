/* tests/audit/faulty.h - libraries that are wrong in one way each
 *
 * Model: the real library with one entry replaced.
 */
#ifndef TESTS_AUDIT_FAULTY_H
#define TESTS_AUDIT_FAULTY_H

#include "backends/backend.h"

/* out: a backend over `inner` with the named fault, until the next call; NULL: no such fault. */
const struct rk_backend *faulty_make(const char *fault, const struct rk_backend *inner);

#endif
