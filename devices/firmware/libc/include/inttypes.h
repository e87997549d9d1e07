/* devices/firmware/libc/include/inttypes.h - the integer types; nothing is printed or parsed on a device */
#ifndef RK_LIBC_INTTYPES_H
#define RK_LIBC_INTTYPES_H

#include <stdint.h>

#endif
