#include "engine/core/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_bytes = 4096 };

bool rk_folder_make(const char *path)
{
    char part[PATH_bytes];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) {
        return false;
    }
    memcpy(part, path, length + 1);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(part, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) {
            return false;
        }
    }
    struct stat status;
    return (mkdir(part, 0777) == 0 || errno == EEXIST) && stat(part, &status) == 0 && S_ISDIR(status.st_mode);
}

int rk_folder_scratch(char *path, size_t room, bool *has_name)
{
    const char *folder = getenv("TMPDIR");
    *has_name = access("/proc/self/fd", X_OK) != 0;
    if (!*has_name) {
        int file = memfd_create("rekeylab", MFD_CLOEXEC);
        snprintf(path, room, "/proc/self/fd/%d", file);
        return file;
    }
    if (access("/dev/shm", W_OK) == 0) {
        folder = "/dev/shm";
    }
    snprintf(path, room, "%s/rekeylab-XXXXXX", folder != NULL ? folder : "/tmp");
    return mkostemp(path, O_CLOEXEC);
}
