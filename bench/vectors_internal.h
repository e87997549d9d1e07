/* bench/vectors_internal.h - from a case of a Wycheproof file to calls of operations
 *
 * Model:  a planner per type of test group turns a case into steps: operation, request, and the reply that it must
 *         give. What it cannot turn has a reason to be skipped; what is malformed has a fault. Nothing runs here.
 */
#ifndef BENCH_VECTORS_INTERNAL_H
#define BENCH_VECTORS_INTERNAL_H

#include <jansson.h>

#include "backends/backend.h"
#include "backends/operation_info.h"
#include "bench/vectors.h"
#include "devices/emulators/emulator.h"

enum rki_vector_result { RKI_VECTOR_VALID, RKI_VECTOR_INVALID, RKI_VECTOR_ACCEPTABLE };

enum rki_vector_kind {
    RKI_VECTOR_CHECKS,   /* the operation accepts or rejects, and may have an output */
    RKI_VECTOR_MAKES,    /* it makes an output: what the file says */
    RKI_VECTOR_COMPARES, /* it makes an output whose beginning is what the file says, or in an invalid case is not */
};

struct rki_vector_step {
    enum rki_vector_kind kind;
    struct rk_call request; /* with its operation */
    struct rk_call reply;   /* fields as they must come back */
};

struct rki_vector {
    const char *algorithm; /* of the file */
    const json_t *group, *test;
    enum rki_vector_result result;
    char skip[RK_VECTORS_REASON_bytes];  /* empty: it can run */
    char fault[RK_VECTORS_REASON_bytes]; /* empty: it follows the schema */
    unsigned steps;
    struct rki_vector_step step[2];
};

/* Plans one case: algorithm, group and test are set. */
void rki_vector_plan(struct rki_vector *vector);

/* --- for planners --- */

enum { RKI_VECTOR_FIELD_MAX = 4096 };

struct rki_vector_bytes {
    uint8_t at[RKI_VECTOR_FIELD_MAX];
    uint16_t bytes;
};

void rki_vector_skip(struct rki_vector *vector, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads a member. out: false when it is missing or no hexadecimal text: a fault; or too long: a reason to skip. */
bool rki_vector_hex(struct rki_vector *vector, const json_t *object, const char *member, struct rki_vector_bytes *out);

/* The same of an integer, as `bytes` big-endian bytes, whatever zeros lead it. A longer one is a reason to skip. */
bool rki_vector_integer(struct rki_vector *vector, const json_t *object, const char *member, uint16_t bytes,
                        struct rki_vector_bytes *out);

/* out: text of a member, or NULL with a fault. */
const char *rki_vector_text(struct rki_vector *vector, const json_t *object, const char *member);

/* Begins a step. out: NULL, with a reason to skip, when there is no such operation. key_bytes 0: of any. */
struct rki_vector_step *rki_vector_step(struct rki_vector *vector, enum rki_vector_kind kind, uint8_t alg,
                                        enum rk_shape shape, unsigned key_bytes, int variant);

/* Adds a field to a request or reply. Too long is a reason to skip. */
void rki_vector_put(struct rki_vector *vector, struct rk_call *call, const struct rki_vector_bytes *value);
void rki_vector_put_raw(struct rki_vector *vector, struct rk_call *call, const void *value, size_t bytes);

/* The entropy that every seeded operation gets: it decides no answer. */
void rki_vector_put_entropy(struct rki_vector *vector, struct rk_call *call);

typedef void rki_vector_planner(struct rki_vector *vector);
rki_vector_planner rki_vector_ecdh_asn, rki_vector_ecdh_point, rki_vector_xdh, rki_vector_ecdsa, rki_vector_eddsa,
    rki_vector_rsa_verify, rki_vector_rsa_pkcs1_decrypt, rki_vector_rsa_oaep_decrypt;

#endif
