/* engine/cli/recorded_library.h - what is known of a crypto library from its recorded cost rows, without the library
 *
 * Model: a row that is not `not provided by the library` on some device says that the library has the row's algorithm. The
 *        generator is the one named in backends/NAME/backend.cmake.
 * Error: an algorithm that no operation measures is taken as not there; all that a trial asks for is measured.
 */
#ifndef ENGINE_CLI_RECORDED_LIBRARY_H
#define ENGINE_CLI_RECORDED_LIBRARY_H

#include "backends/backend.h"
#include "engine/core/err.h"

/* in: backend, "mbedtls" or "mbedtls@2.28". out: *library with name, version, capabilities and generator, which may be
 * given to free(), and no functions; NULL with RK_OK where no rows are recorded. errors: RK_ERR_INPUT for a damaged file. */
RK_MUST_CHECK enum rk_err rk_recorded_library(const char *root, const char *backend, struct rk_backend **library,
                                              struct rk_diag *diag);

#endif
