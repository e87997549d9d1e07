/* engine/protocol/thread_keys.h - Thread's keys of a sequence number
 *
 * Model:  HMAC-SHA256(network key, sequence in big endian || "Thread"): its first half is the key of MLE, its second
 *         that of the MAC. A static root and a counter: whoever has the network key has the keys of every sequence.
 * Units:  bytes.
 * Error:  none.
 * Source: OpenThread, src/core/thread/key_manager.cpp (KeyManager::ComputeKeys).
 */
#ifndef ENGINE_PROTOCOL_THREAD_KEYS_H
#define ENGINE_PROTOCOL_THREAD_KEYS_H

#include "engine/protocol/result.h"

enum { RK_THREAD_KEY_bytes = 16 };

enum rk_message_result rk_thread_keys(const struct rk_backend *backend, const uint8_t network_key[RK_THREAD_KEY_bytes],
                                      uint32_t sequence, uint8_t mle_key[RK_THREAD_KEY_bytes],
                                      uint8_t mac_key[RK_THREAD_KEY_bytes]);

/* out: what a frame says of its sequence. */
static inline uint8_t rk_thread_key_index(uint32_t sequence)
{
    return (uint8_t)((sequence & 0x7F) + 1);
}

#endif
