/* engine/core/program.h - runs another program and waits for it
 *
 * Model: no shell in between; the program is found through PATH and reads nothing. What it prints is taken whole first,
 *        so that it never waits for us.
 * Units: bytes.
 * Error: RK_PROGRAM_FAILED, as of a shell, when it cannot be started or did not exit by itself.
 */
#ifndef ENGINE_CORE_PROGRAM_H
#define ENGINE_CORE_PROGRAM_H

#include <stddef.h>

enum { RK_PROGRAM_FAILED = 127 };

/* Where what a program prints goes: text, cut at `bytes` and ended with NUL. bytes 0: dropped. */
struct rk_program_text {
    char *text;
    size_t bytes;
};

/* in: argv, ended with NULL. out: the exit status, and both texts. */
int rk_program_run(const char *const argv[], struct rk_program_text output, struct rk_program_text errors);

/* The same with all that it prints appended to the file log_path. */
int rk_program_run_logged(const char *const argv[], const char *log_path);

#endif
