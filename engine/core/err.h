/* engine/core/err.h - the three kinds of error, never mixed
 *
 * 1. Our bug:            RK_ASSERT (debug builds) and RK_REQUIRE (always). One line on standard error, then abort.
 * 2. The world's fault:  enum rk_err, negative, must be checked, with one line of text in struct rk_diag.
 * 3. A simulated outcome (tag rejected, key expired): a result or trace event, never an error.
 */
#ifndef ENGINE_CORE_ERR_H
#define ENGINE_CORE_ERR_H

#include <stdarg.h>

enum rk_err {
    RK_OK = 0,
    RK_ERR_CHECK = -1,    /* a check found something: exit status 1 */
    RK_ERR_INPUT = -2,    /* bad usage or bad input: exit status 2 */
    RK_ERR_MISSING = -3,  /* something needed is missing on this machine: exit status 3 */
    RK_ERR_IO = -4,       /* reading or writing failed: exit status 2 */
    RK_ERR_EMULATOR = -5, /* an emulator failed (not: the emulated program crashed): exit status 3 */
    RK_ERR_MEMORY = -6,   /* no host memory: exit status 3 */
};

struct rk_diag {
    char text[512]; /* one line, no newline: `file:line:column: what, expected what` */
};

/* Formats one line into diag (which may be NULL) and returns err, so that `return rk_fail(...)` reads well. */
#define RK_MUST_CHECK __attribute__((warn_unused_result))
enum rk_err rk_fail(struct rk_diag *diag, enum rk_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* out: the process exit status for err. */
int rk_err_exit_status(enum rk_err err);

_Noreturn void rk_panic(const char *file, int line, const char *condition);
/* What a panic prints beside the condition; set by the engine around each trial. Thread local. */
void rk_panic_context(const char *text);

#define RK_REQUIRE(condition) ((condition) ? (void)0 : rk_panic(__FILE__, __LINE__, #condition))
#ifdef NDEBUG
#define RK_ASSERT(condition) ((void)0)
#else
#define RK_ASSERT(condition) RK_REQUIRE(condition)
#endif

#endif
