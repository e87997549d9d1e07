/* devices/firmware/libc/memory.c - memcpy, memmove, memset, memcmp, memchr by machine words
 *
 * Two blocks go by words when they have the same distance from a word boundary, or wherever they are when the CPU loads
 * words from any address (__ARM_FEATURE_UNALIGNED). What is left at either end goes by bytes.
 */
#include "devices/firmware/libc/plain_loops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A register's width; may stand for bytes of any object. */
#ifdef __ARM_FEATURE_UNALIGNED
enum { WORD_ALIGNMENT = 1 };
#else
enum { WORD_ALIGNMENT = sizeof(uintptr_t) };
#endif
typedef uintptr_t word __attribute__((may_alias, aligned(WORD_ALIGNMENT)));
enum { WORD_bytes = sizeof(word) };

RK_PLAIN static inline bool aligned(const void *at)
{
    return ((uintptr_t)at & (WORD_ALIGNMENT - 1)) == 0;
}

RK_PLAIN static inline bool aligned_alike(const void *a, const void *b)
{
    return (((uintptr_t)a ^ (uintptr_t)b) & (WORD_ALIGNMENT - 1)) == 0;
}

/* From the first byte to the last: right as well when `out` overlaps `in` from below. */
RK_PLAIN __attribute__((always_inline)) static inline void copy_forward(uint8_t *out, const uint8_t *in, size_t bytes)
{
    if (aligned_alike(out, in)) {
        for (; bytes > 0 && !aligned(out); bytes--) {
            *out++ = *in++;
        }
        for (; bytes >= WORD_bytes; bytes -= WORD_bytes) {
            *(word *)out = *(const word *)in;
            out += WORD_bytes;
            in += WORD_bytes;
        }
    }
    for (; bytes > 0; bytes--) {
        *out++ = *in++;
    }
}

/* From the last byte to the first. in: the ends of both. */
RK_PLAIN __attribute__((always_inline)) static inline void copy_backward(uint8_t *out, const uint8_t *in, size_t bytes)
{
    if (aligned_alike(out, in)) {
        for (; bytes > 0 && !aligned(out); bytes--) {
            *--out = *--in;
        }
        for (; bytes >= WORD_bytes; bytes -= WORD_bytes) {
            out -= WORD_bytes;
            in -= WORD_bytes;
            *(word *)out = *(const word *)in;
        }
    }
    for (; bytes > 0; bytes--) {
        *--out = *--in;
    }
}

RK_PLAIN void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    copy_forward(to, from, bytes);
    return to;
}

RK_PLAIN void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if ((uintptr_t)out - (uintptr_t)in >= bytes) {
        copy_forward(out, in, bytes);
    } else {
        copy_backward(out + bytes, in + bytes, bytes);
    }
    return to;
}

RK_PLAIN void *memset(void *to, int value, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t byte = (uint8_t)value;
    word pattern = byte;

    for (unsigned bits = 8; bits < 8 * WORD_bytes; bits *= 2) { /* shifts: a small CPU multiplies slowly */
        pattern |= pattern << bits;
    }
    for (; bytes > 0 && !aligned(out); bytes--) {
        *out++ = byte;
    }
    for (; bytes >= WORD_bytes; bytes -= WORD_bytes) {
        *(word *)out = pattern;
        out += WORD_bytes;
    }
    for (; bytes > 0; bytes--) {
        *out++ = byte;
    }
    return to;
}

RK_PLAIN int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a;
    const uint8_t *y = b;

    if (aligned_alike(x, y) && aligned(x)) {
        while (bytes >= WORD_bytes && *(const word *)x == *(const word *)y) {
            x += WORD_bytes;
            y += WORD_bytes;
            bytes -= WORD_bytes;
        }
    }
    for (; bytes > 0; bytes--) {
        if (*x != *y) {
            return *x - *y;
        }
        x++;
        y++;
    }
    return 0;
}

RK_PLAIN void *memchr(const void *in, int value, size_t bytes)
{
    for (const uint8_t *at = in; bytes > 0; bytes--, at++) {
        if (*at == (uint8_t)value) {
            return (void *)at;
        }
    }
    return NULL;
}
