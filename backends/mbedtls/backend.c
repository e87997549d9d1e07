#include "backends/mbedtls/adapter.h"
#include "backends/mbedtls/drbg.h"

#include "mbedtls/platform_util.h"
#include "mbedtls/version.h"

#define PROVIDED                                                                                                       \
    (RK_CAP(RK_ALG_AES128_CCM) | RK_CAP(RK_ALG_CHACHA20_POLY1305) | RK_CAP(RK_ALG_SHA256) |                            \
     RK_CAP(RK_ALG_HMAC_SHA256) | RK_CAP(RK_ALG_HKDF_SHA256) | RK_CAP(RK_ALG_CTR_DRBG) | RK_CAP(RK_ALG_HMAC_DRBG) |    \
     RK_CAP(RK_ALG_X25519) | RK_CAP(RK_ALG_P256) | RK_CAP(RK_ALG_AES_KEY_WRAP))

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "mbedtls",
        .version = MBEDTLS_VERSION_STRING,
        .capabilities = PROVIDED & RK_USES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = RK_ALG_CTR_DRBG,
        .aead_seal = rki_mbedtls_seal,
        .aead_open = rki_mbedtls_open,
        .sha256 = rki_mbedtls_sha256,
        .hmac_sha256 = rki_mbedtls_hmac_sha256,
        .hkdf_sha256 = rki_mbedtls_hkdf_sha256,
        .drbg_init = rki_mbedtls_drbg_init,
        .drbg_generate = rki_mbedtls_drbg_generate,
        .drbg_wipe = rki_mbedtls_drbg_wipe,
        .key_pair = rki_mbedtls_key_pair,
        .agree = rki_mbedtls_agree,
        .key_wrap = rki_mbedtls_key_wrap,
        .key_unwrap = rki_mbedtls_key_unwrap,
        .wipe = mbedtls_platform_zeroize,
    };
    return &backend;
}
