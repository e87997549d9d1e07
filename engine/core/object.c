#include "engine/core/object.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/folder.h"

static bool copy(int from, int to)
{
    struct stat status;
    if (fstat(from, &status) != 0) {
        return false;
    }
    for (off_t left = status.st_size; left > 0;) {
        ssize_t sent = sendfile(to, from, NULL, (size_t)left);
        if (sent <= 0) {
            return false;
        }
        left -= sent;
    }
    return true;
}

enum rk_err rk_object_load(struct rk_object *object, const char *path, struct rk_diag *diag)
{
    char name[256];
    bool has_name = false;
    *object = (struct rk_object)RK_OBJECT_NONE;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    object->file = from < 0 ? -1 : rk_folder_scratch(name, sizeof name, &has_name);
    bool copied = object->file >= 0 && copy(from, object->file);
    enum rk_err err = copied ? RK_OK : rk_fail(diag, RK_ERR_INPUT, "%s: %s", path, strerror(errno));
    if (from >= 0) {
        close(from);
    }
    if (copied) {
        object->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (object->handle == NULL) {
            err = rk_fail(diag, RK_ERR_INPUT, "%s: not a loadable backend: %s", path, dlerror());
        }
    }
    if (object->file >= 0 && has_name) {
        unlink(name);
    }
    if (err != RK_OK) {
        rk_object_unload(object);
    }
    return err;
}

void rk_object_unload(struct rk_object *object)
{
    if (object->handle != NULL) {
        dlclose(object->handle);
    }
    if (object->file >= 0) {
        close(object->file);
    }
    *object = (struct rk_object)RK_OBJECT_NONE;
}
