/* bench/handshake_internal.h - between the files of a handshake */
#ifndef BENCH_HANDSHAKE_INTERNAL_H
#define BENCH_HANDSHAKE_INTERNAL_H

#include <stddef.h>

#include "bench/handshake.h"

enum { RKI_MESSAGE_MAX_bytes = 3072, RKI_MESSAGES_MAX = 32, RKI_REASON_bytes = 96 };

/* A datagram, or a record of a stream. */
struct rki_message {
    uint16_t bytes;
    uint8_t data[RKI_MESSAGE_MAX_bytes];
};

struct rki_messages {
    unsigned count;
    struct rki_message message[RKI_MESSAGES_MAX];
};

static inline bool rki_is_datagrams(uint8_t protocol)
{
    return protocol == RK_DTLS12 || protocol == RK_DTLS13;
}

/* out: false when there is no room. */
bool rki_messages_add(struct rki_messages *messages, const uint8_t *data, size_t bytes);

/* Cuts a stream into records. out: the bytes that are whole records. */
size_t rki_messages_add_records(struct rki_messages *messages, const uint8_t *data, size_t bytes);

/* Names of an encrypted record's parts in 1.3. */
#define RKI_HIDDEN "messages, encrypted"
#define RKI_TAG    "content type and tag"

/* What a message holds. hidden: whether this side's records are encrypted by now; kept from message to message. */
void rki_handshake_parts(struct rk_handshake_flight *flight, bool datagrams, const struct rki_message *message,
                         bool *hidden);

/* OpenSSL's s_server as the peer. */
struct rki_openssl;

RK_MUST_CHECK enum rk_err rki_openssl_start(struct rki_openssl **server, const struct rk_handshake_request *request,
                                            char version[48], struct rk_diag *diag);
/* errors: RK_ERR_IO. receive waits for one more datagram or whole record; none within ten seconds: RK_ERR_CHECK, with what
 * the server printed last. */
RK_MUST_CHECK enum rk_err rki_openssl_send(struct rki_openssl *server, const struct rki_message *message,
                                           struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rki_openssl_receive(struct rki_openssl *server, struct rki_messages *messages,
                                              struct rk_diag *diag);
/* Waits until the server has printed `text`; then it sends `answer`. */
RK_MUST_CHECK enum rk_err rki_openssl_talk(struct rki_openssl *server, const char *text, const char *answer,
                                           struct rk_diag *diag);
void rki_openssl_stop(struct rki_openssl *server);

#endif
