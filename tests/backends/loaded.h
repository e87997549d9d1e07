/* tests/backends/loaded.h - every library and version, as shared objects in this one process
 *
 * The objects come from build_images.sh; RK_BACKEND_IMAGES names their folder. A missing one fails the test.
 */
#ifndef TESTS_BACKENDS_LOADED_H
#define TESTS_BACKENDS_LOADED_H

#include "backends/backend.h"
#include "devices/firmware/host.h"

enum { LOADED_COUNT = 6 };

struct loaded {
    const char *name;
    const char *version;
    uint64_t capabilities; /* what backends/README.md says this library provides */
    uint64_t composed;     /* those of them that it calls composed */
    const struct rk_backend *backend;
    rk_host_call_fn *call;
};

extern struct loaded loaded[LOADED_COUNT];

/* cmocka group set-up. out: 0, or -1 with a line on standard error. */
int loaded_open_all(void **state);

/* Memory for a generator's or an EC-JPAKE's state, aligned for any type. */
union state_memory {
    max_align_t align;
    uint8_t bytes[2048];
};

static inline bool has_drbg(const struct rk_backend *backend)
{
    return backend->drbg_alg != RK_ALG_COUNT;
}

/* A generator of that backend, of its default kind, from 48 bytes that follow from `seed`. */
struct rk_drbg *drbg_make(const struct rk_backend *backend, union state_memory *memory, uint8_t seed);

/* Bytes that follow from `seed`. */
void fill(uint8_t *out, size_t bytes, uint32_t seed);

#endif
