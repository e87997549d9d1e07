#include "engine/core/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(const char *const argv[], int output, int errors)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    int failed = posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return RK_PROGRAM_FAILED;
    }
    return WEXITSTATUS(status);
}

static void take_text(int file, struct rk_program_text to)
{
    if (to.bytes > 0) {
        ssize_t got = file >= 0 ? pread(file, to.text, to.bytes - 1, 0) : 0;
        to.text[got > 0 ? got : 0] = '\0';
    }
    if (file >= 0) {
        close(file);
    }
}

int rk_program_run(const char *const argv[], struct rk_program_text output, struct rk_program_text errors)
{
    int out = memfd_create("output", MFD_CLOEXEC);
    int err = memfd_create("errors", MFD_CLOEXEC);
    int status = out >= 0 && err >= 0 ? spawn(argv, out, err) : RK_PROGRAM_FAILED;
    take_text(out, output);
    take_text(err, errors);
    return status;
}

int rk_program_run_logged(const char *const argv[], const char *log_path)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
        return RK_PROGRAM_FAILED;
    }
    int status = spawn(argv, log, log);
    close(log);
    return status;
}
