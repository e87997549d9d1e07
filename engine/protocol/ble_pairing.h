/* engine/protocol/ble_pairing.h - the functions of Bluetooth LE Secure Connections over AES-CMAC
 *
 * Model:  f4 confirms a public key, f5 makes the keys of a pairing from the agreed secret, f6 checks them, g2 is what a
 *         person compares. The session key of a connection, AES(LTK, SKD), needs a bare AES block, which backend.h has
 *         not.
 * Units:  bytes, most significant first, as the specification prints them; the air has them the other way round.
 * Error:  none.
 * Source: Bluetooth Core Specification, Vol 3, Part H, clauses 2.2.6 to 2.2.9; sample data in its appendix D.
 */
#ifndef ENGINE_PROTOCOL_BLE_PAIRING_H
#define ENGINE_PROTOCOL_BLE_PAIRING_H

#include "engine/protocol/result.h"

enum { RK_BLE_KEY_bytes = 16, RK_BLE_X_bytes = 32, RK_BLE_ADDRESS_bytes = 7 }; /* an address with its type before it */

struct rk_ble_pair {
    const uint8_t *nonce_1, *nonce_2;     /* of initiator and responder, RK_BLE_KEY_bytes */
    const uint8_t *address_1, *address_2; /* RK_BLE_ADDRESS_bytes */
};

enum rk_message_result rk_ble_f4(const struct rk_backend *backend, const uint8_t u[RK_BLE_X_bytes],
                                 const uint8_t v[RK_BLE_X_bytes], const uint8_t x[RK_BLE_KEY_bytes], uint8_t z,
                                 uint8_t confirm[RK_BLE_KEY_bytes]);
enum rk_message_result rk_ble_f5(const struct rk_backend *backend, const uint8_t secret[RK_SECRET_bytes],
                                 const struct rk_ble_pair *pair, uint8_t mac_key[RK_BLE_KEY_bytes],
                                 uint8_t ltk[RK_BLE_KEY_bytes]);

/* The check of the side whose nonce and address stand first. */
enum rk_message_result rk_ble_f6(const struct rk_backend *backend, const uint8_t mac_key[RK_BLE_KEY_bytes],
                                 const struct rk_ble_pair *pair, const uint8_t r[RK_BLE_KEY_bytes],
                                 const uint8_t io_capability[3], uint8_t check[RK_BLE_KEY_bytes]);

/* out: *value, of which people see the last six decimal digits. */
enum rk_message_result rk_ble_g2(const struct rk_backend *backend, const uint8_t u[RK_BLE_X_bytes],
                                 const uint8_t v[RK_BLE_X_bytes], const uint8_t x[RK_BLE_KEY_bytes],
                                 const uint8_t y[RK_BLE_KEY_bytes], uint32_t *value);

#endif
