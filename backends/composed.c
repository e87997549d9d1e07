#include "backends/composed.h"

#include <string.h>

enum {
    HASH_bytes = RK_SHA256_bytes,
    BLOCKS_MAX = 255,                                                 /* RFC 5869 */
    MESSAGE_MAX_bytes = HASH_bytes + RK_COMPOSED_INPUT_MAX_bytes + 1, /* HKDF's is the longest */
};

/* What is secret while a key is derived. Feedback stands before the fixed part of a message, which starts at
 * HASH_bytes. */
struct composed {
    uint8_t message[MESSAGE_MAX_bytes];
    uint8_t block[HASH_bytes];
    uint8_t key[HASH_bytes];
};

static void wipe(void *memory, size_t bytes)
{
    volatile uint8_t *byte = memory;
    while (bytes-- > 0) {
        *byte++ = 0;
    }
}

/* out: end of what was put. A field of no bytes may be NULL. */
static uint8_t *put(uint8_t *at, const uint8_t *in, uint16_t in_bytes)
{
    if (in_bytes > 0) {
        memcpy(at, in, in_bytes);
    }
    return at + in_bytes;
}

static uint8_t *put_big32(uint8_t *at, uint32_t value)
{
    for (uint8_t i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
    return at + 4;
}

static bool fits(const struct rk_kdf_job *job, uint32_t input_bytes, uint16_t block_bytes)
{
    return input_bytes <= RK_COMPOSED_INPUT_MAX_bytes && job->out_bytes <= (uint32_t)BLOCKS_MAX * block_bytes;
}

/* Ends a derivation, by whatever way. */
static enum rk_crypto finish(const struct rk_kdf_job *job, struct composed *work, enum rk_crypto result)
{
    wipe(work, sizeof *work);
    if (result != RK_CRYPTO_OK && job->out_bytes > 0) {
        memset(job->out, 0, job->out_bytes);
    }
    return result;
}

/* Moves what fits of `block` to the output. out: bytes that are done. */
static uint16_t emit(const struct rk_kdf_job *job, uint16_t done, const uint8_t *block, uint16_t block_bytes)
{
    uint16_t left = (uint16_t)(job->out_bytes - done);
    uint16_t bytes = left < block_bytes ? left : block_bytes;
    memcpy(job->out + done, block, bytes);
    return (uint16_t)(done + bytes);
}

/* PRK = HMAC(salt, secret); T(i) = HMAC(PRK, T(i - 1) || info || i), and T(0) is empty. An empty salt is HMAC's key of
 * zeros, as RFC 5869 wants it. */
enum rk_crypto rki_composed_hkdf(const struct rk_kdf_job *job, rk_mac_fn *mac)
{
    struct composed work;
    if (!fits(job, job->context_bytes, HASH_bytes)) {
        return finish(job, &work, RK_CRYPTO_FAILED);
    }
    uint8_t *info = work.message + HASH_bytes;
    uint8_t *counter = put(info, job->context, job->context_bytes);
    const uint8_t *start = info;
    *counter = 0;
    enum rk_crypto result =
        mac(RK_ALG_HMAC_SHA256, job->label, job->label_bytes, job->secret, job->secret_bytes, work.key);
    uint16_t done = 0;
    while (result == RK_CRYPTO_OK && done < job->out_bytes) {
        ++*counter;
        result = mac(RK_ALG_HMAC_SHA256, work.key, HASH_bytes, start, (uint16_t)(counter + 1 - start), work.block);
        if (result == RK_CRYPTO_OK) {
            done = emit(job, done, work.block, HASH_bytes);
            memcpy(work.message, work.block, HASH_bytes);
            start = work.message;
        }
    }
    return finish(job, &work, result);
}

/* K(i) = MAC(secret, [i] || label || 0x00 || context || [L]), i from 1, L the output's length in bits. */
enum rk_crypto rki_composed_kbkdf(const struct rk_kdf_job *job, rk_mac_fn *mac)
{
    struct composed work;
    uint8_t mac_alg = job->alg == RK_ALG_KBKDF_CMAC ? RK_ALG_AES_CMAC : RK_ALG_HMAC_SHA256;
    uint16_t block_bytes = rk_alg_digest_bytes(mac_alg);
    if (!fits(job, (uint32_t)job->label_bytes + job->context_bytes, block_bytes) ||
        (mac_alg == RK_ALG_AES_CMAC && job->secret_bytes != 16)) {
        return finish(job, &work, RK_CRYPTO_FAILED);
    }
    uint8_t *end = put(work.message + 4, job->label, job->label_bytes);
    *end++ = 0;
    end = put(end, job->context, job->context_bytes);
    end = put_big32(end, (uint32_t)job->out_bytes * 8);
    uint16_t message_bytes = (uint16_t)(end - work.message);
    enum rk_crypto result = RK_CRYPTO_OK;
    uint16_t done = 0;
    uint32_t i = 0;
    while (result == RK_CRYPTO_OK && done < job->out_bytes) {
        put_big32(work.message, ++i);
        result = mac(mac_alg, job->secret, job->secret_bytes, work.message, message_bytes, work.block);
        if (result == RK_CRYPTO_OK) {
            done = emit(job, done, work.block, block_bytes);
        }
    }
    return finish(job, &work, result);
}

/* T(i) = U(1) ^ .. ^ U(iterations); U(1) = HMAC(password, salt || [i]), U(n) = HMAC(password, U(n - 1)). */
static enum rk_crypto pbkdf2_block(const struct rk_kdf_job *job, rk_mac_fn *mac, struct composed *work, uint32_t i)
{
    uint8_t *end = put_big32(put(work->message, job->label, job->label_bytes), i);
    uint16_t message_bytes = (uint16_t)(end - work->message);
    memset(work->block, 0, HASH_bytes);
    for (uint16_t n = 0; n < job->iterations; n++) {
        enum rk_crypto result =
            mac(RK_ALG_HMAC_SHA256, job->secret, job->secret_bytes, work->message, message_bytes, work->key);
        if (result != RK_CRYPTO_OK) {
            return result;
        }
        for (uint8_t byte = 0; byte < HASH_bytes; byte++) {
            work->block[byte] ^= work->key[byte];
        }
        memcpy(work->message, work->key, HASH_bytes);
        message_bytes = HASH_bytes;
    }
    return RK_CRYPTO_OK;
}

enum rk_crypto rki_composed_pbkdf2(const struct rk_kdf_job *job, rk_mac_fn *mac)
{
    struct composed work;
    if (!fits(job, job->label_bytes, HASH_bytes) || job->iterations == 0) {
        return finish(job, &work, RK_CRYPTO_FAILED);
    }
    enum rk_crypto result = RK_CRYPTO_OK;
    uint16_t done = 0;
    uint32_t i = 0;
    while (result == RK_CRYPTO_OK && done < job->out_bytes) {
        result = pbkdf2_block(job, mac, &work, ++i);
        if (result == RK_CRYPTO_OK) {
            done = emit(job, done, work.block, HASH_bytes);
        }
    }
    return finish(job, &work, result);
}

/* P_SHA256: HMAC(secret, A(i) || label || seed), where A(0) = label || seed and A(i) = HMAC(secret, A(i - 1)). */
enum rk_crypto rki_composed_tls12_prf(const struct rk_kdf_job *job, rk_mac_fn *mac)
{
    struct composed work;
    if (!fits(job, (uint32_t)job->label_bytes + job->context_bytes, HASH_bytes)) {
        return finish(job, &work, RK_CRYPTO_FAILED);
    }
    uint8_t *last = work.message + HASH_bytes;
    uint8_t *end = put(put(last, job->label, job->label_bytes), job->context, job->context_bytes);
    uint16_t last_bytes = (uint16_t)(end - last);
    enum rk_crypto result = RK_CRYPTO_OK;
    uint16_t done = 0;
    while (result == RK_CRYPTO_OK && done < job->out_bytes) {
        result = mac(RK_ALG_HMAC_SHA256, job->secret, job->secret_bytes, last, last_bytes, work.key);
        if (result == RK_CRYPTO_OK) {
            memcpy(work.message, work.key, HASH_bytes);
            last = work.message;
            last_bytes = HASH_bytes;
            result = mac(RK_ALG_HMAC_SHA256, job->secret, job->secret_bytes, work.message,
                         (uint16_t)(end - work.message), work.block);
        }
        if (result == RK_CRYPTO_OK) {
            done = emit(job, done, work.block, HASH_bytes);
        }
    }
    return finish(job, &work, result);
}

enum rk_crypto rki_composed_kdf(const struct rk_kdf_job *job, rk_mac_fn *mac)
{
    switch (job->alg) {
    case RK_ALG_HKDF_SHA256:
        return rki_composed_hkdf(job, mac);
    case RK_ALG_KBKDF_HMAC:
    case RK_ALG_KBKDF_CMAC:
        return rki_composed_kbkdf(job, mac);
    case RK_ALG_PBKDF2:
        return rki_composed_pbkdf2(job, mac);
    case RK_ALG_TLS12_PRF:
        return rki_composed_tls12_prf(job, mac);
    default:
        memset(job->out, 0, job->out_bytes);
        return RK_CRYPTO_UNSUPPORTED;
    }
}
