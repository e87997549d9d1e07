#include "devices/emulators/qemu/release.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "engine/core/program.h"

enum { INTERFACE_3_SINCE = 901, KNOWN_MAX = 8 };

/* Answers of programs that were asked. */
static struct rki_release known[KNOWN_MAX];
static unsigned known_count;
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

/* "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)" -> "7.2.22", 702 */
static void ask(struct rki_release *release)
{
    const char *const command[] = {release->program, "--version", NULL};
    char line[128] = "";
    unsigned major, minor;

    rk_program_run(command, (struct rk_program_text){line, sizeof line}, (struct rk_program_text){NULL, 0});
    bool found = sscanf(line, "QEMU emulator version %63s", release->version) == 1 &&
                 sscanf(release->version, "%u.%u", &major, &minor) == 2;
    if (found) {
        release->number = major * 100 + minor;
    } else {
        release->number = 0;
        snprintf(release->version, sizeof release->version, "missing");
    }
}

void rki_release_find(struct rki_release *release, const char *program)
{
    const char *folder = getenv("REKEYLAB_QEMU");
    bool own = folder != NULL && folder[0] != '\0';
    unsigned i = 0;

    snprintf(release->program, sizeof release->program, "%s%s%s", own ? folder : "", own ? "/" : "", program);
    pthread_mutex_lock(&known_lock);
    while (i < known_count && strcmp(known[i].program, release->program) != 0) {
        i++;
    }
    if (i < known_count) {
        *release = known[i];
    } else {
        ask(release);
        if (release->number != 0 && known_count < KNOWN_MAX) {
            known[known_count++] = *release;
        }
    }
    pthread_mutex_unlock(&known_lock);
}

/* The folder of the running program. out: "." when it cannot be told. */
static void own_folder(char *path, size_t room)
{
    ssize_t length = readlink("/proc/self/exe", path, room - 1);

    path[length > 0 ? length : 0] = '\0';
    if (length <= 0) { /* no /proc: as it was started */
        snprintf(path, room, "%s", (const char *)getauxval(AT_EXECFN));
    }
    char *slash = strrchr(path, '/');
    if (slash != NULL) {
        *slash = '\0';
    } else {
        snprintf(path, room, ".");
    }
}

enum rk_err rki_release_plugin(const struct rki_release *release, char *path, size_t room, struct rk_diag *diag)
{
    const char *name = release->number >= INTERFACE_3_SINCE ? "rekeylab-cycles-3.so" : "rekeylab-cycles.so";
    const char *folder = getenv("REKEYLAB_LIB");
    char own[2048];

    if (folder != NULL) {
        snprintf(path, room, "%s/%s", folder, name);
    } else {
        own_folder(own, sizeof own);
        snprintf(path, room, "%s/../lib/%s", own, name);
    }
    if (access(path, R_OK) != 0) {
        return rk_fail(diag, RK_ERR_MISSING, "%s is missing: build the target rekeylab-cycles, or set REKEYLAB_LIB",
                       path);
    }
    return RK_OK;
}
