/* AEAD, hash and MAC of libsodium. */
#include "backends/libsodium/adapter.h"

#include "sodium/crypto_aead_chacha20poly1305.h"
#include "sodium/crypto_auth_hmacsha256.h"
#include "sodium/crypto_hash_sha256.h"
#include "sodium/utils.h"

enum rk_crypto rki_libsodium_seal(const struct rk_aead_job *job)
{
    if (!RK_HAS(RK_ALG_CHACHA20_POLY1305) || job->alg != RK_ALG_CHACHA20_POLY1305) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    int error = crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        job->out, job->tag, NULL, job->in, job->text_bytes, job->aad, job->aad_bytes, NULL, job->nonce, job->key);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

/* The only error of the library's open is a wrong tag, and it has then filled `out` with zeros. */
enum rk_crypto rki_libsodium_open(const struct rk_aead_job *job)
{
    if (!RK_HAS(RK_ALG_CHACHA20_POLY1305) || job->alg != RK_ALG_CHACHA20_POLY1305) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    int error = crypto_aead_chacha20poly1305_ietf_decrypt_detached(job->out, NULL, job->in, job->text_bytes, job->tag,
                                                                   job->aad, job->aad_bytes, job->nonce, job->key);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

enum rk_crypto rki_libsodium_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32])
{
    if (!RK_HAS(RK_ALG_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    crypto_hash_sha256_state state;
    int error = crypto_hash_sha256_init(&state);
    error |= crypto_hash_sha256_update(&state, in, in_bytes);
    error |= crypto_hash_sha256_final(&state, digest); /* wipes the state */
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_libsodium_hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                         uint8_t mac[32])
{
    if (!RK_HAS(RK_ALG_HMAC_SHA256)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    crypto_auth_hmacsha256_state state;
    int error = crypto_auth_hmacsha256_init(&state, key, key_bytes);
    error |= crypto_auth_hmacsha256_update(&state, in, in_bytes);
    error |= crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}
