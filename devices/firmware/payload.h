/* devices/firmware/payload.h - carries out the request in the mailbox
 *
 * Inputs and outputs are fields in the order of backends/operation.h. The measured region holds the primitive alone:
 * unpacking, seeding a DRBG and packing happen outside.
 * RK_ONLY=RK_OP_x compiles the dispatch for one operation, so that an image carries nothing else.
 */
#ifndef DEVICES_FIRMWARE_PAYLOAD_H
#define DEVICES_FIRMWARE_PAYLOAD_H

#include "devices/firmware/mailbox.h"

/* in, out: mailbox. Outputs are present when result is RK_CRYPTO_OK or RK_CRYPTO_REJECTED. A request that does not have
 * the operation's fields, or whose reply has no room beside it in the mailbox, answers RK_CRYPTO_FAILED. */
void rk_payload_call(struct rk_mailbox *mailbox);

/* Lifecycle operations, devices/firmware/lifecycle.c; in the image `lifecycle` and on the host only. Marks its own
 * regions. */
void rk_payload_lifecycle(struct rk_mailbox *mailbox);

#endif
