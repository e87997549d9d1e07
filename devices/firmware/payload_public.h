/* devices/firmware/payload_public.h - shapes with key pairs: agreement, signatures, RSA, EC-JPAKE, ML-KEM
 *
 * A part of payload.c, and of its translation unit.
 */
#ifndef DEVICES_FIRMWARE_PAYLOAD_PUBLIC_H
#define DEVICES_FIRMWARE_PAYLOAD_PUBLIC_H

#include "devices/firmware/payload_shape.h"

static inline enum rk_crypto shape_KEY_PAIR(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t *private_key = rki_exchange_output(x, rk_alg_private_bytes(op.alg));
    uint8_t *public_key = rki_exchange_output(x, rk_alg_public_bytes(op.alg));
    if (!payload_has_entropy(x, 1) || private_key == NULL || public_key == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, backend->key_pair(op.alg, drbg, private_key, public_key));
    return result;
}

static inline enum rk_crypto shape_AGREE(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t *secret = rki_exchange_output(x, RK_SECRET_bytes);
    if (!payload_has_entropy(x, 3) || x->in[1].bytes != rk_alg_private_bytes(op.alg) ||
        x->in[2].bytes != rk_alg_public_bytes(op.alg) || secret == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, backend->agree(op.alg, drbg, x->in[1].at, x->in[2].at, secret));
    return result;
}

static inline enum rk_crypto shape_SIGN(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    if (!payload_has_entropy(x, 4) || x->in[1].bytes != rk_alg_private_bytes(op.alg) ||
        x->in[2].bytes != rk_alg_public_bytes(op.alg) || !payload_is_message(op.alg, x->in[3].bytes)) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_sign_job job = {
        .alg = op.alg,
        .private_key = x->in[1].at,
        .public_key = x->in[2].at,
        .message = x->in[3].at,
        .message_bytes = x->in[3].bytes,
        .signature = rki_exchange_output(x, rk_alg_signature_bytes(op.alg)),
    };
    if (job.signature == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, (job.drbg = drbg, backend->sign(&job)));
    return result;
}

static inline enum rk_crypto shape_VERIFY(struct rki_exchange *x, struct payload_op op)
{
    if (x->inputs != 3 || x->in[0].bytes != rk_alg_public_bytes(op.alg) ||
        !payload_is_message(op.alg, x->in[1].bytes) || x->in[2].bytes != rk_alg_signature_bytes(op.alg)) {
        return RK_CRYPTO_FAILED;
    }
    const struct rk_sign_job job = {
        .alg = op.alg,
        .public_key = x->in[0].at,
        .message = x->in[1].at,
        .message_bytes = x->in[1].bytes,
        .signature = (uint8_t *)x->in[2].at,
    };
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->verify(&job));
    return result;
}

/* --- RSA encryption --- */

static inline enum rk_crypto shape_ENCRYPT(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t *ciphertext = rki_exchange_output(x, rk_alg_public_bytes(op.alg));
    if (!payload_has_entropy(x, 3) || x->in[1].bytes != rk_alg_public_bytes(op.alg) || ciphertext == NULL) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_rsa_job job = {
        .alg = op.alg,
        .oaep = op.variant != 0,
        .key = x->in[1].at,
        .in = x->in[2].at,
        .in_bytes = x->in[2].bytes,
        .out = ciphertext,
    };
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, (job.drbg = drbg, backend->rsa_encrypt(&job)));
    return result;
}

static inline enum rk_crypto shape_DECRYPT(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t *plaintext = rki_exchange_output(x, rk_alg_public_bytes(op.alg));
    if (!payload_has_entropy(x, 3) || x->in[1].bytes != rk_alg_private_bytes(op.alg) ||
        x->in[2].bytes != rk_alg_public_bytes(op.alg) || plaintext == NULL) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_rsa_job job = {
        .alg = op.alg,
        .oaep = op.variant != 0,
        .key = x->in[1].at,
        .in = x->in[2].at,
        .in_bytes = x->in[2].bytes,
        .out = plaintext,
    };
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, (job.drbg = drbg, backend->rsa_decrypt(&job)));
    if (result == RK_CRYPTO_OK) {
        rki_exchange_shorten(x, plaintext, job.out_bytes);
    }
    return result;
}

/* --- EC-JPAKE: steps before the one that is asked for run outside the region --- */

static inline enum rk_crypto payload_pake_steps(const struct rki_exchange *x, struct rk_pake_job *job, uint8_t asked,
                                                uint8_t *out)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t own[RK_ECJPAKE_ROUND_MAX_bytes]; /* what an earlier step gives nobody reads */
    enum rk_crypto result = RK_CRYPTO_OK;
    for (uint8_t step = 0; step <= asked && result == RK_CRYPTO_OK; step++) {
        job->step = step;
        job->in = step > 0 ? x->in[1 + step].at : NULL;
        job->in_bytes = step > 0 ? x->in[1 + step].bytes : 0;
        job->out = own;
        if (step == asked) {
            job->out = out;
            PAYLOAD_MEASURE(result, backend->pake(job));
        } else {
            result = backend->pake(job);
        }
    }
    return result;
}

/* The last step ends the exchange and frees what it holds, whatever comes of it. */
static inline void payload_pake_end(struct rk_pake_job *job)
{
    uint8_t secret[RK_SECRET_bytes];
    job->step = RK_PAKE_SECRET;
    job->in_bytes = 0;
    job->out = secret;
    (void)rk_backend_get()->pake(job);
}

static inline enum rk_crypto payload_pake(struct rki_exchange *x, uint8_t step)
{
    const struct rk_backend *backend = rk_backend_get();
    uint16_t inputs = (uint16_t)(2 + step);
    bool server = x->inputs == inputs + 1 && x->in[inputs].bytes == 1 && x->in[inputs].at[0] == 1;
    uint8_t *out = rki_exchange_output(x, step == RK_PAKE_SECRET ? RK_SECRET_bytes : RK_ECJPAKE_ROUND_MAX_bytes);
    if (!payload_has_entropy(x, server ? (uint16_t)(inputs + 1) : inputs) || out == NULL) {
        return RK_CRYPTO_FAILED;
    }
    PAYLOAD_STATE(drbg_memory, backend->drbg_bytes);
    PAYLOAD_STATE(pake_memory, backend->pake_bytes);
    struct rk_pake_job job = {
        .server = server,
        .password = x->in[1].at,
        .password_bytes = x->in[1].bytes,
        .drbg = (struct rk_drbg *)drbg_memory,
        .state = (struct rk_pake *)pake_memory,
    };
    enum rk_crypto result = backend->drbg_init(job.drbg, backend->drbg_alg, x->in[0].at);
    if (result != RK_CRYPTO_OK) {
        return result;
    }
    result = payload_pake_steps(x, &job, step, out);
    if (result == RK_CRYPTO_OK && step != RK_PAKE_SECRET) {
        rki_exchange_shorten(x, out, job.out_bytes);
    }
    if (job.step != RK_PAKE_SECRET) {
        payload_pake_end(&job);
    }
    backend->drbg_wipe(job.drbg, backend->drbg_alg);
    return result;
}

static inline enum rk_crypto shape_PAKE_ONE(struct rki_exchange *x, struct payload_op op)
{
    return payload_pake(x, op.variant);
}

#define shape_PAKE_TWO    shape_PAKE_ONE
#define shape_PAKE_SECRET shape_PAKE_ONE

/* --- ML-KEM --- */

static inline enum rk_crypto shape_ENCAPSULATE(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    uint8_t *ciphertext = rki_exchange_output(x, rk_alg_kem_bytes(op.alg));
    uint8_t *secret = rki_exchange_output(x, RK_SECRET_bytes);
    if (!payload_has_entropy(x, 2) || x->in[1].bytes != rk_alg_public_bytes(op.alg) || ciphertext == NULL ||
        secret == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE_SEEDED(x, backend, result, backend->encapsulate(op.alg, drbg, x->in[1].at, ciphertext, secret));
    return result;
}

static inline enum rk_crypto shape_DECAPSULATE(struct rki_exchange *x, struct payload_op op)
{
    uint8_t *secret = rki_exchange_output(x, RK_SECRET_bytes);
    if (x->inputs != 2 || x->in[0].bytes != rk_alg_private_bytes(op.alg) ||
        x->in[1].bytes != rk_alg_kem_bytes(op.alg) || secret == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->decapsulate(op.alg, x->in[0].at, x->in[1].at, secret));
    return result;
}

#endif
