/* engine/protocol/edhoc.h - EDHOC: an authenticated Diffie-Hellman exchange in three messages, and a fourth on demand
 *
 * Model:  initiator and responder, methods 0 to 3, cipher suites 0 to 5 where the backend has their primitives;
 *         credentials by kid (a CCS with a raw public key) or x5t (a certificate), both known to the peer before and
 *         given by reference. External authorization data is not sent; what comes is passed over, a critical item
 *         refused. The responder does not learn who asks before message 3; the initiator proves itself last.
 * Turns:  initiator: message_1_make, message_2_take, message_3_make, and message_4_take where the application asks for
 *         it; responder: message_1_take, message_2_make, message_3_take, message_4_make. Any failure ends and wipes the
 *         session.
 * Units:  bytes. Private keys and public values in the form of backend.h.
 * Memory: all in struct rk_edhoc; about RK_EDHOC_WORK_bytes of stack in a turn, above what the library takes.
 * Error:  none: message sizes are exact. What a turn costs in operations: README.md.
 * Source: RFC 9528; traces in RFC 9529. P-256 points from their x: p256_point.h.
 */
#ifndef ENGINE_PROTOCOL_EDHOC_H
#define ENGINE_PROTOCOL_EDHOC_H

#include "engine/protocol/oscore.h"
#include "engine/protocol/result.h"

enum {
    RK_EDHOC_SUITES = 6,       /* 0 to 5 */
    RK_EDHOC_SUITES_MAX = 8,   /* that a message may list */
    RK_EDHOC_ID_MAX_bytes = 7, /* connection identifier, which becomes an OSCORE identifier */
    RK_EDHOC_WORK_bytes = 640, /* what is hashed, signed or derived from at once */
    RK_EDHOC_MESSAGE_MAX_bytes = 192,
    RK_EDHOC_CREDENTIAL_MAX_bytes = 400,
    RK_EDHOC_ID_CRED_MAX_bytes = 48,
};

enum { RK_EDHOC_INITIATOR, RK_EDHOC_RESPONDER };

struct rk_edhoc_credential {
    const uint8_t *id_cred; /* ID_CRED, a CBOR map: a1 04 41 32, or a1 18 22 82 2e 48 ... */
    const uint8_t *cred;    /* CRED, one CBOR item: a CCS, or a byte string with a certificate */
    const uint8_t *public_key;
    const uint8_t *private_key; /* own: for signing, or for agreement where the method says static; NULL: a peer's */
    uint16_t id_cred_bytes;
    uint16_t cred_bytes;
};

struct rk_edhoc_config {
    const struct rk_backend *backend;
    struct rk_drbg *drbg;  /* seeded with the backend's drbg_alg */
    const uint8_t *suites; /* this side's, the most preferred first; those after `suite` are not sent */
    const struct rk_edhoc_credential *own;
    const struct rk_edhoc_credential *peers; /* whom this side talks to */
    uint8_t peer_count;
    uint8_t suite_count;
    uint8_t suite;    /* initiator: the one of them to use */
    uint8_t method;   /* initiator: 0 both sign, 1 responder static, 2 initiator static, 3 both static */
    uint8_t methods;  /* responder: those it takes, bit by bit */
    uint8_t id_bytes; /* this side's connection identifier */
    uint8_t id[RK_EDHOC_ID_MAX_bytes];
};

struct rk_edhoc {
    struct rk_edhoc_config config;
    const struct rk_edhoc_credential *peer; /* whom the exchange authenticated; NULL before */
    uint8_t role, step, method, suite;
    uint8_t peer_id_bytes;
    uint8_t peer_id[RK_EDHOC_ID_MAX_bytes];
    uint8_t private_key[RK_PRIVATE_bytes]; /* ephemeral */
    uint8_t own_x[32];
    uint8_t peer_point[RK_PUBLIC_MAX_bytes]; /* the peer's ephemeral key as the library takes it */
    uint8_t transcript[RK_SHA256_bytes];     /* H(message_1), then TH_2, TH_3, TH_4 */
    uint8_t prk[RK_SHA256_bytes];            /* PRK_2e, PRK_3e2m, PRK_4e3m, then PRK_out */
};

/* Nothing is drawn or computed. The config is copied, what it points to is not. */
void rk_edhoc_begin(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_config *config);
void rk_edhoc_end(struct rk_edhoc *session);

/* make: out: the message, at most `room` bytes. take: in: one message.
 * UNSUPPORTED of message_1_take: answer with rk_edhoc_wrong_suite(). UNKNOWN: a credential that is not among
 * `peers`. */
enum rk_message_result rk_edhoc_message_1_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes);
enum rk_message_result rk_edhoc_message_1_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes);
enum rk_message_result rk_edhoc_message_2_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes);
enum rk_message_result rk_edhoc_message_2_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes);
enum rk_message_result rk_edhoc_message_3_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes);
enum rk_message_result rk_edhoc_message_3_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes);

/* Before the first export or update only: both replace what message 4 is derived from. */
enum rk_message_result rk_edhoc_message_4_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes);
enum rk_message_result rk_edhoc_message_4_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes);

/* The error message of a responder that has not the suite: ERR_CODE 2 and its own suites (RFC 9528, 6.3). */
enum rk_message_result rk_edhoc_wrong_suite(const struct rk_edhoc_config *config, uint8_t *out, uint16_t room,
                                            uint16_t *bytes);

/* EDHOC_Exporter(label, context, length), context_bytes <= 64; and EDHOC_KeyUpdate(context), after which exports
 * differ. */
enum rk_message_result rk_edhoc_export(struct rk_edhoc *session, uint8_t label, const uint8_t *context,
                                       uint8_t context_bytes, uint8_t *out, uint16_t out_bytes);
enum rk_message_result rk_edhoc_key_update(struct rk_edhoc *session, const uint8_t *context, uint8_t context_bytes);

/* The OSCORE context of appendix A.1: exported secret and salt of 8 bytes, the connection identifiers as
 * identifiers. */
enum rk_message_result rk_edhoc_oscore(struct rk_edhoc *session, struct rk_oscore *out);

#endif
