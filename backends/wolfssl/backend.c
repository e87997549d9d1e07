#include "backends/wolfssl/adapter.h"

#include "wolfssl/version.h"

#define PROVIDED                                                                                                       \
    (RK_CAP(RK_ALG_AES128_CCM) | RK_CAP(RK_ALG_CHACHA20_POLY1305) | RK_CAP(RK_ALG_SHA256) |                            \
     RK_CAP(RK_ALG_HMAC_SHA256) | RK_CAP(RK_ALG_HKDF_SHA256) | RK_CAP(RK_ALG_HASH_DRBG) | RK_CAP(RK_ALG_X25519) |      \
     RK_CAP(RK_ALG_P256) | RK_CAP(RK_ALG_AES_KEY_WRAP))

/* The library's ForceZero is internal to it. */
void rki_wolfssl_wipe(void *memory, size_t bytes)
{
    volatile uint8_t *byte = memory;
    while (bytes > 0) {
        bytes--;
        *byte++ = 0;
    }
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "wolfssl",
        .version = LIBWOLFSSL_VERSION_STRING,
        .capabilities = PROVIDED & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = RK_ALG_HASH_DRBG,
        .aead_seal = rki_wolfssl_seal,
        .aead_open = rki_wolfssl_open,
        .sha256 = rki_wolfssl_sha256,
        .hmac_sha256 = rki_wolfssl_hmac_sha256,
        .hkdf_sha256 = rki_wolfssl_hkdf_sha256,
        .drbg_init = rki_wolfssl_drbg_init,
        .drbg_generate = rki_wolfssl_drbg_generate,
        .drbg_wipe = rki_wolfssl_drbg_wipe,
        .key_pair = rki_wolfssl_key_pair,
        .agree = rki_wolfssl_agree,
        .key_wrap = rki_wolfssl_key_wrap,
        .key_unwrap = rki_wolfssl_key_unwrap,
        .wipe = rki_wolfssl_wipe,
    };
    return &backend;
}
