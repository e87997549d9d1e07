/* devices/firmware/payload.c - from a request in the mailbox to a call of the backend, and back */
#include "devices/firmware/payload.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/operation.h"
#include "devices/firmware/region.h"

struct rk_mailbox rk_mailbox;

enum { FIELDS_MAX = 5 };

struct field {
    const uint8_t *at;
    uint16_t bytes;
};

struct exchange {
    struct rk_mailbox *mailbox;
    const struct rk_backend *backend;
    struct field in[FIELDS_MAX];
    uint16_t inputs;
    uint16_t outputs;
    uint16_t end; /* of what is used of mailbox->data: the request, then the reply */
};

/* Carries out `call` between the markers, and nothing else. */
#define MEASURE(result, call)                                                                                          \
    do {                                                                                                               \
        RK_REGION_START(RK_REGION_OPERATION);                                                                          \
        (result) = (call);                                                                                             \
        RK_REGION_STOP(RK_REGION_OPERATION);                                                                           \
    } while (0)

static uint16_t little16(const uint8_t *at)
{
    return (uint16_t)(at[0] | (uint16_t)at[1] << 8);
}

static bool unpack(struct exchange *x)
{
    const struct rk_mailbox *mailbox = x->mailbox;
    uint16_t at = 0;
    if (mailbox->fields > FIELDS_MAX || mailbox->data_bytes > RK_MAILBOX_DATA_bytes) {
        return false;
    }
    for (uint16_t i = 0; i < mailbox->fields; i++) {
        if (mailbox->data_bytes - at < 2) {
            return false;
        }
        uint16_t bytes = little16(mailbox->data + at);
        at = (uint16_t)(at + 2);
        if (mailbox->data_bytes - at < bytes) {
            return false;
        }
        x->in[i].at = mailbox->data + at;
        x->in[i].bytes = bytes;
        at = (uint16_t)(at + bytes);
    }
    x->inputs = mailbox->fields;
    return true;
}

/* Room for an output behind the request, all zero. out: NULL when there is none. */
static uint8_t *output(struct exchange *x, uint16_t bytes)
{
    if (RK_MAILBOX_DATA_bytes - x->end < 2 || RK_MAILBOX_DATA_bytes - x->end - 2 < bytes) {
        return NULL;
    }
    uint8_t *at = x->mailbox->data + x->end;
    at[0] = (uint8_t)bytes;
    at[1] = (uint8_t)(bytes >> 8);
    memset(at + 2, 0, bytes);
    x->end = (uint16_t)(x->end + 2 + bytes);
    x->outputs++;
    return at + 2;
}

/* Puts the outputs where the request was. */
static void reply(struct exchange *x, enum rk_crypto result)
{
    struct rk_mailbox *mailbox = x->mailbox;
    uint16_t request_bytes = mailbox->data_bytes;
    bool answered = result == RK_CRYPTO_OK || result == RK_CRYPTO_REJECTED;
    mailbox->result = (int8_t)result;
    mailbox->fields = answered ? x->outputs : 0;
    mailbox->data_bytes = answered ? (uint16_t)(x->end - request_bytes) : 0;
    memmove(mailbox->data, mailbox->data + request_bytes, mailbox->data_bytes);
}

static enum rk_crypto aead(struct exchange *x, uint8_t alg, uint8_t tag_bytes, bool seal)
{
    uint16_t key_bytes = alg == RK_ALG_AES128_CCM ? 16 : 32;
    uint16_t nonce_bytes = alg == RK_ALG_AES128_CCM ? RK_CCM_NONCE_bytes : RK_CHACHA_NONCE_bytes;
    if (x->inputs != (seal ? 4 : 5) || x->in[0].bytes != key_bytes || x->in[1].bytes != nonce_bytes ||
        (!seal && x->in[4].bytes != tag_bytes)) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_aead_job job = {
        .alg = alg,
        .tag_bytes = tag_bytes,
        .aad_bytes = x->in[2].bytes,
        .text_bytes = x->in[3].bytes,
        .key = x->in[0].at,
        .nonce = x->in[1].at,
        .aad = x->in[2].at,
        .in = x->in[3].at,
        .out = output(x, x->in[3].bytes),
    };
    job.tag = seal ? output(x, tag_bytes) : (uint8_t *)x->in[4].at;
    if (job.out == NULL || job.tag == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto (*primitive)(const struct rk_aead_job *) = seal ? x->backend->aead_seal : x->backend->aead_open;
    enum rk_crypto result;
    MEASURE(result, primitive(&job));
    return result;
}

static enum rk_crypto sha256(struct exchange *x)
{
    uint8_t *digest = output(x, RK_SHA256_bytes);
    if (x->inputs != 1 || digest == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    MEASURE(result, x->backend->sha256(x->in[0].at, x->in[0].bytes, digest));
    return result;
}

static enum rk_crypto hmac_sha256(struct exchange *x)
{
    uint8_t *mac = output(x, RK_SHA256_bytes);
    if (x->inputs != 2 || mac == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    MEASURE(result, x->backend->hmac_sha256(x->in[0].at, x->in[0].bytes, x->in[1].at, x->in[1].bytes, mac));
    return result;
}

static enum rk_crypto hkdf_sha256(struct exchange *x)
{
    if (x->inputs != 4 || x->in[3].bytes != 2) {
        return RK_CRYPTO_FAILED;
    }
    struct rk_hkdf_job job = {
        .salt = x->in[0].at,
        .salt_bytes = x->in[0].bytes,
        .secret = x->in[1].at,
        .secret_bytes = x->in[1].bytes,
        .info = x->in[2].at,
        .info_bytes = x->in[2].bytes,
        .out_bytes = little16(x->in[3].at),
    };
    job.out = output(x, job.out_bytes);
    if (job.out == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    MEASURE(result, x->backend->hkdf_sha256(&job));
    return result;
}

/* A generator's state lives in the caller's memory: here, on the stack above the region. Its size is drbg_bytes. */
#define WITH_DRBG(x, name)                                                                                             \
    max_align_t name##_memory[((x)->backend->drbg_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) + 1];         \
    struct rk_drbg *name = (struct rk_drbg *)name##_memory

static enum rk_crypto drbg_generate(struct exchange *x, uint8_t alg)
{
    if (x->inputs != 2 || x->in[0].bytes != RK_ENTROPY_bytes || x->in[1].bytes != 2) {
        return RK_CRYPTO_FAILED;
    }
    uint16_t bytes = little16(x->in[1].at);
    uint8_t *random = output(x, bytes);
    if (random == NULL) {
        return RK_CRYPTO_FAILED;
    }
    WITH_DRBG(x, drbg);
    enum rk_crypto result = x->backend->drbg_init(drbg, alg, x->in[0].at);
    if (result == RK_CRYPTO_OK) {
        MEASURE(result, x->backend->drbg_generate(drbg, alg, random, bytes));
        x->backend->drbg_wipe(drbg, alg);
    }
    return result;
}

static enum rk_crypto drbg_init(struct exchange *x)
{
    if (x->inputs != 1 || x->in[0].bytes != RK_ENTROPY_bytes) {
        return RK_CRYPTO_FAILED;
    }
    uint8_t alg = x->backend->drbg_alg;
    WITH_DRBG(x, drbg);
    enum rk_crypto result;
    MEASURE(result, x->backend->drbg_init(drbg, alg, x->in[0].at));
    if (result == RK_CRYPTO_OK) {
        x->backend->drbg_wipe(drbg, alg);
    }
    return result;
}

static enum rk_crypto key_pair(struct exchange *x, uint8_t alg)
{
    uint8_t *private_key = output(x, RK_PRIVATE_bytes);
    uint8_t *public_key = output(x, rk_alg_public_bytes(alg));
    if (x->inputs != 1 || x->in[0].bytes != RK_ENTROPY_bytes || private_key == NULL || public_key == NULL) {
        return RK_CRYPTO_FAILED;
    }
    uint8_t drbg_alg = x->backend->drbg_alg;
    WITH_DRBG(x, drbg);
    enum rk_crypto result = x->backend->drbg_init(drbg, drbg_alg, x->in[0].at);
    if (result == RK_CRYPTO_OK) {
        MEASURE(result, x->backend->key_pair(alg, drbg, private_key, public_key));
        x->backend->drbg_wipe(drbg, drbg_alg);
    }
    return result;
}

static enum rk_crypto agree(struct exchange *x, uint8_t alg)
{
    uint8_t *secret = output(x, RK_SECRET_bytes);
    if (x->inputs != 3 || x->in[0].bytes != RK_ENTROPY_bytes || x->in[1].bytes != RK_PRIVATE_bytes ||
        x->in[2].bytes != rk_alg_public_bytes(alg) || secret == NULL) {
        return RK_CRYPTO_FAILED;
    }
    uint8_t drbg_alg = x->backend->drbg_alg;
    WITH_DRBG(x, drbg);
    enum rk_crypto result = x->backend->drbg_init(drbg, drbg_alg, x->in[0].at);
    if (result == RK_CRYPTO_OK) {
        MEASURE(result, x->backend->agree(alg, drbg, x->in[1].at, x->in[2].at, secret));
        x->backend->drbg_wipe(drbg, drbg_alg);
    }
    return result;
}

static enum rk_crypto key_wrap(struct exchange *x)
{
    if (x->inputs != 2 || x->in[0].bytes != 16 || (x->in[1].bytes != 16 && x->in[1].bytes != 32)) {
        return RK_CRYPTO_FAILED;
    }
    uint8_t *wrapped = output(x, (uint16_t)(x->in[1].bytes + 8));
    if (wrapped == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    MEASURE(result, x->backend->key_wrap(x->in[0].at, x->in[1].at, x->in[1].bytes, wrapped));
    return result;
}

static enum rk_crypto key_unwrap(struct exchange *x)
{
    if (x->inputs != 2 || x->in[0].bytes != 16 || (x->in[1].bytes != 24 && x->in[1].bytes != 40)) {
        return RK_CRYPTO_FAILED;
    }
    uint8_t *key = output(x, (uint16_t)(x->in[1].bytes - 8));
    if (key == NULL) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result;
    MEASURE(result, x->backend->key_unwrap(x->in[0].at, x->in[1].at, x->in[1].bytes, key));
    return result;
}

/* RK_ONLY makes `operation` a constant: always inlined, so that the compiler keeps one branch. */
static inline __attribute__((always_inline)) enum rk_crypto dispatch(struct exchange *x, uint8_t operation)
{
    switch (operation) {
    case RK_OP_aes128_ccm_seal:
        return aead(x, RK_ALG_AES128_CCM, 16, true);
    case RK_OP_aes128_ccm_open:
        return aead(x, RK_ALG_AES128_CCM, 16, false);
    case RK_OP_aes128_ccm_8_seal:
        return aead(x, RK_ALG_AES128_CCM, 8, true);
    case RK_OP_aes128_ccm_8_open:
        return aead(x, RK_ALG_AES128_CCM, 8, false);
    case RK_OP_chacha20_poly1305_seal:
        return aead(x, RK_ALG_CHACHA20_POLY1305, 16, true);
    case RK_OP_chacha20_poly1305_open:
        return aead(x, RK_ALG_CHACHA20_POLY1305, 16, false);
    case RK_OP_sha256:
        return sha256(x);
    case RK_OP_hmac_sha256:
        return hmac_sha256(x);
    case RK_OP_hkdf_sha256:
        return hkdf_sha256(x);
    case RK_OP_ctr_drbg_generate:
        return drbg_generate(x, RK_ALG_CTR_DRBG);
    case RK_OP_hmac_drbg_generate:
        return drbg_generate(x, RK_ALG_HMAC_DRBG);
    case RK_OP_hash_drbg_generate:
        return drbg_generate(x, RK_ALG_HASH_DRBG);
    case RK_OP_chacha20_drbg_generate:
        return drbg_generate(x, RK_ALG_CHACHA20_DRBG);
    case RK_OP_drbg_init:
        return drbg_init(x);
    case RK_OP_x25519_key_pair:
        return key_pair(x, RK_ALG_X25519);
    case RK_OP_x25519_agree:
        return agree(x, RK_ALG_X25519);
    case RK_OP_p256_key_pair:
        return key_pair(x, RK_ALG_P256);
    case RK_OP_p256_agree:
        return agree(x, RK_ALG_P256);
    case RK_OP_aes_key_wrap:
        return key_wrap(x);
    case RK_OP_aes_key_unwrap:
        return key_unwrap(x);
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

/* The harness measures itself. */
static enum rk_crypto empty(void)
{
    RK_REGION_START(RK_REGION_OPERATION);
    RK_REGION_STOP(RK_REGION_OPERATION);
    return RK_CRYPTO_OK;
}

static bool provided(const struct rk_backend *backend, uint8_t operation)
{
#define ALGORITHM(name, alg, in, out, sizes, help) [RK_OP_##name] = (alg),
    static const uint8_t algorithm[] = {RK_OPERATIONS(ALGORITHM)};
#undef ALGORITHM
    return algorithm[operation] == RK_ALG_COUNT || rk_backend_has(backend, algorithm[operation]);
}

#ifdef RK_ONLY
#define SERVED(asked) ((asked) == RK_ONLY ? RK_ONLY : RK_OP_COUNT)
#else
#define SERVED(asked) (asked)
#endif

static enum rk_crypto serve(struct exchange *x, uint8_t asked)
{
    if (SERVED(asked) == RK_OP_empty) {
        return empty();
    }
    if (SERVED(asked) >= RK_OP_key_generate || !provided(x->backend, SERVED(asked))) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    return unpack(x) ? dispatch(x, SERVED(asked)) : RK_CRYPTO_FAILED;
}

void rk_payload_call(struct rk_mailbox *mailbox)
{
#ifdef RK_WITH_LIFECYCLE
    if (mailbox->operation >= RK_OP_key_generate && mailbox->operation <= RK_OP_lifecycle_step) {
        rk_payload_lifecycle(mailbox);
        return;
    }
#endif
    struct exchange x = {.mailbox = mailbox, .backend = rk_backend_get(), .end = mailbox->data_bytes};
    enum rk_crypto result = serve(&x, mailbox->operation);
    reply(&x, result);
}
