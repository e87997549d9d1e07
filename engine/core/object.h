/* engine/core/object.h - shared objects, each load a copy of its own
 *
 * Model: the dynamic linker loads one file once; a copy is another file to it. So two loads of one path share no static
 *        data, which threads, emulated devices and versions of a library rely on.
 */
#ifndef ENGINE_CORE_OBJECT_H
#define ENGINE_CORE_OBJECT_H

#include "engine/core/err.h"

struct rk_object {
    void *handle; /* for dlsym; NULL: not loaded */
    int file;     /* open as long as the object is loaded: its path names the copy */
};

#define RK_OBJECT_NONE                                                                                                 \
    {                                                                                                                  \
        .handle = NULL, .file = -1                                                                                     \
    }

/* in: object not loaded. out: RK_OK; else not loaded, and RK_ERR_INPUT with a line that begins with path. */
RK_MUST_CHECK enum rk_err rk_object_load(struct rk_object *object, const char *path, struct rk_diag *diag);

/* Harmless on one that is not loaded. */
void rk_object_unload(struct rk_object *object);

#endif
