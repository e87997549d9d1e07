/* devices/firmware/libc/process.c - how a program ends. The device's start-up code has _exit(). */
#include <errno.h>
#include <stdlib.h>

enum { ABORT_status = 134 }; /* what a shell calls an aborted program */

int errno;

_Noreturn void _exit(int status);

_Noreturn void exit(int status)
{
    _exit(status);
}

_Noreturn void abort(void)
{
    _exit(ABORT_status);
}
