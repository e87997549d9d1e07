/* devices/firmware/payload.c - from a request in the mailbox to a call of the backend, and back: one function a shape */
#include "devices/firmware/payload.h"

#include <stdbool.h>
#include <stddef.h>

#include "devices/firmware/payload_group.h"
#include "devices/firmware/payload_public.h"
#include "devices/firmware/payload_shape.h"

/* --- AEAD, hash, MAC --- */

static bool payload_aead(struct rki_exchange *x, uint8_t alg, uint8_t key_bytes, struct rk_aead_job *job)
{
    *job = (struct rk_aead_job){
        .alg = alg,
        .key_bytes = key_bytes,
        .aad_bytes = x->in[2].bytes,
        .text_bytes = x->in[3].bytes,
        .key = x->in[0].at,
        .nonce = x->in[1].at,
        .aad = x->in[2].at,
        .in = x->in[3].at,
        .out = rki_exchange_output(x, x->in[3].bytes),
    };
    return x->in[0].bytes == key_bytes && x->in[1].bytes == rk_alg_nonce_bytes(alg) && job->out != NULL;
}

static enum rk_crypto shape_SEAL(struct rki_exchange *x, struct payload_op op)
{
    struct rk_aead_job job;
    if (x->inputs != 4 || !payload_aead(x, op.alg, op.key_bytes, &job)) {
        return RK_CRYPTO_FAILED;
    }
    job.tag_bytes = op.variant;
    job.tag = rki_exchange_output(x, op.variant);
    if (job.tag == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->aead_seal(&job));
    return result;
}

static enum rk_crypto shape_OPEN(struct rki_exchange *x, struct payload_op op)
{
    struct rk_aead_job job;
    if (x->inputs != 5 || x->in[4].bytes != op.variant || !payload_aead(x, op.alg, op.key_bytes, &job)) {
        return RK_CRYPTO_FAILED;
    }
    job.tag_bytes = op.variant;
    job.tag = (uint8_t *)x->in[4].at;
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->aead_open(&job));
    return result;
}

static enum rk_crypto shape_HASH(struct rki_exchange *x, struct payload_op op)
{
    uint8_t *digest = rki_exchange_output(x, rk_alg_digest_bytes(op.alg));
    if (x->inputs != 1 || digest == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->hash(op.alg, x->in[0].at, x->in[0].bytes, digest));
    return result;
}

/* A key of HMAC has any length, one of CMAC that of the operation. */
static enum rk_crypto shape_MAC(struct rki_exchange *x, struct payload_op op)
{
    uint8_t *mac = rki_exchange_output(x, rk_alg_digest_bytes(op.alg));
    if (x->inputs != 2 || mac == NULL || (op.alg == RK_ALG_AES_CMAC && x->in[0].bytes != op.key_bytes)) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result,
                    rk_backend_get()->mac(op.alg, x->in[0].at, x->in[0].bytes, x->in[1].at, x->in[1].bytes, mac));
    return result;
}

/* --- derivation: the last input is the length of the key --- */

static enum rk_crypto payload_derive(struct rki_exchange *x, struct rk_kdf_job *job)
{
    if (x->inputs != 4 || x->in[3].bytes != 2) {
        return RK_CRYPTO_FAILED;
    }
    job->out_bytes = rki_little16(x->in[3].at);
    job->out = rki_exchange_output(x, job->out_bytes);
    if (job->out == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->kdf(job));
    return result;
}

static enum rk_crypto shape_HKDF(struct rki_exchange *x, struct payload_op op)
{
    struct rk_kdf_job job = {
        .alg = op.alg,
        .label = x->in[0].at,
        .label_bytes = x->in[0].bytes,
        .secret = x->in[1].at,
        .secret_bytes = x->in[1].bytes,
        .context = x->in[2].at,
        .context_bytes = x->in[2].bytes,
    };
    return payload_derive(x, &job);
}

static enum rk_crypto shape_KBKDF(struct rki_exchange *x, struct payload_op op)
{
    if (op.key_bytes != 0 && x->in[0].bytes != op.key_bytes) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_kdf_job job = {
        .alg = op.alg,
        .secret = x->in[0].at,
        .secret_bytes = x->in[0].bytes,
        .label = x->in[1].at,
        .label_bytes = x->in[1].bytes,
        .context = x->in[2].at,
        .context_bytes = x->in[2].bytes,
    };
    return payload_derive(x, &job);
}

static enum rk_crypto shape_PBKDF2(struct rki_exchange *x, struct payload_op op)
{
    if (x->inputs != 4 || x->in[2].bytes != 2) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_kdf_job job = {
        .alg = op.alg,
        .secret = x->in[0].at,
        .secret_bytes = x->in[0].bytes,
        .label = x->in[1].at,
        .label_bytes = x->in[1].bytes,
        .iterations = rki_little16(x->in[2].at),
    };
    return payload_derive(x, &job);
}

/* The fields of KBKDF under other names. */
static enum rk_crypto shape_PRF(struct rki_exchange *x, struct payload_op op)
{
    return shape_KBKDF(x, op);
}

/* --- generators --- */

static enum rk_crypto shape_GENERATE(struct rki_exchange *x, struct payload_op op)
{
    const struct rk_backend *backend = rk_backend_get();
    if (!payload_has_entropy(x, 2) || x->in[1].bytes != 2) {
        return RK_CRYPTO_FAILED;
    }
    uint16_t bytes = rki_little16(x->in[1].at);
    uint8_t *random = rki_exchange_output(x, bytes);
    if (random == NULL) {
        return RK_CRYPTO_FAILED;
    }
    PAYLOAD_STATE(memory, backend->drbg_bytes);
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    enum rk_crypto result = backend->drbg_init(drbg, op.alg, x->in[0].at);
    if (result == RK_CRYPTO_OK) {
        PAYLOAD_MEASURE(result, backend->drbg_generate(drbg, op.alg, random, bytes));
        backend->drbg_wipe(drbg, op.alg);
    }
    return result;
}

static enum rk_crypto shape_INIT(struct rki_exchange *x, struct payload_op op)
{
    (void)op;
    const struct rk_backend *backend = rk_backend_get();
    if (!payload_has_entropy(x, 1)) {
        return RK_CRYPTO_FAILED;
    }
    PAYLOAD_STATE(memory, backend->drbg_bytes);
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, backend->drbg_init(drbg, backend->drbg_alg, x->in[0].at));
    if (result == RK_CRYPTO_OK) {
        backend->drbg_wipe(drbg, backend->drbg_alg);
    }
    return result;
}

/* --- key wrap --- */

static enum rk_crypto shape_WRAP(struct rki_exchange *x, struct payload_op op)
{
    uint16_t bytes = x->in[1].bytes;
    bool fits = op.alg == RK_ALG_AES_KEY_WRAP ? payload_is_aes_key(bytes) : bytes >= 1 && bytes <= 64;
    uint8_t *wrapped = rki_exchange_output(x, rk_wrapped_bytes(op.alg, bytes));
    if (x->inputs != 2 || !payload_is_aes_key(x->in[0].bytes) || !fits || wrapped == NULL) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_wrap_job job = {
        .alg = op.alg,
        .kek_bytes = (uint8_t)x->in[0].bytes,
        .in_bytes = bytes,
        .kek = x->in[0].at,
        .in = x->in[1].at,
        .out = wrapped,
    };
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->key_wrap(&job));
    return result;
}

static enum rk_crypto shape_UNWRAP(struct rki_exchange *x, struct payload_op op)
{
    uint16_t bytes = x->in[1].bytes;
    uint16_t room = (uint16_t)(bytes - 8);
    bool fits = op.alg == RK_ALG_AES_KEY_WRAP ? payload_is_aes_key(room) : bytes % 8 == 0 && bytes >= 16 && bytes <= 72;
    if (x->inputs != 2 || !payload_is_aes_key(x->in[0].bytes) || !fits) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_wrap_job job = {
        .alg = op.alg,
        .kek_bytes = (uint8_t)x->in[0].bytes,
        .in_bytes = bytes,
        .kek = x->in[0].at,
        .in = x->in[1].at,
        .out = rki_exchange_output(x, room),
    };
    if (job.out == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_backend_get()->key_unwrap(&job));
    if (result == RK_CRYPTO_OK) {
        rki_exchange_shorten(x, job.out, job.out_bytes);
    }
    return result;
}

/* --- dispatch --- */

/* These have a dispatcher of their own: rk_payload_key(). */
static enum rk_crypto shape_LIFECYCLE(struct rki_exchange *x, struct payload_op op)
{
    (void)x;
    (void)op;
    return RK_CRYPTO_UNSUPPORTED;
}

#define shape_LIFECYCLE_BY shape_LIFECYCLE

/* The harness measures itself. */
static enum rk_crypto shape_empty(void)
{
    RK_REGION_START(RK_REGION_OPERATION);
    RK_REGION_STOP(RK_REGION_OPERATION);
    return RK_CRYPTO_OK;
}

/* RK_ONLY makes `operation` a constant: always inlined, so that the compiler keeps one branch. */
static inline __attribute__((always_inline)) enum rk_crypto payload_dispatch(struct rki_exchange *x, uint8_t operation)
{
    switch (operation) {
#define CASE(name, alg, shape, key, variant, sizes, least, help)                                                       \
    case RK_OP_##name:                                                                                                 \
        return (alg) == RK_ALG_COUNT || rk_backend_has(rk_backend_get(), (alg))                                        \
                   ? shape_##shape(x, (struct payload_op){alg, key, variant})                                          \
                   : RK_CRYPTO_UNSUPPORTED;
        RK_OPERATIONS(CASE)
#undef CASE
    case RK_OP_lifecycle_check:
        return rk_payload_check(x);
    case RK_OP_empty:
        return shape_empty();
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto payload_serve(struct rki_exchange *x, uint8_t asked)
{
#ifdef RK_ONLY
    return asked == RK_ONLY ? payload_dispatch(x, RK_ONLY) : RK_CRYPTO_UNSUPPORTED;
#else
    return payload_dispatch(x, asked);
#endif
}

/* An agent has dispatchers of its own. What this image does not serve is not called, and so is left out of it. */
#ifdef RK_WITH_LIFECYCLE
static bool payload_lifecycle(struct rk_mailbox *mailbox)
{
    uint8_t asked = mailbox->operation;
#ifdef RK_ONLY
    const uint8_t served = RK_ONLY;
#else
    const uint8_t served = asked;
#endif
    if (served == RK_OP_lifecycle_step && asked == RK_OP_lifecycle_step) {
        rk_payload_step(mailbox);
        return true;
    }
    bool backup = asked >= RK_OP_key_backup; /* of another image */
    if (served >= RK_OP_key_generate && served <= RK_OP_key_restore && asked >= RK_OP_key_generate &&
        asked <= RK_OP_key_restore && backup == (served >= RK_OP_key_backup)) {
        rk_payload_key(mailbox);
        return true;
    }
    return false;
}
#endif

void rk_payload_call(struct rk_mailbox *mailbox)
{
#ifdef RK_WITH_LIFECYCLE
    if (payload_lifecycle(mailbox)) {
        return;
    }
#endif
    struct rki_exchange x;
    bool whole = rki_exchange_begin(&x, mailbox);
    rki_exchange_reply(&x, whole ? payload_serve(&x, mailbox->operation) : RK_CRYPTO_FAILED);
}
