/* devices/firmware/libc/include/time.h - names that library headers mention
 *
 * A device has no calendar: time() is declared and never defined, so that a program that calls it does not link.
 */
#ifndef RK_LIBC_TIME_H
#define RK_LIBC_TIME_H

#include <stddef.h>

typedef long time_t;

struct tm {
    int tm_sec;
    int tm_min;
    int tm_hour;
    int tm_mday;
    int tm_mon;
    int tm_year;
    int tm_wday;
    int tm_yday;
    int tm_isdst;
};

time_t time(time_t *now);

#endif
