#include "engine/protocol/tls13_update.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/hkdf.h"

enum rk_message_result rk_tls13_update(const struct rk_backend *backend, uint8_t secret[RK_TLS13_SECRET_bytes])
{
    uint8_t next[RK_TLS13_SECRET_bytes];
    enum rk_crypto result = rk_hkdf_expand_label(backend, secret, "traffic upd", next, sizeof next);
    if (result == RK_CRYPTO_OK) {
        rki_copy(secret, next, sizeof next);
    }
    backend->wipe(next, sizeof next);
    return rk_message_of(result);
}

enum rk_message_result rk_tls13_keys(const struct rk_backend *backend, const uint8_t secret[RK_TLS13_SECRET_bytes],
                                     uint8_t *key, uint8_t key_bytes, uint8_t iv[RK_TLS13_IV_bytes])
{
    enum rk_crypto result = rk_hkdf_expand_label(backend, secret, "key", key, key_bytes);
    if (result == RK_CRYPTO_OK) {
        result = rk_hkdf_expand_label(backend, secret, "iv", iv, RK_TLS13_IV_bytes);
    }
    if (result != RK_CRYPTO_OK) {
        backend->wipe(key, key_bytes);
    }
    return rk_message_of(result);
}
