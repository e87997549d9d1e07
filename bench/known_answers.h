/* bench/known_answers.h - what each operation must answer before it is measured
 *
 * Model:  a list of requests and replies for each operation, from public standards; the source is with each. A
 *         rejecting case expects RK_CRYPTO_REJECTED and an output of zeros, as long as the largest that the request
 *         could have had. Where no public vector fits the sizes of backends/operation.h, the file of the answer says
 *         how the value was computed and with what it agrees. known_answers_*.c hold them, one file a field.
 * Key pairs, ECDSA, RSA encryption, encapsulation and EC-JPAKE use random bytes in each library's own way: those
 * answers name the library. `drbg_init` and the lifecycle operations have no output of their own and no known answer:
 * the generators' answers check instantiation.
 * Units:  fields are hexadecimal text, lower case, in the order of backends/operation.h; "" is a field of no bytes.
 */
#ifndef BENCH_KNOWN_ANSWERS_H
#define BENCH_KNOWN_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/operation.h"

enum { RK_KNOWN_INPUTS_MAX = 5, RK_KNOWN_OUTPUTS_MAX = 2 };

struct rk_known_answer {
    enum rk_operation op;
    const char *backend; /* the library whose answer this is, "mbedtls" or "mbedtls@2.28.3"; NULL for every library */
    const char *source;
    const char *inputs[RK_KNOWN_INPUTS_MAX]; /* NULL after the last */
    const char *outputs[RK_KNOWN_OUTPUTS_MAX];
    enum rk_crypto result;
};

/* out: the answers of an operation, one after the other; *count may be 0. */
const struct rk_known_answer *rk_known_answers(enum rk_operation op, size_t *count);

/* in: name of a backend, and the library's version. out: whether it must give this answer. */
bool rk_known_answer_applies(const struct rk_known_answer *answer, const char *backend, const char *version);

/* Puts fields into the layout of devices/firmware/mailbox.h: 16-bit little-endian length and bytes, field by field.
 * in: `fields` of at most `max` texts, ended by NULL when fewer; data of `size` bytes.
 * out: bytes written, and *count fields. 0 with *count 0 when they do not fit. */
size_t rk_known_answer_pack(const char *const *fields, size_t max, uint8_t *data, size_t size, uint16_t *count);

#endif
