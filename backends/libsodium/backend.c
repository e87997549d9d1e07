#include "backends/libsodium/adapter.h"

#include "sodium/utils.h"
#include "sodium/version.h"

#define PROVIDED                                                                                                       \
    (RK_CAP(RK_ALG_CHACHA20_POLY1305) | RK_CAP(RK_ALG_SHA256) | RK_CAP(RK_ALG_HMAC_SHA256) |                           \
     RK_CAP(RK_ALG_CHACHA20_DRBG) | RK_CAP(RK_ALG_X25519))

static enum rk_crypto hkdf_sha256(const struct rk_hkdf_job *job)
{
    (void)job;
    return RK_CRYPTO_UNSUPPORTED;
}

static enum rk_crypto key_wrap(const uint8_t kek[16], const uint8_t *key, uint16_t key_bytes, uint8_t *wrapped)
{
    (void)kek;
    (void)key;
    (void)key_bytes;
    (void)wrapped;
    return RK_CRYPTO_UNSUPPORTED;
}

/* The private key is the generator's 32 bytes, clamped as RFC 7748 decodes them. */
static enum rk_crypto key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32], uint8_t *public_key)
{
    static const uint8_t base_point[32] = {9};
    if (!RK_HAS(RK_ALG_X25519) || alg != RK_ALG_X25519) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    enum rk_crypto result = rki_libsodium_drbg_generate(drbg, RK_ALG_CHACHA20_DRBG, private_key, RK_PRIVATE_bytes);
    if (result != RK_CRYPTO_OK) {
        return result;
    }
    private_key[0] &= 248;
    private_key[31] = (uint8_t)((private_key[31] & 127) | 64);
    return rki_libsodium_ladder(public_key, private_key, base_point) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

static enum rk_crypto agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32])
{
    (void)drbg; /* the ladder is constant time and does not blind */
    if (!RK_HAS(RK_ALG_X25519) || alg != RK_ALG_X25519) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    if (rki_libsodium_ladder(secret, private_key, peer_public) != 0 || sodium_is_zero(secret, RK_SECRET_bytes)) {
        sodium_memzero(secret, RK_SECRET_bytes);
        return RK_CRYPTO_REJECTED;
    }
    return RK_CRYPTO_OK;
}

static void wipe(void *memory, size_t bytes)
{
    sodium_memzero(memory, bytes);
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "libsodium",
        .version = SODIUM_VERSION_STRING,
        .capabilities = PROVIDED & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = RK_ALG_CHACHA20_DRBG,
        .aead_seal = rki_libsodium_seal,
        .aead_open = rki_libsodium_open,
        .sha256 = rki_libsodium_sha256,
        .hmac_sha256 = rki_libsodium_hmac_sha256,
        .hkdf_sha256 = hkdf_sha256,
        .drbg_init = rki_libsodium_drbg_init,
        .drbg_generate = rki_libsodium_drbg_generate,
        .drbg_wipe = rki_libsodium_drbg_wipe,
        .key_pair = key_pair,
        .agree = agree,
        .key_wrap = key_wrap,
        .key_unwrap = key_wrap,
        .wipe = wipe,
    };
    return &backend;
}
