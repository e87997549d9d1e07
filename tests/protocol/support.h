/* tests/protocol/support.h - bytes from hexadecimal, a backend that counts, and two peers with credentials
 *
 * Model:  counted() is a copy of a library's table whose entries count their calls and go on to the library; at most
 *         one at a time. key_pair gives what was put in `ephemeral`, as a trace wants it, else what the library draws.
 */
#ifndef TESTS_PROTOCOL_SUPPORT_H
#define TESTS_PROTOCOL_SUPPORT_H

#include "engine/protocol/edhoc.h"
#include "tests/backends/loaded.h"

struct counts {
    unsigned key_pair, agree, sign, verify, mac, hash, kdf, seal, open, wipe;
};

struct bytes {
    uint16_t bytes;
    uint8_t at[512];
};

struct bytes from_hex(const char *hex);
bool is_hex(const uint8_t *at, size_t bytes, const char *hex);

extern struct counts counts;
extern const uint8_t *ephemeral; /* private key; NULL: drawn */

/* Starts counts anew. */
const struct rk_backend *counted(const struct rk_backend *inner);

/* out: whether `memory` has `secret` in it. */
bool holds(const void *memory, size_t bytes, const uint8_t *secret, size_t secret_bytes);

#endif
