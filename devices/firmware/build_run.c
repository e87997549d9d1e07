/* devices/firmware/build_run.c - runs the tools of a build without what would change what they do */
#include "devices/firmware/build_internal.h"

#include "engine/core/program.h"

/* Variables that would change what a compiler or CMake does. */
static const char *const clean[] = {"env", "-u", "CFLAGS", "-u", "LDFLAGS",        "-u", "CPPFLAGS",     "-u",
                                    "CC",  "-u", "CPATH",  "-u", "C_INCLUDE_PATH", "-u", "LIBRARY_PATH", "LC_ALL=C"};

enum { CLEAN = sizeof clean / sizeof clean[0], ARGUMENTS_MAX = 32 };

struct command {
    const char *argv[CLEAN + ARGUMENTS_MAX + 1];
};

static struct command cleaned(const char *const argv[])
{
    struct command command = {{NULL}};
    for (size_t i = 0; i < CLEAN; i++) {
        command.argv[i] = clean[i];
    }
    for (size_t i = 0; argv[i] != NULL; i++) {
        RK_REQUIRE(i < ARGUMENTS_MAX);
        command.argv[CLEAN + i] = argv[i];
    }
    return command;
}

int rki_run(const char *const argv[], char *output, size_t output_bytes, char *errors, size_t errors_bytes)
{
    const struct command command = cleaned(argv);
    return rk_program_run(command.argv, (struct rk_program_text){output, output_bytes},
                          (struct rk_program_text){errors, errors_bytes});
}

int rki_run_logged(const char *const argv[], const char *log_path)
{
    const struct command command = cleaned(argv);
    return rk_program_run_logged(command.argv, log_path);
}
