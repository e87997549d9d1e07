/* What libsodium's utils.c and randombytes.c would give: those two need an operating system.
 *
 * There is no source of random bytes: the caller brings entropy, and none of the functions that draw is ever called.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "randombytes.h"
#include "utils.h"

void sodium_memzero(void *const memory, const size_t bytes)
{
    volatile uint8_t *byte = memory;
    for (size_t i = 0; i < bytes; i++) {
        byte[i] = 0;
    }
}

/* 0 when equal, else -1. */
int sodium_memcmp(const void *const left, const void *const right, size_t bytes)
{
    const volatile uint8_t *a = left;
    const volatile uint8_t *b = right;
    unsigned difference = 0;
    for (size_t i = 0; i < bytes; i++) {
        difference |= a[i] ^ b[i];
    }
    return (int)(1u & ((difference - 1u) >> 8)) - 1;
}

int sodium_is_zero(const unsigned char *memory, const size_t bytes)
{
    const volatile uint8_t *byte = memory;
    unsigned any = 0;
    for (size_t i = 0; i < bytes; i++) {
        any |= byte[i];
    }
    return (int)(1u & ((any - 1u) >> 8));
}

void sodium_misuse(void)
{
    abort();
}

void randombytes_buf(void *const memory, const size_t bytes)
{
    (void)memory;
    (void)bytes;
    abort();
}
