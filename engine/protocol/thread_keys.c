#include "engine/protocol/thread_keys.h"

#include "engine/lifecycle/small.h"

enum rk_message_result rk_thread_keys(const struct rk_backend *backend, const uint8_t network_key[RK_THREAD_KEY_bytes],
                                      uint32_t sequence, uint8_t mle_key[RK_THREAD_KEY_bytes],
                                      uint8_t mac_key[RK_THREAD_KEY_bytes])
{
    uint8_t input[] = {(uint8_t)(sequence >> 24),
                       (uint8_t)(sequence >> 16),
                       (uint8_t)(sequence >> 8),
                       (uint8_t)sequence,
                       'T',
                       'h',
                       'r',
                       'e',
                       'a',
                       'd'};
    uint8_t both[RK_SHA256_bytes];
    enum rk_crypto result =
        backend->mac(RK_ALG_HMAC_SHA256, network_key, RK_THREAD_KEY_bytes, input, sizeof input, both);
    if (result == RK_CRYPTO_OK) {
        rki_copy(mle_key, both, RK_THREAD_KEY_bytes);
        rki_copy(mac_key, both + RK_THREAD_KEY_bytes, RK_THREAD_KEY_bytes);
    }
    backend->wipe(both, sizeof both);
    return rk_message_of(result);
}
