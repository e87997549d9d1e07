/* devices/firmware/libc/include/errno.h - a plain variable: one thread (process.c) */
#ifndef RK_LIBC_ERRNO_H
#define RK_LIBC_ERRNO_H

#define EINTR  4
#define EAGAIN 11
#define ENOMEM 12
#define EINVAL 22
#define EFBIG  27
#define ERANGE 34
#define ENOSYS 38

extern int errno;

#endif
