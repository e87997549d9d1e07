/* AEAD, hashes and MACs of libsodium. */
#include "backends/libsodium/adapter.h"

#include "sodium/crypto_aead_chacha20poly1305.h"
#include "sodium/crypto_auth_hmacsha256.h"
#include "sodium/crypto_auth_hmacsha512.h"
#include "sodium/crypto_hash_sha256.h"
#include "sodium/crypto_hash_sha512.h"
#include "sodium/utils.h"

static enum rk_crypto result_of(int error)
{
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_libsodium_chachapoly_seal(const struct rk_aead_job *job)
{
    return result_of(crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        job->out, job->tag, NULL, job->in, job->text_bytes, job->aad, job->aad_bytes, NULL, job->nonce, job->key));
}

/* The only error of the library's open is a wrong tag, and it has then filled `out` with zeros. */
enum rk_crypto rki_libsodium_chachapoly_open(const struct rk_aead_job *job)
{
    int error = crypto_aead_chacha20poly1305_ietf_decrypt_detached(job->out, NULL, job->in, job->text_bytes, job->tag,
                                                                   job->aad, job->aad_bytes, job->nonce, job->key);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

enum rk_crypto rki_libsodium_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    crypto_hash_sha256_state state;
    int error = crypto_hash_sha256_init(&state);
    error |= crypto_hash_sha256_update(&state, in, in_bytes);
    error |= crypto_hash_sha256_final(&state, digest); /* wipes the state */
    return result_of(error);
}

enum rk_crypto rki_libsodium_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    crypto_hash_sha512_state state;
    int error = crypto_hash_sha512_init(&state);
    error |= crypto_hash_sha512_update(&state, in, in_bytes);
    error |= crypto_hash_sha512_final(&state, digest); /* wipes the state */
    return result_of(error);
}

enum rk_crypto rki_libsodium_hmac_sha256(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                         uint16_t in_bytes, uint8_t *mac)
{
    (void)alg;
    crypto_auth_hmacsha256_state state;
    int error = crypto_auth_hmacsha256_init(&state, key, key_bytes);
    error |= crypto_auth_hmacsha256_update(&state, in, in_bytes);
    error |= crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    return result_of(error);
}

enum rk_crypto rki_libsodium_hmac_sha512(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                         uint16_t in_bytes, uint8_t *mac)
{
    (void)alg;
    crypto_auth_hmacsha512_state state;
    int error = crypto_auth_hmacsha512_init(&state, key, key_bytes);
    error |= crypto_auth_hmacsha512_update(&state, in, in_bytes);
    error |= crypto_auth_hmacsha512_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    return result_of(error);
}
