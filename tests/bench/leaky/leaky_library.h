/* tests/bench/leaky/leaky_library.h - the library of backend leaky */
#ifndef TESTS_BENCH_LEAKY_LEAKY_LIBRARY_H
#define TESTS_BENCH_LEAKY_LEAKY_LIBRARY_H

#include <stdint.h>

enum { RK_LEAKY_LIBRARY_bytes = 16 };

/* Leaves so many bytes on the stack, deeper than any other function of this backend. */
void rk_leaky_library(const uint8_t *secret);

#endif
