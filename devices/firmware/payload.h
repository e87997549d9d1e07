/* devices/firmware/payload.h - carries out the request in the mailbox
 *
 * Inputs and outputs are fields in the order of backends/operation.h. The measured region holds the primitive alone:
 * unpacking, seeding a DRBG, earlier steps of an exchange and packing happen outside.
 * RK_ONLY=RK_OP_x compiles the dispatch for one operation, so that an image carries nothing else. An image has this file
 * and the backend's backend.c in one translation unit: the table's entry becomes a plain call, and what no call reaches
 * is left out of the image by the linker. So names with internal linkage here begin with `shape_` or `payload_`.
 */
#ifndef DEVICES_FIRMWARE_PAYLOAD_H
#define DEVICES_FIRMWARE_PAYLOAD_H

#include "devices/firmware/exchange.h"
#include "devices/firmware/mailbox.h"
#include "engine/lifecycle/group.h"

/* in, out: mailbox. Outputs are present when result is RK_CRYPTO_OK or RK_CRYPTO_REJECTED; rejected, they are of the
 * length that the input allows at most, and zero. A request that does not have the operation's fields, or whose reply
 * has no room beside it in the mailbox, answers RK_CRYPTO_FAILED.
 * ecjpake_*: one more field, a byte 1, plays the server: so a peer's messages can be made. */
void rk_payload_call(struct rk_mailbox *mailbox);

/* devices/firmware/lifecycle.c, which marks its own regions: the steps of a key's life (image `key`), and one event into
 * the agent (image `lifecycle`). On the host both. */
void rk_payload_key(struct rk_mailbox *mailbox);
void rk_payload_step(struct rk_mailbox *mailbox);

/* devices/firmware/group_server.c, on the host alone. in: tree, the member's own key, entropy, a byte 1; variant: enum
 * rk_group_case. out: fields frame, group key. */
enum rk_crypto rk_payload_group_server(struct rki_exchange *x, const struct rk_group_config *config, uint32_t place,
                                       uint8_t variant);

/* Operation lifecycle_check, devices/firmware/check.c. */
enum rk_crypto rk_payload_check(struct rki_exchange *x);

#endif
