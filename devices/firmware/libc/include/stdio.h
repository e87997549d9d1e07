/* devices/firmware/libc/include/stdio.h - names that library headers mention
 *
 * A device has no files and prints nothing: these functions are declared and never defined, so that a program that
 * calls one does not link.
 */
#ifndef RK_LIBC_STDIO_H
#define RK_LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)

typedef struct rk_libc_file FILE;

int printf(const char *restrict format, ...);
int snprintf(char *restrict to, size_t bytes, const char *restrict format, ...);
int vsnprintf(char *restrict to, size_t bytes, const char *restrict format, va_list arguments);

#endif
