/* engine/study/profile_file.h - device, radio and battery files: found by name, loaded by a field table, cross-checked
 *
 * Model:   devices/NAME/device.yaml, devices/boards/NAME.yaml, devices/radios/NAME.yaml, devices/batteries/NAME.yaml
 *          under the root of the tree.
 *          `name` in the file equals the name it is found by; names that begin with '_' are templates and not listed.
 * Error:   RK_ERR_INPUT with `file:line:column: what, expected what`; an unknown name suggests the nearest one.
 */
#ifndef ENGINE_STUDY_PROFILE_FILE_H
#define ENGINE_STUDY_PROFILE_FILE_H

#include "engine/core/err.h"
#include "engine/core/fields.h"

#include <stddef.h>

enum { RK_NAMES_max = 128, RK_NAME_bytes = 32 };

struct rk_names {
    size_t count;
    char name[RK_NAMES_max][RK_NAME_bytes]; /* sorted by byte value */
};

/* One kind of file. The struct that is loaded begins with `char name[32]` and holds `char path[256]` at path_offset. */
struct rk_profile_kind {
    const char *what;   /* "device" */
    const char *folder; /* below the root */
    const char *file;   /* in a folder of the profile's name; NULL: NAME.yaml in `folder` itself */
    const struct rk_field *fields;
    size_t size, path_offset;
    /* What the file is laid over, or NULL: then every field without a default is required. */
    enum rk_err (*base)(const char *root, const char *path, const struct rk_yaml *file, void *profile,
                        struct rk_diag *diag);
    /* What one field alone cannot tell. root: for the positions of messages. */
    enum rk_err (*check)(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag);
};

/* out: the names there are, sorted. Errors: RK_ERR_IO when the folder cannot be read; a missing folder has no names. */
RK_MUST_CHECK enum rk_err rk_profile_list(const struct rk_profile_kind *kind, const char *root, struct rk_names *names,
                                          struct rk_diag *diag);

/* out: whether there is a file of this name. */
bool rk_profile_exists(const struct rk_profile_kind *kind, const char *root, const char *name);

/* out: *profile, kind->size bytes. */
RK_MUST_CHECK enum rk_err rk_profile_load(const struct rk_profile_kind *kind, const char *root, const char *name,
                                          void *profile, struct rk_diag *diag);

/* For checks. out: where the value of `key` stands, or the file's begin when it is not in the file. */
struct rk_mark rk_profile_mark(const char *path, const struct rk_yaml *root, const char *key);

/* For checks of two fields of a table: refuses the value of `key` with "key: 3 mA, expected ...". */
enum rk_err rk_profile_refuse(const struct rk_profile_kind *kind, const void *profile, const char *path,
                              const struct rk_yaml *root, const char *key, const char *expected, struct rk_diag *diag);

#endif
