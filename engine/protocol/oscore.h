/* engine/protocol/oscore.h - OSCORE: a CoAP message under keys that both ends derived
 *
 * Model:  the protected parts of a CoAP message (code, class E options, payload) in, the value of the OSCORE option and
 *         the ciphertext out, and back. Framing as CoAP is the caller's. A response is bound to its request, whose
 *         number it uses again or, on demand, takes one of its own. One context is one pair of peers; algorithms are
 *         those of the EDHOC suites: AES-CCM-16-64-128, or ChaCha20-Poly1305; HKDF-SHA256.
 * Numbers: the sender's goes up to 2^40 - 1, then nothing more is sent. The caller keeps `next` where it survives a
 *          restart.
 * Units:  bytes.
 * Error:  none.
 * Source: RFC 8613; flag byte 2, x and nonce: draft-ietf-core-oscore-key-update (kudos.h).
 */
#ifndef ENGINE_PROTOCOL_OSCORE_H
#define ENGINE_PROTOCOL_OSCORE_H

#include "engine/protocol/result.h"

enum {
    RK_OSCORE_ID_MAX_bytes = 7,
    RK_OSCORE_ID_CONTEXT_MAX_bytes = 8,
    RK_OSCORE_SECRET_MAX_bytes = 32,
    RK_OSCORE_PIV_MAX_bytes = 5,
    RK_OSCORE_NONCE_MAX_bytes = 16, /* of KUDOS */
    RK_OSCORE_OPTION_MAX_bytes = 2 + RK_OSCORE_PIV_MAX_bytes + 1 + RK_OSCORE_ID_CONTEXT_MAX_bytes + 1 +
                                 RK_OSCORE_NONCE_MAX_bytes + RK_OSCORE_ID_MAX_bytes,
    RK_OSCORE_WINDOW = 32, /* of numbers remembered */
};

struct rk_oscore_input {
    uint8_t alg; /* RK_ALG_AES_CCM (tag 8) or RK_ALG_CHACHA20_POLY1305 */
    uint8_t secret_bytes, salt_bytes;
    uint8_t sender_id_bytes, recipient_id_bytes;
    uint8_t id_context_bytes; /* 0: none */
    const uint8_t *secret, *salt, *sender_id, *recipient_id, *id_context;
};

struct rk_oscore {
    uint8_t alg, key_bytes, tag_bytes, nonce_bytes;
    uint8_t secret_bytes, sender_id_bytes, recipient_id_bytes, id_context_bytes;
    uint8_t secret[RK_OSCORE_SECRET_MAX_bytes]; /* the Master Secret, which KUDOS derives from */
    uint8_t sender_key[32], recipient_key[32], common_iv[RK_CCM_NONCE_bytes];
    uint8_t sender_id[RK_OSCORE_ID_MAX_bytes], recipient_id[RK_OSCORE_ID_MAX_bytes];
    uint8_t id_context[RK_OSCORE_ID_CONTEXT_MAX_bytes];
    uint64_t next;   /* the sender's sequence number */
    uint64_t newest; /* that came, when `window` is not 0 */
    uint32_t window; /* bit i: newest - i came */
};

/* An OSCORE option, unpacked. */
struct rk_oscore_option {
    bool has_kid, has_kid_context, has_nonce;
    uint8_t piv_bytes, kid_bytes, kid_context_bytes;
    uint8_t x; /* of KUDOS; its low four bits are the length of the nonce less 1 */
    uint8_t piv[RK_OSCORE_PIV_MAX_bytes], kid[RK_OSCORE_ID_MAX_bytes];
    uint8_t kid_context[RK_OSCORE_ID_CONTEXT_MAX_bytes], nonce[RK_OSCORE_NONCE_MAX_bytes];
};

/* What OSCORE protects; options are class E, encoded. Out of unprotect it points into the opened text. */
struct rk_oscore_plain {
    uint8_t code;
    uint16_t options_bytes, payload_bytes;
    const uint8_t *options, *payload;
};

/* What a response is bound to. */
struct rk_oscore_request {
    uint8_t kid_bytes, piv_bytes;
    uint8_t kid[RK_OSCORE_ID_MAX_bytes], piv[RK_OSCORE_PIV_MAX_bytes];
};

/* out: the context; wiped when the library fails. NO_ROOM: a field is too long. UNSUPPORTED: both identifiers are the
 * same, or the library has not the algorithm. */
enum rk_message_result rk_oscore_derive(const struct rk_backend *backend, const struct rk_oscore_input *input,
                                        struct rk_oscore *context);
void rk_oscore_wipe(const struct rk_backend *backend, struct rk_oscore *context);

/* out: bytes of the option's value, 0 for an empty one. in: RK_OSCORE_OPTION_MAX_bytes of room. */
uint8_t rk_oscore_option_put(const struct rk_oscore_option *option, uint8_t *out);
enum rk_message_result rk_oscore_option_take(const uint8_t *in, uint16_t bytes, struct rk_oscore_option *option);

/* in:  option: zero, or with what KUDOS puts there. out: the rest of it; out[*bytes]: the ciphertext; the request's
 *      identity. numbered: the response takes a number of its own. STATE: no number is left. */
enum rk_message_result rk_oscore_protect_request(const struct rk_backend *backend, struct rk_oscore *context,
                                                 const struct rk_oscore_plain *plain, struct rk_oscore_option *option,
                                                 uint8_t *out, uint16_t room, uint16_t *bytes,
                                                 struct rk_oscore_request *request);
enum rk_message_result rk_oscore_protect_response(const struct rk_backend *backend, struct rk_oscore *context,
                                                  const struct rk_oscore_plain *plain,
                                                  const struct rk_oscore_request *request, bool numbered,
                                                  struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                                  uint16_t *bytes);

/* in: text: the ciphertext, opened in place. REPLAYED before anything is computed; the window moves when the tag is
 * right.
 * UNKNOWN: another key identifier than the context's. A response's number is not held against a window: the request
 * that it answers is the caller's to forget. */
enum rk_message_result rk_oscore_unprotect_request(const struct rk_backend *backend, struct rk_oscore *context,
                                                   const struct rk_oscore_option *option, uint8_t *text, uint16_t bytes,
                                                   struct rk_oscore_plain *plain, struct rk_oscore_request *request);
enum rk_message_result rk_oscore_unprotect_response(const struct rk_backend *backend, struct rk_oscore *context,
                                                    const struct rk_oscore_request *request,
                                                    const struct rk_oscore_option *option, uint8_t *text,
                                                    uint16_t bytes, struct rk_oscore_plain *plain);

#endif
