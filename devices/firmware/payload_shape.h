/* devices/firmware/payload_shape.h - what the shapes of payload.c have in common */
#ifndef DEVICES_FIRMWARE_PAYLOAD_SHAPE_H
#define DEVICES_FIRMWARE_PAYLOAD_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/backend.h"
#include "backends/operation.h"
#include "devices/firmware/exchange.h"
#include "devices/firmware/region.h"

/* Carries out `call` between the markers, and nothing else. */
#define PAYLOAD_MEASURE(result, call)                                                                                  \
    do {                                                                                                               \
        RK_REGION_START(RK_REGION_OPERATION);                                                                          \
        (result) = (call);                                                                                             \
        RK_REGION_STOP(RK_REGION_OPERATION);                                                                           \
    } while (0)

/* Memory for a state of so many bytes: on the stack, above the region. */
#define PAYLOAD_STATE(name, bytes) max_align_t name[((bytes) + sizeof(max_align_t) - 1) / sizeof(max_align_t) + 1]

/* The same with `drbg`, the backend's own generator, seeded with the first input; seeding and wiping are outside. */
#define PAYLOAD_MEASURE_SEEDED(x, backend, result, call)                                                               \
    do {                                                                                                               \
        PAYLOAD_STATE(memory, (backend)->drbg_bytes);                                                                  \
        struct rk_drbg *drbg = (struct rk_drbg *)memory;                                                               \
        (result) = (backend)->drbg_init(drbg, (backend)->drbg_alg, (x)->in[0].at);                                     \
        if ((result) == RK_CRYPTO_OK) {                                                                                \
            PAYLOAD_MEASURE(result, call);                                                                             \
            (backend)->drbg_wipe(drbg, (backend)->drbg_alg);                                                           \
        }                                                                                                              \
    } while (0)

/* What backends/operation.h says of an operation. */
struct payload_op {
    uint8_t alg;
    uint8_t key_bytes;
    uint8_t variant;
};

static inline bool payload_is_aes_key(uint16_t bytes)
{
    return bytes == 16 || bytes == 24 || bytes == 32;
}

/* Ed25519 signs any message, the others a digest. */
static inline bool payload_is_message(uint8_t alg, uint16_t bytes)
{
    return alg == RK_ALG_ED25519 || bytes == RK_SHA256_bytes;
}

/* in: number of inputs. Those that have entropy have it first. */
static inline bool payload_has_entropy(const struct rki_exchange *x, uint16_t inputs)
{
    return x->inputs == inputs && x->in[0].bytes == RK_ENTROPY_bytes;
}

#endif
