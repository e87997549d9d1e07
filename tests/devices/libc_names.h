/* tests/devices/libc_names.h - the names under which the device's C library is compiled beside the host's own
 *
 * Included before each file of devices/firmware/libc by the compiler's -include. RK_LIBC_NAME(name) gives the new name.
 */
#ifndef TESTS_DEVICES_LIBC_NAMES_H
#define TESTS_DEVICES_LIBC_NAMES_H

#ifndef RK_LIBC_NAME
#define RK_LIBC_NAME(name) rk_libc_##name
#endif

#define memcpy  RK_LIBC_NAME(memcpy)
#define memmove RK_LIBC_NAME(memmove)
#define memset  RK_LIBC_NAME(memset)
#define memcmp  RK_LIBC_NAME(memcmp)
#define memchr  RK_LIBC_NAME(memchr)
#define strlen  RK_LIBC_NAME(strlen)
#define strcmp  RK_LIBC_NAME(strcmp)
#define strncmp RK_LIBC_NAME(strncmp)
#define strcpy  RK_LIBC_NAME(strcpy)
#define strncpy RK_LIBC_NAME(strncpy)
#define strchr  RK_LIBC_NAME(strchr)
#define strstr  RK_LIBC_NAME(strstr)
#define malloc  RK_LIBC_NAME(malloc)
#define calloc  RK_LIBC_NAME(calloc)
#define realloc RK_LIBC_NAME(realloc)
#define free    RK_LIBC_NAME(free)

#endif
