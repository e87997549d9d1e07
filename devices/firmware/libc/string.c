/* devices/firmware/libc/string.c - strings, byte by byte: no measured operation spends time here */
#include "devices/firmware/libc/plain_loops.h"

#include <stddef.h>
#include <string.h>

RK_PLAIN size_t strlen(const char *text)
{
    const char *end = text;
    while (*end != '\0') {
        end++;
    }
    return (size_t)(end - text);
}

/* out: difference of the first characters that differ within `bytes`. */
static inline int compare(const char *a, const char *b, size_t bytes)
{
    for (; bytes > 0; bytes--) {
        unsigned char x = (unsigned char)*a++;
        unsigned char y = (unsigned char)*b++;
        if (x != y || x == '\0') {
            return x - y;
        }
    }
    return 0;
}

RK_PLAIN int strncmp(const char *a, const char *b, size_t bytes)
{
    return compare(a, b, bytes);
}

RK_PLAIN int strcmp(const char *a, const char *b)
{
    return compare(a, b, (size_t)-1);
}

RK_PLAIN char *strcpy(char *restrict to, const char *restrict from)
{
    char *out = to;
    while ((*out++ = *from++) != '\0') {
    }
    return to;
}

RK_PLAIN char *strncpy(char *restrict to, const char *restrict from, size_t bytes)
{
    size_t at = 0;
    for (; at < bytes && from[at] != '\0'; at++) {
        to[at] = from[at];
    }
    for (; at < bytes; at++) {
        to[at] = '\0';
    }
    return to;
}

RK_PLAIN char *strchr(const char *text, int value)
{
    for (;; text++) {
        if (*text == (char)value) {
            return (char *)text;
        }
        if (*text == '\0') {
            return NULL;
        }
    }
}

RK_PLAIN char *strstr(const char *text, const char *part)
{
    size_t bytes = strlen(part);
    for (; strncmp(text, part, bytes) != 0; text++) {
        if (*text == '\0') {
            return NULL;
        }
    }
    return (char *)text;
}
