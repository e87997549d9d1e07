/* devices/firmware/libc/include/sys/types.h - names that library headers mention */
#ifndef RK_LIBC_SYS_TYPES_H
#define RK_LIBC_SYS_TYPES_H

#include <stddef.h>

typedef ptrdiff_t ssize_t;

#endif
