/* tests/bench/leaky/leaky_library.c - see leaky_library.h */
#include "tests/bench/leaky/leaky_library.h"

#include <string.h>

void rk_leaky_library(const uint8_t *secret)
{
    uint8_t frame[600];
    memcpy(frame, secret, RK_LEAKY_LIBRARY_bytes);
    __asm__ volatile("" : : "r"(frame) : "memory");
}
