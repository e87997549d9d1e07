/* devices/firmware/libc/include/stdlib.h - heap (heap.c) and the end of a program (process.c) */
#ifndef RK_LIBC_STDLIB_H
#define RK_LIBC_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void free(void *block);

_Noreturn void abort(void);
_Noreturn void exit(int status);

#endif
