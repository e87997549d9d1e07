/* X25519 and Ed25519 of libsodium. Private keys are the generator's bytes as they come. */
#include "backends/libsodium/adapter.h"

#include <string.h>

#include "sodium/crypto_sign_ed25519.h"
#include "sodium/utils.h"

/* Clamped as RFC 7748 decodes it. */
enum rk_crypto rki_libsodium_x25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32])
{
    static const uint8_t base_point[32] = {9};
    enum rk_crypto result = rki_libsodium_drbg_generate(drbg, private_key, RK_PRIVATE_bytes);
    if (result != RK_CRYPTO_OK) {
        return result;
    }
    private_key[0] &= 248;
    private_key[31] = (uint8_t)((private_key[31] & 127) | 64);
    return rki_libsodium_ladder(public_key, private_key, base_point) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_libsodium_x25519_agree(const uint8_t private_key[32], const uint8_t peer_public[32],
                                          uint8_t secret[32])
{
    if (rki_libsodium_ladder(secret, private_key, peer_public) != 0 || sodium_is_zero(secret, RK_SECRET_bytes)) {
        sodium_memzero(secret, RK_SECRET_bytes);
        return RK_CRYPTO_REJECTED;
    }
    return RK_CRYPTO_OK;
}

/* The library's secret key is the seed with the public key behind it. */
enum rk_crypto rki_libsodium_ed25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32])
{
    uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
    enum rk_crypto result = rki_libsodium_drbg_generate(drbg, private_key, RK_PRIVATE_bytes);
    if (result == RK_CRYPTO_OK && crypto_sign_ed25519_seed_keypair(public_key, secret_key, private_key) != 0) {
        result = RK_CRYPTO_FAILED;
    }
    sodium_memzero(secret_key, sizeof secret_key);
    return result;
}

enum rk_crypto rki_libsodium_ed25519_sign(const struct rk_sign_job *job)
{
    uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
    memcpy(secret_key, job->private_key, RK_PRIVATE_bytes);
    memcpy(secret_key + RK_PRIVATE_bytes, job->public_key, crypto_sign_ed25519_PUBLICKEYBYTES);
    int error = crypto_sign_ed25519_detached(job->signature, NULL, job->message, job->message_bytes, secret_key);
    sodium_memzero(secret_key, sizeof secret_key);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_libsodium_ed25519_verify(const struct rk_sign_job *job)
{
    int error = crypto_sign_ed25519_verify_detached(job->signature, job->message, job->message_bytes, job->public_key);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}
