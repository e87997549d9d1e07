/* engine/protocol/result.h - what becomes of a message, the same for every protocol of this room
 *
 * Model:  OK, or why not. What is not OK leaves no secret behind: the function wipes what it had made, and a session
 *         that was in progress is over.
 */
#ifndef ENGINE_PROTOCOL_RESULT_H
#define ENGINE_PROTOCOL_RESULT_H

#include "backends/backend.h"

enum rk_message_result {
    RK_MESSAGE_OK = 0,
    RK_MESSAGE_MALFORMED = -1,   /* not what the protocol's grammar says */
    RK_MESSAGE_REJECTED = -2,    /* tag, MAC, signature or public key is not valid */
    RK_MESSAGE_REPLAYED = -3,    /* its number was used */
    RK_MESSAGE_UNSUPPORTED = -4, /* suite, method or critical extension that this side does not have */
    RK_MESSAGE_UNKNOWN = -5,     /* credential or key identifier that this side does not know */
    RK_MESSAGE_STATE = -6,       /* not the message whose turn it is; numbers are used up */
    RK_MESSAGE_NO_ROOM = -7,     /* the caller's buffer, or a field longer than this room carries */
    RK_MESSAGE_FAILED = -8,      /* the library failed */
};

static inline enum rk_message_result rk_message_of(enum rk_crypto result)
{
    switch (result) {
    case RK_CRYPTO_OK:
        return RK_MESSAGE_OK;
    case RK_CRYPTO_REJECTED:
        return RK_MESSAGE_REJECTED;
    case RK_CRYPTO_UNSUPPORTED:
        return RK_MESSAGE_UNSUPPORTED;
    default:
        return RK_MESSAGE_FAILED;
    }
}

#endif
