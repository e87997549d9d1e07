#include "engine/study/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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
