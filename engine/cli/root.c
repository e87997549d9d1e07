#include "engine/cli/root.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_bytes = 4096 };

static char root[PATH_bytes];

/* out: whether the program is an installed one, and has its files. */
static bool find_installed(void)
{
    static const char own[] = "/lib/rekeylab/bin/rekeylab";
    char devices[PATH_bytes + 16];
    ssize_t length = readlink("/proc/self/exe", root, sizeof root - 1);
    ssize_t prefix = length - (ssize_t)strlen(own);
    if (prefix < 0 || memcmp(root + prefix, own, strlen(own)) != 0) {
        return false;
    }
    snprintf(root + prefix, sizeof root - (size_t)prefix, "/share/rekeylab");
    snprintf(devices, sizeof devices, "%s/devices", root);
    return access(devices, R_OK) == 0;
}

void rk_cli_root_find(void)
{
    const char *given = getenv("REKEYLAB_ROOT");
    if (given != NULL && given[0] != '\0') {
        snprintf(root, sizeof root, "%s", given);
    } else if (!find_installed()) {
        snprintf(root, sizeof root, "%s", REKEYLAB_SOURCE_DIR);
    }
    setenv("REKEYLAB_ROOT", root, 1);
}

const char *rk_cli_root(void)
{
    return root;
}

const char *rk_cli_study(const char *given)
{
    static char path[2 * PATH_bytes];
    if (access(given, F_OK) == 0 || given[0] == '/') {
        return given;
    }
    static const char *const formats[] = {"%s/%s", "%s/scenarios/%s", "%s/scenarios/%s.yaml"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        snprintf(path, sizeof path, formats[i], root, given);
        if (access(path, R_OK) == 0 && strstr(path + strlen(root), ".yaml") != NULL) {
            return path;
        }
    }
    return given;
}
