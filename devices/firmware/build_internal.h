/* devices/firmware/build_internal.h - between the files of the firmware builder */
#ifndef DEVICES_FIRMWARE_BUILD_INTERNAL_H
#define DEVICES_FIRMWARE_BUILD_INTERNAL_H

#include <stddef.h>

#include "devices/firmware/build.h"

/* Runs a command without the user's compiler variables and locale. argv ends with NULL; both texts are cut to fit.
 * out: the exit status, 127 when it cannot be run. */
int rki_run(const char *const argv[], char *output, size_t output_bytes, char *errors, size_t errors_bytes);

/* The same with both outputs appended to the file log_path. */
int rki_run_logged(const char *const argv[], const char *log_path);

/* Hash over all that the images depend on. in: facts, the text of compiler and flags; library, folder or ""; program, or
 * NULL. */
RK_MUST_CHECK enum rk_err rki_hash_inputs(const struct rk_firmware *firmware, const char *facts, const char *library,
                                          const char *program, char hex[65], struct rk_diag *diag);

RK_MUST_CHECK enum rk_err rki_hash_file(const char *path, char hex[65], struct rk_diag *diag);

void rki_remove_tree(const char *path);

/* Whole text file, cut to fit. out: false when it cannot be read. */
bool rki_read_text(const char *path, char *text, size_t bytes);

#endif
