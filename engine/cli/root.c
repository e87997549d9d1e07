#include "engine/cli/root.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/fields.h"

enum { PATH_bytes = 4096, NAMES_max = 256 };

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

/* A bare word that is no file can only have been meant as a name. */
static enum rk_err refuse_name(const char *given, struct rk_diag *diag)
{
    char pattern[PATH_bytes + 32];
    const char *names[NAMES_max + 1] = {NULL};
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/scenarios/*.yaml", root);
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    for (size_t i = 0; i < count && i < NAMES_max; i++) {
        char *name = strrchr(found.gl_pathv[i], '/') + 1;
        name[strlen(name) - strlen(".yaml")] = '\0';
        names[i] = name;
    }
    const char *nearest = rk_nearest_name(given, names);
    enum rk_err err = rk_fail(diag, RK_ERR_INPUT, "unknown scenario '%.40s', expected %s%s%s", given,
                              nearest != NULL ? "'" : "a file, or a name that `rekeylab describe scenario",
                              nearest != NULL ? nearest : "` lists", nearest != NULL ? "'" : "");
    globfree(&found);
    return err;
}

enum rk_err rk_cli_study(const char *given, const char **path, struct rk_diag *diag)
{
    static const char *const formats[] = {"%s/%s", "%s/scenarios/%s", "%s/scenarios/%s.yaml"};
    static char under_root[2 * PATH_bytes];
    *path = given;
    if (access(given, F_OK) == 0 || given[0] == '/') {
        return RK_OK;
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        snprintf(under_root, sizeof under_root, formats[i], root, given);
        if (access(under_root, R_OK) == 0 && strstr(under_root + strlen(root), ".yaml") != NULL) {
            *path = under_root;
            return RK_OK;
        }
    }
    return strpbrk(given, "/.") == NULL ? refuse_name(given, diag) : RK_OK;
}
