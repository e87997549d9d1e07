/* devices/firmware/build_run.c - runs the tools of a build */
#include "devices/firmware/build_internal.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Variables that would change what a compiler or CMake does. */
static const char *const clean[] = {"env", "-u", "CFLAGS", "-u", "LDFLAGS",        "-u", "CPPFLAGS",     "-u",
                                    "CC",  "-u", "CPATH",  "-u", "C_INCLUDE_PATH", "-u", "LIBRARY_PATH", "LC_ALL=C"};

enum { CLEAN = sizeof clean / sizeof clean[0], ARGUMENTS_MAX = 32 };

static int spawn(const char *const argv[], int output, int errors)
{
    const char *full[CLEAN + ARGUMENTS_MAX + 1];
    posix_spawn_file_actions_t actions;
    size_t count = 0;
    pid_t child;
    int status = 0;
    memcpy(full, clean, sizeof clean);
    while (count < ARGUMENTS_MAX && argv[count] != NULL) {
        full[CLEAN + count] = argv[count];
        count++;
    }
    full[CLEAN + count] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    int failed = posix_spawnp(&child, full[0], &actions, NULL, (char *const *)full, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return 127;
    }
    return WEXITSTATUS(status);
}

static void take_text(int file, char *text, size_t bytes)
{
    ssize_t got = file >= 0 ? pread(file, text, bytes - 1, 0) : 0;
    text[got > 0 ? got : 0] = '\0';
    if (file >= 0) {
        close(file);
    }
}

int rki_run(const char *const argv[], char *output, size_t output_bytes, char *errors, size_t errors_bytes)
{
    int out = memfd_create("output", MFD_CLOEXEC);
    int err = memfd_create("errors", MFD_CLOEXEC);
    int status = out >= 0 && err >= 0 ? spawn(argv, out, err) : 127;
    take_text(out, output, output_bytes);
    take_text(err, errors, errors_bytes);
    return status;
}

int rki_run_logged(const char *const argv[], const char *log_path)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
        return 127;
    }
    int status = spawn(argv, log, log);
    close(log);
    return status;
}
