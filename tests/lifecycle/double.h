/* tests/lifecycle/double.h - a backend for tests: SHA-256 and HMAC as published, the rest built on them
 *
 * Its ciphertexts and wrapped keys hide what they carry, which the modelled backend's do not: what a memory scan finds
 * is a leak of the lifecycle code. Its HKDF is the composed one. Key agreement is modular
 * exponentiation over 61 bits. NOT SECURE.
 * Every seal is remembered: double_reuse() counts nonces used twice under one key for different data.
 */
#ifndef TESTS_LIFECYCLE_DOUBLE_H
#define TESTS_LIFECYCLE_DOUBLE_H

#include "backends/backend.h"

enum { DOUBLE_DRBG_bytes = 48 };

extern const struct rk_backend double_backend;

void double_forget(void);
unsigned double_reuse(void);

#endif
