/* engine/protocol/kudos.h - KUDOS: a new OSCORE context from the old one and two nonces
 *
 * Model:  the forward flow: a divergent request under a temporary context, a convergent response under the new one. In
 *         FS mode the new context is made from the latest, which has to be stored; in no-FS mode from a bootstrap
 *         context that never changes, so that nothing is written and whoever has it can derive all that follow. Both
 *         sides give the context that their mode derives from. The peer's key is confirmed to the initiator by the
 *         response, to the responder by the next message under the new context.
 * Units:  bytes.
 * Error:  none.
 * Source: draft-ietf-core-oscore-key-update, core-wg's revision with divergent and convergent messages (2025):
 *         updateCtx(), the option's d flag and x byte. It has no test vectors.
 */
#ifndef ENGINE_PROTOCOL_KUDOS_H
#define ENGINE_PROTOCOL_KUDOS_H

#include "engine/protocol/oscore.h"

enum { RK_KUDOS_INPUT_MAX_bytes = 1 + RK_OSCORE_NONCE_MAX_bytes }; /* X | N */

struct rk_kudos {
    const struct rk_backend *backend;
    struct rk_drbg *drbg;         /* seeded with the backend's drbg_alg */
    const struct rk_oscore *from; /* the latest context, or with no_fs the bootstrap one */
    bool no_fs;
    uint8_t nonce_bytes; /* 1 to 16; 8 is recommended */
    uint8_t step;
    uint8_t own_bytes, peer_bytes;
    uint8_t own[RK_KUDOS_INPUT_MAX_bytes], peer[RK_KUDOS_INPUT_MAX_bytes];
    struct rk_oscore_request request;
    struct rk_oscore context; /* the temporary one, then the new one: the caller's once the last turn is over */
};

/* updateCtx(input1, input2, in): the order of the inputs does not matter. in, out: not the same. */
enum rk_message_result rk_kudos_update(const struct rk_backend *backend, const struct rk_oscore *in,
                                       const uint8_t *input1, uint8_t input1_bytes, const uint8_t *input2,
                                       uint8_t input2_bytes, struct rk_oscore *out);

/* The members up to nonce_bytes are the caller's to set, and the rest zero. Initiator: request_make, response_take;
 * responder: request_take, response_make. `text` is opened in place. UNSUPPORTED: the peer's mode is not ours; the
 * answer to a device that cannot write is to run again without forward secrecy. Any failure wipes `context`. */
enum rk_message_result rk_kudos_request_make(struct rk_kudos *kudos, const struct rk_oscore_plain *plain,
                                             struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                             uint16_t *bytes);
enum rk_message_result rk_kudos_request_take(struct rk_kudos *kudos, const struct rk_oscore_option *option,
                                             uint8_t *text, uint16_t bytes, struct rk_oscore_plain *plain);
enum rk_message_result rk_kudos_response_make(struct rk_kudos *kudos, const struct rk_oscore_plain *plain,
                                              struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                              uint16_t *bytes);
enum rk_message_result rk_kudos_response_take(struct rk_kudos *kudos, const struct rk_oscore_option *option,
                                              uint8_t *text, uint16_t bytes, struct rk_oscore_plain *plain);

#endif
