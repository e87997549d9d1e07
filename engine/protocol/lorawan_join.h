/* engine/protocol/lorawan_join.h - LoRaWAN 1.0.x over-the-air activation: request, accept, session keys
 *
 * Model:  the MICs are the backend's AES-CMAC. The accept and the session keys take bare AES blocks, which backend.h
 *         has not and a LoRa node mostly has in hardware: the caller brings them. The server makes an accept with the
 *         inverse cipher, so that a device needs only the forward one.
 * Units:  bytes; EUIs, nonces and addresses as they are on the air, least significant first.
 * Error:  none: a request has 23 bytes, an accept 17, or 33 with a list of channels.
 * Source: LoRaWAN 1.0.3 specification, clauses 6.2.4 to 6.2.6.
 */
#ifndef ENGINE_PROTOCOL_LORAWAN_JOIN_H
#define ENGINE_PROTOCOL_LORAWAN_JOIN_H

#include "engine/protocol/result.h"

enum {
    RK_LORAWAN_KEY_bytes = 16,
    RK_LORAWAN_EUI_bytes = 8,
    RK_LORAWAN_REQUEST_bytes = 23,
    RK_LORAWAN_ACCEPT_bytes = 17,
    RK_LORAWAN_ACCEPT_MAX_bytes = 33,
    RK_LORAWAN_CHANNELS_bytes = 16,
};

/* One AES-128 block; in may be out. */
typedef void rk_lorawan_block(const uint8_t key[RK_LORAWAN_KEY_bytes], const uint8_t in[16], uint8_t out[16]);

struct rk_lorawan_accept {
    uint8_t app_nonce[3], net_id[3], address[4];
    uint8_t dl_settings, rx_delay;
    bool has_channels;
    uint8_t channels[RK_LORAWAN_CHANNELS_bytes];
};

struct rk_lorawan_session {
    uint8_t network_key[RK_LORAWAN_KEY_bytes], application_key[RK_LORAWAN_KEY_bytes];
};

enum rk_message_result rk_lorawan_request_make(const struct rk_backend *backend,
                                               const uint8_t app_key[RK_LORAWAN_KEY_bytes],
                                               const uint8_t app_eui[RK_LORAWAN_EUI_bytes],
                                               const uint8_t dev_eui[RK_LORAWAN_EUI_bytes], uint16_t dev_nonce,
                                               uint8_t out[RK_LORAWAN_REQUEST_bytes]);

/* The server's look at a request. out: *dev_nonce, which it takes once only: that is the caller's list to keep. */
enum rk_message_result rk_lorawan_request_take(const struct rk_backend *backend,
                                               const uint8_t app_key[RK_LORAWAN_KEY_bytes], const uint8_t *in,
                                               uint16_t bytes, uint16_t *dev_nonce);

/* decrypt: the inverse cipher. out: 17 or 33 bytes, as *bytes says. */
enum rk_message_result rk_lorawan_accept_make(const struct rk_backend *backend, rk_lorawan_block *decrypt,
                                              const uint8_t app_key[RK_LORAWAN_KEY_bytes],
                                              const struct rk_lorawan_accept *accept,
                                              uint8_t out[RK_LORAWAN_ACCEPT_MAX_bytes], uint16_t *bytes);

/* out: the accept and, from it and the device's nonce, the session; both wiped when the MIC is wrong. */
enum rk_message_result rk_lorawan_accept_take(const struct rk_backend *backend, rk_lorawan_block *encrypt,
                                              const uint8_t app_key[RK_LORAWAN_KEY_bytes], uint16_t dev_nonce,
                                              const uint8_t *in, uint16_t bytes, struct rk_lorawan_accept *accept,
                                              struct rk_lorawan_session *session);

/* What the server derives, and accept_take has derived. */
void rk_lorawan_derive(rk_lorawan_block *encrypt, const uint8_t app_key[RK_LORAWAN_KEY_bytes], uint16_t dev_nonce,
                       const struct rk_lorawan_accept *accept, struct rk_lorawan_session *session);

#endif
