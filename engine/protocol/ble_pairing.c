#include "engine/protocol/ble_pairing.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/cbor.h"

enum { F5_COUNTER = 0, F5_bytes = 1 + 4 + 2 * RK_BLE_KEY_bytes + 2 * RK_BLE_ADDRESS_bytes + 2, F6_bytes = 65 };

static enum rk_crypto cmac(const struct rk_backend *backend, const uint8_t key[RK_BLE_KEY_bytes],
                           const struct rk_cbor_writer *message, uint8_t mac[RK_BLE_KEY_bytes])
{
    return rk_backend_has(backend, RK_ALG_AES_CMAC)
               ? backend->mac(RK_ALG_AES_CMAC, key, RK_BLE_KEY_bytes, message->at, message->used, mac)
               : RK_CRYPTO_UNSUPPORTED;
}

enum rk_message_result rk_ble_f4(const struct rk_backend *backend, const uint8_t u[RK_BLE_X_bytes],
                                 const uint8_t v[RK_BLE_X_bytes], const uint8_t x[RK_BLE_KEY_bytes], uint8_t z,
                                 uint8_t confirm[RK_BLE_KEY_bytes])
{
    uint8_t text[2 * RK_BLE_X_bytes + 1];
    struct rk_cbor_writer w = {.at = text, .room = sizeof text};
    rk_cbor_raw(&w, u, RK_BLE_X_bytes);
    rk_cbor_raw(&w, v, RK_BLE_X_bytes);
    rk_cbor_raw(&w, &z, 1);
    return rk_message_of(cmac(backend, x, &w, confirm));
}

static void put_pair(struct rk_cbor_writer *w, const uint8_t *first, const uint8_t *second, uint16_t bytes)
{
    rk_cbor_raw(w, first, bytes);
    rk_cbor_raw(w, second, bytes);
}

enum rk_message_result rk_ble_f5(const struct rk_backend *backend, const uint8_t secret[RK_SECRET_bytes],
                                 const struct rk_ble_pair *pair, uint8_t mac_key[RK_BLE_KEY_bytes],
                                 uint8_t ltk[RK_BLE_KEY_bytes])
{
    const uint8_t salt[RK_BLE_KEY_bytes] = {0x6C, 0x88, 0x83, 0x91, 0xAA, 0xF5, 0xA5, 0x38,
                                            0x60, 0x37, 0x0B, 0xDB, 0x5A, 0x60, 0x83, 0xBE};
    const uint8_t head[] = {0, 'b', 't', 'l', 'e'}, length[] = {1, 0};
    uint8_t key[RK_BLE_KEY_bytes], text[F5_bytes], seed[RK_SECRET_bytes];
    struct rk_cbor_writer w = {.at = text, .room = sizeof text};
    struct rk_cbor_writer s = {.at = seed, .room = sizeof seed};
    rk_cbor_raw(&s, secret, sizeof seed);
    rk_cbor_raw(&w, head, sizeof head);
    put_pair(&w, pair->nonce_1, pair->nonce_2, RK_BLE_KEY_bytes);
    put_pair(&w, pair->address_1, pair->address_2, RK_BLE_ADDRESS_bytes);
    rk_cbor_raw(&w, length, sizeof length);
    enum rk_crypto result = cmac(backend, salt, &s, key);
    if (result == RK_CRYPTO_OK) {
        result = cmac(backend, key, &w, mac_key);
    }
    if (result == RK_CRYPTO_OK) {
        text[F5_COUNTER] = 1;
        result = cmac(backend, key, &w, ltk);
    }
    backend->wipe(key, sizeof key);
    backend->wipe(seed, sizeof seed);
    return rk_message_of(result);
}

enum rk_message_result rk_ble_f6(const struct rk_backend *backend, const uint8_t mac_key[RK_BLE_KEY_bytes],
                                 const struct rk_ble_pair *pair, const uint8_t r[RK_BLE_KEY_bytes],
                                 const uint8_t io_capability[3], uint8_t check[RK_BLE_KEY_bytes])
{
    uint8_t text[F6_bytes];
    struct rk_cbor_writer w = {.at = text, .room = sizeof text};
    put_pair(&w, pair->nonce_1, pair->nonce_2, RK_BLE_KEY_bytes);
    rk_cbor_raw(&w, r, RK_BLE_KEY_bytes);
    rk_cbor_raw(&w, io_capability, 3);
    put_pair(&w, pair->address_1, pair->address_2, RK_BLE_ADDRESS_bytes);
    return rk_message_of(cmac(backend, mac_key, &w, check));
}

enum rk_message_result rk_ble_g2(const struct rk_backend *backend, const uint8_t u[RK_BLE_X_bytes],
                                 const uint8_t v[RK_BLE_X_bytes], const uint8_t x[RK_BLE_KEY_bytes],
                                 const uint8_t y[RK_BLE_KEY_bytes], uint32_t *value)
{
    uint8_t text[2 * RK_BLE_X_bytes + RK_BLE_KEY_bytes], mac[RK_BLE_KEY_bytes];
    struct rk_cbor_writer w = {.at = text, .room = sizeof text};
    put_pair(&w, u, v, RK_BLE_X_bytes);
    rk_cbor_raw(&w, y, RK_BLE_KEY_bytes);
    enum rk_crypto result = cmac(backend, x, &w, mac);
    *value = result != RK_CRYPTO_OK
                 ? 0
                 : (uint32_t)mac[12] << 24 | (uint32_t)mac[13] << 16 | (uint32_t)mac[14] << 8 | mac[15];
    return rk_message_of(result);
}
