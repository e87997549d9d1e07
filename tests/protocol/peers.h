/* tests/protocol/peers.h - an initiator and a responder with credentials of their own, and a wire that can be spoilt
 *
 * Model:  credentials are made with the library: by kid a CCS of the size of RFC 9529's, by x5t a byte string with what
 *         stands for a certificate. In methods with static keys a credential's key is for agreement.
 */
#ifndef TESTS_PROTOCOL_PEERS_H
#define TESTS_PROTOCOL_PEERS_H

#include "engine/protocol/edhoc_internal.h"
#include "tests/protocol/support.h"

enum peers_credential { PEERS_KID, PEERS_X5T };

struct peers {
    struct rk_edhoc initiator, responder;
    struct rk_edhoc_credential own[2], known[2]; /* of the initiator, of the responder; known: what the other knows */
    uint8_t private_keys[2][RK_PRIVATE_bytes], public_keys[2][RK_PUBLIC_MAX_bytes];
    uint8_t id_creds[2][16], creds[2][256];
    uint8_t suite;
    union state_memory memory;
    struct counts counts[2]; /* of a backend that counts */
    uint8_t messages[3][RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t sizes[3];
    int spoil_message; /* -1: none; a bit of the byte at spoil_at changes, if the message has it */
    uint16_t spoil_at;
    int resize_message, resize_by; /* -1: none */
};

/* out: whether the library has what a method of a suite needs. */
bool peers_have(const struct rk_backend *backend, uint8_t method, uint8_t suite);

/* peers is not to be moved after it. */
void peers_begin(struct peers *peers, const struct rk_backend *backend, uint8_t method, uint8_t suite,
                 enum peers_credential credential);

/* The three messages. out: the first result that is not OK. */
enum rk_message_result peers_run(struct peers *peers);

#endif
