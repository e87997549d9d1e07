/* engine/protocol/kdc_push.h - a key server sends a network key under a device's own key: Zigbee's Transport-Key
 *
 * Model:  the APS command of a trust center to one device, with AES-CCM* and a tag of 4 bytes under the device's
 *         key-transport key. That key is HMAC-MMO(link key, 0), which needs a bare AES block; it is made once a link
 *         key, outside. The frame counter goes up and is never taken twice; the new key comes into use by a Switch-Key
 *         broadcast, not here.
 * Units:  bytes; addresses as they are on the air, least significant first.
 * Error:  none: the frame has 54 bytes.
 * Source: Zigbee Specification R22 (05-3474-22), clauses 4.3.1, 4.4.10.1, 4.5.1 and annex A.
 */
#ifndef ENGINE_PROTOCOL_KDC_PUSH_H
#define ENGINE_PROTOCOL_KDC_PUSH_H

#include "engine/protocol/result.h"

enum { RK_KDC_KEY_bytes = 16, RK_KDC_ADDRESS_bytes = 8, RK_KDC_FRAME_bytes = 54 };

struct rk_kdc_push {
    uint8_t network_key[RK_KDC_KEY_bytes];
    uint8_t sequence; /* of the network key */
    uint8_t device[RK_KDC_ADDRESS_bytes], server[RK_KDC_ADDRESS_bytes];
};

/* counter: the server's APS frame counter for this device, used once. */
enum rk_message_result rk_kdc_push_make(const struct rk_backend *backend, const uint8_t kek[RK_KDC_KEY_bytes],
                                        uint32_t counter, uint8_t aps_counter, const struct rk_kdc_push *push,
                                        uint8_t frame[RK_KDC_FRAME_bytes]);

/* in:  *counter: the least that is taken; it moves behind the frame's when the frame is good.
 *      device: who this is, and only what is meant for it is taken. */
enum rk_message_result rk_kdc_push_take(const struct rk_backend *backend, const uint8_t kek[RK_KDC_KEY_bytes],
                                        uint32_t *counter, const uint8_t device[RK_KDC_ADDRESS_bytes],
                                        const uint8_t *frame, uint16_t bytes, struct rk_kdc_push *push);

#endif
