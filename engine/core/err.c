#include "engine/core/err.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local char panic_context[160];

enum rk_err rk_fail(struct rk_diag *diag, enum rk_err err, const char *format, ...)
{
    if (diag == NULL) {
        return err;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(diag->text, sizeof diag->text, format, arguments);
    va_end(arguments);
    /* One line whatever the input held: a control character must not reach the terminal. */
    for (char *c = diag->text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
    return err;
}

int rk_err_exit_status(enum rk_err err)
{
    switch (err) {
    case RK_OK:
        return 0;
    case RK_ERR_CHECK:
        return 1;
    case RK_ERR_INPUT:
    case RK_ERR_IO:
        return 2;
    case RK_ERR_MISSING:
    case RK_ERR_EMULATOR:
    case RK_ERR_MEMORY:
        return 3;
    }
    return 3;
}

void rk_panic_context(const char *text)
{
    snprintf(panic_context, sizeof panic_context, "%s", text == NULL ? "" : text);
}

void rk_panic(const char *file, int line, const char *condition)
{
    const char *separator = panic_context[0] == '\0' ? "" : "; ";
    fprintf(stderr, "rekeylab: bug at %s:%d: not true: %s%s%s\n", file, line, condition, separator, panic_context);
    abort();
}
